//! What stands in a file, loop by loop, against the days it is about: in every dialect a loop touches only days that
//! differ, and a family of which nothing differs has none.

use std::collections::{BTreeMap, BTreeSet};

use bex::mapping::{CobraTold, Extended, PlanChange, Shortened, Styles, Switch};
use bex::model::election::CareKind;
use bex::model::enrollment::Enrolled;
use proptest::prelude::*;

use super::dialects::{Loop, Receiver, any_dialect, bytes, read, wanted};
use super::lives::{Lived, any_life, days_of, lived, lives};

/// Of whom, on which line, on which day.
type Place = (String, CareKind, i64);
/// Days with the plan and the level.
type Cover = BTreeMap<Place, (String, String)>;
/// The same, and whether it is under COBRA, which no loop of a coverage says.
type Whole = BTreeMap<Place, ((String, String), bool)>;

fn whole(known: Option<&Enrolled>, styles: Styles) -> Whole {
    let days = days_of(known);
    let cobra = |(name, kind, n): &Place| {
        let key = name.strip_prefix("PERSON").unwrap().to_string();
        days.get(&(key, *kind, *n)).is_some_and(|(.., cobra)| *cobra)
    };
    let stated = wanted(days.clone(), styles.dialect);
    stated.into_iter().map(|(place, what)| (place.clone(), (what, cobra(&place)))).collect()
}

/// A family before a night and after it, as its carrier has it.
struct Turned {
    styles: Styles,
    before: Whole,
    after: Whole,
    /// First days under which a stretch was taken back in the file.
    taken_back: BTreeSet<Place>,
}

impl Turned {
    fn differs(&self, place: &Place) -> bool {
        self.before.get(place) != self.after.get(place)
    }

    /// Whether the stretch on whose days this one lies is told anew: because its first day moves, or because what it is
    /// goes on as something else in the middle of days told as one.
    fn is_retold(&self, place: &Place) -> bool {
        let (name, kind, n) = place;
        let at = |n: i64| (name.clone(), *kind, n);
        let first = |filed: &Place| {
            let eve = at(filed.2 - 1);
            self.differs(filed) || self.differs(&eve)
        };
        let own = |filed: &&Place| filed.0 == *name && filed.1 == *kind && filed.2 <= *n;
        self.taken_back.iter().filter(own).any(first)
    }

    /// Whether all steps of a stretch are stated again behind the first that differs.
    fn is_restated(&self, place: &Place) -> bool {
        let Styles { plan_change, dialect } = self.styles;
        let in_place = plan_change == PlanChange::InPlace
            || dialect.switch == Switch::InPlace
            || dialect.cobra == CobraTold::GoesOn;
        let first = self.before.keys().chain(self.after.keys()).filter(|one| one.0 == place.0 && one.1 == place.1);
        let first = first.filter(|one| self.differs(one)).map(|one| one.2).min();
        in_place && first.is_some_and(|first| first < place.2)
    }

    /// Whether an end moves by bringing cover back without one first.
    fn is_brought_back_first(&self, place: &Place) -> bool {
        let dialect = self.styles.dialect;
        let way = dialect.shortened == Shortened::ReinstateFirst || dialect.extended == Extended::ReinstateThenEnd;
        way && !self.after.contains_key(place)
    }

    /// Whether a day may be touched though nothing of it differs, or twice.
    fn may_be_touched_again(&self, place: &Place) -> bool {
        self.is_retold(place) || self.is_restated(place) || self.is_brought_back_first(place)
    }
}

/// A day that a loop gave a cover, or took it away.
type Touch = (Place, (String, String), bool);

fn touches(before: &Cover, after: &Cover) -> Vec<Touch> {
    let lost = before.iter().filter(|(place, what)| after.get(*place) != Some(what));
    let won = after.iter().filter(|(place, what)| before.get(*place) != Some(what));
    let touch = |won: bool| move |(place, what): (&Place, &(String, String))| (place.clone(), what.clone(), won);
    lost.map(touch(false)).chain(won.map(touch(true))).collect()
}

