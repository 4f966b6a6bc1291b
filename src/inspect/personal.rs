//! What in a file is personal, and of which kind: the one table that viewing, comparing and masking go by.
//!
//! Within members' loops everything is personal unless it is a code the guide lists, or a line of the table says
//! otherwise; so what the table forgets is hidden, not shown.

use crate::x12::guide::{ElementSpec, SegmentSpec, Usage};
use crate::x12::padded_tag;

/// How a value is treated where people are masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Nobody's: shown and kept.
    Open,
    /// A code: shown and kept if it is listed.
    Code,
    /// A code about health, origin or citizenship: kept if it is listed, and not shown.
    HiddenCode,
    /// A state or country: shown and kept if it is two or three capitals.
    Region,
    /// A count or ordinal: shown and kept if it is a number.
    Number,
    /// A date of coverage: shown and kept if it is a day or a range of days.
    Day,
    /// A person's.
    Personal(PersonalKind),
}

/// Kinds of personal values, each masked in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PersonalKind {
    /// A part of a person's or an organization's name.
    Name,
    /// Any other text: street, city, description.
    Words,
    /// A number that names one human being: SSN, subscriber or policy number.
    Identifier,
    /// A social security number.
    Ssn,
    /// A national provider identifier.
    Provider,
    /// A telephone number.
    Telephone,
    /// An e-mail address.
    Email,
    /// A birth date.
    Birth,
    /// A date in a person's life.
    Event,
    /// ZIP or foreign code, which places somebody within a few streets.
    PostalCode,
    /// An amount or measure.
    Amount,
}

/// What an element is, or what tells.
#[derive(Clone, Copy)]
pub(super) enum TreatmentRule {
    Is(Treatment),
    /// NM109: NM108 tells.
    Identified,
    /// REF02: REF01 tells.
    Referenced,
    /// PER04, 06 and 08: the element before tells.
    Reached,
    /// DTP03 of a member: DTP01 tells.
    Dated,
}

const fn personal(kind: PersonalKind) -> TreatmentRule {
    TreatmentRule::Is(Treatment::Personal(kind))
}

const HIDDEN_CODE: TreatmentRule = TreatmentRule::Is(Treatment::HiddenCode);
const DAY: TreatmentRule = TreatmentRule::Is(Treatment::Day);
const NUMBER: TreatmentRule = TreatmentRule::Is(Treatment::Number);

/// A line of the table: the beginning of the loop's identifier, tag, elements, and what they are.
type TableLine = (&'static str, [u8; 3], &'static [u16], TreatmentRule);

/// Loops by the beginning of their identifiers, tag, elements, and what they are. First match counts.
const TABLE: &[TableLine] = &[
    ("2000", *b"INS", &[6, 10], HIDDEN_CODE),
    ("2000", *b"INS", &[12], personal(PersonalKind::Event)),
    ("2000", *b"INS", &[17], NUMBER),
    ("2", *b"NM1", &[3, 4, 5, 6, 7], personal(PersonalKind::Name)),
    ("2", *b"NM1", &[9], TreatmentRule::Identified),
    ("2", *b"N1 ", &[2], personal(PersonalKind::Words)),
    ("2", *b"PER", &[2], personal(PersonalKind::Name)),
    ("2", *b"PER", &[4, 6, 8], TreatmentRule::Reached),
    ("2", *b"N3 ", &[1, 2], personal(PersonalKind::Words)),
    ("2", *b"N4 ", &[1, 6, 7], personal(PersonalKind::Words)),
    ("2", *b"N4 ", &[2, 4], TreatmentRule::Is(Treatment::Region)),
    ("2", *b"N4 ", &[3], personal(PersonalKind::PostalCode)),
    ("2", *b"REF", &[2], TreatmentRule::Referenced),
    ("2", *b"DMG", &[2], personal(PersonalKind::Birth)),
    ("2", *b"DMG", &[5, 6], HIDDEN_CODE),
    ("2", *b"DMG", &[11], personal(PersonalKind::Words)),
    ("2", *b"ICM", &[2, 3], personal(PersonalKind::Amount)),
    ("2", *b"ICM", &[4, 5], personal(PersonalKind::Words)),
    ("2", *b"AMT", &[2], personal(PersonalKind::Amount)),
    ("2", *b"HLH", &[1], HIDDEN_CODE),
    ("2", *b"HLH", &[2, 3], personal(PersonalKind::Amount)),
    ("2", *b"LUI", &[2, 3], personal(PersonalKind::Words)),
    ("2", *b"DSB", &[1], HIDDEN_CODE),
    ("2", *b"DSB", &[8], personal(PersonalKind::Words)),
    ("2000", *b"DTP", &[3], TreatmentRule::Dated),
    ("2200", *b"DTP", &[3], personal(PersonalKind::Event)),
    ("2300", *b"DTP", &[3], DAY),
    ("2320", *b"DTP", &[3], DAY),
    ("2750", *b"DTP", &[3], personal(PersonalKind::Event)),
    ("2300", *b"HD ", &[4], TreatmentRule::Is(Treatment::Open)),
    ("2300", *b"IDC", &[1], TreatmentRule::Is(Treatment::Open)),
    ("2300", *b"IDC", &[3], NUMBER),
    ("2", *b"LX ", &[1], NUMBER),
    ("2310", *b"PLA", &[3], DAY),
    ("2320", *b"COB", &[2], personal(PersonalKind::Identifier)),
];

