//! A source opened: its header found, then its people's rows, one after the other, and at the end the verdict whether
//! it came whole.

use std::io::Read;
use std::ops::Range;

use super::beginning::Beginning;
use super::columns::{self, FoundColumns, Spot, Wanted};
use super::delimited::Delimited;
use super::fixed::{Fixed, FixedLayout};
use super::form::{Broken, Form, KnownRows};
use super::json::JsonLines;
use super::maker::Maker;
use super::passed::{NoPerson, Passed, RowShape};
use super::record::Record;
use super::rules;
use super::workbook::{KeptSheet, Workbook};
use crate::fault::{Fault, Label, Place};
use crate::mapping::column::header_form;
use crate::mapping::format::{FileForm, Format, Limits, RowEnds, Trailer};
use crate::mapping::position::Position;

/// What is asked of a file.
pub struct Source<'m> {
    /// The source, as configured.
    pub name: Label,
    /// How its files are written.
    pub format: &'m Format,
    /// Bounds.
    pub limits: &'m Limits,
    /// The columns asked for.
    pub wanted: Vec<Wanted>,
    /// The index among them of the one that says whose row it is.
    pub key: usize,
    /// A workbook's sheet, once it was read. Whoever asks for one file of a source asks for the same each time.
    pub kept: KeptSheet,
}

impl<'m> Source<'m> {
    /// A place in the source's files.
    pub fn place(&self, line: u64, column: Option<&str>) -> Place {
        Place::Row { source: self.name.clone(), line, column: column.map(Label::new) }
    }

    /// Opens a file and moves to its first row.
    ///
    /// # Errors
    /// What is wrong with the file so far: with its bytes, or with its header, every column of it.
    pub fn open<'s, 'b>(&'s self, bytes: Box<dyn Read + 'b>) -> Result<Rows<'s, 'b>, Vec<Fault>> {
        let mut first_line = 1;
        let form = if self.format.form == FileForm::Workbook {
            let opened = Workbook::open_kept(&self.kept, bytes, self.format, self.limits);
            Box::new(opened.map_err(|broken| vec![self.fault(&broken)])?)
        } else {
            let begun = Beginning::of(bytes, self.format);
            let begun = begun.map_err(|_| vec![self.fault(&Broken::at(&rules::UNREADABLE, 1))])?;
            if let Some(looks_like) = begun.looks_like {
                let broken = Broken { looks_like: Some(looks_like), ..Broken::at(&rules::NOT_LINES, 1) };
                return Err(vec![self.fault(&broken)]);
            }
            first_line = begun.first_line;
            self.text(begun)
        };
        let mut rows = Rows::new(self, form);
        rows.begin(first_line)?;
        Ok(rows)
    }

    fn text<'b>(&self, begun: Beginning<'b>) -> Box<dyn Form + 'b> {
        let Beginning { bytes, format, is_unbroken, .. } = begun;
        match format.form {
            FileForm::FixedWidth => Box::new(Fixed::new(bytes, self.fixed(is_unbroken), &format, self.limits)),
            FileForm::JsonLines => Box::new(JsonLines::new(bytes, &self.wanted, &format, self.limits)),
            _ => Box::new(Delimited::new(bytes, &format, self.limits)),
        }
    }

    /// The places of every wanted cell of a fixed-width line, and of a trailer's count behind them.
    fn spans(&self) -> Vec<Range<usize>> {
        let span = |one: &Wanted| match &one.spot {
            Spot::Span(span) => span.clone(),
            _ => 0..0,
        };
        let count = self.format.trailer.as_ref().and_then(|trailer| trailer.place).map(Position::span);
        self.wanted.iter().map(span).chain(count).collect()
    }

    fn fixed(&self, is_unbroken: bool) -> FixedLayout {
        FixedLayout { spans: self.spans(), is_unbroken }
    }

    /// The index of the cell that holds a trailer's count.
    fn count_at(&self, trailer: &Trailer) -> usize {
        if trailer.place.is_some() { self.wanted.len() + 1 } else { trailer.count_cell as usize - 1 }
    }

    fn fault(&self, broken: &Broken) -> Fault {
        let fault = broken.rule.at(self.place(broken.line, None));
        let fault = broken.byte.map_or(fault.clone(), |byte| fault.count("at byte", byte));
        broken.looks_like.map_or(fault.clone(), |kind| fault.name("looks like", kind))
    }
}

