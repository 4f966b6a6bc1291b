//! One 2000 loop per member.

use std::collections::BTreeMap;
use std::io::Write;

use super::codes;
use super::dates::{end_date, is_said_by_member, member_date};
use super::header::{Header, day};
use crate::mapping::DependentLevel;
use crate::model::enrollment::Maintenance;
use crate::model::person::{Address, Relationship};
use crate::policy::{
    Disclosed, DisclosedCoverage, DisclosedMember, DisclosedPerson, DisclosedProvider, DisclosedReference,
    MemberReferences,
};
use crate::x12::{Error, Writer};

/// Writes a family's loops, the subscriber's first.
///
/// # Errors
/// X12020 for a value that cannot be written, X12024 when the sink fails.
pub fn write<W: Write>(writer: &mut Writer<W>, header: &Header, family: &Disclosed) -> Result<(), Error> {
    for member in family.members() {
        level_detail(writer, header, family, member)?;
        name(writer, member)?;
        incorrect_name(writer, member)?;
        if is_said_by_member(member, header.dialect) {
            continue;
        }
        for coverage in &member.coverages {
            let blank = !subscriber(member) && header.dialect.hd05_dependents == DependentLevel::Blank;
            let level = if blank { "" } else { coverage.tier.code() };
            health_coverage(writer, header, coverage, level)?;
        }
    }
    Ok(())
}

fn subscriber(member: &DisclosedMember) -> bool {
    member.person.relationship == Relationship::Subscriber
}

fn level_detail<W: Write>(
    writer: &mut Writer<W>,
    header: &Header,
    family: &Disclosed,
    member: &DisclosedMember,
) -> Result<(), Error> {
    // Some carriers have everybody as a subscriber.
    let said = header.dialect.is_subscriber(subscriber(member));
    let indicator = if said { "Y" } else { "N" };
    let relationship = codes::relationship(if said { Relationship::Subscriber } else { member.person.relationship });
    let reason = member.reason.map_or("", |reason| reason.code());
    let benefit = benefit(member);
    let qualifying = member.cobra.map_or("", |event| event.code());
    let employment = member.status.map_or("", codes::employment);
    let ins = [indicator, relationship, member.maintenance.code(), reason, benefit, "", qualifying, employment];
    writer.segment("INS", &ins)?;
    writer.segment("REF", &["0F", family.subscriber_id()])?;
    references(writer, header, family.prior_id(), member)?;
    for (qualifier, date) in [("336", member.hired), ("337", member.employment_ended)] {
        if let Some(date) = date {
            writer.segment("DTP", &[qualifier, "D8", &day(date)])?;
        }
    }
    match member_date(member, header.dialect).filter(|_| header.member_dates) {
        Some((qualifier, date)) => writer.segment("DTP", &[qualifier, "D8", &day(date)]),
        None => Ok(()),
    }
}

/// The group, and whatever else the carrier finds a member by.
fn references<W: Write>(
    writer: &mut Writer<W>,
    header: &Header,
    prior_id: Option<&str>,
    member: &DisclosedMember,
) -> Result<(), Error> {
    let MemberReferences { group, survivor_of, others } = &member.references;
    if let Some(group) = group.as_ref().or(header.group_number.as_ref()) {
        writer.segment("REF", &["1L", group])?;
    }
    if let Some(number) = survivor_of {
        writer.segment("REF", &["6O", number])?;
    }
    asked_for(writer, header, others)?;
    prior_id.map_or(Ok(()), |prior| writer.segment("REF", &["Q4", prior]))
}

/// References by their qualifiers; of a group that has no number there is none.
fn asked_for<W: Write>(
    writer: &mut Writer<W>,
    header: &Header,
    references: &BTreeMap<String, DisclosedReference>,
) -> Result<(), Error> {
    let said = references.iter().filter_map(|(qualifier, reference)| match reference {
        DisclosedReference::Stated(text) => Some((qualifier, text)),
        DisclosedReference::Group(own) => Some((qualifier, own.as_ref().or(header.group_number.as_ref())?)),
    });
    said.into_iter().try_for_each(|(qualifier, text)| writer.segment("REF", &[qualifier, text]))
}

/// INS05: why somebody is covered. It is required, and of its codes only these follow from what a census says.
fn benefit(member: &DisclosedMember) -> &'static str {
    match (member.cobra, &member.references.survivor_of) {
        (Some(_), _) => "C",
        (None, Some(_)) => "S",
        (None, None) => "A",
    }
}

