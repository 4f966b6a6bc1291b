//! `bex demo`: a site, its carriers and some nights, on this machine.
#![allow(clippy::disallowed_methods, reason = "an edge: this command makes the demonstration's folders")]

mod carriers;
mod ground;
mod words;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate, NaiveTime};
use serde_json::{Value, json};

use super::arguments::{DemoArguments, Global};
use super::init::make_keys;
use super::night::run_watched;
use super::page::Page;
use super::site::refused;
use super::{logging, signals};
use crate::config::shipped::{DEMO, demo_inbox, fill};
use crate::config::{self};
use crate::engine::clock::{Clock, Stopwatch};
use crate::engine::{Engine, Interruption, Steps};
use crate::fault::Fault;
use crate::mapping::Guards;
use crate::night::{AnswersBack, Night, NightReport, OpenQuestion, Turn, newest_runs, wanting_runs};
use crate::report::{BoardRuns, acks_json, board_text, night_json};
use crate::run::{self, AckSummary, Cause, Exit};
use crate::simulate::employer::Workforce;
use carriers::Carriers;
use ground::{Ground, unusable};

/// Business date of the first night.
const FIRST_NIGHT: Option<NaiveDate> = NaiveDate::from_ymd_opt(2026, 3, 2);

/// When each night's run begins, UTC.
const NINE_IN_THE_EVENING: NaiveTime = match NaiveTime::from_hms_opt(21, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

pub(super) fn run(page: &Page, global: &Global, demo: &DemoArguments) -> Exit {
    if global.now.is_some() {
        return refused(page, &own_clock());
    }
    let stopwatch = Stopwatch::start();
    let place = match Ground::new(demo) {
        Ok(place) => place,
        Err(fault) => return refused(page, &fault),
    };
    match nights(page, demo, &place) {
        Ok(told) => {
            let exit = Exit::of_all(&told.iter().map(|night| night.exit).collect::<Vec<_>>());
            let worth_showing = told.iter().rev().find_map(|night| night.worth_showing);
            page.report(&words::closing(&place, worth_showing, stopwatch.seconds()), false);
            let nights: Vec<Value> = told.into_iter().map(|night| night.json).collect();
            if page.json {
                page.say_json(&json!({ "dir": place.root.to_string_lossy(), "exit": exit as u8, "nights": nights }));
            }
            exit
        }
        Err(fault) => refused(page, &fault),
    }
}

/// The demonstration under way.
struct Demonstration<'d> {
    page: &'d Page,
    arguments: &'d DemoArguments,
    site: PathBuf,
    carriers: Carriers,
    interruption: Interruption,
}

/// How a night ended, and everything about it as JSON.
struct NightTold {
    exit: Exit,
    json: Value,
    /// The run that has most to show: one with questions, if there is one.
    worth_showing: Option<i64>,
}

/// Every night, until all have been or the process was asked to stop.
fn nights(page: &Page, arguments: &DemoArguments, ground: &Ground) -> Result<Vec<NightTold>, Fault> {
    let site = ground.root.join("site");
    let carriers = Carriers::start(&ground.root.join("carriers"), &site)?;
    make_site(&site, &carriers, arguments.members)?;
    page.report(&words::opening(arguments, &ground.root), false);
    let demonstration = Demonstration { page, arguments, site, carriers, interruption: signals::listen() };
    let mut told = Vec::new();
    for night in 1..=arguments.nights {
        told.push(demonstration.night(night)?);
        if told.last().is_some_and(|night| night.exit == Exit::Interrupted) {
            break;
        }
    }
    Ok(told)
}

fn make_site(site: &Path, carriers: &Carriers, members: u32) -> Result<(), Fault> {
    for (path, text) in DEMO {
        let carrier = Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let text = match carriers.values(carrier) {
            Some(values) if path.starts_with("mappings/carriers/") => fill(text, &pairs(&values)),
            _ if path.starts_with("schedules/example-manufacturing") => text.to_string() + &guards_of(members),
            _ => (*text).to_string(),
        };
        write(&site.join(path), &text)?;
    }
    make_keys(site).map(drop)
}

/// What the schedules of an employer of so many say besides: in the office that is made up, fewer than one in two
/// hundred are changed in a night, and that is no mass of them.
fn guards_of(members: u32) -> String {
    let (usual, most) = (Guards::default(), members / 100);
    if most <= usual.terminations_max {
        return String::new();
    }
    let limits = [
        ("additions_max", usual.additions_max),
        ("changes_max", usual.changes_max),
        ("terminations_max", usual.terminations_max),
    ];
    limits
        .iter()
        .fold("\n[guards]\n".to_string(), |text, (name, usual)| text + &format!("{name} = {}\n", most.max(*usual)))
}

fn pairs<'v>(values: &'v [(&'static str, String); 4]) -> [(&'static str, &'v str); 4] {
    values.each_ref().map(|(name, value)| (*name, value.as_str()))
}

/// Writes a file, making its folder.
fn write(path: &Path, text: &str) -> Result<(), Fault> {
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(path, text)).map_err(|_| unusable(path))
}

