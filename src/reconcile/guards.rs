//! Limits beyond which a run is held before anything is numbered, written or sent.

use crate::model::enrollment::{FamilyChange, Maintenance};
use crate::model::fault::Fault;
use crate::model::place::Place;

/// How much may change in one run before a person has to release it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Terminated members, in percent of those the carrier knows as covered.
    pub terminations_percent_max: u32,
    /// Terminated members that are accepted whatever the percentage.
    pub terminations_max: u32,
    /// Changed members, in percent of those the carrier knows as covered.
    pub changes_percent_max: u32,
    /// Changed members that are accepted whatever the percentage.
    pub changes_max: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { terminations_percent_max: 5, terminations_max: 25, changes_percent_max: 30, changes_max: 50 }
    }
}

/// What a run is about to do, counted in members.
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
        }
    }

    /// Members with any change.
    pub fn changed(&self) -> u64 {
        self.adds + self.changes + self.terminations + self.reinstatements
    }

    /// Which limits are exceeded. None on a first load, when the carrier knows nobody yet.
    pub fn exceeds(&self, limits: &Limits) -> Vec<Fault> {
        let terminations =
            beyond(self.terminations, limits.terminations_max, limits.terminations_percent_max, self.known);
        let changes = beyond(self.changes, limits.changes_max, limits.changes_percent_max, self.known);
        let fault = |code, rule, found| {
            Fault::error(code, Place::Nowhere, rule, "compare with the employer, then release the run with a reason")
                .count("found", found)
                .count("known", self.known)
        };
        let terminations = terminations
            .then(|| fault("GRD001", "more members would be terminated than one run may", self.terminations));
        let changes = changes.then(|| fault("GRD002", "more members would change than one run may", self.changes));
        terminations.into_iter().chain(changes).collect()
    }
}

fn beyond(found: u64, count_max: u32, percent_max: u32, known: u64) -> bool {
    found > u64::from(count_max) && found * 100 > known * u64::from(percent_max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_terminations_pass_and_a_mass_of_them_is_held() {
        let tally = |terminations, known| Tally { terminations, known, ..Tally::default() };
        let limits = Limits::default();
        assert!(tally(25, 30).exceeds(&limits).is_empty());
        assert!(tally(26, 1000).exceeds(&limits).is_empty());
        assert_eq!(tally(51, 1000).exceeds(&limits)[0].code, "GRD001");
    }
}
