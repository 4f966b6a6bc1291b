//! What a reading finds, besides the people: counts and faults, bounded.

use super::rules;
use super::stray::StrayRow;
use crate::fault::{Class, Fault, Label, Place, Rule, Severity};
use crate::mapping::format::Limits;
use crate::model::row_line::RowLine;
use crate::rows::{LeftOut, Passed, Record};

/// Most faults kept of one file. The rest is counted.
pub const FAULTS_MAX: usize = 1000;

/// Most rows that belong to nobody of which the cells are kept.
const STRAYS_MAX: usize = 1000;

/// What a source held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Data rows, without header, trailer, blank rows and totals.
    pub rows: u64,
    /// Families handed over, readable or not.
    pub families: u64,
    /// Families of which something could not be read.
    pub incomplete: u64,
    /// Families of which not even the subscriber could be read.
    pub nameless: u64,
    /// Rows refused.
    pub bad_rows: u64,
    /// Rows of which not even the family could be read.
    pub unattributed_rows: u64,
    /// Those rows, and the lines that nobody declared: a family that is not in the file may stand in one of them.
    pub strays: Vec<StrayRow>,
    /// Whether a family that is not in the file, and in none of its strays, is really gone from it: the mapping says
    /// that the file tells of everybody, and every stray was kept.
    pub absence_is_meaningful: bool,
    /// Faults of all rows, at most [`FAULTS_MAX`]; warnings and notices among them.
    pub faults: Vec<Fault>,
    /// Faults beyond that.
    pub faults_omitted: u64,
    /// What the employer is to correct; at most [`FAULTS_MAX`].
    pub asked: Vec<AskedCell>,
}

/// Something that the employer is to correct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedCell {
    /// A hash of the family's key: what tells this request from another one while the file is read. 0 where the family
    /// cannot be told.
    pub family: u64,
    /// Where several files make a census, what the mapping calls the one that is meant; else empty.
    pub part: String,
    /// The line of the row.
    pub line: u64,
    /// The column of the mapping, with the dependent's number; empty where the whole row is meant.
    pub column: String,
    /// The rule that is broken.
    pub rule: Rule,
}

/// Collects while a source is read.
#[derive(Debug)]
pub(super) struct Log {
    pub source: Label,
    pub summary: Summary,
    /// A hash of the key of the family whose rows are being read; 0 where it cannot be told.
    pub family: u64,
    /// What is told once of a file, however many rows it is true of.
    tallies: Vec<(&'static Rule, LeftOut)>,
    bad_rows_max: u64,
    /// Rows of which not even the person can be told.
    grave_rows: u64,
    is_grave: bool,
    /// Rows that belong to nobody, kept or not.
    strays: u64,
    /// How often anything was said of a row.
    said: u64,
    /// Where several files make a census, what they are called, and which of them is read, from 1; 0 for none.
    parts: Vec<(Label, String)>,
    pub part: usize,
}

/// In a line that several files share, the bits that say which file it is of.
const PART_SHIFT: u32 = 48;

/// A line as its own file has it.
fn line_of(line: u64) -> u64 {
    line & ((1 << PART_SHIFT) - 1)
}

/// Titles and notices that a file may have beyond its bad rows, declared or not: a page of small print.
const LINES_MAX: u64 = 50;

impl Log {
    pub fn new(source: &str) -> Log {
        let summary = Summary::default();
        Log {
            source: Label::new(source),
            summary,
            family: 0,
            tallies: Vec::new(),
            bad_rows_max: u64::MAX,
            grave_rows: 0,
            is_grave: false,
            strays: 0,
            said: 0,
            parts: Vec::new(),
            part: 0,
        }
    }

    /// Of several files that make a census, with what each is called.
    pub fn of_parts<'p>(source: &str, parts: impl Iterator<Item = &'p str>) -> Log {
        let label = |part: &str| (Label::new(&format!("{source} {part}")), part.to_string());
        Log { parts: parts.map(label).collect(), ..Log::new(source) }
    }

