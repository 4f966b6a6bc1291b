//! Laws of files in every combination of ways in which carriers take them: other changes have other files, and a full
//! file states everybody's days from its own on.

use std::collections::{BTreeMap, BTreeSet};

use bex::mapping::{EndedAs, FileDialect, Spans, Styles};
use bex::model::election::{CareKind, Election, LifeEvent, Tier};
use bex::model::enrollment::Enrolled;
use bex::model::person::Employment;
use bex::model::phi::Phi;
use bex::reconcile::{Decision, Given, Stating, decide, explicit, statement};
use chrono::NaiveDate;
use proptest::prelude::*;

use super::dialects::{Receiver, Said, any_dialect, bytes, last_day, read, wanted};
use super::lives::{DAYS, Days, Night, any_life, day, days_of, family, lived, lives, number, rules};

/// What a carrier knows of each day: of whom, on which line, and the plan with its level.
type Known = BTreeMap<(String, CareKind, i64), (String, String)>;

/// Nights that differ from one by a day or by a person: what is most easily told alike.
fn neighbours(night: &Night) -> Vec<Night> {
    let mut others = Vec::new();
    for (n, election) in night.elections.iter().enumerate() {
        let later = |date: NaiveDate| date + chrono::Days::new(1);
        let end = |end| Election { end, ..election.clone() };
        let mut near = vec![end(Some(election.start)), end(Some(later(election.start))), end(election.end.map(later))];
        near.push(Election { start: later(election.start), ..election.clone() });
        near.push(Election { waived: true, dependents: Vec::new(), ..election.clone() });
        near.push(Election { event: Some(LifeEvent::Divorce), ..election.clone() });
        let fewer = election.dependents.iter().skip(1).cloned().collect();
        near.push(Election { dependents: fewer, ..election.clone() });
        others.extend(near.into_iter().map(|other| {
            let mut elections = night.elections.clone();
            elections[n] = other;
            Night { elections, ..night.clone() }
        }));
    }
    if let Some(last) = night.employment.ended.as_ref().map(|last| *last.reveal()) {
        let mut employment = night.employment.clone();
        employment.ended = Some(Phi::new(last + chrono::Days::new(1)));
        others.push(Night { employment, ..night.clone() });
    }
    others
}

/// The same night with one of its elections alone, which is for one day.
fn days_alone(night: &Night) -> Vec<Night> {
    let ours = night.elections.iter().filter(|election| !election.waived);
    let one_day = ours.map(|election| Election { end: Some(election.start), undated: false, ..election.clone() });
    let alone = |election| Night { elections: vec![election], employment: Employment::default(), ..night.clone() };
    one_day.map(alone).collect()
}

/// Days of one line of care.
fn of_line(days: &Days, line: CareKind) -> impl Iterator<Item = (&(String, CareKind, i64), &(String, Tier, bool))> {
    days.iter().filter(move |((_, kind, _), _)| *kind == line)
}

/// A family as a night has it, decided by what was told before.
fn decided(born: i64, styles: Styles, night: &Night, told: Told) -> Decision {
    let family = family(born, night.employment.clone());
    let given =
        Given { census: Some(&family), elections: Some(&night.elections), told: told.known, ..Given::default() };
    decide(&rules(told.as_of, styles), given)
}

#[derive(Clone, Copy)]
struct Told<'t> {
    known: Option<&'t Enrolled>,
    as_of: i64,
}

/// What a full file states of each day from one on. Whoever states a day twice would leave it open which holds.
fn stated(file: &[Said], dialect: FileDialect, from: i64) -> Known {
    let mut stated = Known::new();
    for said in file {
        for sent in &said.loops {
            // What ends on its first day, or before, never was.
            if sent.ends.is_some_and(|end| end <= sent.filed) {
                continue;
            }
            let last = sent.ends.map_or(DAYS, |end| last_day(dialect, end).min(DAYS));
            // A change in place holds from its own day on.
            for n in sent.since.unwrap_or(sent.filed).max(from)..=last {
                let place = (said.name.clone(), sent.kind(), n);
                let before = stated.insert(place, sent.what.clone());
                assert_eq!(before, None, "{} has day {n} stated twice", said.name);
            }
        }
    }
    stated
}

fn ahead(days: Known, from: i64) -> Known {
    days.into_iter().filter(|((.., n), _)| *n >= from).collect()
}

/// Of a line of which one span alone is stated: its first day ahead, and each further day as far as it is stated.
fn of_one_span(wanted: Known, stated: &Known) -> Known {
    let first = |place: &(String, CareKind, i64)| {
        let line = wanted.keys().filter(|(name, kind, _)| (name, kind) == (&place.0, &place.1));
        line.map(|(.., n)| *n).min() == Some(place.2)
    };
    wanted
        .iter()
        .filter(|(place, _)| first(place) || stated.contains_key(place))
        .map(|(p, w)| (p.clone(), w.clone()))
        .collect()
}

/// The days on which two differ, in few words.
fn differing(one: &Known, other: &Known) -> Vec<String> {
    let places: BTreeSet<_> = one.keys().chain(other.keys()).collect();
    let differ = places.into_iter().filter(|place| one.get(place) != other.get(place));
    differ.map(|place| format!("{place:?}: {:?} for {:?}", one.get(place), other.get(place))).take(3).collect()
}

