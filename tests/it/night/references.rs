//! What a carrier asks to know people by, and under which number it has them, over whole nights: told first, kept up to
//! date, and in full files.

use crate::harness::demo_site::segments;
use crate::harness::first_feed::{CENSUS, CENSUS_MAPPING, ELECTIONS, FirstFeed};

const FEED: &str = "example-feed";
const CARRIER: &str = "mappings/carriers/example-carrier.toml";

/// A site whose carrier asks for the department at the employee and at each coverage, and for one word of everybody.
fn asking() -> FirstFeed {
    let feed = FirstFeed::arrived();
    let end = "end_reason = \"Term Reason\"";
    feed.edit(CENSUS_MAPPING, end, &format!("{end}\ndepartment = \"Pay Grade\""));
    let one = |qualifier: &str, at: &str, whom: &str, what: &str| {
        format!("[[file.refs]]\nqualifier = \"{qualifier}\"\nloop = \"{at}\"\nwhom = \"{whom}\"\n{what}\n\n")
    };
    let refs = one("DX", "2000", "subscriber", "source = \"department\"")
        + &one("CE", "2300", "all", "source = \"department\"")
        + &one("F6", "2000", "all", "constant = \"F-1\"");
    let reasons = "[policy.reasons]\ndepartment = \"the carrier bills by it, companion guide, page 9\"\n\n";
    feed.edit(CARRIER, "disclose = \"default\"", "disclose = [\"default\", \"department\"]");
    feed.edit(CARRIER, "[policy]", &format!("{refs}[policy]"));
    feed.edit(CARRIER, "[delivery]", &format!("{reasons}[delivery]"));
    feed
}

/// The loops of each member of a family in the newest file: INS03 with its reason, HD01, and references with their
/// loop's.
fn said(feed: &FirstFeed, family: &str) -> Vec<String> {
    let mut members: Vec<(String, String)> = Vec::new();
    for segment in segments(&feed.told()) {
        let at = |n: usize| segment.get(n).map_or("", String::as_str);
        match (segment[0].as_str(), members.last_mut()) {
            ("INS", _) => members.push((String::new(), format!("{} {}", at(3), at(4)))),
            ("REF", Some((number, _))) if at(1) == "0F" => *number = at(2).to_string(),
            ("REF", Some((_, said))) => *said += &format!(" {} {}", at(1), at(2)),
            ("HD", Some((_, said))) => *said += &format!(": {}", at(1)),
            _ => {}
        }
    }
    members.into_iter().filter(|(number, _)| number == family).map(|(_, said)| said).collect()
}

#[test]
fn references_are_told_with_whoever_begins_and_anew_when_they_change_and_a_blank_cell_takes_none_back() {
    let feed = asking();
    feed.night(2).exits(0).says("delivered");
    let first = ["021 29 DX G7 F6 F-1: 021 CE G7", "021 29 F6 F-1: 021 CE G7", "021 29 F6 F-1: 021 CE G7"];
    assert_eq!(said(&feed, "EXE-1"), first);
    feed.is_acknowledged(2);
    feed.night(3).exits(0).says("nothing to send");
    feed.sends("census.csv", CENSUS.replace(",,,G4", ",,,G8"));
    feed.night(4).exits(0).says("delivered");
    assert_eq!((said(&feed, "EXE-2"), said(&feed, "EXE-1").len()), (vec!["001 33 DX G8 F6 F-1: 001 CE G8".into()], 0));
    feed.is_acknowledged(4);
    feed.sends("census.csv", CENSUS.replace(",,,G4", ",,,"));
    feed.night(5).says("REC016");
    assert_eq!(feed.sent(), 2);
}

#[test]
fn a_reference_is_explained_by_the_cell_it_repeats_or_by_the_setting_that_says_it_of_everybody() {
    let feed = asking();
    feed.night(2).exits(0);
    let told = segments(&feed.told());
    let begins = told.iter().position(|segment| segment[0] == "ST").unwrap();
    let explained = |qualifier: &str| {
        let is = |segment: &Vec<String>| segment[0] == "REF" && segment[1] == qualifier;
        let at = (told.iter().position(is).unwrap() - begins + 1).to_string();
        feed.bex(2, &["explain", "1", "--segment", &at, "--element", "2"]).exits(0)
    };
    explained("DX").says("Pay Grade").never_says("our setting");
    explained("CE").says("Pay Grade").never_says("our setting");
    explained("F6").says("our setting: constant in refs in the carrier's file");
}

#[test]
fn a_full_file_states_references_as_they_are_and_says_by_no_code_that_they_changed() {
    let feed = asking();
    feed.edit(CARRIER, "style = \"change\"", "style = \"full\"");
    feed.night(2).exits(0).says("delivered");
    assert_eq!(said(&feed, "EXE-2"), ["030 XN DX G4 F6 F-1: 030 CE G4"]);
    feed.is_acknowledged(2);
    feed.sends("census.csv", CENSUS.replace(",,,G4", ",,,G8"));
    feed.night(3).exits(0).says("delivered");
    assert_eq!(said(&feed, "EXE-2"), ["030 XN DX G8 F6 F-1: 030 CE G8"]);
}

/// The employer gives the second employee another number.
fn renumbered(feed: &FirstFeed) {
    feed.sends("census.csv", CENSUS.replace("EXE-2", "EXE-9"));
    feed.sends("elections.csv", ELECTIONS.replace("EXE-2", "EXE-9"));
}

/// After a first night with a carrier that takes another number so.
fn with_rekey(rekey: &str, style: &str) -> FirstFeed {
    let feed = FirstFeed::arrived();
    feed.edit(CARRIER, "style = \"change\"", &format!("rekey = \"{rekey}\"\nstyle = \"{style}\""));
    feed.night(2).exits(0).says("delivered");
    feed.is_acknowledged(2);
    feed
}

#[test]
fn another_number_is_told_once_beside_the_one_before_and_is_the_familys_from_then_on() {
    for (style, told, after) in
        [("change", "001 25 Q4 EXE-2", None), ("full", "030 XN Q4 EXE-2: 030", Some("030 XN: 030"))]
    {
        let feed = with_rekey("new", style);
        renumbered(&feed);
        feed.night(3).exits(0).says("delivered");
        assert_eq!((said(&feed, "EXE-9"), said(&feed, "EXE-2").len()), (vec![told.to_string()], 0), "{style}");
        feed.is_acknowledged(3);
        let sent = feed.sent();
        feed.night(4).exits(0);
        let again = (feed.sent() > sent).then(|| said(&feed, "EXE-9"));
        assert_eq!(again, after.map(|after| vec![after.to_string()]), "{style}");
    }
}

#[test]
fn another_number_that_is_told_by_hand_stands_on_the_worklist_until_the_file_may_tell_it() {
    let feed = with_rekey("manual", "change");
    renumbered(&feed);
    feed.night(3).says("REC026");
    assert_eq!(feed.sent(), 1, "the family keeps the number before");
    let work = feed.bex(3, &["worklist", FEED, "--json"]).exits(1).json();
    let number = work["items"][0]["questions"][0]["number"].to_string();
    feed.bex(3, &["answer", &number, "tell", "--reason", "the carrier takes this one"]).exits(0);
    feed.night(4).exits(0).says("delivered").never_says("REC026");
    assert_eq!(said(&feed, "EXE-9"), ["001 25 Q4 EXE-2"]);
    feed.bex(4, &["worklist", FEED]).exits(0);
    feed.is_acknowledged(4);
    feed.night(5).exits(0).says("nothing to send");
}
