//! The architecture's invariants (docs/ARCHITECTURE.md), held. Every check is a function from sources to
//! complaints, so that each can be shown to fail on a few offending lines at the end of this file.

use crate::harness::source_tree::{self, Source, Token, assert_none, closing, paths};

// ── the table of contents ──

/// A module as `src/lib.rs` lists it.
#[derive(Debug)]
struct Entry {
    name: String,
    /// The last sentence of its doc: `Pure.` or `Touches: ….`
    kind: String,
}

impl Entry {
    fn is_pure(&self) -> bool {
        self.kind == "Pure."
    }
}

fn table_of_contents(lib: &str) -> Vec<Entry> {
    let mut doc = String::new();
    let mut entries = Vec::new();
    for line in lib.lines() {
        if let Some(more) = line.strip_prefix("///") {
            doc.push_str(more);
        } else if let Some(name) = line.strip_prefix("pub mod ").or(line.strip_prefix("pub use ::")) {
            entries.push(Entry { name: name.trim_end_matches(';').to_string(), kind: kind_of(&doc) });
            doc.clear();
        }
    }
    entries
}

fn kind_of(doc: &str) -> String {
    let doc = doc.trim();
    match doc.rfind("Touches: ") {
        Some(at) if doc.ends_with('.') => doc[at..].to_string(),
        _ if doc.ends_with(" Pure.") => "Pure.".to_string(),
        _ => String::new(),
    }
}

fn contents_faults(lib: &str) -> Vec<String> {
    let untold = table_of_contents(lib).into_iter().filter(|entry| entry.kind.is_empty());
    let mut faults: Vec<String> =
        untold.map(|entry| format!("module {}: its doc must end in `Pure.` or `Touches: ….`", entry.name)).collect();
    let listed = |line: &str| {
        let lists = ["//", "#![", "pub mod ", "pub use ::"];
        line.is_empty() || lists.iter().any(|start| line.starts_with(start))
    };
    faults
        .extend(lib.lines().filter(|line| !listed(line)).map(|line| format!("lib.rs holds more than a list: {line}")));
    faults
}

fn unlisted(contents: &[Entry], sources: &[Source]) -> Vec<String> {
    let known = |module: &str| contents.iter().any(|entry| entry.name == module);
    let stray = sources.iter().filter(|source| source.module().is_some_and(|module| !known(module)));
    stray.map(|source| format!("{}: its module is not listed in lib.rs", source.path)).collect()
}

#[test]
fn every_module_is_listed_and_says_whether_it_is_pure() {
    let lib = source_tree::text("src/lib.rs");
    let mut faults = contents_faults(&lib);
    faults.extend(unlisted(&table_of_contents(&lib), source_tree::rust("src")));
    assert_none(faults);
}

// ── imports ──

fn import_faults(contents: &[Entry], source: &Source) -> Vec<String> {
    if source.member().is_some() {
        // A crate of its own names none of ours; its own files are held to be without circles.
        return Vec::new();
    }
    let rank = |module: &str| contents.iter().position(|entry| entry.name == module);
    let own = source.module().unwrap_or_default();
    let tokens = source.tokens();
    let mut faults = Vec::new();
    for named in paths(&tokens) {
        let Some(module) = named.path.strip_prefix("crate::").and_then(|path| path.split("::").next()) else {
            continue;
        };
        let fault = match (rank(module), rank(own)) {
            (None, _) => Some("no module of that name is listed in lib.rs"),
            (Some(theirs), Some(ours)) if theirs > ours => Some("it stands below in lib.rs"),
            _ => None,
        };
        faults.extend(fault.map(|why| format!("{}:{}: names crate::{module}, but {why}", source.path, named.line)));
    }
    faults
}

/// Imports that hide where they lead: globs, `super` chains that leave the module, `main.rs` past `cli`.
fn blurred_imports(source: &Source) -> Vec<String> {
    let tokens = source.tokens();
    let mut faults = Vec::new();
    for named in paths(&tokens) {
        let ups = named.path.split("::").filter(|segment| *segment == "super").count();
        let fault = match named.path.as_str() {
            path if path.ends_with("::*") => Some("a glob hides what is used; name the items"),
            _ if ups > 0 && ups >= source.depth() => Some("`super` leaves the module; write `crate::…`"),
            path if source.path == "src/main.rs" && path.starts_with("bex::") && !path.starts_with("bex::cli") => {
                Some("main calls cli::run and nothing else")
            }
            _ => None,
        };
        faults.extend(fault.map(|why| format!("{}:{}: {}: {why}", source.path, named.line, named.path)));
    }
    faults
}

