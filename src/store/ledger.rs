//! The ledger: what each carrier has been told of each family, versions from one delivery until another.

use super::change::Change;
use super::database::Store;
use super::deliveries::DeliveryRow;
use super::statement::{Datum, FetchedRow, FromRow, Statement};
use crate::audit::{Action, LedgerMove};
use crate::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::state::{DeliveryState, LedgerState};

/// A version to be staged: it becomes the carrier's knowledge when its delivery is delivered.
pub struct Staged {
    /// The family.
    pub key: Pseudonym,
    /// Members with an open coverage.
    pub covered: i64,
    /// What the carrier will know, sealed.
    pub sealed: Vec<u8>,
    /// What it is told to come to know it, sealed.
    pub change: Vec<u8>,
}

impl FromRow for Staged {
    fn from_row(row: &mut FetchedRow) -> Result<Staged, Fault> {
        Ok(Staged { key: row.next()?, covered: row.next()?, sealed: row.next()?, change: row.next()? })
    }
}

/// A family's part of a delivery, to be written.
pub struct StagedRow {
    /// The family.
    pub key: Pseudonym,
    /// The delivery that this version begins with.
    pub from: i64,
    /// What the carrier will know, sealed.
    pub known: Vec<u8>,
    /// What it is told to come to know it, sealed.
    pub change: Vec<u8>,
}

impl FromRow for StagedRow {
    fn from_row(row: &mut FetchedRow) -> Result<StagedRow, Fault> {
        Ok(StagedRow { key: row.next()?, from: row.next()?, known: row.next()?, change: row.next()? })
    }
}

/// How many the carrier knows as covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoveredCount {
    /// People with an open coverage.
    pub members: u64,
    /// Families with such a person.
    pub families: u64,
}

/// Rows per statement.
const BATCH: usize = 1000;
/// Rows per page.
const PAGE: i64 = 2000;

impl Change<'_> {
    /// Stages versions for a delivery. They count for nothing until [`Change::tell`].
    ///
    /// # Errors
    /// STO001.
    pub fn stage(&mut self, feed: &str, delivery: i64, rows: &[Staged]) -> Result<(), Fault> {
        self.begins(LedgerState::Staged, Action::DeliveryNumbered)?;
        self.note_staged(feed, delivery, rows);
        for batch in rows.chunks(BATCH) {
            let row = |staged: &Staged| -> [Datum; 7] {
                let Staged { key, covered, sealed, change } = staged;
                let (key, state) = ((&key.0).into(), LedgerState::Staged.into());
                [feed.into(), key, delivery.into(), state, (*covered).into(), sealed[..].into(), change[..].into()]
            };
            self.run(Statement::of_rows(
                "INSERT INTO ledger (feed, key, from_delivery, state, covered, sealed, change)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
                batch.iter().map(row),
            ))?;
        }
        Ok(())
    }

    /// Makes a delivery's staged versions what the carrier knows.
    ///
    /// # Errors
    /// STO001.
    pub fn tell(&mut self, feed: &str, delivery: i64, by: Action) -> Result<(), Fault> {
        let (staged, told) = (LedgerState::Staged, LedgerState::Told);
        self.goes_over(staged, told, by)?;
        self.note_move(delivery, LedgerMove::Told);
        let end = Statement::new(format!(
            "UPDATE ledger SET until_delivery = $2 WHERE feed = $1 AND state = '{told}' AND until_delivery IS NULL
             AND key IN (SELECT key FROM ledger WHERE from_delivery = $2 AND state = '{staged}')"
        ));
        self.run(end.with(feed).with(delivery))?;
        let tell = Statement::new("UPDATE ledger SET state = $2 WHERE from_delivery = $1 AND state = $3");
        self.run(tell.with(delivery).with(told).with(staged))
    }

    /// Takes back what a rejected delivery told: its versions are void (they were disclosed all the same, so they
    /// stay), what was known before is known again, the families are decided anew, and the same inputs may be
    /// run again.
    ///
    /// # Errors
    /// STO001.
    pub fn take_back(&mut self, feed: &str, delivery: i64, by: Action) -> Result<(), Fault> {
        let (told, void) = (LedgerState::Told, LedgerState::Void);
        let from = if by == Action::RunVoided { LedgerState::Staged } else { told };
        self.goes_over(from, void, by)?;
        self.note_move(delivery, LedgerMove::TakenBack);
        let take = Statement::new("UPDATE ledger SET state = $3 WHERE from_delivery = $1 AND state = $2");
        self.run(take.with(delivery).with(from).with(void))?;
        self.run(Statement::new(relinked()).with(delivery))?;
        self.decide_again(feed, delivery)?;
        self.unsettle(feed, delivery)
    }
}

