//! To whom somebody's data were told: the account holds every file that may have come to a carrier and no other, says
//! of each what it told of this person, shows nobody's values unless they are asked for, and leaves an event.

use std::fs::File;

use serde_json::Value;

use crate::harness::demo_site::{Office, Said, World, bex, names};
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};
use bex::access::Actor;
use bex::crypt::keyring::KeyReference;
use bex::crypt::vault::Vault;
use bex::simulate::Misbehaviour;
use bex::store::Store;

const FEED: &str = "example-manufacturing-alpha-health";
const CARRIER: &str = "alpha-health";
const WHY: [&str; 2] = ["--reason", "the member has asked"];

/// The account of an employee of the first employer.
fn account(world: &World, member: &str) -> Value {
    let asked = ["disclosures", "--member", member, "--employer", "example-manufacturing", "--json"];
    world.bex(&[&asked[..], &WHY].concat()).exits(0).json()
}

/// Who was told, by which delivery, with how much certainty, of the disclosures of one person.
fn rows(account: &Value, person: u64) -> Vec<(String, u64, String)> {
    let word = |one: &Value, key: &str| one[key].as_str().unwrap().to_string();
    let all = account["disclosures"].as_array().unwrap().iter().filter(|one| one["person"] == person);
    all.map(|one| (word(one, "recipient"), one["delivery"].as_u64().unwrap(), word(one, "certainty"))).collect()
}

