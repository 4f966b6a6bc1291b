//! What an employer is asked to correct: known again in the next file, closed by a file that no longer shows it, and
//! sent as a report in which there is nothing of anybody but what a row is found by.

use std::fs::{self, File};
use std::io::Read as _;

use bex::crypt::age::{Identity, decrypt};
use calamine::{DataType as _, Reader as _, Xlsx};
use serde_json::Value;

use crate::harness::demo_site::names;
use crate::harness::first_feed::{CENSUS, CENSUS_MAPPING, ELECTIONS, FirstFeed};

/// What is asked for now: code, line and age of each.
fn asked(feed: &FirstFeed, day: u32) -> Vec<(String, u64, u64)> {
    let json = feed.bex(day, &["--json", "corrections"]).exits(0).json();
    let one = |one: &Value| {
        let number = |key: &str| one[key].as_u64().unwrap();
        (one["code"].as_str().unwrap().to_string(), number("line"), number("days"))
    };
    json["corrections"].as_array().unwrap().iter().map(one).collect()
}

fn wrong() -> String {
    CENSUS.replace("07/03/1990", "07/33/1990").replace("217-555-0143", "0143")
}

#[test]
fn only_a_later_file_closes_what_was_asked_for_and_its_age_is_told() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", wrong());
    feed.night(3).exits(1);
    assert_eq!(asked(&feed, 3), [("CEN024".into(), 5, 0), ("CEN030".into(), 6, 0)]);
    // On another line it is the same request, and no file at all closes nothing.
    let mut lines: Vec<String> = wrong().lines().map(str::to_string).collect();
    let moved = lines.remove(4);
    lines.push(moved);
    feed.sends("census.csv", lines.join("\n") + "\n");
    feed.night(6).exits(1);
    assert_eq!(asked(&feed, 9), [("CEN030".into(), 5, 6), ("CEN024".into(), 6, 6)]);
    // A file that is refused shows nothing: it is asked for itself, and the others stay.
    feed.sends("census.csv", "Nothing\nto\nsee\n");
    feed.night(9).exits(1);
    assert_eq!(asked(&feed, 9).len(), 3);
    feed.sends("census.csv", CENSUS.replace("217-555-0143", "0143"));
    feed.night(10).says("taken in");
    assert_eq!(asked(&feed, 10), [("CEN030".into(), 6, 7)]);
    feed.sends("census.csv", CENSUS);
    feed.night(11).exits(0);
    assert_eq!(asked(&feed, 11), []);
}

/// The report of an employer in this form, opened by the employer.
fn report(feed: &FirstFeed, form: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let identity = Identity::create(&folder.path().join("employer.age")).unwrap();
    let (to, out) = (identity.recipient().to_string(), folder.path().join("out"));
    let options = ["--to", &to, "--format", form, "--out", out.to_str().unwrap()];
    feed.bex(3, &[&["corrections", "report", "example-employer"][..], &options].concat()).exits(0);
    let name = names(&out).pop().unwrap();
    assert!(name.ends_with(&format!(".{form}.age")), "{name}");
    let mut bytes = Vec::new();
    decrypt(&identity, File::open(out.join(name)).unwrap()).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

fn with_wrong_rows() -> FirstFeed {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", wrong().replace("EXE-2", "+cmd()") + ",00,EE,Nobody,Nan,899-31-9001,,F,,,,,,A,,,,\n");
    feed.sends("elections.csv", ELECTIONS.replace("EXE-3,Medical PPO", "EXE-3,<Gold>"));
    feed.night(3).exits(1);
    feed
}

#[test]
fn a_report_says_row_column_what_is_wrong_and_what_to_do_and_nothing_of_anybody() {
    let feed = with_wrong_rows();
    let csv = String::from_utf8(report(&feed, "csv")).unwrap();
    let row = csv.lines().find(|line| line.contains("Birth Date")).unwrap();
    assert!(row.starts_with("census,5,\"'+cmd()\"") || row.starts_with("census,5,'+cmd()"), "{row}");
    assert!(row.contains("a date must be a day of the calendar") && row.contains("correct it at the source"), "{row}");
    let html = String::from_utf8(report(&feed, "html")).unwrap();
    for text in [&csv, &html] {
        for value in ["07/33/1990", "0143", "Nobody", "899", "Musterby", "Gold", "mapping", "bex "] {
            assert!(!text.contains(value), "{value}\n{text}");
        }
    }
}

#[test]
fn d18_a_workbook_of_a_report_is_text_in_every_cell() {
    let feed = with_wrong_rows();
    let mut workbook: Xlsx<_> = Xlsx::new(std::io::Cursor::new(report(&feed, "xlsx"))).unwrap();
    let sheet = workbook.worksheet_range("Corrections").unwrap();
    assert!(sheet.rows().flatten().all(|cell| cell.is_string() || cell.is_empty()), "{sheet:?}");
    let keys: Vec<String> = sheet.rows().map(|row| row[2].to_string()).collect();
    assert!(keys.contains(&"+cmd()".to_string()) && keys.contains(&"EXE-3".to_string()), "{keys:?}");
}

#[test]
fn a_report_is_never_written_in_clear_nor_over_another_one() {
    let feed = with_wrong_rows();
    feed.bex(3, &["corrections", "report", "example-employer"]).exits(2);
    feed.bex(3, &["corrections", "report", "nobody", "--to", "age1"]).exits(1).refuses_with("AGE001");
    let folder = tempfile::tempdir().unwrap();
    let to = Identity::create(&folder.path().join("employer.age")).unwrap().recipient().to_string();
    let options = ["--to", &to, "--out", folder.path().to_str().unwrap()];
    let written = |employer: &str| feed.bex(3, &[&["corrections", "report", employer][..], &options].concat());
    written("nobody").refuses_with("CLI012");
    written("example-employer").exits(0);
    written("example-employer").refuses_with("CLI013");
    for name in names(folder.path()) {
        assert!(!String::from_utf8_lossy(&fs::read(folder.path().join(name)).unwrap()).contains("EXE-3"));
    }
}

#[test]
fn a_dependent_below_an_employee_is_found_by_the_employees_number_and_row() {
    let feed = FirstFeed::new();
    feed.edit(CENSUS_MAPPING, "\"person-rows\"", "\"dependents-following\"");
    let below = |text: &str| text.replace("EXE-1,01", ",01").replace("EXE-1,02", ",02");
    feed.sends("census.csv", below(&CENSUS.replace("02/11/2020", "02/41/2020")));
    feed.sends("elections.csv", ELECTIONS);
    feed.night(3).says("CEN024");
    let text = String::from_utf8(report(&feed, "csv")).unwrap();
    assert!(text.contains("EXE-1 (employee's row 2)"), "{text}");
}