/// Where a step through a file has led.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowReached {
    /// A person's row, taken apart.
    Person,
    /// A row that is known by its bytes.
    Known,
    /// The end of a file that came whole.
    End,
}

/// The rows of one opened file.
pub struct Rows<'s, 'b> {
    source: &'s Source<'s>,
    form: Box<dyn Form + 'b>,
    found: FoundColumns,
    /// What makes cells of others, with their places behind the file's own.
    makers: Vec<(usize, &'s Maker)>,
    shape: RowShape,
    /// The header's cells in the form in which headers are compared, where there is a header.
    header: Vec<String>,
    /// The headers of the first columns nobody asked for.
    unmapped: String,
    /// The header's cell above the keys, as it stands.
    header_key: Vec<u8>,
    /// Empty cells that a row may have beyond the header's last filled one.
    spare: usize,
    /// Without a header line, the row that showed the width is a row like the others.
    waiting: Option<Record>,
    people: u64,
    /// Whether a line that nobody declared was passed since the last person's row.
    is_behind_line: bool,
    trailer: Option<Option<u64>>,
    passed: Passed,
}

impl<'s, 'b> Rows<'s, 'b> {
    fn new(source: &'s Source<'s>, form: Box<dyn Form + 'b>) -> Rows<'s, 'b> {
        Rows {
            source,
            form,
            found: FoundColumns::default(),
            makers: makers(source),
            shape: RowShape::default(),
            header: Vec::new(),
            unmapped: String::new(),
            header_key: Vec::new(),
            spare: 0,
            waiting: None,
            people: 0,
            is_behind_line: false,
            trailer: None,
            passed: Passed::default(),
        }
    }

    /// For each wanted column, the cell it stands in, or the one it is made into.
    pub fn at(&self) -> &[Option<usize>] {
        &self.found.at
    }

    /// For each wanted column, the cells of the file it is read from.
    pub fn from(&self) -> &[Vec<usize>] {
        &self.found.from
    }

    /// How many cells a row must have.
    pub fn width(&self) -> usize {
        self.shape.width
    }

    /// How many people's rows were read so far.
    pub fn people(&self) -> u64 {
        self.people
    }

    /// The rows passed over so far.
    pub fn passed(&self) -> &Passed {
        &self.passed
    }

    /// Columns nobody asked for: counted, the first one by its ordinal, and named by their headers where the line is
    /// surely one of headers. In any other, they would be somebody's data.
    pub fn dropped(&self) -> Option<Fault> {
        let first = self.found.dropped.first()?;
        let fault = rules::COLUMNS_DROPPED.at(self.source.place(self.source.format.header_line.max(1).into(), None));
        let fault = fault.count("columns", self.found.dropped.len() as u64);
        let fault = fault.count("first at column", *first as u64 + 1);
        Some(if self.unmapped.is_empty() { fault } else { fault.name("named", &self.unmapped) })
    }

    /// Reads the next person's row; `false` at the end of a file that came whole.
    ///
    /// # Errors
    /// The file as a whole is refused: nothing that was read of it may be kept.
    pub fn next(&mut self, record: &mut Record) -> Result<bool, Fault> {
        while self.next_row(record)? {
            if self.settle(record)? {
                return Ok(true);
            }
        }
        self.judge_end().map(|()| false)
    }

