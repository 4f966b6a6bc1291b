//! Rules between the elements and segments of an enrollment set, which a guide's tables cannot say.

use std::sync::Arc;

use crate::error::Detail;
use crate::guide::Guide;
use crate::position::Position;
use crate::rule::Rule;
use crate::rules;
use crate::validate::at::At;
use crate::validate::dates::{self, Dates};
use crate::validate::family::Families;
use crate::validate::identity;
use crate::validate::notes::{Breach, Kin, Note};
use crate::validate::report::Log;
use crate::value::{self, Day};

/// What a segment means to these rules.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Other,
    Beginning,
    HeaderDate,
    Quantity,
    Party,
    Member,
    MemberReference,
    MemberDate,
    Name,
    PriorName,
    AnyName,
    Demographics,
    Address,
    Contact,
    Disability,
    DisabilityDate,
    Coverage,
    CoverageDate,
    OtherInsurance,
    OtherInsuranceReference,
    OtherInsuranceDate,
    Categories,
    Numbered,
}

/// What the end of a loop means to them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Nothing,
    Member,
    Name,
    Coverage,
}

/// What is known of the member being read.
#[derive(Clone, Copy)]
struct Member {
    place: Position,
    subscriber: bool,
    maintenance: [u8; 3],
    death: Option<Day>,
    demographics: bool,
    corrected: bool,
    prior_values: bool,
    covered: bool,
    cancelled: bool,
    dates: Dates,
}

impl Member {
    /// The place of an element of its INS segment.
    fn element(&self, element: u16) -> Position {
        Position { element, ..self.place }
    }
}

/// What is known of the set being read.
#[derive(Clone)]
pub(crate) struct Enrollment {
    /// Made of the guide, once: sets that are judged more than once share it.
    roles: Arc<[Role]>,
    endings: Arc<[Ending]>,
    premise: Premise,
    stated: Stated,
    found: [u64; 3],
    header_dates: Dates,
    member: Member,
    disability_dates: Dates,
    other_insurance_dates: Dates,
    coverage: [u8; 3],
    coverage_place: Position,
    coverage_dates: Dates,
    numbered: u64,
    /// None where only a part of the set is read.
    families: Option<Families>,
}

/// What the segments before the first member say of the whole set.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Premise {
    /// When the file was made.
    pub made_on: Option<Day>,
    pub full: bool,
}

impl Premise {
    /// What a BGN segment says.
    pub(crate) fn of(beginning: At<'_>) -> Premise {
        let full = matches!(beginning.value(8), b"4" | b"RX");
        Premise { made_on: value::day(beginning.value(3)), full }
    }
}

/// What a part of a set has counted, and what it says of the whole.
#[derive(Clone, Copy)]
pub(crate) struct Tally {
    premise: Premise,
    found: [u64; 3],
    /// Known in the part that begins the set.
    stated: Stated,
    header_dates: Dates,
}

impl Tally {
    /// Members begun.
    pub(crate) fn members(&self) -> u64 {
        self.found[0]
    }
}

/// QTY's stated totals of members, subscribers and dependents: `None` within for a number that counts nothing.
type Stated = [Option<(Option<u64>, Position)>; 3];

const NOWHERE: Position = Position {
    byte: 0,
    segment: 0,
    segment_in_set: 0,
    tag: [0; 3],
    loop_id: "",
    element: 0,
    name: "",
    component: 0,
    repetition: 0,
};

const NOBODY: Member = Member {
    place: NOWHERE,
    subscriber: false,
    maintenance: [0; 3],
    death: None,
    demographics: false,
    corrected: false,
    prior_values: false,
    covered: false,
    cancelled: false,
    dates: Dates::NONE,
};

/// 130 years, between days as numbers.
const OLDEST: Day = 1_300_000;

/// A maintenance type code; zeros when it is none.
fn maintenance(value: &[u8]) -> [u8; 3] {
    value.try_into().unwrap_or_default()
}

fn role(loop_id: &str, tag: &str) -> Role {
    match (loop_id, tag) {
        ("", "BGN") => Role::Beginning,
        ("", "DTP") => Role::HeaderDate,
        ("", "QTY") => Role::Quantity,
        ("2000", "INS") => Role::Member,
        ("2000", "REF") => Role::MemberReference,
        ("2000", "DTP") => Role::MemberDate,
        ("2100A", "NM1") => Role::Name,
        ("2100B", "NM1") => Role::PriorName,
        ("2100A", "DMG") => Role::Demographics,
        ("2200", "DSB") => Role::Disability,
        ("2200", "DTP") => Role::DisabilityDate,
        ("2300", "HD") => Role::Coverage,
        ("2300", "DTP") => Role::CoverageDate,
        ("2320", "COB") => Role::OtherInsurance,
        ("2320", "REF") => Role::OtherInsuranceReference,
        ("2320", "DTP") => Role::OtherInsuranceDate,
        ("2700", "LS") => Role::Categories,
        (_, "N1") => Role::Party,
        (_, "NM1") => Role::AnyName,
        (_, "N4") => Role::Address,
        (_, "PER") => Role::Contact,
        (_, "LX") => Role::Numbered,
        _ => Role::Other,
    }
}

