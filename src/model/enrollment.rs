//! What a carrier is told of a family, and how that changes.

use chrono::NaiveDate;

use super::election::{LifeEvent, Line, Provider, Tier};
use super::money::Cents;
use super::person::{Employment, EndReason, Person};
use super::phi::Phi;
use super::reference::ToldReference;

/// A member's coverage under one plan of one carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The plan, by the code the elections file uses.
    pub plan: String,
    /// The line the plan stands on.
    pub line: Line,
    /// Who is covered with the subscriber.
    pub tier: Tier,
    /// First day covered.
    pub begin: NaiveDate,
    /// Last day covered, inclusive; open when absent.
    pub end: Option<NaiveDate>,
    /// The member's provider on this plan.
    pub pcp: Option<Provider>,
    /// Cost of coverage per month; on the subscriber only.
    pub cost: Option<Phi<Cents>>,
    /// What led to it. Never compared: it explains a change, it is not one.
    pub event: Option<LifeEvent>,
    /// Under COBRA, and what gave the right to it; `None` for cover that comes with employment.
    pub cobra: Option<QualifyingEvent>,
    /// The day under which the carrier has it on file, where its first day does not say it: of a stretch that is told
    /// in place its first day, and its own first day of what is on file by itself though nothing else sets it apart
    /// from the days before. Never compared.
    pub filed: Option<NaiveDate>,
    /// The class of employees by which the carrier keeps it apart; empty where it keeps all together, or has not been
    /// told by class yet.
    pub class: String,
    /// What the carrier asks to know it by, in references of loop 2300.
    pub refs: Vec<ToldReference>,
}

/// What gave the right to go on under COBRA: INS07, data element 1219.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QualifyingEvent {
    /// 1: employment ended.
    EmploymentEnded,
    /// 4: the employee died.
    Death,
    /// 9: let go for want of work.
    LaidOff,
}

impl QualifyingEvent {
    /// Every event, in the order of their stored codes.
    pub const ALL: [QualifyingEvent; 3] =
        [QualifyingEvent::EmploymentEnded, QualifyingEvent::Death, QualifyingEvent::LaidOff];

    /// The qualifying event code.
    pub fn code(self) -> &'static str {
        match self {
            QualifyingEvent::EmploymentEnded => "1",
            QualifyingEvent::Death => "4",
            QualifyingEvent::LaidOff => "9",
        }
    }

    /// What an end of employment gives the right by.
    pub fn of(end: Option<EndReason>) -> QualifyingEvent {
        match end {
            Some(EndReason::Died) => QualifyingEvent::Death,
            Some(EndReason::LaidOff) => QualifyingEvent::LaidOff,
            Some(EndReason::Ended | EndReason::Quit | EndReason::Dismissed | EndReason::Retired) | None => {
                QualifyingEvent::EmploymentEnded
            }
        }
    }
}

impl Coverage {
    /// Whether the member is covered on this day or will be later.
    pub fn is_open_on(&self, day: NaiveDate) -> bool {
        self.end.is_none_or(|end| end >= day)
    }

    /// Whether a day is covered by both.
    pub fn shares_a_day_with(&self, other: &Coverage) -> bool {
        self.is_open_on(other.begin) && other.is_open_on(self.begin)
    }

    /// The day on which a file of this date speaks of it: that one, or the nearest day that it covers.
    pub fn spoken_of_on(&self, as_of: NaiveDate) -> NaiveDate {
        let last = self.end.unwrap_or(NaiveDate::MAX).max(self.begin);
        as_of.max(self.begin).min(last)
    }

    /// Whether it never takes effect: it ends on the day it begins, or before.
    pub fn is_cancelled(&self) -> bool {
        self.end.is_some_and(|end| end <= self.begin)
    }
}

/// A person with every coverage that one carrier has, or is to have, of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The person, with what the carrier may not see left out.
    pub person: Person,
    /// The subscriber's employment; the same for the dependents.
    pub employment: Employment,
    /// Spans of cover, ordered by plan code and first day: no two of one line of care on one day. A span that ends on
    /// the day it begins was told and taken back.
    pub coverages: Vec<Coverage>,
    /// What the carrier asks to know the member by, in references of loop 2000.
    pub refs: Vec<ToldReference>,
}

