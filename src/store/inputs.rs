//! Inputs: files that were taken in.

use sqlx::FromRow;

use super::change::Change;
use super::database::Store;
use crate::audit::Action;
use crate::fault::Fault;
use crate::state::{InputState, State as _};

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
    /// What became of it.
    #[sqlx(try_from = "String")]
    pub state: InputState,
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
        self.begins(InputState::Archived, Action::InputArchived)?;
        self.run(async |connection| {
            sqlx::query(
                "INSERT INTO input (id, source, business_date, received_at, archive, bytes, content, state)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(id)
            .bind(&input.source)
            .bind(&input.business_date)
            .bind(&input.received_at)
            .bind(&input.archive)
            .bind(input.bytes)
            .bind(content)
            .bind(InputState::Archived.word())
            .execute(connection)
            .await
        })?;
        Ok(id)
    }

    /// Records what became of an archived input.
    ///
    /// # Errors
    /// STO001; STO008 where the table has no such transition.
    pub fn settle_input(&mut self, id: i64, state: InputState, counts: [i64; 3]) -> Result<(), Fault> {
        let at = self.at();
        let word: String = self.run(async |connection| {
            sqlx::query_scalar("SELECT state FROM input WHERE id = $1").bind(id).fetch_one(connection).await
        })?;
        let by = if state == InputState::Applied { Action::InputApplied } else { Action::InputQuarantined };
        self.goes_over(InputState::read(&word)?, state, by)?;
        self.run(async |connection| {
            sqlx::query(
                "UPDATE input SET state = $2, settled_at = $3, families = $4, changed = $5, faults = $6
                 WHERE id = $1",
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
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE source = $1 AND state = $2 ORDER BY id"));
        self.read(sqlx::query_as(sql).bind(source).bind(InputState::Archived.word()).fetch_all(&self.pool))
    }

    /// The newest applied input of a source.
    ///
    /// # Errors
    /// STO001.
    pub fn current_input(&self, source: &str) -> Result<Option<InputRow>, Fault> {
        let sql = format!("{COLUMNS} WHERE source = $1 AND state = $2 ORDER BY id DESC LIMIT 1");
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(source).bind(InputState::Applied.word());
        self.read(query.fetch_optional(&self.pool))
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
             WHERE state <> $2";
        let query = sqlx::query_scalar(sql).bind(source).bind(InputState::Quarantined.word());
        self.read(query.fetch_optional(&self.pool))
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
