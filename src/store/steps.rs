//! The steps that make the schema of this version, in order: SQLite's in migrations/, their twins in
//! postgres/migrations/. Their text is part of the program.

use sqlx::SqlStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// A step as it is kept in its file: `0001_first.sql` is step 1, "first".
pub(super) struct Step {
    /// The file's name.
    pub file: &'static str,
    /// The statements, as the file has them.
    pub sql: &'static str,
}

/// The steps of one database, whose files stand in this folder of src/store. Written once for both, so that neither
/// can lack one. sqlx has a macro that reads the folder by itself; all of sqlx, with a SQLite and a TLS of its own,
/// would be compiled a second time to run inside the compiler.
macro_rules! steps {
    ($folder:literal) => {
        $crate::store::steps::steps!($folder:
            "0001_first", "0002_answers", "0003_faults", "0004_rulesets", "0005_transitions", "0006_readings",
            "0007_slots", "0008_acts", "0009_held_feeds", "0010_watermark", "0011_bindings", "0012_arrivals",
            "0013_answered", "0014_people", "0015_intake", "0016_disclosed", "0017_log",
            "0018_trust", "0019_kept", "0020_answers_seen", "0021_came_again", "0022_asked_acts",
            "0023_families_end", "0024_second_words", "0025_board", "0026_known_before", "0027_question_numbers",
            "0028_baseline", "0029_landed", "0030_details_named",
            "0031_set_parts")
    };
    ($folder:literal: $($name:literal),+) => {
        &[$($crate::store::steps::Step {
            file: $name,
            sql: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/", $folder, "/", $name, ".sql")),
        }),+]
    };
}
pub(super) use steps;

/// How many there are: the log notes with each change which schema it was made in.
pub const SCHEMA: i64 = (steps!("migrations") as &[Step]).len() as i64;

/// What runs them, those that a database has behind it left out.
pub(super) fn migrator(steps: &[Step]) -> Migrator {
    Migrator::with_migrations(steps.iter().map(migration).collect())
}

fn migration(step: &Step) -> Migration {
    let (number, name) = step.file.split_once('_').unwrap_or_default();
    // A number that cannot be read is step 0, which no file is: the test beside finds it.
    let number = number.parse().unwrap_or_default();
    Migration::new(number, name.replace('_', " ").into(), MigrationType::Simple, SqlStr::from_static(step.sql), false)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;

    use super::{Step, migrator};

    /// The number, the meaning and the text of every file in a folder of src/store.
    fn files(folder: &str) -> BTreeMap<i64, (String, String)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store").join(folder);
        let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let file = |path: &Path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let (number, meaning) = name.split_once('_').unwrap();
            (number.parse().unwrap(), (meaning.replace('_', " "), fs::read_to_string(path).unwrap()))
        };
        paths.filter(|path| path.extension().is_some_and(|end| end == "sql")).map(|path| file(&path)).collect()
    }

    fn steps_of(steps: &[Step]) -> BTreeMap<i64, (String, String)> {
        let found = migrator(steps);
        found.iter().map(|step| (step.version, (step.description.to_string(), step.sql.as_str().to_owned()))).collect()
    }

    #[test]
    fn every_step_in_the_folders_is_among_the_steps_that_are_run() {
        let missing = "write the new step into the list of src/store/steps.rs";
        assert_eq!(steps_of(steps!("migrations")), files("migrations"), "{missing}");
        assert_eq!(steps_of(steps!("postgres/migrations")), files("postgres/migrations"), "{missing}");
    }
}
