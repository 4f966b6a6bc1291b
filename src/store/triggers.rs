//! The tables of transitions as triggers of each database. What a row may become depends on what it is, which no CHECK
//! can see. A migration holds their text; a test compares the two.

use std::fmt::Write as _;

use crate::state::Machine;

/// The table in which the things of a machine are kept.
pub fn table_of(machine: &Machine) -> &'static str {
    match machine.of {
        "question" => "hold",
        "ledger row" => "ledger",
        of => of,
    }
}

/// The triggers that hold a table's rows to their transitions, as a migration of SQLite makes them.
pub fn sqlite_triggers(machine: &Machine, table: &str) -> String {
    let mut text = String::new();
    let (begins, leads) = (beginnings(machine), departures(machine));
    let _ = writeln!(text, "CREATE TRIGGER {table}_begins BEFORE INSERT ON {table}");
    let _ = writeln!(text, "WHEN NEW.state NOT IN ({begins})");
    let _ = writeln!(text, "BEGIN SELECT RAISE(ABORT, 'no such beginning'); END;");
    let _ = writeln!(text, "CREATE TRIGGER {table}_goes_over BEFORE UPDATE ON {table}");
    let _ = writeln!(text, "WHEN NEW.state <> OLD.state{leads}");
    let _ = writeln!(text, "BEGIN SELECT RAISE(ABORT, 'no such transition'); END;");
    text
}

/// The same as a migration of PostgreSQL makes them: a trigger's action is a function there, one for all.
pub fn postgres_triggers(machine: &Machine, table: &str) -> String {
    let mut text = String::new();
    let (begins, leads) = (beginnings(machine), departures(machine));
    let _ = writeln!(text, "CREATE TRIGGER {table}_begins BEFORE INSERT ON {table} FOR EACH ROW");
    let _ = writeln!(text, "WHEN (NEW.state NOT IN ({begins}))");
    let _ = writeln!(text, "EXECUTE FUNCTION refused();");
    let _ = writeln!(text, "CREATE TRIGGER {table}_goes_over BEFORE UPDATE ON {table} FOR EACH ROW");
    let _ = writeln!(text, "WHEN (NEW.state <> OLD.state{leads})");
    let _ = writeln!(text, "EXECUTE FUNCTION refused();");
    text
}

fn beginnings(machine: &Machine) -> String {
    words(machine, |from| from.is_none())
}

/// From which state which others may not be refused, one a line.
fn departures(machine: &Machine) -> String {
    let mut text = String::new();
    for (from, _) in &machine.states {
        let to = words(machine, |start| start == Some(from));
        if !to.is_empty() {
            let _ = write!(text, "\n  AND NOT (OLD.state = '{from}' AND NEW.state IN ({to}))");
        }
    }
    text
}

/// Where such arrows lead, each once, in the order of the states.
fn words(machine: &Machine, wanted: impl Fn(Option<&str>) -> bool) -> String {
    let leads = |to: &str| machine.arrows.iter().any(|arrow| arrow.to == to && wanted(arrow.from));
    let found = machine.states.iter().filter(|(word, _)| leads(word)).map(|(word, _)| format!("'{word}'"));
    found.collect::<Vec<_>>().join(", ")
}
