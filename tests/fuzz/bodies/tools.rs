//! Any bytes: they are shown, compared and masked without an end that nobody foresaw; a masked file has the same
//! faults at the same places, and masking it again changes no verdict either.

use bex::inspect::{Locator, MemberSurvey, Pseudonymizer, differ, mask};
use bex::report::{Tree, TreeOptions, difference_json};
use bex::x12::validate::{Report, document, document_with};
use bex::x12::{Position, guide};

fn faults(report: &Report) -> Vec<(&'static str, Position)> {
    report.findings.iter().map(|finding| (finding.code(), finding.position)).collect()
}

/// What holds of every input.
pub fn holds(data: &[u8]) {
    let guide = guide::x220a1();
    let mut tree = Tree::new(TreeOptions::default());
    let mut locator = Locator::new(guide);
    let mut census = MemberSurvey::census(guide, false);
    let mut details = MemberSurvey::details(guide, false, vec![true; 64]);
    let report = document_with(data, guide, &mut |segment, loop_id| {
        let located = locator.locate(segment, loop_id);
        tree.text(&located);
        tree.json(&located);
        census.segment(segment, loop_id);
        details.segment(segment, loop_id);
    });
    let census = census.into_census();
    let difference = differ(guide, [census, Default::default()], false);
    difference_json(&difference.with(details.into_details(), Default::default()), ["a", "b"]);
    let mut masked = Vec::new();
    mask(data, guide, &Pseudonymizer::new(b"a key for fuzzing"), &mut masked).expect("memory takes everything");
    let whole = report.counts.fatal == 0 || report.has("X12004");
    if whole && report.findings.len() < 1_000 {
        assert_eq!(faults(&report), faults(&document(&masked[..], guide)));
    }
}
