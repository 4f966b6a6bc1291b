//! Acknowledgement files that were fetched.

use std::collections::HashMap;

use super::change::Change;
use super::database::Store;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::audit::Action;
use crate::fault::Fault;
use crate::state::{AckState, State as _};

/// A file that came back.
#[derive(Clone, Debug)]
pub struct Acknowledged<'a> {
    /// Configured name of the partner whose outbox it lay in.
    pub carrier: &'a str,
    /// Name of the remote file.
    pub name: &'a str,
    /// Its length.
    pub bytes: u64,
    /// Keyed digest of the bytes.
    pub content: [u8; 16],
    /// Name in the archive.
    pub archive: &'a str,
    /// What became of it.
    pub state: AckState,
    /// The delivery it answers, where somebody has to look at it.
    pub delivery: Option<i64>,
}

impl Change<'_> {
    /// Records a file that came back.
    ///
    /// # Errors
    /// STO001; STO004 when the same bytes of the carrier are recorded already.
    pub fn record_acknowledgement(&mut self, ack: &Acknowledged, by: Action) -> Result<i64, Fault> {
        self.begins(ack.state, by)?;
        let (id, at) = (self.next_number("acknowledgement")?, self.at());
        let insert = Statement::new(
            "INSERT INTO acknowledgement (id, carrier, name, bytes, content, archive, received_at, state, delivery)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        );
        let insert = insert.with(id).with(ack.carrier).with(ack.name).with(ack.bytes).with(&ack.content);
        self.run(insert.with(ack.archive).with(at).with(ack.state).with(ack.delivery))?;
        Ok(id)
    }

    /// Records that an answer names a delivery.
    ///
    /// # Errors
    /// STO001.
    pub fn record_answered(&mut self, answer: i64, delivery: i64) -> Result<(), Fault> {
        let names = Statement::new(
            "INSERT INTO answered (acknowledgement, delivery) VALUES ($1, $2)
             ON CONFLICT (delivery, acknowledgement) DO NOTHING",
        );
        self.run(names.with(answer).with(delivery))
    }
}

/// A file that came back, as recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRow {
    /// Number of the file among all that came back.
    pub id: i64,
    /// Configured name of the partner whose outbox it lay in.
    pub carrier: String,
    /// Name of the remote file.
    pub name: String,
    /// Its length.
    pub bytes: i64,
    /// Name in the archive.
    pub archive: String,
    /// What became of it.
    pub state: AckState,
    /// RFC 3339, UTC: when it was fetched.
    pub received_at: String,
}

impl FromRow for AnswerRow {
    fn from_row(row: &mut FetchedRow) -> Result<AnswerRow, Fault> {
        Ok(AnswerRow {
            id: row.next()?,
            carrier: row.next()?,
            name: row.next()?,
            bytes: row.next()?,
            archive: row.next()?,
            state: row.next()?,
            received_at: row.next()?,
        })
    }
}

/// An answer that was kept for a person, who has not settled it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenAnswer {
    /// Number of the file among all that came back.
    pub id: i64,
    /// Configured name of the partner whose outbox it lay in.
    pub carrier: String,
    /// Name of the remote file.
    pub name: String,
    /// Its length.
    pub bytes: i64,
    /// Name in the archive.
    pub archive: String,
    /// Why it was kept.
    pub state: AckState,
    /// RFC 3339, UTC: when it was fetched.
    pub received_at: String,
    /// The feed of the delivery it answers; none where it could not be read.
    pub feed: Option<String>,
    /// The run of that delivery.
    pub run: Option<i64>,
}

impl FromRow for OpenAnswer {
    fn from_row(row: &mut FetchedRow) -> Result<OpenAnswer, Fault> {
        Ok(OpenAnswer {
            id: row.next()?,
            carrier: row.next()?,
            name: row.next()?,
            bytes: row.next()?,
            archive: row.next()?,
            state: row.next()?,
            received_at: row.next()?,
            feed: row.next()?,
            run: row.next()?,
        })
    }
}

/// How a file of a carrier's outbox was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenAnswer {
    /// Its length.
    pub bytes: u64,
    /// When it was last written, in seconds since 1970, by the carrier's clock; none where that is not said.
    pub modified: Option<u64>,
}

/// The same, with the name it was seen under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedAnswer {
    /// As the carrier has it.
    pub name: String,
    /// Length and moment.
    pub seen: SeenAnswer,
}

impl FromRow for NamedAnswer {
    fn from_row(row: &mut FetchedRow) -> Result<NamedAnswer, Fault> {
        let (name, bytes, modified) = (row.next()?, row.next::<i64>()?, row.next::<i64>()?);
        let seen = SeenAnswer { bytes: bytes.unsigned_abs(), modified: u64::try_from(modified).ok() };
        Ok(NamedAnswer { name, seen })
    }
}

/// What stands for a moment that a carrier does not say.
const UNSAID: i64 = -1;

