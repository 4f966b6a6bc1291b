//! Deciding a feed: every family that has to be decided, its change staged or its question recorded.

use super::body::{FileBody, WrittenLoops};
use super::candidates::Candidates;
use super::context::FeedContext;
use super::emptied::PlanLeavers;
use super::file_rows::{OddFile, odd_among};
use super::rehearsal::{Rehearsal, RehearsedDecision};
use super::stage::{DecisionSink, Unsealed};
use super::surroundings::{OpenedCircle, Surroundings};
use super::undecided::Undecided;
use crate::carrier::DecidedFile;
use crate::fault::{Fault, Origin, Place};
use crate::mapping::Environment;
use crate::model::enrollment::{Enrolled, FamilyChange, Member};
use crate::model::ids::Pseudonym;
use crate::reconcile::{Decision, Tally, balanced, decide, questions, waits_for_another};
use crate::store::{Again, Candidate};
use crate::t834::{Header, Totals};

/// What a feed's decisions come to.
#[derive(Clone, Debug, Default)]
pub struct Decided {
    /// Counts.
    pub tally: Tally,
    /// Loops the file would have.
    pub totals: Totals,
    /// Guards that would hold the run.
    pub guards: Vec<Fault>,
    /// Questions for a person, by family.
    pub holds: Vec<(Pseudonym, Fault)>,
    /// Families of whom something is to be said.
    pub staged: u64,
    /// Whether everybody was decided.
    pub everybody: bool,
    /// Families the feed has ever had to decide.
    pub families: u64,
    /// Families to be decided again though nothing new is said of them.
    pub again: Vec<Again>,
}

/// What the families of a feed are decided with, one after the other.
pub(super) struct Deciding<'d> {
    context: &'d FeedContext<'d>,
    rehearsal: Rehearsal<'d>,
    decided: Decided,
    leavers: PlanLeavers,
    /// Takes the loops of whoever stands in the file; none where no file is written.
    body: Option<&'d mut FileBody>,
    /// Whoever stands in the file and is not decided.
    undecided: Option<Undecided<'d>>,
}

/// What one family came to, before it is counted.
struct FamilyDecision {
    key: Pseudonym,
    /// Nothing is said of it tonight, or of a line, because the answer to what was said last is not there yet, or the
    /// other side of a move waits.
    waits: bool,
    /// Members whom the carrier would end because the file does not name them.
    left_out: u64,
    decision: Decision,
    /// Its loops, unless it may not stand in the file or nothing is said of it.
    loops: Option<WrittenLoops>,
}

impl FamilyDecision {
    /// Questions are asked again every night, and what waits is decided again once its acknowledgement is there.
    fn again(&self) -> Option<Again> {
        let Decision { holds, review_on, .. } = &self.decision;
        // A date is for what is settled until then; what is open is looked at every night.
        let on = review_on.filter(|_| !self.waits && holds.is_empty());
        let asks = self.waits || !holds.is_empty() || on.is_some();
        asks.then_some(Again { key: self.key, on })
    }

    /// Whether there is nothing to be said, asked or awaited.
    fn is_unchanged(&self) -> bool {
        let Decision { change, known, holds, .. } = &self.decision;
        !self.waits && holds.is_empty() && (change.is_none() || known.is_none())
    }
}

