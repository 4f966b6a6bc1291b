//! From a rejection to the row: what a carrier objects to leads to the member, the source, the line and the column it
//! comes from, and never to a value.

use bex::trace::element_source;
use serde_json::Value;

use crate::harness::demo_site::{Said, accepting_999, put, segments};
use crate::harness::first_feed::{CENSUS, ELECTIONS, ELECTIONS_MAPPING, FirstFeed};

/// A feed whose first file stands at the carrier, unanswered.
fn delivered() -> FirstFeed {
    let feed = FirstFeed::new();
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", ELECTIONS);
    feed.night(2).exits(0).says("delivered");
    feed
}

/// The segments of the set in the newest file, ST first.
fn set(feed: &FirstFeed) -> Vec<Vec<String>> {
    let all = segments(&feed.told());
    let begins = all.iter().position(|segment| segment[0] == "ST").unwrap();
    all[begins..].to_vec()
}

/// The carrier answers with these segments between AK2 and IK5, and this verdict.
fn objects(feed: &FirstFeed, objections: &str, verdict: &str) -> Said {
    let accepted = accepting_999(&feed.told(), 1);
    let count = 6 + objections.matches('~').count();
    let answer = accepted.replace("IK5*A~", &format!("{objections}IK5*{verdict}*5~"));
    let group = if verdict == "R" { "AK9*R*1*1*0" } else { "AK9*E*1*1*1" };
    let answer = answer.replace("AK9*A*1*1*1", group).replace("SE*6*", &format!("SE*{count}*"));
    put(&feed.site().join("carrier/outbox/objection.999"), answer);
    feed.bex(3, &["acks"])
}

/// The same as a 997, which knows no guides.
fn objects_by_997(feed: &FirstFeed, objections: &str) -> Said {
    let accepted = accepting_999(&feed.told(), 1);
    let count = 6 + objections.matches('~').count();
    let answer = accepted.replace("IK5*A~", &format!("{objections}AK5*R*5~")).replace("AK9*A*1*1*1", "AK9*R*1*1*0");
    let answer = answer.replace("*005010X231A1", "*005010").replace("*005010X220A1", "").replace("ST*999*", "ST*997*");
    let answer = answer.replace("ST*997*0001*005010", "ST*997*0001").replace("SE*6*", &format!("SE*{count}*"));
    put(&feed.site().join("carrier/outbox/objection.997"), answer);
    feed.bex(3, &["acks"])
}

fn detail(feed: &FirstFeed) -> Value {
    feed.bex(3, &["show", "delivery", "1", "--json"]).exits(0).json()
}

/// The line of a file on which somebody stands, and the number of a column.
fn stands(file: &str, who: &str, header: &str) -> (u64, u64) {
    let line = file.lines().position(|line| line.contains(who)).unwrap() as u64 + 1;
    let column = file.lines().next().unwrap().split(',').position(|cell| cell == header).unwrap() as u64 + 1;
    (line, column)
}

#[test]
fn a_rejected_element_leads_to_the_row_and_the_column_it_comes_from() {
    let feed = delivered();
    let set = set(&feed);
    let at = set.iter().position(|segment| segment[0] == "NM1" && !segment[9].is_empty()).unwrap();
    let (last, ssn) = (set[at][3].clone(), set[at][9].clone());
    let said = objects(&feed, &format!("IK3*NM1*{}*2100*8~IK4*9*67*7~", at + 1), "R").exits(1);
    said.says("rejected: NM109, census/example-employer").says("next: bex show delivery 1");
    let shown = feed.bex(3, &["show", "delivery", "1"]).exits(0);
    let place = detail(&feed)["said"][0]["segments"][0]["places"][0]["place"].clone();
    let row = &place["row"];
    let line = CENSUS.lines().nth(row["line"].as_u64().unwrap() as usize - 1).unwrap();
    assert!(line.contains(&last), "{line} is not of {last}");
    assert_eq!((row["header"].as_str(), row["column"].as_u64()), (Some("SSN"), Some(stands(CENSUS, "SSN", "SSN").1)));
    shown.clone().says("invalid code value").says("9 digits").says("column 6 \"SSN\"").says("only the carrier");
    let everything = format!("{}{}", shown.text(), place);
    assert!(!everything.contains(&ssn) && !everything.contains(&last), "no value is shown: {everything}");
    feed.bex(3, &["show", "1"]).exits(0).says("ACK007").says("column SSN");
}

