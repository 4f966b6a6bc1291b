//! What nobody need be asked of a move between two carriers, because its other side goes by itself.

use super::given::{Elsewhere, Given};
use super::questions;
use crate::fault::Fault;

/// Whether a question is about a move whose other side waits for its carrier's answer, or for a run that is held: then
/// this side waits, too, and nobody is asked.
pub fn waits_for_another(given: &Given, question: &Fault) -> bool {
    let names = |other: &Elsewhere| {
        let named = questions::OTHER_SIDE_ASKED.fault().name("other feed", &other.feed);
        named.facts.iter().all(|fact| question.facts.contains(fact))
    };
    question.is(&questions::OTHER_SIDE_ASKED) && given.elsewhere.iter().any(|other| other.waits && names(other))
}
