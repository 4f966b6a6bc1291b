//! How a value of a file is treated: by the part of the file it stands in, and within members by the table of what is
//! personal.

use crate::inspect::located::{Located, SegmentScope};
use crate::inspect::personal::{PersonalKind, Treatment, rule_of};
use crate::x12::guide::{ElementSpec, Usage};

/// How an element is treated.
pub(super) fn treatment(at: &Located<'_, '_>, n: usize, spec: Option<&ElementSpec>) -> Treatment {
    let described = spec.filter(|spec| spec.usage != Usage::NotUsed);
    match (at.scope, described) {
        (SegmentScope::Envelope, Some(_)) if at.segment.tag() == b"ISA" && matches!(n, 2 | 4) => {
            Treatment::Personal(PersonalKind::Words)
        }
        (SegmentScope::Envelope | SegmentScope::Header, Some(_)) => Treatment::Open,
        // IK404 copies the bad value out of the file that is answered: a member's data in a 999.
        (SegmentScope::Acknowledgement, Some(_)) => match (at.segment.tag(), n) {
            (b"IK4", 4) => Treatment::Personal(PersonalKind::Words),
            _ => Treatment::Open,
        },
        (SegmentScope::Member, Some(spec)) => {
            let rule = at.rules.rule(n);
            let rule = rule.unwrap_or_else(|| rule_of(at.loop_id, at.segment.tag(), n as u16, spec));
            rule.judge(at.segment.element(n - 1), at.segment.element(1))
        }
        _ => Treatment::Personal(PersonalKind::Words),
    }
}

/// How a component is treated. Its own codes count, not those of its composite.
pub(super) fn component_treatment(
    at: &Located<'_, '_>,
    element: u16,
    component: u16,
    spec: Option<&ElementSpec>,
) -> Treatment {
    let described = spec.filter(|spec| spec.usage != Usage::NotUsed && at.scope == SegmentScope::Member);
    if let Some(spec) = described {
        let rule = rule_of(at.loop_id, at.segment.tag(), element, spec);
        return rule.judge(at.segment.element(usize::from(element) - 1), at.segment.element(1));
    }
    let whole = treatment(at, element.into(), spec);
    match (whole, at.scope, at.segment.tag(), element, component) {
        // What the context is called, then what it is: somebody's number, as a rule.
        (Treatment::Open, SegmentScope::Acknowledgement, b"CTX", 1, 1) => Treatment::Code,
        (Treatment::Open, SegmentScope::Acknowledgement, b"CTX", 1, _) => Treatment::Personal(PersonalKind::Words),
        _ => whole,
    }
}
