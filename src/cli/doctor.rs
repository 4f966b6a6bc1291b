//! `bex doctor`.

use std::path::Path;

use super::arguments::{DoctorArguments, Global};
use super::page::Page;
use super::site::{find, open_to_look, refused};
use crate::access::Probe;
use crate::config;
use crate::doctor::examine;
use crate::fault::Severity;
use crate::night::feeds_named;
use crate::report::{doctor_json, doctor_text};
use crate::run::Exit;

pub(super) fn run(page: &Page, global: &Global, asked: &DoctorArguments) -> Exit {
    if let Err(exit) = find(global).map_err(|fault| refused(page, &fault)).and_then(|dir| configured(page, &dir)) {
        return exit;
    }
    let site = match open_to_look::<Probe>(page, global) {
        Ok(site) => site,
        Err(exit) => return exit,
    };
    let findings = feeds_named(&site.site, &asked.feeds).and_then(|feeds| examine(site.any(), &feeds, asked.probe));
    let findings = match findings {
        Ok(findings) => findings,
        Err(fault) => return refused(page, &fault),
    };
    page.answer_of(&site, || doctor_json(&findings), || doctor_text(&findings, page.screen()));
    if findings.iter().any(|finding| finding.is_serious()) { Exit::Failed } else { Exit::Done }
}

/// With a configuration that is refused there is nothing to look at.
fn configured(page: &Page, dir: &Path) -> Result<(), Exit> {
    let (_, faults) = config::check(dir);
    let serious: Vec<_> = faults.into_iter().filter(|fault| fault.severity >= Severity::Error).collect();
    if serious.is_empty() {
        return Ok(());
    }
    page.refuse(&serious);
    Err(Exit::Refused)
}
