//! What an acknowledgement says. Control numbers and codes only: the copies of bad data a 999 may carry are not kept.

use crate::party::Partner;

/// What a receiver decided about an interchange, a group or a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Verdict {
    /// Code A: nothing need be done.
    Accepted,
    /// E: not to be sent again.
    AcceptedWithErrors,
    /// P, of a group only: what was rejected is to be sent again, and nothing else.
    PartiallyAccepted,
    /// R, M, W or X.
    Rejected,
    /// No code, or one the standard does not list: somebody must look.
    #[default]
    Unknown,
}

impl Verdict {
    /// The verdict a code stands for.
    pub fn of_code(code: &[u8]) -> Verdict {
        match code {
            b"A" => Verdict::Accepted,
            b"E" => Verdict::AcceptedWithErrors,
            b"P" => Verdict::PartiallyAccepted,
            b"R" | b"M" | b"W" | b"X" => Verdict::Rejected,
            _ => Verdict::Unknown,
        }
    }

    /// The word used in messages and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Accepted => "accepted",
            Verdict::AcceptedWithErrors => "accepted with errors",
            Verdict::PartiallyAccepted => "partially accepted",
            Verdict::Rejected => "rejected",
            Verdict::Unknown => "unknown",
        }
    }
}

/// One acknowledgement and the envelope it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Acknowledgement {
    /// Who answers: the sender of the acknowledgement's own interchange.
    pub sender: Partner,
    /// Who is answered.
    pub receiver: Partner,
    /// ISA13 of the acknowledgement's own interchange.
    pub interchange: String,
    /// What is answered, and how.
    pub of: Of,
}

/// What an acknowledgement answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Of {
    /// An interchange of ours: TA1.
    Interchange(InterchangeAck),
    /// A functional group of ours: 999 or 997.
    Group(GroupAck),
}

/// A TA1 segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct InterchangeAck {
    /// TA101: ISA13 of the interchange that is answered.
    pub control_number: String,
    /// TA102: its ISA09, as it stands there.
    pub date: String,
    /// TA103: its ISA10.
    pub time: String,
    /// TA104.
    pub verdict: Verdict,
    /// TA105, such as `000` or `025`.
    pub note: String,
    /// What is unusual about it.
    pub flags: Vec<Flag>,
}

/// A 999 or 997.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct GroupAck {
    /// AK101: GS01 of the group that is answered.
    pub functional_id: String,
    /// AK102: its GS06.
    pub control_number: String,
    /// AK103: its GS08; empty in a 997.
    pub version: String,
    /// AK901.
    pub verdict: Verdict,
    /// AK902, AK903 and AK904: sets stated, received and accepted.
    pub counts: [Option<u64>; 3],
    /// AK905 to AK909.
    pub codes: Vec<String>,
    /// Sets that are answered one by one. Empty when the group is answered as a whole.
    pub sets: Vec<SetVerdict>,
    /// Which kind of acknowledgement it is.
    pub dialect: Dialect,
    /// What is unusual about it.
    pub flags: Vec<Flag>,
}

/// AK2 to IK5.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SetVerdict {
    /// AK201: ST01 of the set that is answered.
    pub id: String,
    /// AK202: its ST02.
    pub control_number: String,
    /// IK501 or AK501.
    pub verdict: Verdict,
    /// IK502 to IK506.
    pub codes: Vec<String>,
    /// Segments in error.
    pub faults: Vec<SegmentFault>,
}

/// IK3 or AK3.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SegmentFault {
    /// IK301: the segment's tag.
    pub tag: String,
    /// IK302: its ordinal in the set, ST being 1.
    pub position: u64,
    /// IK303: its loop; receivers often give its first four characters.
    pub loop_id: String,
    /// IK304.
    pub code: String,
    /// Elements in error.
    pub elements: Vec<ElementFault>,
}

/// IK4 or AK4, without its copy of bad data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ElementFault {
    /// IK401-1: the element.
    pub element: u16,
    /// IK401-2: the component; 0 when not stated.
    pub component: u16,
    /// IK401-3: the repetition; 0 when not stated.
    pub repetition: u16,
    /// IK402: the data element's number in the standard; empty when not stated.
    pub data_element: String,
    /// IK403.
    pub code: String,
}

/// Kinds of functional acknowledgements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum Dialect {
    /// Implementation acknowledgment.
    #[default]
    A999,
    /// Functional acknowledgment, as of version 4010.
    A997,
}

/// What is unusual about an acknowledgement, though it can be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum Flag {
    /// AK3, AK4 or AK5 in a 999, or IK3, IK4 or IK5 in a 997.
    MixedDialect,
    /// The ISA segment is not 106 bytes wide.
    IrregularHeader,
    /// The set ended without AK9: the verdict is unknown.
    NoGroupVerdict,
    /// A set ended without IK5 or AK5: its verdict is unknown.
    NoSetVerdict,
    /// A verdict code the standard does not list.
    UnknownCode,
    /// A control number that is empty or not a number.
    OddControlNumber,
    /// A TA102 or TA103 that is missing or longer than the ISA's.
    OddDate,
    /// A segment that does not belong there was passed over.
    StraySegment,
    /// The counts of AK9 do not agree with each other or with the sets.
    CountsDisagree,
    /// Accepted as a whole, though sets are rejected; or the other way round.
    VerdictsDisagree,
}