#[test]
fn a_module_imports_only_modules_listed_above_it() {
    let contents = table_of_contents(&source_tree::text("src/lib.rs"));
    assert_none(source_tree::rust("src").iter().flat_map(|source| import_faults(&contents, source)).collect());
}

#[test]
fn imports_are_explicit() {
    assert_none(source_tree::rust("src").iter().flat_map(blurred_imports).collect());
}

// ── pure modules ──

/// Crates a pure module may name. A dependency that is not here is the outside world until somebody argues otherwise.
const PURE_CRATES: [&str; 23] = [
    "anstyle",
    "base64",
    "calamine",
    "chrono",
    "chrono_tz",
    "csv",
    "encoding_rs",
    "hmac",
    "alloc",
    "core",
    "memchr",
    "quick_xml",
    "ring",
    "serde",
    "serde_json",
    "sha2",
    "siphasher",
    "subtle",
    "thiserror",
    "toml",
    "x12",
    "zeroize",
    "zip",
];

/// The outside world by its names in the standard library and in the crates above.
const OUTSIDE: [&str; 26] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::os",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "std::time::SystemTime",
    "std::time::Instant",
    "std::hash::RandomState",
    "std::collections::hash_map::RandomState",
    "chrono::Utc",
    "chrono::Local",
    "SystemTime::now",
    "Instant::now",
    "Utc::now",
    "Local::now",
    "print!",
    "println!",
    "eprint!",
    "eprintln!",
    "dbg!",
    "File::open",
    "File::create",
];

/// Several threads judge one file there: they share its bytes and nothing else, and what they find is what one finds.
const MAY_HAVE_THREADS: &str = "src/x12/src/validate/side_by_side.rs";

/// The names by which our dependencies are imported.
fn dependencies(manifest: &str) -> Vec<String> {
    let after = manifest.split("[dependencies]").nth(1).unwrap_or_default();
    let table = after.split("\n[").next().unwrap_or_default();
    table.lines().filter_map(|line| Some(line.split_once(" =")?.0.replace('-', "_"))).collect()
}

fn purity_faults(source: &Source, dependencies: &[String]) -> Vec<String> {
    let outside = |path: &str| {
        let first = path.split("::").next().unwrap_or_default();
        let foreign = dependencies.iter().any(|name| name == first) && !PURE_CRATES.contains(&first);
        foreign || OUTSIDE.iter().any(|name| names(path, name))
    };
    let tokens = source.tokens();
    let allowed = |path: &str| source.path == MAY_HAVE_THREADS && names(path, "std::thread");
    let touched = paths(&tokens).into_iter().filter(|named| outside(&named.path) && !allowed(&named.path));
    let mut faults: Vec<String> =
        touched.map(|named| format!("{}:{}: a pure module names {}", source.path, named.line, named.path)).collect();
    if source.code.contains("clippy::disallowed_methods") {
        faults.push(format!("{}: a pure module may not lift clippy::disallowed_methods", source.path));
    }
    faults
}

/// Whether `path` starts with the name, or ends with it, or goes on behind it: compared segment by segment.
fn names(path: &str, name: &str) -> bool {
    path == name || path.starts_with(&format!("{name}::")) || path.ends_with(&format!("::{name}"))
}

#[test]
fn pure_modules_name_nothing_of_the_outside_world() {
    let contents = table_of_contents(&source_tree::text("src/lib.rs"));
    let dependencies = dependencies(&source_tree::text("Cargo.toml"));
    assert!(dependencies.iter().any(|name| name == "tokio"), "Cargo.toml is read");
    let pure = |source: &&Source| contents.iter().any(|entry| entry.is_pure() && source.module() == Some(&entry.name));
    let sources = source_tree::rust("src");
    assert_none(sources.iter().filter(pure).flat_map(|source| purity_faults(source, &dependencies)).collect());
}

