//! What needs somebody, as the board and the morning page say it: what it is, why, and what to do next.

use std::fmt::Write as _;

use super::records::urgency_of;
use super::run_cells;
use super::screen::Screen;
use super::words::{counted, days_between};
use crate::fault::{Fact, Fault, FaultRecord, Severity};
use crate::intake::rules::{INCOMPLETE, SAME_AGAIN, SILENT};
use crate::model::source::Stranger;
use crate::night::{
    Alarm, FileStage, FileUnderway, LateFile, LostFile, MissedNight, Overview, RunLine, SourceSaid, kept_by,
};
use crate::run::{AnswerWaiting, OddFile};
use crate::state::{AckState, InputState, QuestionStanding, RunStanding, SlotState, State as _, Urgency};
use crate::store::{AskedOfFeed, HeldFeed, MissedRow, OpenAnswer, SlotRow};
use crate::take_in::WaitingInput;

/// One thing that needs somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Need {
    /// How soon.
    pub urgency: Urgency,
    /// What it is: feed, run, date, code and count; never a member.
    pub what: String,
    /// The same of a run in the columns of [`super::upper`]; empty of whatever is no run.
    pub cells: Vec<String>,
    /// Why, each reason on lines of its own; empty where `what` says it all.
    pub why: String,
    /// What helps most, with its command.
    pub next: String,
}

/// What to do next, for this run.
pub(super) fn next_act(line: &RunLine) -> String {
    line.standing.row().next.replace("RUN", &line.run.id.to_string()).replace("FEED", &line.run.feed)
}

/// The same on a page that shows the run already.
pub(super) fn next_on_page(line: &RunLine) -> String {
    let shows = format!("`bex show {}`", line.run.id);
    let next = next_act(line);
    let next =
        next.replace(&format!("{shows}; "), "").replace(&format!("{shows} says which rows they come from; "), "");
    next.replace(&format!("{shows} says what; then "), "")
}

/// Everything that needs somebody, what is most urgent first.
pub(super) fn needs_of(overview: &Overview) -> Vec<Need> {
    let mut found: Vec<Need> = overview.alarms.iter().map(of_alarm).collect();
    // What is configured otherwise is said by the words already, and item by item on the run's page.
    let cause = |line: &RunLine| overview.causes.get(&line.run.id).filter(|_| line.standing != RunStanding::Rebound);
    found.extend(overview.runs.iter().map(|line| Need { why: why(cause(line)), ..of_run(line) }));
    found.extend(overview.missed.iter().map(of_night));
    found.extend(overview.slots.iter().map(of_slot));
    found.extend(overview.late.iter().map(of_late));
    found.extend(overview.odd.iter().map(of_odd));
    found.extend(overview.sources.iter().map(of_source));
    found.extend(overview.underway.iter().map(of_file));
    found.extend(overview.lost.iter().map(of_lost));
    found.extend(overview.held.iter().map(of_held));
    // What keeps a night, or a run, is said with it, and not once more by itself.
    let is_said =
        |input: &&WaitingInput| !overview.missed.iter().any(|missed| missed.row.refused.contains(&input.row.id));
    found.extend(overview.waiting.iter().filter(is_said).map(of_input));
    let with_run = |open: &&AnswerWaiting| {
        !overview.runs.iter().any(|line| line.standing.asks_about_an_answer() && open.row.run == Some(line.run.id))
    };
    found.extend(overview.answers.iter().filter(with_run).map(of_answer));
    found.extend(overview.asked.iter().map(|asked| of_questions(asked, &overview.today)));
    found.sort_by_key(|need| need.urgency);
    found
}

/// Whether anything does not go on without somebody.
pub fn needs_now(overview: &Overview) -> bool {
    count_of(&needs_of(overview), Urgency::Now) > 0
}

/// How many there are of an urgency.
pub(super) fn count_of(needs: &[Need], urgency: Urgency) -> usize {
    needs.iter().filter(|need| need.urgency == urgency).count()
}

