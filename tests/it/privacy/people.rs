//! Who may do what: every command with every role, as far and as long as a grant goes; who is refused is told which
//! role is missing, and leaves an event.

use std::fs;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use bex::access::{ACTS, Actor, Concern, Role};
use bex::act::{Grounds, ReviewSigned, approve, pending, review_days, sign_review};
use bex::crypt::keyring::KeyReference;
use bex::crypt::vault::Vault;
use bex::engine::Engine;
use bex::engine::clock::Clock;
use bex::fault::Fault;
use bex::mapping::Environment;
use bex::night::seal_arrivals;
use bex::run::{not_held, note_settings};
use bex::store::Store;

use crate::harness::demo_site::{Said, World, bex_says, put, read_identity};
use crate::harness::source_tree;
use bex::report::{HeldBy, SAFEGUARDS};

const FEED: &str = "example-manufacturing-alpha-health";
const WHY: [&str; 2] = ["--reason", "asked"];

/// The user that the tests run as, as the kernel has it.
fn me() -> String {
    bex::engine::actor().person().to_string()
}

fn is_granted(world: &World, grants: &str) {
    std::fs::write(world.site().join("access.toml"), grants).unwrap();
}

fn one(role: &str, more: &str) -> String {
    format!("[grants.test]\nrole = \"{role}\"\nusers = [\"{}\"]\n{more}", me())
}

/// The leaves of the audit record.
fn events(world: &World) -> Vec<String> {
    let vault = Vault::read(&KeyReference::File(world.site().join("keys/vault.key"))).unwrap();
    let store = Store::open(world.database.location(), Actor::named("test"), vault.fingerprint()).unwrap();
    store.events(1, 10_000).unwrap()
}

/// Every role there is.
const EVERYBODY: &str = "operator benefits-admin privacy-officer security-reviewer dba auditor carrier-manager";

/// Every command that opens a site, and who may give it.
const MATRIX: &[(&[&str], &str)] = &[
    (&["runs"], EVERYBODY),
    (&["show", "1"], EVERYBODY),
    (&["why", FEED], EVERYBODY),
    (&["report"], EVERYBODY),
    (&["metrics"], EVERYBODY),
    (&["policy", "diff", "alpha-health"], EVERYBODY),
    (&["plan", FEED], "operator benefits-admin privacy-officer carrier-manager"),
    (&["balance", FEED], "operator benefits-admin privacy-officer carrier-manager"),
    (&["worklist", FEED], "operator benefits-admin privacy-officer carrier-manager"),
    (&["explain", "1", "--segment", "9"], "operator benefits-admin privacy-officer carrier-manager"),
    (&["trace", "--member", "0000000000"], "operator benefits-admin privacy-officer carrier-manager"),
    (&["doctor", FEED], "operator dba carrier-manager"),
    (&["intake"], "operator"),
    (&["run", FEED], "operator"),
    (&["resume", "1"], "operator"),
    (&["release", "1", "--reason", "asked"], "operator benefits-admin"),
    (&["void", "1", "--reason", "asked"], "operator benefits-admin"),
    (
        &["attest", "1", "--delivered", "--evidence", "e", "--reason", "asked", "--confirm", "0"],
        "operator carrier-manager",
    ),
    (
        &["settle", "1", "--accepted", "--evidence", "e", "--reason", "asked", "--confirm", "0"],
        "operator carrier-manager",
    ),
    (&["resend", "1", "--reason", "asked", "--confirm", "0"], "operator"),
    (&["rebuild", "1", "--reason", "asked", "--confirm", "0"], "operator benefits-admin"),
    (&["answer", FEED, "0000000000", "REC001", "tell", "--reason", "asked"], "benefits-admin"),
    (&["unhold", FEED, "--reason", "asked"], "operator benefits-admin privacy-officer carrier-manager"),
    (&["skip", FEED, "--date", "2026-03-09", "--reason", "asked"], "operator"),
    (&["acks"], "operator carrier-manager"),
    (&["acks", "settle", "99", "--reason", "asked"], "operator carrier-manager"),
    (&["acks", "reread", "99", "--reason", "asked"], "operator carrier-manager"),
    (
        &["answer", FEED, "0000000000", "REC001", "--asked", "HR", "--until", "2026-03-09", "--reason", "asked"],
        "operator benefits-admin",
    ),
    (&["input", "settle", "99", "--reason", "asked"], "operator benefits-admin"),
    (&["recover"], "operator dba"),
    (&["migrate", "--to", "sqlite:state/other.db"], "dba"),
    (&["disclosures", "--member", "EXM-1001", "--reason", "asked"], "benefits-admin privacy-officer"),
    (&["affected", "--delivery", "1"], "privacy-officer security-reviewer"),
    (&["approve"], EVERYBODY),
    (&["approve", "--expect", "x", "--reason", "asked"], "privacy-officer security-reviewer"),
    (&["review", "list"], "privacy-officer security-reviewer dba auditor"),
    (&["review", "sign", "2026-03-02", "--expect", "x", "--finding", "f"], "security-reviewer"),
    (&["keys", "list"], EVERYBODY),
    (&["keys", "rotate", "--reason", " "], "security-reviewer dba"),
    (&["backup", "--check", "/nowhere"], "operator dba"),
    (&["retention", "list"], EVERYBODY),
    (&["retention", "destroy", "--expect", "x", "--reason", "asked"], "privacy-officer"),
    (&["retention", "hold", "--employer", "nobody", "--case", "c", "--reason", "asked"], "privacy-officer"),
    (&["retention", "lift", "99", "--reason", "asked"], "privacy-officer"),
    (&["disclose", "list"], "benefits-admin privacy-officer"),
    (&TELLING, "benefits-admin privacy-officer"),
    (&["show", "input", "99"], EVERYBODY),
    (&["show", "delivery", "1"], EVERYBODY),
    (&["show", "ack", "99"], EVERYBODY),
    (&["show", "question", "0000000000"], EVERYBODY),
    (&["forecast", FEED], EVERYBODY),
    (&["corrections"], "operator benefits-admin privacy-officer carrier-manager"),
    (&["corrections", "report", "nobody-inc", "--to", "age1x"], "benefits-admin privacy-officer"),
    (&["reconcile", FEED, "--against", "/nowhere"], "operator benefits-admin privacy-officer carrier-manager"),
    (&["baseline", FEED, "--declare", "2026-03-01", "--reason", " "], "benefits-admin"),
    (&["notify"], "operator"),
    (&["hold", "no-such-feed", "--reason", "asked"], "operator benefits-admin privacy-officer carrier-manager"),
    (&["input", "read", "99", "--reason", "asked"], "operator benefits-admin"),
    (&["verify"], "operator dba auditor privacy-officer security-reviewer"),
    (&["audit", "verify"], "operator dba auditor privacy-officer security-reviewer"),
    (&["audit", "checkpoint"], "operator dba auditor privacy-officer security-reviewer"),
    (&["audit", "show"], "auditor privacy-officer security-reviewer dba"),
    (&["audit", "export", "--out", "/nowhere/at/all"], "auditor privacy-officer security-reviewer dba"),
    (&["review", "show", "2026-03-02"], "privacy-officer security-reviewer dba auditor"),
    (&["disclose", "approve", "99", "--expect", "x", "--reason", "asked"], "privacy-officer security-reviewer"),
];

