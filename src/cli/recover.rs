//! `bex recover`.

use super::arguments::Global;
use super::page::Page;
use super::site::{open_to_recover, refused};
use crate::access::grant;
use crate::engine::{Engine, Strays, recover, strays};
use crate::fault::Fault;
use crate::report::{strays_json, strays_text};
use crate::run::Exit;

/// Says what lies beside the store and is not in it; with a reason, makes it possible to go on.
pub(super) fn run(page: &Page, global: &Global, reason: Option<&str>) -> Exit {
    let engine = match open_to_recover(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match recovered(&engine, reason) {
        Ok((strays, recovered)) => {
            say(page, &strays, recovered);
            if strays.is_empty() || recovered { Exit::Done } else { Exit::IntegrityStop }
        }
        Err(fault) => refused(page, &fault),
    }
}

/// What was found, and whether it was dealt with.
fn recovered(engine: &Engine, reason: Option<&str>) -> Result<(Strays, bool), Fault> {
    let strays = strays(engine)?;
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty() && !strays.is_empty());
    if let Some(reason) = reason {
        recover(engine, &strays, reason, &grant(&engine.actor)?)?;
    }
    Ok((strays, reason.is_some()))
}

fn say(page: &Page, strays: &Strays, recovered: bool) {
    page.answer(|| strays_json(strays, recovered), || strays_text(strays, recovered));
}
