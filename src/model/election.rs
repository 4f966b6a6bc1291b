//! What was chosen: elections, tiers, lines, providers.

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use super::money::Cents;
use super::phi::Phi;

/// A line of coverage. [`Line::code`] is HD03.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Line {
    /// Health, not further specified.
    Health,
    /// Health maintenance organization.
    Hmo,
    /// Preferred provider organization.
    Ppo,
    /// Point of service.
    Pos,
    /// Exclusive provider organization.
    Epo,
    /// `DEN` in HD03.
    Dental,
    /// Dental capitation: a dental plan with a chosen dentist.
    DentalCapitation,
    /// `VIS` in HD03.
    Vision,
    /// Prescription drug.
    Drug,
    /// `AK` in HD03.
    MentalHealth,
    /// `LTC` in HD03.
    LongTermCare,
    /// `LTD` in HD03: income after months of illness.
    LongTermDisability,
    /// `STD` in HD03: income in the first weeks of illness.
    ShortTermDisability,
}

/// As its code.
impl Serialize for Line {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.code())
    }
}

impl Line {
    /// Every line, in the order of their stored codes.
    pub const ALL: [Line; 13] = [
        Line::Health,
        Line::Hmo,
        Line::Ppo,
        Line::Pos,
        Line::Epo,
        Line::Dental,
        Line::DentalCapitation,
        Line::Vision,
        Line::Drug,
        Line::MentalHealth,
        Line::LongTermCare,
        Line::LongTermDisability,
        Line::ShortTermDisability,
    ];

    /// The insurance line code (HD03, data element 1205).
    pub fn code(self) -> &'static str {
        match self {
            Line::Health => "HLT",
            Line::Hmo => "HMO",
            Line::Ppo => "PPO",
            Line::Pos => "POS",
            Line::Epo => "EPO",
            Line::Dental => "DEN",
            Line::DentalCapitation => "DCP",
            Line::Vision => "VIS",
            Line::Drug => "PDG",
            Line::MentalHealth => "AK",
            Line::LongTermCare => "LTC",
            Line::LongTermDisability => "LTD",
            Line::ShortTermDisability => "STD",
        }
    }

    /// The line with this insurance line code.
    pub fn from_code(code: &str) -> Option<Line> {
        Line::ALL.into_iter().find(|line| line.code() == code)
    }
}

/// What kind of care a line pays for: a choice within a kind replaces the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CareKind {
    /// Health, HMO, PPO, POS, EPO.
    Medical,
    /// Dental and dental capitation.
    Dental,
    /// Vision: glasses and eyes.
    Vision,
    /// Everything else; each line replaces only itself.
    Other(Line),
}

impl CareKind {
    /// The word used in plan rules.
    pub fn word(self) -> &'static str {
        match self {
            CareKind::Medical => "medical",
            CareKind::Dental => "dental",
            CareKind::Vision => "vision",
            CareKind::Other(Line::Drug) => "drug",
            CareKind::Other(Line::MentalHealth) => "mental-health",
            CareKind::Other(Line::LongTermCare) => "long-term-care",
            CareKind::Other(Line::LongTermDisability) => "long-term-disability",
            CareKind::Other(Line::ShortTermDisability) => "short-term-disability",
            // A line of one of the kinds above is never a kind of its own.
            CareKind::Other(line) => line.code(),
        }
    }

    /// The kind of care that a word of plan rules means.
    pub fn from_word(word: &str) -> Option<CareKind> {
        Line::ALL.into_iter().map(Line::kind).find(|kind| kind.word() == word)
    }
}

impl Line {
    /// Which group of insurance lines it belongs to.
    pub fn kind(self) -> CareKind {
        match self {
            Line::Health | Line::Hmo | Line::Ppo | Line::Pos | Line::Epo => CareKind::Medical,
            Line::Dental | Line::DentalCapitation => CareKind::Dental,
            Line::Vision => CareKind::Vision,
            other => CareKind::Other(other),
        }
    }
}

/// Who is covered under an election.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Employee only.
    Employee,
    /// The subscriber with a spouse, without children, `ESP`.
    EmployeeSpouse,
    /// Employee and children, whatever their number.
    EmployeeChildren,
    /// Employee, spouse and children.
    Family,
    /// The subscriber and one other, whoever that is, `E1D`.
    OneDependent,
    /// The subscriber and two others.
    TwoDependents,
    /// The subscriber and three others.
    ThreeDependents,
    /// One other or more, `E5D`.
    OneOrMore,
    /// Two others or more.
    TwoOrMore,
    /// Three others or more.
    ThreeOrMore,
    /// Four others or more.
    FourOrMore,
    /// Five others or more, `E9D`.
    FiveOrMore,
    /// Two people, as some plans call it.
    TwoParty,
    /// One person, as some plans call it.
    Individual,
}

impl Tier {
    /// Every tier, in the order of their stored codes.
    pub const ALL: [Tier; 14] = [
        Tier::Employee,
        Tier::EmployeeSpouse,
        Tier::EmployeeChildren,
        Tier::Family,
        Tier::OneDependent,
        Tier::TwoDependents,
        Tier::ThreeDependents,
        Tier::OneOrMore,
        Tier::TwoOrMore,
        Tier::ThreeOrMore,
        Tier::FourOrMore,
        Tier::FiveOrMore,
        Tier::TwoParty,
        Tier::Individual,
    ];

    /// The tier that a spouse (or none) and a number of other dependents make, where plan rules say nothing else.
    pub fn of(spouse: bool, children: usize) -> Tier {
        match (spouse, children) {
            (false, 0) => Tier::Employee,
            (true, 0) => Tier::EmployeeSpouse,
            // One child and several are one tier; levels that count people are made where plan rules say so.
            (false, _) => Tier::EmployeeChildren,
            (true, _) => Tier::Family,
        }
    }

