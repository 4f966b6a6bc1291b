//! What decides how a source's bytes become people and elections: one serialised form, which is digested. A file that
//! was read by another form is read again.

use std::fmt::Debug;

use serde::Serialize;

use super::census::{
    Belongs, CensusField, CensusMapping, CensusPart, DependentColumns, Layout, PartMakes, PartNamedBy,
};
use super::column::Columns;
use super::elections::{ChoiceColumns, ElectionField, ElectionsMapping};
use super::format::{Format, Limits};

/// Raised when this program makes something else of the same bytes and the same mapping: then the newest file of every
/// source is read once more after the upgrade.
const REVISION: u32 = 1;

/// A setting that comes to be after it is left out here where it has its default: a mapping without it reads as it
/// always has.
#[derive(Debug, Serialize)]
struct CensusReadBy<'m> {
    revision: u32,
    employer: &'m str,
    layout: Layout,
    snapshot: bool,
    format: &'m Format,
    limits: &'m Limits,
    columns: &'m Columns<CensusField>,
    dependents: &'m Option<DependentColumns>,
    belongs: &'m Option<Belongs>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<PartReadBy<'m>>,
}

/// One of several files that make a census.
#[derive(Debug, Serialize)]
struct PartReadBy<'m> {
    name: &'m str,
    makes: PartMakes,
    named_by: PartNamedBy,
    read_by: CensusReadBy<'m>,
}

#[derive(Debug, Serialize)]
struct ElectionsReadBy<'m> {
    revision: u32,
    employer: &'m str,
    format: &'m Format,
    limits: &'m Limits,
    subscriber_person_key: &'m Option<String>,
    columns: &'m Columns<ElectionField>,
    choices: &'m [ChoiceColumns],
    belongs: &'m Option<Belongs>,
}

impl CensusMapping {
    /// Everything of it that decides what is made of a file's bytes, and of the tables of codes that it names.
    pub fn read_by(&self) -> Vec<u8> {
        serialized(&self.reads())
    }

    fn reads(&self) -> CensusReadBy<'_> {
        // Taken apart whole, so that a new setting does not compile until this place decides about it.
        let CensusMapping {
            source: _, // The same under another name.
            employer,
            layout,
            snapshot,
            file: _,    // Which files come to be read.
            arrival: _, // How they come.
            format,
            limits,
            silent_days_max: _, // When somebody is told that none comes.
            columns,
            dependents,
            belongs,
            parts,
        } = self;
        CensusReadBy {
            revision: REVISION,
            employer: employer.as_str(),
            layout: *layout,
            snapshot: *snapshot,
            format,
            limits,
            columns,
            dependents,
            belongs,
            // In how many hours they come decides nothing of their bytes.
            parts: parts.iter().flat_map(|set| &set.parts).map(CensusPart::reads).collect(),
        }
    }
}

impl CensusPart {
    fn reads(&self) -> PartReadBy<'_> {
        let CensusPart { name, makes, named_by, mapping } = self;
        PartReadBy { name: name.as_str(), makes: *makes, named_by: *named_by, read_by: mapping.reads() }
    }
}

impl ElectionsMapping {
    /// Everything of it that decides what is made of a file's bytes, and of the tables of codes that it names.
    pub fn read_by(&self) -> Vec<u8> {
        let ElectionsMapping {
            source: _, // The same under another name.
            employer,
            file: _,    // Which files come to be read.
            arrival: _, // How they come.
            format,
            limits,
            subscriber_person_key,
            silent_days_max: _, // When somebody is told that none comes.
            columns,
            choices,
            belongs,
        } = self;
        serialized(&ElectionsReadBy {
            revision: REVISION,
            employer: employer.as_str(),
            format,
            limits,
            subscriber_person_key,
            columns,
            choices,
            belongs,
        })
    }
}

/// JSON with its names in the order they are declared in: the same bytes for what reads alike. Nothing in it is
/// personal.
fn serialized<R: Serialize + Debug>(read_by: &R) -> Vec<u8> {
    // It has a serialised form whatever it holds; if it had none, what reads otherwise must still differ.
    serde_json::to_vec(read_by).unwrap_or_else(|_| format!("{read_by:?}").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::codes::{CodeTable, CodesTaken};
    use crate::model::ids::SourceName;

    const CENSUS: &str = "employer = \"e\"\nlayout = \"person-rows\"\nfile = \"c*.csv\"\nsilent_days_max = 9\n\
        [columns]\nfamily_key = \"ID\"\nlast_name = \"Last\"\nfirst_name = { header = \"First\", take = \"word 1\" }\n\
        birth_date = { header = \"Born\", format = \"date:MM/DD/YYYY\" }\n\
        relationship = { header = \"Rel\", codes = \"theirs\" }\n";
    const CODES: &str = "version = \"1\"\nsource = \"a guide\"\n[values]\n\"K\" = \"child\"\n";

    fn census(text: &str, codes: &str) -> Vec<u8> {
        let source = SourceName::new("s").unwrap();
        let parsed = CensusMapping::parse(&source, "s.toml", text);
        let mut mapping = parsed.value.unwrap_or_else(|| panic!("{:?}", parsed.faults));
        let table = |_: &str| CodeTable::parse(&source, "theirs.toml", codes).value;
        CodesTaken::of(&table).census(&mut mapping);
        mapping.read_by()
    }

    #[test]
    fn whatever_decides_how_a_census_is_read_stands_in_its_serialised_form() {
        let is = census(CENSUS, CODES);
        for (was, other) in [
            ("employer = \"e\"", "employer = \"f\""),
            ("file = \"c*.csv\"\n", "file = \"c*.csv\"\nsnapshot = false\n"),
            ("[columns]", "[format]\ndelimiter = \"tab\"\n[columns]"),
            ("[columns]", "[limits]\nrows_min = 9\n[columns]"),
            ("[columns]", "[belongs]\nheader = \"Co\"\nvalue = \"7\"\n[columns]"),
            ("\"Last\"", "[\"Last\", \"Surname\"]"),
            ("word 1", "word 2"),
            ("MM/DD/YYYY", "M/D/YYYY"),
            ("header = \"Rel\"", "header = \"Rel\", values = { \"X\" = \"spouse\" }"),
        ] {
            assert_eq!(CENSUS.matches(was).count(), 1, "{was}");
            assert_ne!(census(&CENSUS.replace(was, other), CODES), is, "{other}");
        }
        assert_ne!(census(CENSUS, &CODES.replace("child", "stepchild")), is, "what its table of codes says");
    }

    #[test]
    fn what_decides_nothing_of_a_files_bytes_has_no_file_read_again() {
        let is = census(CENSUS, CODES);
        for (was, other) in
            [("silent_days_max = 9", "silent_days_max = 3"), ("c*.csv", "census*.csv"), ("\n[", "\n# Why.\n[")]
        {
            assert_eq!(census(&CENSUS.replace(was, other), CODES), is, "{other}");
        }
    }

    #[test]
    fn every_mapping_has_a_serialised_form() {
        let elections = "employer = \"e\"\nfile = \"e*\"\n[columns]\nfamily_key = \"ID\"\nplan = \"Plan\"\nstart = \"From\"\n\
            end = { header = \"To\", open_end = [\"2999-12-31\"] }\n";
        let mapping = ElectionsMapping::parse(&SourceName::new("s").unwrap(), "s.toml", elections).value.unwrap();
        for bytes in [mapping.read_by(), census(CENSUS, CODES)] {
            let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(value["revision"], REVISION);
        }
        assert!(String::from_utf8(mapping.read_by()).unwrap().contains("2999-12-31"));
    }
}
