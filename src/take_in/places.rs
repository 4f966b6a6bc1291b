//! Where a file of the archive tells of a family.

use std::io::Read;

use super::archived::open_archived;
use super::source::employer;
use crate::census::{FoundRows, find_elections, find_people};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::model::source::{SourceKind, SourceRef};
use crate::store::InputRow;

/// The rows of an input that tell of a family, as today's mapping reads them; none where it cannot be read.
///
/// # Errors
/// RUN010 when the file is not in the archive any more; the archive key's.
pub fn find_rows(engine: &Engine, input: &InputRow, family: Pseudonym) -> Result<FoundRows, Fault> {
    // Asked first: what the reader below says of a file it cannot open is one of many faults.
    drop(open_archived(engine, input)?);
    let employer = employer(engine, &input.source).map(|name| name.to_string()).unwrap_or_default();
    let is_wanted = |key: &str| engine.vault.pseudonym("family", &[employer.as_bytes(), key.as_bytes()]) == family.0;
    let mut open = || open_archived(engine, input) as Result<Box<dyn Read + '_>, Fault>;
    let Some(SourceRef { kind, name }) = SourceRef::parse(&input.source) else { return Ok(FoundRows::default()) };
    let found = match kind {
        SourceKind::Census => {
            let date = input.business_date.parse().ok();
            let mapping = engine.site.census.get(&name).zip(date);
            mapping.and_then(|(mapping, date)| find_people(&mut open, mapping, date, &is_wanted).ok())
        }
        SourceKind::Elections => {
            let mapping = engine.site.elections.get(&name);
            mapping.and_then(|mapping| find_elections(&mut open, mapping, &is_wanted).ok())
        }
    };
    Ok(found.unwrap_or_default())
}
