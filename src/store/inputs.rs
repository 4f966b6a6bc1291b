//! Inputs: files that were taken in.

use super::change::Change;
use super::database::Store;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::audit::Action;
use crate::fault::Fault;
use crate::state::{InputState, RunState};

/// A file that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputRow {
    /// Id, in the order of taking in.
    pub id: i64,
    /// `census/<source>` or `elections/<source>`.
    pub source: String,
    /// Business date it was taken in for.
    pub business_date: String,
    /// RFC 3339, UTC: when it came into the archive.
    pub received_at: String,
    /// Name in the archive.
    pub archive: String,
    /// Bytes of the clear file.
    pub bytes: i64,
    /// What became of it.
    pub state: InputState,
    /// Families found.
    pub families: Option<i64>,
    /// Families that differ from before.
    pub changed: Option<i64>,
    /// Faults found.
    pub faults: Option<i64>,
}

pub(super) const COLUMNS: &str =
    "SELECT id, source, business_date, received_at, archive, bytes, state, families, changed, faults FROM input";

impl FromRow for InputRow {
    fn from_row(row: &mut FetchedRow) -> Result<InputRow, Fault> {
        Ok(InputRow {
            id: row.next()?,
            source: row.next()?,
            business_date: row.next()?,
            received_at: row.next()?,
            archive: row.next()?,
            bytes: row.next()?,
            state: row.next()?,
            families: row.next()?,
            changed: row.next()?,
            faults: row.next()?,
        })
    }
}

impl Change<'_> {
    /// Records a file that stands sealed in the archive. `content` is a keyed digest of its bytes.
    ///
    /// # Errors
    /// STO001; STO004 when that archive name is recorded already.
    pub fn archive_input(&mut self, input: &InputRow, content: &[u8]) -> Result<i64, Fault> {
        let id = self.next_number("input")?;
        self.begins(InputState::Archived, Action::InputArchived)?;
        let insert = Statement::new(
            "INSERT INTO input (id, source, business_date, received_at, archive, bytes, content, state)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        );
        let insert = insert.with(id).with(&input.source).with(&input.business_date).with(&input.received_at);
        self.run(insert.with(&input.archive).with(input.bytes).with(content).with(InputState::Archived))?;
        Ok(id)
    }

    /// The input that is archived under this name, as this change sees it.
    ///
    /// # Errors
    /// STO001.
    pub fn input_archived_as(&mut self, archive: &str) -> Result<Option<i64>, Fault> {
        self.first(Statement::new("SELECT id FROM input WHERE archive = $1").with(archive))
    }

    /// Records what became of an archived input.
    ///
    /// # Errors
    /// STO001; STO008 where the table has no such transition.
    pub fn settle_input(&mut self, id: i64, state: InputState, counts: [i64; 3]) -> Result<(), Fault> {
        let at = self.at();
        let from: InputState = self.only(Statement::new("SELECT state FROM input WHERE id = $1").with(id))?;
        let by = match state {
            InputState::Applied => Action::InputApplied,
            InputState::Held => Action::InputHeld,
            _ => Action::InputQuarantined,
        };
        self.goes_over(from, state, by)?;
        let settle = Statement::new(
            "UPDATE input SET state = $2, settled_at = $3, families = $4, changed = $5, faults = $6 WHERE id = $1",
        );
        let [families, changed, faults] = counts;
        self.run(settle.with(id).with(state).with(at).with(families).with(changed).with(faults))
    }
}

impl Store {
    /// The inputs of a source that are archived and not yet read, oldest first.
    ///
    /// # Errors
    /// STO001.
    pub fn unread_inputs(&self, source: &str) -> Result<Vec<InputRow>, Fault> {
        let unread = Statement::new(format!("{COLUMNS} WHERE source = $1 AND state = $2 ORDER BY id"));
        self.all(unread.with(source).with(InputState::Archived))
    }

