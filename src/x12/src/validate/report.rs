//! What was found in a file, bounded in memory whatever is wrong with it.

use std::fmt;

use crate::error::{Detail, Error};
use crate::guide::{self, Deviation, SetSeverity};
use crate::party::Partner;
use crate::position::Position;
use crate::rule::{AckCode, Rule, Severity};
use crate::rules;
use crate::validate::notes::{Breach, NOTES_MAX, Note};

/// Findings kept; further ones are counted.
pub const FINDINGS_MAX: usize = 10_000;

/// Faults of one code kept: errors, and what is less.
const OF_ONE_CODE_MAX: [u64; 2] = [2_000, 100];

/// Transaction sets kept with their facts; of further ones, those with faults.
pub const SETS_MAX: usize = 50_000;

/// How much was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Totals {
    /// ISA segments, whole interchanges or not.
    pub interchanges: u64,
    /// Functional groups.
    pub groups: u64,
    /// Transaction sets.
    pub sets: u64,
    /// Members: INS segments of 834 sets.
    pub members: u64,
    /// Segments, those of the envelope included.
    pub segments: u64,
    /// Bytes read, line ends and filler included.
    pub bytes: u64,
}

/// How many faults there are of a severity, kept or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Counts {
    /// Worth knowing only.
    pub notices: u64,
    /// Accepted all the same.
    pub warnings: u64,
    /// Each refuses the set, group or interchange it stands in.
    pub errors: u64,
    /// Fatal faults: at most one, the last thing read.
    pub fatal: u64,
}

impl Counts {
    /// Everything that was found, kept or only counted.
    pub fn all(&self) -> u64 {
        self.notices + self.warnings + self.errors + self.fatal
    }
}

/// What an interchange's envelope says, as needed to acknowledge it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct InterchangeFacts {
    /// ISA05 and ISA06.
    pub sender: Partner,
    /// ISA07 and ISA08.
    pub receiver: Partner,
    /// ISA09.
    pub date: String,
    /// ISA10.
    pub time: String,
    /// ISA13.
    pub control_number: String,
    /// ISA14 asks for a TA1.
    pub acknowledgment_requested: bool,
    /// ISA15 is T.
    pub test: bool,
    /// Groups in order.
    pub groups: Vec<GroupFacts>,
}

/// What a group's envelope says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct GroupFacts {
    /// GS01.
    pub functional_id: String,
    /// GS02.
    pub sender: String,
    /// GS03.
    pub receiver: String,
    /// GS06.
    pub control_number: String,
    /// GS08.
    pub version: String,
    /// Sets, the first [`SETS_MAX`] of the file and later ones with errors.
    pub sets: Vec<SetFacts>,
    /// ST segments in the group, listed here or not.
    pub sets_found: u32,
    /// Sets found without an error.
    pub sets_accepted: u32,
    /// GE01, when it is a number.
    pub sets_stated: Option<u32>,
    /// The group as a whole is in error.
    pub rejected: bool,
}

/// What a transaction set's header says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SetFacts {
    /// ST01.
    pub id: String,
    /// ST02.
    pub control_number: String,
    /// ST03.
    pub convention: String,
    /// Ordinal in the file, from 1: what ties faults to it.
    pub ordinal: u64,
    /// Segments found, ST and SE included.
    pub segments: u32,
    /// Worst severity found in it.
    pub worst: Option<Severity>,
}

/// A breach of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What does not hold, with its stable code and what to do.
    pub rule: &'static Rule,
    /// How much it matters here: the rule's severity, unless an overlay sets another.
    pub severity: Severity,
    /// The segment or element; of something missing, where its absence shows.
    pub position: Position,
    /// What an acknowledgement calls it.
    pub ack: AckCode,
    /// Numbers that make it concrete, such as how many were found and how many stated.
    pub details: Vec<Detail>,
    /// The data element's number in the standard; empty when it is not an element's.
    pub data_element: &'static str,
    /// The element elsewhere that makes the segment or element necessary, or forbids it.
    pub trigger: Option<Position>,
    /// The interchange, from 1; 0 for none.
    pub interchange: u32,
    /// The group in its interchange, from 1; 0 for none.
    pub group: u32,
    /// The set in the file, from 1; 0 for none.
    pub set: u64,
}

impl Finding {
    /// The rule's code, such as `ENV009`.
    pub fn code(&self) -> &'static str {
        self.rule.code
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Finding {
    /// The rule by its code and its words; everything else by its name.
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut parts = to.serialize_struct("Finding", 12)?;
        parts.serialize_field("code", self.rule.code)?;
        parts.serialize_field("severity", &self.severity)?;
        parts.serialize_field("rule", self.rule.rule)?;
        parts.serialize_field("next", self.rule.next)?;
        parts.serialize_field("position", &self.position)?;
        parts.serialize_field("ack", &self.ack)?;
        parts.serialize_field("details", &self.details)?;
        parts.serialize_field("data_element", self.data_element)?;
        parts.serialize_field("trigger", &self.trigger)?;
        parts.serialize_field("interchange", &self.interchange)?;
        parts.serialize_field("group", &self.group)?;
        parts.serialize_field("set", &self.set)?;
        parts.end()
    }
}

