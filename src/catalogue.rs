//! Every rule that can be broken, in one list. The reference of fault codes and the generated parts of the runbook are
//! made from it, and a test proves that no code is missing.

use crate::fault::Rule;
use crate::{cli, doctor, fault, night};

/// The rules of the rooms above those of a night.
const ABOVE: &[&[Rule]] = &[
    doctor::rules::RULES,
    #[cfg(feature = "demo")]
    crate::simulate::rules::RULES,
    cli::rules::RULES,
];

/// Every rule, in the order of codes.
pub fn rules() -> Vec<Rule> {
    let rooms = night::ROOMS.iter().chain(ABOVE);
    let mut all: Vec<Rule> = rooms.flat_map(|room| room.iter().copied()).chain(fault::x12::rules()).collect();
    all.sort_by_key(|rule| rule.code);
    all
}

/// The rule that a record names by its code alone, if this version has it.
pub fn rule(code: &str) -> Option<Rule> {
    rules().into_iter().find(|rule| rule.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Class, Ending, Severity};
    use crate::run::Exit;
    use crate::{census, config, crypt, engine, gate, mapping, policy, reconcile, rows, store};

    #[test]
    fn every_rule_has_a_code_of_its_own_and_says_what_to_do() {
        let all = rules();
        let twice: Vec<_> =
            all.windows(2).filter(|pair| pair[0].code == pair[1].code).map(|pair| pair[0].code).collect();
        assert_eq!(twice, Vec::<&str>::new());
        for rule in all {
            assert!(!rule.sentence.is_empty() && !rule.sentence.ends_with('.'), "{}", rule.code);
            assert!(!rule.next.is_empty() && !rule.next.ends_with('.'), "{}", rule.code);
        }
    }

    #[test]
    fn a_rule_is_found_by_its_code() {
        assert_eq!(rule("CEN004"), Some(rows::rules::ENCODING));
        assert_eq!(rule("CEN999"), None);
    }

    #[test]
    fn only_doubt_of_integrity_stops_and_only_what_is_ours_is_refused_busy_or_interrupted() {
        for rule in rules() {
            match rule.ending {
                Ending::Failed => {}
                Ending::Stopped => assert_eq!(rule.class, Class::Integrity, "{}", rule.code),
                Ending::Refused | Ending::Busy | Ending::Interrupted | Ending::Waiting | Ending::Forbidden => {
                    assert_eq!(rule.class, Class::Ours, "{}", rule.code);
                }
            }
        }
    }

    /// The rooms that judge what somebody sent, and those that judge only what is here.
    #[test]
    fn what_is_wrong_with_a_file_is_theirs_and_what_is_wrong_here_is_not() {
        assert!(census::rules::RULES.iter().all(|rule| rule.class == Class::Theirs));
        // Those that doubt what is decided and written here, not what was sent.
        let doubts: Vec<_> = reconcile::questions::RULES
            .iter()
            .filter(|rule| rule.class != Class::Theirs)
            .map(|rule| rule.code)
            .collect();
        assert_eq!(doubts, [reconcile::questions::NOT_BELIEVED.code, reconcile::questions::UNBALANCED.code]);
        let unread: Vec<_> = rows::rules::RULES.iter().filter(|rule| rule.class != Class::Theirs).collect();
        assert_eq!(unread, [&rows::rules::UNREADABLE]);
        let here = [mapping::rules::RULES, config::rules::RULES, crypt::rules::RULES, gate::RULES, cli::rules::RULES];
        let here = here.into_iter().chain([policy::rules::RULES, engine::rules::RULES, store::rules::RULES]);
        assert!(here.flatten().all(|rule| rule.class != Class::Theirs));
    }

    #[test]
    fn a_setting_or_a_call_is_refused_with_a_status_of_its_own() {
        for rule in [mapping::rules::RULES, config::rules::RULES].into_iter().flatten() {
            assert_eq!(Exit::of(&rule.fault()), Exit::Refused, "{}", rule.code);
        }
        let notices = rules().into_iter().filter(|rule| rule.severity < Severity::Error);
        assert!(notices.into_iter().all(|rule| rule.ending != Ending::Stopped));
    }
}
