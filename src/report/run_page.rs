//! One run on a page: how it stands, why, what to do next, then what it is made of. Questions, faults and families are
//! counted, and listed where somebody asks for them.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::acts::{act_json, acts_text};
use super::board::{line_json, state};
use super::faults::record_json;
use super::needs::next_on_page;
use super::paint::Paint;
use super::plan::{family_by_family, would_tell_json};
use super::questions::{question_json, question_lines, rule_of};
use super::run_cells::carrier_says;
use super::screen::Screen;
use super::trace::{families_json, families_text};
use super::words::counted;
use crate::fault::{FaultRecord, PlaceRecord, Severity};
use crate::model::ids::hex;
use crate::night::{Board, RunFamilies, RunLine};
use crate::state::{RunStanding, RunState, State as _, Urgency};
use crate::store::InputRow;

/// What is listed on a run's page beside what always stands there.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunParts<'p> {
    /// The open questions.
    pub questions: bool,
    /// Every fault and notice.
    pub faults: bool,
    /// The families in its file, or that would be in it.
    pub families: Option<&'p RunFamilies>,
}

/// Faults that say why a run stands as it does: more of them are counted.
const WHY_MAX: usize = 4;

/// The page of a run, with what somebody wants listed.
pub fn run_text(page: &Board, parts: RunParts, screen: Screen) -> String {
    let mut text = head(page, screen.paint) + &why(page);
    text += &under("Next  ", &next(&page.line));
    text += &file(page);
    text += &inputs(page);
    text += &steps(page);
    if !page.acts.is_empty() {
        text += &under("Acts  ", &acts_text(&page.acts));
    }
    text += &more(page, parts);
    if parts.questions && !page.questions.is_empty() {
        text += "\nQuestions\n";
        page.questions.iter().for_each(|question| text += &question_lines(question));
    }
    if parts.faults && !page.faults.is_empty() {
        text += "\nFaults\n";
        page.faults.iter().for_each(|fault| text += &fault_text(fault, &page.line));
    }
    if let Some(families) = parts.families {
        text += &listed(families);
    }
    screen.fold(&text)
}

fn listed(families: &RunFamilies) -> String {
    match families {
        RunFamilies::InFile(families) => format!("\nFamilies\n{}", families_text(families)),
        RunFamilies::Waiting(planned) => {
            format!("\nFamilies it would tell of, once it is released\n{}", family_by_family(planned))
        }
    }
}

/// What helps most; of what a carrier objects to, the page that has every place comes first. Of a file that may have
/// arrived: what the carrier is to be asked, so that it finds the file, and what follows from each answer.
fn next(line: &RunLine) -> String {
    if let Some(row) = line.delivery.as_ref().filter(|_| line.standing == RunStanding::Uncertain) {
        let bytes = row.sealed_bytes.unwrap_or_default();
        let attest = format!("bex attest {}", line.run.id);
        return format!(
            "ask {}: \"have you {:09}, {}, {bytes} bytes?\"\n\
             yes: `{attest} --delivered --reason R --evidence E`\n\
             no: `{attest} --not-delivered --reason R --evidence E`",
            row.carrier, row.number, row.final_name
        );
    }
    let objected = matches!(line.standing, RunStanding::Rejected | RunStanding::Errors);
    let places = line.delivery.as_ref().filter(|_| objected);
    let places =
        places.map_or(String::new(), |row| format!("`bex show delivery {}` has what was said of it; ", row.id));
    places + &next_on_page(line)
}

fn head(page: &Board, paint: Paint) -> String {
    let (line, urgency) = (&page.line, page.line.standing.row().urgency);
    let word = state(line).to_uppercase();
    let word = match urgency {
        Urgency::Now => paint.gone(&word),
        Urgency::Today => paint.changed(&word),
        _ => word,
    };
    format!("{word}  run {}  {}  {}\n", line.run.id, line.run.feed, line.run.business_date)
}

