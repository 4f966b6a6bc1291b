//! Writes the TA1 and the 999 a receiver would answer with.

use crate::ack::note::{Notes, write_group};
use crate::ack::options::{Options, Sink};
use crate::character::Escape;
use crate::error::Error;
use crate::guide;
use crate::rule::{AckCode, Severity};
use crate::validate::{GroupFacts, InterchangeFacts, Report};
use crate::value;
use crate::writer::{GsFields, IsaFields, Style, Writer};

/// The answer to a file, to be sent as one file or as two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reply {
    /// The TA1s, one for each interchange that is answered; none when nothing is.
    pub ta1: Option<Vec<u8>>,
    /// The 999s; none when there is nothing to answer with one.
    pub x999: Option<Vec<u8>>,
    /// The control number behind the last one used.
    pub next_number: u32,
}

impl Reply {
    /// Answers every interchange of a validated file that holds groups other than acknowledgements. An interchange the
    /// TA1 rejects has no 999, and one that holds nothing but TA1s is an answer itself. Copies of bad data are never
    /// written, and what is written is valid by the guides that are built in.
    ///
    /// ```
    /// use x12::ack::{Options, Reply};
    ///
    /// # let file = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260302\
    /// #     *2100*^*00501*000000007\
    /// #     *0*T*:~GS*BE*SENDER*RECEIVER*20260302*2100*7*X*005010X220A1~ST*834*0001*005010X220A1~SE*2*0001~GE*1*7~\
    /// #     IEA*1*000000007~";
    /// let report = x12::validate::document(file.as_bytes(), x12::guide::x220a1());
    /// let reply = Reply::to(&report, &Options::new(41, "20260303", "0600"))?;
    /// let text = String::from_utf8(reply.one_file())?;
    /// assert!(text.contains("TA1*000000007*260302*2100*A*000~") && text.contains("~IK5*R*5~AK9*R*1*1*0~"));
    /// assert_eq!(reply.next_number, 43);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Header`](crate::ErrorKind::Header) when the file's parties or the options do not fit an envelope.
    pub fn to(report: &Report, options: &Options<'_>) -> Result<Reply, Error> {
        let answered: Vec<Answerable<'_>> = (1..)
            .zip(&report.interchanges)
            .map(|(ordinal, facts)| Answerable { facts, note: interchange_note(report, ordinal), ordinal })
            .filter(Answerable::is_answerable)
            .collect();
        let mut number = options.control_number;
        let ta1 = write_all(&answered, options, &mut number, write_ta1)?;
        // What the TA1 rejects counts as not received: a 999 for its content would answer what nobody has taken.
        let accepted: Vec<Answerable<'_>> = answered.into_iter().filter(|answered| answered.note == "000").collect();
        let notes = Notes::of(report);
        let x999 = write_all(&accepted, options, &mut number, |writer, answer| write_groups(writer, answer, &notes))?;
        Ok(Reply { ta1, x999, next_number: number })
    }

    /// Whether nothing is answered.
    pub fn is_empty(&self) -> bool {
        self.ta1.is_none() && self.x999.is_none()
    }

    /// TA1s and 999s as one file; empty when nothing is answered.
    pub fn one_file(&self) -> Vec<u8> {
        [&self.ta1, &self.x999].into_iter().flatten().flatten().copied().collect()
    }
}

/// An interchange that is answered.
#[derive(Clone, Copy)]
struct Answerable<'r> {
    ordinal: u32,
    facts: &'r InterchangeFacts,
    /// TA105.
    note: &'static str,
}

impl Answerable<'_> {
    fn is_answerable(&self) -> bool {
        match self.facts.groups.as_slice() {
            // Without groups and without a fault there are TA1s, which nobody answers.
            [] => self.note != "000",
            groups => groups.iter().any(is_answerable),
        }
    }
}

/// An interchange being written, and what it answers.
#[derive(Clone, Copy)]
struct Outgoing<'r> {
    to: Answerable<'r>,
    number: u32,
    options: &'r Options<'r>,
}

fn is_answerable(group: &GroupFacts) -> bool {
    group.functional_id != "FA"
}

