//! Whether a family can stand in the file: its loops are written as they would stand there, and judged behind the
//! file's header, before anything is said to anybody.

use std::collections::HashMap;
use std::io::{self, Read};

use super::body::{WrittenLoops, ends_for_somebody};
use super::context::FeedContext;
use crate::carrier::CompiledCarrier;
use crate::fault::{Fault, Severity};
use crate::model::enrollment::{Enrolled, FamilyChange};
use crate::policy::Policy;
use crate::reconcile::Decision;
use crate::t834::{self, Gathered, Header, Totals};
use crate::x12::guide::Guide;
use crate::x12::validate::{Mark, Validator};
use crate::x12::{Error, Reader, Style, Writer};

/// Writes and judges families, one after the other.
///
/// Each is judged as if it stood in a file alone, under a header that counts its loops. That header is read once for
/// all families of as many loops: the judge goes back behind it for each, and its reader goes on from one family to the
/// next as if they were one file.
pub(super) struct Rehearsal<'r> {
    terms: RehearsalTerms<'r>,
    header: &'r Header,
    /// Stands in a set for good; or why nothing can be written at all.
    writer: Result<Writer<Gathered>, Fault>,
    reader: Reader<Handed>,
    validator: Validator<'r>,
    /// Behind the headers that were read so far, by what they count.
    headed: HashMap<[u64; 2], ReadHeader<'r>>,
}

/// What was decided of a family, with its loops where it may stand in the file.
#[derive(Default)]
pub(super) struct RehearsedDecision {
    pub decision: Decision,
    pub loops: Option<WrittenLoops>,
}

/// By what a family is written and judged.
#[derive(Clone, Copy)]
struct RehearsalTerms<'r> {
    policy: &'r Policy,
    style: Style,
    guide: &'r Guide,
}

/// A header that was read.
struct ReadHeader<'r> {
    mark: Mark<'r>,
    segments: u64,
}

impl<'r> Rehearsal<'r> {
    pub fn new(context: &'r FeedContext<'r>, header: &'r Header) -> Rehearsal<'r> {
        let CompiledCarrier { policy, style, guide, .. } = &context.compiled;
        Rehearsal::by(RehearsalTerms { policy, style: *style, guide }, header)
    }

    fn by(terms: RehearsalTerms<'r>, header: &'r Header) -> Rehearsal<'r> {
        Rehearsal {
            terms,
            header,
            writer: t834::within(terms.style, header).map_err(Fault::from),
            reader: Reader::new(Handed::default()),
            validator: Validator::new(terms.guide),
            headed: HashMap::new(),
        }
    }

    /// Writes a family's loops.
    ///
    /// # Errors
    /// What cannot be written: a plan that is not the carrier's, a character that has no place in its files.
    pub fn written(&mut self, written: &FamilyChange) -> Result<WrittenLoops, Fault> {
        let disclosed = self.terms.policy.disclose(written, self.header.effective)?;
        let writer = self.writer.as_mut().map_err(|fault| fault.clone())?;
        let before = writer.segments();
        let whole = t834::write(writer, self.header, &disclosed);
        // What was written before the place that cannot be is taken off as well.
        let (segments, bytes) = (writer.segments() - before, t834::gathered(writer)?);
        whole?;
        let (totals, found_by, ends) =
            (Totals::of(&disclosed, self.header.dialect), written.subscriber_id.clone(), ends_for_somebody(written));
        Ok(WrittenLoops { bytes, segments, totals, found_by, ends })
    }

    /// Turns what cannot be written or would be refused into a question about this family: it must not hold everybody
    /// else's file.
    pub fn decision(
        &mut self,
        context: &FeedContext,
        decision: Decision,
        told: Option<&Enrolled>,
    ) -> RehearsedDecision {
        let known = decision.known.as_ref().or(told);
        let Some(change) = context.written(known, decision.change.as_ref()) else {
            return RehearsedDecision { decision, loops: None };
        };
        let written = self.written(&change).and_then(|mut loops| match self.refusal(&mut loops) {
            Some(fault) => Err(fault),
            None => Ok(loops),
        });
        drop(change);
        match written {
            Ok(loops) => RehearsedDecision { decision, loops: Some(loops) },
            Err(fault) => RehearsedDecision { decision: Decision::asking(fault), loops: None },
        }
    }

