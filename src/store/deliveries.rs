//! Deliveries and their attempts.

use chrono::NaiveDateTime;

use super::change::Change;
use super::database::Store;
use super::rules;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::audit::Action;
use crate::fault::Fault;
use crate::state::{AckState, Answer, AttemptState, DeliveryState, State as _};

/// What is fixed when a run takes its control number: times, names, style.
#[derive(Clone, Debug)]
pub struct NewDelivery<'a> {
    /// Number of the run it came of.
    pub run: i64,
    /// Configured name of the feed.
    pub feed: &'a str,
    /// Configured name of the partner it goes to.
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

/// One sealed file's way to its carrier, as far as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRow {
    /// Id, unique for life: BGN02.
    pub id: i64,
    /// Number of the run that numbered it; one for all its tries.
    pub run: i64,
    /// Name of the feed, as configured when it was numbered.
    pub feed: String,
    /// Name of the carrier it goes to.
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
    state: DeliveryState,
    /// File below state/outbox.
    pub outbox: Option<String>,
    /// SHA-256 of the sealed bytes.
    pub sealed_sha256: Option<Vec<u8>>,
    /// Length of the sealed bytes.
    pub sealed_bytes: Option<i64>,
    /// Keyed digest of the clear bytes' SHA-256.
    pub plain_digest: Option<Vec<u8>>,
    /// Length of the clear bytes.
    pub plain_bytes: Option<i64>,
    /// Fingerprint of the recipient's key.
    pub recipient: Option<String>,
    /// RFC 3339, UTC; nothing before there is proof.
    pub delivered_at: Option<String>,
    /// What the carrier's TA1 said.
    pub ta1: Option<Answer>,
    /// What the carrier's 999 said.
    pub g999: Option<Answer>,
    /// Whether a person has said what holds, whatever the answers say.
    settled: i64,
    /// An answer to it that is kept for a person, if there is one.
    pub objection: Option<AckState>,
}

impl DeliveryRow {
    /// The moment of proof, parsed, UTC.
    pub fn delivered(&self) -> Option<NaiveDateTime> {
        NaiveDateTime::parse_from_str(self.delivered_at.as_deref()?, "%Y-%m-%dT%H:%M:%SZ").ok()
    }

    /// The row's word, read as a state of the table.
    pub fn state(&self) -> DeliveryState {
        self.state
    }

    /// Whether a person has said what holds, whatever the answers say.
    pub fn is_settled(&self) -> bool {
        self.settled > 0
    }

    /// Whether it may stand at the carrier, given its attempts: from there on only looking, or the carrier, can tell.
    pub fn may_be_published(&self, attempts: &[AttemptRow]) -> bool {
        let intended = attempts.iter().any(|attempt| attempt.state.may_be_published());
        intended || self.state.is_delivered() || self.state == DeliveryState::Uncertain
    }

    /// Whether an answer can be one to it, given its attempts, whatever anybody has said of them since.
    pub fn may_be_answered(&self, attempts: &[AttemptRow]) -> bool {
        let intended = attempts.iter().any(|attempt| attempt.state.may_be_answered());
        intended || self.may_be_published(attempts)
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

/// The control numbers that were used with one partner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumbersUsed {
    /// Sender and receiver of the interchange.
    pub partner: String,
    /// How many.
    pub count: i64,
    /// The lowest.
    pub first: i64,
    /// The highest.
    pub last: i64,
    /// Which is used next.
    pub next: Option<i64>,
}

impl FromRow for NumbersUsed {
    fn from_row(row: &mut FetchedRow) -> Result<NumbersUsed, Fault> {
        Ok(NumbersUsed {
            partner: row.next()?,
            count: row.next()?,
            first: row.next()?,
            last: row.next()?,
            next: row.next()?,
        })
    }
}

/// One try to deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptRow {
    /// Ordinal, from 1.
    pub n: i64,
    /// Temporary name at the carrier.
    pub temp_name: String,
    /// How far it came.
    pub state: AttemptState,
    /// What was found: how the bytes were compared, or why it failed.
    pub evidence: Option<String>,
}

/// Where an attempt goes over to, and what was found.
#[derive(Clone, Copy, Debug)]
pub struct AttemptMoved<'a> {
    /// Its next state.
    pub state: AttemptState,
    /// How the bytes were compared, why it failed, or what proves it; `None` leaves what is recorded.
    pub evidence: Option<&'a str>,
}

const ATTEMPTS: &str = "SELECT n, temp_name, state, evidence FROM attempt WHERE delivery = $1 ORDER BY n";

impl FromRow for AttemptRow {
    fn from_row(row: &mut FetchedRow) -> Result<AttemptRow, Fault> {
        Ok(AttemptRow { n: row.next()?, temp_name: row.next()?, state: row.next()?, evidence: row.next()? })
    }
}

