//! Enrollment sets that nobody thought up: every loop and segment the guide knows, in random choice, with valid codes,
//! dates and numbers. All of it is synthetic.

use std::collections::HashSet;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use bex::x12::Value;
use bex::x12::guide;
use bex::x12::guide::{Child, ElementSpec, Guide, Kind, SegmentSpec, Usage};
use bex::x12::validate::document;
use bex::x12::{GsFields, IsaFields, Party, Writer};

use crate::harness::pyx12;

/// What the generated sets depend on.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub seed: u64,
    pub families: usize,
    /// How often what is situational is there, of 100 times.
    pub density: u32,
}

type Sink = Writer<Vec<u8>>;

/// A random file with one set.
pub fn enrollment(plan: Plan) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    writer.open_interchange(&ISA).unwrap();
    writer.open_group(&GS).unwrap();
    writer.open_set("834", "0001", "005010X220A1").unwrap();
    let mut generator = Generator::new(plan);
    generator.set(&mut writer);
    writer.close_set().unwrap();
    writer.close_group().unwrap();
    writer.close_interchange().unwrap();
    writer.finish().unwrap()
}

const ISA: IsaFields<'_> = IsaFields {
    sender: Party { qualifier: "ZZ", id: "BEXTEST" },
    receiver: Party { qualifier: "ZZ", id: "CARRIERTEST" },
    version: "00501",
    date: "250601",
    time: "1200",
    control_number: 1,
    acknowledgment_requested: false,
    test: true,
};

const GS: GsFields<'_> = GsFields {
    functional_id: "BE",
    sender: "BEXTEST",
    receiver: "CARRIERTEST",
    date: "20250601",
    time: "1200",
    control_number: 1,
    version: "005010X220A1",
};

/// DTP01 of what ends, of beginnings that have ends elsewhere, and of all others a date in between.
const ENDS: [&str; 12] = ["349", "357", "337", "339", "341", "351", "361", "345", "386", "474", "296", "091"];

/// The person being written.
#[derive(Clone, Debug, Default)]
struct Person {
    subscriber: bool,
    family: String,
    maintenance: String,
    coverage: String,
    numbered: u32,
}

struct Generator {
    guide: &'static Guide,
    plan: Plan,
    random: StdRng,
    person: Person,
    /// Qualifiers of DTP and QTY used in the loop being written.
    used: HashSet<String>,
    families: Vec<usize>,
}

impl Generator {
    fn new(plan: Plan) -> Generator {
        let mut random = StdRng::seed_from_u64(plan.seed);
        let families = (0..plan.families).map(|_| random.random_range(0..4)).collect();
        let (guide, person) = (guide::x220a1(), Person::default());
        Generator { guide, plan, random, person, used: HashSet::new(), families }
    }

    fn chance(&mut self) -> bool {
        self.random.random_range(0..100) < self.plan.density
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from.choose(&mut self.random).unwrap().clone()
    }

    fn set(&mut self, writer: &mut Sink) {
        let children = &self.guide.loops[0].children;
        for child in &children[1..children.len() - 1] {
            match child.opens {
                Some(opened) if self.guide.loops[opened].id == "2000" => self.families(writer, opened),
                _ => self.child(writer, *child),
            }
        }
    }

    fn families(&mut self, writer: &mut Sink, opened: usize) {
        for (number, dependents) in self.families.clone().into_iter().enumerate() {
            for person in 0..=dependents {
                let family = format!("E{:05}{number}", self.plan.seed % 100_000);
                self.person = Person { subscriber: person == 0, family, ..Person::default() };
                self.a_loop(writer, opened);
            }
        }
    }

    /// A loop once, from its first segment to its last.
    fn a_loop(&mut self, writer: &mut Sink, index: usize) {
        let before = std::mem::take(&mut self.used);
        for child in &self.guide.loops[index].children {
            match child.opens {
                None if self.guide.loops[index].children[0].segment == child.segment => {
                    self.segment(writer, child.segment);
                }
                _ => self.child(writer, *child),
            }
        }
        self.used = before;
    }

    /// A segment or loop in a loop, as often as chance has it.
    fn child(&mut self, writer: &mut Sink, child: Child) {
        let (usage, max) = match child.opens {
            Some(opened) => (self.guide.loops[opened].usage, self.guide.loops[opened].max),
            None => (self.guide.segments[child.segment].usage, self.guide.segments[child.segment].max),
        };
        let wanted = usage == Usage::Required || self.is_needed(child) || self.chance();
        if !wanted {
            return;
        }
        let most = max.unwrap_or(3).min(3);
        let times = if self.chance() { self.random.random_range(1..=most) } else { 1 };
        if matches!(child.opens.map(|opened| self.guide.loops[opened].id), Some("2300" | "2700")) {
            self.person.numbered = 0;
        }
        for _ in 0..times {
            match child.opens {
                Some(opened) => self.a_loop(writer, opened),
                None => self.segment(writer, child.segment),
            }
        }
    }