/// The needs as text, the mark before each: with and without colour the same letters.
pub(super) fn needs_text(needs: &[Need], screen: Screen) -> String {
    screen.fold(&needs.iter().map(|need| entry(need, &need.what, screen)).collect::<String>())
}

/// A need with its mark, under a line that says what it is.
pub(super) fn entry(need: &Need, what: &str, screen: Screen) -> String {
    let (mark, paint) = (need.urgency.mark(), screen.paint);
    let painted = match need.urgency {
        Urgency::Now => paint.gone(mark),
        Urgency::Nothing => mark.to_string(),
        _ => paint.changed(mark),
    };
    // The blank stands before the colour: with it and without, lines are folded alike.
    let blank = " ".repeat(2 - mark.len().min(2));
    format!("{blank}{painted} {what}\n{}     next: {}\n", need.why, need.next)
}

fn need(urgency: Urgency, what: String, next: String) -> Need {
    Need { urgency, what, cells: Vec::new(), why: String::new(), next }
}

fn of_alarm(alarm: &Alarm) -> Need {
    need(alarm.urgency, alarm.what.clone(), alarm.next.clone())
}

/// A run that needs somebody, by how it stands.
pub(super) fn of_run(line: &RunLine) -> Need {
    let (row, run) = (line.standing.row(), &line.run);
    let people = counted(line.people, "person", "people");
    let what = format!("run {}  {}  {}  {}, {people}", run.id, run.feed, run.business_date, row.words);
    Need { cells: run_cells::cells(line), ..need(row.urgency, what, next_act(line)) }
}

/// The fault that something came of, on a line of its own.
fn why(cause: Option<&FaultRecord>) -> String {
    let at = |fault: &FaultRecord| if fault.place.is_empty() { String::new() } else { format!(" at {}", fault.place) };
    cause.map_or(String::new(), |fault| format!("     {} {}{}\n", fault.code, fault.sentence(), at(fault)))
}

fn of_night(missed: &MissedNight) -> Need {
    let MissedRow { feed, business_date, fault, tries, tried_at, refused } = &missed.row;
    let tries = counted(tries.unsigned_abs(), "try", "tries");
    let grave = missed.of_inputs.iter().find(|fault| fault.severity >= Severity::Error);
    let (what, next) = match refused.first() {
        Some(input) => (
            format!("{} input {input} refused", fault.place),
            format!(
                "`bex show input {input}` says why; once it is mended here, or a corrected file is in the inbox, `bex run {feed}`"
            ),
        ),
        None => (
            fault.code.clone(),
            format!(
                "`bex why {feed}`; {}; then `bex run {feed}`",
                fault.next.trim_end_matches(" and run the feed again")
            ),
        ),
    };
    let because = grave.filter(|_| !refused.is_empty()).unwrap_or(fault);
    let what = format!("{feed}  {business_date}  not run: {what}; {tries}, the last at {tried_at}");
    Need { why: why(Some(because)), ..need(Urgency::Now, what, next) }
}

fn of_slot(slot: &SlotRow) -> Need {
    let SlotRow { feed, business_date: date, state, .. } = slot;
    let why = slot.code.as_deref().map_or(String::new(), |code| format!("     {}\n", kept_by(code)));
    let (urgency, word, next) = match state {
        SlotState::Missed => {
            let next = format!("`bex run {feed} --date {date}`, or `bex skip {feed} --date {date} --reason R`");
            (Urgency::Today, state.word(), next)
        }
        _ => (Urgency::Now, "not run", format!("`bex why {feed}`; the next pass tries again, until the cut-off")),
    };
    Need { why, ..need(urgency, format!("{feed}  {date}  {word}"), next) }
}

