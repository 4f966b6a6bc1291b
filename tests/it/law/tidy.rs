//! The house limits (docs/STYLE.md), measured. Like the architecture's, every check is a function from text to
//! complaints and is shown to fail at the end of this file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::harness::source_tree::{self, Source, Token, assert_none, closing};

/// Longest function, from `fn` to its closing brace.
const FUNCTION_LINES_MAX: usize = 70;
/// Nine in ten functions are no longer.
const FUNCTION_LINES_P90: usize = 30;
/// Half of the functions are no longer.
const FUNCTION_LINES_MEDIAN: usize = 8;
/// Parameters beside `self`.
const PARAMETERS_MAX: usize = 4;
/// Blocks of `if`, `match`, `for`, `while`, `loop` and closures inside each other within a function.
const NESTING_MAX: usize = 3;
/// Lines of a file that are not unit tests.
const FILE_LINES_MAX: usize = 800;
/// Characters of a line, without the text of its string literals: a message stands on one line, where it is found.
const LINE_WIDTH_MAX: usize = 120;
/// Characters of a line with them.
const LINE_WIDTH_WITH_TEXT_MAX: usize = 200;

// ── functions ──

/// What is measured of a function.
#[derive(Debug)]
pub(super) struct Function {
    pub name: String,
    pub line: usize,
    pub lines: usize,
    pub parameters: usize,
    /// How many of them are tuples, by pattern or by type: a tuple hides parameters from the limit.
    pub tuples: usize,
    pub nesting: usize,
}

/// Every function with a body, those inside other functions too.
pub(super) fn functions(source: &Source) -> Vec<Function> {
    let tokens = source.tokens();
    let named = |at: &usize| tokens[*at].text == "fn" && tokens.get(at + 1).is_some_and(Token::is_word);
    (0..tokens.len()).filter(named).filter_map(|at| function(&tokens, at)).collect()
}

fn function(tokens: &[Token], at: usize) -> Option<Function> {
    let open = parameters_open(tokens, at + 2);
    let close = closing(tokens, open);
    let body = body_open(tokens, close + 1)?;
    let end = closing(tokens, body);
    Some(Function {
        name: tokens[at + 1].text.to_string(),
        line: tokens[at].line,
        lines: tokens[end].line - tokens[at].line + 1,
        parameters: parameters(&tokens[open + 1..close]).len(),
        tuples: parameters(&tokens[open + 1..close]).into_iter().filter(|parts| is_tuple(parts)).count(),
        nesting: nesting(&tokens[body + 1..end]),
    })
}

/// The parenthesis behind the name and its generics.
fn parameters_open(tokens: &[Token], at: usize) -> usize {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().skip(at) {
        match token.text {
            "<" => depth += 1,
            ">" => depth = depth.saturating_sub(1),
            "(" if depth == 0 => return at,
            _ => {}
        }
    }
    tokens.len() - 1
}

/// The brace that opens the body; none for a declaration without one.
fn body_open(tokens: &[Token], mut at: usize) -> Option<usize> {
    loop {
        match tokens.get(at)?.text {
            "{" => return Some(at),
            ";" => return None,
            "(" | "[" => at = closing(tokens, at),
            _ => {}
        }
        at += 1;
    }
}

