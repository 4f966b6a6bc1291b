//! Acts that one person has asked for and another has to approve: they stand here until they are done, refused, or
//! something else is done to their run.

use super::change::Change;
use super::database::Store;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::fault::Fault;

/// An act that somebody asks for, before it is written.
#[derive(Clone, Debug)]
pub struct NewAsked<'a> {
    /// The act that keeps who asks and why.
    pub act: i64,
    /// The person, whichever account they use.
    pub who: &'a str,
    /// The run it is to be done to; none where it concerns no run.
    pub run: Option<i64>,
    /// What is to be done, as a document.
    pub wanted: &'a str,
    /// How many people it concerned as it was shown.
    pub people: u64,
}

/// An act that waits for another person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedRow {
    /// Its number: that of the act which keeps why it was asked for.
    pub act: i64,
    /// RFC 3339, UTC.
    pub at: String,
    /// The person, whichever account they have used.
    pub who: String,
    /// The feed concerned; empty where none is.
    pub feed: String,
    /// The run it is to be done to.
    pub run: Option<i64>,
    /// What is to be done, as a document.
    pub wanted: String,
    /// How many people it concerned as it was shown.
    pub people: u64,
}

impl FromRow for AskedRow {
    fn from_row(row: &mut FetchedRow) -> Result<AskedRow, Fault> {
        let (act, at, who, feed, run, wanted) =
            (row.next()?, row.next()?, row.next()?, row.next()?, row.next()?, row.next()?);
        Ok(AskedRow { act, at, who, feed, run, wanted, people: row.next::<i64>()?.unsigned_abs() })
    }
}

impl Change<'_> {
    /// Keeps that somebody asks for an act.
    ///
    /// # Errors
    /// STO001.
    pub fn ask_for_act(&mut self, asked: &NewAsked) -> Result<(), Fault> {
        let insert =
            Statement::new("INSERT INTO asked_act (act, who, run, wanted, people) VALUES ($1, $2, $3, $4, $5)");
        let insert = insert.with(asked.act).with(asked.who).with(asked.run).with(asked.wanted);
        self.run(insert.with(asked.people.cast_signed()))
    }

    /// An act that was asked for waits no more: it is done, or refused.
    ///
    /// # Errors
    /// STO001.
    pub fn end_asked(&mut self, act: i64) -> Result<(), Fault> {
        self.run(Statement::new("DELETE FROM asked_act WHERE act = $1").with(act))
    }

    /// Nor does any that was asked for of a run: something else is done to it.
    ///
    /// # Errors
    /// STO001.
    pub fn end_asked_of(&mut self, run: i64) -> Result<(), Fault> {
        self.run(Statement::new("DELETE FROM asked_act WHERE run = $1").with(run))
    }
}

impl Store {
    /// The acts that wait for another person, the oldest first.
    ///
    /// # Errors
    /// STO001.
    pub fn asked_acts(&self) -> Result<Vec<AskedRow>, Fault> {
        self.all(Statement::new(
            "SELECT w.act, a.at, w.who, a.feed, w.run, w.wanted, w.people FROM asked_act AS w, act AS a
             WHERE a.id = w.act ORDER BY w.act",
        ))
    }
}
