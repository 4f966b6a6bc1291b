//! Acts that want two people on a production site: one asks for it, and it is done when another approves it. What is
//! asked for is kept as it was shown; nothing follows from it until then.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::plan::ActPlan;
use super::record::{ActOf, Grounds, keep};
use super::rules;
use crate::access::{Concern, Guarded, Hold, Look, Permit};
use crate::audit::{Action, Event};
use crate::engine::rules::UNREADABLE_RECORD;
use crate::engine::{Engine, OpenSite};
use crate::fault::Fault;
use crate::run::StandingRun;
use crate::state::{InputState, RunAct};
use crate::store::{AskedRow, NewAsked, SetPartRow};
use crate::take_in::taken_back;

/// An act that wants two people, and what it is done to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WantedAct {
    /// What the table of standings lets a person do.
    Run {
        /// As it is typed, without the run.
        act: String,
        /// The run's number.
        run: i64,
        /// Where a sealed file is to be written, where it is to be carried.
        to: Option<PathBuf>,
    },
    /// A reply to a question of which nobody but a person is the source.
    Reply {
        /// Whose question it is.
        feed: String,
        /// The member's reference, as the board prints it.
        member: String,
        /// The question's code.
        code: String,
        /// The plan it is about; empty where it is about none in particular.
        plan: String,
        /// A word of those that the question takes.
        answer: String,
    },
    /// That nothing is to come of a file, or that it counts as never sent.
    Input {
        /// The file's number.
        input: i64,
        /// As the store calls its source.
        source: String,
    },
    /// That nothing is to come of files that wait for the others of their census.
    Part {
        /// As the store calls it.
        source: String,
        /// What the mapping calls it.
        part: String,
        /// The day in its sender's name for it; of any day, where none is given.
        day: Option<String>,
    },
    /// What has come of an answer that waits for a person.
    Answer {
        /// The answer's number.
        answer: i64,
        /// Whose outbox it lay in.
        carrier: String,
        /// The run it counts for, where it names none of ours.
        of: Option<i64>,
    },
}

impl WantedAct {
    /// In a few words, for the board.
    pub fn words(&self) -> String {
        match self {
            WantedAct::Run { act, run, .. } => format!("{act} of run {run}"),
            WantedAct::Reply { member, code, answer, .. } => format!("answer {code} {answer} of member {member}"),
            WantedAct::Input { input, .. } => format!("input settle of input {input}"),
            WantedAct::Part { source, part, day } => {
                let of = day.as_ref().map(|day| format!(" --day {day}")).unwrap_or_default();
                format!("input settle --part {source}/{part}{of}")
            }
            WantedAct::Answer { answer, of: None, .. } => format!("acks settle of answer {answer}"),
            WantedAct::Answer { answer, of: Some(run), .. } => {
                format!("acks settle of answer {answer} as the answer to run {run}")
            }
        }
    }

    /// What another person gives to approve it.
    pub fn approved_by(&self, row: &AskedRow) -> String {
        let counts = self.run_act().is_some() || row.people > 0;
        let confirm = if counts { format!(" --confirm {}", row.people) } else { String::new() };
        format!("bex approve {}{confirm} --reason R", row.act)
    }

    /// Which act on a run it is; none of whatever is none.
    pub fn run_act(&self) -> Option<RunAct> {
        match self {
            WantedAct::Run { act, .. } => RunAct::of_word(act),
            _ => None,
        }
    }

    /// What it concerns: whoever may look at that is told that it waits.
    pub fn concern<'s>(&'s self, engine: &'s OpenSite, row: &'s AskedRow) -> Concern<'s> {
        match self {
            WantedAct::Run { .. } | WantedAct::Reply { .. } => engine.site.scope_of(&row.feed),
            WantedAct::Input { source, .. } | WantedAct::Part { source, .. } => engine.site.scope_of_source(source),
            WantedAct::Answer { carrier, .. } => Concern::Of { employer: None, carrier: Some(carrier) },
        }
    }

    /// The act that is asked for, in a word or two.
    fn verb(&self) -> &str {
        match self {
            WantedAct::Run { act, .. } => act,
            WantedAct::Reply { .. } => "answer",
            WantedAct::Input { .. } | WantedAct::Part { .. } => "input settle",
            WantedAct::Answer { .. } => "acks settle",
        }
    }

    /// The run that it is done to, which nothing else may be done to meanwhile.
    fn run(&self) -> Option<i64> {
        match self {
            WantedAct::Run { run, .. } => Some(*run),
            _ => None,
        }
    }
}

/// An act that waits for another person.
#[derive(Clone, Debug)]
pub struct AskedAct {
    /// As it is stored.
    pub row: AskedRow,
    /// What is to be done.
    pub wanted: WantedAct,
}

/// What somebody asks for, or approves.
pub(super) struct ToBeDone<'t> {
    pub wanted: &'t WantedAct,
    pub feed: &'t str,
    pub people: u64,
}

/// Whether acts that want two people need them here: real people are concerned, and the site declares no office of one.
pub fn needs_two(engine: &OpenSite) -> bool {
    engine.site.environment == crate::mapping::Environment::Production && !engine.is_office_of_one()
}

