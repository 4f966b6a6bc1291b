//! A mapping tried on a file before it is a site's.

use std::fs;

use crate::harness::demo_site::bex_says;
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

#[test]
fn a_mapping_is_tried_on_a_file_without_a_site_and_shows_nobodys_values() {
    let feed = FirstFeed::new();
    let folder = tempfile::tempdir().unwrap();
    let tried = |name: &str, mapping: &str, text: &str| {
        fs::copy(feed.site().join(mapping), folder.path().join(name)).unwrap();
        fs::write(folder.path().join("file.csv"), text).unwrap();
        bex_says(&["--now", "2026-03-02T22:00:00Z", "mapping", "check", name, "file.csv"], folder.path())
    };
    let census = "mappings/census/example-employer.toml";
    tried("people.toml", census, CENSUS).exits(0).says("5 rows, 3 families, 0 of them incomplete, 0 bad rows");
    tried("choices.toml", "mappings/elections/example-employer.toml", ELECTIONS).exits(0).says("3 families");
    let wrong = CENSUS.replace("04/12/1979", "soon");
    tried("people.toml", census, &wrong).exits(1).says("CEN024").says("line 2").never_says("Probeman");
    tried("people.toml", census, "a,b\n1,2\n").exits(1).says("CEN050").says("refused");
}

#[test]
fn every_fault_of_a_mapping_is_said_and_what_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("people.toml"), "layout = \"rows\"\nextra = 1\n").unwrap();
    let tried = |mapping: &str| bex_says(&["mapping", "check", mapping, "file.csv"], folder.path());
    tried("people.toml").exits(1).says("CFG002").says("CFG003").says("CFG005");
    tried("nowhere.toml").exits(1).says("CLI004");
}
