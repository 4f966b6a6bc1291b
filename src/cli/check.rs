//! `bex check`.

use std::path::Path;

use super::arguments::Global;
use super::page::Page;
use super::site::find;
use crate::config;
use crate::engine::clock::Clock;
use crate::fault::{Fault, Severity};
use crate::report::{counted, fault_json, painted_fault};
use crate::run::Exit;

pub(super) fn run(page: &Page, global: &Global) -> Exit {
    let faults = match find(global) {
        Ok(dir) => checked(&dir, global),
        // Nothing was checked: this is no finding, but why there is none.
        Err(fault) => {
            page.refuse(&[fault]);
            return Exit::Failed;
        }
    };
    say(page, &faults);
    match faults.iter().map(|fault| fault.severity).max() {
        Some(Severity::Error | Severity::Fatal) => Exit::Failed,
        _ => Exit::Done,
    }
}

/// Every fault of the files, and of what they will be used for in the days to come.
fn checked(dir: &Path, global: &Global) -> Vec<Fault> {
    let (site, mut faults) = config::check(dir);
    let today = global.now.map_or_else(Clock::default, Clock::fixed_at).today();
    faults.extend(site.iter().flat_map(|site| site.calendars_ending(today)));
    faults
}

fn say(page: &Page, faults: &[Fault]) {
    if page.json {
        let faults: Vec<_> = faults.iter().map(fault_json).collect();
        return page.say_json(&serde_json::json!({ "faults": faults }));
    }
    let text: String = faults.iter().map(|fault| painted_fault(fault, page.paint)).collect();
    let errors = faults.iter().filter(|fault| fault.severity >= Severity::Error).count();
    let others = counted((faults.len() - errors) as u64, "warning or notice", "warnings and notices");
    page.show(&format!("{text}{}, {others}\n", counted(errors as u64, "error", "errors")));
}
