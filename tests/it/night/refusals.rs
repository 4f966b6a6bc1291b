//! What goes wrong at night: bex says what and what next, sends nothing, loses nothing, and the same command works
//! once the cause is gone.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use bex::crypt::vault::Vault;
use bex::simulate::Misbehaviour;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::harness::demo_site::{
    FEEDS, Office, Said, World, accepting_999, copy_folder, first_segment, names, outcome, rejecting_999,
};
use crate::harness::member_lines::told;

const FEED: &str = "sample-logistics-alpha-health";
const CARRIER: &str = "alpha-health";
const MAPPING: &str = "mappings/carriers/alpha-health.toml";
const CENSUS: &str = "sample-logistics/census.csv";

fn evening() -> World {
    World::evening_of(FEED)
}

fn inbox(world: &World) -> Vec<String> {
    world.carrier(CARRIER).inbox()
}

const FIRST: &str = "sample-logistics-alpha-health_000000001.834.age";
const SECOND: &str = "sample-logistics-alpha-health_000000002.834.age";

/// The second night's changes are with the carrier, once, whole, and nothing beside them.
#[track_caller]
fn delivered_once(world: &World) {
    assert_eq!(inbox(world), [FIRST, SECOND]);
    let lines = told(&world.carrier(CARRIER).the_file(SECOND));
    assert_eq!(lines.len(), 7, "{lines:#?}");
    assert!(["delivered", "accepted"].contains(&world.newest_run(FEED)["state"].as_str().unwrap()));
}

/// Nothing has reached the carrier since the first night, not even under a temporary name.
#[track_caller]
fn nothing_sent(world: &World) {
    assert_eq!(inbox(world), [FIRST]);
}

fn run(world: &World) -> Said {
    world.bex(&["run", FEED])
}

/// One run, however often it was taken up: a feed is never numbered twice for one night.
#[track_caller]
fn delivered_by_running_again(world: &World) {
    run(world).exits(0).says("delivered");
    delivered_once(world);
    assert_eq!(world.board().len(), 2);
    run(world).exits(6).says("ran already");
    delivered_once(world);
}

// ── the carrier's server ──

#[test]
fn a_server_with_another_host_key_is_not_even_asked_to_let_us_in() {
    let world = evening();
    let tried = world.carrier(CARRIER).server().logins_tried();
    world.carrier(CARRIER).misbehave(Misbehaviour::OtherHostKey);
    let said = run(&world).exits(1).refuses_with("TRA001").text();
    assert!(said.matches("SHA256:").count() >= 2, "the key it should have, and the one it shows: {said}");
    assert_eq!(world.carrier(CARRIER).server().logins_tried(), tried);
    nothing_sent(&world);
    world.carrier(CARRIER).behave();
    delivered_by_running_again(&world);
}

#[test]
fn a_refused_login_is_tried_once_and_not_again_until_a_person_has_looked() {
    let world = evening();
    let tried = world.carrier(CARRIER).server().logins_tried();
    world.carrier(CARRIER).misbehave(Misbehaviour::RefuseLogin);
    run(&world).exits(1).refuses_with("TRA002");
    assert_eq!(world.carrier(CARRIER).server().logins_tried(), tried + 1, "an account is locked by trying");
    nothing_sent(&world);
    world.carrier(CARRIER).behave();
    delivered_by_running_again(&world);
}

#[test]
fn whatever_breaks_an_upload_leaves_nothing_published_and_the_next_run_delivers() {
    let troubles = [
        (Misbehaviour::DiskFull(0), "TRA007"),
        (Misbehaviour::DiskFull(500), "TRA007"),
        (Misbehaviour::DropAfterBytes(500), "TRA009"),
        (Misbehaviour::FailSync, "TRA010"),
        (Misbehaviour::FailClose, "TRA010"),
        (Misbehaviour::ShortWrite(7), "DEL004"),
        (Misbehaviour::AlterOneByte, "DEL004"),
    ];
    let evening = evening();
    for (how, code) in troubles {
        let world = evening.copy();
        world.carrier(CARRIER).misbehave(how);
        run(&world).exits(1).refuses_with(code);
        assert!(!inbox(&world).contains(&SECOND.to_owned()), "{how:?}");
        world.carrier(CARRIER).behave();
        delivered_by_running_again(&world);
    }
}

#[test]
fn a_server_that_is_not_there_costs_its_own_feeds_only() {
    let mut world = World::new();
    world.employers_send(1);
    world.carriers.remove("gamma-vision");
    world
        .bex(&["run"])
        .exits(3)
        .refuses_with("TRA003")
        .says("because refused")
        .says("sample-logistics-beta-dental: delivered");
    let states: Vec<Value> = world.board().iter().map(|run| run["state"].clone()).collect();
    assert_eq!(states, ["delivered", "delivered", "failed", "delivered", "delivered", "failed"]);
    world.next_night();
}

