//! A segment taken apart into its values, each with what the guide says of it and how it is treated.

use crate::inspect::located::Located;
use crate::inspect::personal::{Treatment, component_treatment, treatment};
use crate::x12::guide::{ElementSpec, Kind};
use crate::x12::{Date, Period, components};

impl<'s, 'g> Located<'s, 'g> {
    /// The elements in order, empty ones too; repetitions and components of those the guide describes apart.
    pub fn pieces(&self) -> Vec<Piece<'s, 'g>> {
        let mut pieces = Vec::with_capacity(self.segment.len() + 4);
        for n in 1..=self.segment.len() {
            self.take_apart(n, &mut pieces);
        }
        pieces
    }

    fn take_apart(&self, n: usize, pieces: &mut Vec<Piece<'s, 'g>>) {
        let spec = self.spec().and_then(|spec| spec.elements.get(n - 1));
        let value = self.segment.element(n);
        let treated = treatment(self, n, spec);
        let whole = Piece { element: n as u16, repetition: 0, component: 0, value, spec, treatment: treated };
        // The header's values are the separators themselves.
        let Some(composite) = spec.filter(|_| self.segment.tag() != b"ISA") else { return pieces.push(whole) };
        let separator = self.segment.separators().repetition;
        let repeats = separator.is_some_and(|separator| value.contains(&separator));
        for (repeated, repetition) in self.segment.repetitions(n).zip(1..) {
            let piece = Piece { value: repeated, repetition: if repeats { repetition } else { 0 }, ..whole };
            if composite.kind == Kind::Composite {
                pieces.extend(self.parts(composite, piece));
            } else {
                pieces.push(piece);
            }
        }
    }

    fn parts(&self, composite: &'g ElementSpec, piece: Piece<'s, 'g>) -> Vec<Piece<'s, 'g>> {
        let values = components(piece.value, self.segment.separators()).zip(1..);
        let part = |(value, component): (&'s [u8], u16)| {
            let spec = composite.components.get(usize::from(component) - 1);
            let treatment = component_treatment(self, piece.element, component, spec);
            Piece { value, component, spec, treatment, ..piece }
        };
        values.map(part).collect()
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
        let spec = self.spec?;
        match spec.codes.find(self.value) {
            Some(code) if !code.meaning.is_empty() => Some(code.meaning.clone()),
            Some(_) => None,
            None if matches!(spec.kind, Kind::Date | Kind::Period) => day_text(self.value),
            None => None,
        }
    }

    /// The value as a line of text can hold it.
    pub fn text(&self) -> String {
        let printable = |character: char| if character.is_control() { '?' } else { character };
        String::from_utf8_lossy(self.value).chars().map(printable).collect()
    }

    /// Where it stands in its segment, such as `HD03`, `DMG05-03` or `DMG05(2)-03`.
    pub fn reference(&self, tag: &str) -> String {
        let repetition = if self.repetition > 0 { format!("({})", self.repetition) } else { String::new() };
        let component = if self.component > 0 { format!("-{:02}", self.component) } else { String::new() };
        format!("{tag}{:02}{repetition}{component}", self.element)
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

fn day_text(value: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(value).ok()?;
    let day =
        |at: usize| Some(format!("{}-{}-{}", text.get(at..at + 4)?, text.get(at + 4..at + 6)?, &text[at + 6..at + 8]));
    match value.len() {
        6 => Date::parse_short(value).map(|day| day.to_string()),
        8 if is_day(value) => day(0),
        17 if is_day(value) => Some(format!("{} to {}", day(0)?, day(9)?)),
        _ => None,
    }
}