fn ending(loop_id: &str) -> Ending {
    match loop_id {
        "2000" => Ending::Member,
        "2100A" => Ending::Name,
        "2300" => Ending::Coverage,
        _ => Ending::Nothing,
    }
}

impl Enrollment {
    pub(crate) fn new(guide: &Guide) -> Enrollment {
        let declared = |segment: &crate::guide::SegmentSpec| segment.deviation > 0;
        let roles = guide.segments.iter().map(|segment| {
            // What an overlay adds is the carrier's own: these rules are the guide's, and would judge it by what it is
            // not.
            if declared(segment) { Role::Other } else { role(guide.loops[segment.in_loop].id, &segment.tag) }
        });
        Enrollment {
            roles: roles.collect(),
            endings: guide.loops.iter().map(|spec| ending(spec.id)).collect(),
            premise: Premise::default(),
            stated: [None; 3],
            found: [0; 3],
            header_dates: Dates::NONE,
            member: NOBODY,
            disability_dates: Dates::NONE,
            other_insurance_dates: Dates::NONE,
            coverage: [0; 3],
            coverage_place: NOWHERE,
            coverage_dates: Dates::NONE,
            numbered: 0,
            families: Some(Families::new()),
        }
    }

    /// For parts of sets, whose families somebody else knows.
    pub(crate) fn of_parts(guide: &Guide) -> Enrollment {
        Enrollment { families: None, ..Enrollment::new(guide) }
    }

    /// Begins a part of a set with what the segments before the first member have said.
    pub(crate) fn restart(&mut self, premise: Premise) {
        (self.premise, self.stated, self.found) = (premise, [None; 3], [0; 3]);
        self.header_dates.clear();
        self.forget_member();
    }

    /// What this part has come to.
    pub(crate) fn tally(&self) -> Tally {
        let Enrollment { premise, found, stated, header_dates, .. } = *self;
        Tally { premise, found, stated, header_dates }
    }

    pub(crate) fn premise(&self) -> Premise {
        self.premise
    }

    /// Takes over what a part of the set has come to, which begins the set or not.
    pub(crate) fn join(&mut self, part: &Tally, begins: bool) {
        if begins {
            (self.premise, self.stated, self.header_dates) = (part.premise, part.stated, part.header_dates);
        }
        for (found, more) in self.found.iter_mut().zip(part.found) {
            *found += more;
        }
        self.forget_member();
    }

    /// Says what was noted in a part of the set.
    pub(crate) fn say(&mut self, note: Note, log: &mut Log) {
        match (note, &mut self.families) {
            (Note::Breach(breach, details), _) => log.add_with(breach, &details),
            (Note::Trigger(trigger), _) => log.triggered_by(trigger),
            (Note::Deviation(deviation, position), _) => log.deviate(deviation, position),
            (Note::Subscriber(kin), Some(families)) => families.add_subscriber(kin, log),
            (Note::Dependent(kin, member), Some(families)) => families.add_dependent(kin, member),
            (Note::Subscriber(_) | Note::Dependent(..), None) => {}
        }
    }

    fn forget_member(&mut self) {
        self.member = NOBODY;
        self.forget_loops();
    }

    /// Nothing that one member says is compared with what another does.
    fn forget_loops(&mut self) {
        (self.coverage, self.coverage_place, self.numbered) = ([0; 3], NOWHERE, 0);
        self.coverage_dates.clear();
        self.disability_dates.clear();
        self.other_insurance_dates.clear();
    }

