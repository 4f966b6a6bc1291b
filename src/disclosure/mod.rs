//! To whom a person's data were told: the account that a member may ask for, and who was in a delivery when one has
//! gone astray. To read either is an act, with a reason and an event. Touches: database.

pub mod rules;
mod account;
mod affected;
mod otherwise;
mod read;
mod sought;
mod telling;

pub use account::{Account, AccountAsked, Accounted, Certainty, Disclosure, account};
pub use affected::{Affected, AffectedAsked, AffectedDelivery, AffectedPerson, affected};
pub use otherwise::{
    Purpose, TellingAsked, TellingSeen, ToldCase, ToldOtherwise, approve_telling, ask_to_tell, tellings_asked,
};
pub use sought::{Sought, family_sought, sought_ssn};
