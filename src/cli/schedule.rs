//! `bex schedule next` and `bex skip`.

use super::arguments::{Global, NextArguments, SkipArguments};
use super::page::Page;
use super::site::{load, open, refused};
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
    page.answer(|| coming_json(&coming), || coming_text(&coming))
}

pub(super) fn skip(page: &Page, global: &Global, arguments: &SkipArguments) -> Exit {
    let engine = match open::<Skip>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match skipped(&engine, arguments) {
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

fn skipped(engine: &Engine, arguments: &SkipArguments) -> Result<(), Fault> {
    let feed = feed_named(&engine.site, &arguments.feed)?;
    let slot = SkippedSlot { feed, date: arguments.date, reason: &arguments.reason };
    night::skip(engine, &slot, &engine.grant_on(feed.name.as_str())?)
}
