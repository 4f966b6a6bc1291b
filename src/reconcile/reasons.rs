//! Why something is said of a member: INS04.

use chrono::NaiveDate;

use super::rules::{Rules, day_after, last_covered_day};
use crate::mapping::OnLeave;
use crate::model::election::{Election, LifeEvent, Line};
use crate::model::enrollment::{Coverage, CoverageChange, Maintenance, Member, MemberChange, Reason};
use crate::model::person::{EmploymentStatus, EndReason, Person, Relationship};

/// The reason of a member's loop.
pub(super) fn reason(
    told: Option<&Member>,
    member: &Member,
    maintenance: Maintenance,
    coverages: &[CoverageChange],
) -> Option<Reason> {
    // Of several events the one by which something begins explains the rest: a birth that moves a family to another
    // plan ends the old one too, and the reason is the birth.
    let begun = coverages.iter().filter(|change| change.maintenance != Maintenance::Terminate);
    let event = begun.chain(coverages).find_map(|change| change.coverage.event);
    if maintenance != Maintenance::Terminate && begins_cobra(told, coverages) {
        return Some(Reason::CobraElected);
    }
    match maintenance {
        Maintenance::Add if told.is_some() => Some(Reason::Reenrollment),
        Maintenance::Add if is_survivor(member) => Some(Reason::Survivor),
        Maintenance::Add => Some(event.map_or(Reason::InitialEnrollment, of_event)),
        Maintenance::Reinstate => Some(Reason::Reenrollment),
        Maintenance::Terminate => Some(of_end(event)),
        Maintenance::Audit => Some(Reason::NotificationOnly),
        Maintenance::Change if coverages.is_empty() => Some(of_person(&told?.person, &member.person)),
        Maintenance::Change if switches(told, coverages) => Some(Reason::PlanChange),
        Maintenance::Change if told.is_some_and(|told| is_personnel(told, coverages)) => Some(Reason::PersonnelData),
        Maintenance::Change => Some(of_coverages(coverages, event)),
    }
}

/// Whether a change is to a plan that the member was told to have on no day.
fn switches(told: Option<&Member>, coverages: &[CoverageChange]) -> bool {
    let had = |plan: &str| told.is_some_and(|told| told.coverages.iter().any(|span| span.plan == plan));
    coverages.iter().any(|sent| sent.maintenance == Maintenance::Change && !had(&sent.coverage.plan))
}

fn begins_cobra(told: Option<&Member>, coverages: &[CoverageChange]) -> bool {
    let before = told.is_some_and(|told| told.coverages.iter().any(|span| span.cobra.is_some()));
    !before && coverages.iter().any(|change| change.coverage.cobra.is_some())
}

/// Whether somebody goes on who was covered through an employee who has died.
fn is_survivor(member: &Member) -> bool {
    member.employment.survivor_of.is_some()
}

/// Whether nothing differs but where the employer has somebody: the account that cover is in, or a reference of it.
fn is_personnel(told: &Member, coverages: &[CoverageChange]) -> bool {
    let before = |now: &Coverage| {
        let same = |one: &&Coverage| one.plan == now.plan && one.begin == now.begin;
        told.coverages.iter().find(same).is_some_and(|one| Coverage { refs: now.refs.clone(), ..one.clone() } == *now)
    };
    let is_referred = |sent: &CoverageChange| sent.maintenance == Maintenance::Change && before(&sent.coverage);
    (!coverages.is_empty() && coverages.iter().all(is_referred)) || is_reclassified(told, coverages)
}

/// Whether nothing differs but the account that cover is in.
fn is_reclassified(told: &Member, coverages: &[CoverageChange]) -> bool {
    let before = |span: &Coverage| {
        let same = |one: &&Coverage| one.plan == span.plan && one.tier == span.tier && one.is_open_on(span.begin);
        told.coverages.iter().find(same).is_some_and(|one| one.class != span.class && !one.class.is_empty())
    };
    let goes_on = coverages.iter().filter(|change| change.maintenance != Maintenance::Terminate);
    let mut goes_on = goes_on.peekable();
    goes_on.peek().is_some() && goes_on.all(|change| before(&change.coverage))
}

/// The reason of a subscriber who stands in the file for a dependent's sake: the dependent's.
pub(super) fn untouched(changes: &[MemberChange]) -> Reason {
    changes.iter().find_map(|change| change.reason).unwrap_or(Reason::NoneGiven)
}

