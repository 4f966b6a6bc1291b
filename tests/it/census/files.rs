//! What employers' files can be, and what is made of them.

use bex::census::{self, CensusFamily, ElectionRow, Summary, UNREAD};
use bex::config::shipped;
use bex::fault::Fault;
use bex::mapping::{CensusMapping, ElectionsMapping};
use bex::model::election::Tier;
use bex::model::ids::SourceName;
use bex::model::person::EmploymentStatus;
use chrono::NaiveDate;
use proptest::prelude::*;

type Read<T> = (Vec<T>, Result<Summary, Vec<Fault>>);

fn source() -> SourceName {
    SourceName::new("census").unwrap()
}

fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 2).unwrap()
}

fn census(mapping: &CensusMapping, bytes: &[u8]) -> Read<CensusFamily> {
    let mut rows = Vec::new();
    let mut sink = |row| {
        rows.push(row);
        Ok(())
    };
    let found = census::read_families(&mut || Ok(Box::new(bytes)), mapping, as_of(), &mut sink);
    (rows, found)
}

fn elections(mapping: &ElectionsMapping, bytes: &[u8]) -> Read<ElectionRow> {
    let mut rows = Vec::new();
    let mut sink = |row| {
        rows.push(row);
        Ok(())
    };
    let found = census::read_elections(&mut || Ok(Box::new(bytes)), mapping, &mut sink);
    (rows, found)
}

const PEOPLE: &str = r#"
employer = "e"
layout = "person-rows"
file = "c.csv"
[limits]
bad_rows_percent_max = 100
[columns]
family_key = ["ID", "Employee No."]
person_key = { header = "No", required = false }
relationship = "Rel"
last_name = "Last"
first_name = "First"
ssn = { header = "SSN", required = false }
birth_date = { header = "Born", required = false }
address_line1 = { header = "Street", required = false }
city = { header = "City", required = false }
state = { header = "State", required = false }
zip = { header = "Zip", required = false }
phone = { header = "Phone", required = false }
employment_status = { header = "Status", required = false }
hire_date = { header = "Hired", required = false }
employment_end = { header = "Left", required = false }
"#;

fn people(extra: &str) -> CensusMapping {
    let parsed = CensusMapping::parse(&source(), "c.toml", &format!("{PEOPLE}{extra}"));
    parsed.value.unwrap_or_else(|| panic!("{:?}", parsed.faults))
}

/// Codes with lines and columns, as people see them.
fn said(found: &Result<Summary, Vec<Fault>>) -> Vec<String> {
    let faults = match found {
        Ok(summary) => &summary.faults,
        Err(faults) => faults,
    };
    faults.iter().map(|fault| format!("{} {}", fault.code, fault.place)).collect()
}

const HEAD: &str = "ID,No,Rel,Last,First,Born\n";
const WELL: &str = "7,0,EE,Example,Ann,1980-01-01\n7,1,CH,Example,Bo,2010-01-01\n";

#[test]
fn a_family_is_a_subscriber_and_dependents_in_order() {
    let text = format!("{HEAD}7,2,CH,Example,Cy,2012-01-01\n{WELL}8,0,EE,Sample,Dee,1990-05-05\n");
    let (rows, found) = census(&people(""), text.as_bytes());
    let summary = found.unwrap();
    assert_eq!((summary.rows, summary.families, summary.bad_rows, summary.faults.len()), (4, 2, 0, 0));
    assert!(summary.absence_is_meaningful);
    let family = rows[0].family.as_ref().unwrap();
    assert_eq!(family.subscriber.key.reveal(), "7");
    let keys: Vec<_> = family.dependents.iter().map(|person| person.key.reveal().as_str()).collect();
    assert_eq!(keys, ["1", "2"]);
}

#[test]
fn the_header_is_matched_whatever_its_case_spaces_order_and_aliases() {
    let text = "first ,LAST,rel,employee no,Nobody Asked,Born\nAnn,Example,self,7,secret,1980-01-01\n";
    let (rows, found) = census(&people(""), text.as_bytes());
    assert!(rows[0].family.is_some());
    assert_eq!(said(&found), ["CEN011 census line 1"]);
    let told = |text: &str| format!("{:?}", census(&people(""), text.as_bytes()).1);
    assert!(told(text).contains("Nobody Asked") && !told(text).contains("secret"));
    // What may be somebody's in a line of headers is not repeated.
    assert!(!told(&text.replace("Nobody Asked", "Ann 899-31-1001")).contains("899"));
}

