//! What an employer sends that an 834 cannot say, or that its other file says otherwise; and far too much of it.

use std::fs;

use crate::harness::demo_site::bex_says;
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

/// What the carrier was sent is judged, and returned.
fn judged(feed: &FirstFeed) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("told.834"), feed.told()).unwrap();
    bex_says(&["x12", "validate", "told.834"], folder.path()).exits(0);
    feed.told()
}

#[test]
fn d16_signs_that_part_an_834_are_written_otherwise_in_names_and_streets_and_never_part_it() {
    let census = CENSUS.replace("Probeman", "\"Pro*be~ma:n^\"").replace("31 Example Way", "31* Exam~ple :Way^");
    let feed = FirstFeed::after_first_night(&census);
    let told = judged(&feed);
    assert!(told.contains("*Pro be-ma-n*Ada") && told.contains("N3*31  Exam-ple -Way~"), "{told}");
}

#[test]
fn d17_letters_beyond_the_basic_ones_are_written_by_their_plain_letters() {
    let census = CENSUS.replace("Probeman", "Pröbemañ-Łódź").replace("31 Example Way", "31 Calle Ñandú");
    let feed = FirstFeed::after_first_night(&census);
    let told = judged(&feed);
    assert!(told.is_ascii() && told.contains("N3*31 Calle Nandu~"), "{told}");
    assert!(told.contains("*Proebeman-Lodz*Ada"), "{told}");
}

#[test]
fn d26_of_a_million_files_ten_thousand_are_looked_at_and_a_giant_is_left_where_it_is() {
    let feed = FirstFeed::new();
    feed.edit("mappings/census/example-employer.toml", "[columns]", "[limits]\nfile_mib_max = 1\n\n[columns]");
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", ELECTIONS);
    for index in 0..10_050 {
        feed.sends(&format!(".noise-{index}"), b"");
    }
    feed.night(2).says("INT").never_says("panicked");
    assert!(feed.in_inbox().len() >= 10_050, "what is nobody's file is left");
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.edit("mappings/census/example-employer.toml", "[columns]", "[limits]\nfile_mib_max = 1\n\n[columns]");
    // As large as ten of the largest that may be, and nothing of it is on the disk.
    let giant = feed.site().join("inbox/example-employer/census-2.csv");
    fs::File::create(&giant).unwrap().set_len(10 << 20).unwrap();
    feed.night(3).says("INT");
    assert!(giant.exists(), "left where it is");
}

#[test]
fn d33_whoever_has_left_and_is_elected_for_all_the_same_is_not_told_as_covered() {
    let left = |key: &str, text: &str| {
        let of = |line: &str| {
            if line.starts_with(key) && line.contains(",EE,") { line.replace(",A,", ",T,") } else { line.into() }
        };
        let with_end =
            |line: String| if line.contains(",T,") { line.replacen(",,,G", ",02/28/2026,quit,G", 1) } else { line };
        text.lines().map(|line| with_end(of(line)) + "\n").collect::<String>()
    };
    // Nobody who has left before anything was told of them is told at all.
    let feed = FirstFeed::after_first_night(&left("EXE-2", CENSUS));
    assert!(!feed.told().contains("*Dee"), "{}", feed.told());
    // Whoever is covered, leaves, and stands in the elections as before, is ended by the day of leaving.
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", left("EXE-2", CENSUS));
    feed.night(3).exits(0);
    let told = feed.told();
    assert!(told.contains("*Dee") && told.contains("INS*Y*18*024"), "{told}");
}