/// Names nobody: what is asked about is whether it may be asked.
const TELLING: [&str; 14] = [
    "disclose",
    "ask",
    "--member",
    "NOBODY",
    "--purpose",
    "threat",
    "--to",
    "t",
    "--what",
    "name",
    "--case",
    "c",
    "--reason",
    "asked",
];

/// Commands that nobody needs leave for, and why.
const OPEN: &[(&str, &str)] = &[
    ("demo", "makes a site of its own"),
    ("init", "makes a site of its own"),
    ("check", "says of the configuration what whoever reads its files sees"),
    ("schedule next", "says of the configuration when feeds run"),
    ("policy show", "says of the configuration who may be told what"),
    ("statement", "is made for everybody"),
    ("grants", "says who may do what, so that nobody has to ask in vain"),
    ("breakglass", "is for whoever has no leave, and is reviewed"),
    ("watch", "looks at the age of a file, for an alarm elsewhere"),
    ("help", "reads nothing of a site"),
    ("completions", "reads nothing of a site"),
    ("man", "reads nothing of a site"),
    ("audit witness", "has no site: it signs what another machine's log says, with a key of its own"),
    ("mapping check", "reads what it is given"),
    ("mapping schema", "reads nothing of a site"),
    ("mapping sample", "reads what it is given"),
    ("mapping explain", "reads what it is given"),
    ("x12 view", "reads what it is given"),
    ("x12 validate", "reads what it is given"),
    ("x12 diff", "reads what it is given"),
    ("x12 mask", "reads what it is given"),
    ("x12 ack", "reads what it is given"),
];

/// Commands that do nothing without one of those below them.
const MERE_HEADINGS: [&str; 11] =
    ["schedule", "mapping", "input", "x12", "audit", "review", "keys", "retention", "disclose", "policy", ""];

/// Every command that is declared, with those below it.
fn declared(above: &str, nowhere: &Path) -> Vec<String> {
    let asked: Vec<&str> = above.split_whitespace().chain(["--help"]).collect();
    let help = bex_says(&asked, nowhere).exits(0).out;
    let Some((_, listed)) = help.split_once("Commands:\n") else { return vec![above.to_string()] };
    let lines = listed.lines().take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let below = names.filter_map(|line| line.split_whitespace().next());
    let own = (!MERE_HEADINGS.contains(&above)).then(|| above.to_string());
    own.into_iter().chain(below.flat_map(|name| declared(format!("{above} {name}").trim(), nowhere))).collect()
}

