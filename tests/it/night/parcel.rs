//! A member followed like a parcel, a file explained member by member, and a run's page with what it lists when asked.

use bex::config;
use bex::engine::clock::Clock;
use bex::engine::{Engine, Steps};
use bex::take_in::{SourcesKnown, unsaid};
use serde_json::Value;

use crate::harness::demo_site::{Office, World};

/// After two nights: changes were told, one carrier rejected its group, and another has not answered.
fn second_night() -> World {
    let world = World::after_the_first_night();
    world.employers_send(2);
    world.carrier("alpha-health").office(Office::RejectsTheGroup);
    world.carrier("beta-dental").office(Office::Silent);
    world.bex(&["run"]).exits(0);
    world.fetch_acks().exits(1);
    world
}

fn families(world: &World, run: &str) -> Vec<Value> {
    world.bex(&["show", run, "--families", "--json"]).exits(0).json()["families"].as_array().unwrap().clone()
}

fn run_of(world: &World, feed: &str) -> String {
    world.newest_run(feed)["run"].to_string()
}

#[test]
fn a_runs_page_says_how_it_stands_and_what_helps_and_lists_questions_faults_and_families_when_asked() {
    let world = second_night();
    let run = run_of(&world, "example-manufacturing-alpha-health");
    let page = world
        .bex(&["show", &run])
        .exits(0)
        .says("REJECTED  run")
        .says("Why   rejected, ")
        .says("\nNext  `bex show delivery ");
    let more = page.out.lines().find(|line| line.starts_with("More ")).unwrap();
    assert!(more.contains("--questions (1)") && more.contains("--faults (") && more.contains("--families ("), "{more}");
    page.never_says("\nQuestions").never_says("CEN011");
    world
        .bex(&["show", &run, "--questions"])
        .exits(0)
        .says("\nQuestions\n  question 1  REC001  member ")
        .never_says("--questions (");
    world.bex(&["show", &run, "--faults"]).exits(0).says("\nFaults\n").says("CEN011").never_says("--faults (");
    let listed = world.bex(&["show", &run, "--families"]).exits(0).says("\nFamilies\n  member ").out;
    let found = families(&world, &run);
    assert_eq!(listed.lines().filter(|line| line.starts_with("  member ")).count(), found.len());
    let delivery = &world.newest_run("example-manufacturing-alpha-health")["delivery"];
    let people: u64 = found.iter().map(|family| family["people"].as_u64().unwrap()).sum();
    assert_eq!(people, delivery["subscribers"].as_u64().unwrap() + delivery["dependents"].as_u64().unwrap());
    assert_eq!(found.len() as u64, delivery["subscribers"].as_u64().unwrap());
    for pair in found.windows(2) {
        assert_eq!(pair[0]["last"].as_u64().unwrap() + 1, pair[1]["first"].as_u64().unwrap(), "{pair:?}");
    }
    world.bex(&["show", "99", "--families"]).exits(1).refuses_with("RUN006");
}

#[test]
fn a_run_without_a_file_says_so_when_it_is_asked_for_a_place_in_it_and_what_to_ask_instead() {
    let feed = "example-manufacturing-alpha-health";
    let world = World::evening_of(feed);
    let schedule = world.site().join(format!("schedules/{feed}.toml"));
    let text = std::fs::read_to_string(&schedule).unwrap();
    std::fs::write(&schedule, text + "\n[guards]\nfew_max = 0\nterminations_max = 2\n").unwrap();
    world.bex(&["run", feed]).exits(4);
    let run = run_of(&world, feed);
    world.bex(&["explain", &run, "--segment", "3"]).exits(1).refuses_with("RUN043").says("`bex plan FEED`");
}

