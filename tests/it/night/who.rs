//! Who is who: families under new numbers, people in two families, families that were late at the first load.

use crate::harness::demo_site::{put, rejecting_999};
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

const FEED: &str = "schedules/example-feed.toml";

/// Files in which every employee number has another form.
fn renumbered(text: &str) -> String {
    text.replace("EXE-", "EMP00")
}

/// Bo, who is covered as Ada's spouse, is an employee, too, and elects for himself.
const BO: &str =
    "EXE-4,00,EE,Probeman,Bo,899-31-1002,09/30/1981,M,31 Example Way,Springfield,IL,62701,,A,03/01/2026,,,\n";
const BOS_CHOICE: &str = "EXE-4,Medical PPO,EE,03/01/2026,,,204.10,NH,N\n";

/// The member's reference of the only open question.
#[track_caller]
fn asked_of(feed: &FirstFeed, run: &str, code: &str) -> String {
    let shown = feed.bex(28, &["show", run, "--json"]).exits(0).json();
    let questions = shown["holds"].as_array().unwrap().clone();
    let found = questions.iter().find(|question| question["code"] == code).expect("the question is open");
    found["member"].as_str().unwrap().to_string()
}

/// Answers the only open question of a run with this code.
#[track_caller]
fn answers(feed: &FirstFeed, run: &str, code: &str, answer: &str) {
    let member = asked_of(feed, run, code);
    let question = ["answer", "example-feed", &member, code, answer];
    feed.bex(28, &[&question[..], &["--plan"]].concat()).exits(0).says("PLAN answer");
    feed.bex(28, &[&question[..], &["--reason", "asked the employer"]].concat()).exits(0);
}

#[test]
fn families_under_new_numbers_stay_the_same_families() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", renumbered(CENSUS));
    feed.sends("elections.csv", renumbered(ELECTIONS));
    feed.bex(3, &["plan", "example-feed", "--date", "2026-03-03"]).exits(0).says("WHO001");
    let night = feed.night(3).exits(0).says("WHO001").says("(families 3)").says("nothing to send");
    night.never_says("in question").never_says("REC025");
    let balance = feed.bex(3, &["balance", "example-feed", "--date", "2026-03-03"]).exits(0);
    balance.never_says("SUM001").never_says("unexplained");
    feed.sends("census.csv", renumbered(CENSUS).replace("31 Example Way", "39 Example Way"));
    feed.night(4).exits(0).never_says("WHO001").says("delivered");
    assert!(feed.told().contains("REF*0F*EXE-1~"), "by the number it was told first a carrier finds the family");
    assert_eq!(feed.told().matches("~HD*").count(), 0, "nobody begins and nobody ends");
}

/// A site whose carrier has been told of everybody, and whose employer gives out new numbers; its guards let them pass.
fn with_new_numbers(rekey: &str) -> FirstFeed {
    let feed = FirstFeed::after_first_night(CENSUS);
    let last = "master_policy = \"EC-700031\"\n";
    feed.edit("schedules/example-feed.toml", last, &format!("{last}\n[guards]\nfew_max = 10\n"));
    feed.edit("mappings/carriers/example-carrier.toml", "[file]\n", &format!("[file]\nrekey = \"{rekey}\"\n"));
    feed.sends("census.csv", renumbered(CENSUS));
    feed.sends("elections.csv", renumbered(ELECTIONS));
    feed
}

