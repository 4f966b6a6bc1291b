//! What carriers have said of a delivery, place by place, each with where it comes from.

use super::source::{Traced, Tracing};
use super::words::{element_words, segment_words};
use crate::audit::{Action, Event};
use crate::engine::Engine;
use crate::fault::{Fault, Label, Place};
use crate::run::rules::OBJECTED;
use crate::run::{ReportedDelivery, ReportedRow, declared_report, read_report, unreadable_answer};
use crate::store::{AnswerRow, DeliveryRow, Owner, RunRow};
use crate::x12::ack::{self, Acknowledgement, Dialect, Of, SegmentFault, SetVerdict, Verdict};

/// A verdict, with every place it objects to.
#[derive(Clone, Debug)]
pub struct AnswerSaid {
    /// The file it stands in, as recorded.
    pub file: AnswerRow,
    /// TA1, 999 or 997.
    pub kind: &'static str,
    /// The verdict of the whole.
    pub verdict: &'static str,
    /// The codes it gives for that: TA105, or what the set says.
    pub codes: Vec<String>,
    /// The segments it objects to.
    pub segments: Vec<SegmentSaid>,
    /// Further ones, which are not followed to their rows.
    pub untraced: usize,
}

/// A segment that a carrier objects to.
#[derive(Clone, Debug)]
pub struct SegmentSaid {
    /// As the answer has it.
    pub said: SegmentFault,
    /// What a carrier's own report says instead: whom it names, and its code in words.
    pub reported: Option<ReportedRow>,
    /// Where it comes from, and what it objects to in it.
    pub places: Vec<ElementSaid>,
}

/// An element of it, or the segment itself.
#[derive(Clone, Debug)]
pub struct ElementSaid {
    /// The code, of IK304 where no element is named.
    pub code: String,
    /// That code in words.
    pub words: String,
    /// Where it comes from; none where our file has no such place.
    pub traced: Option<Traced>,
}

/// Most segments that are followed: of a file that is wrong throughout, the first ones tell why.
const TRACED_MAX: usize = 25;

/// What has been said of a delivery, oldest first.
///
/// # Errors
/// What reading the archive and writing the file again can say; STO001.
pub fn answers_to(engine: &Engine, run: &RunRow, row: &DeliveryRow) -> Result<Vec<AnswerSaid>, Fault> {
    let mut said = Vec::new();
    let mut tracing = None;
    for file in engine.store.answers_to(row.id)? {
        if let Some(reported) = reported(engine, row, &file)? {
            said.extend(reported);
            continue;
        }
        for answer in read(engine, &file)? {
            if let Some(answer) = about(&answer, row, &file) {
                said.push(answer);
            }
        }
    }
    for answer in &mut said {
        answer.untraced = answer.segments.len().saturating_sub(TRACED_MAX);
        for segment in answer.segments.iter_mut().take(TRACED_MAX) {
            if tracing.is_none() {
                tracing = Some(Tracing::of(engine, run, row)?);
            }
            if let Some(tracing) = &tracing {
                segment.follow(tracing)?;
            }
        }
    }
    Ok(said)
}

/// What a carrier's own report says of a delivery; none of a file that is no such report.
fn reported(engine: &Engine, row: &DeliveryRow, file: &AnswerRow) -> Result<Option<Vec<AnswerSaid>>, Fault> {
    let Some(carrier) = engine.carrier(&file.carrier) else { return Ok(None) };
    let Some(declared) = declared_report(carrier, &file.name) else { return Ok(None) };
    let source = engine.open_archived(&file.archive, unreadable_answer)?;
    let report = read_report(engine, carrier, declared, source)?;
    let of = |said: ReportedDelivery| AnswerSaid {
        file: file.clone(),
        kind: "report",
        verdict: Verdict::AcceptedWithErrors.word(),
        codes: Vec::new(),
        segments: said.rows.into_iter().map(SegmentSaid::reported).collect(),
        untraced: 0,
    };
    Ok(Some(report.deliveries.into_iter().filter(|said| said.row.id == row.id).map(of).collect()))
}

/// Opens an answer of the archive.
fn read(engine: &Engine, file: &AnswerRow) -> Result<Vec<Acknowledgement>, Fault> {
    Ok(ack::read(engine.open_archived(&file.archive, unreadable_answer)?)?)
}