/// What was known before a delivery lasts until whatever has ended what the delivery told; it is known again where
/// nothing has. So none that was told is lost, in whatever order deliveries are taken back.
fn relinked() -> String {
    let told = LedgerState::Told;
    format!(
        "UPDATE ledger SET until_delivery = (SELECT t.until_delivery FROM ledger AS t
             WHERE t.feed = ledger.feed AND t.key = ledger.key AND t.from_delivery = $1)
         WHERE until_delivery = $1 AND state = '{told}'"
    )
}

impl Change<'_> {
    /// The families of whom what a delivery told counts, in the order of their keys, as this change sees them.
    ///
    /// # Errors
    /// STO001.
    pub fn told_of(&mut self, delivery: i64) -> Result<Vec<Pseudonym>, Fault> {
        let told = Statement::new("SELECT key FROM ledger WHERE from_delivery = $1 AND state = $2 ORDER BY key");
        self.all(told.with(delivery).with(LedgerState::Told))
    }

    /// Takes back what a delivery told of these families alone, because its carrier did not take them: of everybody
    /// else it stands as told.
    ///
    /// # Errors
    /// STO001.
    pub fn take_members_back(&mut self, row: &DeliveryRow, keys: &[Pseudonym], by: Action) -> Result<(), Fault> {
        let (told, void) = (LedgerState::Told, LedgerState::Void);
        self.goes_over(told, void, by)?;
        self.note_move_of(row.id, LedgerMove::TakenBack, keys);
        for batch in keys.chunks(BATCH) {
            let of = |text: String| Statement::new(text).with(row.id).with_list(batch.iter().map(|key| &key.0));
            self.run(of(format!(
                "UPDATE ledger SET state = '{void}' WHERE from_delivery = $1 AND state = '{told}' AND key IN ($2)"
            )))?;
            self.run(of(relinked() + " AND key IN ($2)"))?;
            self.run(of("INSERT INTO again (feed, key, on_date) SELECT feed, key, '' FROM ledger
                 WHERE from_delivery = $1 AND key IN ($2)
                 ON CONFLICT (feed, key) DO UPDATE SET on_date = excluded.on_date"
                .to_string()))?;
        }
        self.unsettle(&row.feed, row.id)
    }

    /// Makes what was taken back from a delivery known again, as far as it was not told anew since, and has its
    /// families decided once more.
    ///
    /// # Errors
    /// STO001.
    pub fn tell_again(&mut self, feed: &str, delivery: i64, by: Action) -> Result<(), Fault> {
        let (void, told) = (LedgerState::Void, LedgerState::Told);
        self.goes_over(void, told, by)?;
        self.note_move(delivery, LedgerMove::ToldAgain);
        let end = Statement::new(format!(
            "UPDATE ledger SET until_delivery = $2 WHERE feed = $1 AND state = '{told}' AND from_delivery < $2
             AND (until_delivery IS NULL OR until_delivery > $2)
             AND key IN (SELECT key FROM ledger WHERE from_delivery = $2 AND state = '{void}')"
        ));
        self.run(end.with(feed).with(delivery))?;
        // The version before was ended first: of a family one version may be open, by a unique index.
        let tell = Statement::new(format!(
            "UPDATE ledger SET state = '{told}', until_delivery = (SELECT MIN(n.from_delivery) FROM ledger AS n
               WHERE n.feed = ledger.feed AND n.key = ledger.key AND n.state = '{told}' AND n.from_delivery > $1)
             WHERE from_delivery = $1 AND state = '{void}'"
        ));
        self.run(tell.with(delivery))?;
        self.decide_again(feed, delivery)
    }
}