#[test]
fn a_carrier_that_wants_new_numbers_is_told_them_beside_those_before_once_and_again_when_it_has_refused_them() {
    let feed = with_new_numbers("new");
    feed.night(3).exits(0).says("delivered").never_says("in question");
    let both = |told: &str| [1, 2, 3].map(|n| told.matches(&format!("REF*0F*EMP00{n}~REF*Q4*EXE-{n}~")).count());
    // The third employee has nothing of this carrier.
    assert_eq!(both(&feed.told()), [3, 1, 0], "{}", feed.told());
    assert_eq!(feed.told().matches("*001*25*").count(), 4, "{}", feed.told());
    put(&feed.site().join("carrier/outbox/refused.999"), rejecting_999(&feed.told(), 9));
    let _ = feed.bex(3, &["acks"]);
    feed.night(4).exits(0).says("delivered");
    assert_eq!((feed.sent(), both(&feed.told())), (3, [3, 1, 0]), "what was refused was not told");
    feed.is_acknowledged(4);
    feed.night(5).exits(0).says("nothing to send");
    feed.sends("census.csv", renumbered(CENSUS).replace("31 Example Way", "39 Example Way"));
    feed.night(6).exits(0).says("delivered");
    let told = feed.told();
    assert!(told.contains("REF*0F*EMP001~") && !told.contains("REF*Q4*"), "{told}");
}

#[test]
fn a_carrier_that_takes_new_numbers_by_hand_has_the_sentence_to_type_and_files_under_the_one_before_until_then() {
    let feed = with_new_numbers("manual");
    feed.night(3).says("REC026");
    assert_eq!(feed.sent(), 1, "nothing else is to be told");
    let list = feed.bex(3, &["worklist", "example-feed"]).exits(1);
    let list = list.says("Please change the number of member ").says("has now (--reveal names both)");
    list.never_says("EXE-").never_says("EMP00");
    let named = feed.bex(3, &["worklist", "example-feed", "--reveal", "--reason", "typed in"]).exits(1);
    named.says(
        "Please change the number of member EXE-2 (subscriber Dee Musterby), and of everybody of the family, to \
                EMP002. Reason: change in identifying data. Not in our file because the carrier takes a change of this \
                kind, or of these days, by hand alone (REC026).",
    );
    feed.sends("census.csv", renumbered(CENSUS).replace("31 Example Way", "39 Example Way"));
    feed.night(4).says("delivered");
    assert!(feed.told().contains("REF*0F*EXE-1~") && !feed.told().contains("EMP001"), "{}", feed.told());
    feed.is_acknowledged(4);
    let work = feed.bex(4, &["worklist", "example-feed", "--json"]).exits(1).json();
    for item in work["items"].as_array().unwrap() {
        let number = item["questions"][0]["number"].to_string();
        feed.bex(4, &["answer", &number, "by-hand", "--reason", "portal, 4711"]).exits(0);
    }
    feed.bex(4, &["worklist", "example-feed"]).exits(0).says("nothing is to be told by hand");
    feed.sends("census.csv", renumbered(CENSUS).replace("31 Example Way", "38 Example Way"));
    feed.night(5).says("delivered");
    assert!(!feed.told().contains("REF*Q4*"), "{}", feed.told());
}

#[test]
fn whichever_file_has_the_new_numbers_first_families_stay_the_same() {
    for files in [["census.csv", "elections.csv"], ["elections.csv", "census.csv"]] {
        let feed = FirstFeed::after_first_night(CENSUS);
        // Nobody is found for as many questions as there are families on the first of the two nights.
        let last = "master_policy = \"EC-700031\"\n";
        feed.edit("schedules/example-feed.toml", last, &format!("{last}\n[guards]\nfew_max = 10\n"));
        for (name, day) in files.iter().zip(3..) {
            let text = if *name == "census.csv" { CENSUS } else { ELECTIONS };
            feed.sends(name, renumbered(text));
            let _ = feed.night(day);
        }
        feed.night(5).exits(0).says("nothing to send");
        assert_eq!(feed.sent(), 1, "{files:?}");
    }
}

/// The row of EXE-2, of whom the carrier knows Dee Musterby, with the given name, number and birth date.
fn exe_2(person: &str) -> String {
    CENSUS.replace("Musterby,Dee,899-31-2001,07/03/1990", person)
}

