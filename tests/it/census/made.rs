//! Values that are made of cells: what a mapping may say, what comes of it, and what is said where it cannot be done.

use bex::census::{CensusFamily, explain_elections, explain_people, read_elections};
use bex::fault::Fault;
use bex::mapping::{CensusMapping, ElectionsMapping};
use bex::model::ids::SourceName;

use super::forms;

const HEAD: &str = "employer = \"e\"\nlayout = \"person-rows\"\nfile = \"c*\"\n[columns]\nfamily_key = \"ID\"\n";

fn parsed(columns: &str) -> (Option<CensusMapping>, Vec<Fault>) {
    let text = format!("{HEAD}{columns}");
    let parsed = CensusMapping::parse(&SourceName::new("s").unwrap(), "c.toml", &text);
    (parsed.value, parsed.faults)
}

fn mapping(columns: &str) -> CensusMapping {
    let (mapping, faults) = parsed(columns);
    mapping.unwrap_or_else(|| panic!("{faults:?}"))
}

const NAMES: &str = "relationship = \"Rel\"\nlast_name = \"Last\"\nfirst_name = \"First\"\n";

/// What is wrong with a file, by code and column.
fn said(columns: &str, text: &str) -> (Vec<CensusFamily>, Vec<String>) {
    let (families, found) = forms::read(&mapping(columns), text.as_bytes());
    let faults = found.map_or_else(|faults| faults, |summary| summary.faults);
    (families, faults.iter().map(|fault| format!("{} {}", fault.code, fault.place)).collect())
}

#[test]
fn of_two_columns_of_which_one_is_filled_neither_is_preferred_when_they_differ() {
    let columns = format!("{NAMES}ssn = {{ either = [\"SSN\", \"SSN 2\"] }}\n");
    let file = |first: &str, second: &str| format!("ID,Rel,Last,First,SSN,SSN 2\n1,EE,Sample,Ann,{first},{second}\n");
    let ssn = |text: &str| {
        said(&columns, text).0[0].family.as_ref().unwrap().subscriber.ssn.as_ref().unwrap().reveal().clone()
    };
    for (first, second) in [("899-31-1001", ""), ("", "899311001"), ("899311001", "899-31-1001")] {
        assert_eq!(ssn(&file(first, second)), "899311001", "{first} {second}");
    }
    let (families, faults) = said(&columns, &file("899-31-1001", "899-31-1002"));
    assert!(families[0].incomplete && faults[0].starts_with("CEN062"), "{faults:?}");
    // One of the two may be missing from a file altogether, but not both.
    assert_eq!(ssn("ID,Rel,Last,First,SSN 2\n1,EE,Sample,Ann,899311001\n"), "899311001");
    assert!(said(&columns, "ID,Rel,Last,First\n1,EE,Sample,Ann\n").1[0].starts_with("CEN002"));
}

#[test]
fn a_row_of_which_no_case_holds_is_bad_and_a_default_is_counted() {
    let case = "cases = [{ when = { \"Type\" = \"E\" }, is = \"active\" }]";
    let file = "ID,Rel,Last,First,Type\n1,EE,Sample,Ann,E\n2,EE,Sample,Bo,Q\n";
    let (families, faults) = said(&format!("{NAMES}employment_status = {{ {case} }}\n"), file);
    assert!(!families[0].incomplete && families[1].incomplete, "{faults:?}");
    assert_eq!(faults.iter().filter(|fault| fault.starts_with("CEN063")).count(), 1, "{faults:?}");
    let (families, faults) = said(&format!("{NAMES}employment_status = {{ {case}, default = \"leave\" }}\n"), file);
    assert!(families.iter().all(|family| !family.incomplete), "{faults:?}");
    assert_eq!(faults.iter().filter(|fault| fault.starts_with("CEN064")).count(), 1, "{faults:?}");
}

#[test]
fn what_cannot_be_made_is_said_of_the_mapping_before_any_file_is_read() {
    for (columns, code) in [
        ("sex = { header = \"Sex\", take = [\"split ,\"] }", "CFG005"),
        ("sex = { header = \"Sex\", default = \"woman?\" }", "CFG005"),
        ("sex = { header = \"Sex\", together = [\"A\", \"B\"] }", "CFG019"),
        ("sex = { together = [] }", "CFG019"),
        ("sex = { cases = [{ is = \"male\" }] }", "CFG003"),
        ("sex = { cases = [{ when = { person = \"wife\" }, is = \"female\" }] }", "CFG005"),
        ("ssn = { constant = \"899-31-1001\" }", "CFG019"),
        ("birth_date = { header = \"Born\", default = \"1990-01-01\" }", "CFG019"),
        ("hire_date = { header = \"Hired\", default = \"01/02/2026\" }", "CFG005"),
        ("sex = { header = \"Sex\", take = [\"word 1\"], format = \"date:MM/DD/YYYY\" }", "CFG005"),
        ("phone = { together = [\"@4\", \"B\"], header = \"C\" }", "CFG019"),
        ("suffix = \"Last\"", "CFG019"),
    ] {
        let (mapping, faults) = parsed(&format!("{NAMES}{columns}\n"));
        assert!(mapping.is_none() && faults.iter().any(|fault| fault.code == code), "{columns}: {faults:?}");
    }
    let itself = "last_name = \"Last\"\nfirst_name = \"First\"\n\
                  relationship = { cases = [{ when = { person = \"subscriber\" }, is = \"subscriber\" }] }\n";
    assert!(parsed(itself).1.iter().any(|fault| fault.code == "CFG019"));
    assert!(parsed(&format!("{NAMES}suffix = {{ header = \"Last\", take = [\"suffix\"] }}\n")).0.is_some());
}