fn words(one: &Value) -> Vec<&str> {
    one["what"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}

/// Asks by a Social Security number that stands in no argument.
fn by_ssn(world: &World, number: &str) -> Said {
    let file = world.site().join("../number.txt");
    std::fs::write(&file, number).unwrap();
    let mut command = bex();
    let site = world.site();
    let asked = ["disclosures", "--ssn-fd", "0", "--json", "--site", site.to_str().unwrap(), "--now", &world.now()];
    let output = command.args(asked).args(WHY).stdin(File::open(&file).unwrap()).output().unwrap();
    Said::of("disclosures --ssn-fd 0".to_string(), &output)
}

#[test]
fn an_account_says_what_each_carrier_was_told_of_each_person() {
    let world = World::after_the_first_night();
    let account = account(&world, "EXM-1001");
    let relationships: Vec<_> = account["people"].as_array().unwrap().iter().map(|one| &one["relationship"]).collect();
    assert_eq!(relationships, ["subscriber", "spouse", "child", "child"]);
    let told = account["disclosures"].as_array().unwrap();
    let of = |recipient: &str| {
        let found = told.iter().find(|one| one["recipient"].as_str().unwrap().starts_with(recipient));
        words(found.unwrap_or_else(|| panic!("nothing was told to {recipient}")))
    };
    assert!(of("Alpha").contains(&"ssn") && of("Alpha").contains(&"phone") && of("Alpha").contains(&"cost"));
    assert!(of("Beta").contains(&"ssn") && !of("Beta").contains(&"phone") && !of("Beta").contains(&"cost"));
    assert!(!of("Gamma").contains(&"ssn") && of("Gamma").contains(&"birth-date"));
    let first = &told[0];
    assert_eq!(
        (&first["purpose"], &first["certainty"], &first["stands"]),
        (&"enrollment".into(), &"told".into(), &"accepted".into())
    );
    let paths: Vec<_> = first["paths"].as_array().unwrap().iter().map(|path| path.as_str().unwrap()).collect();
    assert!(paths.contains(&"2100A/NM1/09") && paths.contains(&"2000/REF[0F]/02"), "{paths:?}");
}

#[test]
fn an_account_that_a_member_is_given_says_whom_to_ask() {
    let world = World::after_the_first_night();
    let asked = ["disclosures", "--member", "EXM-1001", "--employer", "example-manufacturing", "--format", "html"];
    world.bex(&[&asked[..], &WHY].concat()).exits(0).says("Questions and complaints: Benefits office, 217-555-0100.");
    world.bex(&["statement"]).exits(0).says("Questions and complaints: Benefits office, 217-555-0100.");
}

#[test]
fn a_full_file_tells_of_everybody_in_it_each_time_and_a_change_file_only_of_whom_it_changes() {
    let mut world = World::after_the_first_night();
    world.employers_send(2);
    world.bex(&["run"]).exits(0);
    world.fetch_acks().exits(0);
    world.next_night();
    let account = account(&world, "EXM-1002");
    let to = |recipient: &str| rows(&account, 1).into_iter().filter(|row| row.0.starts_with(recipient)).count();
    assert_eq!((to("Beta"), to("Alpha")), (2, 1), "{account:#}");
}

#[test]
fn what_was_rejected_sent_again_carried_or_left_uncertain_is_accounted_for_and_what_never_left_is_not() {
    let world = World::evening_of(FEED);
    let everybody: Vec<_> = (1001..=1014).map(|n| format!("EXM-{n}")).collect();
    let found = |world: &World| -> Vec<Vec<(String, u64, String)>> {
        everybody.iter().map(|member| account_or_none(world, member)).collect()
    };
    let of_delivery = |world: &World, delivery: u64| -> Vec<String> {
        let rows = found(world).into_iter().flatten().filter(|row| row.1 == delivery);
        let mut words: Vec<_> = rows.map(|row| row.2).collect();
        words.sort();
        words
    };
    world.carrier(CARRIER).misbehave(Misbehaviour::RefuseLogin);
    world.bex(&["run", FEED]).exits(1);
    assert!(of_delivery(&world, 2).is_empty(), "nothing left");
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    act(&world, &["resend", "2", "--to", to]);
    let handed_out = of_delivery(&world, 2);
    assert!(!handed_out.is_empty() && handed_out.iter().all(|word| word == "unfinished"), "{handed_out:?}");
    act(&world, &["attest", "2", "--delivered-out-of-band", "--evidence", "courier"]);
    let carried = of_delivery(&world, 2);
    assert_eq!(carried.len(), handed_out.len(), "what was carried is told once");
    assert!(carried.iter().all(|word| word == "told"), "{carried:?}");
    act(&world, &["settle", "2", "--rejected", "--evidence", "called them"]);
    assert_eq!(of_delivery(&world, 2), carried, "what was rejected was told all the same");
}

fn account_or_none(world: &World, member: &str) -> Vec<(String, u64, String)> {
    let asked = ["disclosures", "--member", member, "--employer", "example-manufacturing", "--json"];
    let said = world.bex(&[&asked[..], &WHY].concat());
    if said.status == Some(0) { rows(&said.json(), 1) } else { Vec::new() }
}

/// An act with everything it asks for.
fn act(world: &World, asked: &[&str]) {
    let planned = world.bex(&[asked, &["--plan", "--json"]].concat()).exits(0).json();
    let people = planned["plan"]["people"].to_string();
    world.bex(&[asked, &["--confirm", &people, "--reason", "asked"]].concat()).exits(0);
}

#[test]
fn each_time_the_same_file_was_sent_is_a_disclosure_and_a_look_at_it_is_none() {
    let world = World::evening_of(FEED);
    world.carrier(CARRIER).office(Office::Silent);
    world.bex(&["run", FEED]).exits(0);
    let affected = |world: &World| world.bex(&["affected", "--delivery", "2", "--json"]).exits(0).json();
    let sent = |world: &World| affected(world)["deliveries"][0]["sent"].as_array().unwrap().len();
    assert_eq!(sent(&world), 1);
    act(&world, &["resend", "2"]);
    assert_eq!(sent(&world), 1, "it stood there: a look was enough");
    let inbox = world.carrier(CARRIER).root.join("inbox");
    std::fs::remove_file(inbox.join(names(&inbox).into_iter().find(|name| name.contains("000000002")).unwrap()))
        .unwrap();
    act(&world, &["resend", "2"]);
    assert_eq!(sent(&world), 2);
}

#[test]
fn a_voided_run_told_nobody() {
    let world = World::evening_of(FEED);
    world.carrier(CARRIER).misbehave(Misbehaviour::RefuseLogin);
    world.bex(&["run", FEED]).exits(1);
    world.bex(&["void", "2", "--reason", "wrong files"]).exits(0);
    world.bex(&["affected", "--delivery", "2"]).exits(0).says("never sent");
    for member in 1001..=1014 {
        let rows = account_or_none(&world, &format!("EXM-{member}"));
        assert!(rows.iter().all(|row| row.1 == 1), "{rows:?}");
    }
}

#[test]
fn a_family_under_a_new_number_has_one_account_by_either() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let renumbered = |text: &str| text.replace("EXE-", "EMP00");
    feed.sends("census.csv", renumbered(CENSUS).replace("31 Example Way", "39 Example Way"));
    feed.sends("elections.csv", renumbered(ELECTIONS));
    feed.night(3).exits(0).says("delivered");
    let asked = |member: &str| {
        let asked = ["disclosures", "--member", member, "--json"];
        feed.bex(4, &[&asked[..], &WHY].concat()).exits(0).json()
    };
    let (new, old) = (asked("EMP001"), asked("EXE-1"));
    assert_eq!(new, old);
    let deliveries: Vec<_> = rows(&new, 1).into_iter().map(|row| row.1).collect();
    assert_eq!(deliveries, [1, 2]);
    let member = new["people"][0]["member"].as_str().unwrap();
    assert_eq!(asked(member), new, "and by the reference that pages print");
}

