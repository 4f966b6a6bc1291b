//! Carriers that want to hear the same in other ways: whatever their ways, what stands in the bytes leads a carrier
//! that reads by them to what it is to know. The reader here knows days and what is on file, and none of the program's
//! code.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bex::carrier::named;
use bex::mapping::{
    AfterGap, AllEnded, CancelledOn, CobraTold, DeclaredReference, DependentLevel, DependentsEnded, EarlierStart,
    EndDate, Extended, FileDialect, Members, Party, PlanChange, ReferenceLoop, ReferenceSource, ReferredMembers, Rekey,
    Reopened, Shortened, Styles, Switch, Untouched,
};
use bex::model::election::{CareKind, Covered, Election, Line};
use bex::model::enrollment::{Coverage, FamilyChange, Member};
use bex::model::field::{Field, FieldSet};
use bex::model::person::{Employment, EmploymentStatus, Relationship};
use bex::model::phi::Phi;
use bex::model::reference::{ReferredTo, ToldReference};
use bex::policy::{Policy, WirePlan};
use bex::t834::{self, CONVENTION, Header};
use bex::x12::Style;
use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::lives::{DAYS, Days, Night, any_life, day, days_of, lived, lived_by, lived_renumbered, lives, number};
use crate::harness::demo_site::segments;
use crate::harness::pyx12::accepts;

const SUBSCRIBER: &str = "PERSONE1";

/// A stretch on file: under which day, and what holds on which of its days.
#[derive(Clone, Debug, PartialEq, Eq)]
struct OnFile {
    filed: i64,
    /// None of what was ended by the member alone: no loop of it says any.
    refs: Option<Refs>,
    days: BTreeMap<i64, (String, String)>,
}

/// References by their qualifiers.
type Refs = BTreeMap<String, String>;

/// What a carrier has on file, by member and line.
type Books = BTreeMap<(String, CareKind), Vec<OnFile>>;

/// An HD loop as it stands in a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Loop {
    pub(super) code: String,
    line: String,
    pub(super) what: (String, String),
    pub(super) filed: i64,
    pub(super) ends: Option<i64>,
    pub(super) since: Option<i64>,
    refs: Refs,
}

impl Loop {
    pub(super) fn kind(&self) -> CareKind {
        Line::ALL.into_iter().find(|line| line.code() == self.line).unwrap().kind()
    }
}

/// A member as it stands in a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    code: String,
    pub(super) name: String,
    all_end: Option<i64>,
    pub(super) loops: Vec<Loop>,
    refs: Refs,
}

fn on(text: &str) -> i64 {
    number(NaiveDate::parse_from_str(text, "%Y%m%d").unwrap())
}

pub(super) fn read(text: &str) -> Vec<Said> {
    let mut members: Vec<Said> = Vec::new();
    for segment in segments(text) {
        let at = |n: usize| segment.get(n).cloned().unwrap_or_default();
        if at(0) == "INS" {
            members.push(Said { code: at(3), ..Said::default() });
        }
        let Some(said) = members.last_mut() else { continue };
        match (at(0).as_str(), at(1).as_str()) {
            ("NM1", "IL" | "74") => said.name = at(4),
            ("DTP", "357") => said.all_end = Some(on(&at(3))),
            ("HD", _) => {
                said.loops.push(Loop { code: at(1), line: at(3), what: (at(4), at(5)), ..Loop::default() });
            }
            ("DTP", "348") => said.loops.last_mut().unwrap().filed = on(&at(3)),
            ("DTP", "349") => said.loops.last_mut().unwrap().ends = Some(on(&at(3))),
            ("REF", qualifier) => {
                let refs = said.loops.last_mut().map_or(&mut said.refs, |sent| &mut sent.refs);
                assert_eq!(refs.insert(qualifier.to_string(), at(2)), None, "REF*{qualifier} stands twice");
            }
            ("DTP", "303") if !said.loops.is_empty() => said.loops.last_mut().unwrap().since = Some(on(&at(3))),
            _ => {}
        }
    }
    members
}

/// A carrier that reads by its own ways.
pub(super) struct Receiver {
    styles: Styles,
    books: Books,
    /// By what it knows members.
    known_by: BTreeMap<String, Refs>,
}

impl Receiver {
    pub(super) fn new(styles: Styles) -> Receiver {
        Receiver { styles, books: Books::new(), known_by: BTreeMap::new() }
    }

    pub(super) fn take(&mut self, text: &str) {
        self.work_through(&read(text));
    }

