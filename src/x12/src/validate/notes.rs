//! What is found, as it is written down before it is counted: at once, or once it is known what stands before.

use crate::error::Detail;
use crate::position::Position;
use crate::rule::{AckCode, Rule};
use crate::validate::at::At;
use crate::validate::seen::digest;

/// A breach of a rule, on its way to the log.
#[derive(Clone, Copy)]
pub(crate) struct Breach {
    pub rule: &'static Rule,
    pub position: Position,
    /// As in [`Finding`](super::Finding).
    pub ack: AckCode,
    pub data_element: &'static str,
}

impl Breach {
    pub(crate) fn of(rule: &'static Rule, position: Position) -> Breach {
        Breach { rule, position, ack: rule.ack, data_element: "" }
    }
}

/// A REF*0F segment: whose family, and where that stands.
#[derive(Clone, Copy)]
pub(crate) struct Kin {
    pub family: u64,
    pub identifier: Position,
}

impl Kin {
    #[inline]
    pub(crate) fn of(at: At<'_>) -> Kin {
        Kin { family: digest(at.value(2)), identifier: at.element(2) }
    }
}

/// Something that was found or read in a part of a set, to be said in its turn.
#[derive(Clone)]
pub(crate) enum Note {
    Breach(Breach, Vec<Detail>),
    /// What made the breach before it one.
    Trigger(Position),
    /// Use was made of a declared deviation.
    Deviation(u8, Position),
    Subscriber(Kin),
    /// With the place of its INS segment.
    Dependent(Kin, Position),
}

/// Notes kept of one piece of a file: beyond, it is read again in its turn.
pub(crate) const NOTES_MAX: usize = 30_000;
