//! People as the census tells of them.

use chrono::NaiveDate;

use super::phi::Phi;

/// How a member is related to the subscriber.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relationship {
    /// The employee through whom the others are covered, 18.
    Subscriber,
    /// Husband or wife.
    Spouse,
    /// Domestic or life partner.
    Partner,
    /// Son or daughter.
    Child,
    /// Stepson or stepdaughter.
    Stepchild,
    /// Taken in as one's own by a court, 09.
    AdoptedChild,
    /// Placed with the family for a time, 10.
    FosterChild,
    /// A ward of the subscriber.
    Ward,
    /// Former husband or wife.
    ExSpouse,
    /// Any other dependent the plan covers.
    Other,
}

impl Relationship {
    /// Every relationship, in the order of their stored codes.
    pub const ALL: [Relationship; 10] = [
        Relationship::Subscriber,
        Relationship::Spouse,
        Relationship::Partner,
        Relationship::Child,
        Relationship::Stepchild,
        Relationship::AdoptedChild,
        Relationship::FosterChild,
        Relationship::Ward,
        Relationship::ExSpouse,
        Relationship::Other,
    ];

    /// The word used in mappings.
    pub fn word(self) -> &'static str {
        match self {
            Relationship::Subscriber => "subscriber",
            Relationship::Spouse => "spouse",
            Relationship::Partner => "partner",
            Relationship::Child => "child",
            Relationship::Stepchild => "stepchild",
            Relationship::AdoptedChild => "adopted-child",
            Relationship::FosterChild => "foster-child",
            Relationship::Ward => "ward",
            Relationship::ExSpouse => "ex-spouse",
            Relationship::Other => "other",
        }
    }

    /// Whether a line's age limit for children is this dependent's, too.
    pub fn is_child_like(self) -> bool {
        use Relationship::{AdoptedChild, Child, FosterChild, Stepchild, Ward};
        matches!(self, Child | Stepchild | AdoptedChild | FosterChild | Ward)
    }

    /// Whether a tier counts this dependent as the spouse.
    pub fn is_spouse_like(self) -> bool {
        matches!(self, Relationship::Spouse | Relationship::Partner | Relationship::ExSpouse)
    }
}

/// Sex as the 834 knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sex {
    /// `F` in DMG03.
    Female,
    /// `M` in DMG03.
    Male,
    /// Not told.
    #[default]
    Unknown,
}

/// Marital status, where the employer tells it. Withheld unless a carrier's policy asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MaritalStatus {
    /// `I` in DMG04.
    Single,
    /// `M` in DMG04.
    Married,
    /// `D` in DMG04.
    Divorced,
    /// `W` in DMG04.
    Widowed,
    /// Legally separated.
    Separated,
    /// Registered domestic partner.
    Partnered,
}

/// What lets a child stay covered past the age limit of a line. Never told to anybody: it decides, and no carrier's
/// policy can name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OverAge {
    /// In full-time education.
    Student,
    /// Certified to the administrator as unable to live without support: at any age.
    Certified,
}

impl OverAge {
    /// Every ground, in the order of their stored codes.
    pub const ALL: [OverAge; 2] = [OverAge::Student, OverAge::Certified];
}

/// A postal address in the United States.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// Street line, at most 55 characters.
    pub line1: String,
    /// Second street line; may be empty.
    pub line2: String,
    /// Town or post office, N401.
    pub city: String,
    /// Two-letter state code.
    pub state: String,
    /// Five or nine digits, no punctuation.
    pub zip: String,
}

