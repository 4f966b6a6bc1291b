//! The catalogue of faults and the runbook: every code is declared once, in the one form, and has an entry; what an
//! entry says of its rule is made from the rule; nothing decides by the text of a code.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use bex::catalogue;
use bex::fault::{Class, Ending, Rule, Severity};
use bex::run::Exit;
use bex::x12::{self, AckCode};

use crate::harness::source_tree::{self, Source, assert_none};
use crate::law::tidy::{fault_codes, is_fault_code};

const RUNBOOK: &str = "docs/runbook";

/// What a person needs of a code: in its entry, or for all of a family at the head of the page.
const NEEDED: [&str; 3] = ["What happened", "What is safe", "What to do"];

// ── the catalogue ──

fn difference(declared: &BTreeSet<String>, listed: &BTreeSet<String>) -> Vec<String> {
    let missing = declared.difference(listed).map(|code| format!("{code} is not in the catalogue"));
    let stray = listed.difference(declared).map(|code| format!("{code} is in the catalogue and nowhere else"));
    missing.chain(stray).collect()
}

fn catalogued() -> BTreeSet<String> {
    catalogue::rules().iter().map(|rule| rule.code.to_string()).collect()
}

#[test]
fn every_code_of_the_sources_is_in_the_catalogue_and_every_one_of_the_catalogue_in_the_sources() {
    assert_none(difference(&fault_codes(source_tree::rust("src")), &catalogued()));
}

/// What knows X12 and nothing of this program has its own way to write rules.
fn of_x12(source: &Source) -> bool {
    source.path.starts_with("src/x12/")
}

/// A code stands in production code once: where its rule is declared. Whoever asks which fault it is names the rule,
/// or asks for its class or ending.
fn codes_beside_their_rule(sources: &[Source]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut faults = Vec::new();
    for source in sources.iter().filter(|source| !of_x12(source)) {
        for literal in source.literals.iter().filter(|literal| is_fault_code(&literal.text)) {
            let declared = seen.insert(literal.text.clone());
            let place = format!("{}:{}", source.path, literal.line);
            faults.extend((!declared).then(|| format!("{place}: {} stands beside its rule", literal.text)));
        }
    }
    faults
}

/// Where codes are compared with codes, and never with one that is written there: a fault with its rule, an overlay's
/// entry with the rule it changes, what a person names with what there is.
const MAY_COMPARE: [&str; 4] =
    ["src/fault/fault.rs", "src/catalogue.rs", "src/cli/demo/words.rs", "src/reconcile/replies.rs"];

/// Comparisons of a fault's code, and searches in one.
fn code_comparisons(source: &Source) -> Vec<String> {
    let tokens = source.tokens();
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    let fault = |at: usize| ["fault", "error", "rule", "hold", "because", "finding"].contains(&text(at));
    let compared = |at: usize| {
        let matched = text(at.wrapping_sub(1)) == "match" && text(at + 3) != "(";
        let searched = text(at + 3) == "." && text(at + 4) == "starts_with";
        let sign = [text(at + 3), text(at + 4)].concat();
        matched || searched || sign.starts_with("==") || sign.starts_with("!=")
    };
    let code = |at: &usize| fault(*at) && text(at + 1) == "." && text(at + 2) == "code";
    let found = (0..tokens.len()).filter(code).filter(|at| compared(*at));
    let allowed = MAY_COMPARE.contains(&source.path.as_str()) || of_x12(source);
    let found = found.filter(|_| !allowed);
    found.map(|at| format!("{}:{}: a decision by the text of a code", source.path, tokens[at].line)).collect()
}

#[test]
fn nothing_decides_by_the_text_of_a_code() {
    let sources = source_tree::rust("src");
    let mut faults = codes_beside_their_rule(sources);
    faults.extend(sources.iter().flat_map(code_comparisons));
    assert_none(faults);
}

/// A fault is made from a rule of a list: nobody writes one down where it is found.
#[test]
fn every_rule_is_written_in_the_one_form() {
    let made = |source: &Source| {
        let tokens = source.tokens();
        let literal = tokens.windows(2).filter(|pair| ["Fault", "Rule"].contains(&pair[0].text) && pair[1].text == "{");
        literal.map(|pair| format!("{}:{}: a rule or fault by hand", source.path, pair[0].line)).collect::<Vec<_>>()
    };
    let elsewhere = |source: &&Source| {
        let rooms = ["src/fault/", "src/catalogue.rs", "src/inspect/"];
        !of_x12(source) && !rooms.iter().any(|room| source.path.starts_with(room))
    };
    // Signatures and impl blocks of the form `-> Fault {` and `for Fault {` make none.
    let makes = |text: &String| {
        let (path, line) = text.split_once(':').unwrap();
        let line: usize = line.split(':').next().unwrap().parse().unwrap();
        let line = source_tree::text(path).lines().nth(line - 1).unwrap().to_string();
        !line.contains("-> ") && !line.contains("for ") && !line.contains("impl ")
    };
    assert_none(source_tree::rust("src").iter().filter(elsewhere).flat_map(made).filter(makes).collect());
}

