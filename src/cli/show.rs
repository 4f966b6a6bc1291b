//! `bex show`, `bex why`, `bex explain` and `bex trace`.

use super::arguments::{ExplainArguments, Global, ShowArguments, TraceArguments};
use super::page::Page;
use super::site::{open_to_look, open_to_read, refused};
use crate::access::{Concern, Guarded, Look, LookAtMembers};
use crate::disclosure::family_sought;
use crate::engine::{Engine, SiteOpened};
use crate::fault::Fault;
use crate::model::ids::{EmployerName, Pseudonym};
use crate::night::{
    self, RunFamilies, answer_detail, delivery_detail, explain_family, families_of, feed_named, parcel, questions_of,
    run_board,
};
use crate::report::{
    RunParts, answer_page_json, answer_text, delivery_page_json, delivery_text, explained_json, explained_text,
    family_explained_json, family_explained_text, parcel_json, parcel_text, questions_page_json, questions_page_text,
    run_json, run_text, why_json, why_text,
};
use crate::run::Exit;

pub(super) fn run(page: &Page, global: &Global, asked: &ShowArguments) -> Exit {
    let run = asked.run.unwrap_or_default();
    look::<Look>(page, global, |site| {
        site.grant_on_run::<Look>(run)?;
        let board = run_board(site.any(), run)?;
        let families = if asked.families { Some(families_shown(site.any().engine()?, run)?) } else { None };
        if !board.questions.is_empty() {
            site.record_read("show", &format!("run/{run}"))?;
        }
        let parts = RunParts { questions: asked.questions, faults: asked.faults, families: families.as_ref() };
        let text = || run_text(&board, parts, page.screen());
        Ok(page.answer_of(site, || run_json(&board, families.as_ref()), text))
    })
}

/// The families in a run's file, or that would be in it: whoever lists them sees what is decided of single members.
fn families_shown(engine: &Engine, run: i64) -> Result<RunFamilies, Fault> {
    engine.grant_on_run::<LookAtMembers>(run)?;
    engine.record_read("show", &format!("run/{run}"))?;
    families_of(engine, run)
}

pub(super) fn delivery(page: &Page, global: &Global, id: i64) -> Exit {
    look::<Look>(page, global, |site| {
        let detail = delivery_detail(site.any(), id)?;
        Ok(page.answer_of(site, || delivery_page_json(&detail), || page.screen().fold(&delivery_text(&detail))))
    })
}

pub(super) fn answer(page: &Page, global: &Global, id: i64) -> Exit {
    look::<Look>(page, global, |site| {
        let detail = answer_detail(site.any(), id)?;
        Ok(page.answer_of(site, || answer_page_json(&detail), || page.screen().fold(&answer_text(&detail))))
    })
}

pub(super) fn question(page: &Page, global: &Global, meant: &str) -> Exit {
    look::<Look>(page, global, |site| {
        let found = questions_of(site, meant)?;
        let today = site.clock.today().to_string();
        let text = || page.screen().fold(&questions_page_text(&found, &today));
        Ok(page.answer_of(site, || questions_page_json(&found), text))
    })
}

pub(super) fn why(page: &Page, global: &Global, feed: &str) -> Exit {
    look::<Look>(page, global, |site| {
        let why = night::why(site, feed_named(&site.site, feed)?)?;
        Ok(page.answer_of(site, || why_json(&why), || why_text(&why, page.screen())))
    })
}

pub(super) fn explain(page: &Page, global: &Global, asked: &ExplainArguments) -> Exit {
    read::<LookAtMembers>(page, global, |engine| {
        engine.grant_on_run::<LookAtMembers>(asked.run)?;
        engine.record_read("explain", &format!("run/{}", asked.run))?;
        if let Some(member) = &asked.member {
            let family = sought(engine, member, asked.employer.as_deref())?;
            let found = explain_family(engine, asked.run, family)?;
            return Ok(page.answer_shown(|| family_explained_json(&found), || family_explained_text(&found)));
        }
        let explained = night::explain(engine, asked.run, asked.segment.unwrap_or_default(), asked.element)?;
        Ok(page.answer_shown(|| explained_json(&explained), || explained_text(&explained)))
    })
}

pub(super) fn trace(page: &Page, global: &Global, asked: &TraceArguments) -> Exit {
    read::<LookAtMembers>(page, global, |engine| {
        engine.grant::<LookAtMembers>(Concern::Of { employer: asked.employer.as_deref(), carrier: None })?;
        let family = sought(engine, &asked.member, asked.employer.as_deref())?;
        engine.record_read("trace", &format!("member/{}", family.short()))?;
        let found = parcel(engine, family)?;
        Ok(page.answer_shown(|| parcel_json(&found), || parcel_text(&found)))
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

/// The same of what takes no key, or says that it is sealed.
fn look<A: Guarded>(page: &Page, global: &Global, answer: impl FnOnce(&SiteOpened) -> Result<Exit, Fault>) -> Exit {
    let site = match open_to_look::<A>(page, global) {
        Ok(site) => site,
        Err(exit) => return exit,
    };
    answer(&site).unwrap_or_else(|fault| refused(page, &fault))
}
