//! `mappings/census/<source>.toml`: how one employer's census is read.

use serde::Serialize;

use super::arrival::{self, SourceWay};
use super::column::{self, Column, Columns, Mapped, mapped};
use super::document::{self, MentionKind, Parsed, Shape, Table, Text};
use super::format::{FILE_PATTERN, FilePattern, Format, Limits};
use super::position::CellPlace;
use super::rules;
use super::shapes::EMPLOYER;
use crate::model::ids::{EmployerName, SourceName};

mapped! {
    /// What a census column can fill.
    CensusField {
        /// What the rows of a family share: the employee number, as a rule. Becomes the subscriber's key.
        FamilyKey, "family_key", column::Cell::Key;
        /// What tells dependents of a family apart. Without it, first name and birth date do.
        PersonKey, "person_key", column::Cell::Key;
        /// Relationship to the subscriber.
        Relationship, "relationship", column::RELATIONSHIP;
        /// Last name.
        LastName, "last_name", column::Cell::Text;
        /// First name.
        FirstName, "first_name", column::Cell::Text;
        /// Middle name or initial.
        MiddleName, "middle_name", column::Cell::Text;
        /// Suffix.
        Suffix, "suffix", column::Cell::Text;
        /// Social Security number.
        Ssn, "ssn", column::Cell::Ssn;
        /// Birth date.
        BirthDate, "birth_date", column::Cell::Date;
        /// Sex.
        Sex, "sex", column::SEX;
        /// Street.
        AddressLine1, "address_line1", column::Cell::Text;
        /// Second address line.
        AddressLine2, "address_line2", column::Cell::Text;
        /// City.
        City, "city", column::Cell::Text;
        /// State.
        State, "state", column::Cell::State;
        /// Postal code.
        Zip, "zip", column::Cell::Zip;
        /// Telephone number.
        Phone, "phone", column::Cell::Phone;
        /// E-mail address.
        Email, "email", column::Cell::Text;
        /// Marital status.
        MaritalStatus, "marital_status", column::MARITAL;
        /// What lets a child stay covered past the age limit of a line: a student, or certified.
        OverAge, "over_age", column::OVER_AGE;
        /// Employment status.
        EmploymentStatus, "employment_status", column::STATUS;
        /// How the employee is paid, in the employer's own words: plan documents may cover some alone.
        PayClass, "pay_class", column::Cell::Text;
        /// Where the employee works in the organization: a carrier may ask for it in a reference.
        Department, "department", column::Cell::Text;
        /// Where the employee works on the map; likewise.
        Location, "location", column::Cell::Text;
        /// Date of hire.
        HireDate, "hire_date", column::Cell::Date;
        /// Since when status and class are as they are.
        StatusSince, "status_since", column::Cell::Date;
        /// The number of the employee who has died and whose family goes on in this one.
        SurvivorOf, "survivor_of", column::Cell::Key;
        /// Last day of employment.
        EmploymentEnd, "employment_end", column::Cell::Date;
        /// Why employment ended.
        EndReason, "end_reason", column::END_REASON;
    }
}

/// How people are laid out in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Layout {
    /// One row per person.
    PersonRows,
    /// One row per employee; dependents stand in numbered columns of the same row.
    DependentColumns,
    /// One row per person; a dependent's has no family key and belongs to the employee's above it.
    DependentsFollowing,
    /// Several files make one census: employees in one, dependents in another.
    Parts,
}

const LAYOUT: Shape<Layout> = Shape {
    read: |text| match text {
        "person-rows" => Some(Layout::PersonRows),
        "dependent-columns" => Some(Layout::DependentColumns),
        "dependents-following" => Some(Layout::DependentsFollowing),
        "parts" => Some(Layout::Parts),
        _ => None,
    },
    rule: "a layout is person-rows, dependents-following, dependent-columns or parts",
    next: "choose person-rows when each person has a row with the family's key, dependents-following when dependents have \
           none and stand below the employee, dependent-columns when they stand beside the employee, parts when several \
           files make one census",
};

/// What a file of several that make one census tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum PartMakes {
    /// Employees: every row is one, and nobody else's.
    Subscribers,
    /// Dependents, each of whom names an employee.
    Dependents,
    /// Where employees live, and how they are reached.
    Addresses,
}