#[test]
fn somebody_elses_file_under_our_name_is_left_alone_and_the_run_waits_for_a_person() {
    let world = evening();
    let foreign = world.carrier(CARRIER).root.join("inbox").join(SECOND);
    world.carrier(CARRIER).misbehave(Misbehaviour::NameExists);
    run(&world).exits(4).refuses_with("DEL001");
    assert_eq!(fs::read_to_string(&foreign).unwrap(), "somebody else's file");
    // Running again does not help by itself, and neither does a release: that is for guards.
    run(&world).exits(4).refuses_with("RUN008");
    world.bex(&["release", "2", "--reason", "no"]).exits(1).refuses_with("RUN016");
    world.bex(&["resume", "2"]).exits(4).refuses_with("DEL001");
    assert_eq!(fs::read_to_string(&foreign).unwrap(), "somebody else's file");
    fs::remove_file(foreign).unwrap();
    world.bex(&["resume", "2"]).exits(0);
    delivered_once(&world);
}

#[test]
fn our_own_file_that_our_records_do_not_know_of_is_recognised_and_not_sent_again() {
    let world = evening();
    world.carrier(CARRIER).misbehave(Misbehaviour::RefuseLogin);
    run(&world).exits(1);
    let (state, backup) = (world.site().join("state"), tempfile::tempdir().unwrap());
    copy_folder(&state, backup.path());
    let records = world.database.backup();
    world.carrier(CARRIER).behave();
    run(&world).exits(0);
    // The records go back to before the delivery.
    fs::remove_dir_all(&state).unwrap();
    copy_folder(backup.path(), &state);
    world.database.restore(&records);
    assert_eq!(world.newest_run(FEED)["state"], "failed");
    run(&world).exits(0);
    delivered_once(&world);
    assert_eq!(attempts(&world).last().unwrap()["evidence"], "found-unexpectedly");
}

/// The attempts of the newest run.
fn attempts(world: &World) -> Vec<Value> {
    let run = world.newest_run(FEED)["run"].to_string();
    world.bex(&["show", &run, "--json"]).exits(0).json()["attempts"].as_array().unwrap().clone()
}

#[test]
fn a_lost_answer_to_the_rename_is_resolved_by_looking() {
    let lost = [Misbehaviour::DropBeforeRename, Misbehaviour::DropAfterRename, Misbehaviour::DropBetweenLinkAndUnlink];
    let evening = evening();
    for how in lost {
        let world = evening.copy();
        world.carrier(CARRIER).misbehave(how);
        run(&world).exits(0).says("delivered");
        delivered_once(&world);
    }
}

#[test]
fn a_file_whose_publishing_cannot_be_proved_is_never_sent_again_and_settled_by_its_acknowledgement() {
    let world = evening();
    world.carrier(CARRIER).misbehave(Misbehaviour::VanishAfterRename);
    world.carrier(CARRIER).misbehave(Misbehaviour::DropAfterRename);
    run(&world).exits(5).refuses_with("DEL010");
    for _ in 0..2 {
        run(&world).exits(5).refuses_with("DEL010");
        world.bex(&["resume", "2"]).exits(5);
    }
    let picked_up = names(&world.carrier(CARRIER).root.join("picked-up"));
    assert_eq!((picked_up, inbox(&world)), (vec![SECOND.to_owned()], vec![FIRST.to_owned()]));
    world.fetch_acks().exits(0).says("1 accepted");
    assert_eq!(world.newest_run(FEED)["state"], "accepted");
    world.carrier(CARRIER).behave();
    run(&world).exits(6);
    assert_eq!(names(&world.carrier(CARRIER).root.join("picked-up")).len(), 1);
}

#[test]
fn a_carrier_known_to_take_files_at_once_is_believed_when_it_confirms_and_otherwise_not() {
    let evening = evening();
    for (known, status, state) in [(true, 0, "delivered"), (false, 5, "uncertain")] {
        let world = evening.copy();
        world.edit(MAPPING, "folder = \"inbox\"", &format!("folder = \"inbox\"\ntaken_at_once = {known}"));
        world.carrier(CARRIER).misbehave(Misbehaviour::VanishAfterRename);
        run(&world).exits(status);
        assert_eq!(world.newest_run(FEED)["state"], state);
        world.fetch_acks().exits(0).says("1 accepted");
        run(&world).exits(6);
        assert_eq!(names(&world.carrier(CARRIER).root.join("picked-up")), [SECOND]);
    }
}

