//! `bex demo`: a site, its carriers and some nights, on this machine.
#![allow(clippy::disallowed_methods, reason = "an edge: this command makes the demonstration's folders")]

mod carriers;
mod words;

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate, NaiveTime};
use serde_json::{Value, json};

use super::arguments::Demo;
use super::init::make_keys;
use super::night::{NightReport, run_night};
use super::page::Page;
use super::site::refused;
use super::{acks, logging, runs, signals};
use crate::config::shipped::{DEMO, demo_inbox, fill};
use crate::config::{self};
use crate::engine::clock::{Clock, Stopwatch};
use crate::engine::{Engine, Interruption, Steps};
use crate::fault::{Fault, Label, Place};
use crate::mapping::Feed;
use crate::report::{self, Question};
use crate::run::{self, AckSummary, Exit};
use crate::simulate::employer::Workforce;
use carriers::Carriers;

/// Business date of the first night.
const FIRST_NIGHT: Option<NaiveDate> = NaiveDate::from_ymd_opt(2026, 3, 2);

pub(super) fn run(page: &Page, demo: &Demo) -> Exit {
    let stopwatch = Stopwatch::start();
    let place = match Ground::new(demo) {
        Ok(place) => place,
        Err(fault) => return refused(page, &fault),
    };
    match nights(page, demo, (&place, &signals::listen())) {
        Ok((exit, nights)) => {
            page.say(&words::closing(&place.root, place.temporary, stopwatch.seconds()));
            if page.json {
                page.say_json(&json!({ "dir": place.root.to_string_lossy(), "exit": exit as u8, "nights": nights }));
            }
            exit
        }
        Err(fault) => refused(page, &fault),
    }
}

/// The folder the demonstration stands in. One that was made for it is removed again, unless it is to be kept.
struct Ground {
    root: PathBuf,
    temporary: bool,
}

impl Ground {
    fn new(demo: &Demo) -> Result<Ground, Fault> {
        let named = demo.dir.clone();
        let root =
            named.clone().unwrap_or_else(|| std::env::temp_dir().join(format!("bex-demo-{}", std::process::id())));
        let used = fs::read_dir(&root).is_ok_and(|mut entries| entries.next().is_some());
        if used {
            return Err(used_folder(&root));
        }
        fs::create_dir_all(&root).map_err(|_| unusable(&root))?;
        Ok(Ground { root, temporary: named.is_none() && !demo.keep })
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        if self.temporary {
            // What cannot be removed is left to the system's own cleaning.
            let _ = fs::remove_dir_all(&self.root);
        }
    }
}

/// How it ended, and each night with what came back, as JSON.
fn nights(
    page: &Page,
    demo: &Demo,
    (ground, interruption): (&Ground, &Interruption),
) -> Result<(Exit, Vec<Value>), Fault> {
    let site = ground.root.join("site");
    let carriers = Carriers::start(&ground.root.join("carriers"), &site)?;
    make_site(&site, &carriers)?;
    page.say(&words::opening(demo, &ground.root));
    let (mut exits, mut told) = (Vec::new(), Vec::new());
    for night in 1..=demo.nights {
        let (exit, night) = one_night(page, demo, (&site, night, &carriers, interruption))?;
        exits.push(exit);
        told.push(night);
        if exit == Exit::Interrupted {
            break;
        }
    }
    // Questions for a person are part of the story, and no failure of it.
    Ok((Exit::of_all(&exits), told))
}

fn make_site(site: &Path, carriers: &Carriers) -> Result<(), Fault> {
    for (path, text) in DEMO {
        let carrier = Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let text = match carriers.values(carrier) {
            Some(values) if path.starts_with("mappings/carriers/") => fill(text, &pairs(&values)),
            _ => (*text).to_string(),
        };
        write(&site.join(path), &text)?;
    }
    make_keys(site)
}