#[test]
fn no_command_is_declared_of_which_it_is_not_said_who_may_give_it() {
    let nowhere = tempfile::tempdir().unwrap();
    let declared = declared("", nowhere.path());
    assert!(declared.len() > 70, "{declared:?}");
    let in_matrix = |command: &str| {
        let words: Vec<&str> = command.split(' ').collect();
        MATRIX.iter().any(|(row, _)| row.starts_with(&words))
    };
    for command in &declared {
        let open = OPEN.iter().any(|(open, _)| open == command);
        assert!(open != in_matrix(command), "bex {command}: in one of the two tables, and not in both");
    }
    for (open, _) in OPEN {
        assert!(declared.iter().any(|command| command == open), "bex {open} is declared no more");
    }
}

#[test]
fn every_command_is_open_to_the_roles_it_belongs_to_and_to_nobody_else() {
    let world = World::after_the_first_night();
    for role in Role::ALL {
        is_granted(&world, &one(role.word(), ""));
        for (command, roles) in MATRIX {
            // A store that was moved acts no more: what comes behind would say that.
            let moves = command[0] == "migrate" && *role == Role::Dba;
            let said = world.bex(if moves { &["migrate", "--to", "sqlite:state/bex.db"] } else { command });
            let may = roles.split(' ').any(|word| word == role.word());
            assert_eq!(said.status != Some(8), may, "{} as {}: {said:?}", command.join(" "), role.word());
            if !may {
                assert!(said.text().contains("ACC001") && said.text().contains(roles.split(' ').next().unwrap()));
            }
        }
    }
}

#[test]
fn without_a_grant_nothing_is_permitted_and_each_refusal_is_recorded() {
    let world = World::after_the_first_night();
    is_granted(&world, "[grants.other]\nrole = \"operator\"\nusers = [\"somebody-else\"]\n");
    for (command, _) in MATRIX {
        world.bex(command).exits(8).refuses_with("ACC001");
    }
    let leaves = events(&world);
    let refused: Vec<&String> = leaves.iter().filter(|leaf| leaf.contains("\"access.denied\"")).collect();
    assert_eq!(refused.len(), MATRIX.len());
    // Every act of the program's own table stands behind some command, but for those asked about inside one.
    let asked_inside = ["reveal", "accept", "look-at-members"];
    let is_refused = |act: &str| refused.iter().any(|leaf| leaf.contains(&format!("\"act\":\"{act}\"")));
    let never: Vec<&str> = ACTS.iter().map(|act| act.word).filter(|act| !is_refused(act)).collect();
    assert!(never.iter().all(|act| asked_inside.contains(act)), "{never:?}");
    assert!(events(&world).last().unwrap().contains(&format!("\"by\":\"{}\"", me())));
}

#[test]
fn a_grant_goes_as_far_and_as_long_as_it_says() {
    let world = World::after_the_first_night();
    let release = |world: &World, run: &str| world.bex(&[&["release", run][..], &WHY].concat());
    is_granted(&world, &one("operator", "employers = [\"sample-logistics\"]\n"));
    release(&world, "1").exits(8).says("employer example-manufacturing");
    release(&world, "4").exits(1).refuses_with("RUN016");
    // How a run of somebody else stands is no more for whoever only asks what an act would do.
    for act in ["release", "void", "resume", "resend", "rebuild"] {
        world.bex(&[act, "1", "--plan"]).exits(8).never_says("accepted");
    }
    is_granted(&world, &one("operator", "carriers = [\"alpha-health\"]\n"));
    release(&world, "1").exits(1);
    release(&world, "2").exits(8).says("carrier beta-dental");
    world.bex(&["recover", "--reason", "x"]).exits(0);
    is_granted(&world, &one("operator", "expires = \"2026-03-02\"\n"));
    release(&world, "1").exits(8);
    world.bex(&["grants"]).exits(0).says("OVER").says("may: nothing");
    is_granted(&world, &one("operator", "expires = \"2026-03-03\"\n"));
    release(&world, "1").exits(1);
    is_granted(&world, "[grants.g]\nrole = \"operator\"\nusers = [\"x\"]\nemployers = [\"nobody-inc\"]\n");
    world.bex(&["check"]).exits(1).refuses_with("CFG008");
}

#[test]
fn whoever_has_not_accepted_the_code_of_conduct_in_force_is_refused_until_they_have() {
    let world = World::after_the_first_night();
    let granted = |conduct: &str, accepted: &str| {
        is_granted(&world, &format!("[access]\nconduct = \"{conduct}\"\n{}", one("operator", accepted)));
    };
    let asks = || world.bex(&["release", "1", "--reason", "asked"]);
    for accepted in ["", "accepted = \"2026-01-04\"\n"] {
        granted("2026-01-05", accepted);
        asks().exits(8).refuses_with("ACC005").says("2026-01-05");
        world.bex(&["grants"]).exits(0).says("NOT ACCEPTED").says("may: nothing");
    }
    assert!(events(&world).last().unwrap().contains("\"access.denied\""));
    granted("2026-01-05", "accepted = \"2026-01-05\"\n");
    asks().exits(1).refuses_with("RUN016");
    world.bex(&["statement"]).exits(0).says("has accepted the code of conduct of 2026-01-05");
    granted("2026-02-01", "accepted = \"2026-01-05\"\n");
    asks().exits(8).refuses_with("ACC005");
    // Whoever has no grant at all is told of that.
    world.bex(&["audit", "show"]).exits(8).refuses_with("ACC001");
    is_granted(&world, &one("operator", ""));
    asks().exits(1);
    world.bex(&["statement"]).exits(0).says("code of conduct: who has accepted it is not recorded here");
}

