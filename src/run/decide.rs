//! Deciding a feed: every family in key order, its change staged or its question recorded.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::build::guide;
use crate::census::name_everyone;
use crate::engine::{Engine, open_record, seal_record};
use crate::fault::{Fact, Fault, Label, Origin, Place, Severity};
use crate::mapping::{Carrier, Feed, Style};
use crate::model::election::Election;
use crate::model::enrollment::{Enrolled, FamilyChange};
use crate::model::ids::Pseudonym;
use crate::model::person::{Family, Relationship};
use crate::model::record::Record;
use crate::policy::{Policy, WirePlan};
use crate::reconcile::{self, Decision, Given, Rules, Tally};
use crate::store::{Candidate, Change, NewHold, RunRow, Scope, Staged};
use crate::t834::{self, Header, Totals};
use crate::take_in::{LookedAt, Preview};
use crate::validate::document;
use crate::x12::guide::Guide;

/// Everything a feed's decisions are made with.
pub(super) struct Desk<'e> {
    pub engine: &'e Engine,
    pub feed: &'e Feed,
    pub carrier: &'e Carrier,
    pub policy: Policy,
    pub rules: Rules,
    pub guide: Cow<'static, Guide>,
    pub census_source: String,
    pub elections_source: String,
    /// What a plan looks ahead at; nothing in a run.
    pub ahead: Preview,
}

/// What a feed's decisions come to.
#[derive(Clone, Debug, Default)]
pub struct Planned {
    /// Counts.
    pub tally: Tally,
    /// Loops the file would have.
    pub totals: Totals,
    /// Guards that would hold the run.
    pub guards: Vec<Fault>,
    /// Questions for a person, by family.
    pub holds: Vec<(Pseudonym, Fault)>,
    /// What would be said of each family, when it was asked for.
    pub changes: Vec<(Pseudonym, FamilyChange)>,
    /// The files that a plan has read ahead, and what is to be said of others that wait in the inbox.
    pub looked_at: (Vec<LookedAt>, Vec<Fault>),
}

/// Where decisions go.
pub(super) trait Sink {
    /// A family's staged version.
    fn stage(&mut self, staged: Staged, change: &FamilyChange) -> Result<(), Fault>;
    /// What a page of decisions was made of.
    fn remember(&mut self, scope: &Scope, decided: &[(&Candidate, Option<String>)]) -> Result<(), Fault>;
}