/// A file that is refused whole, and nobody in it.
#[test]
fn d1_a_file_that_cannot_be_trusted_yields_nothing() {
    let trailer = "[format]\ntrailer = { begins = \"END\", count_cell = 2 }\n";
    let mark = "[belongs]\nheader = \"Co\"\nvalue = \"A\"\n";
    let long = format!("{HEAD}7,0,EE,{},Ann,1980-01-01\n", "x".repeat(70_000));
    let wide = format!("{HEAD}7{}\n", ",".repeat(600));
    let cases: &[(&str, &str, &[u8], &str)] = &[
        ("zero bytes", "", b"", "CEN001"),
        ("a header and nobody", "", HEAD.as_bytes(), "CEN001"),
        ("blank rows only", "", b"ID,Rel,Last,First\n,,,\n,,,\n", "CEN001"),
        ("a required column renamed", "", b"ID,Rel,Surname,First\n7,EE,E,A\n", "CEN002"),
        ("two columns of one name", "", b"ID,Rel,Last,First,last\n7,EE,E,A,E\n", "CEN003"),
        ("two aliases at once", "", b"ID,Employee No.,Rel,Last,First\n7,7,EE,E,A\n", "CEN003"),
        ("a byte that is no UTF-8", "", b"ID,Rel,Last,First\n7,EE,Pe\xF1a,A\n", "CEN004"),
        ("UTF-16 cut inside a letter", "", b"\xFF\xFEI\0D\0,\0R\0e\0l\0\n", "CEN004"),
        ("UTF-16 without a mark", "", b"I\0D\0,\0R\0e\0l\0\n\0", "CEN004"),
        ("a quote never closed", "", b"ID,Rel,Last,First\n7,EE,\"Exa,A\n8,EE,E,B\n", "CEN005"),
        ("a quote closed by another row's", "", b"ID,Rel,Last,First\n7,EE,E,\"A\n8,EE,E,\"B\"\n", "CEN005"),
        ("a last row cut off", "", b"ID,Rel,Last,First\n7,EE,E,A\n8,EE,E,B", "CEN006"),
        ("no trailer", trailer, b"ID,Rel,Last,First\n7,EE,E,A\n", "CEN006"),
        ("a trailer that counts more", trailer, b"ID,Rel,Last,First\n7,EE,E,A\nEND,2\n", "CEN006"),
        ("a trailer without a number", trailer, b"ID,Rel,Last,First\n7,EE,E,A\nEND,x\n", "CEN006"),
        ("rows after the trailer", trailer, b"ID,Rel,Last,First\nEND,0\n7,EE,E,A\n", "CEN006"),
        ("a row too long", "", long.as_bytes(), "CEN007"),
        ("a row too wide", "", wide.as_bytes(), "CEN007"),
        ("another employer's mark", mark, b"ID,Rel,Last,First,Co\n7,EE,E,A,A\n8,EE,E,B,B\n", "CEN013"),
        ("no mark at all", mark, b"ID,Rel,Last,First\n7,EE,E,A\n", "CEN002"),
    ];
    for (story, extra, bytes, code) in cases {
        let (rows, found) = census(&people(extra), bytes);
        let faults = found.expect_err(story);
        assert_eq!(faults[0].code, *code, "{story}: {faults:?}");
        assert!(rows.is_empty(), "{story}");
    }
}

#[test]
fn too_many_bad_rows_refuse_the_file_with_the_reason_first() {
    let mut mapping = people("");
    mapping.limits.bad_rows_percent_max = 2;
    mapping.limits.bad_rows_max = 1;
    let text = format!("{HEAD}{WELL}8,0,EE,,Dee,1990-05-05\n9,0,EE,Example,,1990-05-05\n");
    let (_, found) = census(&mapping, text.as_bytes());
    let faults = found.unwrap_err();
    assert_eq!(faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["CEN008", "CEN021", "CEN021"]);
}

#[test]
fn a_file_beyond_its_size_is_refused_without_being_read_to_its_end() {
    let mut mapping = people("");
    mapping.limits.file_bytes_max = 1000;
    let endless = || std::io::Read::chain(HEAD.as_bytes(), std::io::repeat(b'\n'));
    let found = census::read_families(&mut || Ok(Box::new(endless())), &mapping, as_of(), &mut |_| Ok(()));
    assert_eq!(found.unwrap_err()[0].code, "CEN012");
}

#[test]
fn d19_one_endless_row_cannot_eat_memory() {
    for byte in [b',', b'x', b'"'] {
        let endless = || std::io::Read::chain(HEAD.as_bytes(), std::io::repeat(byte));
        let found = census::read_families(&mut || Ok(Box::new(endless())), &people(""), as_of(), &mut |_| Ok(()));
        assert!(["CEN005", "CEN007"].contains(&found.unwrap_err()[0].code));
    }
}