/// Writes an interchange for each that is answered; none when there is none.
fn write_all<'r>(
    answered: &[Answerable<'r>],
    options: &'r Options<'r>,
    number: &mut u32,
    write: impl Fn(&mut Sink, Outgoing<'r>) -> Result<(), Error>,
) -> Result<Option<Vec<u8>>, Error> {
    if answered.is_empty() {
        return Ok(None);
    }
    let Options { separators, newline, .. } = *options;
    let style = Style { separators, newline, escape: Escape::Transliterate, ..Style::default() };
    let mut writer = Writer::with_style(Vec::new(), style)?;
    for to in answered {
        let answer = Outgoing { to: *to, number: *number, options };
        open(&mut writer, answer)?;
        write(&mut writer, answer)?;
        writer.close_interchange()?;
        *number += 1;
    }
    Ok(Some(writer.finish()?))
}

fn open(writer: &mut Sink, answer: Outgoing<'_>) -> Result<(), Error> {
    let (facts, options) = (answer.to.facts, answer.options);
    let [sender, receiver] = [&facts.receiver, &facts.sender].map(|partner| {
        let mut party = partner.as_party();
        // What the standard does not list cannot be repeated; mutually defined it is.
        if !is_listed("ISA", 5, party.qualifier) {
            party.qualifier = "ZZ";
        }
        party
    });
    writer.open_interchange(&IsaFields {
        sender,
        receiver,
        date: options.date.get(2..).unwrap_or_default(),
        time: options.time,
        control_number: answer.number,
        test: facts.test,
        ..IsaFields::default()
    })
}

/// Whether a control segment's element may hold a code.
fn is_listed(tag: &str, element: usize, code: &str) -> bool {
    let segment = guide::control().by_tag(tag.as_bytes());
    segment.and_then(|segment| segment.elements.get(element - 1)).is_some_and(|e| e.codes.contains(code.as_bytes()))
}

fn write_ta1(writer: &mut Sink, answer: Outgoing<'_>) -> Result<(), Error> {
    let (facts, options) = (answer.to.facts, answer.options);
    let number: String = facts.control_number.chars().filter(char::is_ascii_digit).take(9).collect();
    // What is no day or time cannot be repeated in an element that holds one.
    let day = Some(facts.date.as_str()).filter(|day| value::is_short_day(day.as_bytes()));
    let time = Some(facts.time.as_str()).filter(|time| time.len() == 4 && value::is_time(time.as_bytes()));
    let (day, time) = (day.or(options.date.get(2..)), time.unwrap_or(options.time));
    let verdict = if answer.to.note == "000" { "A" } else { "R" };
    writer.acknowledgement([
        Some(format!("{number:0>9}").as_str()),
        day,
        Some(time),
        Some(verdict),
        Some(answer.to.note),
    ])
}

/// TA105: the first error of the envelope, else `000`.
fn interchange_note(report: &Report, ordinal: u32) -> &'static str {
    let of_this = |finding: &&crate::validate::Finding| finding.interchange == ordinal;
    let errors = report.findings.iter().filter(of_this).filter(|finding| finding.severity >= Severity::Error);
    let mut codes = errors.filter_map(|finding| match finding.ack {
        AckCode::Interchange(code) => Some(code),
        // A group's header or trailer is the interchange's content.
        AckCode::Segment(_) | AckCode::Element(_) if finding.set == 0 => Some("024"),
        _ => None,
    });
    codes.next().unwrap_or("000")
}

