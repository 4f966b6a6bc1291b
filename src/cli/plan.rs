//! `bex plan`.

use super::arguments::{Global, PlanArguments};
use super::page::Page;
use super::site::{open_to_read, refused};
use crate::access::LookAtMembers;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::night::feed_named;
use crate::report::{PlanShown, plan_json, plan_text};
use crate::run::{self, Exit, Planned};

pub(super) fn run(page: &Page, global: &Global, arguments: &PlanArguments) -> Exit {
    let engine = match open_to_read::<LookAtMembers>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match planned(&engine, arguments) {
        Ok(planned) => {
            let shown = PlanShown { feed: &arguments.feed, families: arguments.families };
            let answered = page.answer_shown(|| plan_json(&planned), || plan_text(&planned, shown));
            let is_held = planned.waits.is_some() || !planned.decided.guards.is_empty();
            if is_held { Exit::Held } else { answered }
        }
        Err(fault) => refused(page, &fault),
    }
}

fn planned(engine: &Engine, arguments: &PlanArguments) -> Result<Planned, Fault> {
    let feed = feed_named(&engine.site, &arguments.feed)?;
    engine.grant_on::<LookAtMembers>(feed.name.as_str())?;
    engine.record_read("plan", feed.name.as_str())?;
    let today = engine.today_of(feed);
    run::plan(engine, feed, arguments.date.unwrap_or(today))
}
