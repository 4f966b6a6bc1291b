//! What stands over the board until somebody has dealt with it: emergencies, and rights that nobody has limited.

use super::told::ToldNotices;
use crate::act::{AskedAct, asked_acts};
use crate::engine::{Engine, StandingLock, standing_locks};
use crate::fault::Fault;
use crate::mapping::Environment;
use crate::run::{awaiting, overdue_review};
use crate::schedule::Moment;
use crate::store::SettingRow;

/// Something that everybody is to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// In a few words.
    pub what: String,
    /// What helps.
    pub next: String,
}

/// How long a process may work on one thing before somebody should look whether it still does, in minutes.
const WORK_MAX: i64 = 60;

/// What processes have been at for so long that they may be stuck. Nothing is done about them by itself: what they were
/// sending may have arrived.
fn stuck(engine: &Engine) -> impl Iterator<Item = Alarm> {
    let now = engine.clock.moment();
    let is_long = move |lock: &StandingLock| {
        Moment::parse(&lock.since).is_some_and(|since| now.since(since).num_minutes() > WORK_MAX)
    };
    standing_locks(engine).into_iter().filter(is_long).map(|lock| Alarm {
        what: format!(
            "{} is kept since {} by process {} of {} ({})",
            lock.on, lock.since, lock.process, lock.who, lock.purpose
        ),
        next: "see whether it still works; once it is ended, `bex resume RUN` looks at what it has left".to_string(),
    })
}

/// What waits for an approval: one for each file, however much of it was changed.
fn unapproved(engine: &Engine) -> Result<Vec<Alarm>, Fault> {
    let waiting = awaiting(engine)?;
    let thing = |row: &SettingRow| row.name.rsplit_once(' ').map(|(thing, _)| thing.to_string());
    let said = |rows: &[SettingRow]| {
        let (first, more) = (&rows[0], rows.len() - 1);
        let more = if more > 0 { format!(", with {more} more of it,") } else { String::new() };
        let what = format!("{}{more} was changed by {} and waits for an approval", first.name, first.changed_by);
        Alarm { what: what + ": its feeds are held", next: "bex approve".to_string() }
    };
    Ok(waiting.chunk_by(|one, other| thing(one) == thing(other)).map(said).collect())
}

fn of(feed: &str) -> String {
    if feed.is_empty() { String::new() } else { format!(" ({feed})") }
}

/// Acts that one person has asked for and another has to approve.
fn asked(engine: &Engine) -> Result<impl Iterator<Item = Alarm>, Fault> {
    Ok(asked_acts(engine)?.into_iter().map(|AskedAct { row, wanted }| Alarm {
        what: format!("{}{}, asked by {}, waits for another person's approval", wanted.words(), of(&row.feed), row.who),
        next: format!("`{}` by another person", wanted.approved_by(&row)),
    }))
}

/// What stands over the board now, the gravest first.
///
/// # Errors
/// STO001.
pub fn alarms(engine: &Engine) -> Result<Vec<Alarm>, Fault> {
    let mut found: Vec<Alarm> = stuck(engine).collect();
    for (channel, since) in ToldNotices::read(engine).failing() {
        found.push(Alarm {
            what: format!("notices do not reach {channel} since {since} (NOT001)"),
            next: "bex notify --test".to_string(),
        });
    }
    for emergency in engine.store.emergencies_since(&engine.clock.stamp())? {
        found.push(Alarm {
            what: format!("emergency {} of {} until {}", emergency.id, emergency.who, emergency.until),
            next: "ask why; whoever reviews the day must look at what was done by it".to_string(),
        });
    }
    found.extend(unapproved(engine)?);
    found.extend(asked(engine)?);
    if let Some((day, days)) = overdue_review(engine)? {
        found.push(Alarm {
            what: format!("nobody has signed for what was done on {day}, {days} business days ago"),
            next: "bex review list".to_string(),
        });
    }
    let production = engine.site.environment == Environment::Production;
    if production && engine.site.access.declared.is_none() {
        found.push(Alarm {
            what: "everybody who can run bex here may do everything: there is no access.toml".to_string(),
            next: "name the people and their roles: docs/guide/people.md".to_string(),
        });
    }
    Ok(found)
}