fn of_event(event: LifeEvent) -> Reason {
    match event {
        LifeEvent::NewHire => Reason::InitialEnrollment,
        LifeEvent::OpenEnrollment | LifeEvent::OtherCoverage => Reason::BenefitSelection,
        LifeEvent::Marriage => Reason::Marriage,
        LifeEvent::Birth => Reason::Birth,
        LifeEvent::Adoption => Reason::Adoption,
        LifeEvent::Divorce => Reason::Divorce,
        LifeEvent::Death => Reason::Death,
        LifeEvent::Moved => Reason::Moved,
        LifeEvent::Rehire => Reason::Reenrollment,
        LifeEvent::Choice => Reason::MembersChoice,
        LifeEvent::Ineligible => Reason::BenefitsEnded,
    }
}

fn of_end(event: Option<LifeEvent>) -> Reason {
    match event {
        Some(LifeEvent::Divorce) => Reason::Divorce,
        Some(LifeEvent::Death) => Reason::Death,
        Some(LifeEvent::Choice | LifeEvent::OtherCoverage) => Reason::Withdrawal,
        // An election that simply ends still carries the event it began with.
        _ => Reason::BenefitsEnded,
    }
}

fn of_person(told: &Person, now: &Person) -> Reason {
    if misidentified(told, now) {
        Reason::Identity
    } else if told.address != now.address {
        Reason::Moved
    } else {
        Reason::PersonnelData
    }
}

fn of_coverages(coverages: &[CoverageChange], event: Option<LifeEvent>) -> Reason {
    let plan = |maintenance| {
        let found = coverages.iter().find(|change| change.maintenance == maintenance);
        found.map(|change| change.coverage.plan.as_str())
    };
    if let (Some(ended), Some(begun)) = (plan(Maintenance::Terminate), plan(Maintenance::Add)) {
        // The same plan ends and begins where a carrier wants a change of tier told that way.
        return if ended == begun { event_reason(event) } else { Reason::PlanChange };
    }
    // Where nothing but an end is told, of one line of several, it is told as an end is.
    if coverages.iter().all(|change| change.maintenance == Maintenance::Terminate) {
        return of_end(event);
    }
    event_reason(event)
}

fn event_reason(event: Option<LifeEvent>) -> Reason {
    event.map_or(Reason::BenefitSelection, of_event)
}

/// Why and when somebody left, which says what ends by it and what had ended before.
#[derive(Clone, Copy, Debug)]
pub struct EmploymentEnd<'r> {
    /// What it came of.
    pub reason: EndReason,
    /// The last day of work, where the census says it.
    pub ended: Option<NaiveDate>,
    /// From when on which line is not covered any more.
    pub rules: &'r Rules,
}

impl EmploymentEnd<'_> {
    /// Whether it is what ends this cover: what was over before has a cause of its own, and so has COBRA.
    fn ends(&self, sent: &CoverageChange) -> bool {
        let Coverage { line, end, cobra, .. } = &sent.coverage;
        let last = self.ended.map(|ended| last_covered_day(self.rules.coverage_ends_on(line.kind()), ended));
        let never_began = sent.coverage.is_cancelled();
        sent.maintenance == Maintenance::Terminate
            && cobra.is_none()
            && (never_began || last.is_none_or(|last| end.is_none_or(|end| end >= last)))
    }
}

/// What may end cover: employment, and what the family has chosen for the days after it.
#[derive(Clone, Copy, Debug)]
pub struct EndCauses<'r> {
    /// How the subscriber's employment ended, where it did.
    pub employment: Option<EmploymentEnd<'r>>,
    /// The family's elections, all carriers'.
    pub elections: &'r [Election],
    /// Which plans are this carrier's, and on which line the others' stand.
    pub rules: &'r Rules,
}

impl EndCauses<'_> {
    /// The reason of somebody who has chosen something else: another carrier's plan from the next day on, or nothing.
    fn by_choice(&self, change: &MemberChange) -> Option<Reason> {
        let sent = || change.coverages.iter();
        if change.coverages.is_empty() || sent().any(|sent| sent.maintenance != Maintenance::Terminate) {
            return None;
        }
        if sent().all(|sent| self.is_replaced(&change.person, &sent.coverage)) {
            return Some(Reason::PlanChange);
        }
        // Only what would be told without a cause of its own: a waiver by divorce or death is told as that.
        let unexplained = change.reason == Some(Reason::BenefitsEnded);
        let waived = sent().all(|sent| self.is_waived(&sent.coverage));
        (unexplained && waived).then_some(Reason::Withdrawal)
    }

    /// Whether another carrier's plan covers this person on the day after the end.
    fn is_replaced(&self, person: &Person, span: &Coverage) -> bool {
        let next = next_day(span);
        let of_line = |one: &&Election| {
            let line = self.rules.line(&one.plan).map(Line::kind);
            !one.waived && line == Some(span.line.kind()) && !self.rules.plans.contains_key(&one.plan)
        };
        let covers = |one: &Election| match one.dependents.iter().find(|covered| covered.person == person.key) {
            Some(named) => named.start.is_none_or(|first| first <= next) && named.end.is_none_or(|last| last >= next),
            None => person.relationship == Relationship::Subscriber,
        };
        // A choice that was laid before this cover began has ended nothing of it.
        let holds = |one: &Election| {
            let is_later = one.start > span.begin || (span.is_cancelled() && one.start == span.begin);
            is_later && one.start <= next && one.end.is_none_or(|last| last >= next)
        };
        self.elections.iter().filter(of_line).any(|one| holds(one) && covers(one))
    }

    /// Whether the plan is given up from the day after the end. Who may not have it any more gives nothing up.
    fn is_waived(&self, span: &Coverage) -> bool {
        let gives_up = |one: &&Election| one.waived && one.plan == span.plan && one.start == next_day(span);
        self.elections.iter().find(gives_up).is_some_and(|one| one.event != Some(LifeEvent::Ineligible))
    }
}

