//! A mapping proposed for a file that was looked at: which header is which column, how its dates are written, which
//! words nobody understands yet. What is proposed is accepted by the reader of mappings; a person looks at it all the
//! same. No cell is shown but words of closed lists and names of plans; of the others, their shape.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::beside::{ChoiceFound, beside, code_of_mark};
use super::cells;
use super::likely::likely;
use super::parted::{PartedCell, date_parts, parted, sign_between};
use super::placed::{SeenAs, left_to_say, seen};
use super::proposed_column::{Settings, date_settings, has_dates, quoted};
use super::shown::{CellSeen, TextSeen, is_closed_word, plans_of, texts_of};
use super::titles::remarks;
use super::whose::{WhoseFound, whose};
use super::words::meaning;
use crate::mapping::aliases::{Headed, numbered};
use crate::mapping::column::{Cell, header_form};
use crate::mapping::format::{Encoding, FileForm, Format, RowEnds};
use crate::mapping::{CensusField, ElectionField};
use crate::model::source::SourceKind;
use crate::rows::{CellKind, Glance, Record};

/// A mapping proposed, and what is to be looked at.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// What the file seems to hold.
    pub kind: SourceKind,
    /// The mapping, as a file.
    pub text: String,
    /// How many of the file's columns have one in the mapping.
    pub mapped: usize,
    /// How many have none.
    pub unmapped: usize,
}

/// What a proposal is made for: the name decides the pattern, the employer the folder.
#[derive(Clone, Copy, Debug)]
pub struct ProposedFor<'n> {
    /// The employer's name in `bex.toml`.
    pub employer: &'n str,
    /// The file's name.
    pub file: &'n str,
}

/// Most words and plans listed of a column.
const WORDS_MAX: usize = 40;

/// Cells by which spreadsheets and databases say that there is nothing.
const NOTHING: [&str; 9] = ["N/A", "NA", "NULL", "NONE", "-", "--", ".", "#N/A", "(BLANK)"];

/// Proposes a mapping for a file. What it is, where nobody says so, is seen by its columns.
pub fn propose(glance: &Glance, named: ProposedFor, kind: Option<SourceKind>) -> Proposal {
    if glance.format.header_line == 0 {
        return by_places(glance, named);
    }
    let forms: Vec<String> = glance.header.iter().map(|header| header_form(header)).collect();
    let census = Assigned::<CensusField>::of(glance, &forms, Vec::new());
    let elections = Assigned::<ElectionField>::of(glance, &forms, beside(&forms));
    let chosen = |field: ElectionField| elections.own.contains_key(&field);
    // People with what they have chosen beside them are people first: a file of both is proposed as either.
    let tells_of_people = census.has("last_name") || census.has("birth_date");
    let seen = if elections.choices.is_empty() || tells_of_people {
        chosen(ElectionField::Plan) && (chosen(ElectionField::Start) || chosen(ElectionField::Tier))
    } else {
        true
    };
    match kind.unwrap_or(if seen { SourceKind::Elections } else { SourceKind::Census }) {
        SourceKind::Census => census.proposal(SourceKind::Census, named),
        SourceKind::Elections => elections.proposal(SourceKind::Elections, named),
    }
}

/// A census proposed by the places of its cells: it has no header line.
fn by_places(glance: &Glance, named: ProposedFor) -> Proposal {
    let assigned = Assigned::<CensusField>::of(glance, &vec![String::new(); glance.header.len()], Vec::new());
    let columns: Vec<Vec<String>> = (0..glance.header.len()).map(|at| assigned.filled(&[at])).collect();
    let is_date = |cells: &[String]| has_dates(cells) && date_settings(cells).is_certain();
    let seen = seen(&columns, &is_date);
    let mut text = String::from(
        "# Proposed from the shapes of a file's cells, for it has no header line: look at every line.\n\n",
    );
    let _ = writeln!(text, "employer = {}\nlayout = \"person-rows\"", quoted(named.employer));
    let _ = writeln!(text, "file = {}", quoted(&pattern(named.file)));
    text += &assigned.format(&glance.format);
    text += "\n[columns]\n";
    let place = |at: usize| match glance.places.get(at) {
        Some(place) => format!("position = {}, width = {}", place.at, place.width.unwrap_or(1)),
        None => format!("position = {}", at + 1),
    };
    let mut mapped = 0;
    for (at, one) in seen.iter().enumerate() {
        let SeenAs::Value(word) = one else { continue };
        let date = if is_date(&columns[at]) { date_settings(&columns[at]).settings } else { String::new() };
        let more = if date.is_empty() { String::new() } else { format!(", {date}") };
        let _ = writeln!(text, "{word} = {{ {}{more} }}", place(at));
        mapped += 1;
    }
    let shape =
        |at: usize| columns[at].first().map_or("always empty".to_string(), |cell| format!("like {}", masked(cell)));
    text += &left_to_say(&seen, &place, &shape);
    Proposal { kind: SourceKind::Census, text, mapped, unmapped: seen.len() - mapped }
}

