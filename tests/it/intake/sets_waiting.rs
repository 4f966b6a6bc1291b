//! Files that wait for the others of their census: how their waiting ends, where the others do not come, and what is
//! said of one that cannot be read.

use std::fs;

use bex::crypt::age::Identity;
use bex::crypt::keyring::KeyReference;

use super::sets::{DEPENDENTS, EMPLOYEES, MAPPING, after_files_of, after_first_night, site};
use crate::harness::demo_site::put;
use crate::harness::first_feed::{CENSUS_MAPPING, FirstFeed};

/// A mapping by which the file of employees alone is everybody.
fn of_one_file() -> String {
    let (head, rest) = MAPPING.split_once("[parts.employees.columns]\n").unwrap();
    let (columns, _) = rest.split_once("[parts.dependents]").unwrap();
    let alone = "layout = \"person-rows\"\nfile = \"employees*.csv\"\n[columns]\nrelationship = { constant = \"subscriber\" }\n";
    let head = head.split("layout").next().unwrap();
    format!("{head}{alone}{columns}")
}

/// After a first night, with employees of the next day who wait for their dependents.
fn waiting() -> FirstFeed {
    let feed = after_first_night();
    feed.sends("employees_20260303.csv", EMPLOYEES.replace("31 Example", "35 Example"));
    feed.night(3).says("INT035").never_says("taken in");
    feed
}

#[test]
fn a_file_that_waits_is_never_read_as_everybody_once_the_mapping_reads_one_file() {
    let feed = waiting();
    let sent = feed.sent();
    put(&feed.site().join(CENSUS_MAPPING), of_one_file());
    feed.bex(4, &["plan", "example-feed"]).says("Tells add 0  chg 0  term 0");
    feed.night(4).says("INT037").says("received since 2026-03-03").exits(3).never_says("taken in");
    feed.night(5).never_says("INT037").never_says("INT035");
    assert_eq!(feed.sent(), sent, "nobody was ended");
    feed.bex(5, &["verify"]).exits(0);
    // Sent again, it is what the mapping says it is.
    feed.sends("employees_20260306.csv", EMPLOYEES.replace("31 Example", "35 Example"));
    feed.night(6).says("taken in");
}

#[test]
fn a_file_whose_part_the_mapping_calls_otherwise_by_now_waits_no_more() {
    for (was, other) in [("parts.employees", "parts.staff"), ("employees*.csv", "staff*.csv")] {
        let feed = waiting();
        put(&feed.site().join(CENSUS_MAPPING), MAPPING.replace(was, other));
        feed.bex(4, &["plan", "example-feed"]).never_says("INT035");
        feed.night(4).says("INT037").never_says("INT035").never_says("taken in");
        feed.night(5).never_says("INT037").never_says("INT035");
    }
}

#[test]
fn what_was_sealed_while_one_file_made_the_census_waits_as_a_part_once_several_do() {
    let feed = after_first_night();
    put(&feed.site().join(CENSUS_MAPPING), of_one_file());
    feed.sends("employees_20260303.csv", EMPLOYEES.replace("31 Example", "35 Example"));
    let archive = Identity::read(&KeyReference::File(feed.site().join("keys/archive.age"))).unwrap();
    feed.edit("bex.toml", "[keys]\n", &format!("[keys]\narchive_recipient = \"{}\"\n", archive.recipient()));
    feed.bex(3, &["intake"]).exits(0);
    put(&feed.site().join(CENSUS_MAPPING), MAPPING);
    feed.sends("dependents_20260303.csv", DEPENDENTS);
    feed.bex(3, &["plan", "example-feed"]).exits(0).says("chg 1 ");
    feed.night(3).says("1 change,").never_says("INT035");
}

