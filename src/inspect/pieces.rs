//! A segment taken apart into its values, each with what the guide says of it and how it is treated.

use std::io::Write as _;

use crate::inspect::located::Located;
use crate::inspect::personal::Treatment;
use crate::inspect::treated::{component_treatment, treatment};
use crate::x12::guide::{ElementSpec, Kind};
use crate::x12::{Date, Period, components};

impl<'s, 'g> Located<'s, 'g> {
    /// The elements in order, empty ones too; repetitions and components of those the guide describes apart.
    pub fn pieces(&self) -> Vec<Piece<'s, 'g>> {
        let mut pieces = Vec::with_capacity(self.segment.len() + 4);
        self.each_piece(|piece| pieces.push(*piece));
        pieces
    }

    /// Shows each of [`Located::pieces`], in order, without gathering them.
    pub fn each_piece(&self, mut see: impl FnMut(&Piece<'s, 'g>)) {
        // The header's values are the separators themselves.
        let whole = self.segment.tag() == b"ISA";
        let (described, separators) = (self.spec(), self.segment.separators());
        for (value, n) in self.segment.elements().zip(1..) {
            let spec = described.and_then(|segment| segment.elements.get(n - 1));
            let treatment = treatment(self, n, spec);
            let piece = Piece { element: n as u16, repetition: 0, component: 0, value, spec, treatment };
            let repeats = separators.repetition.is_some_and(|separator| value.contains(&separator));
            let composite = spec.is_some_and(|spec| spec.kind == Kind::Composite);
            if whole || spec.is_none() || !repeats && !composite {
                see(&piece);
            } else {
                self.take_apart(piece, repeats, &mut see);
            }
        }
    }

    fn take_apart(&self, whole: Piece<'s, 'g>, repeats: bool, see: &mut impl FnMut(&Piece<'s, 'g>)) {
        let composite = whole.spec.filter(|spec| spec.kind == Kind::Composite);
        for (value, repetition) in self.segment.repetitions(whole.element.into()).zip(1..) {
            let piece = Piece { value, repetition: if repeats { repetition } else { 0 }, ..whole };
            match composite {
                Some(composite) => self.parts(composite, piece, see),
                None => see(&piece),
            }
        }
    }

    fn parts(&self, composite: &'g ElementSpec, piece: Piece<'s, 'g>, see: &mut impl FnMut(&Piece<'s, 'g>)) {
        for (value, component) in components(piece.value, self.segment.separators()).zip(1u16..) {
            let spec = composite.components.get(usize::from(component) - 1);
            let treatment = component_treatment(self, piece.element, component, spec);
            see(&Piece { value, component, spec, treatment, ..piece });
        }
    }
}

/// A value: an element, or one of its repetitions, or a component.
#[derive(Clone, Copy)]
pub struct Piece<'s, 'g> {
    /// The element, from 1.
    pub element: u16,
    /// The repetition, from 1; 0 where the element is not repeated.
    pub repetition: u16,
    /// The component, from 1; 0 where the element is no composite.
    pub component: u16,
    /// The bytes.
    pub value: &'s [u8],
    /// What the guide says of it.
    pub spec: Option<&'g ElementSpec>,
    /// How it is treated where people are masked.
    pub treatment: Treatment,
}

