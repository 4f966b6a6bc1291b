//! `bex show input` and `bex input`: files that were taken in, and what is to come of those that wait.

use serde_json::json;

use super::arguments::{Global, InputCommand};
use super::page::Page;
use super::site::{open, open_to_read, refused};
use crate::access::{Concern, Look, SettleInput};
use crate::act::{Grounds, InputAct, settle_input};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::Feed;
use crate::model::source::SourceRef;
use crate::night::input_board;
use crate::report::{input_json, input_text};
use crate::run::Exit;

pub(super) fn show(page: &Page, global: &Global, input: i64) -> Exit {
    let engine = match open_to_read::<Look>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match input_board(&engine, input) {
        Ok(board) => page.answer(|| input_json(&board), || page.screen().fold(&input_text(&board, page.paint))),
        Err(fault) => refused(page, &fault),
    }
}

pub(super) fn run(page: &Page, global: &Global, command: &InputCommand) -> Exit {
    let (InputCommand::Read { plan, .. } | InputCommand::Settle { plan, .. }) = command;
    let opened = if *plan { open_to_read::<SettleInput>(page, global) } else { open::<SettleInput>(page, global) };
    let engine = match opened {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let ended = meant(&engine, command).and_then(|act| {
        page.say(&plan_text(&act));
        if *plan { Ok(None) } else { done(&engine, command, act).map(Some) }
    });
    match ended {
        Ok(Some(done)) => say(page, &done),
        Ok(None) => Exit::Done,
        Err(fault) => refused(page, &fault),
    }
}

/// What would be done.
fn plan_text(act: &InputAct) -> String {
    let input = act.input.id;
    match &act.read_as {
        Some(source) => format!("PLAN input read of input {input}: the next run reads its sealed copy as {source}\n"),
        None => {
            format!("PLAN input settle of input {input}: nothing comes of it, and nobody is asked about it again\n")
        }
    }
}

/// What was done to a file that waited.
struct InputDone {
    act: InputAct,
    read: Option<i64>,
}

fn meant(engine: &Engine, command: &InputCommand) -> Result<InputAct, Fault> {
    match command {
        InputCommand::Read { input, source, .. } => InputAct::read(engine, *input, source.as_deref()),
        InputCommand::Settle { input, .. } => InputAct::settle(engine, *input),
    }
}

fn done(engine: &Engine, command: &InputCommand, act: InputAct) -> Result<InputDone, Fault> {
    let (InputCommand::Read { reason, .. } | InputCommand::Settle { reason, .. }) = command;
    let grounds = Grounds { reason: reason.as_deref().unwrap_or_default(), evidence: None, asked: None };
    let read = settle_input(engine, &act, &grounds, &engine.grant(input_scope(engine, act.input.source.as_str()))?)?;
    Ok(InputDone { act, read })
}

/// What a decision on an input concerns: its employer's people, whoever is told of them.
fn input_scope<'e>(engine: &'e Engine, source: &str) -> Concern<'e> {
    let named = SourceRef::parse(source);
    let feeds = engine.site.feeds.values();
    let feed = named.and_then(|named| feeds.into_iter().find(|feed| reads(feed, &named)));
    Concern::Of { employer: feed.map(|feed| feed.employer.as_str()), carrier: None }
}

fn reads(feed: &Feed, source: &SourceRef) -> bool {
    feed.census_source() == *source || feed.elections_source() == *source
}

fn say(page: &Page, done: &InputDone) -> Exit {
    let (input, source) = (done.act.input.id, done.act.read_as.as_ref().map(ToString::to_string));
    let said = match (&source, done.read) {
        (Some(source), Some(read)) => format!("input {input} is read as input {read} of {source} by the next run\n"),
        _ => format!("input {input} settled: nothing comes of it\n"),
    };
    page.report(&said, false);
    if page.json {
        page.say_json(&json!({ "input": input, "state": "settled", "read_as": source, "becomes": done.read }));
    }
    Exit::Done
}