/// The time is read in one place. Edges may measure how long something takes (`Instant`).
fn wall_clock_faults(source: &Source) -> Vec<String> {
    const CLOCK: &str = "src/engine/clock.rs";
    let asked = |path: &str| ["SystemTime::now", "Utc::now", "Local::now"].iter().any(|name| names(path, name));
    let tokens = source.tokens();
    let found = paths(&tokens).into_iter().filter(|named| source.path != CLOCK && asked(&named.path));
    found
        .map(|named| format!("{}:{}: {}: the only wall clock is {CLOCK}", source.path, named.line, named.path))
        .collect()
}

#[test]
fn the_wall_clock_is_read_in_one_place() {
    assert_none(source_tree::rust("src").iter().flat_map(wall_clock_faults).collect());
}

// ── permits ──

/// Types whose possession proves that a stage has run, and the one module that makes them.
const PERMITS: [(&str, &str); 5] =
    [("Disclosed", "policy"), ("Checked", "gate"), ("Sealed", "seal"), ("Receipt", "deliver"), ("Permit", "access")];

/// Literals of a permit type, and inherent methods on it, outside its module.
fn forged_permits(source: &Source) -> Vec<String> {
    let tokens = source.tokens();
    let mut faults = Vec::new();
    for (permit, maker) in PERMITS {
        if source.module() == Some(maker) {
            continue;
        }
        let named = (0..tokens.len()).filter(|at| tokens[*at].text == permit && !in_enum(&tokens, *at));
        let forged = named.filter(|at| is_literal(&tokens, *at));
        faults.extend(forged.map(|at| format!("{}:{}: only {maker} makes {permit}", source.path, tokens[at].line)));
    }
    faults
}

/// Whether the type named at `at` is followed by fields (a definition, a literal or an inherent `impl`), and is not
/// a return type, the `for` of a trait's `impl`, or another type's variant of that name.
fn is_literal(tokens: &[Token], at: usize) -> bool {
    let opens = tokens.get(behind_arguments(tokens, at + 1)).is_some_and(|next| next.text == "{");
    let before = (0..at).rev().find(|at| !is_path_part(tokens, *at)).map(|at| tokens[at].text);
    let variant = at > 1 && tokens[at - 1].text == "::" && tokens[at - 2].text.starts_with(char::is_uppercase);
    opens && !variant && !matches!(before, Some("->" | "for"))
}

/// Where the tokens go on behind `<…>`, if that is what stands at `at`.
fn behind_arguments(tokens: &[Token], at: usize) -> usize {
    let mut depth = 0_i32;
    for (n, token) in tokens.iter().enumerate().skip(at) {
        depth += i32::from(token.text == "<") - i32::from(token.text == ">");
        if depth == 0 {
            return if n == at { at } else { n + 1 };
        }
    }
    at
}

/// Whether the token at `at` stands in the list of an `enum`'s variants.
fn in_enum(tokens: &[Token], at: usize) -> bool {
    let enums = (0..at).filter(|start| tokens[*start].text == "enum");
    let bodies = enums.filter_map(|start| (start..at).find(|open| tokens[*open].text == "{"));
    bodies.into_iter().any(|open| closing(tokens, open) > at)
}

/// Whether the token belongs to the path or reference in front of a type's name: `&'a mut crate::x12::validate::`.
fn is_path_part(tokens: &[Token], at: usize) -> bool {
    let is = |at: usize, mark: &str| tokens.get(at).is_some_and(|token| token.text == mark);
    match tokens[at].text {
        "&" | "'" | "mut" | "::" => true,
        _ => is(at + 1, "::") || (at > 0 && is(at - 1, "'")),
    }
}

/// Definitions of permits: in the right module, with private fields, not to be had from nothing or from text.
fn permit_definitions(sources: &[Source], whole: bool) -> Vec<String> {
    let mut faults = Vec::new();
    for (permit, maker) in PERMITS {
        let defined: Vec<&Source> = sources.iter().filter(|source| definition(source, permit).is_some()).collect();
        let named = |source: &Source| {
            paths(&source.tokens()).iter().any(|named| named.path.ends_with(&format!("{maker}::{permit}")))
        };
        if defined.len() != 1 && (whole || sources.iter().any(named)) {
            faults.push(format!("{permit} is defined {} times, not once in {maker}", defined.len()));
        }
        faults.extend(defined.into_iter().flat_map(|source| definition_faults(source, permit, maker)));
    }
    faults
}

fn definition(source: &Source, permit: &str) -> Option<usize> {
    source.tokens().windows(2).position(|pair| pair[0].text == "struct" && pair[1].text == permit)
}