impl Demonstration<'_> {
    /// What the employers send, what bex makes of it, what the carriers answer.
    fn night(&self, night: u32) -> Result<NightTold, Fault> {
        send_inputs(&self.site, self.arguments, night)?;
        let (date, moment) = (date_of(night), date_of(night).and_time(NINE_IN_THE_EVENING));
        self.carriers.set_moment(moment);
        let engine = self.open(Clock::fixed_at(moment.and_utc()))?;
        let turns = engine.site.feeds.values().map(|feed| Turn { feed, date, cause: Cause::Asked }).collect();
        let stopwatch = Stopwatch::start();
        let night_asked = Night { turns, jobs: self.arguments.jobs.into(), expected: BTreeMap::new() };
        let report = run_watched(self.page, &engine, &night_asked)?;
        self.page.report(&words::night(night, &report, stopwatch.seconds()), false);
        report.feeds.iter().for_each(|ran| self.page.faults(ran.outcome.faults()));
        self.carriers.wait_idle();
        let came_back = AnswersBack::of(&engine, run::acknowledge(&engine)?);
        self.say_what_came(&engine, &report, &came_back.summary)?;
        let json = json!({ "night": night, "run": night_json(&report), "acks": acks_json(&came_back) });
        Ok(NightTold { exit: exit_of(&report, &came_back.summary), json, worth_showing: worth_showing(&report) })
    }

    fn open(&self, clock: Clock) -> Result<Engine, Fault> {
        let first = |faults: Vec<Fault>| faults.into_iter().next().unwrap_or_else(|| unusable(&self.site));
        let config = config::load(&self.site).map_err(first)?;
        logging::start(&config, self.page);
        Engine::open(config, clock, Steps::default().ending_on(self.interruption.clone()))
    }

    fn say_what_came(&self, engine: &Engine, report: &NightReport, came_back: &AckSummary) -> Result<(), Fault> {
        let lines = newest_runs(engine, engine.site.feeds.len() as u32)?;
        let asked: Vec<&OpenQuestion> = report.feeds.iter().flat_map(|ran| &ran.questions).collect();
        let (needs, causes) = (wanting_runs(engine)?, BTreeMap::new());
        let board = BoardRuns { lines: &lines, needs: &needs, causes: &causes };
        self.page.report(&board_text(&board, self.page.screen()), false);
        self.page.report(&words::came_back(came_back, &asked), false);
        self.page.faults(&came_back.faults);
        Ok(())
    }
}

/// Questions for a person are part of the story, and no failure of it.
fn exit_of(report: &NightReport, came_back: &AckSummary) -> Exit {
    match came_back.exit() {
        Exit::Interrupted => Exit::Interrupted,
        _ if came_back.rejected > 0 => Exit::Failed,
        _ => report.exit(),
    }
}

fn worth_showing(report: &NightReport) -> Option<i64> {
    let runs = report.feeds.iter().filter_map(|ran| Some((ran.questions.len(), ran.run.as_ref()?.id)));
    runs.max().map(|(_, run)| run)
}

fn own_clock() -> Fault {
    crate::cli::rules::NOT_A_TEST_SITE
        .worded("the demonstration has a clock of its own", "leave --now out; on a site of yours it sets the moment")
        .fault()
}

fn date_of(night: u32) -> NaiveDate {
    let first = FIRST_NIGHT.unwrap_or_default();
    first.checked_add_days(Days::new(u64::from(night.saturating_sub(1)))).unwrap_or(first)
}

/// Puts tonight's files into the employers' inboxes, as employers do.
fn send_inputs(site: &Path, demo: &DemoArguments, night: u32) -> Result<(), Fault> {
    let workforce = Workforce { members: demo.members, seed: demo.seed, night };
    for (path, text) in demo_inbox(night) {
        let path = site.join("inbox").join(path);
        fs::create_dir_all(path.parent().unwrap_or(site)).map_err(|_| unusable(&path))?;
        let grows = path.to_string_lossy().contains("example-manufacturing") && demo.members > 0;
        let file = File::create(&path).map_err(|_| unusable(&path))?;
        let mut out = BufWriter::with_capacity(256 * 1024, file);
        let story = out.write_all(text.as_bytes());
        let grown = story.and_then(|()| if grows { grow(&mut out, &workforce, &path) } else { Ok(()) });
        grown.and_then(|()| out.flush()).map_err(|_| unusable(&path))?;
    }
    Ok(())
}

/// Adds the synthetic members to the story's.
fn grow(out: &mut dyn Write, workforce: &Workforce, path: &Path) -> io::Result<()> {
    if path.ends_with("census.csv") { workforce.write_census(out) } else { workforce.write_elections(out) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual_in_a_large_office_is_not_held_as_a_mass() {
        let guards = |members| guards_of(members).lines().map(str::to_owned).collect::<Vec<_>>();
        assert!(guards(0).is_empty() && guards(10_000).is_empty(), "the usual limits are enough");
        let usual = Guards::default();
        let of = |added: u32, ended: u32| {
            ["".into(), "[guards]".into(), format!("additions_max = {added}"), format!("changes_max = {added}")]
                .into_iter()
                .chain([format!("terminations_max = {ended}")])
                .collect::<Vec<String>>()
        };
        assert_eq!(guards(20_000), of(usual.additions_max, 200));
        assert_eq!(guards(100_000), of(1000, 1000));
    }
}