impl Store {
    /// Whether a delivery tells of a family.
    ///
    /// # Errors
    /// STO001.
    pub fn tells_of(&self, delivery: i64, family: Pseudonym) -> Result<bool, Fault> {
        let told = Statement::new("SELECT COUNT(*) FROM ledger WHERE from_delivery = $1 AND key = $2");
        Ok(self.only::<i64>(told.with(delivery).with(&family.0))? > 0)
    }

    /// An unfinished run that has something to say of a family that this delivery has told of too.
    ///
    /// # Errors
    /// STO001.
    pub fn staged_since(&self, delivery: i64) -> Result<Option<i64>, Fault> {
        let staged = Statement::new(
            "SELECT MIN(d.run) FROM ledger AS s, delivery AS d, ledger AS o
             WHERE o.from_delivery = $1 AND s.feed = o.feed AND s.key = o.key AND s.from_delivery <> $1
               AND s.state = $2 AND d.id = s.from_delivery",
        );
        self.only(staged.with(delivery).with(LedgerState::Staged))
    }

    /// Families of a delivery that a later one has told of.
    ///
    /// # Errors
    /// STO001.
    pub fn told_since(&self, delivery: i64) -> Result<u64, Fault> {
        let told = Statement::new(
            "SELECT COUNT(DISTINCT s.key) FROM ledger AS o, ledger AS s
             WHERE o.from_delivery = $1 AND s.feed = o.feed AND s.key = o.key AND s.from_delivery > $1 AND s.state = $2",
        );
        Ok(u64::try_from(self.only::<i64>(told.with(delivery).with(LedgerState::Told))?).unwrap_or(0))
    }

    /// Whether a feed has ever told of anybody, and it counts.
    ///
    /// # Errors
    /// STO001.
    pub fn has_told(&self, feed: &str) -> Result<bool, Fault> {
        let told = Statement::new("SELECT covered FROM ledger WHERE feed = $1 AND state = $2 LIMIT 1");
        Ok(self.first::<i64>(told.with(feed).with(LedgerState::Told))?.is_some())
    }

    /// Whether the carrier of a feed knows anybody as covered: the first that is found says so, where all of them would
    /// be counted.
    ///
    /// # Errors
    /// STO001.
    pub fn covers_anybody(&self, feed: &str) -> Result<bool, Fault> {
        let told = LedgerState::Told;
        let covered = Statement::new(format!(
            "SELECT covered FROM ledger
             WHERE feed = $1 AND state = '{told}' AND until_delivery IS NULL AND covered > 0 LIMIT 1"
        ));
        Ok(self.first::<i64>(covered.with(feed))?.is_some())
    }

    /// The business date of a feed's first delivery; none where there was none yet.
    ///
    /// # Errors
    /// STO001.
    pub fn first_delivered_for(&self, feed: &str) -> Result<Option<String>, Fault> {
        let first = Statement::new(
            "SELECT r.business_date FROM delivery AS d JOIN run AS r ON r.id = d.run
             WHERE d.feed = $1 AND d.state <> $2 ORDER BY d.id LIMIT 1",
        );
        self.first(first.with(feed).with(DeliveryState::Void))
    }