/// One bad cell costs its row; the family is there all the same, and nobody's absence from it means anything.
#[test]
fn d30_a_bad_cell_costs_its_row_and_names_its_place() {
    let head = "ID,No,Rel,Last,First,Born,SSN,Street,City,State,Zip,Phone,Status,Hired,Left\n";
    let good = "7,0,EE,Example,Ann,1980-01-01,899101234,1 Way,Town,IL,62701,2175550101,A,2010-01-01,";
    let cases = [
        ("a blank name", "Example", "", "CEN021", "last_name"),
        ("a relationship nobody knows", "EE", "S", "CEN031", "relationship"),
        ("no relationship", "EE", "", "CEN021", "relationship"),
        ("a day that is not", "1980-01-01", "1980-02-30", "CEN024", "birth_date"),
        ("a two-digit year", "1980-01-01", "80-01-01", "CEN024", "birth_date"),
        ("the year 85", "1980-01-01", "0085-01-01", "CEN025", "birth_date"),
        ("the year 9999", "1980-01-01", "9999-12-31", "CEN025", "birth_date"),
        ("born tomorrow", "1980-01-01", "2026-03-03", "CEN025", "birth_date"),
        ("a spreadsheet's serial date", "1980-01-01", "29221", "CEN024", "birth_date"),
        ("eight digits", "899101234", "89910123", "CEN026", "ssn"),
        ("scientific notation", "899101234", "8.99E+08", "CEN026", "ssn"),
        ("a masked number", "899101234", "***-**-1234", "CEN026", "ssn"),
        ("an area never issued", "899101234", "666101234", "CEN027", "ssn"),
        ("a group never issued", "899101234", "899001234", "CEN027", "ssn"),
        ("half an address", "Town", "", "CEN032", "city"),
        ("a state that is none", "IL", "XX", "CEN029", "state"),
        ("a postal code that lost its zero", "62701", "2139", "CEN028", "zip"),
        ("hired at twelve", "2010-01-01", "1992-01-01", "CEN033", "hire_date"),
        ("terminated without a date", ",A,", ",T,", "CEN034", "employment_end"),
        ("a status nobody knows", ",A,", ",Z9,", "CEN031", "employment_status"),
        ("a zero-width space", "Example", "Exam\u{200B}ple", "CEN022", "last_name"),
        ("a right-to-left override", "Example", "\u{202E}elpmaxE", "CEN022", "last_name"),
        ("a line break in a name", "Example", "\"Exam\nple\"", "CEN022", "last_name"),
        ("a formula's error", "Example", "#REF!", "CEN052", "last_name"),
        ("a formula nobody has worked out", "Example", "=VLOOKUP(A2;X:Y;2)", "CEN052", "last_name"),
        ("a cell too narrow for its number", "1 Way", "########", "CEN052", "address_line1"),
        ("a number in a name's place", "Ann", "62701", "CEN070", "first_name"),
        ("no name", "Example", "n/a", "CEN070", "last_name"),
        ("rows swallowed by a lost quote", "1 Way", "\"1 Way\n8,0,EE,Sample\"", "CEN022", "address_line1"),
        ("text decoded wrongly before", "Example", "PeÃ±a", "CEN046", "last_name"),
        ("a name no 834 can carry", "Ann", "Annannannannannannannannannannannanna", "CEN023", "first_name"),
    ];
    for (story, from, to, code, column) in cases {
        let text = format!("{head}{}\n7,1,CH,Example,Bo,2010-01-01,,,,,,,,,\n", good.replacen(from, to, 1));
        let (rows, found) = census(&people(""), text.as_bytes());
        assert_eq!(said(&found)[0], format!("{code} census line 2, column {column}"), "{story}");
        let summary = found.unwrap();
        assert_eq!((rows.len(), summary.bad_rows, summary.incomplete), (1, 1, 1), "{story}");
        assert!(rows[0].incomplete && rows[0].family.is_none(), "{story}");
        assert!(
            to.len() < 3 || !format!("{:?}", summary.faults).contains(to),
            "{story}: a fault must not repeat a value"
        );
    }
}

#[test]
fn an_address_on_two_lines_of_one_cell_is_one_address() {
    let text = "ID,Rel,Last,First,Street,City,State,Zip\n7,EE,Example,Ann,\"1 Way, \r\nApt #4\",Town,IL,62701\n";
    let (rows, found) = census(&people(""), text.as_bytes());
    assert_eq!(said(&found), [""; 0]);
    assert_eq!(rows[0].family.as_ref().unwrap().subscriber.address.as_ref().unwrap().reveal().line1, "1 Way, Apt #4");
}

#[test]
fn what_is_typed_where_no_number_is_known_is_nobodys_number() {
    for key in ["TBD", "n/a", "New Hire", "--", "#N/A", "?"] {
        let (rows, found) = census(&people(""), format!("{HEAD}{WELL}{key},0,EE,Sample,Dee,1990-01-01\n").as_bytes());
        let code = if key == "#N/A" { "CEN052" } else { "CEN070" };
        assert_eq!(said(&found)[0], format!("{code} census line 4, column family_key"), "{key}");
        assert_eq!((rows.len(), found.unwrap().strays.len()), (1, 1), "{key}");
    }
    for key in ["NEW-1", "TB", "N1/A", "A", "-7"] {
        let (rows, found) = census(&people(""), format!("{HEAD}{WELL}{key},0,EE,Sample,Dee,1990-01-01\n").as_bytes());
        assert_eq!((rows.len(), said(&found)), (2, Vec::new()), "{key}");
    }
}

#[test]
fn an_unusable_telephone_number_is_left_out_and_costs_nobody_anything() {
    let text = "ID,Rel,Last,First,Phone\n7,EE,Example,Ann,555-0101\n";
    let (rows, found) = census(&people(""), text.as_bytes());
    assert_eq!(said(&found), ["CEN030 census line 2, column phone"]);
    assert!(!rows[0].incomplete && rows[0].family.as_ref().unwrap().subscriber.phone.is_none());
}

