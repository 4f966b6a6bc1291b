//! Interchanges, groups and sets: headers, trailers, counts and control numbers.

use crate::error::Detail;
use crate::guide::{self, Code, CodeSet, Guide, SegmentSpec};
use crate::party::Partner;
use crate::position::Position;
use crate::rule::{AckCode, Rule, Severity};
use crate::rules;
use crate::segment::Segment;
use crate::validate::at::At;
use crate::validate::elements;
use crate::validate::notes::Breach;
use crate::validate::report::{GroupFacts, InterchangeFacts, Log, SETS_MAX, SetFacts, Totals};
use crate::validate::seen::{Seen, digest};
use crate::value;

/// Control numbers remembered to find repetitions; beyond, repetitions are no longer noticed.
const NUMBERS_MAX: usize = 500_000;

/// Interchanges and groups of one file at most.
const ENVELOPES_MAX: u64 = 20_000;

/// What the envelopes have said so far.
pub(crate) struct Envelope {
    pub interchanges: Vec<InterchangeFacts>,
    pub totals: Totals,
    in_interchange: bool,
    in_group: bool,
    in_set: bool,
    acknowledgements: u32,
    set: SetFacts,
    sets_kept: usize,
    interchange_numbers: Seen,
    group_numbers: Seen,
    set_numbers: Seen,
    /// What is asked of a GS segment.
    group_header: SegmentSpec,
    /// ISA12 of the guide's release.
    release: Vec<u8>,
    /// The group that is open names another guide.
    foreign: bool,
}

/// A value as a fact: its first characters, blanks trimmed, nothing that is not printable ASCII.
fn fact(value: &[u8]) -> String {
    let plain = value.iter().take(35).map(|byte| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '?' });
    plain.collect::<String>().trim().to_owned()
}

impl Envelope {
    pub(crate) fn new(guide: &Guide) -> Envelope {
        Envelope {
            group_header: group_header(guide),
            release: guide.version.bytes().take(5).collect(),
            foreign: false,
            interchanges: Vec::new(),
            totals: Totals::default(),
            in_interchange: false,
            in_group: false,
            in_set: false,
            acknowledgements: 0,
            set: SetFacts::default(),
            sets_kept: 0,
            interchange_numbers: Seen::new(NUMBERS_MAX),
            group_numbers: Seen::new(NUMBERS_MAX),
            set_numbers: Seen::new(NUMBERS_MAX),
        }
    }

    /// Begins another file.
    pub(crate) fn restart(&mut self) {
        self.interchanges.clear();
        self.totals = Totals::default();
        (self.in_interchange, self.in_group, self.in_set, self.foreign) = (false, false, false, false);
        (self.acknowledgements, self.sets_kept) = (0, 0);
        for numbers in [&mut self.interchange_numbers, &mut self.group_numbers, &mut self.set_numbers] {
            numbers.clear();
        }
    }

    /// Whether the file has more interchanges and groups than are remembered.
    pub(crate) fn is_overfull(&self) -> bool {
        self.totals.interchanges + self.totals.groups > ENVELOPES_MAX
    }

    /// Whether a set is open.
    #[inline]
    pub(crate) fn in_set(&self) -> bool {
        self.in_set
    }

    fn interchange(&mut self) -> Option<&mut InterchangeFacts> {
        self.interchanges.last_mut().filter(|_| self.in_interchange)
    }

    fn group(&self) -> Option<&GroupFacts> {
        self.interchanges.last()?.groups.last().filter(|_| self.in_group)
    }

    fn group_mut(&mut self) -> Option<&mut GroupFacts> {
        self.interchanges.last_mut()?.groups.last_mut().filter(|_| self.in_group)
    }

