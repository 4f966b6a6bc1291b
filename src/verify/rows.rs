//! Rows that the log names one by one, held against the store.

use super::found::{About, Deviating, Examination, Examined, Part};
use crate::audit::{LeafAccount, NamedRow, leaf_hash, rules};
use crate::fault::Fault;
use crate::store::{StoredRow, TRACED};

/// Compares every row, and looks for those that are not there any more. What was compared is taken out of the account.
pub(super) fn compare_all(
    examined: &Examined,
    account: &mut LeafAccount,
    part: Part,
    found: &mut Examination,
) -> Result<(), Fault> {
    untold(examined, found)?;
    // Nothing was named before the log was begun.
    if account.rows.is_empty() {
        return Ok(());
    }
    let in_part = |row: &str| part == Part::WHOLE || part.has(i64::from(leaf_hash(row)[0]));
    for table in TRACED {
        examined.store.each_traced(table, &mut |row| {
            if in_part(&row.row) {
                compare(&row.row, account.rows.remove(row.row.as_str()).as_ref(), Some(row), found);
            }
        })?;
    }
    let gone = account.rows.iter().filter(|(name, _)| in_part(name));
    gone.for_each(|(name, named)| compare(name, Some(named), None, found));
    Ok(())
}

/// Compares the rows that the leaves read name, and those of everything that is under way.
pub(super) fn compare_newest(examined: &Examined, account: &LeafAccount, found: &mut Examination) -> Result<(), Fault> {
    untold(examined, found)?;
    for (name, named) in &account.rows {
        compare(name, Some(named), examined.store.traced(name)?.as_ref(), found);
    }
    let open = examined.store.open_rows()?;
    // A delivery of a year ago that was set back is under way, too: its last word stands in an old leaf.
    let older: Vec<String> = open.into_iter().filter(|row| !account.rows.contains_key(row.as_str())).collect();
    if older.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = older.iter().map(|row| format!(r#""row":"{row}""#)).collect();
    let before = last_words(examined, &names)?;
    for row in older {
        compare(&row, before.rows.get(row.as_str()), examined.store.traced(&row)?.as_ref(), found);
    }
    Ok(())
}

/// What the newest leaf says that contains each of these, as far back as it takes: read without hashing, because their
/// tree is signed.
pub(super) fn last_words(examined: &Examined, names: &[String]) -> Result<LeafAccount, Fault> {
    let (mut wanted, mut naming, mut before): (Vec<&String>, _, _) = (names.iter().collect(), Vec::new(), i64::MAX);
    while !wanted.is_empty() {
        let page = examined.store.kept_leaves_before(before, 5000)?;
        let Some(oldest) = page.last() else { break };
        before = oldest.seq;
        for kept in page {
            let still = wanted.len();
            wanted.retain(|name| !kept.leaf.contains(name.as_str()));
            naming.extend(Some(kept).filter(|_| wanted.len() < still));
        }
    }
    let mut account = LeafAccount::default();
    naming.iter().rev().for_each(|kept| account.add(kept.seq, &kept.leaf));
    Ok(account)
}

fn untold(examined: &Examined, found: &mut Examination) -> Result<(), Fault> {
    let untold = examined.store.untold()?;
    // Before the first leaf of this version, everything an earlier one wrote waits to be named.
    if untold > 0 && examined.store.tree()?.is_some() {
        let fault = rules::ROW_UNKNOWN.fault().count("rows", untold.unsigned_abs());
        found.findings.push(Deviating { fault, about: About::Untold });
    }
    Ok(())
}

fn compare(name: &str, named: Option<&NamedRow>, row: Option<&StoredRow>, found: &mut Examination) {
    let said = named.and_then(|named| named.sha256);
    found.rows += 1;
    if said == row.map(|row| row.sha256) {
        return;
    }
    let rule = if said.is_none() { rules::ROW_UNKNOWN } else { rules::ROW_DIFFERS };
    let mut finding = Deviating::at(rule, name, About::Row(name.to_string()));
    let states =
        [("recorded", named.and_then(|named| named.is.as_deref())), ("found", row.and_then(|row| row.is.as_deref()))];
    for (field, state) in states {
        if let Some(state) = state {
            finding.fault = finding.fault.name(field, state);
        }
    }
    found.findings.push(finding);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Actor;
    use crate::audit::{Action, Event};
    use crate::store::Store;

    #[test]
    fn the_last_words_on_something_are_the_newest_however_far_back_they_stand() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("bex.db").as_path(), Actor::named("test"), [7; 8]).unwrap();
        let write = |digest: &str| {
            let noted = Event::new(Action::LogConfigured).name("configuration", digest).name("archive_key", "k");
            let noted = noted.count("schema", 1);
            let others = std::iter::repeat_n(Event::new(Action::FeedHeld), 6000);
            let events: Vec<Event> = std::iter::once(noted).chain(others).collect();
            store.change("2026-03-02T00:00:00Z").unwrap().commit(&events).unwrap();
        };
        write("older");
        write("newer");
        let examined = Examined {
            store: &store,
            key: None,
            anchor: None,
            witness: None,
            state: folder.path().to_path_buf(),
            mirror: None,
        };
        let noted = |name: &str| last_words(&examined, &[name.to_string()]).unwrap().configuration;
        assert_eq!(noted(r#""action":"log.configured""#).as_deref(), Some("newer"));
        assert_eq!(noted(r#""row":"delivery/1""#), None, "nothing names it, and the search ends");
    }
}