fn name<W: Write>(writer: &mut Writer<W>, member: &DisclosedMember) -> Result<(), Error> {
    let person = &member.person;
    // 74 says "corrected or insured": only then may a loop with the incorrect name follow.
    let role = if member.prior.is_some() { "74" } else { "IL" };
    person_name(writer, role, person)?;
    contact(writer, person)?;
    if let Some(address) = &person.address {
        residence(writer, address)?;
    }
    demographics(writer, person)
}

fn person_name<W: Write>(writer: &mut Writer<W>, role: &str, person: &DisclosedPerson) -> Result<(), Error> {
    let DisclosedPerson { last_name, first_name, middle_name, suffix, ssn, .. } = person;
    let (qualifier, ssn) = ssn.as_deref().map_or(("", ""), |ssn| ("34", ssn));
    writer.segment("NM1", &[role, "1", last_name, first_name, middle_name, "", suffix, qualifier, ssn])
}

fn contact<W: Write>(writer: &mut Writer<W>, person: &DisclosedPerson) -> Result<(), Error> {
    match (&person.phone, &person.email) {
        (None, None) => Ok(()),
        (Some(phone), None) => writer.segment("PER", &["IP", "", "HP", phone]),
        (None, Some(email)) => writer.segment("PER", &["IP", "", "EM", email]),
        (Some(phone), Some(email)) => writer.segment("PER", &["IP", "", "HP", phone, "EM", email]),
    }
}

fn residence<W: Write>(writer: &mut Writer<W>, address: &Address) -> Result<(), Error> {
    let Address { line1, line2, city, state, zip } = address;
    writer.segment("N3", [line1, line2])?;
    writer.segment("N4", [city, state, zip])
}

fn demographics<W: Write>(writer: &mut Writer<W>, person: &DisclosedPerson) -> Result<(), Error> {
    let Some(birth_date) = person.birth_date else { return Ok(()) };
    let marital = person.marital_status.map_or("", codes::marital_status);
    writer.segment("DMG", &["D8", &day(birth_date), codes::sex(person.sex), marital])
}

/// 2100B: what was told before and was wrong. Only what differs is repeated, beside the name the guide requires.
fn incorrect_name<W: Write>(writer: &mut Writer<W>, member: &DisclosedMember) -> Result<(), Error> {
    let (Some(prior), now) = (&member.prior, &member.person) else { return Ok(()) };
    // A number that was right is not told again as an incorrect one.
    let ssn = prior.ssn.clone().filter(|_| prior.ssn != now.ssn);
    person_name(writer, "70", &DisclosedPerson { ssn, ..prior.clone() })?;
    let differs = prior.birth_date.is_some() && (prior.birth_date != now.birth_date || prior.sex != now.sex);
    // The loop of the incorrect name has no place for it, right or wrong.
    let told = DisclosedPerson { marital_status: None, ..prior.clone() };
    if differs { demographics(writer, &told) } else { Ok(()) }
}

fn health_coverage<W: Write>(
    writer: &mut Writer<W>,
    header: &Header,
    coverage: &DisclosedCoverage,
    level: &str,
) -> Result<(), Error> {
    let DisclosedCoverage { maintenance, line, plan, tier: _, begin, end, since, cost, pcp, references } = coverage;
    writer.segment("HD", &[maintenance.code(), "", line.code(), plan, level])?;
    // What changes within what is on file says from when on.
    if let Some(since) = since.filter(|since| *maintenance == Maintenance::Change && since > begin) {
        writer.segment("DTP", &["303", "D8", &day(since)])?;
    }
    writer.segment("DTP", &["348", "D8", &day(*begin)])?;
    if end.is_some() {
        writer.segment("DTP", &["349", "D8", &day(end_date(header.dialect, coverage))])?;
    }
    if let Some(cost) = cost {
        writer.segment("AMT", &["P3", &cost.to_string()])?;
    }
    asked_for(writer, header, references)?;
    match pcp {
        Some(pcp) => provider(writer, pcp),
        None => Ok(()),
    }
}

fn provider<W: Write>(writer: &mut Writer<W>, pcp: &DisclosedProvider) -> Result<(), Error> {
    let DisclosedProvider { last_name, first_name, npi, established } = pcp;
    // A provider without a first name is a practice, not a person.
    let entity = if first_name.is_empty() { "2" } else { "1" };
    let qualifier = if npi.is_empty() { "" } else { "XX" };
    let established = codes::established(*established);
    writer.segment("LX", &["1"])?;
    let name = ["P3", entity, last_name, first_name, "", "", "", qualifier, npi, established];
    writer.segment("NM1", &name)
}