#[test]
fn a_number_that_is_somebody_elses_now_is_asked_about_and_never_told_as_a_correction() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", exe_2("Otherman,Oli,899-31-9009,01/02/1971"));
    feed.night(3).says("REC031").says("1 family in question");
    assert_eq!(feed.sent(), 1, "nobody has Dee's cover");
    answers(&feed, "2", "REC031", "new");
    feed.night(4).says("REC031");
    assert_eq!(feed.sent(), 1, "while Dee's cover goes on, nobody begins in its place");

    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", exe_2("Otherman,Oli,899-31-9009,01/02/1971"));
    feed.night(3).says("REC031");
    answers(&feed, "2", "REC031", "allowed");
    feed.night(4).exits(0).says("delivered");
    assert!(feed.told().contains("NM1*70*1*MUSTERBY*DEE") || feed.told().contains("NM1*70*1*Musterby*Dee"));
}

#[test]
fn two_numbers_that_were_exchanged_are_asked_about() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let exchanged = CENSUS.replace("EXE-2,", "EXE-X,").replace("EXE-3,", "EXE-2,").replace("EXE-X,", "EXE-3,");
    feed.sends("census.csv", exchanged);
    feed.night(3).says("REC031").never_says("delivered");
    assert_eq!(feed.sent(), 1);
}

#[test]
fn a_number_given_out_again_after_its_cover_has_ended_begins_anew_once_a_person_says_so() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let left = CENSUS.replace("A,03/01/2021,,", "T,03/01/2021,03/01/2026,V");
    feed.sends("census.csv", left);
    feed.night(3).exits(0).says("delivered");
    feed.is_acknowledged(3);
    let hired = exe_2("Otherman,Oli,899-31-9009,01/02/1971").replace("A,03/01/2021", "A,04/01/2026");
    feed.sends("census.csv", hired);
    feed.sends(
        "elections.csv",
        ELECTIONS.replace("EXE-2,Medical PPO,EE,01/01/2026", "EXE-2,Medical PPO,EE,05/01/2026"),
    );
    let on = |date: &str| feed.bex_on(date, &["run", "--date", date]);
    on("2026-04-06").says("REC031");
    answers(&feed, "3", "REC031", "new");
    on("2026-04-07").exits(0).says("delivered");
    let told = feed.told();
    assert!(told.contains("Otherman*Oli") && told.contains("~HD*021*"), "{told}");
    assert!(!told.contains("NM1*70") && !told.contains("Musterby"), "{told}");
}

#[test]
fn a_family_that_vanished_a_night_earlier_is_found_under_its_new_number() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let (line, rest): (Vec<&str>, Vec<&str>) = CENSUS.lines().partition(|line| line.starts_with("EXE-2"));
    feed.sends("census.csv", rest.join("\n") + "\n");
    feed.night(3).says("REC001");
    feed.sends("census.csv", rest.join("\n") + "\n" + &renumbered(line[0]) + "\n");
    feed.sends("elections.csv", ELECTIONS.replace("EXE-2", "EMP002"));
    feed.night(4).exits(0).says("WHO001").says("(families 1)").says("nothing to send");
}

#[test]
fn somebody_else_with_a_new_number_is_somebody_new() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let other = CENSUS.replace("EXE-2,00,EE,Musterby,Dee,899-31-2001", "EXE-9,00,EE,Newman,Nia,899-31-9001");
    feed.sends("census.csv", other);
    feed.night(3).never_says("WHO001").says("REC001");
}

#[test]
fn a_family_under_two_numbers_in_one_file_is_asked_about() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", renumbered(CENSUS));
    feed.sends("elections.csv", renumbered(ELECTIONS));
    feed.night(3).exits(0).says("WHO001");
    let again = CENSUS.lines().find(|line| line.starts_with("EXE-2")).unwrap();
    feed.sends("census.csv", renumbered(CENSUS) + again + "\n");
    feed.night(4).says("WHO002").says("REC004");
    assert_eq!(feed.sent(), 1);
}

