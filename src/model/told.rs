//! One record of what a carrier knows of a family and what it was told to come to know it. Nearly everything that a
//! change says is known once it is told: it is written as where that stands, and only what differs as it is.

use super::enrollment::{Coverage, CoverageChange, Enrolled, FamilyChange, Member, MemberChange};
use super::record::{FamilyColumn, FamilyRecord, RecordReader, RecordWriter, Recordable, written_since};

/// From which version of records on a change stands with what is known. Older ones have a record of their own for it.
const SINCE: u8 = 7;

/// From which version on a member's loop has the class of its cover.
const CLASS_SINCE: u8 = 8;

/// From which version on it has references that the carrier asks for.
const REFS_SINCE: u8 = 9;

/// From which version on a change says under which number the carrier has had the family.
const PRIOR_ID_SINCE: u8 = 10;

/// What a carrier knows of a family once it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldFamily {
    /// What it knows.
    pub known: Enrolled,
    /// What it is told; none in a record of an earlier version, which has it beside this one.
    pub change: Option<FamilyChange>,
}

impl ToldFamily {
    /// The record of both, without a copy of either.
    pub fn bytes_of(known: &Enrolled, change: &FamilyChange) -> Vec<u8> {
        written_since(known.since().max(since(change)), |out| {
            known.write(out);
            write_change(Some(change), known, out);
        })
    }
}

impl FamilyRecord for ToldFamily {
    const COLUMN: FamilyColumn = FamilyColumn::Known;
}

impl Recordable for ToldFamily {
    fn since(&self) -> u8 {
        self.known.since().max(self.change.as_ref().map_or(0, since))
    }

    fn write(&self, out: &mut RecordWriter) {
        self.known.write(out);
        if out.version() >= SINCE {
            write_change(self.change.as_ref(), &self.known, out);
        }
    }

    fn read(from: &mut RecordReader) -> Option<ToldFamily> {
        let known = Enrolled::read(from)?;
        let change = if from.version() >= SINCE { read_change(&known, from)? } else { None };
        Some(ToldFamily { known, change })
    }
}

fn since(change: &FamilyChange) -> u8 {
    change.since().max(SINCE)
}

fn write_change(change: Option<&FamilyChange>, known: &Enrolled, out: &mut RecordWriter) {
    change.is_some().write(out);
    let Some(FamilyChange { subscriber_id, members, prior_id }) = change else { return };
    write_unless(*subscriber_id == known.subscriber_id, subscriber_id, out);
    if out.version() >= PRIOR_ID_SINCE {
        prior_id.write(out);
    }
    (members.len() as u64).write(out);
    members.iter().for_each(|member| write_member(member, known, out));
}

fn read_change(known: &Enrolled, from: &mut RecordReader) -> Option<Option<FamilyChange>> {
    if !bool::read(from)? {
        return Some(None);
    }
    let subscriber_id = read_unless(Some(&known.subscriber_id), from)?;
    let prior_id = if from.version() >= PRIOR_ID_SINCE { Recordable::read(from)? } else { None };
    let count = u64::read(from)?;
    let members = (0..count).map(|_| read_member(known, from)).collect::<Option<_>>()?;
    Some(Some(FamilyChange { subscriber_id, members, prior_id }))
}

fn write_member(change: &MemberChange, known: &Enrolled, out: &mut RecordWriter) {
    let MemberChange { maintenance, reason, person, employment, prior, coverages, cobra, class, refs } = change;
    let place = known.members.iter().position(|member| member.person.key == person.key);
    let member = place.and_then(|place| known.members.get(place));
    write_place(place, out);
    write_unless(member.is_some_and(|member| member.person == *person), person, out);
    write_unless(member.is_some_and(|member| member.employment == *employment), employment, out);
    maintenance.write(out);
    reason.write(out);
    prior.write(out);
    cobra.write(out);
    if out.version() >= CLASS_SINCE {
        class.write(out);
    }
    if out.version() >= REFS_SINCE {
        write_unless(member.is_some_and(|member| member.refs == *refs), refs, out);
    }
    (coverages.len() as u64).write(out);
    for CoverageChange { maintenance, coverage, since } in coverages {
        let place = member.and_then(|member| member.coverages.iter().position(|known| known == coverage));
        maintenance.write(out);
        since.write(out);
        write_place(place, out);
        if place.is_none() {
            coverage.write(out);
        }
    }
}

fn read_member(known: &Enrolled, from: &mut RecordReader) -> Option<MemberChange> {
    let member = read_place(&known.members, from)?;
    Some(MemberChange {
        person: read_unless(member.map(|member| &member.person), from)?,
        employment: read_unless(member.map(|member| &member.employment), from)?,
        maintenance: Recordable::read(from)?,
        reason: Recordable::read(from)?,
        prior: Recordable::read(from)?,
        cobra: Recordable::read(from)?,
        class: if from.version() >= CLASS_SINCE { Recordable::read(from)? } else { String::new() },
        refs: if from.version() >= REFS_SINCE {
            read_unless(member.map(|member| &member.refs), from)?
        } else {
            Vec::new()
        },
        coverages: {
            let count = u64::read(from)?;
            (0..count).map(|_| read_coverage(member, from)).collect::<Option<_>>()?
        },
    })
}

fn read_coverage(member: Option<&Member>, from: &mut RecordReader) -> Option<CoverageChange> {
    let (maintenance, since) = (Recordable::read(from)?, Recordable::read(from)?);
    let known: &[Coverage] = member.map_or(&[], |member| &member.coverages);
    let coverage = match read_place(known, from)? {
        Some(coverage) => coverage.clone(),
        None => Coverage::read(from)?,
    };
    Some(CoverageChange { maintenance, coverage, since })
}

