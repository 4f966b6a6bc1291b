//! Why a feed has run, or has not: everything that a run of it waits for, each yes or no.

use chrono::{Days, NaiveDate};

use super::board::{RunLine, line};
use super::expected::{awaited_of, late_of};
use super::kept::kept_by;
use super::missed::{MissedNight, missed_nights};
use super::waits::waits_for;
use crate::engine::{OpenSite, StandingLock, Workplace, standing_locks};
use crate::fault::{Fault, Severity};
use crate::mapping::Feed;
use crate::run::{OddFile, odd_files};
use crate::schedule::{Moment, Slot};
use crate::state::{InputState, RunStanding, RunState, SlotState, State as _, Urgency};
use crate::store::{Owner, SlotKey, SlotRow};
use crate::take_in::incomplete_set;

/// Everything that a feed's run waits for.
#[derive(Clone, Debug)]
pub struct Why {
    /// Whose run.
    pub feed: String,
    /// The business date that is asked about: the newest that has come due, or the next.
    pub date: String,
    /// How it stands, in a few words.
    pub words: String,
    /// What it waits for.
    pub checks: Vec<WhyCheck>,
    /// Until when it may still run, as the feed's clocks show it, and how many minutes that is; none where no slot is
    /// open.
    pub cut_off: Option<(String, i64)>,
    /// The feed's newest run.
    pub run: Option<RunLine>,
    /// The command that helps most, or that nothing is to be done.
    pub next: String,
}

/// One thing that a run waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyCheck {
    /// Whether it stands as it should.
    pub holds: bool,
    /// What was looked at.
    pub words: String,
}

/// Why a feed stands as it does now.
///
/// # Errors
/// STO001; STO007.
pub fn why(engine: &OpenSite, feed: &Feed) -> Result<Why, Fault> {
    let name = feed.name.as_str();
    let mut nights = missed_nights(engine)?;
    nights.retain(|night| night.row.feed == name);
    let mut asked = WhyAsked { engine, feed, nights, checks: Vec::new(), next: None };
    let (slot, date, is_due) = asked.slot()?;
    let day = date.to_string();
    let row = asked.slot_row(date)?;
    asked.held()?;
    let run = asked.unfinished()?;
    let of_date = asked.run_of(&day, run.as_ref())?;
    for source in [feed.census_source().to_string(), feed.elections_source().to_string()] {
        asked.input(&source)?;
    }
    asked.files()?;
    if let Some(waits) = waits_for(engine, feed, date)? {
        asked.note(false, format!("runs after another feed: {waits}"), None);
    }
    let night = asked.nights.iter().find(|night| night.row.business_date == day);
    let words = standing_words(row.as_ref(), of_date.as_ref(), night);
    let missed = row.as_ref().is_some_and(|row| row.state == SlotState::Missed);
    let by_slot = if missed {
        format!("bex run {name} --date {date}, or bex skip {name} --date {date} --reason R")
    } else if is_due {
        format!("bex run {name}")
    } else {
        "nothing: it runs when it is due".to_string()
    };
    let cut_off = slot
        .filter(|_| is_due)
        .map(|slot| (feed.schedule.zone.said(slot.cut_off), slot.cut_off.since(engine.clock.moment()).num_minutes()));
    let ran = row.as_ref().is_some_and(|row| row.state == SlotState::Ran);
    let next = asked.next.unwrap_or_else(|| if ran { "nothing: it has run".to_string() } else { by_slot });
    Ok(Why { feed: name.to_string(), date: day, words, checks: asked.checks, cut_off, run, next })
}

struct WhyAsked<'e> {
    engine: &'e OpenSite,
    feed: &'e Feed,
    /// Its nights that came to no run.
    nights: Vec<MissedNight>,
    checks: Vec<WhyCheck>,
    /// The first thing that somebody has to do.
    next: Option<String>,
}

