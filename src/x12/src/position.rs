//! Where something is in a file.

use std::fmt;

/// A place in an X12 file. All ordinals count from 1; 0 means "not that precise". Never what stands there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Position {
    /// Offset of the segment's first byte in the file, from 0.
    pub byte: u64,
    /// Ordinal of the segment in the file.
    pub segment: u64,
    /// Ordinal of the segment in its transaction set, ST being 1.
    pub segment_in_set: u32,
    /// Segment tag, space-padded (`b"HD "`); zeros when unknown.
    pub tag: [u8; 3],
    /// Loop the segment belongs to, such as `2100A`; empty when unknown.
    pub loop_id: &'static str,
    /// Which of the segment's elements, the tag not counted.
    pub element: u16,
    /// Component of a composite element.
    pub component: u16,
    /// Repetition of a repeated element.
    pub repetition: u16,
    /// The guide's name of the element or component; empty when unknown.
    pub name: &'static str,
}

impl Position {
    /// A segment, by its first byte and its ordinal.
    pub fn of_segment(byte: u64, segment: u64) -> Position {
        Position { byte, segment, ..Position::default() }
    }

    /// An element of the same segment.
    pub fn of_element(self, element: u16) -> Position {
        Position { element, component: 0, repetition: 0, name: "", ..self }
    }

    /// What orders places in a file: the segment's first byte, the element, its repetition, its component.
    pub fn in_file(&self) -> (u64, u16, u16, u16) {
        (self.byte, self.element, self.repetition, self.component)
    }

    /// The same place, in a loop.
    pub fn in_loop(self, loop_id: &'static str) -> Position {
        Position { loop_id, ..self }
    }

    /// The same place, of a segment with a tag, space-padded.
    pub fn of_tag(self, tag: [u8; 3]) -> Position {
        Position { tag, ..self }
    }

    /// The tag without its padding; empty when unknown.
    pub fn tag_text(&self) -> &str {
        std::str::from_utf8(&self.tag).map_or("?", |tag| tag.trim_end_matches([' ', '\0']))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Position {
    /// By name; what is not known is left out of texts as empty and of numbers as 0, as in the fields.
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut parts = to.serialize_struct("Position", 9)?;
        parts.serialize_field("byte", &self.byte)?;
        parts.serialize_field("segment", &self.segment)?;
        parts.serialize_field("segment_in_set", &self.segment_in_set)?;
        parts.serialize_field("tag", self.tag_text())?;
        parts.serialize_field("loop", self.loop_id)?;
        parts.serialize_field("element", &self.element)?;
        parts.serialize_field("component", &self.component)?;
        parts.serialize_field("repetition", &self.repetition)?;
        parts.serialize_field("name", self.name)?;
        parts.end()
    }
}

impl fmt::Display for Position {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "segment {}", self.segment)?;
        if !self.tag_text().is_empty() {
            write!(out, " {}", self.tag_text())?;
        }
        if self.element > 0 {
            write!(out, "{:02}", self.element)?;
        }
        if self.component > 0 {
            write!(out, "-{}", self.component)?;
        }
        if !self.loop_id.is_empty() {
            write!(out, " in loop {}", self.loop_id)?;
        }
        write!(out, " (byte {})", self.byte)
    }
}
