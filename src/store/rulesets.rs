//! Rule sets, kept by their digest, so that it can be told later by which rules a run decided.

use super::change::Change;
use super::database::Store;
use super::statement::Statement;
use crate::fault::Fault;

/// The settings a run decided by, with their digest.
#[derive(Clone, Copy, Debug)]
pub struct UsedRules<'r> {
    /// Keyed digest of `body`; what every decision is remembered with.
    pub digest: [u8; 16],
    /// The serialised form. Settings only: nothing in it is personal.
    pub body: &'r str,
}

impl Change<'_> {
    /// Records by which rules a run decided; a run that is decided again may have others.
    ///
    /// # Errors
    /// STO001.
    pub fn record_rules(&mut self, run: i64, rules: &UsedRules) -> Result<(), Fault> {
        let at = self.at();
        let keep = Statement::new(
            "INSERT INTO ruleset (digest, body, first_used_at) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING",
        );
        self.run(keep.with(&rules.digest).with(rules.body).with(at))?;
        let used = Statement::new(
            "INSERT INTO run_rules (run, ruleset) VALUES ($1, $2)
             ON CONFLICT (run) DO UPDATE SET ruleset = excluded.ruleset",
        );
        self.run(used.with(run).with(&rules.digest))
    }
}

impl Store {
    /// The rules a run decided by, in their serialised form; nothing of runs that decided nothing, or did so before
    /// rules were kept.
    ///
    /// # Errors
    /// STO001.
    pub fn rules_of(&self, run: i64) -> Result<Option<String>, Fault> {
        let body = Statement::new(
            "SELECT ruleset.body FROM run_rules JOIN ruleset ON ruleset.digest = run_rules.ruleset
             WHERE run_rules.run = $1",
        );
        self.first(body.with(run))
    }
}