#[test]
fn bytes_are_sealed_once_whatever_happens_on_the_way() {
    let world = evening();
    let carrier = world.carrier(CARRIER);
    let mut hashes = Vec::new();
    for how in [Misbehaviour::RefuseLogin, Misbehaviour::DropAfterBytes(700), Misbehaviour::AlterOneByte] {
        carrier.misbehave(how);
        run(&world).exits(1);
        carrier.behave();
        hashes.push(world.newest_run(FEED)["delivery"]["sealed_sha256"].clone());
    }
    run(&world).exits(0);
    let published = Sha256::digest(fs::read(carrier.root.join("inbox").join(SECOND)).unwrap());
    hashes.push(bex::model::ids::hex(&published).into());
    assert!(hashes.iter().all(|hash| *hash == hashes[0]), "{hashes:?}");
    delivered_once(&world);
}

#[test]
fn a_sealed_file_that_was_altered_is_not_sent() {
    let world = evening();
    world.carrier(CARRIER).misbehave(Misbehaviour::RefuseLogin);
    run(&world).exits(1);
    world.carrier(CARRIER).behave();
    let sealed = world.site().join("state/outbox/delivery-000000002-alpha-health-000000002.age");
    let good = fs::read(&sealed).unwrap();
    let mut bad = good.clone();
    *bad.last_mut().unwrap() ^= 1;
    fs::write(&sealed, bad).unwrap();
    run(&world).exits(7).refuses_with("LOG009");
    // Whoever takes that as it stands does not have it sent.
    world.bex(&["recover", "--reason", "seen"]).exits(0);
    run(&world).exits(1).refuses_with("SEA004");
    fs::remove_file(&sealed).unwrap();
    run(&world).exits(1).refuses_with("SEA003");
    nothing_sent(&world);
    fs::write(&sealed, good).unwrap();
    delivered_by_running_again(&world);
}

// ── the employers' files ──

/// The file is refused with this code, nobody is ended by it, and the right file puts everything right.
#[track_caller]
#[test]
fn a_sealed_file_that_cannot_be_read_is_not_sealed_anew_and_goes_as_it_is_once_it_can() {
    let world = evening();
    world.carrier(CARRIER).misbehave(Misbehaviour::RefuseLogin);
    run(&world).exits(1);
    world.carrier(CARRIER).behave();
    let sealed = world.site().join("state/outbox/delivery-000000002-alpha-health-000000002.age");
    let bytes = fs::read(&sealed).unwrap();
    // Every read of it fails, as it does where the disk has a bad sector.
    fs::remove_file(&sealed).unwrap();
    fs::create_dir(&sealed).unwrap();
    let said = run(&world);
    assert!(matches!(said.status, Some(1 | 7)), "{said:?}");
    nothing_sent(&world);
    assert!(sealed.is_dir(), "nothing is put into its place");
    fs::remove_dir(&sealed).unwrap();
    fs::write(&sealed, &bytes).unwrap();
    delivered_by_running_again(&world);
    assert_eq!(fs::read(&sealed).unwrap(), bytes);
    assert_eq!(fs::read(world.carrier(CARRIER).root.join("inbox").join(SECOND)).unwrap(), bytes, "sealed once");
}

fn refused_and_repaired(path: &str, text: &str, code: &str) {
    let world = evening();
    world.arrives(path, text);
    let said = run(&world).exits(1).refuses_with(code).refuses_with("RUN005");
    assert!(said.out.contains("set aside"), "{}", said.out);
    nothing_sent(&world);
    world.bex(&["plan", FEED]).exits(1).refuses_with("RUN005");
    // Nothing was lost: the file is in the archive, sealed, and no clear copy of it is anywhere.
    assert!(names(&world.site().join("inbox/sample-logistics")).is_empty());
    assert!(!world.files().iter().any(|file| file.starts_with("state/claims")), "{:?}", world.files());
    world.arrives(path, World::text_of(2, path));
    run(&world).exits(0).says("delivered");
    delivered_once(&world);
}

#[test]
fn an_empty_census_terminates_nobody() {
    refused_and_repaired(CENSUS, "", "CEN001");
}

#[test]
fn a_census_of_a_header_and_a_trailer_terminates_nobody() {
    let census = World::text_of(2, CENSUS);
    refused_and_repaired(CENSUS, &format!("{}\nTRAILER|0\n", census.lines().next().unwrap()), "CEN001");
}

#[test]
fn a_census_without_a_required_column_is_refused() {
    refused_and_repaired(CENSUS, &World::text_of(2, CENSUS).replacen("|DOB|", "|BORN|", 1), "CEN002");
}

#[test]
fn a_census_that_was_cut_off_is_refused() {
    let census = World::text_of(2, CENSUS);
    refused_and_repaired(CENSUS, census.split("TRAILER").next().unwrap(), "CEN006");
}

#[test]
fn elections_that_were_cut_off_are_refused() {
    let elections = World::text_of(2, "sample-logistics/elections.csv");
    let half: String = elections.lines().take(30).map(|line| format!("{line}\n")).collect();
    refused_and_repaired("sample-logistics/elections.csv", &half, "CEN006");
}