impl Change<'_> {
    /// Keeps how a carrier's file was seen.
    ///
    /// # Errors
    /// STO001.
    pub fn see_answer(&mut self, carrier: &str, NamedAnswer { name, seen }: &NamedAnswer) -> Result<(), Fault> {
        let modified = seen.modified.and_then(|at| i64::try_from(at).ok()).unwrap_or(UNSAID);
        let keep = Statement::new(
            "INSERT INTO answer_seen (carrier, name, bytes, modified) VALUES ($1, $2, $3, $4)
             ON CONFLICT (carrier, name) DO UPDATE SET bytes = excluded.bytes, modified = excluded.modified",
        );
        self.run(keep.with(carrier).with(name).with(seen.bytes).with(modified))
    }

    /// Settles an answer that stands in this state.
    ///
    /// # Errors
    /// STO001; STO008 where nobody waits for it to be settled.
    pub fn settle_answer(&mut self, id: i64, from: AckState, by: Action) -> Result<(), Fault> {
        self.goes_over(from, AckState::Settled, by)?;
        let settle = Statement::new("UPDATE acknowledgement SET state = $2 WHERE id = $1");
        self.run(settle.with(id).with(AckState::Settled))
    }

    /// Records what became of an answer that was read once more. `delivery` is the one that it answers, where somebody
    /// has to look at it.
    ///
    /// # Errors
    /// STO001; STO008 where the table has no such transition.
    pub fn read_answer_again(&mut self, answer: &AnswerRow, to: AckState, delivery: Option<i64>) -> Result<(), Fault> {
        self.goes_over(answer.state, to, Action::AckReread)?;
        let again = Statement::new("UPDATE acknowledgement SET state = $2, delivery = $3 WHERE id = $1");
        self.run(again.with(answer.id).with(to).with(delivery))
    }

    /// Settles what was answered before a delivery was sent, with the act that decides about its run.
    ///
    /// # Errors
    /// STO001.
    pub fn settle_premature(&mut self, delivery: i64, by: Action) -> Result<(), Fault> {
        let early = Statement::new("SELECT id FROM acknowledgement WHERE delivery = $1 AND state = $2");
        let early: Vec<i64> = self.all(early.with(delivery).with(AckState::Premature))?;
        early.into_iter().try_for_each(|id| self.settle_answer(id, AckState::Premature, by))
    }
}

impl Store {
    /// The answers that wait for a person, oldest first.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn open_answers(&self) -> Result<Vec<OpenAnswer>, Fault> {
        // In words, and not as arguments: so the index of what waits is the one that is looked at.
        let (applied, settled) = (AckState::Applied.word(), AckState::Settled.word());
        let open = Statement::new(format!(
            "SELECT a.id, a.carrier, a.name, a.bytes, a.archive, a.state, a.received_at, d.feed, d.run
             FROM acknowledgement AS a LEFT JOIN delivery AS d ON d.id = a.delivery
             WHERE a.state NOT IN ('{applied}', '{settled}') ORDER BY a.id LIMIT 10000"
        ));
        self.all(open)
    }

    /// The answers that name a delivery, oldest first.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn answers_to(&self, delivery: i64) -> Result<Vec<AnswerRow>, Fault> {
        let answers = Statement::new(
            "SELECT a.id, a.carrier, a.name, a.bytes, a.archive, a.state, a.received_at FROM acknowledgement AS a
             JOIN answered AS n ON n.acknowledgement = a.id WHERE n.delivery = $1 ORDER BY a.id",
        );
        self.all(answers.with(delivery))
    }

    /// An answer by its number.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn answer(&self, id: i64) -> Result<Option<AnswerRow>, Fault> {
        let answer = Statement::new(
            "SELECT id, carrier, name, bytes, archive, state, received_at FROM acknowledgement WHERE id = $1",
        );
        self.first(answer.with(id))
    }

    /// One of the answers that wait for a person.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn open_answer(&self, id: i64) -> Result<Option<OpenAnswer>, Fault> {
        Ok(self.open_answers()?.into_iter().find(|open| open.id == id))
    }

    /// Deliveries that an answer names.
    ///
    /// # Errors
    /// STO001.
    pub fn answered_by(&self, answer: i64) -> Result<Vec<i64>, Fault> {
        let named = Statement::new("SELECT delivery FROM answered WHERE acknowledgement = $1 ORDER BY delivery");
        self.all(named.with(answer))
    }

    /// How a carrier's files were last seen, by their names.
    ///
    /// # Errors
    /// STO001.
    pub fn answers_seen(&self, carrier: &str) -> Result<HashMap<String, SeenAnswer>, Fault> {
        let seen = Statement::new("SELECT name, bytes, modified FROM answer_seen WHERE carrier = $1").with(carrier);
        Ok(self.all::<NamedAnswer>(seen)?.into_iter().map(|named| (named.name, named.seen)).collect())
    }

    /// Keeps how a file was seen of which everything else is recorded already.
    ///
    /// # Errors
    /// STO001; STO002.
    pub fn see_answer(&self, at: &str, carrier: &str, seen: &NamedAnswer) -> Result<(), Fault> {
        let mut change = self.change(at)?;
        change.see_answer(carrier, seen)?;
        change.commit_untold()
    }

    /// Whether a carrier's file with these bytes was recorded before.
    ///
    /// # Errors
    /// STO001.
    pub fn knows_acknowledgement(&self, carrier: &str, content: [u8; 16]) -> Result<bool, Fault> {
        let known = Statement::new("SELECT COUNT(*) FROM acknowledgement WHERE carrier = $1 AND content = $2");
        Ok(self.only::<i64>(known.with(carrier).with(&content))? > 0)
    }
}
