//! The egress gate: the only maker of [`crate::gate::Checked`], the permit without which nothing is sealed.
//!
//! It reads the finished bytes and asks what the writer cannot be trusted to answer about itself: does anything
//! stand here that the policy does not permit, is everybody in here a member the carrier covers, under a plan it
//! sells, and are these the numbers and counts that were fixed? It shares nothing with the writer but the table of
//! letters that are written in place of others, and fails closed.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};
use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

use crate::fault::{Fault, Place, Rule, Severity};
use crate::model::enrollment::Enrolled;
use crate::model::phi::Phi;
use crate::policy::{PermittedPlace, Policy, Qualifier, path};
use crate::t834::{Header, Totals};
use crate::x12::guide::Guide;
use crate::x12::validate::document_with;
use crate::x12::{Segment, plain};

crate::fault::rules! {
    NOT_PERMITTED: "GAT001" Ours Error, "a finished file must hold nothing that the carrier's policy does not permit",
        "nothing was sealed or sent; report this as a defect of bex with the run's number";
    OTHER_NUMBERS: "GAT002" Ours Error, "a finished file must carry the numbers and parties that were fixed for it",
        "nothing was sealed or sent; report this as a defect of bex with the run's number";
    NOT_COVERED: "GAT003" Ours Error, "everybody in a finished file must be covered by this carrier",
        "nothing was sealed or sent; report this as a defect of bex with the run's number";
    OTHER_PLAN: "GAT004" Ours Error, "every coverage in a finished file must be on a line and plan of this carrier",
        "nothing was sealed or sent; report this as a defect of bex with the run's number";
    OTHER_COVERAGE: "GAT005" Ours Error, "every coverage in a finished file must be one the member has",
        "nothing was sealed or sent; report this as a defect of bex with the run's number";
    OTHER_TOTALS: "GAT006" Ours Error, "a finished file must have the loops that were planned",
        "nothing was sealed or sent; report this as a defect of bex with the run's number";
}

/// Bytes that were read again and judged. Only this module makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    digest: [u8; 32],
    length: u64,
    paths: BTreeSet<String>,
}

impl Checked {
    /// SHA-256 of the bytes.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// How many bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Which of the permitted elements hold data, as paths: what was seen, not what may be.
    pub fn paths(&self) -> &BTreeSet<String> {
        &self.paths
    }

    /// A permit for bytes that nobody judged, for the tests of what asks for one.
    #[cfg(test)]
    pub fn of(bytes: &[u8]) -> Checked {
        Checked { digest: Sha256::digest(bytes).into(), length: bytes.len() as u64, paths: BTreeSet::new() }
    }
}

/// What a file must consist of. Built from policy and ledger, never from the file.
pub struct Expected {
    permits: Permits,
    plans: Vec<(String, String)>,
    members: Hashes,
    coverages: Hashes,
    policy: Policy,
    number: u32,
    parties: [String; 2],
    totals: Totals,
}

impl Expected {
    /// What a file under this policy with this header must consist of; families are added with [`Expected::family`].
    pub fn new(policy: &Policy, header: &Header, totals: Totals) -> Expected {
        let plans = policy.wire_plans().into_iter();
        Expected {
            permits: by_place(&policy.permits()),
            plans: plans.map(|(line, code)| (line.code().to_string(), code.to_string())).collect(),
            members: Hashes::default(),
            coverages: Hashes::default(),
            policy: policy.clone(),
            number: header.number,
            parties: [header.sender.id.clone(), header.receiver.id.clone()],
            totals,
        }
    }

    /// The same once the file's numbers are fixed, and how many loops it has.
    pub fn numbered(self, header: &Header, totals: Totals) -> Expected {
        let parties = [header.sender.id.clone(), header.receiver.id.clone()];
        Expected { number: header.number, parties, totals, ..self }
    }

    /// A family the carrier covers: its members may be in the file, under their plans and the number by which the
    /// carrier finds them. 16 bytes a member and plan.
    pub fn family(&mut self, known: &Enrolled, found_by: &Phi<String>) {
        for member in known.members.iter().filter(|member| !member.coverages.is_empty()) {
            let person = &member.person;
            let names = [person.last_name.reveal(), person.first_name.reveal()].map(|name| skeleton(name.chars()));
            let member_hash = member_hash(&skeleton(found_by.reveal().chars()), &names);
            self.members.insert(member_hash);
            let codes = member.coverages.iter().flat_map(|span| self.policy.codes(&span.plan, &span.class));
            self.coverages.extend(codes.map(|code| coverage_hash(member_hash, code.as_bytes())));
        }
    }
}

/// Hashes of members or of coverages. They are hashes already, so that the set takes them as they are.
type Hashes = HashSet<u64, BuildHasherDefault<AsItIs>>;

#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// By loop and tag: which elements may hold data, as bits, and under which qualifier.
type Permits = HashMap<SegmentPlace, PlacePermits>;

