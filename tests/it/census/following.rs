//! Dependents whose rows have no family key and stand below their employee's: each is that employee's, or is asked
//! about, and never another's.

use bex::census::{CensusFamily, Summary};
use bex::fault::Fault;
use bex::mapping::CensusMapping;
use bex::model::ids::SourceName;

use super::forms::read;

const MAPPING: &str = "employer = \"e\"\nlayout = \"dependents-following\"\nfile = \"c*\"\n[limits]\nbad_rows_max = 9\n\
    bad_rows_percent_max = 100\n[columns]\nfamily_key = \"ID\"\nrelationship = \"Rel\"\nlast_name = \"Last\"\n\
    first_name = \"First\"\nbirth_date = \"Born\"\n";

const HEADER: &str = "ID,Rel,Last,First,Born\n";

fn found(rows: &str) -> (Vec<CensusFamily>, Result<Summary, Vec<Fault>>) {
    let parsed = CensusMapping::parse(&SourceName::new("s").unwrap(), "c.toml", MAPPING);
    let mapping = parsed.value.unwrap_or_else(|| panic!("{:?}", parsed.faults));
    read(&mapping, format!("{HEADER}{rows}").as_bytes())
}

/// Who is in which family, and whether it is whole.
fn families(rows: &str) -> Vec<(String, usize, bool)> {
    let of = |family: &CensusFamily| {
        let dependents = family.family.as_ref().map_or(0, |family| family.dependents.len());
        (family.family_key.reveal().clone(), dependents, !family.incomplete)
    };
    found(rows).0.iter().map(of).collect()
}

fn said(rows: &str) -> Vec<String> {
    let summary = found(rows).1.unwrap();
    summary.faults.iter().map(|fault| format!("{} {}", fault.code, fault.place)).collect()
}

const ANN: &str = "E1,EE,Sample,Ann,1980-01-01\n,SP,Sample,Bo,1981-02-02\n,CH,Sample,Cy,2010-03-03\n";
const DEE: &str = "E2,EE,Example,Dee,1990-05-05\n";
const CHILD: &str = ",CH,Example,Flo,2012-06-06\n";

#[test]
fn dependents_belong_to_the_employee_above_them_whatever_the_pages_between() {
    for between in ["", HEADER, ",,,,\n", "-----,---,----,-----,----\n"] {
        let rows = format!("{ANN}{DEE}{between}{CHILD}");
        assert_eq!(families(&rows), [("E1".into(), 2, true), ("E2".into(), 1, true)], "{between}");
    }
    assert_eq!(said(&format!("{ANN}{DEE}{CHILD}")), [""; 0]);
    // A dependent's own row may say the key, too.
    assert_eq!(families(&ANN.replace("\n,", "\nE1,")), [("E1".into(), 2, true)]);
}

#[test]
fn a_dependent_below_an_employee_whose_number_is_missing_is_nobodys_and_not_the_family_s_above() {
    let rows = format!("{ANN},EE,Example,Dee,1990-05-05\n{CHILD}");
    assert_eq!(families(&rows), [("E1".into(), 2, true)]);
    let column = |line: u32| format!("CEN021 s line {line}, column family_key");
    assert_eq!(said(&rows), [column(5), column(6)]);
    assert_eq!(found(&rows).1.unwrap().unattributed_rows, 2);
}

#[test]
fn what_may_be_another_employees_row_ends_the_family_above_and_leaves_it_incomplete() {
    for between in [
        ",??,Example,Dee,1990-05-05\n",
        ",,Example,Dee,1990-05-05\n",
        ",EE,Example,Dee,1990-05-05,x\n",
        ",CH,Example, Dee, Jr,1990-05-05\n",
    ] {
        let rows = format!("{ANN}{between}{CHILD}{DEE}");
        assert_eq!(families(&rows), [("E1".into(), 2, false), ("E2".into(), 0, true)], "{between}");
        assert_eq!(found(&rows).1.unwrap().unattributed_rows, 2, "{between}");
    }
    // A line that nobody declared may be a row, too.
    let rows = format!("{ANN}New hire: Dee Example\n{CHILD}");
    assert_eq!(families(&rows), [("E1".into(), 2, false)]);
}

#[test]
fn a_dependent_above_every_employee_is_nobodys() {
    assert_eq!(families(&format!("{CHILD}{ANN}")), [("E1".into(), 2, true)]);
    assert_eq!(said(&format!("{CHILD}{ANN}")), ["CEN021 s line 2, column family_key"]);
}

#[test]
fn an_employee_whose_row_is_bad_keeps_the_dependents_below_from_the_family_above() {
    let bad = "E2,EE,Example,Dee,soon\n";
    assert_eq!(families(&format!("{ANN}{bad}{CHILD}")), [("E1".into(), 2, true), ("E2".into(), 0, false)]);
    let rounded = "1.00E+05,EE,Example,Dee,1990-05-05\n";
    assert_eq!(families(&format!("{ANN}{rounded}{CHILD}")), [("E1".into(), 2, true)]);
}