#[test]
fn nobody_is_covered_in_two_families_at_once_unless_a_person_or_the_feed_allows_it() {
    let both = |feed: &FirstFeed| {
        feed.sends("census.csv", format!("{CENSUS}{BO}"));
        feed.sends("elections.csv", format!("{ELECTIONS}{BOS_CHOICE}"));
    };
    let feed = FirstFeed::after_first_night(CENSUS);
    both(&feed);
    feed.bex(3, &["plan", "example-feed", "--families", "--date", "2026-03-03"]).exits(0).says("REC018");
    feed.night(3).says("REC018").says("1 family in question");
    assert_eq!(feed.sent(), 1);
    answers(&feed, "2", "REC018", "allowed");
    feed.night(4).exits(0).says("delivered (run 3: 1 add");
    assert!(feed.told().contains("REF*0F*EXE-4~"), "{}", feed.told());

    let feed = FirstFeed::after_first_night(CENSUS);
    feed.edit(FEED, "master_policy", "covered_twice = \"allowed\"\nmaster_policy");
    both(&feed);
    feed.night(3).exits(0).says("delivered (run 2: 1 add");
}

#[test]
fn a_spouse_who_ends_in_one_family_begins_in_their_own() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", format!("{CENSUS}{BO}"));
    feed.sends("elections.csv", format!("{ELECTIONS}{BOS_CHOICE}"));
    feed.night(3).says("REC018");
    let alone = "EXE-1,Medical PPO,EC,03/01/2026,,02,480.10,OE,N";
    let elections = ELECTIONS.replace("EXE-1,Medical PPO,FAM,01/01/2026,,01;02,612.40,OE,N", alone);
    feed.sends("elections.csv", format!("{elections}{BOS_CHOICE}"));
    feed.night(4).exits(0).says("delivered").never_says("REC018");
    let told = feed.told();
    let (end, begin) = (told.find("DTP*349*D8*20260228~").unwrap(), told.find("REF*0F*EXE-4~").unwrap());
    assert!(end < begin, "the old cover ends before the new one begins: {told}");
}

#[test]
fn a_family_that_was_in_question_at_the_first_load_is_told_like_everybody_elses() {
    let feed = FirstFeed::new();
    let old = ELECTIONS.replace("01/01/2026", "06/01/2025");
    feed.sends("census.csv", CENSUS.replace("04/12/1979", "13/45/1979"));
    feed.sends("elections.csv", old);
    feed.night(2).says("REC004").says("delivered");
    feed.is_acknowledged(2);
    feed.sends("census.csv", CENSUS);
    feed.night(3).exits(0).says("delivered (run 2: 3 add");
    assert!(feed.told().contains("DTP*348*D8*20250601~"), "{}", feed.told());
}

#[test]
fn what_begins_too_far_back_is_told_once_somebody_says_that_the_carrier_agrees() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("elections.csv", ELECTIONS.replace("EE,01/01/2026,,,204.10,OE,Y", "EE,12/01/2025,,,204.10,NH,N"));
    feed.night(3).says("REC007").says("answer: bex answer 1 tell --reason R");
    answers(&feed, "2", "REC007", "tell");
    feed.night(4).exits(0).says("delivered (run 3: 1 add");
    feed.night(5).exits(0).says("nothing to send");
}