impl<'d> Deciding<'d> {
    /// Nobody is decided yet.
    pub fn new(context: &'d FeedContext<'d>, header: &'d Header) -> Deciding<'d> {
        Deciding {
            context,
            rehearsal: Rehearsal::new(context, header),
            decided: Decided::default(),
            leavers: PlanLeavers::default(),
            body: None,
            undecided: None,
        }
    }

    /// The same, and the loops of whoever stands in the file are put into it: of those, too, who are not decided anew,
    /// where a full file says of everybody how they stand.
    pub fn writing(self, body: &'d mut FileBody, everybody: bool) -> Deciding<'d> {
        let undecided = (self.context.is_full() && !everybody).then(|| Undecided::of(self.context));
        Deciding { body: Some(body), undecided, ..self }
    }

    /// Decides every family there is.
    ///
    /// # Errors
    /// The store's and the vault's; RUN014.
    pub fn decide(mut self, candidates: &mut dyn Candidates, sink: &mut dyn DecisionSink) -> Result<Decided, Fault> {
        let covered = self.context.engine.store.covered(self.context.name())?;
        self.decided.tally.known = covered.members;
        self.decided.families = candidates.counted();
        let mut surroundings = Surroundings::new(self.context, candidates)?.with_other_feeds();
        let mut moved = 0;
        while let Some(page) = candidates.next_page()? {
            self.context.engine.steps.check_interrupted()?;
            surroundings.turn_to(&page);
            self.decided.families += page.iter().filter(|candidate| !candidate.is_counted()).count() as u64;
            for candidate in &page {
                self.write_undecided(Some(candidate.key()))?;
                let opened = surroundings.open(candidate, candidates)?;
                let family = self.family(candidate, &opened);
                moved += self.settle(&family, candidates, sink)?;
                self.write(&family, opened.family.told.as_ref())?;
            }
        }
        self.write_undecided(None)?;
        // Whoever has no reason to be decided anew is unchanged, and was not even read.
        self.decided.tally.unchanged = self.decided.families.saturating_sub(moved);
        self.decided.guards = self.decided.tally.exceeds(&self.context.feed.guards, covered.families);
        self.decided.guards.extend(self.first_load()?);
        self.decided.guards.extend(self.leavers.emptied(self.context)?);
        let FeedContext { engine, feed, .. } = *self.context;
        let odd = odd_among(engine, feed, |source| candidates.rows(engine, source))?;
        self.decided.guards.extend(odd.iter().map(OddFile::fault));
        Ok(self.decided)
    }

    /// No percentage says anything about a feed of which the carrier knows nobody, and a wrong mapping shows first in
    /// it: whether everybody is to be told for the first time, a person decides where the people are real.
    ///
    /// What rests on a baseline alone is no other: whether it was right shows in the first file that goes out.
    fn first_load(&self) -> Result<Option<Fault>, Fault> {
        let (Tally { known, .. }, engine) = (self.decided.tally, self.context.engine);
        let found = if known == 0 { self.decided.tally.adds } else { self.decided.tally.changed() };
        if engine.site.environment != Environment::Production || found == 0 {
            return Ok(None);
        }
        let is_first = known == 0 || engine.store.rests_on_baseline(self.context.name())?;
        Ok(is_first.then(|| questions::FIRST_LOAD.fault().count("found", found)))
    }

    /// Asks, counts and stages what was decided; 1 for a family that is not as it was.
    fn settle(
        &mut self,
        family: &FamilyDecision,
        from: &dyn Candidates,
        sink: &mut dyn DecisionSink,
    ) -> Result<u64, Fault> {
        self.ask(family, from)?;
        self.count(family);
        self.stage(family, sink)?;
        self.decided.again.extend(family.again());
        Ok(u64::from(!family.is_unchanged()))
    }

    fn family(&mut self, candidate: &Candidate, opened: &OpenedCircle) -> FamilyDecision {
        let rules = &self.context.rules;
        let (decision, waits_beside) = opened.judged(rules, |given| {
            let mut decision = balanced(rules, &given, decide(rules, given));
            let asked = decision.holds.len();
            decision.holds.retain(|hold| !waits_for_another(&given, hold));
            let waits = decision.holds.len() < asked;
            (decision, waits)
        });
        let waits = self.context.waits(candidate.is_waiting()) && decision.change.is_some();
        let told = opened.family.told.as_ref();
        let RehearsedDecision { decision, loops } =
            if waits { RehearsedDecision::default() } else { self.rehearsal.decision(self.context, decision, told) };
        let waits = waits || waits_beside;
        if let (Some(_), Some(known)) = (&decision.change, &decision.known) {
            self.leavers.note(candidate.key(), opened.family.told.as_ref(), known, rules.as_of);
        }
        let file = DecidedFile { known: decision.known.as_ref(), change: decision.change.as_ref() };
        let left_out = self.context.compiled.left_out(rules.as_of, opened.family.told.as_ref(), &file);
        FamilyDecision { key: candidate.key(), waits, left_out, decision, loops }
    }

    /// Puts into the file what is staged with it; a full one says of everybody else what the carrier knows already.
    fn write(&mut self, family: &FamilyDecision, told: Option<&Enrolled>) -> Result<(), Fault> {
        let Some(body) = &mut self.body else { return Ok(()) };
        if let (Some(_), Some(known)) = (&family.decision.change, &family.decision.known) {
            return family.loops.as_ref().map_or(Ok(()), |loops| body.add(loops, known));
        }
        let Some(known) = told.filter(|_| self.context.is_full()) else { return Ok(()) };
        let Some(change) = self.context.written(Some(known), None) else { return Ok(()) };
        body.add(&self.rehearsal.written(&change)?, known)
    }

    /// Puts those into a full file who stand in it before a family that is decided, or all that are left.
    fn write_undecided(&mut self, decided: Option<Pseudonym>) -> Result<(), Fault> {
        let (Some(undecided), Some(body)) = (&mut self.undecided, &mut self.body) else { return Ok(()) };
        let (context, rehearsal) = (self.context, &mut self.rehearsal);
        undecided.before(decided, &mut |known| {
            let Some(change) = context.written(Some(known), None) else { return Ok(()) };
            body.add(&rehearsal.written(&change)?, known)
        })
    }

    fn ask(&mut self, family: &FamilyDecision, from: &dyn Candidates) -> Result<(), Fault> {
        let questions = &family.decision.holds;
        if !questions.is_empty() {
            let told_in = from.told_in(family.key)?;
            let placed = questions.iter().map(|fault| (family.key, placed(fault, family.key, &told_in)));
            self.decided.holds.extend(placed);
        }
        Ok(())
    }

    fn count(&mut self, family: &FamilyDecision) {
        let (tally, decision) = (&mut self.decided.tally, &family.decision);
        tally.waiting += u64::from(family.waits);
        // To whoever is not named any more it comes to the same.
        tally.terminations += family.left_out;
        tally.holds += u64::from(!decision.holds.is_empty());
        if let Some(change) = decision.change.as_ref().filter(|_| decision.known.is_some()) {
            tally.add(change);
            self.decided.staged += 1;
        }
        // Those of a full file are counted where it is written: it has everybody's.
        if let Some(loops) = family.loops.as_ref().filter(|_| decision.change.is_some() && !self.context.is_full()) {
            self.decided.totals.subscribers += loops.totals.subscribers;
            self.decided.totals.dependents += loops.totals.dependents;
        }
    }

    fn stage(&self, family: &FamilyDecision, sink: &mut dyn DecisionSink) -> Result<(), Fault> {
        match (&family.decision.change, &family.decision.known) {
            (Some(change), Some(known)) => sink.stage(&self.unsealed(family.key, known, change)),
            _ => Ok(()),
        }
    }

    fn unsealed<'f>(&self, key: Pseudonym, known: &'f Enrolled, change: &'f FamilyChange) -> Unsealed<'f> {
        let as_of = self.context.rules.as_of;
        let covered = |member: &&Member| member.coverages.iter().any(|coverage| coverage.is_open_on(as_of));
        let covered = i64::try_from(known.members.iter().filter(covered).count()).unwrap_or(0);
        Unsealed { key, covered, known, change }
    }
}

/// A question about a family, with the element it is about where there is one.
fn placed(fault: &Fault, key: Pseudonym, told_in: &[Origin]) -> Fault {
    let about = match fault.place {
        Place::X12(place) if place.element > 0 => format!("{}{:02}", place.tag_text(), place.element),
        Place::X12(place) => place.tag_text().to_string(),
        _ => String::new(),
    };
    let fault = if about.is_empty() { fault.clone() } else { fault.clone().name("element", &about) };
    fault.at(Place::Family { member: key.short(), told_in: told_in.to_vec() })
}
