//! `bex runs`.

use super::arguments::Global;
use super::page::Page;
use super::site::{open_to_read, refused};
use crate::night::{held_feeds, missed_nights, newest_runs, open_slots, waiting_inputs};
use crate::report::{
    board_json, board_text, held_text, missed_text, slots_text, waiting_text, with_held, with_slots, with_waiting,
};
use crate::run::Exit;

pub(super) fn board(page: &Page, global: &Global, limit: u32) -> Exit {
    let engine = match open_to_read(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let found = newest_runs(&engine, limit).and_then(|lines| Ok((lines, missed_nights(&engine)?)));
    match found.and_then(|(lines, missed)| Ok((lines, missed, open_slots(&engine)?, held_feeds(&engine)?))) {
        Ok((lines, missed, slots, held)) => match waiting_inputs(&engine) {
            Ok(waiting) => page.answer(
                || with_waiting(with_held(with_slots(board_json(&lines, &missed), &slots), &held), &waiting),
                || {
                    let board = board_text(&lines, page.paint) + &held_text(&held) + &waiting_text(&waiting);
                    board + &missed_text(&missed, page.paint) + &slots_text(&slots)
                },
            ),
            Err(fault) => refused(page, &fault),
        },
        Err(fault) => refused(page, &fault),
    }
}