fn of_late(late: &LateFile) -> Need {
    let LateFile { feed, date, source, by, zone, minutes, waits_until } = late;
    let since = match minutes {
        ..120 => counted(minutes.unsigned_abs(), "minute", "minutes"),
        _ => format!("{} h", minutes / 60),
    };
    let what = format!("{feed}  {date}  {source} {since} late, expected by {}", zone.said(*by));
    let waits = waits_until.map_or("; the run does not wait for it".to_string(), |until| {
        format!("; the run waits for it until {}", zone.said(until))
    });
    need(Urgency::Today, what, format!("ask the employer for it{waits} (`bex why {feed}`)"))
}

fn of_odd(odd: &OddFile) -> Need {
    let what = format!("{}  {}", odd.feed, odd.words());
    need(Urgency::Today, what, format!("{} (`bex why {}`)", OddFile::next(), odd.feed))
}

/// What is wrong with a source, in words of what has happened.
fn of_source(said: &SourceSaid) -> Need {
    let SourceSaid { source, fault, .. } = said;
    let number = |what: &str| fact(fault, what).and_then(|said| said.parse().ok()).unwrap_or(0);
    let since = |what: &str| fact(fault, what).unwrap_or_default();
    let days = counted(number("days"), "day", "days");
    let nights = counted(number("nights"), "night", "nights");
    let rows = counted(number("rows"), "row", "rows");
    let what = if fault.is(&SILENT) {
        format!("{source}  no file for {days}, the last on {}", since("last file of"))
    } else if fault.is(&SAME_AGAIN) {
        format!("{source}  came on {nights} and told nothing new since {}", since("nothing new since"))
    } else if fault.is(&INCOMPLETE) {
        let known = |word: &str, what| fact(fault, word).map_or(String::new(), |parts| format!("; {what} {parts}"));
        let [here, unread] = [known("here", "here is"), known("unread", "cannot be read:")];
        let later = known("applied", "a slip, or too late: the census applied is of");
        format!("{source}  waits for {} since {}{here}{unread}{later}", since("missing"), since("since"))
    } else {
        format!("{source}  {rows} of input {} told of nobody", since("input"))
    };
    let first = fact(fault, "here").or_else(|| fact(fault, "unread")).unwrap_or_default();
    let part = format!("{source}/{}", first.split(' ').next().unwrap_or_default());
    let next = fault.next.replace("input N", &format!("input {}", since("input"))).replace("SOURCE/PART", &part);
    need(Urgency::Today, format!("{what} ({})", fault.code), next)
}

/// A fact of a fault, as it is said.
fn fact(fault: &Fault, wanted: &str) -> Option<String> {
    fault.facts.iter().find_map(|fact| match fact {
        Fact::Count(what, count) if *what == wanted => Some(count.to_string()),
        Fact::Name(what, name) if *what == wanted => Some(name.to_string()),
        _ => None,
    })
}

fn of_file(file: &FileUnderway) -> Need {
    let FileUnderway { source, feed, zone, input, stage } = file;
    let input = input.map_or(String::new(), |input| format!("input {input} "));
    let (words, next) = match stage {
        FileStage::Arriving(since) => {
            (format!("arriving since {}", zone.said(*since)), "nothing: it is taken in once it is whole".to_string())
        }
        FileStage::Landed(since) => {
            (format!("sealed since {}", zone.said(*since)), "nothing: the next run reads it".to_string())
        }
        FileStage::LeftLanded(since) => {
            let what = format!("{source}  sealed since {}, and no run has read it since", zone.said(*since));
            return need(Urgency::Today, what, format!("`bex why {feed}` says what keeps it; `bex run {feed}`"));
        }
        FileStage::NotRead => (format!("{input}not read yet"), format!("`bex run {feed}`")),
        FileStage::ReadAgain => (
            format!("{input}will be read again: its mapping has changed"),
            format!("`bex plan {feed}` shows what that changes"),
        ),
        FileStage::Left(fault) => {
            let what = format!("{source}  left in the inbox: {} ({})", fault.rule, fault.code);
            return need(Urgency::Today, what, fault.next.to_string());
        }
    };
    need(Urgency::Waits, format!("{source}  {words}"), next)
}

