//! Writes the TA1 and the 999 a receiver would answer with.

use crate::fault::{Fault, Place, Severity, X12Place};
use crate::validate::report::{GroupFacts, InterchangeFacts, Note, Report, SetFacts};
use crate::validate::rule::Ack;
use crate::x12::character::Escape;
use crate::x12::element::Element;
use crate::x12::separators::{Newline, Separators};
use crate::x12::writer::{GsFields, IsaFields, Style, Writer};

/// How an acknowledgement is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AckOptions<'a> {
    /// ISA13 and GS06 of the first interchange written; each further one counts on.
    pub control_number: u32,
    /// The day it is written, CCYYMMDD.
    pub date: &'a str,
    /// The time of day, HHMM.
    pub time: &'a str,
    /// The separators.
    pub separators: Separators,
    /// What follows each terminator.
    pub newline: Newline,
    /// IK303 holds the whole loop identifier, such as `2100A`. The standard's element has room for four characters,
    /// so by default `2100` is written.
    pub whole_loop_ids: bool,
}

impl<'a> AckOptions<'a> {
    /// The usual separators, no line breaks, loop identifiers within the standard's length.
    pub fn new(control_number: u32, date: &'a str, time: &'a str) -> AckOptions<'a> {
        let (separators, newline) = (Separators::default(), Newline::None);
        AckOptions { control_number, date, time, separators, newline, whole_loop_ids: false }
    }
}

/// Answers every interchange of a validated file that holds groups other than acknowledgements: the TA1 file, and the
/// 999 file. An interchange the TA1 rejects has no 999, and one that holds nothing but TA1s is an answer itself. Copies
/// of bad data are never written.
///
/// # Errors
/// The writer's, when parties or options do not fit an envelope.
///
/// ```
/// use bex::acks::{AckOptions, write};
/// use bex::validate::document;
/// use bex::x12::guides::x220a1;
///
/// let file = std::fs::read("fixtures/x12/834/sample-family.834")?;
/// let report = document(&file[..], x220a1());
/// let (ta1, functional) = write(&report, &AckOptions::new(1, "20260303", "0600"))?;
/// assert!(String::from_utf8(ta1)?.contains("*A*000~"));
/// assert!(String::from_utf8(functional)?.contains("~AK9*A*1*1*1~"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write(report: &Report, options: &AckOptions<'_>) -> Result<(Vec<u8>, Vec<u8>), Fault> {
    let answered: Vec<(u32, &InterchangeFacts)> = (1..)
        .zip(&report.interchanges)
        .filter(|(ordinal, facts)| match facts.groups.as_slice() {
            // Without groups and without a fault there are TA1s, which nobody answers.
            [] => interchange_note(report, *ordinal) != "000",
            groups => groups.iter().any(|group| group.functional_id != "FA"),
        })
        .collect();
    let (mut ta1, mut functional) = (writer(options)?, writer(options)?);
    let found = worth_answering(report);
    for (number, (ordinal, facts)) in (options.control_number..).zip(answered) {
        let note = interchange_note(report, ordinal);
        open(&mut ta1, facts, number, options)?;
        let verdict = if note == "000" { "A" } else { "R" };
        ta1.acknowledgement(&[facts.control_number.as_str(), &facts.date, &facts.time, verdict, note])?;
        ta1.close_interchange()?;
        if note == "000" {
            open(&mut functional, facts, number, options)?;
            write_groups(&mut functional, (ordinal, facts), &found, (number, options))?;
            functional.close_interchange()?;
        }
    }
    Ok((ta1.finish()?, functional.finish()?))
}

type Sink = Writer<Vec<u8>>;

fn writer(options: &AckOptions<'_>) -> Result<Sink, Fault> {
    let AckOptions { separators, newline, .. } = *options;
    Writer::new(Vec::new(), Style { separators, newline, escape: Escape::Transliterate, ..Style::default() })
}