    /// What keeps a family's loops out of the file, if anything.
    fn refusal(&mut self, loops: &mut WrittenLoops) -> Option<Fault> {
        // What was arranged by hand stands in no file.
        if loops.bytes.is_empty() {
            return None;
        }
        let Totals { subscribers, dependents } = loops.totals;
        let counts = [subscribers, dependents];
        if !self.headed.contains_key(&counts) {
            match self.head(loops.totals) {
                Ok(Some(headed)) => drop(self.headed.insert(counts, headed)),
                Ok(None) => return self.first_error(),
                Err(error) => return Some(error.into()),
            }
        }
        self.judge(counts, loops);
        self.first_error()
    }

    /// Reads a header that counts so many loops; none where no set is open behind it.
    fn head(&mut self, totals: Totals) -> Result<Option<ReadHeader<'r>>, Error> {
        let bytes = t834::around(self.terms.style, self.header, totals, 0)?.head;
        let segments = self.segments(&bytes);
        self.reader = Reader::new(Handed { bytes, at: 0 });
        self.validator.restart();
        self.read(segments);
        Ok(self.validator.mark().map(|mark| ReadHeader { mark, segments }))
    }

    /// How many segments these are: no value holds a separator.
    fn segments(&self, bytes: &[u8]) -> u64 {
        let terminator = self.terms.style.separators.terminator;
        bytes.iter().filter(|byte| **byte == terminator).count() as u64
    }

    fn judge(&mut self, counts: [u64; 2], loops: &mut WrittenLoops) {
        let Some(headed) = self.headed.get(&counts) else { return };
        let mut bytes = std::mem::take(&mut loops.bytes);
        let length = bytes.len();
        bytes.extend(t834::trailer(self.terms.style, headed.segments_in_set() + loops.segments));
        self.validator.return_to(&headed.mark);
        *self.reader.get_mut() = Handed { bytes, at: 0 };
        if self.read(loops.segments)
            && let Ok(Some(trailer)) = self.reader.next_segment()
        {
            self.validator.end_set_at(&trailer);
        }
        loops.bytes = std::mem::take(&mut self.reader.get_mut().bytes);
        loops.bytes.truncate(length);
    }

    /// Judges so many segments; false where they cannot be read to their end. The reader is asked for no more, and so
    /// never finds that there are none.
    fn read(&mut self, segments: u64) -> bool {
        for _ in 0..segments {
            match self.reader.next_segment() {
                Ok(Some(segment)) => drop(self.validator.push(&segment)),
                Ok(None) => return false,
                Err(error) => {
                    // It gives no more segments after an error, whatever it is handed: the next family has its header
                    // read again.
                    self.validator.stop(&error);
                    self.headed.clear();
                    return false;
                }
            }
        }
        true
    }

    fn first_error(&self) -> Option<Fault> {
        let found = self.validator.findings().iter().map(|finding| (finding.position.in_file(), Fault::from(finding)));
        let errors = found.filter(|(_, fault)| fault.severity >= Severity::Error);
        errors.min_by_key(|(place, _)| *place).map(|(_, fault)| fault)
    }
}

impl ReadHeader<'_> {
    /// Those of the header that its set has: ISA and GS stand before it.
    fn segments_in_set(&self) -> u64 {
        self.segments.saturating_sub(2)
    }
}

/// The segments that are being judged.
#[derive(Default)]
struct Handed {
    bytes: Vec<u8>,
    at: usize,
}

