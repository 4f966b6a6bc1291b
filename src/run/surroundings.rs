//! What families of a feed are decided with beside their own records: families that share a person with them, and the
//! same family in other feeds.

use std::collections::{HashMap, HashSet};

use super::candidates::{Candidates, StoreCandidates};
use super::context::FeedContext;
use super::elsewhere::{Circle, OtherFeeds};
use super::opened::{OpenedFamily, Replies};
use crate::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::reconcile::{Beside, Elsewhere, Given, Rules};
use crate::store::{Candidate, RunRow};
use crate::take_in::inputs;

/// What families of a feed are opened with: replies, and what is known of families beside their own records.
pub(super) struct Surroundings<'c> {
    context: &'c FeedContext<'c>,
    replies: Replies,
    /// Families by those that have a person in common with them: few.
    beside: HashMap<Pseudonym, Vec<Pseudonym>>,
    /// Families that were in question when the carrier was told of everybody else for the first time.
    late: HashSet<Pseudonym>,
    /// Feeds of other carriers that may have the other side of a move.
    others: OtherFeeds<'c>,
}

impl<'c> Surroundings<'c> {
    /// Those of a feed.
    ///
    /// # Errors
    /// STO001.
    pub fn new(context: &'c FeedContext<'c>, candidates: &dyn Candidates) -> Result<Surroundings<'c>, Fault> {
        let mut beside: HashMap<Pseudonym, Vec<Pseudonym>> = HashMap::new();
        for (key, other) in candidates.beside()? {
            beside.entry(key).or_default().push(other);
        }
        let replies = Replies::of_feed(context.engine, context.name())?;
        let late = context.engine.store.left_out_of_first_load(context.name())?;
        Ok(Surroundings { context, replies, beside, late, others: OtherFeeds::none() })
    }

    /// The same, with what the employer's feeds to other carriers decide of a family whose cover moves between them and
    /// this one.
    pub fn with_other_feeds(self) -> Surroundings<'c> {
        Surroundings { others: OtherFeeds::of(self.context), ..self }
    }

    /// Turns to a page of families: what other feeds know of them is asked for at once, if at all.
    pub fn turn_to(&mut self, page: &[Candidate]) {
        self.others.turn_to(page);
    }

    /// A family, with those that have a person in common with it.
    ///
    /// # Errors
    /// The store's and the vault's.
    pub fn open(&self, candidate: &Candidate, from: &dyn Candidates) -> Result<OpenedCircle, Fault> {
        let open = |candidate: &Candidate| OpenedFamily::open(self.context, candidate, &self.replies);
        let key = candidate.key();
        let others = self.beside.get(&key).map(|keys| from.named(keys)).transpose()?.unwrap_or_default();
        let family = open(candidate)?;
        let others: Vec<OpenedFamily> = others.iter().map(open).collect::<Result<_, Fault>>()?;
        Ok(OpenedCircle {
            elsewhere: self.others.of_family(self.context, Circle { family: &family, others: &others })?,
            family,
            others,
            is_late: self.late.contains(&key),
        })
    }
}

/// A family and those that have a person in common with it.
pub(super) struct OpenedCircle {
    pub family: OpenedFamily,
    others: Vec<OpenedFamily>,
    elsewhere: Vec<Elsewhere>,
    is_late: bool,
}

impl OpenedCircle {
    /// Judges everything that is given of the family.
    pub fn judged<T>(&self, rules: &Rules, judge: impl FnOnce(Given) -> T) -> T {
        let beside: Vec<Beside> = self.others.iter().filter_map(|other| other.beside(rules)).collect();
        let (elsewhere, at_first_load) = (&self.elsewhere[..], self.is_late);
        judge(Given { beside: &beside, elsewhere, at_first_load, ..self.family.given() })
    }
}

/// The families of a feed by the newest inputs of its sources, whatever was decided before.
///
/// # Errors
/// RUN004 and RUN005 where there is nothing to compute it from; STO001.
pub(super) fn everybody<'c>(context: &'c FeedContext<'c>) -> Result<StoreCandidates<'c>, Fault> {
    let (census, elections) = inputs(context.engine, context.feed)?;
    let run = RunRow::imagined(context.name(), census.id, elections.id);
    StoreCandidates::everybody(&context.engine.store, context.scope(&run))
}

/// Judges everybody of a feed, one family after the other. Nothing of it is kept.
///
/// # Errors
/// Those of [`everybody`]; the vault's.
pub(super) fn judge_everybody(context: &FeedContext, mut judge: impl FnMut(&Candidate, Given)) -> Result<(), Fault> {
    let mut candidates = everybody(context)?;
    let mut surroundings = Surroundings::new(context, &candidates)?.with_other_feeds();
    while let Some(page) = candidates.next_page()? {
        surroundings.turn_to(&page);
        for candidate in &page {
            let opened = surroundings.open(candidate, &candidates)?;
            opened.judged(&context.rules, |given| judge(candidate, given));
        }
    }
    Ok(())
}
