//! The source tree as the structural tests read it: production code with comments, strings and unit tests taken
//! out, cut into tokens. A hand-made scanner, because what the tests ask is smaller than what a parser answers.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// One Rust file of ours.
pub struct Source {
    /// Path below the package, with `/`.
    pub path: String,
    /// The file as it stands.
    pub text: String,
    /// Production code: comments, literals and `#[cfg(test)]` items replaced by spaces, lines kept.
    pub code: String,
    /// String literals of production code.
    pub literals: Vec<Literal>,
    /// How many lines are not inside a `#[cfg(test)]` item.
    pub production_lines: usize,
}

/// A string literal, without its quotes, escapes as written.
#[derive(Debug, PartialEq)]
pub struct Literal {
    /// Line it starts on, from 1.
    pub line: usize,
    /// What is between the quotes.
    pub text: String,
}

/// A word or a mark of production code.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Token<'a> {
    /// The text.
    pub text: &'a str,
    /// Line it stands on, from 1.
    pub line: usize,
}

impl Token<'_> {
    /// Whether it is an identifier or a keyword.
    pub fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    }
}

/// The package's folder.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder` whose name ends in `.extension`, ordered by path; paths are relative to the package.
pub fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    found.retain(|path| path.extension().is_some_and(|have| have == extension));
    found.sort();
    found.into_iter().map(|path| path.strip_prefix(root()).unwrap().to_path_buf()).collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The text of a file of the package; empty when there is none.
pub fn text(path: impl AsRef<Path>) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_default()
}

/// Every Rust file below `folder`, but for the examples and tests of a nested package, which are programs of their own.
/// Taken apart once for all the tests that ask.
pub fn rust(folder: &str) -> &'static [Source] {
    static TREES: Mutex<BTreeMap<String, &'static [Source]>> = Mutex::new(BTreeMap::new());
    let mut trees = TREES.lock().unwrap();
    if let Some(tree) = trees.get(folder) {
        return tree;
    }
    let tree: &'static [Source] = Box::leak(taken_apart(folder).into_boxed_slice());
    trees.insert(folder.to_string(), tree);
    tree
}

fn taken_apart(folder: &str) -> Vec<Source> {
    let beside = |path: &PathBuf| {
        let path = path.to_string_lossy();
        path.starts_with("src/") && (path.contains("/examples/") || path.contains("/tests/"))
    };
    let files = files(folder, "rs").into_iter().filter(|path| !beside(path));
    files.map(|path| Source::new(&path.to_string_lossy(), text(&path))).collect()
}

/// Fails with the complaints, if there are any.
#[track_caller]
pub fn assert_none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "{} to mend:\n  {}", complaints.len(), complaints.join("\n  "));
}

/// Whether the last module of the design is there, so that checks of the whole tree apply.
pub fn tree_is_whole() -> bool {
    text("src/lib.rs").contains("pub mod cli;")
}

impl Source {
    /// Takes a file's text apart.
    pub fn new(path: &str, text: impl Into<String>) -> Source {
        let text = text.into();
        let pieces = pieces(&text);
        let mut code = text.clone();
        pieces.iter().for_each(|piece| blank(&mut code, piece.range.clone()));
        let tests = test_items(&code);
        tests.iter().for_each(|range| blank(&mut code, range.clone()));
        let in_tests = |at: usize| tests.iter().any(|range| range.contains(&at));
        let literals =
            pieces.iter().filter(|piece| !in_tests(piece.range.start)).filter_map(|piece| piece.literal(&text));
        let literals = literals.collect();
        let test_lines: usize = tests.iter().map(|range| text[range.clone()].lines().count()).sum();
        let production_lines = text.lines().count() - test_lines;
        Source { path: path.to_string(), code, literals, production_lines, text }
    }

    /// The module of the table of contents the file belongs to; none for `lib.rs` and `main.rs`.
    pub fn module(&self) -> Option<&str> {
        if let Some(member) = self.member() {
            return Some(member);
        }
        let below = self.path.strip_prefix("src/")?;
        let name = below.split('/').next()?.trim_end_matches(".rs");
        (name != "lib" && name != "main").then_some(name)
    }

    /// How many modules deep the file is below the crate: 1 for `src/seal.rs` and `src/model/mod.rs`.
    pub fn depth(&self) -> usize {
        self.path.trim_start_matches(&self.root()).trim_end_matches("/mod.rs").split('/').count()
    }

    /// The nested package the file belongs to, a module to everybody else: `x12` for `src/x12/src/reader.rs`.
    pub fn member(&self) -> Option<&str> {
        let (member, _) = self.path.strip_prefix("src/")?.split_once("/src/")?;
        (!member.contains('/')).then_some(member)
    }

    /// The folder of the file's crate.
    fn root(&self) -> String {
        self.member().map_or("src/".to_string(), |member| format!("src/{member}/src/"))
    }

    /// The tokens of production code.
    pub fn tokens(&self) -> Vec<Token<'_>> {
        tokens(&self.code)
    }
}