/// The tokens of each parameter beside `self`.
fn parameters<'t>(tokens: &[Token<'t>]) -> Vec<Vec<&'t str>> {
    let mut depth = 0usize;
    let mut parts = vec![Vec::new()];
    for token in tokens {
        match token.text {
            "(" | "[" | "{" | "<" => depth += 1,
            ")" | "]" | "}" | ">" => depth = depth.saturating_sub(1),
            "," if depth == 0 => {
                parts.push(Vec::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(token.text);
    }
    let is_self = |part: &[&str]| part.iter().take_while(|text| **text != ":").any(|text| *text == "self");
    parts.retain(|part| !part.is_empty() && !is_self(part));
    parts
}

/// Whether a parameter is a tuple by its pattern or by its type, behind references or not.
fn is_tuple(parameter: &[&str]) -> bool {
    let declared = parameter.iter().position(|text| *text == ":").map_or(&[][..], |colon| &parameter[colon + 1..]);
    opens_tuple(parameter) || opens_tuple(declared)
}

fn opens_tuple(tokens: &[&str]) -> bool {
    match tokens {
        ["&" | "mut", rest @ ..] | ["'", _, rest @ ..] => opens_tuple(rest),
        ["(", next, ..] => *next != ")",
        _ => false,
    }
}

/// How deep the blocks that decide or repeat stand inside each other in a function's body.
fn nesting(body: &[Token]) -> usize {
    let blocks: BTreeSet<usize> = (0..body.len()).filter_map(|at| governed_block(body, at)).collect();
    let mut open = Vec::new();
    let mut deepest = 0;
    for (at, token) in body.iter().enumerate() {
        match token.text {
            "{" => open.push(blocks.contains(&at)),
            "}" => drop(open.pop()),
            _ => {}
        }
        deepest = deepest.max(open.iter().filter(|counts| **counts).count());
    }
    deepest
}

/// The brace of the block that the token at `at` begins, if it begins one.
fn governed_block(body: &[Token], at: usize) -> Option<usize> {
    let is = |at: usize, text: &str| body.get(at).is_some_and(|token| token.text == text);
    match body[at].text {
        "loop" | "else" | "|" | "||" if is(at + 1, "{") => Some(at + 1),
        "for" => behind_pattern(body, at + 1, "in").and_then(|at| block_behind(body, at)),
        "if" | "while" | "match" => block_behind(body, at + 1),
        _ => None,
    }
}

/// The token behind a pattern that ends with `mark`.
fn behind_pattern(body: &[Token], mut at: usize, mark: &str) -> Option<usize> {
    loop {
        match body.get(at)?.text {
            text if text == mark => return Some(at + 1),
            "(" | "[" | "{" => at = closing(body, at),
            ";" | "}" => return None,
            _ => {}
        }
        at += 1;
    }
}

/// The first block behind an expression; none behind a match guard, whose arrow comes first.
fn block_behind(body: &[Token], mut at: usize) -> Option<usize> {
    loop {
        match body.get(at)?.text {
            "{" => return Some(at),
            "=>" | ";" | "}" => return None,
            "let" => at = behind_pattern(body, at + 1, "=")? - 1,
            "(" | "[" => at = closing(body, at),
            _ => {}
        }
        at += 1;
    }
}

fn function_faults(source: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    for function in functions(source) {
        let mut limit = |what: &str, is: usize, max: usize| {
            let place = format!("{}:{}: {}", source.path, function.line, function.name);
            faults.extend((is > max).then(|| format!("{place}: {is} {what}, at most {max}")));
        };
        limit("lines", function.lines, FUNCTION_LINES_MAX);
        limit("parameters", function.parameters, PARAMETERS_MAX);
        limit("blocks inside each other", function.nesting, NESTING_MAX);
    }
    faults
}

/// The length that `percent` of a hundred functions do not exceed.
pub(super) fn percentile(lengths: &[usize], percent: usize) -> usize {
    let mut sorted = lengths.to_vec();
    sorted.sort_unstable();
    sorted.get((sorted.len() * percent).div_ceil(100).saturating_sub(1)).copied().unwrap_or(0)
}

fn length_faults(lengths: &[usize]) -> Vec<String> {
    let limits = [(50, FUNCTION_LINES_MEDIAN), (90, FUNCTION_LINES_P90)];
    let over = limits.into_iter().filter(|(percent, max)| percentile(lengths, *percent) > *max);
    over.map(|(percent, max)| {
        format!("{percent} % of functions should have at most {max} lines: it is {}", percentile(lengths, percent))
    })
    .collect()
}

#[test]
fn functions_are_short_flat_and_take_few_parameters() {
    assert_none(source_tree::rust("src").iter().flat_map(function_faults).collect());
}

#[test]
fn most_functions_are_very_short() {
    let lengths: Vec<usize> =
        source_tree::rust("src").iter().flat_map(functions).map(|function| function.lines).collect();
    assert_none(length_faults(&lengths));
}

// ── decisions ──

/// `match ()` with guards and `match` on a truth: what they decide, an `if` says.
fn dressed_up_ifs(source: &Source) -> Vec<String> {
    let tokens = source.tokens();
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    let of_nothing = |at: usize| text(at) == "match" && text(at + 1) == "(" && text(at + 2) == ")";
    let of_a_truth = |at: usize| {
        matches!(text(at), "{" | "," | "}")
            && matches!(text(at + 1), "true" | "false")
            && matches!(text(at + 2), "=>" | "if")
    };
    let found = (0..tokens.len()).filter(|at| of_nothing(*at) || of_a_truth(*at));
    found.map(|at| format!("{}:{}: an `if` says this", source.path, tokens[at].line)).collect()
}

#[test]
fn what_an_if_can_say_is_not_a_match() {
    assert_none(source_tree::rust("src").iter().flat_map(dressed_up_ifs).collect());
}

// ── lines and files ──

fn file_faults(source: &Source) -> Vec<String> {
    let lines = source.production_lines;
    let long = lines > FILE_LINES_MAX;
    let mut faults: Vec<String> =
        long.then(|| format!("{}: {lines} lines, at most {FILE_LINES_MAX}", source.path)).into_iter().collect();
    let elsewhere = source.text.contains("#[cfg(test)]\nmod tests;");
    faults.extend(elsewhere.then(|| format!("{}: unit tests stand at the end of the file they test", source.path)));
    let licensed = ["Copyright", "SPDX-License", "Licensed under"].iter().any(|word| source.text.contains(word));
    faults.extend(licensed.then(|| format!("{}: the licence stands in LICENSE-*, once", source.path)));
    faults
}

fn line_faults(path: &Path, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut refuse = |bad: bool, why: &str| {
            faults.extend(bad.then(|| format!("{}:{}: {why}", path.display(), index + 1)));
        };
        refuse(line.contains('\t'), "a tab");
        refuse(line.ends_with([' ', '\r']), "white space at the end");
    }
    faults.extend((!text.is_empty() && !text.ends_with('\n')).then(|| format!("{}: no last newline", path.display())));
    faults
}

fn width_faults(source: &Source) -> Vec<String> {
    let bare = source_tree::without_strings(&source.text);
    let widths = bare.lines().zip(source.text.lines()).map(|(bare, line)| (bare.chars().count(), line.chars().count()));
    let wide = |(bare, line): (usize, usize)| bare > LINE_WIDTH_MAX || line > LINE_WIDTH_WITH_TEXT_MAX;
    let found = widths.enumerate().filter(|(_, widths)| wide(*widths));
    found.map(|(index, (_, line))| format!("{}:{}: {line} characters", source.path, index + 1)).collect()
}

/// Every text of ours that people read.
fn texts() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        ["README.md", "CHANGELOG.md", "Cargo.toml", "clippy.toml", "deny.toml", "tests/run", ".ci/run"]
            .iter()
            .map(PathBuf::from)
            .collect();
    for (folder, extension) in [("src", "rs"), ("tests", "rs"), ("tests", "py"), ("docs", "md"), ("src", "sql")] {
        found.extend(source_tree::files(folder, extension));
    }
    for folder in ["mappings", "schedules"] {
        found.extend(source_tree::files(folder, "toml"));
    }
    found
}