#[test]
fn a_day_that_no_file_says_is_said_by_a_person() {
    // The child leaves the list: when?
    let feed = FirstFeed::after_first_night(CENSUS);
    let all = "EXE-1,Medical PPO,FAM,01/01/2026,,01;02,612.40,OE,N";
    feed.sends("elections.csv", ELECTIONS.replace(all, "EXE-1,Medical PPO,ES,01/01/2026,,01,408.10,OE,N"));
    feed.night(3).says("REC009");
    answers(&feed, "2", "REC009", "2026-02-28");
    feed.night(4).exits(0).says("delivered");
    assert!(feed.told().contains("DTP*349*D8*20260228~"), "{}", feed.told());

    // A spouse comes: since when?
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", format!("{CENSUS}EXE-2,01,SP,Musterby,Fay,,05/05/1991,F,,,,,,,,,,\n"));
    let alone = "EXE-2,Medical PPO,EE,01/01/2026,,,204.10";
    feed.sends("elections.csv", ELECTIONS.replace(alone, "EXE-2,Medical PPO,ES,01/01/2026,,01,408.10"));
    feed.night(3).says("REC013");
    answers(&feed, "2", "REC013", "2026-02-14");
    feed.night(4).exits(0).says("delivered");
    assert!(feed.told().contains("DTP*348*D8*20260214~"), "{}", feed.told());
}

#[test]
fn a_family_that_is_gone_ends_on_the_day_that_a_person_says() {
    let without =
        |text: &str| text.lines().filter(|line| !line.starts_with("EXE-2")).map(|l| format!("{l}\n")).collect();
    let without: fn(&str) -> String = without;
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", without(CENSUS));
    feed.sends("elections.csv", without(ELECTIONS));
    feed.night(3).says("REC001");
    answers(&feed, "2", "REC001", "2026-02-10");
    feed.night(4).exits(0).says("delivered");
    assert!(feed.told().contains("DTP*349*D8*20260228~"), "to the end of the month: {}", feed.told());
    feed.is_acknowledged(4);
    feed.night(5).exits(0).says("nothing to send").never_says("in question");

    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("elections.csv", without(ELECTIONS));
    feed.night(3).says("REC003");
    answers(&feed, "2", "REC003", "2026-02-10");
    feed.night(4).exits(0).says("delivered");
    assert!(feed.told().contains("DTP*349*D8*20260210~"), "{}", feed.told());
    feed.night(5).exits(0).says("nothing to send").never_says("in question");
}

#[test]
fn an_answer_is_for_what_the_sources_said_when_it_was_given() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let late = ELECTIONS.replace("EE,01/01/2026,,,204.10,OE,Y", "EE,12/01/2025,,,204.10,NH,N");
    feed.sends("elections.csv", &late);
    feed.night(3).says("REC007");
    answers(&feed, "2", "REC007", "tell");
    feed.sends("elections.csv", late.replace("12/01/2025", "11/01/2025"));
    feed.night(4).says("REC007");
    assert_eq!(feed.sent(), 1);
}

#[test]
fn a_question_is_put_to_somebody_and_answered_by_its_number_alone() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("elections.csv", ELECTIONS.replace("EE,01/01/2026,,,204.10,OE,Y", "EE,12/01/2025,,,204.10,NH,N"));
    feed.night(3).says("question 1  REC007");
    let page = feed.bex(3, &["show", "question", "1"]).exits(0);
    page.says("answer: bex answer 1 tell --reason R").says("bex answer 1 --asked WHO --until DATE");
    feed.bex(3, &["answer", "1", "--asked", "HR", "--until", "2026-03-09", "--reason", "asked"]).exits(0);
    feed.bex(3, &["show", "question", "1"]).exits(0).says("ASKED");
    for incomplete in [&["answer", "1"][..], &["answer", "example-feed", "tell"], &["answer", "example-feed"]] {
        feed.bex(3, &[incomplete, &["--reason", "r"]].concat()).exits(2).says("bex answer N ANSWER --reason R");
    }
    feed.bex(3, &["answer", "1", "2026-03-01", "--reason", "r"]).exits(2).says("ANS004").says("tell");
    feed.bex(3, &["answer", "2", "tell", "--reason", "r"]).exits(2).says("ANS001").says("number 2");
    feed.bex(3, &["answer", "1", "tell", "--plan"]).exits(0).says("PLAN answer REC007");
    feed.bex(3, &["answer", "1", "tell", "--reason", "the carrier agrees"]).exits(0);
    feed.night(4).exits(0).says("delivered (run 3: 1 add");
    feed.bex(4, &["answer", "1", "tell", "--reason", "again"]).exits(2).says("ANS001");
}

