//! Who sends an interchange, and who receives it.

/// A party of an interchange, to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Party<'a> {
    /// ISA05 or ISA07, two characters, such as `ZZ` or `30`.
    pub qualifier: &'a str,
    /// ISA06 or ISA08, at most 15 characters; padded with spaces.
    pub id: &'a str,
}

impl<'a> Party<'a> {
    /// A party, by qualifier and identifier.
    pub fn new(qualifier: &'a str, id: &'a str) -> Party<'a> {
        Party { qualifier, id }
    }
}

/// A party of an interchange that was read: spaces trimmed, printable ASCII only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Partner {
    /// ISA05 or ISA07.
    pub qualifier: String,
    /// ISA06 or ISA08.
    pub id: String,
}

impl Partner {
    /// The same party, to be written.
    pub fn as_party(&self) -> Party<'_> {
        Party { qualifier: &self.qualifier, id: &self.id }
    }
}