    /// The coverage level code (HD05, data element 1207).
    pub fn code(self) -> &'static str {
        match self {
            Tier::Employee => "EMP",
            Tier::EmployeeSpouse => "ESP",
            Tier::EmployeeChildren => "ECH",
            Tier::Family => "FAM",
            Tier::OneDependent => "E1D",
            Tier::TwoDependents => "E2D",
            Tier::ThreeDependents => "E3D",
            Tier::OneOrMore => "E5D",
            Tier::TwoOrMore => "E6D",
            Tier::ThreeOrMore => "E7D",
            Tier::FourOrMore => "E8D",
            Tier::FiveOrMore => "E9D",
            Tier::TwoParty => "TWO",
            Tier::Individual => "IND",
        }
    }

    /// The tier with this coverage level code.
    pub fn from_code(code: &str) -> Option<Tier> {
        Tier::ALL.into_iter().find(|tier| tier.code() == code)
    }
}

/// The life event an election came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LifeEvent {
    /// Initial or newly eligible enrollment.
    NewHire,
    /// The yearly window in which everybody may choose anew.
    OpenEnrollment,
    /// Marriage or partnership.
    Marriage,
    /// A child was born into the family.
    Birth,
    /// Adoption or placement.
    Adoption,
    /// Divorce or end of partnership.
    Divorce,
    /// Death of a dependent.
    Death,
    /// Gain or loss of other coverage.
    OtherCoverage,
    /// Change of residence.
    Moved,
    /// Somebody came back after employment had ended.
    Rehire,
    /// The member's own choice, no event.
    Choice,
    /// Somebody may not be covered any more: hours, class, or what makes a dependent.
    Ineligible,
}

impl LifeEvent {
    /// Every event, in the order of their stored codes.
    pub const ALL: [LifeEvent; 12] = [
        LifeEvent::NewHire,
        LifeEvent::OpenEnrollment,
        LifeEvent::Marriage,
        LifeEvent::Birth,
        LifeEvent::Adoption,
        LifeEvent::Divorce,
        LifeEvent::Death,
        LifeEvent::OtherCoverage,
        LifeEvent::Moved,
        LifeEvent::Rehire,
        LifeEvent::Choice,
        LifeEvent::Ineligible,
    ];

    /// The word used in mappings.
    pub fn word(self) -> &'static str {
        match self {
            LifeEvent::NewHire => "new-hire",
            LifeEvent::OpenEnrollment => "open-enrollment",
            LifeEvent::Marriage => "marriage",
            LifeEvent::Birth => "birth",
            LifeEvent::Adoption => "adoption",
            LifeEvent::Divorce => "divorce",
            LifeEvent::Death => "death",
            LifeEvent::OtherCoverage => "other-coverage",
            LifeEvent::Moved => "moved",
            LifeEvent::Rehire => "rehire",
            LifeEvent::Choice => "choice",
            LifeEvent::Ineligible => "ineligible",
        }
    }
}

/// A primary care provider as elected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Last name or organization name.
    pub last_name: Phi<String>,
    /// First name; empty for an organization.
    pub first_name: Phi<String>,
    /// National provider identifier, ten digits; may be empty.
    pub npi: Phi<String>,
    /// Whether the member is a patient already; `None` when not told.
    pub established: Option<bool>,
}

/// One member covered under an election.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// The person's key within the family ([`super::person::Person::key`]).
    pub person: Phi<String>,
    /// The provider this person chose.
    pub pcp: Option<Provider>,
    /// First day of this person's own; without one, what the election says of everybody.
    pub start: Option<NaiveDate>,
    /// Last day of this person's own, inclusive.
    pub end: Option<NaiveDate>,
    /// What led to this person's being covered, where it is not what led to the election.
    pub event: Option<LifeEvent>,
    /// The day of that event, where it is not that of the election's.
    pub event_day: Option<NaiveDate>,
    /// Whether no day of cover is stated of somebody who went: then plan documents say it, by the event's day.
    pub undated: bool,
}

impl Covered {
    /// Somebody covered exactly as the election says.
    pub fn with_all(person: Phi<String>, pcp: Option<Provider>) -> Covered {
        Covered { person, pcp, start: None, end: None, event: None, event_day: None, undated: false }
    }
}

impl Election {
    /// A plan given up, and the first day without it.
    pub fn waiver(plan: impl Into<String>, start: NaiveDate) -> Election {
        Election {
            plan: plan.into(),
            waived: true,
            tier: None,
            start,
            end: None,
            dependents: Vec::new(),
            pcp: None,
            cost: None,
            event: None,
            event_day: None,
            undated: false,
        }
    }
}

/// One plan chosen (or waived) by a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Election {
    /// The plan's code as the elections file writes it; carriers' files say what they call it.
    pub plan: String,
    /// True when coverage was declined; then the rest but `start` and `event` is empty.
    pub waived: bool,
    /// Who is covered, as stated.
    pub tier: Option<Tier>,
    /// First day of coverage.
    pub start: NaiveDate,
    /// Last day of coverage, inclusive.
    pub end: Option<NaiveDate>,
    /// Covered dependents with their providers, ordered by key. The subscriber is covered always.
    pub dependents: Vec<Covered>,
    /// The subscriber's provider.
    pub pcp: Option<Provider>,
    /// Cost of coverage per month.
    pub cost: Option<Phi<Cents>>,
    /// Event that led to the election.
    pub event: Option<LifeEvent>,
    /// The day of that event, where the elections have it.
    pub event_day: Option<NaiveDate>,
    /// Whether no first day is stated: `start` is the event's day until plan documents say which day follows from it.
    pub undated: bool,
}
