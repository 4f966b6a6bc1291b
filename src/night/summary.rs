//! The summary of a night for whoever wants one in the morning: counts of feeds, and of what needs somebody.

use chrono::{Days, NaiveDate};

use super::conditions::Condition;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::{Feed, NotifyChannel, Occasions};
use crate::schedule::Moment;
use crate::state::RunState;
use crate::store::SlotKey;

/// How far back a night is looked for.
const DAYS_MAX: u64 = 10;

/// The newest night that is over for every feed of a channel; none while one of them may still run, or none was due.
/// `standing` are the conditions that the channel's feeds concern, whatever it wants to hear of them.
///
/// # Errors
/// STO001; STO007.
pub(super) fn summary(
    engine: &Engine,
    channel: &NotifyChannel,
    standing: &[&Condition],
) -> Result<Option<Condition>, Fault> {
    let is_meant = |feed: &&Feed| channel.feeds.is_empty() || channel.feeds.contains(&feed.name);
    let feeds: Vec<&Feed> = engine.site.feeds.values().filter(is_meant).collect();
    let now = engine.clock.moment();
    let Some(date) = feeds.iter().filter_map(|feed| newest_over(engine, feed, now)).max() else { return Ok(None) };
    let slots: Vec<_> = feeds.iter().filter_map(|feed| Some((*feed, engine.site.slot(feed, date)?))).collect();
    if slots.iter().any(|(_, slot)| slot.cut_off > now) {
        return Ok(None);
    }
    let mut done = 0;
    for (feed, _) in &slots {
        done += usize::from(is_done(engine, feed, date)?);
    }
    let of = |wanted: Occasions| standing.iter().filter(|condition| condition.of.contains(&wanted)).count();
    let (now, today) = (of(Occasions::Now), of(Occasions::Today));
    Ok(Some(Condition {
        key: format!("{KEY}{date}"),
        of: vec![Occasions::Morning],
        feed: None,
        words: format!("night of {date}: feeds {}, done {done}; needs somebody: now {now}, today {today}", slots.len()),
        next: "bex runs".to_string(),
    }))
}

/// How the key of a summary begins.
pub(super) const KEY: &str = "morning ";

/// The newest business date whose slot is over.
fn newest_over(engine: &Engine, feed: &Feed, now: Moment) -> Option<NaiveDate> {
    let today = feed.schedule.zone.date(now);
    let dates = (0..DAYS_MAX).filter_map(|days| today.checked_sub_days(Days::new(days)));
    dates.filter_map(|date| engine.site.slot(feed, date)).find(|slot| slot.cut_off <= now).map(|slot| slot.date)
}

/// Whether a feed has a run of the night that came to its end.
fn is_done(engine: &Engine, feed: &Feed, date: NaiveDate) -> Result<bool, Fault> {
    let day = date.to_string();
    let run = engine.store.run_on(SlotKey { feed: feed.name.as_str(), date: &day })?;
    let run = run.map_or(Ok(None), |run| engine.store.run(run))?;
    Ok(run.is_some_and(|run| run.state() == RunState::Done))
}
