//! Sets of sealed rows held against the log, and the ledger's moves made once more.

use std::collections::{BTreeMap, HashMap};

use super::found::{About, Deviating, Examination, Examined, Part};
use crate::audit::{LeafAccount, LedgerImprint, LedgerMove, NamedRows, RowsImprint, SetDigest, rules};
use crate::fault::Fault;
use crate::state::LedgerState;
use crate::store::{BEGUN, ENDED, FOUND, STAGED, SetVersion, SetsByOwner};

/// Compares every set, and where every version of the ledger stands.
pub(super) fn compare_all(
    examined: &Examined,
    account: &LeafAccount,
    part: Part,
    found: &mut Examination,
) -> Result<(), Fault> {
    let (mut begun, mut ended, mut staged) = (SetsByOwner::new(), SetsByOwner::new(), SetsByOwner::new());
    let mut rows = 0;
    examined.store.each_set_family(&mut |row| {
        rows += 1;
        if part.has(row.from) {
            row.begun(begun.entry(row.from).or_default());
        }
        if let Some(until) = row.until.filter(|until| part.has(*until)) {
            row.ended(ended.entry(until).or_default());
        }
    })?;
    let mut replay = Replay::new(account, part);
    examined.store.each_set_version(&mut |row| {
        rows += 1;
        if part.has(row.from) {
            row.staged(staged.entry(row.from).or_default());
        }
        replay.take(row);
    })?;
    replay.end_family();
    found.sealed += rows;
    for (set, stand) in [(BEGUN, begun), (ENDED, ended), (STAGED, staged)] {
        found.findings.extend(compare_sets(set, stand, account, part));
    }
    for delivery in replay.misplaced {
        let name = format!("delivery/{delivery}");
        found.findings.push(Deviating::at(rules::ROWS_DIFFER, &name, About::Set(FOUND.to_string(), delivery)));
    }
    Ok(())
}

/// The sets of a kind that are not what the log says of them.
fn compare_sets(set: &'static str, stand: SetsByOwner, account: &LeafAccount, part: Part) -> Vec<Deviating> {
    // Nothing was named before the log was begun.
    if account.sets.is_empty() {
        return Vec::new();
    }
    let mut stand: BTreeMap<i64, RowsImprint> =
        stand.into_iter().map(|(of, digest)| (of, digest.imprint(set, of))).collect();
    let said = [Some(set), (set == STAGED).then_some(FOUND)].into_iter().flatten();
    let owners: Vec<i64> = said.filter_map(|set| account.sets.get(set)).flat_map(HashMap::keys).copied().collect();
    for of in owners.into_iter().filter(|of| part.has(*of)) {
        stand.entry(of).or_insert_with(|| SetDigest::default().imprint(set, of));
    }
    stand.into_values().filter_map(|stand| compare(&stand, account)).collect()
}

/// What the log says last of a set: of a delivery also what was found of an earlier version, or was taken as it stands.
fn said<'a>(set: &str, of: i64, account: &'a LeafAccount) -> Option<&'a NamedRows> {
    let found = (set == STAGED).then(|| account.set(FOUND, of)).flatten();
    found.into_iter().chain(account.set(set, of)).max_by_key(|said| said.seq)
}

fn compare(stand: &RowsImprint, account: &LeafAccount) -> Option<Deviating> {
    let said = said(stand.set, stand.of, account);
    let as_said = said.map_or(stand.rows == 0, |said| {
        (said.rows, said.covered, said.sha256) == (stand.rows, stand.covered, stand.sha256)
    });
    if as_said {
        return None;
    }
    let owner = if stand.set == STAGED { "delivery" } else { "input" };
    let about = About::Set(stand.set.to_string(), stand.of);
    let mut deviating = Deviating::at(rules::ROWS_DIFFER, &format!("{owner}/{}", stand.of), about);
    deviating.fault = deviating.fault.count("recorded", said.map_or(0, |said| said.rows)).count("found", stand.rows);
    Some(deviating)
}

/// Sealed rows that are compared before anything is sent.
const NEWEST_ROWS: u64 = 20_000;

/// Compares the newest sets that the leaves read name, as far as they are small enough to be read in a moment.
pub(super) fn compare_newest(examined: &Examined, account: &LeafAccount, found: &mut Examination) -> Result<(), Fault> {
    for set in [BEGUN, STAGED] {
        let also = account.sets.get(FOUND).filter(|_| set == STAGED).into_iter();
        let mut owners: Vec<i64> =
            account.sets.get(set).into_iter().chain(also).flat_map(HashMap::keys).copied().collect();
        owners.sort_unstable();
        owners.dedup();
        let mut left = NEWEST_ROWS;
        for of in owners.into_iter().rev() {
            let rows = said(set, of, account).map_or(0, |said| said.rows);
            // The newest first, and none behind one that is too large: that waits for the whole examination.
            let Some(rest) = left.checked_sub(rows) else { break };
            left = rest;
            let stand = if set == BEGUN { examined.store.begun_set(of)? } else { examined.store.staged_set(of)? };
            found.sealed += stand.rows;
            found.findings.extend(compare(&stand, account));
        }
    }
    Ok(())
}

/// A version as it stands, or as it would after every move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LedgerVersion {
    from: i64,
    state: LedgerState,
    until: Option<i64>,
}

/// The ledger's moves made once more, family by family: what the store has must come out.
struct Replay {
    /// Of each delivery its moves, each with its place among all.
    moves: HashMap<i64, Vec<(usize, LedgerImprint)>>,
    /// Deliveries whose moves were not all recorded.
    unknown: Vec<i64>,
    begun: bool,
    part: Part,
    family: (String, Vec<u8>),
    versions: Vec<LedgerVersion>,
    misplaced: Vec<i64>,
}