const MAKES: Shape<PartMakes> = Shape {
    read: |text| match text {
        "subscribers" => Some(PartMakes::Subscribers),
        "dependents" => Some(PartMakes::Dependents),
        "addresses" => Some(PartMakes::Addresses),
        _ => None,
    },
    rule: "a part makes subscribers, dependents or addresses",
    next: "choose subscribers for the file of employees, dependents for the one of their families, addresses for one that \
           says where employees live",
};

/// By what the rows of a part name the employee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum PartNamedBy {
    /// By the employee's number.
    #[default]
    Key,
    /// By the employee's Social Security number.
    Ssn,
}

const NAMED_BY: Shape<PartNamedBy> = Shape {
    read: |text| match text {
        "key" => Some(PartNamedBy::Key),
        "ssn" => Some(PartNamedBy::Ssn),
        _ => None,
    },
    rule: "the rows of a part name the employee by key or by ssn",
    next: "choose key where family_key holds the employee's number in every part, ssn where it holds the employee's Social \
           Security number in this one",
};

/// One of several files that make one census.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CensusPart {
    /// What the mapping calls it: 1 to 40 of `a-z 0-9 - _`.
    pub name: SourceName,
    /// What it tells of.
    pub makes: PartMakes,
    /// By what its rows name the employee. Default: the employee's number.
    pub named_by: PartNamedBy,
    /// How it is read, as if it were a census by itself.
    pub mapping: CensusMapping,
}

/// Several files that make one census.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CensusParts {
    /// How many hours apart files may come that make one census, where their names hold no day. Default 24, from 1 to
    /// 744.
    pub within_hours: u32,
    /// At least one of employees, and one of others.
    pub parts: Vec<CensusPart>,
}

impl CensusParts {
    /// The part that a file of this name is: of several whose patterns fit, the one that says most.
    pub fn named(&self, file: &str) -> Option<&CensusPart> {
        let fits = self.parts.iter().filter(|part| part.mapping.file.matches(file));
        let said = |part: &&CensusPart| part.mapping.file.as_str().chars().filter(|c| !"*?".contains(*c)).count();
        fits.max_by_key(said)
    }
}

/// Columns whose headers carry a number, one set for each child or spouse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DependentColumns {
    /// Most dependents in a row, 1 to 20. Default 6.
    pub max: u32,
    /// Columns whose headers contain `{n}`.
    pub columns: Columns<CensusField>,
}

/// How one employer's census is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CensusMapping {
    /// The name of the file.
    pub source: SourceName,
    /// Whose census it is.
    pub employer: EmployerName,
    /// How people are laid out.
    pub layout: Layout,
    /// Whether the file tells of everybody, so that absence means something. Default true.
    pub snapshot: bool,
    /// Which files of `inbox/<employer>/` it is.
    pub file: FilePattern,
    /// Where its rows come from.
    pub arrival: SourceWay,
    /// How the file is written.
    pub format: Format,
    /// How large and how faulty it may be.
    pub limits: Limits,
    /// Days without a file after which somebody is told; 0 for never. None: by how often files have come so far.
    pub silent_days_max: Option<u32>,
    /// Where each value of a person stands, by the field it fills.
    pub columns: Columns<CensusField>,
    /// The numbered columns, for [`Layout::DependentColumns`].
    pub dependents: Option<DependentColumns>,
    /// How a file shows that it is this employer's.
    pub belongs: Option<Belongs>,
    /// The files that make it together, for [`Layout::Parts`]: then columns and format are theirs.
    pub parts: Option<CensusParts>,
}

/// A column that has the same value in every row of this employer's files: a company code, a tax number. A file in
/// which it has another is somebody else's and is refused whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Belongs {
    /// Where the column stands.
    pub column: Column,
    /// The value, compared without surrounding spaces.
    pub value: String,
}

impl Belongs {
    /// Reads a `[belongs]` table.
    pub(super) fn read(table: &Table<'_>, format: &Format) -> Option<Belongs> {
        let column = column::read_place(table, format);
        let value = table.need_text("value")?.text.trim().to_string();
        Some(Belongs { column, value })
    }
}

impl CensusMapping {
    /// Reads `mappings/census/<source>.toml`; `path` is the file's path below the site.
    pub fn parse(source: &SourceName, path: &str, text: &str) -> Parsed<CensusMapping> {
        document::read(path, text, |table| read(source, table))
    }
}

