//! `bex reconcile`.
#![allow(clippy::disallowed_methods, reason = "an edge: this command opens a file that a person names")]

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::Path;

use super::arguments::{Global, ReconcileArguments};
use super::page::Page;
use super::site::{open_to_read, refused};
use crate::access::LookAtMembers;
use crate::engine::Engine;
use crate::fault::{Fault, Label, Place};
use crate::night::feed_named;
use crate::report::{comparison_json, comparison_text};
use crate::roster::{self, Listed};
use crate::run::{self, Comparison, Exit};

pub(super) fn run(page: &Page, global: &Global, arguments: &ReconcileArguments) -> Exit {
    let engine = match open_to_read::<LookAtMembers>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match compared(&engine, arguments) {
        Ok(comparison) => {
            let answered = page.answer_shown(|| comparison_json(&comparison), || comparison_text(&comparison));
            if comparison.is_settled() { answered } else { Exit::Failed }
        }
        Err(fault) => refused(page, &fault),
    }
}

fn compared(engine: &Engine, arguments: &ReconcileArguments) -> Result<Comparison, Fault> {
    let feed = feed_named(&engine.site, &arguments.feed)?;
    engine.grant_on::<LookAtMembers>(feed.name.as_str())?;
    engine.record_read("reconcile", feed.name.as_str())?;
    let today = engine.today_of(feed);
    let rows = listed(&arguments.against)?;
    run::against(engine, feed, arguments.date.unwrap_or(today), &rows)
}

/// How much of a file shows what it is.
const BEGINNING: u64 = 4096;

/// The rows of a list. It is read where it lies, and its name is not repeated: it may be somebody's.
pub(super) fn listed(path: &Path) -> Result<Vec<Listed>, Fault> {
    let unopened = |_| roster::rules::NOT_OPENED.at(Place::Named(Label::new("list")));
    let mut file = File::open(path).map_err(unopened)?;
    let mut begins = Vec::new();
    file.by_ref().take(BEGINNING).read_to_end(&mut begins).map_err(unopened)?;
    file.rewind().map_err(unopened)?;
    if begins.trim_ascii_start().starts_with(b"ISA") {
        return roster::read_834(file, "list");
    }
    roster::read_table(file, &begins, "list")
}
