//! Several files that make one census: waited for, joined, read as one, and never read in part.

use std::fs;

use bex::census::{FileOfSet, JoinedFiles, Summary, find_people, read_families};
use bex::crypt::age::{Identity, encrypt};
use bex::crypt::keyring::KeyReference;
use bex::mapping::CensusMapping;
use bex::model::ids::SourceName;
use bex::model::person::Family;
use serde_json::Value;

use crate::harness::demo_site::{bex_says, names, put};
use crate::harness::first_feed::{CENSUS, CENSUS_MAPPING, ELECTIONS, FirstFeed};

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/two-files/", $name))
    };
}

pub(super) const MAPPING: &str = fixture!("census.toml");
pub(super) const EMPLOYEES: &str = fixture!("employees.csv");
pub(super) const DEPENDENTS: &str = fixture!("dependents.csv");

fn mapping(text: &str) -> CensusMapping {
    let parsed = CensusMapping::parse(&SourceName::new("example-employer").unwrap(), "example-employer.toml", text);
    parsed.value.unwrap_or_else(|| panic!("{:?}", parsed.faults))
}

/// What files come to that are read as one: families in the order of their keys.
fn read(mapping: &CensusMapping, files: &[(&str, &str)]) -> (Summary, Vec<(String, Option<Family>)>) {
    let mut open = || {
        let file = |(name, text): &(&str, &str)| FileOfSet {
            name: (*name).to_string(),
            bytes: Box::new(std::io::Cursor::new(text.as_bytes().to_vec())),
        };
        Ok(Box::new(JoinedFiles::of(files.iter().map(file).collect())) as Box<dyn std::io::Read>)
    };
    let mut families = Vec::new();
    let read = read_families(&mut open, mapping, "2026-03-02".parse().unwrap(), &mut |row| {
        families.push((row.family_key.reveal().clone(), row.family.filter(|_| !row.incomplete)));
        Ok(())
    });
    (read.unwrap_or_else(|faults| panic!("{faults:?}")), families)
}

fn both(employees: &str, dependents: &str) -> (Summary, Vec<(String, Option<Family>)>) {
    read(&mapping(MAPPING), &[("employees", employees), ("dependents", dependents)])
}

fn codes(summary: &Summary) -> Vec<String> {
    summary.faults.iter().map(|fault| format!("{} {}", fault.code, fault.place)).collect()
}

