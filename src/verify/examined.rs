//! Everything examined, or what can be in a moment.

use super::doubt;
use super::files;
use super::found::{About, Deviating, Examination, Examined, Part};
use super::leaves::{LeavesWanted, LogReading, read_log};
use super::rows;
use super::sets;
use crate::audit::rules;
use crate::crypt::family_keys::{FILE as FAMILIES, FamilyKeys};
use crate::fault::Fault;

/// Examines everything, or a part of what is large: rows, sets and files. The log itself is read whole.
///
/// # Errors
/// STO001; LOG012.
pub fn examine(examined: &Examined, part: Part) -> Result<Examination, Fault> {
    steadily(examined, || examine_once(examined, part))
}

/// How often what was written to meanwhile is looked at again.
const LOOKS: u32 = 3;

/// Looks again where something was found and the log has grown meanwhile: rows read after the log may be newer than it.
fn steadily(examined: &Examined, look: impl Fn() -> Result<Examination, Fault>) -> Result<Examination, Fault> {
    for _ in 1..LOOKS {
        let before = examined.store.tree()?;
        let found = look()?;
        if found.findings.is_empty() || before == examined.store.tree()? {
            return Ok(found);
        }
    }
    // Others write faster than is looked: for the last look they wait, where whoever looks may make them.
    let _still = examined.store.still().ok();
    look()
}

fn examine_once(examined: &Examined, part: Part) -> Result<Examination, Fault> {
    let (mut found, mut reading) = examine_leaves(examined, LeavesWanted::Everything)?;
    rows::compare_all(examined, &mut reading.account, part, &mut found)?;
    sets::compare_all(examined, &reading.account, part, &mut found)?;
    files::compare_all(examined, &reading.account, part, &mut found)?;
    compare_keys(examined, &mut found)?;
    Ok(found)
}

/// Whether what was destroyed is: an older copy of the file of keys, put back, opens it again.
fn compare_keys(examined: &Examined, found: &mut Examination) -> Result<(), Fault> {
    let shredded = examined.store.shredded()?;
    found.shredded = shredded.len() as u64;
    let mirror = examined.mirror.as_ref().map(|folder| FamilyKeys::at(folder.join(FAMILIES)));
    let copies: Vec<FamilyKeys> = mirror.into_iter().chain([FamilyKeys::of_state(&examined.state)]).collect();
    let mut back = 0;
    for (family, id) in shredded {
        let has = copies.iter().map(|keys| keys.has(family, id)).collect::<Result<Vec<bool>, Fault>>()?;
        back += u64::from(has.contains(&true));
    }
    if back > 0 {
        let fault = crate::crypt::rules::FAMILY_KEY_BACK.fault().count("families", back);
        found.findings.push(Deviating { fault, about: About::Key });
    }
    Ok(())
}

/// Examines the log itself: leaves, checkpoints, anchors.
///
/// # Errors
/// STO001; LOG012.
pub fn examine_log(examined: &Examined) -> Result<Examination, Fault> {
    Ok(examine_leaves(examined, LeavesWanted::Itself)?.0)
}

/// Leaves that are read again before anything is sent; with all that they name.
const GLANCE: u64 = 4000;

/// Examines what can be examined in a moment, before anything is sent: the newest leaves with what they name, the
/// anchor, and everything that is under way.
///
/// # Errors
/// STO001; LOG012.
pub fn glance(examined: &Examined) -> Result<Examination, Fault> {
    steadily(examined, || glance_once(examined))
}

/// How many steps the schema had, as the log last says it.
///
/// # Errors
/// STO001.
pub fn noted_schema(examined: &Examined) -> Result<Option<i64>, Fault> {
    Ok(rows::last_words(examined, &[r#""schema":"#.to_string()])?.schema)
}

fn glance_once(examined: &Examined) -> Result<Examination, Fault> {
    let (mut found, mut reading) = examine_leaves(examined, LeavesWanted::Newest(GLANCE))?;
    if reading.is_whole {
        rows::compare_all(examined, &mut reading.account, Part::WHOLE, &mut found)?;
    } else {
        rows::compare_newest(examined, &reading.account, &mut found)?;
    }
    sets::compare_newest(examined, &reading.account, &mut found)?;
    files::compare_newest(examined, &reading.account, &mut found)?;
    Ok(found)
}

fn examine_leaves(examined: &Examined, wanted: LeavesWanted) -> Result<(Examination, LogReading), Fault> {
    let mut found = Examination::default();
    let reading = read_log(examined, wanted, &mut found)?;
    found.doubt = doubt::doubted(&examined.state).or_else(|| reading.account.doubt.clone());
    found.production = reading.account.production;
    let noted = if reading.is_whole || reading.account.configuration.is_some() {
        None
    } else {
        Some(rows::last_words(examined, &[r#""action":"log.configured""#.to_string()])?)
    };
    let noted = noted.as_ref().unwrap_or(&reading.account);
    found.configuration.clone_from(&noted.configuration);
    found.archive_key.clone_from(&noted.archive_key);
    found.schema = noted.schema;
    if let Some(record) = reading.account.unreadable {
        let fault = rules::LEAF_ALTERED.fault().count("record", record.unsigned_abs());
        found.findings.push(Deviating::of_log(fault));
    }
    Ok((found, reading))
}
