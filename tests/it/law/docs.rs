//! Documents that run. Every `console` block of README.md and docs/guide/ is executed, top to bottom, in a folder of
//! its page's own, and pages generated from the program are compared with what the program says today.
//!
//! In a `console` block
//! - a line `$ command` is run; `\` at its end continues it on the next line. Commands are `bex`, `cargo run … --`
//!   (which stands for `bex`) and the few of [`ALLOWED`], so that a page asks for nothing but this package;
//! - `# exit 4` at the command's end says which status is expected; without it, 0;
//! - the lines below a command are its output, compared whole. `…` alone on a line stands for any lines, within a
//!   line for any text. No lines below means that the output is not compared.
//!
//! What must not be run (installing Rust, cloning) stands in `sh` blocks.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use bex::mapping::column::{Cell, Mapped};
use bex::mapping::synonyms::{Worded, YesNo};
use bex::mapping::{CensusField, ElectionField};
use bex::model::election::{LifeEvent, Tier};
use bex::model::person::{EmploymentStatus, EndReason, MaritalStatus, Relationship, Sex};

use crate::harness::source_tree::{self, Source, assert_none};

/// What a page may ask its reader to type beside `bex` and `cargo run`.
const ALLOWED: [&str; 7] = ["bex", "cat", "cd", "cp", "head", "ls", "mkdir"];

/// Folders of the package that a page finds beside it, as in a fresh clone.
const AT_HAND: [&str; 3] = ["mappings", "schedules", "fixtures"];

/// Seconds after which a command of a page is given up.
const SECONDS_MAX: u64 = 120;

/// A generated page, and what makes it.
type Generator = (&'static str, fn() -> String);

/// Every page of docs/reference/ and the page of states, with its maker: a call into the library, or what the binary
/// prints.
const GENERATED: &[Generator] = &[
    ("docs/design/states.md", crate::law::states::page),
    ("docs/reference/834.md", || crate::harness::guide_page::render(bex::x12::guide::x220a1())),
    ("docs/reference/999.md", || crate::harness::guide_page::render(bex::x12::guide::x231a1())),
    ("docs/reference/columns.md", columns_page),
    ("docs/reference/commands.md", commands_page),
    ("docs/reference/events.md", events_page),
    ("docs/reference/exit-statuses.md", exit_statuses_page),
    ("docs/reference/fault-codes.md", fault_codes_page),
    ("docs/reference/personal-data.md", personal_data_page),
    ("docs/reference/x12-judges.md", crate::peers::judges::page),
];

/// Pages of docs/reference/ that people write, because no table of the program says the same.
const WRITTEN: [&str; 2] = [SPEED, "docs/reference/site-layout.md"];
/// Measured, and written by whoever measures: its figures are one machine's on one day.
const SPEED: &str = "docs/reference/speed.md";

/// One command of a page, and what it should do.
#[derive(Debug, PartialEq)]
struct Step {
    line: usize,
    command: String,
    status: i32,
    output: Vec<String>,
}

// ── reading pages ──

/// The steps of every `console` block, in order.
fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for (index, line) in page.lines().enumerate() {
        if line.starts_with("```") {
            inside = line == "```console";
            continue;
        }
        match (line.strip_prefix("$ "), steps.last_mut()) {
            _ if !inside => {}
            (_, Some(step)) if step.is_continued() => step.go_on(line),
            (Some(command), _) => steps.push(Step::new(index + 1, command)),
            (None, Some(step)) => step.output.push(line.to_string()),
            (None, None) => steps.push(Step::new(index + 1, line)),
        }
    }
    steps.iter_mut().for_each(Step::take_status);
    steps
}

impl Step {
    fn new(line: usize, command: &str) -> Step {
        Step { line, command: command.to_string(), status: 0, output: Vec::new() }
    }

    fn is_continued(&self) -> bool {
        self.command.ends_with('\\')
    }

    fn go_on(&mut self, line: &str) {
        self.command.pop();
        self.command.push_str(line.trim_start());
    }

