//! `bex review`: what was done, day by day, and who has signed for it.
#![allow(clippy::disallowed_methods, reason = "an edge: this command reads a signature that a person names")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::arguments::{Global, ReviewCommand, ReviewSignArguments};
use super::page::Page;
use super::rules;
use super::site::{open, open_to_look, refused};
use crate::access::{Audit, Concern, Review};
use crate::act::{Grounds, ReviewDay, ReviewSigned, review_days, sign_review};
use crate::engine::{Engine, OpenSite};
use crate::fault::Fault;
use crate::model::ids::hex;
use crate::report::{counted, leaves_text};
use crate::run::Exit;
use crate::store::ReviewRow;

pub(super) fn run(page: &Page, global: &Global, command: &ReviewCommand) -> Exit {
    let answered = match command {
        ReviewCommand::Sign(asked) => match open::<Review>(page, global) {
            Ok(engine) => sign(page, &engine, asked),
            Err(exit) => return exit,
        },
        looking => match open_to_look::<Audit>(page, global) {
            Ok(site) => look(page, &site, looking),
            Err(exit) => return exit,
        },
    };
    answered.unwrap_or_else(|fault| refused(page, &fault))
}

/// What was done is in the log, and none of it is sealed.
fn look(page: &Page, site: &OpenSite, command: &ReviewCommand) -> Result<Exit, Fault> {
    match command {
        ReviewCommand::Show { day, to_sign } => {
            shown(site, *day).map(|day| if *to_sign { as_it_is(page, &day) } else { show(page, &day) })
        }
        _ => list(page, site),
    }
}

fn list(page: &Page, site: &OpenSite) -> Result<Exit, Fault> {
    let (waiting, signed) = (review_days(site)?, site.store.reviews(60)?);
    Ok(page.answer_shown(|| list_json(&waiting, &signed), || list_text(&waiting, &signed)))
}

fn list_text(waiting: &[ReviewDay], signed: &[ReviewRow]) -> String {
    let mut text = String::new();
    for day in waiting {
        let events = counted((day.last - day.first + 1).unsigned_abs(), "event", "events");
        let exceptions = counted(day.exceptions.len() as u64, "exception", "exceptions");
        let _ = writeln!(text, " ! {}  events {} to {}: {events}, {exceptions}", day.day, day.first, day.last);
    }
    for row in signed {
        let _ = writeln!(text, " o events {} to {}: signed by {} at {}", row.first, row.last, row.who, row.at);
    }
    if let Some(oldest) = waiting.first() {
        let _ = writeln!(text, "     next: `bex review show {}`", oldest.day);
    }
    text
}

fn list_json(waiting: &[ReviewDay], signed: &[ReviewRow]) -> Value {
    let signed = signed.iter().map(|row| {
        json!({ "first": row.first, "last": row.last, "digest": hex(&row.digest), "at": row.at, "who": row.who,
            "by_key": row.signature.is_some() })
    });
    json!({ "waiting": waiting.iter().map(day_json).collect::<Vec<_>>(), "signed": signed.collect::<Vec<_>>() })
}

fn day_json(day: &ReviewDay) -> Value {
    let exception = |leaf: &String| serde_json::from_str::<Value>(leaf).unwrap_or(Value::Null);
    json!({
        "day": day.day.to_string(), "first": day.first, "last": day.last, "digest": day.digest(),
        "exceptions": day.exceptions.iter().map(|event| exception(&event.leaf)).collect::<Vec<_>>(),
        "counts": day.counts, "people": day.people,
    })
}

/// The day asked for, or the oldest that waits.
fn shown(site: &OpenSite, wanted: Option<chrono::NaiveDate>) -> Result<ReviewDay, Fault> {
    let mut days = review_days(site)?.into_iter();
    let found = days.find(|day| wanted.is_none_or(|wanted| wanted == day.day));
    found.ok_or_else(|| rules::NOTHING_TO_REVIEW.fault())
}

/// Byte for byte what a key signs.
fn as_it_is(page: &Page, day: &ReviewDay) -> Exit {
    page.say(&day.text());
    Exit::Done
}

fn show(page: &Page, day: &ReviewDay) -> Exit {
    page.answer_shown(|| day_json(day), || show_text(day))
}

fn show_text(day: &ReviewDay) -> String {
    let mut text = format!("{}: events {} to {}\n\nTo be looked at one by one\n", day.day, day.first, day.last);
    let exceptions: Vec<String> = day.exceptions.iter().map(|event| event.leaf.clone()).collect();
    text += &leaves_text(&exceptions, &BTreeMap::new());
    if day.exceptions.is_empty() {
        text.push_str("  nothing\n");
    }
    text.push_str("\nAll events\n");
    day.counts.iter().for_each(|(action, count)| text += &format!("  {count:>6}  {action}\n"));
    let people = day.people.iter().cloned().collect::<Vec<_>>().join(" ");
    let _ = writeln!(text, "\ndone by {people}");
    let _ = writeln!(text, "next: `bex review sign {} --expect {} --finding F`", day.day, day.digest());
    text
}

fn sign(page: &Page, engine: &Engine, asked: &ReviewSignArguments) -> Result<Exit, Fault> {
    let signature = asked.signature.as_ref().and_then(|path| std::fs::read_to_string(path).ok());
    let finding = Grounds { reason: &asked.finding, evidence: None, asked: None };
    let signed =
        ReviewSigned { day: asked.day, digest: &asked.expect, signature: signature.as_deref(), finding: &finding };
    let day = sign_review(engine, &signed, &engine.grant::<Review>(Concern::SITE)?)?;
    let said = format!("events {} to {} of {} signed\n", day.first, day.last, day.day);
    Ok(page.answer(|| json!({ "day": day.day.to_string(), "first": day.first, "last": day.last }), || said))
}