/// The first day that a span does not cover any more; of one that was taken back, its first day.
fn next_day(span: &Coverage) -> NaiveDate {
    if span.is_cancelled() { span.begin } else { span.end.map_or(NaiveDate::MAX, day_after) }
}

/// The reason of an end, by what has ended it.
pub(super) fn end_reason(change: MemberChange, ends: EndCauses) -> MemberChange {
    let by_employment = |ended: &EmploymentEnd| {
        let is_end = change.maintenance == Maintenance::Terminate;
        is_end && change.coverages.iter().any(|sent| ended.ends(sent))
    };
    let reason = match ends.employment.filter(by_employment) {
        Some(ended) => Some(left(ended.reason, &change.person)),
        None => ends.by_choice(&change).or_else(|| by_leave(&change, ends.rules)).or(change.reason),
    };
    MemberChange { reason, ..change }
}

/// The reason of an employee whose cover plan documents end with a leave of absence: a dependent's loop does not repeat
/// it, as it repeats no other of the employee's own.
fn by_leave(change: &MemberChange, rules: &Rules) -> Option<Reason> {
    let is_own = change.person.relationship == Relationship::Subscriber;
    let on_leave = change.employment.status == EmploymentStatus::Leave;
    let unexplained = change.reason == Some(Reason::BenefitsEnded);
    let all = change.coverages.iter().all(|sent| ends_with_leave(&sent.coverage, rules));
    (is_own && on_leave && unexplained && all).then_some(Reason::Leave)
}

fn ends_with_leave(span: &Coverage, rules: &Rules) -> bool {
    rules.lines.get(&span.line.kind()).is_some_and(|line| line.leave == OnLeave::Ends)
}

/// The reason of an employee who was on leave, as told, and is back where plan documents cover nobody on leave.
pub(super) fn back_from_leave(told: Option<&Member>, change: MemberChange, rules: &Rules) -> MemberChange {
    let was_away = told.is_some_and(|told| told.employment.status == EmploymentStatus::Leave);
    let MemberChange { person, employment, maintenance, coverages, .. } = &change;
    let is_own = person.relationship == Relationship::Subscriber;
    let works = matches!(employment.status, EmploymentStatus::Active | EmploymentStatus::PartTime);
    let begins = matches!(maintenance, Maintenance::Add | Maintenance::Reinstate);
    let all = coverages.iter().all(|sent| ends_with_leave(&sent.coverage, rules));
    let is_back = was_away && is_own && works && begins && all;
    MemberChange { reason: if is_back { Some(Reason::BackFromLeave) } else { change.reason }, ..change }
}

/// A subscriber whose employment ended is terminated for that; the dependents because the benefits ended. Whoever was
/// covered no longer before that is told of by what ended it.
fn left(why: EndReason, person: &Person) -> Reason {
    match why {
        // Whether somebody quit, was dismissed or died is the employee's own: a dependent's loop does not repeat it.
        _ if person.relationship != Relationship::Subscriber => Reason::BenefitsEnded,
        EndReason::Ended => Reason::EmploymentEnded,
        EndReason::Quit => Reason::Quit,
        EndReason::Dismissed => Reason::Dismissed,
        EndReason::Retired => Reason::Retirement,
        EndReason::Died => Reason::Death,
        EndReason::LaidOff => Reason::LaidOff,
    }
}

/// Whether what identifies a member was told wrongly and has to be corrected (2100B). A number or date that was
/// missing and is now known corrects nothing.
pub(super) fn misidentified(told: &Person, now: &Person) -> bool {
    let corrected = |was: bool, differs: bool| was && differs;
    told.last_name != now.last_name
        || told.first_name != now.first_name
        || corrected(told.ssn.is_some(), told.ssn != now.ssn)
        || corrected(told.birth_date.is_some(), told.birth_date != now.birth_date)
        || told.sex != now.sex
}