fn definition_faults(source: &Source, permit: &str, maker: &str) -> Vec<String> {
    let tokens = source.tokens();
    let Some(at) = definition(source, permit) else { return Vec::new() };
    let place = format!("{}:{}: {permit}", source.path, tokens[at].line);
    let opens = (at..tokens.len()).find(|at| matches!(tokens[*at].text, "{" | "(" | ";")).unwrap_or(at);
    let fields = &tokens[opens..=closing(&tokens, opens)];
    let derives = &tokens[before_attributes(&tokens, at)..at];
    let has = |tokens: &[Token], word: &str| tokens.iter().any(|token| token.text == word);
    let mut faults = Vec::new();
    let mut refuse = |bad: bool, why: &str| faults.extend(bad.then(|| format!("{place} {why}")));
    refuse(source.module() != Some(maker), &format!("belongs to {maker}"));
    refuse(fields.len() < 3, "has no field: anybody could write it down");
    refuse(has(fields, "pub"), "has a field that others can set");
    refuse(has(derives, "Default") || has(derives, "Deserialize"), "can be had without the work it stands for");
    faults
}

/// Where the item whose keyword is at `at` begins: behind the previous item's end.
fn before_attributes(tokens: &[Token], at: usize) -> usize {
    (0..at).rev().find(|at| matches!(tokens[*at].text, ";" | "}" | "{")).map_or(0, |at| at + 1)
}

#[test]
fn a_permit_is_made_in_one_module_only() {
    let sources = source_tree::rust("src");
    let mut faults: Vec<String> = sources.iter().flat_map(forged_permits).collect();
    faults.extend(permit_definitions(sources, source_tree::tree_is_whole()));
    assert_none(faults);
}

/// Which stage may not do its work, or some of it, without which permit.
const NEEDS: [(&str, &str); 5] =
    [("t834", "Disclosed"), ("seal", "Checked"), ("deliver", "Sealed"), ("run", "Permit"), ("engine", "Permit")];

/// Stages that are there and do not ask for their permit.
fn unasked_permits(sources: &[Source]) -> Vec<String> {
    let of = |module: &str| sources.iter().filter(move |source| source.module() == Some(module)).collect::<Vec<_>>();
    let asks = |source: &&Source, permit: &str| source.tokens().iter().any(|token| token.text == permit);
    let lax = NEEDS.iter().filter(|(module, permit)| {
        let sources = of(module);
        !sources.is_empty() && !sources.iter().any(|source| asks(source, permit))
    });
    lax.map(|(module, permit)| format!("{module} does not take a {permit}: its work can be had without the permit"))
        .collect()
}

#[test]
fn a_stage_takes_the_permit_of_the_stage_before() {
    assert_none(unasked_permits(source_tree::rust("src")));
}

// ── reveal ──

/// How often production code takes a value out of `Phi`.
fn reveals(source: &Source) -> usize {
    let tokens = source.tokens();
    tokens.windows(2).filter(|pair| matches!(pair[0].text, "." | "::") && pair[1].text == "reveal").count()
}

