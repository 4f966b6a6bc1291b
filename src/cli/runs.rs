//! `bex runs`.

use super::arguments::Global;
use super::page::Page;
use super::site::{open_to_read, refused};
use crate::access::Look;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::night::{alarms, held_feeds, missed_nights, newest_runs, open_slots, waiting_inputs};
use crate::report::{
    alarms_text, board_json, board_text, held_text, missed_text, slots_text, waiting_text, with_alarms, with_held,
    with_slots, with_waiting,
};
use crate::run::Exit;

pub(super) fn board(page: &Page, global: &Global, limit: u32) -> Exit {
    let engine = match open_to_read::<Look>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    say(page, &engine, limit).unwrap_or_else(|fault| refused(page, &fault))
}

fn say(page: &Page, engine: &Engine, limit: u32) -> Result<Exit, Fault> {
    let (lines, missed, slots) = (newest_runs(engine, limit)?, missed_nights(engine)?, open_slots(engine)?);
    let (held, waiting, alarms) = (held_feeds(engine)?, waiting_inputs(engine)?, alarms(engine)?);
    Ok(page.answer(
        || {
            let board = with_held(with_slots(board_json(&lines, &missed), &slots), &held);
            with_alarms(with_waiting(board, &waiting), &alarms)
        },
        || {
            let board = alarms_text(&alarms) + &board_text(&lines, page.paint) + &held_text(&held);
            board + &waiting_text(&waiting) + &missed_text(&missed, page.paint) + &slots_text(&slots)
        },
    ))
}
