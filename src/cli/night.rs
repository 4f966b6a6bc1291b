//! `bex run`.

use super::arguments::{Global, NightArguments};
use super::page::Page;
use super::site::{open, refused};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::night::{Doing, Night, NightReport, Progress, Turn, feeds_named, run_night};
use crate::report::{night_json, night_remarks};
use crate::run::Exit;

pub(super) fn run(page: &Page, global: &Global, arguments: &NightArguments) -> Exit {
    let engine = match open(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let night = match asked_for(&engine, arguments) {
        Ok(night) => night,
        Err(fault) => return refused(page, &fault),
    };
    match run_watched(page, &engine, &night) {
        Ok(report) => {
            say(page, &report);
            report.exit()
        }
        Err(fault) => refused(page, &fault),
    }
}

fn asked_for<'e>(engine: &'e Engine, arguments: &NightArguments) -> Result<Night<'e>, Fault> {
    let feeds = feeds_named(&engine.site, &arguments.feeds)?.into_iter();
    let turns = feeds.map(|feed| Turn::asked_for(feed, arguments.date, engine.clock));
    Ok(Night { turns: turns.collect::<Result<_, Fault>>()? })
}

/// Runs a night, with a bar for whoever watches the terminal.
pub(super) fn run_watched(page: &Page, engine: &Engine, night: &Night) -> Result<NightReport, Fault> {
    let bar = page.bar();
    let report = run_night(engine, night, &mut |Progress { done, total, doing }| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
        bar.set_message(match doing {
            Doing::TakingIn(source) => format!("taking in {source}"),
            Doing::Running(feed) => format!("running {feed}"),
        });
    });
    bar.finish_and_clear();
    report
}

fn say(page: &Page, report: &NightReport) {
    if page.json {
        page.say_json(&night_json(report));
    }
    night_remarks(report, page.paint).iter().for_each(|remark| page.remark(remark));
}
