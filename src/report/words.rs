//! Numbers with their nouns, in the one place that knows singular from plural; and texts as a page takes them.

use chrono::NaiveDate;

/// A number and what it counts: `1 family`, `2 families`.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    let noun = if count == 1 { one } else { many };
    format!("{count} {noun}")
}

/// The line that says how many of `all` are not among those shown; empty where all are.
pub fn and_more(all: usize, shown: usize, one: &str, many: &str) -> String {
    match all.saturating_sub(shown) {
        0 => String::new(),
        more => format!("  and {} more\n", counted(more as u64, one, many)),
    }
}

/// Days from one to the other, both ISO; none where the second is not later.
pub(super) fn days_between(from: &str, until: &str) -> i64 {
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    day(from).zip(day(until)).map_or(0, |(from, until)| (until - from).num_days().max(0))
}

/// A text as it may stand in a page: whoever wrote it cannot end the element it stands in.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            '\'' => safe += "&#39;",
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_somebody_calls_something_can_end_the_element_it_stands_in() {
        assert_eq!(escaped("<script>'\"&"), "&lt;script&gt;&#39;&quot;&amp;");
    }

    #[test]
    fn one_is_singular_and_everything_else_is_plural() {
        assert_eq!(counted(0, "family", "families"), "0 families");
        assert_eq!(counted(1, "family", "families"), "1 family");
        assert_eq!(counted(2, "family", "families"), "2 families");
    }

    #[test]
    fn what_is_not_shown_is_counted() {
        assert_eq!(and_more(10, 10, "fault", "faults"), "");
        assert_eq!(and_more(11, 10, "fault", "faults"), "  and 1 fault more\n");
        assert_eq!(and_more(12, 10, "fault", "faults"), "  and 2 faults more\n");
    }
}
