//! Whom an elections file means, whatever it calls a dependent: a key, a number, a name, a name with a birth date.

use crate::harness::first_feed::{CENSUS, ELECTIONS_MAPPING, FirstFeed};

const HEAD: &str = "Employee ID,Person,Rel,First,DOB,Plan,Coverage Level,Effective Date,End Date,Covered Dependents,\
                    Monthly Cost,Event,Waived\n";

/// A site whose elections have these further columns, with a list of the covered separated by pipes.
fn feed(columns: &str, covered: &str) -> FirstFeed {
    let feed = FirstFeed::new();
    feed.edit(ELECTIONS_MAPPING, "covered = { header = \"Covered Dependents\", separator = \";\" }\n", "");
    feed.edit(ELECTIONS_MAPPING, "[columns]\n", &format!("[columns]\n{columns}\n"));
    if !covered.is_empty() {
        let column = format!("covered = {{ header = \"Covered Dependents\", separator = \"|\", by = \"{covered}\" }}");
        feed.edit(ELECTIONS_MAPPING, "[columns]\n", &format!("[columns]\n{column}\n"));
    }
    feed.sends("census.csv", CENSUS);
    feed
}

fn all_are_told(feed: &FirstFeed, rows: &[&str]) {
    let row = |row: &&str| format!("EXE-1,{row}\n");
    feed.sends("elections.csv", format!("{HEAD}{}", rows.iter().map(row).collect::<String>()));
    feed.night(2).exits(0).never_says("error").never_says("REC0").says("3 add");
    let told = feed.told();
    assert!(["*Ada", "*Bo", "*Cy"].iter().all(|name| told.contains(name)) && !told.contains("*Dee"), "{told}");
}

const PLAN: &str = "Medical PPO,FAM,01/01/2026,";

#[test]
fn the_covered_are_found_by_their_numbers_the_employees_own_among_them() {
    // Cy has no number yet, and a row of his own by name.
    let feed = feed("person_key = { header = \"Person\", by = \"name\" }", "ssn");
    all_are_told(
        &feed,
        &[&format!(",,,,{PLAN},899-31-1001|899311002,612.40,OE,N"), &format!("\"Probeman, Cy\",,,,{PLAN},,,OE,N")],
    );
}

#[test]
fn the_covered_are_found_by_their_names_in_either_order() {
    let feed = feed("", "name");
    all_are_told(&feed, &[&format!(",,,,{PLAN},\"Probeman, Bo|Cy Probeman\",612.40,OE,N")]);
}

#[test]
fn a_row_is_the_employees_where_a_column_says_so_and_a_dependents_by_name_and_birth_date() {
    let columns = "relationship = \"Rel\"\nperson_first_name = \"First\"\n\
                   person_birth_date = { header = \"DOB\", format = \"date:MM/DD/YYYY\" }";
    let feed = feed(columns, "");
    all_are_told(
        &feed,
        &[
            &format!(",EE,Ada,04/12/1979,{PLAN},,612.40,OE,N"),
            &format!(",SP,Bo,09/30/1981,{PLAN},,,OE,N"),
            &format!(",CH,Cy,02/11/2020,{PLAN},,,OE,N"),
        ],
    );
}

#[test]
fn a_row_of_the_employee_by_number_is_known_by_the_relationship() {
    let feed = feed("relationship = \"Rel\"\nperson_key = { header = \"Person\", by = \"ssn\" }", "name");
    all_are_told(
        &feed,
        &[&format!("899-31-1001,EE,,,{PLAN},Cy,612.40,OE,N"), &format!("899-31-1002,SP,,,{PLAN},,,OE,N")],
    );
}

#[test]
fn a_number_nobody_of_the_family_has_is_a_question_and_is_not_shown() {
    let feed = feed("", "ssn");
    feed.sends("elections.csv", format!("{HEAD}EXE-1,,,,,{PLAN},899-31-1002|899-31-9999,612.40,OE,N\n"));
    feed.night(2).exits(0).says("REC006").never_says("9999").never_says("899");
    assert_eq!(feed.sent(), 0);
    feed.sends("elections.csv", format!("{HEAD}EXE-1,,,,,{PLAN},899-31-1002|8993199,612.40,OE,N\n"));
    feed.night(3).exits(1).says("CEN026").says("REC004");
}
