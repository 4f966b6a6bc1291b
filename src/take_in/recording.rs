//! What a file says of families, held against what is known of them: only those that differ are kept.

use std::collections::{HashMap, HashSet};

use zeroize::Zeroizing;

use super::drift::{LISTED_MAX, MovedDay};
use super::identity::{FamilyNumbers, Identities, missing};
use super::moved::MovedValues;
use super::remembered::{FileRead, KnownBefore, family_of, recall, token};
use super::source::employer;
use super::trial::is_made_up;
use crate::census::{self, CensusFamily, FamilyToken, RowMemory, StrayRow, Summary};
use crate::engine::{Engine, RecordPlace, open_record};
use crate::fault::Fault;
use crate::model::election::Election;
use crate::model::ids::{Digest, Pseudonym};
use crate::model::person::Family;
use crate::model::phi::Phi;
use crate::model::record::{FamilyColumn, FamilyRecord, to_bytes};
use crate::model::row_line::RowLine;
use crate::model::source::{SourceKind, SourceRef};
use crate::store::{FamilyRow, IN_THE_INBOX};

/// Where a recording puts what it finds.
pub(super) trait FamilySink {
    /// New versions of families.
    ///
    /// # Errors
    /// The store's.
    fn replace(&mut self, source: &str, rows: Vec<FamilyRow>) -> Result<(), Fault>;
    /// Families that have somebody in common, both ways.
    ///
    /// # Errors
    /// The store's.
    fn beside(&mut self, source: &str, pairs: Vec<(Pseudonym, Pseudonym)>) -> Result<(), Fault>;
    /// Families that the source no longer contains.
    ///
    /// # Errors
    /// The store's.
    fn end(&mut self, source: &str, keys: &[Pseudonym]) -> Result<(), Fault>;
}

/// What a file says of one family.
pub(super) struct FamilyStatement<'s, T> {
    pub family_key: &'s Phi<String>,
    pub record: &'s T,
    /// Where its first row stands.
    pub line: RowLine,
    /// A row of it could not be read.
    pub incomplete: bool,
}

/// How many families have a new version since a file was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Versions {
    /// Families that differ from before.
    pub changed: u64,
    /// Families that the source no longer contains.
    pub ended: u64,
    /// Families that were known before.
    pub known: u64,
    /// Families that the file tells of.
    pub stated: u64,
    /// Those of them that were known.
    pub met: u64,
}

impl Versions {
    /// Both together.
    pub fn all(self) -> u64 {
        self.changed + self.ended
    }
}

/// Compares families with what is known, and keeps those that differ.
pub(super) struct Recording<'r> {
    pub engine: &'r Engine,
    pub source: &'r str,
    /// The input that its versions begin with.
    input: i64,
    sink: &'r mut dyn FamilySink,
    known: HashMap<Pseudonym, Digest>,
    /// Whether the source told of anybody before.
    is_first: bool,
    numbers: &'r FamilyNumbers,
    /// The families for which they stand.
    renumbered: HashSet<Pseudonym>,
    /// Families under other numbers that were met: none may come twice.
    met: HashSet<Pseudonym>,
    twice: Vec<RowLine>,
    identities: Identities,
    employer: String,
    rows: Vec<UnsealedRow>,
    found: Versions,
    moved: MovedValues,
    moved_days: Vec<MovedDay>,
    made_up: u64,
}

/// What a recording came to.
pub(super) struct Recorded {
    /// Families that have a new version.
    pub versions: Versions,
    /// Families that have come under another number, of which nothing was known before: the file is read again.
    pub renumbered: FamilyNumbers,
    /// Where a family stands under a second number.
    pub twice: Vec<RowLine>,
    /// Values that are told otherwise than before.
    pub moved: MovedValues,
    /// First days that have moved.
    pub moved_days: Vec<MovedDay>,
    /// Families that are made up.
    pub made_up: u64,
}

/// What a file says of a family, beside what was said before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ToldBefore {
    /// Nothing was.
    First,
    /// The same.
    Same,
    /// Something else.
    Otherwise,
}

/// A family recorded.
struct StatedFamily {
    before: ToldBefore,
    token: FamilyToken,
}

/// A new version that waits to be sealed with others: their keys are asked for together.
struct UnsealedRow {
    key: Pseudonym,
    line: RowLine,
    digest: Digest,
    incomplete: bool,
    known: bool,
    column: FamilyColumn,
    plain: Zeroizing<Vec<u8>>,
}

/// Rows gathered before they are written.
const GATHERED: usize = 1000;

