//! What somebody has to tell a carrier by hand, because its file may not reach so far back: each family's lines of
//! care, as the file would have said them. Nothing is changed, and everybody is looked at.

use chrono::{Days, NaiveDate};

use super::account_words::AccountWords;
use super::context::FeedContext;
use super::stage::hold_row;
use super::surroundings::judge_everybody;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::mapping::Feed;
use crate::model::enrollment::FamilyChange;
use crate::model::ids::Pseudonym;
use crate::reconcile::{Given, Reply, Rules, Ruling, decide, repliable};
use crate::store::HoldRow;

/// A question about a plan that can be settled by telling the carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedPlan {
    /// The question's code.
    pub code: &'static str,
    /// The rule by which the file does not say it.
    pub rule: &'static str,
    /// The plan, by the elections' code; empty where it is about the number under which the carrier has the family.
    pub plan: String,
    /// Its number, where a run has asked it.
    pub number: Option<i64>,
}

/// What is to be told of one family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandItem {
    /// The family.
    pub key: Pseudonym,
    /// What keeps the file from saying it.
    pub asked: Vec<AskedPlan>,
    /// What is to be said.
    pub change: FamilyChange,
    /// The first day on which the carrier would otherwise be wrong.
    pub since: Option<NaiveDate>,
}

impl Worklist {
    /// The last day on which the carrier takes something by hand; none where it has not said so, or of what has no day.
    pub fn last_day_of(&self, item: &HandItem) -> Option<NaiveDate> {
        item.since?.checked_add_days(Days::new(self.within_days?.into()))
    }
}

/// A feed's work by hand on a date.
#[derive(Clone, Debug)]
pub struct Worklist {
    /// Configured name of the feed.
    pub feed: String,
    /// Under which policy the carrier has the employer (REF*38).
    pub policy: String,
    /// The business date.
    pub as_of: NaiveDate,
    /// How many days after a change holds the carrier takes it by hand, where it says so.
    pub within_days: Option<u32>,
    /// Under what the carrier has each cover.
    pub accounts: AccountWords,
    /// Family by family.
    pub items: Vec<HandItem>,
}

/// What is to be told by hand on a date.
///
/// # Errors
/// RUN004 and RUN005 where there is nothing to compute it from; the store's and the vault's.
pub fn worklist(engine: &Engine, feed: &Feed, as_of: NaiveDate) -> Result<Worklist, Fault> {
    let context = FeedContext::new(engine, feed, as_of)?;
    let mut items = Vec::new();
    judge_everybody(&context, |candidate, given| items.extend(item(&context.rules, candidate.key(), given)))?;
    number(&mut items, &engine.store.open_holds(context.name())?);
    // What has been wrong for longest stands first.
    items.sort_by_key(|item: &HandItem| (item.since.is_none(), item.since, item.key));
    Ok(Worklist {
        feed: context.name().to_string(),
        policy: feed.master_policy.clone(),
        as_of,
        within_days: context.carrier.file.by_hand_within_days,
        accounts: AccountWords::of(&context),
        items,
    })
}

/// Gives each question its number, which is all that somebody has to type.
fn number(items: &mut [HandItem], open: &[HoldRow]) {
    for HandItem { key, asked, .. } in items {
        for one in asked {
            let is_it = |row: &&HoldRow| row.key == *key && row.code == one.code && row.subject == one.plan;
            one.number = open.iter().find(is_it).map(|row| row.number);
        }
    }
}

/// Most questions about one line that hide behind each other: too far back to end, to begin, and by hand alone.
const HIDDEN_MAX: usize = 3;

fn item(rules: &Rules, key: Pseudonym, given: Given) -> Option<HandItem> {
    let mut asked: Vec<AskedPlan> = Vec::new();
    let (mut replies, mut decision) = (given.replies.to_vec(), decide(rules, given));
    // As it would be said if the carrier took it by file. A question may hide another one: a divorce dated back ends
    // somebody, and changes the others' level.
    for _ in 0..HIDDEN_MAX {
        let more: Vec<AskedPlan> = decision.holds.iter().filter_map(|hold| by_hand(key, hold)).collect();
        if more.is_empty() {
            break;
        }
        let tell = |one: &AskedPlan| Reply { code: one.code.into(), plan: one.plan.clone(), choice: Ruling::Tell };
        replies.extend(more.iter().map(tell));
        asked.extend(more);
        decision = decide(rules, Given { replies: &replies, ..given });
    }
    let mut change = decision.change.filter(|_| !asked.is_empty())?;
    let kind = |plan: &str| rules.line(plan).map(|line| line.kind());
    let is_asked = |plan: &str| asked.iter().any(|one| kind(&one.plan) == kind(plan));
    change.members.iter_mut().for_each(|member| member.coverages.retain(|sent| is_asked(&sent.coverage.plan)));
    // The number is the whole family's: it is worded once, of whoever stands first.
    let renumbered = asked.iter().any(|one| one.plan.is_empty());
    change.prior_id = change.prior_id.filter(|_| renumbered);
    let first = change.members.first().map(|member| member.person.key.clone()).filter(|_| renumbered);
    change.members.retain(|member| !member.coverages.is_empty() || first.as_ref() == Some(&member.person.key));
    let days = change.members.iter().flat_map(|member| &member.coverages).filter_map(|sent| sent.first_day());
    Some(HandItem { key, asked, since: days.min(), change })
}

fn by_hand(key: Pseudonym, hold: &Fault) -> Option<AskedPlan> {
    repliable(hold.code).filter(|question| question.may_be_by_hand())?;
    Some(AskedPlan { code: hold.code, rule: hold.rule, plan: hold_row(key, hold).subject, number: None })
}
