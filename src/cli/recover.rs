//! `bex recover`.

use super::arguments::Global;
use super::page::Page;
use super::site::{open_to_recover, refused};
use crate::access::Concern;
use crate::engine::{self, Engine, Strays, read_examination, recover, settle_record, strays};
use crate::fault::Fault;
use crate::report::{examination_json, known_again_json, known_again_text, strays_json, strays_text};
use crate::run::{Exit, KnownAgain, know_again};
use crate::verify::Examination;

/// Says what lies beside the store and is not in it, and what is not as it was recorded; with a reason, makes it
/// possible to go on.
pub(super) fn run(page: &Page, global: &Global, reason: Option<&str>) -> Exit {
    let engine = match open_to_recover(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match recovered(&engine, reason) {
        Ok(found) => {
            say(page, &found);
            if found.is_nothing() || found.recovered { Exit::Done } else { Exit::IntegrityStop }
        }
        Err(fault) => refused(page, &fault),
    }
}

/// What was found, and whether it was dealt with.
struct Unsettled {
    strays: Strays,
    examination: Examination,
    again: Vec<KnownAgain>,
    recovered: bool,
}

impl Unsettled {
    fn is_nothing(&self) -> bool {
        self.strays.is_empty() && !self.is_doubted()
    }

    fn is_doubted(&self) -> bool {
        self.examination.doubt.is_some() || !self.examination.findings.is_empty()
    }
}

fn recovered(engine: &Engine, reason: Option<&str>) -> Result<Unsettled, Fault> {
    let (strays, examination) = (strays(engine)?, read_examination(engine)?);
    let mut found = Unsettled { strays, examination, again: Vec::new(), recovered: false };
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty() && !found.is_nothing());
    let Some(reason) = reason else { return Ok(found) };
    let permit = engine.grant(Concern::SITE)?;
    // The log first: what is recorded of strays is added to it.
    if found.is_doubted() {
        settle_record(engine, &found.examination, reason, &permit)?;
    }
    if !found.strays.is_empty() {
        found.again = know_again(engine, &found.strays.deliveries, &permit)?;
        // What is known again is no stray any more; the rest is kept aside, and its numbers are not used.
        let left = engine::strays(engine)?;
        recover(engine, &left, reason, &permit)?;
    }
    found.recovered = true;
    Ok(found)
}

fn say(page: &Page, found: &Unsettled) {
    let Unsettled { strays, examination, again, recovered } = found;
    let json = || {
        let mut json = strays_json(strays, *recovered);
        json["known_again"] = known_again_json(again);
        json["log"] = examination_json(examination, &[]);
        json
    };
    page.answer_shown(json, || strays_text(strays, *recovered) + &known_again_text(again) + log_text(found));
    page.faults(&examination.faults());
}

fn log_text(found: &Unsettled) -> &'static str {
    match (found.is_doubted(), found.recovered) {
        (false, _) => "",
        (true, true) => "what is not as it was recorded was taken as it stands, and the log says so\n",
        (true, false) => "the store is not what its log says; restore it, else: bex recover --reason R\n",
    }
}
