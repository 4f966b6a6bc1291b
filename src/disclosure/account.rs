//! One person's account: to whom what was told, when and for what, in the fields of 45 CFR 164.528(b)(2).

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::otherwise::{Purpose, ToldOtherwise, told_otherwise_of};
use super::read::RecordedReading;
use super::rules;
use super::sought::{Found, MemberMark, Sought, find};
use super::telling::{Telling, Tellings, basis};
use crate::access::{Permit, ReadAccount};
use crate::act::Grounds;
use crate::audit::Action;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::model::enrollment::MemberChange;
use crate::model::field::FieldSet;
use crate::model::ids::{CarrierName, Pseudonym};
use crate::model::person::Relationship;
use crate::policy::BASIS;
use crate::state::{AttemptState, DeliveryState};
use crate::store::SendingRow;

/// What somebody wants to know: the person, the days, and whether by name.
#[derive(Clone, Debug)]
pub struct AccountAsked<'a> {
    /// Who is asked about.
    pub sought: &'a Sought,
    /// From this day on.
    pub since: Option<NaiveDate>,
    /// Until this day.
    pub until: Option<NaiveDate>,
    /// One of the people, by the number they are listed under.
    pub person: Option<usize>,
    /// Whether names are shown.
    pub names: bool,
}

/// What was told of somebody.
#[derive(Clone, Debug)]
pub struct Account {
    /// Of whom, in the order of the numbers they are listed under.
    pub people: Vec<Accounted>,
    /// From this day on.
    pub since: NaiveDate,
    /// Until this day.
    pub until: NaiveDate,
    /// The oldest first.
    pub disclosures: Vec<Disclosure>,
    /// How many more there were, of which the records were destroyed when their time was over.
    pub destroyed: u64,
}

/// Somebody of whose data something was told.
#[derive(Clone, Debug)]
pub struct Accounted {
    /// Pseudonym of the household.
    pub family: Pseudonym,
    /// How it is called on this account, from 1.
    pub number: usize,
    /// To the subscriber.
    pub relationship: Relationship,
    /// As last told; only where names were asked for.
    pub name: Option<String>,
}

/// Whether what was sent came to where somebody may have read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// The file stood at the carrier.
    Told,
    /// It may have stood there: nobody could look, or somebody says that it does not.
    Perhaps,
    /// It never stood under its name: bytes that only the carrier can open may have been left under another.
    Unfinished,
}

impl Certainty {
    /// The word in tables and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Certainty::Told => "told",
            Certainty::Perhaps => "perhaps",
            Certainty::Unfinished => "unfinished",
        }
    }

    pub(super) fn of(state: AttemptState) -> Certainty {
        match state {
            AttemptState::Delivered | AttemptState::ByHand => Certainty::Told,
            AttemptState::Publishing | AttemptState::Absent => Certainty::Perhaps,
            AttemptState::Intent | AttemptState::Verified | AttemptState::Failed => Certainty::Unfinished,
        }
    }
}

/// One disclosure of one person's data.
#[derive(Clone, Debug)]
pub struct Disclosure {
    /// When, RFC 3339, UTC.
    pub at: String,
    /// Of whom: the number on this account.
    pub person: usize,
    /// To whom: the name people use.
    pub recipient: String,
    /// Where the recipient is, if that is known.
    pub address: Option<String>,
    /// Which elements of the catalogue.
    pub fields: FieldSet,
    /// One word of a closed list.
    pub purpose: &'static str,
    /// On which ground.
    pub basis: String,
    /// Whether it came there.
    pub certainty: Certainty,
    /// What has come of the delivery since.
    pub state: DeliveryState,
    /// Whether the same file had been sent before.
    pub again: bool,
    /// The feed it was told by; empty where it was told otherwise.
    pub feed: String,
    /// The delivery it was told by; 0 where it was told otherwise.
    pub delivery: i64,
    /// The file, as it was called at the carrier.
    pub file: String,
}

/// For what feeds tell anything: nothing else is configurable.
pub const ENROLLMENT: &str = "enrollment";

/// Years for which disclosures are accounted for (45 CFR 164.528(a)(1)).
const YEARS: i32 = 6;

/// Accounts for what was told of somebody, and records that it was read.
///
/// # Errors
/// DIS001 to DIS003; RUN020 without a reason; STO001; the vault's.
pub fn account(
    engine: &Engine,
    asked: &AccountAsked,
    grounds: &Grounds,
    permit: &Permit<ReadAccount>,
) -> Result<Account, Fault> {
    grounds.given()?;
    let reading = RecordedReading { engine, action: Action::DisclosuresRead, act: "disclosures", grounds };
    let found = match find(engine, asked.sought) {
        Ok(found) => found,
        Err(fault) => {
            // Whoever tries out numbers leaves as many events as tries.
            reading.record(|event| event.name("found", fault.code).permitted(permit))?;
            return Err(fault);
        }
    };
    let account = accounted(engine, asked, &found)?;
    reading.record(|event| {
        let member = found.first().map_or(String::new(), |found| found.family.short());
        let event = event.name("member", &member).name("names", if asked.names { "shown" } else { "masked" });
        event.count("disclosures", account.disclosures.len() as i64).permitted(permit)
    })?;
    Ok(account)
}

