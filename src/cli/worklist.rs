//! `bex worklist`.

use super::arguments::{Global, WorklistArguments};
use super::page::Page;
use super::site::{open_to_read, refused};
use crate::access::{LookAtMembers, Reveal};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::night::feed_named;
use crate::report::{Called, worklist_json, worklist_text};
use crate::run::{self, Exit, Worklist};

pub(super) fn run(page: &Page, global: &Global, arguments: &WorklistArguments) -> Exit {
    let engine = match open_to_read::<LookAtMembers>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let list = match drawn(&engine, arguments) {
        Ok(list) => list,
        Err(fault) => return refused(page, &fault),
    };
    let called = if arguments.reveal { Called::Named } else { Called::Masked };
    let answered = page.answer_shown(|| worklist_json(&list, called), || worklist_text(&list, called));
    if list.items.is_empty() { answered } else { Exit::Failed }
}

fn drawn(engine: &Engine, arguments: &WorklistArguments) -> Result<Worklist, Fault> {
    let feed = feed_named(&engine.site, &arguments.of.feed)?;
    engine.grant_on::<LookAtMembers>(feed.name.as_str())?;
    match &arguments.reason {
        Some(reason) if arguments.reveal => {
            engine.grant_on::<Reveal>(feed.name.as_str())?;
            engine.record_read_because("worklist", feed.name.as_str(), reason)?;
        }
        _ => engine.record_read("worklist", feed.name.as_str())?,
    }
    let today = engine.today_of(feed);
    run::worklist(engine, feed, arguments.of.date.unwrap_or(today))
}