/// The text with nothing between the quotes of its string literals, lines kept.
pub fn without_strings(text: &str) -> String {
    let mut bare = String::new();
    let mut at = 0;
    for piece in pieces(text).into_iter().filter(|piece| piece.kind == Kind::Text) {
        bare.push_str(&text[at..piece.range.start]);
        bare.extend(text[piece.range.clone()].chars().filter(|c| *c == '\n'));
        at = piece.range.end;
    }
    bare.push_str(&text[at..]);
    bare
}

/// The line `at` stands on, from 1.
pub fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1
}

fn blank(text: &mut String, range: Range<usize>) {
    let spaces: String = text[range.clone()].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
    text.replace_range(range, &spaces);
}

// ── what is not code ──

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Comment,
    Text,
    Character,
}

struct Piece {
    kind: Kind,
    range: Range<usize>,
}

impl Piece {
    fn literal(&self, text: &str) -> Option<Literal> {
        let inner = text[self.range.clone()].trim_start_matches('r').trim_matches('#');
        let inner = inner.strip_prefix('"')?.trim_end_matches('"');
        (self.kind == Kind::Text).then(|| Literal { line: line_of(text, self.range.start), text: inner.to_string() })
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        at = match piece_at(text.as_bytes(), at) {
            Some((kind, length)) => {
                found.push(Piece { kind, range: at..at + length });
                at + length
            }
            None => at + 1,
        };
    }
    found
}