    /// What stands in a full file by codes of changes; what is stated beside it changes nothing.
    pub(super) fn take_acts(&mut self, file: &[Said]) {
        let acts = file.iter().map(|said| {
            let loops = said.loops.iter().filter(|sent| sent.code != "030").cloned().collect();
            Said { loops, ..said.clone() }
        });
        self.work_through(&acts.collect::<Vec<_>>());
    }

    fn work_through(&mut self, file: &[Said]) {
        for said in file {
            self.known_by.entry(said.name.clone()).or_default().extend(said.refs.clone());
            if let Some(end) = said.all_end.filter(|_| said.loops.is_empty()) {
                assert_eq!(self.styles.dialect.all_ended, AllEnded::Member, "an end of all without a coverage");
                let own = self.books.iter_mut().filter(|((name, _), _)| name == &said.name);
                own.for_each(|(_, stretches)| {
                    stretches.iter_mut().for_each(|one| end_by_member(self.styles.dialect, one, end));
                    stretches.retain(|one| !one.days.is_empty());
                });
            }
            assert!(
                said.code != "024" || self.styles.dialect.all_ended != AllEnded::Coverage || said.all_end.is_none()
            );
            said.loops.iter().for_each(|sent| self.work(&said.name, sent));
        }
        let ends = file.iter().any(|said| said.code == "024" && said.name == SUBSCRIBER);
        if ends && self.styles.dialect.dependents_ended == DependentsEnded::Implied {
            self.end_dependents(file);
        }
    }

    /// Whom the file does not name is covered on no day on which the subscriber is not.
    fn end_dependents(&mut self, file: &[Said]) {
        self.known_by.retain(|name, _| file.iter().any(|said| said.name == *name));
        let own = self.books.clone();
        for ((_, kind), line) in
            self.books.iter_mut().filter(|((name, _), _)| file.iter().all(|said| said.name != *name))
        {
            let covers = |n: &i64| {
                let of = own.get(&(SUBSCRIBER.to_string(), *kind)).into_iter().flatten();
                of.into_iter().any(|one| one.days.contains_key(n))
            };
            line.iter_mut().for_each(|one| one.days.retain(|n, _| covers(n)));
            line.retain(|one| !one.days.is_empty());
        }
    }

    pub(super) fn work(&mut self, name: &str, sent: &Loop) {
        let kind = sent.kind();
        let Styles { plan_change, dialect } = self.styles;
        let line = self.books.entry((name.to_string(), kind)).or_default();
        let own = line.iter().position(|one| one.filed == sent.filed && one.days.values().any(|d| d.0 == sent.what.0));
        let last = sent.ends.map_or(DAYS, |end| last_day(dialect, end).min(DAYS));
        match sent.code.as_str() {
            "021" => begin(line, sent, last),
            "024" => {
                let mut one = line.remove(own.unwrap_or_else(|| panic!("{sent:?} ends nothing of {line:?}")));
                one.refs = Some(sent.refs.clone());
                let end = sent.ends.expect("an end without a day");
                let was = *one.days.keys().last().unwrap();
                if end > sent.filed && last > was {
                    assert_eq!(dialect.extended, Extended::End, "{sent:?} ends later what ended already");
                    go_on(line, &mut one, last);
                } else {
                    end_on(dialect, &mut one, end);
                }
                line.extend(Some(one).filter(|one| !one.days.is_empty()));
            }
            "025" => match own {
                Some(own) => {
                    let mut one = line.remove(own);
                    one.refs = Some(sent.refs.clone());
                    go_on(line, &mut one, last);
                    line.push(one);
                }
                None => {
                    let before = |one: &OnFile| one.days.iter().any(|(n, d)| *n < sent.filed && d.0 == sent.what.0);
                    assert!(line.iter().any(before), "{sent:?} brings back nothing of {line:?}");
                    let adjoins =
                        line.iter().any(|one| one.days.get(&(sent.filed - 1)).is_some_and(|d| d.0 == sent.what.0));
                    let wanted = if adjoins {
                        dialect.reopened == Reopened::NewDay
                    } else {
                        dialect.after_gap == AfterGap::Reinstatement || dialect.reopened == Reopened::NewDay
                    };
                    assert!(wanted, "{sent:?}");
                    begin(line, sent, last);
                }
            },
            "001" => change(line, sent, plan_change, dialect),
            other => panic!("{other} in a change file"),
        }
        line.sort_by_key(|one| one.filed);
    }

