//! What the site's mappings say of a source's files.

use crate::engine::Engine;
use crate::mapping::format::{FilePattern, Limits};
use crate::model::ids::EmployerName;
use crate::model::source::{SourceKind, SourceRef};

/// What a source's files are.
pub(super) struct SourceFiles<'e> {
    pub employer: &'e EmployerName,
    pub file: &'e FilePattern,
    pub limits: &'e Limits,
    /// Days without a file after which somebody is told, where that is declared.
    pub silent_days_max: Option<u32>,
}

/// Those of a configured source.
pub(super) fn source<'e>(engine: &'e Engine, name: &str) -> Option<SourceFiles<'e>> {
    let (site, SourceRef { kind, name }) = (&engine.site, SourceRef::parse(name)?);
    match kind {
        SourceKind::Census => {
            let mapping = site.census.get(&name)?;
            Some(SourceFiles {
                employer: &mapping.employer,
                file: &mapping.file,
                limits: &mapping.limits,
                silent_days_max: mapping.silent_days_max,
            })
        }
        SourceKind::Elections => {
            let mapping = site.elections.get(&name)?;
            Some(SourceFiles {
                employer: &mapping.employer,
                file: &mapping.file,
                limits: &mapping.limits,
                silent_days_max: mapping.silent_days_max,
            })
        }
    }
}

/// Whose source this is.
pub(super) fn employer(engine: &Engine, name: &str) -> Option<EmployerName> {
    source(engine, name).map(|source| source.employer.clone())
}
