//! Which families have to be decided.
//!
//! A feed's watermark is the newest of its runs whose decisions count: what its inputs said is decided. Beyond it, a
//! family is decided again when a version of it began or ended since, or when a row of `again` asks for it: it waits
//! for an answer, is a question, has a date on which it is to be looked at, or was taken back. Without a watermark, by
//! other rules or from other sources, everybody is decided.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::NaiveDate;

use super::change::Change;
use super::database::Store;
use super::families::FamilyRow;
use super::statement::{Datum, FetchedRow, FromRow, Statement};
use crate::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::state::{DeliveryState, InputState, LedgerState};

/// What a feed's decisions are made of.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// Configured name.
    pub feed: &'a str,
    /// `census/<source>`.
    pub census: &'a str,
    /// The census recorded with the run.
    pub census_input: i64,
    /// `elections/<source>`.
    pub elections: &'a str,
    /// The elections recorded with the run.
    pub elections_input: i64,
    /// Digest of the rules: when they differ, everybody is decided anew.
    pub rules: [u8; 16],
    /// The business date, ISO.
    pub as_of: &'a str,
}

/// A sealed record, with the input or the delivery that its row begins with: it opens for that row alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedVersion {
    /// What the version begins with.
    pub from: i64,
    /// As the column holds it.
    pub sealed: Vec<u8>,
}

/// What stands in the place of an input's number for a file that waits in the inbox and is only looked at.
pub const IN_THE_INBOX: i64 = 0;

/// A family to be decided.
#[derive(Debug)]
pub struct Candidate {
    key: Pseudonym,
    /// The census's sealed record.
    pub census: Option<SealedVersion>,
    /// The elections' sealed record.
    pub elections: Option<SealedVersion>,
    census_incomplete: bool,
    elections_incomplete: bool,
    /// What the carrier knows, sealed, with the delivery that told of it last.
    pub told: Option<SealedVersion>,
    waits: bool,
    counted: bool,
}

impl Candidate {
    fn unknown(key: Pseudonym) -> Candidate {
        Candidate {
            key,
            census: None,
            elections: None,
            census_incomplete: false,
            elections_incomplete: false,
            told: None,
            waits: false,
            counted: false,
        }
    }

    /// The family's pseudonym.
    pub fn key(&self) -> Pseudonym {
        self.key
    }

    /// The same family as if the census told this of it, or nothing.
    pub fn with_census(mut self, row: Option<&FamilyRow>) -> Candidate {
        self.census = row.map(|row| SealedVersion { from: IN_THE_INBOX, sealed: row.sealed.clone() });
        self.census_incomplete = row.is_some_and(|row| row.incomplete);
        self
    }

    /// The same family as if the elections told this of it, or nothing.
    pub fn with_elections(mut self, row: Option<&FamilyRow>) -> Candidate {
        self.elections = row.map(|row| SealedVersion { from: IN_THE_INBOX, sealed: row.sealed.clone() });
        self.elections_incomplete = row.is_some_and(|row| row.incomplete);
        self
    }

    /// Whether a row of it could not be read in the census.
    pub fn census_is_incomplete(&self) -> bool {
        self.census_incomplete
    }

    /// Whether a row of it could not be read in the elections.
    pub fn elections_are_incomplete(&self) -> bool {
        self.elections_incomplete
    }

    /// Whether it is among the families of the watermark.
    pub fn is_counted(&self) -> bool {
        self.counted
    }

    /// Whether what was told last is not acknowledged yet.
    pub fn is_waiting(&self) -> bool {
        self.waits
    }

    /// The delivery that told of it last.
    pub fn told_by(&self) -> Option<i64> {
        self.told.as_ref().map(|told| told.from)
    }

    fn see_census(&mut self, version: VersionRow, through: i64) {
        // A version that has ended has no record here, and still tells that the family is known.
        self.counted |= version.from <= through;
        if let Some(sealed) = version.sealed {
            self.census = Some(SealedVersion { from: version.from, sealed });
            self.census_incomplete = version.incomplete;
        }
    }