    /// By what else than was told it knows a member who has cover, or a coverage of this member's.
    fn known_otherwise(&self, member: &Member) -> Option<String> {
        let name = member.person.first_name.reveal();
        let lines = || self.books.iter().filter(|((of, _), line)| of == name && !line.is_empty());
        // Who ends with the subscriber is named in no file until cover is told anew.
        let mut known_by = self.known_by.get(name).filter(|_| lines().next().is_some())?.clone();
        assert!(known_by.remove("0F").is_some() && known_by.remove("F6").is_some(), "{name}");
        let told = wanted_refs(&member.refs);
        let of_line = lines().flat_map(|((_, kind), line)| line.iter().map(move |one| (*kind, one)));
        let of_coverages = of_line.filter_map(|(kind, one)| {
            let last = day(*one.days.keys().last().unwrap());
            let holds = |span: &&Coverage| span.line.kind() == kind && span.begin <= last && span.is_open_on(last);
            let span = member.coverages.iter().filter(|span| !span.is_cancelled()).find(holds).unwrap();
            let refs = one.refs.as_ref()?;
            (*refs != wanted_refs(&span.refs)).then(|| format!("{name} {kind:?} {refs:?} {:?}", span.begin))
        });
        let of_member = (known_by != told).then(|| format!("{name} {known_by:?} {told:?}"));
        of_member.into_iter().chain(of_coverages).next()
    }

    pub(super) fn days(&self) -> BTreeMap<(String, CareKind, i64), (String, String)> {
        let all = self.books.iter().flat_map(|((name, kind), line)| {
            line.iter().flat_map(|one| &one.days).map(|(n, what)| ((name.clone(), *kind, *n), what.clone()))
        });
        all.collect()
    }
}

pub(super) fn last_day(dialect: FileDialect, written: i64) -> i64 {
    if dialect.end_date == EndDate::FirstUncovered { written - 1 } else { written }
}

fn is_free(line: &[OnFile], n: i64) -> bool {
    line.iter().all(|one| !one.days.contains_key(&n))
}

fn begin(line: &mut Vec<OnFile>, sent: &Loop, last: i64) {
    let days: BTreeMap<_, _> = (sent.filed..=last).map(|n| (n, sent.what.clone())).collect();
    assert!(days.keys().all(|n| is_free(line, *n)), "{sent:?} begins on a covered day");
    line.push(OnFile { filed: sent.filed, days, refs: Some(sent.refs.clone()) });
}

fn end_on(dialect: FileDialect, one: &mut OnFile, written: i64) {
    // What ends on its first day, or before, never was.
    let kept = if written <= one.filed { one.filed - 1 } else { last_day(dialect, written) };
    one.days.retain(|n, _| *n <= kept);
}

/// An end without a loop of the coverage's own, which would say its references.
fn end_by_member(dialect: FileDialect, one: &mut OnFile, written: i64) {
    end_on(dialect, one, written);
    one.refs = None;
}

fn go_on(line: &[OnFile], one: &mut OnFile, last: i64) {
    let (was, what) = one.days.iter().next_back().map(|(n, what)| (*n, what.clone())).unwrap();
    assert!(last > was, "brought back to no later day");
    for n in was + 1..=last {
        assert!(is_free(line, n), "brought back on a covered day");
        one.days.insert(n, what.clone());
    }
}

fn change(line: &mut Vec<OnFile>, sent: &Loop, plan_change: PlanChange, dialect: FileDialect) {
    let may = |what: &(String, String)| what.0 == sent.what.0 || dialect.switch != Switch::TermAdd;
    if let Some(one) = line.iter_mut().find(|one| one.filed == sent.filed && may(one.days.values().next().unwrap())) {
        let since = sent.since.unwrap_or(sent.filed);
        let in_place = plan_change == PlanChange::InPlace || dialect.has_in_place();
        assert!(since == sent.filed || in_place, "{sent:?} changes in the middle of {one:?}");
        one.refs = Some(sent.refs.clone());
        one.days.iter_mut().filter(|(n, _)| **n >= since).for_each(|(_, what)| what.clone_from(&sent.what));
        return;
    }
    if let Some(one) = line.iter_mut().find(|one| one.days.get(&sent.filed).is_some_and(may)) {
        let rest = one.days.split_off(&sent.filed);
        let days = rest.into_keys().map(|n| (n, sent.what.clone())).collect();
        line.push(OnFile { filed: sent.filed, days, refs: Some(sent.refs.clone()) });
        return;
    }
    let later = line.iter_mut().find(|one| one.filed > sent.filed && one.days.values().any(|d| d.0 == sent.what.0));
    let one = later.unwrap_or_else(|| panic!("{sent:?} changes nothing on file"));
    one.days.extend((sent.filed..one.filed).map(|n| (n, sent.what.clone())));
    one.filed = sent.filed;
    one.refs = Some(sent.refs.clone());
}