impl Replay {
    fn new(account: &LeafAccount, part: Part) -> Replay {
        let mut moves: HashMap<i64, Vec<(usize, LedgerImprint)>> = HashMap::new();
        for (n, moved) in account.ledger.iter().enumerate() {
            moves.entry(moved.delivery).or_default().push((n, moved.clone()));
        }
        let unknown = account.sets.get(FOUND).into_iter().flat_map(HashMap::keys).copied().collect();
        let begun = !account.sets.is_empty();
        Replay { moves, unknown, begun, part, family: Default::default(), versions: Vec::new(), misplaced: Vec::new() }
    }

    fn take(&mut self, row: &SetVersion) {
        if (&*row.feed, &*row.key) != (self.family.0.as_str(), &self.family.1[..]) {
            self.end_family();
            self.family = (row.feed.to_string(), row.key.to_vec());
        }
        self.versions.push(LedgerVersion { from: row.from, state: row.state, until: row.until });
    }

    fn end_family(&mut self) {
        let stand = std::mem::take(&mut self.versions);
        let in_part = self.family.1.first().is_some_and(|byte| self.part.has(i64::from(*byte)));
        if !self.begun || !in_part || stand.iter().any(|version| self.unknown.contains(&version.from)) {
            return;
        }
        // From the beginning: every version begins staged, whatever it is now.
        let staged = |version: &LedgerVersion| LedgerVersion { state: LedgerState::Staged, until: None, ..*version };
        let mut made: Vec<LedgerVersion> = stand.iter().map(staged).collect();
        let all = stand.iter().filter_map(|version| Some((version.from, self.moves.get(&version.from)?)));
        let mut all: Vec<(usize, i64, LedgerMove)> = all
            .flat_map(|(from, moves)| moves.iter().map(move |(n, moved)| (from, *n, moved)))
            .filter(|(_, _, moved)| is_of(moved, &self.family.1))
            .map(|(from, n, moved)| (n, from, moved.to))
            .collect();
        all.sort_unstable_by_key(|(n, _, _)| *n);
        all.iter().for_each(|(_, delivery, to)| go(&mut made, *delivery, *to));
        let wrong = made.iter().zip(&stand).filter(|(made, stand)| made != stand).map(|(made, _)| made.from);
        for delivery in wrong {
            if !self.misplaced.contains(&delivery) {
                self.misplaced.push(delivery);
            }
        }
    }
}

/// Whether a move is of this family, too.
fn is_of(moved: &LedgerImprint, family: &[u8]) -> bool {
    moved.only.is_empty() || moved.only.iter().any(|key| key.0 == family)
}

/// What a move makes of a family's versions: the same as the statements of the store.
fn go(versions: &mut [LedgerVersion], delivery: i64, to: LedgerMove) {
    let told = |version: &LedgerVersion| version.state == LedgerState::Told;
    match to {
        LedgerMove::Told => {
            let open = versions.iter_mut().filter(|version| told(version) && version.until.is_none());
            open.for_each(|version| version.until = Some(delivery));
            set(versions, delivery, LedgerState::Told);
        }
        LedgerMove::TakenBack => {
            let until = versions.iter().find(|version| version.from == delivery).and_then(|version| version.until);
            let before = versions.iter_mut().filter(|version| told(version) && version.until == Some(delivery));
            before.for_each(|version| version.until = until);
            set(versions, delivery, LedgerState::Void);
        }
        LedgerMove::ToldAgain => {
            let ends = |version: &LedgerVersion| version.until.is_none_or(|until| until > delivery);
            let before =
                versions.iter_mut().filter(|version| told(version) && version.from < delivery && ends(version));
            before.for_each(|version| version.until = Some(delivery));
            let next = versions.iter().filter(|version| told(version) && version.from > delivery);
            let next = next.map(|version| version.from).min();
            set(versions, delivery, LedgerState::Told);
            let again = versions.iter_mut().filter(|version| version.from == delivery);
            again.for_each(|version| version.until = next);
        }
    }
}

fn set(versions: &mut [LedgerVersion], delivery: i64, state: LedgerState) {
    versions.iter_mut().filter(|version| version.from == delivery).for_each(|version| version.state = state);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(from: i64, state: LedgerState, until: Option<i64>) -> LedgerVersion {
        LedgerVersion { from, state, until }
    }

    #[test]
    fn moves_made_once_more_lead_to_what_the_store_would_have() {
        let (told, void) = (LedgerState::Told, LedgerState::Void);
        let mut versions: Vec<LedgerVersion> = [1, 2, 3].map(|from| version(from, LedgerState::Staged, None)).into();
        go(&mut versions, 1, LedgerMove::Told);
        go(&mut versions, 2, LedgerMove::Told);
        assert_eq!(versions[..2], [version(1, told, Some(2)), version(2, told, None)]);
        go(&mut versions, 2, LedgerMove::TakenBack);
        assert_eq!(versions[..2], [version(1, told, None), version(2, void, None)]);
        go(&mut versions, 3, LedgerMove::Told);
        go(&mut versions, 2, LedgerMove::ToldAgain);
        assert_eq!(versions, [version(1, told, Some(2)), version(2, told, Some(3)), version(3, told, None)]);
        go(&mut versions, 2, LedgerMove::TakenBack);
        go(&mut versions, 3, LedgerMove::TakenBack);
        assert_eq!(versions[0], version(1, told, None), "whichever is taken back first");
    }
}
