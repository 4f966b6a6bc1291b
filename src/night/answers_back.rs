//! What came back from carriers, with everything that people read of it.

use std::collections::BTreeMap;

use super::detail::{DeliveryDetail, delivery_detail};
use crate::engine::Engine;
use crate::model::ids::FeedName;
use crate::run::{AckSummary, AnswerWaiting, answers_waiting};
use crate::schedule::{Moment, Zone};

/// What fetching answers came to, as it is shown.
#[derive(Clone, Debug)]
pub struct AnswersBack {
    /// What was done.
    pub summary: AckSummary,
    /// Deliveries to which something was objected, place by place.
    pub objected: Vec<DeliveryDetail>,
    /// Answers that wait for a person, with what they say of themselves.
    pub open: Vec<AnswerWaiting>,
    /// The clocks that people read, by feed.
    pub zones: BTreeMap<FeedName, Zone>,
    /// The moment at which it is shown.
    pub now: Moment,
}

impl AnswersBack {
    /// Looks up whatever is to be said beside the counts.
    pub fn of(engine: &Engine, summary: AckSummary) -> AnswersBack {
        AnswersBack {
            objected: summary.objected.iter().filter_map(|row| delivery_detail(engine.into(), row.id).ok()).collect(),
            open: answers_waiting(engine.into(), summary.open.clone()),
            zones: engine.site.feeds.values().map(|feed| (feed.name.clone(), feed.schedule.zone)).collect(),
            now: engine.clock.moment(),
            summary,
        }
    }
}