/// How it stands, and the faults that it came of.
fn why(page: &Board) -> String {
    let people = counted(page.line.people, "person", "people");
    let mut text = format!("Why   {}, {people}\n", page.line.standing.row().words);
    // A try that failed before says nothing of how it stands now.
    if let Some(cause) = page.cause.as_ref().filter(|_| is_of_one_fault(page.line.standing)) {
        return text + &under("      ", &fault_text(cause, &page.line));
    }
    let grave = page.faults.iter().filter(|fault| fault.severity >= Severity::Error);
    // What is asked is said by its question: a run that needs nobody went on without the answer, and behind seventeen
    // of them the guard that holds a run would not be seen.
    let is_asked =
        |fault: &&FaultRecord| matches!(fault.at, Some(PlaceRecord::Family { .. })) && rule_of(&fault.code).is_some();
    let (asked, others): (Vec<&FaultRecord>, Vec<&FaultRecord>) = grave.partition(is_asked);
    // What was in the way of a run that nobody is needed for any more has been overcome; `--faults` has it.
    let calm = page.line.standing.row().urgency > Urgency::Today;
    let grave = if calm {
        Vec::new()
    } else if others.is_empty() {
        asked
    } else {
        others
    };
    for fault in grave.iter().take(WHY_MAX) {
        text += &under("      ", &fault_text(fault, &page.line));
    }
    if grave.len() > WHY_MAX {
        let more = counted((grave.len() - WHY_MAX) as u64, "fault", "faults");
        let _ = writeln!(text, "      and {more} more: `bex show {} --faults`", page.line.run.id);
    }
    text
}

/// Whether the newest fault alone says why a run stands so: others are those of the tries before.
fn is_of_one_fault(standing: RunStanding) -> bool {
    matches!(
        standing,
        RunStanding::Unsealed
            | RunStanding::Failed
            | RunStanding::InTheWay
            | RunStanding::PublishedInTheWay
            | RunStanding::Rebound
            | RunStanding::Uncertain
    )
}

/// A text of lines, the first behind its word, the others below it.
fn under(word: &str, text: &str) -> String {
    let mut placed = String::new();
    for (n, line) in text.lines().enumerate() {
        let lead = if n == 0 { word } else { "      " };
        let _ = writeln!(placed, "{lead}{}", line.strip_prefix("  ").unwrap_or(line));
    }
    placed
}

fn fault_text(fault: &FaultRecord, line: &RunLine) -> String {
    let place = if fault.place.is_empty() { String::new() } else { format!(" at {}", fault.place) };
    let next = filled_in(&fault.next, line);
    format!("  {} {}{place}\n      next: {next}\n", fault.code, fault.sentence())
}

/// What to do next, with the numbers of this run where a rule can only leave their places: ready to be typed.
fn filled_in(next: &str, line: &RunLine) -> String {
    let (run, delivery) = (line.run.id, line.delivery.as_ref().map(|delivery| delivery.id));
    let filled = next.replace(" RUN`", &format!(" {run}`")).replace(" RUN --", &format!(" {run} --"));
    let filled = filled.replace(" FEED`", &format!(" {}`", line.run.feed));
    delivery.map_or(filled.clone(), |delivery| filled.replace("delivery N`", &format!("delivery {delivery}`")))
}

