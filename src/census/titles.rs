//! Lines of a file that are no rows, as a mapping declares them: by what they begin with. A title may hold anybody's
//! name: of it, only words are shown that such lines have whoever's file it is.

/// Words of titles and closing lines.
const WORDS: &str = "A ACTIVE ALL AND AS BENEFIT BENEFITS BY CENSUS CLIENT COMPANY CONFIDENTIAL CONFIDENTIALITY CONTAINS \
    COUNT COVERAGE CREATED DATA DATE DEPENDENT DEPENDENTS ELIGIBILITY EMPLOYEE EMPLOYEES EMPLOYER END ENROLLMENT \
    EXPORT EXPORTED EXTRACT FEED FILE FOR FROM FULL GENERATED GROUP HR INFORMATION INTERNAL LIST LISTING MASTER MEMBER \
    MEMBERS MONTHLY NAME NOTICE OF ON ONLY PAGE PAYROLL PERIOD PERSONNEL PREPARED PRINTED PRIVATE PROCESSED RECORD \
    RECORDS REPORT ROSTER ROWS RUN SELECTION SORTED STAFF STATUS SUMMARY THE THIS TIME TITLE TO TOTAL USE WEEKLY \
    WORKFORCE";

/// Fewest characters by which a remark is known.
const SHORTEST: usize = 5;

/// What each of these lines begins with, as remarks of a mapping; none where one of them may not be shown, or begins as
/// the header or somebody's row does.
pub(super) fn remarks(lines: &[String], others: &[String]) -> Option<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    for line in lines {
        let begins = beginning(line)?;
        if others.iter().any(|other| other.trim_start().starts_with(begins)) {
            return None;
        }
        if !found.iter().any(|known| begins.starts_with(known.as_str())) {
            found.push(begins.to_string());
        }
    }
    Some(found)
}

/// The words that a line begins with, as far as they may be shown.
fn beginning(line: &str) -> Option<&str> {
    let line = line.trim();
    let mut end = 0;
    for (at, word) in words(line) {
        if !WORDS.split_whitespace().any(|known| known.eq_ignore_ascii_case(word)) {
            break;
        }
        end = at + word.len();
    }
    Some(&line[..end]).filter(|begins| begins.len() >= SHORTEST)
}

/// The words of a line, each with its place.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_word = |c: char| c.is_alphanumeric();
    let starts = line.char_indices().filter(move |(at, c)| is_word(*c) && !line[..*at].ends_with(is_word));
    starts.map(move |(at, _)| {
        let rest = &line[at..];
        (at, &rest[..rest.find(|c: char| !is_word(c)).unwrap_or(rest.len())])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&str], others: &[&str]) -> Option<Vec<String>> {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_string()).collect::<Vec<_>>();
        remarks(&texts(lines), &texts(others))
    }

    #[test]
    fn titles_are_declared_by_the_words_that_may_be_shown() {
        let lines = ["Census Report", "Run date: 03/02/2026", "Company: Sample Logistics", "*** CONFIDENTIAL ***"];
        let found = of(&lines[..3], &["Employee ID", "E1"]).unwrap();
        assert_eq!(found, ["Census Report", "Run date", "Company"]);
        assert_eq!(of(&lines[3..], &[]), Some(vec!["*** CONFIDENTIAL".to_string()]));
        assert_eq!(of(&["Census of Ann Secret"], &[]), Some(vec!["Census of".to_string()]));
    }

    #[test]
    fn nothing_is_declared_by_which_a_row_would_go_or_a_name_be_shown() {
        assert_eq!(of(&["Employee,"], &["Employee ID"]), None);
        assert_eq!(of(&["Ann Secret's report"], &[]), None);
        assert_eq!(of(&["All"], &[]), None, "too short");
        assert_eq!(of(&[""], &[]), None, "its first cell is empty");
    }
}
