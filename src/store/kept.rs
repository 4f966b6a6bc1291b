//! What is kept for how long: files with the day they came, orders to keep, what was destroyed; and what was told
//! otherwise than by a feed.

use super::change::Change;
use super::database::Store;
use super::shredded::GoneFamily;
use super::statement::{Datum, FetchedRow, FromDatum, FromRow, Statement, not_of_its_kind};
use crate::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::state::{AckState, DeliveryState, InputState};

/// A class of files that are kept for as long as one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeptClass {
    /// What employers have sent.
    Inputs,
    /// What carriers have answered.
    Answers,
    /// What was sent.
    Deliveries,
    /// What the store has of families that have left.
    Families,
    /// Why people acted, and what that rested on, in their own words, by month.
    Reasons,
}

impl KeptClass {
    /// Every class.
    pub const ALL: [KeptClass; 5] =
        [KeptClass::Inputs, KeptClass::Answers, KeptClass::Deliveries, KeptClass::Families, KeptClass::Reasons];

    /// As it stands in the configuration, in records and in the store.
    pub fn word(self) -> &'static str {
        match self {
            KeptClass::Inputs => "inputs",
            KeptClass::Answers => "answers",
            KeptClass::Deliveries => "deliveries",
            KeptClass::Families => "families",
            KeptClass::Reasons => "reasons",
        }
    }
}

impl FromDatum for KeptClass {
    fn from_datum(value: Datum) -> Result<KeptClass, Fault> {
        let word = String::from_datum(value)?;
        KeptClass::ALL.into_iter().find(|class| class.word() == word).ok_or_else(not_of_its_kind)
    }
}

/// A sealed file, a family's records or what was typed in a month, and what decides whether they may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivedFile {
    /// Below state/archive or state/outbox; of a family, its pseudonym; a month.
    pub name: String,
    /// RFC 3339, UTC: when it came, or was sent.
    pub since: String,
    /// The source or the feed it belongs to; empty where that is not known.
    pub of: String,
    /// Whether something may still be made of it.
    pub needed: bool,
}

impl FromRow for ArchivedFile {
    fn from_row(row: &mut FetchedRow) -> Result<ArchivedFile, Fault> {
        Ok(ArchivedFile { name: row.next()?, since: row.next()?, of: row.next()?, needed: row.next::<i64>()? > 0 })
    }
}

/// An order to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalHoldRow {
    /// Counted from 1.
    pub id: i64,
    /// Whose files; empty for everything.
    pub employer: String,
    /// RFC 3339, UTC.
    pub since: String,
    /// Who gave it.
    pub who: String,
}

impl FromRow for LegalHoldRow {
    fn from_row(row: &mut FetchedRow) -> Result<LegalHoldRow, Fault> {
        Ok(LegalHoldRow { id: row.next()?, employer: row.next()?, since: row.next()?, who: row.next()? })
    }
}

/// What somebody asks to be told, before it is written.
#[derive(Clone, Debug)]
pub struct NewToldOtherwise<'a> {
    /// From [`Change::next_told_otherwise`]: what is sealed is bound to it.
    pub id: i64,
    /// One word of a closed list.
    pub purpose: &'a str,
    /// Whose data.
    pub family: Pseudonym,
    /// To whom, what, in which case: sealed.
    pub sealed: &'a [u8],
    /// Number of the record that holds the reason.
    pub act: i64,
}

/// A disclosure that no feed makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldOtherwiseRow {
    /// Counted from 1.
    pub id: i64,
    /// One word of a closed list.
    pub purpose: String,
    /// Whose data.
    pub family: Pseudonym,
    /// To whom, what, in which case: sealed.
    pub sealed: Vec<u8>,
    /// RFC 3339, UTC.
    pub asked_at: String,
    /// The person's user name.
    pub asked_by: String,
    /// When it was approved, and so may be told; none until then.
    pub told_at: Option<String>,
    /// Who approved it.
    pub told_by: Option<String>,
}

impl FromRow for ToldOtherwiseRow {
    fn from_row(row: &mut FetchedRow) -> Result<ToldOtherwiseRow, Fault> {
        Ok(ToldOtherwiseRow {
            id: row.next()?,
            purpose: row.next()?,
            family: row.next()?,
            sealed: row.next()?,
            asked_at: row.next()?,
            asked_by: row.next()?,
            told_at: row.next()?,
            told_by: row.next()?,
        })
    }
}