fn accounted(engine: &Engine, asked: &AccountAsked, found: &[Found]) -> Result<Account, Fault> {
    // 45 CFR 164.528(a)(1) asks for six years before the question; older ones are there for whoever says --since.
    let today = engine.clock.today();
    let six_years_ago = today.checked_sub_months(chrono::Months::new(12 * YEARS.unsigned_abs())).unwrap_or(today);
    let (since, until) = (asked.since.unwrap_or(six_years_ago), asked.until.unwrap_or(today));
    let mut gathering = Gathering { engine, names: asked.names, people: BTreeMap::new(), disclosures: Vec::new() };
    let mut tellings = Tellings::new(engine);
    for found in found {
        for telling in tellings.of(found.family)? {
            gathering.add(found, &telling);
        }
        for told in told_otherwise_of(engine, found.family)? {
            gathering.add_otherwise(found, &told)?;
        }
    }
    let mut account = Account { destroyed: tellings.destroyed, ..gathering.account(since, until) };
    if let Some(number) = asked.person {
        account.people.retain(|person| person.number == number);
        account.disclosures.retain(|disclosure| disclosure.person == number);
    }
    Ok(account)
}

/// Disclosures as they are found.
struct Gathering<'e> {
    engine: &'e Engine,
    names: bool,
    people: BTreeMap<(Pseudonym, MemberMark), Accounted>,
    disclosures: Vec<Disclosure>,
}

impl Gathering<'_> {
    fn add(&mut self, found: &Found, telling: &Telling) {
        for member in &telling.change.members {
            let subscriber = member.person.relationship == Relationship::Subscriber;
            let mark = (!subscriber).then(|| member.person.key.clone());
            if found.people.as_ref().is_some_and(|people| !people.contains(&mark)) {
                continue;
            }
            let person = self.person(found.family, mark, member);
            let fields = telling.told(member);
            // Each time it was sent is one disclosure: the carrier could read it each time.
            for (nth, sending) in telling.sendings.iter().enumerate() {
                let disclosure = self.disclosure(telling, sending, nth > 0);
                self.disclosures.push(Disclosure { person, fields, ..disclosure });
            }
        }
    }

    /// What no feed told is the subscriber's: whoever is found as a dependent alone sees none of it.
    fn add_otherwise(&mut self, found: &Found, told: &ToldOtherwise) -> Result<(), Fault> {
        if found.people.as_ref().is_some_and(|people| !people.contains(&None)) {
            return Ok(());
        }
        let next = self.people.len() + 1;
        let (family, relationship) = (found.family, Relationship::Subscriber);
        let person = self.people.entry((family, None));
        let person = person.or_insert(Accounted { family, number: next, relationship, name: None }).number;
        self.disclosures.push(Disclosure {
            at: told.row.told_at.clone().unwrap_or_default(),
            person,
            recipient: told.case.recipient.clone(),
            address: told.case.address.clone(),
            fields: told.case.fields()?,
            purpose: Purpose::of_word(&told.row.purpose).map_or(ENROLLMENT, Purpose::word),
            basis: format!("case {}", told.case.case),
            certainty: Certainty::Told,
            state: DeliveryState::Delivered,
            again: false,
            feed: String::new(),
            delivery: 0,
            file: String::new(),
        });
        Ok(())
    }

    fn person(&mut self, family: Pseudonym, mark: MemberMark, member: &MemberChange) -> usize {
        let next = self.people.len() + 1;
        let relationship = member.person.relationship;
        let known = self.people.entry((family, mark));
        let person = known.or_insert(Accounted { family, number: next, relationship, name: None });
        person.relationship = relationship;
        if self.names {
            let person_told = &member.person;
            let names = [person_told.first_name.reveal().as_str(), person_told.last_name.reveal().as_str()];
            person.name = Some(names.join(" "));
        }
        person.number
    }

    fn disclosure(&self, telling: &Telling, sending: &SendingRow, again: bool) -> Disclosure {
        let carrier = CarrierName::new(&telling.row.carrier).and_then(|name| self.engine.site.carriers.get(&name));
        Disclosure {
            at: sending.at.clone(),
            person: 0,
            recipient: carrier.map_or_else(|| telling.row.carrier.clone(), |carrier| carrier.title.clone()),
            address: carrier.and_then(|carrier| carrier.address.clone()),
            fields: FieldSet::default(),
            purpose: ENROLLMENT,
            basis: basis(&telling.row).unwrap_or_else(|| BASIS.to_string()),
            certainty: Certainty::of(sending.state),
            state: telling.row.state,
            again,
            feed: telling.feed.clone(),
            delivery: telling.row.id,
            file: telling.row.final_name.clone(),
        }
    }

    fn account(self, since: NaiveDate, until: NaiveDate) -> Account {
        let within = |disclosure: &Disclosure| {
            let day = disclosure.at.get(..10).and_then(|day| day.parse::<NaiveDate>().ok());
            day.is_none_or(|day| day >= since && day <= until)
        };
        let mut disclosures: Vec<Disclosure> = self.disclosures.into_iter().filter(within).collect();
        disclosures
            .sort_by(|one, other| (&one.at, one.delivery, one.person).cmp(&(&other.at, other.delivery, other.person)));
        let mut people: Vec<Accounted> = self.people.into_values().collect();
        people.sort_by_key(|person| person.number);
        Account { people, since, until, disclosures, destroyed: 0 }
    }
}

/// The deliveries named, each of them there.
pub(super) fn known_delivery<T>(found: Option<T>, id: i64) -> Result<T, Fault> {
    found.ok_or_else(|| rules::NO_DELIVERY.fault().count("delivery", id.unsigned_abs()))
}