    fn take_status(&mut self) {
        let Some((command, status)) = self.command.split_once("# exit ") else { return };
        self.status = status.trim().parse().unwrap_or(-1);
        self.command = command.trim_end().to_string();
    }

    /// The command with `cargo run … --` written as `bex`; none if a page may not ask for it.
    fn shell(&self) -> Option<String> {
        let command = match self.command.strip_prefix("cargo run ") {
            Some(rest) => format!("bex {}", rest.split_once("-- ").map_or("", |(_, rest)| rest)),
            None => self.command.clone(),
        };
        let first = command.split_whitespace().next()?;
        ALLOWED.contains(&first).then_some(command)
    }
}

// ── running them ──

/// A page's folder: it goes when the page is done.
struct Desk {
    folder: TempDir,
    at: PathBuf,
}

impl Desk {
    fn new() -> Desk {
        let folder = TempDir::new().unwrap();
        for name in AT_HAND.iter().filter(|name| source_tree::root().join(name).exists()) {
            std::os::unix::fs::symlink(source_tree::root().join(name), folder.path().join(name)).unwrap();
        }
        Desk { at: folder.path().to_path_buf(), folder }
    }

    /// The status and everything printed.
    fn run(&mut self, shell: &str) -> (i32, String) {
        if let Some(to) = shell.strip_prefix("cd ") {
            self.at.push(to);
            return if self.at.is_dir() { (0, String::new()) } else { (1, format!("no folder {to}")) };
        }
        let child = self.command(shell).stdout(Stdio::piped()).spawn().unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn command(&self, shell: &str) -> Command {
        let binary = Path::new(env!("CARGO_BIN_EXE_bex")).parent().unwrap();
        let mut command = Command::new("timeout");
        command.args([&SECONDS_MAX.to_string(), "sh", "-c", &format!("exec 2>&1; {shell}")]);
        command.current_dir(&self.at).stdin(Stdio::null()).env_clear();
        command.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", binary.display()));
        command.env("HOME", self.folder.path()).env("NO_COLOR", "1").env("COLUMNS", "100");
        command
    }
}

fn step_faults(desk: &mut Desk, place: &str, step: &Step) -> Vec<String> {
    let place = format!("{place}:{}: `{}`", step.line, step.command);
    let Some(shell) = step.shell() else { return vec![format!("{place}: not a command a page may ask for")] };
    let (status, printed) = desk.run(&shell);
    let wrong = status != step.status;
    let mut faults: Vec<String> = wrong
        .then(|| format!("{place}: exit {status}, not {}; it printed\n{printed}", step.status))
        .into_iter()
        .collect();
    let printed: Vec<&str> = printed.lines().collect();
    let shown: Vec<&str> = step.output.iter().map(String::as_str).collect();
    let differs = !shown.is_empty() && !lines_match(&shown, &printed);
    faults.extend(differs.then(|| format!("{place}: the page shows other output than\n{}", printed.join("\n"))));
    faults
}

/// Whether the printed lines are the shown ones; `…` alone stands for any lines.
fn lines_match(shown: &[&str], printed: &[&str]) -> bool {
    match (shown, printed) {
        ([], []) => true,
        (["…", rest @ ..], _) => (0..=printed.len()).any(|skip| lines_match(rest, &printed[skip..])),
        ([first, rest @ ..], [line, lines @ ..]) => line_matches(first, line.trim_end()) && lines_match(rest, lines),
        _ => false,
    }
}

/// Whether the printed line is the shown one; `…` stands for any text.
fn line_matches(shown: &str, printed: &str) -> bool {
    let Some((head, tail)) = shown.split_once('…') else { return shown == printed };
    let Some(rest) = printed.strip_prefix(head) else { return false };
    let starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    starts.into_iter().any(|at| line_matches(tail, &rest[at..]))
}

fn page_faults(place: &str, page: &str) -> Vec<String> {
    let mut desk = Desk::new();
    steps(page).iter().flat_map(|step| step_faults(&mut desk, place, step)).collect()
}

#[test]
fn every_command_of_the_readme_and_the_guide_does_what_the_page_says() {
    let mut pages = source_tree::files("docs/guide", "md");
    pages.push(PathBuf::from("README.md"));
    let faults = pages.iter().flat_map(|path| page_faults(&path.to_string_lossy(), &source_tree::text(path)));
    assert_none(faults.collect());
}

// ── generated pages ──

/// What `bex` prints for these arguments.
fn printed(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bex"));
    let output = command.args(arguments).env("NO_COLOR", "1").env("COLUMNS", "100").output().unwrap();
    assert!(output.status.success(), "bex {}", arguments.join(" "));
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// The help of the whole and of every command it lists.
fn commands_page() -> String {
    let whole = printed(&["--help"]);
    let listed = whole.split("\nCommands:\n").nth(1).unwrap_or_default().split("\n\n").next().unwrap_or_default();
    let name = |line: &str| line.strip_prefix("  ")?.split_whitespace().next().map(str::to_string);
    let names = listed.lines().filter(|line| !line.starts_with("   ")).filter_map(name).filter(|name| name != "help");
    let mut page = format!("# Commands\n\nMade from the program's help; do not edit.\n\n```\n{whole}```\n");
    for name in names {
        page.push_str(&format!("\n## bex {name}\n\n```\n{}```\n", printed(&[&name, "--help"])));
    }
    page
}

fn events_page() -> String {
    let row = |(word, meaning): &(&str, &str)| format!("| `{word}` | {meaning} |\n");
    let rows: String = bex::audit::Action::ALL.iter().map(row).collect();
    let note = "What they lead to is in [states](../design/states.md).";
    format!("# Audit events\n\nMade from the catalogue; do not edit. {note}\n\n| Event | Means |\n|---|---|\n{rows}")
}

fn personal_data_page() -> String {
    let mut page =
        "# Personal data\n\nMade from the closed catalogue; do not edit. Mappings can fill these elements and \
                    no others, policies\ncan permit these and no others. Required: no 834 can do without it.\n\n\
                    | Element | Class | Policy |\n|---|---|---|\n"
            .to_string();
    for field in bex::model::field::Field::ALL {
        let usual = if bex::policy::REQUIRED.contains(field) {
            "required"
        } else if bex::mapping::policy::USUAL.contains(field) {
            "default"
        } else {
            "with a reason"
        };
        page.push_str(&format!(
            "| `{}` | {} | {usual} |\n",
            field.word(),
            format!("{:?}", field.class()).to_lowercase()
        ));
    }
    page
}

/// The lines of doc comments and variants of an enum whose variants have numbers: number, meaning.
fn numbered_variants(text: &str, name: &str) -> Vec<(String, String)> {
    let body = text.split(&format!("pub enum {name} {{\n")).nth(1).unwrap_or_default();
    let (mut found, mut meaning) = (Vec::new(), String::new());
    for line in body.split("\n}").next().unwrap_or_default().lines().map(str::trim) {
        match (line.strip_prefix("/// "), line.split_once(" = ")) {
            (Some(said), _) => meaning = format!("{meaning} {said}").trim().to_string(),
            (None, Some((_, number))) => found.push((number.trim_matches(',').into(), std::mem::take(&mut meaning))),
            _ => {}
        }
    }
    found
}

fn exit_statuses_page() -> String {
    let statuses = numbered_variants(&source_tree::text("src/run/outcome.rs"), "Exit");
    let rows: String = statuses.iter().map(|(number, meaning)| format!("| {number} | {meaning} |\n")).collect();
    format!(
        "# Exit statuses\n\nMade from the source; do not edit. They are a contract: a status keeps its meaning. Where \
         several apply to one\ncommand, the largest of 7, 5, 4 and 3 is given. What each asks of a person is in \
         [nightly](../guide/nightly.md#exit-statuses).\n`bex x12` has statuses of its own, which its help lists.\n\n\
         | Status | Means |\n|---|---|\n{rows}"
    )
}

/// Every rule of the catalogue, with whose it is to mend and where its code stands.
fn fault_codes_page() -> String {
    let sources = source_tree::rust("src");
    let mut page = "# Fault codes\n\nMade from the catalogue; do not edit. A fault in JSON has `code`, `class`, \
                    `severity`, `place` as text, `where` (the\nplace in parts: `kind` and what belongs to it), `rule` \
                    with the facts as text, `facts` (each `what` and `count` or\n`name`) and `next`. `class` and \
                    `where` are null for what 0.1.0 recorded.\n\n\
                    | Code | Class | Severity | The rule | Named in |\n|---|---|---|---|---|\n"
        .to_string();
    for rule in bex::catalogue::rules() {
        let names = |source: &&Source| source.literals.iter().any(|literal| literal.text == rule.code);
        let files: Vec<String> = sources.iter().filter(names).map(|source| format!("`{}`", source.path)).collect();
        let (family, anchor) = (&rule.code[..rule.code.len() - 3], rule.code.to_lowercase());
        let (class, severity) = (rule.class.word(), rule.severity.word());
        page.push_str(&format!(
            "| [{}](../runbook/{family}.md#{anchor}) | {class} | {severity} | {} | {} |\n",
            rule.code,
            rule.sentence,
            files.join(", ")
        ));
    }
    page
}

/// What the cells of a column are, in words.
fn kind(cell: Cell) -> String {
    match cell {
        Cell::Text => "text".into(),
        Cell::Key => "a key of up to 50 characters".into(),
        Cell::Person => "a key, a Social Security number or a name, as `by` says".into(),
        Cell::Keys => "keys, Social Security numbers or names, as `by` says, separated".into(),
        Cell::Ssn => "nine digits, with or without dashes".into(),
        Cell::Date => "a date in the column's format".into(),
        Cell::Zip => "five or nine digits".into(),
        Cell::Phone => "ten digits in the usual punctuation".into(),
        Cell::State => "a two-letter code".into(),
        Cell::Money => "an amount with at most two decimals".into(),
        Cell::Npi => "ten digits with a right check digit".into(),
        Cell::Plan => "a plan".into(),
        Cell::Word(words) => words().iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
    }
}

fn column_rows<F: Mapped>() -> String {
    F::ALL.iter().map(|field| format!("| `{}` | {} |\n", field.word(), kind(field.cell()))).collect()
}

fn word_rows<T: Worded>(column: &str) -> String {
    let row = |(word, forms): &(&str, &str)| format!("| `{column}` | `{word}` | {} |\n", forms.replace(' ', ", "));
    T::SYNONYMS.iter().map(row).collect()
}

fn columns_page() -> String {
    let words = [
        word_rows::<Relationship>("relationship"),
        word_rows::<Sex>("sex"),
        word_rows::<MaritalStatus>("marital_status"),
        word_rows::<EmploymentStatus>("employment_status"),
        word_rows::<EndReason>("end_reason"),
        word_rows::<Tier>("tier"),
        word_rows::<LifeEvent>("event"),
        word_rows::<YesNo>("waived"),
    ];
    format!(
        "# Columns\n\nMade from the library; do not edit. What the columns of a mapping can be, and what their cells \
         hold.\n\n## Census\n\n| Column | Cells |\n|---|---|\n{}\n## Elections\n\n| Column | Cells |\n|---|---|\n{}\n\
         ## Words understood without being told\n\nBeside the value itself. Words are compared as capitals and digits; \
         everything else in them is dropped. A mapping's\n`values` overrule them.\n\n| Column | Value | Words |\n\
         |---|---|---|\n{}",
        column_rows::<CensusField>(),
        column_rows::<ElectionField>(),
        words.concat(),
    )
}

/// Pages that are stale or of unknown origin. A stale page is written anew, so that the next run passes and the
/// change stands in the diff for review.
fn generated_faults(root: &Path, generated: &[Generator], present: &[PathBuf]) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, make) in generated {
        let fresh = make();
        if fs::read_to_string(root.join(path)).unwrap_or_default() != fresh {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), fresh).unwrap();
            faults.push(format!("{path} was stale and has been written anew: look at the difference"));
        }
    }
    let known = generated.iter().map(|(known, _)| *known).chain(WRITTEN);
    let known: Vec<&Path> = known.map(Path::new).collect();
    let unknown = present.iter().filter(|path| !known.contains(&path.as_path()));
    faults.extend(unknown.map(|path| format!("{}: nothing generates it", path.display())));
    faults
}

