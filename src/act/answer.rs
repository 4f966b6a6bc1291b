//! Answering a question: what no input says, a person decides, for this family as its sources tell of it now.

use super::record::{ActOf, Grounds, by_whom, keep};
use super::rules;
use super::second::{ToBeDone, WantedAct, by_two};
use crate::access::{Decide, Permit};
use crate::audit::{Action, Event};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::Feed;
use crate::reconcile::{Repliable, Reply, Ruling, repliable};
use crate::run::{Replied, kept_reply};
use crate::store::HoldRow;

/// The question that somebody means, as it was typed.
#[derive(Clone, Copy, Debug)]
pub struct QuestionMeant<'a> {
    /// Whose question it is.
    pub feed: &'a Feed,
    /// The member's reference, as the board prints it.
    pub member: &'a str,
    /// The question's code.
    pub code: &'a str,
    /// The plan it is about, where it is open about several.
    pub plan: Option<&'a str>,
}

/// What somebody answers, as it was typed.
#[derive(Clone, Copy, Debug)]
pub struct AnswerAsked<'a> {
    /// What is open.
    pub question: QuestionMeant<'a>,
    /// What is decided: a day or a word.
    pub answer: &'a str,
}

/// An answer that fits an open question.
#[derive(Clone, Debug)]
pub struct AnswerPlan {
    /// What it settles.
    pub question: HoldRow,
    /// What is decided.
    pub choice: Ruling,
    /// What follows from it, in words.
    pub follows: &'static str,
}

/// Finds the question, and holds that this is an answer to it. Nothing is changed.
///
/// # Errors
/// ANS001 to ANS004; STO001.
pub fn answer_plan(engine: &Engine, asked: &AnswerAsked) -> Result<AnswerPlan, Fault> {
    let question = open_question(engine, &asked.question)?;
    let taken_by = taken(&question.code)?;
    let choice = Ruling::parse(asked.answer).filter(|choice| taken_by.takes(*choice));
    let Some(choice) = choice else {
        return Err(rules::ANOTHER_ANSWER.fault().name("question", &question.code).name("takes", taken_by.form()));
    };
    Ok(AnswerPlan { question, choice, follows: taken_by.follows(choice) })
}

fn taken(code: &str) -> Result<&'static Repliable, Fault> {
    repliable(code).ok_or_else(|| rules::TAKES_NO_ANSWER.fault().name("question", code))
}

/// The open question of a number, as every page prints it.
///
/// # Errors
/// ANS001 where there is none that may be looked at; STO001.
pub fn question_of_number(engine: &Engine, number: i64) -> Result<HoldRow, Fault> {
    let open = engine.store.open_hold(number)?.filter(|open| engine.may_look_at(&open.feed));
    open.ok_or_else(|| rules::NO_SUCH_QUESTION.fault().count("number", number.unsigned_abs()))
}

/// The open question that is meant.
///
/// # Errors
/// ANS001 where there is none; ANS002 where there are several; STO001.
pub(super) fn open_question(engine: &Engine, asked: &QuestionMeant) -> Result<HoldRow, Fault> {
    let feed = asked.feed.name.as_str();
    let is_meant = |question: &HoldRow| {
        let about = asked.plan.is_none_or(|plan| plan == question.subject);
        question.key.short() == asked.member && question.code == asked.code && about
    };
    let mut found = engine.store.open_holds(feed)?.into_iter().filter(is_meant);
    let first = found.next().ok_or_else(|| rules::NO_SUCH_QUESTION.fault().name("feed", feed))?;
    if found.next().is_some() { Err(rules::WHICH_PLAN.fault().name("question", &first.code)) } else { Ok(first) }
}

/// Records an answer. The next run of the feed decides the family by it.
///
/// # Errors
/// RUN020 without a reason; those of an act that wants two people, of a consent; STO001.
pub fn answer(engine: &Engine, feed: &Feed, plan: &AnswerPlan, told: &Told<'_>) -> Result<(), Fault> {
    told.grounds.given()?;
    let HoldRow { key, code, subject, .. } = &plan.question;
    let name = feed.name.as_str();
    let wanted = WantedAct::Reply {
        feed: name.to_string(),
        member: key.short(),
        code: code.clone(),
        plan: subject.clone(),
        answer: plan.choice.text(),
    };
    if plan.choice.is_consent() {
        by_two(engine, &ToBeDone { wanted: &wanted, feed: name, people: 0 }, told.grounds, told.permit)?;
    }
    let mut change = engine.change()?;
    let act = keep(engine, &mut change, &ActOf { act: "answer", feed: name, run: None }, told.grounds)?;
    let reply = Reply { code: code.clone(), plan: subject.clone(), choice: plan.choice };
    let row = kept_reply(engine, feed, &Replied { key: *key, reply, act })?;
    change.record_reply(name, &row)?;
    let event = Event::new(Action::QuestionAnswered).name("feed", name).name("member", &key.short());
    let event = event.name("question", code).count("recorded", act).permitted(told.permit);
    engine.commit(change, &[by_whom(engine, event, told.grounds, plan.choice.is_consent())])
}

/// Why somebody answers, and the leave to.
pub struct Told<'t> {
    /// In their own words.
    pub grounds: &'t Grounds<'t>,
    /// Leave to decide.
    pub permit: &'t Permit<Decide>,
}
