//! A source surveyed: which columns stand where, which families are scattered, which numbers are shared; then read.

use std::collections::HashSet;

use super::Open;
use super::keys::HashKey;
use super::log::Log;
use super::memory::{MarkedRow, MemoryCursor, RowMarks, RowMemory};
use super::numbers::{Numbers, PersonCells, SharedNumbers, uses};
use super::replay::{KeptInOrder, KeptRows, KnownRun, RowText};
use super::rules;
use crate::fault::Fault;
use crate::mapping::census::Belongs;
use crate::rows::rules::UNREADABLE;
use crate::rows::{Record, RowReached, Rows, Source};

/// What the mapping says of the whole file.
pub(super) struct TableLayout<'m> {
    pub source: Source<'m>,
    pub belongs: Option<&'m Belongs>,
    /// The employer's own mark, among what is wanted.
    pub mark: Option<usize>,
    pub people: Vec<PersonWanted<'m>>,
}

/// Which wanted columns hold a person's number and birth date.
pub(super) struct PersonWanted<'m> {
    pub ssn: usize,
    pub birth: usize,
    /// Cells of the number's column that mean that there is none.
    pub empty: &'m [String],
}

/// What the first reading found.
pub(super) struct Survey<'m> {
    /// For each wanted column, the cell it stands in, or the one it is made into.
    pub at: Vec<Option<usize>>,
    /// For each wanted column, the cells of the file it is read from.
    pub from: Vec<Vec<usize>>,
    /// Cells a row must have.
    pub width: usize,
    /// Data rows, without blank rows and totals.
    pub rows: u64,
    /// Hashes of the keys of families whose rows do not stand together.
    pub scattered: HashSet<u64>,
    /// The cells of each person's number and birth date.
    pub people: Vec<PersonCells<'m>>,
    /// The numbers that more than one family has.
    pub shared: SharedNumbers,
    /// Under which key everything is hashed.
    pub hash: HashKey,
    /// The cell of the key.
    pub key: Option<usize>,
    /// What decides, beside its bytes, what is read of a row; 0 where rows are not remembered.
    pub layout: u64,
    /// The rows, where they were kept.
    pub replay: Option<KeptRows>,
}

/// What comes next in a file that is read a second time.
pub(super) enum SeenAgain<'r> {
    /// A family of the memory, whose rows are what they were.
    Same(u32),
    /// A row of any other.
    Row(&'r Record),
}

impl Survey<'_> {
    /// A memory to be made by this reading; none where what is remembered is good enough, or nothing is.
    pub fn new_memory(&self, memory: Option<&RowMemory>) -> Option<RowMemory> {
        let is_good = |replay: &KeptRows| replay.is_nearly_known(self.rows);
        let is_wanted = memory.is_some() && !self.replay.as_ref().is_some_and(is_good);
        is_wanted.then(|| RowMemory::of(self.hash, self.layout))
    }

    /// Notes a row of a family, so that it can be remembered. `said` is how much was said of the file before it.
    pub fn mark(&self, marks: &mut RowMarks, record: &Record, said: u64) {
        if self.layout != 0 {
            let key = self.hash.short(record.cell(self.key));
            let row = MarkedRow { digest: record.digest, key, said_before: said };
            marks.note(&row, uses(record, &self.people, self.hash));
        }
    }
}

