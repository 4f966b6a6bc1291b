//! The morning after: one page that needs nothing from anywhere and names nobody, and the runbook in the program.

use crate::harness::demo_site::accepting_999;
use crate::harness::demo_site::put;
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};

/// After a night whose file is delivered.
fn delivered() -> FirstFeed {
    let feed = FirstFeed::new();
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", ELECTIONS);
    feed.night(2).exits(0);
    feed
}

#[test]
fn the_morning_page_has_what_needs_somebody_first_and_asks_nothing_of_the_outside() {
    let feed = delivered();
    feed.bex(3, &["hold", "example-feed", "--reason", "r"]).exits(0);
    let page = feed.bex(3, &["report"]).exits(0).out;
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    assert!(page.contains("default-src 'none'") && page.contains("0 now, 1 today") && page.contains("held by"));
    for outside in ["<script", "http:", "https:", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.find("held by").unwrap() < page.find("<h2>Nights").unwrap(), "needs come first");
    for part in ["<svg", "Changes told", "People covered", "Hours until carriers answer", "Questions to employers"] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn nobody_is_named_on_the_morning_page() {
    let feed = delivered();
    let page = feed.bex(3, &["report"]).exits(0).out + &feed.bex(3, &["report", "--csv"]).exits(0).out;
    // Last name, first name, number, street, telephone: the town is the office's own.
    let told = |line: &'static str| [3, 4, 5, 8, 12].map(|column| line.split(',').nth(column).unwrap());
    for cell in CENSUS.lines().skip(1).flat_map(told).filter(|cell| cell.len() > 3) {
        assert!(!page.contains(cell), "{cell}");
    }
}

#[test]
fn the_runs_as_csv_have_one_line_each_and_the_page_as_json_says_what_to_do() {
    let feed = delivered();
    let csv = feed.bex(3, &["report", "--csv"]).exits(0).out;
    assert!(
        csv.lines().nth(1).unwrap().starts_with("1,example-feed,2026-03-02,delivered,4,0,0,0,0,4,000000001"),
        "{csv}"
    );
    let stray = accepting_999(&feed.told(), 9).replace("AK1*BE*1*", "AK1*BE*77*");
    put(&feed.site().join("carrier/outbox/stray.999"), stray);
    feed.bex(3, &["acks"]).exits(1);
    let json = feed.bex(3, &["report", "--json"]).exits(0).json();
    assert!(json["needs"][0]["next"].as_str().unwrap().starts_with("bex show ack 1, then "), "{json}");
}

#[test]
fn a_codes_entry_of_the_runbook_is_in_the_program() {
    let feed = delivered();
    feed.bex(3, &["help", "run026"]).exits(0).says("## RUN026").says("What is safe").says("What to do");
    feed.bex(3, &["help", "ABC123"]).exits(2).refuses_with("CLI005");
}

#[test]
fn a_pass_that_reached_its_end_is_alive_until_it_is_too_long_ago() {
    let feed = delivered();
    feed.bex(3, &["watch"]).exits(1).refuses_with("RUN030");
    let _ = feed.bex(3, &["run", "--due"]);
    feed.bex(3, &["watch"]).exits(0).says("2026-03-03T22:00:00Z");
    feed.bex(4, &["watch", "--max-age", "15"]).exits(1).refuses_with("RUN030").says("last 2026-03-03");
    for within in ["1440", "1440m", "24h"] {
        feed.bex(4, &["watch", "--max-age", within]).exits(0);
    }
    feed.bex(4, &["watch", "--max-age", "15m"]).exits(1).refuses_with("RUN030");
    for unknown in ["15d", "-1", "h", "9999999999", "4294967295h"] {
        feed.bex(4, &["watch", &format!("--max-age={unknown}")]).exits(2);
    }
}

#[test]
fn the_figures_of_a_site_are_in_prometheus_text_form() {
    let feed = delivered();
    let said = feed.bex(3, &["metrics"]).exits(0).out;
    for line in [
        "bex_needs{urgency=\"now\"} 0",
        "bex_runs{state=\"delivered\"} 1",
        "bex_people_covered{feed=\"example-feed\"} 4",
    ] {
        assert!(said.lines().any(|said| said == line), "{line}: {said}");
    }
}
