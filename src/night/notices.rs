//! Notices: whoever wants to know is told once of each thing that needs somebody, again after some hours, and when it
//! is over. What was told is written down before anything is sent: a notice that cannot be sent is tried again by the
//! next pass, stands on the board, and never fails a run.

use chrono::TimeDelta;
use serde_json::json;

use super::conditions::{Condition, conditions};
use super::messenger::{Message, send};
use super::summary::{self, summary};
use super::told::{ToldChannel, ToldCondition, ToldNotices};
use crate::engine::{Engine, Workplace};
use crate::fault::Fault;
use crate::mapping::{NotifyChannel, Occasions};
use crate::schedule::Moment;

/// Tells every channel what is new to it. Returns what could not be told.
///
/// # Errors
/// STO001; RUN002. A pass that another process makes at the same time tells instead of this one.
pub fn notify(engine: &Engine) -> Result<Vec<Fault>, Fault> {
    if engine.site.notify.is_empty() {
        return Ok(Vec::new());
    }
    let _alone = match engine.work_on(Workplace::Notices) {
        Ok(alone) => alone,
        Err(fault) if fault.is(&crate::engine::rules::BUSY) => return Ok(Vec::new()),
        Err(fault) => return Err(fault),
    };
    let (found, mut told, mut failed) = (conditions(engine)?, ToldNotices::read(engine), Vec::new());
    told.0.retain(|name, _| engine.site.notify.contains_key(name));
    for (name, channel) in &engine.site.notify {
        // That it cannot be reached itself is told the others.
        let own = format!("{UNREACHED} {name} ");
        let standing =
            found.iter().filter(|condition| !condition.key.starts_with(&own) && concerns(channel, condition));
        let standing: Vec<&Condition> = standing.collect();
        let wants = channel.on.contains(&Occasions::Morning);
        let summary = if wants { summary(engine, channel, &standing)? } else { None };
        let told_of = |condition: &&Condition| condition.of.iter().any(|occasion| channel.on.contains(occasion));
        let wanted: Vec<&Condition> = standing.into_iter().filter(told_of).chain(&summary).collect();
        let before = told.0.entry(name.clone()).or_default();
        let news = before.take(engine, channel, &wanted);
        // Before it is sent: who is told twice minds less than who is never told.
        told.write(engine)?;
        if news.is_empty() {
            continue;
        }
        let sent = send_news(engine, channel, &news);
        let after = told.0.entry(name.clone()).or_default();
        after.settle(engine, &news, sent.is_ok());
        failed.extend(sent.err().map(|fault| fault.name("channel", name)));
        told.write(engine)?;
    }
    Ok(failed)
}

/// How the key of a condition begins that a channel is not reached.
const UNREACHED: &str = "alarm notices do not reach";

/// Sends a message to every channel, whatever there is to tell. Returns what could not be sent.
pub fn notify_test(engine: &Engine) -> Vec<Fault> {
    let test = |(name, channel): (&String, &NotifyChannel)| {
        let words = "this is a test; nobody has to do anything".to_string();
        let news = ChannelNews { begun: vec![NewsLine { words, next: String::new() }], ..ChannelNews::default() };
        send_news(engine, channel, &news).err().map(|fault| fault.name("channel", name))
    };
    engine.site.notify.iter().filter_map(test).collect()
}

fn concerns(channel: &NotifyChannel, condition: &Condition) -> bool {
    let of_feed = |feed: &String| channel.feeds.iter().any(|wanted| wanted.as_str() == feed);
    channel.feeds.is_empty() || condition.feed.as_ref().is_some_and(of_feed)
}

/// What a channel is to be told.
#[derive(Default)]
struct ChannelNews {
    begun: Vec<NewsLine>,
    ended: Vec<NewsLine>,
    /// The keys of what has begun.
    keys: Vec<String>,
    /// The keys of what is over.
    over: Vec<String>,
}

struct NewsLine {
    words: String,
    next: String,
}

impl ChannelNews {
    fn is_empty(&self) -> bool {
        self.begun.is_empty() && self.ended.is_empty()
    }
}

impl ToldChannel {
    /// What is new, again due, or over.
    fn take(&mut self, engine: &Engine, channel: &NotifyChannel, wanted: &[&Condition]) -> ChannelNews {
        let now = engine.clock.stamp();
        let mut news = ChannelNews::default();
        for condition in wanted {
            let told = self.told.entry(condition.key.clone()).or_insert_with(|| ToldCondition {
                words: condition.words.clone(),
                since: now.clone(),
                told: None,
            });
            // A night is summed up once.
            let is_again = condition.key.starts_with(summary::KEY) && told.told.is_some();
            if told.is_due(engine, channel) && !is_again {
                news.begun.push(NewsLine { words: condition.words.clone(), next: condition.next.clone() });
                news.keys.push(condition.key.clone());
            }
        }
        let is_over = |key: &String| !wanted.iter().any(|condition| condition.key == *key);
        // Whoever was never told of it need not hear that it is over. What is to be told stays until it is.
        let tells = channel.on.contains(&Occasions::Ended);
        let is_told =
            |key: &String, told: &ToldCondition| tells && told.told.is_some() && !key.starts_with(summary::KEY);
        self.told.retain(|key, told| !is_over(key) || is_told(key, told));
        for (key, ended) in self.told.iter().filter(|(key, _)| is_over(key)) {
            news.ended.push(NewsLine { words: ended.words.clone(), next: String::new() });
            news.over.push(key.clone());
        }
        news
    }

    fn settle(&mut self, engine: &Engine, news: &ChannelNews, sent: bool) {
        let now = engine.clock.stamp();
        if !sent {
            self.failing_since.get_or_insert(now);
            return;
        }
        self.failing_since = None;
        self.told.retain(|key, _| !news.over.contains(key));
        for key in &news.keys {
            if let Some(told) = self.told.get_mut(key) {
                told.told = Some(now.clone());
            }
        }
    }
}

impl ToldCondition {
    fn is_due(&self, engine: &Engine, channel: &NotifyChannel) -> bool {
        let hours = TimeDelta::hours(channel.repeat_hours.into());
        let told = self.told.as_deref().and_then(Moment::parse);
        told.is_none_or(|told| engine.clock.moment().since(told) >= hours)
    }
}

fn send_news(engine: &Engine, channel: &NotifyChannel, news: &ChannelNews) -> Result<(), Fault> {
    let (site, environment) = (&engine.site.name, engine.site.environment.word());
    let subject = format!("[bex] {site} ({environment}): {} new, {} ended", news.begun.len(), news.ended.len());
    let mut text = format!("{subject}\n\n");
    for line in &news.begun {
        text += &format!("!  {}\n   next: {}\n", line.words, line.next);
    }
    for line in &news.ended {
        text += &format!("o  over: {}\n", line.words);
    }
    let line = |line: &NewsLine| json!({ "words": line.words, "next": line.next });
    let json = json!({
        "site": site, "environment": environment, "at": engine.clock.stamp(),
        "begun": news.begun.iter().map(line).collect::<Vec<_>>(),
        "ended": news.ended.iter().map(line).collect::<Vec<_>>(),
    });
    send(engine, &channel.by, &Message { subject: &subject, text: &text, json: &json })
}
