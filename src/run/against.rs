//! What a carrier was told, held against the carrier's own list. Nothing is told because of it.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::candidates::Candidates as _;
use super::context::FeedContext;
use super::opened::everybody;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::Feed;
use crate::model::enrollment::{Coverage, Enrolled, Member};
use crate::model::ids::Pseudonym;
use crate::model::told::ToldFamily;
use crate::roster::Listed;
use crate::store::Candidate;

/// How what was told and what a carrier has differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mismatch {
    /// Told, and not in the list.
    Missing,
    /// In the list, and not covered as told.
    Extra,
    /// In the list twice on one plan.
    Twice,
    /// On another plan.
    Plan,
    /// Another level of cover.
    Level,
    /// Another first day.
    Begin,
    /// Another last day.
    End,
    /// Another Social Security or subscriber number.
    Number,
    /// Another name or birth date.
    Person,
}

impl Mismatch {
    /// The word in lists and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Mismatch::Missing => "missing-at-carrier",
            Mismatch::Extra => "extra-at-carrier",
            Mismatch::Twice => "twice-at-carrier",
            Mismatch::Plan => "plan-mismatch",
            Mismatch::Level => "level-mismatch",
            Mismatch::Begin => "begin-mismatch",
            Mismatch::End => "end-mismatch",
            Mismatch::Number => "number-mismatch",
            Mismatch::Person => "person-mismatch",
        }
    }
}

/// One difference, of one person on one plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discrepancy {
    /// The family; none where nobody of the list's row was told of.
    pub key: Option<Pseudonym>,
    /// By the elections' code; of an extra row, as the list writes it.
    pub plan: String,
    /// What differs.
    pub what: Mismatch,
    /// The line of the list; none for what is missing there.
    pub line: Option<u64>,
    /// The carrier has not answered the last file about the family: it may not have booked it yet.
    pub may_be_timing: bool,
    /// Cents a day that are paid for what is missing, where the cost is known.
    pub cents_a_day: Option<i64>,
}

impl Discrepancy {
    /// A row of nobody whom the carrier was told of.
    fn extra(row: &Listed) -> Discrepancy {
        let (plan, line) = (row.plan.clone(), Some(row.line));
        Discrepancy { key: None, plan, what: Mismatch::Extra, line, may_be_timing: false, cents_a_day: None }
    }
}

/// A list compared.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Configured name of the feed.
    pub feed: String,
    /// The day on which cover was compared.
    pub as_of: NaiveDate,
    /// Rows of the list.
    pub listed: u64,
    /// People on plans, covered as told on that day.
    pub told: u64,
    /// Of these, how many agree in everything.
    pub agree: u64,
    /// What differs.
    pub found: Vec<Discrepancy>,
}

/// Compares a carrier's list with what it was told.
///
/// # Errors
/// RUN004 and RUN005 where the feed has nothing yet; the store's and the vault's.
pub fn against(engine: &Engine, feed: &Feed, as_of: NaiveDate, rows: &[Listed]) -> Result<Comparison, Fault> {
    let context = FeedContext::new(engine, feed, as_of)?;
    let mut candidates = everybody(&context)?;
    let mut comparing = Comparing::new(&context, rows);
    while let Some(page) = candidates.next_page()? {
        for candidate in &page {
            let Some(told) = &candidate.told else { continue };
            if let Some(told) = context.open_if_kept::<ToldFamily>(candidate.key(), told.from, &told.sealed)? {
                comparing.family(candidate, &told.known);
            }
        }
    }
    Ok(comparing.finish())
}

/// The rows of a list by what finds them, and which of them were found.
struct Comparing<'c> {
    context: &'c FeedContext<'c>,
    rows: &'c [Listed],
    by_family: HashMap<String, Vec<usize>>,
    by_number: HashMap<&'c str, Vec<usize>>,
    seen: Vec<bool>,
    comparison: Comparison,
}

/// One span of somebody, as told.
struct ToldSpan<'t> {
    candidate: &'t Candidate,
    enrolled: &'t Enrolled,
    member: &'t Member,
    span: &'t Coverage,
}