#[test]
fn another_employers_census_is_refused() {
    let feed = "example-manufacturing-alpha-health";
    let world = World::evening_of(feed);
    let census = World::text_of(2, "example-manufacturing/census.csv").replace(",EXM", ",OTHER");
    world.arrives("example-manufacturing/census.csv", census);
    world.bex(&["run", feed]).exits(1).refuses_with("CEN013");
    assert_eq!(world.carrier(CARRIER).inbox().len(), 1);
}

#[test]
fn d4_yesterdays_file_sent_again_is_noticed_and_changes_nothing() {
    let mut world = evening();
    run(&world).exits(0);
    world.fetch_acks().exits(0);
    world.next_night();
    world.employers_send(2);
    run(&world).exits(0).refuses_with("RUN011").says("nothing to send");
    assert_eq!(inbox(&world), [FIRST, SECOND]);
}

#[test]
fn a_source_that_cannot_be_taken_in_costs_its_own_feeds_only_and_is_not_run_on_yesterdays_file() {
    let mut world = World::after_the_first_night();
    world.employers_send(2);
    let claims = world.site().join("state/claims/census-sample-logistics");
    fs::remove_dir_all(&claims).unwrap();
    fs::write(&claims, "no folder").unwrap();
    world.bex(&["run"]).exits(3).refuses_with("INT006");
    let outcomes: Vec<Value> = world.board().iter().skip(6).map(|run| run["feed"].clone()).collect();
    assert_eq!(outcomes, FEEDS[..3]);
    fs::remove_file(claims).unwrap();
    world.bex(&["run"]).exits(0);
    assert_eq!(world.newest_run(FEED)["adds"], 4);
    world.next_night();
}

#[test]
fn what_we_cannot_read_ourselves_is_not_held_against_the_employer() {
    let world = evening();
    // The process ends when the census is in the archive and has not been read.
    let archive = world.site().join("state/archive");
    let before = names(&archive);
    assert!(world.bex(&["run", FEED, "--abort-at", "5"]).aborted());
    let newest = names(&archive).into_iter().find(|name| !before.contains(name)).unwrap();
    fs::rename(archive.join(&newest), archive.join("elsewhere")).unwrap();
    run(&world).exits(7).refuses_with("LOG009");
    world.bex(&["recover", "--reason", "seen"]).exits(0);
    run(&world).exits(1).refuses_with("RUN010");
    nothing_sent(&world);
    fs::rename(archive.join("elsewhere"), archive.join(&newest)).unwrap();
    delivered_by_running_again(&world);
}

// ── configuration ──

/// `bex check` names the fault, `bex run` refuses to start, and both are well again once it is mended.
#[track_caller]
fn refused_configuration(world: &World, code: &str) -> String {
    let checked = world.bex_without_clock(&["check"]).exits(1).refuses_with(code);
    run(world).exits(2).refuses_with(code);
    nothing_sent(world);
    checked.out
}

#[test]
fn a_server_without_a_host_key_is_never_contacted() {
    let world = evening();
    let text = fs::read_to_string(world.site().join(MAPPING)).unwrap();
    let keys = text.lines().find(|line| line.starts_with("host_keys")).unwrap();
    world.edit(MAPPING, keys, "host_keys = []");
    refused_configuration(&world, "CFG012");
    world.edit(MAPPING, "host_keys = []", keys);
    delivered_by_running_again(&world);
}

#[test]
fn a_carrier_without_a_policy_is_told_nothing() {
    let world = evening();
    let policy = "[policy]\ndisclose = \"default\"\napproved_by = \"Privacy office\"\ndate = \"2026-01-05\"\n";
    world.edit(MAPPING, policy, "");
    refused_configuration(&world, "CFG010");
    world.edit(MAPPING, "[acknowledgements]", &format!("{policy}\n[acknowledgements]"));
    delivered_by_running_again(&world);
}

#[test]
fn an_unknown_key_is_refused_in_every_kind_of_file_with_its_place() {
    let files = [
        "bex.toml",
        "mappings/census/sample-logistics.toml",
        "mappings/elections/sample-logistics.toml",
        MAPPING,
        "schedules/sample-logistics-alpha-health.toml",
    ];
    let world = evening();
    for file in files {
        let good = fs::read_to_string(world.site().join(file)).unwrap();
        fs::write(world.site().join(file), format!("surprise = 1\n{good}")).unwrap();
        let said = refused_configuration(&world, "CFG");
        assert!(said.contains(&format!("{file}:1:1")), "{said}");
        fs::write(world.site().join(file), good).unwrap();
    }
    delivered_by_running_again(&world);
}

