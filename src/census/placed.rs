//! A mapping proposed for a census without a header line: what stands in a column is seen by its cells alone, where it
//! can be seen. The rest is listed by its place and its shape, for a person to name.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::cells;
use super::words::meaning;

/// What a column seems to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SeenAs {
    /// The value of this name; it can be read without others.
    Value(&'static str),
    /// A value that is read only together with others: it is only named.
    Perhaps(&'static str),
    /// Nothing that could be told.
    Nothing,
}

/// What a census without a header line cannot do without.
const NEEDED: [&str; 5] = ["family_key", "relationship", "last_name", "first_name", "birth_date"];

/// Values that are one of a closed list, the surest first.
const WORDS: [&str; 3] = ["relationship", "sex", "employment_status"];

/// What each column seems to hold, by its filled cells; each value once. `is_date` says whether cells are dates.
pub(super) fn seen(columns: &[Vec<String>], is_date: &dyn Fn(&[String]) -> bool) -> Vec<SeenAs> {
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    let (mut taken, mut found) = (BTreeSet::new(), Vec::new());
    for cells in columns {
        let of = kinds(cells, is_date).into_iter().find(|seen| match seen {
            SeenAs::Value(word) | SeenAs::Perhaps(word) => !taken.contains(word),
            SeenAs::Nothing => false,
        });
        // The employee's number stands first, in every row.
        let is_key = found.is_empty() && cells.len() == rows && of.is_none();
        let of = if is_key { SeenAs::Value("family_key") } else { of.unwrap_or(SeenAs::Nothing) };
        if let SeenAs::Value(word) | SeenAs::Perhaps(word) = of {
            taken.insert(word);
        }
        found.push(of);
    }
    found
}

/// What cells can be, the surest first.
fn kinds(column: &[String], is_date: &dyn Fn(&[String]) -> bool) -> Vec<SeenAs> {
    let all = |is: &dyn Fn(&str) -> bool| !column.is_empty() && column.iter().all(|cell| is(cell));
    let mut kinds = Vec::new();
    kinds.extend(all(&|cell| cells::ssn(cell.as_bytes(), false).is_ok()).then_some(SeenAs::Value("ssn")));
    let none = BTreeMap::new();
    let words = WORDS.iter().filter(|word| all(&|cell| meaning(word, &none, cell).is_some()));
    kinds.extend(words.map(|word| SeenAs::Value(word)));
    // Files tell first when somebody was born, then when they were hired, and last when they left.
    let dates = ["birth_date", "hire_date", "employment_end"].map(SeenAs::Value);
    kinds.extend(dates.into_iter().filter(|_| is_date(column)));
    kinds.extend(all(&|cell| cells::phone(cell.as_bytes()).is_ok()).then_some(SeenAs::Value("phone")));
    kinds.extend(all(&|cell| cell.contains('@')).then_some(SeenAs::Value("email")));
    kinds.extend(all(&|cell| cells::state(cell.as_bytes()).is_ok()).then_some(SeenAs::Perhaps("state")));
    kinds.extend(all(&|cell| cells::zip(cell.as_bytes(), false).is_ok()).then_some(SeenAs::Perhaps("zip")));
    kinds
}

/// What is left to be said, as remarks: the columns that could not be told, and what is needed and not found. `place`
/// and `shape` say where a column stands and what its cells look like.
pub(super) fn left_to_say(seen: &[SeenAs], place: &dyn Fn(usize) -> String, shape: &dyn Fn(usize) -> String) -> String {
    let mut text = String::new();
    for (at, one) in seen.iter().enumerate() {
        let _ = match one {
            SeenAs::Value(_) => Ok(()),
            SeenAs::Perhaps(word) => writeln!(text, "# {word} = {{ {} }}  # with the whole address", place(at)),
            SeenAs::Nothing => writeln!(text, "# … = {{ {} }}  # {}", place(at), shape(at)),
        };
    }
    let lacking: Vec<&str> = NEEDED.into_iter().filter(|word| !seen.contains(&SeenAs::Value(word))).collect();
    if !lacking.is_empty() {
        let _ = writeln!(text, "# still to be named: {}", lacking.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_told_by_what_stands_in_all_of_their_cells() {
        let rows = [
            ["E1", "EE", "Exampleton", "899110001", "1979-04-12", "M", "OH", "2014-05-19"],
            ["E1", "SP", "Exampleton", "899110002", "1981-09-30", "F", "OH", ""],
        ];
        let column = |at: usize| rows.iter().map(|row| row[at].to_string()).filter(|cell| !cell.is_empty()).collect();
        let columns: Vec<Vec<String>> = (0..8).map(column).collect();
        let seen = seen(&columns, &|cells| cells.iter().all(|cell| cell.len() == 10 && cell.contains('-')));
        let value = SeenAs::Value;
        let told = [value("family_key"), value("relationship"), SeenAs::Nothing, value("ssn"), value("birth_date")];
        assert_eq!(seen[..5], told);
        assert_eq!(seen[5..], [value("sex"), SeenAs::Perhaps("state"), value("hire_date")]);
        let left = left_to_say(&seen, &|at| format!("position = {}", at + 1), &|at| format!("column {at}"));
        assert!(
            left.contains("# … = { position = 3 }  # column 2") && left.ends_with("named: last_name, first_name\n")
        );
    }
}