#[test]
fn a_file_of_an_older_day_than_the_census_applied_waits_and_is_said_until_somebody_has_looked() {
    let feed = after_first_night();
    feed.sends("employees_20260301.csv", EMPLOYEES.replace("31 Example", "30 Example"));
    feed.night(3).says("INT035").says("applied 2026-03-02").never_says("INT036");
    // Also of a census that was read again since, by another mapping.
    feed.edit(CENSUS_MAPPING, "phone = \"Phone\"\n", "");
    feed.night(4).says("taken in").says("applied 2026-03-02");
    feed.bex(4, &["runs"]).says("a slip, or too late: the census applied is of 2026-03-02");
    let settle = ["input", "settle", "--part", "census/example-employer/employees", "--reason", "too late"];
    feed.bex(4, &settle).exits(0);
    feed.night(5).never_says("INT035");
    let shown = feed.bex(5, &["--json", "show", "input", "3"]).exits(0).json();
    assert_eq!(shown["called"], "dependents_20260302.csv + employees_20260302.csv");
}

/// After a first night on which both files bore the day of the 20th, which lies ahead.
fn after_a_slip() -> FirstFeed {
    after_files_of("20260320")
}

#[test]
fn after_a_census_whose_day_was_a_slip_no_right_one_is_lost_without_a_question() {
    let feed = after_a_slip();
    // A new employee, in files that bear the right day and come on two nights.
    let hired =
        EMPLOYEES.to_string() + "EXE-7,Probesen,Pat,,01/02/1990,F,1 Way,Springfield,IL,62701,,A,03/01/2026,,,\n";
    feed.sends("employees_20260303.csv", &hired);
    feed.night(3).says("INT035").says("missing dependents of 2026-03-03").says("applied 2026-03-20");
    feed.sends("dependents_20260303.csv", DEPENDENTS);
    feed.bex(4, &["plan", "example-feed"]).says("INT018");
    feed.night(4).says("INT018").never_says("INT036").never_says("INT035");
    let waits = "census/example-employer";
    feed.bex(5, &["runs"]).says("INT018").says(waits);
    feed.night(5).says("because of INT018");
    // Somebody says which of the two holds; from then on, right days are in order again.
    feed.bex(5, &["input", "read", "3", "--reason", "the 20th was a slip of the 2nd"]).exits(0);
    feed.night(6).says("taken in").never_says("INT018");
    feed.sends("employees_20260307.csv", hired.replace("31 Example", "35 Example"));
    feed.sends("dependents_20260307.csv", DEPENDENTS);
    feed.night(7).says("1 change,").never_says("INT018").never_says("INT035");
    feed.bex(7, &["verify"]).exits(0);
}

#[test]
fn dependents_whose_day_was_a_slip_are_not_joined_with_the_employees_of_that_day() {
    let feed = after_first_night();
    feed.sends("employees_20260303.csv", EMPLOYEES);
    feed.sends("dependents_20260310.csv", DEPENDENTS.replace("2020-02-11", "2020-02-12"));
    feed.night(3).says("missing employees of 2026-03-10 + dependents of 2026-03-03");
    feed.sends("employees_20260310.csv", EMPLOYEES.replace("31 Example", "35 Example"));
    feed.night(10).says("INT035").never_says("taken in");
    feed.sends("dependents_20260310.csv", DEPENDENTS);
    feed.night(11).says("1 change,").never_says("missing dependents of 2026-03-10");
}

#[test]
fn a_file_claimed_by_a_crash_ends_whatever_its_part_or_its_source_is_called_since() {
    // Claimed, and not recorded yet.
    let crashed = after_first_night();
    crashed.sends("employees_20260303.csv", EMPLOYEES.replace("31 Example", "35 Example"));
    let claims = |feed: &FirstFeed| {
        let folders = fs::read_dir(feed.site().join("state/claims")).unwrap().flatten();
        let files = folders.flat_map(|folder| fs::read_dir(folder.path()).unwrap().flatten());
        files.filter(|file| file.path().extension().is_some_and(|end| end == "clear")).count()
    };
    let at = (1..20).find(|at| {
        let feed = crashed.copy();
        feed.bex(3, &["run", "--date", "2026-03-03", "--abort-at", &at.to_string()]).aborted();
        claims(&feed) > 0
    });
    let step = at.expect("a step at which it is claimed").to_string();
    crashed.bex(3, &["run", "--date", "2026-03-03", "--abort-at", &step]).aborted();
    let renamed = MAPPING.replace("parts.employees", "parts.staff");
    for mapping in [renamed, of_one_file()] {
        let feed = crashed.copy();
        let sent = feed.sent();
        put(&feed.site().join(CENSUS_MAPPING), mapping);
        feed.night(4).says("INT037").never_says("taken in");
        assert_eq!((claims(&feed), feed.sent()), (0, sent));
        feed.night(5).never_says("INT037");
        feed.bex(5, &["verify"]).exits(0);
    }
    // Its source is gone altogether.
    let feed = crashed;
    let other = CENSUS_MAPPING.replace("example-employer", "other-name");
    fs::rename(feed.site().join(CENSUS_MAPPING), feed.site().join(other)).unwrap();
    feed.edit("schedules/example-feed.toml", "census = \"example-employer\"", "census = \"other-name\"");
    feed.night(4).says("INT010");
    assert_eq!(claims(&feed), 0);
}

