//! Who is told when somebody is needed, and how: tables of `bex.toml`.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{MentionKind, Shape, Table, Text};
use super::rules;
use super::secret::KeyRef;
use super::shapes::FEED;
use crate::model::ids::FeedName;

/// What a channel wants to hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Occasions {
    /// Nothing goes on without somebody.
    Now,
    /// Somebody is needed before the next night.
    Today,
    /// A file, an answer or a slot did not come in time.
    Late,
    /// A carrier has rejected a file.
    Rejected,
    /// What was told of is over.
    Ended,
    /// A night is over: one summary of it.
    Morning,
}

/// By which way somebody is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Messenger {
    /// A mail, through the machine's `sendmail`.
    Mail {
        /// The recipient.
        to: String,
        /// The program that takes the message.
        program: String,
    },
    /// A program that takes JSON on its standard input.
    Program(Vec<String>),
    /// A signed request, sent with `curl`.
    Webhook {
        /// Where it goes; https alone.
        url: String,
        /// What it is signed with.
        secret: KeyRef,
    },
}

/// Somebody who is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotifyChannel {
    /// What is wanted.
    pub on: BTreeSet<Occasions>,
    /// Only of these feeds; of all, and of what concerns no feed, where it is empty.
    pub feeds: BTreeSet<FeedName>,
    /// The way.
    pub by: Messenger,
    /// After how many hours the same is told again.
    pub repeat_hours: u32,
}

const OCCASION: Shape<Occasions> = Shape {
    read: |text| match text {
        "now" => Some(Occasions::Now),
        "today" => Some(Occasions::Today),
        "late" => Some(Occasions::Late),
        "rejected" => Some(Occasions::Rejected),
        "ended" => Some(Occasions::Ended),
        "morning" => Some(Occasions::Morning),
        _ => None,
    },
    rule: "a notice is given on now, today, late, rejected, ended or morning",
    next: "write for example on = [\"now\", \"rejected\"]",
};

const NAME: Shape<String> = Shape {
    read: |text| {
        let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        (plain && (1..=40).contains(&text.len())).then(|| text.to_string())
    },
    rule: "a channel's name is 1 to 40 of a-z 0-9 -",
    next: "write for example [notify.operators]",
};

const ADDRESS: Shape<String> = Shape {
    read: |text| {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._%+-@".contains(&b));
        let right = plain && text.len() <= 254 && text.matches('@').count() == 1 && !text.starts_with(['-', '@']);
        right.then(|| text.to_string())
    },
    rule: "a mail goes to one address",
    next: "write for example mail = \"benefits@example.com\"",
};

const PROGRAM: Shape<Vec<String>> = Shape {
    read: |text| {
        let words: Vec<String> = text.split_whitespace().map(str::to_string).collect();
        words.first().is_some_and(|word| word.starts_with('/')).then_some(words)
    },
    rule: "a program is named by its whole path, with its arguments behind it",
    next: "write for example command = \"/usr/local/bin/page-somebody\"; it gets JSON on its standard input",
};

const URL: Shape<String> = Shape {
    read: |text| {
        let plain = text.bytes().all(|b| b.is_ascii_graphic() && !b"\"\\".contains(&b));
        (plain && text.starts_with("https://") && text.len() <= 500).then(|| text.to_string())
    },
    rule: "a webhook is an https address",
    next: "write for example webhook = \"https://hooks.example.com/bex\"",
};

/// Reads the tables below `[notify]`.
pub(super) fn read(table: &Table<'_>) -> Option<BTreeMap<String, NotifyChannel>> {
    Some(table.each(read_channel).into_iter().collect())
}

fn read_channel(key: &Text, table: &Table<'_>) -> Option<(String, NotifyChannel)> {
    let name = table.shaped(key, &NAME);
    let on: BTreeSet<Occasions> = table.texts("on").iter().filter_map(|text| table.shaped(text, &OCCASION)).collect();
    let usual = [Occasions::Now, Occasions::Late, Occasions::Rejected];
    let on = if on.is_empty() { usual.into_iter().collect() } else { on };
    let feeds = table.texts("feeds");
    feeds.iter().for_each(|feed| table.mention(MentionKind::Feed, feed));
    let feeds = feeds.iter().filter_map(|feed| table.shaped(feed, &FEED)).collect();
    let repeat_hours = table.whole("repeat_hours", 24, 1..=720);
    Some((name?, NotifyChannel { on, feeds, by: read_messenger(table)?, repeat_hours }))
}

fn read_messenger(table: &Table<'_>) -> Option<Messenger> {
    let ways = ["mail", "command", "webhook"].iter().filter(|way| table.has(way)).count();
    if ways != 1 {
        // Looked at all the same, so that none of them is called a setting that nobody knows.
        let _ = (table.maybe("mail", &ADDRESS), table.maybe("command", &PROGRAM), table.maybe("webhook", &URL));
        let rule = "a channel has one of mail, command and webhook";
        table
            .refuse(rules::MISSING.worded(rule, "write for example mail = \"benefits@example.com\"").at(table.place()));
        return None;
    }
    if table.has("mail") {
        let to = table.need("mail", &ADDRESS);
        let program = table.maybe("sendmail", &PROGRAM).and_then(|words| words.into_iter().next());
        return Some(Messenger::Mail { to: to?, program: program.unwrap_or_else(|| "/usr/sbin/sendmail".to_string()) });
    }
    if table.has("command") {
        return table.need("command", &PROGRAM).map(Messenger::Program);
    }
    let (url, secret) = (table.need("webhook", &URL), table.need_key("secret"));
    Some(Messenger::Webhook { url: url?, secret: secret? })
}

#[cfg(test)]
mod tests {
    use super::super::document;
    use super::*;

    fn codes(text: &str) -> Vec<&'static str> {
        document::read("bex.toml", text, read).faults.iter().map(|fault| fault.code).collect()
    }

    #[test]
    fn a_channel_has_one_way_and_says_what_it_wants_to_hear() {
        let text = "[a]\nmail = \"b@example.com\"\non = [\"now\", \"ended\"]\n[h]\nwebhook = \"https://h.example/x\"\n\
             secret = \"file:keys/hook\"\n[p]\ncommand = \"/bin/page me\"\nrepeat_hours = 2\n";
        let read = document::read("bex.toml", text, read).value.unwrap();
        assert_eq!(read["a"].on, [Occasions::Now, Occasions::Ended].into_iter().collect());
        assert_eq!(read["p"].by, Messenger::Program(vec!["/bin/page".to_string(), "me".to_string()]));
        assert_eq!((read["h"].repeat_hours, read["p"].repeat_hours), (24, 2));
    }

    #[test]
    fn what_is_no_way_to_tell_anybody_is_refused() {
        for text in [
            "[a]\non = [\"now\"]\n",
            "[a]\nmail = \"b@example.com\"\ncommand = \"/x\"\n",
            "[a]\nmail = \"b\"\n",
            "[a]\nmail = \"-oQ/tmp@example.com\"\n",
            "[a]\ncommand = \"page\"\n",
            "[a]\nwebhook = \"http://h.example\"\nsecret = \"file:k\"\n",
            "[a]\nwebhook = \"https://h.example\"\n",
            "[a]\nmail = \"b@example.com\"\non = [\"always\"]\n",
        ] {
            assert_eq!(codes(text).len(), 1, "{text}");
        }
    }
}