#[test]
fn by_a_number_one_person_is_found_and_only_that_person() {
    let world = World::after_the_first_night();
    let found = by_ssn(&world, "899-12-1014\n").exits(0).json();
    let people = found["people"].as_array().unwrap();
    assert_eq!((people.len(), &people[0]["relationship"]), (1, &"spouse".into()));
    // Also to carriers that are not told the number.
    assert!(rows(&found, 1).iter().any(|row| row.0.starts_with("Gamma")), "{found:#}");
    by_ssn(&world, "899-99-9999").exits(2).refuses_with("DIS001");
    by_ssn(&world, "a number").exits(2).refuses_with("DIS003").never_says("a number.");
}

#[test]
fn nobody_is_shown_by_name_unless_names_are_asked_for_and_every_reading_is_recorded() {
    let world = World::after_the_first_night();
    let asked = ["disclosures", "--member", "EXM-1001", "--employer", "example-manufacturing"];
    for format in ["table", "csv", "json", "html"] {
        let said = world.bex(&[&asked[..], &["--format", format], &WHY].concat()).exits(0);
        for value in ["Examplebra", "899-11-1007", "899111007", "EXM-1001", "Example Way", "1979"] {
            assert!(!said.text().contains(value), "{format} says {value}");
        }
        assert!(said.out.contains("Alpha"), "{format}");
    }
    world.bex(&[&asked[..], &["--reveal"], &WHY].concat()).exits(0).says("Tavo Examplebra");
    let list = ["affected", "--delivery", "1", "--list", "--format", "csv"];
    world.bex(&[&list[..], &WHY].concat()).exits(0).never_says("Examplebra").says("subscriber");
    world.bex(&[&list[..], &["--reveal"], &WHY].concat()).exits(0).says("Examplebra,Tavo,101 Example Way");
    world.bex(&["disclosures", "--member", "EXM-9999", "--reason", "try"]).exits(2).refuses_with("DIS001");
    world.bex(&["disclosures", "--member", "EXM-1001", "--reason", " "]).exits(2).refuses_with("RUN020");
    let leaves = events(&world);
    let recorded = |word: &str| leaves.iter().filter(|leaf| leaf.contains(word)).count();
    assert_eq!((recorded("\"disclosures.read\""), recorded("\"affected.read\"")), (6, 2));
}

/// The leaves of the audit record.
fn events(world: &World) -> Vec<String> {
    let vault = Vault::read(&KeyReference::File(world.site().join("keys/vault.key"))).unwrap();
    let store = Store::open(world.database.location(), Actor::named("test"), vault.fingerprint()).unwrap();
    store.events(1, 10_000).unwrap()
}

