//! Which of the files that have come make a census together.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};

/// One of several files that make a census, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PartCame {
    /// What the mapping calls it.
    pub part: String,
    /// The day in its sender's name for it.
    pub day: Option<NaiveDate>,
    /// When it was there first.
    pub at: NaiveDateTime,
    /// Whether today's mapping cannot read it: it waits for a newer one, as if it were not there.
    pub unfit: bool,
}

/// Files that make a census, by their places among those that have come, in the order of the parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WholeParts {
    pub files: Vec<usize>,
    pub day: Option<NaiveDate>,
}

/// What comes of the files that have come, by their places among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PickedParts {
    /// Oldest first.
    pub whole: Vec<WholeParts>,
    /// Those of which a newer one has come, each with that one.
    pub replaced: BTreeMap<usize, usize>,
    /// Those that are older than what is whole.
    pub overtaken: Vec<usize>,
    /// Those that go on waiting.
    pub waiting: Vec<usize>,
}

/// Picks what is whole: one file of each part, all of one day by their names, or, where one has none in its name, come
/// within so many hours. `came` is in the order in which the files were written.
pub(super) fn pick(parts: &[&str], within: TimeDelta, came: &[PartCame]) -> PickedParts {
    // The last of each part and day stays.
    let newest: BTreeMap<(&str, Option<NaiveDate>), usize> =
        came.iter().enumerate().map(|(at, one)| ((&*one.part, one.day), at)).collect();
    let replaced: BTreeMap<usize, usize> = came
        .iter()
        .enumerate()
        .filter_map(|(at, one)| newest.get(&(&*one.part, one.day)).filter(|by| **by != at).map(|by| (at, *by)))
        .collect();
    let days: BTreeSet<Option<NaiveDate>> = newest.keys().map(|(_, day)| *day).collect();
    let (mut used, mut whole) = (BTreeSet::new(), Vec::new());
    // The newest day first: a file without a day in its name belongs to it rather than to one that never was whole.
    for day in days.into_iter().rev() {
        let file = |part: &&str| {
            let is_free = |at: &usize| !used.contains(at) && !came[*at].unfit;
            let of = |day: Option<NaiveDate>| newest.get(&(*part, day)).copied().filter(is_free);
            of(day).or_else(|| of(None))
        };
        let Some(files) = parts.iter().map(file).collect::<Option<Vec<usize>>>() else { continue };
        if is_together(&files, within, came) {
            used.extend(files.iter().copied());
            whole.push(WholeParts { files, day });
        }
    }
    whole.reverse();
    let left = (0..came.len()).filter(|at| !used.contains(at) && !replaced.contains_key(at));
    let is_older = |at: &usize| whole.iter().any(|whole| is_before(*at, whole, came));
    let (overtaken, waiting) = left.partition(is_older);
    PickedParts { whole, replaced, overtaken, waiting }
}

/// Whether files came close enough to each other, where their names do not say that they are of one day. A file that
/// came before the day in its name may have it by a slip: then the hours count, too.
fn is_together(files: &[usize], within: TimeDelta, came: &[PartCame]) -> bool {
    let times = || files.iter().map(|at| came[*at].at);
    // Where the machine's clock is behind those who named the files, the next day has begun for them.
    let has_begun = |at: &usize| came[*at].day.is_some_and(|day| day <= came[*at].at.date() + Days::new(1));
    let dated = files.iter().all(has_begun);
    dated || times().max().zip(times().min()).is_none_or(|(last, first)| last - first <= within)
}

