//! Sets of sealed rows named by a change, and as they stand.

use std::collections::BTreeMap;

use super::change::Change;
use super::database::Store;
use super::families::FamilyRow;
use super::ledger::Staged;
use super::sets::{
    BEGUN, BEGUN_BY, ENDED, ENDED_BY, EndedFamily, FAMILY, FAMILY_KEY, FOUND, OpenSets, PageRow, STAGED, SetFamily,
    SetVersion, VERSION, VERSION_KEY, families, page_behind, versions,
};
use super::statement::Statement;
use crate::audit::{LedgerImprint, LedgerMove, RowsImprint, SetDigest};
use crate::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::state::LedgerState;

impl Change<'_> {
    /// Has a set named by this change though nothing is written to it: it is taken as it stands.
    ///
    /// # Errors
    /// STO001.
    pub fn name_set(&mut self, set: &str, of: i64) -> Result<(), Fault> {
        let (named, select, condition) = match set {
            BEGUN => (BEGUN, FAMILY, BEGUN_BY),
            ENDED => (ENDED, FAMILY, ENDED_BY),
            _ => (FOUND, VERSION, "WHERE from_delivery = $1"),
        };
        let rows = Statement::new(format!("{select} {condition}")).with(of);
        let mut digest = SetDigest::default();
        if select == VERSION {
            let rows: Vec<SetVersion> = self.all(rows)?;
            rows.iter().for_each(|row| row.staged(&mut digest));
            let state = rows.first().map(|row| (of, row.state));
            self.left.ledger.extend(state.and_then(|(delivery, state)| found_move(delivery, state)));
        } else {
            let rows: Vec<SetFamily> = self.all(rows)?;
            rows.iter().for_each(|row| if named == BEGUN { row.begun(&mut digest) } else { row.ended(&mut digest) });
        }
        self.left.sets.push(digest.imprint(named, of));
        Ok(())
    }

    /// Counts new versions of families among what this change leaves.
    pub(super) fn note_begun(&mut self, source: &str, input: i64, rows: &[FamilyRow]) {
        let set = self.sets.of(BEGUN, input);
        for row in rows {
            let (from, line) = (input.to_be_bytes(), row.line.kept().to_be_bytes());
            let incomplete = i64::from(row.incomplete).to_be_bytes();
            set.add(&[source.as_bytes(), &row.key.0, &from, &line, &row.digest.0, &incomplete, &row.sealed]);
        }
    }

    /// Counts ended versions of families, each with the input it began with.
    pub(super) fn note_ended(&mut self, input: i64, ended: &[EndedFamily]) {
        // Nothing ended on a first load: then there is no set, and nothing to compare.
        if ended.is_empty() {
            return;
        }
        let set = self.sets.of(ENDED, input);
        ended.iter().for_each(|row| set.add(&[&row.key, &row.from.to_be_bytes()]));
    }

    /// Counts versions that a delivery is to tell.
    pub(super) fn note_staged(&mut self, feed: &str, delivery: i64, rows: &[Staged]) {
        let set = self.sets.of(STAGED, delivery);
        for row in rows {
            let (from, covered) = (delivery.to_be_bytes(), row.covered.to_be_bytes());
            set.add(&[feed.as_bytes(), &row.key.0, &from, &covered, &row.sealed, &row.change]);
            set.cover(row.covered);
        }
    }

    /// Notes where everything that a delivery tells has gone.
    pub(super) fn note_move(&mut self, delivery: i64, to: LedgerMove) {
        self.note_move_of(delivery, to, &[]);
    }

    /// The same of these families alone; of all where none is named.
    pub(super) fn note_move_of(&mut self, delivery: i64, to: LedgerMove, only: &[Pseudonym]) {
        self.left.ledger.push(LedgerImprint { delivery, to, only: only.to_vec() });
    }

    /// Names every set of a store that was written before there were any.
    pub(super) fn name_sets(&mut self) -> Result<(), Fault> {
        let (mut sets, mut moves) = (OpenSets::default(), BTreeMap::new());
        let mut after = None;
        loop {
            let page: Vec<SetFamily> = self.all(page_behind(FAMILY, FAMILY_KEY, after.as_ref()))?;
            let Some(last) = page.last() else { break };
            after = Some((last.source.to_string(), last.key.to_vec(), last.from));
            for row in &page {
                row.begun(sets.of(BEGUN, row.from));
                if let Some(until) = row.until {
                    row.ended(sets.of(ENDED, until));
                }
            }
        }
        let mut after = None;
        loop {
            let page: Vec<SetVersion> = self.all(page_behind(VERSION, VERSION_KEY, after.as_ref()))?;
            let Some(last) = page.last() else { break };
            after = Some((last.feed.to_string(), last.key.to_vec(), last.from));
            for row in &page {
                row.staged(sets.of(FOUND, row.from));
                moves.insert(row.from, row.state);
            }
        }
        self.left.sets = sets.imprints();
        self.left.ledger = moves.into_iter().filter_map(|(delivery, state)| found_move(delivery, state)).collect();
        Ok(())
    }
}

/// What an earlier version has done with a delivery's versions.
fn found_move(delivery: i64, state: LedgerState) -> Option<LedgerImprint> {
    let to = match state {
        LedgerState::Staged => return None,
        LedgerState::Told => LedgerMove::Told,
        LedgerState::Void => LedgerMove::TakenBack,
    };
    Some(LedgerImprint { delivery, to, only: Vec::new() })
}

impl Store {
    /// Every family, in the order of the table.
    ///
    /// # Errors
    /// STO001.
    pub fn each_set_family(&self, each: &mut dyn FnMut(&SetFamily)) -> Result<(), Fault> {
        self.each_row(&families(), &mut |columns| SetFamily::read(&mut PageRow(columns)).map(|row| each(&row)))
    }

    /// Every version of the ledger, in the order of the table: a family's stand together.
    ///
    /// # Errors
    /// STO001.
    pub fn each_set_version(&self, each: &mut dyn FnMut(&SetVersion)) -> Result<(), Fault> {
        self.each_row(&versions(), &mut |columns| SetVersion::read(&mut PageRow(columns)).map(|row| each(&row)))
    }

    /// The set that an input began, as it stands; read as a whole, so for few rows.
    ///
    /// # Errors
    /// STO001.
    pub fn begun_set(&self, input: i64) -> Result<RowsImprint, Fault> {
        let mut set = SetDigest::default();
        let rows: Vec<SetFamily> = self.all(Statement::new(format!("{FAMILY} {BEGUN_BY}")).with(input))?;
        rows.iter().for_each(|row| row.begun(&mut set));
        Ok(set.imprint(BEGUN, input))
    }

    /// The set that a delivery tells, as it stands; read as a whole, so for few rows.
    ///
    /// # Errors
    /// STO001.
    pub fn staged_set(&self, delivery: i64) -> Result<RowsImprint, Fault> {
        let mut set = SetDigest::default();
        let rows: Vec<SetVersion> =
            self.all(Statement::new(format!("{VERSION} WHERE from_delivery = $1")).with(delivery))?;
        rows.iter().for_each(|row| row.staged(&mut set));
        Ok(set.imprint(STAGED, delivery))
    }
}