#[test]
fn a_night_runs_the_feeds_that_the_grant_reaches_and_no_other() {
    let world = World::new();
    world.employers_send(1);
    is_granted(&world, &one("operator", "employers = [\"sample-logistics\"]\n"));
    world.bex(&["run", FEED]).exits(8).refuses_with("ACC001");
    world.bex(&["run"]).exits(0);
    let feeds: Vec<_> = world.board().into_iter().map(|run| run["feed"].as_str().unwrap().to_string()).collect();
    assert!(feeds.len() == 3 && feeds.iter().all(|feed| feed.starts_with("sample-logistics")), "{feeds:?}");
}

#[test]
fn the_board_and_the_morning_page_are_cut_to_what_a_grant_reaches() {
    let world = World::after_the_first_night();
    is_granted(&world, &one("operator", "employers = [\"sample-logistics\"]\n"));
    for page in [&["runs"][..], &["report"], &["report", "--csv"], &["metrics"]] {
        world.bex(page).exits(0).says("sample-logistics-alpha-health").never_says("example-manufacturing-");
    }
    world.bex(&["show", "1"]).exits(8).never_says("census");
    world.bex(&["show", "4"]).exits(0);
    is_granted(&world, &one("auditor", "carriers = [\"beta-dental\"]\n"));
    world.bex(&["runs"]).exits(0).says("sample-logistics-beta-dental").never_says("alpha-health");
    let reads = |world: &World| events(world).iter().filter(|leaf| leaf.contains("\"decisions.read\"")).count();
    is_granted(&world, &one("carrier-manager", ""));
    world.bex(&["plan", FEED]).exits(0);
    world.bex(&["explain", "1", "--segment", "9"]).exits(0);
    assert_eq!(reads(&world), 2, "to read what is decided of members is an act");
}

#[test]
fn names_are_shown_to_those_who_may_see_names() {
    let world = World::after_the_first_night();
    let list = ["affected", "--delivery", "1", "--list"];
    is_granted(&world, &one("security-reviewer", ""));
    world.bex(&[&list[..], &WHY].concat()).exits(0).never_says("Examplebra");
    world.bex(&[&list[..], &["--reveal"], &WHY].concat()).exits(8).never_says("Examplebra").says("privacy-officer");
}

#[test]
fn in_an_emergency_leave_is_taken_seen_by_everybody_recorded_and_over_in_time() {
    let world = World::after_the_first_night();
    world.bex(&["breakglass", "--reason", "no need"]).exits(2).refuses_with("ANS005");
    is_granted(&world, &one("auditor", ""));
    let release = |world: &World| -> Said { world.bex(&[&["release", "1"][..], &WHY].concat()) };
    release(&world).exits(8).says("breakglass");
    world.bex(&["breakglass", "--minutes", "30", "--reason", "the operator is ill"]).exits(0).says("emergency 1");
    release(&world).exits(1).refuses_with("RUN016");
    world.bex(&["hold", FEED, "--reason", "asked"]).exits(0);
    world.bex(&["runs"]).exits(0).says("!! emergency 1 of");
    let leaves = events(&world);
    assert!(leaves.iter().any(|leaf| leaf.contains("\"emergency.declared\"")));
    assert!(leaves.iter().any(|leaf| leaf.contains("\"feed.held\"") && leaf.contains("\"granted\":\"emergency 1\"")));
    let later = format!("{}T21:31:00Z", world.date());
    world.bex_without_clock(&["release", "1", "--reason", "asked", "--now", &later]).exits(8);
}

#[test]
fn who_may_do_what_is_shown_to_whoever_asks_without_a_key() {
    let world = World::new();
    world.bex(&["grants"]).exits(0).says("everybody who can run bex here may do everything");
    is_granted(&world, &one("operator", ""));
    std::fs::remove_file(world.site().join("keys/vault.key")).unwrap();
    world.bex(&["grants"]).exits(0).says("operator").says("may: look");
    world.bex(&["grants", "--user", "nobody"]).exits(0).says("nobody may: nothing");
    world.bex(&["grants", "--roles"]).exits(0).says("privacy-officer").says("Letting a run go");
}

// ── what wants two people ──

const RIGHT: Grounds<'_> = Grounds { reason: "compared with the carrier's letter", evidence: None, asked: None };

/// The site as a production site, with somebody else at work.
fn production(world: &World, person: &str, at: &str) -> Engine {
    let site = bex::config::load(&world.site()).unwrap();
    let mut engine = Engine::open_to_read(site, Clock::fixed_at(at.parse().unwrap())).unwrap();
    // Behind the store's back: what is written says that it is a test site's, so that commands go on.
    engine.site.environment = Environment::Production;
    engine.actor = Actor::named(person);
    engine
}

