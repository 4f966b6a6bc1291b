//! Told state → target state, as the loops a change file carries.

use chrono::Days;

use super::rules::day_before;
use super::target::same;
use crate::mapping::PlanChange;
use crate::model::election::LifeEvent;
use crate::model::enrollment::{
    Coverage, CoverageChange, Enrolled, FamilyChange, Maintenance, Member, MemberChange, Reason,
};
use crate::model::person::{EndReason, Person, Relationship};

/// What has to be written so that a carrier that knows `told` comes to know `target`. `None` when nothing differs.
///
/// `ended` is why the subscriber's employment ended, where it did: it becomes the reason of a termination.
pub fn diff(
    told: Option<&Enrolled>,
    target: &Enrolled,
    style: PlanChange,
    ended: Option<EndReason>,
) -> Option<FamilyChange> {
    let changes: Vec<MemberChange> = target
        .members
        .iter()
        .filter_map(|member| member_change(told.and_then(|told| told.member(&member.person.key)), member, style))
        .map(|change| with_end_reason(change, ended))
        .collect();
    let members = with_subscriber(changes, target)?;
    Some(FamilyChange { subscriber_id: target.subscriber_id.clone(), members })
}

/// A dependent's loop never stands without its subscriber's: a carrier files it under that one.
fn with_subscriber(mut changes: Vec<MemberChange>, target: &Enrolled) -> Option<Vec<MemberChange>> {
    let first = changes.first()?;
    let subscriber = target.members.first()?;
    // A dependent never stands alone: the guide wants the subscriber's INS before it, even where nothing of it changes.
    if first.person.key != subscriber.person.key {
        changes.insert(0, notification(subscriber));
    }
    Some(changes)
}

fn notification(member: &Member) -> MemberChange {
    MemberChange {
        maintenance: Maintenance::Change,
        reason: Some(Reason::NotificationOnly),
        person: member.person.clone(),
        employment: member.employment.clone(),
        prior: None,
        coverages: Vec::new(),
    }
}

fn member_change(told: Option<&Member>, member: &Member, style: PlanChange) -> Option<MemberChange> {
    let mut coverages: Vec<CoverageChange> = member
        .coverages
        .iter()
        .flat_map(|coverage| coverage_changes(told_coverage(told, coverage), coverage, style))
        .collect();
    // What ends is said before what begins, as it happens; a reinstated coverage can end only after that.
    coverages.sort_by_key(|change| matches!(change.maintenance, Maintenance::Add | Maintenance::Change));
    // An employment status is said with what follows from it, never for its own sake.
    let same_person = told.is_some_and(|told| told.person == member.person);
    if coverages.is_empty() && (same_person || told.is_none()) {
        return None;
    }
    // INS03 and INS04 are derived from the HD loops and not the other way round: many carriers act on INS03 alone, so
    // it must never say more than the coverages below it do.
    let maintenance = maintenance(told, member, &coverages);
    Some(MemberChange {
        maintenance,
        reason: reason(told, member, maintenance, &coverages),
        prior: told.map(|told| &told.person).filter(|told| misidentified(told, &member.person)).cloned(),
        person: member.person.clone(),
        employment: member.employment.clone(),
        coverages,
    })
}

fn told_coverage<'a>(told: Option<&'a Member>, coverage: &Coverage) -> Option<&'a Coverage> {
    told?.coverages.iter().find(|before| before.plan == coverage.plan)
}

/// The HD loops that lead from one state of a coverage to another.
fn coverage_changes(told: Option<&Coverage>, now: &Coverage, style: PlanChange) -> Vec<CoverageChange> {
    let Some(told) = told else { return vec![write(Maintenance::Add, now)] };
    if same(told, now) {
        return Vec::new();
    }
    match (told.end, now.end) {
        (None, None) => go_on(told, now, style),
        // The order of these arms is the argument: open before ended, a real gap before a mere correction of the end.
        (None, Some(_)) => vec![write(Maintenance::Terminate, now)],
        (Some(end), _) if now.begin > end.checked_add_days(Days::new(1)).unwrap_or(end) => {
            vec![write(Maintenance::Add, now)]
        }
        (Some(_), None) => vec![write(Maintenance::Reinstate, now)],
        (Some(before), Some(after)) if after <= before => vec![write(Maintenance::Terminate, now)],
        // A later end than told: the carrier has to bring the coverage back before it can end again.
        (Some(_), Some(_)) => {
            let open = Coverage { end: None, ..now.clone() };
            vec![write(Maintenance::Reinstate, &open), write(Maintenance::Terminate, now)]
        }
    }
}