#[test]
fn the_reference_is_what_the_program_says() {
    assert_none(generated_faults(&source_tree::root(), GENERATED, &source_tree::files("docs/reference", "md")));
}

/// What a page of measurements lacks. Its figures are nobody's to hold.
fn unmeasured(page: &str) -> Vec<String> {
    let asked =
        ["| Processor | ", "| Date | 20", "| bex | ", "## The first night", "## The nights after", "## Where it goes"];
    let lacks = asked.iter().filter(|part| !page.contains(**part)).map(|part| format!("no {part}"));
    let sizes = page.lines().filter(|line| line.contains("| × ")).count();
    lacks.chain((sizes == 0).then(|| "one size says nothing of growth".to_string())).collect()
}

#[test]
fn the_page_of_speed_names_its_machine_and_says_how_a_night_grows() {
    let page = fs::read_to_string(source_tree::root().join(SPEED)).unwrap();
    assert_none(unmeasured(&page));
    assert_eq!(unmeasured(&page.replace("| Date | ", "| Day | ").replace("× ", "")).len(), 2);
}

// ── settings ──

/// The settings that the readers of configuration files ask for: the first argument of their calls.
pub(super) fn settings(text: &str) -> BTreeSet<String> {
    let asks = ["need", "maybe", "flag", "whole", "maybe_whole", "section", "need_section", "texts", "text"];
    let more = ["need_text", "need_name", "need_key", "percent", "number", "codes"];
    let asked = asks.iter().chain(&more).flat_map(|ask| {
        let call = format!("{ask}(\"");
        let calls: Vec<&str> = text.split(call.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect();
        calls
    });
    asked.map(str::to_string).collect()
}

fn untold_settings(asked: &BTreeSet<String>, guide: &str) -> Vec<String> {
    let quoted: Vec<&str> = guide.split('`').skip(1).step_by(2).collect();
    let told = |name: &str| {
        quoted.iter().any(|quoted| quoted.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name))
    };
    asked.iter().filter(|name| !told(name)).map(|name| format!("docs/guide explains no setting `{name}`")).collect()
}

