//! One thing with everything that is known of it: a delivery with what was said of it, an answer.

use super::board::RunLine;
use super::board::line;
use crate::engine::{AnySite, Engine};
use crate::fault::Fault;
use crate::run::answers_waiting;
use crate::run::rules::{NO_FILE, NO_SUCH_THING, UNKNOWN_RUN};
use crate::store::{AnswerRow, AttemptRow, DeliveryRow};
use crate::trace::{AnswerSaid, Traced, Tracing, answers_to};

/// A delivery with everything that has been said of it.
#[derive(Clone, Debug)]
pub struct DeliveryDetail {
    /// Its run, as the board has it.
    pub line: RunLine,
    /// Its row, as the store has it.
    pub row: DeliveryRow,
    /// How it went there.
    pub attempts: Vec<AttemptRow>,
    /// What its carrier has said, place by place.
    pub said: Vec<AnswerSaid>,
    /// Why places could not be followed, where they could not.
    pub untraced: Option<Fault>,
}

/// A delivery by its number.
///
/// # Errors
/// RUN028 when there is none; STO001.
pub fn delivery_detail(engine: AnySite<'_>, id: i64) -> Result<DeliveryDetail, Fault> {
    let store = &engine.store;
    let row = store.delivery(id)?.ok_or_else(|| NO_SUCH_THING.fault().count("delivery", id.unsigned_abs()))?;
    let run = store.run(row.run)?.ok_or_else(|| UNKNOWN_RUN.fault())?;
    let (said, untraced) = match engine.engine().and_then(|engine| answers_to(engine, &run, &row)) {
        Ok(said) => (said, None),
        Err(fault) => (Vec::new(), Some(fault)),
    };
    Ok(DeliveryDetail { attempts: store.attempts(id)?, line: line(&engine, run)?, row, said, untraced })
}

/// An answer with the deliveries it names.
#[derive(Clone, Debug)]
pub struct AnswerDetail {
    /// As the store has it.
    pub row: AnswerRow,
    /// What it names of ours.
    pub deliveries: Vec<DeliveryRow>,
    /// What it says of itself, while it waits for a person.
    pub words: Option<String>,
}

/// An answer by its number.
///
/// # Errors
/// RUN028 when there is none; STO001.
pub fn answer_detail(engine: AnySite<'_>, id: i64) -> Result<AnswerDetail, Fault> {
    let store = &engine.store;
    let row = store.answer(id)?.ok_or_else(|| NO_SUCH_THING.fault().count("ack", id.unsigned_abs()))?;
    let named = store.answered_by(id)?.into_iter().map(|delivery| store.delivery(delivery));
    let deliveries = named.collect::<Result<Vec<_>, Fault>>()?.into_iter().flatten().collect();
    let open = store.open_answers()?.into_iter().filter(|open| open.id == id).collect();
    let words = answers_waiting(engine, open).into_iter().next().map(|waiting| waiting.words);
    Ok(AnswerDetail { row, deliveries, words })
}

/// A place in a run's file, by the segment's ordinal in its set.
#[derive(Clone, Debug)]
pub struct Explained {
    /// What stands there.
    pub place: Traced,
    /// Whether the file was written again byte for byte as it was sent.
    pub is_exact: bool,
}

/// Where a segment of a run's file comes from, or an element of it.
///
/// # Errors
/// RUN006 when there is no such run; RUN043 when it has no file; RUN028 when the set has no such segment, or that
/// segment can have no such element; STO001.
pub fn explain(engine: &Engine, run: i64, segment: u64, element: Option<u16>) -> Result<Explained, Fault> {
    let tracing = tracing_of(engine, run)?;
    if let Some((element, most)) = element.zip(tracing.elements_max(segment)).filter(|(at, most)| *at == 0 || at > most)
    {
        let fault = NO_SUCH_THING.fault().count("segment", segment).count("element", element.into());
        return Err(fault.count("elements it may have", most.into()));
    }
    let place = tracing.place(segment, "", element)?;
    let place = place.ok_or_else(|| NO_SUCH_THING.fault().count("segment", segment))?;
    Ok(Explained { place, is_exact: tracing.is_exact() })
}

/// A run's file, ready to be asked.
pub(super) fn tracing_of(engine: &Engine, run: i64) -> Result<Tracing<'_>, Fault> {
    let row = engine.store.run(run)?.ok_or_else(|| UNKNOWN_RUN.fault())?;
    let delivery = engine.store.delivery_of(run)?.ok_or_else(|| NO_FILE.fault().name("feed", &row.feed))?;
    Tracing::of(engine, &row, &delivery)
}
