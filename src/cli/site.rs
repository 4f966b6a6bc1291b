//! Finding and opening the site a command works on.

use std::ops::Deref;
use std::path::{Path, PathBuf};

use nix::sys::stat::{Mode, umask};

use super::arguments::Global;
use super::logging;
use super::page::Page;
use super::rules;
use super::signals;
use crate::access::{Concern, Guarded, Recover};
use crate::config::{self, Site};
use crate::engine::clock::Clock;
use crate::engine::{Engine, OpenSite, SiteOpened, Steps, check_plain};
use crate::fault::Fault;
use crate::mapping::Environment;
use crate::model::ids::{CarrierName, EmployerName};
use crate::run::{Exit, note_clock, note_settings};

/// Whether what narrows a list to a part of the site is the name of one: of a name that nothing has, an empty list
/// would say that nobody is needed.
///
/// # Errors
/// CLI012 of an employer that is not configured; CLI015 of such a carrier.
pub(super) fn parts_exist(site: &Site, employer: Option<&str>, carrier: Option<&str>) -> Result<(), Fault> {
    let is_employer = |name| EmployerName::new(name).is_some_and(|name| site.employers.contains_key(&name));
    let is_carrier = |name| CarrierName::new(name).is_some_and(|name| site.carriers.contains_key(&name));
    if !employer.is_none_or(is_employer) {
        return Err(rules::NO_EMPLOYER.fault());
    }
    if carrier.is_none_or(is_carrier) { Ok(()) } else { Err(rules::NO_CARRIER.fault()) }
}

/// Opens the site for a command that changes something.
pub(super) fn open<A: Guarded>(page: &Page, global: &Global) -> Result<Engine, Exit> {
    let engine = opened(page, global)?.map_err(|fault| refused(page, &fault))?;
    noted(page, allowed::<A>(page, engine)?)
}

/// Opens the site for a command whose work another process may be doing already: then there is none to open.
pub(super) fn open_unless_busy<A: Guarded>(page: &Page, global: &Global) -> Result<Option<Engine>, Exit> {
    match opened(page, global)? {
        Ok(engine) => allowed::<A>(page, engine).and_then(|engine| noted(page, engine)).map(Some),
        Err(fault) if Exit::of(&fault) == Exit::Busy => Ok(None),
        Err(fault) => Err(refused(page, &fault)),
    }
}

fn opened(page: &Page, global: &Global) -> Result<Result<Engine, Fault>, Exit> {
    let (site, clock) = load(page, global)?;
    let steps = global.abort_at.map_or_else(Steps::default, Steps::aborting_at).ending_on(signals::listen());
    logging::start(&site, page);
    Ok(Engine::open(site, clock, steps))
}

/// Opens the site for a command during which nobody else may change anything.
pub(super) fn open_alone<A: Guarded>(page: &Page, global: &Global) -> Result<Engine, Exit> {
    let (site, clock) = load(page, global)?;
    let steps = global.abort_at.map_or_else(Steps::default, Steps::aborting_at).ending_on(signals::listen());
    logging::start(&site, page);
    let engine = Engine::open_alone(site, clock, steps).map_err(|fault| refused(page, &fault))?;
    allowed::<A>(page, engine)
}

/// Opens a site whose store may be older than what lies beside it.
pub(super) fn open_to_recover(page: &Page, global: &Global) -> Result<Engine, Exit> {
    let (site, clock) = load(page, global)?;
    logging::start(&site, page);
    let engine = Engine::open_to_recover(site, clock, Steps::default()).map_err(|fault| refused(page, &fault))?;
    allowed::<Recover>(page, engine)
}

/// Opens the site for a command that only reads.
pub(super) fn open_to_read<A: Guarded>(page: &Page, global: &Global) -> Result<Engine, Exit> {
    let (site, clock) = load(page, global)?;
    let engine = Engine::open_to_read(site, clock).map_err(|fault| refused(page, &fault))?;
    allowed::<A>(page, engine)
}

/// The same for a command that shows what takes no key, and says of the rest that it is sealed.
pub(super) fn open_to_look<A: Guarded>(page: &Page, global: &Global) -> Result<SiteOpened, Exit> {
    let (site, clock) = load(page, global)?;
    let opened = SiteOpened::to_read(site, clock).map_err(|fault| refused(page, &fault))?;
    permitted::<A>(page, &opened)?;
    Ok(opened)
}

