//! What a carrier knows before its feed is bex's: said by a person, and told without sending.
//!
//! Whoever told the carrier before has told it of everybody. Without a baseline the first change file would begin
//! everybody's cover anew, and nobody would ever end it for whoever is covered at the carrier alone.

use chrono::NaiveDate;

use super::baseline_list::ListedFamilies;
use super::candidates::{Candidates, StoreCandidates};
use super::context::FeedContext;
use super::control::needs_release;
use super::plan::PreviewCandidates;
use super::rules;
use super::settings::approved;
use super::stage::{DecisionSink as _, SpooledRows, SpoolingSink, StagingSink, Unsealed, hold_row};
use super::surroundings::{OpenedCircle, Surroundings};
use crate::audit::Action;
use crate::carrier::FROZEN;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::Feed;
use crate::model::enrollment::{Enrolled, FamilyChange, Member};
use crate::model::ids::Pseudonym;
use crate::reconcile::{Tally, decide};
use crate::roster::Listed;
use crate::state::{DeliveryState, RunState};
use crate::store::{Candidate, Change, NewDelivery, NewRun, RunRow};
use crate::take_in::{Preview, inputs};

/// On whose word it is taken that a carrier knows somebody.
#[derive(Clone, Copy, Debug)]
pub enum BaselineBasis<'b> {
    /// Census and elections: the carrier was told everything that they say.
    Declared,
    /// The carrier's own list.
    Listed(&'b [Listed]),
}

/// What is asked for when somebody says what a carrier knows.
#[derive(Clone, Copy, Debug)]
pub struct BaselineAsked<'b> {
    /// The feed that is to go on from there.
    pub feed: &'b Feed,
    /// The day of it: the last one on which others told the carrier, or the list's.
    pub as_of: NaiveDate,
    /// What it rests on.
    pub basis: BaselineBasis<'b>,
}

/// What counts as known by a baseline, and what is left out of it.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// Configured name of the feed.
    pub feed: String,
    /// Who is said to know them.
    pub carrier: String,
    /// The day of it.
    pub as_of: NaiveDate,
    /// Families of whom anything counts as known.
    pub families: u64,
    /// People in them whom the carrier covers.
    pub people: u64,
    /// Families in question: nothing of them counts as known.
    pub holds: Vec<(Pseudonym, Fault)>,
    /// Families that are listed and that the census does not have: they are asked about from the first night on.
    pub strangers: u64,
    /// Rows of the list on plans that the carrier's file does not name.
    pub other_plans: u64,
    /// Rows of the list of whom it does not say to which employee they belong.
    pub unplaced: u64,
}

/// What a baseline would come to, with what waits in the inbox. Nothing of it is kept.
///
/// # Errors
/// RUN039 where the feed has told its carrier of anybody; RUN008 where a run of it is under way; ROS004; the inbox's,
/// the store's and the vault's.
pub fn plan_baseline(engine: &Engine, asked: &BaselineAsked) -> Result<Baseline, Fault> {
    let context = begun(engine, asked)?;
    let mut preview = Preview::new(engine);
    let census = preview.look(&context.census_source, asked.as_of)?;
    let elections = preview.look(&context.elections_source, asked.as_of)?;
    let run = RunRow::imagined(context.name(), census, elections);
    let stored = StoreCandidates::everybody(&engine.store, context.scope(&run))?;
    let mut finding = BaselineFinder::new(&context, asked);
    finding.everybody(&mut PreviewCandidates::new(stored, &preview), asked.basis)?;
    Ok(finding.baseline)
}

/// A baseline that was found, and is kept when its change is committed.
pub struct FoundBaseline<'e> {
    context: FeedContext<'e>,
    rows: SpooledRows,
    inputs: [i64; 2],
    /// What it comes to.
    pub baseline: Baseline,
}

/// Finds what a feed's carrier knows, by the newest inputs of its sources.
///
/// # Errors
/// As [`plan_baseline`]; RUN040 where nobody would be known.
pub fn find_baseline<'e>(engine: &'e Engine, asked: &BaselineAsked<'e>) -> Result<FoundBaseline<'e>, Fault> {
    let context = begun(engine, asked)?;
    let (census, elections) = inputs(engine, asked.feed)?;
    let run = RunRow::imagined(context.name(), census.id, elections.id);
    let mut candidates = StoreCandidates::everybody(&engine.store, context.scope(&run))?;
    let mut finding = BaselineFinder::new(&context, asked);
    finding.everybody(&mut candidates, asked.basis)?;
    drop(candidates);
    let (baseline, rows) = (finding.baseline, finding.sink.finish()?);
    if baseline.families == 0 {
        return Err(rules::NOBODY_KNOWN.fault().name("feed", &baseline.feed));
    }
    Ok(FoundBaseline { context, rows, inputs: [census.id, elections.id], baseline })
}

/// Holds that nothing was told of the feed yet, and that nothing is about to be.
fn begun<'e>(engine: &'e Engine, asked: &BaselineAsked<'e>) -> Result<FeedContext<'e>, Fault> {
    let name = asked.feed.name.as_str();
    approved(engine, asked.feed)?;
    if engine.store.has_told(name)? {
        return Err(rules::TOLD_ALREADY.fault().name("feed", name));
    }
    let newest = engine.store.newest_run(name)?;
    match newest.filter(|run| !matches!(run.state(), RunState::Done | RunState::Void)) {
        Some(run) => Err(needs_release(run.id)),
        None => FeedContext::new(engine, asked.feed, asked.as_of),
    }
}

/// Families on their way into a baseline.
struct BaselineFinder<'c, 'e> {
    context: &'c FeedContext<'e>,
    sink: SpoolingSink,
    baseline: Baseline,
}

