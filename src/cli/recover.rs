//! `bex recover`.

use std::fmt::Write as _;

use serde_json::json;

use super::arguments::Global;
use super::page::Page;
use super::site::{open_to_recover, refused};
use crate::access::grant;
use crate::engine::{Engine, StrayDelivery, Strays, recover, strays};
use crate::fault::Fault;
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
    if page.json {
        let delivery =
            |stray: &StrayDelivery| json!({ "delivery": stray.id, "carrier": stray.carrier, "number": stray.number });
        let deliveries: Vec<_> = strays.deliveries.iter().map(delivery).collect();
        return page.say_json(&json!({ "inputs": strays.inputs, "deliveries": deliveries, "recovered": recovered }));
    }
    let mut text = String::new();
    for input in &strays.inputs {
        let _ = writeln!(text, "input {input} lies in the archive, and the store does not know it");
    }
    for StrayDelivery { id, carrier, number, .. } in &strays.deliveries {
        let _ = writeln!(
            text,
            "delivery {id} to {carrier}, numbered {number:09}, lies in the outbox, and the store does not know it"
        );
    }
    page.say(&(text + ending(strays, recovered)));
}

fn ending(strays: &Strays, recovered: bool) -> &'static str {
    match (strays.is_empty(), recovered) {
        (true, _) => "the store knows everything that lies beside it\n",
        (false, true) => {
            "numbers go on behind these; what the files said is not known to the store: see docs/runbook/STO.md#sto006\n"
        }
        (false, false) => "nothing was changed; restore a newer bex.db if there is one, else: bex recover --reason R\n",
    }
}