#[test]
fn a_997_leads_to_the_same_row_and_column_as_a_999() {
    let feed = delivered();
    let set = set(&feed);
    let at = set.iter().position(|segment| segment[0] == "DMG").unwrap();
    let said = objects_by_997(&feed, &format!("AK3*DMG*{}*2100*8~AK4*2*1251*8~", at + 1)).exits(1);
    said.says("rejected: DMG02, census/example-employer").says("\"Birth Date\"");
    let place = detail(&feed)["said"][0].clone();
    assert_eq!((&place["kind"], &place["verdict"]), (&"997".into(), &"rejected".into()));
    feed.bex(3, &["show", "delivery", "1"]).exits(0).says("DMG02: 8 invalid date");
    // Whom it objects to sees it on the member's own page, and nobody else does.
    let objected = place["segments"][0]["places"][0]["place"]["member"].as_str().unwrap().to_owned();
    let families = feed.bex(3, &["show", "1", "--families", "--json"]).json()["families"].clone();
    for family in families.as_array().unwrap() {
        let member = family["member"].as_str().unwrap();
        let said = feed.bex(3, &["trace", "--member", member]).exits(0);
        assert_eq!(said.out.contains("objects to DMG02: census/"), member == objected, "{}", said.out);
    }
}

#[test]
fn every_element_that_comes_from_a_file_leads_to_a_column_of_the_row_of_its_person() {
    let feed = delivered();
    let set = set(&feed);
    let mut followed = 0;
    for (at, segment) in set.iter().enumerate() {
        for element in 1..segment.len() as u16 {
            let source = format!(
                "{:?}",
                element_source(&segment[0], &segment[if segment[0] == "PER" { 3 } else { 1 }], element)
            );
            if !(source.starts_with("Census") || source.starts_with("Elections"))
                || segment[element as usize].is_empty()
            {
                continue;
            }
            let (segment_n, element_n) = ((at + 1).to_string(), element.to_string());
            let explain = ["explain", "1", "--segment", &segment_n, "--element", &element_n, "--json"];
            let place = feed.bex(3, &explain).exits(0).json()["place"].clone();
            let file = if place["of"] == "census" { CENSUS } else { ELECTIONS };
            let line = place["row"]["line"].as_u64().unwrap_or_else(|| panic!("{segment:?} {element}: {place}"));
            assert!((2..=file.lines().count() as u64).contains(&line), "{place}");
            followed += u32::from(place["row"]["column"].is_u64());
        }
    }
    assert!(followed > 40, "{followed}");
}

#[test]
fn an_element_that_a_segment_cannot_have_is_none_and_not_one_that_was_sent_empty() {
    let feed = delivered();
    let at = set(&feed).iter().position(|segment| segment[0] == "DMG").unwrap() + 1;
    let explain = |element: &str| feed.bex(3, &["explain", "1", "--segment", &at.to_string(), "--element", element]);
    explain("4").exits(0).says("Sent  nothing");
    explain("12").exits(1).refuses_with("RUN028").says("element 12, elements it may have 11").never_says("Sent");
}

#[test]
fn an_answer_that_counts_otherwise_leads_to_the_nearest_segment_of_its_tag_and_says_so() {
    let feed = delivered();
    let at = set(&feed).iter().position(|segment| segment[0] == "DMG").unwrap();
    objects(&feed, &format!("IK3*DMG*{}*2100*8~IK4*2*1251*8~", at + 2), "R").exits(1).says("DMG02");
    feed.bex(3, &["show", "delivery", "1"]).exits(0).says(&format!("near: segment {}", at + 1)).says("Birth Date");
}

#[test]
fn an_objection_to_a_segment_that_is_not_there_is_said_without_a_row() {
    let feed = delivered();
    objects(&feed, "IK3*ZZZ*400*2100*1~", "R").exits(1);
    feed.bex(3, &["show", "delivery", "1"]).exits(0).says("our file has no such segment there");
}

#[test]
fn an_objection_to_a_segment_as_a_whole_leads_to_the_first_column_it_comes_from() {
    let feed = delivered();
    let at = set(&feed).iter().position(|segment| segment[0] == "HD").unwrap();
    objects(&feed, &format!("IK3*HD*{}*2300*6~", at + 1), "R").exits(1).says("elections/example-employer");
}

#[test]
fn what_is_accepted_with_errors_leads_to_its_rows_too_and_stays_until_it_is_settled() {
    let feed = delivered();
    let at = set(&feed).iter().position(|segment| segment[0] == "N4").unwrap();
    objects(&feed, &format!("IK3*N4*{}*2100*8~IK4*3*116*7~", at + 1), "E").exits(0).says("accepted with errors: N403");
    feed.bex(3, &["runs"]).exits(0).says("accepted with errors");
    feed.bex(3, &["show", "delivery", "1"]).exits(0).says("\"ZIP\"");
}

#[test]
fn what_names_nothing_of_ours_is_open_until_somebody_has_dealt_with_it() {
    let feed = delivered();
    let stray = accepting_999(&feed.told(), 9).replace("AK1*BE*1*", "AK1*BE*77*");
    put(&feed.site().join("carrier/outbox/stray.999"), stray);
    for _ in 0..2 {
        feed.bex(3, &["acks"]).exits(1).says("stray.999").says("bex show ack 1");
    }
    feed.bex(3, &["show", "ack", "1"]).exits(0).says("UNMATCHED  ack 1").says("bex acks settle 1");
    feed.bex(3, &["acks", "settle", "1", "--reason", "theirs by mistake"]).exits(0);
    feed.bex(3, &["acks"]).exits(0);
}

