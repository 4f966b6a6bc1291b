//! What a carrier asks to know a member and its coverages by: as the census has it, and as it was told.

use super::questions;
use super::rules::Rules;
use super::sides::Sides;
use crate::fault::Fault;
use crate::mapping::ReferenceLoop;
use crate::model::enrollment::Coverage;
use crate::model::person::{EmploymentStatus, Family};
use crate::model::phi::Phi;
use crate::model::reference::{ReferredTo, ToldReference};

/// References of a loop, and what of them is blank now and was told before.
pub(super) struct References {
    pub refs: Vec<ToldReference>,
    pub question: Option<Fault>,
}

/// A loop of somebody, and the references with which it was told.
#[derive(Clone, Copy)]
pub(super) struct ReferredLoop<'l> {
    pub at: ReferenceLoop,
    pub is_subscriber: bool,
    pub told: &'l [ToldReference],
}

/// The references of a loop, as far as they repeat something of the employee that the carrier may see. A blank cell
/// takes nothing back: what was told stays, and somebody is asked. Where somebody worked who has left is no news.
pub(super) fn references(rules: &Rules, family: &Family, of: ReferredLoop) -> References {
    let has_left = family.employment.status == EmploymentStatus::Terminated;
    let mut found = References { refs: Vec::new(), question: None };
    for declared in rules.refs.iter().filter(|one| one.is_of(of.at, of.is_subscriber)) {
        let Some(source) = declared.employee().filter(|source| rules.visible.has(source.field())) else { continue };
        let before = of.told.iter().find(|told| told.qualifier == declared.qualifier && told.of == source);
        match (value(family, source), before) {
            (_, Some(before)) if has_left => found.refs.push(before.clone()),
            (Some(value), _) => {
                found.refs.push(ToldReference { qualifier: declared.qualifier.clone(), of: source, value });
            }
            (None, Some(before)) => {
                found.refs.push(before.clone());
                found.question = Some(questions::BLANKED.fault().name("element", source.field().word()));
            }
            (None, None) => {}
        }
    }
    found
}

fn value(family: &Family, of: ReferredTo) -> Option<Phi<String>> {
    let employment = &family.employment;
    let value = match of {
        ReferredTo::SubscriberId => Some(&family.subscriber.key),
        ReferredTo::SubscriberSsn => family.subscriber.ssn.as_ref(),
        ReferredTo::Department => Some(&employment.department),
        ReferredTo::Location => Some(&employment.location),
        ReferredTo::PayClass => Some(&employment.pay_class),
    };
    value.filter(|value| !value.is_empty()).cloned()
}

/// Whose span it is, what was told of that member, and whether its line moves tonight.
#[derive(Clone, Copy)]
pub(super) struct ReferredSpan<'s> {
    pub is_subscriber: bool,
    pub told: &'s [Coverage],
    pub moves: bool,
}

/// A span with the references of its loop: of what is over, and of a line that stands, those that were told.
pub(super) fn referred(sides: &Sides, span: Coverage, of: ReferredSpan) -> Coverage {
    let Rules { refs, as_of, .. } = sides.rules;
    if refs.is_empty() {
        return span;
    }
    let before = of.told.iter().find(|told| told.plan == span.plan && told.shares_a_day_with(&span));
    let before = before.map_or(&[][..], |before| &before.refs);
    if !of.moves || !span.is_open_on(*as_of) || span.is_cancelled() {
        return Coverage { refs: before.to_vec(), ..span };
    }
    let of = ReferredLoop { at: ReferenceLoop::Coverage, is_subscriber: of.is_subscriber, told: before };
    Coverage { refs: references(sides.rules, sides.family, of).refs, ..span }
}