/// Opens the site for a command that seals files and opens none.
pub(super) fn open_to_seal<A: Guarded>(page: &Page, global: &Global) -> Result<Box<OpenSite>, Exit> {
    let (site, clock) = load(page, global)?;
    let steps = global.abort_at.map_or_else(Steps::default, Steps::aborting_at).ending_on(signals::listen());
    logging::start(&site, page);
    let opened = SiteOpened::to_seal(site, clock, steps).map_err(|fault| refused(page, &fault))?;
    permitted::<A>(page, &opened)?;
    noted(page, opened)
}

/// Opens the site for a command that acts alone and needs no key for it.
pub(super) fn open_keyless_alone<A: Guarded>(page: &Page, global: &Global) -> Result<SiteOpened, Exit> {
    let (site, clock) = load(page, global)?;
    let steps = global.abort_at.map_or_else(Steps::default, Steps::aborting_at).ending_on(signals::listen());
    logging::start(&site, page);
    let opened = SiteOpened::alone(site, clock, steps).map_err(|fault| refused(page, &fault))?;
    permitted::<A>(page, &opened)?;
    Ok(opened)
}

/// Opens the site for a command that can show what it would do: then it only reads.
pub(super) fn open_or_read<A: Guarded>(page: &Page, global: &Global, plan: bool) -> Result<Engine, Exit> {
    if plan { open_to_read::<A>(page, global) } else { open::<A>(page, global) }
}

/// Before anything is done by a configuration and a clock, both are held against what they said the last time.
fn noted<S: Deref<Target = OpenSite>>(page: &Page, site: S) -> Result<S, Exit> {
    let noted = site.begin_alone().and_then(|_alone| note_settings(&site).and_then(|()| note_clock(&site)));
    match noted {
        Ok(()) => Ok(site),
        Err(fault) => Err(refused(page, &fault)),
    }
}

/// Every command that opens a site asks here first; what it does to a feed or a run is asked about more closely there.
fn allowed<A: Guarded>(page: &Page, engine: Engine) -> Result<Engine, Exit> {
    permitted::<A>(page, &engine).map(|()| engine)
}

fn permitted<A: Guarded>(page: &Page, site: &OpenSite) -> Result<(), Exit> {
    site.set_purpose(A::WORD);
    site.grant::<A>(Concern::Anywhere).map(drop).map_err(|fault| refused(page, &fault))
}

/// Says a fault and returns the exit status it calls for.
pub(super) fn refused(page: &Page, fault: &Fault) -> Exit {
    page.refuse(std::slice::from_ref(fault));
    Exit::of(fault)
}

/// What this process makes is its user's alone.
fn keep_to_itself() {
    umask(Mode::S_IRWXG | Mode::S_IRWXO);
}

/// Reads the site for a command that needs no more than its configuration.
pub(super) fn load(page: &Page, global: &Global) -> Result<(Site, Clock), Exit> {
    keep_to_itself();
    let refuse = |faults: Vec<Fault>| {
        page.refuse(&faults);
        Exit::Refused
    };
    let dir = find(global).map_err(|fault| refuse(vec![fault]))?;
    let site = config::load(&dir).map_err(refuse)?;
    check_plain(&site).map_err(|fault| refuse(vec![fault]))?;
    let test_only = global.now.is_some() || global.abort_at.is_some();
    if test_only && site.environment != Environment::Test {
        return Err(refuse(vec![rules::NOT_A_TEST_SITE.fault()]));
    }
    Ok((site, global.now.map_or_else(Clock::default, Clock::fixed_at)))
}

/// The folder named, or the nearest folder upward that holds a bex.toml.
pub(super) fn find(global: &Global) -> Result<PathBuf, Fault> {
    if let Some(dir) = &global.site {
        return Ok(dir.clone());
    }
    let here = std::env::current_dir().map_err(|_| rules::NO_SITE.fault())?;
    let holds = |dir: &&Path| dir.join("bex.toml").is_file();
    here.ancestors().find(holds).map(Path::to_path_buf).ok_or_else(|| rules::NO_SITE.fault())
}
