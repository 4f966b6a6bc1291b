//! What a change has left in the store, as its last leaf says it: every row it wrote with a digest of its clear
//! columns, and one digest for each set of sealed rows. From these the clear state can be derived again.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::merkle::Hash;
use crate::model::ids::{Pseudonym, hex};

/// A row as a change has left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowImprint {
    /// Table and key, such as `delivery/12`.
    pub row: String,
    /// Its state, or its number, before; none where it is new or has none.
    pub was: Option<String>,
    /// And after.
    pub is: Option<String>,
    /// SHA-256 of its columns; none where it was taken away.
    pub sha256: Option<Hash>,
}

/// A set of rows that a change has written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowsImprint {
    /// Which rows, such as `family.begun`.
    pub set: &'static str,
    /// The input or the delivery they belong to.
    pub of: i64,
    /// How many.
    pub rows: u64,
    /// People with an open coverage in them.
    pub covered: i64,
    /// Over the digests of all of them, sorted.
    pub sha256: Hash,
}

/// What has become of everything that a delivery told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerMove {
    /// Staged before, it is what the carrier knows.
    Told,
    /// It counts for nothing.
    TakenBack,
    /// Taken back before, it counts again.
    ToldAgain,
}

impl LedgerMove {
    /// Every move with its word.
    const WORDS: [(LedgerMove, &'static str); 3] =
        [(LedgerMove::Told, "told"), (LedgerMove::TakenBack, "taken-back"), (LedgerMove::ToldAgain, "told-again")];

    /// As it stands in a leaf for good.
    pub fn word(self) -> &'static str {
        LedgerMove::WORDS.iter().find(|(this, _)| *this == self).map_or("", |(_, word)| word)
    }

    /// The move of a word; none for any other.
    pub fn of_word(word: &str) -> Option<LedgerMove> {
        LedgerMove::WORDS.iter().find(|(_, known)| *known == word).map(|(this, _)| *this)
    }
}

/// A move of a delivery's versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerImprint {
    /// Whose versions moved.
    pub delivery: i64,
    /// Where they went.
    pub to: LedgerMove,
    /// Of these families alone; of all where none is named.
    pub only: Vec<Pseudonym>,
}

/// All that a change has left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imprints {
    /// Those that are named one by one.
    pub rows: Vec<RowImprint>,
    /// Sets of rows.
    pub sets: Vec<RowsImprint>,
    /// Moves of versions.
    pub ledger: Vec<LedgerImprint>,
}

impl Imprints {
    /// The members of a leaf that say it, each with the comma before it; none where there is nothing to say.
    pub(super) fn json(&self) -> String {
        let mut text = String::new();
        array(&mut text, "rows", self.rows.iter().map(RowImprint::json));
        array(&mut text, "sets", self.sets.iter().map(RowsImprint::json));
        array(&mut text, "ledger", self.ledger.iter().map(LedgerImprint::json));
        text
    }
}

fn array(text: &mut String, name: &str, items: impl Iterator<Item = String>) {
    let items: Vec<String> = items.collect();
    if !items.is_empty() {
        let _ = write!(text, r#","{name}":[{}]"#, items.join(","));
    }
}

/// A text as JSON writes it: keys of rows are ours, but a plan's code may hold anything.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl RowImprint {
    fn json(&self) -> String {
        let mut text = format!(r#"{{"row":{}"#, quoted(&self.row));
        let digest = self.sha256.map(|digest| hex(&digest));
        for (name, value) in [("was", self.was.as_deref()), ("is", self.is.as_deref()), ("sha256", digest.as_deref())] {
            if let Some(value) = value {
                let _ = write!(text, r#","{name}":{}"#, quoted(value));
            }
        }
        text + "}"
    }
}

impl RowsImprint {
    fn json(&self) -> String {
        let RowsImprint { set, of, rows, covered, sha256 } = self;
        let digest = hex(sha256);
        format!(r#"{{"set":"{set}","of":{of},"rows":{rows},"covered":{covered},"sha256":"{digest}"}}"#)
    }
}

impl LedgerImprint {
    fn json(&self) -> String {
        let only: Vec<String> = self.only.iter().map(|key| hex(&key.0)).collect();
        let only = if only.is_empty() { String::new() } else { format!(r#","only":"{}""#, only.join(" ")) };
        format!(r#"{{"delivery":{},"to":"{}"{only}}}"#, self.delivery, self.to.word())
    }
}

/// The digest of a set of rows, in whatever order they come.
#[derive(Clone, Debug, Default)]
pub struct SetDigest {
    rows: Vec<Hash>,
    covered: i64,
}

impl SetDigest {
    /// Adds a row by its columns, each with its length before it.
    pub fn add(&mut self, columns: &[&[u8]]) {
        let mut hash = Sha256::new();
        for column in columns {
            hash.update((column.len() as u64).to_be_bytes());
            hash.update(column);
        }
        self.rows.push(hash.finalize().into());
    }

    /// Counts people with an open coverage.
    pub fn cover(&mut self, people: i64) {
        self.covered += people;
    }

    /// What is said of the set.
    pub fn imprint(mut self, set: &'static str, of: i64) -> RowsImprint {
        // Sorted by what they are, not by where they stand: nobody has to write or read rows in one order. A sum of
        // hashes would need no memory, and could be made to come out right by whoever chooses the rows.
        self.rows.sort_unstable();
        let mut hash = Sha256::new();
        self.rows.iter().for_each(|row| hash.update(row));
        RowsImprint { set, of, rows: self.rows.len() as u64, covered: self.covered, sha256: hash.finalize().into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_one_digest_whatever_the_order_and_another_one_for_other_rows() {
        let digest = |rows: &[&[&[u8]]]| {
            let mut set = SetDigest::default();
            rows.iter().for_each(|row| set.add(row));
            set.imprint("family.begun", 1).sha256
        };
        assert_eq!(digest(&[&[b"a", b"b"], &[b"c"]]), digest(&[&[b"c"], &[b"a", b"b"]]));
        assert_ne!(digest(&[&[b"ab"]]), digest(&[&[b"a", b"b"]]));
        assert_ne!(digest(&[&[b"a"], &[b"a"]]), digest(&[&[b"a"]]));
    }

    #[test]
    fn imprints_are_json_whatever_a_key_holds() {
        let row = RowImprint { row: "reply/a\"b".into(), was: None, is: Some("open".into()), sha256: Some([0; 32]) };
        let ledger = vec![LedgerImprint { delivery: 3, to: LedgerMove::Told, only: Vec::new() }];
        let left = Imprints { rows: vec![row], sets: vec![SetDigest::default().imprint("ledger.staged", 3)], ledger };
        let read: serde_json::Value = serde_json::from_str(&format!("{{\"v\":3{}}}", left.json())).unwrap();
        assert_eq!((&read["rows"][0]["row"], &read["sets"][0]["of"]), (&"reply/a\"b".into(), &3.into()));
        assert_eq!(read["ledger"][0]["to"], "told");
        assert_eq!(Imprints::default().json(), "");
    }
}