fn open(writer: &mut Sink, facts: &InterchangeFacts, number: u32, options: &AckOptions<'_>) -> Result<(), Fault> {
    writer.open_interchange(&IsaFields {
        sender_qualifier: &facts.receiver.0,
        sender: &facts.receiver.1,
        receiver_qualifier: &facts.sender.0,
        receiver: &facts.sender.1,
        date: options.date.get(2..).unwrap_or_default(),
        time: options.time,
        control_number: number,
        acknowledgment_requested: false,
        test: facts.test,
    })
}

/// TA105: the first error of the envelope, else `000`.
fn interchange_note(report: &Report, ordinal: u32) -> &'static str {
    let notes = report.faults.iter().zip(&report.notes);
    let errors = notes.filter(|(fault, note)| fault.severity >= Severity::Error && note.interchange == ordinal);
    let mut codes = errors.filter_map(|(_, note)| match note.ack {
        Ack::Interchange(code) => Some(code),
        // A group's header or trailer is the interchange's content.
        Ack::Segment(_) | Ack::Element(_) if note.set == 0 => Some("024"),
        _ => None,
    });
    codes.next().unwrap_or("000")
}

type Numbered<'a> = (u32, &'a AckOptions<'a>);

fn write_groups(
    writer: &mut Sink,
    (ordinal, facts): (u32, &InterchangeFacts),
    found: &[Answered<'_>],
    (number, options): Numbered<'_>,
) -> Result<(), Fault> {
    let groups: Vec<(u32, &GroupFacts)> =
        (1..).zip(&facts.groups).filter(|(_, group)| group.functional_id != "FA").collect();
    let Some((_, first)) = groups.first() else { return Ok(()) };
    writer.open_group(&GsFields {
        functional_id: "FA",
        sender: &first.receiver,
        receiver: &first.sender,
        date: options.date,
        time: options.time,
        control_number: number,
        version: "005010X231A1",
    })?;
    for (at, group) in groups {
        writer.open_set("999", &format!("{at:04}"), "005010X231A1")?;
        let of_group = run(found, (ordinal, at), |note| (note.interchange, note.group));
        write_group(writer, group, of_group, options)?;
        writer.close_set()?;
    }
    writer.close_group()
}

/// A fault worth answering, and what the answer calls it.
type Answered<'a> = (&'a Fault, &'a Note);

/// The faults of groups and their sets that are more than notices. They stand in the order of the file.
fn worth_answering(report: &Report) -> Vec<Answered<'_>> {
    let found = report.faults.iter().zip(&report.notes);
    found.filter(|(fault, note)| fault.severity >= Severity::Warning && note.group > 0).collect()
}

/// The run of faults that belong to one thing, of faults in its order.
fn run<'f, 'a, K: Ord>(found: &'f [Answered<'a>], of: K, key: impl Fn(&Note) -> K) -> &'f [Answered<'a>] {
    let begin = found.partition_point(|(_, note)| key(note) < of);
    let end = found.partition_point(|(_, note)| key(note) <= of);
    &found[begin..end]
}

fn write_group(
    writer: &mut Sink,
    group: &GroupFacts,
    found: &[Answered<'_>],
    options: &AckOptions<'_>,
) -> Result<(), Fault> {
    writer.segment("AK1", &[group.functional_id.as_str(), &group.control_number, &group.version])?;
    let in_sets: Vec<Answered<'_>> = found.iter().filter(|(_, note)| note.set > 0).copied().collect();
    for set in &group.sets {
        write_set(writer, set, run(&in_sets, set.ordinal, |note| note.set), options)?;
    }
    let mut codes = Vec::new();
    for (fault, note) in found {
        match note.ack {
            Ack::Group(code) if fault.severity >= Severity::Error && !codes.contains(&code) => codes.push(code),
            _ => {}
        }
    }
    let received = group.sets_found.to_string();
    let stated = group.sets_stated.map_or_else(|| received.clone(), |stated| stated.min(999_999).to_string());
    let accepted = if group.rejected { 0 } else { group.sets_accepted };
    let accepted = accepted.to_string();
    let mut elements = vec![group_verdict(group), stated.as_str(), &received, &accepted];
    elements.extend(codes.into_iter().take(5));
    writer.segment("AK9", &elements)
}

fn group_verdict(group: &GroupFacts) -> &'static str {
    let noted = group.sets.iter().any(|set| set.worst >= Some(Severity::Warning));
    match (group.rejected || group.sets_accepted == 0, group.sets_accepted == group.sets_found) {
        (true, _) => "R",
        (false, false) => "P",
        (false, true) if noted => "E",
        (false, true) => "A",
    }
}

