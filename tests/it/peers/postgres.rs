//! The store's statements are of the subset that PostgreSQL has too: it is asked about every one of them.
//!
//! They are read from the sources, so that a new one is asked about as well.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::harness::source_tree;

/// The text of a string literal that begins at `text[0]`, and what follows it.
fn literal(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text[1..].char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &text[at + 2..]),
            '\\' => {
                characters.next();
            }
            _ => value.push(character),
        }
    }
    (value, "")
}

/// The literals of an expression joined.
fn joined(expression: &str) -> String {
    let (mut sql, mut rest) = (String::new(), expression);
    while let Some(first) = rest.chars().next() {
        rest = if first == '"' {
            let (value, after) = literal(rest);
            sql += &value;
            after
        } else if let Some(arguments) = rest.strip_prefix("stood!(") {
            let (piece, after) = stood(arguments);
            sql += &piece;
            after
        } else {
            &rest[first.len_utf8()..]
        };
    }
    sql
}

/// The condition that a family stood at an input, which is written once for both sources.
fn stood(arguments: &str) -> (String, &str) {
    let (family, rest) = literal(arguments);
    let (source, rest) = literal(rest.trim_start_matches([',', ' ']));
    let (input, rest) = literal(rest.trim_start_matches([',', ' ']));
    let until = format!("({family}.until_input IS NULL OR {family}.until_input > {input})");
    (format!("{family}.source = {source} AND {family}.from_input <= {input} AND {until}"), rest)
}

/// The constants of a file that hold SQL, by name.
fn constants(text: &str) -> Vec<(String, String)> {
    let beginnings = text.split("const ").skip(1).filter(|constant| constant.contains(": &str ="));
    beginnings
        .filter_map(|constant| {
            let (name, rest) = constant.split_once(": &str =")?;
            Some((name.to_owned(), joined(rest.split_once(";\n")?.0)))
        })
        .collect()
}

/// The statements of a file: literals, with constants put in.
fn statements(text: &str) -> Vec<String> {
    let (mut built, plain) = (Vec::new(), text);
    let constants = constants(plain);
    let mut rest = plain;
    while let Some(at) = rest.find('"') {
        // A constant is a part of statements, and looked at in them.
        let in_constant = rest[..at].rsplit(';').next().is_some_and(|before| before.contains("const "));
        let (value, after) = literal(&rest[at..]);
        built.extend(
            Some(value).filter(|_| !in_constant).map(|value| put_in(&constants, value)).filter(|sql| is_sql(sql)),
        );
        rest = if in_constant { after.split_once(";\n").map_or("", |(_, rest)| rest) } else { after };
    }
    built
}

fn put_in(constants: &[(String, String)], literal: String) -> String {
    // What is put in at run time: one of two selections, and keys, of whose type nothing else tells.
    let literal = literal.replace("{known}{which}{joined}", "{KNOWN}{CHANGED}{JOINED}");
    let literal = literal.replace("{words}", "'a', 'b'").replace("{waiting}", " WHERE approval IS NULL");
    let literal = literal.replace("{}", "(CAST($1 AS BYTEA))");
    let whole = constants.iter().fold(literal, |text, (name, value)| text.replace(&format!("{{{name}}}"), value));
    // The words of states.
    whole.replace("'{", "'").replace("}'", "'")
}

fn is_sql(text: &str) -> bool {
    ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM "].iter().any(|verb| text.trim_start().starts_with(verb))
}

fn production(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()
}

/// PostgreSQL in single-user mode: no server, no port.
struct Postgres {
    folder: tempfile::TempDir,
    programs: PathBuf,
}

impl Postgres {
    fn new() -> Postgres {
        let versions = fs::read_dir("/usr/lib/postgresql").expect("install postgresql (tests/run does)");
        let programs = versions.map(|entry| entry.unwrap().path().join("bin")).find(|bin| bin.join("initdb").exists());
        let postgres = Postgres { folder: tempfile::tempdir().unwrap(), programs: programs.unwrap() };
        fs::set_permissions(postgres.folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let made = postgres.run("initdb", &["-A", "trust", "-E", "UTF8", "--no-locale", "-N"], "");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        postgres
    }

    /// It does not run as root: its own account, which its package makes, does it then.
    fn run(&self, program: &str, arguments: &[&str], input: &str) -> Output {
        let root = fs::metadata("/proc/self").map(|own| std::os::unix::fs::MetadataExt::uid(&own)).unwrap() == 0;
        let program = self.programs.join(program);
        let mut command = if root {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        let data = self.folder.path().join("data");
        command.args(arguments).arg("-D").arg(data).current_dir(self.folder.path());
        let pipe = || Stdio::piped();
        let mut child = command.stdin(pipe()).stdout(pipe()).stderr(pipe()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_owned();
        let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
        let output = child.wait_with_output().unwrap();
        let _ = writer.join().unwrap();
        output
    }

    /// Runs statements, one a line, and gives what is wrong with them.
    fn errors(&self, statements: &[String]) -> Vec<String> {
        let lines: String = statements.iter().map(|sql| sql.replace('\n', " ") + ";\n").collect();
        // The database comes after all options, and single-user mode is the first of them.
        let output = self.run("postgres", &["--single", "-F"], &lines);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        said.lines().filter(|line| line.contains("ERROR") || line.contains("STATEMENT")).map(str::to_owned).collect()
    }
}

/// The schema: every step in order, but for triggers and what they do.
fn schema() -> Vec<String> {
    let files = source_tree::files("src/store/postgres/migrations", "sql");
    let text: String = files.iter().map(source_tree::text).collect();
    let outside: String = text.split("$$").step_by(2).collect();
    let plain: String =
        outside.lines().map(|line| line.split("--").next().unwrap_or_default().to_owned() + "\n").collect();
    let statements = plain.split(';').map(|sql| sql.trim().to_owned());
    let made = |sql: &String| !sql.is_empty() && !sql.contains("TRIGGER") && !sql.contains("FUNCTION");
    statements.filter(made).collect()
}

#[test]
fn postgresql_understands_every_statement_of_the_store() {
    let files = fs::read_dir(source_tree::root().join("src/store")).unwrap().map(|entry| entry.unwrap().path());
    // What is copied from one database into another, what the log names, a page of a table and what a change of keys
    // moves is put together from lists of tables; what a site asks of its own database is the site's; SQLite and MySQL
    // have words of their own. Other tests run these on a real server.
    let listed = ["transfer.rs", "traced.rs", "pages.rs", "moving.rs", "query.rs", "mysql.rs", "sqlite.rs"];
    let files = files.filter(|path| path.file_name().is_some_and(|name| listed.iter().all(|listed| name != *listed)));
    let files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|kind| kind == "rs")).collect();
    let asked: Vec<String> = files.iter().flat_map(|path| statements(&production(path))).collect();
    assert!(asked.len() > 45, "{}", asked.len());
    let prepare = |(n, sql): (usize, &String)| format!("PREPARE s{n} AS {sql}");
    let all: Vec<String> = schema().into_iter().chain(asked.iter().enumerate().map(prepare)).collect();
    let errors = Postgres::new().errors(&all);
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn a_statement_postgresql_does_not_know_is_found() {
    let postgres = Postgres::new();
    let errors = postgres.errors(&["SELECT rowid FROM pg_class".to_owned(), "SELECT 1".to_owned()]);
    assert!(errors.iter().any(|error| error.contains("rowid")), "{errors:?}");
}