fn pairs<'v>(values: &'v [(&'static str, String); 4]) -> [(&'static str, &'v str); 4] {
    values.each_ref().map(|(name, value)| (*name, value.as_str()))
}

/// Writes a file, making its folder.
fn write(path: &Path, text: &str) -> Result<(), Fault> {
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(path, text)).map_err(|_| unusable(path))
}

fn one_night(
    page: &Page,
    demo: &Demo,
    (site, night, carriers, interruption): (&Path, u32, &Carriers, &Interruption),
) -> Result<(Exit, Value), Fault> {
    let date = date_of(night);
    let moment = date.and_time(NaiveTime::from_hms_opt(21, 0, 0).unwrap_or_default()).and_utc();
    send_inputs(site, demo, night)?;
    carriers.set_moment(moment.naive_utc());
    let config = config::load(site).map_err(|faults| faults.into_iter().next().unwrap_or_else(|| unusable(site)))?;
    logging::start(&config, page);
    let engine = Engine::open(config, Clock::fixed_at(moment), Steps::default().ending_on(interruption.clone()))?;
    let feeds: Vec<&Feed> = engine.site.feeds.values().collect();
    let stopwatch = Stopwatch::start();
    let ran = run_night(page, &engine, (&feeds, date))?;
    let seconds = stopwatch.seconds();
    carriers.wait_idle();
    let came_back = run::acknowledge(&engine)?;
    say_night(page, &engine, (night, &ran, &came_back, seconds))?;
    let exit = match acks::exit(&came_back) {
        Exit::Interrupted => Exit::Interrupted,
        _ if came_back.rejected > 0 => Exit::Failed,
        _ => ran.exit(),
    };
    Ok((exit, json!({ "night": night, "run": ran.json(), "acks": acks::json(&engine, &came_back) })))
}

fn date_of(night: u32) -> NaiveDate {
    let first = FIRST_NIGHT.unwrap_or_default();
    first.checked_add_days(Days::new(u64::from(night.saturating_sub(1)))).unwrap_or(first)
}

/// Puts tonight's files into the employers' inboxes, as employers do.
fn send_inputs(site: &Path, demo: &Demo, night: u32) -> Result<(), Fault> {
    let workforce = Workforce { members: demo.members, seed: demo.seed, night };
    for (path, text) in demo_inbox(night) {
        let path = site.join("inbox").join(path);
        fs::create_dir_all(path.parent().unwrap_or(site)).map_err(|_| unusable(&path))?;
        let grown = path.to_string_lossy().contains("example-manufacturing") && demo.members > 0;
        let file = File::create(&path).map_err(|_| unusable(&path))?;
        let mut out = BufWriter::with_capacity(256 * 1024, file);
        let written = out.write_all(text.as_bytes()).and_then(|()| match grown {
            true if path.ends_with("census.csv") => workforce.write_census(&mut out),
            true => workforce.write_elections(&mut out),
            false => Ok(()),
        });
        written.and_then(|()| out.flush()).map_err(|_| unusable(&path))?;
    }
    Ok(())
}

type Night<'n> = (u32, &'n NightReport, &'n AckSummary, f64);

fn say_night(page: &Page, engine: &Engine, (night, ran, acks, seconds): Night) -> Result<(), Fault> {
    let lines = runs::lines(engine, engine.site.feeds.len() as u32)?;
    let asked: Vec<&Question> = ran.outcomes.iter().flat_map(|ran| &ran.questions).collect();
    page.say(&words::night(night, ran, seconds));
    page.say(&report::board(&lines));
    page.say(&words::came_back(acks, &asked));
    Ok(())
}

fn used_folder(path: &Path) -> Fault {
    Fault::error(
        "CFG021",
        named(path),
        "a demonstration needs a folder that does not exist yet, or an empty one",
        "name another folder with --dir; nothing was written",
    )
}

fn unusable(path: &Path) -> Fault {
    Fault::error("CFG022", named(path), "the folder cannot be written", "check its rights and the free space")
}

fn named(path: &Path) -> Place {
    Place::Named(Label::new(&path.to_string_lossy()))
}
