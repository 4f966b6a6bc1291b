//! `bex schedule next` and `bex skip`.

use super::arguments::{Global, NextArguments, SkipArguments};
use super::page::Page;
use super::site::{load, open_or_read, refused};
use crate::access::Skip;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::night::{self, SkippedSlot, coming, feed_named, feeds_named};
use crate::report::{coming_json, coming_text};
use crate::run::Exit;
use crate::schedule::Moment;

pub(super) fn next(page: &Page, global: &Global, arguments: &NextArguments) -> Exit {
    let (site, clock) = match load(page, global) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let feeds = match feeds_named(&site, &arguments.feeds) {
        Ok(feeds) => feeds,
        Err(fault) => return refused(page, &fault),
    };
    let coming = coming(&site, &feeds, Moment::utc(clock.now()), arguments.days);
    page.faults(&site.calendars_ending(clock.today()));
    page.answer_shown(|| coming_json(&coming), || coming_text(&coming, page.screen()))
}

pub(super) fn skip(page: &Page, global: &Global, arguments: &SkipArguments) -> Exit {
    let plan = arguments.plan;
    let engine = match open_or_read::<Skip>(page, global, plan) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match skipped(page, &engine, arguments) {
        Ok(()) if plan => Exit::Done,
        Ok(()) => {
            let (feed, date) = (&arguments.feed, arguments.date);
            page.report(&format!("{feed}: {date} skipped\n"), false);
            if page.json {
                page.say_json(&serde_json::json!({ "feed": feed, "date": date.to_string(), "state": "skipped" }));
            }
            Exit::Done
        }
        Err(fault) => refused(page, &fault),
    }
}

fn skipped(page: &Page, engine: &Engine, arguments: &SkipArguments) -> Result<(), Fault> {
    let feed = feed_named(&engine.site, &arguments.feed)?;
    let reason = arguments.reason.as_deref().unwrap_or_default();
    let slot = SkippedSlot { feed, date: arguments.date, reason };
    slot.fits(engine)?;
    let (name, date) = (&arguments.feed, arguments.date);
    page.show(&format!("PLAN skip of {name} for {date}: no run; what it would have told, the feed's next run tells\n"));
    if arguments.plan {
        return Ok(());
    }
    night::skip(engine, &slot, &engine.grant_on(feed.name.as_str())?)
}