/// Where something stands among what is known: 0 for nowhere, else from 1.
fn write_place(place: Option<usize>, out: &mut RecordWriter) {
    place.map_or(0, |place| place as u64 + 1).write(out);
}

fn read_place<'k, T>(among: &'k [T], from: &mut RecordReader) -> Option<Option<&'k T>> {
    match usize::try_from(u64::read(from)?).ok()? {
        0 => Some(None),
        place => among.get(place - 1).map(Some),
    }
}

/// A value, unless it is the one that is known.
fn write_unless<T: Recordable>(known: bool, value: &T, out: &mut RecordWriter) {
    known.write(out);
    if !known {
        value.write(out);
    }
}

fn read_unless<T: Recordable + Clone>(known: Option<&T>, from: &mut RecordReader) -> Option<T> {
    if bool::read(from)? { known.cloned() } else { T::read(from) }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::model::election::{Line, Tier};
    use crate::model::enrollment::{Maintenance, Reason};
    use crate::model::person::{Employment, EmploymentStatus, Person, Relationship, Sex};
    use crate::model::phi::Phi;
    use crate::model::record::{from_bytes, to_bytes};
    use crate::model::reference::{ReferredTo, ToldReference};

    fn person(key: &str) -> Person {
        Person {
            key: Phi::new(key.to_string()),
            relationship: Relationship::Subscriber,
            last_name: Phi::new("DOE".into()),
            first_name: Phi::new("JO".into()),
            middle_name: Phi::new(String::new()),
            suffix: Phi::new(String::new()),
            ssn: None,
            birth_date: None,
            sex: Phi::new(Sex::Female),
            address: None,
            phone: None,
            email: None,
            marital_status: None,
            over_age: None,
        }
    }

    fn coverage(plan: &str) -> Coverage {
        Coverage {
            plan: plan.into(),
            line: Line::ALL[0],
            tier: Tier::Family,
            begin: NaiveDate::from_ymd_opt(2026, 1, 1).unwrap(),
            end: None,
            pcp: None,
            cost: None,
            event: None,
            cobra: None,
            filed: None,
            class: String::new(),
            refs: Vec::new(),
        }
    }

    fn employment(status: EmploymentStatus) -> Employment {
        Employment { status, ..Employment::default() }
    }

    fn known() -> Enrolled {
        let (person, employment) = (person("1"), employment(EmploymentStatus::Active));
        let members =
            vec![Member { person, employment, coverages: vec![coverage("A"), coverage("B")], refs: Vec::new() }];
        Enrolled { subscriber_id: Phi::new("7".into()), members }
    }

    fn change(key: &str, plan: &str) -> FamilyChange {
        let coverages = vec![CoverageChange::new(Maintenance::Add, coverage(plan))];
        let (person, employment) = (person(key), employment(EmploymentStatus::Active));
        let (maintenance, reason) = (Maintenance::Add, Some(Reason::InitialEnrollment));
        let class = String::new();
        let refs = Vec::new();
        let member =
            MemberChange { maintenance, reason, person, employment, prior: None, coverages, cobra: None, class, refs };
        FamilyChange { subscriber_id: Phi::new("7".into()), members: vec![member], prior_id: None }
    }

    #[test]
    fn a_change_is_read_as_it_was_written_whatever_of_it_is_known() {
        let other = FamilyChange { subscriber_id: Phi::new("8".into()), ..change("2", "C") };
        let mut renamed = change("1", "C");
        renamed.members[0].person.last_name = Phi::new("ROE".into());
        renamed.members[0].employment = employment(EmploymentStatus::Leave);
        renamed.members[0].prior = Some(person("1"));
        renamed.members[0].class = "salaried".into();
        let of = ReferredTo::Department;
        renamed.members[0].refs = vec![ToldReference { qualifier: "DX".into(), of, value: Phi::new("010".into()) }];
        let renumbered = FamilyChange { prior_id: Some(Phi::new("6".into())), ..change("1", "A") };
        for change in [change("1", "A"), change("1", "C"), other, renamed, renumbered] {
            let told = ToldFamily { known: known(), change: Some(change.clone()) };
            let bytes = ToldFamily::bytes_of(&told.known, &change);
            assert_eq!((from_bytes(&bytes), to_bytes(&told)), (Ok(told), bytes));
        }
    }

    #[test]
    fn what_is_known_already_takes_a_few_bytes_of_a_change() {
        let (alone, change) = (to_bytes(&known()).len(), change("1", "A"));
        let both = ToldFamily::bytes_of(&known(), &change).len();
        assert!(both - alone < 24 && both - alone < to_bytes(&change).len(), "{alone} {both}");
    }

    #[test]
    fn a_record_of_an_earlier_version_has_no_change_with_it() {
        assert_eq!(from_bytes(&to_bytes(&known())), Ok(ToldFamily { known: known(), change: None }));
    }

    #[test]
    fn a_record_that_is_cut_or_points_to_nobody_does_not_open() {
        let bytes = ToldFamily::bytes_of(&known(), &change("1", "A"));
        assert!((0..bytes.len()).all(|length| from_bytes::<ToldFamily>(&bytes[..length]).is_err()));
        let nobody = |mut bytes: Vec<u8>| {
            let place = to_bytes(&known()).len() + 3;
            bytes[place] = 9;
            from_bytes::<ToldFamily>(&bytes).is_err()
        };
        assert!(nobody(bytes));
    }
}
