//! A plan that everybody would leave in one night is held, however few they are of all.

use crate::harness::demo_site::put;
use crate::harness::first_feed::{CENSUS, ELECTIONS, ELECTIONS_MAPPING, FirstFeed};

const FEED: &str = "example-feed";
const IN_PPO: usize = 40;
const IN_HMO: usize = 6;

/// A person of that number; all are made up.
fn census() -> String {
    let head = CENSUS.lines().next().unwrap();
    let rows = (0..IN_PPO + IN_HMO).map(|n| {
        let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
        let born = format!("{:02}/{:02}/{}", 1 + n % 12, 1 + n % 28, 1960 + n % 30);
        format!(
            "EXE-{n},00,EE,Probeman{},Ada{},899-31-{:04},{born},F,{} Example Way,Springfield,IL,62701,217-555-0141,A,05/19/2014,,,G7\n",
            letter(n / 26),
            letter(n),
            1000 + n,
            100 + n
        )
    });
    format!("{head}\n{}", rows.collect::<String>())
}

/// Everybody's choice, with so many of the few having gone over to the plan of the many.
fn elections(moved: usize) -> String {
    let head = ELECTIONS.lines().next().unwrap();
    let rows = (0..IN_PPO + IN_HMO).map(|n| match n {
        n if n < IN_PPO => format!("EXE-{n},Medical PPO,EE,01/01/2026,,,204.10,OE,N\n"),
        n if n < IN_PPO + moved => format!("EXE-{n},Medical PPO,EE,03/01/2026,,,204.10,OE,N\n"),
        n => format!("EXE-{n},Medical HMO,EE,01/01/2026,,,204.10,OE,N\n"),
    });
    format!("{head}\n{}", rows.collect::<String>())
}

/// After a first night in which the carrier was told of everybody.
fn known() -> FirstFeed {
    let feed = FirstFeed::new();
    feed.edit(
        ELECTIONS_MAPPING,
        "\"Medical PPO\" = \"MED-PPO\"",
        "\"Medical PPO\" = \"MED-PPO\", \"Medical HMO\" = \"MED-HMO\"",
    );
    let hmo = "[plans.MED-HMO]\nline = \"HMO\"\ncode = \"EC-HMO-1\"\n\n[plans.MED-PPO]";
    feed.edit("mappings/carriers/example-carrier.toml", "[plans.MED-PPO]", hmo);
    feed.sends("census.csv", census());
    feed.sends("elections.csv", elections(0));
    feed.night(2).exits(0).says("delivered");
    feed.is_acknowledged(2);
    feed
}

#[test]
fn a_plan_that_everybody_would_leave_in_one_night_is_held_until_a_person_releases_it() {
    let feed = known();
    feed.sends("elections.csv", elections(IN_HMO));
    feed.bex(3, &["plan", FEED, "--date", "2026-03-03"]).exits(4).refuses_with("GRD006");
    let held = feed.night(3).exits(4).refuses_with("GRD006").says("MED-HMO").says("found 6");
    for other in ["GRD001", "GRD002", "GRD003", "GRD005", "MED-PPO"] {
        assert!(!held.text().contains(other), "{other}: {}", held.text());
    }
    assert_eq!(feed.sent(), 1);
    let plan = feed.bex(3, &["plan", FEED, "--json"]).exits(4).json();
    let member = plan["families"][0]["member"].as_str().unwrap().to_owned();
    let release = ["release", "2", "--reason", "they give it up", "--except", &member];
    feed.bex(3, &release).exits(0).says("delivered");
    assert_eq!(feed.told().matches("INS*Y").count(), IN_HMO - 1, "all but the one that is kept back");
}

#[test]
fn a_plan_in_which_somebody_stays_or_whose_end_is_declared_holds_no_run() {
    let feed = known();
    feed.sends("elections.csv", elections(IN_HMO - 1));
    feed.night(3).exits(0).says("delivered");
    let feed = known();
    let rules = "[plans.MED-HMO]\nuntil = \"2026-02-28\"\nrolls_to = \"MED-PPO\"\n";
    put(&feed.site().join("mappings/plans/example-employer.toml"), rules);
    feed.sends("elections.csv", elections(IN_HMO));
    feed.bex(3, &["check"]).exits(0);
    assert!(!feed.night(3).text().contains("GRD006"));
}

#[test]
fn a_held_run_lists_whom_it_would_tell_of_and_one_that_is_given_up_says_that_it_has_no_file() {
    let feed = known();
    feed.sends("elections.csv", elections(IN_HMO));
    let plan = feed.bex(3, &["plan", FEED, "--json"]).exits(4).json();
    feed.night(3).exits(4);
    feed.bex(3, &["show", "2"]).exits(0).says("--families");
    let listed = feed.bex(3, &["show", "2", "--families", "--json"]).exits(0).json();
    let families = listed["families"].as_array().unwrap();
    assert_eq!(families.len(), IN_HMO);
    for (held, planned) in families.iter().zip(plan["families"].as_array().unwrap()) {
        assert_eq!((&held["member"], &held["says"]), (&planned["member"], &planned["says"]));
    }
    let member = families[0]["member"].as_str().unwrap();
    let shown = feed.bex(3, &["show", "2", "--families"]).exits(0).says("\nFamilies it would tell of");
    shown.says(&format!("\nmember {member}\n  change subscriber (plan change)\n    terminate MED-HMO"));
    assert_eq!(feed.sent(), 1);
    feed.bex(3, &["void", "2", "--reason", "a mistake in the export"]).exits(0);
    feed.bex(3, &["show", "2", "--families"]).exits(1).refuses_with("RUN043");
}
