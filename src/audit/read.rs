//! Leaves read again: what they say the store must hold.

use std::collections::HashMap;

use serde::Deserialize;

use super::event::Action;
use super::imprint::{LedgerImprint, LedgerMove};

/// What is read of a leaf. Leaves of earlier versions have less.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct ReadLeaf {
    /// Its number.
    pub seq: i64,
    /// What happened.
    pub action: String,
    /// Rows as the change left them.
    #[serde(default)]
    pub rows: Vec<ReadRow>,
    /// Sets of rows as the change left them.
    #[serde(default)]
    pub sets: Vec<ReadRows>,
    #[serde(default)]
    ledger: Vec<ReadMove>,
    /// A sealed file that it names.
    #[serde(default)]
    pub archive: Option<String>,
    /// SHA-256 of the sealed file.
    #[serde(default)]
    pub sha256: Option<String>,
    /// Digest of the configuration.
    #[serde(default)]
    pub configuration: Option<String>,
    /// Fingerprint of the archive's key.
    #[serde(default)]
    pub archive_key: Option<String>,
    /// How many steps the schema had.
    #[serde(default)]
    pub schema: Option<i64>,
    /// A fault's code.
    #[serde(default)]
    pub code: Option<String>,
}

/// A row as a leaf says it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct ReadRow {
    /// Table and key.
    pub row: String,
    /// Its state, or its number.
    #[serde(default)]
    pub is: Option<String>,
    /// Hexadecimal; none where it was taken away.
    #[serde(default)]
    pub sha256: Option<String>,
}

/// A set of rows as a leaf says it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct ReadRows {
    /// Which rows.
    pub set: String,
    /// The input or the delivery they belong to.
    pub of: i64,
    /// How many.
    pub rows: u64,
    /// People with an open coverage in them.
    pub covered: i64,
    /// Hexadecimal.
    pub sha256: String,
    /// Number of the leaf that says so.
    #[serde(skip)]
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

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
struct ReadMove {
    delivery: i64,
    to: String,
}

impl ReadLeaf {
    /// Reads a leaf; none where it is not in a form that this version knows.
    pub fn parse(leaf: &str) -> Option<ReadLeaf> {
        serde_json::from_str(leaf).ok()
    }
}

/// What the leaves read so far say: of each thing the last word, of the ledger every move in its order.
#[derive(Debug, Default)]
pub struct LeafAccount {
    /// Rows by table and key.
    pub rows: HashMap<String, ReadRow>,
    /// Digests of sealed rows: by kind, then by the input or delivery they belong to.
    pub sets: HashMap<String, HashMap<i64, ReadRows>>,
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
    /// The first leaf that cannot be read.
    pub unreadable: Option<i64>,
}

/// What stands in every leaf that has something to tell of the store.
const TELLING: [&str; 6] =
    [r#","rows":["#, r#","sets":["#, r#","ledger":["#, r#","archive":""#, r#""log."#, r#","configuration":""#];

impl LeafAccount {
    /// Reads the next leaf.
    pub fn add(&mut self, seq: i64, leaf: &str) {
        if !TELLING.iter().any(|telling| leaf.contains(telling)) {
            return;
        }
        match ReadLeaf::parse(leaf) {
            Some(read) => self.take(read),
            None => self.unreadable = self.unreadable.or(Some(seq)),
        }
    }

    /// Reads of the next leaf what it says of the log itself, and nothing of the store.
    pub fn add_of_log(&mut self, seq: i64, leaf: &str) {
        if leaf.contains(r#":"log."#) {
            self.add(seq, leaf);
        }
    }

    fn take(&mut self, leaf: ReadLeaf) {
        for set in leaf.sets.into_iter().map(|set| ReadRows { seq: leaf.seq, ..set }) {
            self.sets.entry(set.set.clone()).or_default().insert(set.of, set);
        }
        let moves = leaf.ledger.into_iter().filter_map(|moved| {
            LedgerMove::of_word(&moved.to).map(|to| LedgerImprint { delivery: moved.delivery, to })
        });
        self.ledger.extend(moves);
        for row in leaf.rows {
            self.rows.insert(row.row.clone(), row);
        }
        let settled = leaf.action == Action::LogSettled.word();
        // What was destroyed when its time was over is missed by nobody.
        let gone = settled || leaf.action == Action::FileDestroyed.word();
        if leaf.action == Action::LogDoubted.word() {
            self.doubt = Some(leaf.code.unwrap_or_default());
        } else if settled {
            self.doubt = None;
        }
        if let Some(file) = leaf.archive.filter(|_| leaf.sha256.is_some() || gone) {
            self.files.insert(file, NamedFile { seq: leaf.seq, sha256: leaf.sha256 });
        }
        self.configuration = leaf.configuration.or(self.configuration.take());
        self.schema = leaf.schema.or(self.schema);
        self.archive_key = leaf.archive_key.or(self.archive_key.take());
    }

    /// The last word on the rows of an input or a delivery.
    pub fn set(&self, set: &str, of: i64) -> Option<&ReadRows> {
        self.sets.get(set)?.get(&of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_on_a_row_counts_and_every_move_in_its_order() {
        let mut account = LeafAccount::default();
        let leaf = |seq: i64, rest: &str| format!(r#"{{"v":3,"seq":{seq},"action":"run.opened"{rest}}}"#);
        account.add(1, &leaf(1, r#","rows":[{"row":"run/1","is":"open","sha256":"aa"}]"#));
        account.add(2, &leaf(2, r#","rows":[{"row":"run/1","was":"open","is":"done","sha256":"bb"}]"#));
        account.add(3, &leaf(3, r#","ledger":[{"delivery":4,"to":"told"},{"delivery":4,"to":"taken-back"}]"#));
        assert_eq!(account.rows["run/1"].sha256.as_deref(), Some("bb"));
        let moves: Vec<LedgerMove> = account.ledger.iter().map(|moved| moved.to).collect();
        assert_eq!(moves, [LedgerMove::Told, LedgerMove::TakenBack]);
        assert_eq!(account.unreadable, None);
        account.add(4, r#"{"seq":4,"action":"log.doubted""#);
        assert_eq!(account.unreadable, Some(4));
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
