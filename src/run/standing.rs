//! Where a run stands for whoever may act on it, read from the store.

use chrono::{NaiveDateTime, TimeDelta};

use super::outcome::unknown_run;
use super::rules;
use crate::engine::OpenSite;
use crate::fault::Fault;
use crate::state::{RunAct, RunFacts, RunStanding, State as _};
use crate::store::{AttemptRow, DeliveryRow, RunRow};

/// A run with its delivery, and where they stand together.
#[derive(Clone, Debug)]
pub struct StandingRun {
    /// The run itself.
    pub run: RunRow,
    /// Its delivery, if it came to one.
    pub delivery: Option<DeliveryRow>,
    /// The attempts of its delivery.
    pub attempts: Vec<AttemptRow>,
    /// How that looks to a person.
    pub standing: RunStanding,
}

impl StandingRun {
    /// The run of this number.
    ///
    /// # Errors
    /// RUN006 when there is no such run; STO001.
    pub fn numbered(engine: &OpenSite, run: i64) -> Result<StandingRun, Fault> {
        StandingRun::of(engine, engine.store.run(run)?.ok_or_else(unknown_run)?)
    }

    /// A run that was read already.
    ///
    /// # Errors
    /// STO001.
    pub fn of(engine: &OpenSite, run: RunRow) -> Result<StandingRun, Fault> {
        let delivery = engine.store.delivery_of(run.id)?;
        let attempts = delivery.as_ref().map_or(Ok(Vec::new()), |delivery| engine.store.attempts(delivery.id))?;
        let facts = RunFacts {
            run: run.state(),
            delivery: delivery.as_ref().map(DeliveryRow::state),
            attempt: attempts.last().map(|attempt| attempt.state),
            may_be_published: delivery.as_ref().is_some_and(|delivery| delivery.may_be_published(&attempts)),
            g999: delivery.as_ref().filter(|delivery| !delivery.is_settled()).and_then(|delivery| delivery.g999),
            objection: delivery.as_ref().and_then(|delivery| delivery.objection),
            overdue: delivery.as_ref().is_some_and(|delivery| is_overdue(engine, delivery)),
        };
        Ok(StandingRun { standing: facts.standing(), run, delivery, attempts })
    }

    /// Whether an act fits how it stands.
    ///
    /// # Errors
    /// RUN016, with how it stands and what to do next.
    pub fn permits(&self, act: RunAct) -> Result<(), Fault> {
        let row = self.standing.row();
        if row.permits(act) {
            return Ok(());
        }
        let fault = rules::NOT_NOW.worded(rules::NOT_NOW.sentence, row.next).fault();
        Err(fault.count("run", self.run.id.unsigned_abs()).name("act", act.word()).name("stands", row.words))
    }

    /// Whether the run is over, whatever becomes of its delivery.
    pub fn is_final(&self) -> bool {
        self.run.state().is_final()
    }

    /// How many people it says anything of.
    pub fn people(&self) -> u64 {
        let loops = |delivery: &DeliveryRow| (delivery.subscribers + delivery.dependents).unsigned_abs();
        self.delivery.as_ref().map_or_else(|| self.run.tally().changed(), loops)
    }
}

/// Whether the hours are over in which the carrier answers. It tells somebody, and decides nothing.
pub fn is_overdue(engine: &OpenSite, row: &DeliveryRow) -> bool {
    answer_due(engine, row).is_some_and(|due| engine.clock.now() > due)
}

/// Until when a carrier is to have answered a delivery; none where it never answers, or has nothing to answer.
pub(super) fn answer_due(engine: &OpenSite, row: &DeliveryRow) -> Option<NaiveDateTime> {
    let carrier = engine.carrier(&row.carrier).filter(|carrier| carrier.answers())?;
    Some(row.delivered()? + TimeDelta::hours(carrier.acknowledgements.due_hours.into()))
}
