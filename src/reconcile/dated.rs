//! Days that the elections do not state, made of an event's day as plan documents have it.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::rules::{Rules, day_after};
use crate::mapping::{BeginsOn, EndsOn, EnrollmentWindow, LineRules};
use crate::model::election::{CareKind, Covered, Election, LifeEvent};

/// Elections, each with a first day.
pub(super) fn dated<'e>(rules: &Rules, elections: &'e [Election]) -> Cow<'e, [Election]> {
    let is_undated = |one: &Election| one.undated || one.dependents.iter().any(|covered| covered.undated);
    if !elections.iter().any(is_undated) {
        return Cow::Borrowed(elections);
    }
    Cow::Owned(elections.iter().map(|one| EventOf { rules, election: one }.dated()).collect())
}

/// An election, and by which rules its days follow from events.
struct EventOf<'o> {
    rules: &'o Rules,
    election: &'o Election,
}

impl EventOf<'_> {
    fn dated(&self) -> Election {
        let Election { event, start, undated, waived, .. } = *self.election;
        let first = match (undated, waived) {
            (false, _) => start,
            (true, true) => day_after(self.last_day(event, start)),
            (true, false) => self.first_day(event, start),
        };
        let dependents = self.election.dependents.iter().map(|covered| self.went(covered)).collect();
        Election { start: first, undated: false, dependents, ..self.election.clone() }
    }

    /// Somebody whose row says that cover is over, and by which event.
    fn went(&self, covered: &Covered) -> Covered {
        let Some(day) = covered.start.filter(|_| covered.undated) else { return covered.clone() };
        let last = self.last_day(covered.event.or(self.election.event), day);
        Covered { start: Some(day_after(last)), end: Some(last), undated: false, ..covered.clone() }
    }

    fn line(&self) -> Option<&LineRules> {
        self.rules.line(&self.election.plan).and_then(|line| self.rules.lines.get(&line.kind()))
    }

    fn first_day(&self, event: Option<LifeEvent>, day: NaiveDate) -> NaiveDate {
        let word = event.and_then(|event| self.line()?.begins.of(event));
        match word {
            Some(word) => word.first_day(day),
            None if event == Some(LifeEvent::OpenEnrollment) => of_season(self.rules, day),
            None => BeginsOn::Event.first_day(day),
        }
    }

    fn last_day(&self, event: Option<LifeEvent>, day: NaiveDate) -> NaiveDate {
        let word = event.and_then(|event| self.line()?.ends.of(event));
        word.unwrap_or(EndsOn::Event).last_day(day, self.rules.plan_year)
    }
}

/// The first day of what is chosen on a day when everybody may choose anew.
fn of_season(rules: &Rules, day: NaiveDate) -> NaiveDate {
    let open = |window: &&EnrollmentWindow| window.from <= day && day <= window.closes();
    let window = rules.windows.iter().find(open).map(|window| window.effective);
    window.unwrap_or_else(|| rules.plan_year.next_after(day))
}

/// The first day that plan documents give whoever comes by an event.
pub(super) fn comes_on(rules: &Rules, kind: CareKind, event: LifeEvent, day: NaiveDate) -> Option<NaiveDate> {
    // With an employee, and where everybody chooses, all of a family come on the day of the choice.
    let whole = matches!(event, LifeEvent::OpenEnrollment | LifeEvent::NewHire | LifeEvent::Rehire);
    let word = rules.lines.get(&kind)?.begins.of(event).filter(|_| !whole)?;
    Some(word.first_day(day))
}

/// The last day that they leave whoever goes by one.
pub(super) fn goes_on(rules: &Rules, kind: CareKind, event: LifeEvent, day: NaiveDate) -> Option<NaiveDate> {
    let word = rules.lines.get(&kind)?.ends.of(event)?;
    Some(word.last_day(day, rules.plan_year))
}
