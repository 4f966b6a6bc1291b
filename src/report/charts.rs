//! Charts of the morning page: drawn as lines and boxes in the page itself, each with its table below.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::TimeDelta;

use super::words::escaped;
use crate::night::{Morning, NightTimes};
use crate::schedule::Moment;

/// Business dates that the history of people covered shows.
const COVERED_DAYS: usize = 90;

/// When the newest night's files came, were due, were delivered and answered, beside the cut-off: how much was left.
pub(super) fn night(morning: &Morning) -> String {
    let mut text = "<h2>The newest night</h2>\n".to_string();
    if morning.times.is_empty() {
        return text + "<p class=\"quiet\">No feed has a slot on it.</p>\n";
    }
    text += &lanes(&morning.times);
    text += "<div class=\"scroll\"><table><thead><tr><th>Feed</th><th>Census came</th><th>Due</th><th>Delivered</th>\
             <th>Answered</th><th>Cut-off</th><th class=\"n\">Minutes left</th></tr></thead><tbody>\n";
    for times in &morning.times {
        let shown = |at: &Option<String>| at.as_deref().map_or("-".to_string(), |at| escaped(&short(at)));
        let left = times.minutes_left().map_or("-".to_string(), |left| left.to_string());
        let _ = writeln!(
            text,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"n\">{left}</td></tr>",
            escaped(&times.feed),
            shown(&times.arrived),
            shown(&Some(times.due.to_string())),
            shown(&times.delivered),
            shown(&times.answered),
            shown(&Some(times.cut_off.to_string())),
        );
    }
    text + "</tbody></table></div>\n<p class=\"quiet\">Times are UTC.</p>\n"
}

/// Day of the month, hour and minute.
fn short(at: &str) -> String {
    at.get(8..16).map_or_else(|| at.to_string(), |part| part.replace('T', " "))
}

/// So long before the first is due and after the last cut-off something is shown in its place; what is further away, at
/// the edge.
const BEYOND: TimeDelta = TimeDelta::hours(6);

/// What happened at a moment, by the letter that stands there: colour alone says nothing on paper.
const LETTERS: [&str; 3] = ["c", "d", "a"];

/// A lane a feed, from due to cut-off, with a letter where its census came, it was delivered, and it was answered.
fn lanes(times: &[NightTimes]) -> String {
    let first = times.iter().map(|times| times.due).min();
    let last = times.iter().map(|times| times.cut_off).max();
    let (Some(first), Some(last)) = (first, last) else { return String::new() };
    let (first, last) = (first.plus(-BEYOND), last.plus(BEYOND));
    let span = last.since(first).num_minutes().max(1) as f64;
    let at = |moment: Moment| (moment.since(first).num_minutes() as f64 / span * 560.0 + 10.0).clamp(10.0, 580.0);
    let height = times.len() * 18 + 10;
    let mut text = format!(
        "<svg viewBox=\"0 0 600 {height}\" width=\"600\" height=\"{height}\" role=\"img\" aria-label=\"from due to cut-off\">\n"
    );
    for (n, times) in times.iter().enumerate() {
        let (top, from, until) = (n * 18 + 6, at(times.due), at(times.cut_off));
        let (wide, feed, base) = ((until - from).max(1.0), escaped(&times.feed), top + 9);
        let _ = writeln!(
            text,
            "<rect x=\"{from:.1}\" y=\"{top}\" width=\"{wide:.1}\" height=\"10\" fill=\"#8884\"><title>{feed}</title></rect>"
        );
        let moments = [&times.arrived, &times.delivered, &times.answered];
        for (letter, moment) in LETTERS.iter().zip(moments) {
            let Some(moment) = moment.as_deref().and_then(Moment::parse) else { continue };
            let x = at(moment);
            let _ = writeln!(text, "<text x=\"{x:.1}\" y=\"{base}\">{letter}<title>{feed} {moment}</title></text>");
        }
    }
    text + "</svg>\n<p class=\"quiet\">Grey: from due to cut-off. c: the census came, d: delivered, a: answered.</p>\n"
}

/// How many people carriers knew as covered, business date by business date: whom did we lose?
pub(super) fn covered(morning: &Morning) -> String {
    let days = covered_by_date(morning);
    let mut text = "<h2>People covered</h2>\n".to_string() + &line(&days);
    text += "<table><tbody>\n";
    for (feed, members) in &morning.covered {
        let _ = writeln!(text, "<tr><td>{}</td><td class=\"n\">{members}</td></tr>", escaped(feed));
    }
    text + "</tbody></table>\n"
}

/// Of every date the sum over feeds, each as its newest run until then knew it.
fn covered_by_date(morning: &Morning) -> Vec<(String, u64)> {
    let mut known: BTreeMap<&str, u64> = BTreeMap::new();
    let mut days: BTreeMap<&str, u64> = BTreeMap::new();
    for line in &morning.runs {
        known.insert(&line.run.feed, line.run.tally().known);
        days.insert(&line.run.business_date, known.values().sum());
    }
    let skipped = days.len().saturating_sub(COVERED_DAYS - 1);
    let mut days: Vec<(String, u64)> =
        days.into_iter().skip(skipped).map(|(day, sum)| (day.to_string(), sum)).collect();
    days.push((morning.overview.today.clone(), morning.covered.values().sum()));
    days
}

fn line(days: &[(String, u64)]) -> String {
    let most = days.iter().map(|(_, people)| *people).max().unwrap_or(0).max(1) as f64;
    let step = 560.0 / (days.len().saturating_sub(1).max(1)) as f64;
    let point = |(n, (_, people)): (usize, &(String, u64))| {
        format!("{:.1},{:.1}", n as f64 * step + 10.0, 110.0 - *people as f64 / most * 100.0)
    };
    let points: Vec<String> = days.iter().enumerate().map(point).collect();
    let (first, last) = (days.first().map_or("", |day| &day.0), days.last().map_or("", |day| &day.0));
    format!(
        "<svg viewBox=\"0 0 600 130\" width=\"600\" height=\"130\" role=\"img\" aria-label=\"people covered by date\">\n\
         <polyline points=\"{}\" fill=\"none\" stroke=\"#1b6e3c\" stroke-width=\"2\"/>\n\
         <text x=\"10\" y=\"126\">{}</text><text x=\"520\" y=\"126\">{}</text><text x=\"10\" y=\"10\">{most}</text>\n</svg>\n",
        points.join(" "),
        escaped(first),
        escaped(last)
    )
}