    /// Judges a segment, which is the guide's segment `index`. Returns the members it begins: one or none.
    #[inline]
    pub(crate) fn enter(&mut self, index: usize, at: At<'_>, log: &mut Log) -> u64 {
        match self.roles[index] {
            Role::Other => {}
            Role::Beginning => self.begin(at, log),
            Role::HeaderDate => self.header_dates.add(at, dates::OTHER, log),
            Role::Quantity => self.state(at),
            Role::Party => identity::check_identifier(at, 4, log),
            Role::Member => {
                self.begin_member(at, log);
                return 1;
            }
            Role::MemberReference => self.identify(at, log),
            Role::MemberDate => self.member.dates.add(at, dates::OTHER, log),
            Role::Name | Role::PriorName | Role::AnyName => self.name(self.roles[index], at, log),
            Role::Demographics => self.demographics(at, log),
            Role::Address => identity::check_address(at, log),
            Role::Contact => identity::check_contact(at, log),
            Role::Disability => self.disability_dates.clear(),
            Role::DisabilityDate => self.disability_dates.add(at, dates::OTHER, log),
            Role::Coverage => self.begin_coverage(at),
            Role::CoverageDate => {
                // Also of one whose HD is missing, which is said already.
                self.member.covered = true;
                self.coverage_dates.add(at, dates::COVERAGE, log);
            }
            Role::OtherInsurance => self.other_insurance_dates.clear(),
            Role::OtherInsuranceReference => identity::check_identifier(at, 2, log),
            Role::OtherInsuranceDate => self.other_insurance_dates.add(at, dates::OTHER, log),
            Role::Categories => self.numbered = 0,
            Role::Numbered => self.number(at, log),
        }
        0
    }

    /// Judges what is missing in a loop that has ended: the guide's loop `index`.
    #[inline]
    pub(crate) fn leave(&mut self, index: usize, at: At<'_>, log: &mut Log) {
        match self.endings[index] {
            Ending::Nothing => {}
            Ending::Member => self.end_member(at, log),
            Ending::Name => self.end_name(at, log),
            Ending::Coverage => {
                self.end_coverage(at, log);
                self.coverage = [0; 3];
                self.coverage_dates.clear();
            }
        }
    }

    /// Judges what is known only at the end of the set, and forgets the set.
    pub(crate) fn end(&mut self, at: At<'_>, log: &mut Log) {
        for (stated, found) in self.stated.iter().zip(self.found) {
            if let Some((stated, place)) = stated.filter(|(stated, _)| *stated != Some(found)) {
                let breach = Breach { data_element: "380", ..Breach::of(&rules::QUANTITY, place) };
                let found = Detail { what: "found", number: found };
                let stated = stated.map(|number| Detail { what: "stated", number });
                log.add_with(breach, &std::iter::once(found).chain(stated).collect::<Vec<_>>());
            }
        }
        let may_stand_alone = !self.premise.full && self.found[1] == 0;
        if let Some(families) = &mut self.families {
            families.end(may_stand_alone, at, log);
        }
        self.restart(Premise::default());
    }

    fn begin(&mut self, at: At<'_>, log: &mut Log) {
        self.premise = Premise::of(at);
        if matches!(at.value(1), b"15" | b"22") && at.value(6).is_empty() {
            log.add_element(&rules::ORIGINAL_REFERENCE_MISSING, at.element(6), "127");
        }
    }

    fn state(&mut self, at: At<'_>) {
        let which = match at.value(1) {
            b"TO" => 0,
            b"ET" => 1,
            b"DT" => 2,
            _ => return,
        };
        // What is no number at all is a fault of the element.
        let number = value::decimal_digits(at.value(2)).is_some();
        self.stated[which] = number.then(|| (value::count(at.value(2)), at.element(2)));
    }

    fn begin_member(&mut self, at: At<'_>, log: &mut Log) {
        let subscriber = match at.value(1) {
            b"Y" => true,
            b"N" => false,
            // What is neither is a fault already; the relationship tells which it was meant to be.
            _ => at.value(2) == b"18",
        };
        self.forget_loops();
        self.member = Member { place: at.position(), subscriber, maintenance: maintenance(at.value(3)), ..NOBODY };
        self.member.death = value::day(at.value(12)).filter(|_| at.value(11) == b"D8");
        self.found[0] += 1;
        self.found[if subscriber { 1 } else { 2 }] += 1;
        let element =
            |rule: &'static Rule, n: usize, number, log: &mut Log| log.add_element(rule, at.element(n), number);
        if matches!(at.value(1), b"Y" | b"N") && !at.value(2).is_empty() && subscriber != (at.value(2) == b"18") {
            element(&rules::SUBSCRIBER_IS_SELF, 2, "1069", log);
        }
        // INS07, the event that led to COBRA, decides how long the continuation lasts: the guide asks for it there and
        // nowhere else.
        let cobra = at.value(5) == b"C";
        if cobra && at.value(7).is_empty() {
            element(&rules::COBRA_EVENT_MISSING, 7, "1219", log);
            log.triggered_by(at.element(5));
        }
        if !cobra && !at.value(7).is_empty() {
            element(&rules::COBRA_EVENT_UNEXPECTED, 7, "1219", log);
            log.triggered_by(at.element(5));
        }
        if self.member.death.zip(self.premise.made_on).is_some_and(|(death, made)| death > made) {
            element(&rules::DEATH_BEFORE_BIRTH, 12, "1251", log);
        }
    }