    pub(crate) fn open_interchange(&mut self, segment: &Segment<'_>, log: &mut Log) {
        let at = At::new(segment, "");
        self.leave_interchange(at, log);
        self.totals.interchanges += 1;
        log.interchange += 1;
        let number = segment.element(13);
        self.interchanges.push(InterchangeFacts {
            sender: Partner { qualifier: fact(segment.element(5)), id: fact(segment.element(6)) },
            receiver: Partner { qualifier: fact(segment.element(7)), id: fact(segment.element(8)) },
            date: fact(segment.element(9)),
            time: fact(segment.element(10)),
            control_number: fact(number),
            acknowledgment_requested: segment.element(14) == b"1",
            test: segment.element(15) == b"T",
            groups: Vec::new(),
        });
        self.in_interchange = true;
        self.acknowledgements = 0;
        self.group_numbers.clear();
        check_header(at, &self.release, log);
        if !self.interchange_numbers.is_new(digest(number)) {
            log.add(&rules::INTERCHANGE_REPEATED, at.element(13));
        }
    }

    pub(crate) fn close_interchange(&mut self, segment: &Segment<'_>, log: &mut Log) {
        let at = At::new(segment, "");
        self.leave_group(at, log);
        check_control(at, log);
        let acknowledgements = self.acknowledgements;
        let Some(facts) = self.interchange() else { return log.add(&rules::OUT_OF_ENVELOPE, at.position()) };
        let groups = facts.groups.len() as u64;
        let same = facts.control_number == fact(segment.element(2));
        expect_count(&rules::GROUP_COUNT, at, groups, log);
        if !same {
            log.add(&rules::INTERCHANGE_NUMBER, at.element(2));
        }
        if groups == 0 && acknowledgements == 0 {
            log.add(&rules::EMPTY_INTERCHANGE, at.position());
        }
        self.in_interchange = false;
    }

    pub(crate) fn acknowledgement(&mut self, segment: &Segment<'_>, log: &mut Log) {
        let at = At::new(segment, "");
        if !self.in_interchange || self.in_group {
            log.add(&rules::OUT_OF_ENVELOPE, at.position());
        }
        self.acknowledgements += 1;
        check_control(at, log);
    }

    /// Whether the group that is open names another guide than the one it is judged by, or a part or version of it.
    pub(crate) fn is_foreign(&self) -> bool {
        self.foreign
    }

    pub(crate) fn open_group(&mut self, segment: &Segment<'_>, guide: &Guide, log: &mut Log) {
        let at = At::new(segment, "");
        self.leave_group(at, log);
        self.totals.groups += 1;
        log.group_rejected = false;
        let Some(facts) = self.interchange() else { return log.add(&rules::OUT_OF_ENVELOPE, at.position()) };
        facts.groups.push(GroupFacts {
            functional_id: fact(segment.element(1)),
            sender: fact(segment.element(2)),
            receiver: fact(segment.element(3)),
            control_number: fact(segment.element(6)),
            version: fact(segment.element(8)),
            ..GroupFacts::default()
        });
        log.group = facts.groups.len() as u32;
        self.in_group = true;
        self.set_numbers.clear();
        elements::check(&self.group_header, at, log);
        self.foreign = check_version(at, guide, log);
        if !self.group_numbers.is_new(digest(segment.element(6))) {
            log.add(&rules::GROUP_REPEATED, at.element(6));
        }
    }

    pub(crate) fn close_group(&mut self, segment: &Segment<'_>, log: &mut Log) {
        let at = At::new(segment, "");
        self.leave_set(at, log);
        check_control(at, log);
        let Some(facts) = self.group_mut() else { return log.add(&rules::OUT_OF_ENVELOPE, at.position()) };
        facts.sets_stated = value::count(segment.element(1)).and_then(|count| u32::try_from(count).ok());
        let (sets, same) = (facts.sets_found.into(), facts.control_number == fact(segment.element(2)));
        expect_count(&rules::SET_COUNT, at, sets, log);
        if !same {
            log.add(&rules::GROUP_NUMBER, at.element(2));
        }
        if sets == 0 {
            log.add(&rules::EMPTY_GROUP, at.position());
        }
        self.end_group(log);
    }

    fn end_group(&mut self, log: &mut Log) {
        let rejected = log.group_rejected;
        if let Some(facts) = self.group_mut() {
            facts.rejected = rejected;
        }
        self.in_group = false;
        log.group = 0;
    }

