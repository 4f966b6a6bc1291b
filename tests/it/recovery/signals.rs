//! SIGINT and SIGTERM: what is under way is finished to its next commit point, bex says how to go on, and going on
//! comes to the end it would have come to, with one delivery.

use std::os::unix::process::ExitStatusExt as _;
use std::time::{Duration, Instant};

use bex::simulate::Misbehaviour;

use crate::harness::demo_site::{Said, World, names, send};
use crate::harness::member_lines::told;

const FEED: &str = "sample-logistics-alpha-health";
const CARRIER: &str = "alpha-health";
const FIRST: &str = "sample-logistics-alpha-health_000000001.834.age";
const SECOND: &str = "sample-logistics-alpha-health_000000002.834.age";

/// The evening of the second night: its changes stand in the inbox.
fn evening() -> World {
    World::evening_of(FEED)
}

/// Runs the feed and interrupts it while the carrier lets its request number `n` of this night wait. None when the
/// run asked for less.
fn interrupted_at(world: &World, signal: &str, n: u64) -> Option<Said> {
    let carrier = world.carrier(CARRIER);
    carrier.misbehave(Misbehaviour::Stall(n));
    let stalls = || carrier.server().is_stalling();
    let go_on = || {
        // The signal is heard before the carrier answers.
        std::thread::sleep(Duration::from_millis(100));
        carrier.behave();
    };
    let (sent, said) = world.bex_interrupted(&["run", FEED], signal, (stalls, go_on));
    sent.then_some(said)
}

/// What must be there in the end, however often it was interrupted.
#[track_caller]
fn delivered_once(world: &World, n: u64) {
    assert_eq!(world.carrier(CARRIER).inbox(), [FIRST, SECOND], "request {n}");
    assert_eq!(told(&world.carrier(CARRIER).the_file(SECOND)).len(), 7, "request {n}");
    assert_eq!(names(&world.site().join("state/spool")), Vec::<String>::new(), "request {n}");
    world.bex(&["run", FEED]).exits(6).says("ran already");
}

#[test]
fn a_run_interrupted_at_any_request_to_the_carrier_stops_at_a_commit_point_and_a_resume_delivers_once() {
    let evening = evening();
    let (mut stopped, mut finished) = (0, 0);
    // Reading the file back makes hundreds of requests that are all alike.
    for n in (0..24).step_by(3).chain((24..600).step_by(48)) {
        let (world, signal) = (evening.copy(), if n % 2 == 0 { "TERM" } else { "INT" });
        let Some(said) = interrupted_at(&world, signal, n) else { break };
        eprintln!("{n} {:?}", said.status);
        assert!(said.err.contains("stopping at the next commit point"), "{said:?}");
        if said.status == Some(130) {
            stopped += 1;
            said.says("interrupted").refuses_with("RUN014").says("bex resume RUN").says("run 2");
            assert_eq!(world.carrier(CARRIER).received().len(), 1, "request {n}: nothing is published");
            assert_eq!(world.newest_run(FEED)["state"], "open", "request {n}");
            world.bex(&["resume", "2"]).exits(0).says("delivered");
        } else {
            // Publishing had begun: it is finished and proved.
            finished += 1;
            said.exits(0).says("delivered");
        }
        delivered_once(&world, n);
    }
    assert!(stopped > 5 && finished > 2, "{stopped} stopped, {finished} finished");
}

#[test]
fn a_second_signal_ends_the_process_at_once_and_nothing_is_lost_by_it() {
    let world = evening();
    let carrier = world.carrier(CARRIER);
    carrier.misbehave(Misbehaviour::Stall(3));
    let mut process = world.bex_begins(&["run", FEED]);
    while !carrier.server().is_stalling() {
        std::thread::sleep(Duration::from_millis(1));
    }
    send(&process, "TERM");
    std::thread::sleep(Duration::from_millis(200));
    assert!(process.try_wait().unwrap().is_none(), "it waits for the carrier's answer");
    let begun = Instant::now();
    send(&process, "TERM");
    let ended = process.wait().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(ended.signal(), Some(15), "the status the signal gives: 143 in a shell");
    carrier.behave();
    world.bex(&["resume", "2"]).exits(0).says("delivered");
    delivered_once(&world, 3);
}

#[test]
fn of_a_night_that_is_interrupted_the_feeds_not_reached_are_said_and_the_next_run_does_them() {
    let mut world = World::new();
    world.employers_send(1);
    let carrier = world.carrier("beta-dental");
    carrier.misbehave(Misbehaviour::Stall(2));
    let stalls = || carrier.server().is_stalling();
    let go_on = || {
        std::thread::sleep(Duration::from_millis(100));
        carrier.behave();
    };
    let (sent, said) = world.bex_interrupted(&["run", "--json"], "TERM", (stalls, go_on));
    assert!(sent);
    let night = said.exits(130).json();
    let outcomes: Vec<_> = night["feeds"].as_array().unwrap().iter().map(|feed| feed["outcome"].as_str()).collect();
    assert_eq!((outcomes.len(), outcomes[0], night["exit"].as_i64()), (6, Some("delivered"), Some(130)));
    assert!(outcomes[1..].iter().all(|outcome| *outcome == Some("interrupted")), "{outcomes:?}");
    world.bex(&["run"]).exits(0);
    assert_eq!(world.board().len(), 6);
    assert!(world.carriers.values().all(|carrier| carrier.inbox().len() == 2));
    world.next_night();
}

#[test]
fn fetching_acknowledgements_stops_between_files_and_goes_on_with_the_next_call() {
    let evening = evening();
    evening.bex(&["run", FEED]).exits(0);
    let mut stopped = 0;
    for n in [1, 4, 8] {
        let world = evening.copy();
        let carrier = world.carrier(CARRIER);
        carrier.misbehave(Misbehaviour::Stall(n));
        let stalls = || carrier.server().is_stalling();
        let go_on = || {
            std::thread::sleep(Duration::from_millis(100));
            carrier.behave();
        };
        let (sent, said) = world.bex_interrupted(&["acks"], "INT", (stalls, go_on));
        if sent {
            stopped += 1;
            said.exits(130).refuses_with("RUN014");
        }
        world.fetch_acks().exits(0);
        assert_eq!(world.newest_run(FEED)["state"], "accepted");
    }
    assert!(stopped > 0);
}

#[test]
fn a_carrier_that_says_nothing_any_more_does_not_keep_a_process_that_is_asked_to_stop() {
    let world = evening();
    let carrier = world.carrier(CARRIER);
    // Longer than anybody waits for a test.
    world.edit("mappings/carriers/alpha-health.toml", "[delivery]", "[delivery]\ntimeout_seconds = 600");
    carrier.misbehave(Misbehaviour::Stall(3));
    let (sent, said) = world.bex_interrupted(&["run", FEED], "TERM", (|| carrier.server().is_stalling(), || {}));
    assert!(sent);
    said.exits(130).refuses_with("RUN014");
    assert_eq!(world.newest_run(FEED)["state"], "open");
    carrier.behave();
    world.bex(&["resume", "2"]).exits(0).says("delivered");
    delivered_once(&world, 3);
}
