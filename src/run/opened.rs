//! A family's records, opened, with what a person has replied to questions about it.

use std::collections::HashMap;

use super::candidates::StoreCandidates;
use super::context::FeedContext;
use crate::census::name_covered;
use crate::crypt::vault::Vault;
use crate::engine::{Engine, RecordPlace, open_record};
use crate::fault::Fault;
use crate::mapping::Feed;
use crate::model::election::{CareKind, Election, Line};
use crate::model::enrollment::Enrolled;
use crate::model::ids::Pseudonym;
use crate::model::person::{Family, Person};
use crate::model::record::{FamilyRecord, to_bytes};
use crate::model::told::ToldFamily;
use crate::reconcile::questions::KEPT_BACK;
use crate::reconcile::{Beside, Given, Reply, Rules, Ruling, decide};
use crate::store::{Candidate, ReplyRow, RunRow, SealedVersion};

/// What each side says of a family.
pub(super) struct OpenedFamily {
    pub key: Pseudonym,
    pub census: Option<Family>,
    pub elections: Option<Vec<Election>>,
    pub told: Option<Enrolled>,
    pub replies: Vec<Reply>,
    census_incomplete: bool,
    elections_incomplete: bool,
}

/// Opens what stands in the rows of one family.
#[derive(Clone, Copy)]
struct RecordOpener<'e> {
    engine: &'e Engine,
    key: Pseudonym,
}

impl RecordOpener<'_> {
    /// A record of a source's or a feed's.
    fn open<T: FamilyRecord>(self, of: &str, kept: &SealedVersion) -> Result<T, Fault> {
        open_record(self.engine, RecordPlace { of, key: self.key, from: kept.from }, &kept.sealed)
    }
}

impl OpenedFamily {
    /// Opens a candidate's records.
    ///
    /// # Errors
    /// The vault's; RUN003.
    pub fn open(context: &FeedContext, candidate: &Candidate, replies: &Replies) -> Result<OpenedFamily, Fault> {
        let key = candidate.key();
        let opener = RecordOpener { engine: context.engine, key };
        let census = |kept| opener.open::<Option<Family>>(&context.census_source, kept);
        let elections = |kept| opener.open::<Vec<Election>>(&context.elections_source, kept);
        // A family whose subscriber could not be read is in the census all the same, and incomplete.
        let census = candidate.census.as_ref().map(census).transpose()?.flatten();
        let mut elections = candidate.elections.as_ref().map(elections).transpose()?;
        if let (Some(elections), Some(family)) = (&mut elections, &census) {
            elections.iter_mut().for_each(|election| name_covered(election, family));
        }
        let told = candidate.told.as_ref().map(|kept| opened_told(context, key, kept)).transpose()?.flatten();
        let mut opened = OpenedFamily {
            key,
            census,
            elections,
            told,
            replies: Vec::new(),
            census_incomplete: candidate.census_is_incomplete(),
            elections_incomplete: candidate.elections_are_incomplete(),
        };
        opened.replies = replies.of(context, key, &opened)?;
        Ok(opened)
    }

    /// The same family in another feed that reads the same files: other things were told of it, and asked.
    ///
    /// # Errors
    /// The vault's; RUN003.
    pub fn told_elsewhere(
        &self,
        context: &FeedContext,
        told: Option<&SealedVersion>,
        replies: &Replies,
    ) -> Result<OpenedFamily, Fault> {
        let told = told.map(|kept| opened_told(context, self.key, kept)).transpose()?.flatten();
        let mut opened = OpenedFamily {
            key: self.key,
            census: self.census.clone(),
            elections: self.elections.clone(),
            told,
            replies: Vec::new(),
            census_incomplete: self.census_incomplete,
            elections_incomplete: self.elections_incomplete,
        };
        opened.replies = replies.of(context, self.key, &opened)?;
        Ok(opened)
    }