/// A family as one carrier knows it, or should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// What REF*0F says for every member of the family.
    pub subscriber_id: Phi<String>,
    /// The subscriber first, then dependents by key.
    pub members: Vec<Member>,
}

impl Enrolled {
    /// Whether anybody has a coverage that is open on this day.
    pub fn is_active_on(&self, day: NaiveDate) -> bool {
        self.members.iter().any(|member| member.coverages.iter().any(|coverage| coverage.is_open_on(day)))
    }

    /// The last day of all cover, where every one of them has a last day.
    pub fn last_day(&self) -> Option<NaiveDate> {
        let mut spans = self.members.iter().flat_map(|member| &member.coverages);
        spans.try_fold(None, |last, span| span.end.map(|end| last.max(Some(end)))).flatten()
    }

    /// Finds somebody by the key within the household.
    pub fn member(&self, key: &Phi<String>) -> Option<&Member> {
        self.members.iter().find(|member| member.person.key == *key)
    }
}

/// What happened to a member or a coverage: INS03 and HD01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Maintenance {
    /// 021: begins.
    Add,
    /// 001: goes on, something about it differs.
    Change,
    /// 024: ends.
    Terminate,
    /// 025: goes on after an end that was told.
    Reinstate,
    /// 030: stated for comparison, as in a full file.
    Audit,
}

impl Maintenance {
    /// Every type, in the order of their stored codes.
    pub const ALL: [Maintenance; 5] =
        [Maintenance::Add, Maintenance::Change, Maintenance::Terminate, Maintenance::Reinstate, Maintenance::Audit];

    /// The maintenance type code (data element 875).
    pub fn code(self) -> &'static str {
        match self {
            Maintenance::Add => "021",
            Maintenance::Change => "001",
            Maintenance::Terminate => "024",
            Maintenance::Reinstate => "025",
            Maintenance::Audit => "030",
        }
    }

    /// The word people read.
    pub fn word(self) -> &'static str {
        match self {
            Maintenance::Add => "add",
            Maintenance::Change => "change",
            Maintenance::Terminate => "terminate",
            Maintenance::Reinstate => "reinstate",
            Maintenance::Audit => "audit",
        }
    }
}

/// Why: INS04, data element 1203.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// 01
    Divorce,
    /// 02
    Birth,
    /// 03
    Death,
    /// 04
    Retirement,
    /// 05
    Adoption,
    /// 07
    BenefitsEnded,
    /// 08
    EmploymentEnded,
    /// 14
    Withdrawal,
    /// 16
    Quit,
    /// 17
    Dismissed,
    /// 22
    PlanChange,
    /// 25
    Identity,
    /// 28
    InitialEnrollment,
    /// 29
    BenefitSelection,
    /// 32
    Marriage,
    /// 33
    PersonnelData,
    /// 40
    LaidOff,
    /// 41
    Reenrollment,
    /// 43
    Moved,
    /// EC
    MembersChoice,
    /// XN
    NotificationOnly,
    /// AI
    NoneGiven,
    /// 09
    CobraElected,
    /// 11
    Survivor,
    /// 38
    Leave,
    /// 20
    BackFromLeave,
}

impl Reason {
    /// Every reason, in the order of their stored codes.
    pub const ALL: [Reason; 26] = [
        Reason::Divorce,
        Reason::Birth,
        Reason::Death,
        Reason::Retirement,
        Reason::Adoption,
        Reason::BenefitsEnded,
        Reason::EmploymentEnded,
        Reason::Withdrawal,
        Reason::Quit,
        Reason::Dismissed,
        Reason::PlanChange,
        Reason::Identity,
        Reason::InitialEnrollment,
        Reason::BenefitSelection,
        Reason::Marriage,
        Reason::PersonnelData,
        Reason::LaidOff,
        Reason::Reenrollment,
        Reason::Moved,
        Reason::MembersChoice,
        Reason::NotificationOnly,
        Reason::NoneGiven,
        Reason::CobraElected,
        Reason::Survivor,
        Reason::Leave,
        Reason::BackFromLeave,
    ];

