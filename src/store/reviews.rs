//! Which events somebody has signed for, and those that nobody has.

use super::change::Change;
use super::database::Store;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::fault::Fault;

/// A range of events that somebody has signed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewRow {
    /// Event that it begins with.
    pub first: i64,
    /// Event that it ends with.
    pub last: i64,
    /// SHA-256 of their leaves' hashes, in order.
    pub digest: Vec<u8>,
    /// RFC 3339, UTC.
    pub at: String,
    /// Who has signed.
    pub who: String,
    /// Of an SSH key, where the site wants one.
    pub signature: Option<String>,
}

impl FromRow for ReviewRow {
    fn from_row(row: &mut FetchedRow) -> Result<ReviewRow, Fault> {
        Ok(ReviewRow {
            first: row.next()?,
            last: row.next()?,
            digest: row.next()?,
            at: row.next()?,
            who: row.next()?,
            signature: row.next()?,
        })
    }
}

/// A signature under a range of events.
#[derive(Clone, Copy, Debug)]
pub struct NewReview<'r> {
    /// The first event.
    pub first: i64,
    /// The last event.
    pub last: i64,
    /// SHA-256 of the leaves' hashes, in order.
    pub digest: [u8; 32],
    /// Of an SSH key, where the site wants one.
    pub signature: Option<&'r str>,
    /// What was found.
    pub act: i64,
}

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedLeaf {
    /// Number in the order of recording.
    pub seq: i64,
    /// One line of JSON.
    pub leaf: String,
    /// Hash of the leaf.
    pub hash: Vec<u8>,
}

impl FromRow for RecordedLeaf {
    fn from_row(row: &mut FetchedRow) -> Result<RecordedLeaf, Fault> {
        Ok(RecordedLeaf { seq: row.next()?, leaf: row.next()?, hash: row.next()? })
    }
}

impl Change<'_> {
    /// Records that somebody has signed for a range of events.
    ///
    /// # Errors
    /// STO001; STO004 when a part of it is signed for already.
    pub fn record_review(&mut self, review: &NewReview) -> Result<(), Fault> {
        let (at, who) = (self.at(), self.actor().person().to_string());
        let insert = Statement::new(
            "INSERT INTO review (last_seq, first_seq, digest, at, who, signature, act)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        );
        let insert = insert.with(review.last).with(review.first).with(&review.digest).with(at).with(who);
        self.run(insert.with(review.signature).with(review.act))
    }
}

impl Store {
    /// The ranges that were signed for, the newest first.
    ///
    /// # Errors
    /// STO001.
    pub fn reviews(&self, limit: i64) -> Result<Vec<ReviewRow>, Fault> {
        let reviews = Statement::new(
            "SELECT first_seq, last_seq, digest, at, who, signature FROM review ORDER BY last_seq DESC LIMIT $1",
        );
        self.all(reviews.with(limit))
    }

    /// The event up to which somebody has signed; 0 before the first.
    ///
    /// # Errors
    /// STO001.
    pub fn reviewed_up_to(&self) -> Result<i64, Fault> {
        self.only(Statement::new("SELECT COALESCE(MAX(last_seq), 0) FROM review"))
    }

    /// Events behind a number, in order: a page; empty at the end.
    ///
    /// # Errors
    /// STO001.
    pub fn leaves_behind(&self, seq: i64) -> Result<Vec<RecordedLeaf>, Fault> {
        self.all(Statement::new("SELECT seq, leaf, hash FROM event WHERE seq > $1 ORDER BY seq LIMIT 5000").with(seq))
    }

    /// The first event behind a number.
    ///
    /// # Errors
    /// STO001.
    pub fn leaf_behind(&self, seq: i64) -> Result<Option<RecordedLeaf>, Fault> {
        self.first(Statement::new("SELECT seq, leaf, hash FROM event WHERE seq > $1 ORDER BY seq LIMIT 1").with(seq))
    }
}
