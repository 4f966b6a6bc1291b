//! `bex report`.

use super::arguments::Global;
use super::page::Page;
use super::site::{open_to_read, refused};
use crate::access::Look;
use crate::night::morning;
use crate::report::{morning_csv, morning_html, morning_json};
use crate::run::Exit;

pub(super) fn run(page: &Page, global: &Global, csv: bool) -> Exit {
    let engine = match open_to_read::<Look>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match morning((&engine).into()) {
        Ok(morning) => {
            page.answer(|| morning_json(&morning), || if csv { morning_csv(&morning) } else { morning_html(&morning) })
        }
        Err(fault) => refused(page, &fault),
    }
}
