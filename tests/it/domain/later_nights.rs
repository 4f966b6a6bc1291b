//! A family whose inputs do not change is not looked at again before a day that its decision names. Until then nothing
//! may become due, and nothing may be asked: nobody would hear of it.

use std::collections::BTreeSet;

use bex::mapping::{PlanChange, Styles};
use bex::model::election::Election;
use bex::model::person::Employment;
use bex::model::phi::Phi;
use bex::reconcile::{Decision, Given, Rules, decide};
use proptest::prelude::*;

use super::decision_table;
use super::lives::{Lived, Night, any_life, day, lived, lives, number, rules};

/// Days behind a night on which its family is looked at once more, where no day is named.
const LATER: i64 = 300;

/// A night with its elections, looked at again.
struct LookedAt<'n> {
    night: &'n Lived,
    elections: &'n [Election],
    style: Styles,
}

impl LookedAt<'_> {
    /// What the same inputs lead to on another day; none where nothing was told, or a question shows every night as it
    /// is.
    fn on(&self, later: i64) -> Option<Decision> {
        let known = self.night.known.as_ref().filter(|_| self.night.decision.holds.is_empty())?;
        let rules = Rules { first_load: false, ..rules(later, self.style) };
        let (census, elections) = (Some(&self.night.family), Some(self.elections));
        Some(decide(&rules, Given { census, elections, told: Some(known), ..Given::default() }))
    }

    /// What is said on another day although nothing is to be said, in words.
    fn said_on(&self, later: i64) -> Option<String> {
        let said = self.on(later)?;
        let asked: BTreeSet<&str> = said.holds.iter().map(|hold| hold.code).collect();
        let nothing = said.change.is_none() && asked.is_empty();
        let named = self.night.decision.review_on;
        (!nothing).then(|| format!("on {}, named {named:?}: asks {asked:?}, tells {:?}", day(later), said.change))
    }

    /// The days before the one on which the family is looked at again.
    fn is_before(&self, later: i64) -> bool {
        let named = self.night.decision.review_on.map_or(self.night.as_of + LATER, number);
        self.night.as_of < later && later < named
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4 * lives().cases, ..lives() })]

    /// Property 13 of the design.
    #[test]
    fn nothing_changes_before_the_day_on_which_a_family_is_looked_at_again(
        born in 0..200i64,
        plan_change in prop_oneof![Just(PlanChange::Change), Just(PlanChange::TermAdd)],
        life in any_life(),
        some in proptest::collection::vec(1..LATER, 4),
    ) {
        let style = Styles::usual(plan_change);
        for (night, said) in lived(born, style, &life).iter().zip(&life) {
            let looked_at = LookedAt { night, elections: &said.elections, style };
            let named = night.decision.review_on.map_or(LATER, |review| number(review) - night.as_of);
            let days = some.iter().copied().chain([1, named - 1]).map(|after| night.as_of + after);
            let found = days.filter(|later| looked_at.is_before(*later)).find_map(|later| looked_at.said_on(later));
            prop_assert_eq!(found, None);
        }
    }
}

#[test]
fn what_was_told_is_not_asked_about_when_a_family_is_looked_at_for_another_reason() {
    let from =
        |plan, people: &[&str], start: &str| Election { tier: None, ..decision_table::election(plan, people, start) };
    let waiver = Election::waiver("PPO", day(0));
    let hired = Employment { hired: Some(Phi::new(day(60))), ..Employment::default() };
    let lives = [
        (
            "two elections of one plan follow each other",
            vec![vec![from("PPO", &["01"], "2026-01-01"), from("PPO", &["01"], "2026-01-02")]],
            Employment::default(),
        ),
        (
            "a plan that was given up is chosen again",
            vec![vec![waiver, from("PPO", &["01"], "2026-01-02")]],
            Employment::default(),
        ),
        (
            "who has switched plans is not away before a day of hire to come",
            vec![vec![from("PPO", &[], "2026-01-01")], vec![from("HMO", &[], "2026-01-03")]],
            hired,
        ),
    ];
    let style = Styles::usual(PlanChange::Change);
    for (what, nights, employment) in lives {
        let night = |elections: Vec<Election>| Night { after: 0, elections, employment: Employment::default() };
        let mut nights: Vec<Night> = nights.into_iter().map(night).collect();
        nights.last_mut().unwrap().employment = employment;
        for (night, said) in lived(91, style, &nights).iter().zip(&nights) {
            let looked_at = LookedAt { night, elections: &said.elections, style };
            assert!(looked_at.on(1).is_some(), "{what}: {:?}", night.decision.holds);
            assert_eq!(looked_at.said_on(1), None, "{what}");
        }
    }
}