/// Where nothing is to come of a delivery any more but by a person.
const ENDED: [DeliveryState; 6] = [
    DeliveryState::Accepted,
    DeliveryState::Assumed,
    DeliveryState::Known,
    DeliveryState::Rejected,
    DeliveryState::Lost,
    DeliveryState::Void,
];

const TOLD_OTHERWISE: &str =
    "SELECT id, purpose, family, sealed, asked_at, asked_by, told_at, told_by FROM told_otherwise";

impl Change<'_> {
    /// Gives an order to keep, by an act.
    ///
    /// # Errors
    /// STO001.
    pub fn hold_legally(&mut self, employer: &str, act: i64) -> Result<i64, Fault> {
        let (id, at) = (self.next_number("legal hold")?, self.at());
        let insert = Statement::new("INSERT INTO legal_hold (id, employer, since, act) VALUES ($1, $2, $3, $4)");
        self.run(insert.with(id).with(employer).with(at).with(act))?;
        Ok(id)
    }

    /// Lifts an order to keep, by an act.
    ///
    /// # Errors
    /// STO001.
    pub fn lift_legal_hold(&mut self, id: i64, act: i64) -> Result<(), Fault> {
        self.run(Statement::new("UPDATE legal_hold SET lifted = $2 WHERE id = $1").with(id).with(act))
    }

    /// Records that a file is destroyed, by an act.
    ///
    /// # Errors
    /// STO001; STO004 when it was destroyed already.
    pub fn record_destroyed(&mut self, name: &str, class: KeptClass, shredded: bool, act: i64) -> Result<(), Fault> {
        let at = self.at();
        let insert =
            Statement::new("INSERT INTO destroyed (name, class, at, shredded, act) VALUES ($1, $2, $3, $4, $5)");
        self.run(insert.with(name).with(class.word()).with(at).with(shredded).with(act))
    }

    /// The number of the next disclosure that no feed makes.
    ///
    /// # Errors
    /// STO001.
    pub fn next_told_otherwise(&mut self) -> Result<i64, Fault> {
        self.next_number("told otherwise")
    }

    /// Records that somebody asks for a disclosure.
    ///
    /// # Errors
    /// STO001.
    pub fn ask_to_tell(&mut self, new: &NewToldOtherwise) -> Result<(), Fault> {
        let (at, who) = (self.at(), self.actor().person().to_string());
        let insert = Statement::new(
            "INSERT INTO told_otherwise (id, purpose, family, sealed, asked_at, asked_by, act)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        );
        let insert = insert.with(new.id).with(new.purpose).with(&new.family.0).with(new.sealed);
        self.run(insert.with(at).with(who).with(new.act))
    }

    /// Records that somebody else approves it: from now on it counts as told.
    ///
    /// # Errors
    /// STO001.
    pub fn tell_otherwise(&mut self, id: i64, act: i64) -> Result<(), Fault> {
        let (at, who) = (self.at(), self.actor().person().to_string());
        let tell =
            "UPDATE told_otherwise SET told_at = $2, told_by = $3, approval = $4 WHERE id = $1 AND approval IS NULL";
        self.run(Statement::new(tell).with(id).with(at).with(who).with(act))
    }
}

impl Store {
    /// Whether a file was destroyed when its time was over.
    ///
    /// # Errors
    /// STO001.
    pub fn is_destroyed(&self, name: &str) -> Result<bool, Fault> {
        let destroyed = Statement::new("SELECT COUNT(*) FROM destroyed WHERE name = $1").with(name);
        Ok(self.only::<i64>(destroyed)? > 0)
    }

    /// Every file that was destroyed, with its class.
    ///
    /// # Errors
    /// STO001.
    pub fn destroyed_files(&self) -> Result<Vec<(String, KeptClass)>, Fault> {
        self.all(Statement::new("SELECT name, class FROM destroyed ORDER BY name"))
    }

    /// How many files of a class were destroyed. Of families and months, which are no files, [`Store::shredded`]
    /// has the keys.
    ///
    /// # Errors
    /// STO001.
    pub fn count_destroyed(&self, class: KeptClass) -> Result<i64, Fault> {
        self.only(Statement::new("SELECT COUNT(*) FROM destroyed WHERE class = $1").with(class.word()))
    }

