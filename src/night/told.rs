//! What was told to whom: a file of the site's state, which names nobody.
#![allow(clippy::disallowed_methods, reason = "an edge: this module keeps what was told in a file")]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::engine::OpenSite;
use crate::fault::{Fault, Label, Place};

/// Its name below the state folder.
const FILE: &str = "notices.json";

/// What was told to whom, by channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ToldNotices(pub BTreeMap<String, ToldChannel>);

/// What a channel was told, and when it could not be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ToldChannel {
    /// Since when nothing reaches it; none where the last notice did.
    pub failing_since: Option<String>,
    /// By the condition's key.
    pub told: BTreeMap<String, ToldCondition>,
}

/// A condition that somebody was told of, or is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ToldCondition {
    pub words: String,
    pub since: String,
    /// When it was told last; none while it never was.
    pub told: Option<String>,
}

impl ToldNotices {
    /// What stands in the file; nothing where it cannot be read: then everything is told once more.
    pub fn read(engine: &OpenSite) -> ToldNotices {
        let text = fs::read_to_string(file(engine)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// The channels that nothing reaches, each with since when.
    pub fn failing(&self) -> impl Iterator<Item = (&str, &str)> {
        let since = |channel: &ToldChannel| channel.failing_since.clone();
        self.0
            .iter()
            .filter(move |(_, channel)| since(channel).is_some())
            .map(|(name, channel)| (name.as_str(), channel.failing_since.as_deref().unwrap_or_default()))
    }

    /// Never half a file: another pass reads the old one or the new one.
    ///
    /// # Errors
    /// RUN002.
    pub fn write(&self, engine: &OpenSite) -> Result<(), Fault> {
        let (path, unfinished) = (file(engine), engine.site.state().join(".notices"));
        let text = serde_json::to_string(self).unwrap_or_default();
        let written = fs::write(&unfinished, text).and_then(|()| fs::rename(&unfinished, path));
        written.map_err(|_| crate::engine::rules::NO_STATE.at(Place::Named(Label::new("state"))))
    }
}

fn file(engine: &OpenSite) -> PathBuf {
    engine.site.state().join(FILE)
}
