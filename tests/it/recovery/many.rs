//! Acts on many runs: the exact set is shown and counted, the count is confirmed, each run has its event, and a set
//! that has changed since it was shown is not acted on.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use bex::simulate::Misbehaviour;

use crate::harness::demo_site::World;

const SINCE: &str = "2026-03-02";

/// A first night on which alpha-health let nobody in: two runs of its feeds failed.
fn failed() -> World {
    let world = World::new();
    world.employers_send(1);
    world.carrier("alpha-health").misbehave(Misbehaviour::RefuseLogin);
    world.bex(&["run"]).exits(3);
    world.carrier("alpha-health").behave();
    world
}

fn events(world: &World, action: &str) -> usize {
    let log = world.bex(&["audit", "show", "--limit", "1000"]).exits(0).out;
    log.lines().filter(|line| line.contains(action)).count()
}

#[test]
fn an_act_on_many_runs_shows_the_set_wants_its_count_and_is_done_to_each_with_an_event() {
    let world = failed();
    let resume =
        |more: &[&str]| world.bex(&[&["resume", "--carrier", "alpha-health", "--since", SINCE], more].concat());
    let shown = resume(&["--plan"]).exits(0);
    for line in
        ["PLAN resume of 2 runs: ", "run 1  example-manufacturing-alpha-health", "run 4  sample-logistics-alpha-health"]
    {
        assert!(shown.out.contains(line), "{line}: {}", shown.out);
    }
    assert!(!shown.out.contains("beta-dental"));
    for wrong in [&[][..], &["--confirm", "1"], &["--confirm", "3"]] {
        resume(wrong).exits(2).refuses_with("RUN033").says("runs 2");
    }
    assert_eq!(world.carrier("alpha-health").inbox().len(), 0, "nothing was sent without a count that is right");
    resume(&["--confirm", "2"]).exits(0).says("run 1").says("run 4").says("2 of 2 done");
    assert_eq!(world.carrier("alpha-health").inbox().len(), 2);
    // Nothing is left that takes it, and that is no failure.
    resume(&["--confirm", "2"]).exits(0).says("PLAN resume of 0 runs").says("nothing to do");
    let json = resume(&["--plan", "--json"]).exits(0).json();
    assert_eq!((&json["plan"]["count"], &json["plan"]["act"]), (&0.into(), &"resume".into()));
}

#[test]
fn of_many_runs_each_is_resent_settled_or_given_up_with_its_own_event() {
    let world = failed();
    let all = ["--since", SINCE, "--until", SINCE, "--employer", "sample-logistics", "--reason", "asked by telephone"];
    let void = [&["void", "--carrier", "alpha-health", "--confirm", "1"], &all[..]].concat();
    world.bex(&void).exits(0).says("voided").says("1 of 1 done");
    assert_eq!(world.newest_run("sample-logistics-alpha-health")["state"], "void");
    assert_eq!(world.newest_run("example-manufacturing-alpha-health")["state"], "failed", "not of the set");
    let resend = [&["resend", "--confirm", "2"], &all[..]].concat();
    world.bex(&resend).exits(0).says("PLAN resend of 2 runs").says("duplicate possible").says("2 of 2 done");
    assert_eq!(events(&world, "delivery.resent"), 2);
    let settle = [&["settle", "--accepted", "--evidence", "ticket 1", "--confirm", "2"], &all[..]].concat();
    world.bex(&settle).exits(0).says("2 of 2 done");
    assert_eq!(events(&world, "delivery.settled"), 2);
    assert_eq!(world.newest_run("sample-logistics-beta-dental")["state"], "accepted");
    // One run or a set, never both, and a set needs its first day.
    world.bex(&["resend", "1", "--since", SINCE, "--reason", "r"]).exits(2);
    world.bex(&["resend", "--feed", "sample-logistics-beta-dental", "--reason", "r"]).exits(2);
    world.bex(&["resend", "--reason", "r"]).exits(2);
}

#[test]
fn what_keeps_some_of_many_does_not_keep_the_others_and_the_exit_status_says_so() {
    let world = failed();
    world.bex(&["hold", "sample-logistics-alpha-health", "--reason", "r"]).exits(0);
    let shown = world.bex(&["resume", "--since", SINCE, "--plan"]).exits(0);
    assert!(
        shown.out.contains("PLAN resume of 1 run: ") && shown.out.contains("left out: run 4, RUN025"),
        "{}",
        shown.out
    );
    world.bex(&["unhold", "sample-logistics-alpha-health", "--reason", "r"]).exits(0);
    world.carrier("alpha-health").misbehave(Misbehaviour::DropBeforeRename);
    let said = world.bex(&["resume", "--since", SINCE, "--confirm", "2"]);
    assert!(
        said.out.contains("run 1") && said.out.contains("run 4"),
        "a run that fails keeps no other: {}",
        said.text()
    );
}

