//! Somebody who came back after employment had ended: by the old choices, or by new ones.

use super::choices::{Choices, Period};
use super::employed::is_anew;
use super::questions;
use super::replies::unless_replied;
use super::sides::{LineSides, Sides};
use super::timeline::Timeline;
use crate::fault::Fault;

/// Leaves out what was chosen before somebody came back too late for it. Where it was told all the same by a person's
/// word, it stands.
///
/// # Errors
/// REC030, where nothing is chosen since: nobody knows what is to hold.
pub(super) fn chosen_since_return(sides: &Sides, line: &LineSides, choices: &mut Choices) -> Result<(), Fault> {
    let Some(hired) = sides.family.employment.hired.as_ref().filter(|_| is_anew(sides, line)) else { return Ok(()) };
    let hired = *hired.reveal();
    let nothing = Timeline::default();
    let told = line.told.get(&sides.family.subscriber.key).unwrap_or(&nothing);
    let is_old = |period: &Period| period.first() < hired && period.last.is_none_or(|last| last >= hired);
    let Some(old) = choices.periods.iter().find(|period| period.ours && is_old(period)) else { return Ok(()) };
    let plan = old.election.plan.clone();
    let question = questions::BACK_TOO_LATE.fault().name("plan", &plan);
    let is_told = told.spans().iter().any(|span| span.begin >= hired && span.plan == plan);
    let stands = unless_replied(sides.given.replies, question, &plan);
    let anew = choices.periods.iter().any(|period| period.first() >= hired);
    match stands {
        Ok(()) => Ok(()),
        Err(_) if anew => {
            choices.periods.retain(|period| !is_old(period));
            Ok(())
        }
        Err(_) if is_told => Ok(()),
        Err(question) => Err(question),
    }
}
