//! The morning page: one HTML file that needs nothing from anywhere. No script, no font, no picture of somebody else's;
//! a table under each chart. And the same runs as CSV.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::acks::waiting_json;
use super::board::{line_json, state};
use super::charts;
use super::grid::{LEGEND, SignShown, shown};
use super::measured;
use super::needs::{Need, count_of, needs_of};
use super::words::{counted, escaped};
use crate::fault::Fault;
use crate::night::{Morning, NightGrid};
use crate::state::Urgency;

pub(super) const HEAD: &str = "<!DOCTYPE html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta name=\"robots\" content=\"noindex\">
<style>
:root { color-scheme: light dark; --now: #b3261e; --today: #8a5a00; --done: #1b6e3c; --quiet: #767676; }
body { font: 16px/1.45 system-ui, sans-serif; margin: 1.5rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
td.n, th.n { text-align: right; }
.scroll { overflow-x: auto; } .now { color: var(--now); font-weight: 600; } .today { color: var(--today); }
.done { color: var(--done); } .quiet { color: var(--quiet); } code { font-size: .9em; }
svg { max-width: 100%; height: auto; } svg text { font: 11px system-ui, sans-serif; fill: currentColor; }
@media (max-width: 600px) { table.cards, table.cards tbody, table.cards tr, table.cards td { display: block; }
  table.cards thead { display: none; } table.cards tr { padding: .5rem 0; border-bottom: 1px solid #8884; }
  table.cards td { border: 0; } }
@media print { body { margin: 0; max-width: none; font-size: 11pt; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
</style>
";

/// How many days the grid shows.
const DAYS: usize = 28;

/// What needs somebody first, then how the nights went, whom they told of, and who is slow to answer. A page that was
/// made without the site's keys says so: it is read where nobody sees what was said beside it.
pub fn morning_html(morning: &Morning, sealed: Option<&Fault>) -> String {
    let title = format!("{} ({}), {}", morning.overview.site, morning.overview.environment, morning.at);
    let mut page = format!("{HEAD}<title>{}</title>\n</head>\n<body>\n<h1>{}</h1>\n", escaped(&title), escaped(&title));
    if let Some(fault) = sealed {
        page += &format!("<p class=\"today\">{}. Next: {}.</p>\n", escaped(&fault.to_string()), escaped(fault.next));
    }
    page += &needed(morning);
    page += &grid(morning);
    page += &charts::night(morning);
    page += &changes(morning);
    page += &measured::guards(morning);
    page += &charts::covered(morning);
    page += &measured::carriers(morning);
    page += &measured::questions(morning);
    page += &measured::objected(morning);
    page + "</body>\n</html>\n"
}

fn needed(morning: &Morning) -> String {
    let needs = needs_of(&morning.overview);
    let (now, today) = (count_of(&needs, Urgency::Now), count_of(&needs, Urgency::Today));
    let mut text = format!("<h2>{now} now, {today} today</h2>\n");
    if needs.is_empty() {
        return text + "<p class=\"done\">Nobody has to do anything.</p>\n";
    }
    text += "<table class=\"cards\"><thead><tr><th></th><th>What</th><th>Next</th></tr></thead><tbody>\n";
    for need in &needs {
        let class = if need.urgency == Urgency::Now { "now" } else { "today" };
        let (mark, what, next) = (need.urgency.mark(), escaped(&need.what), escaped(&need.next.replace('`', "")));
        let why = escaped(need.why.trim());
        let _ = writeln!(
            text,
            "<tr><td class=\"{class}\">{mark}</td><td>{what} <span class=\"quiet\">{why}</span></td><td><code>{next}</code></td></tr>"
        );
    }
    text + "</tbody></table>\n"
}

fn grid(morning: &Morning) -> String {
    let NightGrid { dates, rows, more } = &morning.overview.grid;
    let mut text = "<h2>Nights</h2>\n<div class=\"scroll\"><table><thead><tr><th>Feed</th>".to_string();
    dates.iter().for_each(|date| text += &format!("<th>{}</th>", escaped(&date[date.len().min(5)..])));
    text += "</tr></thead><tbody>\n";
    for row in rows {
        text += &format!("<tr><td>{}</td>", escaped(&row.feed));
        for sign in &row.nights {
            let SignShown { letter, class } = shown(*sign);
            text += &format!("<td class=\"{class}\">{letter}</td>");
        }
        text += "</tr>\n";
    }
    let more = if *more > 0 { format!(", and {} more", counted(*more as u64, "feed", "feeds")) } else { String::new() };
    text + &format!("</tbody></table></div>\n<p class=\"quiet\">{}{more}</p>\n", LEGEND.join(", "))
}

/// A date's changes over all feeds.
#[derive(Clone, Copy, Debug, Default)]
struct ChangesOfDay {
    adds: u64,
    changes: u64,
    terminations: u64,
}

fn changes(morning: &Morning) -> String {
    let mut by_date: BTreeMap<&str, ChangesOfDay> = BTreeMap::new();
    for line in &morning.runs {
        let (tally, day) = (line.run.tally(), by_date.entry(&line.run.business_date).or_default());
        day.adds += tally.adds;
        day.changes += tally.changes;
        day.terminations += tally.terminations;
    }
    let skipped = by_date.len().saturating_sub(DAYS);
    let days: Vec<(&str, ChangesOfDay)> = by_date.into_iter().skip(skipped).collect();
    let mut text = "<h2>Changes told</h2>\n".to_string() + &bars(&days);
    text += "<div class=\"scroll\"><table><thead><tr><th>Date</th><th class=\"n\">Adds</th><th class=\"n\">Changes</th>\
             <th class=\"n\">Terminations</th></tr></thead><tbody>\n";
    for (date, ChangesOfDay { adds, changes, terminations }) in &days {
        let _ = writeln!(
            text,
            "<tr><td>{}</td><td class=\"n\">{adds}</td><td class=\"n\">{changes}</td><td class=\"n\">{terminations}</td></tr>",
            escaped(date)
        );
    }
    text + "</tbody></table></div>\n"
}

/// Bars, one a date: adds above changes above terminations.
fn bars(days: &[(&str, ChangesOfDay)]) -> String {
    let all = |day: &ChangesOfDay| day.adds + day.changes + day.terminations;
    let most = days.iter().map(|(_, day)| all(day)).max().unwrap_or(0).max(1) as f64;
    let width = days.len() * 26 + 10;
    let mut text = format!(
        "<svg viewBox=\"0 0 {width} 140\" width=\"{width}\" height=\"140\" role=\"img\" aria-label=\"changes by date\">\n"
    );
    for (n, (date, day)) in days.iter().enumerate() {
        let mut top = 120.0;
        for (count, colour) in [(day.terminations, "#b3261e"), (day.changes, "#8a5a00"), (day.adds, "#1b6e3c")] {
            let height = count as f64 / most * 110.0;
            top -= height;
            let left = n * 26 + 6;
            let _ = writeln!(
                text,
                "<rect x=\"{left}\" y=\"{top:.1}\" width=\"18\" height=\"{height:.1}\" fill=\"{colour}\"><title>{} {count}</title></rect>",
                escaped(date)
            );
        }
        let _ = writeln!(text, "<text x=\"{}\" y=\"134\">{}</text>", n * 26 + 4, escaped(&date[date.len().min(8)..]));
    }
    text + "</svg>\n"
}

/// The runs as CSV, one a line. A cell that a spreadsheet would take for a formula is told as text.
pub fn morning_csv(morning: &Morning) -> String {
    let mut text =
        "run,feed,date,stands,adds,changes,terminations,reinstatements,questions,people,number\n".to_string();
    for line in &morning.runs {
        let tally = line.run.tally();
        let number = line.delivery.as_ref().map_or(String::new(), |delivery| format!("{:09}", delivery.number));
        let cells = [cell(&line.run.feed), cell(&line.run.business_date), cell(&state(line))].join(",");
        let _ = writeln!(
            text,
            "{},{cells},{},{},{},{},{},{},{number}",
            line.run.id, tally.adds, tally.changes, tally.terminations, tally.reinstatements, tally.holds, line.people
        );
    }
    text
}

/// A cell of a CSV file.
pub(super) fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quoted = if formula { format!("'{text}") } else { text.to_string() };
    if quoted.contains([',', '"', '\n', '\r']) { format!("\"{}\"", quoted.replace('"', "\"\"")) } else { quoted }
}

/// What needs somebody, and the runs, as JSON; the keys are a contract.
pub fn morning_json(morning: &Morning) -> serde_json::Value {
    let needs = needs_of(&morning.overview);
    let need = |need: &Need| serde_json::json!({ "needs": need.urgency.mark(), "what": need.what, "next": need.next.replace('`', "") });
    serde_json::json!({
        "site": morning.overview.site, "environment": morning.overview.environment, "at": morning.at,
        "needs": needs.iter().map(need).collect::<Vec<_>>(),
        "runs": morning.runs.iter().map(line_json).collect::<Vec<_>>(),
        "answers": morning.overview.answers.iter().map(waiting_json).collect::<Vec<_>>(),
        "covered": morning.covered, "answered_in": morning.answered_in,
    })
}

/// A figure of a site. Its labels are names of ours, and none is a person's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// What is measured.
    pub name: &'static str,
    /// What it is told apart by.
    pub label: &'static str,
    /// The value of that.
    pub of: String,
    /// How much it is.
    pub value: u64,
}

/// What is measured of a site.
pub fn figures(morning: &Morning) -> Vec<Figure> {
    let needs = needs_of(&morning.overview);
    let mut by_state: BTreeMap<String, u64> = BTreeMap::new();
    morning.runs.iter().for_each(|line| *by_state.entry(state(line)).or_default() += 1);
    let figure = |name, label, of: &str, value| Figure { name, label, of: of.to_string(), value };
    let needs = [("now", Urgency::Now), ("today", Urgency::Today)]
        .map(|(of, urgency)| figure("bex_needs", "urgency", of, count_of(&needs, urgency) as u64));
    let runs = by_state.iter().map(|(of, value)| figure("bex_runs", "state", of, *value));
    let covered = morning.covered.iter().map(|(of, value)| figure("bex_people_covered", "feed", of, *value));
    let asked = morning.questions.iter().map(|(of, open)| figure("bex_questions_open", "feed", of, open.count));
    needs.into_iter().chain(runs).chain(covered).chain(asked).collect()
}

/// What is measured, in Prometheus's text form.
pub fn metrics(morning: &Morning) -> String {
    let (mut text, mut before) = (String::new(), "");
    for Figure { name, label, of, value } in figures(morning) {
        if name != before {
            let _ = writeln!(text, "# TYPE {name} gauge");
            before = name;
        }
        let _ = writeln!(text, "{name}{{{label}=\"{of}\"}} {value}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_a_spreadsheet_would_calculate_is_text() {
        assert_eq!((cell("=1+1"), cell("a,b\"c")), ("'=1+1".to_string(), "\"a,b\"\"c\"".to_string()));
    }
}
