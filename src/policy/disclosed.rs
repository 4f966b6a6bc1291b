//! A family's change after the policy has withheld what it does not permit.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::places::PermittedPlace;
use super::rules;
use crate::fault::Fault;
use crate::mapping::{CarrierAccount, DeclaredReference, PlanYear, ReferenceLoop, ReferenceSource};
use crate::model::election::{Line, Provider, Tier};
use crate::model::enrollment::{
    Coverage, CoverageChange, FamilyChange, Maintenance, MemberChange, QualifyingEvent, Reason,
};
use crate::model::field::{Field, FieldSet};
use crate::model::money::Cents;
use crate::model::person::{Address, Employment, EmploymentStatus, MaritalStatus, Person, Relationship, Sex};
use crate::model::phi::Phi;
use crate::model::reference::ToldReference;

/// How a carrier calls a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WirePlan {
    /// HD03.
    pub line: Line,
    /// HD04.
    pub code: String,
}

/// What one carrier may be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    fields: FieldSet,
    plans: BTreeMap<String, WirePlan>,
    /// Places beside those of the elements.
    beside: Vec<PermittedPlace>,
    accounts: Vec<CarrierAccount>,
    plan_year: PlanYear,
    refs: Vec<DeclaredReference>,
}

/// A family's change as the carrier may see it. Made by [`Policy::disclose`] only.
#[derive(Clone, PartialEq, Eq)]
pub struct Disclosed {
    subscriber_id: String,
    prior_id: Option<String>,
    members: Vec<DisclosedMember>,
}

/// A member as the carrier may see it.
#[derive(Clone, PartialEq, Eq)]
pub struct DisclosedMember {
    /// INS03.
    pub maintenance: Maintenance,
    /// INS04.
    pub reason: Option<Reason>,
    /// INS08, on subscribers.
    pub status: Option<EmploymentStatus>,
    /// DTP*336, on subscribers.
    pub hired: Option<NaiveDate>,
    /// DTP*337, on subscribers.
    pub employment_ended: Option<NaiveDate>,
    /// INS05 and INS07: covered under COBRA, and what gave the right to it.
    pub cobra: Option<QualifyingEvent>,
    /// Under which numbers the carrier keeps the member, beside the subscriber's.
    pub references: MemberReferences,
    /// Somebody reduced to what the carrier may know.
    pub person: DisclosedPerson,
    /// As told before, where that was wrong.
    pub prior: Option<DisclosedPerson>,
    /// The HD loops.
    pub coverages: Vec<DisclosedCoverage>,
}

/// Numbers of loop 2000 beside the subscriber's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberReferences {
    /// REF*1L, where an account has a group of its own.
    pub group: Option<String>,
    /// REF*6O, and with it INS05 `S`: the number of the employee who has died and whose survivor this is.
    pub survivor_of: Option<String>,
    /// Those of the account, and those that the carrier asks for, by qualifier.
    pub others: BTreeMap<String, DisclosedReference>,
}

/// REF02 as far as the policy knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DisclosedReference {
    /// Text that is written as it stands.
    Stated(String),
    /// The group number: the account's, else the feed's.
    Group(Option<String>),
}

/// A person as the carrier may see one.
#[derive(Clone, PartialEq, Eq)]
pub struct DisclosedPerson {
    /// INS02.
    pub relationship: Relationship,
    /// NM103.
    pub last_name: String,
    /// NM104.
    pub first_name: String,
    /// NM105.
    pub middle_name: String,
    /// NM107.
    pub suffix: String,
    /// NM109.
    pub ssn: Option<String>,
    /// DMG02.
    pub birth_date: Option<NaiveDate>,
    /// DMG03.
    pub sex: Sex,
    /// DMG04.
    pub marital_status: Option<MaritalStatus>,
    /// N3 and N4.
    pub address: Option<Address>,
    /// PER04 after HP.
    pub phone: Option<String>,
    /// PER after EM.
    pub email: Option<String>,
}