#[test]
fn a_person_ends_the_waiting_of_a_file_whose_others_will_not_come() {
    let feed = waiting();
    feed.bex(4, &["runs"]).says("waits for dependents of 2026-03-03 since 2026-03-03; here is employees of 2026-03-03");
    feed.bex(4, &["why", "example-feed"])
        .says("bex input settle --part census/example-employer/employees --day 2026-03-03 --reason R");
    let part = ["input", "settle", "--part", "census/example-employer/employees"];
    feed.bex(4, &[&part[..], &["--day", "2026-03-04", "--plan"]].concat()).exits(1).refuses_with("INT013");
    feed.bex(4, &[&part[..], &["--plan"]].concat()).exits(0).says("employees of 2026-03-03");
    feed.bex(4, &part).exits(2);
    let reason = ["--day", "2026-03-03", "--reason", "the day in its name was a slip", "--json"];
    let done = feed.bex(4, &[&part[..], &reason].concat()).exits(0).json();
    assert_eq!((&done["state"], &done["parts"][0]["part"]), (&"settled".into(), &"employees".into()));
    feed.night(4).never_says("INT035").never_says("taken in");
    feed.bex(4, &[&part[..], &["--reason", "r"]].concat()).exits(1).refuses_with("INT013");
    feed.bex(4, &["verify"]).exits(0);
}

#[test]
fn a_file_that_cannot_be_read_is_said_as_it_comes_and_it_alone_has_to_be_sent_again() {
    let feed = after_first_night();
    feed.sends("dependents_20260303.csv", DEPENDENTS.replace("Relation|", "Kin|"));
    feed.night(3).says("example-employer dependents line 1").says("unread dependents of 2026-03-03").exits(3);
    feed.sends("employees_20260303.csv", EMPLOYEES.replace("31 Example", "35 Example"));
    feed.night(4).says("missing dependents of 2026-03-03").says("unread dependents").never_says("taken in").exits(3);
    feed.bex(4, &["runs"]).says("cannot be read: dependents of 2026-03-03");
    let corrected = feed.copy();
    corrected.sends("dependents_20260303.csv", DEPENDENTS);
    corrected.night(5).says("INT036").says("1 change,").never_says("INT035");
    // Where it was the mapping that was wrong, nothing has to be sent again.
    feed.edit(CENSUS_MAPPING, "header = \"Relation\"", "header = \"Kin\"");
    feed.night(5).says("1 change,").never_says("INT035");
}

#[test]
fn a_sealed_file_that_cannot_be_opened_is_said_before_the_others_come() {
    let feed = site();
    feed.sends("dependents_20260302.csv.age", "age-encryption.org/v1\nnothing\n");
    feed.night(2).says("INT026").exits(1);
}

#[test]
fn a_file_that_was_set_aside_waits_for_the_others_once_somebody_has_it_read() {
    let feed = after_first_night();
    feed.sends("staff_20260303.csv", EMPLOYEES.replace("31 Example", "35 Example"));
    feed.sends("dependents_20260303.csv", DEPENDENTS);
    feed.night(3).says("INT010").says("INT035");
    let read = ["input", "read", "3", "--reason", "it is called otherwise"];
    feed.bex(3, &read).exits(2).refuses_with("INT014");
    feed.edit(CENSUS_MAPPING, "file = \"employees*.csv\"", "file = \"staff*.csv\"");
    feed.bex(3, &[&read[..3], &["--plan"]].concat()).exits(0).says("waits as employees of census/example-employer");
    feed.bex(3, &read).exits(0).says("waits as employees");
    feed.night(4).says("1 change,").never_says("INT035");
    feed.bex(4, &["verify"]).exits(0);
}

