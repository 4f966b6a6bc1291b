//! Files that an employer seals or packs before sending them: read once all of it is verified, and never in part.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;

use bex::crypt::age::{Identity, Recipient, encrypt};
use bex::crypt::keyring::KeyReference;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::harness::demo_site::bex_says;
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

fn sealed(to: &Recipient, text: &str) -> Vec<u8> {
    let mut sealing = encrypt(std::slice::from_ref(to), Vec::new()).unwrap();
    sealing.write_all(text.as_bytes()).unwrap();
    sealing.finish().unwrap()
}

fn site_recipient(feed: &FirstFeed) -> Recipient {
    let reference = KeyReference::File(feed.site().join("keys/archive.age"));
    Identity::read(&reference).unwrap().recipient()
}

fn packed(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        archive.start_file(*name, options).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_file_sealed_to_the_site_is_read_as_if_it_had_come_in_clear() {
    let feed = FirstFeed::new();
    let to = site_recipient(&feed);
    feed.sends("census.csv.age", sealed(&to, CENSUS));
    feed.sends("elections.csv.zip", packed(&[("elections of March.csv", ELECTIONS)]));
    feed.bex(2, &["plan", "example-feed"]).exits(0).says("Tells add 4  ");
    feed.night(2).exits(0).says("4 add");
    assert!(feed.told().contains("NM1*IL*1*Probeman*Ada"));
}

#[test]
fn d27_nothing_is_read_of_a_ciphertext_that_is_cut_off_altered_lengthened_or_for_somebody_else() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let (to, other) = (site_recipient(&feed), Identity::generate().recipient());
    // Longer than one chunk, so that a cut leaves chunks that open.
    let long = CENSUS.to_string()
        + &"EXE-3,00,EE,Samplesen,Eli,899-31-3001,11/21/1985,M,,,,,,A,08/15/2018,,,G5\n".repeat(3000);
    let whole = sealed(&to, &long);
    let mut altered = whole.clone();
    *altered.last_mut().unwrap() ^= 1;
    let longer = [&whole[..], b"more"].concat();
    let cut = whole[..whole.len() - 70_000].to_vec();
    let armored = b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n".to_vec();
    for (day, bytes) in (3..).zip([cut, altered, longer, sealed(&other, CENSUS), armored]) {
        feed.sends("census.csv.age", bytes);
        feed.night(day).exits(1).says("INT026").says("RUN005").never_says("REC0");
        assert_eq!(feed.sent(), 1, "day {day}");
    }
    feed.sends("census.csv.age", sealed(&to, &CENSUS.replace("31 Example Way", "35 Example Way")));
    feed.night(9).says("1 change").never_says("INT026");
}

#[test]
fn what_a_mac_packs_beside_the_one_file_is_no_second_one() {
    let feed = FirstFeed::arrived();
    let beside = [("census.csv", CENSUS), ("__MACOSX/._census.csv", "notes"), (".DS_Store", "places")];
    feed.sends("census.csv.zip", packed(&beside));
    fs::remove_file(feed.site().join("inbox/example-employer/census.csv")).unwrap();
    feed.night(2).exits(0).says("4 add");
}

#[test]
fn d21_a_zip_of_several_files_of_none_or_of_a_zip_is_refused() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let nested = String::from_utf8_lossy(&packed(&[("a.csv", "1")])).into_owned();
    let bad = [
        packed(&[("a.csv", CENSUS), ("b.csv", CENSUS)]),
        packed(&[]),
        packed(&[("inner.zip", &nested)]),
        packed(&[("census.csv", CENSUS)])[..60].to_vec(),
    ];
    for (day, bytes) in (3..).zip(bad) {
        feed.sends("census.csv.zip", bytes);
        feed.night(day).exits(1).says("INT026").never_says("REC0");
    }
    // What an entry is called is nobody's path.
    feed.sends("census.csv.zip", packed(&[("../../x.csv", &CENSUS.replace("31 Example Way", "35 Example Way"))]));
    feed.night(8).says("1 change");
}

#[test]
fn d20_a_zip_that_inflates_beyond_all_bounds_is_refused() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let bomb = packed(&[("census.csv", &",".repeat(300 << 20))]);
    assert!(bomb.len() < 1 << 20);
    feed.sends("census.csv.zip", bomb);
    feed.night(3).exits(1).says("INT026");
}

#[test]
fn a_new_site_says_whom_employers_seal_their_files_to() {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site");
    let made = bex_says(&["--json", "init", site.to_str().unwrap()], Path::new(".")).exits(0).json();
    let reference = KeyReference::File(site.join("keys/archive.age"));
    assert_eq!(made["recipient"], Identity::read(&reference).unwrap().recipient().to_string());
}