impl fmt::Display for Finding {
    /// The code, the rule, the numbers and the place; never a value from the file.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.code(), self.rule.rule)?;
        for (n, detail) in self.details.iter().enumerate() {
            write!(out, "{}{detail}", if n == 0 { " (" } else { ", " })?;
        }
        write!(out, "{} at {}", if self.details.is_empty() { "" } else { ")" }, self.position)
    }
}

/// A declared deviation that was in force, and how often it was made use of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Used {
    /// The overlay's declaration.
    pub deviation: Deviation,
    /// How often a segment, element or code needed it, or a fault has another severity for it. Repetitions and
    /// optional segments are not counted.
    pub count: u64,
}

/// What a validation found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Report {
    /// What was found, in the order of the file, at most [`FINDINGS_MAX`].
    pub findings: Vec<Finding>,
    /// How many findings there are, kept or not.
    pub counts: Counts,
    /// How much was read.
    pub totals: Totals,
    /// The envelopes.
    pub interchanges: Vec<InterchangeFacts>,
    /// Declared deviations in force.
    pub deviations: Vec<Used>,
    /// The guide's version.
    pub guide: String,
    /// The tags it lists.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) tags: Vec<String>,
}

impl Report {
    /// Whether the file may be sent or taken in: nothing worse than a warning was found.
    pub fn is_valid(&self) -> bool {
        self.counts.errors == 0 && self.counts.fatal == 0
    }

    /// Whether the guide, or that of acknowledgements, lists a tag.
    pub(crate) fn lists(&self, tag: &str) -> bool {
        self.tags.iter().any(|listed| listed == tag) || guide::x231a1().knows_tag(tag.as_bytes())
    }

    /// Whether a breach of the rule with a code was kept.
    pub fn has(&self, code: &str) -> bool {
        self.findings.iter().any(|finding| finding.code() == code)
    }

    /// Findings that are counted, but were too many to be kept.
    pub fn left_out(&self) -> u64 {
        self.counts.all().saturating_sub(self.findings.len() as u64)
    }
}

/// Gathers findings during a validation.
#[derive(Clone, Default)]
pub(crate) struct Log {
    found: Vec<Finding>,
    counts: Counts,
    of_code: Vec<(&'static str, u64)>,
    severities: Vec<SetSeverity>,
    /// Where the reading stands.
    pub interchange: u32,
    pub group: u32,
    pub set: u64,
    /// The worst found since each envelope was opened.
    pub worst_in_set: Option<Severity>,
    pub group_rejected: bool,
    uses: Vec<u64>,
    /// Nothing is noted: what is being read is not judged.
    pub muted: bool,
    /// The breach added last was kept.
    kept: bool,
    /// Whatever comes is only noted: what stands before is not known here.
    notes: Option<Vec<Note>>,
}

impl Log {
    pub(crate) fn new(severities: &[SetSeverity], deviations: usize) -> Log {
        Log { severities: severities.to_vec(), uses: vec![0; deviations], ..Log::default() }
    }

    /// Forgets what was found.
    pub(crate) fn restart(&mut self) {
        let (severities, mut uses) = (std::mem::take(&mut self.severities), std::mem::take(&mut self.uses));
        uses.fill(0);
        *self = Log { severities, uses, ..Log::default() };
    }

    /// One that counts nothing and only notes what comes.
    pub(crate) fn noting() -> Log {
        Log { notes: Some(Vec::new()), ..Log::default() }
    }

    /// What has come since this was asked last; none when it is more than is kept.
    pub(crate) fn take_notes(&mut self) -> Option<Vec<Note>> {
        let notes = std::mem::take(self.notes.as_mut()?);
        (notes.len() < NOTES_MAX).then_some(notes)
    }

    /// Notes what comes, if it is not to be counted here. False if it is.
    #[inline]
    pub(crate) fn noted(&mut self, note: impl FnOnce() -> Note) -> bool {
        let Some(notes) = &mut self.notes else { return false };
        if notes.len() < NOTES_MAX {
            notes.push(note());
        }
        true
    }

    pub(crate) fn findings(&self) -> &[Finding] {
        &self.found
    }

    /// Whether nothing was found yet.
    pub(crate) fn is_clean(&self) -> bool {
        self.found.is_empty()
    }

