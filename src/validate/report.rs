//! What was found in a file, bounded in memory whatever is wrong with it.

use crate::fault::{Fault, Place, Severity, X12Place};
use crate::validate::rule::{Ack, Rule};
use crate::x12::guide::{Deviation, SetSeverity};

/// Faults kept; further ones are counted.
pub const FAULTS_MAX: usize = 10_000;

/// Faults of one code kept: errors, and what is less.
const OF_ONE_CODE_MAX: [u64; 2] = [2_000, 100];

/// Transaction sets kept with their facts; of further ones, those with faults.
pub const SETS_MAX: usize = 50_000;

/// How much was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Interchanges.
    pub interchanges: u64,
    /// Functional groups.
    pub groups: u64,
    /// Transaction sets.
    pub sets: u64,
    /// Members: INS segments of 834 sets.
    pub members: u64,
    /// Segments.
    pub segments: u64,
    /// Bytes.
    pub bytes: u64,
}

/// How many faults there are of a severity, kept or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Notices.
    pub notices: u64,
    /// Warnings.
    pub warnings: u64,
    /// Errors.
    pub errors: u64,
    /// Fatal faults: at most one, the last thing read.
    pub fatal: u64,
}

/// What an interchange's envelope says, as needed to acknowledge it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InterchangeFacts {
    /// ISA05 and ISA06, spaces trimmed.
    pub sender: (String, String),
    /// ISA07 and ISA08, spaces trimmed.
    pub receiver: (String, String),
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
    /// Sets found.
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

/// Where in the envelopes a fault belongs, and what an acknowledgement calls it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// The interchange, from 1; 0 for none.
    pub interchange: u32,
    /// The group in its interchange, from 1; 0 for none.
    pub group: u32,
    /// The set in the file, from 1; 0 for none.
    pub set: u64,
    /// What an acknowledgement calls it.
    pub ack: Ack,
    /// The data element's number in the standard; empty when the fault is not an element's.
    pub data_element: &'static str,
    /// The element elsewhere that makes the segment or element necessary, or forbids it.
    pub trigger: Option<X12Place>,
}

/// A declared deviation that was in force, and how often it was made use of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// The overlay's declaration.
    pub deviation: Deviation,
    /// How often a segment, element or code needed it, or a fault has another severity for it. Repetitions and
    /// optional segments are not counted.
    pub count: u64,
}

/// What a validation found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The faults in the order of the file, at most [`FAULTS_MAX`].
    pub faults: Vec<Fault>,
    /// For each fault, where it belongs and what an acknowledgement calls it.
    pub notes: Vec<Note>,
    /// How many faults there are, kept or not.
    pub counts: Counts,
    /// How much was read.
    pub totals: Totals,
    /// The envelopes.
    pub interchanges: Vec<InterchangeFacts>,
    /// Declared deviations in force.
    pub deviations: Vec<Used>,
}

impl Report {
    /// Whether the file may be sent or taken in: nothing worse than a warning was found.
    pub fn is_valid(&self) -> bool {
        self.counts.errors == 0 && self.counts.fatal == 0
    }

    /// Whether a fault of a code was kept.
    pub fn has(&self, code: &str) -> bool {
        self.faults.iter().any(|fault| fault.code == code)
    }
}

/// A breach of a rule.
#[derive(Clone, Copy)]
pub(crate) struct Breach<'r> {
    pub rule: &'r Rule,
    pub place: X12Place,
    /// As in [`Note`].
    pub data_element: &'static str,
}

/// Gathers faults during a validation.
#[derive(Debug, Default)]
pub(crate) struct Log {
    found: Vec<(Fault, Note)>,
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
    /// The breach added last was kept.
    kept: bool,
}

impl Log {
    pub(crate) fn new(severities: &[SetSeverity], deviations: usize) -> Log {
        Log { severities: severities.to_vec(), uses: vec![0; deviations], ..Log::default() }
    }

    /// Whether nothing was found yet.
    pub(crate) fn is_clean(&self) -> bool {
        self.found.is_empty()
    }

    /// A breach of a rule.
    pub(crate) fn add(&mut self, rule: &Rule, place: X12Place) {
        self.add_with(Breach { rule, place, data_element: "" }, |fault| fault);
    }

    /// A breach of a rule by an element.
    pub(crate) fn add_element(&mut self, rule: &Rule, place: X12Place, data_element: &'static str) {
        self.add_with(Breach { rule, place, data_element }, |fault| fault);
    }

    /// A breach of a rule, with facts.
    #[cold]
    pub(crate) fn add_with(&mut self, breach: Breach<'_>, facts: impl FnOnce(Fault) -> Fault) {
        let Breach { rule, place, data_element } = breach;
        let (severity, declaration) = self.severity(rule);
        self.note_worst(severity, rule.ack);
        self.kept = self.keeps(rule.code, severity);
        if self.kept {
            let fault = Fault::error(rule.code, Place::X12(place), rule.rule, rule.next).with_severity(severity);
            let fault = if declaration > 0 { fault.count("declaration", declaration.into()) } else { fault };
            self.found.push((facts(fault), self.note(rule.ack, data_element)));
        }
    }

    /// What made the breach added last one.
    pub(crate) fn triggered_by(&mut self, trigger: X12Place) {
        if let Some((_, note)) = self.found.last_mut().filter(|_| self.kept) {
            note.trigger = Some(trigger);
        }
    }

    /// A fault that ended the reading.
    pub(crate) fn add_fault(&mut self, fault: Fault, ack: Ack) {
        self.note_worst(fault.severity, ack);
        let note = self.note(ack, "");
        self.found.push((fault, note));
    }

    /// Makes use of a declared deviation; its first use is a notice.
    pub(crate) fn deviate(&mut self, deviation: u8, place: X12Place) {
        let Some(uses) = self.uses.get_mut(usize::from(deviation).wrapping_sub(1)) else { return };
        *uses += 1;
        if *uses == 1 {
            let rule = &crate::validate::rule::DECLARED_DEVIATION;
            let breach = Breach { rule, place, data_element: "" };
            self.add_with(breach, |fault| fault.count("declaration", u64::from(deviation)));
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

    fn note(&self, ack: Ack, data_element: &'static str) -> Note {
        Note { interchange: self.interchange, group: self.group, set: self.set, ack, data_element, trigger: None }
    }

    fn note_worst(&mut self, severity: Severity, ack: Ack) {
        match severity {
            Severity::Notice => self.counts.notices += 1,
            Severity::Warning => self.counts.warnings += 1,
            Severity::Error => self.counts.errors += 1,
            Severity::Fatal => self.counts.fatal += 1,
        }
        if self.set > 0 {
            self.worst_in_set = self.worst_in_set.max(Some(severity));
        }
        if severity >= Severity::Error && matches!(ack, Ack::Group(_)) {
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
        self.of_code[at].1 <= most && self.found.len() < FAULTS_MAX
    }

    /// The report, faults in the order of the file.
    pub(crate) fn finish(mut self, deviations: &[Deviation]) -> Report {
        self.found.sort_by_key(|(fault, _)| match fault.place {
            Place::X12(place) => (place.byte, place.element, place.repetition, place.component),
            _ => (u64::MAX, 0, 0, 0),
        });
        let used = deviations.iter().zip(&self.uses);
        let deviations = used.map(|(deviation, count)| Used { deviation: deviation.clone(), count: *count }).collect();
        let (faults, notes) = self.found.into_iter().unzip();
        Report { faults, notes, counts: self.counts, deviations, ..Report::default() }
    }
}
