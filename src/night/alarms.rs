//! What stands over the board until somebody has dealt with it: emergencies, and rights that nobody has limited.

use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::Environment;
use crate::run::{awaiting, overdue_review};

/// Something that everybody is to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// In a few words.
    pub what: String,
    /// What helps.
    pub next: String,
}

/// What stands over the board now, the gravest first.
///
/// # Errors
/// STO001.
pub fn alarms(engine: &Engine) -> Result<Vec<Alarm>, Fault> {
    let mut found = Vec::new();
    for emergency in engine.store.emergencies_since(&engine.clock.stamp())? {
        found.push(Alarm {
            what: format!("emergency {} of {} until {}", emergency.id, emergency.who, emergency.until),
            next: "ask why; whoever reviews the day must look at what was done by it".to_string(),
        });
    }
    for row in awaiting(engine)? {
        found.push(Alarm {
            what: format!(
                "{} was changed by {} and waits for an approval: its feeds are held",
                row.name, row.changed_by
            ),
            next: "bex approve".to_string(),
        });
    }
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
