//! What is remembered of rows beside the store: it shows nothing of anybody, and whatever becomes of it, the carrier is
//! told the same.

use std::fs;
use std::path::PathBuf;

use crate::harness::first_feed::{CENSUS, FirstFeed};

fn memory(feed: &FirstFeed) -> PathBuf {
    feed.site().join("state/rows/census-example-employer")
}

#[test]
fn what_is_remembered_is_sealed_and_written_again_only_when_rows_have_changed() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let first = fs::read(memory(&feed)).unwrap();
    let text = String::from_utf8_lossy(&first);
    assert!(["Probeman", "899", "EXE-1"].iter().all(|value| !text.contains(value)));
    // Another name, and nothing else that is new: the same rows.
    feed.sends("census.csv", format!("{CENSUS}\n"));
    feed.night(3).exits(0).says("3 families, 0 changed");
    assert_eq!(fs::read(memory(&feed)).unwrap(), first);
    feed.sends("census.csv", CENSUS.replace("Dee", "Deirdre"));
    feed.night(4).exits(0).says("3 families, 1 changed");
    assert_ne!(fs::read(memory(&feed)).unwrap(), first);
}

#[test]
fn an_older_a_damaged_or_another_sources_memory_changes_nothing_of_what_is_told() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let first = fs::read(memory(&feed)).unwrap();
    let elections = fs::read(feed.site().join("state/rows/elections-example-employer")).unwrap();
    let mut damaged = first.clone();
    damaged[40] ^= 1;
    let renamed = CENSUS.replace("Dee", "Deirdre");
    for (number, bytes) in [Some(first.clone()), Some(damaged), Some(elections), None].into_iter().enumerate() {
        let feed = feed.copy();
        feed.sends("census.csv", &renamed);
        feed.night(3).exits(0).says("3 families, 1 changed");
        feed.is_acknowledged(3);
        // The rows are those of the first night again; what is kept of the family is not.
        match &bytes {
            Some(bytes) => fs::write(memory(&feed), bytes).unwrap(),
            None => fs::remove_dir_all(feed.site().join("state/rows")).unwrap(),
        }
        feed.sends("census.csv", CENSUS);
        let says = "3 families, 1 changed";
        feed.bex(4, &["plan", "example-feed"]).exits(0).says(says);
        feed.night(4).exits(0).says(says);
        assert!(memory(&feed).exists(), "{number}");
    }
}

#[test]
fn rows_are_forgotten_with_the_vaults_key_and_a_night_later_remembered_again() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.bex(2, &["keys", "rotate", "--reason", "yearly"]).exits(0);
    assert!(!memory(&feed).exists());
    feed.sends("census.csv", CENSUS.replace("Dee", "Deirdre"));
    feed.night(3).exits(0).says("3 families, 1 changed");
    assert!(memory(&feed).exists());
}