/// The rows `| file | count | why |` below the heading that speaks of revealing.
fn reveal_table(document: &str) -> Vec<(String, usize, String)> {
    let section = document.split("\n## Where personal values are revealed\n").nth(1).unwrap_or_default();
    let rows = section.split("\n## ").next().unwrap_or_default().lines().filter(|line| line.starts_with("| `"));
    rows.filter_map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`')).collect();
        let [file, count, why] = cells[..] else { return None };
        Some((file.to_string(), count.parse().ok()?, why.to_string()))
    })
    .collect()
}

fn reveal_faults(document: &str, sources: &[Source]) -> Vec<String> {
    let table = reveal_table(document);
    let listed = |path: &str| table.iter().find(|row| row.0 == path).map_or(0, |row| row.1);
    let miscounted = sources.iter().filter(|source| reveals(source) != listed(&source.path));
    let mut faults: Vec<String> = miscounted
        .map(|source| {
            format!(
                "{}: reveals {} times, docs/ARCHITECTURE.md lists {}",
                source.path,
                reveals(source),
                listed(&source.path)
            )
        })
        .collect();
    let gone = table.iter().filter(|row| !sources.iter().any(|source| source.path == row.0));
    faults.extend(gone.map(|row| format!("docs/ARCHITECTURE.md lists {}, which is not there", row.0)));
    let silent = table.iter().filter(|row| row.2.split_whitespace().count() < 3);
    faults.extend(silent.map(|row| format!("docs/ARCHITECTURE.md does not say why {} reveals", row.0)));
    faults
}

#[test]
fn every_place_that_reveals_a_personal_value_is_listed() {
    assert_none(reveal_faults(&source_tree::text("docs/ARCHITECTURE.md"), source_tree::rust("src")));
}

// ── SQL ──

/// What a statement of SQL begins with and, somewhere behind it, contains.
const STATEMENTS: [(&str, &str); 9] = [
    ("select ", " from "),
    ("insert into ", ""),
    ("insert or ", " into "),
    ("update ", " set "),
    ("delete from ", ""),
    ("create table ", ""),
    ("alter table ", ""),
    ("with ", " as ("),
    ("pragma ", ""),
];

fn is_sql(text: &str) -> bool {
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    STATEMENTS.iter().any(|(head, tail)| plain.starts_with(head) && plain.contains(tail))
}

fn sql_faults(source: &Source) -> Vec<String> {
    if source.module() == Some("store") {
        return Vec::new();
    }
    let place = |line: usize| format!("{}:{line}: only store speaks SQL", source.path);
    let tokens = source.tokens();
    let sqlx = paths(&tokens).into_iter().filter(|named| named.path.split("::").next() == Some("sqlx"));
    let sqlx = sqlx.map(|named| place(named.line));
    sqlx.chain(source.literals.iter().filter(|found| is_sql(&found.text)).map(|found| place(found.line))).collect()
}

#[test]
fn only_the_store_contains_sql() {
    let mut faults: Vec<String> = source_tree::rust("src").iter().flat_map(sql_faults).collect();
    let stray = source_tree::files("src", "sql").into_iter().filter(|path| !path.starts_with("src/store"));
    faults.extend(stray.map(|path| format!("{}: only store speaks SQL", path.display())));
    assert_none(faults);
}

// ── names ──

/// Names that say nothing about what is inside.
const SAYS_NOTHING: [&str; 14] = [
    "util", "utils", "common", "helper", "helpers", "manager", "managers", "service", "services", "prelude", "misc",
    "shared", "stuff", "lib",
];

fn name_faults(path: &str) -> Vec<String> {
    let below = path.trim_start_matches("src/").trim_end_matches(".rs").split(['/', '_']);
    let empty = below.filter(|part| !path.ends_with("src/lib.rs") && SAYS_NOTHING.contains(part));
    empty.map(|part| format!("{path}: `{part}` does not say what is inside")).collect()
}

fn inline_name_faults(source: &Source) -> Vec<String> {
    let tokens = source.tokens();
    let modules = tokens.windows(2).filter(|pair| pair[0].text == "mod");
    modules.flat_map(|pair| name_faults(&format!("{}/{}", source.path.trim_end_matches(".rs"), pair[1].text))).collect()
}

#[test]
fn a_module_is_named_for_what_is_inside() {
    let sources = source_tree::rust("src");
    let mut faults: Vec<String> = sources.iter().flat_map(|source| name_faults(&source.path)).collect();
    faults.extend(sources.iter().filter(|source| !source.path.ends_with("src/lib.rs")).flat_map(inline_name_faults));
    assert_none(faults);
}

// ── the map in the document ──

/// The rows `| module | answerable for | kind |` of the document's code map.
fn code_map(document: &str) -> Vec<Entry> {
    let section = document.split("\n## Code map\n").nth(1).unwrap_or_default();
    let rows = section.split("\n## ").next().unwrap_or_default().lines().filter(|line| line.starts_with("| `"));
    rows.filter_map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let name = cells.first()?.trim_matches('`').to_string();
        Some(Entry { name, kind: cells.last()?.to_string() })
    })
    .collect()
}