const COLUMNS: &str = "SELECT id, run, feed, carrier, partner, number, style, frozen_at, final_name, subscribers,
    dependents, state, outbox, sealed_sha256, sealed_bytes, plain_digest, plain_bytes, recipient, delivered_at, ta1, g999,
    settled,
    (SELECT MIN(a.state) FROM acknowledgement AS a WHERE a.delivery = delivery.id AND a.state <> '{settled}')
    AS objection FROM delivery";

/// A question about deliveries that fulfil a condition.
fn deliveries_where(condition: &str) -> Statement {
    let columns = COLUMNS.replace("{settled}", AckState::Settled.word());
    Statement::new(format!("{columns} WHERE {condition}"))
}

impl FromRow for DeliveryRow {
    fn from_row(row: &mut FetchedRow) -> Result<DeliveryRow, Fault> {
        Ok(DeliveryRow {
            id: row.next()?,
            run: row.next()?,
            feed: row.next()?,
            carrier: row.next()?,
            partner: row.next()?,
            number: row.next()?,
            style: row.next()?,
            frozen_at: row.next()?,
            final_name: row.next()?,
            subscribers: row.next()?,
            dependents: row.next()?,
            state: row.next()?,
            outbox: row.next()?,
            sealed_sha256: row.next()?,
            sealed_bytes: row.next()?,
            plain_digest: row.next()?,
            plain_bytes: row.next()?,
            recipient: row.next()?,
            delivered_at: row.next()?,
            ta1: row.next()?,
            g999: row.next()?,
            settled: row.next()?,
            objection: row.next()?,
        })
    }
}

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
        self.begins(DeliveryState::Numbered, Action::DeliveryNumbered)?;
        let final_name = new.name_pattern.replace("{number}", &format!("{number:09}"));
        let insert = Statement::new(
            "INSERT INTO delivery (id, run, feed, carrier, partner, number, style, frozen_at, final_name,
             subscribers, dependents, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, $10)",
        );
        let insert = insert.with(id).with(new.run).with(new.feed).with(new.carrier).with(new.partner).with(number);
        let insert = insert.with(new.style).with(new.frozen_at).with(final_name).with(DeliveryState::Numbered);
        self.run(insert)?;
        Ok((id, number))
    }

    /// Fixes how many loops a numbered delivery has.
    ///
    /// # Errors
    /// STO001.
    pub fn set_loops(&mut self, id: i64, subscribers: i64, dependents: i64) -> Result<(), Fault> {
        let fix = Statement::new("UPDATE delivery SET subscribers = $2, dependents = $3 WHERE id = $1 AND state = $4");
        self.run(fix.with(id).with(subscribers).with(dependents).with(DeliveryState::Numbered))
    }

    /// Records the sealed bytes.
    ///
    /// # Errors
    /// STO001; STO008 when it is not numbered.
    pub fn seal_delivery(&mut self, id: i64, sealed: &SealedFacts) -> Result<(), Fault> {
        let from = self.delivery_state(id)?;
        self.goes_over(from, DeliveryState::Sealed, Action::DeliverySealed)?;
        let keep = Statement::new(
            "UPDATE delivery SET outbox = $2, sealed_sha256 = $3, sealed_bytes = $4, plain_digest = $5,
             plain_bytes = $6, recipient = $7, state = $8 WHERE id = $1",
        );
        let keep = keep.with(id).with(sealed.outbox).with(&sealed.sha256).with(sealed.bytes).with(&sealed.plain_digest);
        self.run(keep.with(sealed.plain_bytes).with(sealed.recipient).with(DeliveryState::Sealed))
    }

    /// A delivery by its partner and control number, as this change sees it.
    ///
    /// # Errors
    /// STO001.
    pub fn delivery_numbered(&mut self, partner: &str, number: i64) -> Result<Option<DeliveryRow>, Fault> {
        self.first(deliveries_where("partner = $1 AND number = $2").with(partner).with(number))
    }

    /// The attempts of a delivery, in order, as this change sees them.
    ///
    /// # Errors
    /// STO001.
    pub fn attempts(&mut self, delivery: i64) -> Result<Vec<AttemptRow>, Fault> {
        self.all(Statement::new(ATTEMPTS).with(delivery))
    }

    /// Where a delivery stands, as this change sees it.
    fn delivery_state(&mut self, id: i64) -> Result<DeliveryState, Fault> {
        self.only(Statement::new("SELECT state FROM delivery WHERE id = $1").with(id))
    }

    /// Moves a delivery to a state, by the event that names it.
    ///
    /// # Errors
    /// STO001; STO008 where the table has no such transition.
    pub fn set_delivery_state(&mut self, id: i64, state: DeliveryState, by: Action) -> Result<(), Fault> {
        let from = self.delivery_state(id)?;
        self.goes_over(from, state, by)?;
        let at = self.at();
        let go = Statement::new(
            "UPDATE delivery SET state = $2,
             delivered_at = CASE WHEN $3 = 1 THEN COALESCE(delivered_at, $4) ELSE NULL END WHERE id = $1",
        );
        self.run(go.with(id).with(state).with(state.is_delivered()).with(at))
    }

    /// Records what a TA1 and a 999 said; what is recorded already stays.
    ///
    /// # Errors
    /// STO001.
    pub fn set_verdicts(&mut self, id: i64, ta1: Option<Answer>, g999: Option<Answer>) -> Result<(), Fault> {
        let keep =
            Statement::new("UPDATE delivery SET ta1 = COALESCE(ta1, $2), g999 = COALESCE(g999, $3) WHERE id = $1");
        self.run(keep.with(id).with(ta1).with(g999))
    }

    /// Records that something is objected to in what was accepted: the worst that its carrier says of it counts.
    ///
    /// # Errors
    /// STO001.
    pub fn set_errors(&mut self, id: i64) -> Result<(), Fault> {
        let keep = Statement::new("UPDATE delivery SET g999 = $2 WHERE id = $1 AND g999 = $3");
        self.run(keep.with(id).with(Answer::Errors).with(Answer::Accepted))
    }

    /// Records that a person has said what holds, and that the answers kept for somebody are dealt with.
    ///
    /// # Errors
    /// STO001.
    pub fn settle_delivery(&mut self, id: i64, state: DeliveryState) -> Result<(), Fault> {
        let by = Action::DeliverySettled;
        self.set_delivery_state(id, state, by)?;
        self.run(Statement::new("UPDATE delivery SET settled = 1 WHERE id = $1").with(id))?;
        self.goes_over(AckState::Contradicting, AckState::Settled, by)?;
        let settle = Statement::new("UPDATE acknowledgement SET state = $2 WHERE delivery = $1 AND state = $3");
        self.run(settle.with(id).with(AckState::Settled).with(AckState::Contradicting))
    }

    /// Records that a person has carried a delivery's file to the carrier: an attempt of its own.
    ///
    /// # Errors
    /// STO001.
    pub fn carry_by_hand(&mut self, delivery: i64) -> Result<(), Fault> {
        let at = self.at();
        self.begins(AttemptState::ByHand, Action::DeliveryAttested)?;
        let insert = Statement::new(
            "INSERT INTO attempt (delivery, n, temp_name, state, evidence, opened_at)
             SELECT $1, 1 + COALESCE(MAX(n), 0), '', $2, $3, $4 FROM attempt WHERE delivery = $1",
        );
        self.run(insert.with(delivery).with(AttemptState::ByHand).with("attested").with(at))
    }

    /// An attempt that may have published counts as not there: somebody has the file sent again all the same.
    ///
    /// # Errors
    /// STO001.
    pub fn forget_publishing(&mut self, delivery: i64) -> Result<(), Fault> {
        // A second resend would else only look for the first, and never send.
        let newest = self.attempts(delivery)?.pop().map(|attempt| attempt.state);
        if newest != Some(AttemptState::Publishing) {
            return Ok(());
        }
        let to = AttemptMoved { state: AttemptState::Absent, evidence: Some("sent again") };
        self.set_attempt(delivery, &to, Action::DeliveryResent)
    }

    /// The hours in which a delivery is answered begin now: it went to the carrier once more.
    ///
    /// # Errors
    /// STO001.
    pub fn answer_anew(&mut self, delivery: i64) -> Result<(), Fault> {
        let at = self.at();
        let anew = Statement::new("UPDATE delivery SET delivered_at = $2 WHERE id = $1 AND delivered_at IS NOT NULL");
        self.run(anew.with(delivery).with(at))
    }

    /// Moves the newest attempt to which an answer can be one: it is answered.
    ///
    /// # Errors
    /// STO001; STO008 where the table has no such transition.
    pub fn answer_attempt(&mut self, delivery: i64) -> Result<(), Fault> {
        let attempts = self.attempts(delivery)?;
        let Some(answered) = attempts.iter().rfind(|attempt| attempt.state.may_be_answered()) else { return Ok(()) };
        self.goes_over(answered.state, AttemptState::Delivered, Action::AckApplied)?;
        let go = Statement::new("UPDATE attempt SET state = $3, evidence = $4 WHERE delivery = $1 AND n = $2");
        self.run(go.with(delivery).with(answered.n).with(AttemptState::Delivered).with("acknowledged"))
    }

    /// Begins an attempt.
    ///
    /// # Errors
    /// STO001; STO004 when the ordinal was used.
    pub fn open_attempt(&mut self, delivery: i64, n: i64, temp_name: &str) -> Result<(), Fault> {
        let at = self.at();
        self.begins(AttemptState::Intent, Action::DeliveryIntent)?;
        let insert = Statement::new(
            "INSERT INTO attempt (delivery, n, temp_name, state, opened_at) VALUES ($1, $2, $3, $4, $5)",
        );
        self.run(insert.with(delivery).with(n).with(temp_name).with(AttemptState::Intent).with(at))
    }

    /// Moves the newest attempt to a state.
    ///
    /// # Errors
    /// STO001; STO008 where the table has no such transition.
    pub fn set_attempt(&mut self, delivery: i64, to: &AttemptMoved, by: Action) -> Result<(), Fault> {
        let newest = Statement::new("SELECT n, state FROM attempt WHERE delivery = $1 ORDER BY n DESC LIMIT 1");
        let (n, from) = self.only::<(i64, AttemptState)>(newest.with(delivery))?;
        self.goes_over(from, to.state, by)?;
        let go = Statement::new(
            "UPDATE attempt SET state = $3, evidence = COALESCE($4, evidence) WHERE delivery = $1 AND n = $2",
        );
        self.run(go.with(delivery).with(n).with(to.state).with(to.evidence))
    }
}