    /// What rules between segments ask for.
    fn is_needed(&self, child: Child) -> bool {
        let tag = self.guide.segments[child.segment].tag.as_str();
        match (self.guide.loop_id(child.segment), tag) {
            ("2100A", "DMG") => self.person.subscriber,
            ("2300", "HD") => self.person.subscriber && self.person.maintenance == "021",
            _ => false,
        }
    }

    fn segment(&mut self, writer: &mut Sink, index: usize) {
        let spec = &self.guide.segments[index];
        let loop_id = self.guide.loop_id(index);
        let Some(values) = self.values(spec, loop_id) else { return };
        let composites: Vec<Vec<Value<'_>>> =
            values.iter().map(|value| value.split('\u{1}').map(Value::Text).collect()).collect();
        let elements: Vec<Value<'_>> =
            composites.iter().map(|parts| if parts.len() > 1 { Value::Composite(parts) } else { parts[0] }).collect();
        writer.segment(&spec.tag, &elements).unwrap();
        if loop_id == "2300" && spec.tag == "HD" {
            self.coverage_dates(writer);
        }
    }

    /// The dates a coverage must have, before those it may have.
    fn coverage_dates(&mut self, writer: &mut Sink) {
        for (kind, maintenance, day) in [("348", "021", "20180101"), ("349", "024", "20231231")] {
            if self.person.coverage == maintenance {
                writer.segment("DTP", &[kind, "D8", day]).unwrap();
                self.used.insert(kind.to_owned());
            }
        }
    }

    /// The values of a segment; none where chance has chosen what may not be there.
    fn values(&mut self, spec: &SegmentSpec, loop_id: &str) -> Option<Vec<String>> {
        let present = self.present(spec);
        let mut values: Vec<String> = Vec::new();
        for element in &spec.elements {
            let value = if present >> element.number & 1 == 0 {
                String::new()
            } else {
                self.value(spec, element, (loop_id, &values))
            };
            values.push(value);
        }
        match spec.tag.as_str() {
            "INS" => self.be_somebody(&mut values),
            "HD" => self.person.coverage.clone_from(&values[0]),
            "N4" => self.be_somewhere(&mut values),
            "DTP" | "QTY" if !self.used.insert(values[0].clone()) => return None,
            "QTY" => values[1] = self.total(&values[0]),
            _ => {}
        }
        values.iter().any(|value| !value.is_empty()).then_some(values)
    }

    /// Bit `n` for each element `n` that is there: the required ones, some others, and what syntax notes then ask for.
    fn present(&mut self, spec: &SegmentSpec) -> u64 {
        let mut present = spec.required;
        for element in spec.elements.iter().filter(|element| element.usage == Usage::Situational) {
            present |= u64::from(self.chance()) << element.number;
        }
        while let Some(note) = spec.notes.iter().find(|note| !note.holds(present)) {
            match note.letter {
                b'E' => present &= !(1 << (63 - (note.all & present).leading_zeros())),
                _ => present |= note.all & !spec.not_used,
            }
            // A note that asks for what is not used takes its condition away.
            if note.letter == b'C' && note.all & spec.not_used != 0 {
                present &= !(1 << note.first);
            }
        }
        present
    }

    fn total(&self, kind: &str) -> String {
        let (subscribers, dependents) = (self.families.len(), self.families.iter().sum::<usize>());
        match kind {
            "ET" => subscribers.to_string(),
            "DT" => dependents.to_string(),
            _ => (subscribers + dependents).to_string(),
        }
    }

    /// INS: subscribers are themselves, and COBRA has its event.
    fn be_somebody(&mut self, values: &mut [String]) {
        values[0] = if self.person.subscriber { "Y" } else { "N" }.to_owned();
        if self.person.subscriber {
            values[1] = "18".to_owned();
        } else if values[1] == "18" {
            values[1] = "19".to_owned();
        }
        if values[4] == "C" && values[6].is_empty() {
            values[6] = "1".to_owned();
        }
        if values[4] != "C" {
            values[6].clear();
        }
        self.person.maintenance.clone_from(&values[2]);
    }

    /// N4: an address in the United States, or one abroad.
    fn be_somewhere(&mut self, values: &mut [String]) {
        let abroad = values[3] == "MX";
        let state = if abroad { "" } else { "PA" };
        values[1] = state.to_owned();
        values[2] = if abroad { "06600" } else { "17111" }.to_owned();
        values[6].clear();
    }

    fn value(&mut self, spec: &SegmentSpec, element: &ElementSpec, (loop_id, before): (&str, &[String])) -> String {
        let last = before.last().map_or("", String::as_str);
        match (loop_id, spec.tag.as_str(), element.number) {
            ("2000", "REF", 2) if before[0] == "0F" => self.person.family.clone(),
            ("2710" | "2310", "LX", 1) => {
                self.person.numbered += 1;
                self.person.numbered.to_string()
            }
            (_, "DMG", 2) => self.day(1950..2010),
            (_, "INS", 12) => self.day(2024..2025),
            (_, "DTP", 2) => self.pick(&codes(element)),
            (_, "DTP", 3) => self.period(&before[0], last),
            (_, "PER", 4 | 6 | 8) => self.reach(last),
            ("", "BGN", 3) => "20250601".to_owned(),
            (_, "N4", 4) => self.pick(&["US".to_owned(), "MX".to_owned(), String::new()]),
            (_, "LUI", 2) => self.pick(&["ENG".to_owned(), "SPA".to_owned()]),
            _ if element.kind == Kind::Composite => self.composite(element),
            _ if !element.codes.is_empty() => self.pick(&codes(element)),
            (_, "NM1" | "N1" | "REF", 9 | 4 | 2) => self.identifier(element, last),
            _ => self.plain(element),
        }
    }