impl<'e> Desk<'e> {
    /// A desk for one feed on one date.
    ///
    /// # Errors
    /// POL001 when the carrier has no policy.
    pub fn new(engine: &'e Engine, feed: &'e Feed, as_of: NaiveDate) -> Result<Desk<'e>, Fault> {
        // A feed whose carrier is not configured is refused with the configuration.
        let carrier = &engine.site.carriers[&feed.carrier];
        let policy = policy(carrier)?;
        let rules = Rules {
            as_of,
            visible: policy.fields(),
            plans: carrier.plans.iter().map(|(code, plan)| (code.clone(), plan.line)).collect(),
            coverage_ends: feed.coverage_ends,
            subscriber_id: carrier.file.subscriber_id,
            plan_change: carrier.file.plan_change,
            retro_days_back: carrier.file.retro_days_back,
            retro_days_forward: carrier.file.retro_days_forward,
            first_load: engine.store.covered(feed.name.as_str())? == 0,
            retro_termination_days_max: carrier.file.retro_termination_days_max,
        };
        let (census_source, elections_source) =
            (format!("census/{}", feed.census), format!("elections/{}", feed.elections));
        let guide = guide(carrier)?;
        let ahead = Preview::default();
        Ok(Desk { engine, feed, carrier, policy, rules, guide, census_source, elections_source, ahead })
    }

    /// Whether the carrier takes full files.
    pub fn is_full(&self) -> bool {
        self.carrier.file.style == Style::Full
    }

    fn scope<'s>(&'s self, run: &RunRow, as_of: &'s str) -> Scope<'s> {
        Scope {
            feed: self.feed.name.as_str(),
            census: &self.census_source,
            census_input: run.census_input,
            elections: &self.elections_source,
            elections_input: run.elections_input,
            rules: self.rules_digest(),
            as_of,
        }
    }

    /// A digest of everything but the date that a decision depends on: when it differs, everybody is decided anew.
    fn rules_digest(&self) -> [u8; 16] {
        let Rules { as_of: _, visible, plans, coverage_ends, subscriber_id, plan_change, .. } = &self.rules;
        let windows =
            [self.rules.retro_days_back, self.rules.retro_days_forward, self.rules.retro_termination_days_max];
        let text = format!("{visible:?}{plans:?}{coverage_ends:?}{subscriber_id:?}{plan_change:?}{windows:?}");
        self.engine.vault.digest("rules", text.as_bytes())
    }

    /// Opens a sealed record of a family.
    ///
    /// # Errors
    /// The vault's; RUN003 when the record is of another version.
    pub fn open<T: Record>(&self, context: &str, key: Pseudonym, sealed: &[u8]) -> Result<T, Fault> {
        open_record(self.engine, context, key, sealed)
    }

    fn seal<T: Record>(&self, context: &str, key: Pseudonym, value: &T) -> Vec<u8> {
        seal_record(self.engine, context, key, value)
    }

    /// Decides every family of the run's scope.
    ///
    /// # Errors
    /// The store's and the vault's.
    pub fn decide(&self, run: &RunRow, header: &Header, sink: &mut dyn Sink) -> Result<Planned, Fault> {
        let as_of = self.rules.as_of.to_string();
        let scope = self.scope(run, &as_of);
        let mut planned = Planned::default();
        planned.tally.known = self.engine.store.covered(scope.feed)?;
        let (mut passed_over, mut after) = (self.engine.store.decided(scope.feed)?, Vec::new());
        loop {
            let page = self.engine.store.candidates(&scope, &after)?;
            let Some(last) = page.last() else { break };
            self.engine.steps.go_on()?;
            after = last.key().0.to_vec();
            let page: Vec<Candidate> =
                page.into_iter().filter(|candidate| !self.ahead.tells_of(candidate.key())).collect();
            passed_over = passed_over.saturating_sub(remembered(&page));
            self.decide_page(&scope, &page, header, (&mut planned, sink))?;
        }
        for keys in self.ahead.families().chunks(PAGE) {
            let page = self.engine.store.candidates_among(&scope, keys)?;
            let page: Vec<Candidate> = page.into_iter().map(|candidate| self.ahead.seen(candidate)).collect();
            passed_over = passed_over.saturating_sub(remembered(&page));
            self.decide_page(&scope, &page, header, (&mut planned, sink))?;
        }
        planned.tally.unchanged += passed_over;
        planned.guards = planned.tally.exceeds(&self.feed.guards);
        Ok(planned)
    }

    fn decide_page(
        &self,
        scope: &Scope,
        page: &[Candidate],
        header: &Header,
        (planned, sink): (&mut Planned, &mut dyn Sink),
    ) -> Result<(), Fault> {
        let mut decided = Vec::with_capacity(page.len());
        for candidate in page {
            let (decision, told) = self.decide_one(candidate)?;
            let settled = self.settle((scope, candidate), header, (decision, told), (planned, sink))?;
            if let Some(review_on) = settled {
                decided.push((candidate, review_on.map(|day| day.to_string())));
            }
        }
        sink.remember(scope, &decided)
    }

    fn decide_one(&self, candidate: &Candidate) -> Result<(Decision, Option<Enrolled>), Fault> {
        let key = candidate.key();
        let open_census = |sealed: &Vec<u8>| self.open::<Option<Family>>(&self.census_source, key, sealed);
        let open_elections = |sealed: &Vec<u8>| self.open::<Vec<Election>>(&self.elections_source, key, sealed);
        let open_told = |sealed: &Vec<u8>| self.open::<Enrolled>(self.feed.name.as_str(), key, sealed);
        // A family whose subscriber could not be read is in the census all the same, and incomplete.
        let census = candidate.census.as_ref().map(open_census).transpose()?.flatten();
        let mut elections = candidate.elections.as_ref().map(open_elections).transpose()?;
        if let (Some(elections), Some(family)) = (&mut elections, &census) {
            elections.iter_mut().for_each(|election| name_everyone(election, family));
        }
        let told = candidate.told.as_ref().map(open_told).transpose()?;
        let given = Given {
            census: census.as_ref(),
            elections: elections.as_deref(),
            told: told.as_ref(),
            incomplete: candidate.is_incomplete(),
        };
        Ok((reconcile::decide(&self.rules, given), told))
    }

    /// Counts and stages one decision. What it gives is the date of review when the decision may be remembered:
    /// questions are asked again every night, and what waits is decided again once its acknowledgement is there.
    fn settle(
        &self,
        (scope, candidate): (&Scope, &Candidate),
        header: &Header,
        (decision, told): (Decision, Option<Enrolled>),
        (planned, sink): (&mut Planned, &mut dyn Sink),
    ) -> Result<Option<Option<NaiveDate>>, Fault> {
        let key = candidate.key();
        let waits = candidate.is_waiting() && !self.is_full() && decision.change.is_some();
        let decision = if waits { Decision::default() } else { self.rehearsed(header, decision, told.as_ref()) };
        planned.tally.waiting += u64::from(waits);
        planned.tally.holds += u64::from(!decision.holds.is_empty());
        if !decision.holds.is_empty() {
            let told_in = self.told_in(scope, key)?;
            planned.holds.extend(decision.holds.iter().map(|fault| (key, placed(fault, key, &told_in))));
        }
        match (&decision.change, &decision.known) {
            (Some(change), Some(known)) => {
                planned.tally.add(change);
                sink.stage(self.staged(key, known, change), change)?;
            }
            _ => planned.tally.unchanged += u64::from(!waits && decision.holds.is_empty()),
        }
        if let Some(change) = decision.change.as_ref().filter(|_| !self.is_full()) {
            count_loops(change, &mut planned.totals);
        }
        Ok((!waits && decision.holds.is_empty()).then_some(decision.review_on))
    }

    /// Where census and elections told of a family last: the rows a person asks the employer about.
    fn told_in(&self, scope: &Scope, key: Pseudonym) -> Result<Vec<Origin>, Fault> {
        let sides = [(scope.census, scope.census_input), (scope.elections, scope.elections_input)];
        let origin = |(source, input)| {
            let told = self.engine.store.origin(source, input, key);
            told.map(|told| self.ahead.origin(source, key, told)).transpose()
        };
        sides.into_iter().filter_map(origin).collect()
    }

    fn staged(&self, key: Pseudonym, known: &Enrolled, change: &FamilyChange) -> Staged {
        let open = |member: &&crate::model::enrollment::Member| {
            member.coverages.iter().any(|coverage| coverage.is_open_on(self.rules.as_of))
        };
        Staged {
            key,
            covered: i64::try_from(known.members.iter().filter(open).count()).unwrap_or(0),
            sealed: self.seal(self.feed.name.as_str(), key, known),
            change: self.seal(self.feed.name.as_str(), key, change),
        }
    }

    /// Writes and judges a family's loops by themselves, and turns what cannot be written or would be refused into a
    /// question about this family: it must not hold everybody else's file.
    fn rehearsed(&self, header: &Header, decision: Decision, told: Option<&Enrolled>) -> Decision {
        let known = decision.known.as_ref().or(told);
        let Some(written) = self.written(known, decision.change.as_ref()) else { return decision };
        match self.rehearse(header, &written) {
            None => decision,
            Some(fault) => Decision { holds: vec![fault], ..Decision::default() },
        }
    }

    /// What keeps a family out of the file, if anything.
    fn rehearse(&self, header: &Header, written: &FamilyChange) -> Option<Fault> {
        let alone = self.policy.disclose(written).and_then(|family| t834::alone(style(self.carrier), header, &family));
        let refused = |bytes: Vec<u8>| document(&bytes[..], &self.guide).faults.into_iter().find(is_error);
        alone.map_or_else(Some, refused)
    }

    /// What the file says of a family.
    pub fn written(&self, known: Option<&Enrolled>, change: Option<&FamilyChange>) -> Option<FamilyChange> {
        match self.is_full() {
            true => reconcile::statement(known?, self.rules.as_of, self.carrier.file.terminated_lookback_days),
            false => change.cloned(),
        }
    }

    /// How many loops a full file has: everybody the carrier will know, with what is staged.
    ///
    /// # Errors
    /// The store's and the vault's.
    pub fn full_totals(&self, change: &mut Change, delivery: i64) -> Result<Totals, Fault> {
        let (feed, mut totals, mut after) = (self.feed.name.as_str(), Totals::default(), Vec::new());
        loop {
            let page = change.knowledge_with(feed, delivery, &after)?;
            let Some(last) = page.last() else { return Ok(totals) };
            after = last.key.0.to_vec();
            for row in &page {
                let known = self.open::<Enrolled>(feed, row.key, &row.known)?;
                self.written(Some(&known), None).iter().for_each(|family| count_loops(family, &mut totals));
            }
        }
    }
}