    /// Reads the next person's row, unless its bytes are known: then it stays as it is.
    ///
    /// # Errors
    /// As [`Rows::next`].
    pub fn next_unless(&mut self, record: &mut Record, known: &mut dyn KnownRows) -> Result<RowReached, Fault> {
        loop {
            match self.look(record, known)? {
                RowReached::Person if self.settle(record)? => return Ok(RowReached::Person),
                RowReached::Person => {}
                RowReached::Known => {
                    let line = self.known_row().1;
                    self.refuse_behind_trailer(line)?;
                    self.people += 1;
                    return Ok(RowReached::Known);
                }
                RowReached::End => return self.judge_end().map(|()| RowReached::End),
            }
        }
    }

    /// The bytes of a known row that was reached, and its line.
    pub fn known_row(&mut self) -> (&[u8], u64) {
        self.form.by_bytes().map_or((&[], 0), |form| form.row())
    }

    /// Takes apart what was a known row.
    ///
    /// # Errors
    /// As [`Rows::next`].
    pub fn take_apart(&mut self, row: &[u8], record: &mut Record) -> Result<(), Fault> {
        let line = record.line;
        let split = self.form.by_bytes().map_or(Ok(()), |form| form.split(row, line, record));
        split.map_err(|broken| self.source.fault(&broken))?;
        self.square(record);
        self.make(record);
        Ok(())
    }

    /// What decides, beside its bytes, what is read of a row.
    pub fn layout(&mut self) -> String {
        let delimiter = self.form.by_bytes().map(|form| form.delimiter());
        format!("{:?}", (delimiter, self.shape.key, self.shape.width, self.spare, &self.found.at, &self.header))
    }

    /// Moves to the next row, and takes it apart unless its bytes are known.
    fn look(&mut self, record: &mut Record, known: &mut dyn KnownRows) -> Result<RowReached, Fault> {
        let is_person = |more: bool| if more { RowReached::Person } else { RowReached::End };
        // A row that waits was looked at for another reason, and is read like any other.
        let Some(form) = self.form.by_bytes().filter(|_| self.waiting.is_none()) else {
            return self.next_row(record).map(is_person);
        };
        loop {
            if !form.advance().map_err(|broken| self.source.fault(&broken))? {
                return Ok(RowReached::End);
            }
            let (row, line) = form.row();
            let (digest, is_known) = known.look(row);
            if is_known {
                return Ok(RowReached::Known);
            }
            form.split(row, line, record).map_err(|broken| self.source.fault(&broken))?;
            record.digest = Some(digest);
            if record.len() > 1 || !record.cell(Some(0)).is_empty() {
                return Ok(RowReached::Person);
            }
        }
    }

    /// Whether a row is a person's.
    fn settle(&mut self, record: &mut Record) -> Result<bool, Fault> {
        self.square(record);
        let by_default = self.make(record);
        if !self.is_person(record)? || self.is_closing(record)? {
            return Ok(false);
        }
        self.people += 1;
        record.is_behind_line = std::mem::take(&mut self.is_behind_line);
        if by_default {
            self.passed.defaulted.note(record.line);
        }
        // A key without a digit tells something of the rows behind it.
        let says_more = by_default || !record.cell(self.shape.key).iter().any(u8::is_ascii_digit);
        record.digest = record.digest.filter(|_| !says_more);
        Ok(true)
    }

    /// Makes the cells that are made of others; says whether a default took a cell's place.
    fn make(&self, record: &mut Record) -> bool {
        let mut by_default = false;
        if self.makers.is_empty() {
            return by_default;
        }
        record.made.clear();
        record.made.resize(self.makers.len(), Default::default());
        for (slot, maker) in &self.makers {
            let (made, defaulted) = maker.make(record, &self.found.at);
            record.made[*slot] = made;
            by_default |= defaulted;
        }
        by_default
    }