#[test]
fn who_was_in_a_delivery_is_counted_as_it_was_written() {
    let world = World::after_the_first_night();
    for delivery in 1..=6 {
        let found = world.bex(&["affected", "--delivery", &delivery.to_string(), "--json"]).exits(0).json();
        let shown = world.bex(&["show", "delivery", &delivery.to_string(), "--json"]).exits(0).json();
        assert_eq!(found["people"], shown["people"], "delivery {delivery}: {shown:#}");
    }
    let both = world.bex(&["affected", "--delivery", "1,2", "--json"]).exits(0).json();
    let one = world.bex(&["affected", "--delivery", "1", "--json"]).exits(0).json();
    assert!(both["people"].as_i64() >= one["people"].as_i64());
    world.bex(&["affected", "--delivery", "99"]).exits(2).refuses_with("DIS004");
}

#[test]
fn a_policy_is_a_document_whose_versions_are_kept_and_every_delivery_names_its_own() {
    let mut world = World::after_the_first_night();
    world.bex(&["policy", "show"]).exits(0).says("pcp").says("never to an employer").says("gamma-vision");
    world.bex(&["policy", "show", CARRIER]).exits(0).says("usual").says("no 834 can do without it");
    let of_delivery =
        |world: &World, n: &str| world.bex(&["policy", "show", "--delivery", n, "--json"]).exits(0).json();
    let first = of_delivery(&world, "1");
    let held: Vec<_> = first["disclosed_paths"].as_array().unwrap().iter().map(|path| path.as_str().unwrap()).collect();
    assert!(held.contains(&"2100A/NM1/09") && held.contains(&"2100A/PER[IP]/04"), "{held:?}");
    let permitted = first["paths"].as_array().unwrap();
    let beyond: Vec<_> = held.iter().filter(|path| !permitted.contains(&(**path).into())).collect();
    assert!(beyond.is_empty(), "nothing stands there that is not permitted: {beyond:?}");
    world.bex(&["policy", "diff", CARRIER]).exits(0).says("nothing differs");
    let narrower = "disclose = [\"subscriber-id\", \"name\", \"birth-date\", \"sex\", \"ssn\", \"relationship\", \
                    \"coverage\", \"employment-status\"]";
    world.edit("mappings/carriers/alpha-health.toml", "disclose = \"default\"", narrower);
    world.bex(&["policy", "diff", CARRIER]).exits(0).says("- phone (demographic)").says("- cost (cost)");
    world.employers_send(2);
    let schedule = format!("schedules/{FEED}.toml");
    let text = std::fs::read_to_string(world.site().join(&schedule)).unwrap();
    std::fs::write(world.site().join(schedule), text + "\n[guards]\nfew_max = 1000\n").unwrap();
    world.bex(&["run", FEED]).exits(0);
    world.next_night();
    let second = of_delivery(&world, "7");
    assert_ne!(first["version"], second["version"]);
    assert!(!second["disclosed_paths"].to_string().contains("PER"));
    let from = first["version"].as_str().unwrap()[..8].to_string();
    world.bex(&["policy", "diff", CARRIER, "--from", &from]).exits(0).says("- phone");
    world.bex(&["policy", "show", "--delivery", "99"]).exits(2).refuses_with("CLI006");
}

#[test]
fn nothing_of_health_goes_to_an_employer_whatever_is_configured() {
    let world = World::new();
    let toml = std::fs::read_to_string(world.site().join("bex.toml")).unwrap();
    let number =
        toml.lines().find_map(|line| line.strip_prefix("tax_id = \"")).unwrap().trim_end_matches('"').to_string();
    let carrier = std::fs::read_to_string(world.site().join("mappings/carriers/alpha-health.toml")).unwrap();
    let payer = carrier.split("[payer]").nth(1).unwrap().lines().find(|line| line.starts_with("id = ")).unwrap();
    world.edit("mappings/carriers/alpha-health.toml", payer, &format!("id = \"{number}\""));
    world.bex(&["check"]).exits(1).refuses_with("CFG026").says("pcp");
    world.bex(&["run"]).exits(2).refuses_with("CFG026");
}
