//! Whole nights, good and bad, from the inbox to the acknowledgement.

pub mod against;
pub mod balance;
mod board;
mod by_hand;
pub mod delivery;
pub mod doctor;
pub mod due;
mod emptied;
pub mod families;
mod fortnight;
pub mod forms;
pub mod mapping_corrected;
pub mod morning;
mod kept_back;
mod notices;
pub mod plan;
mod plan_rules;
pub mod refusals;
pub mod rejections;
pub mod same_date_again;
pub mod telemetry;
mod three_nights;
mod trial;
pub mod watermark;
pub mod who;
