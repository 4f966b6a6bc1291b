//! What is to be said of sources beside their files: silence, files that tell nothing new, rows that are nobody's.

use std::collections::BTreeMap;

use crate::engine::OpenSite;
use crate::fault::Fault;
use crate::take_in::SourcesKnown;

/// Silence, sameness or rows that are nobody's, with whom that concerns.
#[derive(Clone, Debug)]
pub struct SourceSaid {
    /// census/NAME or elections/NAME.
    pub source: String,
    /// The feeds that read it, of those that were asked about.
    pub feeds: Vec<String>,
    /// What is to be said.
    pub fault: Fault,
}

/// What is to be said of the sources that feeds read which may be looked at and are wanted.
///
/// # Errors
/// STO001.
pub fn sources_said(
    engine: &OpenSite,
    known: &SourcesKnown,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<SourceSaid>, Fault> {
    let mut said = Vec::new();
    for (source, feeds) in sources_read(engine, wanted) {
        let faults = known.unsaid(engine, &source)?.into_iter();
        said.extend(faults.map(|fault| SourceSaid { source: source.clone(), feeds: feeds.clone(), fault }));
    }
    Ok(said)
}

/// Sources with the feeds that read them.
pub(super) type FeedsOfSources = BTreeMap<String, Vec<String>>;

/// The sources that feeds read which may be looked at and are wanted.
pub(super) fn sources_read(engine: &OpenSite, wanted: &dyn Fn(&str) -> bool) -> FeedsOfSources {
    let mut read = FeedsOfSources::new();
    for feed in engine.site.feeds.values() {
        let name = feed.name.as_str();
        if engine.may_look_at(name) && wanted(name) {
            for source in [feed.census_source(), feed.elections_source()] {
                read.entry(source.to_string()).or_default().push(name.to_string());
            }
        }
    }
    read
}
