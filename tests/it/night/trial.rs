//! A newcomer's trial: from a board that needs somebody to one that needs nobody, for ten troubles, by what the program
//! prints and nothing else. Whoever acts mends what is printed as the cause, types what is printed as next, and knows
//! nothing of bex.

use std::fs;

use bex::crypt::age::Identity;

use crate::harness::demo_site::{edit, put};
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

const CARRIER: &str = "mappings/carriers/example-carrier.toml";
const ANSWER: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/first-feed/answer.999"));

/// What goes wrong, and what mends it where something has to be mended.
struct Trouble {
    what: &'static str,
    breaks: fn(&FirstFeed),
    mends: fn(&FirstFeed),
    /// Files at the carrier in the end.
    sent: usize,
}

const TROUBLES: [Trouble; 10] = [
    Trouble {
        what: "the carrier's folder is gone",
        breaks: |feed| {
            fs::remove_dir(feed.site().join("carrier/inbox")).unwrap();
            night(feed);
        },
        mends: |feed| fs::create_dir_all(feed.site().join("carrier/inbox")).unwrap(),
        sent: 1,
    },
    Trouble {
        what: "somebody else's file has our name",
        breaks: |feed| {
            put(&feed.site().join("carrier/inbox/example-feed_000000001.834.age"), "not ours");
            night(feed);
        },
        mends: |feed| {
            let theirs = feed.site().join("carrier/inbox/example-feed_000000001.834.age");
            if fs::read(&theirs).is_ok_and(|bytes| bytes == b"not ours") {
                fs::remove_file(theirs).unwrap();
            }
        },
        sent: 1,
    },
    Trouble {
        what: "the carrier's key has expired",
        breaks: |feed| {
            edit(&feed.site().join(CARRIER), "[seal]\n", "[seal]\nnot_after = \"2026-03-01\"\n");
            night(feed);
        },
        mends: |feed| {
            let text = fs::read_to_string(feed.site().join(CARRIER)).unwrap();
            put(&feed.site().join(CARRIER), text.replace("not_after = \"2026-03-01\"\n", ""));
        },
        sent: 1,
    },
    Trouble {
        what: "the recipient was replaced after a failure",
        breaks: |feed| {
            let inbox = feed.site().join("carrier/inbox");
            fs::remove_dir(&inbox).unwrap();
            night(feed);
            fs::create_dir(&inbox).unwrap();
            let text = fs::read_to_string(feed.site().join(CARRIER)).unwrap();
            let old = text.lines().find(|line| line.starts_with("recipient")).unwrap().to_owned();
            let new = Identity::create(&feed.site().join("new.age")).unwrap();
            put(&feed.site().join(CARRIER), text.replace(&old, &format!("recipient = \"{}\"", new.recipient())));
        },
        mends: |_| {},
        sent: 1,
    },
    Trouble {
        what: "somebody holds the feed",
        breaks: |feed| {
            feed.bex(2, &["hold", "example-feed", "--reason", "their system moves"]).exits(0);
            night(feed);
        },
        mends: |_| {},
        sent: 0,
    },
    Trouble {
        what: "the carrier rejects the file",
        breaks: |feed| {
            night(feed);
            answer(feed, "a.999", &ANSWER.replace("IK5*A", "IK5*R*5").replace("AK9*A*1*1*1", "AK9*R*1*1*0"));
        },
        mends: |_| {},
        sent: 2,
    },
    Trouble {
        what: "the carrier accepts it with errors",
        breaks: |feed| {
            night(feed);
            answer(feed, "a.999", &ANSWER.replace("IK5*A", "IK5*E*5").replace("AK9*A", "AK9*E"));
        },
        mends: |_| {},
        sent: 1,
    },
    Trouble {
        what: "the carrier says yes and then no",
        breaks: |feed| {
            night(feed);
            answer(feed, "a.999", ANSWER);
            let no = ANSWER.replace("IK5*A", "IK5*R*5").replace("AK9*A*1*1*1", "AK9*R*1*1*0");
            answer(feed, "b.999", &no.replace("000000041", "000000042"));
        },
        mends: |_| {},
        sent: 1,
    },
    Trouble {
        what: "an answer names nothing of ours",
        breaks: |feed| {
            night(feed);
            answer(feed, "a.999", &ANSWER.replace("AK1*BE*1*", "AK1*BE*77*"));
        },
        mends: |_| {},
        sent: 1,
    },
    Trouble {
        what: "the answer does not come in time",
        breaks: night,
        mends: |feed| put(&feed.site().join("carrier/outbox/a.999"), ANSWER),
        sent: 1,
    },
];

fn night(feed: &FirstFeed) {
    let _ = feed.night(2);
}

fn answer(feed: &FirstFeed, name: &str, text: &str) {
    put(&feed.site().join("carrier/outbox").join(name), text);
    let _ = feed.bex(3, &["acks"]);
}

/// The commands that are printed as next, each ready to be typed.
fn printed(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines().filter(|line| line.trim_start().starts_with("next:")) {
        let grounds = if line.contains("reason and evidence") { " --reason asked --evidence ticket" } else { "" };
        let quoted = line.split('`').skip(1).step_by(2).filter(|part| part.starts_with("bex "));
        // Where nothing is quoted, the whole line is what is to be typed.
        let whole = line.trim_start().strip_prefix("next: bex ").map(|rest| format!("bex {rest}"));
        let whole = whole.into_iter().flat_map(|line| line.split(", ").map(str::to_owned).collect::<Vec<_>>());
        let whole = whole.map(|part| part.trim_start_matches("then ").trim_start_matches("or ").to_owned());
        let all = quoted.map(str::to_owned).chain(whole).filter(|part| part.starts_with("bex "));
        found.extend(all.map(|part| part.replace("--reason R", "--reason asked") + grounds));
    }
    found.retain(|command| !["bex show", "bex help", "bex why"].iter().any(|look| command.starts_with(look)));
    found
}

/// Types a command; confirms the number of people that is printed, as it is asked to.
fn types(feed: &FirstFeed, command: &str) {
    let words: Vec<&str> = command.split_whitespace().skip(1).collect();
    let said = feed.bex(4, &words).text();
    if let Some((_, people)) = said.split_once("RUN021").and_then(|(_, rest)| rest.split_once("people ")) {
        let people: String = people.chars().take_while(char::is_ascii_digit).collect();
        let _ = feed.bex(4, &[&words[..], &["--confirm", &people]].concat());
    }
}

#[test]
fn from_a_board_that_needs_somebody_a_newcomer_comes_to_one_that_needs_nobody_by_what_is_printed() {
    for Trouble { what, breaks, mends, sent } in TROUBLES {
        let feed = FirstFeed::new();
        feed.sends("census.csv", CENSUS);
        feed.sends("elections.csv", ELECTIONS);
        breaks(&feed);
        let mut typed = Vec::new();
        // On the evening of the second day after, so that what is overdue is.
        for _ in 0..6 {
            let board = feed.bex(4, &["runs"]).exits(0).text() + &feed.bex(4, &["acks"]).text();
            let commands = printed(&board);
            let Some(next) = commands.first() else { break };
            mends(&feed);
            types(&feed, next);
            typed.push(next.clone());
        }
        let board = feed.bex(4, &["runs", "--json"]).exits(0).json();
        assert!(!typed.is_empty() && typed.len() < 6, "{what}: {typed:?}");
        assert_eq!(
            (&board["needs"], &board["held"]),
            (&serde_json::json!([]), &serde_json::json!([])),
            "{what}: {typed:?}"
        );
        assert_eq!(feed.sent(), sent, "{what}: {typed:?}");
    }
}