#[test]
fn every_setting_of_a_configuration_file_is_in_the_guide() {
    let production = |source: &Source| source.text.split("#[cfg(test)]\nmod tests").next().map(settings);
    let asked = source_tree::rust("src/mapping").iter().filter_map(production).flatten().collect();
    let guide: String = source_tree::files("docs/guide", "md").iter().map(source_tree::text).collect();
    assert_none(untold_settings(&asked, &guide));
}

#[test]
fn every_column_of_a_mapping_is_in_the_guide() {
    let words = CensusField::ALL.iter().map(|field| field.word());
    let words = words.chain(ElectionField::ALL.iter().map(|field| field.word())).map(str::to_string).collect();
    let guide: String = source_tree::files("docs/guide", "md").iter().map(source_tree::text).collect();
    assert_none(untold_settings(&words, &guide));
}

// ── decisions and changes ──

/// Records and change notes are found by their names: `0001-….md`, `0.1.0.md`; each index lists all of them.
fn index_faults(folder: &str, index: &str, pages: &[String]) -> Vec<String> {
    let missing = pages.iter().filter(|page| !index.contains(&format!("]({page})")));
    missing.map(|page| format!("{folder}/README.md does not list {page}")).collect()
}

fn number_faults(pages: &[String]) -> Vec<String> {
    let numbered = pages.iter().filter(|page| !page.starts_with("template"));
    let wrong = numbered.enumerate().filter(|(index, page)| !page.starts_with(&format!("{:04}-", index + 1)));
    wrong.map(|(index, page)| format!("docs/decisions/{page}: its number should be {:04}", index + 1)).collect()
}