    /// Opens a set. The caller has made sure that the last one is closed.
    pub(crate) fn open_set(&mut self, segment: &Segment<'_>, guide: Option<&Guide>, log: &mut Log) {
        let at = At::new(segment, "");
        self.totals.sets += 1;
        (log.set, log.worst_in_set) = (self.totals.sets, None);
        self.in_set = true;
        self.set = SetFacts {
            id: fact(segment.element(1)),
            control_number: fact(segment.element(2)),
            convention: fact(segment.element(3)),
            ordinal: self.totals.sets,
            segments: 0,
            worst: None,
        };
        match self.group_mut() {
            Some(group) => group.sets_found += 1,
            None => log.add(&rules::OUT_OF_ENVELOPE, at.position()),
        }
        if !self.set_numbers.is_new(digest(segment.element(2))) {
            log.add(&rules::SET_REPEATED, at.element(2));
        }
        if guide.is_none() {
            log.add(&rules::SET_KIND, at.element(1));
        } else if self.group().is_some_and(|group| group.version != self.set.convention)
            && !segment.element(3).is_empty()
        {
            log.add(&rules::SET_CONVENTION, at.element(3));
        }
    }

    pub(crate) fn close_set(&mut self, segment: &Segment<'_>, log: &mut Log) {
        let at = At::new(segment, "");
        if !self.in_set {
            return log.add(&rules::OUT_OF_ENVELOPE, at.position());
        }
        expect_count(&rules::SEGMENT_COUNT, at, segment.ordinal_in_set().into(), log);
        if self.set.control_number != fact(segment.element(2)) {
            log.add(&rules::SET_NUMBER, at.element(2));
        }
        self.set.segments = segment.ordinal_in_set();
        self.end_set(log);
    }

    fn end_set(&mut self, log: &mut Log) {
        let worst = log.worst_in_set.take();
        let faulty = worst.is_some_and(|worst| worst >= Severity::Error);
        let set = SetFacts { worst, ..std::mem::take(&mut self.set) };
        // Faulty sets have room of their own: a file of many good ones must not crowd out those that somebody has to
        // look at.
        let keep = self.sets_kept < SETS_MAX || faulty && self.sets_kept < 2 * SETS_MAX;
        self.sets_kept += usize::from(keep);
        if let Some(group) = self.group_mut() {
            group.sets_accepted += u32::from(!faulty);
            if keep {
                group.sets.push(set);
            }
        }
        self.in_set = false;
        log.set = 0;
    }

    /// A header or the end of the file where a set is still open.
    pub(crate) fn leave_set(&mut self, at: At<'_>, log: &mut Log) {
        if self.in_set {
            log.add(&rules::SET_TRAILER_MISSING, at.instead("SE", ""));
            self.end_set(log);
        }
    }

    fn leave_group(&mut self, at: At<'_>, log: &mut Log) {
        self.leave_set(at, log);
        if self.in_group {
            log.add(&rules::GROUP_TRAILER_MISSING, at.instead("GE", ""));
            self.end_group(log);
        }
    }

    /// A header or the end of the file where an interchange is still open.
    pub(crate) fn leave_interchange(&mut self, at: At<'_>, log: &mut Log) {
        self.leave_group(at, log);
        if self.in_interchange {
            log.add(&rules::TRAILER_MISSING, at.instead("IEA", ""));
            self.in_interchange = false;
        }
    }

    /// A segment that belongs in a set but stands in none.
    pub(crate) fn stray(segment: &Segment<'_>, log: &mut Log) {
        log.add(&rules::OUT_OF_ENVELOPE, At::new(segment, "").position());
    }
}

fn expect_count(rule: &'static Rule, at: At<'_>, found: u64, log: &mut Log) {
    let stated = value::count(at.value(1));
    if stated != Some(found) {
        let found = Detail { what: "found", number: found };
        let stated = stated.map(|number| Detail { what: "stated", number });
        let details: Vec<Detail> = std::iter::once(found).chain(stated).collect();
        log.add_with(Breach::of(rule, at.element(1)), &details);
    }
}

