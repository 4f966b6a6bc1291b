//! How a source's rows come, where they do not come as files into the inbox: pulled from a server, or asked of a
//! database.

use super::database::{self, AskedSettings};
use super::delivery::{self, SftpSettings};
use super::document::{Shape, Table, Text};
use super::format::{FileForm, FilePattern, Format};
use super::rules;
use super::shapes::FOLDER;

/// Where a source's rows come from.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum SourceWay {
    /// Files are put into the inbox.
    #[default]
    Inbox,
    /// Files are fetched from a server, and removed there once they are ours.
    Pull(Pull),
    /// A database is asked each night.
    Query(Query),
}

/// A folder of a server from which files are fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pull {
    /// The server, and how to log in.
    pub server: SftpSettings,
    /// The folder the employer puts files into.
    pub folder: String,
    /// Longest wait for one answer of the server, in seconds. Default 30, 1 to 600.
    pub timeout_seconds: u32,
}

/// A database, and what it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Where it is, and what it takes to be let in.
    pub database: AskedSettings,
    /// One statement that reads.
    pub statement: String,
}

const KIND: Shape<()> = Shape {
    read: |text| (text == "sftp").then_some(()),
    rule: "files are pulled by sftp",
    next: "write kind = \"sftp\"",
};

impl SourceWay {
    /// Reads `[pull]` or `[database]`. Neither: files come into the inbox.
    pub(super) fn read(table: &Table<'_>, format: &Format) -> SourceWay {
        let pull = table.section("pull", Pull::read).map(SourceWay::Pull);
        let query = table.section("database", Query::read).map(SourceWay::Query);
        if pull.is_some() && query.is_some() {
            let rule = "a source comes as files that are pulled, or from a database";
            table.refuse(rules::CONTRADICTION.worded(rule, "remove one of the two").at(table.place_of("pull")));
        }
        // Rows of a database are written by us, in one way.
        if query.is_some() && *format != Format::of_database(format.empty.clone()) {
            let rule = "of a source from a database, [format] says only what is empty";
            table.refuse(rules::CONTRADICTION.worded(rule, "remove the other settings").at(table.place_of("format")));
        }
        query.or(pull).unwrap_or_default()
    }
}

impl Pull {
    fn read(table: &Table<'_>) -> Option<Pull> {
        let kind = table.need("kind", &KIND);
        let server = delivery::read_sftp(table);
        let folder = table.need("folder", &FOLDER);
        let timeout_seconds = table.whole("timeout_seconds", 30, 1..=600);
        kind?;
        Some(Pull { server: server?, folder: folder?, timeout_seconds })
    }
}

impl Query {
    fn read(table: &Table<'_>) -> Option<Query> {
        let database = database::read_asked(table);
        let statement = table.need_text("query").and_then(|text| statement(table, text));
        Some(Query { database: database?, statement: statement? })
    }
}

/// One statement that reads, without the semicolon at its end. The database holds it to that, too.
fn statement(table: &Table<'_>, text: Text) -> Option<String> {
    let bare = text.text.trim().trim_end_matches(';').trim_end();
    let first = bare.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let reads = ["select", "with"].iter().any(|word| first.eq_ignore_ascii_case(word));
    if !reads || bare.contains(';') {
        let rule = "a query is one statement that begins with select or with, and has no semicolon in it";
        table.refuse(rules::MALFORMED.worded(rule, "write one statement that reads").at(text.place));
        return None;
    }
    Some(bare.to_string())
}

/// The file names of a source: those of a database are none.
pub(super) fn file(table: &Table<'_>, shape: &Shape<FilePattern>) -> Option<FilePattern> {
    if !table.has("database") {
        return table.need("file", shape);
    }
    if table.has("file") {
        let rule = "a source comes as files or from a database";
        table.refuse(rules::CONTRADICTION.worded(rule, "remove file, or [database]").at(table.place_of("file")));
    }
    Some(FilePattern::none())
}

impl Format {
    /// How rows of a database are written before anybody reads them.
    pub fn of_database(empty: Vec<String>) -> Format {
        Format { form: FileForm::Delimited, empty, ..Format::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::document;
    use super::*;

    fn read(text: &str) -> (Option<SourceWay>, Vec<&'static str>) {
        let parsed = document::read("x.toml", text, |table| {
            let format = table.section("format", Format::read).unwrap_or_default();
            Some(SourceWay::read(table, &format))
        });
        (parsed.value, parsed.faults.iter().map(|fault| fault.code).collect())
    }

    #[test]
    fn a_query_is_one_statement_that_reads() {
        let asked = |query: &str| read(&format!("[database]\nurl = \"sqlite:x.db\"\nquery = \"\"\"{query}\"\"\"\n"));
        for good in ["select a from b", "  WITH x AS (select 1) select * from x;\n"] {
            let Some(SourceWay::Query(query)) = asked(good).0 else { panic!("{good}") };
            assert!(!query.statement.ends_with(';'));
        }
        for bad in ["delete from b", "select 1; drop table b", "selection", ""] {
            assert!(!asked(bad).1.is_empty(), "{bad}");
        }
    }

    #[test]
    fn a_place_has_what_it_takes_to_be_reached() {
        assert_eq!(read("").0, Some(SourceWay::Inbox));
        assert!(read("[pull]\nkind = \"sftp\"\n").1.len() >= 4, "host, user, login, host keys, folder");
        assert_eq!(read("[database]\nquery = \"select 1\"\n").1, ["CFG003"]);
        let both = "[database]\nurl = \"sqlite:x.db\"\nquery = \"select 1\"\n[format]\ndelimiter = \"tab\"\n";
        assert_eq!(read(both).1.len(), 1);
    }
}
