//! A mapping tried on a file before it is a site's.

use std::fs;

use crate::harness::demo_site::{bex_says, put};
use crate::harness::first_feed::{CENSUS, CENSUS_MAPPING, ELECTIONS, FirstFeed};

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

#[test]
fn a_table_of_codes_says_what_words_mean_and_files_are_read_again_when_it_changes() {
    let feed = FirstFeed::new();
    let table = feed.site().join("mappings/codes/theirs.toml");
    let says = |word: &str| {
        put(&table, format!("version = \"1\"\nsource = \"their guide\"\n[values]\nDep = \"{word}\"\n"));
    };
    feed.edit(CENSUS_MAPPING, "values = { \"Dep\" = \"child\" }", "codes = \"theirs\"");
    feed.bex(2, &["check"]).exits(1).says("mappings/codes/NAME.toml");
    says("kid");
    feed.bex(2, &["check"]).exits(1).says("mappings/codes/theirs.toml:4:7").says("stepchild");
    says("child");
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", ELECTIONS);
    let mapping = feed.site().join(CENSUS_MAPPING);
    let census = feed.site().join("inbox/example-employer/census.csv");
    let tried = ["mapping", "check", mapping.to_str().unwrap(), census.to_str().unwrap()];
    bex_says(&tried, &feed.site()).exits(0).says("0 bad rows");
    feed.night(2).exits(0).says("4 add");
    feed.is_acknowledged(2);
    says("stepchild");
    feed.night(3).says("census/example-employer: input 3 taken in").says("1 changed");
}