/// What may stand in numbered columns.
const OF_DEPENDENTS: [CensusField; 10] = [
    CensusField::PersonKey,
    CensusField::Relationship,
    CensusField::LastName,
    CensusField::FirstName,
    CensusField::MiddleName,
    CensusField::Suffix,
    CensusField::Ssn,
    CensusField::BirthDate,
    CensusField::Sex,
    CensusField::Phone,
];

fn read(source: &SourceName, table: &Table<'_>) -> Option<CensusMapping> {
    let employer = table.need_name("employer", MentionKind::Employer, &EMPLOYER);
    let layout = table.need("layout", &LAYOUT);
    if layout == Some(Layout::Parts) {
        return read_set(source, table, employer?);
    }
    let snapshot = table.flag("snapshot", true);
    let file = arrival::file(table, &FILE_PATTERN);
    let format = table.section("format", Format::read).unwrap_or_default();
    let arrival = SourceWay::read(table, &format);
    let limits = table.section("limits", Limits::read).unwrap_or_default();
    let silent_days_max = table.maybe_whole("silent_days_max", 0..=400);
    let columns = table.need_section("columns", |columns| read_columns(layout, columns, &format));
    let dependents = read_dependents(layout, table, &format);
    let belongs = table.section("belongs", |table| Belongs::read(table, &format));
    Some(CensusMapping {
        source: source.clone(),
        employer: employer?,
        layout: layout?,
        snapshot,
        file: file?,
        arrival,
        format,
        limits,
        silent_days_max,
        columns: columns?,
        dependents,
        belongs,
        parts: None,
    })
}

/// Reads a census that several files make.
fn read_set(source: &SourceName, table: &Table<'_>, employer: EmployerName) -> Option<CensusMapping> {
    refuse_whole_settings(table);
    let arrival = SourceWay::read(table, &Format::default());
    if matches!(arrival, SourceWay::Query(_)) {
        let rule = "several files make a census, or a database tells it";
        table.refuse(rules::CONTRADICTION.worded(rule, "join the tables in the query").at(table.place_of("database")));
    }
    let within_hours = table.whole("within_hours", 24, 1..=744);
    let as_whole = CensusMapping {
        source: source.clone(),
        employer,
        layout: Layout::Parts,
        snapshot: table.flag("snapshot", true),
        file: FilePattern::none(),
        arrival,
        format: Format::default(),
        limits: table.section("limits", Limits::read).unwrap_or_default(),
        silent_days_max: table.maybe_whole("silent_days_max", 0..=400),
        columns: Columns::new(),
        dependents: None,
        belongs: None,
        parts: None,
    };
    let parts = table.need_section("parts", |inner| {
        let parts = inner.each(|name, part| read_part(&as_whole, name, part));
        refuse_incomplete_set(inner, &parts);
        Some(parts)
    })?;
    let file = FilePattern::any_of(parts.iter().map(|part| &part.mapping.file));
    Some(CensusMapping { file, parts: Some(CensusParts { within_hours, parts }), ..as_whole })
}

/// What each of several files says for itself is not said of all of them.
fn refuse_whole_settings(table: &Table<'_>) {
    for setting in ["file", "format", "columns", "belongs"].into_iter().filter(|setting| table.has(setting)) {
        let rule = "where several files make a census, each of its [parts] says how it is called and read";
        let fault = rules::CONTRADICTION.worded(rule, "move it into the part, for example [parts.employees.columns]");
        table.refuse(fault.at(table.place_of(setting)).name("setting", setting));
    }
}

/// A set has employees, and somebody or something beside them; its files can be told apart by their names.
fn refuse_incomplete_set(table: &Table<'_>, parts: &[CensusPart]) {
    let of = |makes: PartMakes| parts.iter().filter(|part| part.makes == makes).count();
    if of(PartMakes::Subscribers) == 0 || parts.len() < 2 || of(PartMakes::Addresses) > 1 {
        let rule = "of several files that make a census, one at least makes subscribers, and one at most addresses";
        let next = "declare a part for each file; where one file tells of everybody, choose another layout";
        table.refuse(rules::CONTRADICTION.worded(rule, next).at(table.place()));
    }
    let same = |(at, part): (usize, &CensusPart)| parts[..at].iter().any(|one| one.mapping.file == part.mapping.file);
    if parts.iter().enumerate().any(same) {
        let rule = "files that make a census together are told apart by their names";
        table.refuse(rules::CONTRADICTION.worded(rule, "give each part a file of its own").at(table.place()));
    }
}