/// What is permitted in one place.
struct PlacePermits {
    /// Among the places, from 0.
    place: usize,
    of: Vec<(Qualifier, u32)>,
}

/// A loop, and a tag in it.
type SegmentPlace = (&'static str, [u8; 3]);

fn by_place(permits: &[PermittedPlace]) -> Permits {
    let mut places = Permits::new();
    for permit in permits {
        let mask = permit.elements.iter().fold(0, |mask, element| mask | 1 << element);
        let place = places.len();
        let permits = places.entry((permit.loop_id, padded(permit.tag.as_bytes())));
        permits.or_insert(PlacePermits { place, of: Vec::new() }).of.push((permit.qualifier, mask));
    }
    places
}

fn padded(tag: &[u8]) -> [u8; 3] {
    let mut padded = [b' '; 3];
    padded.iter_mut().zip(tag).for_each(|(to, from)| *to = *from);
    padded
}

/// Letters and digits of a value as they stand on the wire: what transliteration makes of them, nothing else.
fn skeleton(characters: impl Iterator<Item = char>) -> Vec<u8> {
    let mut letters = Vec::with_capacity(32);
    for character in characters {
        // These are written as they stand, which is nearly everything: the table is searched from its beginning, and
        // for every letter of every name that was a tenth of a first night.
        if character.is_ascii_alphanumeric() {
            letters.push(character as u8);
            continue;
        }
        let text = plain(character).unwrap_or_default();
        letters.extend(text.bytes().filter(u8::is_ascii_alphanumeric));
    }
    letters
}

fn wire_skeleton(value: &[u8]) -> Vec<u8> {
    value.iter().copied().filter(u8::is_ascii_alphanumeric).collect()
}

fn member_hash(subscriber_id: &[u8], names: &[Vec<u8>; 2]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (subscriber_id, names).hash(&mut hasher);
    hasher.finish()
}

fn coverage_hash(member: u64, plan: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (member, plan).hash(&mut hasher);
    hasher.finish()
}

/// Reads finished bytes and judges them by the guide and by what is expected.
///
/// # Errors
/// Every error found, the gate's own first: GAT001 to GAT006, and the validator's.
pub fn judge<R: Read>(source: R, expected: &Expected, guide: &Guide) -> Result<Checked, Vec<Fault>> {
    let measured = RefCell::new(Measured { digest: Sha256::new(), length: 0 });
    let mut gate = Gate {
        expected,
        faults: Vec::new(),
        subscriber_id: Vec::new(),
        member: 0,
        seen: Totals::default(),
        held: vec![Vec::new(); expected.permits.len()],
    };
    let tee = Tee { source, measured: &measured };
    let report = document_with(tee, guide, &mut |segment, loop_id| gate.see(segment, loop_id));
    gate.compare_totals();
    let paths = gate.paths();
    let mut faults = gate.faults;
    faults.extend(report.findings.iter().map(Fault::from).filter(|fault| fault.severity >= Severity::Error));
    let measured = measured.into_inner();
    if faults.is_empty() && report.counts.errors == 0 && report.counts.fatal == 0 {
        return Ok(Checked { digest: measured.digest.finalize().into(), length: measured.length, paths });
    }
    Err(faults)
}

struct Measured {
    digest: Sha256,
    length: u64,
}

/// Digests exactly the bytes that are judged.
struct Tee<'m, R> {
    source: R,
    measured: &'m RefCell<Measured>,
}

impl<R: Read> Read for Tee<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(into)?;
        let mut measured = self.measured.borrow_mut();
        measured.digest.update(&into[..count]);
        measured.length += count as u64;
        Ok(count)
    }
}

/// Segments outside of members' loops: names and numbers of parties, nobody's data.
const HEADER_TAGS: [&[u8]; 11] = [b"ISA", b"GS", b"ST", b"BGN", b"REF", b"DTP", b"QTY", b"N1", b"SE", b"GE", b"IEA"];

/// Most faults of the gate that are listed: one is enough to refuse.
const LISTED_MAX: usize = 100;

struct Gate<'e> {
    expected: &'e Expected,
    faults: Vec<Fault>,
    subscriber_id: Vec<u8>,
    member: u64,
    seen: Totals,
    /// Which elements held data, as bits: by place, and by the permission that it has for them.
    held: Vec<Vec<u32>>,
}

