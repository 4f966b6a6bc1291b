//! What was decided must still be permitted: a delivery goes where and to whom it was decided for, and tells no more
//! than may be told today. What differs is said in words, and a person decides.

use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};

use super::outcome::Outcome;
use super::rules;
use super::standing::StandingRun;
use crate::audit::{Action, Event};
use crate::crypt::age::Recipient;
use crate::crypt::rules::RECIPIENT_EXPIRED;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::{Carrier, Way};
use crate::model::ids::hex;
use crate::state::DeliveryState;
use crate::store::{Change, DeliveryRow, RunRow, Terms};
use crate::take_in::{has_this_form, mapping_digest};

/// What a delivery is bound to, by the names people type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Term {
    name: &'static str,
    /// Whether a person may let the delivery go on all the same: then it reaches the same carrier, sealed to the same
    /// key, and tells nothing that must not be told.
    acceptable: bool,
    /// Whether it matters to a sealed file that somebody carries.
    carried: bool,
}

const TERMS: [Term; 11] = [
    Term { name: "environment", acceptable: false, carried: true },
    Term { name: "parties", acceptable: false, carried: true },
    Term { name: "recipient", acceptable: false, carried: true },
    Term { name: "policy", acceptable: false, carried: true },
    Term { name: "host", acceptable: true, carried: false },
    Term { name: "port", acceptable: true, carried: false },
    Term { name: "user", acceptable: true, carried: false },
    Term { name: "host-keys", acceptable: true, carried: false },
    Term { name: "folder", acceptable: true, carried: false },
    Term { name: "guide", acceptable: true, carried: true },
    Term { name: "mapping", acceptable: true, carried: true },
];

/// One thing that is not any more what a delivery was decided for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    term: Term,
    then: String,
    now: String,
}

impl Departure {
    /// As it is typed behind `--accept`.
    pub fn name(&self) -> &'static str {
        self.term.name
    }

    /// Whether a person may accept it.
    pub fn is_acceptable(&self) -> bool {
        self.term.acceptable
    }

    fn words(&self) -> String {
        match self.term.name {
            "policy" => format!("may no longer tell {}", self.then),
            "guide" | "mapping" | "host-keys" => "changed".to_string(),
            _ => format!("{} now {}", self.then, self.now),
        }
    }
}

/// What a delivery to a carrier is bound to today, of a run that reads these inputs.
///
/// # Errors
/// AGE001 when the recipient is none.
pub(super) fn terms(engine: &Engine, carrier: &Carrier, run: &RunRow) -> Result<Terms, Fault> {
    let site = &engine.site;
    let mut terms = Terms::new();
    let mut set = |name: &str, value: String| drop(terms.insert(name.to_string(), value));
    set("environment", site.environment.word().to_string());
    set("parties", format!("{} {}", site.partner(carrier), carrier.receiver.group_id));
    set("recipient", Recipient::parse(&carrier.seal.recipient)?.fingerprint());
    let disclosed = carrier.policy.iter().flat_map(|policy| policy.disclose.iter());
    set("policy", disclosed.map(|field| field.word()).collect::<Vec<_>>().join(" "));
    set("folder", carrier.delivery.folder.clone());
    set("guide", serde_json::to_string(&carrier.overlay).unwrap_or_default());
    match &carrier.delivery.way {
        Way::Folder { path } => set("host", path.clone()),
        Way::Sftp(sftp) => {
            set("host", sftp.host.clone());
            set("port", sftp.port.to_string());
            set("user", sftp.user.clone());
            set("host-keys", sftp.host_keys.join("\n"));
        }
    }
    let mapped = |input: i64| -> Result<String, Fault> {
        Ok(engine.store.mapping_of(input)?.map(|digest| hex(&digest)).unwrap_or_default())
    };
    set("mapping", format!("{} {}", mapped(run.census_input)?, mapped(run.elections_input)?));
    Ok(terms)
}

/// What is not any more as a delivery was decided for.
///
/// # Errors
/// RUN006 when its carrier is not configured any more; STO001.
pub fn differences(engine: &Engine, run: &RunRow, row: &DeliveryRow) -> Result<Vec<Departure>, Fault> {
    let carrier = engine.carrier(&row.carrier).ok_or_else(|| rules::UNKNOWN_RUN.fault())?;
    let mut now = terms(engine, carrier, run)?;
    now.insert("mapping".to_string(), todays_mapping(engine, run)?);
    let then = engine.store.terms_of(row.id)?.unwrap_or_else(|| of_an_earlier_version(engine, carrier, row));
    let differs = |term: &Term| {
        // A file that is not sealed yet is judged and sealed by what holds today; its number belongs to its parties.
        let matters = row.state() != DeliveryState::Numbered || matches!(term.name, "environment" | "parties");
        let (then, now) = (then.get(term.name).filter(|_| matters)?, now.get(term.name).map_or("", String::as_str));
        let then = if term.name == "policy" { withdrawn(then, now) } else { then.clone() };
        let same = if term.name == "policy" { then.is_empty() } else { then == now };
        (!same).then(|| Departure { term: *term, then, now: now.to_string() })
    };
    Ok(TERMS.iter().filter_map(differs).collect())
}

/// What the store has always known of a delivery.
fn of_an_earlier_version(engine: &Engine, carrier: &Carrier, row: &DeliveryRow) -> Terms {
    let mut terms = Terms::new();
    if row.partner != engine.site.partner(carrier) {
        terms.insert("parties".to_string(), row.partner.clone());
    }
    row.recipient.iter().for_each(|recipient| drop(terms.insert("recipient".to_string(), recipient.clone())));
    terms
}