fn pages_of(folder: &str) -> Vec<String> {
    let below = source_tree::files(folder, "md").into_iter();
    let names = below.filter_map(|path| Some(path.strip_prefix(folder).ok()?.to_string_lossy().into_owned()));
    names.filter(|name| name != "README.md").collect()
}

#[test]
fn every_index_lists_its_pages_and_decisions_are_numbered_without_gaps() {
    let mut faults = number_faults(&pages_of("docs/decisions"));
    for folder in ["docs/decisions", "docs/changes", "docs/design", "docs/guide", "docs/runbook"] {
        faults.extend(index_faults(folder, &source_tree::text(format!("{folder}/README.md")), &pages_of(folder)));
    }
    assert_none(faults);
}

// ── states ──

/// The states that a CHECK constraint allows in any table.
fn stored_states(migrations: &str) -> BTreeSet<String> {
    let lists = migrations.split("CHECK (state IN").skip(1).filter_map(|rest| rest.split("))").next());
    lists.flat_map(|list| list.split('\'').skip(1).step_by(2)).map(str::to_string).collect()
}

/// The events of the audit catalogue: literals such as `run.opened`.
fn is_event(word: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    word.split_once('.').is_some_and(|(subject, verb)| plain(subject) && plain(verb))
}

/// Words the page leaves out or makes up.
fn state_faults(page: &str, states: &BTreeSet<String>, events: &BTreeSet<String>) -> Vec<String> {
    let quoted: BTreeSet<&str> = page.split('`').skip(1).step_by(2).collect();
    let untold = states.iter().chain(events).filter(|word| !quoted.contains(word.as_str()));
    let mut faults: Vec<String> =
        untold.map(|word| format!("docs/design/states.md does not explain `{word}`")).collect();
    let made_up = quoted.iter().filter(|word| is_event(word) && !events.contains(**word));
    faults.extend(made_up.map(|word| format!("docs/design/states.md names `{word}`, which is no event")));
    faults
}

