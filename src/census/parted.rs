//! Cells in which several values stand, and values that stand in several cells, as a mapping is proposed for them: a
//! whole name, a whole address, a date in three parts.

/// Headers of a whole name, in the form in which headers are compared.
const NAMES: [&str; 15] = [
    "NAME",
    "FULLNAME",
    "EMPLOYEENAME",
    "EMPNAME",
    "EENAME",
    "MEMBERNAME",
    "PERSONNAME",
    "NAMELASTFIRST",
    "LASTNAMEFIRSTNAME",
    "PAYROLLNAME",
    "LEGALNAME",
    "WORKERNAME",
    "ASSOCIATENAME",
    "SUBSCRIBERNAME",
    "DEPENDENTNAME",
];

/// What the headers of a date's three parts begin with.
const DATES: [(&str, &[&str]); 2] = [
    ("birth_date", &["BIRTH", "DOB", "BORN", "BIRTHDATE", "DATEOFBIRTH"]),
    ("hire_date", &["HIRE", "HIREDATE", "DATEOFHIRE", "DOH", "HIRED"]),
];

/// A date that stands in three columns: whose it is, and the columns of month, day and year.
pub(super) fn date_parts(forms: &[String]) -> Vec<(&'static str, [usize; 3])> {
    let of = |stem: &str| {
        let place = |part: &str| forms.iter().position(|form| form.strip_prefix(stem) == Some(part));
        Some([place("MONTH")?, place("DAY")?, place("YEAR")?])
    };
    DATES.iter().filter_map(|(word, stems)| Some((*word, stems.iter().find_map(|stem| of(stem))?))).collect()
}

/// The sign between the employee's number and the person's, where every cell holds both, and several of one employee:
/// `E1-0`, `E1-1`.
pub(super) fn sign_between(cells: &[String]) -> Option<char> {
    let is_by = |sign: &char| {
        let split = |cell: &String| {
            let (employee, person) = cell.split_once(*sign)?;
            let is_both = employee.chars().any(|c| c.is_ascii_digit()) && (1..=2).contains(&person.len());
            (is_both && person.bytes().all(|byte| byte.is_ascii_digit())).then(|| employee.to_string())
        };
        let of: Option<Vec<String>> = cells.iter().map(split).collect();
        of.is_some_and(|of| of.iter().any(|one| of.iter().filter(|other| *other == one).count() > 1))
    };
    ['-', '.', '/', '*'].into_iter().find(is_by)
}

/// Headers of a whole address.
const ADDRESSES: [&str; 6] = ["ADDRESS", "HOMEADDRESS", "FULLADDRESS", "MAILINGADDRESS", "STREETADDRESS", "RESIDENCE"];

/// Several values of one cell: whose headers they are known by, and how each is taken out.
pub(super) struct PartedCell {
    /// The values, each with its steps.
    pub parts: &'static [(&'static str, &'static str)],
    /// What is to be looked at.
    pub remark: &'static str,
}

const LAST_FIRST: PartedCell = PartedCell {
    parts: &[
        ("last_name", "\"before ,\", \"no suffix\""),
        ("first_name", "\"after ,\", \"word 1\""),
        ("middle_name", "\"after ,\", \"words 2..\""),
        ("suffix", "\"before ,\", \"suffix\""),
    ],
    remark: "",
};

const FIRST_LAST: PartedCell = PartedCell {
    parts: &[
        ("last_name", "\"no suffix\", \"word -1\""),
        ("first_name", "\"word 1\""),
        ("middle_name", "\"no suffix\", \"words 2..-2\""),
        ("suffix", "\"suffix\""),
    ],
    remark: "a last name of two words is taken for a middle name and a last name: ask for names in columns of their own",
};

const ADDRESS: PartedCell = PartedCell {
    parts: &[
        ("address_line1", "\"pieces ..-3 by ,\""),
        ("city", "\"piece -2 by ,\""),
        ("state", "\"piece -1 by ,\", \"word 1\""),
        ("zip", "\"piece -1 by ,\", \"word 2\""),
    ],
    remark: "street, city, state and postal code are taken from the end",
};

/// What a column holds, where its cells hold several values. `form` is its header in the form in which headers are
/// compared.
pub(super) fn parted(form: &str, cells: &[String]) -> Option<&'static PartedCell> {
    let most = |is: &dyn Fn(&String) -> bool| {
        !cells.is_empty() && cells.iter().filter(|cell| is(cell)).count() * 2 > cells.len()
    };
    if ADDRESSES.contains(&form) {
        return most(&|cell: &String| ends_with_state_and_zip(cell)).then_some(&ADDRESS);
    }
    if !NAMES.contains(&form) {
        return None;
    }
    if most(&|cell: &String| cell.contains(',')) {
        return Some(&LAST_FIRST);
    }
    most(&|cell: &String| cell.split_whitespace().nth(1).is_some()).then_some(&FIRST_LAST)
}

fn ends_with_state_and_zip(cell: &str) -> bool {
    let mut pieces = cell.rsplit(',');
    let words: Vec<&str> = pieces.next().unwrap_or_default().split_whitespace().collect();
    let is_end =
        matches!(words[..], [state, zip] if state.len() == 2 && zip.bytes().filter(u8::is_ascii_digit).count() >= 5);
    is_end && pieces.nth(1).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::steps::CellStep;

    #[test]
    fn a_whole_name_and_a_whole_address_are_known_by_header_and_cells() {
        let of = |form: &str, cell: &str| parted(form, &[cell.to_string()]).map(|found| found.parts[0].1);
        assert_eq!(of("EMPLOYEENAME", "Sample, Ann"), Some(LAST_FIRST.parts[0].1));
        assert_eq!(of("NAME", "Ann Sample"), Some(FIRST_LAST.parts[0].1));
        assert_eq!((of("NAME", "Sample"), of("PLANNAME", "Gold, 500")), (None, None));
        assert_eq!(of("ADDRESS", "1 Way, Town, OH 43215"), Some(ADDRESS.parts[0].1));
        assert_eq!((of("ADDRESS", "1 Way, Apt 4"), of("ADDRESS", "1 Way")), (None, None));
    }

    #[test]
    fn two_numbers_of_one_cell_are_known_by_what_stands_between_them() {
        let of = |cells: &[&str]| sign_between(&cells.iter().map(|cell| cell.to_string()).collect::<Vec<_>>());
        assert_eq!((of(&["E1-0", "E1-1", "E2-0"]), of(&["12.01", "12.02"])), (Some('-'), Some('.')));
        assert_eq!(
            (of(&["E1-0", "E2-0"]), of(&["E1-0", "E1"]), of(&["Ann-1", "Ann-2"]), of(&[])),
            (None, None, None, None)
        );
    }

    #[test]
    fn a_date_in_three_columns_is_known_by_what_they_begin_with() {
        let forms = ["ID", "DOBYEAR", "DOBMONTH", "DOBDAY", "HIREDAY"].map(String::from);
        assert_eq!(date_parts(&forms), [("birth_date", [2, 3, 1])]);
    }

    #[test]
    fn every_step_that_is_proposed_is_one() {
        for (_, steps) in [&LAST_FIRST, &FIRST_LAST, &ADDRESS].into_iter().flat_map(|one| one.parts) {
            for step in steps.split("\", \"") {
                assert!(CellStep::parse(step.trim_matches('"')).is_some(), "{step}");
            }
        }
    }
}
