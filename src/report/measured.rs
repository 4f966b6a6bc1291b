//! Charts of the morning page that hold one figure against another: a bar each, its table below. Who is slow, what
//! waits longest, what comes back most often, what is near its limit.

use std::fmt::Write as _;

use super::words::{days_between, escaped};
use crate::night::Morning;

/// Bars that one chart shows: the longest.
const BARS_MAX: usize = 20;
/// A bar as long as the scale, and where it begins.
const LONG: f64 = 500.0;
const LEFT: f64 = 10.0;

/// A bar, and what it is held against.
struct Bar {
    label: String,
    /// What stands at its end.
    said: String,
    value: f64,
    /// Where a line crosses it.
    line: Option<f64>,
}

/// Bars below each other, each under its label; those beyond the scale are cut there and say what they are.
fn bars(about: &str, bars: &[Bar]) -> String {
    let most = bars.iter().map(|bar| bar.value.max(bar.line.unwrap_or(0.0))).fold(0.0, f64::max).max(0.1);
    let height = bars.len() * 34 + 6;
    let mut text = format!(
        "<svg class=\"bars\" viewBox=\"0 0 600 {height}\" width=\"600\" height=\"{height}\" role=\"img\" aria-label=\"{about}\">\n"
    );
    for (n, bar) in bars.iter().enumerate() {
        let (top, wide) = (n * 34 + 14, (bar.value / most * LONG).max(1.0));
        let (label, said, end) = (escaped(&bar.label), escaped(&bar.said), LEFT + wide + 6.0);
        let colour = if bar.line.is_some_and(|line| bar.value > line) { "#b3261e" } else { "#1b6e3c" };
        let _ = writeln!(text, "<text x=\"{LEFT}\" y=\"{}\">{label}</text>", top - 2);
        let _ = writeln!(text, "<rect x=\"{LEFT}\" y=\"{top}\" width=\"{wide:.1}\" height=\"12\" fill=\"{colour}\"/>");
        if let Some(line) = bar.line {
            let (x, from, until) = (LEFT + line / most * LONG, top - 2, top + 14);
            let _ = writeln!(
                text,
                "<line x1=\"{x:.1}\" y1=\"{from}\" x2=\"{x:.1}\" y2=\"{until}\" stroke=\"currentColor\" stroke-width=\"2\"/>"
            );
        }
        let _ = writeln!(text, "<text x=\"{end:.1}\" y=\"{}\">{said}</text>", top + 10);
    }
    text + "</svg>\n"
}

/// The longest of them, the longest first.
fn longest(mut all: Vec<Bar>) -> Vec<Bar> {
    all.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.label.cmp(&b.label)));
    all.truncate(BARS_MAX);
    all
}

/// How near the newest runs came to their guards: is tonight unusual? A bar that passes its line was held, or would be.
pub(super) fn guards(morning: &Morning) -> String {
    let mut text = "<h2>Beside the guards</h2>\n".to_string();
    let counts = || morning.limits.iter().flat_map(|of| of.counts.iter().map(move |count| (of, count)));
    if counts().next().is_none() {
        return text + "<p class=\"quiet\">No run of the newest night is measured by a guard.</p>\n";
    }
    let bar = |(of, count): (&crate::night::FeedLimits, &crate::reconcile::BesideLimit)| Bar {
        label: format!("{} {}", of.feed, count.what),
        said: format!("{} of {}", count.found, count.most),
        // Of its own limit, so that all lines stand in one place.
        value: (count.found as f64 / count.most.max(1) as f64).min(1.15),
        line: Some(1.0),
    };
    text += &bars("counts beside their guards", &longest(counts().map(bar).collect()));
    text += "<div class=\"scroll\"><table><thead><tr><th>Feed</th><th class=\"n\">Run</th><th>What</th>\
             <th class=\"n\">Found</th><th class=\"n\">Most</th></tr></thead><tbody>\n";
    for (of, count) in counts() {
        let (feed, run, what) = (escaped(&of.feed), of.run, count.what);
        let _ = writeln!(
            text,
            "<tr><td>{feed}</td><td class=\"n\">{run}</td><td>{what}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            count.found, count.most
        );
    }
    text + "</tbody></table></div>\n"
}

/// Hours that an answer took.
struct Hours {
    usual: f64,
    longest: f64,
}

impl Hours {
    fn of(hours: &[f64]) -> Hours {
        let mut sorted = hours.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |n: usize| sorted.get(n).copied().unwrap_or(0.0);
        Hours { usual: at(sorted.len() / 2), longest: at(sorted.len().saturating_sub(1)) }
    }
}

