//! Which values of people a file tells otherwise than the one before it: where nearly everybody's birth date is another
//! one, a column has moved, and nobody was born again.

use crate::model::person::{Family, Person};

/// Families whose former record is opened for comparison: enough for a share, and no more than a moment's work.
const COMPARED_MAX: u64 = 500;

/// Values that hardly ever change for many people at a time, by the columns they stand in.
const COLUMNS: [&str; 7] = ["last_name", "first_name", "ssn", "birth_date", "sex", "address_line1", "hire_date"];

/// How many of the families compared tell a value otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct MovedValues {
    compared: u64,
    moved: [u64; COLUMNS.len()],
}

impl MovedValues {
    /// Whether enough families were compared.
    pub fn is_enough(&self) -> bool {
        self.compared >= COMPARED_MAX
    }

    /// Compares what is said of a family with what was said before.
    pub fn compare(&mut self, before: &Family, now: &Family) {
        self.compared += 1;
        for (moved, is_moved) in self.moved.iter_mut().zip(differences(before, now)) {
            *moved += u64::from(is_moved);
        }
    }

    /// The column of which most families tell otherwise, and of how many of all changed ones that seems to be so.
    pub fn most(&self, changed: u64) -> Option<(&'static str, u64)> {
        let (column, moved) = COLUMNS.iter().zip(self.moved).max_by_key(|(_, moved)| *moved)?;
        let of_all = moved * changed.max(self.compared) / self.compared.max(1);
        (moved > 0).then_some((column, of_all))
    }
}

fn differences(before: &Family, now: &Family) -> [bool; COLUMNS.len()] {
    let mut found = differing(&before.subscriber, &now.subscriber);
    // An employment is the subscriber's alone.
    found[6] = before.employment.hired != now.employment.hired;
    for person in &now.dependents {
        // Who joins or leaves a family has changed nothing of the others.
        let Some(known) = before.dependents.iter().find(|known| known.key == person.key) else { continue };
        found.iter_mut().zip(differing(known, person)).for_each(|(found, differs)| *found |= differs);
    }
    found
}

fn differing(before: &Person, now: &Person) -> [bool; COLUMNS.len()] {
    // Who has a first number or a first address is no sign of anything.
    let numbered = before.ssn.is_some() && before.ssn != now.ssn;
    let born = before.birth_date.is_some() && before.birth_date != now.birth_date;
    let lives = before.address.is_some() && before.address != now.address;
    [
        before.last_name != now.last_name,
        before.first_name != now.first_name,
        numbered,
        born,
        before.sex != now.sex,
        lives,
        false,
    ]
}
