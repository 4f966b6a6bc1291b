//! `bex plan`.

use chrono::NaiveDate;

use super::arguments::Global;
use super::night::feed;
use super::page::Page;
use super::site::{open_to_read, refused};
use crate::report::{plan_json, plan_text};
use crate::run::{self, Exit};

pub(super) fn run(page: &Page, global: &Global, (name, date): (&str, Option<NaiveDate>)) -> Exit {
    let engine = match open_to_read(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let date = date.unwrap_or_else(|| engine.clock.today());
    let planned = match feed(&engine, name).and_then(|feed| run::plan(&engine, feed, date)) {
        Ok(planned) => planned,
        Err(fault) => return refused(page, &fault),
    };
    match page.json {
        true => page.say_json(&plan_json(&planned)),
        false => page.say(&plan_text(&planned)),
    }
    if planned.guards.is_empty() { Exit::Done } else { Exit::Held }
}
