//! Control numbers are counted by sender and receiver of the interchange, which is what tells one from another: two
//! carriers behind one clearing house never get the same.

use crate::harness::demo_site::{World, first_segment};

const FEEDS: [&str; 2] = ["sample-logistics-alpha-health", "sample-logistics-beta-dental"];
const CARRIERS: [&str; 2] = ["alpha-health", "beta-dental"];

#[test]
fn carriers_that_share_a_receiver_share_the_count_and_each_answer_finds_its_delivery() {
    let world = World::new();
    world.edit("mappings/carriers/beta-dental.toml", "BETADENTAL", "ALPHAHEALTH");
    world.employers_send(1);
    FEEDS.iter().for_each(|feed| drop(world.bex(&["run", feed]).exits(0)));
    let number = |n: usize| {
        let files = world.carrier(CARRIERS[n]).received();
        first_segment(files.values().next().unwrap(), "ISA")[13].clone()
    };
    assert_eq!([number(0), number(1)], ["000000001", "000000002"]);
    world.fetch_acks().exits(0).says("4 files: 2 accepted");
    let board = world.board();
    assert!(board.iter().all(|run| run["state"] == "accepted"), "{board:?}");
}

#[test]
fn an_answer_that_the_clearing_house_puts_into_another_carrier_s_outbox_is_applied_all_the_same() {
    let world = World::new();
    world.edit("mappings/carriers/beta-dental.toml", "BETADENTAL", "ALPHAHEALTH");
    world.employers_send(1);
    world.carrier(CARRIERS[0]).office(crate::harness::demo_site::Office::Silent);
    world.carrier(CARRIERS[1]).office(crate::harness::demo_site::Office::Silent);
    FEEDS.iter().for_each(|feed| drop(world.bex(&["run", feed]).exits(0)));
    let file = world.carrier(CARRIERS[1]).received().into_values().next().unwrap();
    world.carrier(CARRIERS[0]).answer("for-beta.ta1", &crate::harness::demo_site::rejecting_ta1(&file, 7));
    world.fetch_acks().exits(1).says("1 rejected");
    let states: Vec<_> = FEEDS.iter().map(|feed| world.newest_run(feed)["state"].clone()).collect();
    assert_eq!(states, ["delivered", "rejected"]);
}