const NEXT_DAY: &str = "2026-03-03T09:00:00Z";

#[test]
fn what_decides_who_is_told_what_waits_for_another_person_and_holds_the_feeds_it_concerns() {
    let world = World::after_the_first_night();
    note_settings(&production(&world, "anna", NEXT_DAY)).unwrap();
    not_held(&production(&world, "anna", NEXT_DAY), FEED).unwrap();
    let narrower = "disclose = [\"subscriber-id\", \"name\", \"birth-date\", \"sex\", \"relationship\", \"coverage\", \"employment-status\"]";
    world.edit("mappings/carriers/alpha-health.toml", "disclose = \"default\"", narrower);
    let engine = production(&world, "anna", NEXT_DAY);
    note_settings(&engine).unwrap();
    let held = not_held(&engine, FEED).unwrap_err();
    assert_eq!(held.code, "ACC003");
    not_held(&engine, "example-manufacturing-beta-dental").unwrap();
    world.bex(&["runs"]).exits(0).says("carrier alpha-health policy was changed by");
    let seen = pending(&engine).unwrap().digest;
    let by = |person: &str, digest: &str| -> Result<(), Fault> {
        let engine = production(&world, person, NEXT_DAY);
        approve(&engine, digest, &RIGHT, &engine.grant(Concern::SITE)?).map(|_| ())
    };
    assert_eq!(by("anna", "000000000000").unwrap_err().code, "ANS006");
    assert_eq!(by(&me(), &seen).unwrap_err().code, "ACC002", "who has changed it does not approve it");
    by("anna", &seen).unwrap();
    not_held(&engine, FEED).unwrap();
    // Approved as it stood: once it changes again, that is another thing.
    world.edit("mappings/carriers/alpha-health.toml", "\"sex\", ", "\"sex\", \"ssn\", ");
    let engine = production(&world, "anna", NEXT_DAY);
    note_settings(&engine).unwrap();
    assert_eq!(not_held(&engine, FEED).unwrap_err().code, "ACC003");
    let leaves = events(&world);
    let policy = |leaf: &&String| leaf.contains("\"setting\":\"carrier alpha-health policy\"");
    assert_eq!(leaves.iter().filter(policy).count(), 3);
    assert_eq!(leaves.iter().filter(|leaf| leaf.contains("\"configuration.adopted\"")).count(), 1);
}

/// A file of the configuration, what is written there, and what instead; at its end where nothing is named.
const CHANGES: [(&str, &str, &str); 10] = [
    ("bex.toml", "", "[notify.office]\nmail = \"office@example.com\"\non = [\"now\"]\n"),
    ("bex.toml", "", "[retention]\ninputs = 6\n"),
    ("bex.toml", "id = \"900000001\"", "id = \"900000009\""),
    ("mappings/carriers/alpha-health.toml", "folder = \"inbox\"", "folder = \"elsewhere\""),
    ("mappings/carriers/alpha-health.toml", "due_hours = 24", "due_hours = 240"),
    ("mappings/carriers/alpha-health.toml", "code = \"AH-HMO-100\"", "code = \"AH-HMO-101\""),
    ("mappings/census/example-manufacturing.toml", "", PULLED),
    ("mappings/plans/example-manufacturing.toml", "", "[lines.drug]\ncobra = { months = 18 }\n"),
    ("schedules/example-manufacturing-alpha-health.toml", "cut_off = \"05:00\"", "cut_off = \"04:00\""),
    ("access.toml", "", "[grants.more]\nrole = \"operator\"\nusers = [\"x\"]\n"),
];

/// Files from somewhere else than before.
const PULLED: &str = "[pull]\nkind = \"sftp\"\nhost = \"elsewhere.example.com\"\nuser = \"bex\"\n\
    login_key = \"file:keys/alpha-health.login\"\nhost_keys = [\"ssh-ed25519 \
    AAAAC3NzaC1lZDI1NTE5AAAAIAabcdefghijklmnopqrstuvwxyz0123456789ABCDEF\"]\nfolder = \"outgoing\"\n";

/// Looks at the configuration as the next command does, and whether it holds the feed.
fn noted(world: &World, person: &str) -> (Engine, Result<(), Fault>) {
    let engine = production(world, person, NEXT_DAY);
    note_settings(&engine).unwrap();
    let held = not_held(&engine, FEED);
    (engine, held)
}

