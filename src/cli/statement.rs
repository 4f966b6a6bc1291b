//! `bex statement`: the site's own privacy statement.

use super::arguments::Global;
use super::page::Page;
use super::site::load;
use crate::report::{departures, statement_text};
use crate::run::Exit;

/// Made from the configuration alone: no key is needed, and nobody's data are touched.
pub(super) fn run(page: &Page, global: &Global) -> Exit {
    match load(page, global) {
        Ok((site, _)) => {
            let text = statement_text(&site);
            page.answer_shown(|| serde_json::json!({ "text": text, "departures": departures(&site) }), || text.clone())
        }
        Err(exit) => exit,
    }
}
