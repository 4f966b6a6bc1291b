//! The pages of faults, of trust and of the privacy statement: every row there is, and every row's tests.

use crate::harness::source_tree;

/// The rows of a table: number, and what the last cell names.
fn rows(page: &str) -> Vec<(String, Vec<String>)> {
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let tests = cells.last()?.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        Some((cells.first()?.to_string(), tests))
    };
    let lines = page.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
    lines.filter_map(row).collect()
}

/// What rows name as a test and no test is; the rows that name none.
fn unheld(rows: &[(String, Vec<String>)]) -> Vec<String> {
    let sources: Vec<_> = source_tree::rust("src").iter().chain(source_tree::rust("tests")).collect();
    let is_there = |name: &str| sources.iter().any(|source| source.text.contains(&format!("fn {name}(")));
    let gone = rows.iter().flat_map(|(_, tests)| tests).filter(|name| !is_there(name)).cloned();
    gone.chain(rows.iter().filter(|(_, tests)| tests.is_empty()).map(|(number, _)| number.clone())).collect()
}

#[test]
fn every_row_of_the_page_of_trust_has_a_test_that_is_there() {
    let rows = rows(&source_tree::text("docs/design/trust.md"));
    let wanted = [(1, 8), (2, 8), (3, 4), (4, 8), (5, 10), (6, 14), (7, 13)].into_iter();
    let wanted: Vec<String> = wanted.flat_map(|(part, last)| (1..=last).map(move |n| format!("{part}.{n}"))).collect();
    assert_eq!(rows.iter().map(|(number, _)| number.clone()).collect::<Vec<_>>(), wanted);
    assert_eq!(unheld(&rows), Vec::<String>::new());
}

#[test]
fn every_fault_of_the_page_of_faults_has_a_test_that_is_there() {
    let rows = rows(&source_tree::text("docs/design/faults.md"));
    let wanted = [("A", 18), ("B", 12), ("C", 14), ("D", 34), ("G", 28), ("H", 14), ("I", 20)].into_iter();
    let wanted: Vec<String> = wanted.flat_map(|(part, last)| (1..=last).map(move |n| format!("{part}{n}"))).collect();
    assert_eq!(rows.iter().map(|(number, _)| number.clone()).collect::<Vec<_>>(), wanted);
    assert_eq!(unheld(&rows), Vec::<String>::new());
}

#[test]
fn every_sentence_of_the_privacy_statement_has_a_test_that_is_there() {
    let mut rows = rows(&source_tree::text("docs/design/privacy.md"));
    rows.retain(|(number, _)| number.starts_with('P') && number[1..].parse::<u32>().is_ok());
    let wanted: Vec<String> = (1..=17).map(|n| format!("P{n}")).collect();
    assert_eq!(rows.iter().map(|(number, _)| number.clone()).collect::<Vec<_>>(), wanted);
    assert_eq!(unheld(&rows), Vec::<String>::new());
}

/// What the statement's sentences ask of an engine, by number. The others ask something of a web site.
const ASKED: [&str; 38] = [
    "R1", "R2", "R3", "R4", "R5", "R6", "R9", "R11", "R12", "R15", "R16", "R17", "R18a", "R18b", "R18c", "R18d", "R19",
    "R20", "R21", "R22", "R23", "R24", "R26", "R29", "R30", "R31", "R32", "R41", "R44", "R45", "R47", "R48", "R49",
    "R50", "R51", "M1", "M2", "M3",
];

#[test]
fn everything_that_the_statement_asks_of_an_engine_has_a_test_that_is_there() {
    let mut rows = rows(&source_tree::text("docs/design/privacy.md"));
    rows.retain(|(number, _)| number.starts_with(['R', 'M']) && number[1..].starts_with(|c: char| c.is_ascii_digit()));
    assert_eq!(rows.iter().map(|(number, _)| number.as_str()).collect::<Vec<_>>(), ASKED);
    assert_eq!(unheld(&rows), Vec::<String>::new());
}