/// Families of a page read from what lies ahead.
const PAGE: usize = 1000;

fn remembered(page: &[Candidate]) -> u64 {
    page.iter().filter(|candidate| candidate.is_remembered()).count() as u64
}

fn is_error(fault: &Fault) -> bool {
    fault.severity >= Severity::Error
}

fn count_loops(written: &FamilyChange, totals: &mut Totals) {
    let is_subscriber = |relationship| relationship == Relationship::Subscriber;
    let subscribers = written.members.iter().filter(|member| is_subscriber(member.person.relationship)).count();
    totals.subscribers += subscribers as u64;
    totals.dependents += (written.members.len() - subscribers) as u64;
}

/// How a carrier's file is written: separators as declared, what has no place in it by rule or not at all.
pub(super) fn style(carrier: &Carrier) -> crate::x12::writer::Style {
    use crate::x12::character::Escape;
    use crate::x12::separators::{Newline, Separators};
    let declared = carrier.file.separators;
    crate::x12::writer::Style {
        separators: Separators {
            element: declared.element,
            component: declared.component,
            repetition: Some(declared.repetition),
            terminator: declared.segment,
        },
        newline: if carrier.file.newline { Newline::Lf } else { Newline::None },
        escape: Escape::Transliterate,
        ..crate::x12::writer::Style::default()
    }
}

