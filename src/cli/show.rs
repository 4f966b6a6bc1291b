//! `bex show`, `bex why` and `bex explain`.

use super::arguments::{ExplainArguments, Global};
use super::page::Page;
use super::site::{open_to_read, refused};
use crate::access::{Guarded, Look, LookAtMembers};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::night::{self, answer_detail, delivery_detail, feed_named, questions_of, run_board};
use crate::report::{
    answer_page_json, answer_text, delivery_page_json, delivery_text, explained_json, explained_text,
    questions_page_json, questions_page_text, run_json, run_text, why_json, why_text,
};
use crate::run::Exit;

pub(super) fn run(page: &Page, global: &Global, run: i64) -> Exit {
    read::<Look>(page, global, |engine| {
        engine.grant_on_run::<Look>(run)?;
        let board = run_board(engine, run)?;
        if !board.questions.is_empty() {
            engine.record_read("show", &format!("run/{run}"))?;
        }
        Ok(page.answer(|| run_json(&board), || run_text(&board, page.screen())))
    })
}

pub(super) fn delivery(page: &Page, global: &Global, id: i64) -> Exit {
    read::<Look>(page, global, |engine| {
        let detail = delivery_detail(engine, id)?;
        Ok(page.answer(|| delivery_page_json(&detail), || page.screen().fold(&delivery_text(&detail))))
    })
}

pub(super) fn answer(page: &Page, global: &Global, id: i64) -> Exit {
    read::<Look>(page, global, |engine| {
        let detail = answer_detail(engine, id)?;
        Ok(page.answer(|| answer_page_json(&detail), || page.screen().fold(&answer_text(&detail))))
    })
}

pub(super) fn question(page: &Page, global: &Global, member: &str) -> Exit {
    read::<Look>(page, global, |engine| {
        let found = questions_of(engine, member)?;
        Ok(page.answer(|| questions_page_json(&found), || page.screen().fold(&questions_page_text(&found))))
    })
}

pub(super) fn why(page: &Page, global: &Global, feed: &str) -> Exit {
    read::<Look>(page, global, |engine| {
        let why = night::why(engine, feed_named(&engine.site, feed)?)?;
        Ok(page.answer(|| why_json(&why), || page.screen().fold(&why_text(&why))))
    })
}

pub(super) fn explain(page: &Page, global: &Global, asked: &ExplainArguments) -> Exit {
    read::<LookAtMembers>(page, global, |engine| {
        engine.grant_on_run::<LookAtMembers>(asked.run)?;
        engine.record_read("explain", &format!("run/{}", asked.run))?;
        let explained = night::explain(engine, asked.run, asked.segment, asked.element)?;
        Ok(page.answer(|| explained_json(&explained), || page.screen().fold(&explained_text(&explained))))
    })
}

/// Opens the site to read, and answers.
fn read<A: Guarded>(page: &Page, global: &Global, answer: impl FnOnce(&Engine) -> Result<Exit, Fault>) -> Exit {
    let engine = match open_to_read::<A>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    answer(&engine).unwrap_or_else(|fault| refused(page, &fault))
}
