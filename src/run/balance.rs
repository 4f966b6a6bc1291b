//! The balance of a feed: every choice of this carrier ends in exactly one place, and so does everything that was told
//! without being chosen. Nothing is changed, and everybody is looked at, whatever was decided before.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::context::FeedContext;
use super::rules;
use super::surroundings::judge_everybody;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::Feed;
use crate::model::ids::Pseudonym;
use crate::reconcile::{
    self, ChosenCover, Decision, Given, Stands, chosen, known_today, stands, stands_unchosen, unchosen,
    waits_for_another,
};
use crate::state::DeliveryState;
use crate::store::{Candidate, DeliveryRow};

/// Where a choice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whereabouts {
    /// Told, and the carrier has accepted the file.
    Confirmed,
    /// Told, and the carrier sends no answers.
    Assumed,
    /// Told, and the carrier has not answered yet.
    Unanswered,
    /// The next run tells it.
    ToBeTold,
    /// It is told once the carrier has answered what was told before.
    Waits,
    /// A person must decide.
    InQuestion,
    /// It begins so far ahead that it is not told yet.
    Ahead,
    /// Employment has ended, and covers it no more.
    NotEmployed,
    /// The plan documents keep it from being covered any more: age, or the months of COBRA.
    Ineligible,
    /// Told, not chosen any more, and the next run ends it.
    ToBeEnded,
    /// Nothing explains it.
    Unexplained,
}

impl Whereabouts {
    /// Every place, in the order in which a balance lists them.
    pub const ALL: [Whereabouts; 11] = [
        Whereabouts::Confirmed,
        Whereabouts::Assumed,
        Whereabouts::Unanswered,
        Whereabouts::ToBeTold,
        Whereabouts::Waits,
        Whereabouts::InQuestion,
        Whereabouts::Ahead,
        Whereabouts::NotEmployed,
        Whereabouts::Ineligible,
        Whereabouts::ToBeEnded,
        Whereabouts::Unexplained,
    ];

    /// Whether the carrier is known to have it as chosen, or nothing is missing.
    fn is_settled(self) -> bool {
        matches!(
            self,
            Whereabouts::Confirmed | Whereabouts::Assumed | Whereabouts::NotEmployed | Whereabouts::Ineligible
        )
    }
}

/// People of one family who are chosen, or told, and not confirmed: by plan and by what is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unconfirmed {
    /// Since when it is to be so: the first day of cover, or the day on which the file was delivered.
    pub since: NaiveDate,
    /// The family.
    pub key: Pseudonym,
    /// The plan, by the elections' code.
    pub plan: String,
    /// How many people.
    pub people: u64,
    /// What is missing.
    pub place: Whereabouts,
    /// The question's code, where there is one.
    pub question: Option<&'static str>,
}

/// A feed's balance on a date.
#[derive(Clone, Debug)]
pub struct Balance {
    /// Configured name of the feed.
    pub feed: String,
    /// The business date.
    pub as_of: NaiveDate,
    /// People and plans chosen, and how many stand where.
    pub chosen: u64,
    /// People and plans told and not chosen.
    pub unchosen: u64,
    /// How many stand where; the sum of both.
    pub places: BTreeMap<Whereabouts, u64>,
    /// What is not confirmed, the oldest first.
    pub unconfirmed: Vec<Unconfirmed>,
}

impl Balance {
    /// What does not add up.
    pub fn doubt(&self) -> Option<Fault> {
        let count = self.places.get(&Whereabouts::Unexplained).copied().filter(|count| *count > 0)?;
        Some(rules::UNBALANCED.fault().name("feed", &self.feed).count("people and plans", count))
    }
}

/// Draws a feed's balance.
///
/// # Errors
/// RUN004 and RUN005 where there is nothing to compute it from; the store's and the vault's.
pub fn balance(engine: &Engine, feed: &Feed, as_of: NaiveDate) -> Result<Balance, Fault> {
    let context = FeedContext::new(engine, feed, as_of)?;
    let mut drawing = Drawing::new(&context)?;
    judge_everybody(&context, |candidate, given| drawing.family(candidate, given))?;
    let mut balance = drawing.balance;
    balance
        .unconfirmed
        .sort_by(|one, other| (one.since, one.key, &one.plan).cmp(&(other.since, other.key, &other.plan)));
    Ok(balance)
}

/// A balance in the making.
struct Drawing<'d> {
    context: &'d FeedContext<'d>,
    deliveries: HashMap<i64, DeliveryRow>,
    balance: Balance,
}