fn go_on(told: &Coverage, now: &Coverage, style: PlanChange) -> Vec<CoverageChange> {
    // An earlier begin can only be a correction: there is no day on which the old coverage could end before it.
    if style == PlanChange::Change || now.begin <= told.begin {
        return vec![write(Maintenance::Change, now)];
    }
    let ended = Coverage { end: Some(day_before(now.begin)), ..told.clone() };
    vec![write(Maintenance::Terminate, &ended), write(Maintenance::Add, now)]
}

fn write(maintenance: Maintenance, coverage: &Coverage) -> CoverageChange {
    CoverageChange { maintenance, coverage: coverage.clone() }
}

/// INS03: what happened to the member as a whole.
fn maintenance(told: Option<&Member>, member: &Member, coverages: &[CoverageChange]) -> Maintenance {
    let any = |maintenance| coverages.iter().any(|change| change.maintenance == maintenance);
    let had_open = told.is_some_and(|told| told.coverages.iter().any(|coverage| coverage.end.is_none()));
    let has_open = member.coverages.iter().any(|coverage| coverage.end.is_none());
    match (had_open, has_open) {
        // Losing one plan of two is a change: 024 at the member's level means to many carriers that every coverage
        // ends. Hence what is open before and after decides, and only then what happens to each coverage.
        (_, false) if any(Maintenance::Terminate) => Maintenance::Terminate,
        (false, _) if any(Maintenance::Add) => Maintenance::Add,
        (false, _) if any(Maintenance::Reinstate) => Maintenance::Reinstate,
        _ => Maintenance::Change,
    }
}

/// Whether what identifies a member was told wrongly and has to be corrected (2100B). A number or date that was
/// missing and is now known corrects nothing.
fn misidentified(told: &Person, now: &Person) -> bool {
    let corrected = |was: bool, differs: bool| was && differs;
    told.last_name != now.last_name
        || told.first_name != now.first_name
        || corrected(told.ssn.is_some(), told.ssn != now.ssn)
        || corrected(told.birth_date.is_some(), told.birth_date != now.birth_date)
        || told.sex != now.sex
}

fn reason(
    told: Option<&Member>,
    member: &Member,
    maintenance: Maintenance,
    coverages: &[CoverageChange],
) -> Option<Reason> {
    // Of several events the one by which something begins explains the rest: a birth that moves a family to another
    // plan ends the old one too, and the reason is the birth.
    let begun = coverages.iter().filter(|change| change.maintenance != Maintenance::Terminate);
    let event = begun.chain(coverages).find_map(|change| change.coverage.event);
    match maintenance {
        Maintenance::Add if told.is_some() => Some(Reason::Reenrollment),
        Maintenance::Add => Some(event.map_or(Reason::InitialEnrollment, of_event)),
        Maintenance::Reinstate => Some(Reason::Reenrollment),
        Maintenance::Terminate => Some(of_end(event)),
        Maintenance::Audit => Some(Reason::NotificationOnly),
        Maintenance::Change if coverages.is_empty() => Some(of_person(&told?.person, &member.person)),
        Maintenance::Change => Some(of_coverages(coverages, event)),
    }
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
    event_reason(event)
}

fn event_reason(event: Option<LifeEvent>) -> Reason {
    event.map_or(Reason::BenefitSelection, of_event)
}

/// A subscriber whose employment ended is terminated for that; the dependents because the benefits ended.
fn with_end_reason(change: MemberChange, ended: Option<EndReason>) -> MemberChange {
    let Some(ended) = ended.filter(|_| change.maintenance == Maintenance::Terminate) else { return change };
    let reason = match ended {
        // Whether somebody quit, was dismissed or died is the employee's own: a dependent's loop does not repeat it.
        _ if change.person.relationship != Relationship::Subscriber => Reason::BenefitsEnded,
        EndReason::Ended => Reason::EmploymentEnded,
        EndReason::Quit => Reason::Quit,
        EndReason::Dismissed => Reason::Dismissed,
        EndReason::Retired => Reason::Retirement,
        EndReason::Died => Reason::Death,
        EndReason::LaidOff => Reason::LaidOff,
    };
    MemberChange { reason: Some(reason), ..change }
}