    fn composite(&mut self, element: &ElementSpec) -> String {
        if element.components[0].usage == Usage::Required {
            let parts = [codes(&element.components[0]), codes(&element.components[1])];
            return format!("{}\u{1}{}", self.pick(&parts[0]), self.pick(&parts[1]));
        }
        if self.chance() { self.pick(&codes(&element.components[0])) } else { "\u{1}RET\u{1}2106-3".to_owned() }
    }

    /// A number as its qualifier wants it.
    fn identifier(&mut self, element: &ElementSpec, qualifier: &str) -> String {
        match qualifier {
            "34" | "SY" => format!("{:09}", self.random.random_range(100_000_000..600_000_000)),
            "XX" => "1234567893".to_owned(),
            "FI" | "24" => format!("{:09}", self.random.random_range(100_000_000..600_000_000)),
            _ => self.plain(element),
        }
    }

    fn reach(&mut self, qualifier: &str) -> String {
        match qualifier {
            "EM" => format!("NOBODY{}@EXAMPLE.COM", self.random.random_range(0..1000)),
            "EX" => "123".to_owned(),
            _ => format!("215555{:04}", self.random.random_range(100..200)),
        }
    }

    fn day(&mut self, years: std::ops::Range<u32>) -> String {
        let year = self.random.random_range(years);
        format!("{year}{:02}{:02}", self.random.random_range(1..=12), self.random.random_range(1..=28))
    }

    fn period(&mut self, kind: &str, format: &str) -> String {
        let years = if ENDS.contains(&kind) { 2020..2025 } else { 2015..2020 };
        let begin = self.day(years);
        if format == "RD8" { format!("{begin}-{begin}") } else { begin }
    }

    fn plain(&mut self, element: &ElementSpec) -> String {
        let (min, max) = (usize::from(element.min), usize::from(element.max).min(12));
        let length = self.random.random_range(min..=max.max(min));
        match element.kind {
            Kind::Date => self.day(2015..2020),
            Kind::Time => "1200".to_owned(),
            Kind::Integer | Kind::Decimal => self.random.random_range(1..10u32.pow(length.min(5) as u32)).to_string(),
            _ => {
                let letter = |random: &mut StdRng| char::from(b'A' + random.random_range(0..26));
                (0..length.max(1)).map(|_| letter(&mut self.random)).collect()
            }
        }
    }
}

fn codes(element: &ElementSpec) -> Vec<String> {
    element.codes.codes().iter().map(|code| code.code.clone()).collect()
}

/// Plans that differ in everything.
pub fn plans(count: u64) -> impl Iterator<Item = Plan> {
    (0..count).map(|seed| Plan { seed, families: 1 + seed as usize % 3, density: [5, 30, 60, 95][seed as usize % 4] })
}

#[test]
fn every_generated_set_is_valid() {
    let mut tags = HashSet::new();
    for plan in plans(400) {
        let file = enrollment(plan);
        let report = document(&file[..], guide::x220a1());
        assert!(report.is_valid(), "{plan:?}: {:?}\n{}", report.findings, String::from_utf8_lossy(&file));
        bex::x12::validate::document_with(&file[..], guide::x220a1(), &mut |segment, loop_id| {
            tags.insert((loop_id, segment.tag().to_vec()));
        });
    }
    let guide = guide::x220a1();
    for (index, segment) in guide.segments.iter().enumerate() {
        let place = (guide.loop_id(index), segment.tag.as_bytes().to_vec());
        assert!(tags.contains(&place), "{place:?} was never written");
    }
}

#[test]
fn pyx12_accepts_every_generated_set() {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<_> = plans(120)
        .map(|plan| {
            let path = folder.path().join(format!("{}.834", plan.seed));
            std::fs::write(&path, enrollment(plan)).unwrap();
            path
        })
        .collect();
    let verdicts = pyx12::accepts(&files.iter().map(AsRef::as_ref).collect::<Vec<_>>());
    let mut complaints: Vec<String> = Vec::new();
    for (verdict, path) in verdicts.iter().zip(&files).filter(|(verdict, _)| !verdict.accepted) {
        let first = verdict.complaints.first().cloned().unwrap_or_default();
        complaints.push(format!("{}: {first}", path.file_name().unwrap().to_string_lossy()));
    }
    assert!(complaints.is_empty(), "{} refused\n{}", complaints.len(), complaints.join("\n"));
}