#[test]
fn what_nobody_can_tell_any_more_costs_its_value_alone_where_a_person_can_be_told_without_it() {
    let of_json = people("[format]\nform = \"json-lines\"\n");
    let json = |field: &str| {
        let mut object =
            r#"{"ID":"7","Rel":"EE","Last":"Example","First":"Ann","Phone":"2175550101","Status":"A"}"#.to_string();
        object = object.replace('}', &format!(",\"{field}\":[1,2]}}\n"));
        if field == "Phone" { object.replace("\"Phone\":\"2175550101\",", "") } else { object }
    };
    let (rows, found) = census(&of_json, json("Phone").as_bytes());
    assert_eq!(said(&found), ["CEN051 census line 1, column phone"]);
    assert!(!rows[0].incomplete && rows[0].family.as_ref().unwrap().subscriber.phone.is_none());
    let (rows, found) = census(&of_json, json("SSN").as_bytes());
    assert_eq!(said(&found), ["CEN052 census line 1, column ssn"]);
    assert!(rows[0].incomplete);
}

#[test]
fn cells_a_person_can_be_told_without_never_refuse_the_file_however_many_are_bad() {
    let row = |id: u32| format!("{id},EE,Example,Ann{},1980-01-01,666-10-{id}\n", "n".repeat(id as usize - 1000));
    let rows: String = (1001..1021).map(row).collect();
    let (rows, found) = census(&people(""), format!("ID,Rel,Last,First,Born,SSN\n{rows}").as_bytes());
    assert_eq!((rows.len(), found.unwrap().bad_rows), (20, 20));
    assert!(rows.iter().all(|row| row.incomplete));
}

#[test]
fn a_row_that_cannot_be_attributed_is_kept_so_that_whoever_seems_absent_is_looked_for_in_it() {
    let (rows, found) = census(&people(""), format!("{HEAD}{WELL},0,EE,Sample,Dee,1990-01-01\n").as_bytes());
    let summary = found.unwrap();
    assert_eq!((rows.len(), summary.unattributed_rows, summary.strays.len()), (1, 1, 1));
    assert!(summary.absence_is_meaningful && !rows[0].incomplete);
    assert!(!format!("{summary:?}").contains("Sample"), "the cells that are kept do not print themselves");
}

#[test]
fn a_row_with_too_many_or_too_few_cells_is_of_the_family_whose_key_it_begins_with() {
    for bad in ["8,0,EE,Sample,Dee\n", "8,0,EE,Sample,Dee,1990-01-01,extra\n"] {
        let (rows, found) = census(&people(""), format!("{HEAD}{WELL}{bad}").as_bytes());
        let summary = found.unwrap();
        assert_eq!((rows.len(), summary.unattributed_rows, summary.bad_rows), (2, 0, 1), "{bad}");
        assert!(summary.absence_is_meaningful && rows[1].incomplete && rows[1].family.is_none());
    }
}

#[test]
fn where_more_rows_belong_to_nobody_than_are_kept_absence_has_no_meaning_and_that_is_said() {
    let nobodys = ",0,EE,Sample,Dee,1990-01-01\n".repeat(1001);
    let (_, found) = census(&people(""), format!("{HEAD}{WELL}{nobodys}").as_bytes());
    let summary = found.unwrap();
    assert!(!summary.absence_is_meaningful);
    assert_eq!(summary.faults.len() as u64 + summary.faults_omitted, 1002);
}

#[test]
fn lines_of_text_are_passed_over_wherever_they_stand_and_cost_one_notice() {
    let title = "*** CONFIDENTIAL - by payroll ***\n";
    let text = format!("{HEAD}{title}{WELL}{title}Page 1 of 1,,,,,\n");
    let (rows, found) = census(&people(""), text.as_bytes());
    assert_eq!(said(&found), ["CEN059 census line 2"]);
    assert_eq!((rows.len(), found.unwrap().bad_rows), (1, 0));
}

#[test]
fn a_header_that_stands_once_more_is_no_person() {
    let (rows, found) = census(&people(""), format!("{HEAD}{WELL}{HEAD}8,0,EE,Sample,Dee,1990-05-05\n").as_bytes());
    assert_eq!((rows.len(), said(&found)), (2, vec!["CEN047 census line 4".to_string()]));
}

#[test]
fn a_trailer_counts_people_and_no_lines_and_a_line_may_stand_behind_it() {
    let mapping = people("[format]\ntrailer = { begins = \"END\", count_cell = 2 }\n");
    let text = format!("{HEAD}{WELL}*** CONFIDENTIAL ***\nEND,2\nPrinted by payroll\n");
    let (rows, found) = census(&mapping, text.as_bytes());
    assert_eq!((rows.len(), said(&found)), (1, vec!["CEN059 census line 4".to_string()]));
}

#[test]
fn a_file_of_lines_is_refused() {
    let (_, found) = census(&people(""), format!("{HEAD}{WELL}{}", "Page 1 of 1\n".repeat(200)).as_bytes());
    assert_eq!(said(&found)[0], "CEN008 census");
}

#[test]
fn a_census_that_does_not_tell_of_everybody_gives_absence_no_meaning() {
    let mut mapping = people("");
    mapping.snapshot = false;
    assert!(!census(&mapping, format!("{HEAD}{WELL}").as_bytes()).1.unwrap().absence_is_meaningful);
}

