//! `bex runs`.

use super::arguments::{Global, RunsArguments};
use super::page::Page;
use super::site::{open_to_look, parts_exist, refused};
use crate::access::Look;
use crate::engine::SiteOpened;
use crate::fault::Fault;
use crate::night::{GridSize, Overview, RunFilter, overview, runs_wanted};
use crate::report::{needs_now, overview_json, overview_text, runs_text};
use crate::run::Exit;
use crate::state::RunStanding;

/// How many runs the table shows where nobody says how many.
const RUNS_SHOWN: u32 = 40;

pub(super) fn board(page: &Page, global: &Global, asked: &RunsArguments) -> Exit {
    let site = match open_to_look::<Look>(page, global) {
        Ok(site) => site,
        Err(exit) => return exit,
    };
    say(page, &site, asked).unwrap_or_else(|fault| refused(page, &fault))
}

fn say(page: &Page, site: &SiteOpened, asked: &RunsArguments) -> Result<Exit, Fault> {
    let RunsArguments { all, limit, employer, carrier, state, check } = asked;
    parts_exist(&site.any().site, employer.as_deref(), carrier.as_deref())?;
    let filter = RunFilter { employer: employer.clone(), carrier: carrier.clone(), state: state.clone() };
    let is_table = *all || limit.is_some() || state.is_some();
    // Of a thousand feeds a document is as long as a screen, too, unless somebody asks for all of them.
    let size = if page.json && *all { GridSize::ALL_FEEDS } else { GridSize::SCREEN };
    let overview = overview(site.any(), &filter, size)?;
    // Only who reads it as a table, or as a document, waits for its lines.
    let limit = limit.unwrap_or(RUNS_SHOWN);
    let lines = if is_table || page.json { runs_wanted(site, &filter, limit)? } else { Vec::new() };
    let shown = page.answer_of(
        site,
        || overview_json(&lines, &overview),
        || {
            let screen = page.screen();
            if is_table { runs_text(&lines, &overview, screen) } else { overview_text(&overview, screen) }
        },
    );
    Ok(if *check { gravest(&overview) } else { shown })
}

/// The exit status of what stands gravest on the board; what only waits until today is over is none.
fn gravest(overview: &Overview) -> Exit {
    let uncertain = [RunStanding::Uncertain, RunStanding::Unlooked, RunStanding::PublishedInTheWay];
    let held = [RunStanding::Guarded, RunStanding::Refused, RunStanding::InTheWay, RunStanding::AnsweredUnsent];
    let stands = |any: &[RunStanding]| overview.runs.iter().any(|line| any.contains(&line.standing));
    if stands(&uncertain) {
        Exit::Uncertain
    } else if stands(&held) || stands(&[RunStanding::Rebound]) {
        Exit::Held
    } else if needs_now(overview) {
        Exit::Failed
    } else {
        Exit::Done
    }
}
