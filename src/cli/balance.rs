//! `bex balance`.

use super::arguments::{Global, PlanArguments};
use super::page::Page;
use super::site::{open_to_read, refused};
use crate::access::LookAtMembers;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::night::feed_named;
use crate::report::{balance_json, balance_text};
use crate::run::{self, Balance, Exit};

pub(super) fn run(page: &Page, global: &Global, arguments: &PlanArguments) -> Exit {
    let engine = match open_to_read::<LookAtMembers>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let balance = match drawn(&engine, arguments) {
        Ok(balance) => balance,
        Err(fault) => return refused(page, &fault),
    };
    let answered = page.answer_shown(|| balance_json(&balance), || balance_text(&balance));
    match balance.doubt() {
        Some(doubt) => refused(page, &doubt),
        None if balance.unconfirmed.is_empty() => answered,
        None => Exit::Failed,
    }
}

fn drawn(engine: &Engine, arguments: &PlanArguments) -> Result<Balance, Fault> {
    let feed = feed_named(&engine.site, &arguments.feed)?;
    engine.grant_on::<LookAtMembers>(feed.name.as_str())?;
    engine.record_read("balance", feed.name.as_str())?;
    let today = engine.today_of(feed);
    run::balance(engine, feed, arguments.date.unwrap_or(today))
}
