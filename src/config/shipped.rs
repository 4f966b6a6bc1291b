//! What the binary brings along: the demonstration's site and files, and the examples of a new site.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use super::rules;
use crate::fault::{Fault, Label, Place};

/// A file of the binary's own: its path below the site, and its text.
pub type Shipped = (&'static str, &'static str);

macro_rules! shipped {
    ($($path:literal from $file:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $file)))),*]
    };
}

/// The site of the demonstration: two synthetic employers, three simulated carriers, six feeds. The carriers' files
/// have the placeholders `@@HOST@@`, `@@PORT@@`, `@@HOST_KEY@@` and `@@RECIPIENT@@`; see [`fill`].
pub const DEMO: &[Shipped] = shipped![
    "bex.toml" from "mappings/bex.toml",
    "mappings/census/example-manufacturing.toml" from "mappings/census/example-manufacturing.toml",
    "mappings/census/sample-logistics.toml" from "mappings/census/sample-logistics.toml",
    "mappings/elections/example-manufacturing.toml" from "mappings/elections/example-manufacturing.toml",
    "mappings/elections/sample-logistics.toml" from "mappings/elections/sample-logistics.toml",
    "mappings/plans/example-manufacturing.toml" from "mappings/plans/example-manufacturing.toml",
    "mappings/carriers/alpha-health.toml" from "mappings/carriers/alpha-health.toml",
    "mappings/carriers/beta-dental.toml" from "mappings/carriers/beta-dental.toml",
    "mappings/carriers/gamma-vision.toml" from "mappings/carriers/gamma-vision.toml",
    "schedules/example-manufacturing-alpha-health.toml" from "schedules/example-manufacturing-alpha-health.toml",
    "schedules/example-manufacturing-beta-dental.toml" from "schedules/example-manufacturing-beta-dental.toml",
    "schedules/example-manufacturing-gamma-vision.toml" from "schedules/example-manufacturing-gamma-vision.toml",
    "schedules/sample-logistics-alpha-health.toml" from "schedules/sample-logistics-alpha-health.toml",
    "schedules/sample-logistics-beta-dental.toml" from "schedules/sample-logistics-beta-dental.toml",
    "schedules/sample-logistics-gamma-vision.toml" from "schedules/sample-logistics-gamma-vision.toml",
];

/// What the demonstration's employers send, by night: path below `inbox/`, and text. Nights beyond the third are
/// like the third.
pub fn demo_inbox(night: u32) -> &'static [Shipped] {
    match night {
        0 | 1 => NIGHT_1,
        2 => NIGHT_2,
        _ => NIGHT_3,
    }
}

const NIGHT_1: &[Shipped] = shipped![
    "example-manufacturing/census.csv" from "fixtures/census/example-manufacturing/night1.csv",
    "example-manufacturing/elections.csv" from "fixtures/elections/example-manufacturing/night1.csv",
    "sample-logistics/census.csv" from "fixtures/census/sample-logistics/night1.csv",
    "sample-logistics/elections.csv" from "fixtures/elections/sample-logistics/night1.csv",
];

const NIGHT_2: &[Shipped] = shipped![
    "example-manufacturing/census.csv" from "fixtures/census/example-manufacturing/night2.csv",
    "example-manufacturing/elections.csv" from "fixtures/elections/example-manufacturing/night2.csv",
    "sample-logistics/census.csv" from "fixtures/census/sample-logistics/night2.csv",
    "sample-logistics/elections.csv" from "fixtures/elections/sample-logistics/night2.csv",
];

const NIGHT_3: &[Shipped] = shipped![
    "example-manufacturing/census.csv" from "fixtures/census/example-manufacturing/night3.csv",
    "example-manufacturing/elections.csv" from "fixtures/elections/example-manufacturing/night3.csv",
    "sample-logistics/census.csv" from "fixtures/census/sample-logistics/night3.csv",
    "sample-logistics/elections.csv" from "fixtures/elections/sample-logistics/night3.csv",
];

/// The files of a new site: one commented example of each kind, with placeholders that `bex check` explains.
pub const EXAMPLES: &[Shipped] = shipped![
    "bex.toml" from "mappings/templates/bex.toml",
    "mappings/census/example-employer.toml" from "mappings/templates/census.toml",
    "mappings/elections/example-employer.toml" from "mappings/templates/elections.toml",
    "mappings/plans/example-employer.toml" from "mappings/templates/plans.toml",
    "mappings/carriers/example-carrier.toml" from "mappings/templates/carrier.toml",
    "schedules/calendars/us-business.toml" from "schedules/calendars/us-business.toml",
    "schedules/calendars/us-federal.toml" from "schedules/calendars/us-federal.toml",
    "schedules/example-feed.toml" from "schedules/templates/feed.toml",
];

/// The text with each `@@NAME@@` replaced by its value. Values are written as they are: they must not contain `"`.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_string(), |text, (name, value)| text.replace(&format!("@@{name}@@"), value))
}

/// Writes a new site with [`EXAMPLES`] and its empty folders. The keys are the caller's to make.
///
/// # Errors
/// The folder is not empty, or cannot be written.
pub fn init(dir: &Path) -> Result<(), Fault> {
    refuse_used(dir)?;
    write(dir, EXAMPLES).map_err(|_| unwritable(dir))?;
    for folder in ["keys", "inbox/example-employer", "state"] {
        let made = DirBuilder::new().recursive(true).mode(0o750).create(dir.join(folder));
        made.map_err(|_| unwritable(dir))?;
    }
    private(&dir.join("keys")).and_then(|()| private(&dir.join("state"))).map_err(|_| unwritable(dir))
}

/// Writes shipped files below a folder, making folders as needed.
///
/// # Errors
/// The first file that cannot be written.
pub fn write(dir: &Path, files: &[Shipped]) -> io::Result<()> {
    for (path, text) in files {
        let path = dir.join(path);
        path.parent().map_or(Ok(()), |folder| DirBuilder::new().recursive(true).mode(0o750).create(folder))?;
        // Whatever the shell's umask is: whoever else can write one of these decides what carriers are told.
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o640).open(path);
        file.and_then(|mut file| io::Write::write_all(&mut file, text.as_bytes()))?;
    }
    Ok(())
}

fn refuse_used(dir: &Path) -> Result<(), Fault> {
    let used = fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    if !used {
        return Ok(());
    }
    Err(rules::FOLDER_USED.at(named(dir)))
}

fn unwritable(dir: &Path) -> Fault {
    rules::FOLDER_UNWRITABLE.at(named(dir))
}

fn named(dir: &Path) -> Place {
    Place::Named(Label::new(&dir.to_string_lossy()))
}

/// Only the engine's user may look into folders of keys and state.
#[cfg(unix)]
fn private(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn private(_dir: &Path) -> io::Result<()> {
    Ok(())
}
