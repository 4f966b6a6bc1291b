//! What the demonstration says.

use std::fmt::Write as _;
use std::path::Path;

use super::ground::Ground;
use crate::cli::arguments::DemoArguments;
use crate::night::{FeedRan, NightReport, OpenQuestion};
use crate::reconcile::questions;
use crate::report::counted;
use crate::run::AckSummary;

pub(super) fn opening(demo: &DemoArguments, root: &Path) -> String {
    let more = match demo.members {
        0 => String::new(),
        members => format!(", and {} more", counted(members.into(), "synthetic member", "synthetic members")),
    };
    format!(
        "Two employers, three carriers (two take change files, one a full file), six feeds{more}.\n\
         Everybody in it is made up. It stands in {}.\n\
         The carriers are real SSH servers on this machine; what they decrypt is in carriers/<carrier>/received.\n",
        root.display()
    )
}

const STORY: [&str; 3] = [
    "everybody is new to the carriers: a full load",
    "hires, a marriage, a newborn without SSN, a plan change, an address change, a termination with dependents,\n\
     a rehire, and somebody missing from the census without a reason",
    "nothing has changed: carriers that take change files are sent nothing",
];

pub(super) fn night(night: u32, ran: &NightReport, seconds: f64) -> String {
    let story = STORY[(night.clamp(1, 3) - 1) as usize];
    let families: u64 = ran.taken_in.iter().map(|taken| taken.families).sum();
    let changed: u64 = ran.taken_in.iter().map(|taken| taken.changed).sum();
    let mut text = format!("\nNight {night}, {}: {story}.\n", ran.date);
    let _ = writeln!(
        text,
        "Taken in: {} with {}, {changed} of them changed. Run in {seconds:.2} s.\n",
        counted(ran.taken_in.len() as u64, "file", "files"),
        counted(families, "family record", "family records"),
    );
    for FeedRan { feed, outcome, .. } in ran.feeds.iter().filter(|ran| !ran.outcome.faults().is_empty()) {
        let _ = writeln!(text, "{feed}: {}", outcome.word());
    }
    text
}

pub(super) fn came_back(acks: &AckSummary, asked: &[&OpenQuestion]) -> String {
    let AckSummary { applied, accepted, rejected, .. } = acks;
    let (files, accepted) = (counted(*applied, "file", "files"), counted(*accepted, "delivery", "deliveries"));
    let mut text = format!("\nCame back: {files}; {accepted} accepted, {rejected} rejected.\n");
    if asked.is_empty() {
        return text;
    }
    text.push_str("In question, because a person must decide; the carrier's knowledge stays as it was:\n");
    for question in asked.iter().take(12) {
        let (hold, member) = (&question.hold, question.member());
        let _ = writeln!(text, "  {}  member {member}  {}  {}", hold.code, hold.feed, meaning(&hold.code));
        for origin in &question.told_in {
            let _ = writeln!(text, "      {origin}");
        }
    }
    text
}

/// What a question says, in the words of its rule.
fn meaning(code: &str) -> &'static str {
    questions::RULES.iter().find(|rule| rule.code == code).map_or("see docs/runbook", |rule| rule.sentence)
}

/// How to look around. `run` is one that is worth a look; there is none where there was no night.
pub(super) fn closing(ground: &Ground, run: Option<i64>, seconds: f64) -> String {
    let (site, look) = if ground.temporary {
        let again = "The folder is removed now. To look around, run it again with --dir demo, then:\n";
        ("demo/site".to_string(), again.to_string())
    } else {
        (ground.root.join("site").display().to_string(), format!("Look around in {}:\n", ground.root.display()))
    };
    let mut text = format!("\nDone in {seconds:.1} s. {look}  bex --site {site} runs               the board\n");
    if let Some(run) = run {
        let _ = writeln!(
            text,
            "  bex --site {site} show {run:<13} one run: why it stands so, what to do, what it is made of"
        );
        let _ = writeln!(text, "  bex --site {site} plan sample-logistics-alpha-health");
    }
    text + "  carriers/alpha-health/received/      what a carrier decrypted\n\
        \x20 site/state/bex.log                   the log, JSON lines\n\
        From here to your own employer and carrier: docs/guide/first-feed.md\n"
}