#[test]
fn the_page_of_a_question_says_what_the_carrier_knows_of_the_family_meanwhile() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let late = ELECTIONS.replace("EE,01/01/2026,,,204.10,OE,Y", "EE,12/01/2025,,,204.10,NH,N");
    feed.sends("elections.csv", late);
    // Whoever has gone from the census is known to the carrier; whoever elects for the first time is not.
    feed.sends(
        "census.csv",
        CENSUS.lines().filter(|line| !line.starts_with("EXE-1,")).collect::<Vec<_>>().join("\n") + "\n",
    );
    let _ = feed.night(3);
    let known = |code: &str| {
        let member = asked_of(&feed, "2", code);
        feed.bex(3, &["show", "question", &member]).exits(0)
    };
    known("REC001").says("Known 3 members covered; stays so");
    known("REC007").says("Known the carrier was told nothing of the family; stays so");
}

#[test]
fn what_is_no_answer_to_a_question_is_refused_and_says_what_is() {
    let feed = FirstFeed::after_first_night(CENSUS);
    feed.sends("census.csv", CENSUS.replace("899-31-1001", ""));
    feed.sends("elections.csv", ELECTIONS.replace("EE,01/01/2026,,,204.10,OE,Y", "EE,12/01/2025,,,204.10,NH,N"));
    feed.night(3).says("REC016").says("REC007");
    let (blank, late) = (asked_of(&feed, "2", "REC016"), asked_of(&feed, "2", "REC007"));
    let answer = |member: &str, code: &str, answer: &str| {
        feed.bex(3, &["answer", "example-feed", member, code, answer, "--reason", "because"])
    };
    answer(&late, "REC009", "2026-01-01").exits(2).says("ANS001");
    answer(&blank, "REC016", "tell").exits(2).says("ANS003");
    answer(&late, "REC007", "2026-01-01").exits(2).says("ANS004").says("tell");
    let question = ["answer", "example-feed", &late, "REC007", "tell"];
    feed.bex(3, &question).exits(2);
    feed.bex(3, &[&question[..], &["--reason", " "]].concat()).exits(2).says("RUN020");
}

#[test]
fn an_answer_outlives_what_it_was_not_about_and_holds_until_its_own_line_changes() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let late = ELECTIONS.replace("EE,01/01/2026,,,204.10,OE,Y", "EE,12/01/2025,,,204.10,NH,N");
    feed.sends("elections.csv", &late);
    feed.night(3).says("REC007");
    answers(&feed, "2", "REC007", "tell");
    // Somebody moves, and a child is born whom nothing covers.
    let moved = CENSUS.replace("33 Example Way", "39 Example Way");
    assert_ne!(moved, CENSUS);
    feed.sends("census.csv", format!("{moved}EXE-3,01,Dep,Samplesen,Gil,,02/20/2026,M,,,,,,,,,,\n"));
    feed.night(4).exits(0).says("delivered (run 3: 1 add").never_says("REC007");
}

#[test]
fn an_answer_is_over_once_the_employment_that_it_was_given_for_is_another() {
    let feed = FirstFeed::after_first_night(CENSUS);
    let late = ELECTIONS.replace("EE,01/01/2026,,,204.10,OE,Y", "EE,12/01/2025,,,204.10,NH,N");
    feed.sends("elections.csv", &late);
    feed.night(3).says("REC007");
    answers(&feed, "2", "REC007", "tell");
    feed.sends("census.csv", CENSUS.replace("08/15/2018", "08/16/2018"));
    feed.night(4).says("REC007");
    assert_eq!(feed.sent(), 1, "employment is what every question is about");
}
