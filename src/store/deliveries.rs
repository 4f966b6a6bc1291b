//! Deliveries and their attempts.

use chrono::NaiveDateTime;
use sqlx::FromRow;

use super::change::Change;
use super::database::Store;
use super::rules;
use crate::fault::Fault;

/// A delivery to be numbered.
#[derive(Clone, Debug)]
pub struct NewDelivery<'a> {
    /// Its run.
    pub run: i64,
    /// Its feed.
    pub feed: &'a str,
    /// Its carrier.
    pub carrier: &'a str,
    /// Sender and receiver of the interchange: whose numbers are counted together.
    pub partner: &'a str,
    /// `full` or `change`.
    pub style: &'a str,
    /// The moment in its headers, `YYYY-MM-DDTHH:MM:SS`, UTC.
    pub frozen_at: &'a str,
    /// Final name with `{number}` where the number goes.
    pub name_pattern: &'a str,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// Numbers, times and names are fixed; nothing is built.
    Numbered,
    /// Judged, sealed and kept.
    Sealed,
    /// An attempt is or was under way.
    Sending,
    /// Stands at the carrier.
    Delivered,
    /// The carrier accepted it.
    Accepted,
    /// The carrier never answers, and nothing was heard: taken for accepted.
    Assumed,
    /// The carrier rejected it; what it told was taken back.
    Rejected,
    /// Published or not cannot be decided.
    Uncertain,
    /// Another file stands under its name.
    Held,
    /// Given up before anything was published; its number is not used again.
    Void,
}

impl DeliveryState {
    const ALL: [DeliveryState; 10] = [
        DeliveryState::Numbered,
        DeliveryState::Sealed,
        DeliveryState::Sending,
        DeliveryState::Delivered,
        DeliveryState::Accepted,
        DeliveryState::Assumed,
        DeliveryState::Rejected,
        DeliveryState::Uncertain,
        DeliveryState::Held,
        DeliveryState::Void,
    ];

    /// The word in the store.
    pub fn word(self) -> &'static str {
        match self {
            DeliveryState::Numbered => "numbered",
            DeliveryState::Sealed => "sealed",
            DeliveryState::Sending => "sending",
            DeliveryState::Delivered => "delivered",
            DeliveryState::Accepted => "accepted",
            DeliveryState::Assumed => "assumed",
            DeliveryState::Rejected => "rejected",
            DeliveryState::Uncertain => "uncertain",
            DeliveryState::Held => "held",
            DeliveryState::Void => "void",
        }
    }

    /// Whether the carrier has it, whatever it said of it.
    pub fn is_delivered(self) -> bool {
        use DeliveryState::{Accepted, Assumed, Delivered, Rejected};
        matches!(self, Delivered | Accepted | Assumed | Rejected)
    }
}

/// A delivery as recorded.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct DeliveryRow {
    /// Id, unique for life: BGN02.
    pub id: i64,
    /// Its run.
    pub run: i64,
    /// Its feed.
    pub feed: String,
    /// Its carrier.
    pub carrier: String,
    /// Sender, receiver and environment.
    pub partner: String,
    /// ISA13 and GS06.
    pub number: i64,
    /// `full` or `change`.
    pub style: String,
    /// The moment in its headers.
    pub frozen_at: String,
    /// Name at the carrier.
    pub final_name: String,
    /// Subscriber loops.
    pub subscribers: i64,
    /// Dependent loops.
    pub dependents: i64,
    state: String,
    /// File below state/outbox.
    pub outbox: Option<String>,
    /// SHA-256 of the sealed bytes.
    pub sealed_sha256: Option<Vec<u8>>,
    /// Length of the sealed bytes.
    pub sealed_bytes: Option<i64>,
    /// Length of the clear bytes.
    pub plain_bytes: Option<i64>,
    /// Fingerprint of the recipient's key.
    pub recipient: Option<String>,
    /// When it was delivered.
    pub delivered_at: Option<String>,
    /// What the carrier's TA1 said.
    pub ta1: Option<String>,
    /// What the carrier's 999 said.
    pub g999: Option<String>,
}