fn file(page: &Board) -> String {
    let tally = page.line.run.tally();
    let mut text = format!(
        "Tells add {}  chg {}  term {}  rein {}; {} unchanged, {} waiting, {} in question\n",
        tally.adds,
        tally.changes,
        tally.terminations,
        tally.reinstatements,
        tally.unchanged,
        tally.waiting,
        tally.holds
    );
    let Some(delivery) = &page.line.delivery else { return text };
    let _ = writeln!(text, "File  delivery {}: {} to {}", delivery.id, delivery.final_name, delivery.carrier);
    let _ = writeln!(
        text,
        "      {} file, {}, {}, numbered {:09} at {}",
        delivery.style,
        counted(delivery.subscribers.unsigned_abs(), "subscriber", "subscribers"),
        counted(delivery.dependents.unsigned_abs(), "dependent", "dependents"),
        delivery.number,
        delivery.frozen_at
    );
    if let (Some(sha256), Some(bytes)) = (&delivery.sealed_sha256, delivery.sealed_bytes) {
        let recipient = delivery.recipient.as_deref().unwrap_or("-");
        let _ = writeln!(text, "      sealed to {recipient}, {bytes} bytes, sha256 {}", hex(sha256));
    }
    text
}

fn inputs(page: &Board) -> String {
    let one = |input: &InputRow| {
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        let families = input.families.map_or("- families".to_string(), |n| counted(count(n), "family", "families"));
        let changed = input.changed.map_or("-".to_string(), |changed| changed.to_string());
        let faults = counted(count(input.faults.unwrap_or(0)), "fault", "faults");
        let (id, source, state, at) = (input.id, &input.source, &input.state, &input.received_at);
        format!("input {id}  {source}  {state}, {families}, {changed} changed, {faults}, received {at}\n")
    };
    under("From  ", &page.inputs.iter().map(one).collect::<String>())
}

fn steps(page: &Board) -> String {
    let attempts = page.attempts.iter().map(|attempt| {
        let evidence = attempt.evidence.as_deref().unwrap_or("-");
        format!("attempt {}  {}  {evidence}\n", attempt.n, attempt.state)
    });
    let mut text = under("Steps ", &attempts.collect::<String>());
    let says = carrier_says(&page.line);
    if says != "-" {
        let _ = writeln!(text, "Said  {says}");
    }
    text
}

/// What else can be listed, and how much of it there is.
fn more(page: &Board, parts: RunParts) -> String {
    let counts = [
        (parts.questions, "--questions", page.questions.len()),
        (parts.faults, "--faults", page.faults.len()),
        (parts.families.is_some(), "--families", page.line.delivery.as_ref().map_or(0, |row| row.subscribers as usize)),
    ];
    let left = counts.iter().filter(|(is_listed, _, count)| !is_listed && *count > 0);
    let mut left: Vec<String> = left.map(|(_, flag, count)| format!("{flag} ({count})")).collect();
    let waits = page.line.run.state() == RunState::Held && page.line.delivery.is_none();
    if waits && parts.families.is_none() {
        // How many there are shows once they are decided again.
        left.push("--families".to_string());
    }
    if left.is_empty() {
        return String::new();
    }
    format!("More  bex show {} {}\n", page.line.run.id, left.join(", "))
}

/// One run as JSON; the keys are a contract. `families` stands there where they were asked for.
pub fn run_json(page: &Board, families: Option<&RunFamilies>) -> Value {
    let attempts = page.attempts.iter();
    let attempts = attempts.map(|row| json!({ "n": row.n, "state": row.state.word(), "evidence": row.evidence }));
    let mut whole = line_json(&page.line);
    whole["attempts"] = attempts.collect();
    whole["inputs"] = page.inputs.iter().map(input_json).collect();
    whole["holds"] = page.questions.iter().map(question_json).collect();
    whole["acts"] = page.acts.iter().map(act_json).collect();
    whole["faults"] = page.faults.iter().map(record_json).collect();
    whole["rules"] = page.rules.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    if let Some(families) = families {
        whole["families"] = match families {
            RunFamilies::InFile(families) => families_json(families),
            RunFamilies::Waiting(planned) => would_tell_json(planned),
        };
    }
    whole
}

fn input_json(input: &InputRow) -> Value {
    json!({
        "input": input.id, "source": input.source, "state": input.state.word(), "bytes": input.bytes,
        "families": input.families, "changed": input.changed, "faults": input.faults,
        "received_at": input.received_at,
    })
}
