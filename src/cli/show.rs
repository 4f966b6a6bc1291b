//! `bex show`, `bex why`, `bex explain` and `bex trace`.

use super::arguments::{ExplainArguments, Global, ShowArguments, TraceArguments};
use super::page::Page;
use super::site::{open_to_read, refused};
use crate::access::{Concern, Guarded, Look, LookAtMembers};
use crate::disclosure::family_sought;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::model::ids::{EmployerName, Pseudonym};
use crate::night::{
    self, answer_detail, delivery_detail, explain_family, families_of, feed_named, parcel, questions_of, run_board,
};
use crate::report::{
    RunParts, answer_page_json, answer_text, delivery_page_json, delivery_text, explained_json, explained_text,
    family_explained_json, family_explained_text, parcel_json, parcel_text, questions_page_json, questions_page_text,
    run_json, run_text, why_json, why_text,
};
use crate::run::Exit;
use crate::trace::FamilyLoops;

pub(super) fn run(page: &Page, global: &Global, asked: &ShowArguments) -> Exit {
    let run = asked.run.unwrap_or_default();
    read::<Look>(page, global, |engine| {
        engine.grant_on_run::<Look>(run)?;
        let board = run_board(engine, run)?;
        let families = if asked.families { Some(families_shown(engine, run)?) } else { None };
        if !board.questions.is_empty() {
            engine.record_read("show", &format!("run/{run}"))?;
        }
        let parts = RunParts { questions: asked.questions, faults: asked.faults, families: families.as_deref() };
        Ok(page.answer(|| run_json(&board, families.as_deref()), || run_text(&board, parts, page.screen())))
    })
}

/// The families in a run's file: whoever lists them sees what is decided of single members.
fn families_shown(engine: &Engine, run: i64) -> Result<Vec<FamilyLoops>, Fault> {
    engine.grant_on_run::<LookAtMembers>(run)?;
    engine.record_read("show", &format!("run/{run}"))?;
    families_of(engine, run)
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

pub(super) fn question(page: &Page, global: &Global, meant: &str) -> Exit {
    read::<Look>(page, global, |engine| {
        let found = questions_of(engine, meant)?;
        let today = engine.clock.today().to_string();
        let text = || page.screen().fold(&questions_page_text(&found, &today));
        Ok(page.answer(|| questions_page_json(&found), text))
    })
}

pub(super) fn why(page: &Page, global: &Global, feed: &str) -> Exit {
    read::<Look>(page, global, |engine| {
        let why = night::why(engine, feed_named(&engine.site, feed)?)?;
        Ok(page.answer(|| why_json(&why), || why_text(&why, page.screen())))
    })
}

pub(super) fn explain(page: &Page, global: &Global, asked: &ExplainArguments) -> Exit {
    read::<LookAtMembers>(page, global, |engine| {
        engine.grant_on_run::<LookAtMembers>(asked.run)?;
        engine.record_read("explain", &format!("run/{}", asked.run))?;
        if let Some(member) = &asked.member {
            let family = sought(engine, member, asked.employer.as_deref())?;
            let found = explain_family(engine, asked.run, family)?;
            return Ok(
                page.answer(|| family_explained_json(&found), || page.screen().fold(&family_explained_text(&found)))
            );
        }
        let explained = night::explain(engine, asked.run, asked.segment.unwrap_or_default(), asked.element)?;
        Ok(page.answer(|| explained_json(&explained), || page.screen().fold(&explained_text(&explained))))
    })
}

pub(super) fn trace(page: &Page, global: &Global, asked: &TraceArguments) -> Exit {
    read::<LookAtMembers>(page, global, |engine| {
        engine.grant::<LookAtMembers>(Concern::Of { employer: asked.employer.as_deref(), carrier: None })?;
        let family = sought(engine, &asked.member, asked.employer.as_deref())?;
        engine.record_read("trace", &format!("member/{}", family.short()))?;
        let found = parcel(engine, family)?;
        Ok(page.answer(|| parcel_json(&found), || page.screen().fold(&parcel_text(&found))))
    })
}

/// Whom somebody means by a reference or an employee number.
fn sought(engine: &Engine, member: &str, employer: Option<&str>) -> Result<Pseudonym, Fault> {
    family_sought(engine, member, employer.and_then(EmployerName::new).as_ref())
}

/// Opens the site to read, and answers.
fn read<A: Guarded>(page: &Page, global: &Global, answer: impl FnOnce(&Engine) -> Result<Exit, Fault>) -> Exit {
    let engine = match open_to_read::<A>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    answer(&engine).unwrap_or_else(|fault| refused(page, &fault))
}