#[test]
fn the_page_of_states_is_what_the_store_and_the_audit_log_say() {
    let migrations: String = source_tree::files("src/store/migrations", "sql").iter().map(source_tree::text).collect();
    let literals = source_tree::rust("src/audit").iter().flat_map(|source| &source.literals);
    let events = literals.map(|literal| literal.text.clone()).filter(|word| is_event(word)).collect();
    assert_none(state_faults(&source_tree::text("docs/design/states.md"), &stored_states(&migrations), &events));
}

// ── names that documents mention ──

/// The commands that a document names: the words behind `bex` in backticks, up to the first argument.
fn commands(text: &str) -> BTreeSet<Vec<String>> {
    let quoted = text.split('`').skip(1).step_by(2).filter_map(|quoted| quoted.strip_prefix("bex "));
    let word =
        |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') && !word.starts_with('-');
    let named = quoted.map(|rest| rest.split_whitespace().take_while(word).map(str::to_string).collect::<Vec<_>>());
    named.filter(|words| !words.is_empty()).collect()
}

#[test]
fn every_command_a_document_names_exists() {
    if !source_tree::tree_is_whole() {
        return;
    }
    let exists = |words: &[String]| {
        let help = Command::new(env!("CARGO_BIN_EXE_bex")).args(words).arg("--help").output().unwrap();
        help.status.success()
    };
    let mut faults = Vec::new();
    for path in source_tree::files("docs", "md").into_iter().chain([PathBuf::from("README.md")]) {
        let gone = commands(&source_tree::text(&path)).into_iter().filter(|words| !exists(words));
        faults.extend(gone.map(|words| format!("{}: there is no `bex {}`", path.display(), words.join(" "))));
    }
    assert_none(faults);
}