    /// Gives a row as many cells as the header has, where what is missing or over can only be empty cells at its end.
    fn square(&self, record: &mut Record) {
        let (width, ends) = (self.shape.width, self.source.format.row_ends);
        let is_spare = |from: usize| record.cells().skip(from).all(<[u8]>::is_empty);
        let over = record.len().saturating_sub(width);
        let may_be_over = over > 0 && (over <= self.spare || ends == RowEnds::Delimited);
        if (may_be_over && is_spare(width)) || (record.len() < width && ends == RowEnds::Short) {
            record.resize(width);
        }
    }

    /// Whether a row is the last one and counts those before it: a trailer that nobody declared. It has not the shape
    /// of the others and says hardly anything.
    fn is_closing(&mut self, record: &mut Record) -> Result<bool, Fault> {
        let counts =
            |cell: &[u8]| std::str::from_utf8(cell).ok().and_then(|text| text.parse().ok()) == Some(self.people);
        let filled = || record.cells().skip(self.shape.first).filter(|cell| !cell.is_empty());
        let may_be = record.len() != self.shape.width && filled().count() <= CLOSING_CELLS_MAX;
        if !may_be || self.people == 0 || !filled().skip(1).any(counts) {
            return Ok(false);
        }
        let mut behind = Record::new();
        if self.next_row(&mut behind)? {
            self.waiting = Some(behind);
            return Ok(false);
        }
        self.passed.note(NoPerson::Line, record);
        Ok(true)
    }

    fn next_row(&mut self, record: &mut Record) -> Result<bool, Fault> {
        if let Some(first) = self.waiting.take() {
            *record = first;
            return Ok(true);
        }
        self.form.next(record).map_err(|broken| self.source.fault(&broken))
    }

    fn is_person(&mut self, record: &Record) -> Result<bool, Fault> {
        if self.is_remark(record) {
            self.passed.remarks.note(record.line);
            return Ok(false);
        }
        let count = self.trailer_count(record);
        let nobodys = if count.is_some() { None } else { self.nobodys(record) };
        if let Some(what) = nobodys {
            self.is_behind_line |= matches!(what, NoPerson::Line);
            self.passed.note(what, record);
            return Ok(false);
        }
        if count.is_none() {
            self.shape.note_person(record);
        }
        self.refuse_behind_trailer(record.line)?;
        self.trailer = count;
        Ok(self.trailer.is_none())
    }

    /// A row behind the trailer means that two files were joined, or that the trailer is not one: its count proves
    /// nothing.
    fn refuse_behind_trailer(&self, line: u64) -> Result<(), Fault> {
        if self.trailer.is_some() { Err(rules::CUT_OFF.at(self.source.place(line, None))) } else { Ok(()) }
    }

    /// What a row is that is no person's and not declared.
    fn nobodys(&self, record: &Record) -> Option<NoPerson> {
        // A line of which no row can be made may be anybody's: it is said, whatever it looks like.
        if !record.unread.is_empty() {
            return None;
        }
        // Compared by the key first: it is another than the header's in nearly every row.
        let of_key = record.cell(self.shape.key).eq_ignore_ascii_case(&self.header_key);
        let again = of_key && !self.header.is_empty() && columns::forms(record) == self.header;
        if again { Some(NoPerson::Total) } else { self.shape.judge(record) }
    }

    fn is_remark(&self, record: &Record) -> bool {
        let remarks = &self.source.format.remarks;
        !remarks.is_empty() && remarks.iter().any(|begins| record.beginning().starts_with(begins.as_bytes()))
    }

    /// The count a trailer row states; outer `None` when the row is no trailer.
    fn trailer_count(&self, record: &Record) -> Option<Option<u64>> {
        let trailer = self.source.format.trailer.as_ref()?;
        record.cell(Some(0)).starts_with(trailer.begins.as_bytes()).then(|| {
            let count = record.cell(Some(self.source.count_at(trailer)));
            std::str::from_utf8(count).ok().and_then(|count| count.parse().ok())
        })
    }