    #[inline]
    fn identify(&mut self, at: At<'_>, log: &mut Log) {
        match at.value(1) {
            // Without INS nobody knows whether this is a subscriber.
            _ if self.member.place.segment == 0 => {}
            b"0F" if self.member.subscriber => self.subscriber(at, log),
            b"0F" => self.dependent(at, log),
            _ => {}
        }
    }

    #[inline]
    fn subscriber(&mut self, at: At<'_>, log: &mut Log) {
        match &mut self.families {
            Some(families) => families.add_subscriber(Kin::of(at), log),
            None => drop(log.noted(|| Note::Subscriber(Kin::of(at)))),
        }
    }

    #[inline]
    fn dependent(&mut self, at: At<'_>, log: &mut Log) {
        match &mut self.families {
            Some(families) => families.add_dependent(Kin::of(at), self.member.place),
            None => drop(log.noted(|| Note::Dependent(Kin::of(at), self.member.place))),
        }
    }

    #[inline]
    fn name(&mut self, role: Role, at: At<'_>, log: &mut Log) {
        match role {
            Role::Name => self.member.corrected = at.value(1) == b"74",
            // The incorrect values are incorrect: nothing more is asked of them.
            Role::PriorName => {
                self.member.prior_values = true;
                return;
            }
            _ => {}
        }
        identity::check_identifier(at, 9, log);
    }

    fn demographics(&mut self, at: At<'_>, log: &mut Log) {
        self.member.demographics = true;
        let Some(birth) = value::day(at.value(2)) else { return };
        let mut breach = |rule: &'static Rule| log.add_element(rule, at.element(2), "1251");
        if self.premise.made_on.is_some_and(|made| birth > made) {
            breach(&rules::BIRTH_IN_FUTURE);
        }
        if self.premise.made_on.is_some_and(|made| birth + OLDEST < made) {
            breach(&rules::BIRTH_TOO_EARLY);
        }
        if self.member.death.is_some_and(|death| birth > death) {
            breach(&rules::DEATH_BEFORE_BIRTH);
        }
    }

    fn end_name(&mut self, at: At<'_>, log: &mut Log) {
        if self.member.demographics || !self.member.subscriber {
            return;
        }
        let rule = match &self.member.maintenance {
            b"021" => &rules::DEMOGRAPHICS_MISSING,
            b"030" => &rules::DEMOGRAPHICS_ABSENT,
            _ => return,
        };
        log.add(rule, at.instead("DMG", "2100A"));
        log.triggered_by(self.member.element(3));
    }

    fn begin_coverage(&mut self, at: At<'_>) {
        self.coverage = maintenance(at.value(1));
        self.coverage_place = at.position();
        self.coverage_dates.clear();
        self.numbered = 0;
        self.member.covered = true;
        self.member.cancelled |= self.coverage == *b"024";
    }

    fn end_coverage(&self, at: At<'_>, log: &mut Log) {
        let dates = &self.coverage_dates;
        if dates.is_empty() {
            // The guide's own rule says that.
            return;
        }
        // The guide asks for 349 at a termination. Some senders state begin and end as one range in 348, which tells
        // the same.
        if self.coverage == *b"024" && !dates.has(b"349") && !dates.has_range(b"348") {
            log.add(&rules::COVERAGE_END_MISSING, at.instead("DTP", "2300"));
            log.triggered_by(Position { element: 1, ..self.coverage_place });
        }
        if self.coverage == *b"021" && !dates.has(b"348") {
            log.add(&rules::COVERAGE_BEGIN_MISSING, at.instead("DTP", "2300"));
            log.triggered_by(Position { element: 1, ..self.coverage_place });
        }
    }

    fn end_member(&mut self, at: At<'_>, log: &mut Log) {
        let member = &self.member;
        if member.corrected && !member.prior_values {
            log.add(&rules::PRIOR_VALUES_MISSING, at.instead("NM1", "2100B"));
        }
        if member.maintenance == *b"021" && member.subscriber && !member.covered {
            log.add(&rules::COVERAGE_MISSING, at.instead("HD", "2300"));
            log.triggered_by(member.element(3));
        }
        // A member can be terminated by the end of eligibility or by the end of each coverage; with neither, nobody
        // knows when.
        if member.maintenance == *b"024" && !member.cancelled && !member.dates.has(b"357") {
            log.add(&rules::TERMINATION_DATE_MISSING, at.instead("DTP", "2000"));
            log.triggered_by(member.element(3));
        }
        self.member = NOBODY;
    }

    fn number(&mut self, at: At<'_>, log: &mut Log) {
        self.numbered += 1;
        if value::count(at.value(1)) != Some(self.numbered) {
            log.add_element(&rules::ASSIGNED_NUMBER, at.element(1), "554");
        }
    }
}