/// A coverage as the carrier may see it.
#[derive(Clone, PartialEq, Eq)]
pub struct DisclosedCoverage {
    /// HD01.
    pub maintenance: Maintenance,
    /// HD03.
    pub line: Line,
    /// HD04.
    pub plan: String,
    /// HD05.
    pub tier: Tier,
    /// DTP*348.
    pub begin: NaiveDate,
    /// DTP*349, the last covered day.
    pub end: Option<NaiveDate>,
    /// From when on the loop makes a difference, where the two days do not say it; for DTP*303 of the member.
    pub since: Option<NaiveDate>,
    /// AMT*P3.
    pub cost: Option<Cents>,
    /// Loop 2310.
    pub pcp: Option<DisclosedProvider>,
    /// Those that the carrier asks for, by qualifier.
    pub references: BTreeMap<String, DisclosedReference>,
}

/// A provider as the carrier may see one.
#[derive(Clone, PartialEq, Eq)]
pub struct DisclosedProvider {
    /// NM103.
    pub last_name: String,
    /// NM104; empty for an organization.
    pub first_name: String,
    /// NM109 after XX; empty when not known.
    pub npi: String,
    /// NM110: whether the member is a patient already.
    pub established: Option<bool>,
}

impl Disclosed {
    /// REF*0F.
    pub fn subscriber_id(&self) -> &str {
        &self.subscriber_id
    }

    /// REF*Q4: the number that the family had before.
    pub fn prior_id(&self) -> Option<&str> {
        self.prior_id.as_deref()
    }

    /// The members, subscriber first.
    pub fn members(&self) -> &[DisclosedMember] {
        &self.members
    }
}

impl Policy {
    /// A policy that permits these elements (and what no 834 can do without) of these plans.
    pub fn new(fields: FieldSet, plans: BTreeMap<String, WirePlan>) -> Policy {
        // Without name, relationship and coverage there is no 834. Minimum necessary begins at what the transaction
        // itself requires (45 CFR 164.502(b)(2)(vi)) and is decided for everything beyond.
        let fields = super::REQUIRED.iter().fold(fields, |fields, field| fields.with(*field));
        let (beside, accounts, refs) = (Vec::new(), Vec::new(), Vec::new());
        Policy { fields, plans, beside, accounts, plan_year: PlanYear::default(), refs }
    }

    /// The same, with places that the carrier's own way of telling a change needs.
    pub fn with_places(self, beside: Vec<PermittedPlace>) -> Policy {
        Policy { beside, ..self }
    }

    pub(super) fn beside(&self) -> &[PermittedPlace] {
        &self.beside
    }

    /// The same, for a carrier that keeps employees apart in accounts.
    pub fn with_accounts(self, accounts: Vec<CarrierAccount>, plan_year: PlanYear) -> Policy {
        Policy { accounts, plan_year, ..self }
    }

    /// The same, for a carrier that asks to know members and coverages by more than their numbers.
    pub fn with_refs(self, refs: Vec<DeclaredReference>) -> Policy {
        Policy { refs, ..self }
    }

    pub(super) fn refs(&self) -> &[DeclaredReference] {
        &self.refs
    }

    /// Qualifiers of the references that it may be told of a member's account. They say of an employee no less than the
    /// employment status does, and are permitted with it.
    pub fn reference_qualifiers(&self) -> BTreeSet<&str> {
        let told = self.accounts.iter().filter(|_| self.fields.has(Field::EmploymentStatus));
        told.flat_map(|account| account.refs.keys()).map(String::as_str).collect()
    }

    /// Every code in HD04 by which a plan may be told of a class.
    pub fn codes(&self, plan: &str, class: &str) -> BTreeSet<&str> {
        let of_class = self.accounts.iter().filter(|account| account.has(class));
        let codes = of_class.filter_map(|account| account.codes.get(plan));
        let own = self.plans.get(plan).map(|plan| &plan.code);
        codes.chain(own).map(String::as_str).collect()
    }

    /// Every code in HD04 by which a plan may be told of anybody.
    pub fn every_code(&self, plan: &str) -> BTreeSet<&str> {
        let own = self.plans.get(plan).map(|plan| plan.code.as_str());
        let codes = self.accounts.iter().filter_map(|account| account.codes.get(plan));
        codes.map(String::as_str).chain(own).collect()
    }

