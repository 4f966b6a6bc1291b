//! Open questions, feed by feed: those that need somebody, and those that were put to somebody whose day is not over.

use chrono::NaiveDate;

use crate::engine::OpenSite;
use crate::fault::Fault;
use crate::model::ids::FeedName;
use crate::state::QuestionStanding;
use crate::store::AskedOfFeed;

/// The open questions of the feeds that may be looked at and are wanted. Those that were put to somebody until a day
/// that is over count among those that nobody was asked about.
///
/// # Errors
/// STO001; STO007.
pub(super) fn questions_of_feeds(engine: &OpenSite, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<AskedOfFeed>, Fault> {
    let mut found: Vec<AskedOfFeed> = Vec::new();
    for mut asked in engine.store.asked_of_feeds()? {
        if !wanted(&asked.feed) || !engine.may_look_at(&asked.feed) {
            continue;
        }
        let until = asked.put_to.as_ref().map(|(_, until)| until.as_str());
        if standing(engine, &asked.feed, until) == QuestionStanding::Open {
            asked.put_to = None;
        }
        // They come feed by feed.
        let known = found.iter_mut().rev().take_while(|known| known.feed == asked.feed);
        match known.into_iter().find(|known| known.put_to == asked.put_to) {
            Some(known) => add(known, asked),
            None => found.push(asked),
        }
    }
    Ok(found)
}

fn add(to: &mut AskedOfFeed, other: AskedOfFeed) {
    to.count += other.count;
    to.first = to.first.min(other.first);
    to.last_run = to.last_run.max(other.last_run);
    to.since = std::mem::take(&mut to.since).min(other.since);
}

/// Where a question of a feed stands that was put to somebody until a day, ISO.
pub(super) fn standing(engine: &OpenSite, feed: &str, until: Option<&str>) -> QuestionStanding {
    let feed = FeedName::new(feed).and_then(|name| engine.site.feeds.get(&name));
    let today: NaiveDate = feed.map_or_else(|| engine.clock.today(), |feed| engine.today_of(feed));
    QuestionStanding::on(&today.to_string(), until)
}
