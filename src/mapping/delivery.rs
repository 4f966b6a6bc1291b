//! Where a carrier's files go, what they are called, and to whom they are sealed.

use chrono::NaiveDate;

use super::document::{MentionKind, Shape, Table, Text};
use super::rules;
use super::secret::KeyRef;
use super::shapes::{DATE, FOLDER, HOST, HOST_KEY, RECIPIENT, USER};
use crate::model::ids::FeedName;

/// How files reach a carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// SFTP or a folder of this machine.
    pub way: Way,
    /// The folder files are put into.
    pub folder: String,
    /// The folder acknowledgements are fetched from.
    pub outbox: Option<String>,
    /// What files are called.
    pub name: NamePattern,
    /// Longest wait for one answer of the server, in seconds. Default 30, 1 to 600.
    pub timeout_seconds: u32,
    /// Whether the carrier takes files as soon as they have their final name, so that a look afterwards finds nothing:
    /// then a confirmed rename counts as delivered. Default false.
    pub taken_at_once: bool,
    /// How files come to stand under their final name. Default by rename, with as much care as was found to be needed.
    pub publish: Option<Publishing>,
    /// The folder files are written into before they get their final name. Default the folder they are put into.
    pub temporary_folder: Option<String>,
    /// How temporary names begin. Default `.bex`.
    pub temporary_prefix: String,
}

/// How a file comes to stand under its final name, by what the carrier's server lets us do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publishing {
    /// Written under a temporary name, looked at, and renamed; the server refuses names that are taken.
    Rename,
    /// The same at a server whose rename replaces what it finds: the name is looked at once more before.
    RenameReplaces,
    /// Written under its final name at once, where nothing may be renamed: a part can be picked up.
    Direct,
    /// Written under a temporary name and renamed, where nothing may be looked at: only the carrier's answer tells.
    Blind,
}

/// By which way files go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// A login on the carrier's SSH server.
    Sftp(SftpSettings),
    /// A folder of this machine, from which something else takes them.
    Folder {
        /// The folder that `folder` and `outbox` stand below; relative to the site unless absolute.
        path: String,
    },
}

/// A carrier's SFTP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SftpSettings {
    /// Host name or address.
    pub host: String,
    /// Port. Default 22.
    pub port: u16,
    /// Login name.
    pub user: String,
    /// The private key of the login.
    pub login_key: Option<KeyRef>,
    /// The password of the login, for a server that takes no key, or wants a password after it.
    pub password: Option<KeyRef>,
    /// The server's keys, as in `known_hosts`. At least one: an unknown server is never trusted.
    pub host_keys: Vec<String>,
}

/// To whom files are encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// The carrier's age recipient.
    pub recipient: String,
    /// The last day on which files may be sealed or sent to that key.
    pub not_after: Option<NaiveDate>,
}

impl Seal {
    /// Reads the `[seal]` table.
    pub(super) fn read(table: &Table<'_>) -> Option<Seal> {
        let recipient = table.need_name("recipient", MentionKind::Recipient, &RECIPIENT);
        let not_after = table.maybe("not_after", &DATE);
        Some(Seal { recipient: recipient?, not_after })
    }
}

/// A pattern for the names of delivered files. Has `{number}`, so that no two files ever share a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamePattern(String);

impl NamePattern {
    /// What holds for a carrier whose file says nothing of it.
    pub const USUAL: &str = "{feed}_{number}.834.age";

