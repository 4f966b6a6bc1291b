//! The figures of the source tree, measured and printed: `cargo test --test it law::figures -- --nocapture`.
//!
//! Limits on one function or file stand in `tidy`. Here are those on the whole: how long the tail is, how much is
//! said about why, whether a name means one thing. Where a figure is not yet what it should be, the limit is what it
//! is today, so that it can only become better.

use std::collections::{BTreeMap, BTreeSet};

use super::tidy::{Function, functions, percentile};
use crate::harness::source_tree::{self, Source, assert_none, closing};

/// Ninety-nine in a hundred functions are no longer.
const FUNCTION_LINES_P99: usize = 30;
/// The longest function.
const FUNCTION_LINES_LONGEST: usize = 60;
/// Parameters that are tuples.
const TUPLE_PARAMETERS: usize = 0;
/// Lines of comment that stand among code, for a thousand lines of code outside tables of data.
const COMMENTS_PER_THOUSAND: usize = 15;
/// Documented items whose words say no more than their names.
const RESTATEMENTS: usize = 0;
/// Type names that are defined more than once and not in [`PAIRED`].
const NAMES_FOR_TWO_THINGS: usize = 0;

/// Type names that stand for more than one thing on purpose, and why that helps the reader.
const PAIRED: [(&str, &str); 0] = [];

/// What a table of the tree's figures holds.
struct Figures {
    functions: Vec<usize>,
    files: Vec<usize>,
    tuples: Vec<String>,
    comments: usize,
    code: usize,
    shared_names: BTreeMap<String, Vec<String>>,
    documented: usize,
    restatements: Vec<String>,
}

impl Figures {
    fn of(sources: &[Source]) -> Figures {
        let all = sources.iter().flat_map(|source| std::iter::repeat(&source.path).zip(functions(source)));
        let measured: Vec<(&String, Function)> = all.collect();
        let tuples = measured.iter().filter(|(_, function)| function.tuples > 0).flat_map(|(path, function)| {
            vec![format!("{path}:{}: {} takes a tuple", function.line, function.name); function.tuples]
        });
        let documented: Vec<Documented> = sources.iter().flat_map(documented).collect();
        let restating = documented.iter().filter(|item| item.words_of_its_own() < item.kind.words_min());
        Figures {
            functions: measured.iter().map(|(_, function)| function.lines).collect(),
            files: sources.iter().map(|source| source.production_lines).collect(),
            tuples: tuples.collect(),
            comments: sources.iter().map(comment_lines).sum(),
            code: sources.iter().map(code_lines).sum(),
            shared_names: shared_names(sources),
            documented: documented.len(),
            restatements: restating
                .map(|item| format!("{}: {} says \"{}\"", item.place, item.name, item.text))
                .collect(),
        }
    }

    fn comments_per_thousand(&self) -> usize {
        self.comments * 1000 / self.code.max(1)
    }

    fn table(&self) -> String {
        let tail =
            |lengths: &[usize]| [50, 90, 99, 100].map(|percent| percentile(lengths, percent).to_string()).join("/");
        let (per_thousand, names) = (self.comments_per_thousand(), self.shared_names.len());
        [
            format!("functions: {} of them, median/p90/p99/longest   {}", self.functions.len(), tail(&self.functions)),
            format!("files: {} of them, median/p90/p99/longest   {}", self.files.len(), tail(&self.files)),
            format!("parameters that are tuples   {}", self.tuples.len()),
            format!("comments among code   {} in {} lines, {per_thousand} \u{2030}", self.comments, self.code),
            format!("type names for two things   {names}, beside {} paired on purpose", PAIRED.len()),
            format!("documented items   {}, {} of them restate their name", self.documented, self.restatements.len()),
        ]
        .join("\n")
    }
}

fn over(what: &str, found: &[String], most: usize) -> Vec<String> {
    if found.len() <= most {
        return Vec::new();
    }
    let head = format!("{} {what}, at most {most}:", found.len());
    std::iter::once(head).chain(found.iter().cloned()).collect()
}

fn figure_faults(figures: &Figures) -> Vec<String> {
    let mut faults = Vec::new();
    for (percent, most) in [(99, FUNCTION_LINES_P99), (100, FUNCTION_LINES_LONGEST)] {
        let lines = percentile(&figures.functions, percent);
        faults.extend(
            (lines > most).then(|| format!("{percent} % of functions have up to {lines} lines, at most {most}")),
        );
    }
    let comments = figures.comments_per_thousand();
    let mute = comments < COMMENTS_PER_THOUSAND;
    faults.extend(mute.then(|| format!("{comments} comments in a thousand lines, at least {COMMENTS_PER_THOUSAND}")));
    let names: Vec<String> =
        figures.shared_names.iter().map(|(name, places)| format!("{name}: {}", places.join(", "))).collect();
    faults.extend(over("parameters are tuples", &figures.tuples, TUPLE_PARAMETERS));
    faults.extend(over("type names stand for two things", &names, NAMES_FOR_TWO_THINGS));
    faults.extend(over("documented items restate their name", &figures.restatements, RESTATEMENTS));
    faults
}

