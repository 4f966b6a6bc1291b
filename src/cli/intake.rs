//! `bex intake`.

use serde_json::json;

use super::arguments::Global;
use super::page::Page;
use super::site::{open_to_seal, refused};
use crate::access::RunFeeds;
use crate::fault::Severity;
use crate::night::{SealedFiles, seal_arrivals};
use crate::report::{counted, fault_json};
use crate::run::Exit;

pub(super) fn run(page: &Page, global: &Global) -> Exit {
    let site = match open_to_seal::<RunFeeds>(page, global) {
        Ok(site) => site,
        Err(exit) => return exit,
    };
    match seal_arrivals(&site) {
        Ok(sealed) => said(page, &sealed),
        Err(fault) => refused(page, &fault),
    }
}

fn said(page: &Page, sealed: &SealedFiles) -> Exit {
    let SealedFiles { files, left } = sealed;
    let line = |(source, count): (&String, &u64)| format!("{source}: {} sealed\n", counted(*count, "file", "files"));
    if page.json {
        let files: Vec<_> = files.iter().map(|(source, count)| json!({ "source": source, "files": count })).collect();
        page.say_json(&json!({ "sealed_files": files, "left": left.iter().map(fault_json).collect::<Vec<_>>() }));
    } else if files.is_empty() {
        page.report("nothing to be sealed\n", false);
    } else {
        page.report(&files.iter().map(line).collect::<String>(), false);
    }
    page.faults(left);
    if left.iter().any(|fault| fault.severity >= Severity::Error) { Exit::Failed } else { Exit::Done }
}
