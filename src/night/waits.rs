//! Feeds that run after others.

use chrono::NaiveDate;

use super::rules;
use crate::engine::OpenSite;
use crate::fault::Fault;
use crate::mapping::Feed;
use crate::state::{RunState, SlotState};
use crate::store::SlotKey;

/// Why a feed that is due has to wait for another; none when it need not. A feed that does not run on the day is not
/// waited for.
///
/// # Errors
/// STO001; STO007.
pub(super) fn waits_for(engine: &OpenSite, feed: &Feed, date: NaiveDate) -> Result<Option<Fault>, Fault> {
    for name in &feed.schedule.after {
        let Some(other) = engine.site.feeds.get(name) else { continue };
        if engine.site.slot(other, date).is_some() && !is_through(engine, other, date)? {
            return Ok(Some(rules::WAITS_FOR.fault().name("after", name.as_str())));
        }
    }
    Ok(None)
}

/// Whether a feed is done with a business date.
fn is_through(engine: &OpenSite, feed: &Feed, date: NaiveDate) -> Result<bool, Fault> {
    let key = SlotKey { feed: feed.name.as_str(), date: &date.to_string() };
    let Some(row) = engine.store.slot(key)? else { return Ok(false) };
    let run = row.run.map_or(Ok(None), |run| engine.store.run(run))?;
    Ok(row.state == SlotState::Skipped || run.is_some_and(|run| run.state() == RunState::Done))
}