#[test]
fn a_folder_of_configuration_that_cannot_be_read_is_not_taken_for_an_empty_one() {
    let world = evening();
    let (schedules, aside) = (world.site().join("schedules"), world.site().join("aside"));
    fs::rename(&schedules, &aside).unwrap();
    fs::write(&schedules, "no folder").unwrap();
    world.bex(&["run"]).exits(2).says("schedules").says("the folder cannot be read");
    nothing_sent(&world);
    fs::remove_file(&schedules).unwrap();
    fs::rename(aside, schedules).unwrap();
    delivered_by_running_again(&world);
}

#[test]
fn a_secret_in_a_configuration_file_is_refused_and_not_repeated() {
    let world = evening();
    world.edit(MAPPING, "\"file:keys/alpha-health.login\"", "\"hunter2-the-secret\"");
    let said = refused_configuration(&world, "CFG") + &world.heard.lock().unwrap();
    assert!(!said.contains("hunter2"), "{said}");
    world.edit(MAPPING, "\"hunter2-the-secret\"", "\"file:keys/alpha-health.login\"");
    delivered_by_running_again(&world);
}

#[test]
fn a_production_site_does_not_let_anybody_set_the_clock_or_abort_it() {
    let world = evening();
    world.edit("bex.toml", "environment = \"test\"", "environment = \"production\"");
    run(&world).exits(2).refuses_with("CLI002");
    world.bex_without_clock(&["run", FEED, "--abort-at", "1"]).exits(2).refuses_with("CLI002");
    nothing_sent(&world);
}

// ── keys ──

