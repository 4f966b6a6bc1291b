//! Noting whom a question was put to, and until when it waits for them. Nothing is decided by it: the employer's next
//! file answers, and after the day the question needs somebody again.

use chrono::{NaiveDate, TimeDelta};

use super::answer::{QuestionMeant, open_question};
use super::record::{ActOf, Grounds, keep};
use super::rules;
use crate::access::{Inquire, Permit};
use crate::audit::{Action, Event};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::state::Inquired;
use crate::store::{HoldRow, NewInquiry};

/// How long a question may wait: one that is put off for years is forgotten.
const DAYS_MAX: i64 = 92;

/// An open question, and whom it is put to.
#[derive(Clone, Debug)]
pub struct InquiryPlan {
    /// What stays open.
    pub question: HoldRow,
    /// Who is asked.
    pub whom: Inquired,
    /// The last day on which it waits for them.
    pub until: NaiveDate,
}

impl InquiryPlan {
    /// Finds the question, and holds that the day is one to wait for. Nothing is changed.
    ///
    /// # Errors
    /// ANS001 where no such question is open; ANS002 where it is about several plans; ANS012 where the day is over or
    /// too far; STO001.
    pub fn of(engine: &Engine, meant: &QuestionMeant, whom: Inquired, until: NaiveDate) -> Result<InquiryPlan, Fault> {
        let (question, today) = (open_question(engine, meant)?, engine.today_of(meant.feed));
        if until < today || until > today + TimeDelta::days(DAYS_MAX) {
            return Err(rules::DAY_TOO_FAR.fault().name("until", &until.to_string()).name("today", &today.to_string()));
        }
        Ok(InquiryPlan { question, whom, until })
    }
}

/// Records that somebody was asked, in place of who was asked before.
///
/// # Errors
/// RUN020 without a reason; STO001.
pub fn inquire(engine: &Engine, plan: &InquiryPlan, grounds: &Grounds, permit: &Permit<Inquire>) -> Result<(), Fault> {
    grounds.given()?;
    let HoldRow { feed, key, code, subject, first_run, .. } = &plan.question;
    let (whom, until) = (plan.whom, plan.until.to_string());
    let mut change = engine.change()?;
    let act = keep(engine, &mut change, &ActOf { act: "answer --asked", feed, run: None }, grounds)?;
    let inquiry = NewInquiry { feed, key: *key, code, plan: subject, run: *first_run, whom, until: &until, act };
    change.record_inquiry(&inquiry)?;
    let event = Event::new(Action::QuestionAsked).name("feed", feed).name("member", &key.short());
    let event = event.name("question", code).name("of", whom.word()).name("until", &until);
    engine.commit(change, &[event.count("recorded", act).permitted(permit)])
}