impl Gate<'_> {
    fn see(&mut self, segment: &Segment, loop_id: &'static str) {
        let tag = segment.tag();
        match tag {
            b"ISA" => self.see_interchange(segment),
            b"GS" => self.see_group(segment),
            _ => {}
        }
        if loop_id.starts_with('2') {
            self.see_member(segment, loop_id);
        } else if !HEADER_TAGS.contains(&tag) {
            self.refuse(&NOT_PERMITTED, segment, 0);
        }
    }

    fn see_interchange(&mut self, segment: &Segment) {
        let [sender, receiver] = &self.expected.parties;
        let right = trimmed(segment.element(6)) == sender.as_bytes()
            && trimmed(segment.element(8)) == receiver.as_bytes()
            && number(segment.element(13)) == Some(self.expected.number);
        if !right {
            self.refuse(&OTHER_NUMBERS, segment, 0);
        }
    }

    fn see_group(&mut self, segment: &Segment) {
        if number(segment.element(6)) != Some(self.expected.number) {
            self.refuse(&OTHER_NUMBERS, segment, 6);
        }
    }

    fn see_member(&mut self, segment: &Segment, loop_id: &'static str) {
        self.see_elements(segment, loop_id);
        match (loop_id, segment.tag()) {
            ("2000", b"INS") => self.count_member(segment),
            ("2000", b"REF") if segment.element(1) == b"0F" => self.subscriber_id = wire_skeleton(segment.element(2)),
            ("2100A", b"NM1") => self.see_name(segment),
            ("2300", b"HD") => self.see_coverage(segment),
            _ => {}
        }
    }

    /// No element outside of what the policy permits.
    fn see_elements(&mut self, segment: &Segment, loop_id: &'static str) {
        let place = (loop_id, padded(segment.tag()));
        let (permits, first) = (self.expected.permits.get(&place), segment.element(1));
        let mask = permits.map_or(0, |permits| {
            permits.of.iter().filter(|(qualifier, _)| qualifier.applies(first)).fold(0, |mask, (_, more)| mask | more)
        });
        // Noted as bits while the elements pass: this runs for every segment of every file.
        let mut holding = 0;
        for (index, value) in segment.elements().enumerate() {
            let element = index + 1;
            holding |= u32::from(!value.is_empty()).checked_shl(element as u32).unwrap_or(0);
            if !value.is_empty() && (element >= 32 || mask & (1 << element) == 0) {
                self.refuse(&NOT_PERMITTED, segment, element);
            }
        }
        if let Some(permits) = permits {
            self.note(permits, first, holding);
        }
    }

    /// Notes which elements hold data, under each permission that a segment has.
    fn note(&mut self, permits: &PlacePermits, first: &[u8], holding: u32) {
        let held = &mut self.held[permits.place];
        held.resize(permits.of.len(), 0);
        for ((qualifier, mask), held) in permits.of.iter().zip(held) {
            if qualifier.applies(first) {
                *held |= mask & holding;
            }
        }
    }

    fn paths(&self) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        for ((loop_id, tag), permits) in &self.expected.permits {
            let tag = String::from_utf8_lossy(tag);
            for ((qualifier, _), held) in permits.of.iter().zip(&self.held[permits.place]) {
                let elements = (1..32).filter(|element| held & (1 << element) != 0);
                paths.extend(elements.map(|element| path(loop_id, tag.trim_end(), *qualifier, element)));
            }
        }
        paths
    }

    fn count_member(&mut self, segment: &Segment) {
        match segment.element(1) {
            b"Y" => self.seen.subscribers += 1,
            _ => self.seen.dependents += 1,
        }
    }

    /// Nobody without coverage from this carrier.
    fn see_name(&mut self, segment: &Segment) {
        let names = [segment.element(3), segment.element(4)].map(wire_skeleton);
        self.member = member_hash(&self.subscriber_id, &names);
        if !self.expected.members.contains(&self.member) {
            self.refuse(&NOT_COVERED, segment, 0);
        }
    }

    /// No line or plan but this carrier's, and only those the member has.
    fn see_coverage(&mut self, segment: &Segment) {
        let (line, plan) = (segment.element(3), segment.element(4));
        if !self.expected.coverages.contains(&coverage_hash(self.member, plan)) {
            self.refuse(&OTHER_COVERAGE, segment, 4);
        }
        // A carrier sells few plans.
        let sold = |(of, sold): &(String, String)| of.as_bytes() == line && sold.as_bytes() == plan;
        if !self.expected.plans.iter().any(sold) {
            self.refuse(&OTHER_PLAN, segment, 3);
        }
    }

    fn compare_totals(&mut self) {
        if self.seen != self.expected.totals {
            let fault = OTHER_TOTALS
                .fault()
                .count("subscribers", self.seen.subscribers)
                .count("expected", self.expected.totals.subscribers)
                .count("dependents", self.seen.dependents)
                .count("expected", self.expected.totals.dependents);
            self.faults.push(fault);
        }
    }

    fn refuse(&mut self, rule: &Rule, segment: &Segment, element: usize) {
        if self.faults.len() < LISTED_MAX {
            let element = u16::try_from(element).unwrap_or(u16::MAX);
            self.faults.push(rule.at(Place::X12(segment.position().of_element(element))));
        }
    }
}

fn trimmed(value: &[u8]) -> &[u8] {
    value.trim_ascii_end()
}

fn number(value: &[u8]) -> Option<u32> {
    std::str::from_utf8(value).ok()?.parse().ok()
}