    fn judge_end(&self) -> Result<(), Fault> {
        let (format, limits) = (self.source.format, self.source.limits);
        let end = self.source.place(self.form.line(), None);
        let ended = self.form.is_whole() || !format.final_newline;
        match (&format.trailer, self.trailer) {
            (Some(_), None) => return Err(rules::CUT_OFF.at(end)),
            (Some(_), Some(said)) if said != Some(self.people) => {
                let fault = rules::CUT_OFF.at(end).count("rows", self.people);
                return Err(said.map_or(fault.clone(), |said| fault.count("trailer says", said)));
            }
            // Without a trailer the last line's end is all that shows that a transfer did not stop in the middle of a
            // row. A row cut inside a number still looks whole.
            (None, _) if !ended => return Err(rules::CUT_OFF.at(end)),
            _ => {}
        }
        if self.people < limits.rows_min {
            return Err(rules::EMPTY.at(end).count("rows", self.people).count("fewest", limits.rows_min));
        }
        Ok(())
    }

    /// Moves to the header, or, where files have none, to the first row, and finds the columns by it.
    fn begin(&mut self, first_line: u64) -> Result<(), Vec<Fault>> {
        let header_line = u64::from(self.source.format.header_line);
        let begins = header_line.max(first_line);
        let mut header = Record::new();
        loop {
            if !self.next_row(&mut header).map_err(|fault| vec![fault])? {
                return Err(vec![rules::EMPTY.at(self.source.place(header_line.max(1), None))]);
            }
            if header.line >= begins && !self.is_remark(&header) {
                break;
            }
        }
        match columns::find(&header, &self.source.wanted) {
            Ok(found) => self.found = found,
            Err(unfound) => return Err(self.unfound(&header, &unfound)),
        }
        self.unmapped = self.headers_of_dropped(&header);
        let key = self.found.at.get(self.source.key).copied().flatten();
        if self.source.format.form == FileForm::FixedWidth {
            self.begin_fixed(header, key);
            return Ok(());
        }
        if header_line > 0 {
            self.begin_named(&mut header, key);
        }
        self.shape = RowShape { key, first: 0, width: header.len(), has_word_keys: false };
        self.waiting = (header_line == 0).then_some(header);
        Ok(())
    }

    fn begin_named(&mut self, header: &mut Record, key: Option<usize>) {
        self.make(header);
        self.header_key = header.cell(key).to_vec();
        // A header that ends with delimiters names no columns by them, and rows may leave them out.
        let named = header.cells().collect::<Vec<_>>().iter().rposition(|cell| !cell.is_empty()).unwrap_or(0) + 1;
        self.spare = header.len() - named;
        header.resize(named);
        self.header = columns::forms(header);
    }

    /// The headers of a few of the columns nobody asked for, where others of the line are headers that were asked for.
    fn headers_of_dropped(&self, header: &Record) -> String {
        let named = columns::named(&columns::forms(header), &self.source.wanted);
        if self.source.format.header_line == 0 || named < 2 {
            return String::new();
        }
        let text = |at: &usize| String::from_utf8_lossy(header.cell(Some(*at))).into_owned();
        // What has many digits in it, or is long, is no header.
        let is_header = |text: &String| {
            let digits = text.chars().filter(char::is_ascii_digit).count();
            text.chars().any(char::is_alphabetic) && digits < 4 && text.chars().count() <= 30
        };
        let names: Vec<String> = self.found.dropped.iter().map(text).filter(is_header).take(NAMED_MAX).collect();
        names.join(" / ")
    }

    /// The places say what a row of fixed places has: the first line may itself be cut, or too long.
    fn begin_fixed(&mut self, header: Record, key: Option<usize>) {
        let is_row = self.source.format.header_line == 0;
        let width = self.source.spans().len() + 1;
        self.header = if is_row { Vec::new() } else { columns::forms(&header) };
        self.header_key = if is_row { Vec::new() } else { header.cell(key).to_vec() };
        self.shape = RowShape { key, first: 1, width, has_word_keys: false };
        self.waiting = is_row.then_some(header);
    }