impl DeliveryRow {
    /// When it was delivered, UTC.
    pub fn delivered(&self) -> Option<NaiveDateTime> {
        NaiveDateTime::parse_from_str(self.delivered_at.as_deref()?, "%Y-%m-%dT%H:%M:%SZ").ok()
    }

    /// Where it stands.
    pub fn state(&self) -> DeliveryState {
        let found = DeliveryState::ALL.into_iter().find(|state| state.word() == self.state);
        found.unwrap_or(DeliveryState::Numbered)
    }
}

/// What is recorded of sealed bytes.
#[derive(Clone, Debug)]
pub struct SealedFacts<'a> {
    /// File below state/outbox.
    pub outbox: &'a str,
    /// SHA-256 of the sealed bytes.
    pub sha256: [u8; 32],
    /// Length of the sealed bytes.
    pub bytes: u64,
    /// Keyed digest of the clear bytes' SHA-256.
    pub plain_digest: [u8; 16],
    /// Length of the clear bytes.
    pub plain_bytes: u64,
    /// Fingerprint of the recipient's key.
    pub recipient: &'a str,
}

/// One try to deliver.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct AttemptRow {
    /// Ordinal, from 1.
    pub n: i64,
    /// Temporary name at the carrier.
    pub temp_name: String,
    /// `intent`, `verified`, `publishing`, `delivered` or `failed`.
    pub state: String,
    /// What was found: how the bytes were compared, or why it failed.
    pub evidence: Option<String>,
}

const COLUMNS: &str = "SELECT id, run, feed, carrier, partner, number, style, frozen_at, final_name, subscribers,
    dependents, state, outbox, sealed_sha256, sealed_bytes, plain_bytes, recipient, delivered_at, ta1, g999
    FROM delivery";