/// How long carriers take to answer: who is slow? The bar is what is usual, the line the longest.
pub(super) fn carriers(morning: &Morning) -> String {
    let mut text = "<h2>Hours until carriers answer</h2>\n".to_string();
    if morning.answered_in.is_empty() {
        return text + "<p class=\"quiet\">No carrier has answered yet.</p>\n";
    }
    let bar = |(carrier, hours): (&String, &Vec<f64>)| {
        let Hours { usual, longest } = Hours::of(hours);
        let said = if longest > usual { String::new() } else { format!("{usual:.1}") };
        Bar {
            label: format!("{carrier}: usually {usual:.1}, at most {longest:.1}"),
            said,
            value: usual,
            line: Some(longest),
        }
    };
    text += &bars("hours until carriers answer", &longest(morning.answered_in.iter().map(bar).collect()));
    text += "<table><thead><tr><th>Carrier</th><th class=\"n\">Files</th><th class=\"n\">Usual</th>\
             <th class=\"n\">Longest</th></tr></thead><tbody>\n";
    for (carrier, hours) in &morning.answered_in {
        let Hours { usual, longest } = Hours::of(hours);
        let _ = writeln!(
            text,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{usual:.1}</td><td class=\"n\">{longest:.1}</td></tr>",
            escaped(carrier),
            hours.len()
        );
    }
    text + "</tbody></table>\n"
}

/// Ages of questions that stand together, each by its last day.
const AGES: [(i64, &str); 6] = [
    (0, "asked today"),
    (2, "1 to 2 days"),
    (7, "3 to 7 days"),
    (14, "8 to 14 days"),
    (30, "15 to 30 days"),
    (i64::MAX, "more than 30 days"),
];

/// Questions by age, and the oldest of each feed: do employers answer?
pub(super) fn questions(morning: &Morning) -> String {
    let mut text = "<h2>Questions to employers</h2>\n".to_string();
    let today = &morning.overview.today;
    if morning.overview.asked.is_empty() {
        return text + "<p class=\"done\">None is open.</p>\n";
    }
    let mut by_age = [0_i64; AGES.len()];
    for asked in &morning.asked {
        let age = days_between(&asked.since, today);
        let place = AGES.iter().position(|(last, _)| age <= *last).unwrap_or(0);
        by_age[place] += asked.count;
    }
    let bar = |((_, label), count): (&(i64, &str), i64)| Bar {
        label: (*label).to_string(),
        said: count.to_string(),
        value: count as f64,
        line: None,
    };
    text += &bars("open questions by age", &AGES.iter().zip(by_age).map(bar).collect::<Vec<_>>());
    text += "<table><thead><tr><th>Feed</th><th class=\"n\">Open</th><th class=\"n\">Oldest, days</th></tr></thead><tbody>\n";
    for asked in &morning.overview.asked {
        let (feed, age) = (escaped(&asked.feed), days_between(&asked.since, today));
        let _ =
            writeln!(text, "<tr><td>{feed}</td><td class=\"n\">{}</td><td class=\"n\">{age}</td></tr>", asked.count);
    }
    text + "</tbody></table>\n"
}

/// What carriers objected to, by the column of the source that it comes from: what is to be mended there?
pub(super) fn objected(morning: &Morning) -> String {
    let mut text = "<h2>Objections by source column</h2>\n".to_string();
    if morning.objected.is_empty() {
        return text + "<p class=\"done\">No carrier objected to a row.</p>\n";
    }
    let bars_of = morning.objected.iter().map(|(place, count)| Bar {
        label: format!("{} {}", place.source, place.column),
        said: count.to_string(),
        value: *count as f64,
        line: None,
    });
    text += &bars("objections by source column", &longest(bars_of.collect()));
    text += "<table><thead><tr><th>Source</th><th>Column</th><th class=\"n\">Objections</th></tr></thead><tbody>\n";
    for (place, count) in &morning.objected {
        let (source, column) = (escaped(&place.source), escaped(&place.column));
        let _ = writeln!(text, "<tr><td>{source}</td><td>{column}</td><td class=\"n\">{count}</td></tr>");
    }
    text + "</tbody></table>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_beyond_its_line_is_seen_and_a_label_cannot_end_the_picture() {
        let bar = |value, label: &str| Bar { label: label.into(), said: "x".into(), value, line: Some(1.0) };
        let drawn = bars("about", &[bar(1.15, "</svg><b>"), bar(0.5, "feed")]);
        assert_eq!((drawn.matches("#b3261e").count(), drawn.matches("#1b6e3c").count()), (1, 1), "{drawn}");
        assert_eq!((drawn.matches("<line").count(), drawn.matches("</svg>").count()), (2, 1), "{drawn}");
    }

    #[test]
    fn what_is_usual_is_the_middle_and_the_longest_is_the_longest() {
        let Hours { usual, longest } = Hours::of(&[9.0, 1.0, 2.0]);
        assert_eq!((usual, longest), (2.0, 9.0));
    }
}