    /// The sides as they are decided.
    pub fn given(&self) -> Given<'_> {
        Given {
            census: self.census.as_ref(),
            elections: self.elections.as_deref(),
            told: self.told.as_ref(),
            census_incomplete: self.census_incomplete,
            elections_incomplete: self.elections_incomplete,
            replies: &self.replies,
            beside: &[],
            elsewhere: &[],
            at_first_load: false,
        }
    }

    /// The family beside one that has somebody in common with it: what the carrier will know of it by itself.
    pub fn beside(&self, rules: &Rules) -> Option<Beside<'_>> {
        let family = self.census.as_ref()?;
        let known = decide(rules, self.given()).known.or_else(|| self.told.clone());
        let elections = self.elections.as_deref().unwrap_or_default();
        Some(Beside { family, name: self.key.short(), elections, told: self.told.as_ref(), known })
    }

    /// Whether a reply holds for the family as its sources tell of it now. One that an earlier version has kept holds
    /// for the whole that it was given for.
    fn is_answered_by(&self, row: &ReplyRow, by: FactsBy) -> bool {
        let question = QuestionFacts { code: &row.code, plan: &row.plan };
        row.facts == self.facts_about(by, question) || row.facts == self.facts(by)
    }

    /// A keyed digest of everything the sources say: what a reply of 0.2.0 and before was given for.
    fn facts(&self, by: FactsBy) -> [u8; 16] {
        said(by.vault, "reply", FactsOfSides { census: &self.census, elections: self.elections.as_ref() })
    }

    /// A keyed digest of what a question is about: of a plan, the elections of its line, the employee, and whoever they
    /// cover; of a family, everybody and everything chosen. A reply was given for this, and for nothing else: an
    /// address or another line changes nothing.
    fn facts_about(&self, by: FactsBy, question: QuestionFacts) -> [u8; 16] {
        if question.code == KEPT_BACK.code {
            return self.facts(by);
        }
        let kind = by.kind;
        let asked = kind(question.plan);
        let is_about = |election: &&Election| asked.is_none() || kind(&election.plan) == asked;
        let elections = self.elections.as_ref();
        let elections: Option<Vec<Election>> = elections.map(|all| all.iter().filter(is_about).cloned().collect());
        let covered = |person: &&Person| {
            let mut lines = elections.iter().flatten();
            asked.is_none() || lines.any(|line| line.dependents.iter().any(|one| one.person == person.key))
        };
        let census = self.census.as_ref().map(|family| Family {
            subscriber: unreached(&family.subscriber),
            employment: family.employment.clone(),
            dependents: family.dependents.iter().filter(covered).map(unreached).collect(),
        });
        let sides = FactsOfSides { census: &census, elections: elections.as_ref() };
        said(by.vault, "reply about", sides)
    }
}

/// What a feed has told of a family. Who comes again after the family's records were destroyed is somebody new.
pub(super) fn opened_told(
    context: &FeedContext,
    key: Pseudonym,
    kept: &SealedVersion,
) -> Result<Option<Enrolled>, Fault> {
    let told = context.open_if_kept::<ToldFamily>(key, kept.from, &kept.sealed)?;
    Ok(told.map(|told| told.known))
}

/// What digests of facts are made with.
#[derive(Clone, Copy)]
struct FactsBy<'f> {
    vault: &'f Vault,
    /// The line of care that a plan stands on.
    kind: &'f dyn Fn(&str) -> Option<CareKind>,
}

/// Which question a reply is to, as far as it says what it is about.
#[derive(Clone, Copy)]
struct QuestionFacts<'q> {
    code: &'q str,
    plan: &'q str,
}

/// A person without where and how somebody is reached, which no question is about.
fn unreached(person: &Person) -> Person {
    Person { address: None, phone: None, email: None, ..person.clone() }
}

/// What the sources say, whole or as far as it is asked about.
#[derive(Clone, Copy)]
struct FactsOfSides<'f> {
    census: &'f Option<Family>,
    elections: Option<&'f Vec<Election>>,
}

fn said(vault: &Vault, domain: &str, sides: FactsOfSides) -> [u8; 16] {
    let FactsOfSides { census, elections } = sides;
    let mut said = to_bytes(census);
    said.extend((said.len() as u64).to_be_bytes());
    said.extend(elections.into_iter().flat_map(to_bytes));
    vault.digest(domain, &said)
}

/// What people have replied to questions of a feed.
pub(super) struct Replies(HashMap<Pseudonym, Vec<ReplyRow>>);

impl Replies {
    /// All of a feed: there are as many as people have answered one by one.
    ///
    /// # Errors
    /// STO001.
    pub fn of_feed(engine: &Engine, feed: &str) -> Result<Replies, Fault> {
        let mut replies: HashMap<Pseudonym, Vec<ReplyRow>> = HashMap::new();
        for row in engine.store.replies(feed)? {
            replies.entry(row.key).or_default().push(row);
        }
        Ok(Replies(replies))
    }