    /// Every line and code by which it may be told of plans.
    pub fn wire_plans(&self) -> Vec<(Line, &str)> {
        let own = self.plans.values().map(|wire| (wire.line, wire.code.as_str()));
        let line = |ours: &String| self.plans.get(ours).map(|wire| wire.line);
        let codes = self.accounts.iter().flat_map(|account| &account.codes);
        own.chain(codes.filter_map(|(ours, code)| Some((line(ours)?, code.as_str())))).collect()
    }

    fn account(&self, class: &str, day: NaiveDate) -> Option<&CarrierAccount> {
        self.accounts.iter().find(|account| account.is_of(class, day, self.plan_year))
    }

    /// The elements permitted.
    pub fn fields(&self) -> FieldSet {
        self.fields
    }

    /// The plans the carrier covers, by the elections' plan code.
    pub fn plans(&self) -> &BTreeMap<String, WirePlan> {
        &self.plans
    }

    /// What the carrier may see of a change that a file of this date tells.
    ///
    /// # Errors
    /// POL002 when a coverage is under a plan that is not this carrier's: nothing of the family is disclosed then.
    pub fn disclose(&self, change: &FamilyChange, as_of: NaiveDate) -> Result<Disclosed, Fault> {
        let members: Result<Vec<_>, Fault> = change.members.iter().map(|member| self.member(member, as_of)).collect();
        Ok(Disclosed {
            subscriber_id: change.subscriber_id.reveal().clone(),
            prior_id: change.prior_id.as_ref().map(|prior| prior.reveal().clone()),
            members: members?,
        })
    }

    fn member(&self, change: &MemberChange, as_of: NaiveDate) -> Result<DisclosedMember, Fault> {
        // Taken apart whole, so that a new field does not compile until this place decides about it.
        let MemberChange { maintenance, reason, person, employment, prior, coverages, cobra, class: _, refs: _ } =
            change;
        let Employment { status, hired, ended, survivor_of, .. } = employment;
        let subscriber = person.relationship == Relationship::Subscriber;
        // Nobody of a survivor's family is employed.
        let tells_status = subscriber && survivor_of.is_none() && self.fields.has(Field::EmploymentStatus);
        let date = |field, date: &Option<Phi<NaiveDate>>| {
            let told = date.as_ref().filter(|_| subscriber).map(|date| *date.reveal());
            self.permitted(field, told)
        };
        let coverages: Result<Vec<_>, Fault> =
            coverages.iter().map(|coverage| self.coverage(coverage, subscriber, as_of)).collect();
        Ok(DisclosedMember {
            maintenance: *maintenance,
            reason: *reason,
            status: tells_status.then_some(*status),
            hired: date(Field::HireDate, hired),
            employment_ended: date(Field::EmploymentEnd, ended),
            // Not bound to the permission for the status: INS05 is required of every member, and says whether the
            // coverage goes on under COBRA.
            cobra: *cobra,
            references: self.references(change, as_of),
            person: self.person(person),
            prior: prior.as_ref().map(|prior| self.person(prior)),
            coverages: coverages?,
        })
    }

    fn references(&self, change: &MemberChange, as_of: NaiveDate) -> MemberReferences {
        let days = change.coverages.iter().map(|change| change.coverage.spoken_of_on(as_of));
        let account = self.account(&change.class, days.max().unwrap_or(as_of));
        let subscriber = change.person.relationship == Relationship::Subscriber;
        let refs = account.filter(|_| self.fields.has(Field::EmploymentStatus)).map(|account| &account.refs);
        // A client's reporting category is said of subscribers alone.
        let told = refs.into_iter().flatten().filter(|(qualifier, _)| subscriber || *qualifier != "17");
        let told = told.map(|(qualifier, said)| (qualifier.clone(), DisclosedReference::Stated(said.clone())));
        let group = account.and_then(|account| account.group.clone());
        let of = AskedReferences { at: ReferenceLoop::Member, subscriber, told: &change.refs, group: &group };
        MemberReferences {
            others: told.chain(self.asked_for(of)).collect(),
            group,
            survivor_of: change.employment.survivor_of.as_ref().map(|number| number.reveal().clone()),
        }
    }