    /// A line of the file that is being read, told from the same line of the others.
    pub fn line_in_part(&self, line: u64) -> u64 {
        line | (self.part as u64) << PART_SHIFT
    }

    /// The file that a line is of; none where there is one only.
    fn part_of(&self, line: u64) -> Option<&(Label, String)> {
        let coded = (line >> PART_SHIFT) as usize;
        let part = if coded == 0 { self.part } else { coded };
        self.parts.get(part.checked_sub(1)?)
    }

    /// A line that several files share, as one that knows which of them it is of.
    pub fn row_line(&self, line: u64) -> RowLine {
        let plain = RowLine::of(line_of(line));
        self.part_of(line).map_or(plain, |(_, part)| plain.in_part(part))
    }

    /// Tells how many rows there are, and with that how many may be bad.
    pub fn expect(&mut self, rows: u64, limits: &Limits) {
        self.summary.rows = rows;
        // A few bad rows are bearable however small the file is, but never more than half: of a file of four rows,
        // three bad ones are no census.
        let few = limits.bad_rows_max.min(rows / 2);
        self.bad_rows_max = few.max(rows * u64::from(limits.bad_rows_percent_max) / 100);
    }

    pub fn place(&self, line: u64, column: Option<&str>) -> Place {
        let source = self.part_of(line).map_or(&self.source, |(label, _)| label).clone();
        Place::Row { source, line: line_of(line), column: column.map(Label::new) }
    }

    /// Notes a broken rule. Returns whether the row it stands in is refused.
    pub fn note(&mut self, rule: &Rule, line: u64, column: Option<&str>) -> bool {
        // Where people have a row for each of their plans, every other row of a file says so: what is wrong beside it
        // would have no room.
        if *rule == rules::SAME_ROW {
            self.tally(&rules::SAME_ROW, line);
            return false;
        }
        self.ask(rule, line, column);
        self.add(rule.at(self.place(line, column)));
        rule.severity >= Severity::Error
    }

    /// How often anything was said of a row so far: where it stays the same, there was nothing to say.
    pub fn said(&self) -> u64 {
        self.said
    }

    /// Asks the employer to correct a cell or a row.
    pub fn ask(&mut self, rule: &Rule, line: u64, column: Option<&str>) {
        self.said += 1;
        let is_theirs = rule.class == Class::Theirs && rule.severity >= Severity::Warning;
        if is_theirs && self.summary.asked.len() < FAULTS_MAX {
            let column = column.unwrap_or_default().to_string();
            let part = self.part_of(line).map(|(_, part)| part.clone()).unwrap_or_default();
            self.summary.asked.push(AskedCell { family: self.family, part, line: line_of(line), column, rule: *rule });
        }
    }

    pub fn add(&mut self, fault: Fault) {
        self.said += 1;
        if self.summary.faults.len() < FAULTS_MAX {
            self.summary.faults.push(fault);
        } else {
            self.summary.faults_omitted += 1;
        }
    }

    /// Says of the row that is being read that not even the person can be told: its key, name, relationship or birth
    /// date is bad, or its cells are shifted.
    pub fn is_grave(&mut self) {
        self.is_grave = true;
    }

    /// Counts a bad row; an error when there are now too many grave ones.
    pub fn bad_row(&mut self) -> Result<(), Fault> {
        self.said += 1;
        self.summary.bad_rows += 1;
        // A number or an address that is bad is a question about its person. Of rows that nobody can attribute, many
        // mean that the file is not what it should be.
        self.grave_rows += u64::from(std::mem::take(&mut self.is_grave));
        if self.grave_rows <= self.bad_rows_max {
            return Ok(());
        }
        let fault = rules::TOO_MANY_BAD.at(Place::Named(self.source.clone()));
        Err(fault.count("allowed", self.bad_rows_max))
    }

    /// Notes a rule that is told once, with the number of rows it is true of.
    pub fn tally(&mut self, rule: &'static Rule, line: u64) {
        self.said += 1;
        let line = self.line_in_part(line);
        self.tally_of(rule).note(line);
    }

