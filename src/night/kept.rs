//! What kept a feed from its run, in words: a slot records the code alone.

use crate::fault::Rule;
use crate::{
    access, act, audit, census, config, crypt, custody, deliver, disclosure, engine, gate, intake, mapping, policy,
    reconcile, roster, rows, run, seal, state, store, take_in, transport,
};

/// The rules of every room up to this one, in the order data flows: whatever keeps a night from its run is among them.
pub const ROOMS: &[&[Rule]] = &[
    access::rules::RULES,
    mapping::rules::RULES,
    policy::rules::RULES,
    crypt::rules::RULES,
    transport::rules::RULES,
    intake::rules::RULES,
    rows::rules::RULES,
    census::rules::RULES,
    roster::rules::RULES,
    reconcile::questions::RULES,
    gate::RULES,
    seal::RULES,
    audit::rules::RULES,
    state::rules::RULES,
    store::rules::RULES,
    config::rules::RULES,
    engine::rules::RULES,
    take_in::rules::RULES,
    deliver::rules::RULES,
    run::rules::RULES,
    act::rules::RULES,
    custody::rules::RULES,
    disclosure::rules::RULES,
    super::rules::RULES,
];

/// The code that a slot has recorded, and what it says.
pub fn kept_by(code: &str) -> String {
    let rule = ROOMS.iter().flat_map(|room| room.iter()).find(|rule| rule.is_recorded_as(code));
    rule.map_or(code.to_string(), |rule| format!("{code} {}", rule.sentence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_code_is_said_with_its_words_and_one_of_another_version_as_it_is() {
        assert_eq!(kept_by(super::super::rules::WAITS_FOR_FILE.code).split(' ').next(), Some("RUN037"));
        assert!(kept_by("RUN004").starts_with("RUN004 nothing of this source"), "{}", kept_by("RUN004"));
        assert_eq!(kept_by("RUN999"), "RUN999");
    }
}
