//! What a 999 says of a group: its sets, segments and elements, in the words the guide of the 999 lists.

use crate::ack::options::{Options, Sink};
use crate::element::Value;
use crate::error::Error;
use crate::guide;
use crate::position::Position;
use crate::rule::{AckCode, Severity};
use crate::validate::{Finding, GroupFacts, Report, SetFacts};

/// Codes of one set or group that are told.
const CODES_MAX: usize = 5;

/// Sets an AK9 can count.
const COUNT_MAX: u32 = 999_999;

/// The findings of groups and their sets that are worth answering, in the order of the file.
pub(super) struct Notes<'r> {
    report: &'r Report,
    findings: Vec<&'r Finding>,
}

/// Those of one group, and how they are written.
pub(super) struct GroupNotes<'n, 'r> {
    findings: &'n [&'r Finding],
    report: &'r Report,
    options: &'n Options<'n>,
}

impl<'r> Notes<'r> {
    /// All that are more than notices.
    pub(super) fn of(report: &'r Report) -> Notes<'r> {
        let worth = |finding: &&Finding| finding.severity >= Severity::Warning && finding.group > 0;
        Notes { report, findings: report.findings.iter().filter(worth).collect() }
    }

    pub(super) fn of_group<'n>(&'n self, interchange: u32, group: u32, options: &'n Options<'n>) -> GroupNotes<'n, 'r> {
        let findings = run(&self.findings, (interchange, group), |finding| (finding.interchange, finding.group));
        GroupNotes { findings, report: self.report, options }
    }
}

/// The run of findings that belong to one thing, of findings in its order.
fn run<'n, 'r, K: Ord>(found: &'n [&'r Finding], of: K, key: impl Fn(&Finding) -> K) -> &'n [&'r Finding] {
    let begin = found.partition_point(|finding| key(finding) < of);
    let end = found.partition_point(|finding| key(finding) <= of);
    &found[begin..end]
}

/// AK1 to AK9.
pub(super) fn write_group(writer: &mut Sink, group: &GroupFacts, notes: &GroupNotes<'_, '_>) -> Result<(), Error> {
    // What is cut may end in a blank where the whole did not.
    let version = group.version.get(..12).unwrap_or(&group.version).trim_end();
    writer.segment("AK1", [group.functional_id.as_str(), &group.control_number, version])?;
    let in_sets: Vec<&Finding> = notes.findings.iter().filter(|finding| finding.set > 0).copied().collect();
    for set in group.sets.iter().filter(|set| is_known("AK2", &set.id)) {
        let findings = run(&in_sets, set.ordinal, |finding| finding.set);
        write_set(writer, set, &GroupNotes { findings, ..*notes })?;
    }
    let mut codes = Codes::default();
    for finding in notes.findings {
        match finding.ack {
            AckCode::Group(code) if finding.severity >= Severity::Error => codes.add(code),
            _ => {}
        }
    }
    let received = group.sets_found.min(COUNT_MAX);
    let stated = group.sets_stated.map_or(received, |stated| stated.min(COUNT_MAX));
    let accepted = if group.rejected { 0 } else { group.sets_accepted.min(COUNT_MAX) };
    let counts = [stated, received, accepted].map(Value::from);
    let verdict = std::iter::once(Value::from(group_verdict(group)));
    writer.segment("AK9", verdict.chain(counts).chain(codes.0.iter().map(|code| Value::from(*code))))
}

/// Codes, each once, as many as there is room for.
#[derive(Default)]
struct Codes(Vec<&'static str>);

impl Codes {
    fn add(&mut self, code: &'static str) {
        if !self.0.contains(&code) && self.0.len() < CODES_MAX {
            self.0.push(code);
        }
    }
}

/// Whether the guide of the 999 has a code for a set or a group in the first element of a segment.
fn is_known(tag: &str, code: &str) -> bool {
    let segment = guide::x231a1().by_tag(tag.as_bytes());
    segment.and_then(|segment| segment.elements.first()).is_some_and(|first| first.codes.contains(code.as_bytes()))
}

fn group_verdict(group: &GroupFacts) -> &'static str {
    let noted = group.sets.iter().any(|set| set.worst >= Some(Severity::Warning));
    match (group.rejected || group.sets_accepted == 0, group.sets_accepted == group.sets_found) {
        (true, _) => "R",
        (false, false) => "P",
        (false, true) if noted => "E",
        (false, true) => "A",
    }
}