/// Paths in backticks that begin with a folder of ours and are not there.
fn lost_paths(place: &Path, text: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let ours = |name: &&str| {
        ["src/", "tests/", "docs/", "mappings/", "schedules/", "fixtures/"]
            .iter()
            .any(|folder| name.starts_with(folder))
    };
    let plain = |name: &&str| !name.contains(['<', '*', '{', ' ', '…']);
    let quoted = text.split('`').skip(1).step_by(2).filter(ours).filter(plain);
    let lost = quoted.filter(|name| !exists(name.trim_end_matches('/')));
    lost.map(|name| format!("{}: `{name}` is not there", place.display())).collect()
}

#[test]
fn every_path_a_document_names_exists() {
    if !source_tree::tree_is_whole() {
        return;
    }
    let exists = |name: &str| source_tree::root().join(name).exists();
    let pages = source_tree::files("docs", "md").into_iter().chain([PathBuf::from("README.md")]);
    assert_none(pages.flat_map(|path| lost_paths(&path, &source_tree::text(&path), exists)).collect());
}

// ── the checks, shown to fail ──

#[cfg(test)]
mod tests {
    use super::*;

    fn console(lines: &str) -> String {
        format!("Text.\n```console\n{lines}\n```\nMore.\n```sh\n$ rm -r /\n```\n")
    }

    #[test]
    fn steps_carry_their_command_status_and_output() {
        let steps = steps(&console("$ bex run \\\n    --due  # exit 4\nheld\n…\n$ ls"));
        assert_eq!(steps.len(), 2);
        assert_eq!((steps[0].command.as_str(), steps[0].status, steps[0].line), ("bex run --due", 4, 3));
        assert_eq!(steps[0].output, ["held", "…"]);
        assert_eq!((steps[1].command.as_str(), steps[1].status, steps[1].output.len()), ("ls", 0, 0));
    }

    #[test]
    fn only_our_own_commands_are_run() {
        let shell = |command: &str| Step::new(1, command).shell();
        assert_eq!(shell("cargo run --release -- demo --keep").as_deref(), Some("bex demo --keep"));
        assert_eq!(shell("bex check").as_deref(), Some("bex check"));
        assert_eq!(shell("curl https://example.org/"), None);
        assert_eq!(page_faults("x.md", &console("$ curl https://example.org/")).len(), 1);
        assert_eq!(page_faults("x.md", &console("output before any command")).len(), 1);
    }

    #[test]
    fn a_page_is_run_in_one_folder_from_top_to_bottom() {
        let page = console("$ mkdir a\n$ cd a\n$ mkdir b\n$ ls\nb\n$ cat c  # exit 1\ncat: c: …");
        assert_eq!(page_faults("x.md", &page), Vec::<String>::new());
    }

    #[test]
    fn a_page_that_promises_another_status_or_output_is_refused() {
        assert_eq!(page_faults("x.md", &console("$ ls  # exit 4")).len(), 1);
        assert_eq!(page_faults("x.md", &console("$ cat missing")).len(), 1);
        assert_eq!(page_faults("x.md", &console("$ mkdir a\n$ ls\nb")).len(), 1);
        assert_eq!(page_faults("x.md", &console("$ cd nowhere")).len(), 1);
        assert_eq!(page_faults("x.md", &console("$ bex --no-such-thing  # exit many")).len(), 1);
    }

    #[test]
    fn an_ellipsis_stands_for_text_or_lines() {
        assert!(line_matches("sent … bytes in … s", "sent 12 bytes in 3 s"));
        assert!(line_matches("sent …", "sent "));
        assert!(line_matches("… …x", "a bxx"));
        assert!(!line_matches("sent … bytes", "sent 12 bits"));
        assert!(!line_matches("sent", "sent 12"));
        assert!(lines_match(&["a", "…", "z"], &["a", "b", "c", "z"]));
        assert!(!lines_match(&["a", "…", "z"], &["a", "b"]));
        assert!(!lines_match(&["a"], &["a", "b"]));
    }

