//! `bex run`.

use std::collections::BTreeMap;

use indicatif::ProgressBar;
use serde_json::json;

use super::acks::say_news;
use super::arguments::{Global, NightArguments};
use super::logging;
use super::page::Page;
use super::site::{open, open_unless_busy, refused};
use crate::access::{Concern, FetchAnswers, RunFeeds};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::{Carrier, Environment, Feed};
use crate::night::{
    Doing, Night, NightReport, PassFindings, Progress, Turn, beat, feeds_named, look_at_slots, notify, run_night,
};
use crate::report::{night_json, night_remarks};
use crate::run::{self, Exit};

pub(super) fn run(page: &Page, global: &Global, arguments: &NightArguments) -> Exit {
    if arguments.due {
        return run_pass(page, global, arguments);
    }
    let engine = match open::<RunFeeds>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let night = match asked_for(&engine, arguments) {
        Ok(night) => night,
        Err(fault) => return refused(page, &fault),
    };
    answer(page, run_watched(page, &engine, &night))
}

/// A pass: another that is under way does this one's work.
fn run_pass(page: &Page, global: &Global, arguments: &NightArguments) -> Exit {
    let engine = match open_unless_busy::<RunFeeds>(page, global) {
        Ok(Some(engine)) => engine,
        Ok(None) => {
            page.report("another process is at work on this site; the next pass looks again\n", false);
            if page.json {
                page.say_json(&json!({ "busy": true }));
            }
            return Exit::Done;
        }
        Err(exit) => return exit,
    };
    let bar = page.bar();
    let feeds = permitted(&engine, &arguments.feeds);
    let found = feeds.and_then(|feeds| look_at_slots(&engine, &feeds));
    let answered = found.as_ref().map_or(Exit::Done, |found| fetch_before(page, &engine, found));
    let report =
        found.and_then(|found| found.run(&engine, jobs(&engine, arguments), &mut |progress| show(&bar, progress)));
    bar.finish_and_clear();
    let ended = match (answer(page, report), answered) {
        (Exit::Done, answered) => answered,
        (ended, _) => ended,
    };
    // Told last of all: a messenger that hangs keeps no feed, and what it could not tell stands on the board.
    if let Err(fault) = notify(&engine) {
        tracing::error!(code = fault.code, "notices could not be given");
    }
    beat(&engine, ended);
    logging::note_figures(&engine);
    match ended {
        // Feeds that wait for one another, or have run, are no failure of a pass.
        Exit::Busy => Exit::Done,
        exit => exit,
    }
}

/// What carriers have answered since is fetched before their feeds are decided: whoever was told and is accepted can be
/// told more tonight. Only from carriers of feeds that are due, and only where an answer is awaited: no login is for
/// nothing. A carrier that cannot be asked keeps no feed from running.
fn fetch_before(page: &Page, engine: &Engine, found: &PassFindings) -> Exit {
    let (due, may) = (found.carriers(), engine.may::<FetchAnswers>(Concern::Anywhere));
    let awaited = engine.store.awaiting().unwrap_or_default();
    let is_meant = |carrier: &Carrier| {
        may && due.contains(&carrier.name) && awaited.iter().any(|row| row.carrier == carrier.name.as_str())
    };
    if !engine.site.carriers.values().any(is_meant) {
        return Exit::Done;
    }
    match run::acknowledge_from(engine, &is_meant) {
        Ok(summary) => say_news(page, engine, summary),
        Err(fault) => {
            tracing::error!(code = fault.code, "answers could not be fetched before the feeds");
            Exit::Done
        }
    }
}

fn answer(page: &Page, report: Result<NightReport, Fault>) -> Exit {
    match report {
        Ok(report) => {
            say(page, &report);
            report.exit()
        }
        Err(fault) => refused(page, &fault),
    }
}

fn asked_for<'e>(engine: &'e Engine, arguments: &NightArguments) -> Result<Night<'e>, Fault> {
    let feeds = permitted(engine, &arguments.feeds)?.into_iter();
    let turns = feeds.map(|feed| Turn::asked_for(feed, arguments.date, engine.clock));
    Ok(Night { turns: turns.collect::<Result<_, Fault>>()?, jobs: jobs(engine, arguments), expected: BTreeMap::new() })
}

/// How many carriers are served at once.
fn jobs(engine: &Engine, arguments: &NightArguments) -> usize {
    let usual = if engine.site.environment == Environment::Production { 4 } else { 1 };
    arguments.jobs.map_or(usual, usize::from)
}

/// The feeds that are meant and may be run: those named, each of them permitted; or all that are permitted.
fn permitted<'e>(engine: &'e Engine, named: &[String]) -> Result<Vec<&'e Feed>, Fault> {
    let feeds = feeds_named(&engine.site, named)?;
    // Whoever names no feed means those that are theirs to run, and is not refused for the others.
    if named.is_empty() {
        let may = |feed: &&Feed| engine.may::<RunFeeds>(engine.site.scope_of(feed.name.as_str()));
        return Ok(feeds.into_iter().filter(may).collect());
    }
    for feed in &feeds {
        engine.grant_on::<RunFeeds>(feed.name.as_str())?;
    }
    Ok(feeds)
}

/// Runs a night, with a bar for whoever watches the terminal.
pub(super) fn run_watched(page: &Page, engine: &Engine, night: &Night) -> Result<NightReport, Fault> {
    let bar = page.bar();
    let report = run_night(engine, night, &mut |progress| show(&bar, progress));
    bar.finish_and_clear();
    report
}

fn show(bar: &ProgressBar, progress: Progress) {
    bar.set_length(progress.total as u64);
    bar.set_position(progress.done as u64);
    bar.set_message(match progress.doing {
        Doing::TakingIn(source) => format!("taking in {source}"),
        Doing::Running(feed) => format!("running {feed}"),
    });
}

fn say(page: &Page, report: &NightReport) {
    if page.json {
        page.say_json(&night_json(report));
    }
    night_remarks(report, page.paint).iter().for_each(|remark| page.remark(remark));
}