#[test]
fn a_member_is_followed_from_its_rows_over_segments_and_file_to_what_each_carrier_has_answered() {
    let world = second_night();
    let feed = "example-manufacturing-beta-dental";
    let run = run_of(&world, feed);
    let told = families(&world, &run);
    let member = told[0]["member"].as_str().unwrap();
    let parcel = world.bex(&["trace", "--member", member, "--json"]).exits(0).json();
    let rows: Vec<&str> =
        parcel["rows"].as_array().unwrap().iter().map(|row| row["source"].as_str().unwrap()).collect();
    assert!(
        rows.contains(&"census/example-manufacturing") && rows.contains(&"elections/example-manufacturing"),
        "{parcel}"
    );
    let ways = parcel["ways"].as_array().unwrap();
    assert!(
        ways.len() >= 2 && ways.iter().all(|way| way["feed"].as_str().unwrap().starts_with("example-")),
        "{parcel}"
    );
    let way = ways.iter().find(|way| way["feed"] == feed).unwrap();
    let (loops, sent) = (way["sent"]["loops"].as_array().unwrap(), &way["sent"]);
    assert_eq!((&sent["run"].to_string(), &sent["stands"]), (&run, &"delivered and not answered yet".into()));
    assert_eq!((&loops[0]["first"], &loops.last().unwrap()["last"]), (&told[0]["first"], &told[0]["last"]));
    assert_eq!(loops[0]["subscriber"], true);
    world
        .bex(&["trace", "--member", member])
        .exits(0)
        .says(&format!("MEMBER {member}\nRow   census/example-manufacturing input "))
        .says(&format!("segments {} to {}", told[0]["first"], told[0]["last"]))
        .says("Proof attempt 1  delivered  read-back")
        .says("Said  nothing yet, there since ")
        .says("Next  nothing: `bex acks` fetches the answer");
    world.bex(&["trace", "--member", "0000000000"]).exits(2).refuses_with("DIS001");
    world.bex(&["audit", "show"]).exits(0).says(&format!("member/{member}"));
}

#[test]
fn a_file_is_explained_member_by_member_as_it_is_place_by_place() {
    let world = second_night();
    let run = run_of(&world, "sample-logistics-beta-dental");
    let family = &families(&world, &run)[0];
    let (member, number) = (family["member"].as_str().unwrap(), |name: &str| family[name].as_u64().unwrap());
    let explained = world.bex(&["explain", &run, "--member", member, "--json"]).exits(0).json();
    assert_eq!((&explained["exact"], &explained["member"]), (&true.into(), &member.into()));
    let places = explained["places"].as_array().unwrap();
    let segments: Vec<u64> = places.iter().map(|place| place["segment"].as_u64().unwrap()).collect();
    assert_eq!((segments[0], *segments.last().unwrap()), (number("first"), number("last")));
    assert!(segments.is_sorted() && places.iter().all(|place| place["sent"] != "nothing"));
    for place in places.iter().step_by(7) {
        let (segment, element) = (place["segment"].to_string(), place["element"].to_string());
        let alone = ["explain", &run, "--segment", &segment, "--element", &element, "--json"];
        assert_eq!(&world.bex(&alone).exits(0).json()["place"], place);
    }
    world
        .bex(&["explain", &run, "--member", member])
        .exits(0)
        .says(&format!("MEMBER {member}\nsegment {} INS\n", number("first")))
        .says("by which was decided what has changed: ")
        .says("our setting: ")
        .says("column ");
    world.bex(&["explain", &run]).exits(2);
    world.bex(&["explain", &run, "--member", member, "--segment", "9"]).exits(2);
    // Of another employer: the file tells nothing of them.
    let other = families(&world, &run_of(&world, "example-manufacturing-beta-dental"));
    let stranger = other[0]["member"].as_str().unwrap();
    world.bex(&["explain", &run, "--member", stranger]).exits(1).refuses_with("RUN028");
}

#[test]
fn what_is_said_of_all_sources_at_once_is_what_is_said_of_each() {
    let mut world = second_night();
    world.next_night();
    let census = World::text_of(2, "sample-logistics/census.csv");
    world.arrives("sample-logistics/census.csv", census);
    let _ = world.bex(&["run"]);
    let mut said = 0;
    for now in ["2026-03-04T22:00:00Z", "2026-03-09T22:00:00Z", "2026-04-20T22:00:00Z"] {
        let clock = Clock::fixed_at(now.parse().unwrap());
        let engine = Engine::open(config::load(&world.site()).unwrap(), clock, Steps::default()).unwrap();
        let known = SourcesKnown::of(&engine).unwrap();
        for feed in engine.site.feeds.values() {
            for source in [feed.census_source().to_string(), feed.elections_source().to_string()] {
                let (at_once, alone) = (known.unsaid(&engine, &source).unwrap(), unsaid(&engine, &source).unwrap());
                assert_eq!(at_once, alone, "{source} at {now}");
                said += alone.len();
            }
        }
    }
    assert!(said >= 4, "somebody is silent at last: {said}");
}
