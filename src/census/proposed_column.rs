//! What a column of a proposed mapping needs beside its header, and how its dates are written.

use crate::mapping::date::{DateFormat, is_no_date, is_written_no_end};

/// A text as TOML has it, on one line: spreadsheets break headers, and neither headers nor words are compared by that.
pub(super) fn quoted(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    toml::Value::String(lines.join(" ")).to_string()
}

/// What a column needs beside its header.
#[derive(Default)]
pub(super) struct Settings {
    pub settings: String,
    pub remark: String,
}

impl Settings {
    /// Whether one way of writing dates reads all cells.
    pub fn is_certain(&self) -> bool {
        // Any small number is a spreadsheet's count of days.
        let is_one = !self.settings.contains('[') && !self.settings.contains("serial");
        is_one && !self.remark.ends_with("no dates") && !self.remark.ends_with("no date")
    }

    /// The line of a column, below what is to be looked at in it.
    pub fn line(&self, word: &str, header: &str) -> String {
        let header = quoted(header);
        let column = match self.settings.as_str() {
            "" => format!("{word} = {header}"),
            more => format!("{word} = {{ header = {header}, {more} }}"),
        };
        let remark = if self.remark.is_empty() { String::new() } else { format!("# {}\n", self.remark) };
        format!("{remark}{column}\n")
    }

    pub fn remark(remark: String) -> Settings {
        Settings { settings: String::new(), remark }
    }
}

/// Ways of writing dates that are tried, the likeliest first.
const DATES: [&str; 17] = [
    "YYYY-MM-DD",
    "MM/DD/YYYY",
    "M/D/YYYY",
    "YYYYMMDD",
    "MM-DD-YYYY",
    "M-D-YYYY",
    "MMDDYYYY",
    "YYYY/MM/DD",
    "M/D/YY",
    "D-MMM-YYYY",
    "D-MMM-YY",
    "MMM D, YYYY",
    "DD.MM.YYYY",
    "D.M.YYYY",
    "DD/MM/YYYY",
    "D/M/YYYY",
    "serial",
];

/// Whether a cell says a day, and not that there is none.
fn is_day(cell: &str) -> bool {
    !is_no_date(cell.as_bytes()) && !is_written_no_end(cell.as_bytes()) && !cell.contains("9999")
}

pub(super) fn has_dates(cells: &[String]) -> bool {
    cells.iter().any(|cell| is_day(cell))
}

/// How the dates of a column are written: one way where one reads all of them, else the ways that read most.
pub(super) fn date_settings(cells: &[String]) -> Settings {
    let cells: Vec<&String> = cells.iter().filter(|cell| is_day(cell)).collect();
    if cells.is_empty() {
        return Settings::default();
    }
    let ways: Vec<(String, DateFormat)> = ["", " time"]
        .iter()
        .flat_map(|time| DATES.iter().map(move |way| format!("{way}{time}")))
        .filter(|way| way.as_str() != "serial time")
        .filter_map(|way| DateFormat::parse(&way, Some(30)).map(|format| (way, format)))
        .collect();
    let reads = |way: &DateFormat| cells.iter().filter(|cell| way.read(cell.as_bytes()).is_some()).count();
    // Whoever writes 03/04 and 11/12 only has told nobody which of the two is the month.
    let all: Vec<&String> = ways.iter().filter(|(_, way)| reads(way) == cells.len()).map(|(text, _)| text).collect();
    let Some(first) = all.first() else { return mixed_dates(&ways, &cells) };
    let other_order = all.iter().any(|way| way.starts_with('D')) && !first.starts_with('D') && !first.starts_with('Y');
    let order = other_order.then_some("no day above 12 in this file: ask whether the month stands first");
    let pivot = (first.contains("YY") && !first.contains("YYYY")).then_some(PIVOT);
    let remark = order.into_iter().chain(pivot).collect::<Vec<_>>().join("\n# ");
    Settings { settings: date_setting(&[(*first).clone()]), remark }
}

/// What is to be looked at where years have two digits.
const PIVOT: &str =
    "years of two digits: below the pivot they are 20.., from it on 19..; look whether that holds of everybody";

/// The ways that together read the most cells, none of them a second reading of what another reads.
fn mixed_dates(ways: &[(String, DateFormat)], cells: &[&String]) -> Settings {
    let (mut left, mut chosen): (Vec<&String>, Vec<String>) = (cells.to_vec(), Vec::new());
    while chosen.len() < 3 {
        let reads = |way: &DateFormat| left.iter().filter(|cell| way.read(cell.as_bytes()).is_some()).count();
        // Day before month is never proposed beside month before day: that would be a guess. With dots, the day stands
        // first wherever dots are written.
        let fit = ways.iter().filter(|(text, _)| !text.starts_with('D') || text.contains("MMM") || text.contains('.'));
        let Some((text, way)) = fit.rev().max_by_key(|(_, way)| reads(way)).filter(|(_, way)| reads(way) > 0) else {
            break;
        };
        chosen.push(text.clone());
        left.retain(|cell| way.read(cell.as_bytes()).is_none());
    }
    let remark = match left.len() {
        0 => String::new(),
        1 => "1 cell is no date".to_string(),
        some => format!("{some} cells are no dates"),
    };
    Settings { settings: if chosen.is_empty() { String::new() } else { date_setting(&chosen) }, remark }
}

fn date_setting(ways: &[String]) -> String {
    if ways == ["YYYY-MM-DD"] {
        return String::new();
    }
    let pivot = if ways.iter().any(|way| way.contains("YY") && !way.contains("YYYY")) { ", pivot = 30" } else { "" };
    let ways: Vec<String> = ways.iter().map(|way| format!("\"date:{way}\"")).collect();
    match &ways[..] {
        [one] => format!("format = {one}{pivot}"),
        several => format!("format = [{}]{pivot}", several.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::column::header_form;

    fn of(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_string()).collect()
    }

    #[test]
    fn a_header_on_two_lines_of_its_cell_is_proposed_on_one() {
        assert_eq!(quoted("Name\r\n(Last, First)"), "\"Name (Last, First)\"");
        assert_eq!(header_form("Name\n(Last, First)"), header_form("Name (Last, First)"));
    }

    #[test]
    fn the_way_dates_are_written_is_the_one_that_reads_them_all() {
        assert_eq!(date_settings(&of(&["2026-03-02"])).settings, "");
        assert_eq!(date_settings(&of(&["03/22/2026", "12/31/9999"])).settings, "format = \"date:MM/DD/YYYY\"");
        assert_eq!(date_settings(&of(&["3/2/26"])).settings, "format = \"date:M/D/YY\", pivot = 30");
        assert!(!date_settings(&of(&["03/02/2026"])).remark.is_empty(), "whether the month is first nobody can tell");
        let mixed = date_settings(&of(&["03/22/2026", "2026-03-22", "soon"]));
        assert!(mixed.settings.contains("YYYY-MM-DD") && mixed.remark.starts_with('1'), "{}", mixed.settings);
    }
}
