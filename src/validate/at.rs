//! A segment and the loop it was found to be in: what rules look at and faults point to.

use crate::fault::X12Place;
use crate::x12::guide::SegmentSpec;
use crate::x12::segment::{Segment, padded_tag};

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
    pub(crate) fn place(&self) -> X12Place {
        X12Place { loop_id: self.loop_id, ..self.segment.place() }
    }

    /// An element's place.
    pub(crate) fn element(&self, element: usize) -> X12Place {
        let spec = self.spec.and_then(|spec| spec.elements.get(element.checked_sub(1)?));
        let name = spec.map_or("", |spec| spec.name);
        X12Place { element: element as u16, name, ..self.place() }
    }

    /// The place where something with another tag, or in another loop, should have been.
    pub(crate) fn instead(&self, tag: &str, loop_id: &'static str) -> X12Place {
        X12Place { tag: padded_tag(tag.as_bytes()), loop_id, ..self.segment.place() }
    }
}
