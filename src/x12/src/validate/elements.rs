//! The elements of a segment: there or not, type, length, codes, repetitions, components, syntax notes.

use crate::guide::{ElementSpec, External, Kind, SegmentSpec, Usage};
use crate::identifier;
use crate::position::Position;
use crate::rule::Rule;
use crate::rules;
use crate::segment::components;
use crate::separators::Separators;
use crate::validate::at::At;
use crate::validate::report::Log;
use crate::value;

/// A value and where it stands.
#[derive(Clone, Copy)]
struct Spot<'s> {
    at: At<'s>,
    value: &'s [u8],
    /// The value of the element before it, which may name its format.
    before: &'s [u8],
    element: usize,
    component: u16,
    repetition: u16,
}

impl Spot<'_> {
    fn position(&self) -> Position {
        let Spot { component, repetition, .. } = *self;
        Position { component, repetition, ..self.at.element(self.element) }
    }

    /// The place of a value of which the guide says this.
    fn place_of(&self, spec: &ElementSpec) -> Position {
        Position { name: spec.name, ..self.position() }
    }
}

/// Judges the elements of a segment by what the guide says of it.
#[inline]
pub(crate) fn check(spec: &SegmentSpec, at: At<'_>, log: &mut Log) {
    if spec.deviation > 0 {
        log.deviate(spec.deviation, at.position());
        return;
    }
    let separators = at.segment.separators();
    // Nearly every segment is plain. Asked once of all its bytes, this spares asking each element for composites,
    // repetitions and odd characters.
    let plain = is_plain(at.segment.raw(), separators);
    let mut present = 0u64;
    let mut before: &[u8] = b"";
    for ((value, element), n) in at.segment.elements().zip(&spec.elements).zip(1..) {
        if !value.is_empty() {
            present |= 1 << n;
            if !(plain && element.deviation == 0 && fits(element, value, before)) {
                let spot = Spot { at, value, before, element: n, component: 0, repetition: 0 };
                check_element(element, spot, separators, log);
            }
        }
        before = value;
    }
    check_presence(spec, at, present, log);
}

/// Whether a segment has neither characters outside of ASCII's printable ones, nor composites, nor repetitions.
///
/// Compares sixteen or eight bytes together; what remains at the end is compared with what was before it.
#[inline]
fn is_plain(raw: &[u8], separators: Separators) -> bool {
    let (chunks, rest) = raw.as_chunks::<16>();
    let mut odd = chunks.iter().fold(false, |odd, chunk| odd | is_odd(chunk, separators));
    if !rest.is_empty() {
        odd |= match (raw.last_chunk::<16>(), raw.first_chunk::<8>(), raw.last_chunk::<8>()) {
            (Some(last), _, _) => is_odd(last, separators),
            (None, Some(first), Some(last)) => is_odd(first, separators) | is_odd(last, separators),
            _ => rest.iter().any(|byte| is_odd(&[*byte], separators)),
        };
    }
    !odd
}

#[inline]
fn is_odd<const N: usize>(bytes: &[u8; N], separators: Separators) -> bool {
    let Separators { element, component, .. } = separators;
    // Comparing with the component's separator twice costs less than asking whether there is another.
    let repetition = separators.repetition.unwrap_or(component);
    bytes.iter().fold(false, |odd, byte| {
        // One comparison for both ends of the printable range: below the blank the difference wraps to a large number.
        let unprintable = (byte.wrapping_sub(b' ') > 0x5e) & (*byte != element);
        odd | unprintable | (*byte == component) | (*byte == repetition)
    })
}

/// Whether a value without separators in it is faultless. A quick answer: `check_element` says what is wrong.
#[inline]
fn fits(spec: &ElementSpec, value: &[u8], before: &[u8]) -> bool {
    let length = value.len();
    let sized = length >= usize::from(spec.min) && length <= usize::from(spec.max);
    match spec.kind {
        Kind::Id if !spec.codes.is_empty() => spec.codes.surely_contains(value),
        Kind::Id => sized && value[length - 1] != b' ' && spec.external.is_none_or(|list| is_listed(list, value)),
        Kind::Text => sized && spec.codes.is_empty() && value[length - 1] != b' ' && spec.usage != Usage::NotUsed,
        Kind::Period => value::period(before, value).is_some_and(|(from, to)| from <= to),
        Kind::Date => date_fits(spec, value),
        Kind::Time => sized && value::is_time(value),
        Kind::Integer => sized && value.iter().all(u8::is_ascii_digit),
        Kind::Decimal => sized && value::decimal_digits(value).is_some(),
        Kind::Composite => composite_fits(spec, value),
    }
}

