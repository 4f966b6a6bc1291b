//! The tables of transitions, held thrice: by the program, by the database, and on the page that people read.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bex::access::Actor;
use bex::audit::Action;
use bex::state::{
    AckState, AttemptState, DeliveryState, InputState, LedgerState, Machine, QuestionStanding, QuestionState,
    RunStanding, RunState, State, machines,
};
use bex::store::Store;
use bex::store::triggers::{postgres_triggers, sqlite_triggers, table_of};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _};
use tokio::runtime::{Builder, Runtime};

use crate::harness::demo_site::{World, bex_says};
use crate::harness::source_tree::{self, Source, assert_none};

// ── the page ──

const HEAD: &str = "\
# States

Made from the tables in `src/state/`; do not edit. What a process finds after it was interrupted, and what follows, is in
[recovery](recovery.md).

A transition is named by its audit event, which is written in the same transaction as the new state; there is no other
way for a state to change. The program refuses what is not in these tables (STO008), and so does the database, whose
triggers are made from them. A stored word that is none of these stops whoever reads it (STO007). What must not happen
twice is held by unique indexes.

A state says what is *known*. Nothing moves because time has passed: a deadline ends waiting and tells somebody, it never
decides that something was or was not sent.
";

/// The page of states, from the tables.
pub fn page() -> String {
    let sections: String = machines().iter().map(section).collect();
    format!("{HEAD}{sections}{}{}{}", acts(), questions(), unmoved())
}

fn section(machine: &Machine) -> String {
    let mut title = machine.of.to_string();
    title[..1].make_ascii_uppercase();
    let mut text = format!("\n## {title}\n\n{}\n| State | Means |\n|---|---|\n", diagram(machine));
    for (word, meaning) in &machine.states {
        let _ = writeln!(text, "| `{word}` | {meaning} |");
    }
    text.push_str("\n| From | Event | To | When |\n|---|---|---|---|\n");
    for (word, _) in [("", "")].iter().chain(&machine.states) {
        let leaves = machine.arrows.iter().filter(|arrow| arrow.from.unwrap_or_default() == *word);
        for arrow in leaves {
            let from = arrow.from.map_or("–".to_string(), |from| format!("`{from}`"));
            let by: Vec<String> = arrow.by.iter().map(|event| format!("`{event}`")).collect();
            let _ = writeln!(text, "| {from} | {} | `{}` | {} |", by.join(", "), arrow.to, arrow.when);
        }
    }
    text
}

fn diagram(machine: &Machine) -> String {
    let mut text = "```mermaid\nstateDiagram-v2\n".to_string();
    for arrow in &machine.arrows {
        let _ = writeln!(text, "    {} --> {}: {}", arrow.from.unwrap_or("[*]"), arrow.to, arrow.by.join(", "));
    }
    for (word, _) in
        machine.states.iter().filter(|(word, _)| machine.arrows.iter().all(|arrow| arrow.from != Some(word)))
    {
        let _ = writeln!(text, "    {word} --> [*]");
    }
    text + "```\n"
}

/// How a run can stand for a person, and which acts fit.
fn acts() -> String {
    let mut text = "\n## What a person may do to a run\n\n\
        Run and delivery together, as the board says it. An act that is not listed is refused (RUN016) with what to do next.\n\n\
        | Mark | It is | Next | Acts |\n|---|---|---|---|\n"
        .to_string();
    for row in RunStanding::TABLE {
        let acts: Vec<String> = row.acts.iter().map(|act| format!("`{}`", act.word())).collect();
        let _ = writeln!(text, "| `{}` | {} | {} | {} |", row.urgency.mark(), row.words, row.next, acts.join(", "));
    }
    text
}

/// How an open question can stand for a person.
fn questions() -> String {
    let mut text = "\n## What an open question waits for\n\n\
        Time alone leads from one to the other and back: whom a question was put to is noted, and decides nothing.\n\n\
        | Mark | It is | Next | Acts |\n|---|---|---|---|\n"
        .to_string();
    for standing in QuestionStanding::ALL {
        let row = standing.row();
        let acts: Vec<String> = row.acts.iter().map(|act| format!("`{act}`")).collect();
        let _ = writeln!(text, "| `{}` | {} | {} | {} |", row.urgency.mark(), row.words, row.next, acts.join(", "));
    }
    text
}

/// The events that name no transition.
fn unmoved() -> String {
    let names: Vec<&str> =
        machines().iter().flat_map(|machine| machine.arrows.clone()).flat_map(|arrow| arrow.by).collect();
    let mut text = "\n## Events that move nothing\n\n| Event | Means |\n|---|---|\n".to_string();
    for (word, meaning) in Action::ALL.iter().filter(|(word, _)| !names.contains(word)) {
        let _ = writeln!(text, "| `{word}` | {meaning} |");
    }
    text
}

// ── the program ──