    #[test]
    fn a_stale_page_is_refused_once_and_written_anew() {
        let folder = TempDir::new().unwrap();
        let generated: [Generator; 1] = [("docs/reference/a.md", || "fresh\n".to_string())];
        let there = [PathBuf::from("docs/reference/a.md")];
        assert_eq!(generated_faults(folder.path(), &generated, &there).len(), 1);
        assert_eq!(generated_faults(folder.path(), &generated, &there).len(), 0);
        assert_eq!(generated_faults(folder.path(), &generated, &[PathBuf::from("docs/reference/b.md")]).len(), 1);
    }

    #[test]
    fn a_setting_that_no_page_explains_is_refused() {
        let asked = settings("table.need(\"host\", &HOST); table.maybe_whole(\"port\", 1..=2)");
        assert_eq!(asked, BTreeSet::from(["host".to_string(), "port".to_string()]));
        assert_eq!(untold_settings(&asked, "`[delivery] host`: a name. `port`: a number").len(), 0);
        assert_eq!(untold_settings(&asked, "`host`: a name, port"), ["docs/guide explains no setting `port`"]);
    }

    #[test]
    fn the_variants_of_a_numbered_enum_are_found_with_their_meaning() {
        let text = "/// E.\npub enum E {\n    /// All is\n    /// well.\n    A = 0,\n    /// Not.\n    B = 130,\n}\n";
        let found = numbered_variants(text, "E");
        assert_eq!(found, [("0".into(), "All is well.".into()), ("130".into(), "Not.".into())]);
    }

    #[test]
    fn an_index_with_a_hole_is_refused() {
        let pages = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
        assert_eq!(index_faults("docs/x", "- [A](a.md)\n- [B](b.md)", &pages(&["a.md", "b.md"])).len(), 0);
        assert_eq!(index_faults("docs/x", "- [A](a.md)", &pages(&["a.md", "b.md"])).len(), 1);
        assert_eq!(number_faults(&pages(&["0001-a.md", "0002-b.md", "template.md"])).len(), 0);
        assert_eq!(number_faults(&pages(&["0001-a.md", "0003-b.md"])).len(), 1);
    }

    #[test]
    fn a_page_of_states_that_leaves_out_or_makes_up_a_word_is_refused() {
        let states = stored_states("state TEXT CHECK (state IN ('open', 'done')), CHECK ((state = 'done') = (x))");
        assert_eq!(states, BTreeSet::from(["open".to_string(), "done".to_string()]));
        let events = BTreeSet::from(["run.opened".to_string()]);
        assert_eq!(state_faults("`run.opened` leads to `open`, then `done`", &states, &events).len(), 0);
        assert_eq!(state_faults("`run.opened` leads to `open`", &states, &events).len(), 1);
        assert_eq!(state_faults("`run.closed`, `open`, `done`, `lib.rs!`", &states, &events).len(), 2);
    }

    #[test]
    fn the_commands_of_a_document_are_found() {
        let found: Vec<String> = commands("`bex run FEED`, `bex audit verify --all`, `bex`, `box run`")
            .into_iter()
            .map(|words| words.join(" "))
            .collect();
        assert_eq!(found, ["audit verify", "run"]);
    }

    #[test]
    fn a_path_that_is_not_there_is_found() {
        let exists = |name: &str| name == "src/seal.rs";
        let lost = |text: &str| lost_paths(Path::new("x.md"), text, exists).len();
        assert_eq!(lost("`src/seal.rs`, `docs/runbook/<CODE>.md`, `std::fs`, `tests/*.rs`"), 0);
        assert_eq!(lost("`src/gone.rs`"), 1);
    }
}