    /// A breach of a rule.
    pub(crate) fn add(&mut self, rule: &'static Rule, position: Position) {
        self.add_with(Breach::of(rule, position), &[]);
    }

    /// A breach of a rule by an element.
    pub(crate) fn add_element(&mut self, rule: &'static Rule, position: Position, data_element: &'static str) {
        self.add_with(Breach { data_element, ..Breach::of(rule, position) }, &[]);
    }

    /// A breach of a rule, with numbers.
    #[cold]
    pub(crate) fn add_with(&mut self, breach: Breach, details: &[Detail]) {
        if self.muted {
            self.kept = false;
            return;
        }
        if self.noted(|| Note::Breach(breach, details.to_vec())) {
            return;
        }
        let Breach { rule, position, ack, data_element } = breach;
        let (severity, declaration) = self.severity(rule);
        self.note_worst(severity, ack);
        self.kept = self.keeps(rule.code, severity);
        if self.kept {
            let declared = (declaration > 0).then(|| Detail { what: "declaration", number: declaration.into() });
            let details = declared.iter().chain(details).copied().collect();
            let finding = Finding { severity, details, data_element, ..self.finding(rule, position) };
            self.found.push(Finding { ack, ..finding });
        }
    }

    /// What made the breach added last one.
    pub(crate) fn triggered_by(&mut self, trigger: Position) {
        if self.noted(|| Note::Trigger(trigger)) {
            return;
        }
        if let Some(finding) = self.found.last_mut().filter(|_| self.kept) {
            finding.trigger = Some(trigger);
        }
    }

    /// An error that ended the reading.
    pub(crate) fn add_error(&mut self, error: &Error) {
        let rule = error.rule();
        self.note_worst(rule.severity, rule.ack);
        let details = error.detail().into_iter().collect();
        let finding = Finding { details, ..self.finding(rule, error.position()) };
        self.found.push(finding);
    }

    /// Makes use of a declared deviation; its first use is a notice.
    pub(crate) fn deviate(&mut self, deviation: u8, position: Position) {
        if self.noted(|| Note::Deviation(deviation, position)) {
            return;
        }
        let place = usize::from(deviation).wrapping_sub(1);
        let Some(uses) = self.uses.get_mut(place).filter(|_| !self.muted) else { return };
        *uses += 1;
        if *uses == 1 {
            let declaration = Detail { what: "declaration", number: u64::from(deviation) };
            self.add_with(Breach::of(&rules::DECLARED_DEVIATION, position), &[declaration]);
        }
    }

    /// A rule's severity, and the overlay's declaration that sets it, from 1.
    fn severity(&mut self, rule: &Rule) -> (Severity, u8) {
        match self.severities.iter().find(|other| other.code == rule.code) {
            None => (rule.severity, 0),
            Some(other) => {
                if let Some(uses) = self.uses.get_mut(usize::from(other.deviation).wrapping_sub(1)) {
                    *uses += 1;
                }
                (other.severity, other.deviation)
            }
        }
    }

    /// A breach at the place the reading has reached.
    fn finding(&self, rule: &'static Rule, position: Position) -> Finding {
        Finding {
            rule,
            severity: rule.severity,
            position,
            ack: rule.ack,
            details: Vec::new(),
            data_element: "",
            trigger: None,
            interchange: self.interchange,
            group: self.group,
            set: self.set,
        }
    }

    fn note_worst(&mut self, severity: Severity, ack: AckCode) {
        match severity {
            Severity::Notice => self.counts.notices += 1,
            Severity::Warning => self.counts.warnings += 1,
            Severity::Error => self.counts.errors += 1,
            Severity::Fatal => self.counts.fatal += 1,
        }
        if self.set > 0 {
            self.worst_in_set = self.worst_in_set.max(Some(severity));
        }
        if severity >= Severity::Error && matches!(ack, AckCode::Group(_)) {
            self.group_rejected = true;
        }
    }

    fn keeps(&mut self, code: &'static str, severity: Severity) -> bool {
        let at = self.of_code.iter().position(|(known, _)| *known == code).unwrap_or_else(|| {
            self.of_code.push((code, 0));
            self.of_code.len() - 1
        });
        self.of_code[at].1 += 1;
        let most = OF_ONE_CODE_MAX[usize::from(severity < Severity::Error)];
        self.of_code[at].1 <= most && self.found.len() < FINDINGS_MAX
    }

    /// The report, findings in the order of the file.
    pub(crate) fn finish(mut self, deviations: &[Deviation]) -> Report {
        self.found.sort_by_key(|finding| finding.position.in_file());
        let used = deviations.iter().zip(&self.uses);
        let deviations = used.map(|(deviation, count)| Used { deviation: deviation.clone(), count: *count }).collect();
        Report { findings: self.found, counts: self.counts, deviations, ..Report::default() }
    }
}