    /// Those that hold for a family as its sources tell of it now.
    fn of(&self, context: &FeedContext, key: Pseudonym, family: &OpenedFamily) -> Result<Vec<Reply>, Fault> {
        let Some(rows) = self.0.get(&key) else { return Ok(Vec::new()) };
        let FeedContext { engine, rules, .. } = context;
        let by = FactsBy { vault: &engine.vault, kind: &|plan| rules.line(plan).map(Line::kind) };
        let holding = rows.iter().filter(|row| family.is_answered_by(row, by));
        holding.filter_map(|row| opened(engine, row).transpose()).collect()
    }
}

fn opened(engine: &Engine, row: &ReplyRow) -> Result<Option<Reply>, Fault> {
    let plain = engine.vault.open(reply_context(row.act).as_bytes(), &row.sealed)?;
    let choice = Ruling::parse(&String::from_utf8_lossy(&plain));
    Ok(choice.map(|choice| Reply { code: row.code.clone(), plan: row.plan.clone(), choice }))
}

/// What a sealed reply is bound to: the act by which it was given.
pub fn reply_context(act: i64) -> String {
    format!("reply {act}")
}

/// A reply to a question about a family of a feed, as it is kept: sealed, and bound to what the sources say of the
/// family now.
///
/// # Errors
/// The store's and the vault's.
pub fn kept_reply(engine: &Engine, feed: &Feed, replied: &Replied) -> Result<ReplyRow, Fault> {
    let input = |source: &str| -> Result<i64, Fault> { Ok(engine.store.current_input(source)?.map_or(0, |it| it.id)) };
    let (census, elections) = (feed.census_source().to_string(), feed.elections_source().to_string());
    let run = RunRow::imagined(feed.name.as_str(), input(&census)?, input(&elections)?);
    kept_reply_for(engine, feed, &run, replied)
}

/// The same, bound to what the inputs of a run say of the family.
///
/// # Errors
/// The store's and the vault's.
pub fn kept_reply_for(engine: &Engine, feed: &Feed, run: &RunRow, replied: &Replied) -> Result<ReplyRow, Fault> {
    let context = FeedContext::new(engine, feed, engine.clock.today())?;
    let found = StoreCandidates::new(&engine.store, context.scope(run))?.among(&[replied.key])?;
    let none = Replies(HashMap::new());
    let Replied { key, act, reply: Reply { code, plan, choice } } = replied;
    let facts = match found.first() {
        Some(candidate) => {
            let family = OpenedFamily::open(&context, candidate, &none)?;
            let by = FactsBy { vault: &engine.vault, kind: &|plan| context.rules.line(plan).map(Line::kind) };
            family.facts_about(by, QuestionFacts { code, plan }).to_vec()
        }
        None => Vec::new(),
    };
    let sealed = engine.vault.seal(reply_context(*act).as_bytes(), choice.text().as_bytes());
    Ok(ReplyRow { key: *key, code: code.clone(), plan: plan.clone(), facts, sealed, act: *act })
}

/// What somebody replied, of which family, and by which act.
pub struct Replied {
    /// The family.
    pub key: Pseudonym,
    /// Names its question by code and plan.
    pub reply: Reply,
    /// Number of the act that names the person and the reason.
    pub act: i64,
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::model::election::Covered;
    use crate::model::ids::hex;
    use crate::model::person::{Address, Employment, Relationship, Sex};
    use crate::model::phi::Phi;

    fn person(key: &str, relationship: Relationship) -> Person {
        Person {
            key: Phi::new(key.to_string()),
            relationship,
            last_name: Phi::new("EXAMPLE".into()),
            first_name: Phi::new("JO".into()),
            middle_name: Phi::default(),
            suffix: Phi::default(),
            ssn: None,
            birth_date: None,
            sex: Phi::new(Sex::Female),
            address: None,
            phone: None,
            email: None,
            marital_status: None,
            over_age: None,
        }
    }

    fn election(plan: &str, dependents: &[&str]) -> Election {
        let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let covered = |key: &&str| Covered::with_all(Phi::new(key.to_string()), None);
        let dependents = dependents.iter().map(covered).collect();
        Election { waived: false, dependents, ..Election::waiver(plan, first) }
    }