fn of_held(held: &HeldFeed) -> Need {
    let HeldFeed { feed, since, who } = held;
    need(Urgency::Today, format!("{feed} held by {who} since {since}"), format!("`bex unhold {feed} --reason R`"))
}

fn of_input(waiting: &WaitingInput) -> Need {
    let grave = waiting.faults.iter().find(|fault| fault.severity >= Severity::Error);
    let why = grave.or(waiting.faults.first());
    let (id, source, state, date) =
        (waiting.row.id, &waiting.row.source, waiting.row.state, &waiting.row.business_date);
    let read = format!("`bex input read {id} --reason R` or ");
    // Nothing that is older is read over what is newer.
    let read = if waiting.overtaken_by.is_some() { String::new() } else { read };
    let next = format!("`bex show input {id}`, then {read}`bex input settle {id} --reason R`");
    let reason = why.map_or(String::new(), |fault| format!("     {} {}\n", fault.code, fault.sentence()));
    let (urgency, what) = match (state, Stranger::parse(source)) {
        (InputState::Quarantined, None) => (Urgency::Now, format!("{source}  {date}  input {id} refused")),
        (InputState::Quarantined, Some(_)) => (Urgency::Today, format!("{source}  {date}  sealed as input {id}")),
        _ => {
            let by = waiting.overtaken_by.map_or(String::new(), |newer| format!(", and input {newer} is newer"));
            (Urgency::Today, format!("{source}  {date}  input {id} {state}{by}"))
        }
    };
    Need { why: reason, ..need(urgency, what, next) }
}

fn of_lost(lost: &LostFile) -> Need {
    let LostFile { source, input, archive } = lost;
    let next = format!(
        "restore state/archive/{archive} from a backup, or ask for the file again; `bex show input {input}` says which it was"
    );
    need(Urgency::Now, format!("{source}  input {input} is not in the archive"), next)
}

fn of_answer(waiting: &AnswerWaiting) -> Need {
    let OpenAnswer { id, carrier, state, run, .. } = &waiting.row;
    let then = match (state, run) {
        (AckState::Premature, Some(run)) => format!(", then `bex resume {run}` or `bex void {run} --reason R`"),
        (AckState::Contradicting, Some(run)) => {
            let settle = |word: &str| format!("`bex settle {run} --{word} --reason R --evidence E`");
            format!(", then {} or {}", settle("accepted"), settle("rejected"))
        }
        (AckState::Quarantined, _) => {
            format!(", then `bex acks reread {id} --reason R` or `bex acks settle {id} --reason R`")
        }
        _ => format!(", then `bex acks settle {id} --reason R`"),
    };
    // What a carrier calls its file may name somebody.
    need(urgency_of(*state), format!("ack {id} of {carrier} {}", waiting.words), format!("`bex show ack {id}`{then}"))
}

fn of_questions(asked: &AskedOfFeed, today: &str) -> Need {
    let AskedOfFeed { feed, put_to, count, first, last_run, since } = asked;
    let age = days_between(since, today);
    let mut what = format!("{feed}  {}", counted(count.unsigned_abs(), "question", "questions"));
    if let Some((whom, until)) = put_to {
        let row = QuestionStanding::Asked.row();
        let words = row.words.replace("WHO", whom.word()).replace("DATE", until);
        return need(row.urgency, format!("{what}, {words}"), row.next.to_string());
    }
    let _ = write!(what, ", the oldest {} old", counted(age.unsigned_abs(), "day", "days"));
    let names = if *count == 1 { format!("question {first}") } else { format!("{last_run} --questions") };
    need(Urgency::Today, what, format!("`bex show {names}` names the rows; the employer's next file answers"))
}