fn read_part(whole: &CensusMapping, name: &Text, table: &Table<'_>) -> Option<CensusPart> {
    let (name, makes) = (part_name(name, table), table.need("makes", &MAKES));
    let file = table.need("file", &FILE_PATTERN);
    let named_by = table.maybe("named_by", &NAMED_BY).unwrap_or_default();
    if named_by == PartNamedBy::Ssn && makes == Some(PartMakes::Subscribers) {
        let rule = "employees are named by their own number";
        table.refuse(rules::CONTRADICTION.worded(rule, "remove named_by").at(table.place_of("named_by")));
    }
    let format = table.section("format", Format::read).unwrap_or_default();
    let limits = table.section("limits", Limits::read).unwrap_or_default();
    let columns = table.need_section("columns", |columns| read_part_columns(makes?, columns, &format));
    let belongs = table.section("belongs", |table| Belongs::read(table, &format));
    // A row without a relationship of its own is an employee's, as where dependents stand beside it.
    let is_employees = makes == Some(PartMakes::Subscribers);
    let layout = if is_employees { Layout::DependentColumns } else { Layout::PersonRows };
    let arrival = SourceWay::Inbox;
    let (file, columns) = (file?, columns?);
    let mapping = CensusMapping { layout, file, format, limits, columns, belongs, arrival, ..whole.clone() };
    Some(CensusPart { name: name?, makes: makes?, named_by, mapping })
}

fn part_name(name: &Text, table: &Table<'_>) -> Option<SourceName> {
    let known = SourceName::new(&name.text);
    if known.is_none() {
        let rule = "the name of a part is 1 to 40 of a-z 0-9 - _";
        let fault = rules::MALFORMED.worded(rule, "call it by what it tells of: employees, dependents");
        table.refuse(fault.at(name.place.clone()));
    }
    known
}

/// What a part of addresses may hold beside the key.
const OF_ADDRESSES: [CensusField; 8] = [
    CensusField::FamilyKey,
    CensusField::AddressLine1,
    CensusField::AddressLine2,
    CensusField::City,
    CensusField::State,
    CensusField::Zip,
    CensusField::Phone,
    CensusField::Email,
];

fn read_part_columns(makes: PartMakes, table: &Table<'_>, format: &Format) -> Option<Columns<CensusField>> {
    match makes {
        PartMakes::Subscribers => read_columns(Some(Layout::DependentColumns), table, format),
        PartMakes::Dependents => read_columns(Some(Layout::PersonRows), table, format),
        PartMakes::Addresses => {
            let columns = column::read::<CensusField>(table, format)?;
            column::need(table, &columns, &[CensusField::FamilyKey]);
            refuse_half_address(table, &columns);
            refuse_numbered(table, &columns, false);
            for field in columns.keys().filter(|field| !OF_ADDRESSES.contains(field)) {
                let rule = "a part of addresses holds the key, an address, a telephone number and an e-mail address";
                let fault = rules::CONTRADICTION.worded(rule, "have the other columns in the part of employees");
                table.refuse(fault.at(table.place_of(field.word())).name("column", field.word()));
            }
            Some(columns)
        }
    }
}

fn read_columns(layout: Option<Layout>, table: &Table<'_>, format: &Format) -> Option<Columns<CensusField>> {
    let columns = column::read::<CensusField>(table, format)?;
    column::need(table, &columns, &[CensusField::FamilyKey, CensusField::LastName, CensusField::FirstName]);
    if matches!(layout, Some(Layout::PersonRows | Layout::DependentsFollowing)) {
        column::need(table, &columns, &[CensusField::Relationship]);
    }
    refuse_half_address(table, &columns);
    refuse_numbered(table, &columns, false);
    Some(columns)
}

/// An address is told whole or not at all.
fn refuse_half_address(table: &Table<'_>, columns: &Columns<CensusField>) {
    use CensusField::{AddressLine1, City, State, Zip};
    let parts = [AddressLine1, City, State, Zip];
    if parts.iter().any(|part| columns.contains_key(part)) {
        column::need(table, columns, &parts);
    }
}