impl<'m> TableLayout<'m> {
    /// Its header found.
    pub fn open<'a>(&self, open: &mut Open<'a>) -> Result<Rows<'_, 'a>, Vec<Fault>> {
        self.source.open(open().map_err(|fault| vec![fault])?)
    }

    /// The first reading: judges the file as a whole.
    pub fn survey(&self, open: &mut Open<'_>, log: &mut Log) -> Result<Survey<'m>, Vec<Fault>> {
        self.survey_by(open, log, None)
    }

    /// The first reading, by what is remembered of an earlier file's rows.
    pub fn survey_by(
        &self,
        open: &mut Open<'_>,
        log: &mut Log,
        memory: Option<&RowMemory>,
    ) -> Result<Survey<'m>, Vec<Fault>> {
        let mut rows = self.open(open)?;
        rows.dropped().into_iter().for_each(|fault| log.add(fault));
        let cells = |person: &PersonWanted<'m>| PersonCells {
            ssn: rows.at()[person.ssn],
            birth: rows.at()[person.birth],
            empty: person.empty,
        };
        let hash = memory.map_or(HashKey::default(), |memory| memory.key);
        let people = self.people.iter().map(cells).collect();
        let mut pass = Pass { runs: Vec::new(), known: Vec::new(), last: 0, people, numbers: Numbers::default(), hash };
        let layout = if memory.is_some() { hash.short(rows.layout().as_bytes()) } else { 0 };
        let replay = match memory {
            Some(memory) if memory.header == layout => self.survey_known(&mut rows, &mut pass, memory).map(Some),
            Some(_) => self.survey_known(&mut rows, &mut pass, &RowMemory::new(hash)).map(Some),
            None => self.survey_rows(&mut rows, &mut pass).map(|()| None),
        };
        let replay = replay.map_err(|fault| vec![fault])?;
        let (at, from, width) = (rows.at().to_vec(), rows.from().to_vec(), rows.width());
        let Pass { runs, known, people, numbers, .. } = pass;
        let (rows, scattered, shared) = (rows.people(), repeated(runs, &known), numbers.shared());
        let key = at[self.source.key];
        Ok(Survey { at, from, width, rows, scattered, people, shared, hash, key, layout, replay })
    }

    fn survey_rows(&self, rows: &mut Rows<'_, '_>, pass: &mut Pass<'_>) -> Result<(), Fault> {
        let mark = self.marks(rows);
        let key = rows.at()[self.source.key];
        let mut record = Record::new();
        while rows.next(&mut record)? {
            pass.note(&record, key);
            self.refuse_others(&record, mark)?;
        }
        Ok(())
    }

    /// The cell of the employer's own mark.
    fn marks(&self, rows: &Rows<'_, '_>) -> Option<usize> {
        self.mark.and_then(|mark| rows.at()[mark])
    }

    fn refuse_others(&self, record: &Record, mark: Option<usize>) -> Result<(), Fault> {
        if self.belongs.is_some_and(|belongs| record.cell(mark) != belongs.value.as_bytes()) {
            return Err(rules::NOT_THEIRS.at(self.source.place(record.line, Some("belongs"))));
        }
        Ok(())
    }

    /// As [`TableLayout::survey_rows`]; rows of families that are known are not taken apart. Their mark is the
    /// employer's: it was when they were remembered.
    fn survey_known(
        &self,
        rows: &mut Rows<'_, '_>,
        pass: &mut Pass<'_>,
        memory: &RowMemory,
    ) -> Result<KeptRows, Fault> {
        let (key, mark) = (rows.at()[self.source.key], self.marks(rows));
        let mut known = KnownSurvey::new(memory, key);
        let mut record = Record::new();
        loop {
            match rows.next_unless(&mut record, &mut known.cursor)? {
                RowReached::Known => known.meet(rows, pass)?,
                RowReached::Person => {
                    known.end_run(rows, pass, Some(&record))?;
                    pass.note(&record, key);
                    self.refuse_others(&record, mark)?;
                    known.replay.keep(&record);
                }
                RowReached::End => {
                    known.end_run(rows, pass, None)?;
                    known.replay.passed = rows.passed().clone();
                    return Ok(known.replay);
                }
            }
        }
    }

    /// The second reading: hands over every row. The survey has judged the file.
    pub fn rows(
        &self,
        open: &mut Open<'_>,
        log: &mut Log,
        each: &mut dyn FnMut(&Record, &mut Log) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let (mut rows, mut record) = (self.open_again(open)?, Record::new());
        while rows.next(&mut record)? {
            each(&record, log)?;
        }
        log.left_out(rows.passed())
    }

    /// The second reading by what the first has found: of the rows it kept, where it kept all of them.
    pub fn rows_by(
        &self,
        reading: SecondReading<'_, '_, 'm>,
        log: &mut Log,
        each: &mut dyn FnMut(SeenAgain<'_>, &mut Log) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let SecondReading { open, survey, memory } = reading;
        let Some(memory) = memory else {
            return self.rows(open, log, &mut |record, log| each(SeenAgain::Row(record), log));
        };
        let kept = survey.replay.as_ref();
        if let Some(replay) = kept.filter(|kept| kept.stands_for(memory, &survey.scattered, &survey.shared)) {
            return from_kept(replay, log, each);
        }
        // Read in full, and remembered.
        let (nothing, mut record) = (RowMemory::new(survey.hash), Record::new());
        let (mut rows, mut cursor) = (self.open_again(open)?, MemoryCursor::new(&nothing));
        while rows.next_unless(&mut record, &mut cursor)? == RowReached::Person {
            each(SeenAgain::Row(&record), log)?;
        }
        log.left_out(rows.passed())
    }

    fn open_again<'a>(&self, open: &mut Open<'a>) -> Result<Rows<'_, 'a>, Fault> {
        let changed = || UNREADABLE.at(self.source.place(0, None));
        self.open(open).map_err(|faults| faults.into_iter().next().unwrap_or_else(changed))
    }
}