    fn see_elections(&mut self, version: VersionRow, through: i64) {
        self.counted |= version.from <= through;
        if let Some(sealed) = version.sealed {
            self.elections = Some(SealedVersion { from: version.from, sealed });
            self.elections_incomplete = version.incomplete;
        }
    }

    fn see_told(&mut self, told: ToldRow, awaited: &HashSet<i64>) {
        self.waits = awaited.contains(&told.delivery);
        self.told = Some(SealedVersion { from: told.delivery, sealed: told.sealed });
    }
}

/// Up to where a feed's decisions stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watermark {
    /// The census they were made of.
    pub census_input: i64,
    /// The elections they were made of.
    pub elections_input: i64,
    /// Families the feed has ever had to decide.
    pub families: u64,
}

/// Below every input: no version began so early.
const NEVER: i64 = -1;

/// A version of a family; its record only where it stood at the input that was asked for.
struct VersionRow {
    key: Pseudonym,
    from: i64,
    incomplete: bool,
    sealed: Option<Vec<u8>>,
}

impl FromRow for VersionRow {
    fn from_row(row: &mut FetchedRow) -> Result<VersionRow, Fault> {
        let (key, from, incomplete) = (row.next()?, row.next()?, row.next::<i64>()? != 0);
        Ok(VersionRow { key, from, incomplete, sealed: row.next()? })
    }
}

/// What a carrier knows of a family, and by which delivery.
struct ToldRow {
    key: Pseudonym,
    delivery: i64,
    sealed: Vec<u8>,
}

impl FromRow for ToldRow {
    fn from_row(row: &mut FetchedRow) -> Result<ToldRow, Fault> {
        Ok(ToldRow { key: row.next()?, delivery: row.next()?, sealed: row.next()? })
    }
}

/// A row that belongs to a family.
trait Keyed {
    /// How many columns are asked for.
    const COLUMNS: usize;
    fn key(&self) -> Pseudonym;
}

impl Keyed for VersionRow {
    const COLUMNS: usize = 4;

    fn key(&self) -> Pseudonym {
        self.key
    }
}

impl Keyed for ToldRow {
    const COLUMNS: usize = 3;

    fn key(&self) -> Pseudonym {
        self.key
    }
}

/// Families per page.
const PAGE: usize = 1000;
/// Rows per statement.
const BATCH: usize = 1000;
/// Rows a cursor asks for at a time.
const ROWS: i64 = 2000;

/// $1 source, $2 input. What ends with the input it began with was taken back, and was never said.
const VERSIONS: &str = "SELECT key AS c0, from_input AS c1, incomplete AS c2,
     CASE WHEN until_input IS NULL OR until_input > $2 THEN sealed END AS c3
     FROM family WHERE source = $1 AND from_input <= $2 AND (until_input IS NULL OR until_input <> from_input)";

/// What a carrier knows. $1 feed; the state stands in the text, so that an index of the told rows alone answers.
fn told_rows() -> String {
    let told = LedgerState::Told;
    format!(
        "SELECT key AS c0, from_delivery AS c1, sealed AS c2 FROM ledger
         WHERE feed = $1 AND state = '{told}' AND until_delivery IS NULL"
    )
}

/// Asks for the page after a row, or for the first one.
type Asking<'s, R> = dyn Fn(Option<&R>) -> Result<Vec<R>, Fault> + 's;

/// Rows in the order of their families, asked for page after page.
struct Cursor<'s, R> {
    ask: Box<Asking<'s, R>>,
    /// The page, its next row last.
    rows: Vec<R>,
    ended: bool,
}

