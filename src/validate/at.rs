//! A segment and the loop it was found to be in: what rules look at and faults point to.

use crate::model::place::X12Place;
use crate::x12::segment::{Segment, padded_tag};

/// A segment in its loop.
#[derive(Clone, Copy)]
pub(crate) struct At<'s> {
    pub segment: &'s Segment<'s>,
    pub loop_id: &'static str,
}

impl<'s> At<'s> {
    #[inline]
    pub(crate) fn new(segment: &'s Segment<'s>, loop_id: &'static str) -> At<'s> {
        At { segment, loop_id }
    }

    /// The value of an element.
    #[inline]
    pub(crate) fn value(&self, element: usize) -> &'s [u8] {
        self.segment.element(element)
    }

    /// The segment's place.
    pub(crate) fn place(&self) -> X12Place {
        X12Place { loop_id: self.loop_id, ..self.segment.place() }
    }

    /// An element's place.
    pub(crate) fn element(&self, element: usize) -> X12Place {
        X12Place { element: element as u16, ..self.place() }
    }

    /// The place where something with another tag, or in another loop, should have been.
    pub(crate) fn instead(&self, tag: &str, loop_id: &'static str) -> X12Place {
        X12Place { tag: padded_tag(tag.as_bytes()), loop_id, ..self.segment.place() }
    }
}
