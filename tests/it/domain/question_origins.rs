//! A question names where it came from: the rows of the employer's files that tell of the family, by input and line,
//! and never a value.

use serde_json::{Value, json};

use crate::harness::demo_site::World;

const FEED: &str = "example-manufacturing-alpha-health";
const CENSUS: &str = "example-manufacturing/census.csv";
const ELECTIONS: &str = "example-manufacturing/elections.csv";

/// The line of a family's first row in a file of the demonstration, from 1.
fn line(night: u32, path: &str, family: &str) -> usize {
    let text = World::text_of(night, path);
    1 + text.lines().position(|line| line.contains(family)).unwrap_or_else(|| panic!("no {family} in {path}"))
}

/// After a second night in which EXM-1011 is missing from the census without a reason.
fn after_the_second_night() -> (World, Value) {
    let world = World::evening_of(FEED);
    let ran = world.bex(&["run", FEED, "--json"]).exits(0).json();
    (world, ran["feeds"][0]["holds"].clone())
}

#[test]
fn a_question_names_input_and_line_of_the_familys_rows_and_that_one_is_gone() {
    let (world, holds) = after_the_second_night();
    let rows = json!([
        { "source": "census/example-manufacturing", "input": 1, "date": "2026-03-02", "part": null,
          "line": line(1, CENSUS, "EXM-1011"), "gone": true, "gone_in": 3 },
        { "source": "elections/example-manufacturing", "input": 2, "date": "2026-03-02", "part": null,
          "line": line(1, ELECTIONS, "EXM-1011"), "gone": false, "gone_in": null },
    ]);
    assert_eq!((&holds[0]["code"], &holds[0]["rows"]), (&"REC001".into(), &rows));
    let shown = world.bex(&["show", "2", "--json"]).exits(0).json();
    assert_eq!(shown["holds"], holds);
    let plan = world.bex(&["plan", FEED, "--json"]).exits(0).json();
    assert_eq!((&plan["holds"][0]["rows"], &plan["holds"][0]["member"]), (&rows, &holds[0]["member"]));
}

#[test]
fn people_read_the_same_rows_in_the_texts_of_run_show_and_plan() {
    let (mut world, _) = after_the_second_night();
    let census = format!(
        "census/example-manufacturing input 1 of 2026-03-02 line {}, gone in input 3",
        line(1, CENSUS, "EXM-1011")
    );
    let elections =
        format!("elections/example-manufacturing input 2 of 2026-03-02 line {}", line(1, ELECTIONS, "EXM-1011"));
    world.next_night();
    for command in [&["run", FEED][..], &["show", "3", "--questions"], &["plan", FEED, "--families"]] {
        world.bex(command).exits(0).says("REC001").says(&census).says(&elections);
    }
    // The number that is printed beside it leads there as the member's reference does, and stays from night to night.
    world.bex(&["show", "3", "--questions"]).exits(0).says("question 1  REC001  member ");
    let hold = world.bex(&["show", "3", "--json"]).exits(0).json()["holds"][0].clone();
    assert_eq!(hold["number"], 1);
    let by_number = world.bex(&["show", "question", "1"]).exits(0).says("question 1  REC001").says(&census);
    let by_member = world.bex(&["show", "question", hold["member"].as_str().unwrap()]).exits(0);
    assert_eq!(by_number.out, by_member.out);
    world.bex(&["show", "question", "2"]).exits(1).refuses_with("RUN028");
    world.bex(&["runs"]).exits(0).says("bex show question 1");
}

#[test]
fn a_row_that_moves_in_the_file_is_named_where_it_last_said_something_new() {
    let (mut world, _) = after_the_second_night();
    // The elections of the family change and stand behind one row more than before.
    let text = World::text_of(2, ELECTIONS);
    let (before, from) = text.split_at(text.find("EXM-1011").unwrap());
    let (row, after) = from.split_at(from.find('\n').unwrap() + 1);
    let start = row
        .split(',')
        .find(|cell| cell.starts_with("01/") || cell.starts_with("2026-"))
        .unwrap_or_else(|| panic!("{row}"));
    let other = start.replace("2026", "2025");
    let moved = format!("{before}{after}{}", row.replace(start, &other));
    world.next_night();
    world.arrives(ELECTIONS, &moved);
    let ran = world.bex(&["run", FEED, "--json"]).exits(0).json();
    let expected = 1 + moved.lines().position(|line| line.contains("EXM-1011")).unwrap();
    let row = &ran["feeds"][0]["holds"][0]["rows"][1];
    assert_eq!((&row["input"], &row["line"], &row["date"]), (&5.into(), &expected.into(), &"2026-03-04".into()));
}

#[test]
fn an_election_without_a_census_row_names_the_election_alone() {
    let mut world = World::new();
    world.employers_send(1);
    let census: String = World::text_of(1, CENSUS)
        .lines()
        .filter(|line| !line.starts_with("EXM-1011"))
        .map(|line| format!("{line}\n"))
        .collect();
    world.arrives(CENSUS, census);
    let ran = world.bex(&["run", FEED, "--json"]).exits(0).json();
    let hold = &ran["feeds"][0]["holds"][0];
    assert_eq!(hold["code"], "REC002");
    assert_eq!(hold["rows"].as_array().unwrap().len(), 1);
    assert_eq!(hold["rows"][0]["source"], "elections/example-manufacturing");
    world.next_night();
}

#[test]
fn a_number_of_two_people_in_two_families_holds_both_and_nobody_else() {
    let mut world = World::evening_of(FEED);
    let census = World::text_of(2, CENSUS);
    let number = |family: &str| {
        let row = census.lines().find(|line| line.starts_with(family)).unwrap();
        row.split(',').find(|cell| cell.starts_with("899-")).unwrap().to_owned()
    };
    world.arrives(CENSUS, census.replace(&number("EXM-1015,00"), &number("EXM-1001,00")));
    let ran = world.bex(&["run", FEED, "--json"]).exits(1).json();
    let faults = ran["taken_in"][0]["faults"].as_array().unwrap().iter();
    assert_eq!(faults.filter(|fault| fault["code"] == "CEN048").count(), 2);
    let holds = ran["feeds"][0]["holds"].as_array().unwrap();
    let lines: Vec<usize> = ["EXM-1001,00", "EXM-1015,00"]
        .map(|row| 1 + census.lines().position(|line| line.starts_with(row)).unwrap())
        .into();
    let held = holds.iter().filter(|hold| hold["code"] == "REC004");
    let mut held: Vec<usize> = held.map(|hold| hold["rows"][0]["line"].as_u64().unwrap() as usize).collect();
    held.sort_unstable();
    assert_eq!(held, lines);
    assert_eq!((&ran["feeds"][0]["outcome"], world.newest_run(FEED)["adds"].as_u64()), (&"delivered".into(), Some(1)));
    // The employer says whose it is, and both go on.
    world.next_night();
    world.arrives(CENSUS, census);
    world.fetch_acks().exits(0);
    let ran = world.bex(&["run", FEED, "--json"]).exits(0).json();
    assert!(ran["feeds"][0]["holds"].as_array().unwrap().iter().all(|hold| hold["code"] == "REC001"));
    assert_eq!(world.newest_run(FEED)["adds"], 1, "the hire who was held is told now");
}
