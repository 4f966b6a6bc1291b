//! What a carrier's file may not say: the sentences for whoever tells it by hand, and what follows when that is done.

use crate::harness::demo_site::{put, segments};
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

const FEED: &str = "example-feed";

/// The second employee left so long ago that the end lies further back than the carrier's file may say.
fn left_long_ago() -> String {
    let line = CENSUS.lines().find(|line| line.starts_with("EXE-2,00")).unwrap();
    let left = line.replace(",A,", ",T,").replace(",,,G", ",01/10/2026,Quit,G");
    assert_ne!(line, left);
    CENSUS.replace(line, &left)
}

#[test]
fn what_lies_too_far_back_is_worked_off_by_hand_and_no_file_says_it() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.bex(2, &["worklist", FEED]).exits(0).says("nothing is to be told by hand");
    feed.sends("census.csv", left_long_ago());
    // Before a run has asked, the question has no number.
    feed.bex(3, &["hold", FEED, "--reason", "asked"]).exits(0);
    feed.night(3).exits(4);
    let member = feed.bex(3, &["worklist", FEED, "--json"]).exits(1).json()["items"][0]["member"].clone();
    let named = format!("bex answer {FEED} {} REC008 by-hand --about MED-PPO", member.as_str().unwrap());
    feed.bex(3, &["worklist", FEED]).exits(1).says(&named);
    feed.bex(3, &["unhold", FEED, "--reason", "asked"]).exits(0);
    feed.night(3).says("REC008").says("bex worklist example-feed");
    let work = feed.bex(3, &["worklist", FEED, "--json"]).exits(1).json();
    assert_eq!(
        (&work["items"][0]["since"], &work["items"][0]["due"]),
        (&"2026-02-01".into(), &serde_json::Value::Null)
    );
    let number = work["items"][0]["questions"][0]["number"].to_string();
    let sentence = format!(
        "Please end PPO MED-PPO (the carrier's EC-PPO-500) of member {} (subscriber), which began on 2026-01-01, \
         level EMP: the last covered day is 2026-01-31. Reason: quit. Not in our file because a coverage would end \
         further back than may happen without a person's consent (REC008).",
        member.as_str().unwrap()
    );
    assert_eq!(work["items"][0]["says"][0], sentence.as_str());
    let text = feed.bex(3, &["worklist", FEED]).exits(1).says(&sentence).text();
    assert!(text.contains(&format!("done: bex answer {number} by-hand --reason")), "{text}");

    let answer = ["answer", &number, "by-hand", "--reason", "portal, 4711"];
    feed.bex(3, &answer).exits(0);
    feed.bex(3, &["plan", FEED, "--families"]).exits(0).says("nothing by file: a person has told the carrier");
    feed.bex(3, &["worklist", FEED]).exits(0);
    // No file goes for it alone; the next one that does carries the record and not a word.
    let sent = feed.sent();
    feed.night(4).says("nothing to send");
    assert_eq!(feed.sent(), sent);
    feed.sends("elections.csv", ELECTIONS.replace("612.40", "640.00"));
    feed.night(5).exits(0).says("delivered");
    let said = feed.told();
    assert!(said.contains("*0F*EXE-1~") && !said.contains("*0F*EXE-2~"), "{said}");
    feed.is_acknowledged(5);
    feed.night(6).exits(0).says("nothing to send").never_says("change");
}