#[test]
fn whatever_is_configured_otherwise_on_a_production_site_waits_for_another_person() {
    let world = World::after_the_first_night();
    let second = "[grants.second]\nrole = \"privacy-officer\"\nusers = [\"anna\"]\n";
    is_granted(&world, &format!("{}{second}", one("operator", "")));
    let approved = |what: &str| {
        let (engine, held) = noted(&world, "anna");
        assert_eq!(held.unwrap_err().code, "ACC003", "{what}");
        let seen = pending(&engine).unwrap();
        approve(&engine, &seen.digest, &RIGHT, &engine.grant(Concern::SITE).unwrap()).unwrap();
        assert_eq!(not_held(&engine, FEED), Ok(()), "{what}");
    };
    approved("access.toml is there");
    for (file, from, to) in CHANGES {
        let path = world.site().join(file);
        let before = std::fs::read_to_string(&path).unwrap();
        let other = if from.is_empty() { format!("{before}\n{to}") } else { before.replacen(from, to, 1) };
        assert_ne!(other, before, "{file}: {from}");
        std::fs::write(&path, other).unwrap();
        approved(&format!("{file}: {to}"));
        // What was taken out again is another thing than what was approved.
        std::fs::write(&path, before).unwrap();
        approved(&format!("{file}: without {to}"));
    }
    world.bex(&["runs"]).exits(0).never_says("waits for an approval");
}

#[test]
fn nothing_is_read_by_a_mapping_that_waits_for_an_approval() {
    let mut world = World::after_the_first_night();
    note_settings(&production(&world, "anna", NEXT_DAY)).unwrap();
    world.edit("mappings/census/example-manufacturing.toml", "pad = true", "pad = false");
    note_settings(&production(&world, "anna", NEXT_DAY)).unwrap();
    world.next_night();
    world.employers_send(2);
    world.bex(&["run"]).exits(4).refuses_with("ACC003");
    let left = |employer: &str| std::fs::read_dir(world.site().join("inbox").join(employer)).unwrap().count();
    assert!(left("example-manufacturing") > 0, "its census stays where it is");
    assert_eq!(left("sample-logistics"), 0);
}

#[test]
fn to_whom_an_intake_seals_waits_for_another_person_and_nothing_is_sealed_to_it_before() {
    let mut world = World::after_the_first_night();
    note_settings(&production(&world, "anna", NEXT_DAY)).unwrap();
    let recipient = read_identity(&world.site().join("keys/archive.age")).recipient();
    world.edit("bex.toml", "[keys]\n", &format!("[keys]\narchive_recipient = \"{recipient}\"\n"));
    let (engine, held) = noted(&world, "anna");
    assert_eq!(held.unwrap_err().code, "ACC003");
    world.next_night();
    world.employers_send(2);
    // Nor what no mapping describes.
    put(&world.site().join("inbox/sample-logistics/notes.txt"), "x");
    nobody_is_writing(&world);
    let waits = seal_arrivals(&engine).unwrap();
    assert_eq!((waits.files.len(), waits.left.iter().map(|fault| fault.code).collect::<Vec<_>>()), (0, vec!["ACC003"]));
    assert!(world.site().join("inbox/sample-logistics/notes.txt").exists());
    world.bex(&["runs"]).exits(0).says("site keys was changed by");
    let seen = pending(&engine).unwrap().digest;
    let by = |engine: &Engine| approve(engine, &seen, &RIGHT, &engine.grant(Concern::SITE).unwrap()).map(|_| ());
    assert_eq!(by(&production(&world, &me(), NEXT_DAY)).unwrap_err().code, "ACC002");
    by(&engine).unwrap();
    let sealed = seal_arrivals(&engine).unwrap();
    assert_eq!(sealed.files.len(), 5, "{sealed:?}");
}

/// The files of all inboxes were written long ago: where people are real, one that has just been written may grow.
fn nobody_is_writing(world: &World) {
    let long_ago = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    for inbox in fs::read_dir(world.site().join("inbox")).unwrap() {
        for file in fs::read_dir(inbox.unwrap().path()).unwrap() {
            let file = fs::File::options().append(true).open(file.unwrap().path()).unwrap();
            file.set_modified(long_ago).unwrap();
        }
    }
}

#[test]
fn an_office_of_one_approves_alone_and_every_record_says_so() {
    let world = World::after_the_first_night();
    let named = |role: &str| one(role, "").replace("grants.test", &format!("grants.{role}"));
    let grants = [named("privacy-officer"), named("operator")].concat();
    is_granted(&world, &format!("[access]\none_person = \"an office of one\"\n{grants}"));
    note_settings(&production(&world, &me(), NEXT_DAY)).unwrap();
    world.edit("mappings/carriers/alpha-health.toml", "user = \"bex\"", "user = \"bex2\"");
    let engine = production(&world, &me(), NEXT_DAY);
    note_settings(&engine).unwrap();
    let seen = pending(&engine).unwrap().digest;
    approve(&engine, &seen, &RIGHT, &engine.grant(Concern::SITE).unwrap()).unwrap();
    assert!(events(&world).last().unwrap().contains("\"alone\":\"one person\""));
}