#[test]
fn two_files_tell_what_one_file_of_the_same_people_tells() {
    let one = mapping(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/first-feed/census.toml")));
    let mut families = Vec::new();
    read_families(&mut || Ok(Box::new(CENSUS.as_bytes())), &one, "2026-03-02".parse().unwrap(), &mut |row| {
        families.push((row.family_key.reveal().clone(), row.family));
        Ok(())
    })
    .unwrap();
    let (summary, of_two) = both(EMPLOYEES, DEPENDENTS);
    assert_eq!(of_two, families);
    assert_eq!((summary.rows, summary.families, summary.bad_rows), (5, 3, 0));
    assert!(summary.absence_is_meaningful);
}

#[test]
fn a_dependent_whose_employee_is_in_no_file_is_a_fault_of_its_row_and_nobody_elses() {
    let (summary, families) = both(EMPLOYEES, &(DEPENDENTS.to_string() + "EXE-9|01|Dep|Probeman|Di||2021-03-04|F\n"));
    assert!(codes(&summary).contains(&"CEN067 example-employer dependents line 4, column family_key".to_string()));
    assert_eq!(families.iter().filter(|(_, family)| family.is_some()).count(), 3);
    let asked: Vec<(&str, u64, &str)> =
        summary.asked.iter().map(|asked| (&*asked.part, asked.line, &*asked.column)).collect();
    assert_eq!(asked, [("dependents", 4, "family_key")]);
    // Whoever seems absent is looked for in it.
    assert_eq!(summary.strays.len(), 1);
}

#[test]
fn an_employees_row_among_dependents_is_left_out_and_counted() {
    let (summary, families) =
        both(EMPLOYEES, &(DEPENDENTS.to_string() + "EXE-2|00|Self|Musterby|Deeanne||1990-07-03|F\n"));
    assert!(codes(&summary).contains(&"CEN069 example-employer dependents line 4".to_string()), "{summary:?}");
    assert_eq!(families, both(EMPLOYEES, DEPENDENTS).1);
}

#[test]
fn dependents_may_name_their_employee_by_a_social_security_number() {
    let by_number = MAPPING.replace("file = \"dependents*.csv\"", "file = \"dependents*.csv\"\nnamed_by = \"ssn\"");
    let dependents = DEPENDENTS.replace("EXE-1", "899 31 1001");
    let (summary, families) = read(&mapping(&by_number), &[("employees", EMPLOYEES), ("dependents", &dependents)]);
    assert_eq!((families, summary.bad_rows), (both(EMPLOYEES, DEPENDENTS).1, 0));
    // Two employees of one number: nobody can say whose dependents they are.
    let same = EMPLOYEES.replace("899-31-2001", "899-31-1001").replace("07/03/1990", "04/12/1979");
    let (summary, families) = read(&mapping(&by_number), &[("employees", &same), ("dependents", &dependents)]);
    assert_eq!(codes(&summary).iter().filter(|code| code.starts_with("CEN067")).count(), 2, "{:?}", codes(&summary));
    assert!(families.iter().flat_map(|(_, family)| family).all(|family| family.dependents.is_empty()));
}

#[test]
fn a_placeholder_for_a_number_makes_nobodys_child_an_employees() {
    let by_number = MAPPING.replace("file = \"dependents*.csv\"", "file = \"dependents*.csv\"\nnamed_by = \"ssn\"");
    for placeholder in ["999-99-9999", "123-45-6789", "111-11-1111"] {
        let employees = EMPLOYEES.replace("899-31-1001", placeholder);
        let dependents = DEPENDENTS.replace("EXE-1", &placeholder.replace('-', ""));
        let (summary, families) = read(&mapping(&by_number), &[("employees", &employees), ("dependents", &dependents)]);
        assert_eq!(
            codes(&summary).iter().filter(|code| code.starts_with("CEN067")).count(),
            2,
            "{:?}",
            codes(&summary)
        );
        assert!(families.iter().flat_map(|(_, family)| family).all(|family| family.dependents.is_empty()));
    }
}

#[test]
fn a_third_file_may_say_where_employees_live() {
    let columns = [
        "address_line1 = \"Address 1\"\n",
        "city = \"City\"\n",
        "state = \"State\"\n",
        "zip = { header = \"ZIP\", pad = true }\n",
    ];
    let without = columns.iter().fold(MAPPING.to_string(), |text, line| text.replace(line, ""));
    let with = without
        + "\n[parts.homes]\nmakes = \"addresses\"\nfile = \"homes*.csv\"\n[parts.homes.columns]\nfamily_key = \"ID\"\n"
        + "address_line1 = \"Street\"\ncity = \"Town\"\nstate = \"St\"\nzip = \"Zip\"\n";
    let homes = "ID,Street,Town,St,Zip\nEXE-3,33 Example Way,Springfield,IL,62703\nEXE-1,31 Example Way,Springfield,IL,62701\n\
                 EXE-2,32 Example Way,Springfield,IL,62702\n";
    let read =
        |homes: &str| read(&mapping(&with), &[("homes", homes), ("employees", EMPLOYEES), ("dependents", DEPENDENTS)]);
    assert_eq!(read(homes).1, both(EMPLOYEES, DEPENDENTS).1);
    let (summary, families) = read(&homes.replace("IL,62702", "Illinois?,62702").replace("EXE-3", "EXE-8"));
    let codes = codes(&summary);
    assert!(codes.iter().any(|code| code == "CEN067 example-employer homes line 2, column family_key"), "{codes:?}");
    assert!(
        codes.iter().any(|code| code.starts_with("CEN0") && code.ends_with("homes line 4, column state")),
        "{codes:?}"
    );
    let whole: Vec<&str> = families.iter().filter(|(_, one)| one.is_some()).map(|(key, _)| key.as_str()).collect();
    assert_eq!(whole, ["EXE-1", "EXE-3"]);
}

#[test]
fn the_order_of_rows_and_of_files_changes_nothing() {
    let turned = |text: &str| {
        let (head, rows) = text.split_once('\n').unwrap();
        let mut rows: Vec<&str> = rows.lines().collect();
        rows.reverse();
        format!("{head}\n{}\n", rows.join("\n"))
    };
    let mut families =
        read(&mapping(MAPPING), &[("dependents", &turned(DEPENDENTS)), ("employees", &turned(EMPLOYEES))]).1;
    families.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(families, both(EMPLOYEES, DEPENDENTS).1);
}

#[test]
fn one_number_of_two_people_is_found_across_files() {
    let (summary, _) =
        both(EMPLOYEES, &(DEPENDENTS.to_string() + "EXE-3|01|Dep|Samplesen|Fay|899-31-2001|2015-01-02|F\n"));
    assert_eq!(codes(&summary).iter().filter(|code| code.starts_with("CEN048")).count(), 2, "{:?}", codes(&summary));
}

#[test]
fn rows_of_many_families_come_together_whatever_is_put_together_at_once() {
    let (mut employees, mut dependents) = (EMPLOYEES.to_string(), DEPENDENTS.to_string());
    for number in 0..65_000 {
        employees += &format!("M{number},Many,Max,,04/12/1979,M,1 Way,Town,IL,62701,,A,05/19/2014,,,\n");
        if number % 7 == 0 {
            dependents += &format!("M{number}|01|Dep|Many|Mini||2020-02-11|F\n");
        }
    }
    let (summary, families) = both(&employees, &dependents);
    assert_eq!((summary.rows, summary.families, summary.bad_rows), (74_291, 65_003, 0));
    let with = families.iter().flat_map(|(_, family)| family).filter(|family| !family.dependents.is_empty()).count();
    assert_eq!((with, families.len()), (9_287, 65_003));
    assert_eq!(codes(&summary).iter().filter(|code| code.starts_with("CEN011")).count(), 1, "each said once");
}

#[test]
fn a_row_is_found_in_the_file_it_stands_in() {
    let mut open = || {
        let file = |name: &str, text: &str| FileOfSet {
            name: name.to_string(),
            bytes: Box::new(std::io::Cursor::new(text.as_bytes().to_vec())),
        };
        let files = vec![file("employees", EMPLOYEES), file("dependents", DEPENDENTS)];
        Ok(Box::new(JoinedFiles::of(files)) as Box<dyn std::io::Read>)
    };
    let found =
        find_people(&mut open, &mapping(MAPPING), "2026-03-02".parse().unwrap(), &|key| key == "EXE-1").unwrap();
    let rows: Vec<(Option<&str>, u64)> = found.rows.iter().map(|row| (found.part(row), row.line)).collect();
    assert_eq!(rows, [(Some("employees"), 2), (Some("dependents"), 2), (Some("dependents"), 3)]);
    assert_eq!(found.column("birth_date", 2).map(|column| (column.at, column.header.as_str())), Some((7, "Born")));
}

/// A site whose census comes in two files.
pub(super) fn site() -> FirstFeed {
    let feed = FirstFeed::new();
    put(&feed.site().join(CENSUS_MAPPING), MAPPING);
    feed.sends("elections.csv", ELECTIONS);
    feed
}

/// After a first night on which both files came.
pub(super) fn after_first_night() -> FirstFeed {
    after_files_of("20260302")
}

/// The same, whatever day the files bear in their names.
pub(super) fn after_files_of(day: &str) -> FirstFeed {
    let feed = site();
    feed.sends(&format!("employees_{day}.csv"), EMPLOYEES);
    feed.sends(&format!("dependents_{day}.csv"), DEPENDENTS);
    feed.night(2).exits(0).says("4 add");
    feed.is_acknowledged(2);
    feed
}

#[test]
fn nothing_is_told_of_one_file_before_the_other_has_come_and_every_night_says_which_is_missing() {
    let feed = site();
    feed.sends("employees_20260302.csv", EMPLOYEES);
    feed.bex(2, &["plan", "example-feed"]).exits(1).says("INT035").says("dependents of 2026-03-02");
    feed.night(2).says("INT035").says("missing dependents of 2026-03-02").says("since 2026-03-02").exits(1);
    assert_eq!((feed.sent(), feed.in_inbox().len()), (0, 0));
    feed.bex(3, &["runs"]).says("INT035");
    feed.night(3).says("INT035").says("since 2026-03-02").exits(1);
    feed.sends("dependents_20260302.csv", DEPENDENTS);
    feed.bex(4, &["plan", "example-feed"]).exits(0).says("Tells add 4  ");
    feed.night(4).says("4 add").never_says("INT035");
    let shown = feed.bex(4, &["--json", "show", "input", "2"]).exits(0).json();
    let parts: Vec<(&str, &str, &str)> = shown["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| (part["part"].as_str().unwrap(), part["became"].as_str().unwrap(), part["day"].as_str().unwrap()))
        .collect();
    assert_eq!(parts, [("dependents", "joined", "2026-03-02"), ("employees", "joined", "2026-03-02")]);
    assert_eq!(shown["called"], "dependents_20260302.csv + employees_20260302.csv");
    feed.bex(4, &["show", "input", "2"]).says("Part  employees of 2026-03-02, joined");
}

#[test]
fn the_same_files_again_are_no_new_census_and_one_new_one_waits_for_the_other() {
    let feed = after_first_night();
    feed.sends("employees_20260303.csv", EMPLOYEES);
    feed.sends("dependents_20260303.csv", DEPENDENTS);
    feed.night(3).exits(0).says("nothing to send").never_says("taken in");
    // One alone ends nobody.
    let gone = |line: &&str| !line.starts_with("EXE-2");
    let without = EMPLOYEES.lines().filter(gone).collect::<Vec<_>>().join("\n") + "\n";
    feed.sends("employees_20260304.csv", &without);
    feed.night(4).says("missing dependents of 2026-03-04").never_says("REC001");
    feed.sends("dependents_20260304.csv", DEPENDENTS);
    feed.night(5).says("taken in").says("REC001").never_says("INT035");
    // A question names the file that the row stood in, wherever it is read.
    let row = "census/example-employer employees input 1 of 2026-03-02 line 3, gone in input 3";
    feed.bex(5, &["show", "2", "--questions"]).says(row);
    feed.bex(5, &["show", "question", "1"]).says(row);
    feed.bex(5, &["plan", "example-feed", "--families"]).says(row);
    let shown = feed.bex(5, &["--json", "show", "question", "1"]).json();
    let place = &shown["questions"][0]["rows"][0];
    assert_eq!((&place["source"], &place["part"]), (&"census/example-employer".into(), &"employees".into()));
    // Also of files that are still in the inbox.
    feed.sends("employees_20260306.csv", EMPLOYEES.replace("899-31-2001", ""));
    feed.sends("dependents_20260306.csv", DEPENDENTS);
    feed.bex(6, &["plan", "example-feed", "--families"])
        .says("census/example-employer employees file in the inbox line 3");
}

#[test]
fn a_newer_file_takes_the_place_of_an_older_one_that_waits_and_the_older_ones_ending_is_known() {
    let feed = after_first_night();
    feed.sends("employees_20260303.csv", EMPLOYEES.replace("31 Example Way", "one wrong way"));
    feed.night(3).says("INT035");
    let names = names(&feed.site().join("state/archive")).len();
    feed.sends("employees_20260303.csv", EMPLOYEES.replace("31 Example Way", "35 Example Way"));
    feed.night(4).says("INT036").says("replaced employees").says("INT035");
    feed.sends("dependents_20260303.csv", DEPENDENTS);
    feed.night(5).says("1 change,").never_says("INT035");
    assert!(feed.told().contains("35 EXAMPLE WAY") || feed.told().contains("35 Example Way"));
    assert_eq!(self::names_of(&feed), names + 3, "each is kept sealed, and what was made of them");
    // A census of a later day ends what waited for its other half.
    feed.sends("employees_20260306.csv", EMPLOYEES);
    feed.night(6).says("INT035");
    feed.sends("employees_20260307.csv", EMPLOYEES);
    feed.sends("dependents_20260307.csv", DEPENDENTS);
    feed.night(7).says("INT036").says("overtaken employees").never_says("INT035");
    let newest: Value = feed.bex(7, &["--json", "show", "input", "4"]).json();
    assert_eq!(newest["parts"].as_array().unwrap().len(), 3);
}

fn names_of(feed: &FirstFeed) -> usize {
    names(&feed.site().join("state/archive")).len()
}

#[test]
fn an_older_day_than_the_one_applied_is_held() {
    let feed = after_first_night();
    feed.sends("employees_20260301.csv", EMPLOYEES.replace("31 Example", "30 Example"));
    feed.sends("dependents_20260301.csv", DEPENDENTS);
    feed.night(3).says("INT018");
}

#[test]
fn sealed_files_are_joined_by_what_is_in_them_and_one_that_cannot_be_opened_is_set_aside() {
    let feed = site();
    let reference = KeyReference::File(feed.site().join("keys/archive.age"));
    let to = Identity::read(&reference).unwrap().recipient();
    let sealed = |text: &str| {
        let mut sealing = encrypt(std::slice::from_ref(&to), Vec::new()).unwrap();
        std::io::Write::write_all(&mut sealing, text.as_bytes()).unwrap();
        sealing.finish().unwrap()
    };
    feed.sends("employees_20260302.csv.age", sealed(EMPLOYEES));
    feed.sends("dependents_20260302.csv.age", &sealed(DEPENDENTS)[..300]);
    feed.night(2).says("INT026").says("RUN005").exits(1);
    assert_eq!(feed.sent(), 0);
    feed.sends("dependents_20260302.csv.age", sealed(DEPENDENTS));
    feed.night(3).says("4 add");
    // What is sealed anew is other bytes, and the same census.
    feed.is_acknowledged(3);
    feed.sends("employees_20260304.csv.age", sealed(EMPLOYEES));
    feed.sends("dependents_20260304.csv", DEPENDENTS);
    feed.night(4).exits(0).says("nothing to send").never_says("taken in");
}

#[test]
fn what_is_to_be_corrected_names_the_file_and_the_row() {
    let feed = after_first_night();
    feed.sends("employees_20260303.csv", EMPLOYEES);
    feed.sends("dependents_20260303.csv", DEPENDENTS.replace("2020-02-11", "2020-02-41"));
    feed.night(3).says("CEN024").says("example-employer dependents line 2");
    feed.bex(3, &["corrections"]).says("dependents line 2, column birth_date");
    let json = feed.bex(3, &["--json", "corrections"]).json();
    assert_eq!(json["corrections"][0]["header"], "Born");
}

#[test]
fn all_files_of_a_census_are_tried_together_and_a_row_is_explained_by_its_part() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("two.toml", MAPPING), ("employees.csv", EMPLOYEES), ("dependents.csv", DEPENDENTS)] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let bex = |arguments: &[&str]| {
        bex_says(&[&["--now", "2026-03-02T22:00:00Z", "mapping"][..], arguments].concat(), folder.path())
    };
    bex(&["check", "two.toml", "dependents.csv", "employees.csv"]).exits(0).says("5 rows, 3 families, 0 of them");
    bex(&["check", "two.toml", "employees.csv"]).exits(1).says("not one file of dependents");
    bex(&["check", "two.toml", "employees.csv", "two.toml"]).exits(1).says("no part's is file 2");
    bex(&["explain", "two.toml", "dependents.csv", "--line", "3"]).exits(0).says("spouse").says("9999-99-99");
}

