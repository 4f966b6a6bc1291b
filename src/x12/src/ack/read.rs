//! Reads TA1, 999 and 997 as carriers really write them.

use std::io::Read;

use crate::ack::verdict::{
    Acknowledgement, Dialect, ElementFault, Flag, GroupAck, InterchangeAck, Of, SegmentFault, SetVerdict, Verdict,
};
use crate::error::{Error, ErrorKind, Limit};
use crate::party::Partner;
use crate::position::Position;
use crate::reader::Reader;
use crate::segment::Segment;

/// Acknowledgements, sets, segments and elements in one file, at most, all together.
const ITEMS_MAX: usize = 250_000;

/// Characters of a control number or code kept.
const FACT_MAX: usize = 35;

/// Reads every acknowledgement in a file.
///
/// What is unusual but clear is flagged, not refused. What a 999 copies from bad data is not kept.
///
/// # Errors
/// [`ErrorKind::NoAcknowledgement`] when the file holds none, [`ErrorKind::Limit`] when it answers more than 250,000
/// things, and the reader's errors: a file that is cut short is refused as a whole.
///
/// ```
/// use x12::ack::{Of, Verdict};
///
/// let isa = "ISA*00*          *00*          *ZZ*CARRIER        *ZZ*OFFICE         *260302*2100*^*00501*000000009\
///     *0*T*:~";
/// let file = format!("{isa}TA1*000000001*260302*2100*R*025~IEA*0*000000009~");
/// let said = x12::ack::read(file.as_bytes())?;
/// let Of::Interchange(ta1) = &said[0].of else { panic!("a TA1 answers an interchange") };
/// assert_eq!((ta1.control_number.as_str(), ta1.verdict), ("000000001", Verdict::Rejected));
/// # Ok::<(), x12::Error>(())
/// ```
pub fn read(source: impl Read) -> Result<Vec<Acknowledgement>, Error> {
    let mut reader = Reader::builder().segments(4_000_000).from_reader(source);
    let mut reading = Reading::default();
    while let Some(segment) = reader.next_segment()? {
        reading.segment(&segment);
        if reading.items > ITEMS_MAX {
            return Err(Error::limit(Limit::Answers, ITEMS_MAX as u64, Position::default()));
        }
    }
    reading.end_group();
    if reading.found.is_empty() {
        return Err(Error::new(ErrorKind::NoAcknowledgement, Position::default()));
    }
    Ok(reading.found)
}

/// A value as a fact: its first characters, blanks trimmed, nothing but printable ASCII.
fn fact(value: &[u8]) -> String {
    let plain = |byte: &u8| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '?' };
    value.iter().take(FACT_MAX).map(plain).collect::<String>().trim().to_owned()
}