impl<'g> Piece<'_, 'g> {
    /// An element as the guide describes it, without a value.
    pub fn of(spec: &'g ElementSpec) -> Piece<'static, 'g> {
        let (element, spec, treatment) = (spec.number, Some(spec), Treatment::Open);
        Piece { element, repetition: 0, component: 0, value: b"", spec, treatment }
    }

    /// Whether it is no person's, and looks like what it should be: a listed code, a day, a number.
    pub fn is_open(&self) -> bool {
        match self.treatment {
            Treatment::Open => true,
            Treatment::Code => self.is_listed(),
            Treatment::Region => matches!(self.value.len(), 2 | 3) && self.value.iter().all(u8::is_ascii_uppercase),
            Treatment::Number => {
                self.value.len() <= 6 && self.value.iter().all(|byte| byte.is_ascii_digit() || b".-".contains(byte))
            }
            Treatment::Day => is_day(self.value),
            Treatment::HiddenCode | Treatment::Personal(_) => false,
        }
    }

    /// Whether it is a code the guide lists.
    pub fn is_listed(&self) -> bool {
        self.spec.is_some_and(|spec| spec.codes.contains(self.value))
    }

    /// The element's name in the guide.
    pub fn name(&self) -> &'g str {
        self.spec.map_or("", |spec| spec.name)
    }

    /// What a listed code means, or a date or time in its usual form.
    pub fn meaning(&self) -> Option<String> {
        let mut meaning = Vec::new();
        self.write_meaning(&mut meaning).then(|| String::from_utf8_lossy(&meaning).into_owned())
    }

    /// Appends [`Piece::meaning`]. False where there is none.
    pub fn write_meaning(&self, into: &mut Vec<u8>) -> bool {
        let Some(spec) = self.spec else { return false };
        match spec.codes.find(self.value) {
            Some(code) => {
                into.extend_from_slice(code.meaning.as_bytes());
                !code.meaning.is_empty()
            }
            None if matches!(spec.kind, Kind::Date | Kind::Period) => write_day(self.value, into),
            None => false,
        }
    }

    /// The value as a line of text can hold it.
    pub fn text(&self) -> String {
        let mut text = Vec::new();
        self.write_text(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Appends [`Piece::text`].
    pub fn write_text(&self, into: &mut Vec<u8>) {
        if self.value.iter().all(|byte| byte.wrapping_sub(b' ') < 0x5f) {
            return into.extend_from_slice(self.value);
        }
        let printable = |character: char| if character.is_control() { '?' } else { character };
        let text: String = String::from_utf8_lossy(self.value).chars().map(printable).collect();
        into.extend_from_slice(text.as_bytes());
    }

    /// Where it stands in its segment, such as `HD03`, `DMG05-03` or `DMG05(2)-03`.
    pub fn reference(&self, tag: &str) -> String {
        let mut reference = Vec::new();
        self.write_reference(tag, &mut reference);
        String::from_utf8_lossy(&reference).into_owned()
    }

    /// Appends [`Piece::reference`].
    pub fn write_reference(&self, tag: &str, into: &mut Vec<u8>) {
        into.extend_from_slice(tag.as_bytes());
        write_ordinal(self.element, into);
        if self.repetition > 0 {
            let _ = write!(into, "({})", self.repetition);
        }
        if self.component > 0 {
            into.push(b'-');
            write_ordinal(self.component, into);
        }
    }
}

/// At least two digits.
fn write_ordinal(ordinal: u16, into: &mut Vec<u8>) {
    if ordinal < 100 {
        into.extend_from_slice(&[b'0' + (ordinal / 10) as u8, b'0' + (ordinal % 10) as u8]);
    } else {
        let _ = write!(into, "{ordinal}");
    }
}

/// The day eight digits name, as a number that compares as days follow each other.
pub(super) fn day_number(value: &[u8]) -> Option<u32> {
    Date::parse(value).map(Date::number)
}

/// Whether a value is a day or a range of days.
pub(super) fn is_day(value: &[u8]) -> bool {
    [b"D8".as_slice(), b"RD8"].iter().any(|format| Period::parse(format, value).is_some())
}

/// Appends a day or a range of days as people write them. False where the value is neither.
fn write_day(value: &[u8], into: &mut Vec<u8>) -> bool {
    match value.len() {
        6 => Date::parse_short(value).is_some_and(|day| write!(into, "{day}").is_ok()),
        8 if is_day(value) => {
            write_digits(value, into);
            true
        }
        17 if is_day(value) => {
            write_digits(&value[..8], into);
            into.extend_from_slice(b" to ");
            write_digits(&value[9..], into);
            true
        }
        _ => false,
    }
}

/// Eight digits with hyphens between year, month and day.
fn write_digits(day: &[u8], into: &mut Vec<u8>) {
    let (year, month, day) = (&day[..4], &day[4..6], &day[6..]);
    for part in [year, b"-", month, b"-", day] {
        into.extend_from_slice(part);
    }
}