// ── pages and entries ──

fn pages() -> Vec<(PathBuf, String)> {
    let paths = source_tree::files(RUNBOOK, "md").into_iter().filter(|path| !path.ends_with("README.md"));
    paths.map(|path| (path.clone(), source_tree::text(&path))).collect()
}

fn family(code: &str) -> &str {
    &code[..code.len() - 3]
}

/// The parts of a page that begin with `marks`: heading and text.
fn sections<'p>(text: &'p str, mark: &str) -> Vec<(&'p str, &'p str)> {
    text.split(mark).skip(1).map(|part| part.split_once('\n').unwrap_or((part, ""))).collect()
}

/// What is wrong with the form of a page of a family.
fn form_faults(path: &Path, text: &str) -> Vec<String> {
    let stem = path.file_stem().unwrap().to_string_lossy();
    let mut faults = Vec::new();
    if !text.starts_with(&format!("# {stem}: ")) {
        faults.push(format!("{}: its title is `# {stem}: <what the family is about>`", path.display()));
    }
    let parts = sections(text, "\n## ");
    let of_all: Vec<&str> =
        parts.iter().map(|(heading, _)| *heading).filter(|heading| !is_fault_code(heading)).collect();
    for (code, entry) in parts.iter().filter(|(heading, _)| is_fault_code(heading)) {
        let own: Vec<&str> = sections(entry, "\n### ").iter().map(|(heading, _)| *heading).collect();
        let lacking = NEEDED.iter().filter(|needed| !own.contains(needed) && !of_all.contains(needed));
        faults.extend(lacking.map(|needed| format!("{}: {code} and its page do not say \"{needed}\"", path.display())));
        let strange = (family(code) != stem).then(|| format!("{}: {code} is of another family", path.display()));
        faults.extend(strange);
    }
    faults
}

#[test]
fn every_page_of_the_runbook_has_the_same_form() {
    assert_none(pages().iter().flat_map(|(path, text)| form_faults(path, text)).collect());
}

#[test]
fn every_fault_code_has_its_entry_and_every_entry_its_code() {
    let texts = pages();
    let entries: Vec<String> = texts
        .iter()
        .flat_map(|(_, text)| sections(text, "\n## "))
        .map(|(heading, _)| heading.to_string())
        .filter(|heading| is_fault_code(heading))
        .collect();
    let once: BTreeSet<String> = entries.iter().cloned().collect();
    let codes = catalogued();
    let mut faults: Vec<String> =
        codes.difference(&once).map(|code| format!("{code} has no entry in {RUNBOOK}/{}.md", family(code))).collect();
    faults.extend(once.difference(&codes).map(|code| format!("{RUNBOOK}: {code} is no code of ours")));
    faults.extend((once.len() < entries.len()).then(|| format!("{RUNBOOK}: a code has two entries")));
    assert_none(faults);
}

// ── what is made from the rule ──

/// What a receiver's acknowledgement answers, in words.
const ANSWERS: [(&str, &str, &str); 41] = [
    ("AK905", "1", "group not supported"),
    ("AK905", "2", "version not supported"),
    ("AK905", "3", "group trailer missing"),
    ("AK905", "4", "control numbers of header and trailer differ"),
    ("AK905", "5", "count of sets wrong"),
    ("AK905", "19", "control number not unique in its interchange"),
    ("IK304", "1", "unrecognized segment"),
    ("IK304", "2", "unexpected segment"),
    ("IK304", "3", "required segment missing"),
    ("IK304", "4", "loop occurs too often"),
    ("IK304", "5", "segment used too often"),
    ("IK304", "7", "segment out of sequence"),
    ("IK304", "8", "segment has element errors"),
    ("IK304", "I6", "segment missing that depends on other data"),
    ("IK304", "I7", "loop missing that the guide requires"),
    ("IK403", "1", "required element missing"),
    ("IK403", "2", "conditional element missing"),
    ("IK403", "3", "too many elements"),
    ("IK403", "4", "too short"),
    ("IK403", "5", "too long"),
    ("IK403", "6", "invalid character"),
    ("IK403", "7", "invalid code"),
    ("IK403", "8", "invalid date"),
    ("IK403", "9", "invalid time"),
    ("IK403", "10", "exclusion violated"),
    ("IK403", "12", "too many repetitions"),
    ("IK403", "13", "too many components"),
    ("IK403", "I9", "element missing that depends on other data"),
    ("IK403", "I10", "element sent that the guide does not use"),
    ("IK403", "I12", "value does not have the form the guide asks for"),
    ("IK403", "I13", "element sent that other data excludes"),
    ("IK502", "1", "set not supported"),
    ("IK502", "2", "set trailer missing"),
    ("IK502", "3", "control numbers of header and trailer differ"),
    ("IK502", "4", "segment count wrong"),
    ("IK502", "19", "convention of the set not accepted"),
    ("IK502", "23", "control number not unique in its group"),
    ("TA105", "001", "control numbers of header and trailer differ"),
    ("TA105", "021", "count of groups wrong"),
    ("TA105", "023", "improper end of file"),
    ("TA105", "024", "invalid content of the interchange"),
];

