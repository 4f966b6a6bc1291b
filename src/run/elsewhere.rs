//! What other feeds of the employer's decide of a family whose cover moves between their carriers and this one's.
//!
//! Whoever has no cover of the same line of care with another carrier, and chooses none, costs nothing here but a look
//! at the plans that are chosen: what another carrier knows is asked for a page at a time, and once it may matter.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;

use super::candidates::StoreCandidates;
use super::context::FeedContext;
use super::opened::{OpenedFamily, Replies};
use super::overtaken::is_held;
use super::rehearsal::Rehearsal;
use crate::carrier::Numbered;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::{Carrier, Feed};
use crate::model::election::CareKind;
use crate::model::enrollment::Enrolled;
use crate::model::ids::Pseudonym;
use crate::reconcile::{Beside, Decision, Elsewhere, Given, balanced, decide, known_today};
use crate::store::rules::UNUSABLE;
use crate::store::{Candidate, RunRow, SealedVersion};
use crate::t834::Header;

/// The employer's feeds to carriers that sell a line of care which a feed's carrier sells, too.
pub(super) struct OtherFeeds<'c> {
    feeds: Vec<OtherFeed<'c>>,
    /// The families of the page.
    keys: Vec<Pseudonym>,
}

impl<'c> OtherFeeds<'c> {
    /// No other feed is looked at.
    pub fn none() -> OtherFeeds<'c> {
        OtherFeeds { feeds: Vec::new(), keys: Vec::new() }
    }

    /// Those that may have the other side of a move from this feed's carrier, or to it.
    pub fn of(context: &'c FeedContext<'c>) -> OtherFeeds<'c> {
        let (site, feed) = (&context.engine.site, context.feed);
        let beside =
            site.feeds.values().filter(|other| other.employer == feed.employer && other.carrier != feed.carrier);
        let sold = kinds(context.carrier);
        let feeds = beside.filter_map(|other| {
            let carrier = site.carriers.get(&other.carrier)?;
            let shared: BTreeSet<CareKind> = kinds(carrier).intersection(&sold).copied().collect();
            (!shared.is_empty()).then(|| OtherFeed::new(other, carrier, shared))
        });
        OtherFeeds { feeds: feeds.collect(), keys: Vec::new() }
    }

    /// Turns to a page of families.
    pub fn turn_to(&mut self, page: &[Candidate]) {
        if self.feeds.is_empty() {
            return;
        }
        self.keys = page.iter().map(Candidate::key).collect();
        self.feeds.iter_mut().for_each(|other| other.told = OnceCell::new());
    }

    /// A family of the page, as each of them decides it by what its own carrier knows, and without regard to this one.
    ///
    /// # Errors
    /// The store's and the vault's.
    pub fn of_family(&self, here: &FeedContext<'c>, circle: Circle) -> Result<Vec<Elsewhere>, Fault> {
        let decided = self.feeds.iter().map(|other| other.of_family(here, circle, &self.keys));
        Ok(decided.collect::<Result<Vec<_>, Fault>>()?.into_iter().flatten().collect())
    }
}

/// A family, and those that have a person in common with it.
#[derive(Clone, Copy)]
pub(super) struct Circle<'f> {
    pub family: &'f OpenedFamily,
    pub others: &'f [OpenedFamily],
}

fn kinds(carrier: &Carrier) -> BTreeSet<CareKind> {
    carrier.plans.values().map(|plan| plan.line.kind()).collect()
}

/// A feed of another carrier's.
struct OtherFeed<'c> {
    feed: &'c Feed,
    /// Lines of care that both carriers sell.
    shared: BTreeSet<CareKind>,
    /// Its plans of those lines, by the elections' plan code.
    plans: BTreeSet<String>,
    /// What it decides with, once it decides anything.
    opened: OnceCell<Option<OpenedFeed<'c>>>,
    /// What its carrier knows of the families of the page, once anything of it may matter.
    told: OnceCell<HashMap<Pseudonym, SealedVersion>>,
}

