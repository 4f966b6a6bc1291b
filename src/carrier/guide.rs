//! The guide a carrier's files are judged by.

use std::borrow::Cow;

use crate::fault::Fault;
use crate::mapping::DeclaredOverlay;
use crate::x12::Severity;
use crate::x12::guide::Guide;
use crate::x12::guide::x220a1;
use crate::x12::guide::{MoreCodes, OtherSeverity, Overlay};

/// The guide as the carrier's declared deviations change it.
pub(super) fn guide(declared: Option<&DeclaredOverlay>) -> Result<Cow<'static, Guide>, Fault> {
    let Some(declared) = declared else { return Ok(Cow::Borrowed(x220a1())) };
    let more = |segment: &str, element: u16, codes: &[String]| MoreCodes {
        loop_id: "2300".to_string(),
        segment: segment.to_string(),
        qualifier: None,
        element,
        codes: codes.to_vec(),
    };
    let codes =
        [more("HD", 3, &declared.hd03_codes), more("DTP", 1, &declared.dtp_codes), more("REF", 1, &declared.ref_codes)];
    let severities = declared.severity.iter();
    let overlay = Overlay {
        name: declared.name.clone(),
        since: declared.date.to_string(),
        versions: declared.gs08.iter().cloned().collect(),
        codes: codes.into_iter().filter(|more| !more.codes.is_empty()).collect(),
        severities: severities
            // A word that is no severity is refused like any other entry that declares what cannot be.
            .map(|(code, word)| (code, Severity::of_word(word).unwrap_or(Severity::Fatal)))
            .map(|(code, severity)| OtherSeverity { code: code.clone(), severity })
            .collect(),
        ..Overlay::default()
    };
    Ok(Cow::Owned(x220a1().with(&overlay)?))
}
