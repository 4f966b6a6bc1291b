//! Places in an 834 that a policy permits.

/// The value of a segment's first element that a permission is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qualifier {
    /// Whatever stands in the first element.
    Any,
    /// Exactly this.
    Is(&'static str),
    /// Exactly this, which a carrier's file declares: up to three characters, blanks behind them.
    Declared([u8; 3]),
}

impl Qualifier {
    /// A code of a carrier's file.
    pub fn declared(code: &str) -> Qualifier {
        let mut padded = [b' '; 3];
        padded.iter_mut().zip(code.bytes()).for_each(|(to, from)| *to = from);
        Qualifier::Declared(padded)
    }

    /// Whether a segment with this first element is meant.
    pub fn applies(self, first: &[u8]) -> bool {
        match self {
            Qualifier::Any => true,
            Qualifier::Is(code) => code.as_bytes() == first,
            Qualifier::Declared(code) => code.trim_ascii_end() == first,
        }
    }
}

/// One permitted place: these elements of this segment in this loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PermittedPlace {
    /// Loop, such as `2100A`.
    pub loop_id: &'static str,
    /// Segment tag.
    pub tag: &'static str,
    /// First element.
    pub qualifier: Qualifier,
    /// Elements that may hold data, from 1.
    pub elements: &'static [u16],
}

impl PermittedPlace {
    pub(super) fn paths(&self) -> impl Iterator<Item = String> {
        let PermittedPlace { loop_id, tag, qualifier, elements } = *self;
        elements.iter().map(move |element| path(loop_id, tag, qualifier, *element))
    }
}

/// One element's place, as a policy's version lists it.
pub fn path(loop_id: &str, tag: &str, qualifier: Qualifier, element: u16) -> String {
    match qualifier {
        Qualifier::Any => format!("{loop_id}/{tag}/{element:02}"),
        Qualifier::Is(code) => format!("{loop_id}/{tag}[{code}]/{element:02}"),
        Qualifier::Declared(code) => {
            format!("{loop_id}/{tag}[{}]/{element:02}", String::from_utf8_lossy(code.trim_ascii_end()))
        }
    }
}