#[test]
fn files_are_short_and_their_lines_clean() {
    let mut faults: Vec<String> = source_tree::rust("src").iter().flat_map(file_faults).collect();
    faults.extend(source_tree::rust("src").iter().chain(source_tree::rust("tests")).flat_map(width_faults));
    faults.extend(texts().iter().flat_map(|path| line_faults(path, &source_tree::text(path))));
    assert_none(faults);
}

// ── words ──

/// Macros and marks that belong to unfinished work.
const UNFINISHED: [&str; 5] = ["todo", "unimplemented", "dbg", "TODO", "FIXME"];

/// Words about how a text came to be, where it should say what is so.
const WORKPLACE: [&str; 9] = [
    "/work/",
    "subagent",
    "sub-agent",
    "worktree",
    "language model",
    "the design doc",
    "../shared",
    "house.md",
    "as discussed",
];

fn unfinished(source: &Source) -> Vec<String> {
    let tokens = source.tokens();
    let marked = tokens.windows(2).filter(|pair| UNFINISHED.contains(&pair[0].text) && pair[1].text == "!");
    let mut faults: Vec<String> =
        marked.map(|pair| format!("{}:{}: {}!", source.path, pair[0].line, pair[0].text)).collect();
    let lines = source.text.lines().enumerate();
    let noted = lines.filter(|(_, line)| UNFINISHED[3..].iter().any(|mark| line.contains(mark)));
    faults.extend(noted.map(|(index, _)| format!("{}:{}: a note of unfinished work", source.path, index + 1)));
    faults
}

