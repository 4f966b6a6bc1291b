//! By when a feed's files are to have come: the table `[expect]` of a feed.

use chrono::NaiveTime;

use super::document::{Shape, Table};
use super::rules;
use super::shapes::TIME;

/// By when files are expected, and what becomes of the run where one has not come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expectations {
    /// The local time by which a census is to have come.
    pub census: Option<NaiveTime>,
    /// The same of elections.
    pub elections: Option<NaiveTime>,
    /// What becomes of the run.
    pub on_late: OnLate,
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

/// Reads the table. A file that is expected only once the run is over would be late for nobody.
pub(super) fn read(table: &Table<'_>) -> Option<Expectations> {
    let by = |key: &'static str| table.section(key, |one| one.need("by", &TIME));
    let (census, elections) = (by("census"), by("elections"));
    let on_late = table.maybe("on_late", &ON_LATE).unwrap_or_default();
    if !table.has("census") && !table.has("elections") {
        let rule = "what is expected is a census, elections, or both";
        table.refuse(rules::MISSING.worded(rule, "write census = { by = \"20:30\" }").at(table.place()));
    }
    Some(Expectations { census, elections, on_late })
}
