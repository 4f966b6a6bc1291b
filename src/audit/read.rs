//! Leaves read again: what they say the store must hold.

use std::borrow::Cow;
use std::collections::HashMap;

use super::event::Action;
use super::imprint::{LedgerImprint, LedgerMove};
use super::leaf::{LeafRow, LeafSet, ReadLeaf};
use super::merkle::Hash;
use super::scan::scanned;
use crate::model::ids::{Pseudonym, unhex};

/// The last word on a row.
#[derive(Debug, PartialEq, Eq)]
pub struct NamedRow {
    /// Its state, or its number.
    pub is: Option<Box<str>>,
    /// None where it was taken away.
    pub sha256: Option<Hash>,
}

/// The last word on a set of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedRows {
    /// How many.
    pub rows: u64,
    /// People with an open coverage in them.
    pub covered: i64,
    /// Over all of them.
    pub sha256: Hash,
    /// Number of the leaf that says so.
    pub seq: i64,
}

/// A sealed file as a leaf says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// Which leaf.
    pub seq: i64,
    /// Hexadecimal; none where a person has taken it as it is.
    pub sha256: Option<String>,
}

/// What the leaves read so far say: of each thing the last word, of the ledger every move in its order.
#[derive(Debug, Default)]
pub struct LeafAccount {
    /// Rows by table and key.
    pub rows: HashMap<Box<str>, NamedRow>,
    /// Digests of sealed rows: by kind, then by the input or delivery they belong to.
    pub sets: HashMap<Box<str>, HashMap<i64, NamedRows>>,
    /// Moves of versions.
    pub ledger: Vec<LedgerImprint>,
    /// Sealed files by their names.
    pub files: HashMap<String, NamedFile>,
    /// The code of a doubt that nobody has settled yet.
    pub doubt: Option<String>,
    /// The configuration as it was last recorded.
    pub configuration: Option<String>,
    /// Fingerprint of the archive's key as it was last recorded.
    pub archive_key: Option<String>,
    /// How many steps the schema had when that was last recorded.
    pub schema: Option<i64>,
    /// Whether any leaf was written on a production site.
    pub production: bool,
    /// The first leaf that cannot be read.
    pub unreadable: Option<i64>,
}

/// What stands in every leaf that has something to tell of the store.
const TELLING: [&str; 7] = [
    r#","rows":["#,
    r#","sets":["#,
    r#","ledger":["#,
    r#","archive":""#,
    r#""log."#,
    r#","configuration":""#,
    PRODUCTION,
];

/// What stands in every leaf of a production site.
const PRODUCTION: &str = r#","env":"production""#;

/// The families that a move is of alone, as a leaf names them. What cannot be read is nobody: then the store differs.
fn families(only: Option<&str>) -> Vec<Pseudonym> {
    let named = only.into_iter().flat_map(str::split_ascii_whitespace);
    named.map(|hex| Pseudonym(unhex(hex).and_then(|bytes| bytes.try_into().ok()).unwrap_or_default())).collect()
}

impl LeafAccount {
    /// Reads the next leaf.
    pub fn add(&mut self, seq: i64, leaf: &str) {
        if let Some(read) = scanned(leaf) {
            return self.take(read);
        }
        if !TELLING.iter().any(|telling| leaf.contains(telling)) {
            return;
        }
        match serde_json::from_str(leaf) {
            Ok(read) => self.take(read),
            Err(_) => self.unreadable = self.unreadable.or(Some(seq)),
        }
    }

    /// Reads of the next leaf what it says of the log itself, and nothing of the store.
    pub fn add_of_log(&mut self, seq: i64, leaf: &str) {
        if leaf.contains(r#":"log."#) {
            self.add(seq, leaf);
        }
    }

    fn take(&mut self, leaf: ReadLeaf) {
        for set in leaf.sets {
            let LeafSet { set, of, rows, covered, sha256 } = set;
            self.sets.entry(set.into()).or_default().insert(of, NamedRows { rows, covered, sha256, seq: leaf.seq });
        }
        let moves = leaf.ledger.into_iter().filter_map(|moved| {
            let to = LedgerMove::of_word(&moved.to)?;
            Some(LedgerImprint { delivery: moved.delivery, to, only: families(moved.only.as_deref()) })
        });
        self.ledger.extend(moves);
        for LeafRow { row, is, sha256 } in leaf.rows {
            self.rows.insert(row.into(), NamedRow { is: is.map(Into::into), sha256 });
        }
        let settled = leaf.action == Action::LogSettled.word();
        // What was destroyed when its time was over is missed by nobody.
        let gone = settled || leaf.action == Action::FileDestroyed.word();
        if leaf.action == Action::LogDoubted.word() {
            self.doubt = Some(leaf.code.map(Cow::into_owned).unwrap_or_default());
        } else if settled {
            self.doubt = None;
        }
        if let Some(file) = leaf.archive.filter(|_| leaf.sha256.is_some() || gone) {
            let sha256 = leaf.sha256.map(Cow::into_owned);
            self.files.insert(file.into_owned(), NamedFile { seq: leaf.seq, sha256 });
        }
        self.production |= leaf.env.as_deref() == Some("production");
        self.schema = leaf.schema.or(self.schema);
        said_anew(&mut self.configuration, leaf.configuration);
        said_anew(&mut self.archive_key, leaf.archive_key);
    }

    /// The last word on the rows of an input or a delivery.
    pub fn set(&self, set: &str, of: i64) -> Option<&NamedRows> {
        self.sets.get(set)?.get(&of)
    }
}

/// What a leaf says of something takes the place of what was said before.
fn said_anew(said: &mut Option<String>, anew: Option<Cow<str>>) {
    if let Some(anew) = anew {
        *said = Some(anew.into_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_on_a_row_counts_and_every_move_in_its_order() {
        let mut account = LeafAccount::default();
        let leaf = |seq: i64, rest: &str| format!(r#"{{"v":3,"seq":{seq},"action":"run.opened"{rest}}}"#);
        let row = |seq: i64, byte: &str| {
            leaf(seq, &format!(r#","rows":[{{"row":"run/1","is":"open","sha256":"{}"}}]"#, byte.repeat(32)))
        };
        account.add(1, &row(1, "aa"));
        account.add(2, &row(2, "bb"));
        account.add(3, &leaf(3, r#","ledger":[{"delivery":4,"to":"told"},{"delivery":4,"to":"taken-back"}]"#));
        assert_eq!(account.rows["run/1"].sha256, Some([0xbb; 32]));
        let moves: Vec<LedgerMove> = account.ledger.iter().map(|moved| moved.to).collect();
        assert_eq!(moves, [LedgerMove::Told, LedgerMove::TakenBack]);
        assert_eq!(account.unreadable, None);
        account.add(4, r#"{"seq":4,"action":"log.doubted""#);
        assert_eq!(account.unreadable, Some(4));
        account.add(5, &leaf(5, r#","rows":[{"row":"run/1","sha256":"aa"}]"#));
        assert_eq!(account.rows["run/1"].sha256, Some([0xbb; 32]), "no digest is taken for one");
    }

    #[test]
    fn a_doubt_stands_until_it_is_settled() {
        let mut account = LeafAccount::default();
        account.add(1, r#"{"seq":1,"action":"log.doubted","code":"LOG006"}"#);
        assert_eq!(account.doubt.as_deref(), Some("LOG006"));
        account.add(2, r#"{"seq":2,"action":"log.settled"}"#);
        assert_eq!(account.doubt, None);
    }
}