fn number<T: std::str::FromStr>(value: &[u8]) -> Option<T> {
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

/// What has been read so far.
#[derive(Default)]
struct Reading {
    found: Vec<Acknowledgement>,
    items: usize,
    sender: Partner,
    receiver: Partner,
    interchange: String,
    irregular: bool,
    dialect: Option<Dialect>,
    group: Option<GroupAck>,
    set_open: bool,
}

impl Reading {
    fn segment(&mut self, segment: &Segment<'_>) {
        match segment.tag() {
            b"ISA" => self.begin_interchange(segment),
            b"TA1" => self.interchange_ack(segment),
            b"ST" => self.begin_set(segment),
            // Any of these ends an answer whose AK9 was left out: its verdict is unknown then, and must not become the
            // next one's.
            b"SE" | b"GE" | b"GS" | b"IEA" => self.end_group(),
            b"AK1" if self.dialect.is_some() => self.begin_group(segment),
            _ if self.group.is_some() => self.detail(segment),
            _ => {}
        }
    }

    fn begin_interchange(&mut self, segment: &Segment<'_>) {
        self.end_group();
        self.sender = Partner { qualifier: fact(segment.element(5)), id: fact(segment.element(6)) };
        self.receiver = Partner { qualifier: fact(segment.element(7)), id: fact(segment.element(8)) };
        self.interchange = fact(segment.element(13));
        self.irregular = segment.oddities().irregular_header;
        self.dialect = None;
    }

    fn interchange_ack(&mut self, segment: &Segment<'_>) {
        self.end_group();
        let mut flags = Vec::new();
        let verdict = Verdict::of_code(segment.element(4));
        let (number, date, time) = (segment.element(1), segment.element(2), segment.element(3));
        flag(&mut flags, Flag::IrregularHeader, self.irregular);
        flag(&mut flags, Flag::OddControlNumber, is_odd(number));
        flag(&mut flags, Flag::OddDate, date.len() != 6 || time.len() != 4);
        flag(&mut flags, Flag::UnknownCode, !matches!(segment.element(4), b"A" | b"E" | b"R"));
        let ack = InterchangeAck {
            control_number: fact(number),
            date: fact(date),
            time: fact(time),
            verdict,
            note: fact(segment.element(5)),
            flags,
        };
        self.keep(Of::Interchange(ack));
    }

    fn begin_set(&mut self, segment: &Segment<'_>) {
        self.end_group();
        self.dialect = match segment.element(1) {
            b"999" => Some(Dialect::A999),
            b"997" => Some(Dialect::A997),
            _ => None,
        };
    }

    fn begin_group(&mut self, segment: &Segment<'_>) {
        self.end_group();
        let mut flags = Vec::new();
        flag(&mut flags, Flag::IrregularHeader, self.irregular);
        flag(&mut flags, Flag::OddControlNumber, is_odd(segment.element(2)));
        self.items += 1;
        self.group = Some(GroupAck {
            functional_id: fact(segment.element(1)),
            control_number: fact(segment.element(2)),
            version: fact(segment.element(3)),
            dialect: self.dialect.unwrap_or_default(),
            flags,
            ..GroupAck::default()
        });
        self.set_open = false;
    }

    /// A segment of a group's answer.
    fn detail(&mut self, segment: &Segment<'_>) {
        let Some(group) = &mut self.group else { return };
        self.items += 1;
        let tag = segment.tag();
        let other = match group.dialect {
            Dialect::A999 => matches!(tag, b"AK3" | b"AK4" | b"AK5"),
            Dialect::A997 => matches!(tag, b"IK3" | b"IK4" | b"IK5"),
        };
        flag(&mut group.flags, Flag::MixedDialect, other);
        match tag {
            b"AK2" => {
                flag(&mut group.flags, Flag::NoSetVerdict, self.set_open);
                self.set_open = true;
                group.sets.push(begin_set_verdict(segment));
            }
            b"IK3" | b"AK3" if self.set_open => add_segment_fault(group, segment),
            b"IK4" | b"AK4" if self.set_open => add_element_fault(group, segment),
            b"CTX" if self.set_open => {}
            b"IK5" | b"AK5" if self.set_open => {
                self.set_open = false;
                end_set_verdict(group, segment);
            }
            b"AK9" => {
                flag(&mut group.flags, Flag::NoSetVerdict, self.set_open);
                self.set_open = false;
                group_verdict(group, segment);
                self.keep_group();
            }
            _ => flag(&mut group.flags, Flag::StraySegment, true),
        }
    }

    /// Ends an answer that has no AK9.
    fn end_group(&mut self) {
        if let Some(group) = &mut self.group {
            flag(&mut group.flags, Flag::NoSetVerdict, self.set_open);
            flag(&mut group.flags, Flag::NoGroupVerdict, true);
            self.keep_group();
        }
        self.set_open = false;
    }

    fn keep_group(&mut self) {
        if let Some(group) = self.group.take() {
            self.keep(Of::Group(group));
        }
    }

    fn keep(&mut self, of: Of) {
        self.items += 1;
        self.found.push(Acknowledgement {
            sender: self.sender.clone(),
            receiver: self.receiver.clone(),
            interchange: self.interchange.clone(),
            of,
        });
    }
}

fn flag(flags: &mut Vec<Flag>, flag: Flag, raised: bool) {
    if raised && !flags.contains(&flag) {
        flags.push(flag);
    }
}

fn is_odd(number: &[u8]) -> bool {
    number.is_empty() || number.len() > 9 || !number.iter().all(u8::is_ascii_digit)
}

/// The values of elements `from` to `to` that are not empty.
fn codes(segment: &Segment<'_>, from: usize, to: usize) -> Vec<String> {
    (from..=to).map(|n| fact(segment.element(n))).filter(|code| !code.is_empty()).collect()
}

fn begin_set_verdict(segment: &Segment<'_>) -> SetVerdict {
    let (id, control_number) = (fact(segment.element(1)), fact(segment.element(2)));
    SetVerdict { id, control_number, ..SetVerdict::default() }
}

fn add_segment_fault(group: &mut GroupAck, segment: &Segment<'_>) {
    let fault = SegmentFault {
        tag: fact(segment.element(1)),
        position: number(segment.element(2)).unwrap_or_default(),
        loop_id: fact(segment.element(3)),
        code: fact(segment.element(4)),
        elements: Vec::new(),
    };
    if let Some(set) = group.sets.last_mut() {
        set.faults.push(fault);
    }
}

fn add_element_fault(group: &mut GroupAck, segment: &Segment<'_>) {
    let mut position = segment.components(1).map(|part| number(part).unwrap_or_default());
    let fault = ElementFault {
        element: position.next().unwrap_or_default(),
        component: position.next().unwrap_or_default(),
        repetition: position.next().unwrap_or_default(),
        data_element: fact(segment.element(2)),
        code: fact(segment.element(3)),
    };
    match group.sets.last_mut().and_then(|set| set.faults.last_mut()) {
        Some(segment) => segment.elements.push(fault),
        None => flag(&mut group.flags, Flag::StraySegment, true),
    }
}

fn end_set_verdict(group: &mut GroupAck, segment: &Segment<'_>) {
    let verdict = Verdict::of_code(segment.element(1));
    // P is a group's verdict: of a set it says nothing.
    let verdict = if verdict == Verdict::PartiallyAccepted { Verdict::Unknown } else { verdict };
    flag(&mut group.flags, Flag::UnknownCode, verdict == Verdict::Unknown);
    if let Some(set) = group.sets.last_mut() {
        set.verdict = verdict;
        set.codes = codes(segment, 2, 6);
    }
}

fn group_verdict(group: &mut GroupAck, segment: &Segment<'_>) {
    group.verdict = Verdict::of_code(segment.element(1));
    group.counts = [2, 3, 4].map(|n| number(segment.element(n)));
    group.codes = codes(segment, 5, 9);
    flag(&mut group.flags, Flag::UnknownCode, group.verdict == Verdict::Unknown);
    let [_, received, accepted] = group.counts;
    let odd_counts = received.zip(accepted).is_none_or(|(received, accepted)| accepted > received);
    let listed = group.sets.len() as u64;
    flag(&mut group.flags, Flag::CountsDisagree, odd_counts || received.is_some_and(|received| listed > received));
    let rejected = group.sets.iter().any(|set| set.verdict == Verdict::Rejected);
    let accepted = matches!(group.verdict, Verdict::Accepted | Verdict::AcceptedWithErrors);
    flag(&mut group.flags, Flag::VerdictsDisagree, rejected && accepted);
    // A group may be rejected for its own sake, and says so by a code in AK905. Without one the verdicts contradict.
    let all_accepted = listed > 0 && group.sets.iter().all(|set| set.verdict == Verdict::Accepted);
    let refused = matches!(group.verdict, Verdict::Rejected | Verdict::PartiallyAccepted);
    flag(&mut group.flags, Flag::VerdictsDisagree, all_accepted && refused && group.codes.is_empty());
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISA: &str =
        "ISA*00*          *00*          *ZZ*CARRIER        *ZZ*SENDER         *250101*1200*^*00501*000000009*0*T*:~";

    fn group(body: &str) -> GroupAck {
        let file = format!("{ISA}GS*FA*C*S*20250101*1200*9*X*005010X231A1~{body}GE*1*9~IEA*1*000000009~");
        match read(file.as_bytes()).unwrap().remove(0).of {
            Of::Group(group) => group,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_group_accepted_as_a_whole_needs_no_sets() {
        let ack = group("ST*999*0001*005010X231A1~AK1*BE*7*005010X220A1~AK9*A*3*3*3~SE*4*0001~");
        assert_eq!((ack.verdict, ack.sets.len(), ack.counts[2]), (Verdict::Accepted, 0, Some(3)));
        assert_eq!((ack.functional_id.as_str(), ack.control_number.as_str()), ("BE", "7"));
        assert!(ack.flags.is_empty());
    }

    #[test]
    fn sets_segments_and_elements_are_told_apart_and_values_forgotten() {
        let ack = group(
            "ST*999*0001~AK1*BE*7~AK2*834*0001~IK5*A~AK2*834*0002~IK3*DMG*19*2100A*8~\
             CTX*SUBSCRIBER NUMBER REF02:SECRET~\
             IK4*5:3:2*1271*7*SECRET~IK5*R*5~AK9*P*2*2*1~SE*11*0001~",
        );
        assert_eq!((ack.verdict, ack.sets[1].verdict), (Verdict::PartiallyAccepted, Verdict::Rejected));
        let element = &ack.sets[1].faults[0].elements[0];
        assert_eq!((element.element, element.component, element.repetition), (5, 3, 2));
        assert!(!format!("{ack:?}").contains("SECRET"));
    }

    #[test]
    fn a_997_and_a_mixture_are_understood() {
        let ack = group("ST*997*0001~AK1*BE*7~AK2*834*0001~AK3*REF*3**8~AK4*2*127*7~AK5*R*5~AK9*R*1*1*0~SE*8*0001~");
        assert_eq!((ack.dialect, ack.flags.len(), ack.sets[0].faults.len()), (Dialect::A997, 0, 1));
        let ack = group("ST*999*0001~AK1*BE*7~AK2*834*0001~AK5*A~AK9*A*1*1*1~SE*6*0001~");
        assert_eq!((ack.flags, ack.sets[0].verdict), (vec![Flag::MixedDialect], Verdict::Accepted));
    }

    #[test]
    fn an_answer_without_a_verdict_is_unknown_never_accepted() {
        let ack = group("ST*999*0001~AK1*BE*7~AK2*834*0001~SE*4*0001~");
        assert_eq!(ack.verdict, Verdict::Unknown);
        assert_eq!(ack.flags, [Flag::NoSetVerdict, Flag::NoGroupVerdict]);
        let ack = group("ST*999*0001~AK1*BE*7~AK2*834*0001~IK5*R~AK9*A*1*1*1~SE*6*0001~");
        assert_eq!(ack.flags, [Flag::VerdictsDisagree]);
    }

    #[test]
    fn a_ta1_is_read_beside_groups_and_in_a_header_without_padding() {
        let text = "ISA*00* *00* *ZZ*CARRIER *ZZ*SENDER *250101*1200*^*00501*000000009*0*T*:~\
                    TA1*000000007*20250101*1200*R*025~IEA*1*000000009~";
        let acks = read(text.as_bytes()).unwrap();
        let Of::Interchange(ack) = &acks[0].of else { panic!() };
        assert_eq!((ack.verdict, ack.note.as_str()), (Verdict::Rejected, "025"));
        assert_eq!(ack.flags, [Flag::IrregularHeader, Flag::OddDate]);
        assert_eq!(acks[0].sender.id, "CARRIER");
    }

    #[test]
    fn other_files_and_cut_files_are_refused() {
        assert_eq!(read("Load report".as_bytes()).unwrap_err().code(), "X12001");
        assert_eq!(read(format!("{ISA}IEA*0*000000009~").as_bytes()).unwrap_err().code(), "ACK001");
        assert_eq!(read(format!("{ISA}TA1*000000007*250101").as_bytes()).unwrap_err().code(), "X12004");
    }
}
