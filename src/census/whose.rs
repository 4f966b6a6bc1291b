//! Whose row it is, where a file says so in two columns, or by a blank: a mapping is proposed with cases for it.

use std::collections::{BTreeMap, BTreeSet};

use super::words::meaning;

/// What says whose row it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WhoseFound {
    /// The column that says who a dependent is.
    pub relationship: usize,
    /// The column that says which rows are employees', and the words by which it does; an empty one for a blank.
    pub kind: usize,
    pub employees: BTreeSet<String>,
}

/// Words by which a column says only that somebody is no employee.
const DEPENDENTS: [&str; 6] = ["D", "DEP", "DEPENDENT", "DEPENDENTS", "DEPEND", "DEPN"];

/// Finds out whose row it is. `said` is the column that seems to say it, where there is one; `free` are the columns
/// that stand for nothing else. None where that column says it of everybody, or nobody can tell.
pub(super) fn whose(columns: &[Vec<String>], said: Option<usize>, free: &[usize]) -> Option<WhoseFound> {
    if said.is_some_and(|said| columns[said].iter().all(|cell| is_subscriber(cell) || is_dependent(cell))) {
        return None;
    }
    let of_two = free.iter().find_map(|kind| {
        let employees = employees(&columns[*kind])?;
        let mut others = said.into_iter().chain(free.iter().copied()).filter(|other| other != kind);
        let tells = |other: &usize| {
            let mut rows = columns[*kind].iter().zip(&columns[*other]).filter(|(kind, _)| !employees.contains(*kind));
            rows.all(|(_, cell)| is_dependent(cell))
        };
        Some(WhoseFound { relationship: others.find(tells)?, kind: *kind, employees: employees.clone() })
    });
    of_two.or_else(|| {
        let said = said?;
        let (blank, filled): (Vec<&String>, Vec<&String>) = columns[said].iter().partition(|cell| cell.is_empty());
        let is_by_blank = !blank.is_empty() && !filled.is_empty() && filled.iter().all(|cell| is_dependent(cell));
        is_by_blank.then(|| WhoseFound { relationship: said, kind: said, employees: BTreeSet::from([String::new()]) })
    })
}

/// The words by which a column says that a row is an employee's, where its others say only that it is not.
fn employees(column: &[String]) -> Option<BTreeSet<String>> {
    let form = |cell: &String| cell.trim_matches('.').to_ascii_uppercase();
    let (own, others): (Vec<&String>, Vec<&String>) = column.iter().partition(|cell| is_subscriber(cell));
    let is_told = !own.is_empty() && !others.is_empty();
    let tells_apart = others.iter().all(|cell| DEPENDENTS.contains(&form(cell).as_str()));
    (is_told && tells_apart).then(|| own.into_iter().cloned().collect())
}

fn is_subscriber(cell: &str) -> bool {
    means(cell).as_deref() == Some("subscriber")
}

fn is_dependent(cell: &str) -> bool {
    means(cell).is_some_and(|meant| meant != "subscriber")
}

fn means(cell: &str) -> Option<String> {
    meaning("relationship", &BTreeMap::new(), cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(columns: &[&[&str]], said: Option<usize>, free: &[usize]) -> Option<(usize, usize, Vec<String>)> {
        let columns: Vec<Vec<String>> =
            columns.iter().map(|cells| cells.iter().map(|cell| (*cell).to_string()).collect()).collect();
        whose(&columns, said, free).map(|it| (it.relationship, it.kind, it.employees.into_iter().collect()))
    }

    #[test]
    fn a_column_that_tells_employees_from_dependents_stands_beside_one_that_says_what_these_are() {
        let (kind, code, sex) = (&["E", "DEP", "DEP"][..], &["", "spouse", "child"][..], &["F", "M", "M"][..]);
        assert_eq!(found(&[kind, code, sex], Some(1), &[0, 1, 2]), Some((1, 0, vec!["E".into()])));
        assert_eq!(found(&[kind, code, sex], Some(0), &[0, 1, 2]), Some((1, 0, vec!["E".into()])));
        assert_eq!(found(&[kind, sex], None, &[0, 1]), None, "nothing says who the dependents are");
    }

    #[test]
    fn a_blank_is_the_employees_where_nothing_else_is() {
        assert_eq!(found(&[&["", "spouse", "child"]], Some(0), &[0]), Some((0, 0, vec![String::new()])));
        assert_eq!(found(&[&["", "Team Member", "child"]], Some(0), &[0]), None);
    }

    #[test]
    fn a_column_that_says_it_of_everybody_needs_no_cases() {
        assert_eq!(found(&[&["E", "W", "C"], &["EE", "D", "D"]], Some(0), &[0, 1]), None);
    }
}
