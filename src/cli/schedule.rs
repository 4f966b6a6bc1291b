//! `bex schedule next`.

use super::arguments::{Global, NextArguments};
use super::page::Page;
use super::site::{load, refused};
use crate::night::{coming, feeds_named};
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
