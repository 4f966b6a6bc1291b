//! `mappings/census/<source>.toml`: how one employer's census is read.

use serde::Serialize;

use super::arrival::{self, SourceWay};
use super::column::{self, Column, Columns, Mapped, mapped};
use super::document::{self, MentionKind, Parsed, Shape, Table};
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
}

const LAYOUT: Shape<Layout> = Shape {
    read: |text| match text {
        "person-rows" => Some(Layout::PersonRows),
        "dependent-columns" => Some(Layout::DependentColumns),
        "dependents-following" => Some(Layout::DependentsFollowing),
        _ => None,
    },
    rule: "a layout is person-rows, dependents-following or dependent-columns",
    next: "choose person-rows when each person has a row with the family's key, dependents-following when dependents have \
           none and stand below the employee, dependent-columns when they stand beside the employee",
};

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
    })
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