/// The pairs and events that the program treats otherwise than the table says.
fn program_faults<S: State>() -> Vec<String> {
    let machine = machines().into_iter().find(|machine| machine.of == S::OF).unwrap();
    let mut faults = Vec::new();
    for by in Action::EVERY {
        let names = |from: Option<&str>, to: &str| {
            machine.arrows.iter().any(|row| row.from == from && row.to == to && row.by.contains(&by.word()))
        };
        for to in S::ALL {
            let begins = to.begin(*by).is_ok();
            faults.extend((begins != names(None, to.word())).then(|| format!("begin in {to:?} by {by:?}")));
            for from in S::ALL.iter().filter(|from| *from != to) {
                let goes = from.go_over(*to, *by).is_ok();
                let permitted = names(Some(from.word()), to.word());
                faults.extend((goes != permitted).then(|| format!("{from:?} to {to:?} by {by:?}")));
            }
        }
    }
    faults
}

#[test]
fn the_program_permits_what_its_tables_have_and_nothing_else() {
    let mut faults = program_faults::<InputState>();
    faults.extend(program_faults::<RunState>());
    faults.extend(program_faults::<DeliveryState>());
    faults.extend(program_faults::<AttemptState>());
    faults.extend(program_faults::<LedgerState>());
    faults.extend(program_faults::<AckState>());
    faults.extend(program_faults::<QuestionState>());
    assert_none(faults);
}

// ── the database ──

/// A store as this version makes it, spoken to past the program.
struct Raw {
    runtime: Runtime,
    connection: SqliteConnection,
    _folder: tempfile::TempDir,
}

impl Raw {
    fn new() -> Raw {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bex.db");
        drop(Store::open(&path, Actor::named("test"), [7; 8]).unwrap());
        let mut raw = Raw::at(&path, folder);
        raw.run("PRAGMA ignore_check_constraints = ON").unwrap();
        // Rows come and go here; that the database keeps them is another question.
        for name in raw.texts("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_is_not_deleted'")
        {
            raw.run(&format!("DROP TRIGGER {name}")).unwrap();
        }
        raw
    }

    fn at(path: &Path, folder: tempfile::TempDir) -> Raw {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let options = SqliteConnectOptions::new().filename(path).foreign_keys(false);
        let connection = runtime.block_on(SqliteConnection::connect_with(&options)).unwrap();
        Raw { runtime, connection, _folder: folder }
    }

    fn run(&mut self, sql: &str) -> Result<(), String> {
        let work = self.connection.execute(AssertSqlSafe(sql.to_string()));
        self.runtime.block_on(work).map(drop).map_err(|error| error.to_string())
    }

    fn texts(&mut self, sql: &str) -> Vec<String> {
        let work = self.connection.fetch_all(AssertSqlSafe(sql.to_string()));
        self.runtime.block_on(work).unwrap().iter().map(|row| row.get(0)).collect()
    }

    /// Puts one row into a table, in this state; every other column holds something.
    fn insert(&mut self, table: &str, state: &str) -> Result<(), String> {
        let columns = self.texts(&format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"));
        let types = self.texts(&format!("SELECT type FROM pragma_table_info('{table}') ORDER BY cid"));
        let value = |(name, kind): (&String, &String)| match (name.as_str(), kind.as_str()) {
            ("state", _) => format!("'{state}'"),
            (_, "TEXT") => "'x'".to_string(),
            (_, "BLOB") => "x'00'".to_string(),
            _ => "1".to_string(),
        };
        let values: Vec<String> = columns.iter().zip(&types).map(value).collect();
        self.run(&format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), values.join(", ")))
    }

    fn triggers(&mut self, table: &str) -> String {
        let found = self.texts(&format!(
            "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name IN ('{table}_begins', '{table}_goes_over')
             ORDER BY name"
        ));
        found.iter().map(|sql| format!("{sql};\n")).collect()
    }
}

#[test]
fn the_triggers_of_a_store_are_those_made_from_the_tables() {
    let mut raw = Raw::new();
    for machine in machines() {
        let table = table_of(&machine);
        let made = sqlite_triggers(&machine, table);
        assert_eq!(raw.triggers(table), made, "a migration has to drop the triggers of {table} and make them anew");
    }
}

