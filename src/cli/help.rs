//! `bex help CODE`: the runbook in the program, for whoever is called at night and has nothing else at hand.

use super::page::Page;
use super::rules;
use super::site::refused;
use crate::run::Exit;

macro_rules! runbook {
    ($($family:literal,)*) => {
        &[$(($family, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/runbook/", $family, ".md"))),)*]
    };
}

/// The pages, by the letters their codes begin with.
const PAGES: &[(&str, &str)] = runbook![
    "ACC", "ACK", "AGE", "ANS", "BAL", "CEN", "CFG", "CLI", "DEL", "DIS", "DOC", "ELE", "ENV", "GAT", "GRD", "INT",
    "KEP", "KEY", "LOG", "NOT", "NUM", "OVL", "POL", "REC", "ROS", "RUN", "SEA", "SIM", "SIT", "SPO", "STO", "STR",
    "SUM", "TRA", "VAU", "WHO", "X12",
];

pub(super) fn run(page: &Page, code: &str) -> Exit {
    let code = code.to_uppercase();
    match entry(&code) {
        Some(text) => page.answer_shown(|| serde_json::json!({ "code": code, "text": text }), || text.clone() + "\n"),
        None => refused(page, &rules::UNKNOWN_CODE.fault()),
    }
}

/// What the runbook says of a code.
fn entry(code: &str) -> Option<String> {
    let (_, page) = PAGES.iter().find(|(family, _)| code.starts_with(family))?;
    let begins = page.find(&format!("\n## {code}\n"))? + 1;
    let entry = &page[begins..];
    let ends = entry[3..].find("\n## ").map_or(entry.len(), |ends| ends + 3);
    Some(entry[..ends].trim_end().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_there_is_has_its_entry_and_nothing_else_has_one() {
        for rule in crate::catalogue::rules() {
            let text = entry(rule.code).unwrap_or_else(|| panic!("{}", rule.code));
            assert!(text.starts_with(&format!("## {}", rule.code)) && text.matches("\n## ").count() == 0);
        }
        assert_eq!((entry("RUN999"), entry("NOTHING")), (None, None));
    }
}