/// What an answer says of a delivery, where it names it.
fn about(answer: &Acknowledgement, row: &DeliveryRow, file: &AnswerRow) -> Option<AnswerSaid> {
    let said = |kind, verdict: Verdict, codes, segments| AnswerSaid {
        file: file.clone(),
        kind,
        verdict: verdict.word(),
        codes,
        segments,
        untraced: 0,
    };
    let is_ours = |number: &str| number.parse() == Ok(row.number);
    match &answer.of {
        Of::Interchange(ta1) if is_ours(&ta1.control_number) => {
            Some(said("TA1", ta1.verdict, vec![ta1.note.clone()], Vec::new()))
        }
        Of::Group(group) if is_ours(&group.control_number) => {
            let kind = if group.dialect == Dialect::A997 { "997" } else { "999" };
            let codes = group.sets.iter().flat_map(|set| set.codes.clone()).collect();
            let worst =
                group.sets.iter().map(|set| set.verdict).max().map_or(group.verdict, |set| set.max(group.verdict));
            Some(said(kind, worst, codes, group.sets.iter().flat_map(segments).collect()))
        }
        _ => None,
    }
}

fn segments(set: &SetVerdict) -> impl Iterator<Item = SegmentSaid> + '_ {
    set.faults.iter().map(|said| SegmentSaid { said: said.clone(), reported: None, places: Vec::new() })
}

impl SegmentSaid {
    fn reported(row: ReportedRow) -> SegmentSaid {
        let mut said = SegmentFault::default();
        said.tag.clone_from(&row.tag);
        said.code.clone_from(&row.code);
        SegmentSaid { said, reported: Some(row), places: Vec::new() }
    }

    fn follow(&mut self, tracing: &Tracing) -> Result<(), Fault> {
        if let Some(ReportedRow { family, tag, element, code, words, .. }) = &self.reported {
            let traced = tracing.place_of(*family, tag, *element)?;
            self.said.position = traced.as_ref().map_or(0, |traced| traced.position);
            self.places.push(ElementSaid { code: code.clone(), words: words.clone(), traced });
            return Ok(());
        }
        let SegmentFault { tag, position, code, elements, .. } = &self.said;
        if elements.is_empty() {
            let traced = tracing.place(*position, tag, None)?;
            self.places.push(ElementSaid { code: code.clone(), words: segment_words(code).to_string(), traced });
        }
        for element in elements {
            let traced = tracing.place(*position, tag, Some(element.element))?;
            self.places.push(ElementSaid {
                code: element.code.clone(),
                words: element_words(&element.code).to_string(),
                traced,
            });
        }
        Ok(())
    }
}

/// Records with a run what was objected to in its delivery, so that the board can say it: each place once.
///
/// # Errors
/// What [`answers_to`] can say.
pub fn record_objections(engine: &Engine, row: &DeliveryRow) -> Result<Vec<Fault>, Fault> {
    let Some(run) = engine.store.run(row.run)? else { return Ok(Vec::new()) };
    let said = answers_to(engine, &run, row)?;
    let segments = said.iter().flat_map(|answer| &answer.segments);
    let faults: Vec<Fault> =
        segments.flat_map(|segment| segment.places.iter().map(|place| objection(segment, place))).collect();
    let known = engine.store.faults(Owner::Run(run.id))?;
    let is_known =
        |fault: &Fault| known.iter().any(|known| known.code == fault.code && known.place == fault.place.to_string());
    let new: Vec<Fault> = faults.into_iter().filter(|fault| !is_known(fault)).collect();
    if !new.is_empty() {
        let mut change = engine.change()?;
        change.record_faults(Owner::Run(run.id), &new)?;
        let event = Event::new(Action::AckTraced).name("feed", &row.feed).count("run", run.id);
        engine.commit(change, &[event.count("delivery", row.id).count("places", new.len() as i64)])?;
    }
    Ok(new)
}

fn objection(segment: &SegmentSaid, place: &ElementSaid) -> Fault {
    let row = place.traced.as_ref().and_then(|traced| traced.row.as_ref());
    let at = row.map_or(Place::Nowhere, |row| Place::Row {
        source: Label::new(&row.source),
        line: row.line,
        column: row.column.map(|_| Label::new(&row.header)),
    });
    let element = place.traced.as_ref().and_then(|traced| traced.element).map_or(String::new(), |n| format!("{n:02}"));
    let tag = place.traced.as_ref().map_or(segment.said.tag.as_str(), |traced| traced.tag.as_str());
    OBJECTED
        .at(at)
        .name("to", &format!("{tag}{element}"))
        .count("segment", segment.said.position)
        .name("says", &place.words)
}
