//! `bex x12 diff`.

use std::io::Write;

use super::arguments::DiffArguments;
use super::files;
use super::files::{Access, Twice};
use super::options::{Options, reveals};
use crate::cli::rules;
use crate::fault::Fault;
use crate::inspect::{Difference, MemberCensus, MemberSurvey, differ};
use crate::report::{difference_json, difference_text};
use crate::run::Exit;
use crate::x12::guide::Guide;
use crate::x12::validate::document_with;

pub(super) fn run(arguments: &DiffArguments, out: &mut dyn Write, options: &Options) -> Result<Exit, Fault> {
    let unmasked = reveals(&arguments.revealing)?;
    let guide = files::guide(&arguments.by)?;
    let access = Access::new(&arguments.reading, options);
    let sources = [Twice::new(&arguments.a, access)?, Twice::new(&arguments.b, access)?];
    let difference = compare(&guide, &sources, unmasked)?;
    let text = if options.json {
        let labels = [files::label(&arguments.a), files::label(&arguments.b)];
        format!("{:#}\n", difference_json(&difference, [&labels[0], &labels[1]]))
    } else {
        difference_text(&difference, options.paint())
    };
    let _ = out.write_all(text.as_bytes());
    Ok(if difference.is_same() { Exit::Done } else { Exit::Failed })
}

/// Reads each file twice: who is in it, then what is said of those who differ.
fn compare<'g>(guide: &'g Guide, sources: &[Twice; 2], unmasked: bool) -> Result<Difference<'g>, Fault> {
    let census = |source| read(source, guide, MemberSurvey::census(guide, unmasked)).map(MemberSurvey::into_census);
    let censuses: [MemberCensus; 2] = [census(&sources[0])?, census(&sources[1])?];
    let difference = differ(guide, censuses, unmasked);
    let [a, b] = difference.wanted();
    let details = |source, wanted| {
        read(source, guide, MemberSurvey::details(guide, unmasked, wanted)).map(MemberSurvey::into_details)
    };
    let details = [details(&sources[0], a)?, details(&sources[1], b)?];
    let [a, b] = details;
    Ok(difference.with(a, b))
}

/// Reads a file to its end: half a file cannot be compared.
fn read<'g>(source: &Twice, guide: &'g Guide, mut survey: MemberSurvey<'g>) -> Result<MemberSurvey<'g>, Fault> {
    let mut enrollment = false;
    let report = document_with(source.open()?, guide, &mut |segment, loop_id| {
        enrollment |= segment.tag() == b"ST" && segment.element(1) == guide.set.as_bytes();
        survey.segment(segment, loop_id);
    });
    match super::options::fatal(&report) {
        Some(fault) => Err(fault),
        None if enrollment => Ok(survey),
        None => Err(rules::NOT_ENROLLMENT.fault()),
    }
}