#[test]
fn d13_repeated_rows_become_one_and_contradicting_rows_hold_the_family() {
    let (rows, found) = census(&people(""), format!("{HEAD}{WELL}7,1,CH,Example,Bo,2010-01-01\n").as_bytes());
    assert_eq!(said(&found), ["CEN035 census line 4"]);
    assert!(!rows[0].incomplete && rows[0].family.as_ref().unwrap().dependents.len() == 1);
    let (rows, found) = census(&people(""), format!("{HEAD}{WELL}7,1,CH,Example,Bo,2010-01-02\n").as_bytes());
    assert_eq!(said(&found), ["CEN036 census line 4"]);
    assert!(rows[0].incomplete && rows[0].family.as_ref().unwrap().dependents.is_empty());
}

#[test]
fn a_row_for_each_plan_of_a_person_is_told_once_and_hides_nothing_that_is_wrong() {
    let row = |id: u32| format!("{id},0,EE,Example,Ann,1980-01-01\n").repeat(3);
    let rows: String = (1000..1600).map(row).collect();
    let (rows, found) = census(&people(""), format!("{HEAD}{rows}9,0,EE,Example,Ann,1980-02-31\n").as_bytes());
    let summary = found.unwrap();
    assert_eq!((rows.len(), summary.faults_omitted), (601, 0));
    let codes: Vec<&str> = summary.faults.iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["CEN024", "CEN035"]);
    assert!(summary.faults[1].to_string().contains("rows 1200"), "{}", summary.faults[1]);
}

#[test]
fn birth_dates_agree_with_who_people_are_to_the_employee() {
    let rows = [
        ("a child older than the employee", "7,1,CH,Example,Bo,1970-01-01", "CEN065 census line 3"),
        ("a child hardly younger", "7,1,CH,Example,Bo,1988-01-01", "CEN065 census line 3"),
        ("a spouse of six", "7,1,SP,Example,Bo,2020-01-01", "CEN065 census line 3, column birth_date"),
        (
            "somebody of a hundred and twenty-three",
            "7,1,SP,Example,Bo,1903-05-06",
            "CEN025 census line 3, column birth_date",
        ),
    ];
    for (story, row, expected) in rows {
        let (rows, found) = census(&people(""), format!("{HEAD}7,0,EE,Example,Ann,1980-01-01\n{row}\n").as_bytes());
        assert_eq!(said(&found), [expected], "{story}");
        assert!(rows[0].incomplete, "{story}");
    }
}

#[test]
fn a_city_without_a_letter_is_a_number_in_the_wrong_column() {
    let census_of = |city: &str| {
        let row = format!("7,0,EE,Example,Ann,1980-01-01,1 Example Way,{city},OH,43215\n");
        census(&people(""), format!("ID,No,Rel,Last,First,Born,Street,City,State,Zip\n{row}").as_bytes()).1
    };
    assert_eq!(said(&census_of("43215")), ["CEN032 census line 2, column city"]);
    assert_eq!(said(&census_of("Ninety Six")), [""; 0]);
}

#[test]
fn d31_a_family_has_one_subscriber() {
    let orphan = format!("{HEAD}7,1,CH,Example,Bo,2010-01-01\n");
    let (rows, found) = census(&people(""), orphan.as_bytes());
    assert_eq!(said(&found), ["CEN037 census line 2"]);
    assert!(rows[0].incomplete && rows[0].family.is_none());
    let two = format!("{HEAD}7,0,EE,Example,Ann,1980-01-01\n7,1,EE,Example,Bo,1981-01-01\n");
    let (rows, found) = census(&people(""), two.as_bytes());
    assert_eq!(said(&found), ["CEN038 census line 3"]);
    assert!(rows[0].family.is_none());
}

#[test]
fn two_people_of_a_family_cannot_share_a_number() {
    let text = "ID,No,Rel,Last,First,SSN\n7,0,EE,E,A,899101234\n7,1,CH,E,B,899101234\n7,2,CH,E,C,\n7,3,CH,E,D,\n";
    let (rows, found) = census(&people(""), text.as_bytes());
    assert_eq!(said(&found), ["CEN039 census line 3"]);
    assert!(rows[0].incomplete && rows[0].family.as_ref().unwrap().dependents.len() == 3);
}

#[test]
fn a_number_of_two_people_in_two_families_makes_both_families_incomplete_and_no_other() {
    let head = "ID,No,Rel,Last,First,Born,SSN\n";
    let two = "7,0,EE,E,A,1980-01-01,899101234\n8,0,EE,S,B,1981-01-01,899-10-1234\n9,0,EE,S,C,1982-01-01,899101235\n";
    let (rows, found) = census(&people(""), format!("{head}{two}").as_bytes());
    assert_eq!(said(&found), ["CEN048 census line 2, column ssn", "CEN048 census line 3, column ssn"]);
    assert_eq!(rows.iter().map(|row| row.incomplete).collect::<Vec<_>>(), [true, true, false]);
    assert!(rows.iter().all(|row| row.family.is_some()));
    // The same child of two employees, and a number nobody else has.
    let one = "7,0,EE,E,A,1980-01-01,899101234\n7,1,CH,E,D,2015-01-01,899101236\n8,0,EE,S,B,1981-01-01,899101235\n\
               8,1,CH,E,D,2015-01-01,899101236\n";
    let (rows, found) = census(&people(""), format!("{head}{one}").as_bytes());
    assert_eq!(said(&found), Vec::<String>::new());
    assert!(rows.iter().all(|row| !row.incomplete));
}