impl<'s, R: Keyed> Cursor<'s, R> {
    fn new(ask: impl Fn(Option<&R>) -> Result<Vec<R>, Fault> + 's) -> Cursor<'s, R> {
        Cursor { ask: Box::new(ask), rows: Vec::new(), ended: false }
    }

    /// The family of the next row.
    fn next_key(&mut self) -> Result<Option<Pseudonym>, Fault> {
        if self.rows.is_empty() && !self.ended {
            self.ask_after(None)?;
        }
        Ok(self.rows.last().map(Keyed::key))
    }

    /// The next row, where it is this family's.
    fn take(&mut self, key: Pseudonym) -> Result<Option<R>, Fault> {
        if self.next_key()? != Some(key) {
            return Ok(None);
        }
        let row = self.rows.pop();
        // The versions of one family may stand on two pages: whether there are more is known once the next is here.
        if self.rows.is_empty() {
            self.ask_after(row.as_ref())?;
        }
        Ok(row)
    }

    fn ask_after(&mut self, last: Option<&R>) -> Result<(), Fault> {
        self.rows = (self.ask)(last)?;
        // Taken from the end, so that no row is moved for another.
        self.rows.reverse();
        self.ended = self.rows.is_empty();
        Ok(())
    }
}

/// What a carrier knows of a family.
pub struct KnownVersion {
    /// The family.
    pub key: Pseudonym,
    /// Sealed, with the delivery that told of it last.
    pub version: SealedVersion,
}

impl From<ToldRow> for KnownVersion {
    fn from(row: ToldRow) -> KnownVersion {
        KnownVersion { key: row.key, version: SealedVersion { from: row.delivery, sealed: row.sealed } }
    }
}

/// What a carrier knows, family by family in key order.
pub struct KnownInOrder<'s>(Cursor<'s, ToldRow>);

impl KnownInOrder<'_> {
    /// The next family that stands before this one, or any where none is named.
    ///
    /// # Errors
    /// STO001.
    pub fn next_before(&mut self, key: Option<Pseudonym>) -> Result<Option<KnownVersion>, Fault> {
        let Some(next) = self.0.next_key()?.filter(|next| key.is_none_or(|key| *next < key)) else { return Ok(None) };
        let row = self.0.take(next)?;
        Ok(row.map(KnownVersion::from))
    }

    /// Passes over a family, where it is the next one.
    ///
    /// # Errors
    /// STO001.
    pub fn pass(&mut self, key: Pseudonym) -> Result<(), Fault> {
        self.0.take(key).map(drop)
    }
}

/// The families a feed has to decide, in key order.
pub struct ToDecide<'s> {
    store: &'s Store,
    scope: Scope<'s>,
    watermark: Option<Watermark>,
    /// Deliveries that are not answered for.
    awaited: HashSet<i64>,
    left: Left<'s>,
}

/// Which of them are left.
enum Left<'s> {
    /// Everybody: what census, elections and carrier know is read as it stands in its table, and merged here.
    Everybody { census: Cursor<'s, VersionRow>, elections: Cursor<'s, VersionRow>, told: Cursor<'s, ToldRow> },
    /// These.
    These(std::collections::btree_set::IntoIter<Pseudonym>),
}

impl Store {
    /// The families a feed has to decide.
    ///
    /// # Errors
    /// STO001.
    pub fn to_decide<'s>(&'s self, scope: Scope<'s>) -> Result<ToDecide<'s>, Fault> {
        match self.watermark(&scope)? {
            Some(watermark) => {
                let left = Left::These(self.changed_since(&scope, &watermark)?.into_iter());
                self.deciding(scope, Some(watermark), left)
            }
            None => self.everybody(scope),
        }
    }

    /// What a feed's carrier knows of these families, in no order; of whom it knows nothing there is none.
    ///
    /// # Errors
    /// STO001.
    pub fn told_among(&self, feed: &str, keys: &[Pseudonym]) -> Result<Vec<KnownVersion>, Fault> {
        let mut known = Vec::new();
        for batch in keys.chunks(BATCH) {
            let told = Statement::new(format!("{} AND key IN ($2)", told_rows())).with(feed);
            let told = told.with_list(batch.iter().map(|key| &key.0));
            known.extend(self.many::<ToldRow>(told, ToldRow::COLUMNS)?.into_iter().map(KnownVersion::from));
        }
        Ok(known)
    }

