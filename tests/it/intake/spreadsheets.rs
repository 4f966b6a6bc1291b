//! What spreadsheets write when they are asked for text: UTF-16 with tabs, semicolons, a line that says the separator,
//! titles above the header.

use crate::harness::first_feed::{CENSUS, ELECTIONS, ELECTIONS_MAPPING, FirstFeed};

/// As a spreadsheet saves "Unicode text": UTF-16 behind a byte order mark, tabs between cells.
fn unicode_text(text: &str, is_big: bool) -> Vec<u8> {
    let tabs = format!("\u{FEFF}{}", text.replace(',', "\t").replace('\n', "\r\n"));
    tabs.encode_utf16().flat_map(|unit| if is_big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[test]
fn unicode_text_is_known_by_its_byte_order_mark_alone() {
    for is_big in [false, true] {
        let feed = FirstFeed::new();
        feed.sends("census.csv", unicode_text(CENSUS, is_big));
        feed.sends("elections.csv", unicode_text(ELECTIONS, is_big));
        feed.night(2).exits(0).says("4 add");
    }
}

#[test]
fn a_spreadsheets_line_that_says_the_separator_is_believed() {
    for (line, separator) in [("sep=,", ","), ("sep=;", ";"), ("\u{FEFF}sep=|", "|")] {
        let feed = FirstFeed::new();
        feed.sends("census.csv", format!("{line}\n{}", CENSUS.replace(',', separator)));
        feed.sends("elections.csv", format!("{line}\n{}", ELECTIONS.replace(';', " ").replace(',', separator)));
        feed.night(2)
            .says("census/example-employer: input 1 taken in")
            .says("elections/example-employer: input 2 taken in");
    }
}

#[test]
fn one_fault_says_that_the_delimiter_is_another_and_the_header_further_down() {
    let (semicolons, title) = (CENSUS.replace(',', ";"), "Census report\n\nAs of March 2\n");
    let said = |census: String| {
        let feed = FirstFeed::new();
        feed.sends("census.csv", census);
        feed.sends("elections.csv", ELECTIONS);
        feed.night(2).exits(1).says("CEN050").never_says("CEN002").text()
    };
    assert!(said(semicolons.clone()).contains("delimiter seems to be semicolon) at"));
    assert!(said(format!("{title}{CENSUS}")).contains("header seems to be on line 4) at"));
    let both = said(format!("{title}{semicolons}"));
    assert!(both.contains("delimiter seems to be semicolon, header seems to be on line 4"), "{both}");
}

#[test]
fn elections_are_read_as_leniently_as_a_census() {
    let feed = FirstFeed::new();
    feed.edit(ELECTIONS_MAPPING, "[columns]", "[format]\nheader_line = 3\n[columns]");
    let (header, rows) = ELECTIONS.split_once('\n').unwrap();
    let again = format!("Elections report\n\n{header}\n\n{rows},,,,,,,,\n{header}\nTotal,3\nPage 1 of 1\n");
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", again);
    feed.night(2).exits(0).says("CEN047").says("(rows 3)").says("CEN059").says("4 add");
}
