//! Whether a file is a trial: made to try an export, and never meant to cover or to end anybody.

use crate::model::person::Family;
use crate::model::phi::Phi;

/// Words by which people call files that are none: as a whole word of the name.
const WORDS: [&str; 9] = ["TEST", "TESTING", "TESTFILE", "DEMO", "SAMPLE", "DUMMY", "UAT", "SANDBOX", "TRIAL"];

/// Last names that nobody has who is employed.
const NAMES: [&str; 8] = ["TEST", "TESTER", "TESTING", "TESTEMPLOYEE", "DUMMY", "SAMPLE", "FAKE", "DONOTUSE"];

/// Whether a file is called a trial.
pub(super) fn is_called_trial(name: &str) -> bool {
    name.split(|c: char| !c.is_alphanumeric()).any(|word| WORDS.contains(&word.to_ascii_uppercase().as_str()))
}

/// Whether a family is made up, by the subscriber's last name.
pub(super) fn is_made_up(family: &Family) -> bool {
    // In the three ways in which people write a name; compared whole, so that nobody called Testa is taken for a trial.
    let names = NAMES.iter().flat_map(|name| [(*name).to_string(), title_case(name), name.to_lowercase()]);
    names.into_iter().any(|name| family.subscriber.last_name == Phi::new(name))
}

fn title_case(name: &str) -> String {
    name[..1].to_string() + &name[1..].to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_is_known_by_a_whole_word_of_its_name() {
        for name in ["census_TEST_20260302.csv", "Test census.csv", "uat-census.csv"] {
            assert!(is_called_trial(name), "{name}");
        }
        for name in ["census.csv", "latest.csv", "Testaments Inc census.csv", "samplesen.csv"] {
            assert!(!is_called_trial(name), "{name}");
        }
    }
}