    /// Whether all that a feed's carrier knows rests on a person's word: it was never sent a file.
    ///
    /// # Errors
    /// STO001.
    pub fn rests_on_baseline(&self, feed: &str) -> Result<bool, Fault> {
        let sent = Statement::new(
            "SELECT COUNT(*) FROM ledger AS l JOIN delivery AS d ON d.id = l.from_delivery
             WHERE l.feed = $1 AND l.state = $2 AND d.state <> $3",
        );
        let sent: i64 = self.only(sent.with(feed).with(LedgerState::Told).with(DeliveryState::Known))?;
        Ok(sent == 0 && self.has_told(feed)?)
    }

    /// Whom of a feed the carrier knows as covered.
    ///
    /// # Errors
    /// STO001.
    pub fn covered(&self, feed: &str) -> Result<CoveredCount, Fault> {
        let told = LedgerState::Told;
        let covered = Statement::new(format!(
            "SELECT CAST(COALESCE(SUM(covered), 0) AS BIGINT), COUNT(*) FROM ledger
             WHERE feed = $1 AND state = '{told}' AND until_delivery IS NULL AND covered > 0"
        ));
        let (members, families): (i64, i64) = self.only(covered.with(feed))?;
        Ok(CoveredCount { members: members.unsigned_abs(), families: families.unsigned_abs() })
    }

    /// Members of a family whom the carrier of a feed knows as covered; none where it was told nothing of the family.
    ///
    /// # Errors
    /// STO001.
    pub fn covered_of(&self, feed: &str, family: Pseudonym) -> Result<Option<u64>, Fault> {
        let known = Statement::new(
            "SELECT covered FROM ledger WHERE feed = $1 AND key = $2 AND state = $3 AND until_delivery IS NULL",
        );
        let known: Option<i64> = self.first(known.with(feed).with(&family.0).with(LedgerState::Told))?;
        Ok(known.map(i64::unsigned_abs))
    }

    /// The changes staged for a delivery, in key order after `after`: a page; empty at the end.
    ///
    /// # Errors
    /// STO001.
    pub fn staged_changes(&self, delivery: i64, after: &[u8]) -> Result<Vec<StagedRow>, Fault> {
        let staged = Statement::new(
            "SELECT key AS c0, from_delivery AS c1, sealed AS c2, change AS c3 FROM ledger
             WHERE from_delivery = $1 AND key > $2 ORDER BY key LIMIT $3",
        );
        self.many(staged.with(delivery).with(after).with(PAGE), 4)
    }

    /// The versions that a delivery tells, whatever has become of them, in key order after `after`: a page; empty at
    /// the end.
    ///
    /// # Errors
    /// STO001.
    pub fn staged_versions(&self, delivery: i64, after: &[u8]) -> Result<Vec<Staged>, Fault> {
        let staged = Statement::new(
            "SELECT key AS c0, covered AS c1, sealed AS c2, change AS c3 FROM ledger
             WHERE from_delivery = $1 AND key > $2 ORDER BY key LIMIT $3",
        );
        self.many(staged.with(delivery).with(after).with(PAGE), 4)
    }

    /// What the carrier will know once a delivery is delivered, in key order after `after`: a page; empty at the end.
    ///
    /// # Errors
    /// STO001.
    pub fn knowledge_with(&self, feed: &str, delivery: i64, after: &[u8]) -> Result<Vec<StagedRow>, Fault> {
        self.many(knowledge(feed, delivery, after), 4)
    }
}

/// A family staged for the delivery counts with that version, any other with the told one.
fn knowledge(feed: &str, delivery: i64, after: &[u8]) -> Statement {
    let told = LedgerState::Told;
    let known = Statement::new(format!(
        "SELECT key AS c0, from_delivery AS c1, sealed AS c2, change AS c3 FROM ledger AS l WHERE feed = $1 AND key > $3 AND (from_delivery = $2
           OR (state = '{told}' AND until_delivery IS NULL AND NOT EXISTS
               (SELECT 1 FROM ledger AS s WHERE s.feed = $1 AND s.key = l.key AND s.from_delivery = $2)))
         ORDER BY key LIMIT $4"
    ));
    known.with(feed).with(delivery).with(after).with(PAGE)
}
