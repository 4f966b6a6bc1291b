//! What a feed's files are to be like, and by when they are to have come: the table `[expect]` of a feed.

use std::ops::RangeInclusive;

use chrono::NaiveTime;

use super::document::{Shape, Table};
use super::rules;
use super::shapes::TIME;

/// What is expected of a feed's files, and what becomes of the run where one has not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expectations {
    /// The people: who is late with them holds everybody up.
    pub census: FileExpected,
    /// What they have chosen; many employers send it less often.
    pub elections: FileExpected,
    /// What becomes of the run.
    pub on_late: OnLate,
    /// So many minutes before its cut-off a run that waits for a file goes all the same. Where none are given, as many
    /// as its runs usually take, twice.
    pub spare_minutes: Option<u32>,
    /// Nights on which a census that told nothing new came again, after which somebody is told; 0: never.
    pub unchanged_nights: u32,
}

/// A census that is exported every night and tells nothing new in two weeks is rare.
const UNCHANGED_NIGHTS: u32 = 10;

impl Default for Expectations {
    fn default() -> Expectations {
        Expectations {
            census: FileExpected::default(),
            elections: FileExpected::default(),
            on_late: OnLate::default(),
            spare_minutes: None,
            unchanged_nights: UNCHANGED_NIGHTS,
        }
    }
}

/// The hour at which a file is to come, and how long it is to be; either may be left open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileExpected {
    /// The local time by which it is to have come.
    pub by: Option<NaiveTime>,
    /// How many rows of people it is to have.
    pub rows: Option<RowsExpected>,
}

/// How many rows of people a file is to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowsExpected {
    /// At most so many percent more or fewer than the last file that a run went by.
    Share(u32),
    /// No fewer than the first, no more than the second.
    Between(u64, u64),
}

impl RowsExpected {
    /// The rows that are right; none where there is no file before it to compare with.
    pub fn bounds(self, before: Option<u64>) -> Option<RangeInclusive<u64>> {
        match self {
            RowsExpected::Between(least, most) => Some(least..=most),
            RowsExpected::Share(percent) => before.map(|before| {
                let share = (before * u64::from(percent)).div_ceil(100);
                before.saturating_sub(share)..=before + share
            }),
        }
    }
}

/// What becomes of a run whose file has not come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnLate {
    /// It waits, until so long before its cut-off that there is time to run on what there is.
    #[default]
    Wait,
    /// It runs at its time, on what there is.
    Run,
}

const ON_LATE: Shape<OnLate> = Shape {
    read: |text| match text {
        "wait" => Some(OnLate::Wait),
        "run" => Some(OnLate::Run),
        _ => None,
    },
    rule: "a run whose file is late waits, or is run",
    next: "write on_late = \"wait\" or \"run\"",
};

/// No file has more rows than that.
const ROWS_MAX: u64 = 10_000_000;

const ROWS: Shape<RowsExpected> = Shape {
    read: |text| match text.split_once('-') {
        Some((least, most)) => {
            let (least, most) = (least.trim().parse().ok()?, most.trim().parse().ok()?);
            (least <= most && most <= ROWS_MAX).then_some(RowsExpected::Between(least, most))
        }
        None => {
            let percent = text.strip_suffix('%')?.trim().parse().ok()?;
            (1..=100).contains(&percent).then_some(RowsExpected::Share(percent))
        }
    },
    rule: "rows are a share of the file before, or the fewest and the most there may be",
    next: "write rows = \"20%\" or rows = \"380-450\"",
};

/// Reads the table. A file that is expected only once the run is over would be late for nobody.
pub(super) fn read(table: &Table<'_>) -> Option<Expectations> {
    let of = |key: &str| table.section(key, file);
    let (census, elections) = (of("census"), of("elections"));
    let on_late = table.maybe("on_late", &ON_LATE).unwrap_or_default();
    let spare_minutes = table.maybe_whole("spare_minutes", 1..=720);
    let unchanged_nights = table.whole("unchanged_nights", UNCHANGED_NIGHTS, 0..=400);
    if !["census", "elections", "unchanged_nights"].iter().any(|key| table.has(key)) {
        let rule = "what is expected is a census, elections, or how many nights they may be the same";
        table.refuse(rules::MISSING.worded(rule, "write census = { by = \"20:30\" }").at(table.place()));
    }
    let (census, elections) = (census.unwrap_or_default(), elections.unwrap_or_default());
    Some(Expectations { census, elections, on_late, spare_minutes, unchanged_nights })
}

fn file(table: &Table<'_>) -> Option<FileExpected> {
    if !table.has("by") && !table.has("rows") {
        let rule = "of a file is expected when it comes, how many rows it has, or both";
        table.refuse(rules::MISSING.worded(rule, "write by = \"20:30\" or rows = \"20%\"").at(table.place()));
    }
    Some(FileExpected { by: table.maybe("by", &TIME), rows: table.maybe("rows", &ROWS) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_a_share_of_the_file_before_or_the_fewest_and_the_most() {
        let bounds = |text: &str, before| (ROWS.read)(text).and_then(|rows: RowsExpected| rows.bounds(before));
        assert_eq!(bounds("20%", Some(41)), Some(32..=50));
        assert_eq!(bounds("100%", Some(3)), Some(0..=6));
        assert_eq!(bounds("20%", None), None, "the first file is compared with nothing");
        assert_eq!(bounds("380-450", None), Some(380..=450));
        for wrong in ["", "0%", "101%", "450-380", "-3", "20", "1-10000001", "a-b"] {
            assert_eq!((ROWS.read)(wrong), None, "{wrong}");
        }
    }
}
