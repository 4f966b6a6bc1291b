//! A member followed like a parcel: the rows that tell of it, and with each carrier the segments that say it, the file
//! they went in, the proof that it arrived, and what came back.

use super::board::{OpenQuestion, RunLine, line, questions_of_feed};
use super::detail::{DeliveryDetail, delivery_detail};
use crate::engine::Engine;
use crate::fault::{Fault, Origin};
use crate::mapping::Feed;
use crate::model::ids::{FeedName, Pseudonym};
use crate::run::rules::UNKNOWN_RUN;
use crate::run::{Planned, would_tell};
use crate::state::{DeliveryState, RunState};
use crate::store::TellingRow;
use crate::trace::{FamilyLoops, LoopsOfMember, Traced, Tracing};

/// So many files are looked into for the newest that tells of somebody: full files tell of everybody who is covered.
const FILES_MAX: usize = 10;

/// A member, and how far what is told of it has come.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// The reference.
    pub member: String,
    /// Where each source told of the family last.
    pub rows: Vec<Origin>,
    /// With each carrier, by feed.
    pub ways: Vec<ParcelWay>,
}

/// How far it has come with one carrier.
#[derive(Clone, Debug)]
pub struct ParcelWay {
    /// By which feed it goes.
    pub feed: String,
    /// To whom.
    pub carrier: String,
    /// The feed's newest run, where it has one.
    pub newest: Option<RunLine>,
    /// The newest file that tells of it, with what came of it; none where none does.
    pub sent: Option<ParcelSent>,
    /// What is asked about it.
    pub questions: Vec<OpenQuestion>,
}

/// The newest file that tells of a member.
#[derive(Clone, Debug)]
pub struct ParcelSent {
    /// The delivery, with what was said of it.
    pub delivery: DeliveryDetail,
    /// Where in its set the member's loops stand.
    pub loops: Vec<LoopsOfMember>,
    /// Files before it that may tell of it, too.
    pub earlier: usize,
}

/// Follows a family from its rows to what carriers have answered.
///
/// # Errors
/// What writing a file again can say; STO001.
pub fn parcel(engine: &Engine, family: Pseudonym) -> Result<Parcel, Fault> {
    let feeds: Vec<&Feed> = engine.site.feeds.values().filter(|feed| engine.may_look_at(feed.name.as_str())).collect();
    let mut rows: Vec<Origin> = Vec::new();
    let mut ways = Vec::new();
    for feed in feeds {
        let sources = [feed.census_source(), feed.elections_source()].map(|source| source.to_string());
        let told = sources.iter().filter_map(|source| engine.store.origin(source, i64::MAX, family).transpose());
        let told = told.collect::<Result<Vec<Origin>, Fault>>()?;
        let way = way(engine, feed, family)?;
        if !told.is_empty() || way.sent.is_some() {
            ways.push(way);
        }
        rows.extend(told);
    }
    rows.sort_by_key(ToString::to_string);
    rows.dedup();
    Ok(Parcel { member: family.short(), rows, ways })
}

fn way(engine: &Engine, feed: &Feed, family: Pseudonym) -> Result<ParcelWay, Fault> {
    let name = feed.name.as_str();
    let run = engine.store.newest_run(name)?;
    let questions = match &run {
        Some(run) => questions_of_feed(engine, run, |hold| hold.key == family)?,
        None => Vec::new(),
    };
    Ok(ParcelWay {
        feed: name.to_string(),
        carrier: feed.carrier.to_string(),
        newest: run.map(|run| line(engine, run)).transpose()?,
        sent: sent(engine, name, family)?,
        questions,
    })
}

/// The newest file of a feed in which a family stands, whatever came of it; those that were given up are none.
fn sent(engine: &Engine, feed: &str, family: Pseudonym) -> Result<Option<ParcelSent>, Fault> {
    let mut telling = engine.store.telling(feed, family)?;
    telling.retain(|row| row.state != DeliveryState::Void);
    for (earlier, row) in telling.iter().enumerate().rev().take(FILES_MAX) {
        let loops = loops(engine, row, family)?;
        if !loops.is_empty() {
            return Ok(Some(ParcelSent { delivery: delivery_detail(engine.into(), row.id)?, loops, earlier }));
        }
    }
    Ok(None)
}

/// Where a family's loops stand in a file, which is written again for it.
fn loops(engine: &Engine, row: &TellingRow, family: Pseudonym) -> Result<Vec<LoopsOfMember>, Fault> {
    let (run, delivery) = (engine.store.run(row.run)?, engine.store.delivery(row.id)?);
    let Some((run, delivery)) = run.zip(delivery) else { return Ok(Vec::new()) };
    Ok(Tracing::of(engine, &run, &delivery)?.loops_of(family))
}

/// Everything that a run's file says of a family, each element with where it comes from.
#[derive(Clone, Debug)]
pub struct FamilyExplained {
    /// The reference.
    pub member: String,
    /// In the order of the file.
    pub elements: Vec<Traced>,
    /// Whether the file was written again byte for byte as it was sent.
    pub is_exact: bool,
}

/// Where each element comes from that a run's file has of a family.
///
/// # Errors
/// RUN006 when there is no such run; RUN043 when it has no file; RUN028 when the file does not tell of the family;
/// STO001.
pub fn explain_family(engine: &Engine, run: i64, family: Pseudonym) -> Result<FamilyExplained, Fault> {
    let tracing = super::detail::tracing_of(engine, run)?;
    let elements = tracing.elements_of(family)?;
    if elements.is_empty() {
        return Err(crate::run::rules::NO_SUCH_THING.fault().name("member", &family.short()));
    }
    Ok(FamilyExplained { member: family.short(), elements, is_exact: tracing.is_exact() })
}

/// Whom a run tells of.
#[derive(Clone, Debug)]
pub enum RunFamilies {
    /// The families in its file, in its order.
    InFile(Vec<FamilyLoops>),
    /// What it would tell and ask: it waits for a person, and has no file yet.
    Waiting(Box<Planned>),
}

/// Whom a run tells of, or would tell of.
///
/// # Errors
/// RUN006 when there is no such run, or its feed is not configured any more; RUN043 when it has no file and waits for
/// no release; what writing the file again, or deciding again, can say.
pub fn families_of(engine: &Engine, run: i64) -> Result<RunFamilies, Fault> {
    let row = engine.store.run(run)?.ok_or_else(|| UNKNOWN_RUN.fault())?;
    let would_have_one = row.state() == RunState::Held && engine.store.delivery_of(run)?.is_none();
    if !would_have_one {
        return Ok(RunFamilies::InFile(super::detail::tracing_of(engine, run)?.families()));
    }
    let feed = FeedName::new(&row.feed).and_then(|name| engine.site.feeds.get(&name));
    let feed = feed.ok_or_else(|| UNKNOWN_RUN.fault())?;
    Ok(RunFamilies::Waiting(Box::new(would_tell(engine, feed, &row)?)))
}
