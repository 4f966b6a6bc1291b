//! What the site's mappings say of a source's files.

use crate::engine::OpenSite;
use crate::mapping::format::{FilePattern, Limits};
use crate::mapping::{CensusParts, Pull, SourceWay};
use crate::model::ids::EmployerName;
use crate::model::source::{SourceKind, SourceRef};

/// What a source's files are.
#[derive(Clone, Copy)]
pub(super) struct SourceFiles<'e> {
    pub employer: &'e EmployerName,
    pub file: &'e FilePattern,
    pub limits: &'e Limits,
    pub arrival: &'e SourceWay,
    /// Days without a file after which somebody is told, where that is declared.
    pub silent_days_max: Option<u32>,
}

/// Those of a configured source.
pub(super) fn source<'e>(engine: &'e OpenSite, name: &str) -> Option<SourceFiles<'e>> {
    let (site, SourceRef { kind, name }) = (&engine.site, SourceRef::parse(name)?);
    match kind {
        SourceKind::Census => {
            let mapping = site.census.get(&name)?;
            Some(SourceFiles {
                employer: &mapping.employer,
                file: &mapping.file,
                limits: &mapping.limits,
                arrival: &mapping.arrival,
                silent_days_max: mapping.silent_days_max,
            })
        }
        SourceKind::Elections => {
            let mapping = site.elections.get(&name)?;
            Some(SourceFiles {
                employer: &mapping.employer,
                file: &mapping.file,
                limits: &mapping.limits,
                arrival: &mapping.arrival,
                silent_days_max: mapping.silent_days_max,
            })
        }
    }
}

/// The files that make a source's census, where several do.
pub fn set_of<'e>(site: &'e OpenSite, source: &str) -> Option<&'e CensusParts> {
    let SourceRef { kind, name } = SourceRef::parse(source)?;
    site.site.census.get(&name).filter(|_| kind == SourceKind::Census)?.parts.as_ref()
}

/// What the mapping calls the files that make a source's census; none where one does.
pub(super) fn part_names<'e>(site: &'e OpenSite, source: &str) -> impl Iterator<Item = &'e str> + use<'e> {
    set_of(site, source).into_iter().flat_map(|set| &set.parts).map(|part| part.name.as_str())
}

/// The part that a file of a source is, by its sender's name for it; none where one file makes the source.
pub(super) fn part_named<'e>(site: &'e OpenSite, source: &str, file: &str) -> Option<&'e str> {
    set_of(site, source)?.named(file).map(|part| part.name.as_str())
}

/// Whose source this is.
pub(super) fn employer(engine: &OpenSite, name: &str) -> Option<EmployerName> {
    source(engine, name).map(|source| source.employer.clone())
}

/// Where a source's rows come from.
pub(super) fn way<'e>(engine: &'e OpenSite, name: &str) -> Option<&'e SourceWay> {
    source(engine, name).map(|source| source.arrival)
}

/// What the files are called that any mapping fetches from this place.
pub(super) fn pulled_from<'e>(engine: &'e OpenSite, pull: &Pull) -> Vec<&'e FilePattern> {
    let is_there = |arrival: &SourceWay| {
        let there = |other: &Pull| {
            let same = |one: &Pull| (one.server.host.clone(), one.server.user.clone(), one.folder.clone());
            same(other) == same(pull)
        };
        matches!(arrival, SourceWay::Pull(other) if there(other))
    };
    let census = engine.site.census.values().filter(|mapping| is_there(&mapping.arrival)).map(|mapping| &mapping.file);
    let elections = engine.site.elections.values().filter(|mapping| is_there(&mapping.arrival));
    census.chain(elections.map(|mapping| &mapping.file)).collect()
}