/// The elements of GS, GE, TA1 or IEA.
fn check_control(at: At<'_>, log: &mut Log) {
    if let Some(spec) = guide::control().by_tag(at.segment.tag()) {
        elements::check(spec, at, log);
    }
}

/// The control guide's GS segment, whose GS01 may be that of the guide too.
fn group_header(guide: &Guide) -> SegmentSpec {
    let mut header = guide::control().by_tag(b"GS").cloned().unwrap_or_else(|| guide.segments[0].clone());
    if let Some(kind) = header.elements.first_mut().filter(|kind| !kind.codes.contains(guide.group.as_bytes())) {
        let own = Code { code: guide.group.to_owned(), meaning: String::new(), deviation: 0 };
        kind.codes = CodeSet::new(kind.codes.codes().iter().cloned().chain([own]).collect());
    }
    header
}

/// GS01 and GS08 name the guide, an overlay's version of it, or the acknowledgement's. True where GS08 names a guide
/// so different that judging by this one would say nothing: its release and number, the first ten characters.
fn check_version(at: At<'_>, guide: &Guide, log: &mut Log) -> bool {
    let (kind, version) = (at.value(1), at.value(8));
    let acknowledgement = guide::x231a1();
    if kind == acknowledgement.group.as_bytes() {
        if !matches!(version, b"005010X231A1" | b"005010X231") {
            log.add(&rules::GROUP_VERSION, at.element(8));
        }
    } else if kind != guide.group.as_bytes() {
        log.add(&rules::GROUP_KIND, at.element(1));
    } else if version != guide.version.as_bytes() {
        match guide.versions.iter().find(|(other, _)| other.as_bytes() == version) {
            Some((_, deviation)) => log.deviate(*deviation, at.element(8)),
            None => {
                log.add(&rules::GROUP_VERSION, at.element(8));
                return version.get(..10) != guide.version.as_bytes().get(..10);
            }
        }
    }
    false
}

/// The ISA segment. Its values include the separators, so it is judged apart from all others.
fn check_header(at: At<'_>, release: &[u8], log: &mut Log) {
    let oddities = at.segment.oddities();
    if oddities.byte_order_mark {
        log.add(&rules::BYTE_ORDER_MARK, at.position());
    }
    if oddities.irregular_header {
        log.add(&rules::HEADER_WIDTH, at.position());
    }
    let repeats = at.segment.separators().repetition.is_some() || at.value(12) != b"00501";
    if !repeats && at.value(11) == b"U" {
        log.add(&rules::NO_REPETITION_SEPARATOR, at.element(11));
    }
    let Some(spec) = guide::control().by_tag(b"ISA") else { return };
    for element in &spec.elements {
        let n = usize::from(element.number);
        let value = at.value(n);
        let trimmed = value.trim_ascii_end();
        let fits = match n {
            6 | 8 => !trimmed.is_empty() && trimmed.iter().all(|byte| (b' '..=b'~').contains(byte)),
            2 | 4 => value.iter().all(|byte| (b' '..=b'~').contains(byte)),
            9 => value::is_short_day(value),
            10 => value.len() == 4 && value::is_time(value),
            11 => repeats || value == b"U",
            12 if value == release => true,
            16 => true,
            13 => value.len() == 9 && value.iter().all(u8::is_ascii_digit) && value != b"000000000",
            _ => element.codes.contains(value),
        };
        if !fits {
            let position = Position { element: element.number, ..at.position() };
            let (ack, data_element) = (AckCode::Interchange(NOTE_CODES[n]), element.data_element);
            log.add_with(Breach { ack, data_element, ..Breach::of(&rules::HEADER_FIELD, position) }, &[]);
        }
    }
}

/// TA105 for each element of the ISA segment.
const NOTE_CODES: [&str; 17] = [
    "024", "010", "011", "012", "013", "005", "006", "007", "008", "014", "015", "016", "017", "018", "019", "020",
    "027",
];