/// Every combination of ways.
pub(super) fn any_dialect() -> impl Strategy<Value = Styles> {
    use {AfterGap as G, AllEnded as A, CancelledOn as C, EndDate as E, Extended as X, PlanChange as P};
    use {Reopened as R, Shortened as S, Switch as W, Untouched as U};
    fn of<T: Clone + std::fmt::Debug + 'static>(all: &[T]) -> impl Strategy<Value = T> + use<T> {
        proptest::sample::select(all.to_vec())
    }
    let ends = (of(&[E::LastCovered, E::FirstUncovered]), of(&[C::SameDay, C::DayBefore]));
    let moves = (
        of(&[S::End, S::ReinstateFirst]),
        of(&[X::Reinstate, X::ReinstateThenEnd, X::End]),
        of(&[R::AsFiled, R::NewDay, R::Addition]),
        of(&[G::Addition, G::Reinstatement]),
        of(&[EarlierStart::TermAdd, EarlierStart::Change]),
    );
    let others = (
        of(&[A::Both, A::Member, A::Coverage]),
        of(&[W::TermAdd, W::Change, W::InPlace]),
        of(&[U::GoesAlong, U::Alone]),
        of(&[P::TermAdd, P::Change, P::InPlace]),
        of(&[CobraTold::NewSpan, CobraTold::GoesOn]),
    );
    let people = (
        of(&[Members::Family, Members::EachSubscriber, Members::SubscriberOnly]),
        of(&[DependentsEnded::Listed, DependentsEnded::Implied]),
        of(&[DependentLevel::Same, DependentLevel::Blank]),
    );
    (ends, moves, others, people).prop_map(|((end_date, cancelled), moves, others, people)| {
        let (shortened, extended, reopened, after_gap, earlier_start) = moves;
        let (all_ended, switch, untouched, plan_change, cobra) = others;
        let (members, dependents_ended, hd05_dependents) = people;
        let dialect = FileDialect {
            end_date,
            cancelled,
            all_ended,
            shortened,
            extended,
            reopened,
            after_gap,
            earlier_start,
            switch,
            untouched,
            members,
            dependents_ended,
            hd05_dependents,
            cobra,
            ..FileDialect::default()
        };
        Styles { plan_change, dialect }
    })
}

fn header(dialect: FileDialect) -> Header {
    let party = |name: &str, id: &str| Party { name: name.into(), qualifier: "ZZ".into(), id: id.into() };
    Header {
        sender: party("EXAMPLE SENDER", "900000031"),
        receiver: party("EXAMPLE CARRIER", "EXAMPLECARRIER"),
        receiver_group: "EXAMPLECARRIER".into(),
        sponsor: Party { qualifier: "FI".into(), ..party("EXAMPLE EMPLOYER", "900000032") },
        payer: Party { qualifier: "FI".into(), ..party("EXAMPLE CARRIER", "900000033") },
        number: 1,
        frozen_at: day(0).and_hms_opt(22, 0, 0).unwrap(),
        test: true,
        acknowledgment_requested: false,
        reference: "000000001".into(),
        action: "2",
        effective: day(0),
        convention: CONVENTION.into(),
        master_policy: None,
        group_number: None,
        member_dates: true,
        dialect,
    }
}

/// The file of a family alone.
pub(super) fn bytes(dialect: FileDialect, change: &FamilyChange) -> String {
    bytes_by(dialect, change, &[])
}

/// The same, for a carrier that asks for references.
fn bytes_by(dialect: FileDialect, change: &FamilyChange, refs: &[DeclaredReference]) -> String {
    let plans = [("PPO", Line::Ppo), ("HMO", Line::Hmo), ("DENTAL", Line::Dental)];
    let plans = plans.map(|(code, line)| (code.to_string(), WirePlan { line, code: code.into() }));
    let policy = Policy::new(FieldSet::of(Field::ALL), plans.into_iter().collect());
    let policy = policy.with_refs(refs.to_vec());
    let disclosed = policy.disclose(&named(Cow::Borrowed(change), dialect), day(0)).unwrap();
    String::from_utf8(t834::alone(Style::default(), &header(dialect), &disclosed).unwrap()).unwrap()
}

