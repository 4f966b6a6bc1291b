//! What a carrier's place was found to allow, and when: kept from one probe to the next, used by deliveries, and
//! doubted once its server does otherwise.
#![allow(clippy::disallowed_methods, reason = "an edge: this module keeps what was found in a file of the state")]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::deliver::rules::{NOT_KEPT, RENAME_REFUSED, TAKEN};
use crate::engine::OpenSite;
use crate::fault::{Fault, Rule};
use crate::mapping::{Carrier, Publishing};

/// Its name below the state folder.
const FILE: &str = "profiles.json";

/// What was found at a carrier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownProfile {
    /// When it was tried, RFC 3339, UTC.
    pub at: String,
    /// As the doctor says it.
    pub words: String,
    /// Whether a rename replaces what it finds: then the name is looked at once more before.
    pub replaces: bool,
    /// What its server has done otherwise since, by code.
    pub surprise: Option<String>,
}

/// What surprises: the place does otherwise than a probe has found, or nobody has probed it.
const SURPRISES: [&Rule; 3] = [&RENAME_REFUSED, &NOT_KEPT, &TAKEN];

/// What was found at a carrier last; none where nobody has tried.
pub fn known_profile(engine: &OpenSite, carrier: &Carrier) -> Option<KnownProfile> {
    read(engine).remove(carrier.name.as_str())
}

/// What a probe has found takes the place of what an earlier one had.
pub fn keep_profile(engine: &OpenSite, carrier: &Carrier, found: KnownProfile) {
    let mut all = read(engine);
    all.insert(carrier.name.to_string(), found);
    write(engine, &all);
}

/// Doubts what was found, where a delivery has ended in a way that it does not explain.
pub(super) fn note_surprise(engine: &OpenSite, carrier: &Carrier, fault: &Fault) {
    if !SURPRISES.iter().any(|rule| fault.is(rule)) {
        return;
    }
    let mut all = read(engine);
    if let Some(known) = all.get_mut(carrier.name.as_str()) {
        known.surprise = Some(fault.code.to_string());
        write(engine, &all);
    }
}

/// How files are published at a carrier: as its file says, or else as was found, where that asks for more care.
pub fn publishing(engine: &OpenSite, carrier: &Carrier) -> Publishing {
    let replaces = || known_profile(engine, carrier).is_some_and(|known| known.replaces);
    carrier.delivery.publish.unwrap_or_else(|| if replaces() { Publishing::RenameReplaces } else { Publishing::Rename })
}

fn file(engine: &OpenSite) -> PathBuf {
    engine.site.state().join(FILE)
}

/// What cannot be read was never found: a probe finds it again.
fn read(engine: &OpenSite) -> BTreeMap<String, KnownProfile> {
    serde_json::from_str(&fs::read_to_string(file(engine)).unwrap_or_default()).unwrap_or_default()
}

fn write(engine: &OpenSite, all: &BTreeMap<String, KnownProfile>) {
    let unfinished = engine.site.state().join(".profiles");
    let text = serde_json::to_string(all).unwrap_or_default();
    if fs::write(&unfinished, text).and_then(|()| fs::rename(&unfinished, file(engine))).is_err() {
        tracing::error!("what was found at a carrier could not be kept");
    }
}
