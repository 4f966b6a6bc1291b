//! What comes next: the slots of the days to come, and the days on which there are none.

use chrono::{Days, NaiveDate};

use super::expected::{ExpectedFile, expected};
use crate::config::Site;
use crate::mapping::Feed;
use crate::model::ids::FeedName;
use crate::schedule::{Closed, Moment, Slot, Zone};

/// A day on which a feed runs, or would if it were not closed.
#[derive(Clone, Debug)]
pub struct Coming {
    /// Whose day it is.
    pub feed: FeedName,
    /// Where the feed keeps time: people read its clocks.
    pub zone: Zone,
    /// The business date.
    pub date: NaiveDate,
    /// What is to come.
    pub what: Occasion,
    /// The files that are to have come for it.
    pub expects: Vec<ExpectedFile>,
}

/// What is to come of a feed on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// It runs, from a moment until its cut-off.
    Run(Slot),
    /// It does not run: the holiday's name.
    Holiday(String),
}

/// What comes of feeds in so many days from now: the slots whose cut-off has not passed, in the order they are due,
/// each holiday with the runs of its day.
pub fn coming(site: &Site, feeds: &[&Feed], now: Moment, days: u32) -> Vec<Coming> {
    let mut coming: Vec<Coming> = feeds.iter().flat_map(|feed| coming_of(site, feed, now, days)).collect();
    let order = |coming: &Coming| match &coming.what {
        Occasion::Run(slot) => (slot.due, coming.feed.clone()),
        Occasion::Holiday(_) => (coming.zone.moment(coming.date.into()), coming.feed.clone()),
    };
    coming.sort_by_cached_key(order);
    coming
}

/// The first slot of a feed whose cut-off has not passed; none where no day of the next month is scheduled.
pub fn next_slot(site: &Site, feed: &Feed, now: Moment) -> Option<Slot> {
    coming_of(site, feed, now, 32).into_iter().find_map(|coming| match coming.what {
        Occasion::Run(slot) => Some(slot),
        Occasion::Holiday(_) => None,
    })
}

fn coming_of(site: &Site, feed: &Feed, now: Moment, days: u32) -> Vec<Coming> {
    let zone = feed.schedule.zone;
    let today = zone.date(now);
    // A slot of yesterday may not have passed its cut-off.
    let dates = (today - Days::new(1)).iter_days().take(days as usize + 1);
    let whats = dates.filter_map(|date| Some((date, what_comes(site, feed, date)?)));
    let to_come = |what: &Occasion, date: NaiveDate| match what {
        Occasion::Run(slot) => slot.cut_off > now,
        Occasion::Holiday(_) => date >= today,
    };
    let whats = whats.filter(|(date, what)| to_come(what, *date));
    let expects = |date, what: &Occasion| match what {
        Occasion::Run(_) => expected(feed, date),
        Occasion::Holiday(_) => Vec::new(),
    };
    whats
        .map(|(date, what)| Coming { feed: feed.name.clone(), zone, date, expects: expects(date, &what), what })
        .collect()
}

pub(super) fn what_comes(site: &Site, feed: &Feed, date: NaiveDate) -> Option<Occasion> {
    let closed = || match site.calendar(feed)?.closed(date)? {
        Closed::Holiday(name) if feed.schedule.is_usual_on(date) => Some(Occasion::Holiday(name)),
        _ => None,
    };
    site.slot(feed, date).map(Occasion::Run).or_else(closed)
}
