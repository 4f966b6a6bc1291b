//! Whether what was done has been signed for in time: a site that wants that can have nothing sent until it is.

use chrono::{Datelike as _, Days, NaiveDate, Weekday};

use crate::access::rules::NOT_REVIEWED;
use crate::audit::moment_of_leaf;
use crate::engine::OpenSite;
use crate::fault::Fault;

/// The day of an event's leaf, UTC; none where the leaf says none.
pub fn day_of_leaf(leaf: &str) -> Option<NaiveDate> {
    moment_of_leaf(leaf).get(..10)?.parse().ok()
}

/// The oldest day that nobody has signed for and somebody should have, with the business days since.
///
/// # Errors
/// STO001.
pub fn overdue_review(engine: &OpenSite) -> Result<Option<(NaiveDate, u32)>, Fault> {
    let Some(declared) = &engine.site.access.declared else { return Ok(None) };
    let Some(leaf) = engine.store.leaf_behind(engine.store.reviewed_up_to()?)? else { return Ok(None) };
    let day = day_of_leaf(&leaf.leaf);
    let waits = day.map(|day| (day, business_days(day, engine.clock.today())));
    Ok(waits.filter(|(_, days)| *days > declared.review.overdue_days))
}

/// Whether a day's review is not so late that the site wants nothing sent any more.
///
/// # Errors
/// ACC004; STO001.
pub fn reviewed_in_time(engine: &OpenSite) -> Result<(), Fault> {
    // Zero is never: a site that reviews late is still a site that enrolls people.
    let limit = engine.site.access.declared.as_ref().map_or(0, |declared| declared.review.hold_after_days);
    match overdue_review(engine)?.filter(|(_, days)| limit > 0 && *days > limit) {
        Some((day, days)) => {
            Err(NOT_REVIEWED.fault().name("day", &day.to_string()).count("business days", days.into()))
        }
        None => Ok(()),
    }
}

/// Business days that have ended since a day, weekends left out.
fn business_days(since: NaiveDate, today: NaiveDate) -> u32 {
    let days = (1..).map_while(|n| since.checked_add_days(Days::new(n))).take_while(|day| *day < today).take(400);
    days.filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)).count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekends_and_the_day_that_is_not_over_count_for_nothing() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(business_days(day("2026-03-06"), day("2026-03-09")), 0, "Friday, looked at on Monday");
        assert_eq!(business_days(day("2026-03-06"), day("2026-03-10")), 1);
        assert_eq!(business_days(day("2026-03-10"), day("2026-03-10")), 0);
    }
}
