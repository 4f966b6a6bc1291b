//! `bex watch` and `bex metrics`: what another machine looks at.

use super::arguments::Global;
use super::page::Page;
use super::site::{load, open_to_read, refused};
use crate::access::Look;
use crate::night::{alive, morning};
use crate::report::{metrics, morning_json};
use crate::run::Exit;

/// Whether passes come to their end. No key is needed.
pub(super) fn run(page: &Page, global: &Global, minutes_max: u32) -> Exit {
    let (site, clock) = match load(page, global) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    match alive(&site.state(), clock, minutes_max) {
        Ok(at) => page.answer(|| serde_json::json!({ "last": at }), || format!("the last pass ended at {at}\n")),
        Err(fault) => refused(page, &fault),
    }
}

/// The site in Prometheus's text form.
pub(super) fn measures(page: &Page, global: &Global) -> Exit {
    let engine = match open_to_read::<Look>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match morning(&engine) {
        Ok(morning) => page.answer(|| morning_json(&morning), || metrics(&morning)),
        Err(fault) => refused(page, &fault),
    }
}
