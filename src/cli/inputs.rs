//! `bex show input` and `bex input`: files that were taken in, and what is to come of them.

use serde_json::{Value, json};

use super::acks::SettleWanted;
use super::arguments::{Global, InputCommand};
use super::page::{Page, asked_number};
use super::site::{open_or_read, open_to_look, refused};
use crate::access::{Look, SettleInput};
use crate::act::{Grounds, InputAct, PartMeant, settle_input, settle_parts};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::night::input_board;
use crate::report::{counted, input_json, input_text, part_json};
use crate::run::Exit;
use crate::state::{InputState, State as _};
use crate::store::SetPartRow;
use crate::take_in::ReadAs;

pub(super) fn show(page: &Page, global: &Global, input: i64, with_faults: bool) -> Exit {
    let site = match open_to_look::<Look>(page, global) {
        Ok(site) => site,
        Err(exit) => return exit,
    };
    match input_board(site.any(), input) {
        Ok(board) => {
            let text = || page.screen().fold(&input_text(&board, with_faults, page.paint));
            page.answer_of(&site, || input_json(&board), text)
        }
        Err(fault) => refused(page, &fault),
    }
}

pub(super) fn run(page: &Page, global: &Global, command: &InputCommand) -> Exit {
    let (InputCommand::Read { plan, reason, .. } | InputCommand::Settle { plan, reason, .. }) = command;
    let opened = open_or_read::<SettleInput>(page, global, *plan);
    let engine = match opened {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let reason = reason.as_deref().unwrap_or_default();
    let grounds = Grounds { reason, evidence: None, asked: None };
    let (act, confirm) = match command {
        InputCommand::Read { input, source, .. } => {
            let act = InputAct::read(&engine, *input, source.as_deref());
            // Only a plan reads it on trial: a run does so in earnest, and a large file is not read twice.
            (if *plan { act.and_then(|act| act.read_ahead(&engine)) } else { act }, None)
        }
        InputCommand::Settle { part: Some(part), day, .. } => {
            let wanted = SettleWanted { plan: *plan, confirm: None, grounds: &grounds };
            let meant = PartMeant::parse(part, day.map(|day| day.to_string()));
            return meant
                .map_or_else(|fault| refused(page, &fault), |meant| perform_on_part(page, &engine, &meant, &wanted));
        }
        InputCommand::Settle { input, confirm, .. } => (InputAct::settle(&engine, input.unwrap_or_default()), *confirm),
    };
    perform(page, &engine, act, &SettleWanted { plan: *plan, confirm, grounds: &grounds })
}

/// Shows which files would wait no more, and ends their waiting.
pub(super) fn perform_on_part(page: &Page, engine: &Engine, meant: &PartMeant, wanted: &SettleWanted) -> Exit {
    part_settled(page, engine, meant, wanted).unwrap_or_else(|fault| refused(page, &fault))
}

fn part_settled(page: &Page, engine: &Engine, meant: &PartMeant, wanted: &SettleWanted) -> Result<Exit, Fault> {
    let waiting = meant.waiting(engine)?;
    let one = |row: &SetPartRow| {
        let of = row.day.as_ref().map(|day| format!(" of {day}")).unwrap_or_default();
        format!("{}{of}, received {}", row.part, row.received_at)
    };
    let files = waiting.iter().map(one).collect::<Vec<_>>().join("; ");
    page.show(&format!("PLAN input settle of {files}: it waits for no other file, and nothing comes of it\n"));
    let json = |rows: &[SetPartRow]| rows.iter().map(part_json).collect::<Vec<_>>();
    if wanted.plan {
        return Ok(page.answer(|| json!({ "plan": { "parts": json(&waiting) } }), String::new));
    }
    let permit = engine.grant(engine.site.scope_of_source(&meant.source))?;
    let ended = settle_parts(engine, meant, wanted.grounds, &permit)?;
    page.report(&format!("{} settled: nothing comes of it\n", meant.words()), false);
    if page.json {
        page.say_json(&json!({ "parts": json(&ended), "state": InputState::Settled.word() }));
    }
    Ok(Exit::Done)
}

/// Shows what would be done with a file, and does it.
pub(super) fn perform(page: &Page, engine: &Engine, act: Result<InputAct, Fault>, wanted: &SettleWanted) -> Exit {
    act.and_then(|act| performed(page, engine, &act, wanted)).unwrap_or_else(|fault| refused(page, &fault))
}

fn performed(page: &Page, engine: &Engine, act: &InputAct, wanted: &SettleWanted) -> Result<Exit, Fault> {
    page.show(&plan_text(act));
    if wanted.plan {
        return Ok(page.answer(|| json!({ "plan": plan_json(act) }), String::new));
    }
    let ask = || asked_number(page, "how many people does that concern? (0 stops) ").filter(|_| act.people() > 0);
    act.confirmed(wanted.confirm.or_else(|| act.back.as_ref().and_then(|_| ask())))?;
    let permit = engine.grant(engine.site.scope_of_source(&act.input.source))?;
    let read = settle_input(engine, act, wanted.grounds, &permit)?;
    Ok(say(page, act, read))
}

/// What would be done.
fn plan_text(act: &InputAct) -> String {
    let input = act.input.id;
    let follows = match (&act.read_as, &act.back) {
        (Some(ReadAs { source, part: Some(part) }), _) => {
            format!("its sealed copy waits as {part} of {source}, and is read with the others")
        }
        (Some(ReadAs { source, .. }), _) => format!("the next run reads its sealed copy as {source}{}", comes_to(act)),
        (None, Some(back)) => {
            let people = counted(back.people, "person", "people");
            let newest = match &back.before {
                Some(before) => format!("input {} is the newest of {} again", before.id, act.input.source),
                None => format!("nothing came of {} before it", act.input.source),
            };
            format!("it counts as never sent, {people}; {newest}")
        }
        (None, None) => "nothing comes of it, and nobody is asked about it again".to_string(),
    };
    format!("PLAN {} of input {input}: {follows}\n", act.word())
}

/// What reading it would come to, by the mapping as it is now.
fn comes_to(act: &InputAct) -> String {
    let Some(ahead) = &act.ahead else { return String::new() };
    match (&ahead.looked_at, &ahead.refused) {
        (_, Some(fault)) => {
            let because: String = fault.facts.iter().map(|fact| format!(" {fact}")).collect();
            format!("; it would be refused{because}")
        }
        (Some(read), None) => {
            let families = counted(read.families, "family", "families");
            format!("; {families}, {} said otherwise than now; no guard is asked before the run", read.changed)
        }
        (None, None) => String::new(),
    }
}

fn source_of(act: &InputAct) -> Option<String> {
    act.read_as.as_ref().map(|read_as| read_as.source.to_string())
}

/// Of several files that make a census, the one that it is read as.
fn part_of(act: &InputAct) -> Option<&str> {
    act.read_as.as_ref()?.part.as_deref()
}

fn plan_json(act: &InputAct) -> Value {
    let ahead = act.ahead.as_ref();
    let read = ahead.and_then(|ahead| ahead.looked_at.as_ref());
    let before = act.back.as_ref().and_then(|back| back.before.as_ref()).map(|before| before.id);
    json!({
        "input": act.input.id, "state": act.input.state.word(), "people": act.people(), "before": before,
        "read_as": source_of(act), "part": part_of(act), "families": read.map(|read| read.families),
        "changed": read.map(|read| read.changed),
        "refused": ahead.and_then(|ahead| ahead.refused.as_ref()).map(|fault| fault.code),
    })
}

fn say(page: &Page, act: &InputAct, read: Option<i64>) -> Exit {
    let (input, source) = (act.input.id, source_of(act));
    let said = match (&source, read) {
        (Some(source), None) => {
            format!("input {input} waits as {} of {source} for the others\n", part_of(act).unwrap_or_default())
        }
        (Some(source), Some(read)) => format!("input {input} is read as input {read} of {source} by the next run\n"),
        _ if act.back.is_some() => format!("input {input} settled: it counts as never sent\n"),
        _ => format!("input {input} settled: nothing comes of it\n"),
    };
    page.report(&said, false);
    if page.json {
        let state = if act.is_again() { InputState::Applied } else { InputState::Settled };
        page.say_json(
            &json!({ "input": input, "state": state.word(), "read_as": source, "part": part_of(act), "becomes": read }),
        );
    }
    Exit::Done
}
