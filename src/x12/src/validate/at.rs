//! A segment and the loop it was found to be in: what rules look at and faults point to.

use crate::guide::SegmentSpec;
use crate::position::Position;
use crate::segment::{Segment, padded_tag};

/// A segment in its loop.
#[derive(Clone, Copy)]
pub(crate) struct At<'s> {
    pub segment: &'s Segment<'s>,
    pub loop_id: &'static str,
    /// What the guide says of it, where that is known.
    pub spec: Option<&'s SegmentSpec>,
}

impl<'s> At<'s> {
    #[inline]
    pub(crate) fn new(segment: &'s Segment<'s>, loop_id: &'static str) -> At<'s> {
        At { segment, loop_id, spec: None }
    }

    /// The value of an element.
    #[inline]
    pub(crate) fn value(&self, element: usize) -> &'s [u8] {
        self.segment.element(element)
    }

    /// The segment's place.
    pub(crate) fn position(&self) -> Position {
        Position { loop_id: self.loop_id, ..self.segment.position() }
    }

    /// An element's place.
    pub(crate) fn element(&self, element: usize) -> Position {
        let spec = self.spec.and_then(|spec| spec.elements.get(element.checked_sub(1)?));
        let name = spec.map_or("", |spec| spec.name);
        Position { element: element as u16, name, ..self.position() }
    }

    /// The place where something with another tag, or in another loop, should have been.
    pub(crate) fn instead(&self, tag: &str, loop_id: &'static str) -> Position {
        Position { tag: padded_tag(tag.as_bytes()), loop_id, ..self.segment.position() }
    }
}