/// What a receiver answers to the breach of a rule of the validator; nothing for rules that are not the validator's.
fn answer(code: &str) -> Option<String> {
    let ack = x12::rules::ALL.iter().find(|rule| rule.code == code)?.ack;
    let (element, word) = match ack {
        AckCode::None => return Some("> Acknowledgements have no word for it.".to_string()),
        AckCode::Interchange(word) => ("TA105", word),
        AckCode::Group(word) => ("AK905", word),
        AckCode::Set(word) => ("IK502", word),
        AckCode::Segment(word) => ("IK304", word),
        AckCode::Element(word) => ("IK403", word),
    };
    let by = if element == "TA105" { "TA1" } else { "999" };
    let known = ANSWERS.iter().find(|(of, answer, _)| (*of, *answer) == (element, word));
    let meaning = known.map(|(_, _, meaning)| format!(" ({meaning})")).unwrap_or_default();
    Some(format!("> A receiver's {by} answers with `{element}` = `{word}`{meaning}."))
}

/// A file of the fixtures that breaks a rule: which, where, and why it does.
struct Broken {
    path: String,
    segment: usize,
    text: Option<String>,
    because: String,
}

/// The first vector that breaks a rule first of all.
fn vector(code: &str) -> Option<Broken> {
    let paths = ["834", "999", "ta1"].map(|folder| source_tree::files(&format!("fixtures/x12/{folder}"), "vector"));
    paths.into_iter().flatten().find_map(|path| {
        let file = fs::read(source_tree::root().join(&path)).unwrap();
        let end = file.windows(2).position(|pair| pair == b"\n\n")?;
        let header = String::from_utf8(file[..end].to_vec()).unwrap();
        let value = |key: &str| header.lines().find_map(|line| line.strip_prefix(key)).map(str::to_string);
        let (broken, segment) =
            value("fault: ")?.split_once(" segment ").map(|(a, b)| (a.to_string(), b.to_string()))?;
        let segment: usize = segment.parse().unwrap();
        let text = segment.checked_sub(1).and_then(|at| file[end + 2..].split(|byte| *byte == b'~').nth(at));
        let plain =
            |text: &&str| text.len() <= 110 && text.bytes().all(|byte| (b' '..b'~').contains(&byte) && byte != b'`');
        let text = text.and_then(|text| std::str::from_utf8(text).ok()).map(str::trim).filter(plain);
        let text = text.filter(|text| !text.is_empty()).map(str::to_string);
        let path = path.to_string_lossy().into_owned();
        (broken == code).then(|| Broken { path, segment, text, because: value("because: ").unwrap() })
    })
}

fn whose(rule: &Rule) -> &'static str {
    match rule.class {
        Class::Ours => "ours to mend",
        Class::Theirs => "theirs to mend",
        Class::Integrity => "integrity is in doubt",
    }
}

/// The made part of an entry.
fn made(rule: &Rule) -> String {
    let severity = rule.severity.word();
    let mut text = format!("> {}\n>\n> {}{}", rule.sentence, severity[..1].to_uppercase(), &severity[1..]);
    let _ = write!(text, ", {}", whose(rule));
    if rule.severity >= Severity::Error && rule.ending != Ending::Failed {
        let _ = write!(text, ", exit status {}", Exit::of(&rule.fault()) as u8);
    }
    let _ = writeln!(text, ". Next: {}.", rule.next);
    if let Some(answer) = answer(rule.code) {
        let _ = writeln!(text, ">\n{answer}");
    }
    if let Some(Broken { path, segment, text: broken, because }) = vector(rule.code) {
        let name = Path::new(&path).file_name().unwrap().to_string_lossy().into_owned();
        let broken = broken.map(|broken| format!(" `{broken}`")).unwrap_or_default();
        let _ = writeln!(text, ">\n> Found in [{name}](../../{path}) at segment {segment}{broken}, because {because}.");
    }
    text
}

