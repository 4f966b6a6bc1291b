//! What stands over the board until somebody has dealt with it: emergencies, and rights that nobody has limited.

use std::collections::BTreeMap;

use super::told::ToldNotices;
use crate::act::{AskedAct, asked_acts};
use crate::engine::{OpenSite, StandingLock, standing_locks};
use crate::fault::Fault;
use crate::mapping::Environment;
use crate::run::{awaiting, is_of_clock, is_overdue, overdue_review};
use crate::schedule::Moment;
use crate::state::Urgency;
use crate::store::{DeliveryRow, SettingRow};

/// Something that everybody is to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// How soon.
    pub urgency: Urgency,
    /// In a few words.
    pub what: String,
    /// What helps.
    pub next: String,
}

/// How long a process may work on one thing before somebody should look whether it still does, in minutes.
const WORK_MAX: i64 = 60;

/// What processes have been at for so long that they may be stuck. Nothing is done about them by itself: what they were
/// sending may have arrived.
fn stuck(engine: &OpenSite) -> impl Iterator<Item = Alarm> {
    let now = engine.clock.moment();
    let is_long = move |lock: &StandingLock| {
        Moment::parse(&lock.since).is_some_and(|since| now.since(since).num_minutes() > WORK_MAX)
    };
    standing_locks(engine).into_iter().filter(is_long).map(|lock| Alarm {
        urgency: Urgency::Now,
        what: format!(
            "{} is kept since {} by process {} of {} ({})",
            lock.on, lock.since, lock.process, lock.who, lock.purpose
        ),
        next: "see whether it still works; once it is ended, `bex resume RUN` looks at what it has left".to_string(),
    })
}

/// What waits for an approval: one for each file, however much of it was changed. The clock is of no file.
fn unapproved(engine: &OpenSite) -> Result<Vec<Alarm>, Fault> {
    let (clock, waiting): (Vec<SettingRow>, Vec<SettingRow>) = awaiting(engine)?.into_iter().partition(is_of_clock);
    let clock = clock.iter().map(|clock| {
        let what = format!("this machine's clock went from {} to {} (RUN038)", clock.was, clock.value);
        now(what + ": nothing is read or sent", "set it where it is wrong, then `bex approve`")
    });
    let thing = |row: &SettingRow| row.name.rsplit_once(' ').map(|(thing, _)| thing.to_string());
    let said = |rows: &[SettingRow]| {
        let (first, more) = (&rows[0], rows.len() - 1);
        let more = if more > 0 { format!(", with {more} more of it,") } else { String::new() };
        let what = format!("{}{more} was changed by {} and waits for an approval", first.name, first.changed_by);
        now(what + ": its feeds are held", "bex approve")
    };
    Ok(clock.chain(waiting.chunk_by(|one, other| thing(one) == thing(other)).map(said)).collect())
}

fn of(feed: &str) -> String {
    if feed.is_empty() { String::new() } else { format!(" ({feed})") }
}

/// Acts that one person has asked for and another has to approve.
fn asked(engine: &OpenSite) -> Result<impl Iterator<Item = Alarm>, Fault> {
    Ok(asked_acts(engine)?.into_iter().map(|AskedAct { row, wanted }| Alarm {
        urgency: Urgency::Now,
        what: format!("{}{}, asked by {}, waits for another person's approval", wanted.words(), of(&row.feed), row.who),
        next: format!("`{}` by another person", wanted.approved_by(&row)),
    }))
}

/// What somebody wants told that no feed tells. Whose it is and for what is for those who may see it.
fn tellings(engine: &OpenSite) -> Result<impl Iterator<Item = Alarm>, Fault> {
    Ok(engine.store.each_told_otherwise(false)?.into_iter().map(|row| {
        let what = format!("disclosure {}, asked for by {}, waits for another person's approval", row.id, row.asked_by);
        now(what, "`bex disclose list` by another person")
    }))
}

/// What stands over the board now, the gravest first.
///
/// # Errors
/// STO001.
pub fn alarms(engine: &OpenSite) -> Result<Vec<Alarm>, Fault> {
    let mut found: Vec<Alarm> = stuck(engine).collect();
    for (channel, since) in ToldNotices::read(engine).failing() {
        found.push(now(format!("notices do not reach {channel} since {since} (NOT001)"), "bex notify --test"));
    }
    for emergency in engine.store.emergencies_since(&engine.clock.stamp())? {
        found.push(now(
            format!("emergency {} of {} until {}", emergency.id, emergency.who, emergency.until),
            "ask why; whoever reviews the day must look at what was done by it",
        ));
    }
    found.extend(unapproved(engine)?);
    found.extend(asked(engine)?);
    found.extend(tellings(engine)?);
    if let Some((day, days)) = overdue_review(engine)? {
        let what = format!("nobody has signed for what was done on {day}, {days} business days ago");
        found.push(now(what, "bex review list"));
    }
    let production = engine.site.environment == Environment::Production;
    if production && engine.site.access.declared.is_none() {
        found.push(now(
            "everybody who can run bex here may do everything: there is no access.toml".to_string(),
            "name the people and their roles: docs/guide/people.md",
        ));
    }
    found.extend(silent_carriers(engine)?);
    found.extend(calendars_ending(engine));
    Ok(found)
}

fn now(what: String, next: &str) -> Alarm {
    Alarm { urgency: Urgency::Now, what, next: next.to_string() }
}

/// So many answers overdue in a row make a carrier silent.
const SILENT_AFTER: usize = 3;

/// Carriers that have answered none of their last files: each run that waits is said by itself, and what is wrong is
/// one thing.
fn silent_carriers(engine: &OpenSite) -> Result<Vec<Alarm>, Fault> {
    let mut overdue: BTreeMap<String, Vec<DeliveryRow>> = BTreeMap::new();
    for row in engine.store.awaiting()?.into_iter().filter(|row| is_overdue(engine, row)) {
        overdue.entry(row.carrier.clone()).or_default().push(row);
    }
    let mut silent = Vec::new();
    for (carrier, rows) in overdue.into_iter().filter(|(_, rows)| rows.len() >= SILENT_AFTER) {
        let answered = engine.store.newest_answered(&carrier)?.unwrap_or(0);
        let since: Vec<&DeliveryRow> = rows.iter().filter(|row| row.id > answered).collect();
        let Some(first) = since.first().filter(|_| since.len() >= SILENT_AFTER) else { continue };
        let day = first.delivered_at.as_deref().and_then(|at| at.get(..10)).unwrap_or_default();
        silent.push(Alarm {
            urgency: Urgency::Today,
            // The same words for as long as it is: the number of files that wait is said by themselves.
            what: format!("{carrier} is silent: it has answered nothing that it was sent since {day}"),
            next: format!("ask {carrier} whether it has the files and where its answers are; `bex acks` fetches them"),
        });
    }
    Ok(silent)
}

/// Calendars in use that soon have no more days: nobody would run on a day of which nothing is known.
fn calendars_ending(engine: &OpenSite) -> impl Iterator<Item = Alarm> {
    engine.site.calendars_ending(engine.clock.today()).into_iter().map(|fault| Alarm {
        urgency: Urgency::Today,
        what: fault.to_string(),
        next: fault.next.to_string(),
    })
}