#[test]
fn whatever_has_no_such_number_is_said_with_what_to_do_next_and_a_feed_says_what_keeps_it() {
    let feed = delivered();
    feed.sends("census.csv", &CENSUS[..300]);
    feed.night(3).exits(1);
    feed.bex(3, &["why", "example-feed"]).exits(0).says("CEN006").says("Next  bex show input 3");
    feed.bex(3, &["show", "delivery", "99"]).exits(1).refuses_with("RUN028");
    feed.bex(3, &["show", "ack", "99"]).exits(1).refuses_with("RUN028");
    feed.bex(3, &["explain", "1", "--segment", "9999"]).exits(1).refuses_with("RUN028");
}

#[test]
fn what_is_said_of_slots_inputs_and_answers_is_planned_first_and_a_plan_changes_nothing() {
    let feed = delivered();
    feed.sends("people.xlsx", "no workbook");
    let _ = feed.bex(3, &["run", "--date", "2026-03-03"]);
    put(&feed.site().join("carrier/outbox/note.txt"), "call us");
    let _ = feed.bex(3, &["acks"]);
    let of = |key: &str| feed.bex(3, &["runs", "--json"]).exits(0).json()[key].clone();
    let input = of("waiting_inputs")[0]["input"].to_string();
    let settle = ["input", "settle", &input];
    for (act, says) in [
        (&["acks", "settle", "1"][..], "PLAN acks settle of answer 1"),
        (&settle[..], "PLAN input settle of input"),
        (&["skip", "example-feed", "--date", "2026-02-27"], "PLAN skip of example-feed for 2026-02-27"),
    ] {
        let board = feed.bex(3, &["runs"]).exits(0).out;
        feed.bex(3, &[act, &["--plan"]].concat()).exits(0).says(says);
        assert_eq!(feed.bex(3, &["runs"]).exits(0).out, board, "{act:?}: a plan has changed something");
        feed.bex(3, act).exits(2);
        feed.bex(3, &[act, &["--reason", "by telephone"]].concat()).exits(0).says(says);
    }
    feed.bex(3, &["acks", "settle", "1", "--plan"]).exits(1);
    feed.bex(3, &[&settle[..], &["--plan"]].concat()).exits(1);
    feed.bex(3, &["skip", "example-feed", "--date", "2026-02-28", "--plan"]).exits(2).refuses_with("RUN019");
}

#[test]
fn a_span_leads_to_its_row_of_the_elections_and_to_what_led_to_it_and_when() {
    let feed = FirstFeed::new();
    let day = "event = \"Event\"\nevent_date = { header = \"Event Date\", format = \"date:MM/DD/YYYY\" }\n";
    feed.edit(ELECTIONS_MAPPING, "event = \"Event\"\n", day);
    let dated = |(at, line): (usize, &str)| format!("{line},{}\n", if at == 0 { "Event Date" } else { "11/20/2025" });
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", ELECTIONS.lines().enumerate().map(dated).collect::<String>());
    feed.night(2).exits(0).says("delivered");
    let set = set(&feed);
    let place = |at: usize| {
        let at = (at + 1).to_string();
        feed.bex(3, &["explain", "1", "--segment", &at, "--json"]).exits(0).json()["place"]["span"].clone()
    };
    let is_number = |segment: &&Vec<String>| segment[0] == "REF" && segment[1] == "0F";
    let at_of = |tag: &str| set.iter().position(|segment| segment[0] == tag).unwrap();
    for (at, segment) in set.iter().enumerate().filter(|(_, segment)| segment[0] == "INS" || segment[0] == "HD") {
        let number =
            if segment[0] == "INS" { set[at..].iter().find(is_number) } else { set[..at].iter().rfind(is_number) };
        let (line, event) = stands(ELECTIONS, &number.unwrap()[2], "Event");
        let (span, source) = (place(at), "elections/example-employer");
        assert_eq!((&span["row"]["source"], &span["row"]["line"]), (&source.into(), &line.into()), "{segment:?}");
        assert_eq!((&span["event"], &span["event_at"]["column"]), (&"open-enrollment".into(), &event.into()), "{span}");
        assert_eq!(span["event_day_at"]["header"], "Event Date");
    }
    assert_eq!(place(at_of("DMG")), Value::Null);
    let at = at_of("HD") + 1;
    let text = feed.bex(3, &["explain", "1", "--segment", &at.to_string(), "--element", "1"]).exits(0);
    text.says("Span  elections/example-employer (input 2, ").says("Event open-enrollment: elections/example-employer");
}
