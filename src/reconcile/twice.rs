//! Nobody is covered in two families at once on one line of care, unless the plan allows it.

use chrono::NaiveDate;

use super::eligible::{Limited, last_day};
use super::given::Beside;
use super::questions;
use super::replies::unless_replied;
use super::rules::last_covered_day;
use super::sides::{Cover, LineSides, Sides};
use super::survivors::is_left_open;
use super::timeline::Timeline;
use crate::fault::Fault;
use crate::mapping::CoveredTwice;
use crate::model::election::{CareKind, Tier};
use crate::model::enrollment::Coverage;
use crate::model::person::{EmploymentStatus, Family, Person};
use crate::model::phi::Phi;

/// Holds that nobody begins to be covered on days on which another family covers the same person on this line. What was
/// told of both stands, and is asked about.
///
/// # Errors
/// REC018.
pub(super) fn once(sides: &Sides, line: &LineSides, cover: &Cover, limited: &mut Limited) -> Result<(), Fault> {
    let of_line = sides.rules.lines.get(&line.kind).and_then(|rules| rules.twice);
    if of_line.unwrap_or(sides.rules.covered_twice) == CoveredTwice::Allowed {
        return Ok(());
    }
    let nothing = Timeline::default();
    for (key, timeline) in cover {
        let told = line.told.get(key).unwrap_or(&nothing);
        let elsewhere = sides.person(key).map(|person| covered_beside(sides, line, person)).unwrap_or_default();
        let pairs = || timeline.spans().iter().flat_map(|span| elsewhere.iter().map(move |other| (span, other)));
        let asked = |(span, other): (&Coverage, &CoveredBeside)| {
            let question = questions::COVERED_TWICE.fault().name("plan", &span.plan).name("other family", other.family);
            unless_replied(sides.given.replies, question, &span.plan)
        };
        if let Some(pair) = pairs().find(|(span, other)| shares_a_new_day(told, span, &other.span)) {
            asked(pair)?;
        }
        let goes_on = |span: &Coverage| span.end.is_none_or(|end| end >= sides.rules.as_of);
        let both = |(span, other): &(&Coverage, &CoveredBeside)| {
            other.was_told && span.shares_a_day_with(&other.span) && goes_on(span) && goes_on(&other.span)
        };
        limited.asked.extend(pairs().find(both).and_then(|pair| asked(pair).err()));
    }
    Ok(())
}

/// Cover of somebody within another family.
struct CoveredBeside<'b> {
    span: Coverage,
    /// That family, as lists name it.
    family: &'b str,
    /// Whether the carrier has been told of it.
    was_told: bool,
}

/// What other families' members who are this person will have on the line.
fn covered_beside<'s>(sides: &Sides<'s>, line: &LineSides, person: &Person) -> Vec<CoveredBeside<'s>> {
    let mut found = Vec::new();
    for beside in sides.given.beside {
        let Some(key) = same_person(beside.family, person) else { continue };
        let member = beside.known.as_ref().and_then(|known| known.member(key));
        let there = member.map(|member| Timeline::of_line(member, line.kind)).unwrap_or_default();
        // A survivor's family takes the place of the one before: that one ends on its eve.
        let there = ends_on_eve(sides, line.kind, beside).map_or(there.clone(), |last| there.until(last));
        let spans = there.into_spans();
        let told = beside.told.and_then(|told| told.member(key)).map(|member| Timeline::of_line(member, line.kind));
        found.extend(spans.into_iter().map(|span| CoveredBeside {
            was_told: told.as_ref().is_some_and(|told| told.on(span.begin).is_some()),
            span,
            family: &beside.name,
        }));
        found.extend(elected_elsewhere(sides, beside, line.kind, key));
    }
    found
}

/// The last day that employment gives the family before, of an employee who has died, beyond which it goes on until the
/// eve of this survivor's alone.
fn ends_on_eve(sides: &Sides, kind: CareKind, beside: &Beside) -> Option<NaiveDate> {
    let before = sides.family.employment.survivor_of.as_ref();
    let of = &beside.family.employment;
    let is_it = Some(&beside.family.subscriber.key) == before && is_left_open(sides.rules, kind, of);
    let ended = of.ended.as_ref().filter(|_| is_it)?;
    Some(last_covered_day(sides.rules.coverage_ends_on(kind), *ended.reveal()))
}

/// What is chosen for them of other carriers' plans, whose ledgers are their own.
fn elected_elsewhere<'s>(
    sides: &Sides<'s>,
    beside: &'s Beside,
    kind: CareKind,
    key: &Phi<String>,
) -> Vec<CoveredBeside<'s>> {
    let line = |plan: &str| sides.rules.elsewhere.get(plan).copied().filter(|line| line.kind() == kind);
    let employment = &beside.family.employment;
    let ended = employment.ended.as_ref().filter(|_| employment.status == EmploymentStatus::Terminated);
    let ended = ended.map(|day| last_covered_day(sides.rules.coverage_ends_on(kind), *day.reveal()));
    let chosen = beside.elections.iter().filter(|one| !one.waived).filter_map(|one| Some((one, line(&one.plan)?)));
    let spans = chosen.filter_map(|(one, line)| {
        let covered = one.dependents.iter().find(|covered| covered.person == *key);
        let is_own = beside.family.subscriber.key == *key;
        let (start, end) = covered.map_or((None, None), |covered| (covered.start, covered.end));
        let begin = start.unwrap_or(one.start).max(one.start);
        let last = last_day(sides.rules, beside.elections, one);
        let end = [end, last, ended].into_iter().flatten().min();
        let holds = (is_own || covered.is_some()) && end.is_none_or(|end| end > begin);
        holds.then(|| Coverage {
            plan: one.plan.clone(),
            line,
            tier: Tier::Employee,
            begin,
            end,
            pcp: None,
            cost: None,
            event: None,
            cobra: None,
            filed: None,
            class: String::new(),
            refs: Vec::new(),
        })
    });
    spans.map(|span| CoveredBeside { span, family: &beside.name, was_told: false }).collect()
}

fn same_person<'f>(family: &'f Family, person: &Person) -> Option<&'f Phi<String>> {
    let everybody = std::iter::once(&family.subscriber).chain(&family.dependents);
    everybody.into_iter().find(|other| person.is_same_as(other)).map(|other| &other.key)
}

/// Whether two spans share a day that this family has not been told of before.
fn shares_a_new_day(told: &Timeline, span: &Coverage, other: &Coverage) -> bool {
    // What was told of both long ago stands: the carrier has taken it, and ending either would be a guess.
    let first = span.begin.max(other.begin);
    span.shares_a_day_with(other) && told.on(first).is_none()
}