fn map_faults(document: &str, contents: &[Entry], whole: bool) -> Vec<String> {
    let map = code_map(document);
    let mut faults = Vec::new();
    let mut reached = 0;
    for entry in contents {
        match map.iter().position(|row| row.name == entry.name) {
            None => faults.push(format!("the code map has no row for {}", entry.name)),
            Some(at) if at < reached => faults.push(format!("the code map has {} at another place", entry.name)),
            Some(at) if map[at].kind != entry.kind => {
                faults.push(format!("{}: the code map says `{}`, lib.rs `{}`", entry.name, map[at].kind, entry.kind));
            }
            Some(at) => reached = at,
        }
    }
    let gone = map.iter().filter(|row| whole && !contents.iter().any(|entry| entry.name == row.name));
    faults.extend(gone.map(|row| format!("the code map lists {}, which is not there", row.name)));
    faults
}

#[test]
fn the_code_map_is_the_table_of_contents() {
    let contents = table_of_contents(&source_tree::text("src/lib.rs"));
    assert_none(map_faults(&source_tree::text("docs/ARCHITECTURE.md"), &contents, source_tree::tree_is_whole()));
}

// ── where things are ──

/// Questions that a stranger asks are answered, each with a file or a folder that is there.
fn where_faults(document: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    const QUESTIONS_MIN: usize = 10;
    let section = document.split("\n## Where is …?\n").nth(1).unwrap_or_default();
    let rows = section.split("\n## ").next().unwrap_or_default().lines().filter(|line| line.contains("? |"));
    let rows: Vec<(&str, &str)> = rows.filter_map(|row| row.trim_matches('|').split_once(" | ")).collect();
    let answered = |answer: &str| answer.split('`').any(|part| part.starts_with("src/") && exists(part));
    let mut faults: Vec<String> = rows
        .iter()
        .filter(|(_, answer)| !answered(answer))
        .map(|(question, _)| format!("no file answers: {}", question.trim()))
        .collect();
    let few = rows.len() < QUESTIONS_MIN;
    faults.extend(few.then(|| format!("{} questions are answered, at least {QUESTIONS_MIN}", rows.len())));
    faults
}

#[test]
fn what_a_stranger_asks_is_answered_with_a_file() {
    let exists = |path: &str| source_tree::root().join(path).exists();
    assert_none(where_faults(&source_tree::text("docs/ARCHITECTURE.md"), exists));
}

// ── the checks, shown to fail ──

#[cfg(test)]
mod tests {
    use super::*;

    const LIB: &str = concat!(
        "//! Head.\n\n/// Words. Pure.\npub mod model;\n\n/// Keys. Touches: keys.\npub mod crypt;\n\n",
        "/// Rows\n/// of people. Pure.\npub mod census;\n",
    );

    fn complaints(check: impl Fn(&Source) -> Vec<String>, path: &str, code: &str) -> usize {
        check(&Source::new(path, code)).len()
    }

    #[test]
    fn the_table_of_contents_is_read_and_judged() {
        assert_eq!(contents_faults(LIB), Vec::<String>::new());
        let contents = table_of_contents(LIB);
        let kinds: Vec<&str> = contents.iter().map(|entry| entry.kind.as_str()).collect();
        assert_eq!(kinds, ["Pure.", "Touches: keys.", "Pure."]);
        assert_eq!(contents_faults("/// No verdict.\npub mod a;\npub mod b;\npub use a::C;").len(), 3);
        assert_eq!(unlisted(&contents, &[Source::new("src/stray.rs", ""), Source::new("src/main.rs", "")]).len(), 1);
    }

    #[test]
    fn an_import_from_below_is_refused() {
        let contents = table_of_contents(LIB);
        let check = |source: &Source| import_faults(&contents, source);
        assert_eq!(complaints(check, "src/census/row.rs", "use crate::{model::Phi, crypt::{age, vault}};"), 0);
        assert_eq!(complaints(check, "src/census/row.rs", "use crate::census::mapping; // crate::store"), 0);
        assert_eq!(complaints(check, "src/crypt/age.rs", "use crate::{model::Phi, census::Row};"), 1);
        assert_eq!(complaints(check, "src/model/mod.rs", "fn a() { crate::crypt::open() }"), 1);
        assert_eq!(complaints(check, "src/model/mod.rs", "use crate::Fault;"), 1);
    }

