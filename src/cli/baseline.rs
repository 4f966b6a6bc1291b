//! `bex baseline`.

use super::against::listed;
use super::arguments::{BaselineArguments, Global};
use super::page::{Page, asked_number};
use super::site::{open_or_read, refused};
use crate::access::Declare;
use crate::act::{self, BaselineBy, BaselineDone, Grounds};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::Feed;
use crate::night::{Night, Turn, feed_named, run_night};
use crate::report::{baseline_json, baseline_text};
use crate::roster::Listed;
use crate::run::{self, Baseline, BaselineAsked, BaselineBasis, Exit};

pub(super) fn run(page: &Page, global: &Global, arguments: &BaselineArguments) -> Exit {
    let engine = match open_or_read::<Declare>(page, global, arguments.consent.plan) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match planned_and_done(page, &engine, arguments) {
        Ok((baseline, done)) => page.answer(
            || baseline_json(&baseline, done),
            || done.map_or_else(String::new, |run| done_text(&baseline, run)),
        ),
        Err(fault) => refused(page, &fault),
    }
}

fn done_text(baseline: &Baseline, run: i64) -> String {
    let feed = &baseline.feed;
    format!("recorded as run {run}; `bex plan {feed}` shows what the first file would say\n")
}

/// What it comes to, and the run that stands for it where it was declared.
fn planned_and_done(
    page: &Page,
    engine: &Engine,
    arguments: &BaselineArguments,
) -> Result<(Baseline, Option<i64>), Fault> {
    let feed = feed_named(&engine.site, &arguments.feed)?;
    let permit = engine.grant_on::<Declare>(feed.name.as_str())?;
    let date = arguments.declare.or(arguments.date);
    let as_of = Turn::asked_for(feed, date, engine.clock)?.date;
    let rows = arguments.roster.as_deref().map(listed).transpose()?;
    let asked = asked(feed, as_of, rows.as_deref());
    if arguments.consent.plan {
        let baseline = run::plan_baseline(engine, &asked)?;
        page.show(&baseline_text(&baseline));
        return Ok((baseline, None));
    }
    taken_in(page, engine, feed, as_of)?;
    let _mine = engine.work_on_feed(feed.name.as_str())?;
    let baseline = run::plan_baseline(engine, &asked)?;
    page.show(&baseline_text(&baseline));
    let agreed = arguments.consent.confirm.or_else(|| asked_number(page, "how many people is that? (0 stops) "));
    let grounds =
        Grounds { reason: arguments.consent.reason.as_deref().unwrap_or_default(), evidence: None, asked: None };
    let by = BaselineBy { grounds: &grounds, permit: &permit };
    let BaselineDone { run, baseline } = act::baseline(engine, &asked, agreed, &by)?;
    Ok((baseline, Some(run)))
}

fn asked<'b>(feed: &'b Feed, as_of: chrono::NaiveDate, rows: Option<&'b [Listed]>) -> BaselineAsked<'b> {
    BaselineAsked { feed, as_of, basis: rows.map_or(BaselineBasis::Declared, BaselineBasis::Listed) }
}

/// Takes in what waits of the feed's sources, as a night does, and runs nothing.
fn taken_in(page: &Page, engine: &Engine, feed: &Feed, date: chrono::NaiveDate) -> Result<(), Fault> {
    let sources = [feed.census_source(), feed.elections_source()].map(|source| (source.to_string(), date));
    let night = Night { turns: Vec::new(), jobs: 1, expected: sources.into() };
    let report = run_night(engine, &night, &mut |_| ())?;
    page.faults(&report.notices);
    Ok(())
}