#[test]
fn every_event_is_in_one_signed_day_and_nobody_signs_for_what_they_did() {
    let mut world = World::after_the_first_night();
    let asked = ["disclosures", "--member", "EXM-1001", "--employer", "example-manufacturing", "--reason", "x"];
    world.bex(&asked).exits(0);
    world.next_night();
    let at = "2026-03-04T09:00:00Z";
    let signs = |person: &str, day: &str, digest: &str| -> Result<(i64, i64), Fault> {
        let engine = production(&world, person, at);
        let signed = ReviewSigned { day: day.parse().unwrap(), digest, signature: None, finding: &RIGHT };
        let day = sign_review(&engine, &signed, &engine.grant(Concern::SITE)?)?;
        Ok((day.first, day.last))
    };
    let days = review_days(&production(&world, "anna", at)).unwrap();
    assert_eq!(days.len(), 2);
    let [first, second] = [&days[0], &days[1]].map(|day| (day.day.to_string(), day.digest()));
    assert_eq!(days[0].first, 1);
    assert_eq!(days[0].last + 1, days[1].first, "no event is between two days");
    assert!(days[1].exceptions.iter().any(|event| event.leaf.contains("disclosures.read")));
    assert_eq!(signs("anna", &second.0, &second.1).unwrap_err().code, "ANS007", "the oldest first");
    assert_eq!(signs("anna", &first.0, "000000000000").unwrap_err().code, "ANS007", "not as it was looked at");
    assert_eq!(signs(&me(), &first.0, &first.1).unwrap_err().code, "ACC002");
    assert_eq!(signs("anna", &first.0, &first.1).unwrap(), (1, days[0].last));
    assert_eq!(signs("anna", &second.0, &second.1).unwrap(), (days[1].first, days[1].last));
    let today = review_days(&production(&world, "anna", at)).unwrap();
    assert_eq!(today.len(), 1, "what was signed is signed once; to sign is an event of its own day");
    assert_eq!(signs("anna", &today[0].day.to_string(), &today[0].digest()).unwrap_err().code, "ANS007", "not over");
}

#[test]
fn what_nobody_signs_for_stands_on_the_board_and_at_last_holds_every_feed() {
    let world = World::after_the_first_night();
    let named = |role: &str| one(role, "").replace("grants.test", &format!("grants.{role}"));
    is_granted(&world, &format!("[review]\nhold_after_days = 4\n{}{}", named("operator"), named("auditor")));
    world.bex(&["review", "list"]).exits(0).says("bex review show 2026-03-02");
    world.bex(&["review", "show"]).exits(0).says("configuration.adopted").says("run.opened");
    world.bex(&["review", "sign", "2026-03-02", "--expect", "x", "--finding", "f"]).exits(8).says("security-reviewer");
    not_held(&production(&world, "anna", "2026-03-06T09:00:00Z"), FEED).unwrap();
    let late = "2026-03-12T21:00:00Z";
    let unsigned = "!! nobody has signed for what was done on 2026-03-02";
    world.bex_without_clock(&["runs", "--now", late]).exits(0).says(unsigned);
    assert_eq!(not_held(&production(&world, "anna", late), FEED).unwrap_err().code, "ACC004");
    world.employers_send(2);
    world.bex_without_clock(&["run", FEED, "--now", late]).exits(4).refuses_with("ACC004");
}

fn let_go(run: i64) -> bex::act::LetGo<'static> {
    bex::act::LetGo { run, reason: "looked at", except: &[] }
}

#[test]
fn who_has_changed_what_a_feed_is_run_by_does_not_release_its_run_nor_lets_go_what_they_hold_themselves() {
    let world = World::evening_of(FEED);
    // A guard is put there by whoever owns the file, and holds the run.
    let file = world.site().join(format!("schedules/{FEED}.toml"));
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text + "\n[guards]\nfew_max = 0\nterminations_max = 2\n").unwrap();
    world.bex(&["run", FEED]).exits(4);
    let run = world.newest_run(FEED)["run"].as_i64().unwrap();
    let released = |person: &str| -> Result<(), Fault> {
        let engine = production(&world, person, NEXT_DAY);
        bex::act::release(&engine, &let_go(run), &engine.grant(Concern::SITE)?).map(|_| ())
    };
    // The setting waits for nobody here: it was noted on a test site.
    assert_eq!(released(&me()).unwrap_err().code, "ACC002");
    let held = |person: &str, held: bool| -> Result<(), Fault> {
        let engine = production(&world, person, NEXT_DAY);
        let feed = engine.site.feeds.values().find(|feed| feed.name.as_str() == FEED).unwrap();
        let asked = bex::act::FeedHold { feed, held };
        bex::act::hold(&engine, &asked, &RIGHT, &engine.grant(Concern::SITE)?)
    };
    held(&me(), true).unwrap();
    assert_eq!(held(&me(), false).unwrap_err().code, "ACC002");
    held("berta", false).unwrap();
    let named = |role: &str| one(role, "").replace("grants.test", &format!("grants.{role}"));
    is_granted(&world, &format!("[access]\none_person = \"an office of one\"\n{}", named("operator")));
    let engine = production(&world, &me(), NEXT_DAY);
    let _ = bex::act::release(&engine, &let_go(run), &engine.grant(Concern::SITE).unwrap());
    let alone = |leaf: &String| leaf.contains("\"run.released\"") && leaf.contains("\"alone\":\"one person\"");
    assert!(events(&world).iter().any(alone), "every record says so");
}