    /// A family with a spouse in the medical plan and a child in the dental one.
    fn family() -> OpenedFamily {
        let census = Family {
            subscriber: person("E1", Relationship::Subscriber),
            employment: Employment::default(),
            dependents: vec![person("01", Relationship::Spouse), person("02", Relationship::Child)],
        };
        OpenedFamily {
            key: Pseudonym([1; 16]),
            census: Some(census),
            elections: Some(vec![election("PPO", &["01"]), election("DENTAL", &["02"])]),
            told: None,
            replies: Vec::new(),
            census_incomplete: false,
            elections_incomplete: false,
        }
    }

    fn kind(plan: &str) -> Option<CareKind> {
        let line = if plan == "DENTAL" { Line::Dental } else { Line::Ppo };
        (!plan.is_empty()).then(|| line.kind())
    }

    fn reply(code: &str, plan: &str, facts: &[u8]) -> ReplyRow {
        let (code, plan) = (code.to_string(), plan.to_string());
        ReplyRow { key: Pseudonym([1; 16]), code, plan, facts: facts.to_vec(), sealed: Vec::new(), act: 1 }
    }

    /// The family as its sources tell of it later, changed in one way.
    fn later(change: impl FnOnce(&mut Family, &mut Vec<Election>)) -> OpenedFamily {
        let mut family = family();
        if let (Some(census), Some(elections)) = (&mut family.census, &mut family.elections) {
            change(census, elections);
        }
        family
    }

    #[test]
    fn a_reply_that_an_earlier_version_has_kept_holds_for_the_whole_that_it_was_given_for() {
        let vault = Vault::new(&[7; 32]).unwrap();
        let by = FactsBy { vault: &vault, kind: &kind };
        // As 0.2.0 has kept it: over the records of both sides, the elections' behind their length.
        let of_old = FACTS_OF_0_2_0;
        assert_eq!(hex(&family().facts(by)), of_old);
        let facts: Vec<u8> = (0..16).map(|n| u8::from_str_radix(&of_old[2 * n..2 * n + 2], 16).unwrap()).collect();
        let row = reply("REC008", "PPO", &facts);
        assert!(family().is_answered_by(&row, by));
        // It was given for everything: whatever changes, it is asked again.
        assert!(!later(|_, elections| elections[1].dependents.clear()).is_answered_by(&row, by));
        assert!(
            !later(|census, _| census.subscriber.phone = Some(Phi::new("2175550104".into()))).is_answered_by(&row, by)
        );
    }

    const FACTS_OF_0_2_0: &str = "b1a9198aafcc443df67931142780a904";

    #[test]
    fn a_reply_holds_until_what_it_is_about_changes_and_no_longer() {
        let vault = Vault::new(&[7; 32]).unwrap();
        let by = FactsBy { vault: &vault, kind: &kind };
        let given = |code, plan| reply(code, plan, &family().facts_about(by, QuestionFacts { code, plan }));
        let medical = given("REC008", "PPO");
        let holds = |row: &ReplyRow, change: fn(&mut Family, &mut Vec<Election>)| later(change).is_answered_by(row, by);
        // Another line, somebody who is in that one alone, where people live.
        assert!(holds(&medical, |_, elections| drop(elections.remove(1))));
        assert!(holds(&medical, |census, _| drop(census.dependents.pop())));
        assert!(holds(&medical, |census, _| census.subscriber.address = Some(Phi::new(Address::default()))));
        // Its own line, whoever is in it, and the employee.
        assert!(!holds(&medical, |_, elections| elections[0].end = Some(elections[0].start)));
        assert!(!holds(&medical, |census, _| census.dependents[0].first_name = Phi::new("OTHER".into())));
        assert!(!holds(&medical, |census, _| census.employment.hired = Some(Phi::new(NaiveDate::MIN))));
        // One about the family is about every line; one that keeps a family back, about where it lives, too.
        let of_family = given("REC003", "");
        assert!(!holds(&of_family, |_, elections| drop(elections.remove(1))));
        assert!(holds(&of_family, |census, _| census.subscriber.address = Some(Phi::new(Address::default()))));
        let kept_back = given(KEPT_BACK.code, "");
        assert!(!holds(&kept_back, |census, _| census.subscriber.address = Some(Phi::new(Address::default()))));
    }
}