fn any_stating() -> impl Strategy<Value = (EndedAs, Spans, Option<i64>)> {
    let since = proptest::option::weighted(0.2, 0..400i64);
    (
        prop_oneof![Just(EndedAs::Statement), Just(EndedAs::Termination)],
        prop_oneof![Just(Spans::All), Just(Spans::One)],
        since,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: lives().cases / 4, ..lives() })]

    /// Property 17 of the design.
    #[test]
    fn other_changes_have_other_files_in_any_dialect(
        born in 0..200i64, styles in any_dialect(), life in any_life(),
    ) {
        let (mut known, mut as_of) = (None, 0);
        for (n, night) in life.iter().enumerate() {
            as_of += if n == 0 { 0 } else { night.after };
            let told = Told { known: known.as_ref(), as_of };
            let mut said: BTreeMap<String, Known> = BTreeMap::new();
            for other in std::iter::once(night.clone()).chain(neighbours(night)) {
                let Decision { known: after, change, .. } = decided(born, styles, &other, told);
                let text = change.map(|change| bytes(styles.dialect, &change)).unwrap_or_default();
                let days = wanted(days_of(after.as_ref().or(told.known)), styles.dialect);
                let same = said.insert(text.clone(), days.clone());
                prop_assert!(same.is_none_or(|same| same == days), "one file for two changes: {text}");
            }
            known = decided(born, styles, night, told).known.or(known);
        }
    }

    /// A day that is both the first and the last is written as cover that was taken back is: whoever would have one
    /// alone is asked about, and no file tells the one for the other.
    #[test]
    fn whoever_would_have_one_day_alone_is_asked_about_in_any_dialect(
        born in 0..200i64, styles in any_dialect(), life in any_life(),
    ) {
        let (mut known, mut as_of) = (None, 0);
        for (n, night) in life.iter().enumerate() {
            as_of += if n == 0 { 0 } else { night.after };
            let told = Told { known: known.as_ref(), as_of };
            for one_day in days_alone(night) {
                let Decision { known: after, change, in_question, .. } = decided(born, styles, &one_day, told);
                let election = &one_day.elections[0];
                let plans = rules(as_of, styles).plans;
                let Some(line) = plans.get(&election.plan).map(|line| line.kind()) else { continue };
                let said = change.map(|change| read(&bytes(styles.dialect, &change))).unwrap_or_default();
                for sent in said.iter().flat_map(|said| &said.loops).filter(|sent| sent.code != "024") {
                    let last = sent.ends.map(|end| last_day(styles.dialect, end));
                    prop_assert!(last.is_none_or(|last| last > sent.filed), "{sent:?} states one day");
                }
                if in_question.contains(&line) {
                    continue;
                }
                let place = |n| ("E1".to_string(), line, n);
                let (before, after) = (days_of(told.known), days_of(after.as_ref().or(told.known)));
                let plan = |n: i64| after.get(&place(n)).map(|(plan, ..)| plan.clone());
                let first = number(election.start);
                // It goes on with the day before, which was told; or nothing of the line is told tonight.
                let goes_on = plan(first) == Some(election.plan.clone()) && plan(first - 1) == plan(first);
                let stands = of_line(&before, line).eq(of_line(&after, line));
                prop_assert!(goes_on || stands, "{one_day:?}");
            }
            known = decided(born, styles, night, told).known.or(known);
        }
    }

    /// Property 15.
    #[test]
    fn a_full_file_in_any_dialect_states_every_day_from_its_own_on(
        born in 0..200i64, styles in any_dialect(), life in any_life(), (ended, spans, since) in any_stating(),
    ) {
        let dialect = FileDialect { spans, ..styles.dialect };
        let styles = Styles { dialect, ..styles };
        let mut receiver = Receiver::new(styles);
        for night in lived(born, styles, &life) {
            let Some(known) = &night.known else { continue };
            let (as_of, from) = (day(night.as_of), since.map_or(night.as_of, |since| since.max(night.as_of)));
            let stating = Stating { as_of, lookback_days: 60, ended, since: since.map(day), names_ends: false, spans };
            let wanted = || wanted(days_of(Some(known)), dialect);
            let file = statement(known, stating).map(|family| read(&bytes(dialect, &family))).unwrap_or_default();
            let states = stated(&file, dialect, from);
            let days = ahead(wanted(), from);
            let days = if spans == Spans::One { of_one_span(days, &states) } else { days };
            prop_assert_eq!(differing(&states, &days), Vec::<String>::new());
            // Where changes stand in it by codes of their own, those lead a carrier there by themselves.
            let Some(change) = &night.decision.change else { continue };
            // An end that is stated again by its own code is heard again, and changes nothing.
            let stating = Stating { ended: EndedAs::Statement, ..stating };
            let said = explicit(statement(known, stating), change);
            let said = said.map(|family| read(&bytes(dialect, &family))).unwrap_or_default();
            receiver.take_acts(&said);
            prop_assert_eq!(differing(&receiver.days(), &wanted()), Vec::<String>::new());
        }
    }
}