#[test]
fn the_figures_of_the_tree_are_as_good_as_promised() {
    let figures = Figures::of(source_tree::rust("src"));
    println!("{}", figures.table());
    assert_none(figure_faults(&figures));
}

// ── comments ──

/// The production lines of a file, with the same lines without comments and literals.
fn production(source: &Source) -> impl Iterator<Item = (&str, &str)> {
    source.text.lines().zip(source.code.lines()).take_while(|(line, _)| *line != "#[cfg(test)]")
}

/// Lines of comment among code; what documents an item or a module is none.
fn comment_lines(source: &Source) -> usize {
    let comment = |line: &str| line.starts_with("//") && !line.starts_with("///") && !line.starts_with("//!");
    production(source).filter(|(line, _)| comment(line.trim_start())).count()
}

/// Lines of code outside tables of data.
fn code_lines(source: &Source) -> usize {
    let data = data_lines(source);
    let spoken = |line: &str| line.trim().is_empty() || line.trim_start().starts_with("//");
    let lines = production(source).enumerate();
    lines.filter(|(index, (line, _))| !spoken(line) && !data.contains(&(index + 1))).count()
}

/// The lines of constants that go over several lines, and of lists that a macro makes items of.
fn data_lines(source: &Source) -> BTreeSet<usize> {
    let tokens = source.tokens();
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    let mut found = BTreeSet::new();
    for at in 0..tokens.len() {
        let open = match (text(at), text(at + 1), text(at + 2)) {
            ("const" | "static", name, ":") if name != "fn" => (at..tokens.len()).find(|at| text(*at) == "="),
            (name, "!", "{") if name != "macro_rules" => Some(at + 2),
            _ => continue,
        };
        let Some(open) = open else { continue };
        let body = (open..tokens.len()).find(|at| matches!(text(*at), "[" | "{" | "(" | ";")).unwrap_or(open);
        let last = if text(body) == ";" { body } else { closing(&tokens, body) };
        let lines = tokens[at].line..=tokens[last].line;
        found.extend(lines.clone().filter(|_| lines.end() > lines.start()));
    }
    found
}

// ── names ──

/// Type names that are defined in more than one place, with the places.
fn shared_names(sources: &[Source]) -> BTreeMap<String, Vec<String>> {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in sources {
        for pair in source.tokens().windows(2) {
            let defines = matches!(pair[0].text, "struct" | "enum" | "trait" | "union" | "type");
            if defines && pair[1].text.starts_with(char::is_uppercase) {
                // A name is one thing within its crate: across a border it is told apart by the crate's name.
                let name = match source.member() {
                    Some(member) => format!("{member}::{}", pair[1].text),
                    None => pair[1].text.to_string(),
                };
                places.entry(name).or_default().push(format!("{}:{}", source.path, pair[1].line));
            }
        }
    }
    // A trait's associated type bears the name its contract gives it.
    let contracted = ["Item", "Error", "Err", "Target", "Output", "IntoIter", "Visitor"];
    let paired = |name: &str| {
        PAIRED.iter().any(|(paired, _)| *paired == name)
            || contracted.contains(&name.rsplit(':').next().unwrap_or(name))
    };
    places.retain(|name, places| places.len() > 1 && !paired(name));
    places
}

// ── documentation ──

/// What is documented, which says how many words of its own the text needs.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// A function, a type or a constant: a contract.
    Item,
    /// A field or a variant: one word beside its name may be all there is to say.
    Part,
}

impl Kind {
    fn words_min(self) -> usize {
        match self {
            Kind::Item => 2,
            Kind::Part => 1,
        }
    }
}

/// A public item with its documentation.
struct Documented {
    place: String,
    name: String,
    kind: Kind,
    text: String,
}

/// Words that say nothing by themselves.
const EMPTY: &str = "a an the of is are it its this that these those to in on for from with by as at be was were been \
    what which who whose whether when where how why and or not no if has have had can may must do does did there their \
    they them he we our us you your than then so all any each one s";

impl Documented {
    /// Words that are neither in the name nor empty.
    fn words_of_its_own(&self) -> usize {
        let named: BTreeSet<String> = words(&self.name).iter().map(|word| stem(word)).collect();
        let empty: BTreeSet<&str> = EMPTY.split_whitespace().collect();
        let own = words(&self.text).into_iter().filter(|word| !empty.contains(word.as_str()));
        own.filter(|word| !named.contains(&stem(word))).count()
    }
}