impl Change<'_> {
    /// Fixes a delivery's numbers, times and names. The control number is the partner's next.
    ///
    /// # Errors
    /// STO001; NUM001 when the partner's numbers are used up.
    pub fn number_delivery(&mut self, new: &NewDelivery) -> Result<(i64, i64), Fault> {
        let number = self.next_number(&number_counter(new.partner))?;
        if number > 999_999_999 {
            return Err(rules::NUMBERS_USED_UP.fault());
        }
        let id = self.next_number("delivery")?;
        let final_name = new.name_pattern.replace("{number}", &format!("{number:09}"));
        self.run(async |connection| {
            sqlx::query(
                "INSERT INTO delivery (id, run, feed, carrier, partner, number, style, frozen_at, final_name,
                 subscribers, dependents, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, 'numbered')",
            )
            .bind(id)
            .bind(new.run)
            .bind(new.feed)
            .bind(new.carrier)
            .bind(new.partner)
            .bind(number)
            .bind(new.style)
            .bind(new.frozen_at)
            .bind(final_name)
            .execute(connection)
            .await
        })?;
        Ok((id, number))
    }

    /// Fixes how many loops a numbered delivery has.
    ///
    /// # Errors
    /// STO001.
    pub fn set_loops(&mut self, id: i64, subscribers: i64, dependents: i64) -> Result<(), Fault> {
        self.run(async |connection| {
            sqlx::query("UPDATE delivery SET subscribers = $2, dependents = $3 WHERE id = $1 AND state = 'numbered'")
                .bind(id)
                .bind(subscribers)
                .bind(dependents)
                .execute(connection)
                .await
        })?;
        Ok(())
    }

    /// Records the sealed bytes.
    ///
    /// # Errors
    /// STO001.
    pub fn seal_delivery(&mut self, id: i64, sealed: &SealedFacts) -> Result<(), Fault> {
        self.run(async |connection| {
            sqlx::query(
                "UPDATE delivery SET state = 'sealed', outbox = $2, sealed_sha256 = $3, sealed_bytes = $4,
                 plain_digest = $5, plain_bytes = $6, recipient = $7 WHERE id = $1 AND state = 'numbered'",
            )
            .bind(id)
            .bind(sealed.outbox)
            .bind(&sealed.sha256[..])
            .bind(sealed.bytes.cast_signed())
            .bind(&sealed.plain_digest[..])
            .bind(sealed.plain_bytes.cast_signed())
            .bind(sealed.recipient)
            .execute(connection)
            .await
        })?;
        Ok(())
    }

    /// Moves a delivery to a state.
    ///
    /// # Errors
    /// STO001.
    pub fn set_delivery_state(&mut self, id: i64, state: DeliveryState) -> Result<(), Fault> {
        let at = self.at();
        self.run(async |connection| {
            sqlx::query(
                "UPDATE delivery SET state = $2,
                 delivered_at = CASE WHEN $3 THEN COALESCE(delivered_at, $4) ELSE NULL END WHERE id = $1",
            )
            .bind(id)
            .bind(state.word())
            .bind(state.is_delivered())
            .bind(at)
            .execute(connection)
            .await
        })?;
        Ok(())
    }

    /// Records what a TA1 and a 999 said; `None` leaves what is recorded.
    ///
    /// # Errors
    /// STO001.
    pub fn set_verdicts(&mut self, id: i64, ta1: Option<&str>, g999: Option<&str>) -> Result<(), Fault> {
        self.run(async |connection| {
            sqlx::query("UPDATE delivery SET ta1 = COALESCE($2, ta1), g999 = COALESCE($3, g999) WHERE id = $1")
                .bind(id)
                .bind(ta1)
                .bind(g999)
                .execute(connection)
                .await
        })?;
        Ok(())
    }

    /// Begins an attempt.
    ///
    /// # Errors
    /// STO001; STO004 when the ordinal was used.
    pub fn open_attempt(&mut self, delivery: i64, n: i64, temp_name: &str) -> Result<(), Fault> {
        let at = self.at();
        self.run(async |connection| {
            sqlx::query(
                "INSERT INTO attempt (delivery, n, temp_name, state, opened_at) VALUES ($1, $2, $3, 'intent', $4)",
            )
            .bind(delivery)
            .bind(n)
            .bind(temp_name)
            .bind(at)
            .execute(connection)
            .await
        })?;
        Ok(())
    }

    /// Moves the newest attempt to a state.
    ///
    /// # Errors
    /// STO001.
    pub fn set_attempt(&mut self, delivery: i64, state: &str, evidence: Option<&str>) -> Result<(), Fault> {
        self.run(async |connection| {
            sqlx::query(
                "UPDATE attempt SET state = $2, evidence = COALESCE($3, evidence) WHERE delivery = $1
                 AND n = (SELECT MAX(n) FROM attempt WHERE delivery = $1)",
            )
            .bind(delivery)
            .bind(state)
            .bind(evidence)
            .execute(connection)
            .await
        })?;
        Ok(())
    }
}

/// The counter of a partner's control numbers.
pub(super) fn number_counter(partner: &str) -> String {
    format!("isa13 {partner}")
}

impl Store {
    /// The delivery of a run.
    ///
    /// # Errors
    /// STO001.
    pub fn delivery_of(&self, run: i64) -> Result<Option<DeliveryRow>, Fault> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE run = $1"));
        self.read(sqlx::query_as(sql).bind(run).fetch_optional(&self.pool))
    }

    /// A delivery by its partner and control number.
    ///
    /// # Errors
    /// STO001.
    pub fn delivery_numbered(&self, partner: &str, number: i64) -> Result<Option<DeliveryRow>, Fault> {
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE partner = $1 AND number = $2"));
        self.read(sqlx::query_as(sql).bind(partner).bind(number).fetch_optional(&self.pool))
    }

    /// Deliveries whose acknowledgements are still awaited, oldest first.
    ///
    /// # Errors
    /// STO001.
    pub fn awaiting(&self) -> Result<Vec<DeliveryRow>, Fault> {
        let sql = format!("{COLUMNS} WHERE state IN ('delivered', 'uncertain') ORDER BY id");
        self.read(sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(&self.pool))
    }

    /// The attempts of a delivery, in order.
    ///
    /// # Errors
    /// STO001.
    pub fn attempts(&self, delivery: i64) -> Result<Vec<AttemptRow>, Fault> {
        let query = sqlx::query_as("SELECT n, temp_name, state, evidence FROM attempt WHERE delivery = $1 ORDER BY n");
        self.read(query.bind(delivery).fetch_all(&self.pool))
    }
}