/// Fields that were told then and may not be told now; more that may be told is no difference.
fn withdrawn(then: &str, now: &str) -> String {
    let gone = |field: &&str| !now.split(' ').any(|told| told == *field);
    then.split(' ').filter(gone).collect::<Vec<_>>().join(" ")
}

/// By which mappings the inputs would be read today. Of one that was read by no known mapping, or by one whose digest
/// is of another form, the same.
fn todays_mapping(engine: &Engine, run: &RunRow) -> Result<String, Fault> {
    let mapped = |input: i64| -> Result<String, Fault> {
        let Some(read_by) = engine.store.mapping_of(input)? else { return Ok(String::new()) };
        if !has_this_form(&read_by) {
            return Ok(hex(&read_by));
        }
        let row = engine.store.input(input)?;
        let today = row.and_then(|row| mapping_digest(engine, &row.source));
        Ok(today.map(|digest| hex(digest.as_bytes())).unwrap_or_default())
    };
    Ok(format!("{} {}", mapped(run.census_input)?, mapped(run.elections_input)?))
}

/// Refuses what is not permitted any more.
///
/// # Errors
/// RUN026 with everything that differs; KEY010 when the carrier's key has expired; what [`differences`] can say.
pub fn still_permitted(engine: &Engine, run: &RunRow, row: &DeliveryRow) -> Result<(), Fault> {
    refuse(run, &differences(engine, run, row)?)?;
    not_expired(engine, row)
}

/// The same for a sealed file that somebody carries: where the carrier's server is does not matter.
///
/// # Errors
/// As [`still_permitted`].
pub fn may_be_carried(engine: &Engine, run: &RunRow, row: &DeliveryRow) -> Result<(), Fault> {
    let mut differing = differences(engine, run, row)?;
    differing.retain(|difference| difference.term.carried);
    refuse(run, &differing)?;
    not_expired(engine, row)
}

fn refuse(run: &RunRow, differing: &[Departure]) -> Result<(), Fault> {
    if differing.is_empty() {
        return Ok(());
    }
    let rule = if differing.iter().all(Departure::is_acceptable) {
        rules::DECIDED_OTHERWISE.worded(rules::DECIDED_OTHERWISE.sentence, rules::MAY_BE_ACCEPTED)
    } else {
        rules::DECIDED_OTHERWISE
    };
    let fault = rule.fault().count("run", run.id.unsigned_abs());
    Err(differing.iter().fold(fault, |fault, difference| fault.name(difference.name(), &difference.words())))
}

/// Refuses a carrier whose key is not valid any more.
fn not_expired(engine: &Engine, row: &DeliveryRow) -> Result<(), Fault> {
    engine.carrier(&row.carrier).map_or(Ok(()), |carrier| key_is_valid(carrier, engine.clock.today()))
}

/// Whether files may be sealed to a carrier's key, and sealed files sent, on a day.
///
/// # Errors
/// KEY010 when it has expired.
pub fn key_is_valid(carrier: &Carrier, today: NaiveDate) -> Result<(), Fault> {
    match carrier.seal.not_after {
        Some(last) if today > last => {
            let fault = RECIPIENT_EXPIRED.fault().name("carrier", carrier.name.as_str());
            Err(fault.name("not after", &last.to_string()))
        }
        _ => Ok(()),
    }
}

/// What comes of a run whose delivery is not permitted as it was decided; nothing where it is. What may stand at the
/// carrier becomes uncertain, because nobody looks for it where it was not sent.
///
/// # Errors
/// What [`differences`] can say.
pub(super) fn stopped(engine: &Engine, run: &RunRow, row: &DeliveryRow) -> Result<Option<Outcome>, Fault> {
    let fault = match still_permitted(engine, run, row) {
        Ok(()) => return Ok(None),
        Err(fault) if fault.is(&rules::DECIDED_OTHERWISE) || fault.is(&RECIPIENT_EXPIRED) => fault,
        Err(fault) => return Err(fault),
    };
    if !row.may_be_published(&engine.store.attempts(row.id)?) {
        return Ok(Some(Outcome::Held(vec![fault])));
    }
    if row.state() != DeliveryState::Uncertain {
        let mut change = engine.change()?;
        change.set_delivery_state(row.id, DeliveryState::Uncertain, Action::DeliveryUncertain)?;
        let event = Event::new(Action::DeliveryUncertain).name("feed", &row.feed).count("run", row.run);
        engine.commit(change, &[event.count("delivery", row.id).name("code", fault.code)])?;
    }
    Ok(Some(Outcome::Uncertain(fault)))
}

/// A sealing's event with what the delivery is bound to: settings in the clear, the rest by a digest.
pub(super) fn named(event: Event, terms: &Terms) -> Event {
    let of = |name: &str| terms.get(name).map_or("", String::as_str);
    let digest = |name: &str| hex(&Sha256::digest(of(name))[..8]);
    let event = event.name("host", of("host")).name("folder", of("folder")).name("host_keys", &digest("host-keys"));
    event.name("policy", &digest("policy")).name("guide", &digest("guide")).name("mapping", &digest("mapping"))
}

/// Binds a run's delivery to what is configured now.
///
/// # Errors
/// AGE001; STO001.
pub fn rebind(engine: &Engine, change: &mut Change, stands: &StandingRun) -> Result<(), Fault> {
    let Some(row) = &stands.delivery else { return Ok(()) };
    let carrier = engine.carrier(&row.carrier).ok_or_else(|| rules::UNKNOWN_RUN.fault())?;
    let mut terms = terms(engine, carrier, &stands.run)?;
    terms.insert("mapping".to_string(), todays_mapping(engine, &stands.run)?);
    change.bind(row.id, &terms)
}