    /// The maintenance reason code and the words people read.
    fn entry(self) -> (&'static str, &'static str) {
        match self {
            Reason::Divorce => ("01", "divorce"),
            Reason::Birth => ("02", "birth"),
            Reason::Death => ("03", "death"),
            Reason::Retirement => ("04", "retirement"),
            Reason::Adoption => ("05", "adoption"),
            Reason::BenefitsEnded => ("07", "benefits ended"),
            Reason::EmploymentEnded => ("08", "employment ended"),
            Reason::Withdrawal => ("14", "voluntary withdrawal"),
            Reason::Quit => ("16", "quit"),
            Reason::Dismissed => ("17", "dismissed"),
            Reason::PlanChange => ("22", "plan change"),
            Reason::Identity => ("25", "change in identifying data"),
            Reason::InitialEnrollment => ("28", "initial enrollment"),
            Reason::BenefitSelection => ("29", "benefit selection"),
            Reason::Marriage => ("32", "marriage"),
            Reason::PersonnelData => ("33", "personnel data"),
            Reason::LaidOff => ("40", "laid off"),
            Reason::Reenrollment => ("41", "re-enrollment"),
            Reason::Moved => ("43", "change of location"),
            Reason::MembersChoice => ("EC", "member's benefit selection"),
            Reason::NotificationOnly => ("XN", "notification only"),
            Reason::NoneGiven => ("AI", "no reason given"),
            Reason::CobraElected => ("09", "COBRA"),
            Reason::Survivor => ("11", "surviving spouse"),
            Reason::Leave => ("38", "leave without benefits"),
            Reason::BackFromLeave => ("20", "active again"),
        }
    }

    /// The maintenance reason code.
    pub fn code(self) -> &'static str {
        self.entry().0
    }

    /// The words people read.
    pub fn words(self) -> &'static str {
        self.entry().1
    }
}

/// One HD loop to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverageChange {
    /// HD01.
    pub maintenance: Maintenance,
    /// The coverage as it is now to be known; `end` is set where it ends.
    pub coverage: Coverage,
    /// The first day on which it makes a difference, where the coverage's own days do not say it: what is brought back
    /// or changed may have begun long ago.
    pub since: Option<NaiveDate>,
}

impl CoverageChange {
    /// A loop whose coverage says by its own days from when on it makes a difference.
    pub fn new(maintenance: Maintenance, coverage: Coverage) -> CoverageChange {
        CoverageChange { maintenance, coverage, since: None }
    }

    /// The first day on which it makes a difference; none of a price or a provider, which have no day.
    pub fn first_day(&self) -> Option<NaiveDate> {
        let begin = Some(self.coverage.begin);
        match self.maintenance {
            Maintenance::Add => begin,
            Maintenance::Terminate if self.coverage.is_cancelled() => begin,
            Maintenance::Terminate => self.since.or(self.coverage.end.and_then(|end| end.succ_opt())),
            Maintenance::Change | Maintenance::Reinstate => self.since,
            Maintenance::Audit => None,
        }
    }
}

/// One member loop to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberChange {
    /// INS03.
    pub maintenance: Maintenance,
    /// INS04.
    pub reason: Option<Reason>,
    /// The person as now known.
    pub person: Person,
    /// The subscriber's employment: INS08 and member level dates.
    pub employment: Employment,
    /// The person as told before, when identifying data was wrong (2100B).
    pub prior: Option<Person>,
    /// The HD loops.
    pub coverages: Vec<CoverageChange>,
    /// What gave the right to COBRA, where the member is covered under it: INS05 and INS07.
    pub cobra: Option<QualifyingEvent>,
    /// The class of the cover that is spoken of, which says in which account of the carrier's the member is.
    pub class: String,
    /// What the carrier asks to know the member by, in references of loop 2000.
    pub refs: Vec<ToldReference>,
}

/// Everything a file states about one household, member by member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyChange {
    /// REF*0F.
    pub subscriber_id: Phi<String>,
    /// The subscriber first.
    pub members: Vec<MemberChange>,
    /// REF*Q4: the number under which the carrier has had the family, where it is to have it under another one.
    pub prior_id: Option<Phi<String>>,
}
