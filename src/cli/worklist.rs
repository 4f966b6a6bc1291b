//! `bex worklist`.

use super::arguments::{Global, PlanArguments};
use super::page::Page;
use super::site::{open_to_read, refused};
use crate::access::LookAtMembers;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::night::feed_named;
use crate::report::{worklist_json, worklist_text};
use crate::run::{self, Exit, Worklist};

pub(super) fn run(page: &Page, global: &Global, arguments: &PlanArguments) -> Exit {
    let engine = match open_to_read::<LookAtMembers>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let list = match drawn(&engine, arguments) {
        Ok(list) => list,
        Err(fault) => return refused(page, &fault),
    };
    let answered = page.answer_shown(|| worklist_json(&list), || worklist_text(&list));
    if list.items.is_empty() { answered } else { Exit::Failed }
}

fn drawn(engine: &Engine, arguments: &PlanArguments) -> Result<Worklist, Fault> {
    let feed = feed_named(&engine.site, &arguments.feed)?;
    engine.grant_on::<LookAtMembers>(feed.name.as_str())?;
    engine.record_read("worklist", feed.name.as_str())?;
    let today = engine.today_of(feed);
    run::worklist(engine, feed, arguments.date.unwrap_or(today))
}