#[test]
fn a_value_that_was_made_is_explained_by_its_cells_and_its_steps() {
    let columns = "relationship = { header = \"Rel\", default = \"subscriber\" }\n\
                   last_name = { header = \"Name\", take = [\"before ,\"] }\n\
                   first_name = { header = \"Name\", take = [\"after ,\", \"word 1\"] }\n\
                   phone = { together = [\"Area\", \"No\"], join = \"-\" }\n";
    let text = "ID,Rel,Name,Area,No\n1,,\"Sample, Ann B\",217,555-0100\n";
    let values = explain_people(&mut || Ok(Box::new(text.as_bytes())), &mapping(columns), 2).unwrap();
    let of = |column: &str| values.iter().find(|value| value.column == column).unwrap();
    assert_eq!((of("last_name").at, of("last_name").after.as_deref()), (Some(3), Ok("Aaaaaa")));
    assert_eq!((of("first_name").before.as_str(), of("first_name").after.as_deref()), ("Aaaaaa, Aaa A", Ok("Aaa")));
    assert!(of("first_name").rule.starts_with("after ,; words 1"), "{}", of("first_name").rule);
    assert_eq!((of("phone").before.as_str(), of("phone").after.as_deref()), ("999 + 999-9999", Ok("9999999999")));
    assert_eq!(of("relationship").after.as_deref(), Ok("subscriber"));
}

const CHOICES: &str = r#"
employer = "e"
file = "elections*"

[columns]
family_key = "Emp"
start = { header = "Effective", format = "date:MM/DD/YYYY" }

[choices.medical]
plan = { header = "Medical", take = ["before ' / '"], values = { "PPO 500" = "MED-PPO", "Waived" = "" } }
tier = { header = "Medical", take = ["piece 2 by ' / '"] }
cost = { header = "Medical", take = ["piece 3 by ' / '"] }

[choices.dental]
plan = { header = "Dental", values = { "Y" = "DENTAL", "X" = "DENTAL", "N" = "" } }
tier = "Dental Tier"
start = { header = "Dental From", format = "date:MM/DD/YYYY" }
"#;

const ROWS: &str = "Emp,Effective,Medical,Dental,Dental Tier,Dental From\n\
    1,01/01/2026,PPO 500 / EE+SP / $204.10,X,EE,02/01/2026\n\
    2,01/01/2026,Waived,N,,\n\
    3,01/01/2026,,Y,FAM,03/01/2026\n\
    4,01/01/2026,PPO 500 / EE / $50.00,?,EE,02/01/2026\n";

#[test]
fn elections_that_stand_beside_each_other_in_a_row_are_read_each_for_itself() {
    let parsed = ElectionsMapping::parse(&SourceName::new("s").unwrap(), "e.toml", CHOICES);
    let mapping = parsed.value.unwrap_or_else(|| panic!("{:?}", parsed.faults));
    let mut told = Vec::new();
    let summary = read_elections(&mut || Ok(Box::new(ROWS.as_bytes())), &mapping, &mut |row| {
        let of = |election: &bex::model::election::Election| {
            let cost = election.cost.as_ref().map(|cost| cost.reveal().to_string()).unwrap_or_default();
            format!("{} {:?} {} {cost}", election.plan, election.tier, election.start)
        };
        let elections: Vec<String> = row.elections.iter().map(of).collect();
        told.push(format!("{} {} {elections:?}", row.family_key.reveal(), row.incomplete));
        Ok(())
    });
    let faults = summary.unwrap().faults;
    assert_eq!(
        told,
        [
            "1 false [\"DENTAL Some(Employee) 2026-02-01 \", \"MED-PPO Some(EmployeeSpouse) 2026-01-01 204.1\"]",
            "2 false []",
            "3 false [\"DENTAL Some(Family) 2026-03-01 \"]",
            // A mark that nobody has declared is no waiver: the family is asked about.
            "4 true [\"MED-PPO Some(Employee) 2026-01-01 50\", \" None 9999-12-31 \"]",
        ]
    );
    let wrong: Vec<String> = faults.iter().map(|fault| format!("{} {}", fault.code, fault.place)).collect();
    assert!(wrong.iter().any(|fault| fault.contains("CEN044") && fault.contains("plan 1")), "{wrong:?}");
    let values = explain_elections(&mut || Ok(Box::new(ROWS.as_bytes())), &mapping, 2).unwrap();
    let of = |column: &str| values.iter().find(|value| value.column == column).unwrap();
    assert_eq!((of("tier 2").at, of("tier 2").after.as_deref()), (Some(3), Ok("employee-spouse")));
    assert_eq!((of("plan 1").at, of("plan 1").after.as_deref()), (Some(4), Ok("DENTAL")));
}

#[test]
fn what_elections_of_a_row_share_is_said_once_and_each_has_a_plan_and_a_start() {
    let parse = |text: &str| ElectionsMapping::parse(&SourceName::new("s").unwrap(), "e.toml", text).faults;
    let own_key = CHOICES.replace("[choices.dental]\n", "[choices.dental]\nfamily_key = \"Who\"\n");
    assert!(parse(&own_key).iter().any(|fault| fault.code == "CFG019"));
    let no_start = CHOICES.replace("start = { header = \"Effective\", format = \"date:MM/DD/YYYY\" }\n", "");
    let faults = parse(&no_start);
    assert_eq!(faults.iter().filter(|fault| fault.code == "CFG017").count(), 1, "{faults:?}");
}
