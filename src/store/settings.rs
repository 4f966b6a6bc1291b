//! What the configuration said when it was last looked at, setting by setting, and who has approved it since.

use super::change::Change;
use super::database::Store;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::fault::Fault;

/// A setting as it was last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingRow {
    /// Whose setting, and which: `carrier alpha-health recipient`.
    pub name: String,
    /// What it says: names and fingerprints, no secrets.
    pub value: String,
    /// What it said until it was changed; empty for what is new.
    pub was: String,
    /// RFC 3339, UTC: when the change was seen.
    pub changed_at: String,
    /// The owner of the file that says so.
    pub changed_by: String,
}

impl FromRow for SettingRow {
    fn from_row(row: &mut FetchedRow) -> Result<SettingRow, Fault> {
        Ok(SettingRow {
            name: row.next()?,
            value: row.next()?,
            was: row.next()?,
            changed_at: row.next()?,
            changed_by: row.next()?,
        })
    }
}

/// The counter of how often the store became a production site's.
const PRODUCTION: &str = "production";

const SETTING: &str = "SELECT name, value, was, changed_at, changed_by FROM setting";

/// A setting that says something else than before.
#[derive(Clone, Debug)]
pub struct ChangedSetting<'s> {
    /// Whose setting, and which.
    pub name: &'s str,
    /// What it says now.
    pub value: &'s str,
    /// What it said before; empty for what is new.
    pub was: &'s str,
    /// The owner of the file that says so.
    pub by: &'s str,
    /// Whether it holds without anybody's approval.
    pub holds: bool,
}

impl Change<'_> {
    /// Keeps what a setting says now. What somebody approved before counts no more.
    ///
    /// # Errors
    /// STO001.
    pub fn record_setting(&mut self, changed: &ChangedSetting) -> Result<(), Fault> {
        let at = self.at();
        let keep = Statement::new(
            "INSERT INTO setting (name, value, was, changed_at, changed_by, approved) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value, was = excluded.was,
               changed_at = excluded.changed_at, changed_by = excluded.changed_by, approved = excluded.approved,
               approved_by = NULL, act = NULL",
        );
        let keep = keep.with(changed.name).with(changed.value).with(changed.was).with(at);
        self.run(keep.with(changed.by).with(changed.holds))
    }

    /// Notes that real people's data are in the store from now on.
    ///
    /// # Errors
    /// STO001.
    pub fn begin_production(&mut self) -> Result<(), Fault> {
        let at = self.at();
        let mark = Statement::new("INSERT INTO site (name, value) VALUES ('production', $1) ON CONFLICT DO NOTHING");
        self.run(mark.with(at.as_bytes()))?;
        // The log names rows of this table one by one: a mark that is taken away is missed.
        self.next_number(PRODUCTION).map(drop)
    }

    /// Forgets a setting that is not there any more.
    ///
    /// # Errors
    /// STO001.
    pub fn forget_setting(&mut self, name: &str) -> Result<(), Fault> {
        self.run(Statement::new("DELETE FROM setting WHERE name = $1").with(name))
    }

    /// Records that a setting is approved as it stands, by an act.
    ///
    /// # Errors
    /// STO001.
    pub fn approve_setting(&mut self, setting: &SettingRow, act: i64) -> Result<(), Fault> {
        let by = self.actor().person().to_string();
        // Bound to the value that was looked at: one that changed meanwhile stays as it is.
        let approve = Statement::new(
            "UPDATE setting SET approved = 1, approved_by = $3, act = $4 WHERE name = $1 AND value = $2",
        );
        self.run(approve.with(&setting.name).with(&setting.value).with(by).with(act))
    }
}

impl Store {
    /// Every setting as it was last seen, by name.
    ///
    /// # Errors
    /// STO001.
    pub fn settings(&self) -> Result<Vec<SettingRow>, Fault> {
        self.all(Statement::new(format!("{SETTING} ORDER BY name")))
    }

    /// Those that nobody has approved who must, by name: there are as many as somebody has just changed.
    ///
    /// # Errors
    /// STO001.
    pub fn settings_awaiting(&self) -> Result<Vec<SettingRow>, Fault> {
        self.all(Statement::new(format!("{SETTING} WHERE approved = 0 ORDER BY name")))
    }

    /// Whether real people's data are in it, or ever were.
    ///
    /// # Errors
    /// STO001.
    pub fn is_production(&self) -> Result<bool, Fault> {
        let begun = Statement::new("SELECT COUNT(*) FROM site WHERE name = 'production'");
        Ok(self.only::<i64>(begun)? > 0 || self.is_counted_production()?)
    }

    /// Whether that is noted where the log misses it. Earlier versions have noted it elsewhere.
    ///
    /// # Errors
    /// STO001.
    pub fn is_counted_production(&self) -> Result<bool, Fault> {
        let counted = Statement::new("SELECT COUNT(*) FROM counter WHERE name = $1").with(PRODUCTION);
        Ok(self.only::<i64>(counted)? > 0)
    }
}