fn composite_fits(spec: &ElementSpec, value: &[u8]) -> bool {
    let mut components = spec.components.iter();
    components.next().is_some_and(|first| first.usage != Usage::NotUsed && fits(first, value, b""))
        && components.all(|component| component.usage != Usage::Required)
}

#[inline]
fn is_listed(list: External, value: &[u8]) -> bool {
    match list {
        External::States => identifier::is_state(value) || identifier::is_province(value),
        External::Countries => identifier::is_country(value),
    }
}

/// Required elements, elements that are not used, and syntax notes.
#[inline]
fn check_presence(spec: &SegmentSpec, at: At<'_>, present: u64, log: &mut Log) {
    if spec.required & !present != 0 || spec.not_used & present != 0 {
        check_usage(spec, at, present, log);
    }
    if present == 0 && spec.required == 0 {
        log.add(&rules::NO_VALUES, at.position());
    }
    for note in spec.notes.iter().filter(|note| !note.holds(present)) {
        // Of elements that exclude each other the last is one too many; else the first that is missing.
        let (rule, element) = match note.letter {
            b'E' => (&rules::EXCLUSION, 63 - (note.all & present).leading_zeros()),
            _ => (&rules::SYNTAX_NOTE, (note.all & !present).trailing_zeros()),
        };
        let missing_anyway = spec.required & !present & 1 << element != 0;
        if let Some(spec) = spec.elements.get(element as usize - 1).filter(|_| !missing_anyway) {
            log.add_element(rule, at.element(element as usize), spec.data_element);
        }
    }
    let extra = at.segment.len() > spec.elements.len();
    if extra && (spec.elements.len() + 1..=at.segment.len()).any(|n| !at.value(n).is_empty()) {
        log.add(&rules::TOO_MANY_ELEMENTS, at.element(spec.elements.len() + 1));
    }
    if !at.segment.is_empty() && at.value(at.segment.len()).is_empty() {
        log.add(&rules::TRAILING_SEPARATORS, at.element(at.segment.len()));
    }
}

#[cold]
fn check_usage(spec: &SegmentSpec, at: At<'_>, present: u64, log: &mut Log) {
    for element in &spec.elements {
        let bit = 1u64 << element.number;
        if spec.required & !present & bit != 0 {
            log.add_element(&rules::ELEMENT_MISSING, at.element(element.number.into()), element.data_element);
        }
        if spec.not_used & present & bit != 0 {
            log.add_element(&rules::ELEMENT_NOT_USED, at.element(element.number.into()), element.data_element);
        }
    }
}

/// Everything that can be wrong with one element.
#[cold]
fn check_element(spec: &ElementSpec, spot: Spot<'_>, separators: Separators, log: &mut Log) {
    check_characters(spec, &spot, log);
    if spec.usage == Usage::NotUsed {
        return;
    }
    if spec.deviation > 0 {
        log.deviate(spec.deviation, spot.position());
    }
    let Some(separator) = separators.repetition.filter(|separator| spot.value.contains(separator)) else {
        return check_repetition(spec, spot, separators, log);
    };
    if spot.value.ends_with(&[separator]) {
        log.add_element(&rules::TRAILING_COMPONENTS, spot.position(), spec.data_element);
    }
    for (value, repetition) in spot.value.split(|byte| *byte == separator).zip(1..) {
        if repetition > spec.repeat {
            let place = Position { repetition, ..spot.position() };
            log.add_element(&rules::TOO_MANY_REPETITIONS, place, spec.data_element);
            break;
        }
        check_repetition(spec, Spot { value, repetition, ..spot }, separators, log);
    }
}

fn check_characters(spec: &ElementSpec, spot: &Spot<'_>, log: &mut Log) {
    if !spot.value.is_ascii() {
        log.add_element(&rules::NOT_ASCII, spot.position(), spec.data_element);
    }
    let separators = spot.at.segment.separators();
    if spot.value.iter().any(|byte| byte.is_ascii_control() && !separators.contains(*byte)) {
        log.add_element(&rules::CONTROL_CHARACTER, spot.position(), spec.data_element);
    }
}