    /// The files of a class that were not destroyed, the oldest first.
    ///
    /// # Errors
    /// STO001.
    pub fn kept_files(&self, class: KeptClass) -> Result<Vec<ArchivedFile>, Fault> {
        match class {
            KeptClass::Inputs => self.kept_inputs(),
            KeptClass::Answers => {
                let (settled, applied) = (AckState::Settled, AckState::Applied);
                let answers = Statement::new(
                    "SELECT archive, received_at, carrier, CASE WHEN state IN ($1, $2) THEN 0 ELSE 1 END
                     FROM acknowledgement WHERE archive NOT IN (SELECT name FROM destroyed) ORDER BY received_at, id",
                );
                self.all(answers.with(settled).with(applied))
            }
            KeptClass::Deliveries => {
                let ended = ENDED.map(Datum::from);
                let deliveries = Statement::new(
                    "SELECT d.outbox, COALESCE(d.delivered_at, r.closed_at, r.opened_at), d.feed,
                       CASE WHEN d.state IN ($1) THEN 0 ELSE 1 END
                     FROM delivery AS d JOIN run AS r ON r.id = d.run
                     WHERE d.outbox IS NOT NULL AND d.outbox NOT IN (SELECT name FROM destroyed) ORDER BY d.id",
                );
                self.all(deliveries.with_list(ended))
            }
            KeptClass::Families => {
                let file = |gone: GoneFamily| {
                    let GoneFamily { key, source: of, since, needed } = gone;
                    ArchivedFile { name: key.hex(), since, of, needed }
                };
                Ok(self.families_gone()?.into_iter().map(file).collect())
            }
            KeptClass::Reasons => Ok(Vec::new()), // which `Store::typed_months` has
        }
    }

    fn kept_inputs(&self) -> Result<Vec<ArchivedFile>, Fault> {
        // The newest that was read is what the next is held against, and is read again when its mapping changes. What
        // was sealed before a night is read by that; what waits for others of its census may wait for ever.
        let inputs = Statement::new(
            "SELECT i.archive, i.received_at, i.source, CASE WHEN i.state = $1 OR i.id =
               (SELECT MAX(n.id) FROM input AS n WHERE n.source = i.source AND n.state = $2) THEN 1 ELSE 0 END
             FROM input AS i WHERE i.archive NOT IN (SELECT name FROM destroyed)
             UNION ALL
             SELECT a.name, a.recorded_at, COALESCE(p.source, ''), 0 FROM aside AS a
             LEFT JOIN set_part AS p ON p.archive = a.name
             WHERE a.name NOT LIKE 'delivery-%' AND a.name NOT IN (SELECT name FROM destroyed)
             UNION ALL
             SELECT l.archive, l.received_at, l.source, CASE WHEN p.archive IS NULL THEN 1 ELSE 0 END FROM landed AS l
             LEFT JOIN set_part AS p ON p.archive = l.archive
             WHERE l.archive NOT IN (SELECT name FROM destroyed)
             ORDER BY 2, 1",
        );
        self.all(inputs.with(InputState::Archived).with(InputState::Applied))
    }

    /// The orders to keep that stand, the oldest first.
    ///
    /// # Errors
    /// STO001.
    pub fn legal_holds(&self) -> Result<Vec<LegalHoldRow>, Fault> {
        self.all(Statement::new(
            "SELECT h.id, h.employer, h.since, a.who FROM legal_hold AS h JOIN act AS a ON a.id = h.act
             WHERE h.lifted IS NULL ORDER BY h.id",
        ))
    }

    /// A disclosure that no feed makes.
    ///
    /// # Errors
    /// STO001.
    pub fn told_otherwise(&self, id: i64) -> Result<Option<ToldOtherwiseRow>, Fault> {
        self.first(Statement::new(format!("{TOLD_OTHERWISE} WHERE id = $1")).with(id))
    }

    /// Those that wait for an approval, and with `all` every one, the oldest first.
    ///
    /// # Errors
    /// STO001.
    pub fn each_told_otherwise(&self, all: bool) -> Result<Vec<ToldOtherwiseRow>, Fault> {
        let waiting = if all { "" } else { " WHERE approval IS NULL" };
        self.all(Statement::new(format!("{TOLD_OTHERWISE}{waiting} ORDER BY id")))
    }

    /// What of a family was told otherwise than by a feed, and approved, the oldest first.
    ///
    /// # Errors
    /// STO001.
    pub fn told_otherwise_of(&self, family: Pseudonym) -> Result<Vec<ToldOtherwiseRow>, Fault> {
        let told = format!("{TOLD_OTHERWISE} WHERE family = $1 AND approval IS NOT NULL ORDER BY id");
        self.all(Statement::new(told).with(&family.0))
    }
}
