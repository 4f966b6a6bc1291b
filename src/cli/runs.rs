//! `bex runs`.

use super::arguments::{Global, RunsArguments};
use super::page::Page;
use super::site::{open_to_read, refused};
use crate::access::Look;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::night::{
    RunFilter, alarms, held_feeds, missed_nights, open_slots, runs_wanted, waiting_inputs, wanting_runs,
};
use crate::report::{
    BoardRuns, alarms_text, board_json, board_text, held_text, missed_text, slots_text, waiting_text, with_alarms,
    with_held, with_slots, with_waiting,
};
use crate::run::Exit;

pub(super) fn board(page: &Page, global: &Global, asked: &RunsArguments) -> Exit {
    let engine = match open_to_read::<Look>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    say(page, &engine, asked).unwrap_or_else(|fault| refused(page, &fault))
}

fn say(page: &Page, engine: &Engine, asked: &RunsArguments) -> Result<Exit, Fault> {
    let RunsArguments { limit, employer, carrier, state } = asked;
    let filter = RunFilter { employer: employer.clone(), carrier: carrier.clone(), state: state.clone() };
    let (lines, mut needs) = (runs_wanted(engine, &filter, *limit)?, wanting_runs(engine)?);
    needs.retain(|line| filter.has(engine, line));
    let (mut missed, mut slots, mut held) = (missed_nights(engine)?, open_slots(engine)?, held_feeds(engine)?);
    missed.retain(|missed| filter.has_feed(engine, &missed.row.feed));
    slots.retain(|slot| filter.has_feed(engine, &slot.feed));
    held.retain(|held| filter.has_feed(engine, &held.feed));
    let (waiting, alarms) = (waiting_inputs(engine)?, alarms(engine)?);
    Ok(page.answer(
        || {
            let board =
                with_held(with_slots(board_json(&BoardRuns { lines: &lines, needs: &needs }, &missed), &slots), &held);
            with_alarms(with_waiting(board, &waiting), &alarms)
        },
        || {
            let board = alarms_text(&alarms)
                + &board_text(&BoardRuns { lines: &lines, needs: &needs }, page.paint)
                + &held_text(&held);
            board + &waiting_text(&waiting) + &missed_text(&missed, page.paint) + &slots_text(&slots)
        },
    ))
}