/// Whether a file is older than what is whole: by its day, or, without one, by the file of its part.
fn is_before(at: usize, whole: &WholeParts, came: &[PartCame]) -> bool {
    match (came[at].day, whole.day) {
        (Some(day), Some(of_whole)) => day < of_whole,
        _ => whole.files.iter().any(|file| came[*file].part == came[at].part && *file > at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files as `employees 2 9`: the part, the day of March in its name or `-`, and the hour of the month it came; and
    /// whether it cannot be read.
    fn picked(files: &[&str]) -> PickedParts {
        let one = |text: &&str| {
            let words: Vec<&str> = text.split(' ').collect();
            let day = words[1].parse().ok().and_then(|day| NaiveDate::from_ymd_opt(2026, 3, day));
            let first = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
            let at = first + TimeDelta::hours(words[2].parse().unwrap());
            PartCame { part: words[0].to_string(), day, at, unfit: words.contains(&"unfit") }
        };
        pick(&["dependents", "employees"], TimeDelta::hours(24), &files.iter().map(one).collect::<Vec<_>>())
    }

    fn whole(files: &[&str]) -> Vec<Vec<usize>> {
        picked(files).whole.into_iter().map(|whole| whole.files).collect()
    }

    #[test]
    fn files_of_one_day_make_a_census_however_late_one_of_them_comes() {
        assert_eq!(whole(&["employees 2 9", "dependents 2 90"]), [[1, 0]]);
        assert_eq!(whole(&["employees 2 9", "dependents 3 10"]), [[0; 0]; 0], "of two days");
        let two = ["employees 2 9", "employees 3 33", "dependents 3 33", "dependents 2 33"];
        assert_eq!(whole(&two), [[3, 0], [2, 1]], "the older day first");
    }

    #[test]
    fn files_that_came_before_their_day_make_a_census_only_if_they_came_together() {
        // Dependents whose day is a slip would wait for the employees of that day, and be no more theirs.
        assert_eq!(whole(&["dependents 20 33", "employees 20 460"]), [[0; 0]; 0]);
        assert_eq!(whole(&["dependents 20 33", "employees 20 34"]), [[0, 1]]);
        assert_eq!(whole(&["dependents 20 33", "employees 20 460", "dependents 20 461"]), [[2, 1]]);
        assert_eq!(whole(&["dependents 3 30", "employees 3 90"]), [[0, 1]], "a day that has begun elsewhere");
    }

    #[test]
    fn a_file_that_cannot_be_read_makes_no_census_and_no_older_one_takes_its_place() {
        let found = picked(&["employees 2 9", "dependents 2 9", "dependents 2 10 unfit"]);
        assert_eq!((found.whole, found.waiting), (Vec::new(), vec![0, 2]));
        assert_eq!(found.replaced, BTreeMap::from([(1, 2)]));
        assert_eq!(whole(&["employees 2 9", "dependents 2 10 unfit", "dependents 2 11"]), [[2, 0]]);
    }

    #[test]
    fn files_without_a_day_make_a_census_if_they_come_within_the_hours_declared() {
        assert_eq!(whole(&["employees - 9", "dependents - 33"]), [[1, 0]]);
        let late = picked(&["employees - 9", "dependents - 34"]);
        assert_eq!((late.whole.len(), late.waiting), (0, vec![0, 1]));
        assert_eq!(whole(&["employees - 9", "dependents - 34", "employees - 35"]), [[1, 2]]);
        assert_eq!(whole(&["employees 2 9", "employees 3 33", "dependents - 34"]), [[2, 1]], "the newest day's");
    }

    #[test]
    fn a_newer_file_takes_the_place_of_an_older_one_and_what_is_older_than_a_census_has_ended() {
        let twice = picked(&["employees 2 9", "employees 2 10"]);
        assert_eq!((twice.replaced, twice.waiting), (BTreeMap::from([(0, 1)]), vec![1]));
        let older = picked(&["employees 2 9", "employees 3 33", "dependents 3 34"]);
        assert_eq!((older.whole.len(), older.overtaken, older.waiting.len()), (1, vec![0], 0));
        let newer = picked(&["employees 3 9", "dependents 3 9", "employees 4 10"]);
        assert_eq!((newer.whole.len(), newer.waiting), (1, vec![2]), "the next census's");
    }
}