/// Holds that an act which wants two people is done by two: keeps that it was asked for, or compares it with what
/// somebody else has asked for.
///
/// # Errors
/// ANS010 where it was asked for now and waits; ANS011 where no such act waits as it was shown; ACC002 for whoever has
/// asked for it; STO001.
pub(super) fn by_two<A: Guarded>(
    engine: &Engine,
    done: &ToBeDone,
    grounds: &Grounds,
    permit: &Permit<A>,
) -> Result<(), Fault> {
    if !needs_two(engine) {
        return Ok(());
    }
    let Some(id) = grounds.asked else { return Err(ask(engine, done, grounds, permit)?) };
    let asked = asked_act(engine, id)?;
    if asked.wanted != *done.wanted || asked.row.people != done.people {
        return Err(no_such_act(id));
    }
    engine.is_alone(&[&asked.row.who]).map(drop)
}

/// The same of an act on a run.
pub(super) fn by_two_on_run<A: Guarded>(
    engine: &Engine,
    plan: &ActPlan,
    grounds: &Grounds,
    permit: &Permit<A>,
) -> Result<(), Fault> {
    let wanted = WantedAct::Run { act: plan.act.word().to_string(), run: plan.run, to: None };
    by_two(engine, &ToBeDone { wanted: &wanted, feed: &plan.feed, people: plan.people }, grounds, permit)
}

/// Keeps that an act was asked for, and returns what is to be said of it.
fn ask<A: Guarded>(engine: &Engine, done: &ToBeDone, grounds: &Grounds, permit: &Permit<A>) -> Result<Fault, Fault> {
    let (wanted, run) = (serde_json::to_string(done.wanted).unwrap_or_default(), done.wanted.run());
    let mut change = engine.change()?;
    let word = format!("ask for {}", done.wanted.verb());
    let act = keep(engine, &mut change, &ActOf { act: &word, feed: done.feed, run }, grounds)?;
    change.ask_for_act(&NewAsked {
        act,
        who: engine.actor.person().as_str(),
        run,
        wanted: &wanted,
        people: done.people,
    })?;
    let event = Event::new(Action::ActAsked).name("feed", done.feed).name("act", done.wanted.verb());
    let event = run.map_or(event.clone(), |run| event.count("run", run));
    let event = event.count("people", done.people.cast_signed()).count("recorded", act);
    engine.commit(change, &[event.permitted(permit)])?;
    Ok(rules::WAITS_FOR_ANOTHER.fault().count("approve", act.unsigned_abs()).count("people", done.people))
}

/// Says that nothing is to come of an act that was asked for.
///
/// # Errors
/// ANS011 where no such act waits; RUN020 without a reason; STO001.
pub fn refuse(engine: &Engine, asked: &AskedAct, grounds: &Grounds, permit: &Permit<Hold>) -> Result<(), Fault> {
    grounds.given()?;
    let AskedRow { act: id, feed, run, .. } = &asked.row;
    let mut change = engine.change()?;
    let word = format!("refuse {}", asked.wanted.verb());
    let grounds = Grounds { asked: Some(*id), ..*grounds };
    let act = keep(engine, &mut change, &ActOf { act: &word, feed, run: *run }, &grounds)?;
    let event = Event::new(Action::ActRefused).name("feed", feed).name("act", asked.wanted.verb());
    let event = event.count("asked", *id).name("asked_by", &asked.row.who).count("recorded", act);
    engine.commit(change, &[event.permitted(permit)])
}

/// The acts that wait for another person, of feeds that may be looked at. One whose run stands otherwise by now is not
/// among them: it cannot be done any more.
///
/// # Errors
/// RUN003 where what was asked for cannot be read; STO001.
pub fn asked_acts(engine: &OpenSite) -> Result<Vec<AskedAct>, Fault> {
    let mut found = Vec::new();
    for row in engine.store.asked_acts()? {
        let wanted = serde_json::from_str(&row.wanted).map_err(|_| UNREADABLE_RECORD.fault())?;
        let asked = AskedAct { row, wanted };
        if engine.may::<Look>(asked.wanted.concern(engine, &asked.row)) && can_be_done(engine, &asked)? {
            found.push(asked);
        }
    }
    Ok(found)
}

/// One of them.
///
/// # Errors
/// ANS011 where no such act waits; as [`asked_acts`].
pub fn asked_act(engine: &OpenSite, id: i64) -> Result<AskedAct, Fault> {
    asked_acts(engine)?.into_iter().find(|asked| asked.row.act == id).ok_or_else(|| no_such_act(id))
}

fn can_be_done(engine: &OpenSite, asked: &AskedAct) -> Result<bool, Fault> {
    match &asked.wanted {
        WantedAct::Run { run, .. } => {
            let stands = StandingRun::numbered(engine, *run)?;
            Ok(asked.wanted.run_act().is_some_and(|act| stands.permits(act).is_ok()))
        }
        WantedAct::Reply { .. } => Ok(true),
        WantedAct::Input { input, .. } => can_be_settled(engine, *input),
        WantedAct::Part { source, part, day } => {
            let is_it = |row: &SetPartRow| row.is_of(part, day.as_deref());
            Ok(engine.store.waiting_parts(source)?.iter().any(is_it))
        }
        WantedAct::Answer { answer, .. } => Ok(engine.store.open_answer(*answer)?.is_some()),
    }
}

fn can_be_settled(engine: &OpenSite, input: i64) -> Result<bool, Fault> {
    let Some(row) = engine.store.input(input)? else { return Ok(false) };
    match row.state {
        InputState::Quarantined | InputState::Held => Ok(true),
        InputState::Applied => Ok(taken_back(engine, &row).is_ok()),
        InputState::Archived | InputState::Settled => Ok(false),
    }
}

fn no_such_act(id: i64) -> Fault {
    rules::NO_SUCH_ACT.fault().count("act", id.unsigned_abs())
}