    #[test]
    fn an_import_that_hides_where_it_leads_is_refused() {
        assert_eq!(complaints(blurred_imports, "src/fault/place.rs", "use super::fault::Label;"), 0);
        assert_eq!(complaints(blurred_imports, "src/fault/place.rs", "#[cfg(test)]\nmod tests { use super::*; }"), 0);
        assert_eq!(complaints(blurred_imports, "src/fault/place.rs", "use super::*;"), 1);
        assert_eq!(complaints(blurred_imports, "src/fault/place.rs", "use super::super::crypt::age;"), 1);
        assert_eq!(complaints(blurred_imports, "src/seal.rs", "use super::crypt::age;"), 1);
        assert_eq!(complaints(blurred_imports, "src/main.rs", "use bex::store::Store;"), 1);
        assert_eq!(complaints(blurred_imports, "src/main.rs", "fn main() { bex::cli::run() }"), 0);
    }

    #[test]
    fn a_pure_module_that_looks_outside_is_refused() {
        let dependencies = dependencies("[dependencies]\nrand = \"1\"\nrussh-sftp = \"3\"\nsha2 = \"1\"\n[dev]\nx = 1");
        assert_eq!(dependencies, ["rand", "russh_sftp", "sha2"]);
        let check = |source: &Source| purity_faults(source, &dependencies);
        let pure = "use std::{fmt, time::Duration}; use sha2::Sha256; use chrono::NaiveDate; // std::fs";
        assert_eq!(complaints(check, "src/model/a.rs", pure), 0);
        for outside in [
            "use std::fs;",
            "use std::{fmt, net::TcpStream};",
            "fn a() { std::env::var(\"A\"); }",
            "use std::time; fn a() { time::Instant::now(); }",
            "fn a() { chrono::Utc::now(); }",
            "use rand::Rng;",
            "use russh_sftp::client;",
            "fn a() { eprintln!(\"\"); }",
            "#![allow(clippy::disallowed_methods)]",
        ] {
            assert_eq!(complaints(check, "src/model/a.rs", outside), 1, "{outside}");
        }
    }

    #[test]
    fn a_second_wall_clock_is_refused() {
        let code = "use chrono::Utc; fn now() { Utc::now(); std::time::Instant::now(); }";
        assert_eq!(complaints(wall_clock_faults, "src/engine/clock.rs", code), 0);
        assert_eq!(complaints(wall_clock_faults, "src/run/worker.rs", code), 1);
    }

    #[test]
    fn a_forged_permit_is_refused() {
        for innocent in [
            "impl fmt::Debug for Checked { }",
            "fn a(b: &Checked) -> crate::x12::validate::Checked { c }",
            "fn a<'a>(b: &'a Checked) -> &'a Checked { c }",
            "fn a() { State::Receipt { b } }",
            "enum State { Open, Receipt { at: Date } }",
        ] {
            assert_eq!(complaints(forged_permits, "src/seal.rs", innocent), 0, "{innocent}");
        }
        assert_eq!(complaints(forged_permits, "src/gate.rs", "fn a() -> Checked { Checked { d } }"), 0);
        assert_eq!(complaints(forged_permits, "src/seal.rs", "fn a() { let c = Checked { digest }; }"), 1);
        assert_eq!(complaints(forged_permits, "src/seal.rs", "fn a() { f(&Checked { digest }) }"), 1);
        assert_eq!(complaints(forged_permits, "src/run/plan.rs", "impl Receipt { fn new() {} }"), 1);
        assert_eq!(complaints(forged_permits, "src/run/plan.rs", "impl Permit<Release> { fn new() {} }"), 1);
        assert_eq!(complaints(forged_permits, "src/run/plan.rs", "fn a(b: &Permit<Release>) -> Permit<Void> { c }"), 0);
    }

    #[test]
    fn a_permit_that_anybody_could_make_is_refused() {
        let define = |path: &str, code: &str| permit_definitions(&[Source::new(path, code)], false).len();
        assert_eq!(define("src/seal.rs", "/// Doc.\n#[derive(Debug)]\npub struct Sealed { digest: Digest }"), 0);
        assert_eq!(define("src/seal.rs", "pub struct Sealed { pub digest: Digest }"), 1);
        assert_eq!(define("src/seal.rs", "#[derive(Debug, Default)]\npub struct Sealed(Digest);"), 1);
        assert_eq!(define("src/seal.rs", "pub struct Sealed;"), 1);
        assert_eq!(define("src/run/plan.rs", "pub struct Sealed { digest: Digest }"), 1);
        assert_eq!(define("src/deliver/mod.rs", "fn send(sealed: &crate::seal::Sealed) {}"), 1);
        assert_eq!(define("src/store/deliveries.rs", "let state = DeliveryState::Sealed;"), 0);
        assert_eq!(permit_definitions(&[], true).len(), PERMITS.len());
    }

