//! `bex check`.

use super::arguments::Global;
use super::page::Page;
use super::site::find;
use crate::config;
use crate::fault::{Fault, Severity};
use crate::report::{fault_json, fault_lines};
use crate::run::Exit;

pub(super) fn run(page: &Page, global: &Global) -> Exit {
    let faults = match find(global) {
        Ok(dir) => config::check(&dir).1,
        Err(fault) => vec![fault],
    };
    say(page, &faults);
    match faults.iter().map(|fault| fault.severity).max() {
        Some(Severity::Error | Severity::Fatal) => Exit::Failed,
        _ => Exit::Done,
    }
}

fn say(page: &Page, faults: &[Fault]) {
    if page.json {
        let faults: Vec<_> = faults.iter().map(fault_json).collect();
        return page.say_json(&serde_json::json!({ "faults": faults }));
    }
    let text: String = faults.iter().map(fault_lines).collect();
    let errors = faults.iter().filter(|fault| fault.severity >= Severity::Error).count();
    let others = faults.len() - errors;
    page.say(&format!("{text}{errors} errors, {others} warnings and notices\n"));
}
