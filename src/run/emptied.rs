//! Whether a run would leave nobody in a plan: a column that has moved, a code that is spelled otherwise or a file of
//! which a part is missing ends everybody's cover in one plan, and may be few people of all.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::context::FeedContext;
use crate::fault::Fault;
use crate::model::enrollment::{Enrolled, Member};
use crate::model::ids::Pseudonym;
use crate::model::told::ToldFamily;
use crate::reconcile::questions::PLAN_EMPTIED;

/// A plan that fewer members leave may be emptied by an ordinary night.
const LEAVE_MIN: u64 = 5;

/// Who leaves which plan, and which plans somebody has after tonight.
#[derive(Default)]
pub(super) struct PlanLeavers {
    left: BTreeMap<String, u64>,
    kept: BTreeSet<String>,
    /// Families of whom the carrier will know something else than it was told.
    changed: BTreeSet<Pseudonym>,
}

/// The plans of a member, each with its last day.
type LastDays = BTreeMap<String, NaiveDate>;

impl PlanLeavers {
    /// Notes what the carrier was told of a family, and what it will know.
    pub fn note(&mut self, key: Pseudonym, told: Option<&Enrolled>, known: &Enrolled, as_of: NaiveDate) {
        // Of whom nothing was told, the ledger has no row to be passed over.
        self.changed.extend(told.map(|_| key));
        for member in told.iter().flat_map(|told| &told.members) {
            let now = known.member(&member.person.key).map(|member| last_days(member, as_of)).unwrap_or_default();
            for (plan, last) in last_days(member, as_of) {
                let goes_on = now.get(&plan).is_some_and(|now| *now >= last);
                *self.left.entry(plan).or_default() += u64::from(!goes_on);
            }
        }
        for member in &known.members {
            let before = told.and_then(|told| told.member(&member.person.key));
            let before = before.map(|member| last_days(member, as_of)).unwrap_or_default();
            let goes_on = |plan: &String, last: NaiveDate| before.get(plan).is_none_or(|before| last >= *before);
            let kept = last_days(member, as_of).into_iter().filter(|(plan, last)| goes_on(plan, *last));
            self.kept.extend(kept.map(|(plan, _)| plan));
        }
    }

    /// The plans in which nobody would be left, each as a fault. One that closes by the employer's own rules is none.
    ///
    /// # Errors
    /// The store's and the vault's.
    pub fn emptied(self, context: &FeedContext) -> Result<Vec<Fault>, Fault> {
        let few = LEAVE_MIN.max(u64::from(context.feed.guards.few_max) + 1);
        let closes = |plan: &String| context.rules.terms.contains_key(plan);
        let PlanLeavers { left, kept, changed } = self;
        let mut suspects: BTreeMap<String, u64> = left.into_iter().filter(|(_, count)| *count >= few).collect();
        suspects.retain(|plan, _| !kept.contains(plan) && !closes(plan));
        let mut after = Vec::new();
        // Most plans have somebody on the first page: nobody else is opened then.
        while !suspects.is_empty() {
            let page = context.engine.store.knowledge_with(context.name(), NO_DELIVERY, &after)?;
            let Some(last) = page.last() else { break };
            after = last.key.0.to_vec();
            for row in page.iter().filter(|row| !changed.contains(&row.key)) {
                let ToldFamily { known, .. } = context.open(row.key, row.from, &row.known)?;
                for member in &known.members {
                    let plans = last_days(member, context.rules.as_of);
                    suspects.retain(|plan, _| !plans.contains_key(plan));
                }
            }
        }
        Ok(suspects
            .into_iter()
            .map(|(plan, count)| PLAN_EMPTIED.fault().name("plan", &plan).count("found", count))
            .collect())
    }
}

/// What is told counts, and nothing that is staged.
const NO_DELIVERY: i64 = 0;

/// The plans that a member has today or later.
fn last_days(member: &Member, as_of: NaiveDate) -> LastDays {
    let lasting = member.coverages.iter().filter(|coverage| coverage.end.is_none_or(|end| end > as_of));
    // A span that ends on the day it begins was taken back.
    let lasting = lasting.filter(|coverage| coverage.end != Some(coverage.begin));
    let mut days = LastDays::new();
    for coverage in lasting {
        let last = days.entry(coverage.plan.clone()).or_insert(NaiveDate::MIN);
        *last = coverage.end.unwrap_or(NaiveDate::MAX).max(*last);
    }
    days
}