impl Read for Handed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = (&self.bytes[self.at..]).read(into)?;
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::NaiveDate;
    use proptest::prelude::*;
    use proptest::strategy::ValueTree as _;

    use super::*;
    use crate::mapping::{FileDialect, Party};
    use crate::model::election::{Line, Tier};
    use crate::model::enrollment::{Coverage, CoverageChange, Maintenance, MemberChange};
    use crate::model::field::{Field, FieldSet};
    use crate::model::person::{Address, Employment, Person, Relationship, Sex};
    use crate::model::phi::Phi;
    use crate::policy::WirePlan;
    use crate::x12::guide::x220a1;
    use crate::x12::validate::document;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn header() -> Header {
        let party = |name: &str, qualifier: &str| Party {
            name: name.into(),
            qualifier: qualifier.into(),
            id: "900000001".into(),
        };
        Header {
            sender: party("EXAMPLE OFFICE", "30"),
            receiver: party("ALPHA", "ZZ"),
            receiver_group: "ALPHAHEALTH".into(),
            sponsor: party("EXAMPLE MANUFACTURING", "FI"),
            payer: party("ALPHA HEALTH", "FI"),
            number: 7,
            frozen_at: day("2026-03-02").and_hms_opt(21, 0, 0).unwrap(),
            test: true,
            acknowledgment_requested: true,
            reference: "000000001".into(),
            action: "2",
            effective: day("2026-03-02"),
            convention: t834::CONVENTION.into(),
            master_policy: Some("M-1".into()),
            group_number: Some("G-1".into()),
            member_dates: true,
            dialect: FileDialect::default(),
        }
    }

    fn policy() -> Policy {
        let plan = WirePlan { line: Line::Hmo, code: "HMO".into() };
        Policy::new(FieldSet::of(Field::ALL), BTreeMap::from([("HMO".to_string(), plan)]))
    }

    /// How a family was judged before it was judged in its place: as a file by itself, which is begun, ended, read from
    /// its beginning and judged by a judge of its own.
    fn judged_alone(terms: RehearsalTerms, header: &Header, written: &FamilyChange) -> Option<Fault> {
        let disclosed = terms.policy.disclose(written, header.effective);
        let alone = disclosed.and_then(|family| Ok(t834::alone(terms.style, header, &family)?));
        let bytes = match alone {
            Ok(bytes) => bytes,
            Err(fault) => return Some(fault),
        };
        let found = document(&bytes[..], terms.guide).findings;
        let errors = found.iter().map(|finding| (finding.position.in_file(), Fault::from(finding)));
        let errors = errors.filter(|(_, fault)| fault.severity >= Severity::Error);
        errors.min_by_key(|(place, _)| *place).map(|(_, fault)| fault)
    }

    /// A refusal as it is asked: by its code, the segment and the element.
    fn asked(fault: Option<Fault>) -> Option<(&'static str, String)> {
        let place = |fault: &Fault| match fault.place {
            crate::fault::Place::X12(place) => format!("{}{:02}", place.tag_text(), place.element),
            _ => String::new(),
        };
        fault.map(|fault| (fault.code, place(&fault)))
    }

    /// Values as they come, and as they must not.
    fn text() -> impl Strategy<Value = &'static str> {
        prop_oneof![
            6 => Just("EXAMPLE"),
            1 => Just(""),
            1 => Just("A*B"),
            1 => Just("C~D"),
            1 => Just("\u{1F600}"),
            1 => Just("LONGER THAN SIXTY CHARACTERS AND SO REFUSED WHEREVER IT STANDS IN A NAME"),
        ]
    }

    fn date() -> impl Strategy<Value = NaiveDate> {
        prop_oneof![4 => Just("2026-01-01"), 1 => Just("1850-01-01"), 1 => Just("2031-01-01")].prop_map(day)
    }

    fn member() -> impl Strategy<Value = MemberChange> {
        let zip = prop_oneof![5 => Just("62701"), 1 => text()];
        let ssn = prop::option::of(prop_oneof![5 => Just("899111007"), 1 => text()]);
        let person = (text(), zip, date(), ssn, 0..3usize);
        let maintenance = prop::sample::select(Maintenance::ALL.to_vec());
        let covers = prop::collection::vec((maintenance.clone(), date(), prop::option::of(date()), 0..9u8), 0..3);
        (person, maintenance, covers).prop_map(|((last, zip, born, ssn, relationship), maintenance, covers)| {
            let relationships = [Relationship::Subscriber, Relationship::ALL[1], Relationship::ALL[2]];
            let address = Address {
                line1: "1 EXAMPLE WAY".into(),
                city: "SPRINGFIELD".into(),
                state: "IL".into(),
                zip: zip.into(),
                ..Address::default()
            };
            let person = Person {
                key: Phi::new("1".into()),
                relationship: relationships[relationship],
                last_name: Phi::new(last.into()),
                first_name: Phi::new("PERSON".into()),
                middle_name: Phi::new(String::new()),
                suffix: Phi::new(String::new()),
                ssn: ssn.map(|ssn| Phi::new(ssn.to_string())),
                birth_date: Some(Phi::new(born)),
                sex: Phi::new(Sex::Female),
                address: Some(Phi::new(address)),
                phone: None,
                email: None,
                marital_status: None,
                over_age: None,
            };
            let cover = |(maintenance, begin, end, other): &(Maintenance, NaiveDate, Option<NaiveDate>, u8)| {
                let coverage = Coverage {
                    plan: if *other == 0 { "OTHER" } else { "HMO" }.into(),
                    line: Line::Hmo,
                    tier: Tier::Employee,
                    begin: *begin,
                    end: *end,
                    pcp: None,
                    cost: None,
                    event: None,
                    cobra: None,
                    filed: None,
                    class: String::new(),
                    refs: Vec::new(),
                };
                CoverageChange::new(*maintenance, coverage)
            };
            let coverages = covers.iter().map(cover).collect();
            let employment = Employment::default();
            let (class, refs, cobra) = (String::new(), Vec::new(), None);
            MemberChange { maintenance, reason: None, person, employment, prior: None, coverages, cobra, class, refs }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn a_family_is_refused_in_its_place_for_just_what_it_is_refused_for_alone(
            families in prop::collection::vec((text(), prop::collection::vec(member(), 0..4)), 1..12),
        ) {
            let (policy, header) = (policy(), header());
            let terms = RehearsalTerms { policy: &policy, style: Style::default(), guide: x220a1() };
            let mut rehearsal = Rehearsal::by(terms, &header);
            for (id, members) in families {
                let family = FamilyChange { subscriber_id: Phi::new(id.to_string()), members, prior_id: None };
                let alone = judged_alone(terms, &header, &family).filter(|_| !family.members.is_empty());
                let in_place = match rehearsal.written(&family) {
                    Ok(mut loops) => rehearsal.refusal(&mut loops),
                    Err(fault) => Some(fault),
                };
                prop_assert_eq!(asked(in_place), asked(alone));
            }
        }
    }

    #[test]
    fn families_that_may_stand_in_a_file_are_taken_and_their_loops_are_all_that_is_written() {
        let (policy, header) = (policy(), header());
        let terms = RehearsalTerms { policy: &policy, style: Style::default(), guide: x220a1() };
        let mut rehearsal = Rehearsal::by(terms, &header);
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let mut taken = 0;
        for _ in 0..200 {
            let members = vec![member().new_tree(&mut runner).unwrap().current()];
            let family = FamilyChange { subscriber_id: Phi::new("7".to_string()), members, prior_id: None };
            let Ok(mut loops) = rehearsal.written(&family) else { continue };
            if rehearsal.refusal(&mut loops).is_none() {
                let text = String::from_utf8(loops.bytes).unwrap();
                assert!(text.starts_with("INS*") && text.ends_with('~') && !text.contains("SE*"), "{text}");
                assert_eq!(text.matches('~').count() as u64, loops.segments);
                taken += 1;
            }
        }
        assert!(taken > 10, "{taken} of 200 are taken: what is compared is not only what is refused");
    }
}
