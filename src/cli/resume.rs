//! `bex resume`, `bex release` and `bex void`.

use super::arguments::{Global, ReleaseArguments, VoidArguments};
use super::page::Page;
use super::site::{open, refused};
use crate::access::grant;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::report::fault_json;
use crate::run::{self, Exit, Outcome};

pub(super) fn resume(page: &Page, global: &Global, run: i64) -> Exit {
    with_engine(page, global, |engine| run::resume(engine, run))
}

pub(super) fn release(page: &Page, global: &Global, arguments: &ReleaseArguments) -> Exit {
    with_engine(page, global, |engine| run::release(engine, arguments.run, &arguments.reason, &grant(&engine.actor)?))
}

pub(super) fn void(page: &Page, global: &Global, arguments: &VoidArguments) -> Exit {
    with_engine(page, global, |engine| run::void(engine, arguments.run, &arguments.reason, &grant(&engine.actor)?))
}

fn with_engine(page: &Page, global: &Global, act: impl Fn(&Engine) -> Result<Outcome, Fault>) -> Exit {
    let engine = match open(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match act(&engine) {
        Ok(outcome) => {
            say(page, &outcome);
            outcome.exit()
        }
        Err(fault) => refused(page, &fault),
    }
}

fn say(page: &Page, outcome: &Outcome) {
    if page.json {
        let faults: Vec<_> = outcome.faults().iter().map(fault_json).collect();
        page.say_json(&serde_json::json!({ "outcome": outcome.word(), "faults": faults }));
    }
    page.report(&format!("{}\n", page.paint.state(outcome.word())), outcome.exit() != Exit::Done);
    page.faults(outcome.faults());
}