    /// Every family there is, whatever was decided before.
    ///
    /// # Errors
    /// STO001.
    pub fn everybody<'s>(&'s self, scope: Scope<'s>) -> Result<ToDecide<'s>, Fault> {
        let left = Left::Everybody {
            census: self.versions(scope.census, scope.census_input),
            elections: self.versions(scope.elections, scope.elections_input),
            told: self.told(scope.feed),
        };
        self.deciding(scope, None, left)
    }

    /// Deliveries of a feed that its carrier has not answered for.
    ///
    /// # Errors
    /// STO001.
    pub fn awaited_of(&self, feed: &str) -> Result<HashSet<i64>, Fault> {
        let [delivered, uncertain] = DeliveryState::AWAITED;
        let awaited = Statement::new("SELECT id FROM delivery WHERE feed = $1 AND state IN ($2, $3)");
        Ok(self.all(awaited.with(feed).with(delivered).with(uncertain))?.into_iter().collect())
    }

    fn deciding<'s>(
        &'s self,
        scope: Scope<'s>,
        watermark: Option<Watermark>,
        left: Left<'s>,
    ) -> Result<ToDecide<'s>, Fault> {
        // Once: asked with every family, it would be the dearest column of the row.
        let awaited = self.awaited_of(scope.feed)?;
        Ok(ToDecide { store: self, scope, watermark, awaited, left })
    }

    /// The newest of a feed's runs whose decisions count, where they hold for this scope, too: made by the same rules,
    /// from the same sources, and not from later inputs.
    fn watermark(&self, scope: &Scope) -> Result<Option<Watermark>, Fault> {
        let newest = Statement::new(
            "SELECT run.census_input, run.elections_input, run.families, c.source, e.source, run_rules.ruleset,
             c.state, e.state
             FROM run JOIN run_rules ON run_rules.run = run.id JOIN input AS c ON c.id = run.census_input
             JOIN input AS e ON e.id = run.elections_input
             WHERE run.feed = $1 AND run.families IS NOT NULL ORDER BY run.id DESC LIMIT 1",
        );
        let newest: Option<DecidedRow> = self.first(newest.with(scope.feed))?;
        Ok(newest.filter(|newest| newest.holds_for(scope)).map(|newest| newest.watermark))
    }

    /// The families with a version that began or ended since, and those that are to be decided again anyway.
    fn changed_since(&self, scope: &Scope, watermark: &Watermark) -> Result<BTreeSet<Pseudonym>, Fault> {
        // A family is found once for every reason, and is decided once.
        let mut keys = BTreeSet::new();
        let census = (scope.census, watermark.census_input, scope.census_input);
        let elections = (scope.elections, watermark.elections_input, scope.elections_input);
        for (source, after, through) in [census, elections] {
            for changed in [
                "SELECT key FROM family WHERE source = $1 AND from_input > $2 AND from_input <= $3",
                "SELECT key FROM family WHERE source = $1 AND until_input > $2 AND until_input <= $3",
            ] {
                keys.extend(self.all::<Pseudonym>(Statement::new(changed).with(source).with(after).with(through))?);
            }
        }
        let again = Statement::new("SELECT key FROM again WHERE feed = $1 AND on_date <= $2");
        keys.extend(self.all::<Pseudonym>(again.with(scope.feed).with(scope.as_of))?);
        Ok(keys)
    }

    fn versions<'s>(&'s self, source: &'s str, input: i64) -> Cursor<'s, VersionRow> {
        Cursor::new(move |last: Option<&VersionRow>| {
            let (key, from) = last.map_or((&[][..], NEVER), |last| (&last.key.0[..], last.from));
            // By both columns: by the key alone, a page that ends between two versions would lose the later one.
            let page = format!("{VERSIONS} AND (key, from_input) > ($3, $4) ORDER BY key, from_input LIMIT $5");
            let page = Statement::new(page).with(source).with(input).with(key).with(from).with(ROWS);
            self.many(page, VersionRow::COLUMNS)
        })
    }

    /// What the carrier of a feed knows, from the first family to the last.
    pub fn known_in_order<'s>(&'s self, feed: &'s str) -> KnownInOrder<'s> {
        KnownInOrder(self.told(feed))
    }

    fn told<'s>(&'s self, feed: &'s str) -> Cursor<'s, ToldRow> {
        Cursor::new(move |last: Option<&ToldRow>| {
            let key = last.map_or(&[][..], |last| &last.key.0[..]);
            let page = format!("{} AND key > $2 ORDER BY key LIMIT $3", told_rows());
            self.many(Statement::new(page).with(feed).with(key).with(ROWS), ToldRow::COLUMNS)
        })
    }
}

