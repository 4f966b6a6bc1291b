//! Acknowledgement files that were fetched.

use super::change::Change;
use super::database::Store;
use super::statement::Statement;
use crate::audit::Action;
use crate::fault::Fault;
use crate::state::AckState;

/// A file that came back.
#[derive(Clone, Debug)]
pub struct Acknowledged<'a> {
    /// Configured name of the partner whose outbox it lay in.
    pub carrier: &'a str,
    /// Name of the remote file.
    pub name: &'a str,
    /// Its length.
    pub bytes: u64,
    /// Keyed digest of the bytes.
    pub content: [u8; 16],
    /// Name in the archive.
    pub archive: &'a str,
    /// What became of it.
    pub state: AckState,
    /// The delivery it answers, where somebody has to look at it.
    pub delivery: Option<i64>,
}

impl Change<'_> {
    /// Records a file that came back.
    ///
    /// # Errors
    /// STO001; STO004 when the same bytes of the carrier are recorded already.
    pub fn record_acknowledgement(&mut self, ack: &Acknowledged, by: Action) -> Result<(), Fault> {
        self.begins(ack.state, by)?;
        let (id, at) = (self.next_number("acknowledgement")?, self.at());
        let insert = Statement::new(
            "INSERT INTO acknowledgement (id, carrier, name, bytes, content, archive, received_at, state, delivery)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        );
        let insert = insert.with(id).with(ack.carrier).with(ack.name).with(ack.bytes).with(&ack.content);
        self.run(insert.with(ack.archive).with(at).with(ack.state).with(ack.delivery))
    }
}

impl Store {
    /// Whether a carrier's file of this name and length was recorded before.
    ///
    /// # Errors
    /// STO001.
    pub fn knows_acknowledgement_named(&self, carrier: &str, name: &str, bytes: u64) -> Result<bool, Fault> {
        let known =
            Statement::new("SELECT COUNT(*) FROM acknowledgement WHERE carrier = $1 AND name = $2 AND bytes = $3");
        Ok(self.only::<i64>(known.with(carrier).with(name).with(bytes))? > 0)
    }

    /// Whether a carrier's file with these bytes was recorded before.
    ///
    /// # Errors
    /// STO001.
    pub fn knows_acknowledgement(&self, carrier: &str, content: [u8; 16]) -> Result<bool, Fault> {
        let known = Statement::new("SELECT COUNT(*) FROM acknowledgement WHERE carrier = $1 AND content = $2");
        Ok(self.only::<i64>(known.with(carrier).with(&content))? > 0)
    }
}