    #[test]
    fn a_stage_that_works_without_its_permit_is_refused() {
        let with = Source::new("src/seal.rs", "fn seal(checked: &Checked) -> Sealed { todo() }");
        let without = Source::new("src/seal.rs", "fn seal(digest: [u8; 32]) -> Sealed { todo() } // Checked");
        assert_eq!(unasked_permits(&[with]), Vec::<String>::new());
        assert_eq!(unasked_permits(&[without]).len(), 1);
    }

    #[test]
    fn a_reveal_that_is_not_listed_is_refused() {
        let page = |rows: &str| format!("\n## Where personal values are revealed\n\n{rows}\n## Next\n| `x` | 1 | y |");
        let source = || [Source::new("src/a.rs", "fn a() { b.reveal(); c.map(Phi::reveal); } fn reveal() {}")];
        assert_eq!(reveal_faults(&page("| `src/a.rs` | 2 | writes the element |"), &source()), Vec::<String>::new());
        assert_eq!(reveal_faults(&page(""), &source()).len(), 1);
        assert_eq!(reveal_faults(&page("| `src/a.rs` | 1 | writes the element |"), &source()).len(), 1);
        assert_eq!(reveal_faults(&page("| `src/a.rs` | 2 | must |"), &source()).len(), 1);
        assert_eq!(reveal_faults(&page("| `src/b.rs` | 2 | writes the element |"), &source()).len(), 2);
    }

    #[test]
    fn sql_outside_the_store_is_refused() {
        assert_eq!(complaints(sql_faults, "src/store/runs.rs", "sqlx::query(\"SELECT id FROM run\")"), 0);
        assert_eq!(complaints(sql_faults, "src/run/plan.rs", "f(\"select a plan\"); g(\"update the policy\")"), 0);
        assert_eq!(complaints(sql_faults, "src/run/plan.rs", "f(\"SELECT id\\n  FROM run\")"), 1);
        assert_eq!(complaints(sql_faults, "src/run/plan.rs", "f(r#\"update run set state = 1\"#)"), 1);
        assert_eq!(complaints(sql_faults, "src/run/plan.rs", "use sqlx::SqlitePool;"), 1);
    }

    #[test]
    fn a_name_that_says_nothing_is_refused() {
        assert_eq!(name_faults("src/fault/place.rs").len(), 0);
        assert_eq!(name_faults("src/utils.rs").len(), 1);
        assert_eq!(name_faults("src/store/row_helpers.rs").len(), 1);
        assert_eq!(complaints(inline_name_faults, "src/seal.rs", "mod common { }"), 1);
    }

    #[test]
    fn a_question_without_a_file_that_answers_it_is_refused() {
        let page = |rows: &str| format!("\n## Where is …?\n\n| Question | Answer |\n|---|---|\n{rows}\n## Next\n");
        let good = "| Where? | `src/a.rs` does it |\n".repeat(10);
        let faults = |rows: &str| where_faults(&page(rows), |path| path == "src/a.rs").len();
        assert_eq!(faults(&good), 0);
        assert_eq!(faults(&format!("{good}| What? | `src/gone.rs` |\n| Why? | nobody knows |\n")), 2);
        assert_eq!(faults("| Where? | `src/a.rs` |\n"), 1);
    }

    #[test]
    fn a_code_map_that_lies_is_refused() {
        let page = |rows: &str| format!("\n## Code map\n\n| Module | For | Kind |\n|---|---|---|\n{rows}");
        let (model, crypt) = ("| `model` | nouns | Pure. |\n", "| `crypt` | keys | Touches: keys. |\n");
        let contents = table_of_contents("/// A. Pure.\npub mod model;\n/// B. Touches: keys.\npub mod crypt;");
        let faults = |rows: &str| map_faults(&page(rows), &contents, true).len();
        assert_eq!(faults(&format!("{model}{crypt}")), 0);
        assert_eq!(faults(&format!("{crypt}{model}")), 1);
        assert_eq!(faults(model), 1);
        assert_eq!(faults(&format!("{model}| `crypt` | keys | Pure. |\n")), 1);
        assert_eq!(faults(&format!("{model}{crypt}| `gone` | nothing | Pure. |\n")), 1);
    }
}
