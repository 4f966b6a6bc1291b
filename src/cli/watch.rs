//! `bex watch` and `bex metrics`: what another machine looks at.

use super::arguments::Global;
use super::page::Page;
use super::site::{load, open, open_to_look, refused};
use crate::access::{Look, RunFeeds};
use crate::night::rules::NO_CHANNEL;
use crate::night::{alive, morning, notify, notify_test};
use crate::report::{counted, metrics, morning_json};
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

/// Tells whoever wants to know what needs somebody now, or sends a test.
pub(super) fn tell(page: &Page, global: &Global, test: bool) -> Exit {
    let engine = match open::<RunFeeds>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    if test && engine.site.notify.is_empty() {
        return refused(page, &NO_CHANNEL.fault());
    }
    match if test { Ok(notify_test(&engine)) } else { notify(&engine) } {
        Ok(failed) => {
            page.faults(&failed);
            let channels = engine.site.notify.len();
            let reached = channels - failed.len();
            page.report(&format!("{reached} of {}\n", counted(channels as u64, "channel", "channels")), false);
            if page.json {
                page.say_json(&serde_json::json!({ "channels": channels, "failed": failed.len() }));
            }
            if failed.is_empty() { Exit::Done } else { Exit::Failed }
        }
        Err(fault) => refused(page, &fault),
    }
}

/// The site in Prometheus's text form.
pub(super) fn measures(page: &Page, global: &Global) -> Exit {
    let site = match open_to_look::<Look>(page, global) {
        Ok(site) => site,
        Err(exit) => return exit,
    };
    match morning(site.any()) {
        Ok(morning) => page.answer_of(&site, || morning_json(&morning), || metrics(&morning)),
        Err(fault) => refused(page, &fault),
    }
}
