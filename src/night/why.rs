//! Why a feed has run, or has not: everything that a run of it waits for, each yes or no.

use super::board::{RunLine, line};
use super::expected::late_of;
use super::waits::waits_for;
use crate::engine::OpenSite;
use crate::fault::Fault;
use crate::mapping::Feed;
use crate::run::{OddFile, odd_files};
use crate::schedule::{Moment, Slot};
use crate::state::{InputState, RunStanding, SlotState, State as _, Urgency};
use crate::store::{Owner, SlotKey, SlotRow};

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
    let mut asked = WhyAsked { engine, feed, checks: Vec::new(), next: None };
    let (slot, is_due) = asked.slot();
    let date = slot.map_or_else(|| engine.today_of(feed), |slot| slot.date);
    let row = engine.store.slot(SlotKey { feed: name, date: &date.to_string() })?;
    asked.held()?;
    let run = asked.unfinished()?;
    for source in [feed.census_source().to_string(), feed.elections_source().to_string()] {
        asked.input(&source)?;
    }
    for late in late_of(engine, feed)? {
        let until = late.waits_until.map_or(String::new(), |until| format!("; waits until {}", late.zone.said(until)));
        let words = format!("{} has not come, expected by {}{until}", late.source, late.zone.said(late.by));
        asked.note(false, words, Some(format!("ask the employer for it; `bex run {name}` runs on what there is")));
    }
    for odd in odd_files(engine, feed)? {
        asked.note(false, odd.words(), Some(OddFile::next().to_string()));
    }
    if let Some(waits) = waits_for(engine, feed, date)? {
        asked.note(false, format!("runs after another feed: {waits}"), None);
    }
    let words = standing_words(row.as_ref(), run.as_ref(), &date.to_string());
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
    Ok(Why { feed: name.to_string(), date: date.to_string(), words, checks: asked.checks, cut_off, run, next })
}

struct WhyAsked<'e> {
    engine: &'e OpenSite,
    feed: &'e Feed,
    checks: Vec<WhyCheck>,
    /// The first thing that somebody has to do.
    next: Option<String>,
}

impl WhyAsked<'_> {
    fn note(&mut self, holds: bool, words: String, next: Option<String>) {
        self.checks.push(WhyCheck { holds, words });
        self.next = self.next.take().or(next);
    }

    /// The newest slot that is due, or else the next one; and whether it is due.
    fn slot(&mut self) -> (Option<Slot>, bool) {
        let (zone, now) = (self.feed.schedule.zone, self.engine.clock.moment());
        let of = |date| self.engine.site.slot(self.feed, date);
        let today = zone.date(now);
        let due = (0..14).filter_map(|back| of(today - chrono::Days::new(back))).find(|slot| slot.due <= now);
        let coming = (0..32).filter_map(|ahead| of(today + chrono::Days::new(ahead))).find(|slot| slot.due > now);
        match (due, coming) {
            (Some(slot), _) if slot.cut_off > now => {
                let words = format!("due since {}; cut-off {}", zone.said(slot.due), zone.said(slot.cut_off));
                self.note(true, words, None);
                (due, true)
            }
            (_, Some(slot)) => {
                self.note(false, format!("next due {}", zone.said(slot.due)), None);
                (due.or(coming), false)
            }
            (due, None) => {
                self.note(false, "no day is scheduled in the next month".to_string(), None);
                (due, false)
            }
        }
    }

    fn held(&mut self) -> Result<(), Fault> {
        let name = self.feed.name.as_str();
        match self.engine.store.held_feed(name)? {
            Some(held) => {
                let words = format!("held by {} since {}", held.who, held.since);
                self.note(false, words, Some(format!("bex unhold {name} --reason R")));
            }
            None => self.note(true, "nobody holds it".to_string(), None),
        }
        Ok(())
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

fn standing_words(slot: Option<&SlotRow>, run: Option<&RunLine>, date: &str) -> String {
    let of_date = run.filter(|line| line.run.business_date == date);
    match (slot.map(|row| row.state), of_date) {
        (Some(SlotState::Skipped), _) => "skipped".to_string(),
        (Some(SlotState::Missed), _) => "missed".to_string(),
        (Some(SlotState::Blocked), None) => {
            format!("not run: {}", slot.and_then(|row| row.code.as_deref()).unwrap_or("blocked"))
        }
        (_, Some(line)) => line.standing.row().words.to_string(),
        _ => "not run yet".to_string(),
    }
}
