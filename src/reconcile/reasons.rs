//! Why something is said of a member: INS04.

use crate::model::election::LifeEvent;
use crate::model::enrollment::{CoverageChange, Maintenance, Member, MemberChange, Reason};
use crate::model::person::{EndReason, Person, Relationship};

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
        Maintenance::Add => Some(event.map_or(Reason::InitialEnrollment, of_event)),
        Maintenance::Reinstate => Some(Reason::Reenrollment),
        Maintenance::Terminate => Some(of_end(event)),
        Maintenance::Audit => Some(Reason::NotificationOnly),
        Maintenance::Change if coverages.is_empty() => Some(of_person(&told?.person, &member.person)),
        Maintenance::Change => Some(of_coverages(coverages, event)),
    }
}

fn begins_cobra(told: Option<&Member>, coverages: &[CoverageChange]) -> bool {
    let before = told.is_some_and(|told| told.coverages.iter().any(|span| span.cobra.is_some()));
    !before && coverages.iter().any(|change| change.coverage.cobra.is_some())
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
pub(super) fn end_reason(change: MemberChange, ended: Option<EndReason>) -> MemberChange {
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
