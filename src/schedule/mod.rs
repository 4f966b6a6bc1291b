//! When a feed is due: time zones, calendars, the slots of a schedule, and what is due of them now. Pure.
//!
//! A *slot* is a feed on one business date. Slots are a function of a schedule, a calendar and a span of days; what
//! came of them is in the store.

mod calendar;
mod due;
mod pause;
mod plan;
mod zone;

pub use calendar::{Calendar, Closed};
pub use due::{Known, Standing, is_open, standings};
pub use pause::less_a_share;
pub use plan::{Missed, OnHoliday, Schedule, Slot};
pub use zone::{Moment, Zone};