    /// What the carrier asks to know a loop by: what was told to be so, and only where it is asked for and permitted.
    fn asked_for(&self, of: AskedReferences) -> Vec<(String, DisclosedReference)> {
        let AskedReferences { at, subscriber, told, group } = of;
        let said = |one: &DeclaredReference| match &one.source {
            ReferenceSource::Group => Some(DisclosedReference::Group(group.clone())),
            ReferenceSource::Constant(text) => Some(DisclosedReference::Stated(text.clone())),
            ReferenceSource::Employee(of) => {
                let known = told.iter().find(|told| told.qualifier == one.qualifier && told.of == *of);
                let permitted = known.filter(|_| self.fields.has(of.field()));
                permitted.map(|told| DisclosedReference::Stated(told.value.reveal().clone()))
            }
        };
        let here = self.refs.iter().filter(|one| one.is_of(at, subscriber));
        here.filter_map(|one| Some((one.qualifier.clone(), said(one)?))).collect()
    }

    fn person(&self, person: &Person) -> DisclosedPerson {
        let Person {
            key: _,
            relationship,
            last_name,
            first_name,
            middle_name,
            suffix,
            ssn,
            birth_date,
            sex,
            address,
            phone,
            email,
            marital_status,
            over_age: _, // No policy can name it.
        } = person;
        DisclosedPerson {
            relationship: *relationship,
            last_name: last_name.reveal().clone(),
            first_name: first_name.reveal().clone(),
            middle_name: middle_name.reveal().clone(),
            suffix: suffix.reveal().clone(),
            ssn: self.permitted(Field::Ssn, ssn.as_ref().map(|ssn| ssn.reveal().clone())),
            birth_date: self.permitted(Field::BirthDate, birth_date.as_ref().map(|date| *date.reveal())),
            sex: self.permitted(Field::Sex, Some(*sex.reveal())).unwrap_or_default(),
            marital_status: self.permitted(Field::MaritalStatus, marital_status.as_ref().map(|m| *m.reveal())),
            address: self.permitted(Field::Address, address.as_ref().map(|address| address.reveal().clone())),
            phone: self.permitted(Field::Phone, phone.as_ref().map(|phone| phone.reveal().clone())),
            email: self.permitted(Field::Email, email.as_ref().map(|email| email.reveal().clone())),
        }
    }

    fn permitted<T>(&self, field: Field, value: Option<T>) -> Option<T> {
        value.filter(|_| self.fields.has(field))
    }

    fn coverage(
        &self,
        change: &CoverageChange,
        subscriber: bool,
        as_of: NaiveDate,
    ) -> Result<DisclosedCoverage, Fault> {
        let CoverageChange { maintenance, coverage, since } = change;
        let Coverage { plan, line: _, tier, begin, end, pcp, cost, event: _, cobra: _, filed: _, class, refs } =
            coverage;
        let wire = self.plans.get(plan).ok_or_else(|| rules::NOT_THIS_CARRIERS.fault())?;
        let account = self.account(class, coverage.spoken_of_on(as_of));
        let group = account.and_then(|account| account.group.clone());
        let of = AskedReferences { at: ReferenceLoop::Coverage, subscriber, told: refs, group: &group };
        // To end a coverage, neither its cost nor a provider is needed.
        let goes_on = *maintenance != Maintenance::Terminate;
        Ok(DisclosedCoverage {
            maintenance: *maintenance,
            line: wire.line,
            plan: account.and_then(|account| account.codes.get(plan)).unwrap_or(&wire.code).clone(),
            tier: *tier,
            begin: *begin,
            end: *end,
            since: *since,
            cost: self.permitted(Field::Cost, cost.as_ref().filter(|_| goes_on).map(|cost| *cost.reveal())),
            pcp: self.permitted(Field::Pcp, pcp.as_ref().filter(|_| goes_on).map(provider)),
            references: self.asked_for(of).into_iter().collect(),
        })
    }
}

/// A loop of somebody, with what was told to be so of it.
#[derive(Clone, Copy)]
struct AskedReferences<'a> {
    at: ReferenceLoop,
    subscriber: bool,
    told: &'a [ToldReference],
    group: &'a Option<String>,
}

fn provider(provider: &Provider) -> DisclosedProvider {
    let Provider { last_name, first_name, npi, established } = provider;
    DisclosedProvider {
        last_name: last_name.reveal().clone(),
        first_name: first_name.reveal().clone(),
        npi: npi.reveal().clone(),
        established: *established,
    }
}
