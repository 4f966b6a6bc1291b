//! What lies beside the store. A store that does not know a sealed input or a sealed delivery of its own folders was
//! restored from a backup that is older than they are: it would use control numbers again that were used already.
#![allow(clippy::disallowed_methods, reason = "an edge: this module lists the archive and the outbox")]

use std::fs;
use std::path::Path;

use super::engine::Engine;
use super::names::{StrayDelivery, delivery};
use super::open_site::OpenSite;
use crate::access::{Permit, Recover};
use crate::audit::{Action, Event};
use crate::crypt::age::Recipient;
use crate::fault::{Fault, Label, Place};

/// The beginning of the names of copies in the archive, made of a recorded file so that it is read again.
pub const ARCHIVE_COPY: &str = "again-";

/// The beginning of the names of files in the archive that were made of others of it.
pub const ARCHIVE_JOINED: &str = "joined-";

/// What lies beside the store and is not in it.
#[derive(Clone, Debug, Default)]
pub struct Strays {
    /// Sealed inputs, by their names in the archive.
    pub inputs: Vec<String>,
    /// Sealed deliveries.
    pub deliveries: Vec<StrayDelivery>,
}

impl Strays {
    /// Whether the store knows everything.
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty() && self.deliveries.is_empty()
    }
}

/// What the archive and the outbox hold that the store does not know, in the order of names.
///
/// # Errors
/// STO001.
pub fn strays(engine: &OpenSite) -> Result<Strays, Fault> {
    // In this order: what another process seals meanwhile is claimed or known by the time that is asked.
    let (archive, outbox) = (names(&engine.archive_folder()), names(&engine.outbox_folder()));
    // A file between inbox and archive has no row yet, and lies among the claims for as long.
    let claimed = claimed(&engine.site.state().join("claims"));
    let (known, newest) = (engine.store.known_files()?, engine.store.newest_delivery()?);
    // An acknowledgement is kept before it is recorded, and fetched again after a crash: it proves nothing. Neither
    // does the copy of an input that is read again, or what several files were joined into, which are made before they
    // are recorded.
    let is_input = |name: &String| {
        let proves_nothing =
            |id: &str| ["ack-", ARCHIVE_COPY, ARCHIVE_JOINED, "."].iter().any(|beginning| id.starts_with(beginning));
        let id = name.strip_suffix(Recipient::SUFFIX).filter(|id| !proves_nothing(id));
        id.is_some_and(|id| !claimed.iter().any(|claimed| claimed == id)) && !known.contains(name)
    };
    let inputs = archive.into_iter().filter(is_input).collect();
    let deliveries = outbox.into_iter().filter(|name| !known.contains(name));
    let deliveries = deliveries.filter_map(delivery).filter(|delivery| delivery.id > newest).collect();
    Ok(Strays { inputs, deliveries })
}

/// Refuses to go on with a store that is older than what lies beside it.
///
/// # Errors
/// STO006; STO001.
pub(super) fn check(engine: &OpenSite) -> Result<(), Fault> {
    let strays = strays(engine)?;
    if strays.is_empty() {
        return Ok(());
    }
    let fault = crate::store::rules::RESTORED.at(Place::Named(Label::new("state/bex.db")));
    Err(fault.count("unknown inputs", strays.inputs.len() as u64).count("deliveries", strays.deliveries.len() as u64))
}

/// Makes it possible to go on: delivery ids and control numbers go on behind those that were used, and what was found
/// is recorded as kept aside: nothing follows from it. The reason is recorded.
///
/// # Errors
/// STO001.
pub fn recover(engine: &Engine, strays: &Strays, reason: &str, permit: &Permit<Recover>) -> Result<(), Fault> {
    let mut change = engine.change()?;
    for delivery in &strays.deliveries {
        // A carrier that is not configured any more gets no numbers.
        let partner = engine.carrier(&delivery.carrier).map(|carrier| engine.site.partner(carrier));
        change.raise_numbers(partner.as_deref(), delivery.id, delivery.number)?;
    }
    let names = strays.inputs.iter().chain(strays.deliveries.iter().map(|delivery| &delivery.name));
    names.into_iter().try_for_each(|name| change.record_aside(name))?;
    let event = Event::new(Action::StoreRecovered).count("inputs", strays.inputs.len() as i64);
    let event = event.count("deliveries", strays.deliveries.len() as i64);
    engine.keep_reason(&mut change, reason)?;
    engine.commit(change, &[event.permitted(permit)])
}

/// The ids of files claimed from any inbox.
fn claimed(claims: &Path) -> Vec<String> {
    let files = names(claims).into_iter().flat_map(|source| names(&claims.join(source)));
    files.filter_map(|file| file.strip_suffix(".clear").map(str::to_string)).collect()
}

/// The names in a folder, in order; none where there is no folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort_unstable();
    names
}
