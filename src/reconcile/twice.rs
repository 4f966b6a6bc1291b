//! Nobody is covered in two families at once on one line of care, unless the plan allows it.

use super::questions;
use super::replies::unless_replied;
use super::sides::{Cover, LineSides, Sides};
use super::timeline::Timeline;
use crate::fault::Fault;
use crate::mapping::CoveredTwice;
use crate::model::enrollment::Coverage;
use crate::model::person::{Family, Person};
use crate::model::phi::Phi;

/// Holds that nobody begins to be covered on days on which another family covers the same person on this line.
///
/// # Errors
/// REC018.
pub(super) fn once(sides: &Sides, line: &LineSides, cover: &Cover) -> Result<(), Fault> {
    let of_line = sides.rules.lines.get(&line.kind).and_then(|rules| rules.twice);
    if of_line.unwrap_or(sides.rules.covered_twice) == CoveredTwice::Allowed {
        return Ok(());
    }
    let nothing = Timeline::default();
    cover.iter().try_for_each(|(key, timeline)| {
        let told = line.told.get(key).unwrap_or(&nothing);
        let elsewhere = sides.person(key).map(|person| covered_beside(sides, line, person)).unwrap_or_default();
        let begins_twice = |span: &&Coverage| elsewhere.iter().any(|other| shares_a_new_day(told, span, other));
        match timeline.spans().iter().find(begins_twice) {
            Some(span) => {
                let question = questions::COVERED_TWICE.fault().name("plan", &span.plan);
                unless_replied(sides.given.replies, question, &span.plan)
            }
            None => Ok(()),
        }
    })
}

/// What other families' members who are this person will have on the line.
fn covered_beside(sides: &Sides, line: &LineSides, person: &Person) -> Vec<Coverage> {
    let mut found = Vec::new();
    // A survivor's family takes the place of the one before: that one ends on its eve.
    let before = sides.family.employment.survivor_of.as_ref();
    for beside in sides.given.beside.iter().filter(|beside| Some(&beside.family.subscriber.key) != before) {
        let Some(key) = same_person(beside.family, person) else { continue };
        let member = beside.known.as_ref().and_then(|known| known.member(key));
        found.extend(member.into_iter().flat_map(|member| Timeline::of_line(member, line.kind).into_spans()));
    }
    found
}

fn same_person<'f>(family: &'f Family, person: &Person) -> Option<&'f Phi<String>> {
    let everybody = std::iter::once(&family.subscriber).chain(&family.dependents);
    let same = |other: &&Person| person.ssn.is_some() && other.ssn == person.ssn;
    everybody.into_iter().find(same).map(|other| &other.key)
}

/// Whether two spans share a day that this family has not been told of before.
fn shares_a_new_day(told: &Timeline, span: &Coverage, other: &Coverage) -> bool {
    // What was told of both long ago stands: the carrier has taken it, and ending either would be a guess.
    let first = span.begin.max(other.begin);
    span.shares_a_day_with(other) && told.on(first).is_none()
}