/// A page with the made part of each entry as it should be.
fn fresh(text: &str, rules: &[Rule]) -> String {
    let mut page = String::new();
    for (at, part) in text.split("\n## ").enumerate() {
        if at > 0 {
            page.push_str("\n## ");
        }
        let (heading, rest) = part.split_once('\n').unwrap_or((part, ""));
        match rules.iter().find(|rule| rule.code == heading) {
            Some(rule) => {
                let written = rest.find("### ").map_or("", |start| &rest[start..]);
                let _ = write!(page, "{heading}\n\n{}\n{written}", made(rule));
            }
            None => page.push_str(part),
        }
    }
    page.trim_end().to_string() + "\n"
}

/// Like the reference: what is stale is written anew, so that the next run passes and the change stands in the diff.
fn stale(root: &Path, pages: &[(PathBuf, String)], rules: &[Rule]) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in pages {
        let fresh = fresh(text, rules);
        if *text != fresh {
            fs::write(root.join(path), fresh).unwrap();
            faults.push(format!("{} was stale and has been written anew: look at the difference", path.display()));
        }
    }
    faults
}

#[test]
fn what_the_runbook_says_of_a_rule_is_made_from_the_rule() {
    assert_none(stale(&source_tree::root(), &pages(), &catalogue::rules()));
}

// ── the checks, shown to fail ──

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# CEN: files\n\nText.\n\n## What is safe\n\nAll.\n\n## CEN004\n\n> old\n\n### What happened\n\nIt.\n\n### What to do\n\nThat.\n";

    fn faults(text: &str) -> usize {
        form_faults(Path::new("docs/runbook/CEN.md"), text).len()
    }

    #[test]
    fn a_page_without_its_form_is_refused() {
        assert_eq!(faults(PAGE), 0);
        assert_eq!(faults(&PAGE.replace("# CEN:", "# CFG:")), 1);
        assert_eq!(faults(&PAGE.replace("## What is safe", "## What is sure")), 1);
        assert_eq!(faults(&PAGE.replace("### What to do", "### What to leave")), 1);
        assert_eq!(faults(&PAGE.replace("## CEN004", "## CFG004")), 1);
    }

    #[test]
    fn a_stale_part_is_made_anew_and_what_people_wrote_is_kept() {
        let rules = catalogue::rules();
        let page = fresh(PAGE, &rules);
        assert!(page.contains("> every byte must be valid") && !page.contains("> old"), "{page}");
        assert!(page.ends_with("### What happened\n\nIt.\n\n### What to do\n\nThat.\n"), "{page}");
        assert_eq!(fresh(&page, &rules), page);
        let folder = tempfile::TempDir::new().unwrap();
        let at = PathBuf::from("CEN.md");
        assert_eq!(stale(folder.path(), &[(at.clone(), PAGE.to_string())], &rules).len(), 1);
        assert_eq!(fs::read_to_string(folder.path().join(&at)).unwrap(), page);
        assert_eq!(stale(folder.path(), &[(at, page)], &rules).len(), 0);
    }

    #[test]
    fn a_code_beside_its_rule_is_found() {
        let sources =
            |second: &str| [Source::new("a.rs", "X: \"CEN004\";".to_string()), Source::new("b.rs", second.to_string())];
        assert_eq!(codes_beside_their_rule(&sources("let a = 1;")).len(), 0);
        assert_eq!(codes_beside_their_rule(&sources("if code == \"CEN004\" {}")).len(), 1);
    }

    #[test]
    fn a_decision_by_a_code_is_found() {
        let count = |text: &str| code_comparisons(&Source::new("src/a.rs", text.to_string())).len();
        assert_eq!(count("fn f() { if fault.is(&rules::X) { g(fault.code) } }"), 0);
        assert_eq!(count("fn f() { if fault.code == X { g() } }"), 1);
        assert_eq!(count("fn f() { match fault.code { _ => g() } }"), 1);
        assert_eq!(count("fn f() { if fault.code.starts_with(X) { g() } }"), 1);
    }

    #[test]
    fn a_code_without_its_place_in_the_catalogue_is_found() {
        let set = |codes: &[&str]| codes.iter().map(|code| code.to_string()).collect::<BTreeSet<_>>();
        assert_eq!(difference(&set(&["CEN001"]), &set(&["CEN001"])).len(), 0);
        assert_eq!(difference(&set(&["CEN001", "CEN002"]), &set(&["CEN001", "CEN003"])).len(), 2);
    }
}