/// AK2 to IK5.
fn write_set(writer: &mut Sink, set: &SetFacts, notes: &GroupNotes<'_, '_>) -> Result<(), Error> {
    let number = set.control_number.get(..9).unwrap_or(&set.control_number).trim_end();
    writer.segment("AK2", [set.id.as_str(), &format!("{number:0>4}"), &set.convention])?;
    let mut codes = Codes::default();
    let mut told = Told { report: notes.report, segment: None };
    let mut in_segments = false;
    for finding in notes.findings {
        match told.level(finding) {
            Noted::Set(code) => codes.add(code),
            Noted::Segment(code) => told.segment(writer, finding, SegmentNote { code, options: notes.options })?,
            Noted::Element(code) => told.element(writer, finding, SegmentNote { code, options: notes.options })?,
            Noted::Nothing => {}
        }
        in_segments |= matches!(finding.ack, AckCode::Segment(_) | AckCode::Element(_));
    }
    if in_segments {
        // That segments are in error (5) has to be said whatever else there is: room is kept for it.
        codes.0.truncate(CODES_MAX - 1);
        codes.add("5");
    }
    let verdict = match set.worst {
        Some(Severity::Error | Severity::Fatal) => "R",
        Some(Severity::Warning) => "E",
        _ => "A",
    };
    writer.segment("IK5", std::iter::once(&verdict).chain(&codes.0))
}

/// What a 999 says of a finding in a set, and in which of its segments.
enum Noted {
    Set(&'static str),
    Segment(&'static str),
    Element(&'static str),
    Nothing,
}

/// A code of a segment or element, and how it is written.
#[derive(Clone, Copy)]
struct SegmentNote<'o> {
    code: &'static str,
    options: &'o Options<'o>,
}

/// What has been told of a set so far.
struct Told<'r> {
    /// What lists the tags there are.
    report: &'r Report,
    /// The segment whose IK3 was written last for its elements.
    segment: Option<u64>,
}

impl Told<'_> {
    fn level(&self, finding: &Finding) -> Noted {
        match finding.ack {
            AckCode::Set(code) => Noted::Set(code),
            // IK301 is coded by the tags there are: of another one IK5 alone tells.
            AckCode::Segment(_) | AckCode::Element(_) if !self.report.lists(finding.position.tag_text()) => {
                Noted::Nothing
            }
            // Data element errors have an IK4 that says which: what ends in separators has an element too many.
            AckCode::Segment("8") if finding.position.element > 0 => Noted::Element("3"),
            AckCode::Segment("8") => Noted::Element("1"),
            AckCode::Segment(code) => Noted::Segment(code),
            AckCode::Element(code) => Noted::Element(code),
            _ => Noted::Nothing,
        }
    }

    /// IK3, and CTX where something elsewhere made the segment necessary.
    fn segment(&mut self, writer: &mut Sink, finding: &Finding, note: SegmentNote<'_>) -> Result<(), Error> {
        self.segment = None;
        write_ik3(writer, &finding.position, note)?;
        write_trigger(writer, finding, note.options)
    }

    /// IK4 and CTX; before the first of a segment its IK3.
    fn element(&mut self, writer: &mut Sink, finding: &Finding, note: SegmentNote<'_>) -> Result<(), Error> {
        let Position { segment, element, component, repetition, .. } = finding.position;
        if self.segment != Some(segment) {
            write_ik3(writer, &finding.position, SegmentNote { code: "8", ..note })?;
        }
        self.segment = Some(segment);
        let shown = |n: u16, most: u16| (n > 0).then(|| n.min(most));
        let parts = [shown(element.max(1), 99), shown(component, 99), shown(repetition, 9_999)].map(Value::from);
        // Composites have numbers such as C056; the element has room for data elements only.
        let numeric = finding.data_element.bytes().all(|byte| byte.is_ascii_digit());
        let data_element = if numeric { finding.data_element } else { "" };
        writer.segment("IK4", [Value::Composite(&parts), data_element.into(), note.code.into()])?;
        write_trigger(writer, finding, note.options)
    }
}

fn write_ik3(writer: &mut Sink, position: &Position, note: SegmentNote<'_>) -> Result<(), Error> {
    let (tag, ordinal) = (Value::from(position.tag_text()), Value::from(position.segment_in_set.max(1)));
    writer.segment("IK3", [tag, ordinal, loop_id(position, note.options).into(), note.code.into()])
}

/// CTX: what made the segment or element necessary.
fn write_trigger(writer: &mut Sink, finding: &Finding, options: &Options<'_>) -> Result<(), Error> {
    let Some(trigger) = &finding.trigger else { return Ok(()) };
    let (tag, ordinal) = (Value::from(trigger.tag_text()), Value::from(trigger.segment_in_set));
    let within = loop_id(trigger, options).into();
    writer.segment("CTX", [Value::from("SITUATIONAL TRIGGER"), tag, ordinal, within, Value::from(trigger.element)])
}

fn loop_id(position: &Position, options: &Options<'_>) -> &'static str {
    match position.loop_id.get(..4) {
        Some(short) if !options.whole_loop_ids => short,
        _ => position.loop_id,
    }
}
