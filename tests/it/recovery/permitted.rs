//! What was decided must still be permitted: a run that did not reach its carrier goes on only where, to whom and with
//! what it was decided for.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use bex::crypt::age::Identity;

use crate::harness::demo_site::{Said, bex_says, edit, names, put};
use crate::harness::first_feed::{CENSUS_MAPPING, FirstFeed};

const CARRIER: &str = "mappings/carriers/example-carrier.toml";
const KEYS: [&str; 2] = ["Dn1bXUcQG3yN5V3yHzFxqL0lCkZ0nT0m0d0e0f0g0h0", "Bm1bXUcQG3yN5V3yHzFxqL0lCkZ0nT0m0d0e0f0g0h0"];

/// What the board says of the first run.
fn stands(feed: &FirstFeed) -> String {
    feed.bex(2, &["runs", "--json"]).exits(0).json()["runs"][0]["stands"].as_str().unwrap().to_owned()
}

/// Resumes the run, which is refused with these words; nothing is sent, and the board says why it stands.
#[track_caller]
fn is_held(feed: &FirstFeed, words: &str) {
    feed.bex(2, &["resume", "1", "--plan"]).exits(1).refuses_with("RUN026").says(words);
    feed.bex(2, &["resume", "1"]).exits(4).refuses_with("RUN026").says(words);
    assert_eq!(stands(feed), "held: what it was decided for is configured otherwise now");
    feed.bex(2, &["show", "1"]).exits(0).says(words).says("bex rebuild 1");
    assert_eq!(feed.sent(), 0);
}

fn accept(feed: &FirstFeed, names: &str) -> Said {
    feed.bex(2, &["resume", "1", "--accept", names, "--reason", "they have moved"])
}

/// A policy that tells these beside what every enrollment needs.
fn disclose(more: &str) -> String {
    let needed = "subscriber-id name birth-date sex relationship employment-status coverage";
    let words: Vec<String> = needed.split(' ').chain(more.split(' ')).map(|word| format!("{word:?}")).collect();
    format!("disclose = [{}]", words.join(", "))
}

fn rebuild(feed: &FirstFeed) -> Said {
    feed.bex(2, &["rebuild", "1", "--reason", "new key", "--confirm", "4"])
}

fn replace_recipient(feed: &FirstFeed) -> Identity {
    let identity = Identity::create(&feed.site().join("new-carrier.age")).unwrap();
    let path = feed.site().join(CARRIER);
    let text = fs::read_to_string(&path).unwrap();
    let old = text.lines().find(|line| line.starts_with("recipient")).unwrap().to_owned();
    put(&path, text.replace(&old, &format!("recipient = \"{}\"", identity.recipient())));
    identity
}

#[test]
fn a_run_whose_recipient_was_replaced_is_held_and_nobody_may_accept_that_but_it_is_rebuilt_for_the_new_one() {
    let feed = FirstFeed::unreached();
    replace_recipient(&feed);
    is_held(&feed, "recipient ");
    accept(&feed, "recipient").exits(1).refuses_with("RUN026");
    rebuild(&feed).exits(0).says("delivered");
    assert_eq!((feed.sent(), names(&feed.site().join("carrier/inbox"))[0].contains("000000002")), (1, true));
}