#[test]
fn a_file_that_waits_for_ever_is_listed_among_what_is_kept_and_ends_with_its_time() {
    let feed = waiting();
    let archive = feed.site().join("state/archive");
    let list = feed.bex_on("2036-03-03", &["--json", "retention", "list"]).exits(0).json();
    let due: Vec<&str> = list["due"].as_array().unwrap().iter().filter_map(|file| file["name"].as_str()).collect();
    let waits = |name: &&&str| name.contains("-20260303-");
    let name = due.iter().find(waits).unwrap_or_else(|| panic!("{list}"));
    assert!(archive.join(name).exists());
    let digest = list["digest"].as_str().unwrap();
    let destroy = ["retention", "destroy", "--expect", digest, "--reason", "its time is over"];
    feed.bex_on("2036-03-03", &destroy).exits(0);
    assert!(!archive.join(name).exists());
    feed.bex_on("2036-03-03", &["verify"]).exits(0);
    feed.bex_on("2036-03-03", &["runs"]).never_says("INT035");
}

#[test]
fn since_when_a_file_waits_is_said_by_the_day_of_those_who_work_there() {
    let feed = site();
    feed.sends("employees.csv", EMPLOYEES);
    let now = "2026-03-03T03:00:00Z";
    let site = feed.site();
    let arguments = ["--site", site.to_str().unwrap(), "--now", now, "run", "--date", "2026-03-02"];
    crate::harness::demo_site::bex_says(&arguments, &site).says("INT035").says("since 2026-03-02");
    assert!(fs::read_dir(site.join("state/archive")).unwrap().count() > 0);
}

/// After a first night, and a second on which every row of the dependents was wrong.
fn refused() -> FirstFeed {
    let feed = after_first_night();
    feed.edit(
        CENSUS_MAPPING,
        "layout = \"parts\"\n",
        "layout = \"parts\"\n[limits]\nbad_rows_max = 0\nbad_rows_percent_max = 0\n",
    );
    feed.sends("employees_20260303.csv", EMPLOYEES.replace("31 Example", "35 Example"));
    feed.sends("dependents_20260303.csv", DEPENDENTS.replace("2020-02-11", "2020-02-41"));
    feed.night(3).says("missing dependents of 2026-03-03").says("here employees of 2026-03-03");
    feed
}

#[test]
fn of_a_refused_census_the_file_that_is_wrong_is_named_and_it_alone_has_to_be_sent_again() {
    let feed = refused();
    feed.bex(3, &["show", "input", "3"]).exits(0).says("for dependents alone (employees waits for it) again");
    feed.bex(3, &["verify"]).exits(0);
    feed.sends("dependents_20260303.csv", DEPENDENTS);
    feed.night(4).says("1 change,").never_says("INT035");
    feed.bex(4, &["verify"]).exits(0);
}

#[test]
fn what_waits_again_ends_where_the_refused_census_is_read_all_the_same() {
    let feed = refused();
    feed.edit(CENSUS_MAPPING, "bad_rows_max = 0\nbad_rows_percent_max = 0\n", "");
    feed.night(4).says("taken in");
    feed.night(5).never_says("INT035");
}

#[test]
fn where_nobody_can_say_which_file_is_wrong_every_one_has_to_be_sent_again() {
    let feed = after_first_night();
    feed.edit(
        CENSUS_MAPPING,
        "layout = \"parts\"\n",
        "layout = \"parts\"\n[limits]\nbad_rows_max = 0\nbad_rows_percent_max = 0\n",
    );
    feed.sends("employees_20260303.csv", EMPLOYEES);
    feed.sends("dependents_20260303.csv", DEPENDENTS.replace("EXE-1", "EXE-8"));
    feed.night(3).never_says("INT035");
    feed.bex(3, &["show", "input", "3"]).says("for every part (dependents, employees) again");
}