#[test]
fn one_word_of_a_carrier_on_many_runs_is_attested_for_each_and_no_other() {
    let world = World::new();
    world.employers_send(1);
    for _ in 0..2 {
        world.carrier("alpha-health").misbehave(Misbehaviour::VanishAfterRename);
        world.carrier("alpha-health").misbehave(Misbehaviour::DropAfterRename);
    }
    world.bex(&["run", "example-manufacturing-alpha-health", "sample-logistics-alpha-health"]).exits(5);
    let at_carrier = || world.carrier("alpha-health").inbox().len();
    let sent = at_carrier();
    let attest = |how: &str, more: &[&str]| {
        let said = ["attest", how, "--since", SINCE, "--evidence", "their list of names", "--reason", "telephone"];
        world.bex(&[&said[..], more].concat())
    };
    let shown = attest("--not-delivered", &["--plan"]).exits(0).out;
    assert!(shown.contains("PLAN attest") && shown.contains("of 2 runs") && shown.contains("run 2"), "{shown}");
    for wrong in [&[][..], &["--confirm", "1"], &["--confirm", "3"]] {
        attest("--delivered", wrong).exits(2).refuses_with("RUN033");
    }
    assert_eq!(events(&world, "delivery.attested"), 0, "a count that is wrong does nothing");
    attest("--delivered", &["--confirm", "2"]).exits(0).says("run 1").says("run 2").says("2 of 2 done");
    assert_eq!(events(&world, "delivery.attested"), 2);
    for feed in ["example-manufacturing-alpha-health", "sample-logistics-alpha-health"] {
        assert_eq!(world.newest_run(feed)["state"], "delivered");
    }
    assert_eq!(at_carrier(), sent, "a word sends nothing");
    attest("--delivered", &["--confirm", "2"]).exits(0).says("of 0 runs").says("nothing to do");
}

#[test]
fn many_runs_that_guards_hold_are_released_together_by_their_count_and_each_is_delivered_once() {
    let world = World::after_the_first_night();
    world.employers_send(2);
    let feeds = ["example-manufacturing-alpha-health", "example-manufacturing-beta-dental"];
    for feed in feeds {
        let path = format!("schedules/{feed}.toml");
        let text = std::fs::read_to_string(world.site().join(&path)).unwrap();
        std::fs::write(world.site().join(&path), text + "\n[guards]\nfew_max = 0\nterminations_max = 2\n").unwrap();
    }
    world.bex(&["run"]).exits(4).refuses_with("GRD001");
    let before = feeds.map(|feed| world.newest_run(feed)["state"].clone());
    assert_eq!(before, ["held", "held"].map(serde_json::Value::from));
    let release = |more: &[&str]| {
        let asked = ["release", "--since", "2026-03-03", "--reason", "the plant closes: asked by telephone"];
        world.bex(&[&asked[..], more].concat())
    };
    release(&["--plan"]).exits(0).says("of 2 runs").says(feeds[0]).says(feeds[1]);
    release(&["--confirm", "1"]).exits(2).refuses_with("RUN033");
    assert_eq!(events(&world, "run.released"), 0);
    let sent = |world: &World| ["alpha-health", "beta-dental"].map(|name| world.carrier(name).inbox().len());
    let earlier = sent(&world);
    release(&["--confirm", "2"]).exits(0).says("2 of 2 done");
    assert_eq!(events(&world, "run.released"), 2);
    assert_eq!(sent(&world), earlier.map(|count| count + 1), "one file each");
    release(&["--confirm", "2"]).exits(0).says("of 0 runs").says("nothing to do");
}

/// Types the answer once the question stands there; `meanwhile` happens before.
fn answered_at_a_terminal(
    world: &World,
    arguments: &[&str],
    meanwhile: impl FnOnce(),
    answer: &str,
) -> (Option<i32>, String) {
    let (site, now) = (world.site(), world.now());
    let whole = [&[env!("CARGO_BIN_EXE_bex"), "--site", site.to_str().unwrap(), "--now", &now], arguments].concat();
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &whole.join(" "), "/dev/null"]).env("NO_COLOR", "1");
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("install bsdutils");
    let (mut out, mut said) = (child.stdout.take().unwrap(), String::new());
    let mut byte = [0];
    while !said.contains("how many runs") && out.read(&mut byte).unwrap() > 0 {
        said.push(char::from(byte[0]));
    }
    meanwhile();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(format!("{answer}\n").as_bytes()).unwrap();
    out.read_to_string(&mut said).unwrap();
    (child.wait().unwrap().code(), said)
}

#[test]
fn a_set_of_which_a_run_has_changed_since_it_was_shown_is_stopped_there() {
    let world = failed();
    let meanwhile = || drop(world.bex(&["void", "1", "--reason", "by somebody else"]).exits(0));
    let (status, said) = answered_at_a_terminal(&world, &["resume", "--since", SINCE], meanwhile, "2");
    assert!(
        said.contains("PLAN resume of 2 runs") && said.contains("RUN034") && said.contains("0 of 2 done"),
        "{said}"
    );
    assert_eq!(status, Some(1), "{said}");
    assert_eq!(world.newest_run("sample-logistics-alpha-health")["state"], "failed", "those behind it are left alone");
    assert_eq!(world.carrier("alpha-health").inbox().len(), 0);
    let (status, said) = answered_at_a_terminal(&world, &["resume", "--since", SINCE], || {}, "1");
    assert_eq!(status, Some(0), "{said}");
    assert_eq!(world.carrier("alpha-health").inbox().len(), 1);
}
