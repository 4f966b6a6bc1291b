//! The store's file: damaged by a disk, or without the part that was written last.

use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use crate::harness::database::is_postgres;
use crate::harness::demo_site::World;

const FEED: &str = "sample-logistics-alpha-health";
const CARRIER: &str = "alpha-health";

fn store(world: &World) -> std::path::PathBuf {
    world.site().join("state/bex.db")
}

/// Writes over some pages, from a part of the file on.
fn damage(file: &Path, from: u64) {
    let (length, opened) = (fs::metadata(file).unwrap().len(), fs::File::options().write(true).open(file).unwrap());
    let page = 4096;
    for at in (length * from / 8 / page..length / page).map(|nth| nth * page).filter(|at| *at > 0) {
        opened.write_all_at(&[0xA5; 4096], at).unwrap();
    }
}

#[test]
fn damaged_pages_of_the_store_stop_every_command_that_would_send_and_a_file_that_is_none_is_said_to_be() {
    if is_postgres() {
        return;
    }
    let world = World::after_the_first_night();
    world.employers_send(2);
    let (whole, before) = (fs::read(store(&world)).unwrap(), world.carrier(CARRIER).inbox());
    for from in [0, 3, 5] {
        damage(&store(&world), from);
        let said = world.bex(&["run"]);
        assert_eq!(said.status, Some(7), "from part {from}: {said:?}");
        assert!(said.text().contains("next: "), "{said:?}");
        assert_eq!(world.carrier(CARRIER).inbox(), before);
        fs::write(store(&world), &whole).unwrap();
        fs::remove_file(world.site().join("state/doubted")).ok();
        fs::remove_file(world.site().join("state/bex.db-wal")).ok();
    }
    fs::write(store(&world), "no database, and longer than the head of one".repeat(100)).unwrap();
    for command in [&["run"][..], &["runs"], &["verify"], &["recover", "--reason", "r"]] {
        world.bex(command).exits(7).refuses_with("STO019");
    }
    fs::write(store(&world), &whole).unwrap();
    world.bex(&["run"]).exits(0);
}

#[test]
fn what_was_written_last_and_is_lost_with_the_process_is_noticed_or_done_once_all_the_same() {
    if is_postgres() {
        return;
    }
    let world = World::new();
    world.employers_send(1);
    let mut step = 1;
    loop {
        let tried = world.copy();
        if !tried.bex(&["run", FEED, "--abort-at", &step.to_string()]).aborted() {
            break;
        }
        // Whatever was committed since the process began is gone: it lies in a file beside the store.
        fs::remove_file(tried.site().join("state/bex.db-wal")).ok();
        fs::remove_file(tried.site().join("state/bex.db-shm")).ok();
        let said = tried.bex(&["run", FEED]);
        let sent = || tried.carrier(CARRIER).received().len();
        match said.status {
            Some(0) => assert_eq!(sent(), 1, "step {step}"),
            Some(7) => assert!(said.text().contains("STO006") || said.text().contains("STO003"), "{said:?}"),
            _ => assert!(sent() <= 1 && said.text().contains("next: "), "step {step}: {said:?}"),
        }
        assert!(sent() <= 1, "step {step}: it was sent twice");
        step += 3;
    }
    assert!(step > 10, "{step} steps");
}

#[test]
fn a_store_of_a_newer_version_is_left_alone_and_says_so() {
    if is_postgres() {
        return;
    }
    let world = World::after_the_first_night();
    world.database.execute(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'of a newer version', 1, x'00', 0)",
    );
    for command in [&["run"][..], &["runs"], &["acks"], &["verify"]] {
        world.bex(command).exits(7).refuses_with("STO003");
    }
}