/// Somebody a census tells of: who it is, where to reach it, how it belongs to the family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// What tells this person from others of the family, stable from night to night: the employee number for the
    /// subscriber, the employer's dependent number (or first name and birth date) for a dependent.
    pub key: Phi<String>,
    /// Relationship to the subscriber.
    pub relationship: Relationship,
    /// Family name, NM103.
    pub last_name: Phi<String>,
    /// Given name, NM104.
    pub first_name: Phi<String>,
    /// Middle name or initial; may be empty.
    pub middle_name: Phi<String>,
    /// Suffix such as JR; may be empty.
    pub suffix: Phi<String>,
    /// Nine digits, no punctuation. A newborn has none yet.
    pub ssn: Option<Phi<String>>,
    /// Civil day, DMG02.
    pub birth_date: Option<Phi<NaiveDate>>,
    /// As the plan needs it for DMG03; not everybody states it.
    pub sex: Phi<Sex>,
    /// Residence. A dependent without one lives with the subscriber.
    pub address: Option<Phi<Address>>,
    /// Ten digits, no punctuation.
    pub phone: Option<Phi<String>>,
    /// E-mail address. Not in the statement's list: withheld unless a policy gives a reason.
    pub email: Option<Phi<String>>,
    /// Marital status. Withheld unless a policy gives a reason.
    pub marital_status: Option<Phi<MaritalStatus>>,
    /// What lets a child stay covered past an age limit; told to no carrier.
    pub over_age: Option<Phi<OverAge>>,
}

impl Person {
    /// What tells who somebody is wherever they stand: the Social Security number, and name with birth date.
    pub fn marks(&self) -> impl Iterator<Item = String> {
        let named = self.birth_date.as_ref().map(|born| {
            let name = [self.last_name.reveal().trim(), self.first_name.reveal().trim()].join("\n").to_uppercase();
            [name, born.reveal().to_string()].join("\n")
        });
        self.ssn.as_ref().map(|ssn| ssn.reveal().clone()).into_iter().chain(named)
    }

    /// Whether this is somebody of another family, too: by the numbers where both are known, else by name and birth
    /// date. A newborn has no number yet; two employees are two.
    pub fn is_same_as(&self, other: &Person) -> bool {
        match (&self.ssn, &other.ssn) {
            (Some(one), Some(other)) => one == other,
            _ => {
                let employees = [self, other].iter().all(|one| one.relationship == Relationship::Subscriber);
                let known = self.birth_date.is_some() && other.birth_date.is_some();
                known && !employees && self.marks().last() == other.marks().last()
            }
        }
    }
}

/// Whether and how the subscriber is employed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EmploymentStatus {
    /// Employed, full time or not stated.
    #[default]
    Active,
    /// Employed part time.
    PartTime,
    /// Away with the job kept.
    Leave,
    /// Out of work for good, perhaps with coverage.
    Retired,
    /// No longer employed.
    Terminated,
    /// Covered under COBRA.
    Cobra,
}

impl EmploymentStatus {
    /// Whether somebody of this status works, or has the job kept.
    pub fn is_working(self) -> bool {
        matches!(self, EmploymentStatus::Active | EmploymentStatus::PartTime | EmploymentStatus::Leave)
    }
}

/// What a last day of work came of, as far as the census says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndReason {
    /// Employment ended, no more said.
    Ended,
    /// The employee left.
    Quit,
    /// The employer ended it.
    Dismissed,
    /// Retirement.
    Retired,
    /// Death.
    Died,
    /// Let go for want of work.
    LaidOff,
}

/// When and how somebody worked for the employer; dependents have none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Employment {
    /// Status on the census's date.
    pub status: EmploymentStatus,
    /// First day of the current employment.
    pub hired: Option<Phi<NaiveDate>>,
    /// Last day of employment.
    pub ended: Option<Phi<NaiveDate>>,
    /// What the last day came of; a guess is never made.
    pub end_reason: Option<EndReason>,
    /// How the employee is paid, in the employer's own words; may be empty. It decides who is covered, and is told to
    /// a carrier in a reference alone.
    pub pay_class: Phi<String>,
    /// The day since which status and class are as they are. Told to no carrier: it says when cover ends by them.
    pub status_since: Option<Phi<NaiveDate>>,
    /// The number of the employee who has died and through whom this family was covered before: it goes on as
    /// survivors, and nobody of it is employed.
    pub survivor_of: Option<Phi<String>>,
    /// Where the employee works in the organization; may be empty.
    pub department: Phi<String>,
    /// Where the employee works on the map; may be empty.
    pub location: Phi<String>,
}

/// A subscriber and the dependents: the unit of every stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// Who works for the employer; the others are covered through that person.
    pub subscriber: Person,
    /// The subscriber's employment.
    pub employment: Employment,
    /// The dependents, ordered by their key.
    pub dependents: Vec<Person>,
}