/// The same for segments of the header that come too late for it, or only look like it.
const LATE: &[TableLine] = &[
    ("", *b"BGN", &[2, 3, 4, 5, 6], TreatmentRule::Is(Treatment::Open)),
    ("", *b"QTY", &[2], TreatmentRule::Is(Treatment::Open)),
    ("", *b"DTP", &[3], DAY),
    ("", *b"REF", &[2], personal(PersonalKind::Identifier)),
    ("1", *b"N1 ", &[2], personal(PersonalKind::Words)),
    ("1", *b"N1 ", &[4], TreatmentRule::Identified),
    ("1", *b"ACT", &[1, 6], personal(PersonalKind::Identifier)),
];

/// DTP01 of a member whose dates are those of coverage and eligibility, and of the file's own making.
const COVERAGE_DATES: [&[u8]; 7] = [b"050", b"303", b"340", b"341", b"356", b"357", b"393"];

/// Elements of a segment whose rules are found beforehand: no segment of the guides that are built in has more.
const RULES_KEPT: usize = 24;

/// What the elements of a segment are where it is a member's: found once for each segment of a guide.
#[derive(Clone, Copy)]
pub(super) struct ElementRules {
    rules: [TreatmentRule; RULES_KEPT],
}

impl ElementRules {
    pub(super) const WORDS: ElementRules = ElementRules { rules: [personal(PersonalKind::Words); RULES_KEPT] };

    pub(super) fn new(loop_id: &str, segment: &SegmentSpec) -> ElementRules {
        let mut found = ElementRules::WORDS;
        for ((rule, spec), n) in found.rules.iter_mut().zip(&segment.elements).zip(1..) {
            *rule = rule_of(loop_id, segment.tag.as_bytes(), n, spec);
        }
        found
    }

    /// What element `n` is, from 1; none where it has to be looked up.
    #[inline]
    pub(super) fn rule(&self, n: usize) -> Option<TreatmentRule> {
        self.rules.get(n - 1).copied()
    }
}

impl TreatmentRule {
    /// How a value is treated, given the element before it and the first one of its segment.
    #[inline]
    pub(super) fn judge(self, before: &[u8], first: &[u8]) -> Treatment {
        match self {
            TreatmentRule::Is(treatment) => treatment,
            TreatmentRule::Identified => Treatment::Personal(match before {
                b"34" => PersonalKind::Ssn,
                b"XX" => PersonalKind::Provider,
                _ => PersonalKind::Identifier,
            }),
            TreatmentRule::Referenced if before == b"SY" => Treatment::Personal(PersonalKind::Ssn),
            TreatmentRule::Referenced => Treatment::Personal(PersonalKind::Identifier),
            TreatmentRule::Reached if before == b"EM" => Treatment::Personal(PersonalKind::Email),
            TreatmentRule::Reached => Treatment::Personal(PersonalKind::Telephone),
            TreatmentRule::Dated if COVERAGE_DATES.contains(&first) => Treatment::Day,
            TreatmentRule::Dated => Treatment::Personal(PersonalKind::Event),
        }
    }
}

fn line(loop_id: &str, tag: [u8; 3], element: u16) -> Option<TreatmentRule> {
    let fits = |(loops, of, elements, _): &&TableLine| {
        *of == tag
            && elements.contains(&element)
            && loop_id.starts_with(loops)
            && loops.is_empty() == loop_id.is_empty()
    };
    TABLE.iter().chain(LATE).find(fits).map(|(.., rule)| *rule)
}

/// Whether the table has a line for an element: else it is personal by default.
pub fn is_listed(loop_id: &str, tag: &str, element: u16) -> bool {
    line(loop_id, padded_tag(tag.as_bytes()), element).is_some()
}

/// What an element of a member is, or a component of it, of which the guide says this.
pub(super) fn rule_of(loop_id: &str, tag: &[u8], element: u16, spec: &ElementSpec) -> TreatmentRule {
    let rule = line(loop_id, padded_tag(tag), element);
    match rule {
        _ if spec.usage == Usage::NotUsed => personal(PersonalKind::Words),
        // A code that the guide lists says nothing of one person, unless it is about health, origin or citizenship;
        // what it does not list is taken for text about somebody.
        Some(TreatmentRule::Is(Treatment::HiddenCode)) if !spec.codes.is_empty() => HIDDEN_CODE,
        _ if !spec.codes.is_empty() => TreatmentRule::Is(Treatment::Code),
        Some(TreatmentRule::Is(Treatment::HiddenCode)) | None => personal(PersonalKind::Words),
        Some(rule) => rule,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x12::guide;

    #[test]
    fn every_value_of_a_member_that_is_no_listed_code_has_a_line_in_the_table() {
        let guide = guide::x220a1();
        for segment in &guide.segments {
            let loop_id = guide.loops[segment.in_loop].id;
            let used = segment.elements.iter().filter(|element| element.usage != Usage::NotUsed);
            for element in used.filter(|_| loop_id.starts_with('2')) {
                let coded = |spec: &ElementSpec| !spec.codes.is_empty();
                let known = coded(element)
                    || !element.components.is_empty()
                    || is_listed(loop_id, &segment.tag, element.number);
                assert!(known, "{loop_id} {}{:02} {}", segment.tag, element.number, element.name);
            }
        }
    }

    #[test]
    fn every_line_of_the_table_is_about_something_in_the_guide() {
        let guide = guide::x220a1();
        for (loops, tag, elements, _) in TABLE.iter().chain(LATE) {
            for element in *elements {
                let found = guide.segments.iter().any(|segment| {
                    guide.loops[segment.in_loop].id.starts_with(loops)
                        && padded_tag(segment.tag.as_bytes()) == *tag
                        && segment.elements[usize::from(*element) - 1].usage != Usage::NotUsed
                });
                assert!(found, "{loops} {}{element:02}", String::from_utf8_lossy(tag));
            }
        }
    }
}
