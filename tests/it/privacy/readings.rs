//! Whoever looks at what is kept or decided of single members leaves a record, whichever command it is; and the records
//! of one person, or of one action, are found among all.

use std::fs;

use serde_json::Value;

use crate::harness::demo_site::World;
use crate::harness::source_tree;

const FEED: &str = "example-manufacturing-alpha-health";
const WHY: [&str; 2] = ["--reason", "asked"];

/// Somebody of the employer's, who may open the report.
const TO: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

/// Commands that say something of single members, each with the action of its record.
const READING: [(&[&str], &str); 13] = [
    (&["plan", FEED], "decisions.read"),
    (&["balance", FEED], "decisions.read"),
    (&["worklist", FEED], "decisions.read"),
    (&["explain", "1", "--segment", "9"], "decisions.read"),
    (&["trace", "--member", "EXM-1001", "--employer", "example-manufacturing"], "decisions.read"),
    (&["show", "1", "--families"], "decisions.read"),
    (&["corrections"], "decisions.read"),
    (&["corrections", "report", "sample-logistics", "--to", TO, "--out", "reports"], "decisions.read"),
    (&["reconcile", FEED, "--against", "list.csv"], "decisions.read"),
    (&["disclosures", "--member", "EXM-1001", "--employer", "example-manufacturing"], "disclosures.read"),
    (&["disclosures", "--member", "EXM-1001", "--employer", "example-manufacturing", "--reveal"], "disclosures.read"),
    (&["affected", "--delivery", "1", "--list"], "affected.read"),
    (&["affected", "--delivery", "1", "--list", "--reveal"], "affected.read"),
];

/// Actions of records, the oldest first.
fn actions(world: &World, chosen: &[&str]) -> Vec<String> {
    let shown = world.bex(&[&["audit", "show", "--limit", "10000", "--json"][..], chosen].concat()).exits(0).json();
    let leaves = shown["records"].as_array().unwrap_or_else(|| panic!("{shown}"));
    leaves.iter().map(|leaf| leaf["action"].as_str().unwrap().to_string()).collect()
}

#[test]
fn whoever_reads_what_is_kept_of_members_leaves_a_record_whichever_command_it_is() {
    let world = World::after_the_first_night();
    fs::write(world.site().join("list.csv"), "nothing\n").unwrap();
    let mut before = actions(&world, &[]);
    for (command, action) in READING {
        let reason: &[&str] = if *action == *"decisions.read" { &[] } else { &WHY };
        world.bex_from(&world.site(), &[command, reason].concat());
        let after = actions(&world, &[]);
        let new: Vec<&String> = after[before.len()..].iter().collect();
        assert!(new.iter().any(|new| new.as_str() == action), "bex {}: {new:?}", command.join(" "));
        before = after;
    }
}

#[test]
fn no_command_that_reads_of_members_is_missing_among_those_that_are_tried() {
    // Who may look at members is asked of in the command's own file: each file that asks is tried here.
    let asks = |text: &str| ["LookAtMembers", "ReadAccount", "ReadAffected"].iter().any(|act| text.contains(act));
    let sources = source_tree::rust("src");
    let mut asking: Vec<&str> = sources
        .iter()
        .filter(|source| source.path.starts_with("src/cli/") && asks(&source.text))
        .filter_map(|source| source.path.strip_prefix("src/cli/")?.strip_suffix(".rs"))
        .collect();
    asking.sort_unstable();
    let known = ["against", "balance", "corrections", "disclosures", "plan", "show", "worklist"];
    assert_eq!(asking, known, "another command reads of members: try it above");
}

#[test]
fn the_records_of_one_person_and_of_one_action_are_those_of_the_whole_log() {
    let world = World::after_the_first_night();
    world.bex(&["audit", "show", "--by", "nobody-of-ours"]).exits(0).says("no such record");
    let me = bex::engine::actor().person().to_string();
    let all = world.bex(&["audit", "show", "--limit", "10000", "--json"]).exits(0).json();
    let of = |leaf: &Value| leaf["actor"]["person"].as_str().or(leaf["actor"]["user"].as_str()) == Some(me.as_str());
    let mine: Vec<Value> = all["records"].as_array().unwrap().iter().filter(|leaf| of(leaf)).cloned().collect();
    let by_me = world.bex(&["audit", "show", "--by", &me, "--limit", "10000", "--json"]).exits(0).json();
    assert_eq!(by_me["records"].as_array().unwrap(), &mine);
    assert!(mine.len() > 20);
    world.bex(&["hold", FEED, "--reason", "their desk is closed"]).exits(0);
    let held = ["audit", "show", "--action", "feed.held"];
    world.bex(&held).exits(0).never_says("their desk");
    world.bex(&[&held[..], &["--reasons"]].concat()).exits(0).says("reason=their desk is closed");
    let opened = actions(&world, &["--action", "run.opened"]);
    assert!(opened.len() == 6 && opened.iter().all(|action| action == "run.opened"), "{opened:?}");
    // From a number on the first, without one the newest.
    let number = |chosen: &[&str]| {
        let one = [&["audit", "show", "--action", "run.opened", "--limit", "1", "--json"][..], chosen].concat();
        world.bex(&one).exits(0).json()["records"][0]["seq"].as_i64().unwrap()
    };
    assert!(number(&["--from", "1"]) < number(&[]));
}