fn write_set(writer: &mut Sink, set: &SetFacts, found: &[Answered<'_>], options: &AckOptions<'_>) -> Result<(), Fault> {
    writer.segment("AK2", &[set.id.as_str(), &set.control_number, &set.convention])?;
    let mut codes = Vec::new();
    let mut in_segments = false;
    let mut last = None;
    for answered in found {
        match answered.1.ack {
            Ack::Set(code) if !codes.contains(&code) => codes.push(code),
            Ack::Segment(code) => {
                write_segment_note(writer, answered, code, options)?;
                (in_segments, last) = (true, None);
            }
            Ack::Element(code) => {
                let segment = Some(place(answered.0).segment);
                if last != segment {
                    write_segment_note(writer, answered, "8", options)?;
                }
                (in_segments, last) = (true, segment);
                write_element_note(writer, answered, code, options)?;
            }
            _ => {}
        }
    }
    if in_segments {
        codes.push("5");
    }
    let verdict = match set.worst {
        Some(Severity::Error | Severity::Fatal) => "R",
        Some(Severity::Warning) => "E",
        _ => "A",
    };
    writer.segment("IK5", &std::iter::once(verdict).chain(codes.into_iter().take(5)).collect::<Vec<_>>())
}

fn place(fault: &Fault) -> X12Place {
    match fault.place {
        Place::X12(place) => place,
        _ => X12Place::default(),
    }
}

fn write_segment_note(
    writer: &mut Sink,
    (fault, note): &Answered<'_>,
    code: &str,
    options: &AckOptions<'_>,
) -> Result<(), Fault> {
    let place = place(fault);
    let position = place.segment_in_set.max(1).to_string();
    let tag = if place.tag_text().len() > 1 { place.tag_text() } else { "??" };
    writer.segment("IK3", &[tag, position.as_str(), loop_id(&place, options), code])?;
    if code == "8" { Ok(()) } else { write_trigger(writer, note, options) }
}

fn write_element_note(
    writer: &mut Sink,
    (fault, note): &Answered<'_>,
    code: &str,
    options: &AckOptions<'_>,
) -> Result<(), Fault> {
    let X12Place { element, component, repetition, .. } = place(fault);
    let shown = |n: u16| if n == 0 { String::new() } else { n.to_string() };
    let parts = [shown(element), shown(component), shown(repetition)];
    let parts = [parts[0].as_str(), &parts[1], &parts[2]];
    // Composites have numbers such as C056; the element has room for data elements only.
    let numeric = note.data_element.bytes().all(|byte| byte.is_ascii_digit());
    let data_element = if numeric { note.data_element } else { "" };
    writer.segment("IK4", &[Element::Composite(&parts), data_element.into(), code.into()])?;
    write_trigger(writer, note, options)
}

/// CTX: what made the segment or element necessary.
fn write_trigger(writer: &mut Sink, note: &Note, options: &AckOptions<'_>) -> Result<(), Fault> {
    let Some(trigger) = note.trigger else { return Ok(()) };
    let (position, element) = (trigger.segment_in_set.to_string(), trigger.element.to_string());
    let loop_id = loop_id(&trigger, options);
    writer.segment("CTX", &["SITUATIONAL TRIGGER", trigger.tag_text(), &position, loop_id, &element])
}

fn loop_id(place: &X12Place, options: &AckOptions<'_>) -> &'static str {
    match place.loop_id.get(..4) {
        Some(short) if !options.whole_loop_ids => short,
        _ => place.loop_id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acks::read;
    use crate::acks::verdict::{Of, Verdict};
    use crate::validate::document;
    use crate::x12::guides;

    const FILE: &str = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       \
        *250101*1200*^*00501*000000007*0*T*:~\
        GS*BE*SENDER*RECEIVER*20250101*1200*7*X*005010X220A1~ST*834*0001*005010X220A1~\
        BGN*00*REF0001*20250101*1200*ET***2~N1*P5*SYNTHETIC SPONSOR*FI*999888777~N1*IN*SYNTHETIC CARRIER*FI*654456654~\
        INS*Y*18*021*28*A***FT~REF*0F*100000001~DTP*356*D8*20250101~NM1*IL*1*DOE*JOHN*Q***34*10000001~\
        HD*021**DEN*PLAND*ESP~DTP*348*D8*20250101~SE*11*0001~GE*1*7~IEA*1*000000007~";

    fn answer(file: &str) -> (String, String) {
        let report = document(file.as_bytes(), guides::x220a1());
        let (ta1, functional) = write(&report, &AckOptions::new(41, "20250102", "0900")).unwrap();
        for bytes in [&ta1, &functional].into_iter().filter(|bytes| !bytes.is_empty()) {
            let judged = document(&bytes[..], guides::x220a1());
            assert!(judged.is_valid(), "{:?}\n{}", judged.faults, String::from_utf8_lossy(bytes));
        }
        (String::from_utf8(ta1).unwrap(), String::from_utf8(functional).unwrap())
    }

    #[test]
    fn a_rejected_set_is_answered_segment_by_segment_without_its_values() {
        let (ta1, functional) = answer(FILE);
        assert!(ta1.contains("TA1*000000007*250101*1200*A*000~"));
        let (_, body) = functional.split_once("005010X231A1~").unwrap();
        assert_eq!(
            body,
            "ST*999*0001*005010X231A1~AK1*BE*7*005010X220A1~AK2*834*0001*005010X220A1~\
             IK3*NM1*8*2100*8~IK4*9*67*I12~IK3*DMG*9*2100*I6~CTX*SITUATIONAL TRIGGER*INS*5*2000*3~\
             IK5*R*5~AK9*R*1*1*0~SE*10*0001~GE*1*41~IEA*1*000000041~"
        );
        assert!(!functional.contains("10000001"));
    }

    #[test]
    fn what_is_written_can_be_read() {
        let (ta1, functional) = answer(FILE);
        let acks = read((ta1 + &functional).as_bytes()).unwrap();
        let [Of::Interchange(interchange), Of::Group(group)] = [&acks[0].of, &acks[1].of] else { panic!() };
        assert_eq!((interchange.control_number.as_str(), interchange.verdict), ("000000007", Verdict::Accepted));
        assert_eq!((group.control_number.as_str(), group.verdict, group.flags.len()), ("7", Verdict::Rejected, 0));
        assert_eq!((acks[0].sender.id.as_str(), acks[0].receiver.id.as_str()), ("RECEIVER", "SENDER"));
        let faults = &group.sets[0].faults;
        assert_eq!((faults[0].position, faults[0].elements[0].element, faults[1].code.as_str()), (8, 9, "I6"));
    }

    #[test]
    fn a_clean_file_is_accepted_and_a_broken_envelope_has_no_999() {
        let clean = FILE.replace("*10000001~", "*100000001~DMG*D8*19800101*M~").replace("SE*11", "SE*12");
        let (_, functional) = answer(&clean);
        assert!(functional.contains("~IK5*A~AK9*A*1*1*1~"), "{functional}");
        let (ta1, functional) = answer(&clean.replace("IEA*1*000000007", "IEA*1*000000008"));
        assert!(ta1.contains("*R*001~") && functional.is_empty(), "{ta1}");
    }

    #[test]
    fn an_answer_is_not_answered() {
        let (ta1, functional) = answer(FILE);
        for file in [ta1, functional] {
            assert_eq!(answer(&file), (String::new(), String::new()));
        }
    }

    #[test]
    fn whole_loop_identifiers_are_written_when_asked_for() {
        let report = document(FILE.as_bytes(), guides::x220a1());
        let options = AckOptions { whole_loop_ids: true, ..AckOptions::new(41, "20250102", "0900") };
        let (_, functional) = write(&report, &options).unwrap();
        assert!(String::from_utf8(functional).unwrap().contains("IK3*NM1*8*2100A*8~"));
    }
}
