//! `bex runs` and `bex show`.

use super::arguments::Global;
use super::page::Page;
use super::site::{open_to_read, refused};
use crate::night::{missed_nights, newest_runs, run_board};
use crate::report::{board_json, board_text, missed_text, run_json, run_text};
use crate::run::Exit;

pub(super) fn board(page: &Page, global: &Global, limit: u32) -> Exit {
    let engine = match open_to_read(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match newest_runs(&engine, limit).and_then(|lines| Ok((lines, missed_nights(&engine)?))) {
        Ok((lines, missed)) => page.answer(
            || board_json(&lines, &missed),
            || board_text(&lines, page.paint) + &missed_text(&missed, page.paint),
        ),
        Err(fault) => refused(page, &fault),
    }
}

pub(super) fn show(page: &Page, global: &Global, run: i64) -> Exit {
    let engine = match open_to_read(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match run_board(&engine, run) {
        Ok(board) => page.answer(|| run_json(&board), || run_text(&board, page.paint)),
        Err(fault) => refused(page, &fault),
    }
}