#[test]
fn another_vault_key_stops_everything() {
    let world = evening();
    let key = world.site().join("keys/vault.key");
    let good = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    Vault::create_master_key(&key).unwrap();
    for command in [&["run", FEED][..], &["plan", FEED], &["runs"], &["acks"], &["show", "1"], &["resume", "1"]] {
        world.bex(command).exits(7).refuses_with("STO005");
    }
    nothing_sent(&world);
    fs::write(&key, good).unwrap();
    delivered_by_running_again(&world);
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    let evening = evening();
    for (key, status) in [("vault.key", 2), ("archive.age", 2), ("alpha-health.login", 1)] {
        let world = evening.copy();
        let path = world.site().join("keys").join(key);
        set_mode(&path, 0o644);
        run(&world).exits(status).refuses_with("KEY004").says(key);
        nothing_sent(&world);
        world.bex_without_clock(&["check"]).exits(0).says("CFG016");
        set_mode(&path, 0o600);
        delivered_by_running_again(&world);
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

// ── people and processes ──

#[test]
fn a_carrier_that_keeps_one_process_waiting_keeps_nobody_from_others_and_who_is_killed_leaves_no_lock() {
    let world = evening();
    let tried = world.carrier(CARRIER).server().logins_tried();
    world.carrier(CARRIER).misbehave(Misbehaviour::Silence);
    let mut first = world.bex_begins(&["run", FEED]);
    // It holds the feed and the carrier by the time it logs in, and then waits for an answer that does not come.
    while world.carrier(CARRIER).server().logins_tried() == tried {
        assert!(first.try_wait().unwrap().is_none(), "it ended before it logged in");
        std::thread::yield_now();
    }
    let holder = format!("process {}", first.id());
    for command in [&["run", FEED][..], &["resume", "2"], &["release", "2", "--reason", "r"]] {
        world.bex(command).exits(6).refuses_with("RUN001").says(&holder);
    }
    let why = world.bex(&["why", FEED]).exits(0).out;
    for on in [&format!("no   feed {FEED} is worked on by "), "no   carrier ", &holder] {
        assert!(why.contains(on), "{on}: {why}");
    }
    world.bex(&["recover", "--reason", "r"]).exits(6).refuses_with("RUN001");
    let other = "example-manufacturing-beta-dental";
    world.bex(&["run", "--jobs", "3"]).exits(0).refuses_with("RUN001").says(&format!("{other}: delivered"));
    world.bex(&["run", "--due", FEED]).exits(0);
    world.bex(&["acks"]).refuses_with("RUN001").says("accepted");
    world.bex(&["runs"]).exits(0);
    world.bex(&["plan", FEED]).exits(0);
    first.kill().unwrap();
    first.wait().unwrap();
    world.bex(&["why", FEED]).exits(0).says("nobody is at work on it or its carrier");
    world.carrier(CARRIER).behave();
    nothing_sent(&world);
    world.bex(&["run", FEED]).exits(0).says("delivered");
    delivered_once(&world);
}

#[test]
fn a_process_that_works_on_a_feed_for_more_than_an_hour_is_on_the_board_and_no_pass_runs_the_feed_beside_it() {
    let world = evening();
    let tried = world.carrier(CARRIER).server().logins_tried();
    world.carrier(CARRIER).misbehave(Misbehaviour::Silence);
    let mut stuck = world.bex_begins(&["run", FEED]);
    while world.carrier(CARRIER).server().logins_tried() == tried {
        assert!(stuck.try_wait().unwrap().is_none(), "it ended before it logged in");
        std::thread::yield_now();
    }
    let at = |time: &str| format!("{}T{time}Z", world.date());
    let says = format!("is kept since {} by process {}", at("21:00:00"), stuck.id());
    let board = |time: &str| world.bex_without_clock(&["runs", "--now", &at(time)]).out.replace('\n', " ");
    assert!(!board("22:00:00").contains("is kept since"));
    let shown = board("22:01:00");
    assert!(shown.contains(&says) && shown.contains("`bex resume RUN` looks at what it has left"), "{shown}");
    world.bex_without_clock(&["run", "--due", FEED, "--now", &at("22:01:00")]).exits(0);
    assert_eq!(world.carrier(CARRIER).server().logins_tried(), tried + 1, "nobody tries beside it");
    stuck.kill().unwrap();
    stuck.wait().unwrap();
    assert!(!board("22:02:00").contains("is kept since"));
    world.carrier(CARRIER).behave();
    nothing_sent(&world);
    world.bex(&["run", FEED]).exits(0).says("delivered");
    delivered_once(&world);
}

#[test]
fn of_several_processes_at_once_one_delivers() {
    let world = evening();
    let started: Vec<_> = (0..6).map(|_| world.bex_begins(&["run", FEED])).collect();
    let ended = started.into_iter().map(|mut process| process.wait().unwrap().code());
    let ended: Vec<_> = ended.collect();
    assert!(ended.iter().all(|status| matches!(status, Some(0 | 6))), "{ended:?}");
    assert_eq!(ended.iter().filter(|status| **status == Some(0)).count(), 1, "{ended:?}");
    delivered_once(&world);
    assert_eq!(world.board().len(), 2);
}

#[test]
fn a_record_that_was_exchanged_in_the_store_stops_its_feed() {
    let world = evening();
    let good = world.database.backup();
    // Every family's record is now that of the first: each opens only where it was sealed.
    world.database.tamper("UPDATE ledger SET sealed = (SELECT sealed FROM ledger ORDER BY key LIMIT 1)");
    run(&world).exits(7).refuses_with("LOG008");
    nothing_sent(&world);
    // Whoever takes that as it stands does not open one with another's place.
    world.bex(&["recover", "--reason", "there is no other"]).exits(0);
    run(&world).exits(7).refuses_with("VAU002");
    nothing_sent(&world);
    // The backup does not know of tonight's files, which is noticed: they are sent again.
    world.database.restore(&good);
    run(&world).exits(7).refuses_with("STO006").says("unknown inputs 2");
    world.bex(&["recover", "--reason", "no newer backup"]).exits(0);
    world.employers_send(2);
    run(&world).exits(0);
    delivered_once(&world);
}

#[test]
fn d9_a_mass_termination_is_held_until_a_person_gives_a_reason() {
    let feed = "example-manufacturing-alpha-health";
    let world = World::evening_of(feed);
    let schedule = format!("schedules/{feed}.toml");
    let text = fs::read_to_string(world.site().join(&schedule)).unwrap();
    fs::write(world.site().join(&schedule), text + "\n[guards]\nfew_max = 0\nterminations_max = 2\n").unwrap();
    world.bex(&["run", feed]).exits(4).refuses_with("GRD001");
    world.bex(&["plan", feed]).exits(4).refuses_with("GRD001");
    let held = world.newest_run(feed);
    assert_eq!((&held["state"], &held["terminations"], &held["delivery"]), (&"held".into(), &3.into(), &Value::Null));
    // Neither another run nor a resume goes past it.
    world.bex(&["run", feed]).exits(4).refuses_with("RUN008");
    world.bex(&["resume", "2"]).exits(1).refuses_with("RUN016").says("bex release RUN");
    world.bex(&["release", "2"]).exits(2);
    world.bex(&["release", "2", "--reason", "  "]).exits(2).refuses_with("RUN020");
    assert_eq!(world.carrier(CARRIER).inbox().len(), 1);
    world.bex(&["release", "2", "--reason", "the plant closes"]).exits(0).says("delivered");
    assert_eq!(world.carrier(CARRIER).inbox().len(), 2);
    assert_eq!(world.newest_run(feed)["released"], "the plant closes");
    world.bex(&["release", "2", "--reason", "again"]).exits(1).refuses_with("RUN016");
    world.bex(&["release", "99", "--reason", "none"]).exits(1).refuses_with("RUN006");
}

#[test]
fn a_run_held_on_a_wrong_census_is_given_up_and_the_corrected_one_is_run() {
    let feed = "example-manufacturing-alpha-health";
    let world = World::evening_of(feed);
    let schedule = world.site().join(format!("schedules/{feed}.toml"));
    let text = fs::read_to_string(&schedule).unwrap();
    fs::write(&schedule, format!("{text}\n[guards]\nfew_max = 0\nterminations_max = 2\n")).unwrap();
    world.bex(&["run", feed]).exits(4).refuses_with("GRD001");
    world.bex(&["void", "2", "--reason", " "]).exits(2).refuses_with("RUN020");
    world.bex(&["void", "2", "--reason", "half a census"]).exits(0).says("voided");
    world.bex(&["void", "2", "--reason", "again"]).exits(1).refuses_with("RUN016");
    world.bex(&["resume", "2"]).exits(1).refuses_with("RUN016").says("given up");
    fs::write(&schedule, text).unwrap();
    // What was given up does not count: the same inputs can be run again for the same date, once.
    world.bex(&["run", feed]).exits(0).says("delivered");
    assert_eq!(world.carrier(CARRIER).inbox().len(), 2);
    world.bex(&["run", feed]).exits(6).says("ran already");
    assert_eq!(world.carrier(CARRIER).inbox().len(), 2);
}

#[test]
fn a_value_the_guide_refuses_holds_its_family_and_nobody_else() {
    let feed = "example-manufacturing-alpha-health";
    let world = World::evening_of(feed);
    let inbox = world.site().join("inbox/example-manufacturing/census.csv");
    let census = fs::read_to_string(&inbox).unwrap();
    // A newly hired subscriber without a birth date: legal in the census, refused by the guide on an add.
    let broken = census.replace("899-65-1385,04/29/1994,F", "899-65-1385,,F");
    assert_ne!(census, broken);
    fs::write(&inbox, broken).unwrap();
    world.bex(&["run", feed]).exits(0).says("delivered").says("in question");
    let shown = world.bex(&["show", "2", "--questions"]);
    shown.exits(0).says("SIT005");
    assert_eq!(world.carrier(CARRIER).inbox().len(), 2);
}

// ── what comes back ──

#[test]
fn a_rejected_delivery_was_never_said_and_the_next_night_says_it_again_under_a_new_number() {
    for office in [Office::RejectsTheGroup, Office::RejectsTheInterchange] {
        let mut world = evening();
        world.carrier(CARRIER).office(office);
        run(&world).exits(0);
        let said = world.fetch_acks().exits(1).says("1 rejected");
        assert!(said.text().contains("!! run 2  sample-logistics-alpha-health 000000002 rejected"), "{said:?}");
        assert_eq!(world.newest_run(FEED)["state"], "rejected");
        world.fetch_acks().exits(0).says("nothing new");
        world.carrier(CARRIER).office(Office::Answers);
        world.next_night();
        run(&world).exits(0).says("delivered");
        world.fetch_acks().exits(0).says("1 accepted");
        let [first, again] = [SECOND, "000000003"].map(|name| world.carrier(CARRIER).the_file(name));
        assert_eq!(told(&first), told(&again), "{office:?}");
        let numbers = [&first, &again].map(|text| first_segment(text, "ISA")[13].clone());
        assert_eq!(numbers, ["000000002", "000000003"]);
        world.next_night();
        run(&world).exits(0).says("nothing to send");
    }
}

#[test]
fn the_first_of_two_answers_that_contradict_each_other_stands_and_the_second_is_for_a_person() {
    let evening = evening();
    evening.carrier(CARRIER).office(Office::Silent);
    run(&evening).exits(0);
    let text = evening.carrier(CARRIER).the_file(SECOND);
    let answers = [accepting_999(&text, 50), rejecting_999(&text, 51)];
    for (order, stands) in [([0, 1], "accepted"), ([1, 0], "rejected")] {
        let mut world = evening.copy();
        let [first, second] = order;
        world.carrier(CARRIER).answer("first.999", &answers[first]);
        world.fetch_acks().exits(i32::try_from(first).unwrap());
        world.carrier(CARRIER).answer("second.999", &answers[second]);
        world.fetch_acks().exits(4).refuses_with("ACK");
        assert_eq!(world.newest_run(FEED)["state"], stands, "{order:?}");
        // The fault is said once; that somebody has to look, until somebody has.
        world
            .fetch_acks()
            .exits(4)
            .says("says otherwise than an earlier answer to run 2, which stands (second.999 of alpha-health)");
        let open = world.bex(&["acks", "--json"]).exits(4).json()["open"][0]["answer"].to_string();
        let settled =
            world.bex(&["acks", "settle", &open, "--reason", "the carrier says so", "--json"]).exits(0).json();
        assert_eq!((&settled["was"], &settled["state"]), (&"contradicting".into(), &"settled".into()));
        world.fetch_acks().exits(0);
        let newest = world.newest_run(FEED);
        assert_eq!((&newest["state"], &newest["delivery"]["objection"]), (&stands.into(), &().into()), "{order:?}");
        world.next_night();
        run(&world).exits(0);
    }
}

#[test]
fn an_acknowledgement_of_nothing_of_ours_is_kept_and_counted_and_changes_nothing() {
    let world = evening();
    run(&world).exits(0);
    let before = world.newest_run(FEED);
    let text = world.carrier(CARRIER).the_file(SECOND);
    for name in names(&world.carrier(CARRIER).root.join("outbox")) {
        fs::remove_file(world.carrier(CARRIER).root.join("outbox").join(name)).unwrap();
    }
    let ours = accepting_999(&text, 77);
    // A number we never gave; another sender; another receiver.
    let foreign = [
        ours.replace("AK1*BE*2*", "AK1*BE*99*"),
        ours.replace("900000001", "900000009"),
        ours.replace("ALPHAHEALTH", "OMEGAHEALTH"),
    ];
    for (n, text) in foreign.iter().enumerate() {
        assert_ne!(*text, ours);
        world.carrier(CARRIER).answer(&format!("foreign{n}.999"), text);
    }
    world
        .fetch_acks()
        .exits(1)
        .says("3 files: 3 not understood")
        .says("answers 99, not ours (foreign0.999 of alpha-health)");
    assert_eq!(world.newest_run(FEED), before);
    // Each is said every time until somebody has dealt with it.
    world.fetch_acks().exits(1).says("0 files: nothing new").says("answers 2, not ours (foreign2.999 of alpha-health)");
    for open in world.bex(&["acks", "--json"]).exits(1).json()["open"].as_array().unwrap() {
        world.bex(&["acks", "settle", &open["answer"].to_string(), "--reason", "not ours"]).exits(0);
    }
    world.carrier(CARRIER).answer("ours.999", &ours);
    world.fetch_acks().exits(0).says("1 accepted");
}

#[test]
fn an_acknowledgement_that_cannot_be_read_is_set_aside_sealed_and_waits_for_a_person() {
    let world = evening();
    run(&world).exits(0);
    let before = names(&world.site().join("state/archive")).len();
    world.carrier(CARRIER).answer("bad.999", "ISA*00*garbage without an end");
    world.fetch_acks().exits(1).refuses_with("X12002");
    // TA1, 999 and the unreadable one: all three are in the archive, and the delivery is accepted nevertheless.
    assert_eq!(names(&world.site().join("state/archive")).len(), before + 3);
    assert_eq!(world.newest_run(FEED)["state"], "accepted");
    // Said once as a fault, and every night as what waits.
    let waits =
        world.fetch_acks().exits(1).says("cannot be read as an answer: X12002, 29 bytes (bad.999 of alpha-health)");
    assert!(!waits.err.contains("X12002"), "{waits:?}");
    let open = world.bex(&["acks", "--json"]).exits(1).json()["open"][0].clone();
    assert_eq!((&open["state"], &open["feed"], &open["run"]), (&"quarantined".into(), &().into(), &().into()));
    let answer = open["answer"].to_string();
    world.bex(&["acks", "settle", &answer, "--reason", " "]).exits(2).refuses_with("RUN020");
    world.bex(&["acks", "settle", &answer, "--reason", "a note for people"]).exits(0).says("settled");
    world.bex(&["acks", "settle", &answer, "--reason", "again"]).exits(1).refuses_with("ACK006");
    world.fetch_acks().exits(0);
}

#[test]
fn the_same_acknowledgement_under_another_name_is_applied_once() {
    let world = evening();
    run(&world).exits(0);
    world.fetch_acks().exits(0);
    let outbox = world.carrier(CARRIER).root.join("outbox");
    fs::copy(outbox.join(format!("{SECOND}.999")), outbox.join("again.999")).unwrap();
    world.fetch_acks().exits(0).says("0 files: nothing new");
    assert_eq!(world.newest_run(FEED)["state"], "accepted");
}

#[test]
fn a_carrier_whose_outbox_cannot_be_reached_does_not_keep_the_others_from_being_read() {
    let mut world = World::new();
    world.employers_send(1);
    world.bex(&["run"]).exits(0);
    world.carriers.remove("beta-dental");
    world.fetch_acks().exits(1).refuses_with("TRA003").says("because refused, from ").says("4 accepted");
    world.next_night();
}

#[test]
fn json_says_how_it_came_out_for_each_feed() {
    let world = evening();
    world.carrier(CARRIER).misbehave(Misbehaviour::RefuseLogin);
    let said = world.runs(FEED).exits(1);
    assert_eq!(
        (outcome(&said), said.json()["feeds"][0]["faults"][0]["code"].clone()),
        ("failed".to_owned(), "TRA002".into())
    );
}