/// Every loop of a file, one after the other: what each touches.
fn touched(receiver: &mut Receiver, file: &[(String, Loop)]) -> Vec<Touch> {
    let mut all = Vec::new();
    for (name, sent) in file {
        let before = receiver.days();
        receiver.work(name, sent);
        all.extend(touches(&before, &receiver.days()));
    }
    all
}

/// The loops of a file in their order, each with its member.
fn loops(text: &str) -> Vec<(String, Loop)> {
    let of = |said: super::dialects::Said| said.loops.into_iter().map(move |sent| (said.name.clone(), sent));
    read(text).into_iter().flat_map(of).collect()
}

fn taken_back(file: &[(String, Loop)]) -> BTreeSet<Place> {
    let is = |sent: &Loop| sent.code == "024" && sent.ends.is_some_and(|end| end <= sent.filed);
    file.iter().filter(|(_, sent)| is(sent)).map(|(name, sent)| (name.clone(), sent.kind(), sent.filed)).collect()
}

/// Whatever a carrier can be told of a family beside the days of its cover.
fn otherwise(known: &Enrolled) -> impl PartialEq + use<> {
    let of = |member: &bex::model::enrollment::Member| {
        let spans = member.coverages.iter().filter(|span| !span.is_cancelled());
        let spans: Vec<_> = spans.map(|span| (span.plan.clone(), span.begin, span.cobra, span.class.clone())).collect();
        (member.person.clone(), spans)
    };
    (known.subscriber_id.clone(), known.members.iter().map(of).collect::<Vec<_>>())
}

/// What a night tells of a family, and what its carrier knew before.
fn told_before(nights: &[Lived], n: usize) -> Option<&Enrolled> {
    nights[..n].iter().rev().find_map(|night| night.known.as_ref())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2 * lives().cases, ..lives() })]

    /// Property 8 of the design: no day is touched that was right already, and none twice, but where a stretch has to
    /// be told anew because its first day moves, or the carrier's own way restates what lies behind a change.
    #[test]
    fn an_act_touches_only_days_that_differ(
        born in 0..200i64, styles in any_dialect().prop_map(by_coverages), life in any_life(),
    ) {
        let mut receiver = Receiver::new(styles);
        let nights = lived(born, styles, &life);
        for (n, night) in nights.iter().enumerate() {
            let (Some(change), Some(known)) = (&night.decision.change, &night.known) else { continue };
            let text = bytes(styles.dialect, change);
            let file = loops(&text);
            let (before, after) = (whole(told_before(&nights, n), styles), whole(Some(known), styles));
            let turned = Turned { styles, before, after, taken_back: taken_back(&file) };
            let mut seen = BTreeSet::new();
            for touch in touched(&mut receiver, &file) {
                let place = &touch.0;
                let again = !seen.insert(touch.clone());
                let needless = again || !turned.differs(place);
                prop_assert!(!needless || turned.may_be_touched_again(place), "{touch:?} {again} by {text}");
            }
        }
    }

    /// Property 7: who is to have what was told has no act, and who has no act is to have what was told.
    #[test]
    fn equal_timelines_have_no_act(born in 0..200i64, styles in any_dialect(), life in any_life()) {
        let nights = lived(born, styles, &life);
        for (n, night) in nights.iter().enumerate() {
            let Some(known) = &night.known else { continue };
            let before = told_before(&nights, n);
            let same = days_of(before) == days_of(Some(known));
            let same = same && before.is_some_and(|before| otherwise(before) == otherwise(known));
            prop_assert!(!same, "{:?} says nothing new", night.decision.change);
        }
    }
}

/// A carrier that hears of every day by a loop of the coverage's own: what is left out, or said by the member alone, is
/// no act of a coverage.
fn by_coverages(styles: Styles) -> Styles {
    let mut styles = styles;
    styles.dialect.all_ended = Default::default();
    styles.dialect.dependents_ended = Default::default();
    styles
}
