//! Finding and opening the site a command works on.

use std::path::{Path, PathBuf};

use super::arguments::Global;
use super::logging;
use super::page::Page;
use super::signals;
use crate::config::{self, Site};
use crate::engine::clock::Clock;
use crate::engine::{Engine, Steps};
use crate::fault::{Fault, Place};
use crate::mapping::Environment;
use crate::run::Exit;

/// Opens the site for a command that changes something.
pub(super) fn open(page: &Page, global: &Global) -> Result<Engine, Exit> {
    let (site, clock) = load(page, global)?;
    let steps = global.abort_at.map_or_else(Steps::default, Steps::aborting_at).ending_on(signals::listen());
    logging::start(&site, page);
    Engine::open(site, clock, steps).map_err(|fault| refused(page, &fault))
}

/// Opens a site whose store may be older than what lies beside it.
pub(super) fn open_to_recover(page: &Page, global: &Global) -> Result<Engine, Exit> {
    let (site, clock) = load(page, global)?;
    logging::start(&site, page);
    Engine::open_to_recover(site, clock, Steps::default()).map_err(|fault| refused(page, &fault))
}

/// Opens the site for a command that only reads.
pub(super) fn open_to_read(page: &Page, global: &Global) -> Result<Engine, Exit> {
    let (site, clock) = load(page, global)?;
    Engine::open_to_read(site, clock).map_err(|fault| refused(page, &fault))
}

/// Says a fault and gives the exit status it calls for.
pub(super) fn refused(page: &Page, fault: &Fault) -> Exit {
    page.refuse(std::slice::from_ref(fault));
    Exit::of(fault)
}

fn load(page: &Page, global: &Global) -> Result<(Site, Clock), Exit> {
    let refuse = |faults: Vec<Fault>| {
        page.refuse(&faults);
        Exit::Refused
    };
    let dir = find(global).map_err(|fault| refuse(vec![fault]))?;
    let site = config::load(&dir).map_err(refuse)?;
    let test_only = global.now.is_some() || global.abort_at.is_some();
    if test_only && site.environment != Environment::Test {
        return Err(refuse(vec![not_a_test_site()]));
    }
    Ok((site, global.now.map_or_else(Clock::default, Clock::fixed_at)))
}

/// The folder named, or the nearest folder upward that holds a bex.toml.
pub(super) fn find(global: &Global) -> Result<PathBuf, Fault> {
    if let Some(dir) = &global.site {
        return Ok(dir.clone());
    }
    let here = std::env::current_dir().map_err(|_| no_site())?;
    let holds = |dir: &&Path| dir.join("bex.toml").is_file();
    here.ancestors().find(holds).map(Path::to_path_buf).ok_or_else(no_site)
}

fn no_site() -> Fault {
    Fault::error(
        "CLI001",
        Place::Nowhere,
        "there is no bex.toml here or in any folder above",
        "name the site with --site DIR, or make one with `bex init DIR`",
    )
}

fn not_a_test_site() -> Fault {
    Fault::error(
        "CLI002",
        Place::Nowhere,
        "--now and --abort-at are for test sites",
        "leave them out, or use a site whose environment is test",
    )
}