#[test]
fn what_no_feed_tells_is_asked_by_one_person_approved_by_another_and_stands_on_the_account() {
    let world = World::after_the_first_night();
    let ask =
        ["disclose", "ask", "--member", "EXM-1001", "--employer", "example-manufacturing", "--purpose", "subpoena"];
    let more = ["--to", "Example District Court", "--address", "1 Court Square", "--case", "11-CV-7", "--hold"];
    let why = ["--reason", "served on Monday"];
    let asked = |what: &str| world.bex(&[&ask[..], &more, &why, &["--what", what]].concat());
    asked("name,shoe-size").exits(2).refuses_with("DIS005");
    asked("name, birth-date").exits(0).says("11-CV-7");
    let account = ["disclosures", "--member", "EXM-1001", "--employer", "example-manufacturing", "--reason", "asked"];
    world.bex(&account).exits(0).never_says("subpoena");
    let on_the_board = world.bex(&["runs"]).exits(0).says("disclosure 1, asked for by");
    assert!(!on_the_board.text().contains("subpoena"), "for what is for those who may see it");
    let waiting = world.bex(&["disclose", "list", "--json"]).exits(0).json();
    let digest = waiting["tellings"][0]["digest"].as_str().unwrap().to_string();
    let approved = |person: &str, digest: &str| -> Result<(), Fault> {
        let engine = production(&world, person, NEXT_DAY);
        let seen = bex::disclosure::TellingSeen { id: 1, digest };
        bex::disclosure::approve_telling(&engine, &seen, &RIGHT, &engine.grant(Concern::SITE)?).map(|_| ())
    };
    assert_eq!(approved("anna", "000000000000").unwrap_err().code, "DIS006");
    assert_eq!(approved(&me(), &digest).unwrap_err().code, "ACC002", "who asks does not approve");
    approved("anna", &digest).unwrap();
    world.bex(&["runs"]).exits(0).never_says("disclosure 1");
    assert_eq!(approved("berta", &digest).unwrap_err().code, "DIS006", "once");
    let told =
        world.bex(&account).exits(0).says("Example District Court, 1 Court Square").says("subpoena (case 11-CV-7)");
    assert!(told.text().contains("name") && told.text().contains("birth-date"));
    let json = world.bex(&[&account[..], &["--format", "json"]].concat()).exits(0).json();
    assert!(json["disclosures"].as_array().unwrap().iter().any(|one| one["purpose"] == "subpoena"));
    world.bex(&["retention", "list"]).exits(0).says("hold 1 keeps everything");
    let leaves = events(&world);
    assert!(leaves.iter().any(|leaf| leaf.contains("\"telling.approved\"") && leaf.contains("\"asked_by\"")));
    assert!(!leaves.iter().any(|leaf| leaf.contains("Court") || leaf.contains("11-CV-7")), "no case stands in the log");
    world.bex(&["verify"]).exits(0);
}

// ── the site's own statement ──

#[test]
fn the_statement_says_what_is_configured_and_where_it_departs_from_the_promise() {
    let world = World::new();
    let said = world.bex(&["statement"]).exits(0).out;
    for words in
        ["Alpha Health", "| phone | usual |", "no roles are declared", "cannot be told: pcp", "this is a test site"]
    {
        assert!(said.contains(words), "{words}:\n{said}");
    }
    is_granted(&world, &format!("[access]\none_person = \"an office of one\"\n{}", one("operator", "")));
    world.bex(&["statement"]).exits(0).says("| test | operator |").says("by one, because an office of one");
    let narrower = "disclose = [\"subscriber-id\", \"name\", \"birth-date\", \"sex\", \"relationship\", \"coverage\", \"employment-status\"]";
    world.edit("mappings/carriers/alpha-health.toml", "disclose = \"default\"", narrower);
    let departures = world.bex(&["statement", "--json"]).exits(0).json()["departures"].clone();
    assert!(departures.as_array().unwrap().len() >= 7, "{departures:#}");
}

/// Names of tests that a text gives in backticks.
fn named(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|name| name.matches('_').count() >= 4 && !name.contains(['/', '.', ' '])).collect()
}

#[test]
fn every_test_that_the_statement_or_the_page_of_threats_names_is_there() {
    let sources: Vec<_> = source_tree::rust("src").iter().chain(source_tree::rust("tests")).collect();
    let is_there = |name: &str| sources.iter().any(|source| source.text.contains(&format!("fn {name}(")));
    let of_statement = SAFEGUARDS.iter().filter_map(|one| match one.by {
        HeldBy::Test(name) => Some(name),
        HeldBy::Operator(_) => None,
    });
    let threats = source_tree::text("docs/design/threats.md");
    let gone: Vec<&str> = of_statement.chain(named(&threats)).filter(|name| !is_there(name)).collect();
    assert!(gone.is_empty(), "{gone:#?}");
}
