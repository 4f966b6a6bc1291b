//! What a carrier was told, held against the carrier's own list. Nothing is told because of it.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::candidates::Candidates as _;
use super::context::FeedContext;
use super::surroundings::everybody;
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
    /// Told of days to come, which the list does not have yet: nothing is wrong until the day is there.
    Timing,
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
            Mismatch::Timing => "timing",
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
    /// People on plans, covered as told on that day or later.
    pub told: u64,
    /// Of these, how many agree in everything.
    pub agree: u64,
    /// What differs.
    pub found: Vec<Discrepancy>,
}

impl Comparison {
    /// Whether anybody has to do something about it: what is a matter of time settles itself.
    pub fn is_settled(&self) -> bool {
        self.found.iter().all(|one| one.what == Mismatch::Timing)
    }
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
            let open = member.coverages.iter().filter(|span| span.is_open_on(today) && !span.is_cancelled());
            // What is covered today finds its row first.
            let (now, later): (Vec<&Coverage>, Vec<&Coverage>) = open.partition(|span| span.begin <= today);
            self.comparison.told += (now.len() + later.len()) as u64;
            for span in now.into_iter().chain(later) {
                self.span(&ToldSpan { candidate, enrolled, member, span }, &person);
            }
            self.never_told(candidate, &person);
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
        let is_told = |index: usize| told.others().any(|other| self.is_row_of(index, other));
        let mut own: Vec<usize> = on_plan.iter().copied().filter(|index| !self.seen[*index]).collect();
        own.retain(|index| {
            shares_a_day(&self.rows[*index], told.span) && (!is_told(*index) || self.begins(*index, told))
        });
        // The row that begins as told, where there is one.
        own.sort_by_key(|index| (!self.begins(*index, told), self.rows[*index].begin));
        let Some((first, others)) = own.split_first() else {
            return self.unlisted(told, OpenRows { all: &open, on_plan: &on_plan });
        };
        let before = self.comparison.found.len();
        let whole = self.joined(told, *first, others);
        self.seen[*first] = true;
        differences(&whole, told, today).into_iter().for_each(|what| self.note(told, what, Some(*first)));
        self.comparison.agree += u64::from(self.comparison.found.len() == before);
    }

    /// A row with those that go on where it ends: a carrier may write one span in several. A second row of the same
    /// days is a difference of its own; the first is compared, so that both are not reported for everything in which
    /// they differ.
    fn joined(&mut self, told: &ToldSpan, first: usize, others: &[usize]) -> Listed {
        let mut whole = self.rows[first].clone();
        for index in others.iter().copied() {
            let other = &self.rows[index];
            if whole.end.is_some() && whole.end.and_then(|end| end.succ_opt()) == other.begin {
                whole.end = other.end;
                self.seen[index] = true;
                if !is_level(other, told.span) {
                    self.note(told, Mismatch::Level, Some(index));
                }
            } else if whole.end.is_none_or(|end| other.begin.is_none_or(|begin| begin <= end)) {
                self.note(told, Mismatch::Twice, Some(index));
            }
        }
        whole
    }

    /// Whether a row begins on the first day of a span.
    fn begins(&self, index: usize, told: &ToldSpan) -> bool {
        self.rows[index].begin == Some(told.span.begin)
    }

    /// Whether a row is of another span: on its plan, from its first day on.
    fn is_row_of(&self, index: usize, span: &Coverage) -> bool {
        self.rows[index].begin == Some(span.begin) && self.is_plan(index, &span.plan)
    }

    /// No row of its own: the carrier has the days within another row of the plan; or it is on another plan, not there
    /// yet, or nowhere.
    fn unlisted(&mut self, told: &ToldSpan, open: OpenRows) {
        let today = self.context.rules.as_of;
        if told.span.begin > today {
            let covers = |index: &&usize| shares_a_day(&self.rows[**index], told.span);
            let within = open.on_plan.iter().find(covers).copied();
            let goes_on = within.is_some_and(|index| is_level(&self.rows[index], told.span));
            self.comparison.agree += u64::from(goes_on);
            if !goes_on {
                self.note(told, Mismatch::Timing, within);
            }
            return;
        }
        let told_on = |index: usize| {
            let spans = told.member.coverages.iter().filter(|span| span.is_open_on(today));
            spans.into_iter().any(|span| self.is_plan(index, &span.plan))
        };
        let is_now = |index: usize| self.rows[index].begin.is_none_or(|begin| begin <= today);
        let is_other = |index: &usize| !self.seen[*index] && is_now(*index) && !told_on(*index);
        let other = open.all.iter().copied().find(is_other);
        match other {
            Some(index) => self.note(told, Mismatch::Plan, Some(index)),
            None => self.note(told, Mismatch::Missing, None),
        }
    }

    /// Rows of a person that no span is: cover goes on although what was told has ended, or begins and was never told.
    fn never_told(&mut self, candidate: &Candidate, person: &[usize]) {
        let today = self.context.rules.as_of;
        for index in person {
            let row = &self.rows[*index];
            if !self.seen[*index] && row.is_open_on(today) {
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
            may_be_timing: what == Mismatch::Timing || told.candidate.is_waiting(),
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

/// The rows of a person on which cover goes on or begins, and those of them that are on the plan of a span.
#[derive(Clone, Copy)]
struct OpenRows<'o> {
    all: &'o [usize],
    on_plan: &'o [usize],
}

impl ToldSpan<'_> {
    /// The other spans of the same plan that count.
    fn others(&self) -> impl Iterator<Item = &Coverage> {
        let plan = &self.span.plan;
        let spans = self.member.coverages.iter().filter(move |other| other.plan == *plan && !other.is_cancelled());
        spans.filter(|other| other.begin != self.span.begin)
    }

    /// The last day of the stretch without a gap that the span is in: a level that changes ends no cover.
    fn last_of_stretch(&self) -> Option<NaiveDate> {
        let (mut end, mut others) = (self.span.end, self.others().collect::<Vec<_>>());
        others.sort_by_key(|other| other.begin);
        for other in others {
            if end.and_then(|end| end.succ_opt()) == Some(other.begin) {
                end = other.end;
            }
        }
        end
    }
}

/// Whether a day is covered by both; a row without days may be of any.
fn shares_a_day(row: &Listed, span: &Coverage) -> bool {
    let begins = row.begin.is_none_or(|begin| span.is_open_on(begin));
    begins && row.end.is_none_or(|end| end >= span.begin)
}

/// Whether a row has the level of a span, or says none.
fn is_level(row: &Listed, span: &Coverage) -> bool {
    row.tier.is_empty() || Listed::alike(&row.tier, span.tier.code())
}

/// How the last days differ. Where a row goes on beyond an end that is still to come, the carrier may not have booked
/// it.
fn end_differs(row: &Listed, told: &ToldSpan, today: NaiveDate) -> Option<Mismatch> {
    let (own, whole) = (told.span.end, told.last_of_stretch());
    if row.end == own || row.end == whole {
        return None;
    }
    let is_to_come = whole.is_some_and(|end| end >= today && row.end.is_none_or(|listed| listed > end));
    Some(if is_to_come { Mismatch::Timing } else { Mismatch::End })
}

/// What a row says otherwise than it was told. What the list leaves empty says nothing.
fn differences(row: &Listed, told: &ToldSpan, today: NaiveDate) -> Vec<Mismatch> {
    let (person, span) = (&told.member.person, told.span);
    let differs = |listed: &str, known: &str| !listed.is_empty() && !known.is_empty() && !Listed::alike(listed, known);
    let ssn = person.ssn.as_ref().map_or("", |ssn| ssn.reveal());
    let number =
        differs(row.ssn.reveal(), ssn) || differs(row.subscriber_id.reveal(), told.enrolled.subscriber_id.reveal());
    let name = differs(row.last_name.reveal(), person.last_name.reveal())
        || differs(row.first_name.reveal(), person.first_name.reveal());
    let birth = row.birth_date.is_some() && person.birth_date.is_some() && row.birth_date != person.birth_date;
    [
        (!is_level(row, span), Mismatch::Level),
        (row.begin.is_some_and(|begin| begin != span.begin), Mismatch::Begin),
        (number, Mismatch::Number),
        (name || birth, Mismatch::Person),
    ]
    .into_iter()
    .filter_map(|(holds, what)| holds.then_some(what))
    .chain(end_differs(row, told, today))
    .collect()
}
