//! What an employer's plan documents lay down, as the nights of a site show it.

use crate::harness::demo_site::put;
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

const PLANS: &str = "mappings/plans/example-employer.toml";

/// The site after a night on which the family of three was told, with these plan rules from then on.
fn told(rules: &str) -> FirstFeed {
    let feed = FirstFeed::after_first_night(CENSUS);
    put(&feed.site().join(PLANS), rules);
    feed
}

/// The family's child was born on 11 February 2020.
const FIVE: &str = "[lines.medical]\nchild = { until = 5 }\n";

#[test]
fn a_new_rule_ends_a_child_only_after_a_person_has_agreed_to_a_day_long_ago() {
    let feed = told(FIVE);
    let sent = feed.sent();
    feed.night(3).says("REC007");
    assert_eq!(feed.sent(), sent, "nothing ends months back without somebody's consent");
}

#[test]
fn a_child_is_ended_by_the_rule_with_its_day_while_the_election_goes_on_listing_it() {
    let feed = told("[lines.medical]\nchild = { until = 6, then = \"year-end\" }\n");
    feed.bex(3, &["check"]).exits(0);
    feed.night(3).exits(0);
    let sent = feed.sent();
    // 31 December 2026 is too far ahead in March; in October it is told, although no file has come.
    feed.bex(3, &["balance", "example-feed"]).exits(0);
    assert!(!feed.told().contains("20261231"), "{}", feed.told());
    feed.bex_on("2026-10-05", &["run", "--date", "2026-10-05"]).says("delivered");
    assert!(feed.sent() > sent);
    let said = feed.told().replace('~', "\n");
    assert!(said.contains("DTP*349*D8*20261231\n"), "{said}");
}

#[test]
fn a_closed_plan_without_a_successor_is_asked_about_by_name() {
    let feed = told("[plans.MED-PPO]\nuntil = \"2026-04-30\"\n");
    feed.night(3).says("REC021").says("MED-PPO");
    feed.bex(3, &["balance", "example-feed"]).exits(0);
}

#[test]
fn plan_rules_are_checked_with_everything_else() {
    let feed =
        told("[lines.medical]\nchild = { until = 26, students = 30 }\n[plans.NO-SUCH]\nuntil = \"2026-12-31\"\n");
    feed.bex(3, &["check"])
        .exits(1)
        .says("mappings/plans/example-employer.toml:2")
        .says("mappings/plans/example-employer.toml:3");
    put(&feed.site().join("mappings/plans/nobody.toml"), "");
    feed.bex(3, &["check"]).exits(1).says("mappings/plans/nobody.toml");
}

#[test]
fn a_word_of_the_census_keeps_a_certified_child_covered_and_is_told_to_nobody() {
    let feed = FirstFeed::new();
    put(&feed.site().join(PLANS), FIVE);
    feed.edit("mappings/census/example-employer.toml", "[columns]", "[columns]\nover_age = \"Over Age\"");
    let row = |line: &str| match line {
        header if header.starts_with("Employee ID") => format!("{header},Over Age\n"),
        child if child.contains(",02,") => format!("{child},Disabled\n"),
        other => format!("{other},\n"),
    };
    feed.sends("census.csv", CENSUS.lines().map(row).collect::<String>());
    feed.sends("elections.csv", ELECTIONS);
    feed.night(2).exits(0).says("delivered");
    let said = feed.told();
    assert!(said.contains("INS*N*19*021"), "{said}");
    assert!(!said.to_lowercase().contains("disab"), "{said}");
}

#[test]
fn a_forecast_names_the_night_and_the_day_of_what_comes_by_itself_and_no_value() {
    let feed = told("[lines.medical]\nchild = { until = 6, then = \"year-end\" }\n");
    feed.bex(3, &["forecast", "example-feed"]).exits(0).says("Nothing will be told or asked by itself.");
    let year = feed.bex(3, &["forecast", "example-feed", "--days", "365", "--json"]).json();
    assert_eq!(year["foreseen"][0]["night"], "2026-10-02", "{year}");
    let ends = serde_json::json!({ "day": "2026-12-31", "turn": "ends", "plan": "MED-PPO", "people": 1 });
    assert_eq!(year["turns"], serde_json::json!([ends]));
    let text = feed.bex(3, &["forecast", "example-feed", "--days", "365"]).exits(0).text();
    assert!(text.contains("MED-PPO ends for 1 person") && !text.contains("Probeman"), "{text}");
}