impl WhyAsked<'_> {
    fn note(&mut self, holds: bool, words: String, next: Option<String>) {
        self.checks.push(WhyCheck { holds, words });
        self.next = self.next.take().or(next);
    }

    /// The newest slot that is due, or else the next one; which date is asked about, and whether it is due.
    fn slot(&mut self) -> Result<(Option<Slot>, NaiveDate, bool), Fault> {
        let (zone, now) = (self.feed.schedule.zone, self.engine.clock.moment());
        let of = |date| self.engine.site.slot(self.feed, date);
        let today = zone.date(now);
        let due = (0..14).filter_map(|back| of(today - Days::new(back))).find(|slot| slot.due <= now);
        let coming = (0..32).filter_map(|ahead| of(today + Days::new(ahead))).find(|slot| slot.due > now);
        // One that was over before anybody ran the feed is nobody's business.
        let newest = self.newest_date()?;
        let due = match due.filter(|slot| slot.cut_off <= now && newest.is_none()) {
            Some(over) if self.slot_row(over.date)?.is_none() => None,
            _ => due,
        };
        // Whoever has run the feed for a later date, before its hour, asks about that run: it covers the date before.
        let ahead = newest.filter(|date| due.is_none_or(|slot| *date > slot.date));
        let asked_about = ahead.or(due.or(coming).map(|slot| slot.date)).unwrap_or(today);
        if let Some(slot) = due.filter(|slot| slot.cut_off > now && ahead.is_none()) {
            let words = format!("due since {}; cut-off {}", zone.said(slot.due), zone.said(slot.cut_off));
            self.note(true, words, None);
            return Ok((due, asked_about, true));
        }
        let words = coming.map_or("no day is scheduled in the next month".to_string(), |slot| {
            format!("next due {}", zone.said(slot.due))
        });
        self.note(false, words, None);
        Ok((due.or(coming), asked_about, false))
    }

    /// What has come of the feed's slot of a date.
    fn slot_row(&self, date: NaiveDate) -> Result<Option<SlotRow>, Fault> {
        self.engine.store.slot(SlotKey { feed: self.feed.name.as_str(), date: &date.to_string() })
    }

    /// The newest date for which the feed has a run that was not given up, or was tried and came to none.
    fn newest_date(&self) -> Result<Option<NaiveDate>, Fault> {
        let run = self.engine.store.newest_run(self.feed.name.as_str())?;
        let run = run.filter(|run| run.state() != RunState::Void).map(|run| run.business_date);
        let tried = self.nights.iter().map(|night| night.row.business_date.clone());
        Ok(run.into_iter().chain(tried).filter_map(|date| date.parse().ok()).max())
    }

    /// The run of a date, where the feed has one.
    fn run_of(&self, day: &str, newest: Option<&RunLine>) -> Result<Option<RunLine>, Fault> {
        if let Some(line) = newest.filter(|line| line.run.business_date == day) {
            return Ok(Some(line.clone()));
        }
        let store = &self.engine.store;
        let run = store.run_on(SlotKey { feed: self.feed.name.as_str(), date: day })?;
        let found = run.map(|run| store.run(run)).transpose()?.flatten();
        found.map(|run| line(self.engine, run)).transpose()
    }

    /// The files that are expected: that are to come, are late, or have other rows.
    fn files(&mut self) -> Result<(), Fault> {
        let (engine, feed) = (self.engine, self.feed);
        for (source, by) in awaited_of(engine, feed)? {
            let words = format!("{source} has not come yet, expected by {}", feed.schedule.zone.said(by));
            self.note(false, words, None);
        }
        for late in late_of(engine, feed)? {
            let until =
                late.waits_until.map_or(String::new(), |until| format!("; waits until {}", late.zone.said(until)));
            let words = format!("{} has not come, expected by {}{until}", late.source, late.zone.said(late.by));
            let next = format!("ask the employer for it; `bex run {}` runs on what there is", feed.name);
            self.note(false, words, Some(next));
        }
        if let Some(set) = incomplete_set(engine, &feed.census_source().to_string())? {
            let facts = set.fault.facts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let words = format!("{} waits for other files: {facts}", set.source);
            let next = format!("ask the employer for what is missing; where it will not come, `{}`", set.settled_by());
            self.note(false, words, Some(next));
        }
        for odd in odd_files(engine, feed)? {
            self.note(false, odd.words(), Some(OddFile::next().to_string()));
        }
        Ok(())
    }

    fn held(&mut self) -> Result<(), Fault> {
        let name = self.feed.name.as_str();
        match self.engine.store.held_feed(name)? {
            Some(held) => {
                let words = format!("held by {} since {}", held.who, held.since);
                self.note(false, words, Some(format!("bex unhold {name} --reason R")));
            }
            None => {
                let at_work = self.at_work();
                let free = if at_work.is_empty() { ", and nobody is at work on it or its carrier" } else { "" };
                self.note(true, format!("nobody holds it{free}"), None);
                at_work.into_iter().for_each(|words| self.note(false, words, None));
            }
        }
        Ok(())
    }

    /// Who works on the feed, on what it reads or with its carrier.
    fn at_work(&self) -> Vec<String> {
        let (engine, feed) = (self.engine, self.feed);
        let partner = engine.site.carriers.get(&feed.carrier).map(|carrier| engine.site.partner(carrier));
        let sources = [feed.census_source().to_string(), feed.elections_source().to_string()];
        let is_of_it = |lock: &StandingLock| {
            lock.is_on(Workplace::Feed(feed.name.as_str()))
                || partner.as_deref().is_some_and(|partner| lock.is_on(Workplace::Partner(partner)))
                || sources.iter().any(|source| lock.is_on(Workplace::Source(source)))
        };
        let locks = standing_locks(engine).into_iter().filter(is_of_it);
        let words = |lock: StandingLock| {
            let StandingLock { on, who, process, purpose, since } = lock;
            format!("{on} is worked on by {who} (process {process}, {purpose}) since {since}")
        };
        locks.map(words).collect()
    }

    /// The feed's newest run, and whether it is in the way of the next.
    fn unfinished(&mut self) -> Result<Option<RunLine>, Fault> {
        let Some(run) = self.engine.store.newest_run(self.feed.name.as_str())? else {
            self.note(true, "no earlier run is in the way: it has never run".to_string(), None);
            return Ok(None);
        };
        let line = line(self.engine, run)?;
        let row = line.standing.row();
        let words = format!("run {} for {}: {}", line.run.id, line.run.business_date, row.words);
        let over = line.run.state().is_final();
        let next = (row.urgency <= Urgency::Today && line.standing != RunStanding::Overdue)
            .then(|| row.next.replace("RUN", &line.run.id.to_string()).replace("FEED", &line.run.feed));
        self.note(over, words, next);
        Ok(Some(line))
    }

    fn input(&mut self, source: &str) -> Result<(), Fault> {
        let Some(input) = self.engine.store.newest_input(source)? else {
            let next = "put the employer's file into inbox/, then `bex run FEED`";
            let next = next.replace("FEED", self.feed.name.as_str());
            self.note(false, format!("{source}: nothing was ever taken in"), Some(next));
            return Ok(());
        };
        let since = Moment::parse(&input.received_at)
            .map_or(input.received_at.clone(), |then| self.feed.schedule.zone.said(then));
        let faults = self.engine.store.faults(Owner::Input(input.id))?;
        let refused = input.state == InputState::Quarantined;
        let code = faults.first().filter(|_| refused).map_or(String::new(), |fault| format!(" ({})", fault.code));
        let words = format!("{source}: input {} of {since}, {}{code}", input.id, input.state.word());
        self.note(!refused, words, refused.then(|| format!("bex show input {}", input.id)));
        Ok(())
    }
}

fn standing_words(slot: Option<&SlotRow>, of_date: Option<&RunLine>, night: Option<&MissedNight>) -> String {
    match (slot.map(|row| row.state), of_date) {
        (Some(SlotState::Skipped), _) => "skipped".to_string(),
        (Some(SlotState::Missed), _) => "missed".to_string(),
        (Some(SlotState::Blocked), None) => {
            format!("not run: {}", slot.and_then(|row| row.code.as_deref()).map_or("blocked".to_string(), kept_by))
        }
        (_, Some(line)) => line.standing.row().words.to_string(),
        (_, None) => night.map_or("not run yet".to_string(), |night| {
            // What is wrong with a file says more than that it was refused.
            let grave = night.of_inputs.iter().find(|fault| fault.severity >= Severity::Error);
            let because = grave.unwrap_or(&night.row.fault);
            format!("not run: {} {}", because.code, because.sentence())
        }),
    }
}
