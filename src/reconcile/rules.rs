//! What a feed and a carrier lay down about reconciliation.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::fault::{Fault, Place};
use crate::mapping::{CoverageEnds, PlanChange, SubscriberId};
use crate::model::election::Line;
use crate::model::field::FieldSet;

/// The last covered day after employment ended on this day.
pub(super) fn last_covered_day(rule: CoverageEnds, ended: NaiveDate) -> NaiveDate {
    match rule {
        CoverageEnds::EmploymentEnd => ended,
        CoverageEnds::MonthEnd => {
            let first = ended.with_day(1).unwrap_or(ended);
            first.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt()).unwrap_or(ended)
        }
    }
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
    /// When coverage ends after employment.
    pub coverage_ends: CoverageEnds,
    /// What REF*0F is.
    pub subscriber_id: SubscriberId,
    /// Style of changes within a plan.
    pub plan_change: PlanChange,
    /// How far back an add or change may take effect, in days.
    pub retro_days_back: u32,
    /// How far ahead an add or change is told, in days; later ones wait.
    pub retro_days_forward: u32,
    /// Whether the carrier knows nobody yet: then coverage may have begun long ago, and no window applies to adds.
    pub first_load: bool,
    /// How far back a termination may take effect without a person's consent, in days.
    pub retro_termination_days_max: u32,
}

impl Rules {
    /// The oldest day an add or change may take effect.
    pub fn oldest_begin(&self) -> NaiveDate {
        if self.first_load {
            return NaiveDate::MIN;
        }
        self.as_of.checked_sub_days(Days::new(self.retro_days_back.into())).unwrap_or(NaiveDate::MIN)
    }

    /// The latest day an add or change is told of already.
    pub fn latest_begin(&self) -> NaiveDate {
        self.as_of.checked_add_days(Days::new(self.retro_days_forward.into())).unwrap_or(NaiveDate::MAX)
    }

    /// The oldest day a coverage may end on without a person's consent.
    pub fn oldest_end(&self) -> NaiveDate {
        self.as_of.checked_sub_days(Days::new(self.retro_termination_days_max.into())).unwrap_or(NaiveDate::MIN)
    }
}

/// The day before.
pub(super) fn day_before(day: NaiveDate) -> NaiveDate {
    day.pred_opt().unwrap_or(day)
}

/// A question: its code, the rule that does not hold, and what to do.
pub(super) struct Question(&'static str, &'static str, &'static str);

pub(super) const GONE_FROM_CENSUS: Question = Question(
    "REC001",
    "a family the carrier knows is missing from the census, and no reason is given",
    "ask the employer: a termination needs a date in the census; the carrier's knowledge stays as it is",
);
pub(super) const NO_CENSUS_ROW: Question = Question(
    "REC002",
    "an election has no census row",
    "ask the employer to load the employee, or correct the employee number in the elections",
);
pub(super) const GONE_FROM_ELECTIONS: Question = Question(
    "REC003",
    "an employed family the carrier knows is missing from the elections",
    "ask where the elections went; to end coverage, the elections need a waiver with a date",
);
pub(super) const UNREADABLE_ROW: Question = Question(
    "REC004",
    "a row of this family could not be read, so nothing is concluded about the family",
    "correct the faulty rows at their source and take the file in again",
);
pub(super) const TIER: Question = Question(
    "REC005",
    "the stated tier is not the one the covered dependents make",
    "correct the tier or the covered dependents in the elections",
);
pub(super) const UNKNOWN_DEPENDENT: Question = Question(
    "REC006",
    "an election covers a dependent the census does not know",
    "correct the dependent in the census or in the elections",
);
pub(super) const BEGINS_TOO_FAR_BACK: Question = Question(
    "REC007",
    "a coverage would begin or change further back than this carrier accepts",
    "arrange it with the carrier by hand, or correct the date at its source",
);
pub(super) const ENDS_TOO_FAR_BACK: Question = Question(
    "REC008",
    "a coverage would end further back than may happen without a person's consent",
    "confirm that no premium was taken after the end, and correct the date or arrange it with the carrier",
);
pub(super) const NO_DATE: Question = Question(
    "REC009",
    "a told coverage is no longer elected, and nothing says since when",
    "the elections need the change's date: a waiver, a new start, or an end",
);
pub(super) const COBRA: Question = Question(
    "REC010",
    "a family is covered under COBRA, and its qualifying event is not among what the census tells",
    "arrange the coverage with the carrier by hand; the carrier's knowledge stays as it is",
);

/// A question for a person; the caller adds whose.
pub(super) fn hold(Question(code, rule, next): Question) -> Fault {
    Fault::error(code, Place::Nowhere, rule, next)
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
