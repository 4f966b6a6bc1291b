//! Limits beyond which a run is held before anything is numbered, written or sent.

use super::questions;
use crate::fault::{Fault, Rule};
use crate::mapping::Guards;
use crate::model::enrollment::{FamilyChange, Maintenance};

/// What a run is about to do, counted in members where nothing else is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Members the carrier knew as covered before.
    pub known: u64,
    /// Members to be added.
    pub adds: u64,
    /// Members to be changed.
    pub changes: u64,
    /// Members whose last coverage ends.
    pub terminations: u64,
    /// Members to be reinstated.
    pub reinstatements: u64,
    /// Of the changed, those whose identifying data is corrected.
    pub corrections: u64,
    /// Families held.
    pub holds: u64,
    /// Families without any difference.
    pub unchanged: u64,
    /// Families waiting for the acknowledgement of an earlier change.
    pub waiting: u64,
}

impl Tally {
    /// Counts what a change says.
    pub fn add(&mut self, change: &FamilyChange) {
        for member in &change.members {
            match member.maintenance {
                Maintenance::Add => self.adds += 1,
                Maintenance::Terminate => self.terminations += 1,
                Maintenance::Reinstate => self.reinstatements += 1,
                Maintenance::Change | Maintenance::Audit => self.changes += 1,
            }
            self.corrections += u64::from(member.prior.is_some() || change.prior_id.is_some());
        }
    }

    /// People of whom anything at all would be told.
    pub fn changed(&self) -> u64 {
        self.adds + self.changes + self.terminations + self.reinstatements
    }

    /// Which limits are exceeded, of the members and of so many families that the carrier knew as covered. None on a
    /// first load, when the carrier knows nobody yet: everybody is an addition then, and nobody can be terminated.
    pub fn exceeds(&self, guards: &Guards, families: u64) -> Vec<Fault> {
        // Percentages of nobody mean nothing: the first load is everybody.
        if self.known == 0 {
            return Vec::new();
        }
        let g = guards;
        // All are measured against whom the carrier knew before, never against tonight's file: a census cut in half
        // would shrink both sides of the fraction.
        let limits = [
            self.limit(&questions::TERMINATIONS, self.terminations, g.terminations_max, g.terminations_percent_max),
            self.limit(&questions::CHANGES, self.changes, g.changes_max, g.changes_percent_max),
            self.limit(&questions::ADDITIONS, self.adds, g.additions_max, g.additions_percent_max),
            self.limit(&questions::CORRECTIONS, self.corrections, NO_NUMBER, g.field_percent_max),
            // Families against families: a family is in question whole.
            Limit { known: families, ..self.limit(&questions::IN_QUESTION, self.holds, NO_NUMBER, g.held_percent_max) },
        ];
        let exceeded = limits.into_iter().filter(|limit| limit.found > u64::from(g.few_max) && limit.is_exceeded());
        exceeded.map(|limit| limit.fault(g.few_max)).collect()
    }

    /// What is counted of members beside the most of it that holds no run. Nothing on a first load.
    pub fn beside_limits(&self, guards: &Guards) -> Vec<BesideLimit> {
        let g = guards;
        let most = |count_max, percent_max| self.limit(&questions::CHANGES, 0, count_max, percent_max).most(g.few_max);
        let of = |what, found, most| BesideLimit { what, found, most };
        let all = [
            of("terminations", self.terminations, most(g.terminations_max, g.terminations_percent_max)),
            of("changes", self.changes, most(g.changes_max, g.changes_percent_max)),
            of("adds", self.adds, most(g.additions_max, g.additions_percent_max)),
        ];
        if self.known == 0 { Vec::new() } else { all.into() }
    }

    /// A limit on members.
    fn limit(&self, rule: &'static Rule, found: u64, count_max: u32, percent_max: u32) -> Limit {
        Limit { rule, found, known: self.known, count_max, percent_max }
    }
}

/// A count of a run beside its guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BesideLimit {
    /// What is counted, in a word.
    pub what: &'static str,
    /// How many members.
    pub found: u64,
    /// The most that holds no run.
    pub most: u64,
}

/// Of what only a percentage limits.
const NO_NUMBER: u32 = u32::MAX;

/// What was found of those who were known, and how much of it may be.
struct Limit {
    rule: &'static Rule,
    found: u64,
    known: u64,
    count_max: u32,
    percent_max: u32,
}

impl Limit {
    /// The most that holds no run.
    fn most(&self, few_max: u32) -> u64 {
        let share = self.known * u64::from(self.percent_max) / 100;
        share.min(self.count_max.into()).max(few_max.into())
    }

    fn fault(&self, few_max: u32) -> Fault {
        let fault = self.rule.fault().count("found", self.found).count("limit", self.most(few_max));
        fault.count("known", self.known)
    }

    fn is_exceeded(&self) -> bool {
        // Either is enough: twenty-five of thirty people is not an ordinary Monday, and neither is a hundred of forty
        // thousand.
        self.found > u64::from(self.count_max) || self.found * 100 > self.known * u64::from(self.percent_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_terminations_pass_and_a_mass_of_them_is_held() {
        let tally = |terminations, known| Tally { terminations, known, ..Tally::default() };
        let guards = Guards::default();
        // Few, whatever they are of.
        assert!(tally(3, 4).exceeds(&guards, 1000).is_empty());
        assert!(tally(50, 1000).exceeds(&guards, 1000).is_empty());
        // By the percentage in a small feed, by the number in a large one.
        for (found, known) in [(4, 30), (25, 30), (51, 1000), (101, 40_000)] {
            assert_eq!(tally(found, known).exceeds(&guards, 1000)[0].code, "GRD001", "{found} of {known}");
        }
        assert!(tally(4, 30).exceeds(&Guards { few_max: 4, ..guards }, 1000).is_empty());
        let said = |found, known| tally(found, known).exceeds(&Guards::default(), 1000)[0].to_string();
        assert!(said(51, 1000).contains("found 51, limit 50, known 1000") && said(4, 30).contains("limit 3"));
        assert!(said(101, 40_000).contains("limit 100"));
    }

    #[test]
    fn one_more_than_the_most_beside_a_count_is_held_and_the_most_is_not() {
        for known in [1, 30, 999, 1000, 40_000] {
            let shown = Tally { known, ..Tally::default() }.beside_limits(&Guards::default());
            let [ends, changes, adds] = [shown[0].most, shown[1].most, shown[2].most];
            let at_most = Tally { known, terminations: ends, changes, adds, ..Tally::default() };
            let more = Tally { terminations: ends + 1, changes: changes + 1, adds: adds + 1, ..at_most };
            let held = |tally: Tally| tally.exceeds(&Guards::default(), 1000).len();
            assert_eq!((held(at_most), held(more)), (0, 3), "{known}: {shown:?}");
        }
        assert!(Tally::default().beside_limits(&Guards::default()).is_empty(), "a first load is everybody");
    }

    #[test]
    fn families_in_question_are_compared_with_families() {
        // 17 of 60 families are many; 17 of their 180 members would pass.
        let tally = Tally { known: 180, holds: 17, ..Tally::default() };
        assert_eq!(tally.exceeds(&Guards::default(), 60)[0].code, "GRD005");
    }

    #[test]
    fn a_first_load_is_not_a_mass_addition() {
        assert!(Tally { adds: 100_000, ..Tally::default() }.exceeds(&Guards::default(), 0).is_empty());
    }
}
