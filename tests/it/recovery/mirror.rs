//! The mirror of keys that a site keeps itself: what is sealed opens by it alone, whatever is lost and whenever; what
//! is destroyed is destroyed in it as well.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::demo_site::{World, copy_folder, names};

const KEYS: &str = "state/file-keys";
const OPENS: [&str; 4] = ["affected", "--delivery", "1", "--list"];

/// What lies in a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    names(folder).into_iter().map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}

/// Names a mirror beside the site.
fn mirror_named(world: &World) -> PathBuf {
    let mirror = world.site().parent().unwrap().join("mirror");
    fs::create_dir(&mirror).unwrap();
    world.edit("bex.toml", "[keys]\n", &format!("[keys]\nmirror = \"{}\"\n", mirror.display()));
    mirror
}

#[test]
fn what_is_sealed_opens_by_the_mirror_alone_and_what_was_lost_is_said_before_anything_is_done() {
    let mut world = World::new();
    let mirror = mirror_named(&world);
    world.employers_send(1);
    world.bex(&["run"]).exits(0);
    world.fetch_acks().exits(0);
    world.next_night();
    assert_eq!(files(&mirror), files(&world.site().join(KEYS)));
    assert!(names(&mirror).len() > 5, "{:?}", names(&mirror));
    world.bex(&["doctor"]).exits(0).says("as here").says("DOC009");
    // Everything is lost here; nothing is begun in its place, and nobody is told that all is well.
    fs::remove_dir_all(world.site().join(KEYS)).unwrap();
    world.employers_send(2);
    for command in [&["run"][..], &["acks"], &["notify"], &["retention", "destroy", "--expect", "0", "--reason", "r"]] {
        world.bex(command).exits(7).refuses_with("KEY013");
    }
    world.bex(&["doctor"]).exits(1).says("KEY013");
    assert!(!world.site().join(KEYS).exists());
    copy_folder(&mirror, &world.site().join(KEYS));
    world.bex(&["doctor"]).exits(0).says("as here");
    world.bex(&["run"]).exits(0);
    world.bex(&["verify"]).exits(0);
    world.bex(&[&OPENS[..], &["--reason", "r"]].concat()).exits(0);
    let backup = world.site().parent().unwrap().join("backup");
    world.bex(&["backup", "--to", backup.to_str().unwrap()]).exits(0).says("restored on trial");
    // One that is older than what lies here is brought up to it; one that says otherwise is found.
    let families = mirror.join("families");
    let (whole, some) = (fs::read(&families).unwrap(), fs::read(&families).unwrap()[..200].to_vec());
    fs::write(&families, some).unwrap();
    fs::remove_file(mirror.join(names(&mirror).iter().find(|name| name.ends_with(".key")).unwrap())).unwrap();
    world.bex(&["notify"]).exits(0);
    assert_eq!(files(&mirror), files(&world.site().join(KEYS)));
    fs::write(&families, [&whole[..100], b"x", &whole[101..]].concat()).unwrap();
    world.bex(&["doctor"]).exits(1).says("KEY013");
}

#[test]
fn wherever_a_night_dies_the_mirror_opens_all_that_it_has_recorded() {
    let world = World::new();
    let mirror = mirror_named(&world);
    world.employers_send(1);
    let feed = "sample-logistics-alpha-health";
    let mut step = 1;
    while world.bex(&["run", feed, "--abort-at", &step.to_string()]).aborted() {
        // The disk with the site's own copy is lost with the process.
        fs::remove_dir_all(world.site().join(KEYS)).ok();
        copy_folder(&mirror, &world.site().join(KEYS));
        world.bex(&["verify"]).exits(0);
        step += 2;
    }
    assert!(step > 10, "{step} steps");
    fs::remove_dir_all(world.site().join(KEYS)).unwrap();
    copy_folder(&mirror, &world.site().join(KEYS));
    world.bex(&[&OPENS[..], &["--reason", "r"]].concat()).exits(0);
    let backup = world.site().parent().unwrap().join("backup");
    world.bex(&["backup", "--to", backup.to_str().unwrap()]).exits(0).never_says("open no more");
}

#[test]
fn without_its_mirror_a_site_seals_nothing_and_one_that_is_named_later_is_filled() {
    let world = World::after_the_first_night();
    let mirror = mirror_named(&world);
    world.employers_send(2);
    fs::remove_dir(&mirror).unwrap();
    let before = files(&world.site().join(KEYS));
    world.bex(&["run"]).exits(2).refuses_with("KEY014");
    world.bex(&["doctor"]).exits(1).says("KEY014");
    world.bex(&["runs"]).exits(0);
    assert_eq!(files(&world.site().join(KEYS)), before, "no key was made");
    fs::create_dir(&mirror).unwrap();
    world.bex(&["run"]).exits(0);
    assert!(files(&world.site().join(KEYS)).len() > before.len());
    assert_eq!(files(&mirror), files(&world.site().join(KEYS)));
}
