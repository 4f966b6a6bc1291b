//! The guide a carrier's files are judged by.

use std::borrow::Cow;

use crate::fault::Fault;
use crate::mapping::{DeclaredOverlay, FileDialect, Untouched};
use crate::x12::Severity;
use crate::x12::guide::Guide;
use crate::x12::guide::x220a1;
use crate::x12::guide::{MoreCodes, OtherSeverity, Overlay};

/// What a carrier's own way of being told deviates by, wherever it is declared.
fn own_way(dialect: FileDialect) -> Overlay {
    // A dependent whose subscriber is in no loop of the set.
    let alone = OtherSeverity { code: "SIT022".to_string(), severity: Severity::Notice };
    let severities = Some(alone).filter(|_| dialect.untouched == Untouched::Alone).into_iter().collect();
    Overlay { name: "dependents alone".to_string(), severities, ..Overlay::default() }
}

/// The guide as the carrier's declared deviations change it, and those of its own way of being told.
pub(super) fn guide(declared: Option<&DeclaredOverlay>, dialect: FileDialect) -> Result<Cow<'static, Guide>, Fault> {
    let own = own_way(dialect);
    let overlay = match declared {
        Some(declared) => with(declared, own),
        None if own.severities.is_empty() => return Ok(Cow::Borrowed(x220a1())),
        None => own,
    };
    Ok(Cow::Owned(x220a1().with(&overlay)?))
}

/// What is declared, and beside it what is not.
fn with(declared: &DeclaredOverlay, own: Overlay) -> Overlay {
    let more = |segment: &str, element: u16, codes: &[String]| MoreCodes {
        loop_id: "2300".to_string(),
        segment: segment.to_string(),
        qualifier: None,
        element,
        codes: codes.to_vec(),
    };
    let codes =
        [more("HD", 3, &declared.hd03_codes), more("DTP", 1, &declared.dtp_codes), more("REF", 1, &declared.ref_codes)];
    // A word that is no severity is refused like any other entry that declares what cannot be.
    let severity = |word: &str| Severity::of_word(word).unwrap_or(Severity::Fatal);
    let severities = declared.severity.iter();
    let severities =
        severities.map(|(code, word)| OtherSeverity { code: code.clone(), severity: severity(word.as_str()) });
    let own = own.severities.into_iter().filter(|own| !declared.severity.contains_key(&own.code));
    Overlay {
        name: declared.name.clone(),
        since: declared.date.to_string(),
        versions: declared.gs08.iter().cloned().collect(),
        codes: codes.into_iter().filter(|more| !more.codes.is_empty()).collect(),
        severities: severities.chain(own).collect(),
        ..Overlay::default()
    }
}