fn read_dependents(layout: Option<Layout>, table: &Table<'_>, format: &Format) -> Option<DependentColumns> {
    if layout != Some(Layout::DependentColumns) {
        return None;
    }
    table.need_section("dependents", |inner| {
        let max = inner.whole("max", 6, 1..=20);
        let columns = inner.need_section("columns", |columns| read_numbered(columns, format))?;
        Some(DependentColumns { max, columns })
    })
}

fn read_numbered(table: &Table<'_>, format: &Format) -> Option<Columns<CensusField>> {
    use CensusField::{BirthDate, FirstName, LastName, PersonKey, Relationship};
    let columns = column::read::<CensusField>(table, format)?;
    column::need(table, &columns, &[FirstName, LastName, Relationship]);
    if !columns.contains_key(&PersonKey) {
        column::need(table, &columns, &[BirthDate]);
    }
    refuse_numbered(table, &columns, true);
    Some(columns)
}

/// Numbered columns have `{n}` in their headers and hold what dependents have; others have none.
fn refuse_numbered(table: &Table<'_>, columns: &Columns<CensusField>, numbered: bool) {
    for (field, column) in columns {
        if !is_numbered_right(column, numbered) || (numbered && !OF_DEPENDENTS.contains(field)) {
            let rule = "columns of dependents, and only they, have {n} in their headers and hold what dependents have";
            let next = "write the dependent's number as {n}, for example \"Dep{n} First Name\"";
            table.refuse(
                rules::CONTRADICTION.worded(rule, next).at(table.place_of(field.word())).name("column", field.word()),
            );
        }
    }
}

fn is_numbered_right(column: &Column, numbered: bool) -> bool {
    let places = column.places();
    let has_number = |place: &&CellPlace| place.headers.iter().any(|header| header.contains("{n}"));
    if !numbered {
        return !places.iter().any(has_number);
    }
    // What is made of a dependent's cells may look at others of the row; what is stated has none.
    let of_dependent = if column.making.is_some() {
        places.is_empty() || places.iter().any(has_number)
    } else {
        column.place.headers.iter().all(|header| header.contains("{n}"))
    };
    of_dependent && places.iter().all(|place| place.position.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Parsed<CensusMapping> {
        CensusMapping::parse(&SourceName::new("s").unwrap(), "mappings/census/s.toml", text)
    }

    const ROWS: &str = "employer = \"e\"\nlayout = \"person-rows\"\nfile = \"census*.csv\"\n[columns]\n\
        family_key = \"Emp ID\"\nrelationship = { header = \"Rel\", values = { \"D\" = \"child\" } }\n\
        last_name = \"Last\"\nfirst_name = [\"First\", \"Given\"]\n";

    #[test]
    fn a_short_mapping_is_enough_and_the_rest_has_defaults() {
        let parsed = parse(ROWS);
        let mapping = parsed.value.unwrap_or_else(|| panic!("{:?}", parsed.faults));
        assert!(mapping.snapshot && mapping.format == Format::default() && mapping.limits == Limits::default());
        assert_eq!(mapping.columns[&CensusField::FirstName].place.headers, ["First", "Given"]);
        assert_eq!(parsed.mentions[0].name, "e");
    }

    #[test]
    fn a_mapping_names_every_column_it_lacks_at_once() {
        let parsed =
            parse("employer = \"e\"\nlayout = \"person-rows\"\nfile = \"c.csv\"\n[columns]\ncity = \"City\"\n");
        let lacking: Vec<&str> = parsed.faults.iter().map(|fault| fault.code).collect();
        assert_eq!(lacking, ["CFG017"; 7], "{:?}", parsed.faults);
    }

    #[test]
    fn dependents_in_columns_need_numbered_headers() {
        let text = ROWS.replace("person-rows", "dependent-columns")
            + "[dependents.columns]\nfirst_name = \"Dep First\"\nlast_name = \"Dep{n} Last\"\n"
            + "relationship = \"Dep{n} Rel\"\nbirth_date = \"Dep{n} DOB\"\n";
        assert_eq!(parse(&text).faults[0].code, "CFG019");
        assert!(parse(&text.replace("Dep First", "Dep{n} First")).value.is_some());
    }

    #[test]
    fn values_must_be_words_the_column_can_stand_for() {
        let parsed = parse(&ROWS.replace("\"child\"", "\"kid\""));
        assert_eq!(parsed.faults[0].code, "CFG005");
        assert_eq!(parsed.faults[0].place.to_string(), "mappings/census/s.toml:6:51");
    }
}