    /// Reads a pattern of letters, digits, `. - _` and the parts `{feed}`, `{number}`, `{date}`.
    pub fn parse(text: &str) -> Option<NamePattern> {
        let bare = ["{feed}", "{number}", "{date}"].iter().fold(text.to_string(), |bare, part| bare.replace(part, ""));
        let plain = bare.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b));
        let right = plain && text.len() <= 120 && !text.starts_with(['.', '-']);
        right.then(|| NamePattern(text.to_string()))
    }

    /// The name of a file: `number` is its interchange control number, written with nine digits; `date` is the
    /// run's business date as `YYYYMMDD`.
    pub fn fill(&self, feed: &FeedName, number: u32, date: &str) -> String {
        let number = format!("{number:09}");
        self.0.replace("{feed}", feed.as_str()).replace("{number}", &number).replace("{date}", date)
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const NAME_PATTERN: Shape<NamePattern> = Shape {
    read: NamePattern::parse,
    rule: "a file name pattern is letters, digits, . - _ and the parts {feed} {number} {date}",
    next: "write for example name = \"{feed}_{number}.834.age\"",
};

const KIND: Shape<bool> = Shape {
    read: |text| match text {
        "sftp" => Some(true),
        "folder" => Some(false),
        _ => None,
    },
    rule: "a delivery's kind is sftp or folder",
    next: "write kind = \"sftp\"",
};

const PUBLISHING: Shape<Publishing> = Shape {
    read: |text| match text {
        "rename" => Some(Publishing::Rename),
        "rename-replaces" => Some(Publishing::RenameReplaces),
        "direct" => Some(Publishing::Direct),
        "blind" => Some(Publishing::Blind),
        _ => None,
    },
    rule: "a file is published by rename, rename-replaces, direct or blind",
    next: "write publish = \"rename\", or what the carrier's server allows",
};

const PREFIX: Shape<String> = Shape {
    read: |text| {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b));
        (plain && (1..=20).contains(&text.len()) && !text.starts_with('-')).then(|| text.to_string())
    },
    rule: "temporary names begin with 1 to 20 letters, digits, . - _",
    next: "write for example temporary_prefix = \".bex\"",
};

/// Reads the `[delivery]` table.
pub(super) fn read(table: &Table<'_>) -> Option<Delivery> {
    let by_sftp = table.need("kind", &KIND);
    let way = match by_sftp {
        Some(true) => read_sftp(table).map(Way::Sftp),
        Some(false) => table.need("path", &FOLDER).map(|path| Way::Folder { path }),
        None => None,
    };
    let folder = table.need("folder", &FOLDER);
    let outbox = table.maybe("outbox", &FOLDER);
    let name = read_name(table);
    let timeout_seconds = table.whole("timeout_seconds", 30, 1..=600);
    let taken_at_once = table.flag("taken_at_once", false);
    let publish = table.maybe("publish", &PUBLISHING);
    let temporary_folder = table.maybe("temporary_folder", &FOLDER);
    let temporary_prefix = table.maybe("temporary_prefix", &PREFIX).unwrap_or_else(|| ".bex".to_string());
    Some(Delivery {
        way: way?,
        folder: folder?,
        outbox,
        name: name?,
        timeout_seconds,
        taken_at_once,
        publish,
        temporary_folder,
        temporary_prefix,
    })
}

const LOGIN_NEXT: &str = "add login_key = \"file:keys/NAME.login\", or password = \"file:keys/NAME.password\"";

/// Reads where a server is, and how to log in.
pub(super) fn read_sftp(table: &Table<'_>) -> Option<SftpSettings> {
    let host = table.need("host", &HOST);
    let port = table.whole("port", 22, 1..=65_535) as u16;
    let user = table.need("user", &USER);
    let login_key = table.maybe_key("login_key");
    let password = read_password(table);
    if login_key.is_none() && password.is_none() && !(table.has("login_key") || table.has("password")) {
        table.refuse(rules::MISSING.worded("a login needs a key or a password", LOGIN_NEXT).at(table.place()));
    }
    let keys: Vec<Text> = table.texts("host_keys");
    let host_keys: Vec<String> = keys.iter().filter_map(|key| table.shaped(key, &HOST_KEY)).collect();
    if keys.is_empty() {
        table.refuse(rules::NO_HOST_KEY.at(table.place()));
    }
    Some(SftpSettings { host: host?, port, user: user?, login_key, password, host_keys })
}