/// `session` is a word of SSH and of what browsers are spoken to by; anywhere else it speaks of the desk the text was
/// written at.
fn workplace(path: &Path, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let of_ssh = ["ssh", "sftp", "remote-debugging"].iter().any(|word| text.to_lowercase().contains(word));
    for (index, line) in text.lines().enumerate() {
        let line = line.to_lowercase();
        let word = WORKPLACE.iter().find(|word| line.contains(**word)).copied();
        let word = word.or((!of_ssh && line.contains("session")).then_some("session"));
        faults.extend(word.map(|word| format!("{}:{}: \"{word}\"", path.display(), index + 1)));
    }
    faults
}

#[test]
fn no_word_speaks_of_unfinished_work_or_of_the_workplace() {
    // This file is the list of those words.
    let mut faults: Vec<String> = source_tree::rust("src")
        .iter()
        .chain(source_tree::rust("tests"))
        .filter(not_this)
        .flat_map(unfinished)
        .collect();
    let texts = texts().into_iter().filter(|path| path != Path::new(THIS));
    faults.extend(texts.flat_map(|path| workplace(&path, &source_tree::text(&path))));
    assert_none(faults);
}

const THIS: &str = "tests/it/law/tidy.rs";

fn not_this(source: &&Source) -> bool {
    source.path != THIS
}

// ── waivers ──

/// Lints that are lifted without saying why, beside or above.
fn silent_waivers(source: &Source) -> Vec<String> {
    let lines: Vec<&str> = source.text.lines().collect();
    let lifted = |line: &str| ["#[allow(", "#![allow(", "#[expect(", "#![expect("].iter().any(|a| line.contains(a));
    let says_why = |at: usize| {
        let end = (at..lines.len()).find(|end| lines[*end].contains(']')).unwrap_or(at);
        let beside = lines[at..=end].iter().any(|line| line.contains("reason = ") || line.contains("//"));
        beside || (at > 0 && lines[at - 1].trim_start().starts_with("//") && !lines[at - 1].contains("///"))
    };
    let silent = (0..lines.len()).filter(|at| lifted(lines[*at]) && !says_why(*at));
    silent.map(|at| format!("{}:{}: a lint is lifted without a reason", source.path, at + 1)).collect()
}

#[test]
fn a_lint_is_lifted_only_with_a_reason() {
    assert_none(source_tree::rust("src").iter().flat_map(silent_waivers).collect());
}

// ── fault codes ──

/// Prefixes that look like those of fault codes and are not: segments whose tag ends in a digit (NM1 09), algorithms.
const NOT_FAULTS: [&str; 9] = ["NM", "TA", "IK", "AK", "SHA", "AES", "RSA", "MD", "ISO"];

/// Two to four capitals, or `X12`, and three digits.
pub(crate) fn is_fault_code(text: &str) -> bool {
    let letters = text.len().saturating_sub(3);
    let digits = |text: &str| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    if text.strip_prefix("X12").is_some_and(digits) {
        return true;
    }
    let shaped = (2..=4).contains(&letters)
        && text.bytes().take(letters).all(|byte| byte.is_ascii_uppercase())
        && text.bytes().skip(letters).all(|byte| byte.is_ascii_digit());
    shaped && !NOT_FAULTS.contains(&&text[..letters])
}

pub(crate) fn fault_codes(sources: &[Source]) -> BTreeSet<String> {
    let literals = sources.iter().flat_map(|source| &source.literals);
    literals.filter(|found| is_fault_code(&found.text)).map(|found| found.text.clone()).collect()
}

// ── links ──

/// The targets of `](target)` outside code, with their lines.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut fenced = false;
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        fenced ^= line.trim_start().starts_with("```");
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        let targets = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        found.extend(targets.filter(|_| !fenced).map(|target| (index + 1, target.to_string())));
    }
    found
}

/// The anchors a Markdown viewer gives to the headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter_map(|line| line.strip_prefix('#'));
    headings.map(|heading| anchor(heading.trim_start_matches('#').trim())).collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Links of the file at `path` that lead nowhere. `read` gives the text of a file of the package, if it exists.
fn dead_links(path: &Path, text: &str, read: impl Fn(&Path) -> Option<String>) -> Vec<String> {
    let relative = |target: &&(usize, String)| !target.1.contains("://") && !target.1.starts_with("mailto:");
    let dead = |target: &str| {
        let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
        let there = if file.is_empty() { path.to_path_buf() } else { path.parent().unwrap().join(file) };
        let found = if file.is_empty() { Some(text.to_string()) } else { read(&there) };
        found.is_none_or(|text| !fragment.is_empty() && !anchors(&text).contains(fragment))
    };
    let all = links(text);
    let lost = all.iter().filter(relative).filter(|(_, target)| dead(target));
    lost.map(|(line, target)| format!("{}:{line}: {target} leads nowhere", path.display())).collect()
}

