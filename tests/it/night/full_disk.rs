//! A disk that is full, or a share of it that is used up, at a carrier behind a real OpenSSH server: what is said of
//! it, how the delivery stands, and that it goes once there is room.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::demo_site::{World, names};
use crate::harness::sshd::Sshd;

const CARRIER: &str = "alpha-health";
const FEED: &str = "sample-logistics-alpha-health";
const FILE: &str = "sample-logistics-alpha-health_000000001.834.age";

/// An evening on which files have come, the carrier behind a real server.
fn evening(server: &Sshd) -> (World, PathBuf) {
    let mut world = World::new();
    world.employers_send(1);
    world.move_behind_openssh(CARRIER, server, "full");
    let inbox = world.carrier(CARRIER).root.join("inbox");
    (world, inbox)
}

/// A file system of a few pages over a folder, for as long as the test goes on.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None where nothing may be mounted: the other test has a share that is used up.
    fn over(folder: &Path) -> Option<SmallDisk> {
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "bex-test"]).arg(folder).output();
        mount.is_ok_and(|said| said.status.success()).then(|| SmallDisk(folder.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// The run has failed before anything was published, and says so; nothing of the file is left at the carrier.
fn nothing_went(world: &World, inbox: &Path, beside: &[&str]) {
    assert_eq!(world.newest_run(FEED)["stands"], "failed before it was sent");
    assert_eq!(world.newest_run(FEED)["delivery"]["state"], "sealed");
    assert_eq!(names(inbox), beside, "no part of it stands there under any name that could be taken for it");
}

/// There is room again: the same file goes, once.
fn goes_once(world: &World, inbox: &Path) {
    world.bex(&["resume", "1"]).exits(0).says("delivered");
    assert_eq!(names(inbox), [FILE]);
    world.bex(&["run", FEED]).exits(6);
    assert_eq!((names(inbox).len(), world.board().len()), (1, 1));
}

#[test]
fn a_carriers_disk_that_is_full_is_said_and_the_file_goes_once_there_is_room() {
    let server = Sshd::start();
    let (world, inbox) = evening(&server);
    let Some(_disk) = SmallDisk::over(&inbox) else {
        return a_share_that_is_used_up_keeps_the_file_until_there_is_room();
    };
    fs::write(inbox.join("theirs"), vec![0; 64 * 1024]).unwrap();
    world.bex(&["run", FEED]).exits(1).refuses_with("TRA007");
    nothing_went(&world, &inbox, &["theirs"]);
    // As full as before: it is said again, and nothing is left behind by either try.
    world.bex(&["resume", "1"]).exits(1).refuses_with("TRA007");
    nothing_went(&world, &inbox, &["theirs"]);
    world.bex(&["runs"]).exits(0).says("!! run 1").says("failed before it was sent");
    fs::remove_file(inbox.join("theirs")).unwrap();
    goes_once(&world, &inbox);
}

#[test]
fn a_share_that_is_used_up_keeps_the_file_until_there_is_room() {
    let files = tempfile::tempdir().unwrap();
    let (wrapper, limit) = (files.path().join("sftp-server"), files.path().join("limit"));
    let text =
        format!("#!/bin/sh\ntrap '' XFSZ\nulimit -f $(cat {})\nexec /usr/lib/openssh/sftp-server\n", limit.display());
    fs::write(&wrapper, text).unwrap();
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();
    // Blocks of 512 bytes: the server says that there is room, and takes no more than one of them.
    fs::write(&limit, "1").unwrap();
    let server = Sshd::start_with(&format!("Subsystem sftp {}\n", wrapper.display()));
    let (world, _) = evening(&server);
    // What it starts in is where the test runs, and not what it serves.
    let root = world.carrier(CARRIER).root.clone();
    let below = |name: &str| root.join(name).display().to_string();
    let file = format!("mappings/carriers/{CARRIER}.toml");
    world.edit(&file, "folder = \"full/inbox\"", &format!("folder = \"{}\"", below("inbox")));
    world.edit(&file, "outbox = \"full/outbox\"", &format!("outbox = \"{}\"", below("outbox")));
    let inbox = root.join("inbox");
    let said = world.bex(&["run", FEED]).exits(1);
    assert!(said.text().contains("TRA0") && said.text().contains("next: "), "{}", said.text());
    nothing_went(&world, &inbox, &[]);
    world.bex(&["resume", "1"]).exits(1);
    nothing_went(&world, &inbox, &[]);
    fs::write(&limit, "unlimited").unwrap();
    goes_once(&world, &inbox);
}