/// A password is referred to. One that stands in the file itself has been seen by everybody who read the file.
fn read_password(table: &Table<'_>) -> Option<KeyRef> {
    let text = table.text("password")?;
    let Some(key) = KeyRef::parse(&text.text) else {
        table.refuse(rules::SECRET.at(text.place));
        return None;
    };
    table.mention(MentionKind::Key, &text);
    Some(key)
}

fn read_name(table: &Table<'_>) -> Option<NamePattern> {
    let Some(text) = table.text("name") else { return NamePattern::parse(NamePattern::USUAL) };
    if !text.text.contains("{number}") {
        table.refuse(rules::NO_NUMBER.at(text.place));
        return None;
    }
    table.shaped(&text, &NAME_PATTERN)
}

#[cfg(test)]
mod tests {
    use super::super::document;
    use super::*;

    const FOLDER_KIND: &str = "kind = \"folder\"\npath = \"out\"\nfolder = \"in\"\n";

    #[test]
    fn a_name_is_filled_with_feed_number_and_date() {
        let pattern = NamePattern::parse("{feed}_{date}_{number}.834.age").unwrap();
        let feed = FeedName::new("a-b").unwrap();
        assert_eq!(pattern.fill(&feed, 7, "20260302"), "a-b_20260302_000000007.834.age");
        assert!(NamePattern::parse("{other}{number}").is_none() && NamePattern::parse("../{number}").is_none());
    }

    #[test]
    fn a_name_without_a_number_is_refused() {
        let parsed = document::read("c.toml", &format!("{FOLDER_KIND}name = \"{{feed}}.834\"\n"), read);
        assert_eq!(parsed.faults[0].code, "CFG013");
        assert!(document::read("c.toml", FOLDER_KIND, read).value.is_some());
    }

    #[test]
    fn a_login_is_by_key_or_by_password_and_a_password_is_only_referred_to() {
        let read_with = |login: &str| {
            let server = "kind = \"sftp\"\nhost = \"h.example\"\nuser = \"u\"\nfolder = \"/in\"\n";
            let keys =
                "host_keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDn1bXUcQG3yN5V3yHzFxqL0lCkZ0nT0m0d0e0f0g0h0\"]\n";
            let parsed = document::read("c.toml", &format!("{server}{keys}{login}\n"), read);
            parsed.faults.iter().map(|fault| fault.code).collect::<Vec<_>>()
        };
        assert_eq!(read_with(""), ["CFG003"]);
        assert_eq!(read_with("password = \"hunter2\""), ["CFG006"]);
        assert_eq!(read_with("password = \"file:keys/x.password\""), [""; 0]);
        assert_eq!(read_with("login_key = \"file:keys/x.login\"\npassword = \"fd:3\""), [""; 0]);
    }

    #[test]
    fn what_a_server_does_not_allow_is_said_by_how_files_are_published() {
        let publishing = |text: &str| {
            let read = document::read("c.toml", &format!("{FOLDER_KIND}{text}\n"), read);
            read.value.map(|delivery| (delivery.publish, delivery.temporary_prefix))
        };
        assert_eq!(publishing(""), Some((None, ".bex".to_string())));
        let direct = "publish = \"direct\"\ntemporary_prefix = \"tmp_\"";
        assert_eq!(publishing(direct), Some((Some(Publishing::Direct), "tmp_".to_string())));
        assert_eq!((publishing("publish = \"twice\""), publishing("temporary_prefix = \"a/b\"")), (None, None));
    }

    #[test]
    fn an_sftp_server_without_host_keys_is_refused() {
        let text =
            "kind = \"sftp\"\nhost = \"h.example\"\nuser = \"u\"\nlogin_key = \"file:keys/x\"\nfolder = \"/in\"\n";
        let parsed = document::read("c.toml", text, read);
        assert_eq!(parsed.faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["CFG012"]);
        assert_eq!(parsed.mentions.len(), 1);
    }
}