/// The counter of a partner's control numbers.
pub(super) fn number_counter(partner: &str) -> String {
    format!("isa13 {partner}")
}

impl Store {
    /// Which control numbers are used, by partner.
    ///
    /// # Errors
    /// STO001.
    pub fn numbers_used(&self) -> Result<Vec<NumbersUsed>, Fault> {
        let used = Statement::new(
            "SELECT d.partner, COUNT(*), MIN(d.number), MAX(d.number),
             (SELECT c.next FROM counter AS c WHERE c.name = 'isa13 ' || d.partner)
             FROM delivery AS d GROUP BY d.partner ORDER BY d.partner",
        );
        self.all(used)
    }

    /// The length of the longest sealed file; 0 when there is none.
    ///
    /// # Errors
    /// STO001.
    pub fn longest_delivery(&self) -> Result<i64, Fault> {
        self.only(Statement::new("SELECT COALESCE(MAX(sealed_bytes), 0) FROM delivery"))
    }

    /// A delivery by its partner and control number.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn delivery_numbered(&self, partner: &str, number: i64) -> Result<Option<DeliveryRow>, Fault> {
        self.first(deliveries_where("partner = $1 AND number = $2").with(partner).with(number))
    }

    /// A delivery by its number.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn delivery(&self, id: i64) -> Result<Option<DeliveryRow>, Fault> {
        self.first(deliveries_where("id = $1").with(id))
    }

    /// The delivery of a run.
    ///
    /// # Errors
    /// STO001.
    pub fn delivery_of(&self, run: i64) -> Result<Option<DeliveryRow>, Fault> {
        self.first(deliveries_where("run = $1").with(run))
    }

    /// Every delivery of a feed, oldest first.
    ///
    /// # Errors
    /// STO001.
    pub fn deliveries_of(&self, feed: &str) -> Result<Vec<DeliveryRow>, Fault> {
        self.all(deliveries_where("feed = $1 ORDER BY id").with(feed))
    }

    /// Deliveries whose acknowledgements are still awaited, oldest first.
    ///
    /// # Errors
    /// STO001.
    pub fn awaiting(&self) -> Result<Vec<DeliveryRow>, Fault> {
        // In words, and not as arguments: so the index of what waits is the one that is looked at.
        let [delivered, uncertain] = DeliveryState::AWAITED.map(DeliveryState::word);
        let rejected = DeliveryState::Rejected.word();
        let awaited =
            format!("state IN ('{delivered}', '{uncertain}', '{rejected}') AND state <> '{rejected}' ORDER BY id");
        self.all(deliveries_where(&awaited))
    }

    /// The newest delivery that a carrier has answered; none while it has answered none.
    ///
    /// # Errors
    /// STO001.
    pub fn newest_answered(&self, carrier: &str) -> Result<Option<i64>, Fault> {
        let answered =
            Statement::new("SELECT id FROM delivery WHERE carrier = $1 AND state IN ($2) ORDER BY id DESC LIMIT 1");
        self.first(answered.with(carrier).with_list([DeliveryState::Accepted, DeliveryState::Rejected]))
    }

    /// The attempts of a delivery, in order.
    ///
    /// # Errors
    /// STO001.
    pub fn attempts(&self, delivery: i64) -> Result<Vec<AttemptRow>, Fault> {
        self.all(Statement::new(ATTEMPTS).with(delivery))
    }
}