/// The file's columns by the values they fill.
struct Assigned<'g, F> {
    glance: &'g Glance,
    own: BTreeMap<F, usize>,
    /// Numbered columns: the header with `{n}`, and the columns that have it.
    numbered: BTreeMap<F, (String, Vec<usize>)>,
    /// Columns of which each cell holds several values.
    parted: Vec<(usize, &'static PartedCell)>,
    /// Dates that stand in three columns: month, day and year.
    dates: Vec<(&'static str, [usize; 3])>,
    /// The column that holds the employee's number and the person's, and the sign between them.
    two_keys: Option<(usize, char)>,
    /// Elections beside each other in a row.
    choices: Vec<ChoiceFound<F>>,
    most: u32,
}

impl<'g, F: Headed> Assigned<'g, F> {
    fn of(glance: &'g Glance, forms: &[String], choices: Vec<ChoiceFound<F>>) -> Assigned<'g, F> {
        let mut assigned = Assigned {
            glance,
            own: BTreeMap::new(),
            numbered: BTreeMap::new(),
            parted: Vec::new(),
            dates: Vec::new(),
            two_keys: None,
            choices,
            most: 0,
        };
        let of_choice: BTreeSet<usize> =
            assigned.choices.iter().flat_map(|choice| choice.columns.values().copied()).collect();
        // A header that stands twice names no column: which of the two is meant only the employer knows.
        let is_once = |at: usize| forms.iter().filter(|form| **form == forms[at]).count() == 1;
        let mut claims: Vec<(usize, usize, F)> = Vec::new();
        let free = |at: usize| is_once(at) && !of_choice.contains(&at);
        for (at, header) in glance.header.iter().enumerate().filter(|(at, _)| free(*at)) {
            match numbered(header) {
                Some((header, rest)) => assigned.number(at, header, &rest),
                None => claims.extend(F::meant(header).into_iter().map(|(field, rank)| (rank, at, field))),
            }
        }
        // The likeliest first; each column and each value once.
        claims.sort();
        let mut taken = BTreeSet::new();
        for (_, at, field) in claims {
            if !assigned.own.contains_key(&field) && taken.insert(at) {
                assigned.own.insert(field, at);
            }
        }
        assigned.part(forms);
        assigned.drop_halves();
        assigned
    }

    fn has(&self, word: &str) -> bool {
        self.own.keys().any(|field| field.word() == word)
    }

    /// Whose row it is, where one column does not say it of everybody.
    fn whose(&self) -> Option<WhoseFound> {
        let said = self.own.iter().find(|(field, _)| field.word() == RELATIONSHIP).map(|(_, at)| *at);
        let taken: BTreeSet<usize> = self.used(false).into_iter().filter(|at| Some(*at) != said).collect();
        let free: Vec<usize> = (0..self.glance.header.len()).filter(|at| !taken.contains(at)).collect();
        let cell = |row: &Record, at: usize| String::from_utf8_lossy(row.cell(Some(at))).into_owned();
        let column = |at: usize| self.glance.rows.iter().map(|row| cell(row, at)).collect();
        let columns: Vec<Vec<String>> = (0..self.glance.header.len()).map(column).collect();
        whose(&columns, said, &free)
    }

    /// The line that says whose row it is by cases.
    fn whose_lines(&self, found: &WhoseFound) -> String {
        let header = |at: usize| quoted(&self.glance.header[at]);
        let words: Vec<String> = found.employees.iter().map(|word| quoted(word)).collect();
        let remark = if found.kind == found.relationship {
            "# blank in the rows of employees, it seems: look whether it is in every one of them\n"
        } else {
            ""
        };
        format!(
            "{remark}{RELATIONSHIP} = {{ header = {}, cases = [{{ when = {{ {} = [{}] }}, is = \"subscriber\" }}] }}\n",
            header(found.relationship),
            header(found.kind),
            words.join(", ")
        )
    }

    /// The cells of the family's key and of a column, row by row.
    fn beside_key(&self, word: &str) -> Vec<(String, String)> {
        let at = |word: &str| self.own.iter().find(|(field, _)| field.word() == word).map(|(_, at)| *at);
        let (Some(key), Some(other)) = (at("family_key"), at(word)) else { return Vec::new() };
        let cell = |row: &Record, at: usize| String::from_utf8_lossy(row.cell(Some(at))).into_owned();
        self.glance.rows.iter().map(|row| (cell(row, key), cell(row, other))).collect()
    }

    /// Whether rows of dependents have no key, and stand below their employee's.
    fn dependents_follow(&self) -> bool {
        let rows = self.beside_key(RELATIONSHIP);
        let is_dependent = |cell: &str| {
            meaning(RELATIONSHIP, &BTreeMap::new(), cell).is_some_and(|meant| meant != "subscriber") || cell == "Dep"
        };
        let mut without = rows.iter().filter(|(key, _)| key.is_empty()).peekable();
        without.peek().is_some() && without.all(|(_, cell)| is_dependent(cell))
    }

    /// Whether several rows have one key: then not everybody is an employee.
    fn has_families(&self) -> bool {
        let mut seen = BTreeSet::new();
        self.beside_key("family_key").into_iter().any(|(key, _)| !key.is_empty() && !seen.insert(key))
    }

    /// Whether rows of people have no key: they are dependents' below their employee's, it seems.
    fn has_keyless(&self) -> bool {
        let mut rows = self.beside_key("last_name").into_iter().chain(self.beside_key("birth_date"));
        rows.any(|(key, other)| key.is_empty() && !other.is_empty())
    }

    /// Finds what is made of cells and has no column of its own.
    fn part(&mut self, forms: &[String]) {
        for (word, parts) in date_parts(forms) {
            // "Birth Day" may be a birth date, but not beside a month and a year.
            let is_other = |field: &F, at: &usize| field.word() != word || !parts.contains(at);
            self.own.retain(|field, at| is_other(field, at));
            if F::ALL.iter().any(|field| field.word() == word) && !self.has(word) {
                self.dates.push((word, parts));
            }
        }
        if !self.has("family_key") && F::ALL.iter().any(|field| field.word() == "family_key") {
            let of_person = self.own.iter().find(|(field, _)| field.word() == "person_key").map(|(_, at)| *at);
            self.two_keys = of_person.and_then(|at| Some((at, sign_between(&self.filled(&[at]))?)));
            self.own.retain(|field, _| self.two_keys.is_none() || field.word() != "person_key");
        }
        for (at, form) in forms.iter().enumerate() {
            let Some(found) = parted(form, &self.filled(&[at])) else { continue };
            let is_of = |word: &str| F::ALL.iter().any(|field| field.word() == word);
            let has = |word: &str| self.own.iter().any(|(field, other)| field.word() == word && *other != at);
            // The first two of them are what the cell is for; a middle name of its own changes nothing of that.
            if found.parts.iter().all(|(word, _)| is_of(word)) && !found.parts[..2].iter().any(|(word, _)| has(word)) {
                self.own.retain(|_, other| *other != at);
                self.parted.push((at, found));
            }
        }
    }

    /// The lines of values that are made of cells.
    fn made_lines(&self) -> String {
        let mut text = String::new();
        if let Some((at, sign)) = self.two_keys {
            let header = quoted(&self.glance.header[at]);
            for (word, side) in [("family_key", "before"), ("person_key", "after")] {
                let _ = writeln!(text, "{word} = {{ header = {header}, take = [\"{side} {sign}\"] }}");
            }
        }
        for (word, at) in &self.dates {
            let headers: Vec<String> = at.iter().map(|at| quoted(&self.glance.header[*at])).collect();
            let list = headers.join(", ");
            let _ = writeln!(text, "{word} = {{ together = [{list}], join = \"/\", format = \"date:M/D/YYYY\" }}");
        }
        for (at, found) in &self.parted {
            let header = quoted(&self.glance.header[*at]);
            if !found.remark.is_empty() {
                let _ = writeln!(text, "# {}", found.remark);
            }
            for (word, steps) in found.parts.iter().filter(|(word, _)| !self.has(word)) {
                let _ = writeln!(text, "{word} = {{ header = {header}, take = [{steps}] }}");
            }
        }
        text
    }

    /// Leaves out what is read only together with a column that is not there.
    fn drop_halves(&mut self) {
        let has = |words: &[&str]| words.iter().all(|word| self.own.keys().any(|field| field.word() == *word));
        let address = ["address_line1", "city", "state", "zip"];
        let lacking_address = !has(&address);
        let lacking_provider = !has(&["pcp_last"]);
        self.own.retain(|field, _| {
            // A street without a town would make the reader of mappings refuse the whole proposal.
            let of_address = address.contains(&field.word()) || field.word() == "address_line2";
            let of_provider = ["pcp_first", "pcp_npi"].contains(&field.word());
            !(of_address && lacking_address || of_provider && lacking_provider)
        });
    }

    fn number(&mut self, at: usize, header: String, rest: &str) {
        // A dependent's "ID" is the dependent's, not the employee's.
        let meant = F::meant(&format!("Dependent {rest}")).into_iter().chain(F::meant(rest));
        let Some((field, _)) = meant.min_by_key(|(_, rank)| *rank) else { return };
        let (of, columns) = self.numbered.entry(field).or_insert_with(|| (header.clone(), Vec::new()));
        if *of == header {
            columns.push(at);
            self.most = self.most.max(columns.len() as u32);
        }
    }

    fn proposal(&self, kind: SourceKind, named: ProposedFor) -> Proposal {
        let format = &self.glance.format;
        let is_census = kind == SourceKind::Census;
        let beside = is_census && !self.numbered.is_empty();
        let mut text = String::new();
        let _ = writeln!(text, "# Proposed from a file's header and the shapes of its cells: look at every line.\n");
        let _ = writeln!(text, "employer = {}", quoted(named.employer));
        if is_census {
            let follow = !beside && self.dependents_follow();
            let layout = if follow { "dependents-following" } else { "person-rows" };
            let layout = if beside { "dependent-columns" } else { layout };
            let _ = writeln!(text, "layout = \"{layout}\"");
        }
        let _ = writeln!(text, "file = {}", quoted(&pattern(named.file)));
        text += &self.format(format);
        text += "\n[columns]\n";
        let whose = if is_census && !beside { self.whose() } else { None };
        for (field, at) in self.own.iter().filter(|(field, _)| whose.is_none() || field.word() != RELATIONSHIP) {
            text += &self.line(*field, &self.glance.header[*at], &[*at]);
        }
        text += &self.made_lines();
        match &whose {
            Some(whose) => text += &self.whose_lines(whose),
            None if is_census && !beside && !self.has(RELATIONSHIP) => {
                text += if self.has_families() { SEVERAL } else { "" };
                text += if self.has_keyless() { KEYLESS } else { "" };
                text += EVERYBODY;
            }
            None => {}
        }
        if beside {
            let _ = write!(text, "\n[dependents]\nmax = {}\n\n[dependents.columns]\n", self.most.clamp(1, 20));
            self.numbered.iter().for_each(|(field, (header, at))| text += &self.line(*field, header, at));
        }
        self.choices.iter().for_each(|choice| text += &self.choice_lines(choice));
        let mut used: BTreeSet<usize> = self.used(beside);
        used.extend(whose.iter().flat_map(|whose| [whose.relationship, whose.kind]));
        let left: Vec<usize> = (0..self.glance.header.len()).filter(|at| !used.contains(at)).collect();
        text += &self.unmapped(&left);
        Proposal { kind, text, mapped: used.len(), unmapped: left.len() }
    }

    fn used(&self, beside: bool) -> BTreeSet<usize> {
        let numbered = self.numbered.values().filter(|_| beside).flat_map(|(_, at)| at.iter().copied());
        let parted = self.parted.iter().map(|(at, _)| *at);
        let dates = self.dates.iter().flat_map(|(_, at)| at.iter().copied());
        let chosen = self.choices.iter().flat_map(|choice| choice.columns.values().copied());
        let chosen = chosen.chain(self.two_keys.map(|(at, _)| at));
        self.own.values().copied().chain(numbered).chain(parted).chain(dates).chain(chosen).collect()
    }

    fn format(&self, format: &Format) -> String {
        let mut lines = Vec::new();
        match format.form {
            FileForm::Workbook => lines.push("form = \"workbook\"".to_string()),
            FileForm::JsonLines => lines.push("form = \"json-lines\"".to_string()),
            FileForm::FixedWidth => {
                lines.push("# hold the places against the description that comes with the file".to_string());
                lines.push("form = \"fixed-width\"".to_string());
                lines.extend(written(format));
            }
            _ => lines.extend(written(format)),
        }
        lines.extend(self.around(format));
        if let Some(trailer) = &format.trailer {
            let count = match trailer.place {
                Some(place) => format!("position = {}, width = {}", place.at, place.width.unwrap_or(1)),
                None => format!("count_cell = {}", trailer.count_cell),
            };
            lines.push(format!("trailer = {{ begins = {}, {count} }}", quoted(&trailer.begins)));
        }
        let nothing = self.nothing();
        if !nothing.is_empty() {
            lines.push(format!("empty = [{}]", nothing.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", ")));
        }
        if lines.is_empty() { String::new() } else { format!("\n[format]\n{}\n", lines.join("\n")) }
    }

    /// What is said of lines that are no rows: those above the header, and those that are nobody's.
    fn around(&self, format: &Format) -> Vec<String> {
        let glance = self.glance;
        let mut begin: Vec<String> = glance.header.iter().take(1).cloned().collect();
        begin.extend(glance.rows.iter().map(|row| String::from_utf8_lossy(row.cell(Some(0))).into_owned()));
        let (titles, closing) = (remarks(&glance.titles, &begin), remarks(&glance.lines_begin, &begin));
        let mut lines = Vec::new();
        let is_below = format.header_line > 1 && titles.is_none();
        if is_below {
            lines.push(
                "# a file without the lines above the header is refused by this; what they begin with, as".into(),
            );
            lines.push("# remarks and without header_line, has both kinds of file read".to_string());
        }
        // Blank lines above the header are passed over in any file.
        if is_below || (format.header_line == 0 && format.form != FileForm::FixedWidth) {
            lines.push(format!("header_line = {}", format.header_line));
        }
        let shown: BTreeSet<String> = titles.into_iter().chain(closing.clone()).flatten().collect();
        if !shown.is_empty() {
            let shown: Vec<String> = shown.iter().map(|begins| quoted(begins)).collect();
            lines.push(format!("remarks = [{}]", shown.join(", ")));
        }
        for line in glance.lines.iter().filter(|_| closing.is_none()).take(3) {
            lines.push(format!("# line {line} is nobody's row: declare what it begins with as remarks"));
        }
        lines
    }

    /// Cells that mean nothing, as they are written; of columns in which they cannot be somebody's name.
    fn nothing(&self) -> Vec<String> {
        let texts = self.own.iter().filter(|(field, _)| !matches!(field.cell(), Cell::Text | Cell::Key));
        let cells = texts.flat_map(|(_, at)| self.cells(&[*at]));
        let words = cells.filter(|cell| NOTHING.iter().any(|word| word.eq_ignore_ascii_case(cell)));
        words.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The filled cells of columns.
    fn cells(&self, at: &[usize]) -> Vec<String> {
        let cell = |record: &crate::rows::Record, at: usize| {
            let text = record.kind(Some(at)) == CellKind::Text;
            text.then(|| String::from_utf8_lossy(record.cell(Some(at))).into_owned()).filter(|cell| !cell.is_empty())
        };
        self.glance.rows.iter().flat_map(|record| at.iter().filter_map(move |at| cell(record, *at))).collect()
    }

    /// The cells of columns that mean something.
    fn filled(&self, at: &[usize]) -> Vec<String> {
        let means = |cell: &String| !NOTHING.iter().any(|word| word.eq_ignore_ascii_case(cell));
        self.cells(at).into_iter().filter(means).collect()
    }

    /// The texts of columns that mean something, each with whose rows it stands in.
    fn texts(&self, at: &[usize]) -> Vec<TextSeen> {
        let key = self.own.iter().find(|(field, _)| field.word() == "family_key").map(|(_, at)| *at);
        let cell = |record: &Record, at: usize| {
            let text = String::from_utf8_lossy(record.cell(Some(at))).into_owned();
            let family = match key {
                Some(key) => String::from_utf8_lossy(record.cell(Some(key))).into_owned(),
                None => record.line.to_string(),
            };
            let is_text = record.kind(Some(at)) == CellKind::Text && !text.is_empty();
            is_text.then_some(CellSeen { text, line: record.line, family })
        };
        texts_of(self.glance.rows.iter().flat_map(|record| at.iter().filter_map(move |at| cell(record, *at))).collect())
    }

    /// The line of a column, and what is to be looked at in it.
    fn line(&self, field: F, header: &str, at: &[usize]) -> String {
        let cells = self.filled(at);
        let found = match field.cell() {
            // Where nobody has such a date yet, the file's other dates say how it would be written.
            Cell::Date => date_settings(&if has_dates(&cells) { cells } else { self.dates() }),
            Cell::Ssn => pad_settings(&cells, 7..=8),
            Cell::Zip => pad_settings(&cells, 3..=4),
            Cell::Word(_) => unknown_words(field.word(), &self.texts(at)),
            Cell::Plan => plan_settings(&self.texts(at)),
            Cell::Keys | Cell::Person => naming_settings(&cells, matches!(field.cell(), Cell::Keys)),
            _ => Settings::default(),
        };
        found.line(field.word(), header)
    }

    /// The table of one of several elections of a row.
    fn choice_lines(&self, choice: &ChoiceFound<F>) -> String {
        let mut text = format!("\n[choices.{}]\n", choice.name);
        for (field, at) in &choice.columns {
            let header = &self.glance.header[*at];
            let is_plan = matches!(field.cell(), Cell::Plan);
            text += &if is_plan {
                plan_line(choice.name, header, &self.texts(&[*at]))
            } else {
                self.line(*field, header, &[*at])
            };
        }
        text
    }

    /// The cells of all columns that hold dates.
    fn dates(&self) -> Vec<String> {
        let dates = self.own.iter().filter(|(field, _)| matches!(field.cell(), Cell::Date));
        dates.flat_map(|(_, at)| self.filled(&[*at])).collect()
    }

    /// The columns that are dropped, by their headers and the shape of what stands in them.
    fn unmapped(&self, left: &[usize]) -> String {
        if left.is_empty() {
            return String::new();
        }
        let mut text = String::from("\n# Not mapped, and dropped while a file is read:\n");
        for at in left {
            let is_day = |record: &Record| record.kind(Some(*at)) == CellKind::Day;
            let none = if self.glance.rows.iter().any(is_day) { "days" } else { "always empty" };
            let shape = self.cells(&[*at]).first().map_or(none.to_string(), |cell| format!("like {}", masked(cell)));
            let _ = writeln!(text, "#   {} (column {}): {shape}", quoted(&self.glance.header[*at]), at + 1);
        }
        text
    }
}

/// The column that says who somebody is to the employee.
const RELATIONSHIP: &str = "relationship";

/// Where no column says who somebody is to the employee.
const EVERYBODY: &str = "# no column says who somebody is to the employee: everybody is taken for an employee\n\
                         relationship = { constant = \"subscriber\" }\n";

/// The same, where several rows have one employee's number.
const SEVERAL: &str =
    "# LOOK HERE: several rows have one employee's number, so some are dependents': which column says so?\n";

/// The same, where rows have no number.
const KEYLESS: &str = "# LOOK HERE: some rows have no employee's number, as dependents' below their employee's: which column says who\n\
                       # they are? Then layout = \"dependents-following\"\n";

/// How text is written, where that differs from what is read without being told.
fn written(format: &Format) -> Vec<String> {
    let mut lines = Vec::new();
    let word = match format.delimiter {
        b',' => None,
        b'\t' => Some("tab".to_string()),
        b'|' => Some("pipe".to_string()),
        b';' => Some("semicolon".to_string()),
        other => Some(char::from(other).to_string()),
    };
    lines.extend(word.map(|word| format!("delimiter = {}", quoted(&word))));
    if !format.quoted {
        lines.push("quoting = \"none\"".to_string());
    }
    if format.encoding != Encoding::Utf8 {
        lines.push("# look at a name with an accent: it must read well".to_string());
        lines.push(format!("encoding = \"{}\"", format.encoding.word()));
    }
    match format.row_ends {
        RowEnds::Exact => {}
        RowEnds::Short => lines.push("row_ends = \"short\"".to_string()),
        RowEnds::Delimited => lines.push("row_ends = \"delimited\"".to_string()),
    }
    if !format.final_newline && format.trailer.is_none() {
        lines.push("# the last line has no end: a file that is cut off looks the same".to_string());
        lines.push("final_newline = false".to_string());
    }
    lines
}

/// A pattern for files that are called like this one: numbers in it differ from file to file.
pub(super) fn pattern(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || " ._-".contains(c) { c } else { '?' };
    let mut pattern = String::new();
    for c in name.trim_start_matches('.').chars().map(plain) {
        match c {
            c if !c.is_ascii_digit() => pattern.push(c),
            _ if !pattern.ends_with('*') => pattern.push('*'),
            _ => {}
        }
    }
    pattern.truncate(100);
    if pattern.is_empty() { "*".to_string() } else { pattern }
}

/// A cell's shape: letters as `a` and `A`, digits as `9`, what stands between them as it is.
pub(super) fn masked(cell: &str) -> String {
    let shape = |c: char| match c {
        c if c.is_ascii_digit() || c.is_numeric() => '9',
        c if c.is_uppercase() => 'A',
        c if c.is_alphabetic() => 'a',
        c if c.is_control() => ' ',
        c => c,
    };
    cell.chars().take(24).map(shape).collect()
}

/// Whether numbers seem to have lost zeros.
fn pad_settings(cells: &[String], short: std::ops::RangeInclusive<usize>) -> Settings {
    // Spreadsheets drop zeros in front of numbers; longer or shorter ones have another fault.
    let is_short = |cell: &&String| short.contains(&cell.len()) && cell.bytes().all(|byte| byte.is_ascii_digit());
    match cells.iter().filter(is_short).count() {
        0 => Settings::default(),
        _ => Settings { settings: "pad = true".to_string(), remark: "some numbers have lost their zeros".to_string() },
    }
}

/// The words of a closed list that nobody understands without being told.
fn unknown_words(column: &str, texts: &[TextSeen]) -> Settings {
    let none = BTreeMap::new();
    let means_nothing = |seen: &TextSeen| NOTHING.iter().any(|word| word.eq_ignore_ascii_case(&seen.text));
    let unknown = |seen: &&TextSeen| meaning(column, &none, &seen.text).is_none() && !means_nothing(seen);
    let (shown, hidden): (Vec<&TextSeen>, Vec<&TextSeen>) =
        texts.iter().filter(unknown).partition(|seen| is_closed_word(seen) || likely(column, &seen.text).is_some());
    let (told, untold): (Vec<&TextSeen>, Vec<&TextSeen>) =
        shown.into_iter().partition(|seen| likely(column, &seen.text).is_some());
    let value = |seen: &&TextSeen| Some(format!("{} = {}", quoted(&seen.text), quoted(likely(column, &seen.text)?)));
    let values: Vec<String> = told.iter().filter_map(value).collect();
    let words: Vec<String> =
        untold.iter().take(WORDS_MAX).map(|seen| format!("{} = \"…\"", quoted(&seen.text))).collect();
    let asked =
        (!words.is_empty()).then(|| format!("not understood; say what they mean: values = {{ {} }}", words.join(", ")));
    let others = others_shaped(&hidden, "not understood and not shown; is this the right column?");
    let look = (!values.is_empty()).then(|| "what these words likely mean: look whether it is so".to_string());
    let settings = if values.is_empty() { String::new() } else { format!("values = {{ {} }}", values.join(", ")) };
    Settings { settings, remark: look.into_iter().chain(asked).chain(others).collect::<Vec<_>>().join("\n# ") }
}

/// What is said of texts that are not shown: their lines and shapes.
fn others_shaped(hidden: &[&TextSeen], what: &str) -> Option<String> {
    let shapes = hidden.iter().take(SHAPES_MAX).map(|seen| format!("line {} like {}", seen.line, masked(&seen.text)));
    let shapes: Vec<String> = shapes.collect();
    let more = if hidden.len() > SHAPES_MAX { ", …" } else { "" };
    (!hidden.is_empty()).then(|| format!("{} {what} {}{more}", hidden.len(), shapes.join(", ")))
}

/// Most texts of which only the shape is shown.
const SHAPES_MAX: usize = 5;

/// A plan code for each plan's name, where names are no codes.
fn plan_settings(texts: &[TextSeen]) -> Settings {
    let means_nothing = |seen: &&TextSeen| NOTHING.iter().any(|word| word.eq_ignore_ascii_case(&seen.text));
    let texts: Vec<TextSeen> = texts.iter().filter(|seen| !means_nothing(seen)).cloned().collect();
    if texts.iter().all(|seen| is_plan_code(&seen.text)) {
        return Settings::remark("each of these is a plan of a carrier's [plans]".to_string());
    }
    plan_values(&texts, &|name| code(name))
}

fn is_plan_code(name: &str) -> bool {
    name.len() <= 40 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

/// The names of plans, and the codes proposed for them.
fn plan_values(texts: &[TextSeen], code: &dyn Fn(&str) -> String) -> Settings {
    if texts.len() > WORDS_MAX {
        return Settings::remark(format!("{} different texts: is this the plan?", texts.len()));
    }
    let (plans, others) = plans_of(texts);
    let pair = |seen: &&TextSeen| format!("{} = \"{}\"", quoted(&seen.text), code(&seen.text));
    let pairs: Vec<String> = plans.iter().map(pair).collect();
    let proposed =
        (!pairs.is_empty()).then(|| "plan codes are proposed: write those of the carriers' [plans]".to_string());
    let others = others_shaped(&others, "look like no plan and are not shown:");
    let remark = proposed.into_iter().chain(others).collect::<Vec<_>>().join("\n# ");
    let settings = if pairs.is_empty() { String::new() } else { format!("values = {{ {} }}", pairs.join(", ")) };
    Settings { settings, remark }
}

/// The plan's line of one of several elections: its cells may be marks, or say that nothing was chosen.
fn plan_line(kind: &str, header: &str, texts: &[TextSeen]) -> String {
    let found = if texts.is_empty() {
        Settings::remark("always empty in this file".to_string())
    } else {
        plan_values(texts, &|name| code_of_mark(kind, name).unwrap_or_else(|| code(name)))
    };
    found.line("plan", header)
}

/// A plan code made of a name.
fn code(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let code: String = words.collect::<Vec<_>>().join("-").to_ascii_uppercase().chars().take(40).collect();
    let code = code.trim_end_matches('-').to_string();
    if code.is_empty() { "PLAN".to_string() } else { code }
}

/// By what people are named in a column, and what stands between them.
fn naming_settings(cells: &[String], is_list: bool) -> Settings {
    let separators: &[char] = if is_list { &[';', '|', ',', '/', '~'] } else { &[] };
    let count = |sign: char| cells.iter().filter(|cell| cell.contains(sign)).count();
    let separator = separators.iter().copied().rev().max_by_key(|sign| count(*sign)).filter(|sign| count(*sign) > 0);
    let parts = |cell: &String| -> Vec<String> {
        let parts = cell.split(|c| Some(c) == separator).map(str::trim).filter(|part| !part.is_empty());
        parts.map(str::to_string).collect()
    };
    let parts: Vec<String> = cells.iter().flat_map(parts).collect();
    // By what most of them are: a placeholder among numbers makes no list of names.
    let numbers = parts.iter().filter(|part| cells::ssn(part.as_bytes(), false).is_ok()).count();
    let is_name =
        |part: &&String| !part.eq_ignore_ascii_case("all") && part.chars().filter(|c| c.is_alphabetic()).count() > 3;
    let names = parts.iter().filter(is_name).count();
    let by = match parts.len() {
        0 => None,
        all if numbers * 2 > all => Some("by = \"ssn\""),
        all if names * 2 > all && parts.iter().any(|part| part.contains(' ')) => Some("by = \"name\""),
        _ => None,
    };
    let between = separator.filter(|sign| *sign != ';').map(|sign| format!("separator = \"{sign}\""));
    let settings: Vec<String> = by.map(str::to_string).into_iter().chain(between).collect();
    Settings { settings: settings.join(", "), remark: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_string()).collect()
    }

    #[test]
    fn people_are_named_by_what_most_cells_hold() {
        let settings = |cells: &[&str]| naming_settings(&of(cells), true).settings;
        assert_eq!(settings(&["899-41-1002,899-41-1003"]), "by = \"ssn\", separator = \",\"");
        assert_eq!(settings(&["Bo Probe|Cy Probe"]), "by = \"name\", separator = \"|\"");
        assert_eq!((settings(&["01;02"]), settings(&["ALL"])), (String::new(), String::new()));
    }

    #[test]
    fn a_pattern_leaves_the_day_open_and_a_shape_shows_nothing_of_anybody() {
        assert_eq!((pattern("Census_20260302.csv"), pattern("a/b 1.csv")), ("Census_*.csv".into(), "a?b *.csv".into()));
        assert_eq!(masked("Ada-7, é$1.5"), "Aaa-9, a$9.9");
        assert_eq!(code("Medical PPO $500 (2026)"), "MEDICAL-PPO-500-2026");
    }
}
