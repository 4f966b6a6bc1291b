//! Who was told what of one family, found by its key: the ledger's versions, the deliveries they went out with, and
//! every attempt that may have reached a carrier.

use super::database::Store;
use super::families::KeptFamily;
use super::ledger::StagedRow;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::state::{AttemptState, DeliveryState, LedgerState};

/// A version of a family in the ledger.
pub struct ToldVersion {
    /// The delivery it was staged for.
    pub from: i64,
    /// The delivery that told something else.
    pub until: Option<i64>,
    /// Whether it counts as told.
    pub state: LedgerState,
    /// What the carrier knows by it, sealed.
    pub known: Vec<u8>,
    /// What it was told to come to know it, sealed.
    pub change: Vec<u8>,
}

impl ToldVersion {
    /// Whether it is what the carrier knows now.
    pub fn stands(&self) -> bool {
        self.state == LedgerState::Told && self.until.is_none()
    }
}

impl FromRow for ToldVersion {
    fn from_row(row: &mut FetchedRow) -> Result<ToldVersion, Fault> {
        Ok(ToldVersion {
            from: row.next()?,
            until: row.next()?,
            state: row.next()?,
            known: row.next()?,
            change: row.next()?,
        })
    }
}

/// A delivery in whose file a family may stand.
pub struct TellingRow {
    /// Its number.
    pub id: i64,
    /// The run it came of.
    pub run: i64,
    /// Configured name of the carrier it went to.
    pub carrier: String,
    /// `full` or `change`.
    pub style: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// Its name at the carrier.
    pub final_name: String,
    /// The date its run decided for.
    pub business_date: String,
    /// Which rules its run decided by.
    pub rules: Option<Vec<u8>>,
    /// What it was bound to when it was sealed, as JSON.
    pub terms: Option<String>,
    /// The version of its carrier's policy that it was sealed under, as a document.
    pub policy: Option<String>,
}

impl FromRow for TellingRow {
    fn from_row(row: &mut FetchedRow) -> Result<TellingRow, Fault> {
        Ok(TellingRow {
            id: row.next()?,
            run: row.next()?,
            carrier: row.next()?,
            style: row.next()?,
            state: row.next()?,
            final_name: row.next()?,
            business_date: row.next()?,
            rules: row.next()?,
            terms: row.next()?,
            policy: row.next()?,
        })
    }
}

const TELLING: &str =
    "SELECT d.id, d.run, d.carrier, d.style, d.state, d.final_name, r.business_date, u.ruleset, b.terms,
    p.body
    FROM delivery AS d JOIN run AS r ON r.id = d.run LEFT JOIN run_rules AS u ON u.run = d.run
    LEFT JOIN binding AS b ON b.delivery = d.id LEFT JOIN disclosed AS s ON s.delivery = d.id
    LEFT JOIN policy AS p ON p.digest = s.policy";

/// An attempt that may have put a file where a carrier finds it.
pub struct SendingRow {
    /// Number of what was sent.
    pub delivery: i64,
    /// How far it came.
    pub state: AttemptState,
    /// How it was proved, or why it failed.
    pub evidence: Option<String>,
    /// When it began, RFC 3339, UTC.
    pub at: String,
}

impl FromRow for SendingRow {
    fn from_row(row: &mut FetchedRow) -> Result<SendingRow, Fault> {
        Ok(SendingRow { delivery: row.next()?, state: row.next()?, evidence: row.next()?, at: row.next()? })
    }
}

/// Arguments per statement.
const BATCH: usize = 1000;

impl Store {
    /// The feeds that have deliveries, also those that are not configured any more.
    ///
    /// # Errors
    /// STO001.
    pub fn feeds_delivered(&self) -> Result<Vec<String>, Fault> {
        self.all(Statement::new("SELECT DISTINCT feed FROM delivery ORDER BY feed"))
    }

    /// Every version that a feed's ledger has of a family, the oldest first.
    ///
    /// # Errors
    /// STO001.
    pub fn versions_of(&self, feed: &str, key: Pseudonym) -> Result<Vec<ToldVersion>, Fault> {
        let versions = Statement::new(
            "SELECT from_delivery, until_delivery, state, sealed, change FROM ledger
             WHERE feed = $1 AND key = $2 ORDER BY from_delivery",
        );
        self.all(versions.with(feed).with(&key.0))
    }