/// Files of tests that no list of modules names: they are never built, and hold nothing.
#[test]
fn every_file_of_tests_is_one_that_is_built() {
    let root = source_tree::root();
    let is_listed = |path: &PathBuf| {
        let (folder, stem) = (path.parent().unwrap(), path.file_stem().unwrap().to_string_lossy().into_owned());
        let list =
            ["mod.rs", "main.rs"].iter().find_map(|list| std::fs::read_to_string(root.join(folder).join(list)).ok());
        ["mod", "main"].contains(&stem.as_str()) || list.is_some_and(|list| list.contains(&format!("mod {stem};")))
    };
    let unbuilt = source_tree::files("tests/it", "rs").into_iter().filter(|path| !is_listed(path));
    assert_none(unbuilt.map(|path| format!("{} is in no list of modules", path.display())).collect());
}

#[test]
fn every_link_between_our_documents_leads_somewhere() {
    let read = |path: &Path| {
        let full = source_tree::root().join(path);
        full.exists().then(|| std::fs::read_to_string(full).unwrap_or_default())
    };
    let mut pages = source_tree::files("docs", "md");
    pages.extend(["README.md", "CHANGELOG.md"].map(PathBuf::from));
    assert_none(pages.iter().flat_map(|path| dead_links(path, &source_tree::text(path), read)).collect());
}

// ── the checks, shown to fail ──

#[cfg(test)]
mod tests {
    use super::*;

    fn only(code: &str) -> Function {
        functions(&Source::new("src/x.rs", code)).remove(0)
    }

    #[test]
    fn a_function_is_measured_from_fn_to_its_brace() {
        let code = "#[inline]\npub fn a<T: Fn(u8) -> u8>(\n    t: T,\n) -> [u8; 4]\nwhere\n    T: Copy,\n{\n}\nfn b();";
        assert_eq!((only(code).lines, only(code).parameters), (7, 1));
        let long = format!("fn a() {{\n{}}}\n", "    b();\n".repeat(69));
        assert_eq!(function_faults(&Source::new("src/x.rs", long)).len(), 1);
    }

    #[test]
    fn a_match_on_nothing_and_on_a_truth_is_refused() {
        let found = |code: &str| dressed_up_ifs(&Source::new("src/x.rs", code)).len();
        assert_eq!(found("fn a() { match () { () if b => c, () => d } }"), 1);
        assert_eq!(found("fn a() { match b { true => c, false => d } }"), 2);
        assert_eq!(found("fn a() { match (b, c) { (true, _) => c, _ => matches!(b, Some(true)) } }"), 0);
    }

    #[test]
    fn parameters_are_counted_without_self() {
        let count = |list: &str| only(&format!("fn a({list}) {{}}")).parameters;
        assert_eq!(count(""), 0);
        assert_eq!(count("&'a mut self, b: B,"), 1);
        assert_eq!(count("self: &Self, b: HashMap<K, V>, (c, d): (C, D), e: impl Fn(u8, u8) -> Vec<u8>, f: F"), 4);
        assert_eq!(function_faults(&Source::new("x", "fn a(b: B, c: C, d: D, e: E, f: F) {}")).len(), 1);
        let tuples = |list: &str| only(&format!("fn a<'a>({list}) {{}}")).tuples;
        assert_eq!(tuples("&self, b: B, c: impl Fn((u8, u8)) -> (u8, u8), d: [u8; 4], e: Option<(A, B)>"), 0);
        assert_eq!(tuples("(a, b): (A, B), c: &'a mut (A, B), &(d, e): Pair"), 3);
    }

    #[test]
    fn nesting_counts_what_decides_and_what_repeats() {
        let depth = |body: &str| only(&format!("fn a() {{ {body} }}")).nesting;
        assert_eq!(depth("let a = B { c: D {} };"), 0);
        assert_eq!(depth("if a == B { c } else if let D { e } = f { g } else { h }"), 1);
        assert_eq!(depth("match a { B { c } if d => { e } F => g }"), 1);
        assert_eq!(depth("for A { b } in c { while let Some(d) = e { f.map(|g| { h }); } }"), 3);
        assert_eq!(depth("loop { if a && let Some(B { c }) = d { match e { _ => { for f in g { h } } } } }"), 4);
        let deep = "fn a() { if b { if c { if d { if e {} } } } }";
        assert_eq!(function_faults(&Source::new("src/x.rs", deep)).len(), 1);
    }