    /// The newest applied input of a source.
    ///
    /// # Errors
    /// STO001.
    pub fn current_input(&self, source: &str) -> Result<Option<InputRow>, Fault> {
        let current = format!("{COLUMNS} WHERE source = $1 AND state = $2 ORDER BY id DESC LIMIT 1");
        self.first(Statement::new(current).with(source).with(InputState::Applied))
    }

    /// The newest input of a source, whatever became of it; but for those that are held, beside which what was applied
    /// before stands, and those of which a person has said what has come of them.
    ///
    /// # Errors
    /// STO001.
    pub fn newest_input(&self, source: &str) -> Result<Option<InputRow>, Fault> {
        let newest = format!("{COLUMNS} WHERE source = $1 AND state NOT IN ($2, $3) ORDER BY id DESC LIMIT 1");
        self.first(Statement::new(newest).with(source).with(InputState::Settled).with(InputState::Held))
    }

    /// What a source has said by the same bytes as this input and nothing else since: the input itself, and the
    /// readings of them before it, the newest first. Those that are held or settled are left out.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn readings_of_file(&self, input: &InputRow) -> Result<Vec<InputRow>, Fault> {
        let content = self.content_of(input.id)?;
        let same = Statement::new(format!(
            "{COLUMNS} WHERE source = $1 AND id <= $2 AND content = $3 AND state NOT IN ($4, $5) AND id > COALESCE(
               (SELECT MAX(other.id) FROM input AS other WHERE other.source = $1 AND other.id < $2
                AND other.content <> $3 AND other.state NOT IN ($4, $5)), 0)
             ORDER BY id DESC"
        ));
        let same = same.with(&input.source).with(input.id).with(&content[..]);
        self.all(same.with(InputState::Settled).with(InputState::Held))
    }

    /// The newest input of a source before another that was applied.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn applied_before(&self, source: &str, input: i64) -> Result<Option<InputRow>, Fault> {
        let before = format!("{COLUMNS} WHERE source = $1 AND id < $2 AND state = $3 ORDER BY id DESC LIMIT 1");
        self.first(Statement::new(before).with(source).with(input).with(InputState::Applied))
    }

    /// The newest run that was computed from an input and was not given up.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn run_computed_from(&self, input: i64) -> Result<Option<(i64, RunState)>, Fault> {
        let used = "SELECT id, state FROM run WHERE (census_input = $1 OR elections_input = $1) AND state <> $2
             ORDER BY id DESC LIMIT 1";
        self.first(Statement::new(used).with(input).with(RunState::Void))
    }

    /// One input.
    ///
    /// # Errors
    /// STO001.
    pub fn input(&self, id: i64) -> Result<Option<InputRow>, Fault> {
        self.first(Statement::new(format!("{COLUMNS} WHERE id = $1")).with(id))
    }

    /// Keyed digest of the newest input of a source, where it was read or is to be. One that was set aside may come
    /// again unchanged: its mapping may have been mended.
    ///
    /// # Errors
    /// STO001.
    pub fn newest_content(&self, source: &str) -> Result<Option<Vec<u8>>, Fault> {
        let newest = Statement::new(
            "SELECT content FROM
               (SELECT content, state FROM input WHERE source = $1 AND state <> $3 ORDER BY id DESC LIMIT 1) AS newest
             WHERE state <> $2",
        );
        self.first(newest.with(source).with(InputState::Quarantined).with(InputState::Settled))
    }

    /// Whether the archive has a record of this name.
    ///
    /// # Errors
    /// STO001.
    pub fn knows_archive(&self, archive: &str) -> Result<bool, Fault> {
        let known = Statement::new(
            "SELECT (SELECT COUNT(*) FROM input WHERE archive = $1) + (SELECT COUNT(*) FROM aside WHERE name = $1)
               + (SELECT COUNT(*) FROM landed WHERE archive = $1)",
        );
        Ok(self.only::<i64>(known.with(archive))? > 0)
    }
}
