//! The same business date again: what came of a date stands and is never said twice, unless a person gave the run up
//! or the carrier rejected its file. Then the same command says the same again, once, under new numbers.

use std::fs;

use bex::simulate::Misbehaviour;

use crate::harness::demo_site::{Office, Said, World, accepting_999, first_segment};
use crate::harness::member_lines::told;

const FEED: &str = "sample-logistics-alpha-health";
const CARRIER: &str = "alpha-health";
const CENSUS: &str = "sample-logistics/census.csv";
const FIRST: &str = "sample-logistics-alpha-health_000000001.834.age";
const SECOND: &str = "sample-logistics-alpha-health_000000002.834.age";
const THIRD: &str = "sample-logistics-alpha-health_000000003.834.age";

/// The evening of the second night: its changes stand in the inbox.
fn evening() -> World {
    World::evening_of(FEED)
}

fn run(world: &World) -> Said {
    world.bex(&["run", FEED])
}

fn inbox(world: &World) -> Vec<String> {
    world.carrier(CARRIER).inbox()
}

/// The second night's file as it would have been, from a world in which nothing went wrong.
fn second_file(evening: &World) -> Vec<String> {
    let world = evening.copy();
    run(&world).exits(0).says("delivered");
    told(&world.carrier(CARRIER).the_file(SECOND))
}

#[test]
fn a_date_whose_run_was_given_up_can_be_run_again_and_says_the_same_once_under_new_numbers() {
    let world = evening();
    let expected = second_file(&world);
    world.carrier(CARRIER).misbehave(Misbehaviour::RefuseLogin);
    run(&world).exits(1);
    world.bex(&["void", "2", "--reason", "the wrong account"]).exits(0);
    world.carrier(CARRIER).behave();
    run(&world).exits(0).says("delivered");
    assert_eq!(inbox(&world), [FIRST, THIRD], "the given-up number is not used again");
    assert_eq!(told(&world.carrier(CARRIER).the_file(THIRD)), expected);
    let newest = world.newest_run(FEED);
    assert_eq!((&newest["date"], &newest["seq"]), (&world.date().into(), &2.into()));
    for _ in 0..2 {
        run(&world).exits(6).says("ran already");
    }
    assert_eq!(inbox(&world), [FIRST, THIRD]);
}

#[test]
fn a_date_whose_file_was_rejected_can_be_run_again_and_says_the_same_once_under_new_numbers() {
    let evening = evening();
    let expected = second_file(&evening);
    for office in [Office::RejectsTheGroup, Office::RejectsTheInterchange] {
        let world = evening.copy();
        world.carrier(CARRIER).office(office);
        run(&world).exits(0);
        run(&world).exits(6).says("ran already");
        world.fetch_acks().exits(1).says("1 rejected");
        world.carrier(CARRIER).office(Office::Answers);
        run(&world).exits(0).says("delivered");
        assert_eq!(told(&world.carrier(CARRIER).the_file(THIRD)), expected, "{office:?}");
        assert_eq!(first_segment(&world.carrier(CARRIER).the_file(THIRD), "ISA")[13], "000000003");
        run(&world).exits(6).says("ran already");
        world.fetch_acks().exits(0).says("1 accepted");
        run(&world).exits(6).says("ran already");
        assert_eq!(inbox(&world), [FIRST, SECOND, THIRD]);
    }
}

#[test]
fn a_rejection_that_comes_after_a_later_run_opens_the_later_date_again() {
    let mut world = evening();
    let expected = second_file(&world);
    world.carrier(CARRIER).office(Office::RejectsTheGroup);
    run(&world).exits(0);
    world.next_night();
    run(&world).exits(0).says("nothing to send");
    run(&world).exits(6).says("ran already");
    world.fetch_acks().exits(1).says("1 rejected");
    world.carrier(CARRIER).office(Office::Answers);
    run(&world).exits(0).says("delivered");
    assert_eq!(told(&world.carrier(CARRIER).the_file(THIRD)), expected);
    run(&world).exits(6).says("ran already");
}

#[test]
fn a_full_file_that_was_rejected_is_said_again_for_the_same_date_and_one_that_was_accepted_is_not() {
    let feed = "sample-logistics-beta-dental";
    let mut world = World::new();
    world.employers_send(1);
    let carrier = &world.carriers["beta-dental"];
    carrier.office(Office::RejectsTheGroup);
    world.bex(&["run", feed]).exits(0);
    world.bex(&["run", feed]).exits(6);
    world.fetch_acks().exits(1).says("1 rejected");
    carrier.office(Office::Answers);
    world.bex(&["run", feed]).exits(0).says("delivered");
    world.fetch_acks().exits(0);
    world.bex(&["run", feed]).exits(6).says("ran already");
    let texts = ["000000001", "000000002"].map(|name| told(&carrier.the_file(name)));
    assert_eq!((&texts[0], carrier.inbox().len()), (&texts[1], 2));
    world.next_night();
}

#[test]
fn a_date_whose_file_awaits_its_answer_or_was_accepted_is_not_run_again() {
    let world = evening();
    world.carrier(CARRIER).office(Office::Silent);
    run(&world).exits(0);
    for _ in 0..2 {
        run(&world).exits(6).says("ran already");
    }
    let text = world.carrier(CARRIER).the_file(SECOND);
    world.carrier(CARRIER).answer("late.999", &accepting_999(&text, 50));
    world.fetch_acks().exits(0).says("1 accepted");
    run(&world).exits(6).says("ran already");
    assert_eq!(inbox(&world), [FIRST, SECOND]);
}

#[test]
fn a_file_that_was_set_aside_may_come_again_unchanged_once_its_mapping_is_mended() {
    let world = evening();
    let mapping = "mappings/census/sample-logistics.toml";
    let good = fs::read_to_string(world.site().join(mapping)).unwrap();
    fs::write(world.site().join(mapping), good.replace("\"DOB\"", "\"BORN\"")).unwrap();
    run(&world).exits(1).refuses_with("CEN002").refuses_with("RUN005");
    fs::write(world.site().join(mapping), good).unwrap();
    world.arrives(CENSUS, World::text_of(2, CENSUS));
    run(&world).exits(0).says("delivered");
    assert_eq!(inbox(&world), [FIRST, SECOND]);
}