    fn unfound(&mut self, header: &Record, unfound: &[columns::Unfound]) -> Vec<Fault> {
        let wanted = &self.source.wanted;
        let by_name = wanted.iter().any(|one| matches!(one.spot, Spot::Headers(_)));
        if by_name && columns::named(&columns::forms(header), wanted) == 0 {
            return vec![self.no_header(header)];
        }
        let fault =
            |one: &columns::Unfound| one.rule.at(self.source.place(header.line, Some(&wanted[one.wanted].label())));
        unfound.iter().map(fault).collect()
    }

    /// No column at all was found: says whether another delimiter, another line, or both, would have named more than
    /// one.
    fn no_header(&mut self, header: &Record) -> Fault {
        let fault = rules::NO_HEADER.at(self.source.place(header.line, None)).count("cells", header.len() as u64);
        if let Some(kind) = looks_like(header.cell(Some(0))) {
            return fault.name("looks like", kind);
        }
        let mut record = header.clone();
        for _ in 0..HEADER_LOOKED_FOR {
            if let Some(delimiter) = self.naming(&record) {
                let fault = if delimiter.is_empty() { fault } else { fault.name("delimiter seems to be", delimiter) };
                let further = record.line != header.line;
                return if further { fault.count("header seems to be on line", record.line) } else { fault };
            }
            if !self.form.next(&mut record).unwrap_or(false) {
                break;
            }
        }
        fault
    }

    /// The word of the delimiter by which a row would name more than one column; empty where it is the declared one.
    fn naming(&self, record: &Record) -> Option<&'static str> {
        let source = self.source;
        if columns::named(&columns::forms(record), &source.wanted) > 1 {
            return Some("");
        }
        let text: Vec<u8> = record.cells().collect::<Vec<_>>().join(&source.format.delimiter);
        let split = |delimiter: u8| -> Vec<String> {
            let cells = text.split(|byte| *byte == delimiter);
            cells.map(|cell| header_form(&String::from_utf8_lossy(cell))).collect()
        };
        let named = |(_, delimiter): &&(&str, u8)| columns::named(&split(*delimiter), &source.wanted) > 1;
        DELIMITERS.iter().find(named).map(|(word, _)| *word)
    }
}

/// What makes cells of others. Relationships come first: others may ask whose row it is.
fn makers<'m>(source: &'m Source<'m>) -> Vec<(usize, &'m Maker)> {
    let made = source.wanted.iter().filter_map(|one| match &one.spot {
        Spot::Made(maker) => Some((one.word, maker)),
        _ => None,
    });
    let mut makers: Vec<(usize, (&str, &Maker))> = made.enumerate().collect();
    makers.sort_by_key(|(_, (word, _))| *word != "relationship");
    makers.into_iter().map(|(slot, (_, maker))| (slot, maker)).collect()
}

/// Most headers named of columns that are dropped.
const NAMED_MAX: usize = 6;

/// Most filled cells of a last row that counts the others.
const CLOSING_CELLS_MAX: usize = 4;

/// What a file of another kind begins with.
fn looks_like(first: &[u8]) -> Option<&'static str> {
    Some(match first.first()? {
        b'<' => "web page or XML",
        b'{' | b'[' => "JSON",
        b'%' if first.starts_with(b"%PDF") => "PDF",
        b'I' if first.starts_with(b"ISA") => "X12",
        b'-' if first.starts_with(b"-----BEGIN PGP") => "OpenPGP message",
        _ => return None,
    })
}

/// Rows in which a header is looked for, to name the line it stands on.
const HEADER_LOOKED_FOR: usize = 20;

/// Delimiters a header is tried with, to name the right one.
const DELIMITERS: [(&str, u8); 4] = [("comma", b','), ("semicolon", b';'), ("tab", b'\t'), ("pipe", b'|')];