/// What is to be known, in the words of a file.
pub(super) fn wanted(days: Days, dialect: FileDialect) -> BTreeMap<(String, CareKind, i64), (String, String)> {
    let mut wanted = BTreeMap::new();
    for ((key, kind, n), (plan, tier, _)) in days {
        let dependent = key != "E1";
        if dependent && dialect.members == Members::SubscriberOnly {
            continue;
        }
        let blank = dependent && dialect.hd05_dependents == DependentLevel::Blank;
        let level = if blank { "" } else { tier.code() };
        wanted.insert((format!("PERSON{key}"), kind, n), (plan, level.to_string()));
    }
    wanted
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4 * lives().cases, ..lives() })]

    /// Properties 14 and 16 of the design.
    #[test]
    fn a_carrier_of_any_dialect_believes_the_bytes_and_refuses_nothing(
        born in 0..200i64, styles in any_dialect(), life in any_life(),
    ) {
        let mut receiver = Receiver::new(styles);
        for night in lived(born, styles, &life) {
            prop_assert!(night.decision.holds.iter().all(|fault| fault.code != "REC017"), "loops lead elsewhere");
            let (Some(change), Some(known)) = (&night.decision.change, &night.known) else { continue };
            receiver.take(&bytes(styles.dialect, change));
            prop_assert_eq!(receiver.days(), wanted(days_of(Some(known)), styles.dialect));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2 * lives().cases, ..lives() })]

    #[test]
    fn a_carrier_finds_whoever_has_another_number_by_the_one_before_and_then_by_the_new_one(
        born in 0..200i64, styles in any_dialect(), life in any_life(), from in 1..4usize,
        rekey in proptest::sample::select(vec![Rekey::Once, Rekey::New, Rekey::Manual]),
    ) {
        let styles = Styles { dialect: FileDialect { rekey, ..styles.dialect }, ..styles };
        let (mut had, mut renumbered): (Option<String>, bool) = (None, false);
        for night in lived_renumbered(born, styles, &life, from) {
            prop_assert!(night.decision.holds.iter().all(|fault| fault.code != "REC017"), "loops lead elsewhere");
            let (Some(change), Some(known)) = (&night.decision.change, &night.known) else { continue };
            let file = read(&bytes(styles.dialect, change));
            let (number, prior) = (known.subscriber_id.reveal(), file.first().and_then(|said| said.refs.get("Q4")));
            for said in &file {
                prop_assert_eq!((&said.refs["0F"], said.refs.get("Q4")), (number, prior));
            }
            prop_assert!(had.iter().all(|had| had == prior.unwrap_or(number)), "{had:?} {number} {prior:?}");
            let named = |member: &&Member| {
                let subscriber = member.person.relationship == Relationship::Subscriber;
                (subscriber || styles.dialect.members != Members::SubscriberOnly) && night.goes_on(member)
            };
            for member in known.members.iter().filter(named).filter(|_| prior.is_some()) {
                let name = member.person.first_name.reveal();
                prop_assert!(file.iter().any(|said| said.name == *name), "{name} keeps the number before");
            }
            renumbered |= prior.is_some();
            had = Some(number.clone());
        }
        prop_assert!(rekey == Rekey::New || !renumbered);
    }
}

/// The end of a member stands for every coverage, where it stands alone: what never begins is taken back by it, and no
/// day of what went before.
#[test]
fn what_is_taken_back_by_the_member_alone_takes_no_day_before_it() {
    for end_date in [EndDate::LastCovered, EndDate::FirstUncovered] {
        for cancelled in [CancelledOn::SameDay, CancelledOn::DayBefore] {
            let dialect = FileDialect { end_date, cancelled, all_ended: AllEnded::Member, ..FileDialect::default() };
            let styles = Styles { plan_change: PlanChange::TermAdd, dialect };
            // A spouse joins on the first of June; employment ends in May.
            let spouse = Covered { start: Some(day(151)), ..Covered::with_all(Phi::new("01".into()), None) };
            let chosen = Election { waived: false, dependents: vec![spouse], ..Election::waiver("PPO", day(1)) };
            let ended = Employment {
                status: EmploymentStatus::Terminated,
                ended: Some(Phi::new(day(140))),
                ..Employment::default()
            };
            let night = |after, elections: &[Election], employment: &Employment| Night {
                after,
                elections: elections.to_vec(),
                employment: employment.clone(),
            };
            let works = Employment::default();
            let life = [night(0, &[], &works), night(61, &[chosen], &works), night(0, &[], &ended)];
            let mut receiver = Receiver::new(styles);
            for night in lived(0, styles, &life) {
                let (Some(change), Some(known)) = (&night.decision.change, &night.known) else { continue };
                receiver.take(&bytes(dialect, change));
                assert_eq!(receiver.days(), wanted(days_of(Some(known)), dialect), "{end_date:?} {cancelled:?}");
            }
            assert_eq!(receiver.days().len(), 150, "the employee's days up to the end of May");
        }
    }
}