fn policy(carrier: &Carrier) -> Result<Policy, Fault> {
    let declared = carrier.policy.as_ref().ok_or_else(|| no_policy(carrier))?;
    let plans: BTreeMap<String, WirePlan> = carrier
        .plans
        .iter()
        .map(|(code, plan)| (code.clone(), WirePlan { line: plan.line, code: plan.code.clone() }))
        .collect();
    Ok(Policy::new(declared.disclose, plans))
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

/// A question as the store keeps it.
pub(super) fn hold_row(key: Pseudonym, fault: &Fault) -> NewHold {
    let plan = fault.facts.iter().find_map(|fact| match fact {
        Fact::Name("plan", name) => Some(name.as_str().to_string()),
        _ => None,
    });
    NewHold { key, code: fault.code, subject: plan.unwrap_or_default() }
}

fn no_policy(carrier: &Carrier) -> Fault {
    Fault::error(
        "POL001",
        Place::Named(Label::new(carrier.name.as_str())),
        "the carrier has no policy, so nothing may be disclosed to it",
        "add a [policy] table to the carrier's mapping and have it approved",
    )
}

/// Stages into a change of state.
pub(super) struct Staging<'c, 's> {
    pub change: &'c mut Change<'s>,
    pub feed: &'c str,
    pub delivery: i64,
    pub rows: Vec<Staged>,
}

/// Rows gathered before they are written.
const GATHERED: usize = 1000;

impl Sink for Staging<'_, '_> {
    fn stage(&mut self, staged: Staged, _: &FamilyChange) -> Result<(), Fault> {
        self.rows.push(staged);
        if self.rows.len() < GATHERED { Ok(()) } else { self.flush() }
    }

    fn remember(&mut self, scope: &Scope, decided: &[(&Candidate, Option<String>)]) -> Result<(), Fault> {
        self.change.remember(scope, decided)
    }
}

impl Staging<'_, '_> {
    /// Writes what was gathered.
    pub fn flush(&mut self) -> Result<(), Fault> {
        let rows = std::mem::take(&mut self.rows);
        self.change.stage(self.feed, self.delivery, &rows)
    }
}

/// Only looks: nothing is staged, numbered or remembered.
#[derive(Default)]
struct Looking {
    changes: Vec<(Pseudonym, FamilyChange)>,
}

/// Most families a plan describes one by one; the counts are whole.
const DESCRIBED_MAX: usize = 1000;

impl Sink for Looking {
    fn stage(&mut self, staged: Staged, change: &FamilyChange) -> Result<(), Fault> {
        if self.changes.len() < DESCRIBED_MAX {
            self.changes.push((staged.key, change.clone()));
        }
        Ok(())
    }

    fn remember(&mut self, _: &Scope, _: &[(&Candidate, Option<String>)]) -> Result<(), Fault> {
        Ok(())
    }
}

/// What a run of this feed would do now, with what waits in the inbox: those files are read where they lie. Takes
/// nothing in, sends nothing, allocates nothing, records nothing.
///
/// # Errors
/// RUN004 when nothing was ever taken in and nothing waits; RUN005 when the newest file of a source is, or would be,
/// refused; the inbox's, the store's and the vault's.
pub fn plan(engine: &Engine, feed: &Feed, as_of: NaiveDate) -> Result<Planned, Fault> {
    let mut desk = Desk::new(engine, feed, as_of)?;
    let (census, elections) = (desk.census_source.clone(), desk.elections_source.clone());
    let inputs = [desk.ahead.look(engine, &census, as_of)?, desk.ahead.look(engine, &elections, as_of)?];
    let run = RunRow::imagined(feed.name.as_str(), inputs[0], inputs[1]);
    let header = super::build::header(&desk, &super::build::Numbered::imagined(engine));
    let mut looking = Looking::default();
    let mut planned = desk.decide(&run, &header, &mut looking)?;
    // Those of the files ahead were decided after the others.
    looking.changes.sort_by_key(|(key, _)| *key);
    planned.holds.sort_by_key(|(key, _)| *key);
    Ok(Planned { changes: looking.changes, looked_at: desk.ahead.into_looked_at(), ..planned })
}