/// A run whose decisions count.
struct DecidedRow {
    watermark: Watermark,
    census: String,
    elections: String,
    rules: Vec<u8>,
    /// Whether a file that it was computed from counts as never sent by now.
    is_taken_back: bool,
}

impl DecidedRow {
    fn holds_for(&self, scope: &Scope) -> bool {
        let Watermark { census_input, elections_input, .. } = self.watermark;
        // A run of older inputs than were decided last would find the families that changed in between as they were.
        let same = self.census == scope.census && self.elections == scope.elections && self.rules == scope.rules;
        // What a run made of a file that was taken back since says nothing of how families stand now.
        same && !self.is_taken_back && census_input <= scope.census_input && elections_input <= scope.elections_input
    }
}

impl FromRow for DecidedRow {
    fn from_row(row: &mut FetchedRow) -> Result<DecidedRow, Fault> {
        let (census_input, elections_input) = (row.next()?, row.next()?);
        let families = row.next::<i64>()?.unsigned_abs();
        let watermark = Watermark { census_input, elections_input, families };
        let (census, elections, rules) = (row.next()?, row.next()?, row.next()?);
        let files: [InputState; 2] = [row.next()?, row.next()?];
        let is_taken_back = files.contains(&InputState::Settled);
        Ok(DecidedRow { watermark, census, elections, rules, is_taken_back })
    }
}

impl<'s> ToDecide<'s> {
    /// The inputs, rules and date they are decided by.
    pub fn scope(&self) -> &Scope<'s> {
        &self.scope
    }

    /// Families counted before: everybody the watermark knows of, and nobody where everybody is decided.
    pub fn counted(&self) -> u64 {
        self.watermark.map_or(0, |watermark| watermark.families)
    }

    /// Whether there is no watermark, so that nobody is passed over.
    pub fn is_everybody(&self) -> bool {
        self.watermark.is_none()
    }

    /// The next of them; `None` at the end.
    ///
    /// # Errors
    /// STO001.
    pub fn next_page(&mut self) -> Result<Option<Vec<Candidate>>, Fault> {
        let page = match &mut self.left {
            Left::These(keys) => {
                let keys: Vec<Pseudonym> = keys.take(PAGE).collect();
                self.among(&keys)?
            }
            Left::Everybody { .. } => self.merged()?,
        };
        Ok(Some(page).filter(|page| !page.is_empty()))
    }

    fn merged(&mut self) -> Result<Vec<Candidate>, Fault> {
        let Left::Everybody { census, elections, told } = &mut self.left else { return Ok(Vec::new()) };
        let mut page = Vec::with_capacity(PAGE);
        while page.len() < PAGE {
            let next = [census.next_key()?, elections.next_key()?, told.next_key()?];
            let Some(key) = next.into_iter().flatten().min() else { break };
            let mut family = Candidate::unknown(key);
            while let Some(version) = census.take(key)? {
                family.see_census(version, NEVER);
            }
            while let Some(version) = elections.take(key)? {
                family.see_elections(version, NEVER);
            }
            while let Some(row) = told.take(key)? {
                family.see_told(row, &self.awaited);
            }
            page.push(family);
        }
        Ok(page)
    }

    /// These families, whether there is a reason to decide them or not.
    ///
    /// # Errors
    /// STO001.
    pub fn among(&self, keys: &[Pseudonym]) -> Result<Vec<Candidate>, Fault> {
        let mut families: BTreeMap<Pseudonym, Candidate> =
            keys.iter().map(|key| (*key, Candidate::unknown(*key))).collect();
        let (scope, watermark) = (&self.scope, self.watermark);
        let through = watermark.map_or([NEVER; 2], |watermark| [watermark.census_input, watermark.elections_input]);
        for batch in keys.chunks(BATCH) {
            self.each(versions_of(scope.census, scope.census_input, batch), &mut families, |family, version| {
                family.see_census(version, through[0]);
            })?;
            self.each(versions_of(scope.elections, scope.elections_input, batch), &mut families, |family, version| {
                family.see_elections(version, through[1]);
            })?;
            let told = Statement::new(format!("{} AND key IN ($2)", told_rows())).with(scope.feed);
            self.each(told.with_list(batch.iter().map(|key| &key.0)), &mut families, |family, row| {
                // Whatever was told of it, it was decided for that.
                family.counted |= watermark.is_some();
                family.see_told(row, &self.awaited);
            })?;
        }
        Ok(families.into_values().collect())
    }

    fn each<R: FromRow + Keyed>(
        &self,
        rows: Statement,
        families: &mut BTreeMap<Pseudonym, Candidate>,
        see: impl Fn(&mut Candidate, R),
    ) -> Result<(), Fault> {
        for row in self.store.many::<R>(rows, R::COLUMNS)? {
            if let Some(family) = families.get_mut(&row.key()) {
                see(family, row);
            }
        }
        Ok(())
    }
}

