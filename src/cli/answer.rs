//! `bex answer`: says what no file says of a family in question, or whom that was put to. The question is named by its
//! number, or by feed, member and code.

use chrono::NaiveDate;
use clap::CommandFactory as _;
use clap::error::ErrorKind;

use super::acts::done;
use super::arguments::{Arguments, Global, QuestionArguments};
use super::page::Page;
use super::site::{open_or_read, refused};
use crate::access::{Decide, Guarded, Inquire};
use crate::act::{self, AnswerAsked, Grounds, InquiryPlan, QuestionMeant, Told, question_of_number};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::night::feed_named;
use crate::report::{answer_plan_text, inquiry_plan_text};
use crate::run::Exit;
use crate::state::Inquired;

/// How a question is named and answered.
const FORMS: &str = "a question is named by its number, and answered or put to somebody:\n  \
    bex answer N ANSWER --reason R\n  bex answer N --asked WHO --until DATE --reason R\n\
    `bex show question N` says which answers it takes; instead of N, FEED MEMBER CODE may be typed";

impl QuestionArguments {
    /// The question's number, where that was typed.
    fn number(&self) -> Option<i64> {
        self.question.parse().ok().filter(|_| self.code.is_none())
    }

    fn decided(&self) -> Option<&str> {
        if self.number().is_some() { self.second.as_deref() } else { self.answer.as_deref() }
    }

    /// Whether it says of one question one thing.
    ///
    /// # Errors
    /// How it is to be typed.
    pub fn fit(&self) -> Result<(), clap::Error> {
        let is_named = self.number().is_some() || (self.second.is_some() && self.code.is_some());
        let says_one = self.decided().is_some() != self.asked.is_some();
        if is_named && says_one {
            return Ok(());
        }
        Err(Arguments::command().error(ErrorKind::MissingRequiredArgument, FORMS))
    }
}

/// Shows what follows, then records it. The next run of the feed decides by it.
pub(super) fn answer(page: &Page, global: &Global, arguments: &QuestionArguments) -> Exit {
    if let Some((whom, until)) = arguments.asked.zip(arguments.until) {
        return inquired(page, global, arguments, PutTo { whom, until });
    }
    let answer = arguments.decided().unwrap_or_default();
    on_question::<Decide>(page, global, arguments, |engine, question, grounds| {
        let permit = engine.grant_on(question.feed.name.as_str())?;
        let plan = act::answer_plan(engine, &AnswerAsked { question, answer })?;
        page.show(&answer_plan_text(&plan));
        if arguments.plan {
            return Ok(());
        }
        act::answer(engine, question.feed, &plan, &Told { grounds, permit: &permit })
    })
}

/// Whom a question was put to, and until when.
#[derive(Clone, Copy)]
struct PutTo {
    whom: Inquired,
    until: NaiveDate,
}

fn inquired(page: &Page, global: &Global, arguments: &QuestionArguments, put_to: PutTo) -> Exit {
    on_question::<Inquire>(page, global, arguments, |engine, question, grounds| {
        let permit = engine.grant_on(question.feed.name.as_str())?;
        let plan = InquiryPlan::of(engine, &question, put_to.whom, put_to.until)?;
        page.show(&inquiry_plan_text(&plan));
        if arguments.plan { Ok(()) } else { act::inquire(engine, &plan, grounds, &permit) }
    })
}

/// A question by the names that nobody has to type who has its number.
struct NamedQuestion {
    feed: String,
    member: String,
    code: String,
    plan: Option<String>,
}

impl NamedQuestion {
    fn of(engine: &Engine, arguments: &QuestionArguments) -> Result<NamedQuestion, Fault> {
        let QuestionArguments { question, second, code, about, .. } = arguments;
        if let Some(number) = arguments.number() {
            let open = question_of_number(engine, number)?;
            return Ok(NamedQuestion {
                member: open.key.short(),
                feed: open.feed,
                code: open.code,
                plan: Some(open.subject),
            });
        }
        Ok(NamedQuestion {
            feed: question.clone(),
            member: second.clone().unwrap_or_default(),
            code: code.clone().unwrap_or_default(),
            plan: about.clone(),
        })
    }
}

/// Opens the site and does something about the question that is meant.
fn on_question<A: Guarded>(
    page: &Page,
    global: &Global,
    arguments: &QuestionArguments,
    act: impl FnOnce(&Engine, QuestionMeant, &Grounds) -> Result<(), Fault>,
) -> Exit {
    let engine = match open_or_read::<A>(page, global, arguments.plan) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let grounds = Grounds { reason: arguments.reason.as_deref().unwrap_or_default(), evidence: None, asked: None };
    let asked = arguments.asked.map(Inquired::word);
    let answered = !arguments.plan && asked.is_none();
    let named = match NamedQuestion::of(&engine, arguments) {
        Ok(named) => named,
        Err(fault) => return refused(page, &fault),
    };
    let NamedQuestion { feed: name, member, code, plan } = &named;
    let done_so = feed_named(&engine.site, name)
        .and_then(|feed| act(&engine, QuestionMeant { feed, member, code, plan: plan.as_deref() }, &grounds));
    done(
        page,
        done_so,
        || serde_json::json!({ "feed": name, "member": member, "question": code, "answered": answered, "asked": asked }),
    )
}