fn write_groups(writer: &mut Sink, answer: Outgoing<'_>, notes: &Notes<'_>) -> Result<(), Error> {
    let (facts, options) = (answer.to.facts, answer.options);
    let groups: Vec<(u32, &GroupFacts)> = (1..).zip(&facts.groups).filter(|(_, group)| is_answerable(group)).collect();
    let Some((_, first)) = groups.first() else { return Ok(()) };
    writer.open_group(&GsFields {
        functional_id: "FA",
        sender: &first.receiver,
        receiver: &first.sender,
        date: options.date,
        time: options.time,
        control_number: answer.number,
        version: guide::x231a1().version,
    })?;
    for (at, group) in groups {
        writer.open_set("999", &format!("{at:04}"), guide::x231a1().version)?;
        write_group(writer, group, &notes.of_group(answer.to.ordinal, at, options))?;
        writer.close_set()?;
    }
    writer.close_group()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ack::read;
    use crate::ack::verdict::{Of, Verdict};
    use crate::validate::document;

    const FILE: &str = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       \
        *250101*1200*^*00501*000000007*0*T*:~\
        GS*BE*SENDER*RECEIVER*20250101*1200*7*X*005010X220A1~ST*834*0001*005010X220A1~\
        BGN*00*REF0001*20250101*1200*ET***2~N1*P5*SYNTHETIC SPONSOR*FI*999888777~N1*IN*SYNTHETIC CARRIER*FI*654456654~\
        INS*Y*18*021*28*A***FT~REF*0F*100000001~DTP*356*D8*20250101~NM1*IL*1*DOE*JOHN*Q***34*10000001~\
        HD*021**DEN*PLAND*ESP~DTP*348*D8*20250101~SE*11*0001~GE*1*7~IEA*1*000000007~";

    fn answer(file: &str) -> Reply {
        let report = document(file.as_bytes(), guide::x220a1());
        let reply = Reply::to(&report, &Options::new(41, "20250102", "0900")).unwrap();
        let whole = reply.one_file();
        if !whole.is_empty() {
            let judged = document(&whole[..], guide::x220a1());
            assert!(judged.is_valid(), "{:?}\n{}", judged.findings, String::from_utf8_lossy(&whole));
        }
        reply
    }

    fn text(answer: Option<Vec<u8>>) -> String {
        String::from_utf8(answer.unwrap_or_default()).unwrap()
    }

    fn texts(file: &str) -> (String, String) {
        let Reply { ta1, x999, .. } = answer(file);
        (text(ta1), text(x999))
    }

    #[test]
    fn a_rejected_set_is_answerable_segment_by_segment_without_its_values() {
        let (ta1, functional) = texts(FILE);
        assert!(ta1.contains("TA1*000000007*250101*1200*A*000~"));
        let (_, body) = functional.split_once("005010X231A1~").unwrap();
        assert_eq!(
            body,
            "ST*999*0001*005010X231A1~AK1*BE*7*005010X220A1~AK2*834*0001*005010X220A1~\
             IK3*NM1*8*2100*8~IK4*9*67*I12~IK3*DMG*9*2100*I6~CTX*SITUATIONAL TRIGGER*INS*5*2000*3~\
             IK5*R*5~AK9*R*1*1*0~SE*10*0001~GE*1*42~IEA*1*000000042~"
        );
        assert!(!functional.contains("10000001"));
    }

    #[test]
    fn what_is_written_can_be_read() {
        let (ta1, functional) = texts(FILE);
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
        let (_, functional) = texts(&clean);
        assert!(functional.contains("~IK5*A~AK9*A*1*1*1~"), "{functional}");
        let (ta1, functional) = texts(&clean.replace("IEA*1*000000007", "IEA*1*000000008"));
        assert!(ta1.contains("*R*001~") && functional.is_empty(), "{ta1}");
    }

    #[test]
    fn an_answer_is_not_answered() {
        let (ta1, functional) = texts(FILE);
        for file in [ta1, functional] {
            assert!(answer(&file).is_empty() && answer(&file).one_file().is_empty());
        }
    }

    #[test]
    fn both_together_are_one_file_whose_numbers_count_on() {
        let reply = answer(&(FILE.to_owned() + &FILE.replace("*000000007", "*000000008")));
        assert_eq!(reply.next_number, 45);
        let report = document(&reply.one_file()[..], guide::x220a1());
        let numbers: Vec<&str> = report.interchanges.iter().map(|facts| facts.control_number.as_str()).collect();
        assert_eq!(numbers, ["000000041", "000000042", "000000043", "000000044"]);
        assert!(report.is_valid());
    }

    #[test]
    fn whole_loop_identifiers_are_written_when_asked_for() {
        let report = document(FILE.as_bytes(), guide::x220a1());
        let options = Options { whole_loop_ids: true, ..Options::new(41, "20250102", "0900") };
        assert!(text(Reply::to(&report, &options).unwrap().x999).contains("IK3*NM1*8*2100A*8~"));
    }

    #[test]
    fn a_tag_that_nobody_lists_is_told_by_the_set_alone() {
        let (_, functional) = texts(&FILE.replace("HD*021", "XXX*1~HD*021").replace("SE*11", "SE*12"));
        assert!(!functional.contains("XXX") && functional.contains("~IK5*R*5~"), "{functional}");
    }

    #[test]
    fn what_ends_in_separators_is_told_with_the_element() {
        let (_, functional) = texts(&FILE.replace("HD*021**DEN*PLAND*ESP", "HD*021**DEN*PLAND*ESP*"));
        assert!(functional.contains("~IK3*HD*9*2300*8~IK4*6**3~"), "{functional}");
    }

    #[test]
    fn a_time_that_is_none_is_not_repeated() {
        let (ta1, _) = texts(&FILE.replacen("*250101*1200*^", "*250101*2561*^", 1));
        assert!(ta1.contains("TA1*000000007*250101*0900*R*015~"), "{ta1}");
    }
}