fn versions_of(source: &str, input: i64, keys: &[Pseudonym]) -> Statement {
    let these = Statement::new(format!("{VERSIONS} AND key IN ($3)")).with(source).with(input);
    these.with_list(keys.iter().map(|key| &key.0))
}

/// A family that is to be decided again though nothing new is said of it: on a date, or by the next run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Again {
    /// The family.
    pub key: Pseudonym,
    /// Not before this date.
    pub on: Option<NaiveDate>,
}

/// What a run has decided, as the next run of its feed has to know.
#[derive(Clone, Copy, Debug)]
pub struct DecidedRun<'a> {
    /// Becomes the feed's watermark.
    pub run: i64,
    /// Configured name.
    pub feed: &'a str,
    /// The business date, ISO.
    pub as_of: &'a str,
    /// Whether everybody was decided.
    pub everybody: bool,
    /// Families the feed has ever had to decide.
    pub families: u64,
    /// Of the families that were decided, those that are to be decided again.
    pub again: &'a [Again],
}

impl Change<'_> {
    /// Makes a run the watermark of its feed: what its inputs said is decided.
    ///
    /// # Errors
    /// STO001.
    pub fn record_decided(&mut self, decided: &DecidedRun) -> Result<(), Fault> {
        let DecidedRun { run, feed, as_of, everybody, families, again } = *decided;
        self.run(Statement::new("UPDATE run SET families = $2 WHERE id = $1").with(run).with(families))?;
        // What was due was decided. A later date of a family that was decided earlier does no harm.
        let due = if everybody {
            Statement::new("DELETE FROM again WHERE feed = $1").with(feed)
        } else {
            Statement::new("DELETE FROM again WHERE feed = $1 AND on_date <= $2").with(feed).with(as_of)
        };
        self.run(due)?;
        for batch in again.chunks(BATCH) {
            let row = |again: &Again| -> [Datum; 3] {
                let on = again.on.map_or(String::new(), |day| day.to_string());
                [feed.into(), (&again.key.0).into(), on.into()]
            };
            self.run(Statement::of_rows(
                "INSERT INTO again (feed, key, on_date) VALUES ($1, $2, $3)
                 ON CONFLICT (feed, key) DO UPDATE SET on_date = excluded.on_date",
                batch.iter().map(row),
            ))?;
        }
        Ok(())
    }

    /// Has the families of a delivery decided by the next run.
    pub(super) fn decide_again(&mut self, feed: &str, delivery: i64) -> Result<(), Fault> {
        let again = Statement::new(
            "INSERT INTO again (feed, key, on_date) SELECT feed, key, '' FROM ledger WHERE feed = $1
             AND from_delivery = $2 ON CONFLICT (feed, key) DO UPDATE SET on_date = excluded.on_date",
        );
        self.run(again.with(feed).with(delivery))
    }
}