/// What a carrier asks for: of the whole family and of a part of it, in both loops, of the employee and of everybody.
fn asked_for() -> Vec<DeclaredReference> {
    let one = |qualifier: &str, at, whom, source| DeclaredReference { qualifier: qualifier.into(), at, whom, source };
    let (member, coverage) = (ReferenceLoop::Member, ReferenceLoop::Coverage);
    let employee = ReferenceSource::Employee;
    vec![
        one("DX", member, ReferredMembers::All, employee(ReferredTo::Department)),
        one("23", member, ReferredMembers::Subscriber, employee(ReferredTo::SubscriberId)),
        one("ZZ", member, ReferredMembers::Dependents, employee(ReferredTo::Location)),
        one("F6", member, ReferredMembers::All, ReferenceSource::Constant("F-1".into())),
        one("CE", coverage, ReferredMembers::All, employee(ReferredTo::Department)),
        one("XX2", coverage, ReferredMembers::Subscriber, employee(ReferredTo::Location)),
        one("1L", coverage, ReferredMembers::All, ReferenceSource::Group),
    ]
}

/// What of an employee a carrier is to have on file by what is known to have been told.
fn wanted_refs(told: &[ToldReference]) -> Refs {
    told.iter().map(|told| (told.qualifier.clone(), told.value.reveal().clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2 * lives().cases, ..lives() })]

    #[test]
    fn a_carrier_that_asks_for_references_has_those_that_were_told_and_keeps_them_up_to_date(
        born in 0..200i64, styles in any_dialect(), life in any_life(),
    ) {
        let (mut receiver, refs) = (Receiver::new(styles), asked_for());
        for night in lived_by(born, styles, &life, &refs) {
            prop_assert!(night.decision.holds.iter().all(|fault| fault.code != "REC017"), "loops lead elsewhere");
            let (Some(change), Some(known)) = (&night.decision.change, &night.known) else { continue };
            receiver.take(&bytes_by(styles.dialect, change, &refs));
            prop_assert_eq!(receiver.days(), wanted(days_of(Some(known)), styles.dialect));
            for member in &known.members {
                prop_assert_eq!(receiver.known_otherwise(member), None);
            }
        }
    }
}

/// pyx12 sees codes and syntax, and not what a carrier makes of them.
#[test]
fn a_judge_that_is_not_ours_accepts_files_in_every_dialect() {
    let (folder, mut paths, mut renumbered) = (tempfile::tempdir().unwrap(), Vec::new(), 0);
    let mut runner = TestRunner::new(lives());
    for n in 0..60 {
        let styles = any_dialect().new_tree(&mut runner).unwrap().current();
        let life = any_life().new_tree(&mut runner).unwrap().current();
        let refs = if n % 2 == 0 { asked_for() } else { Vec::new() };
        // A third of the families get another number on their second night.
        let rekey = FileDialect { rekey: Rekey::New, ..styles.dialect };
        let nights = match n % 3 {
            0 => lived_renumbered(50, Styles { dialect: rekey, ..styles }, &life, 1),
            _ => lived_by(50, styles, &life, &refs),
        };
        let changes = nights.into_iter().filter_map(|night| night.decision.change);
        for (night, change) in changes.filter(|change| !change.members.is_empty()).enumerate() {
            renumbered += usize::from(change.prior_id.is_some());
            paths.push(folder.path().join(format!("{n}-{night}.834")));
            std::fs::write(paths.last().unwrap(), bytes_by(styles.dialect, &change, &refs)).unwrap();
        }
    }
    assert!(paths.len() > 60 && renumbered > 3, "{} files, {renumbered} with the number before", paths.len());
    let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    for (path, verdict) in paths.iter().zip(accepts(&paths)) {
        assert!(verdict.accepted, "{:?}\n{}", verdict.complaints, std::fs::read_to_string(path).unwrap());
    }
}