/// A family, decided as the next run would.
struct DecidedFamily<'f> {
    candidate: &'f Candidate,
    decision: Decision,
    /// Whether it stands because the other side of a move waits.
    waits_beside: bool,
}

impl<'d> Drawing<'d> {
    fn new(context: &'d FeedContext<'d>) -> Result<Drawing<'d>, Fault> {
        let store = &context.engine.store;
        let deliveries = store.deliveries_of(context.name())?.into_iter().map(|row| (row.id, row)).collect();
        let balance = Balance {
            feed: context.name().to_string(),
            as_of: context.rules.as_of,
            chosen: 0,
            unchosen: 0,
            places: BTreeMap::new(),
            unconfirmed: Vec::new(),
        };
        Ok(Drawing { context, deliveries, balance })
    }

    fn family(&mut self, candidate: &Candidate, given: Given) {
        let rules = &self.context.rules;
        let decision = reconcile::decide(rules, given);
        let waits_beside = decision.holds.iter().any(|hold| waits_for_another(&given, hold));
        let family = DecidedFamily { candidate, decision, waits_beside };
        let decision = &family.decision;
        let told = known_today(&given, rules.as_of);
        let given = Given { told: told.as_deref(), ..given };
        let chosen = chosen(rules, &given);
        let unchosen = unchosen(&given, &chosen);
        self.balance.chosen += chosen.len() as u64;
        self.balance.unchosen += unchosen.len() as u64;
        let ways = chosen.iter().map(|one| (one, stands(rules, &given, decision, one)));
        for (one, stands) in ways.chain(unchosen.iter().map(|one| (one, stands_unchosen(decision, one)))) {
            let place = self.place(&family, stands);
            self.count(&family, one, place);
        }
    }

    /// Where a choice stands, with what the carrier has answered.
    fn place(&self, family: &DecidedFamily, stands: Stands) -> Whereabouts {
        let waits = self.context.waits(family.candidate.is_waiting());
        match stands {
            Stands::Told => self.answered(family),
            Stands::ToBeTold | Stands::ToBeEnded if waits => Whereabouts::Waits,
            Stands::ToBeTold => Whereabouts::ToBeTold,
            Stands::ToBeEnded => Whereabouts::ToBeEnded,
            Stands::NotEmployed => Whereabouts::NotEmployed,
            Stands::Ineligible => Whereabouts::Ineligible,
            Stands::InQuestion if family.waits_beside => Whereabouts::Waits,
            Stands::InQuestion => Whereabouts::InQuestion,
            Stands::Ahead => Whereabouts::Ahead,
            Stands::Unexplained => Whereabouts::Unexplained,
        }
    }

    /// What the carrier has said of the file that told of the family last.
    fn answered(&self, family: &DecidedFamily) -> Whereabouts {
        let delivery = family.candidate.told_by().and_then(|id| self.deliveries.get(&id));
        match delivery.map(DeliveryRow::state) {
            Some(DeliveryState::Accepted) => Whereabouts::Confirmed,
            Some(DeliveryState::Assumed | DeliveryState::Known) => Whereabouts::Assumed,
            _ => Whereabouts::Unanswered,
        }
    }

    fn count(&mut self, family: &DecidedFamily, of: &ChosenCover, place: Whereabouts) {
        *self.balance.places.entry(place).or_default() += 1;
        if place.is_settled() {
            return;
        }
        let key = family.candidate.key();
        let delivered =
            family.candidate.told_by().and_then(|id| self.deliveries.get(&id)).and_then(DeliveryRow::delivered);
        // An answer is late by the day on which the file was delivered, not by that on which cover begins.
        let since = match place {
            Whereabouts::Unanswered => delivered.map_or(of.first, |moment| moment.date()),
            _ => of.first,
        };
        let question = family.decision.holds.first().map(|hold| hold.code).filter(|_| place == Whereabouts::InQuestion);
        let same =
            |one: &&mut Unconfirmed| one.key == key && one.plan == of.plan && one.place == place && one.since == since;
        match self.balance.unconfirmed.iter_mut().rev().take(SAME_FAMILY).find(same) {
            Some(one) => one.people += 1,
            None => {
                let plan = of.plan.clone();
                self.balance.unconfirmed.push(Unconfirmed { since, key, plan, people: 1, place, question });
            }
        }
    }
}

/// Lines of one family stand together: no more of them are looked through than a family can have.
const SAME_FAMILY: usize = 64;