#[test]
fn a_family_whose_rows_do_not_stand_together_is_put_together() {
    let text = format!("{HEAD}{WELL}8,0,EE,Sample,Dee,1990-05-05\n7,2,CH,Example,Cy,2012-01-01\n");
    let (rows, found) = census(&people(""), text.as_bytes());
    let sizes: Vec<_> = rows.iter().map(|row| row.family.as_ref().unwrap().dependents.len()).collect();
    assert_eq!((sizes, found.unwrap().families), (vec![2, 0], 2));
}

#[test]
fn totals_and_blank_rows_are_not_people() {
    let (rows, found) = census(&people(""), format!("{HEAD}{WELL},,,,,\nTotal,2,,,,\n").as_bytes());
    assert_eq!(rows.len(), 1);
    assert_eq!(said(&found), ["CEN047 census line 4"]);
}

#[test]
fn lost_zeros_come_back_where_the_column_says_so_and_are_counted() {
    let extra = PEOPLE.replace("header = \"SSN\"", "header = \"SSN\", pad = true");
    let mapping = CensusMapping::parse(&source(), "c.toml", &extra).value.unwrap();
    let (rows, found) = census(&mapping, b"ID,Rel,Last,First,SSN\n7,EE,E,A,12345678\n");
    assert_eq!(rows[0].family.as_ref().unwrap().subscriber.ssn.as_ref().unwrap().reveal(), "012345678");
    assert_eq!(said(&found), ["CEN040 census line 2"]);
}

#[test]
fn somebody_hired_again_is_employed_and_not_ended() {
    let text = "ID,Rel,Last,First,Status,Hired,Left\n7,EE,E,A,A,2026-03-01,2025-06-30\n";
    let employment = census(&people(""), text.as_bytes()).0.remove(0).family.unwrap().employment;
    assert_eq!((employment.status, employment.ended), (EmploymentStatus::Active, None));
    let left = "ID,Rel,Last,First,Status,Hired,Left\n7,EE,E,A,A,2024-03-01,2025-06-30\n";
    assert_eq!(said(&census(&people(""), left.as_bytes()).1), ["CEN034 census line 2, column employment_status"]);
}

#[test]
fn quoted_cells_are_read_whatever_ends_the_line() {
    for end in ["\n", "\r\n"] {
        let text = format!("ID,Rel,Last,First{end}7,EE,\"Exam,ple\",\"An\"\"n\"{end}");
        let (rows, found) = census(&people(""), text.as_bytes());
        assert_eq!(said(&found), [""; 0]);
        let person = &rows[0].family.as_ref().unwrap().subscriber;
        assert_eq!((person.last_name.reveal().as_str(), person.first_name.reveal().as_str()), ("Exam,ple", "An\"n"));
    }
}

#[test]
fn windows_1252_is_read_when_it_is_declared() {
    let mapping = people("[format]\nencoding = \"windows-1252\"\n");
    let (rows, _) = census(&mapping, b"ID,Rel,Last,First\n7,EE,Pe\xF1a,O\x92Dell\n");
    let person = rows[0].family.as_ref().unwrap().subscriber.clone();
    assert_eq!((person.last_name.reveal().as_str(), person.first_name.reveal().as_str()), ("Peña", "O’Dell"));
}

#[test]
fn a_header_may_stand_below_other_lines_and_after_a_byte_order_mark() {
    let mapping = people("[format]\nheader_line = 3\n");
    let (rows, found) = census(&mapping, b"Report of today\n\nID,Rel,Last,First\n7,EE,E,A\n");
    assert_eq!((rows.len(), found.unwrap().rows), (1, 1));
    let blanks = format!("{}\r\n\r\n\r\n7,1,CH,Example,Bo,2010-02-30\r\n", HEAD.trim());
    assert_eq!(said(&census(&people(""), blanks.as_bytes()).1)[0], "CEN024 census line 4, column birth_date");
    let (rows, _) = census(&people(""), b"\xEF\xBB\xBFID,Rel,Last,First\r\n7,EE,E,A\r\n");
    assert_eq!(rows.len(), 1);
}

#[test]
fn d2_a_file_cut_at_any_byte_never_loses_somebody_without_a_word() {
    let text = shipped::demo_inbox(1)[2].1;
    let mapping = demo_census("sample-logistics");
    for end in 0..text.len() - 1 {
        let (_, found) = census(&mapping, &text.as_bytes()[..end]);
        assert!(found.is_err(), "cut at {end}");
    }
}

fn demo_census(name: &str) -> CensusMapping {
    let path = format!("mappings/census/{name}.toml");
    let text = shipped::DEMO.iter().find(|(file, _)| **file == path).unwrap().1;
    CensusMapping::parse(&SourceName::new(name).unwrap(), &path, text).value.unwrap()
}

