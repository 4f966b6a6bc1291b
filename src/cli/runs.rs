//! `bex runs` and `bex show`.

use super::arguments::Global;
use super::page::Page;
use super::site::{open_to_read, refused};
use crate::engine::Engine;
use crate::fault::{Fault, Place};
use crate::report::{self, Board, Question, RunLine};
use crate::run::Exit;
use crate::store::{HoldRow, Owner, RunRow};

pub(super) fn board(page: &Page, global: &Global, limit: u32) -> Exit {
    let engine = match open_to_read(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match lines(&engine, limit) {
        Ok(lines) => {
            say_board(page, &lines);
            Exit::Done
        }
        Err(fault) => refused(page, &fault),
    }
}

fn say_board(page: &Page, lines: &[RunLine]) {
    if page.json {
        let runs: Vec<_> = lines.iter().map(RunLine::json).collect();
        return page.say_json(&serde_json::json!({ "runs": runs }));
    }
    page.say(&report::board(lines));
}

/// The newest runs, the oldest of them first.
pub(super) fn lines(engine: &Engine, limit: u32) -> Result<Vec<RunLine>, Fault> {
    let runs = engine.store.runs(limit.into())?;
    runs.into_iter().rev().map(|run| line(engine, run)).collect()
}

fn line(engine: &Engine, run: RunRow) -> Result<RunLine, Fault> {
    let delivery = engine.store.delivery_of(run.id)?;
    Ok(RunLine { run, delivery })
}

pub(super) fn show(page: &Page, global: &Global, run: i64) -> Exit {
    let engine = match open_to_read(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match whole(&engine, run) {
        Ok(board) if page.json => {
            page.say_json(&board.json());
            Exit::Done
        }
        Ok(board) => {
            page.say(&report::run_page(&board));
            Exit::Done
        }
        Err(fault) => refused(page, &fault),
    }
}

fn whole(engine: &Engine, run: i64) -> Result<Board, Fault> {
    let store = &engine.store;
    let row = store.run(run)?.ok_or_else(no_such_run)?;
    let inputs: Result<Vec<_>, Fault> =
        [row.census_input, row.elections_input].into_iter().map(|id| store.input(id)).collect();
    let mut faults = store.faults(Owner::Run(run))?;
    for input in [row.census_input, row.elections_input] {
        faults.extend(store.faults(Owner::Input(input))?);
    }
    let holds = questions(engine, &row, |_| true)?;
    let line = line(engine, row)?;
    let attempts = line.delivery.as_ref().map_or(Ok(Vec::new()), |delivery| store.attempts(delivery.id))?;
    Ok(Board { line, inputs: inputs?.into_iter().flatten().collect(), attempts, holds, faults })
}

/// The open questions of a run's feed that are wanted, with the rows of its sources they are about.
pub(super) fn questions(
    engine: &Engine,
    run: &RunRow,
    wanted: impl Fn(&HoldRow) -> bool,
) -> Result<Vec<Question>, Fault> {
    let store = &engine.store;
    let inputs: Result<Vec<_>, Fault> =
        [run.census_input, run.elections_input].map(|id| store.input(id)).into_iter().collect();
    let sources: Vec<String> = inputs?.into_iter().flatten().map(|input| input.source).collect();
    let told_in = |hold: HoldRow| {
        let origins = sources.iter().filter_map(|source| store.origin(source, i64::MAX, hold.family()).transpose());
        Ok(Question { told_in: origins.collect::<Result<_, Fault>>()?, hold })
    };
    store.open_holds(&run.feed)?.into_iter().filter(wanted).map(told_in).collect()
}

fn no_such_run() -> Fault {
    Fault::error("RUN006", Place::Nowhere, "there is no such run", "see `bex runs` for the runs there are")
}
