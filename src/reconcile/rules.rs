//! What a feed and a carrier lay down about reconciliation.

use std::collections::BTreeMap;

use chrono::{Datelike, Months, NaiveDate};

use crate::mapping::{
    CarrierAccount, CobraFeed, CoverageEnds, CoveredTwice, DeclaredReference, Distance, EnrollmentWindow, FileDialect,
    FileWindows, HandMade, LaterStarts, LineRules, PlanChange, PlanTerm, PlanYear, Styles, SubscriberId,
};
use crate::model::election::{CareKind, Election, Line};
use crate::model::field::FieldSet;

/// The last covered day after employment ended on this day.
pub(super) fn last_covered_day(rule: CoverageEnds, ended: NaiveDate) -> NaiveDate {
    match rule {
        CoverageEnds::EmploymentEnd => ended,
        CoverageEnds::MonthEnd => month_end(ended),
    }
}

/// The last day of a month.
pub(super) fn month_end(day: NaiveDate) -> NaiveDate {
    let first = day.with_day(1).unwrap_or(day);
    first.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt()).unwrap_or(day)
}

/// The rules of one feed on one date.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The business date everything is judged on.
    pub as_of: NaiveDate,
    /// What the carrier may see; nothing else is kept of a member, or compared.
    pub visible: FieldSet,
    /// The carrier's plans by the elections' plan code.
    pub plans: BTreeMap<String, Line>,
    /// Plans of other carriers that the same elections may choose: what replaces a plan of this carrier's.
    pub elsewhere: BTreeMap<String, Line>,
    /// When coverage ends after employment, where a line has no rule of its own.
    pub coverage_ends: CoverageEnds,
    /// What the employer's plan documents say of lines of care.
    pub lines: BTreeMap<CareKind, LineRules>,
    /// Plans that close.
    pub terms: BTreeMap<String, PlanTerm>,
    /// When everybody may choose anew.
    pub windows: Vec<EnrollmentWindow>,
    /// When a year of the plans begins.
    pub plan_year: PlanYear,
    /// How the carrier keeps employees apart.
    pub accounts: Vec<CarrierAccount>,
    /// Whether somebody may be covered in two families at once.
    pub covered_twice: CoveredTwice,
    /// What a first day is worth that moves to a later one while nothing else differs.
    pub later_starts: LaterStarts,
    /// What REF*0F is.
    pub subscriber_id: SubscriberId,
    /// Style of changes within a plan.
    pub plan_change: PlanChange,
    /// How everything else is told that can be told in more than one way.
    pub dialect: FileDialect,
    /// How far back and ahead the carrier takes anything by file; what is further ahead waits.
    pub reach: FileWindows,
    /// Whether the carrier knows nobody yet: then coverage may have begun long ago, and no window applies to adds.
    pub first_load: bool,
    /// The business date of the first file, where there was one: what was over before it is history.
    pub loaded_on: Option<NaiveDate>,
    /// Until when nothing of what holds until then is told by file, on a date on which the carrier takes none of it.
    pub frozen_until: Option<NaiveDate>,
    /// Changes that this carrier takes by hand alone.
    pub by_hand: Vec<HandMade>,
    /// What it asks to know members and coverages by.
    pub refs: Vec<DeclaredReference>,
}

impl Rules {
    /// The line a plan of the elections stands on, whoever sells it.
    pub fn line(&self, plan: &str) -> Option<Line> {
        self.plans.get(plan).or_else(|| self.elsewhere.get(plan)).copied()
    }

    /// How loops are worded.
    pub fn styles(&self) -> Styles {
        Styles { plan_change: self.plan_change, dialect: self.dialect }
    }

    /// When coverage on a line ends after employment.
    pub(super) fn coverage_ends_on(&self, kind: CareKind) -> CoverageEnds {
        self.lines.get(&kind).and_then(|line| line.employment).unwrap_or(self.coverage_ends)
    }

    /// Whether another feed tells of whoever goes on under COBRA on a line.
    pub(super) fn cobra_is_told_elsewhere(&self, kind: CareKind) -> bool {
        let limit = self.lines.get(&kind).and_then(|line| line.cobra.as_ref());
        limit.is_some_and(|limit| limit.feed == CobraFeed::Another)
    }

    /// The day on which the window reaches another, from which on that one may be told. A family whose inputs do not
    /// change is not looked at again: without this day it would never be told.
    pub(super) fn comes_near(&self, day: NaiveDate) -> NaiveDate {
        self.reach.ahead.first_reaching(day)
    }

    /// Whether an election is what follows a plan that closes: its day is the plan documents', and nobody's choice.
    pub(super) fn is_rolled(&self, election: &Election) -> bool {
        let leads_to = |term: &PlanTerm| term.rolls_to.as_ref() == Some(&election.plan);
        self.terms.values().any(|term| leads_to(term) && day_after(term.until) == election.start)
    }

    /// The latest day an add or change is told of already.
    pub fn latest_begin(&self) -> NaiveDate {
        self.reach.ahead.after(self.as_of)
    }

    /// The oldest day a coverage may end on without a person's consent.
    pub fn oldest_end(&self) -> NaiveDate {
        self.reach.end_back.before(self.as_of)
    }

    /// The oldest day on which cover may begin, change or go on. None of it has one while the carrier knows nobody:
    /// then coverage may have begun long ago.
    pub(super) fn oldest(&self, what: Distance) -> NaiveDate {
        if self.first_load { NaiveDate::MIN } else { what.before(self.as_of) }
    }
}

/// The day before.
pub(super) fn day_before(day: NaiveDate) -> NaiveDate {
    day.pred_opt().unwrap_or(day)
}

/// The day after.
pub(super) fn day_after(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_ends_with_the_month_or_with_employment() {
        let day = |m, d| NaiveDate::from_ymd_opt(2028, m, d).unwrap();
        assert_eq!(last_covered_day(CoverageEnds::MonthEnd, day(2, 3)), day(2, 29));
        assert_eq!(last_covered_day(CoverageEnds::MonthEnd, day(12, 31)), day(12, 31));
        assert_eq!(last_covered_day(CoverageEnds::EmploymentEnd, day(2, 3)), day(2, 3));
    }
}
