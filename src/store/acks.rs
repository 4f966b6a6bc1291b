//! Acknowledgement files that were fetched.

use super::change::Change;
use super::database::Store;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::audit::Action;
use crate::fault::Fault;
use crate::state::AckState;

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
            state: row.next()?,
            received_at: row.next()?,
            feed: row.next()?,
            run: row.next()?,
        })
    }
}

/// States in which an answer waits for a person.
const OPEN: [AckState; 4] = [AckState::Unmatched, AckState::Quarantined, AckState::Premature, AckState::Contradicting];

impl Change<'_> {
    /// Settles an answer that stands in this state.
    ///
    /// # Errors
    /// STO001; STO008 where nobody waits for it to be settled.
    pub fn settle_answer(&mut self, id: i64, from: AckState, by: Action) -> Result<(), Fault> {
        self.goes_over(from, AckState::Settled, by)?;
        let settle = Statement::new("UPDATE acknowledgement SET state = $2 WHERE id = $1");
        self.run(settle.with(id).with(AckState::Settled))
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
        let open = Statement::new(
            "SELECT a.id, a.carrier, a.name, a.state, a.received_at, d.feed, d.run FROM acknowledgement AS a
             LEFT JOIN delivery AS d ON d.id = a.delivery WHERE a.state IN ($1) ORDER BY a.id LIMIT 10000",
        );
        self.all(open.with_list(OPEN))
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

    /// Deliveries that an answer names.
    ///
    /// # Errors
    /// STO001.
    pub fn answered_by(&self, answer: i64) -> Result<Vec<i64>, Fault> {
        let named = Statement::new("SELECT delivery FROM answered WHERE acknowledgement = $1 ORDER BY delivery");
        self.all(named.with(answer))
    }

    /// Whether a carrier's file of this name and length was recorded before.
    ///
    /// # Errors
    /// STO001.
    pub fn knows_acknowledgement_named(&self, carrier: &str, name: &str, bytes: u64) -> Result<bool, Fault> {
        let known =
            Statement::new("SELECT COUNT(*) FROM acknowledgement WHERE carrier = $1 AND name = $2 AND bytes = $3");
        Ok(self.only::<i64>(known.with(carrier).with(name).with(bytes))? > 0)
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