impl<'c> Comparing<'c> {
    fn new(context: &'c FeedContext<'c>, rows: &'c [Listed]) -> Comparing<'c> {
        let (mut by_family, mut by_number) = (HashMap::<_, Vec<usize>>::new(), HashMap::<_, Vec<usize>>::new());
        for (index, row) in rows.iter().enumerate() {
            by_family.entry(row.subscriber_id.reveal().trim().to_ascii_uppercase()).or_default().push(index);
            by_number.entry(row.ssn.reveal().as_str()).or_default().push(index);
        }
        let (feed, as_of, listed) = (context.name().to_string(), context.rules.as_of, rows.len() as u64);
        let comparison = Comparison { feed, as_of, listed, told: 0, agree: 0, found: Vec::new() };
        Comparing { context, rows, by_family, by_number, seen: vec![false; rows.len()], comparison }
    }

    fn family(&mut self, candidate: &Candidate, enrolled: &Enrolled) {
        let today = self.context.rules.as_of;
        for member in &enrolled.members {
            let person = self.rows_of(enrolled, member);
            let covered = member.coverages.iter().filter(|span| span.begin <= today && span.is_open_on(today));
            for span in covered.filter(|span| !span.is_cancelled()) {
                self.comparison.told += 1;
                self.span(&ToldSpan { candidate, enrolled, member, span }, &person);
            }
            self.ended(candidate, member, &person);
        }
    }

    /// The rows of a person: of the family with the same number or name and birth date, or with the number elsewhere.
    fn rows_of(&self, enrolled: &Enrolled, member: &Member) -> Vec<usize> {
        let family = self.by_family.get(&enrolled.subscriber_id.reveal().trim().to_ascii_uppercase());
        let of_family = family.into_iter().flatten().filter(|index| self.rows[**index].is_about(&member.person));
        let number = member.person.ssn.as_ref().map(|ssn| ssn.reveal().as_str());
        let by_number = number.and_then(|number| self.by_number.get(number)).into_iter().flatten();
        let mut rows: Vec<usize> = of_family.chain(by_number).copied().collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    fn span(&mut self, told: &ToldSpan, person: &[usize]) {
        let today = self.context.rules.as_of;
        let open: Vec<usize> = person.iter().copied().filter(|index| self.rows[*index].is_open_on(today)).collect();
        let on_plan: Vec<usize> = open.iter().copied().filter(|index| self.is_plan(*index, &told.span.plan)).collect();
        let Some((first, again)) = on_plan.split_first() else {
            return self.elsewhere(told, &open);
        };
        again.iter().for_each(|index| self.note(told, Mismatch::Twice, Some(*index)));
        // A second row of one plan is a difference of its own; the first is compared, so that both are not reported
        // for everything in which they differ.
        let differs = differences(&self.rows[*first], told);
        self.seen[*first] = true;
        self.comparison.agree += u64::from(differs.is_empty() && again.is_empty());
        differs.into_iter().for_each(|what| self.note(told, what, Some(*first)));
    }

    /// Not on this plan: on another of the same carrier that was not told, or nowhere.
    fn elsewhere(&mut self, told: &ToldSpan, open: &[usize]) {
        let today = self.context.rules.as_of;
        let told_on = |index: usize| {
            let spans = told.member.coverages.iter().filter(|span| span.is_open_on(today));
            spans.into_iter().any(|span| self.is_plan(index, &span.plan))
        };
        let other = open.iter().copied().find(|index| !self.seen[*index] && !told_on(*index));
        match other {
            Some(index) => self.note(told, Mismatch::Plan, Some(index)),
            None => self.note(told, Mismatch::Missing, None),
        }
    }

    /// Rows that go on although what was told of the person has ended.
    fn ended(&mut self, candidate: &Candidate, member: &Member, person: &[usize]) {
        let today = self.context.rules.as_of;
        for index in person {
            let row = &self.rows[*index];
            let known = |span: &Coverage| span.is_open_on(today) && self.is_plan(*index, &span.plan);
            let covered = member.coverages.iter().any(known);
            // What begins later as told may stand in the list already: it is no cover that goes on.
            if !self.seen[*index] && row.is_open_on(today) && !covered {
                self.seen[*index] = true;
                let (key, may_be_timing) = (Some(candidate.key()), candidate.is_waiting());
                self.comparison.found.push(Discrepancy { key, may_be_timing, ..Discrepancy::extra(row) });
            }
        }
    }

    /// Whether a row is on a plan, by the carrier's code or by ours.
    fn is_plan(&self, index: usize, plan: &str) -> bool {
        let codes = self.context.compiled.policy.every_code(plan);
        self.rows[index].is_on(plan, None) || codes.into_iter().any(|code| self.rows[index].is_on(plan, Some(code)))
    }

    fn note(&mut self, told: &ToldSpan, what: Mismatch, row: Option<usize>) {
        if let Some(index) = row {
            self.seen[index] = true;
        }
        let cost = told.span.cost.as_ref().map(|cost| cost.reveal().0 * 12 / 365);
        self.comparison.found.push(Discrepancy {
            key: Some(told.candidate.key()),
            plan: told.span.plan.clone(),
            what,
            line: row.map(|index| self.rows[index].line),
            may_be_timing: told.candidate.is_waiting(),
            cents_a_day: cost.filter(|_| what == Mismatch::Missing),
        });
    }

    /// Whoever is left in the list was never told of.
    fn finish(mut self) -> Comparison {
        let today = self.context.rules.as_of;
        let left = self.rows.iter().zip(&self.seen).filter(|(row, seen)| !**seen && row.is_open_on(today));
        self.comparison.found.extend(left.map(|(row, _)| Discrepancy::extra(row)));
        self.comparison.found.sort_by_key(|one| (one.what, one.key, one.line));
        self.comparison
    }
}

/// What a row says otherwise than it was told. What the list leaves empty says nothing.
fn differences(row: &Listed, told: &ToldSpan) -> Vec<Mismatch> {
    let (person, span) = (&told.member.person, told.span);
    let differs = |listed: &str, known: &str| !listed.is_empty() && !known.is_empty() && !Listed::alike(listed, known);
    let ssn = person.ssn.as_ref().map_or("", |ssn| ssn.reveal());
    let number =
        differs(row.ssn.reveal(), ssn) || differs(row.subscriber_id.reveal(), told.enrolled.subscriber_id.reveal());
    let name = differs(row.last_name.reveal(), person.last_name.reveal())
        || differs(row.first_name.reveal(), person.first_name.reveal());
    let birth = row.birth_date.is_some() && person.birth_date.is_some() && row.birth_date != person.birth_date;
    [
        (differs(&row.tier, span.tier.code()), Mismatch::Level),
        (row.begin.is_some_and(|begin| begin != span.begin), Mismatch::Begin),
        (row.end != span.end, Mismatch::End),
        (number, Mismatch::Number),
        (name || birth, Mismatch::Person),
    ]
    .into_iter()
    .filter_map(|(holds, what)| holds.then_some(what))
    .collect()
}