/// As somebody needs it who types it into a portal: whose it is only for whoever may see names, and says why.
#[test]
fn the_account_of_whoever_is_told_of_stands_in_plan_explanation_and_work_by_hand_and_names_only_with_a_reason() {
    let feed = FirstFeed::arrived();
    let account = "group = \"EC-G1\"\nref = { DX = \"010\" }\ncodes = { MED-PPO = \"EC-PPO-900\" }\n";
    let rules = format!("[[accounts]]\ncarrier = \"example-carrier\"\n{account}");
    put(&feed.site().join("mappings/plans/example-employer.toml"), rules);
    let words = "group EC-G1, REF DX 010, code EC-PPO-900";
    let planned = format!("add MED-PPO PPO EMP from 2026-01-01  in account: {words}");
    feed.bex(2, &["plan", FEED, "--families"]).exits(0).says(&planned);
    feed.night(2).exits(0).says("delivered");
    let all = segments(&feed.told());
    let set: Vec<_> = all.iter().skip_while(|segment| segment[0] != "ST").collect();
    let place = |tag: &str, qualifier: &str| {
        let at = set.iter().position(|segment| segment[0] == tag && segment[1].starts_with(qualifier)).unwrap() + 1;
        feed.bex(2, &["explain", "1", "--segment", &at.to_string(), "--element", "2"]).exits(0)
    };
    place("HD", "").says(&format!("Acct  {words}\n"));
    place("REF", "1L").says("our setting: accounts in the employer's plan rules").says(&format!("Acct  {words}\n"));
    feed.is_acknowledged(2);
    feed.sends("census.csv", left_long_ago());
    feed.night(3).says("REC008");
    let masked = feed.bex(3, &["worklist", FEED]).exits(1).says("MED-PPO (the carrier's EC-PPO-900) of member ");
    masked.says("which began on 2026-01-01, level EMP, group EC-G1: the last").never_says("Musterby");
    feed.bex(3, &["worklist", FEED, "--reveal"]).exits(2);
    let named = feed.bex(3, &["worklist", FEED, "--reveal", "--reason", "typed into the portal"]).exits(1);
    named.says("of member EXE-2 (subscriber Dee Musterby), which began on");
    feed.bex(3, &["audit", "show"]).exits(0).says("by name");
}

#[test]
fn work_by_hand_has_the_last_day_on_which_its_carrier_takes_it() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", left_long_ago());
    feed.night(3).says("REC008");
    let rule = |days: u32| format!("[file]\nby_hand_within_days = {days}\n");
    feed.edit("mappings/carriers/example-carrier.toml", "[file]\n", &rule(60));
    feed.bex(3, &["worklist", FEED]).exits(1).says("due by 2026-04-02, the last day on which the carrier takes it");
    feed.edit("mappings/carriers/example-carrier.toml", &rule(60), &rule(29));
    feed.bex(3, &["worklist", FEED]).exits(1).says("too late by the carrier's word: it took this until 2026-03-02");
    let work = feed.bex(3, &["worklist", FEED, "--json"]).exits(1).json();
    assert_eq!(work["items"][0]["due"], "2026-03-02");
}

/// A divorce dated back ends one and changes the others' level: the carrier's file may say neither, and the second
/// question is asked only once the first is answered.
#[test]
fn a_question_that_hides_behind_another_one_is_on_the_list_with_it() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let family = "EXE-1,Medical PPO,FAM,01/01/2026,,01;02,612.40,OE,N";
    feed.sends("elections.csv", ELECTIONS.replace(family, "EXE-1,Medical PPO,EC,02/01/2026,,02,480.10,OE,N"));
    let day = "2026-05-20";
    feed.bex_on(day, &["run", "--date", day]).says("REC008");
    let list = || feed.bex_on(day, &["worklist", FEED, "--json"]).json();
    let work = list();
    let codes = ["code"; 2].iter().zip(0..).map(|(key, n)| work["items"][0]["questions"][n][key].to_string());
    assert_eq!(codes.collect::<Vec<_>>(), ["\"REC008\"", "\"REC007\""], "{work}");
    assert!(work["items"][0]["says"].as_array().is_some_and(|says| says.len() >= 2), "{work}");
    let done = |day: &str| {
        let work = feed.bex_on(day, &["worklist", FEED, "--json"]).json();
        let [done] = &work["items"][0]["done"].as_array().unwrap()[..] else { panic!("one at a time: {work}") };
        let words: Vec<&str> = done.as_str().unwrap().split(' ').skip(1).collect();
        feed.bex_on(day, &[&words[..], &["--reason", "told by portal"]].concat()).exits(0);
    };
    done(day);
    assert_eq!(list()["items"].as_array().map(Vec::len), Some(1), "the level is still to be told");
    feed.bex_on("2026-05-21", &["run", "--date", "2026-05-21"]).says("REC007");
    done("2026-05-21");
    assert_eq!(list()["items"].as_array().map(Vec::len), Some(0));
}