fn check_repetition(spec: &ElementSpec, spot: Spot<'_>, separators: Separators, log: &mut Log) {
    let composite = spec.kind == Kind::Composite;
    if !composite {
        if spot.value.contains(&separators.component) {
            let place = Position { component: 2, ..spot.position() };
            return log.add_element(&rules::TOO_MANY_COMPONENTS, place, spec.data_element);
        }
        return check_value(spec, &spot, log);
    }
    if spot.value.ends_with(&[separators.component]) {
        log.add_element(&rules::TRAILING_COMPONENTS, spot.position(), spec.data_element);
    }
    let mut values = components(spot.value, separators);
    for part in &spec.components {
        let part_spot = Spot { value: values.next().unwrap_or_default(), component: part.number, ..spot };
        check_component(part, part_spot, log);
    }
    if values.next().is_some() {
        let component = spec.components.len() as u16 + 1;
        log.add_element(&rules::TOO_MANY_COMPONENTS, Position { component, ..spot.position() }, spec.data_element);
    }
}

fn check_component(spec: &ElementSpec, spot: Spot<'_>, log: &mut Log) {
    let rule = match (spec.usage, spot.value.is_empty()) {
        (Usage::Required, true) => &rules::ELEMENT_MISSING,
        (Usage::NotUsed, false) => &rules::ELEMENT_NOT_USED,
        (_, true) => return,
        (_, false) => return check_value(spec, &spot, log),
    };
    log.add_element(rule, spot.place_of(spec), spec.data_element);
}

/// Length, type and code of a value that is not taken apart further.
fn check_value(spec: &ElementSpec, spot: &Spot<'_>, log: &mut Log) {
    if spot.value.is_empty() {
        return;
    }
    if let Some(code) = spec.codes.find(spot.value) {
        if code.deviation > 0 {
            log.deviate(code.deviation, spot.position());
        }
        return;
    }
    let mut breach = |rule: &'static Rule| log.add_element(rule, spot.place_of(spec), spec.data_element);
    let length = length(spec.kind, spot.value);
    // Codes, dates and times have their length by being what they are: one complaint about a value is enough.
    let bounded = spec.codes.is_empty() && !matches!(spec.kind, Kind::Period | Kind::Date | Kind::Time);
    if bounded && length < usize::from(spec.min) {
        breach(&rules::TOO_SHORT);
    }
    if bounded && length > usize::from(spec.max) {
        breach(&rules::TOO_LONG);
    }
    if let Some(rule) = type_breach(spec, spot) {
        breach(rule);
    }
}

/// The characters of a value that count: of a number its digits.
fn length(kind: Kind, value: &[u8]) -> usize {
    match kind {
        Kind::Integer => value::integer_digits(value).unwrap_or(value.len()),
        Kind::Decimal => value::decimal_digits(value).unwrap_or(value.len()),
        _ => String::from_utf8_lossy(value).chars().count(),
    }
}

fn type_breach(spec: &ElementSpec, spot: &Spot<'_>) -> Option<&'static Rule> {
    let value = spot.value;
    let breach = |fits: bool, rule: &'static Rule| if fits { None } else { Some(rule) };
    match spec.kind {
        Kind::Id if !spec.codes.is_empty() => Some(&rules::UNKNOWN_CODE),
        Kind::Id if spec.external.is_some() => {
            spec.external.filter(|list| !is_listed(*list, value)).map(|list| match list {
                External::States => &rules::UNKNOWN_STATE,
                External::Countries => &rules::UNKNOWN_COUNTRY,
            })
        }
        Kind::Text if !spec.codes.is_empty() => Some(&rules::UNKNOWN_CODE),
        Kind::Text | Kind::Id => breach(!value.ends_with(b" "), &rules::TRAILING_SPACE),
        Kind::Date => breach(date_fits(spec, value), &rules::NO_DATE),
        Kind::Time => breach(value::is_time(value) && value.len() <= usize::from(spec.max), &rules::NO_TIME),
        Kind::Integer => breach(value::integer_digits(value).is_some(), &rules::WRONG_CHARACTER),
        Kind::Decimal => breach(value::decimal_digits(value).is_some(), &rules::WRONG_CHARACTER),
        Kind::Period => match value::period(spot.before, value) {
            Some((from, to)) => breach(from <= to, &rules::RANGE_REVERSED),
            None => breach(!matches!(spot.before, b"D8" | b"RD8"), &rules::NO_DATE),
        },
        Kind::Composite => None,
    }
}

fn date_fits(spec: &ElementSpec, value: &[u8]) -> bool {
    if spec.max == 6 { value::is_short_day(value) } else { value::day(value).is_some() }
}