/// A feed, ready to decide a family.
struct OpenedFeed<'c> {
    context: FeedContext<'c>,
    header: Header,
    replies: Replies,
    late: HashSet<Pseudonym>,
    /// Deliveries that its carrier has not answered for.
    awaited: HashSet<i64>,
    /// Whether a run of it is held, so that nothing of it goes until a person says so.
    is_held: bool,
}

impl<'c> OtherFeed<'c> {
    fn new(feed: &'c Feed, carrier: &'c Carrier, shared: BTreeSet<CareKind>) -> OtherFeed<'c> {
        let plans = carrier.plans.iter().filter(|(_, plan)| shared.contains(&plan.line.kind()));
        let plans = plans.map(|(code, _)| code.clone()).collect();
        OtherFeed { feed, shared, plans, opened: OnceCell::new(), told: OnceCell::new() }
    }

    fn of_family(
        &self,
        here: &FeedContext<'c>,
        circle: Circle,
        keys: &[Pseudonym],
    ) -> Result<Option<Elsewhere>, Fault> {
        let family = circle.family;
        let (comes, goes) = (self.may_come(here, family), self.may_go(here, family));
        let told = if comes || goes { self.told(here, keys)?.get(&family.key) } else { None };
        if told.is_none() && !goes {
            return Ok(None);
        }
        let Some(there) = self.opened(here)? else { return Ok(None) };
        let told_by = told.map(|told| told.from);
        let family = there.family(here, family, told)?;
        if !goes && !self.has_told(&family) {
            return Ok(None);
        }
        let others = circle.others.iter().map(|other| self.beside(here, there, other));
        let others: Vec<OpenedFamily> = others.collect::<Result<_, Fault>>()?;
        Ok(Some(self.decided(there, Circle { family: &family, others: &others }, told_by)))
    }

    /// A family that has a person in common with the one that moves, as this feed has it.
    fn beside(&self, here: &FeedContext<'c>, there: &OpenedFeed, other: &OpenedFamily) -> Result<OpenedFamily, Fault> {
        let told = here.engine.store.told_among(self.feed.name.as_str(), &[other.key])?;
        there.family(here, other, told.first().map(|known| &known.version))
    }

    /// Whether a plan of this carrier's is chosen on a line that the other one sells, too.
    fn may_come(&self, here: &FeedContext, family: &OpenedFamily) -> bool {
        let is_ours = |plan: &str| here.rules.plans.get(plan).is_some_and(|line| self.shared.contains(&line.kind()));
        chosen(here, family).any(is_ours)
    }

    /// Whether a plan of the other carrier's is chosen on a line of which this one was told.
    fn may_go(&self, here: &FeedContext, family: &OpenedFamily) -> bool {
        self.has_told(family) && chosen(here, family).any(|plan| self.plans.contains(plan))
    }

    fn has_told(&self, family: &OpenedFamily) -> bool {
        let spans = family.told.iter().flat_map(|told| &told.members).flat_map(|member| &member.coverages);
        spans.into_iter().any(|span| self.shared.contains(&span.line.kind()))
    }

    /// What its carrier knows of the families of the page.
    fn told(&self, here: &FeedContext, keys: &[Pseudonym]) -> Result<&HashMap<Pseudonym, SealedVersion>, Fault> {
        if let Some(told) = self.told.get() {
            return Ok(told);
        }
        let told = here.engine.store.told_among(self.feed.name.as_str(), keys)?;
        Ok(self.told.get_or_init(|| told.into_iter().map(|known| (known.key, known.version)).collect()))
    }

    /// What it decides with; none where it cannot be run as it is configured: then nothing is asked there.
    ///
    /// # Errors
    /// The store's: what cannot be read is no feed that asks nothing.
    fn opened(&self, here: &FeedContext<'c>) -> Result<Option<&OpenedFeed<'c>>, Fault> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened.as_ref());
        }
        let opened = match OpenedFeed::new(here.engine, self.feed, here.rules.as_of) {
            Err(fault) if fault.is(&UNUSABLE) => return Err(fault),
            opened => opened.ok(),
        };
        Ok(self.opened.get_or_init(|| opened).as_ref())
    }

    fn decided(&self, there: &OpenedFeed, circle: Circle, told_by: Option<i64>) -> Elsewhere {
        let (rules, family) = (&there.context.rules, circle.family);
        let beside: Vec<Beside> = circle.others.iter().filter_map(|other| other.beside(rules)).collect();
        let at_first_load = there.late.contains(&family.key);
        let given = Given { beside: &beside, at_first_load, ..family.given() };
        let decision = there.rehearsed(balanced(rules, &given, decide(rules, given)), family.told.as_ref());
        let waits = decision.change.is_some() && there.waits(told_by);
        let Decision { known, in_question, .. } = decision;
        let (known, in_question) = if waits { (None, self.shared.clone()) } else { (known, in_question) };
        let stands = || known_today(&given, rules.as_of).map(Cow::into_owned);
        let (feed, plans) = (self.feed.name.to_string(), self.plans.clone());
        Elsewhere { feed, plans, known: known.or_else(stands), in_question, waits }
    }
}