/// Lower-case words of a text or of a name, `CamelCase` taken apart.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in text.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase()) {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words.last_mut().unwrap().extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A word without its ending, so that `opened` restates `open`.
fn stem(word: &str) -> String {
    let ending =
        ["ies", "es", "s", "ed", "ing"].into_iter().find(|end| word.len() >= end.len() + 3 && word.ends_with(end));
    word[..word.len() - ending.map_or(0, str::len)].trim_end_matches('e').to_string()
}

/// The public items, fields and variants of a file that have a text.
fn documented(source: &Source) -> Vec<Documented> {
    let mut found = Vec::new();
    let (mut text, mut open_enum) = (String::new(), None);
    for (index, (line, code)) in production(source).enumerate() {
        if let Some(said) = line.trim_start().strip_prefix("///") {
            text = text + said + " ";
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        if code.trim() == "}" && open_enum == Some(indent) {
            open_enum = None;
        }
        if let Some((name, kind)) = item(code, open_enum.is_some_and(|at| indent == at + 4)) {
            let place = format!("{}:{}", source.path, index + 1);
            let text = text.trim().to_string();
            found.extend((!text.is_empty()).then(|| Documented { place, name: name.to_string(), kind, text }));
        }
        if code.trim_start().starts_with("pub enum ") && code.trim_end().ends_with('{') {
            open_enum = Some(indent);
        }
        // Attributes stand between a text and its item.
        if !code.trim().is_empty() && !code.trim_start().starts_with('#') {
            text.clear();
        }
    }
    found
}

/// The name that a line of code makes public, and of what.
fn item(code: &str, in_enum: bool) -> Option<(&str, Kind)> {
    let code = code.trim_start();
    let named = |rest: &'_ str| rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    let Some(rest) = code.strip_prefix("pub ") else {
        let variant = in_enum && code.starts_with(char::is_uppercase);
        return variant.then(|| (&code[..named(code)], Kind::Part));
    };
    let rest = ["const fn ", "async fn ", "fn ", "struct ", "enum ", "trait ", "type ", "const ", "static "]
        .iter()
        .find_map(|word| rest.strip_prefix(word))
        .map_or((rest, Kind::Part), |rest| (rest, Kind::Item));
    let (rest, kind) = rest;
    let field = kind == Kind::Item || rest[named(rest)..].starts_with(':');
    field.then(|| (&rest[..named(rest)], kind))
}

// ── the checks, shown to fail ──

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(code: &str) -> Figures {
        Figures::of(&[Source::new("src/x.rs", code)])
    }

    #[test]
    fn tuples_among_parameters_are_counted_one_by_one() {
        assert_eq!(figures("fn a((b, c): (B, C), d: &(D, E), f: F) {}\nfn g(h: H) {}").tuples.len(), 2);
    }

    #[test]
    fn comments_count_where_they_stand_among_code() {
        let code =
            "//! Head.\n\n/// Doc.\nfn a() {\n    // Why.\n    b();\n}\n#[cfg(test)]\nmod tests {\n    // No.\n}\n";
        assert_eq!((figures(code).comments, figures(code).code), (1, 3));
        assert_eq!(figures(code).comments_per_thousand(), 333);
    }

    #[test]
    fn tables_of_data_are_not_code() {
        let code = "const A: u8 = 1;\nconst B: [u8; 2] = [\n    1,\n    2,\n];\nlist! {\n    a\n}\nfn c() {}\n";
        assert_eq!(figures(code).code, 2);
    }

    #[test]
    fn a_name_for_two_types_is_found() {
        let names =
            figures("struct Rule;\nmod b { enum Rule { A } type Item = u8; }\nmod c { type Item = u8; }").shared_names;
        assert_eq!(names.into_keys().collect::<Vec<_>>(), ["Rule"]);
    }

    #[test]
    fn a_text_that_says_the_name_again_is_found() {
        let restating = |code: &str| figures(code).restatements.len();
        assert_eq!(
            restating("/// When it was opened.\n#[x]\npub opened_at: String,\n/// Gives the run.\npub fn run() {}"),
            2
        );
        assert_eq!(
            restating("/// When it was opened, UTC.\npub opened_at: String,\n/// The run of tonight.\nfn run() {}"),
            0
        );
        assert_eq!(
            restating("pub enum A {\n    /// A held one.\n    Held,\n    /// Waits for a person.\n    Open,\n}"),
            1
        );
        assert_eq!(restating("/// The newest run that is not void.\npub const fn run() {}"), 0);
    }
}