impl<'c, 'e> BaselineFinder<'c, 'e> {
    fn new(context: &'c FeedContext<'e>, asked: &BaselineAsked) -> BaselineFinder<'c, 'e> {
        let (feed, carrier) = (context.name().to_string(), context.carrier.name.to_string());
        BaselineFinder {
            context,
            sink: SpoolingSink::new(&context.engine.spool_folder()),
            baseline: Baseline { feed, carrier, as_of: asked.as_of, ..Baseline::default() },
        }
    }

    fn everybody(&mut self, candidates: &mut dyn Candidates, basis: BaselineBasis) -> Result<(), Fault> {
        let mut list = match basis {
            BaselineBasis::Declared => None,
            BaselineBasis::Listed(rows) => Some(ListedFamilies::new(rows, self.context.carrier, &self.context.rules)?),
        };
        let surroundings = Surroundings::new(self.context, candidates)?;
        while let Some(page) = candidates.next_page()? {
            self.context.engine.steps.check_interrupted()?;
            for candidate in &page {
                let opened = surroundings.open(candidate, candidates)?;
                self.family(candidate, &opened, list.as_mut())?;
            }
        }
        list.map_or(Ok(()), |list| self.strangers(list))
    }

    fn family(
        &mut self,
        candidate: &Candidate,
        opened: &OpenedCircle,
        list: Option<&mut ListedFamilies>,
    ) -> Result<(), Fault> {
        let rules = &self.context.rules;
        let decision = opened.judged(rules, |given| decide(rules, given));
        let known = match (list, &opened.family.census) {
            (Some(list), Some(family)) => list.of_family(rules, family, decision.known.as_ref()),
            (Some(_), None) => None,
            (None, _) => {
                self.baseline.holds.extend(decision.holds.into_iter().map(|fault| (candidate.key(), fault)));
                decision.known
            }
        };
        known.map_or(Ok(()), |known| self.take(candidate.key(), &known))
    }

    /// Whoever is covered at the carrier alone: the first night asks about them, and nobody ends them by mistake.
    fn strangers(&mut self, mut list: ListedFamilies) -> Result<(), Fault> {
        let FeedContext { engine, feed, .. } = *self.context;
        let employer = feed.employer.as_str();
        for stranger in list.strangers() {
            let Some(known) = &stranger.known else {
                self.baseline.unplaced += stranger.rows;
                continue;
            };
            let parts = [employer.as_bytes(), stranger.number.as_bytes()];
            let number = Pseudonym(engine.vault.pseudonym("family", &parts));
            let key = engine.store.family_numbered(employer, number)?.unwrap_or(number);
            self.baseline.strangers += 1;
            self.take(key, known)?;
        }
        self.baseline.other_plans = list.other_plans;
        Ok(())
    }

    fn take(&mut self, key: Pseudonym, known: &Enrolled) -> Result<(), Fault> {
        let is_covered = |member: &&Member| !member.coverages.is_empty();
        let open = |member: &&Member| member.coverages.iter().any(|span| span.is_open_on(self.baseline.as_of));
        let covered = i64::try_from(known.members.iter().filter(open).count()).unwrap_or(0);
        self.baseline.families += 1;
        self.baseline.people += known.members.iter().filter(is_covered).count() as u64;
        let change = FamilyChange { subscriber_id: known.subscriber_id.clone(), members: Vec::new(), prior_id: None };
        self.sink.stage(&Unsealed { key, covered, known, change: &change })
    }
}

/// The events of a baseline: it begins like a run and its delivery, and ends as no other does.
const BY: Action = Action::BaselineDeclared;

impl FoundBaseline<'_> {
    /// Writes it with a change: as a run whose delivery is never made. Returns the numbers of both.
    ///
    /// # Errors
    /// The store's and the vault's.
    pub fn keep(&self, change: &mut Change) -> Result<(i64, i64), Fault> {
        let FeedContext { engine, carrier, .. } = self.context;
        let (feed, date) = (self.context.name(), self.baseline.as_of.to_string());
        let [census_input, elections_input] = self.inputs;
        let run = change.open_run(&NewRun { feed, business_date: &date, census_input, elections_input })?;
        let new = NewDelivery {
            run,
            feed,
            carrier: carrier.name.as_str(),
            // Counted by itself: at the carrier no number is missing.
            partner: &format!("baseline {}", engine.site.partner(carrier)),
            style: "baseline",
            frozen_at: &engine.clock.now().format(FROZEN).to_string(),
            name_pattern: "baseline {number}",
        };
        let (delivery, _) = change.number_delivery(&new)?;
        self.rows.stage(&mut StagingSink::new(engine, change, feed, delivery))?;
        let Baseline { families, people, .. } = self.baseline;
        change.set_loops(delivery, families.cast_signed(), people.saturating_sub(families).cast_signed())?;
        change.record_rules(run, &self.context.used_rules())?;
        self.ask(change, run)?;
        change.set_delivery_state(delivery, DeliveryState::Known, BY)?;
        change.tell(feed, delivery, BY)?;
        change.set_run_state(run, RunState::Done, BY)?;
        // Tonight's run reads the same inputs for the same day.
        change.unsettle(feed, delivery)?;
        Ok((run, delivery))
    }

    fn ask(&self, change: &mut Change, run: i64) -> Result<(), Fault> {
        let holds: Vec<_> = self.baseline.holds.iter().map(|(key, fault)| hold_row(*key, fault)).collect();
        change.set_tally(run, &Tally { holds: holds.len() as u64, ..Tally::default() })?;
        change.record_holds(self.context.name(), run, &holds, Action::DeliveryNumbered)
    }
}
