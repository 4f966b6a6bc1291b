//! Any text as a mapping: it is a mapping or has faults, and none of them repeats what stands where a secret may be.

use bex::mapping::{CensusMapping, ElectionsMapping};
use bex::model::ids::SourceName;

/// What holds of every input.
pub fn holds(text: &str) {
    let source = SourceName::new("s").unwrap();
    let census = CensusMapping::parse(&source, "c.toml", text);
    assert!(census.value.is_some() || !census.faults.is_empty());
    let elections = ElectionsMapping::parse(&source, "e.toml", text);
    assert!(elections.value.is_some() || !elections.faults.is_empty());
}