impl<'r> Recording<'r> {
    pub fn new(engine: &'r Engine, source: &'r str, sink: &'r mut dyn FamilySink, before: Before<'r>) -> Recording<'r> {
        let employer = employer(engine, source).map(|name| name.to_string()).unwrap_or_default();
        let Before { input, known, numbers } = before;
        Recording {
            engine,
            source,
            input,
            sink,
            is_first: known.is_empty(),
            found: Versions { known: known.len() as u64, ..Versions::default() },
            known,
            numbers,
            renumbered: numbers.values().copied().collect(),
            met: HashSet::new(),
            twice: Vec::new(),
            identities: Identities::default(),
            employer,
            rows: Vec::new(),
            moved: MovedValues::default(),
            moved_days: Vec::new(),
            made_up: 0,
        }
    }

    /// Whoever the family key names at an employer is the same family in the census and in the elections, under
    /// whatever number it was first seen.
    fn key(&self, family_key: &Phi<String>) -> Pseudonym {
        let number = self.number(family_key);
        self.numbers.get(&number).copied().unwrap_or(number)
    }

    fn number(&self, family_key: &Phi<String>) -> Pseudonym {
        Recording::number_at(self.engine, &self.employer, family_key)
    }

    /// What a key is at an employer, whoever is known under it.
    pub fn number_at(engine: &Engine, employer: &str, family_key: &Phi<String>) -> Pseudonym {
        let parts = [employer.as_bytes(), family_key.reveal().as_bytes()];
        Pseudonym(engine.vault.pseudonym("family", &parts))
    }

    /// What is remembered of the source's rows before its file of this date is read.
    pub fn recall(&self, date: &str) -> RowMemory {
        let file = FileRead { source: self.source, date };
        recall(self.engine, file, KnownBefore { digests: &self.known, numbers: self.numbers })
    }

    /// Records a family whose rows are remembered, and of which the same is said as before: it goes on being known so.
    pub fn same(&mut self, token: &FamilyToken) -> Option<FamilyToken> {
        let (key, _) = family_of(token);
        self.found.stated += 1;
        self.found.met += u64::from(self.known.remove(&key).is_some());
        Some(*token)
    }

    /// Records a census's family, and who of it is known from elsewhere. Returns what it may be remembered by.
    pub fn census_family(&mut self, row: &CensusFamily) -> Result<Option<FamilyToken>, Fault> {
        let (key, family_key) = (self.key(&row.family_key), &row.family_key);
        if let Some(family) = &row.family {
            self.made_up += u64::from(is_made_up(family));
            if row.doubled {
                self.identities.note_doubled(self.engine, key, family);
            }
            if !self.is_first && !self.known.contains_key(&key) {
                self.identities.note_new(self.engine, self.number(family_key), family);
            }
        }
        // A number that another family is known by now may come again: then nobody can tell which of the two is meant.
        let again = self.renumbered.contains(&key) && !self.met.insert(key);
        let incomplete = row.incomplete || again;
        self.twice.extend(Some(row.line).filter(|_| again));
        let said = FamilyStatement { family_key, record: &row.family, line: row.line, incomplete };
        let stated = self.state(key, &said)?;
        let Some(family) = &row.family else { return Ok(None) };
        if stated.before == ToldBefore::Otherwise {
            self.compare(key, family, row.line)?;
        }
        // Whoever is made up is counted in every file.
        Ok(Some(stated.token).filter(|_| !is_made_up(family)))
    }

    /// Compares a family of which something else was told before, as long as there are few of them.
    fn compare(&mut self, key: Pseudonym, now: &Family, line: RowLine) -> Result<(), Fault> {
        if self.moved.is_enough() {
            return Ok(());
        }
        if let Some(Some(before)) = self.as_told::<Option<Family>>(key)? {
            self.moved.compare(&before, now);
            self.note_moved(MovedDay::of_hire(line, &before, now));
        }
        Ok(())
    }

    fn note_moved(&mut self, moved: Option<MovedDay>) {
        if self.moved_days.len() < LISTED_MAX {
            self.moved_days.extend(moved);
        }
    }

    /// Records a family's elections. Returns what they may be remembered by.
    pub fn elections(&mut self, said: &FamilyStatement<Vec<Election>>) -> Result<Option<FamilyToken>, Fault> {
        let key = self.key(said.family_key);
        let stated = self.state(key, said)?;
        if stated.before == ToldBefore::Otherwise && self.moved_days.len() < LISTED_MAX {
            let before = self.as_told::<Vec<Election>>(key)?.unwrap_or_default();
            self.note_moved(MovedDay::of_plan(said.line, &before, said.record));
        }
        Ok(Some(stated.token))
    }

    fn state<T: FamilyRecord>(&mut self, key: Pseudonym, said: &FamilyStatement<T>) -> Result<StatedFamily, Fault> {
        let (line, incomplete) = (said.line, said.incomplete);
        let mut bytes = to_bytes(said.record);
        // The digest tells a complete statement from an incomplete one with the same content; the record does not.
        bytes.push(u8::from(incomplete));
        let digest = Digest(self.engine.vault.digest(self.source, &bytes));
        bytes.pop();
        let before = self.known.remove(&key);
        self.found.stated += 1;
        self.found.met += u64::from(before.is_some());
        let token = token(key, digest);
        if before == Some(digest) {
            return Ok(StatedFamily { before: ToldBefore::Same, token });
        }
        // Whoever has come under another number may be met twice, and was known before all of it.
        let known = before.is_some() || self.renumbered.contains(&key);
        let (column, plain) = (T::COLUMN, Zeroizing::new(bytes));
        self.rows.push(UnsealedRow { key, line, digest, incomplete, known, column, plain });
        self.found.changed += 1;
        if self.rows.len() >= GATHERED {
            self.flush()?;
        }
        let before = if before.is_some() { ToldBefore::Otherwise } else { ToldBefore::First };
        Ok(StatedFamily { before, token })
    }

    fn flush(&mut self) -> Result<(), Fault> {
        self.engine.steps.check_interrupted()?;
        let rows = std::mem::take(&mut self.rows);
        if self.input != IN_THE_INBOX {
            self.engine.ensure_family_keys(&rows.iter().map(|row| row.key).collect::<Vec<_>>())?;
        }
        let sealed = rows.into_iter().map(|row| self.sealed(row)).collect::<Result<_, Fault>>()?;
        self.sink.replace(self.source, sealed)
    }

    fn sealed(&self, row: UnsealedRow) -> Result<FamilyRow, Fault> {
        let UnsealedRow { key, line, digest, incomplete, known, column, plain } = row;
        let at = RecordPlace { of: self.source, key, from: self.input };
        Ok(FamilyRow { key, line, digest, incomplete, known, sealed: self.engine.seal_cell(at, column, &plain)? })
    }

    /// Ends the families that the source no longer contains, where that means something.
    ///
    /// # Errors
    /// The store's and the vault's.
    pub fn finish(mut self, summary: &Summary) -> Result<Recorded, Fault> {
        if summary.absence_is_meaningful {
            self.find_among(&summary.strays)?;
        }
        self.flush()?;
        let mut gone: Vec<Pseudonym> = std::mem::take(&mut self.known).into_keys().collect();
        gone.sort_unstable();
        let pairs = self.identities.beside();
        if self.is_census() {
            self.sink.beside(self.source, pairs)?;
        }
        let Recording { found: versions, twice, moved, moved_days, made_up, .. } = self;
        let recorded = |versions: Versions, renumbered: FamilyNumbers| Recorded {
            versions,
            renumbered,
            twice,
            moved,
            moved_days,
            made_up,
        };
        if !summary.absence_is_meaningful {
            return Ok(recorded(versions, FamilyNumbers::new()));
        }
        let renumbered = if self.identities.any_new() {
            let missing = missing(self.engine, self.source, &gone)?;
            self.identities.renumbered(self.engine, self.source, &missing)?
        } else {
            FamilyNumbers::new()
        };
        self.sink.end(self.source, &gone)?;
        Ok(recorded(Versions { ended: gone.len() as u64, ..versions }, renumbered))
    }

    /// Looks for whoever seems absent in the rows that belong to nobody. Who stands in one is there, and unread: their
    /// row has to be mended, and nobody asks whether they have left.
    fn find_among(&mut self, strays: &[StrayRow]) -> Result<(), Fault> {
        for stray in strays {
            for key in stray.keys().map(|key| self.key(key)).collect::<Vec<_>>() {
                if self.known.contains_key(&key) {
                    self.is_unread(key, stray.line)?;
                }
            }
        }
        // Elections name nobody: only a key tells whose they are.
        let by_name = self.is_census() && !strays.is_empty();
        let absent: Vec<Pseudonym> = if by_name { self.known.keys().copied().collect() } else { Vec::new() };
        for key in absent {
            let family = self.as_told::<Option<Family>>(key)?.flatten();
            let shown = family.and_then(|family| strays.iter().find(|stray| stray.shows(&family)));
            if let Some(stray) = shown {
                self.is_unread(key, stray.line)?;
            }
        }
        Ok(())
    }

    /// What the source told of a family last.
    fn as_told<T: FamilyRecord>(&self, key: Pseudonym) -> Result<Option<T>, Fault> {
        let Some(kept) = self.engine.store.sealed_family(self.source, key)? else { return Ok(None) };
        let at = RecordPlace { of: self.source, key, from: kept.from };
        open_record(self.engine, at, &kept.sealed).map(Some)
    }

    fn is_census(&self) -> bool {
        SourceRef::parse(self.source).is_some_and(|source| source.kind == SourceKind::Census)
    }

    /// Records that a family is in the file, and that nothing new could be read of it: as it was told before, and
    /// incomplete.
    fn is_unread(&mut self, key: Pseudonym, line: RowLine) -> Result<(), Fault> {
        let family_key = &Phi::default();
        if self.is_census() {
            let record = &self.as_told::<Option<Family>>(key)?.flatten();
            return self.state(key, &FamilyStatement { family_key, record, line, incomplete: true }).map(drop);
        }
        let mut elections = self.as_told::<Vec<Election>>(key)?.unwrap_or_default();
        let unread = census::unread_election();
        if !elections.contains(&unread) {
            elections.push(unread);
        }
        self.state(key, &FamilyStatement { family_key, record: &elections, line, incomplete: true }).map(drop)
    }
}

/// What was known of a source's families before a file is read, and what its own versions will begin with.
pub(super) struct Before<'b> {
    /// The input that is read; 0 for a file that is only looked at.
    pub input: i64,
    /// Their digests.
    pub known: HashMap<Pseudonym, Digest>,
    /// Which of them have come under other numbers.
    pub numbers: &'b FamilyNumbers,
}