#[test]
fn what_parts_cannot_be_is_said_with_the_mapping() {
    let faults = |text: &str| {
        let parsed = CensusMapping::parse(&SourceName::new("s").unwrap(), "s.toml", text);
        parsed.faults.iter().map(|fault| fault.code.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(faults(MAPPING), Vec::<String>::new());
    for (was, other) in [
        ("makes = \"dependents\"", "makes = \"addresses\""),
        ("makes = \"subscribers\"", "makes = \"dependents\""),
        ("dependents*.csv", "employees*.csv"),
        ("layout = \"parts\"\n", "layout = \"parts\"\nfile = \"x*.csv\"\n"),
        ("file = \"employees*.csv\"", "file = \"employees*.csv\"\nnamed_by = \"ssn\""),
        ("[parts.dependents]", "[parts.\"Our Dependents\"]"),
    ] {
        assert!(!faults(&MAPPING.replace(was, other)).is_empty(), "{other}");
    }
}

/// Bytes of every file that a carrier was sent, but for what is random; how many are archived; how parts ended.
fn ending(feed: &FirstFeed) -> (usize, usize, Vec<String>) {
    let shown = feed.bex(3, &["--json", "show", "input", "2"]).exits(0).json();
    let parts = shown["parts"].as_array().unwrap().iter().map(|part| part["became"].to_string());
    (feed.sent(), names_of(feed), parts.collect())
}

#[test]
fn taking_files_in_that_make_a_census_and_interrupted_anywhere_comes_to_the_same_end() {
    let arrived = site();
    arrived.sends("employees_20260302.csv", EMPLOYEES);
    arrived.night(2).says("INT035");
    arrived.sends("employees_20260302.csv", EMPLOYEES);
    arrived.sends("dependents_20260302.csv", DEPENDENTS);
    let undisturbed = arrived.copy();
    undisturbed.night(3).exits(0).says("4 add");
    let expected = ending(&undisturbed);
    assert_eq!((expected.0, expected.2.len()), (1, 3));
    // Behind these, a night delivers: that is another test's.
    let taking_in = 16;
    for at in 1..=taking_in {
        let feed = arrived.copy();
        feed.bex(3, &["run", "--date", "2026-03-03", "--abort-at", &at.to_string()]).aborted();
        println!("step {at}: {}", feed.night(3).never_says("INT035").text());
        assert_eq!(ending(&feed), expected, "step {at}");
        assert!(feed.told().contains("Probeman"), "step {at}");
    }
}
