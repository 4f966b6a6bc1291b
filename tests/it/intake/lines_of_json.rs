//! A census or elections as lines of JSON: a line that is no object is a row that cannot be read, and never silence.

use serde_json::{Map, Value, json};

use crate::harness::first_feed::{CENSUS, CENSUS_MAPPING, ELECTIONS, ELECTIONS_MAPPING, FirstFeed};

const HIRE: &str = "EXE-4,00,EE,Newman,Ned,899-31-4001,11/21/1985,M,34 Example Way,Springfield,IL,62702,217-555-0142,A,\
                    03/01/2026,,,G1";

fn object(header: &str, row: &str) -> String {
    let fields = header.split(',').zip(row.split(','));
    let object: Map<String, Value> = fields.map(|(name, cell)| (name.into(), json!(cell))).collect();
    Value::Object(object).to_string()
}

/// Rows as objects, a line for each.
fn objects(table: &str) -> Vec<String> {
    let header = table.lines().next().unwrap();
    table.lines().skip(1).map(|row| object(header, row)).collect()
}

fn hire() -> String {
    object(CENSUS.lines().next().unwrap(), HIRE)
}

fn text(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn reads_json(feed: &FirstFeed, mapping: &str) {
    feed.edit(mapping, "*.csv", "*.jsonl");
    feed.edit(mapping, "[columns]\n", "[format]\nform = \"json-lines\"\n\n[columns]\n");
}

/// A site whose census comes as lines of JSON, after its first night.
fn after_first_night() -> FirstFeed {
    let feed = FirstFeed::new();
    reads_json(&feed, CENSUS_MAPPING);
    feed.sends("census.jsonl", text(&objects(CENSUS)));
    feed.sends("elections.csv", ELECTIONS);
    feed.night(2).exits(0).says("delivered");
    feed.is_acknowledged(2);
    feed
}

#[test]
fn a_new_hire_whose_line_is_no_object_is_asked_about_every_night() {
    let mistakes: [fn(String) -> String; 4] = [
        |line| line.replace("Newman", "New\"man"),
        |line| line.replace("\"EXE-4\"", "\"EXE-4"),
        |line| line[..line.find("Ned").unwrap()].to_string(),
        |line| format!("{{\"employee\":{line}}}"),
    ];
    for mistake in mistakes {
        let feed = after_first_night();
        let line = mistake(hire());
        feed.sends("census.jsonl", text(&[objects(CENSUS), vec![line.clone()]].concat()));
        feed.night(3).exits(1).says("CEN020").says("line 6").never_says("CEN047").never_says("REC001");
        feed.bex(4, &["runs"]).says("INT022");
        feed.sends("census.jsonl", text(&[objects(CENSUS), vec![hire()]].concat()));
        feed.night(5).exits(0).never_says("CEN020");
        feed.bex(6, &["runs"]).never_says("INT022");
    }
}

#[test]
fn nobody_is_missing_whose_line_is_no_object() {
    for (line, mistake) in [(3, ("\"Dee\"", "\"D\"ee\"")), (1, ("\"Bo\"", "\"B\"o\"")), (3, ("\"EXE-2\"", "EXE-2"))] {
        let feed = after_first_night();
        let mut lines = objects(CENSUS);
        lines[line] = lines[line].replace(mistake.0, mistake.1);
        feed.sends("census.jsonl", text(&lines));
        feed.night(3).exits(1).says("CEN020").says("REC004").never_says("REC001").never_says("terminat");
        assert_eq!(feed.sent(), 1);
    }
}

#[test]
fn an_election_whose_line_is_no_object_is_said_and_asked_about() {
    let feed = FirstFeed::new();
    reads_json(&feed, ELECTIONS_MAPPING);
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.jsonl", text(&objects(ELECTIONS)));
    feed.night(2).exits(0);
    feed.is_acknowledged(2);
    feed.sends("census.csv", format!("{CENSUS}{HIRE}\n"));
    let hires = object(ELECTIONS.lines().next().unwrap(), "EXE-4,Medical PPO,EE,03/01/2026,,,204.10,NH,N");
    feed.sends("elections.jsonl", text(&[objects(ELECTIONS), vec![hires.replace("\"NH\"", "\"N\"H\"")]].concat()));
    feed.night(3).exits(1).says("CEN020").says("REC004");
}

#[test]
fn json_that_is_not_an_object_in_each_line_is_one_fault_that_says_what_it_is() {
    let lines = objects(CENSUS);
    let pretty = |line: &String| serde_json::to_string_pretty(&serde_json::from_str::<Value>(line).unwrap()).unwrap();
    let cases = [
        (format!("[{}]\n", lines.join(",")), "one JSON array"),
        (lines.iter().map(|line| pretty(line) + "\n").collect(), "objects over several lines"),
        (lines.join(",\n") + "\n", "commas between the objects"),
        (lines.concat() + "\n", "all objects in one line"),
    ];
    let feed = after_first_night();
    for (day, (census, looks_like)) in (3..).zip(cases) {
        feed.sends("census.jsonl", census);
        let said = feed.night(day).exits(1).says("CEN066").says(looks_like);
        said.never_says("CEN001").never_says("CEN008").never_says("CEN020");
    }
}

#[test]
fn a_closing_line_is_declared_by_how_it_begins_or_counts_the_others() {
    let feed = after_first_night();
    let closing = |line: &str| text(&objects(CENSUS)) + line + "\n";
    feed.sends("census.jsonl", closing("{\"count\": 5}"));
    feed.night(3).exits(0).says("CEN059");
    feed.edit(CENSUS_MAPPING, "form = \"json-lines\"\n", "form = \"json-lines\"\nremarks = ['{\"meta\"']\n");
    feed.sends("census.jsonl", closing("{\"meta\": {\"system\": \"HR 7\"}}"));
    feed.night(4).exits(0).says("CEN049").never_says("CEN020");
}
