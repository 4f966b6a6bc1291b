//! Under what a carrier keeps a cover, in words: group, references and plan code.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::context::FeedContext;
use crate::mapping::{CarrierAccount, PlanYear};
use crate::model::enrollment::Coverage;
use crate::model::field::Field;

/// What says it of every cover of a feed.
#[derive(Clone, Debug, Default)]
pub struct AccountWords {
    accounts: Vec<CarrierAccount>,
    plan_year: PlanYear,
    as_of: NaiveDate,
    group: Option<String>,
    codes: BTreeMap<String, String>,
    /// References say of an employee no less than the employment status does.
    tells_references: bool,
}

impl AccountWords {
    /// Those of a feed on its date.
    pub(super) fn of(context: &FeedContext) -> AccountWords {
        let plans = context.compiled.policy.plans().iter();
        AccountWords {
            accounts: context.rules.accounts.clone(),
            plan_year: context.rules.plan_year,
            as_of: context.rules.as_of,
            group: context.feed.group_number.clone(),
            codes: plans.map(|(plan, wire)| (plan.clone(), wire.code.clone())).collect(),
            tells_references: context.compiled.policy.fields().has(Field::EmploymentStatus),
        }
    }

    /// The account that a cover is in, where the carrier keeps employees apart: `group G1, REF DX 010, code PPO-500`.
    pub fn account(&self, cover: &Coverage) -> Option<String> {
        let account = self.found(cover)?;
        let group = account.group.as_ref().map(|group| format!("group {group}"));
        let references = account
            .refs
            .iter()
            .filter(|_| self.tells_references)
            .map(|(qualifier, reference)| format!("REF {qualifier} {reference}"));
        let code = account.codes.get(&cover.plan).map(|code| format!("code {code}"));
        let words: Vec<String> = group.into_iter().chain(references).chain(code).collect();
        (!words.is_empty()).then(|| words.join(", "))
    }

    /// The group number under which the carrier has it.
    pub fn group(&self, cover: &Coverage) -> Option<&str> {
        self.found(cover).and_then(|account| account.group.as_deref()).or(self.group.as_deref())
    }

    /// What the carrier calls its plan.
    pub fn code(&self, cover: &Coverage) -> Option<&str> {
        let own = self.found(cover).and_then(|account| account.codes.get(&cover.plan));
        own.or_else(|| self.codes.get(&cover.plan)).map(String::as_str)
    }

    fn found(&self, cover: &Coverage) -> Option<&CarrierAccount> {
        let day = cover.spoken_of_on(self.as_of);
        self.accounts.iter().find(|account| account.is_of(&cover.class, day, self.plan_year))
    }
}