    #[test]
    fn functions_that_are_long_on_the_whole_are_refused() {
        assert_eq!(percentile(&[5, 1, 3, 2, 4], 50), 3);
        assert_eq!(percentile(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 90), 9);
        assert_eq!(length_faults(&[8; 10]), Vec::<String>::new());
        assert_eq!(length_faults(&[9; 10]).len(), 1);
        assert_eq!(length_faults(&[1, 1, 1, 1, 1, 1, 1, 1, 31, 31]).len(), 1);
    }

    #[test]
    fn a_long_file_is_refused_but_its_tests_do_not_count() {
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "    fn a() {}\n".repeat(900));
        assert_eq!(file_faults(&Source::new("src/x.rs", tests)).len(), 0);
        assert_eq!(file_faults(&Source::new("src/x.rs", "fn a() {}\n".repeat(801))).len(), 1);
        assert_eq!(file_faults(&Source::new("src/x.rs", "#[cfg(test)]\nmod tests;\n")).len(), 1);
        assert_eq!(file_faults(&Source::new("src/x.rs", "// Copyright of somebody\n")).len(), 1);
    }

    #[test]
    fn tabs_and_trailing_space_are_refused() {
        let count = |text: &str| line_faults(Path::new("x.rs"), text).len();
        assert_eq!(count("a\n"), 0);
        assert_eq!(count("a\tb\nc \nd"), 3);
    }

    #[test]
    fn wide_lines_are_refused_but_for_a_message() {
        let count = |text: String| width_faults(&Source::new("src/x.rs", text)).len();
        assert_eq!(count("é".repeat(120)), 0);
        assert_eq!(count("é".repeat(121)), 1);
        assert_eq!(count(format!("f(\"{}\");", "é".repeat(150))), 0);
        assert_eq!(count(format!("f(\"{}\");", "é".repeat(200))), 1);
        assert_eq!(count(format!("f(\"a\n{}\");", "é".repeat(150))), 0);
    }

    #[test]
    fn words_of_unfinished_work_and_of_the_workplace_are_refused() {
        let code = "fn a() { todo!(); unimplemented!() } // FIXME later\nfn todo() {}\n";
        assert_eq!(unfinished(&Source::new("src/x.rs", code)).len(), 3);
        assert_eq!(workplace(Path::new("x.md"), "A session.\nSee /work/a.\nThe work.\n").len(), 2);
        assert_eq!(workplace(Path::new("x.rs"), "//! One SSH session per transfer.\n").len(), 0);
    }

    #[test]
    fn a_lint_lifted_without_a_word_is_refused() {
        let count = |text: &str| silent_waivers(&Source::new("src/x.rs", text)).len();
        assert_eq!(count("#![allow(clippy::x, reason = \"because\")]"), 0);
        assert_eq!(count("// This module opens files.\n#![allow(clippy::x)]"), 0);
        assert_eq!(count("#[allow(\n    clippy::x,\n    reason = \"because\"\n)]"), 0);
        assert_eq!(count("/// A doc.\n#[allow(clippy::x)]"), 1);
        assert_eq!(count("use a;\n#[expect(clippy::x)]"), 1);
    }

    #[test]
    fn fault_codes_are_told_from_other_words() {
        let source = Source::new(
            "src/x.rs",
            "f(\"CEN004\", \"X12001\", \"NM109\", \"A001\", \"SHA256\", \"CEN04\", \"x CEN005\")",
        );
        let codes = fault_codes(&[source]);
        assert_eq!(codes.iter().collect::<Vec<_>>(), ["CEN004", "X12001"]);
    }

    #[test]
    fn dead_links_are_found() {
        let read = |path: &Path| (path == Path::new("docs/b.md")).then(|| "# B\n\n## The `x` way, again\n".to_string());
        let dead = |text: &str| dead_links(Path::new("docs/a.md"), text, read).len();
        assert_eq!(dead("[b](b.md) [c](b.md#the-x-way-again) [d](https://example.org/) `[e](no.md)`\n"), 0);
        assert_eq!(dead("```\n[a](no.md)\n```\n# Here\n[b](#here)\n"), 0);
        assert_eq!(dead("[a](no.md) [b](b.md#no) [c](#no)\n"), 3);
    }
}