/// The plans that a family chooses, with what follows those that close.
fn chosen<'f>(here: &'f FeedContext, family: &'f OpenedFamily) -> impl Iterator<Item = &'f str> {
    let plans = family.elections.iter().flatten().filter(|election| !election.waived).map(|one| one.plan.as_str());
    let follows = |plan: &str| here.rules.terms.get(plan)?.rolls_to.as_deref();
    plans.flat_map(move |plan| [Some(plan), follows(plan)]).flatten()
}

impl<'c> OpenedFeed<'c> {
    fn new(engine: &'c Engine, feed: &'c Feed, as_of: NaiveDate) -> Result<OpenedFeed<'c>, Fault> {
        let context = FeedContext::new(engine, feed, as_of)?;
        let header = context.header(&Numbered::imagined(engine.clock.now()));
        let replies = Replies::of_feed(engine, context.name())?;
        let late = engine.store.left_out_of_first_load(context.name())?;
        let awaited = engine.store.awaited_of(context.name())?;
        Ok(OpenedFeed { is_held: is_held(engine, feed)?, context, header, replies, late, awaited })
    }

    /// Whether nothing of a family goes tonight whatever is decided: the delivery that told of it last is not answered
    /// for, or a run is held.
    fn waits(&self, told_by: Option<i64>) -> bool {
        let awaits = told_by.is_some_and(|delivery| self.awaited.contains(&delivery));
        self.is_held || (awaits && !self.context.is_full())
    }

    /// A decision that its file can hold; else it is a question there, as its own run will ask.
    fn rehearsed(&self, decision: Decision, told: Option<&Enrolled>) -> Decision {
        if decision.change.is_none() {
            return decision;
        }
        Rehearsal::new(&self.context, &self.header).decision(&self.context, decision, told).decision
    }

    /// A family as this feed's sources have it: mostly they are those of the feed that asks.
    fn family(
        &self,
        here: &FeedContext,
        family: &OpenedFamily,
        told: Option<&SealedVersion>,
    ) -> Result<OpenedFamily, Fault> {
        let FeedContext { engine, census_source, elections_source, .. } = &self.context;
        if *census_source == here.census_source && *elections_source == here.elections_source {
            return family.told_elsewhere(&self.context, told, &self.replies);
        }
        let input =
            |source: &str| -> Result<i64, Fault> { Ok(engine.store.current_input(source)?.map_or(0, |it| it.id)) };
        let run = RunRow::imagined(self.context.name(), input(census_source)?, input(elections_source)?);
        let found = StoreCandidates::everybody(&engine.store, self.context.scope(&run))?.among(&[family.key])?;
        match found.first() {
            Some(candidate) => OpenedFamily::open(&self.context, candidate, &self.replies),
            None => family.told_elsewhere(&self.context, told, &self.replies),
        }
    }
}