#[test]
fn a_sealed_file_is_not_carried_either_once_its_recipient_was_replaced() {
    let feed = FirstFeed::unreached();
    let folder = tempfile::tempdir().unwrap();
    replace_recipient(&feed);
    let carry = ["resend", "1", "--to", folder.path().to_str().unwrap(), "--reason", "r", "--confirm", "4"];
    feed.bex(2, &carry).exits(1).refuses_with("RUN026");
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn a_run_that_tells_what_may_not_be_told_any_more_is_held_and_says_what() {
    let feed = FirstFeed::unreached();
    feed.edit(CARRIER, "disclose = \"default\"", &disclose("ssn"));
    is_held(&feed, "may no longer tell address");
    accept(&feed, "policy").exits(1).refuses_with("RUN026");
    rebuild(&feed).exits(0);
    assert!(!feed.told().contains("N3*"), "no address");
}

#[test]
fn a_run_goes_on_where_more_may_be_told_than_when_it_was_decided() {
    let feed = FirstFeed::unreached();
    feed.edit(CARRIER, "disclose = \"default\"", &disclose("ssn address phone pcp cost email"));
    feed.edit(CARRIER, "[policy]", "[policy.reasons]\nemail = \"their cards go by mail\"\n[policy]");
    feed.bex(2, &["resume", "1"]).exits(0).says("delivered");
}

#[test]
fn a_run_for_another_receiver_or_another_environment_is_held() {
    let feed = FirstFeed::unreached();
    feed.edit(CARRIER, "id = \"EXAMPLECARRIER\"", "id = \"ANOTHERCARRIER\"");
    is_held(&feed, "parties ");
    feed.edit(CARRIER, "id = \"ANOTHERCARRIER\"", "id = \"EXAMPLECARRIER\"");
    feed.bex(2, &["resume", "1"]).exits(0).says("delivered");
}

#[test]
fn a_run_whose_folder_or_host_was_changed_goes_on_once_a_person_names_what_differs() {
    let feed = FirstFeed::unreached();
    let there = feed.site().join("moved");
    fs::create_dir_all(there.join("in")).unwrap();
    edit(&feed.site().join(CARRIER), "path = \"carrier\"", "path = \"moved\"");
    edit(&feed.site().join(CARRIER), "folder = \"inbox\"", "folder = \"in\"");
    is_held(&feed, "host carrier now moved, folder inbox now in");
    accept(&feed, "host").exits(1).refuses_with("RUN026");
    accept(&feed, "host,folder,port").exits(2).refuses_with("RUN027");
    feed.bex(2, &["resume", "1", "--accept", "host,folder"]).exits(2);
    accept(&feed, "host,folder").exits(0).says("delivered");
    assert_eq!(names(&there.join("in")).len(), 1);
    feed.bex(2, &["show", "1"]).exits(0).says("resume --accept host,folder: they have moved");
}

#[test]
fn a_run_that_was_decided_on_a_test_site_goes_nowhere_once_the_site_is_one_of_production() {
    let feed = FirstFeed::unreached();
    feed.edit("bex.toml", "environment = \"test\"", "environment = \"production\"");
    let site = feed.site();
    let bex = |words: &[&str]| bex_says(&[&["--site", site.to_str().unwrap()], words].concat(), &site);
    bex(&["resume", "1", "--plan"]).exits(1).refuses_with("RUN026").says("environment test now production");
    // Before that the change itself waits for another person.
    bex(&["resume", "1"]).exits(1).refuses_with("ACC003");
    assert_eq!(feed.sent(), 0);
}

#[test]
fn a_run_whose_server_login_or_host_keys_were_changed_says_each_by_name() {
    let feed = FirstFeed::unreached();
    let terms = |port: &str, user: &str, key: &str| {
        format!(
            "kind = \"sftp\"\nhost = \"127.0.0.1\"\nport = {port}\nuser = \"{user}\"\npassword = \"file:keys/p\"\nhost_keys = [\"ssh-ed25519 \
             AAAAC3NzaC1lZDI1NTE5AAAAI{key}\"]"
        )
    };
    let (first, second) = (terms("1", "u", KEYS[0]), terms("2", "v", KEYS[1]));
    put(&feed.site().join("keys/p"), "secret");
    fs::set_permissions(feed.site().join("keys/p"), fs::Permissions::from_mode(0o600)).unwrap();
    edit(&feed.site().join(CARRIER), "kind = \"folder\"\npath = \"carrier\"", &first);
    // It is another way altogether, and then a server that nobody listens at.
    is_held(&feed, "host carrier now 127.0.0.1");
    feed.bex(2, &["resume", "1", "--accept", "host", "--reason", "r"]).exits(1).refuses_with("TRA003");
    edit(&feed.site().join(CARRIER), &first, &second);
    is_held(&feed, "port 1 now 2, user u now v, host-keys changed");
}

#[test]
fn a_run_whose_mapping_was_changed_since_is_held_until_a_person_accepts_it() {
    let feed = FirstFeed::unreached();
    feed.edit(CENSUS_MAPPING, "phone = \"Phone\"\n", "");
    is_held(&feed, "mapping changed");
    accept(&feed, "mapping").exits(0).says("delivered");
}

#[test]
fn a_run_whose_guide_was_changed_since_is_held_until_a_person_accepts_it() {
    let feed = FirstFeed::unreached();
    let overlay = "[overlay]\nname = \"theirs\"\ndate = \"2026-01-01\"\nref_codes = [\"ZZ\"]\n\n[delivery]";
    feed.edit(CARRIER, "[delivery]", overlay);
    is_held(&feed, "guide changed");
    accept(&feed, "guide").exits(0).says("delivered");
}

#[test]
fn what_may_stand_at_a_carrier_that_was_changed_since_is_uncertain_and_a_person_says_where_it_is() {
    // Where between the publish intent and the proof the process dies is found from behind.
    let killed = |n: u32| {
        let feed = FirstFeed::unreached();
        let said = feed.bex(2, &["--abort-at", &n.to_string(), "resume", "1"]);
        (said.aborted() && feed.bex(2, &["show", "1"]).exits(0).out.contains("publishing")).then_some(feed)
    };
    let feed = (1..25).rev().find_map(killed).unwrap();
    replace_recipient(&feed);
    feed.bex(2, &["resume", "1"]).exits(5).refuses_with("RUN026");
    assert_eq!(stands(&feed), "uncertain: it may have arrived");
    let absent = ["attest", "1", "--not-delivered", "--reason", "asked", "--evidence", "t", "--confirm", "4"];
    feed.bex(2, &absent).exits(0);
    rebuild(&feed).exits(0).says("delivered");
}

#[test]
fn nothing_is_sealed_or_sent_to_a_key_that_has_expired() {
    let feed = FirstFeed::unreached();
    let path = feed.site().join(CARRIER);
    let text = fs::read_to_string(&path).unwrap();
    put(&path, text.replace("[seal]\n", "[seal]\nnot_after = \"2026-03-01\"\n"));
    feed.bex(2, &["resume", "1"]).exits(4).refuses_with("KEY010").says("not after 2026-03-01");
    assert_eq!(feed.sent(), 0);
    put(&path, text);
    feed.bex(2, &["resume", "1"]).exits(0).says("delivered");
}