fn from_kept(
    kept: &KeptRows,
    log: &mut Log,
    each: &mut dyn FnMut(SeenAgain<'_>, &mut Log) -> Result<(), Fault>,
) -> Result<(), Fault> {
    for one in &kept.rows {
        match one {
            KeptInOrder::Same(family) => each(SeenAgain::Same(*family), log)?,
            KeptInOrder::Row(record) => each(SeenAgain::Row(record), log)?,
        }
    }
    log.left_out(&kept.passed)
}

/// What a second reading goes by.
pub(super) struct SecondReading<'r, 'o, 'm> {
    pub open: &'r mut Open<'o>,
    pub survey: &'r Survey<'m>,
    pub memory: Option<&'r RowMemory>,
}

/// A first reading that passes over what is known.
struct KnownSurvey<'m> {
    cursor: MemoryCursor<'m>,
    run: KnownRun,
    replay: KeptRows,
    /// The cell of the key.
    key: Option<usize>,
    spare: Record,
}

impl<'m> KnownSurvey<'m> {
    fn new(memory: &'m RowMemory, key: Option<usize>) -> KnownSurvey<'m> {
        let (run, replay) = (KnownRun::default(), KeptRows::default());
        KnownSurvey { cursor: MemoryCursor::new(memory), run, replay, key, spare: Record::new() }
    }

    /// Meets a known row.
    fn meet(&mut self, rows: &mut Rows<'_, '_>, pass: &mut Pass<'_>) -> Result<(), Fault> {
        let (bytes, line) = rows.known_row();
        if !self.run.is_whole(self.cursor.memory) && self.run.add(&self.cursor, RowText { line, bytes }) {
            return Ok(());
        }
        let bytes = bytes.to_vec();
        self.end_run(rows, pass, None)?;
        let row = RowText { line, bytes: &bytes };
        if self.run.add(&self.cursor, row) { Ok(()) } else { self.take_apart(rows, pass, row) }
    }

    /// The rows of a family have passed, or the next row is no known one of it: it is the family that is known, where
    /// all of it was met and the next row is another's. Its rows are like any others where not.
    fn end_run(&mut self, rows: &mut Rows<'_, '_>, pass: &mut Pass<'_>, next: Option<&Record>) -> Result<(), Fault> {
        if self.run.is_empty() {
            return Ok(());
        }
        let (memory, family) = (self.cursor.memory, self.run.family);
        let key = memory.families[family as usize].key;
        let goes_on = next.is_some_and(|next| {
            let of_next = next.cell(self.key);
            of_next.is_empty() || pass.hash.short(of_next) == key
        });
        if self.run.is_whole(memory) && !goes_on {
            pass.note_known(key);
            pass.numbers.note_known(key, memory.uses_of(family).iter().copied());
            self.replay.keep_known(family);
            self.run.clear();
            return Ok(());
        }
        let run = std::mem::take(&mut self.run);
        for row in run.rows() {
            self.take_apart(rows, pass, row)?;
        }
        Ok(())
    }

    fn take_apart(&mut self, rows: &mut Rows<'_, '_>, pass: &mut Pass<'_>, row: RowText) -> Result<(), Fault> {
        self.spare.line = row.line;
        rows.take_apart(row.bytes, &mut self.spare)?;
        self.spare.digest = Some(pass.hash.long(row.bytes));
        pass.note(&self.spare, self.key);
        self.replay.keep(&self.spare);
        Ok(())
    }
}

struct Pass<'m> {
    /// One hash per run of rows with the same key: eight bytes per family.
    runs: Vec<u64>,
    /// The same of remembered families: each comes once.
    known: Vec<u64>,
    last: u64,
    people: Vec<PersonCells<'m>>,
    numbers: Numbers,
    hash: HashKey,
}

impl Pass<'_> {
    fn note(&mut self, record: &Record, key: Option<usize>) {
        let key = record.cell(key);
        // A row without a key is refused when it is read. It must not seem to end its neighbours' family here: they
        // would be kept aside for nothing.
        let family = if key.is_empty() { self.last } else { self.hash.short(key) };
        self.note_family(family);
        self.numbers.note(family, uses(record, &self.people, self.hash));
    }

    fn note_family(&mut self, family: u64) {
        if family != self.last {
            self.runs.push(family);
            self.last = family;
        }
    }

    /// Also where the row before is of the same family and not known: then it stands in two places.
    fn note_known(&mut self, family: u64) {
        self.known.push(family);
        self.last = family;
    }
}

/// The keys of which rows stand in more than one place.
fn repeated(mut runs: Vec<u64>, known: &[u64]) -> HashSet<u64> {
    runs.sort_unstable();
    let twice = runs.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
    let among_runs = known.iter().copied().filter(|key| runs.binary_search(key).is_ok());
    twice.chain(among_runs).collect()
}