fn piece_at(text: &[u8], at: usize) -> Option<(Kind, usize)> {
    let rest = &text[at..];
    match rest {
        [b'/', b'/', ..] => Some((Kind::Comment, find(rest, b"\n").unwrap_or(rest.len()))),
        [b'/', b'*', ..] => Some((Kind::Comment, block_comment_length(rest))),
        [b'"', ..] => Some((Kind::Text, string_length(rest))),
        [b'r', b'"' | b'#', ..] if starts_raw(text, at) => raw_string_length(rest).map(|length| (Kind::Text, length)),
        [b'\'', ..] => character_length(rest).map(|length| (Kind::Character, length)),
        _ => None,
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

fn block_comment_length(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at + 1 < rest.len() {
        match &rest[at..at + 2] {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn string_length(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

fn starts_raw(text: &[u8], at: usize) -> bool {
    let word = |back: usize| at >= back && (text[at - back].is_ascii_alphanumeric() || text[at - back] == b'_');
    !word(1) || (matches!(text[at - 1], b'b' | b'c') && !word(2))
}

fn raw_string_length(rest: &[u8]) -> Option<usize> {
    let hashes = rest[1..].iter().take_while(|byte| **byte == b'#').count();
    let open = hashes + 2;
    (rest.get(open - 1) == Some(&b'"')).then_some(())?;
    let close: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
    Some(find(&rest[open..], &close).map_or(rest.len(), |at| open + at + close.len()))
}

/// A character literal's length; a lifetime is none.
fn character_length(rest: &[u8]) -> Option<usize> {
    match rest {
        [_, b'\\', _, tail @ ..] => find(tail, b"'").map(|at| at + 4),
        [_, first, ..] => {
            let width = [(0xf0, 4), (0xe0, 3), (0xc0, 2)].iter().find(|(mark, _)| first >= mark).map_or(1, |(_, w)| *w);
            (rest.get(1 + width) == Some(&b'\'')).then_some(width + 2)
        }
        _ => None,
    }
}

fn test_items(code: &str) -> Vec<Range<usize>> {
    const MARK: &str = "#[cfg(test)]";
    let mut found: Vec<Range<usize>> = Vec::new();
    for (start, _) in code.match_indices(MARK) {
        if found.last().is_none_or(|last| last.end <= start) {
            found.push(start..start + item_length(&code[start..]));
        }
    }
    found
}

fn item_length(code: &str) -> usize {
    let mut depth = 0usize;
    for (at, byte) in code.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return at + 1,
            b'}' => depth = depth.saturating_sub(1),
            b';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

// ── what is ──

const MARKS: [&str; 8] = ["::", "->", "=>", "==", "<=", "!=", "&&", "||"];

fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(next) = code[at..].chars().next() {
        let length = token_length(&code[at..], next);
        if next == '\n' {
            line += 1;
        } else if !next.is_whitespace() {
            found.push(Token { text: &code[at..at + length], line });
        }
        at += length;
    }
    found
}

fn token_length(rest: &str, first: char) -> usize {
    if first.is_alphanumeric() || first == '_' {
        return rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    }
    MARKS.iter().find(|mark| rest.starts_with(**mark)).map_or(first.len_utf8(), |mark| mark.len())
}

/// The index of the bracket that closes the one at `open`; the end when there is none.
pub fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len() - 1
}

/// A path that code names, `use` trees written out: `std::fs`, `crate::model::*`, `println!`.
#[derive(Debug, PartialEq)]
pub struct Named {
    /// Line, from 1.
    pub line: usize,
    /// Segments, joined by `::`.
    pub path: String,
}

/// Every path of two segments or more, and every macro, that the tokens name.
pub fn paths(tokens: &[Token]) -> Vec<Named> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        at = match tokens[at].text {
            "use" if !is_capture(tokens, at) => use_tree(tokens, at + 1, "", &mut found),
            _ if tokens[at].is_word() => plain_path(tokens, at, &mut found),
            _ => at + 1,
        };
    }
    found
}

/// Whether the `use` at `at` lists the lifetimes that a return type captures: `impl Trait + use<'a>`.
fn is_capture(tokens: &[Token], at: usize) -> bool {
    tokens.get(at + 1).is_some_and(|token| token.text == "<")
}

fn plain_path(tokens: &[Token], at: usize, found: &mut Vec<Named>) -> usize {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    let mut path = tokens[at].text.to_string();
    let mut next = at + 1;
    while text(next) == "::" && tokens.get(next + 1).is_some_and(Token::is_word) {
        path = format!("{path}::{}", text(next + 1));
        next += 2;
    }
    if text(next) == "!" && text(next + 1) != "=" {
        path.push('!');
    }
    if path.contains("::") || path.ends_with('!') {
        found.push(Named { line: tokens[at].line, path });
    }
    next
}

/// Reads one branch of a `use` tree from `at`; returns the index behind it.
fn use_tree(tokens: &[Token], mut at: usize, prefix: &str, found: &mut Vec<Named>) -> usize {
    let mut path = prefix.to_string();
    while let Some(token) = tokens.get(at) {
        match token.text {
            "::" => {}
            "{" => return use_group(tokens, at, &path, found),
            "self" if !path.is_empty() => {}
            "as" => at += 1,
            "," | ";" | "}" => break,
            word if path.is_empty() => path = word.to_string(),
            word => path = format!("{path}::{word}"),
        }
        at += 1;
    }
    found.push(Named { line: tokens[at.min(tokens.len()) - 1].line, path });
    at
}

fn use_group(tokens: &[Token], open: usize, prefix: &str, found: &mut Vec<Named>) -> usize {
    let close = closing(tokens, open);
    let mut at = open + 1;
    while at < close {
        at = use_tree(tokens, at, prefix, found) + 1;
    }
    close + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(code: &str) -> Vec<String> {
        let source = Source::new("src/x.rs", code);
        paths(&source.tokens()).into_iter().map(|named| named.path).collect()
    }

    #[test]
    fn comments_strings_and_characters_are_not_code() {
        let text = "a /* x /* y */ z */ b // c\n'd' '\\'' 'é' \"e\\\"f\" r#\"g\"h\"# br\"i\" b'j' 'k: loop r#type";
        let source = Source::new("src/x.rs", text);
        let words: Vec<&str> = source.tokens().iter().filter(|token| token.is_word()).map(|token| token.text).collect();
        assert_eq!(words, ["a", "b", "b", "b", "k", "loop", "r", "type"]);
        assert_eq!(source.code.lines().count(), 2);
    }

    #[test]
    fn literals_are_found_with_their_lines() {
        let source = Source::new("src/x.rs", "let a = \"one\";\n// \"no\"\nlet b = r#\"two\"#;");
        let texts: Vec<(usize, &str)> = source.literals.iter().map(|found| (found.line, found.text.as_str())).collect();
        assert_eq!(texts, [(1, "one"), (3, "two")]);
    }

    #[test]
    fn unit_tests_are_not_production_code() {
        let text =
            "fn a() {}\n#[cfg(test)]\nuse x::y;\n#[cfg(test)]\nmod tests {\n    fn b() { \"c\" }\n}\nfn d() {}\n";
        let source = Source::new("src/x.rs", text);
        assert!(source.code.contains("fn a") && source.code.contains("fn d"));
        assert!(!source.code.contains("fn b") && !source.code.contains("use x") && source.literals.is_empty());
        assert_eq!(source.production_lines, 2);
    }

    #[test]
    fn use_trees_are_written_out() {
        assert_eq!(named("fn a<'a>() -> impl B + use<'a> { c::d() }"), ["c::d"]);
        assert_eq!(named("use a::{b, c::{self, d as e}, f::*};\ng();"), ["a::b", "a::c", "a::c::d", "a::f::*"]);
        assert_eq!(
            named("use std::fs; let x = std::env::var(\"A\"); println!(\"\"); a != b;"),
            ["std::fs", "std::env::var", "println!"]
        );
    }

    #[test]
    fn a_file_knows_its_module_and_depth() {
        let at = |path: &str| (Source::new(path, "").module().map(str::to_string), Source::new(path, "").depth());
        assert_eq!(at("src/seal.rs"), (Some("seal".to_string()), 1));
        assert_eq!(at("src/model/mod.rs"), (Some("model".to_string()), 1));
        assert_eq!(at("src/fault/place.rs"), (Some("fault".to_string()), 2));
        assert_eq!(at("src/lib.rs").0, None);
        assert_eq!(at("src/x12/src/guide/text.rs"), (Some("x12".to_string()), 2));
    }
}
