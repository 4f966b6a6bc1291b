//! Where a carrier's files go, what they are called, and to whom they are sealed.

use super::document::{Shape, Table, Text};
use super::rules;
use super::secret::KeyRef;
use super::shapes::{FOLDER, HOST, HOST_KEY, RECIPIENT, USER};
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
    pub login_key: KeyRef,
    /// The server's keys, as in `known_hosts`. At least one: an unknown server is never trusted.
    pub host_keys: Vec<String>,
}

/// To whom files are encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// The carrier's age recipient.
    pub recipient: String,
}

impl Seal {
    /// Reads the `[seal]` table.
    pub(super) fn read(table: &Table<'_>) -> Option<Seal> {
        Some(Seal { recipient: table.need("recipient", &RECIPIENT)? })
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
    Some(Delivery { way: way?, folder: folder?, outbox, name: name?, timeout_seconds, taken_at_once })
}

fn read_sftp(table: &Table<'_>) -> Option<SftpSettings> {
    let host = table.need("host", &HOST);
    let port = table.whole("port", 22, 1..=65_535) as u16;
    let user = table.need("user", &USER);
    let login_key = table.need_key("login_key");
    let keys: Vec<Text> = table.texts("host_keys");
    let host_keys: Vec<String> = keys.iter().filter_map(|key| table.shaped(key, &HOST_KEY)).collect();
    if keys.is_empty() {
        table.refuse(rules::NO_HOST_KEY.at(table.place()));
    }
    Some(SftpSettings { host: host?, port, user: user?, login_key: login_key?, host_keys })
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
    fn an_sftp_server_without_host_keys_is_refused() {
        let text =
            "kind = \"sftp\"\nhost = \"h.example\"\nuser = \"u\"\nlogin_key = \"file:keys/x\"\nfolder = \"/in\"\n";
        let parsed = document::read("c.toml", text, read);
        assert_eq!(parsed.faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["CFG012"]);
        assert_eq!(parsed.mentions.len(), 1);
    }
}
