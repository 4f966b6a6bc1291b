//! What no file can say alone: that the names one file uses are defined in another, and that they fit together.

use std::path::Path;

use super::load::Files;
use crate::mapping::Kind;
use crate::mapping::Mention;
use crate::model::fault::Fault;

/// Checks the files of a site against each other and adds what it finds to their faults.
pub(super) fn check(_root: &Path, files: &mut Files) {
    let undefined: Vec<Fault> = files.mentions().filter(|mention| !is_defined(files, mention)).map(undefined).collect();
    files.faults.extend(undefined);
}

/// A name counts as defined when its file is there, even if that file has faults of its own.
fn is_defined(files: &Files, mention: &Mention) -> bool {
    let name = mention.name.as_str();
    match mention.of {
        Kind::Employer => files.site_file().is_none_or(|site| site.employers.keys().any(|key| key.as_str() == name)),
        Kind::Carrier => files.carriers.keys().any(|key| key.as_str() == name),
        Kind::Census => files.census.keys().any(|key| key.as_str() == name),
        Kind::Elections => files.elections.keys().any(|key| key.as_str() == name),
        Kind::Plan | Kind::Key => true,
    }
}

fn undefined(mention: &Mention) -> Fault {
    let (rule, next) = match mention.of {
        Kind::Employer => {
            ("an employer must be defined in bex.toml", "add [employers.NAME] to bex.toml or correct the name")
        }
        Kind::Carrier => ("a carrier must have a file", "add mappings/carriers/NAME.toml or correct the name"),
        Kind::Census => ("a census source must have a file", "add mappings/census/NAME.toml or correct the name"),
        _ => ("an elections source must have a file", "add mappings/elections/NAME.toml or correct the name"),
    };
    Fault::error("CFG008", mention.place.clone(), rule, next).name("named", &mention.name)
}
