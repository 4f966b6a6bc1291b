//! A carrier's mapping, compiled into what the stages work with.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::fault::{Fault, Label, Place};
use crate::mapping::Carrier;
use crate::policy::{Policy, WirePlan};
use crate::t834;
use crate::x12::guide::Guide;
use crate::x12::guides::x220a1;
use crate::x12::overlay::{MoreCodes, OtherSeverity, Overlay};

/// How a carrier's file is written: separators as declared, what has no place in it by rule or not at all.
pub(super) fn style(carrier: &Carrier) -> crate::x12::writer::Style {
    use crate::x12::character::Escape;
    use crate::x12::separators::{Newline, Separators};
    let declared = carrier.file.separators;
    crate::x12::writer::Style {
        separators: Separators {
            element: declared.element,
            component: declared.component,
            repetition: Some(declared.repetition),
            terminator: declared.segment,
        },
        newline: if carrier.file.newline { Newline::Lf } else { Newline::None },
        escape: Escape::Transliterate,
        ..crate::x12::writer::Style::default()
    }
}

/// The guide as the carrier's declared deviations change it.
pub(super) fn guide(carrier: &Carrier) -> Result<Cow<'static, Guide>, Fault> {
    let Some(declared) = &carrier.overlay else { return Ok(Cow::Borrowed(x220a1())) };
    let of_coverages = |segment: &str, element: u16, codes: &[String]| MoreCodes {
        loop_id: "2300".to_string(),
        segment: segment.to_string(),
        qualifier: None,
        element,
        codes: codes.to_vec(),
    };
    let codes = [
        of_coverages("HD", 3, &declared.hd03_codes),
        of_coverages("DTP", 1, &declared.dtp_codes),
        of_coverages("REF", 1, &declared.ref_codes),
    ];
    let severity =
        |(code, severity): (&String, &String)| OtherSeverity { code: code.clone(), severity: severity.clone() };
    let overlay = Overlay {
        name: declared.name.clone(),
        since: declared.date.to_string(),
        versions: declared.gs08.iter().cloned().collect(),
        codes: codes.into_iter().filter(|more| !more.codes.is_empty()).collect(),
        severities: declared.severity.iter().map(severity).collect(),
        ..Overlay::default()
    };
    x220a1().with(&overlay).map(Cow::Owned)
}

/// The convention that the group names (GS08).
pub(super) fn convention(carrier: &Carrier) -> String {
    let declared = carrier.overlay.as_ref().and_then(|overlay| overlay.gs08.clone());
    declared.unwrap_or_else(|| t834::CONVENTION.to_string())
}

/// What may be disclosed to the carrier.
///
/// # Errors
/// POL001 when its mapping has no policy.
pub(super) fn policy(carrier: &Carrier) -> Result<Policy, Fault> {
    let declared = carrier.policy.as_ref().ok_or_else(|| no_policy(carrier))?;
    let plans: BTreeMap<String, WirePlan> = carrier
        .plans
        .iter()
        .map(|(code, plan)| (code.clone(), WirePlan { line: plan.line, code: plan.code.clone() }))
        .collect();
    Ok(Policy::new(declared.disclose, plans))
}

fn no_policy(carrier: &Carrier) -> Fault {
    crate::policy::rules::NO_POLICY.at(Place::Named(Label::new(carrier.name.as_str())))
}
