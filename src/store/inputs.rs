//! Inputs: files that were taken in.

use sqlx::FromRow;

use super::change::Change;
use super::database::Store;
use crate::fault::Fault;

/// What became of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputState {
    /// Sealed in the archive, not yet read.
    Archived,
    /// Read; its families are recorded.
    Applied,
    /// Set aside; nothing was derived from it.
    Quarantined,
}

impl InputState {
    /// The word in the store.
    pub fn word(self) -> &'static str {
        match self {
            InputState::Archived => "archived",
            InputState::Applied => "applied",
            InputState::Quarantined => "quarantined",
        }
    }
}

/// A file that was taken in.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct InputRow {
    /// Id, in the order of taking in.
    pub id: i64,
    /// `census/<source>` or `elections/<source>`.
    pub source: String,
    /// Business date it was taken in for.
    pub business_date: String,
    /// When.
    pub received_at: String,
    /// Name in the archive.
    pub archive: String,
    /// Bytes of the clear file.
    pub bytes: i64,
    /// `archived`, `applied` or `quarantined`.
    pub state: String,
    /// Families found.
    pub families: Option<i64>,
    /// Families that differ from before.
    pub changed: Option<i64>,
    /// Faults found.
    pub faults: Option<i64>,
}

const COLUMNS: &str =
    "SELECT id, source, business_date, received_at, archive, bytes, state, families, changed, faults FROM input";

impl Change<'_> {
    /// Records a file that stands sealed in the archive. `content` is a keyed digest of its bytes.
    ///
    /// # Errors
    /// STO001; STO004 when that archive name is recorded already.
    pub fn archive_input(&mut self, input: &InputRow, content: &[u8]) -> Result<i64, Fault> {
        let id = self.next_number("input")?;
        self.run(async |connection| {
            sqlx::query(
                "INSERT INTO input (id, source, business_date, received_at, archive, bytes, content, state)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, 'archived')",
            )
            .bind(id)
            .bind(&input.source)
            .bind(&input.business_date)
            .bind(&input.received_at)
            .bind(&input.archive)
            .bind(input.bytes)
            .bind(content)
            .execute(connection)
            .await
        })?;
        Ok(id)
    }

    /// Records what became of an input.
    ///
    /// # Errors
    /// STO001.
    pub fn settle_input(&mut self, id: i64, state: InputState, counts: [i64; 3]) -> Result<(), Fault> {
        let at = self.at();
        self.run(async |connection| {
            sqlx::query(
                "UPDATE input SET state = $2, settled_at = $3, families = $4, changed = $5, faults = $6
                 WHERE id = $1 AND state = 'archived'",
            )
            .bind(id)
            .bind(state.word())
            .bind(at)
            .bind(counts[0])
            .bind(counts[1])
            .bind(counts[2])
            .execute(connection)
            .await
        })?;
        Ok(())
    }
}

impl Store {
    /// The inputs of a source that are archived and not yet read, oldest first.
    ///
    /// # Errors
    /// STO001.
    pub fn unread_inputs(&self, source: &str) -> Result<Vec<InputRow>, Fault> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE source = $1 AND state = 'archived' ORDER BY id"));
        self.read(sqlx::query_as(sql).bind(source).fetch_all(&self.pool))
    }

    /// The newest applied input of a source.
    ///
    /// # Errors
    /// STO001.
    pub fn current_input(&self, source: &str) -> Result<Option<InputRow>, Fault> {
        let sql = format!("{COLUMNS} WHERE source = $1 AND state = 'applied' ORDER BY id DESC LIMIT 1");
        self.read(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(source).fetch_optional(&self.pool))
    }

    /// The newest input of a source, whatever became of it.
    ///
    /// # Errors
    /// STO001.
    pub fn newest_input(&self, source: &str) -> Result<Option<InputRow>, Fault> {
        let sql = format!("{COLUMNS} WHERE source = $1 ORDER BY id DESC LIMIT 1");
        self.read(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(source).fetch_optional(&self.pool))
    }

    /// One input.
    ///
    /// # Errors
    /// STO001.
    pub fn input(&self, id: i64) -> Result<Option<InputRow>, Fault> {
        let sql = format!("{COLUMNS} WHERE id = $1");
        self.read(sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(&self.pool))
    }

    /// Keyed digest of the newest input of a source, where it was read or is to be. One that was set aside may come
    /// again unchanged: its mapping may have been mended.
    ///
    /// # Errors
    /// STO001.
    pub fn newest_content(&self, source: &str) -> Result<Option<Vec<u8>>, Fault> {
        let sql = "SELECT content FROM (SELECT content, state FROM input WHERE source = $1 ORDER BY id DESC LIMIT 1) AS newest
             WHERE state <> 'quarantined'";
        self.read(sqlx::query_scalar(sql).bind(source).fetch_optional(&self.pool))
    }

    /// Whether the archive has a record of this name.
    ///
    /// # Errors
    /// STO001.
    pub fn knows_archive(&self, archive: &str) -> Result<bool, Fault> {
        let query = sqlx::query_scalar::<_, i64>(
            "SELECT (SELECT COUNT(*) FROM input WHERE archive = $1) + (SELECT COUNT(*) FROM aside WHERE name = $1)",
        );
        Ok(self.read(query.bind(archive).fetch_one(&self.pool))? > 0)
    }
}