fn demo_elections(name: &str) -> ElectionsMapping {
    let path = format!("mappings/elections/{name}.toml");
    let text = shipped::DEMO.iter().find(|(file, _)| **file == path).unwrap().1;
    ElectionsMapping::parse(&SourceName::new(name).unwrap(), &path, text).value.unwrap()
}

fn demo_file(night: u32, name: &str) -> &'static [u8] {
    shipped::demo_inbox(night).iter().find(|(path, _)| *path == name).unwrap().1.as_bytes()
}

#[test]
fn the_demonstration_is_read_without_a_fault() {
    let counts = [("example-manufacturing", [(14, 29), (14, 29)]), ("sample-logistics", [(14, 25), (15, 28)])];
    for (employer, nights) in counts {
        for (night, expected) in (1..).zip(nights) {
            let (rows, found) = census(&demo_census(employer), demo_file(night, &format!("{employer}/census.csv")));
            let told: Vec<_> = found.unwrap().faults.iter().map(|fault| fault.code).collect();
            let dependents: usize = rows.iter().map(|row| row.family.as_ref().unwrap().dependents.len()).sum();
            assert_eq!((rows.len(), rows.len() + dependents), expected, "{employer} {night}");
            assert_eq!(told, ["CEN011"], "salary and notes are dropped, nothing else is wrong");
            let file = demo_file(night, &format!("{employer}/elections.csv"));
            let (rows, found) = elections(&demo_elections(employer), file);
            assert_eq!(said(&found), [""; 0], "{employer} {night}");
            assert!(rows.iter().all(|row| !row.incomplete && !row.elections.is_empty()));
        }
    }
}

#[test]
fn the_third_night_of_the_demonstration_is_the_second_byte_for_byte() {
    assert_eq!(shipped::demo_inbox(2), shipped::demo_inbox(3));
}

const CHOICES: &str = r#"
employer = "e"
file = "e.csv"
subscriber_person_key = "00"
[limits]
bad_rows_percent_max = 100
[columns]
family_key = "ID"
person_key = { header = "No", required = false }
plan = "Plan"
tier = { header = "Tier", required = false }
start = "Start"
end = { header = "End", required = false }
covered = { header = "Covered", required = false, separator = "/" }
pcp_last = { header = "Doctor", required = false }
pcp_npi = { header = "NPI", required = false }
cost = { header = "Cost", required = false }
event = { header = "Event", required = false }
waived = { header = "Waived", required = false }
"#;

fn choices(text: &str) -> Read<ElectionRow> {
    let parsed = ElectionsMapping::parse(&source(), "e.toml", CHOICES);
    elections(&parsed.value.unwrap_or_else(|| panic!("{:?}", parsed.faults)), text.as_bytes())
}

#[test]
fn an_election_lists_its_covered_dependents_in_order() {
    let (rows, found) = choices("ID,Plan,Tier,Start,Covered,Cost\n7,PPO,FAM,2026-01-01,02/01/00,\"1,200.50\"\n");
    assert_eq!(said(&found), [""; 0]);
    let election = &rows[0].elections[0];
    let covered: Vec<_> = election.dependents.iter().map(|covered| covered.person.reveal().as_str()).collect();
    assert_eq!((covered, election.tier), (vec!["01", "02"], Some(Tier::Family)));
    assert_eq!(election.cost.as_ref().unwrap().reveal().0, 120_050);
}

#[test]
fn a_dependents_row_joins_the_subscribers_election_with_a_provider_of_its_own() {
    let text = "ID,No,Plan,Start,Doctor,NPI\n7,00,HMO,2026-01-01,Exampledoc,1999999000\n\
        7,01,HMO,2026-01-01,Sampledoc,\n7,02,HMO,2026-02-20,,\n7,00,DEN,2026-01-01,,\n";
    let (rows, found) = choices(text);
    assert_eq!(said(&found), [""; 0]);
    let [dental, hmo] = rows[0].elections.as_slice() else { panic!("two elections") };
    assert!(dental.dependents.is_empty() && hmo.dependents.len() == 2);
    assert_eq!(hmo.dependents[0].pcp.as_ref().unwrap().last_name.reveal(), "Sampledoc");
    assert!(hmo.dependents[1].pcp.is_none());
}

#[test]
fn everyone_is_named_once_the_family_is_known() {
    let (mut rows, _) = choices("ID,Plan,Start,Covered\n7,PPO,2026-01-01,All\n");
    let family = census(&people(""), format!("{HEAD}{WELL}").as_bytes()).0.remove(0).family.unwrap();
    let election = &mut rows[0].elections[0];
    census::name_covered(election, &family);
    assert_eq!(election.dependents.len(), 1);
    assert_eq!(election.dependents[0].person, family.dependents[0].key);
}

#[test]
fn an_amount_that_is_none_costs_the_amount_and_not_the_election() {
    let (rows, found) = choices("ID,No,Plan,Start,End,Tier,Cost,Doctor,NPI\n7,00,PPO,2026-01-01,,,12.345,,\n");
    assert_eq!(said(&found), ["CEN051 census line 2, column cost"]);
    let [election] = &rows[0].elections[..] else { panic!("{:?}", rows[0].elections) };
    assert!(!rows[0].incomplete && election.start != UNREAD && election.cost.is_none());
}