    /// The deliveries of a feed in whose file a family may stand: those that staged it, and every full file.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn telling(&self, feed: &str, key: Pseudonym) -> Result<Vec<TellingRow>, Fault> {
        let telling = Statement::new(format!(
            "{TELLING} WHERE d.feed = $1 AND (d.style = 'full' OR d.id IN
               (SELECT from_delivery FROM ledger WHERE feed = $1 AND key = $2)) ORDER BY d.id"
        ));
        self.all(telling.with(feed).with(&key.0))
    }

    /// One delivery, as an account sees it.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn telling_of(&self, delivery: i64) -> Result<Option<TellingRow>, Fault> {
        self.first(Statement::new(format!("{TELLING} WHERE d.id = $1")).with(delivery))
    }

    /// The attempts of these deliveries that may have put a file where a carrier finds it, the oldest first.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn sendings(&self, deliveries: &[i64]) -> Result<Vec<SendingRow>, Fault> {
        let words = AttemptState::REACHING.map(|state| format!("'{state}'")).join(", ");
        let mut found = Vec::new();
        for batch in deliveries.chunks(BATCH) {
            let sendings = Statement::new(format!(
                "SELECT delivery, state, evidence, opened_at FROM attempt WHERE state IN ({words}) AND delivery IN ($1)
                 ORDER BY delivery, n"
            ));
            found.extend(self.all::<SendingRow>(sendings.with_list(batch.iter().copied()))?);
        }
        Ok(found)
    }

    /// When sealed files of a feed were handed out to be carried, each with its run.
    ///
    /// # Errors
    /// STO001.
    pub fn handed_out(&self, feed: &str, act: &str) -> Result<Vec<(i64, String)>, Fault> {
        let handed =
            Statement::new("SELECT run, at FROM act WHERE feed = $1 AND act = $2 AND run IS NOT NULL ORDER BY id");
        self.all(handed.with(feed).with(act))
    }

    /// The versions that a full file was written from, in key order after `after`: what was staged for it, or else what
    /// counted as told then. A page; empty at the end.
    ///
    /// # Errors
    /// STO001.
    pub fn stated_in(&self, feed: &str, delivery: i64, after: &[u8]) -> Result<Vec<StagedRow>, Fault> {
        let told = LedgerState::Told;
        let stated = Statement::new(format!(
            "SELECT key, from_delivery, sealed, change FROM ledger AS l WHERE feed = $1 AND key > $3 AND (from_delivery = $2
               OR (state = '{told}' AND from_delivery < $2 AND (until_delivery IS NULL OR until_delivery > $2)
                   AND NOT EXISTS
                   (SELECT 1 FROM ledger AS s WHERE s.feed = $1 AND s.key = l.key AND s.from_delivery = $2)))
             ORDER BY key LIMIT 2000"
        ));
        self.all(stated.with(feed).with(delivery).with(after))
    }

    /// Rules by their digest, in their serialised form.
    ///
    /// # Errors
    /// STO001.
    pub fn ruleset(&self, digest: &[u8]) -> Result<Option<String>, Fault> {
        self.first(Statement::new("SELECT body FROM ruleset WHERE digest = $1").with(digest))
    }
}

/// A range of keys: those that begin with the same bytes.
#[derive(Clone, Copy, Debug)]
pub struct KeyRange {
    /// Every key is at or behind it.
    pub first: Pseudonym,
    /// Every key is at or before it.
    pub last: Pseudonym,
}

/// Where a page of households begins.
#[derive(Clone, Copy, Debug)]
pub struct HouseholdPlace<'p> {
    /// One employer's census or elections.
    pub source: &'p str,
    /// Behind this family.
    pub key: Pseudonym,
    /// And behind this version of it.
    pub input: i64,
}

impl Store {
    /// The sources that something was taken in from.
    ///
    /// # Errors
    /// STO001.
    pub fn sources_taken(&self) -> Result<Vec<String>, Fault> {
        self.all(Statement::new("SELECT DISTINCT source FROM input ORDER BY source"))
    }

    /// The families of a source whose keys are in a range; a few, for whoever types a reference.
    ///
    /// # Errors
    /// STO001.
    pub fn families_between(&self, source: &str, range: KeyRange) -> Result<Vec<Pseudonym>, Fault> {
        let between = Statement::new(
            "SELECT DISTINCT key FROM family WHERE source = $1 AND key >= $2 AND key <= $3 ORDER BY key LIMIT 3",
        );
        self.all(between.with(source).with(&range.first.0).with(&range.last.0))
    }

    /// The family that an employer's number stands for, where it was first seen under another.
    ///
    /// # Errors
    /// STO001.
    pub fn family_numbered(&self, employer: &str, number: Pseudonym) -> Result<Option<Pseudonym>, Fault> {
        let key = Statement::new("SELECT key FROM renumbered WHERE employer = $1 AND number = $2");
        self.first(key.with(employer).with(&number.0))
    }

    /// Every version of every household of a source, in order: a page; empty at the end.
    ///
    /// # Errors
    /// STO001.
    pub fn households(&self, behind: HouseholdPlace<'_>) -> Result<Vec<KeptFamily>, Fault> {
        let page = Statement::new(
            "SELECT key, from_input, sealed FROM family WHERE source = $1 AND (key, from_input) > ($2, $3)
             ORDER BY key, from_input LIMIT 2000",
        );
        self.all(page.with(behind.source).with(&behind.key.0).with(behind.input))
    }
}