    /// Takes over what was passed over in one of several files, with the rows in it that belong to nobody; an error as
    /// [`Log::left_out`] has it.
    pub fn left_out_of_part(&mut self, passed: Log) -> Result<(), Fault> {
        for (rule, left) in passed.tallies.into_iter().filter(|(_, left)| left.rows > 0) {
            let line = self.line_in_part(left.first_line);
            let known = self.tally_of(rule);
            known.first_line = if known.rows == 0 { line } else { known.first_line };
            known.rows += left.rows;
        }
        self.strays += passed.strays;
        let room = STRAYS_MAX.saturating_sub(self.summary.strays.len());
        let mut strays: Vec<StrayRow> = passed.summary.strays.into_iter().take(room).collect();
        strays.iter_mut().for_each(|row| row.line = self.row_line(row.line.line()));
        self.summary.strays.extend(strays);
        let (lines, allowed) = (self.tally_of(&rules::LINES).rows, self.bad_rows_max.saturating_add(LINES_MAX));
        if lines <= allowed {
            return Ok(());
        }
        let fault = rules::TOO_MANY_BAD.at(Place::Named(self.source.clone()));
        Err(fault.count("allowed", allowed).count("lines nobody declared", lines))
    }

    fn tally_of(&mut self, rule: &'static Rule) -> &mut LeftOut {
        let known = self.tallies.iter().position(|(of, _)| *of == rule);
        let at = known.unwrap_or_else(|| {
            self.tallies.push((rule, LeftOut::default()));
            self.tallies.len() - 1
        });
        &mut self.tallies[at].1
    }

    /// Tells which rows were no people's; an error when there are more undeclared lines than a file of people has.
    pub fn left_out(&mut self, passed: &Passed) -> Result<(), Fault> {
        *self.tally_of(&rules::TOTALS) = passed.totals;
        *self.tally_of(&rules::REMARKS) = passed.remarks;
        *self.tally_of(&rules::LINES) = passed.lines;
        *self.tally_of(&rules::DEFAULTED) = passed.defaulted;
        passed.kept.iter().for_each(|record| self.stray(record));
        let allowed = self.bad_rows_max.saturating_add(LINES_MAX);
        if passed.lines.rows <= allowed {
            return Ok(());
        }
        let fault = rules::TOO_MANY_BAD.at(Place::Named(self.source.clone()));
        Err(fault.count("allowed", allowed).count("lines nobody declared", passed.lines.rows))
    }

    /// Keeps a row that belongs to nobody.
    fn stray(&mut self, record: &Record) {
        self.strays += 1;
        if self.summary.strays.len() < STRAYS_MAX {
            self.summary.strays.push(StrayRow::of(record, self.row_line(record.line)));
        }
    }

    /// Counts and keeps a row of which not even the family can be told.
    pub fn unattributed(&mut self, record: &Record) {
        self.summary.unattributed_rows += 1;
        self.stray(record);
    }

    /// Says whether the file tells of everybody. Absence means something then, unless there are more strays than were
    /// kept: that is said.
    pub fn tells_of_everybody(&mut self, everybody: bool) {
        let kept = self.strays == self.summary.strays.len() as u64;
        if everybody && !kept {
            let fault = rules::ABSENCE_UNSEEN.at(Place::Named(self.source.clone()));
            self.add(fault.count("rows that belong to nobody", self.strays));
        }
        self.summary.absence_is_meaningful = everybody && kept;
    }

    /// The file is refused: the reason first, then what was found in its rows.
    pub fn refuse(mut self, reason: Fault) -> Vec<Fault> {
        self.summary.faults.insert(0, reason);
        self.summary.faults
    }

    /// The file is accepted.
    pub fn finish(mut self) -> Summary {
        for (rule, rows) in std::mem::take(&mut self.tallies).into_iter().filter(|(_, rows)| rows.rows > 0) {
            self.add(rule.at(self.place(rows.first_line, None)).count("rows", rows.rows));
        }
        self.summary
    }
}
