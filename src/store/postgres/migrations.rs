//! What bex makes of an empty database.

use sqlx::migrate::MigrateError;
use sqlx::postgres::PgConnection;

use super::connection;
use crate::fault::Fault;
use crate::store::rules;
use crate::store::steps::{Step, migrator, steps};

/// The steps, each with the number and the meaning of SQLite's. They are never edited.
static STEPS: &[Step] = steps!("postgres/migrations");

/// Brings the schema up to this version. Several processes may do it at once: they wait for each other.
///
/// # Errors
/// STO003 when the schema is of another version; STO010 and the others as usual.
pub(super) async fn run(connection: &mut PgConnection) -> Result<(), Fault> {
    migrator(STEPS).run(connection).await.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => connection::fault(&error),
        _ => rules::WRONG_SCHEMA.fault(),
    })
}
