//! `bex report`.

use super::arguments::Global;
use super::page::Page;
use super::site::{open_to_look, refused};
use crate::access::Look;
use crate::night::morning;
use crate::report::{morning_csv, morning_html, morning_json};
use crate::run::Exit;

pub(super) fn run(page: &Page, global: &Global, csv: bool) -> Exit {
    let site = match open_to_look::<Look>(page, global) {
        Ok(site) => site,
        Err(exit) => return exit,
    };
    match morning(site.any()) {
        Ok(morning) => {
            let text = || if csv { morning_csv(&morning) } else { morning_html(&morning, site.sealed().as_ref()) };
            page.answer_of(&site, || morning_json(&morning), text)
        }
        Err(fault) => refused(page, &fault),
    }
}