#[test]
fn d32_a_bad_election_is_refused_and_its_family_is_incomplete() {
    let cases = [
        ("no plan", "7,00,,2026-01-01,,,,,", "CEN021 census line 2, column plan"),
        ("a plan that is no code", "7,00,Gold plan,2026-01-01,,,,,", "CEN044 census line 2, column plan"),
        ("no start", "7,00,PPO,,,,,,", "CEN021 census line 2, column start"),
        ("an end before the start", "7,00,PPO,2026-01-01,2025-12-31,,,,", "CEN043 census line 2, column end"),
        ("a tier nobody knows", "7,00,PPO,2026-01-01,,XX,,,", "CEN031 census line 2, column tier"),
        ("a provider without a name", "7,00,PPO,2026-01-01,,,,,1999999000", "CEN021 census line 2, column pcp_last"),
        ("nobody's dependent", "7,01,PPO,2026-01-01,,,,,", "CEN045 census line 2"),
    ];
    for (story, row, expected) in cases {
        let (rows, found) = choices(&format!("ID,No,Plan,Start,End,Tier,Cost,Doctor,NPI\n{row}\n"));
        assert_eq!(said(&found), [expected], "{story}");
        let [election] = &rows[0].elections[..] else { panic!("{story}: {:?}", rows[0].elections) };
        assert!(rows[0].incomplete && election.start == UNREAD, "{story}");
    }
}

#[test]
fn contradicting_elections_are_both_left_out_and_repeated_ones_are_one() {
    let head = "ID,Plan,Tier,Start\n";
    let (rows, found) = choices(&format!("{head}7,PPO,EE,2026-01-01\n7,PPO,EE,2026-01-01\n"));
    assert_eq!((said(&found), rows[0].elections.len()), (vec!["CEN035 census line 3".to_string()], 1));
    let (rows, found) = choices(&format!("{head}7,PPO,EE,2026-01-01\n7,PPO,FAM,2026-01-01\n"));
    assert_eq!(said(&found), ["CEN036 census line 3"]);
    assert!(rows[0].incomplete && rows[0].elections[0].start == UNREAD);
}

#[test]
fn declining_coverage_leaves_nothing_but_plan_start_and_event() {
    let (rows, _) = choices("ID,Plan,Tier,Start,Event,Waived\n7,PPO,EE,2026-01-01,OE,Y\n");
    let election = &rows[0].elections[0];
    assert!(election.waived && election.tier.is_none() && election.event.is_some());
}

proptest! {
    #[test]
    fn no_bytes_make_the_readers_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let headed = [HEAD.as_bytes(), &bytes].concat();
        for text in [&bytes, &headed] {
            let _ = census(&people(""), text);
            let _ = census(&people("[format]\nencoding = \"windows-1252\"\ndelimiter = \"tab\"\n"), text);
            let _ = choices(&String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn plausible_cells_never_make_the_readers_panic(
        cells in proptest::collection::vec("[0-9\"',/;|A-Ea-e \u{e9}\u{200b}-]{0,14}", 0..40),
    ) {
        let rows: String = cells.chunks(6).map(|row| format!("{}\n", row.join(","))).collect();
        let _ = census(&people(""), format!("{HEAD}{rows}").as_bytes());
    }

    #[test]
    fn the_order_of_rows_changes_no_family(order in Just((0..29usize).collect::<Vec<_>>()).prop_shuffle()) {
        let text = std::str::from_utf8(demo_file(1, "example-manufacturing/census.csv")).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let order = order.iter().map(|index| lines[index + 1]);
        let shuffled: String = std::iter::once(lines[0]).chain(order).map(|line| format!("{line}\r\n")).collect();
        let mapping = demo_census("example-manufacturing");
        let families = |text: &str| {
            let rows = census(&mapping, text.as_bytes()).0;
            let mut found: Vec<_> = rows.into_iter().map(|row| (row.family_key, row.family)).collect();
            found.sort_by(|a, b| a.0.cmp(&b.0));
            found
        };
        prop_assert!(families(text) == families(&shuffled));
    }
}

/// Reads a census of 40,000 copies of the demonstration's: megabytes and families a second.
#[allow(dead_code, reason = "measured in the release build")]
pub fn rate() -> (f64, f64) {
    let text = std::str::from_utf8(demo_file(1, "example-manufacturing/census.csv")).unwrap();
    let (head, people) = text.split_once('\n').unwrap();
    let mut big = format!("{head}\n");
    for copy in 0..40_000 {
        big.push_str(&people.replace("EXM-1", &format!("EXM-{copy}-1")));
    }
    let mapping = demo_census("example-manufacturing");
    let begun = std::time::Instant::now();
    let mut families = 0_u64;
    let found = census::read_families(&mut || Ok(Box::new(big.as_bytes())), &mapping, as_of(), &mut |_| {
        families += 1;
        Ok(())
    });
    let took = begun.elapsed().as_secs_f64();
    assert_eq!(found.unwrap().families, families);
    (big.len() as f64 / 1e6 / took, families as f64 / took)
}