/// The steps of PostgreSQL hold what is made for it, and each step of SQLite has its twin.
#[test]
fn the_triggers_of_postgresql_are_those_made_from_the_same_tables() {
    let names = |folder: &str| {
        let files = source_tree::files(folder, "sql").into_iter();
        files.map(|path| path.file_name().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let twins =
        "each step has a twin in src/store/postgres/migrations: BYTEA, TEXT COLLATE \"C\", EXECUTE FUNCTION refused()";
    assert_eq!(names("src/store/migrations"), names("src/store/postgres/migrations"), "{twins}");
    let steps: String =
        source_tree::files("src/store/postgres/migrations", "sql").iter().map(source_tree::text).collect();
    for machine in machines() {
        let made = postgres_triggers(&machine, table_of(&machine));
        assert!(steps.contains(&made), "a step has to make the triggers of {} anew:\n{made}", machine.of);
    }
}

#[test]
fn the_database_refuses_every_beginning_that_its_table_does_not_have() {
    let mut raw = Raw::new();
    for machine in machines() {
        let table = table_of(&machine);
        for (word, _) in machine.states.iter().chain(&[("nonsense", "")]) {
            let begun = raw.insert(table, word);
            assert_eq!(begun.is_ok(), machine.permits(None, word), "{table} begins {word}: {begun:?}");
            raw.run(&format!("DELETE FROM {table}")).unwrap();
        }
    }
}

#[test]
fn the_database_refuses_every_transition_that_its_table_does_not_have() {
    let mut raw = Raw::new();
    for machine in machines() {
        let table = table_of(&machine);
        raw.run(&format!("DROP TRIGGER {table}_begins")).unwrap();
        // Whether it was published is another question.
        raw.run("DROP TRIGGER IF EXISTS delivery_was_published").unwrap();
        let pairs = machine.states.iter().flat_map(|(from, _)| machine.states.iter().map(move |(to, _)| (*from, *to)));
        let strange = machine.states.iter().map(|(from, _)| (*from, "nonsense"));
        for (from, to) in pairs.chain(strange) {
            raw.insert(table, from).unwrap();
            let moved = raw.run(&format!("UPDATE {table} SET state = '{to}'"));
            let permitted = from == to || machine.permits(Some(from), to);
            assert_eq!(moved.is_ok(), permitted, "{table} from {from} to {to}: {moved:?}");
            raw.run(&format!("DELETE FROM {table}")).unwrap();
        }
    }
}

#[test]
fn the_database_lets_nothing_count_as_delivered_that_was_never_published() {
    let mut raw = Raw::new();
    raw.run("DROP TRIGGER delivery_begins").unwrap();
    raw.run("DROP TRIGGER attempt_begins").unwrap();
    for (attempt, may) in [("intent", false), ("verified", false), ("failed", false), ("publishing", true)] {
        raw.insert("delivery", "sending").unwrap();
        raw.insert("attempt", attempt).unwrap();
        assert_eq!(raw.run("UPDATE delivery SET state = 'delivered'").is_ok(), may, "{attempt}");
        raw.run("DELETE FROM delivery").unwrap();
        raw.run("DELETE FROM attempt").unwrap();
    }
}

// ── words that are none of ours ──

/// A site whose store holds a word that no state has, put there by hand.
fn altered(world: &World, table: &str) -> PathBuf {
    let (copy, site) = (tempfile::tempdir().unwrap(), world.site());
    let mut raw = Raw::at(&site.join("state/bex.db"), copy);
    raw.run("PRAGMA ignore_check_constraints = ON").unwrap();
    raw.run(&format!("DROP TRIGGER {table}_goes_over")).unwrap();
    raw.run(&format!("UPDATE {table} SET state = 'nonsense'")).unwrap();
    site
}

#[test]
fn a_stored_word_that_no_state_has_stops_every_command_that_reads_it() {
    let night = World::after_the_first_night();
    let reads: [(&str, &[&[&str]]); 4] = [
        ("run", &[&["runs"], &["show", "1"], &["run"], &["resume", "1"], &["void", "1", "--reason", "x"]]),
        ("delivery", &[&["runs"], &["show", "1"]]),
        ("attempt", &[&["show", "1"], &["show", "1", "--json"]]),
        ("input", &[&["show", "1"], &["run"]]),
    ];
    for (table, commands) in reads {
        let world = night.copy();
        let site = altered(&world, table);
        for command in commands {
            let arguments =
                [command, &["--site", site.to_str().unwrap(), "--now", "2026-03-03T21:00:00Z"][..]].concat();
            let said = bex_says(&arguments, &site).exits(7);
            // Whoever acts is told before that somebody has written to the store.
            let codes = ["STO007", "LOG007", "LOG011"];
            let acts = !["runs", "show"].contains(&command[0]);
            let told = codes.iter().filter(|code| said.text().contains(*code)).count();
            assert!(told > 0 && (acts || said.text().contains(codes[0])), "{}", said.text());
            assert!(!said.text().contains("nonsense"), "the word is not repeated: {}", said.text());
        }
    }
}

// ── stored words outside the room ──

/// Literals that hold the words of states, where no state may be named by a word.
fn stored_words(source: &Source) -> Vec<String> {
    let machines = machines();
    let words: Vec<&str> = machines.iter().flat_map(|machine| &machine.states).map(|(word, _)| *word).collect();
    let quoted = |text: &str| text.split('\'').skip(1).step_by(2).any(|part| words.contains(&part));
    let named = source.literals.iter().filter(|literal| quoted(&literal.text));
    named
        .map(|literal| format!("{}:{}: a state named by a word: {}", source.path, literal.line, literal.text))
        .collect()
}

#[test]
fn no_statement_names_a_state_by_a_word() {
    assert_none(source_tree::rust("src/store").iter().flat_map(stored_words).collect());
}
