//! From staged families to finished, judged and sealed bytes. A run that was interrupted builds from the rows of the
//! ledger what it had written before while it decided: the same bytes.

use std::io::BufReader;

use super::body::{Built, ends_for_somebody};
use super::context::FeedContext;
use crate::carrier::Numbered;
use crate::crypt::age::Recipient;
use crate::crypt::rules::FAMILY_DESTROYED;
use crate::crypt::spool::{Spool, Spooled};
use crate::engine::{RecordPlace, SealedTold, open_told, outbox_name};
use crate::fault::Fault;
use crate::gate::{Checked, Expected, judge};
use crate::model::enrollment::{Enrolled, FamilyChange};
use crate::model::ids::Pseudonym;
use crate::model::told::ToldFamily;
use crate::seal::{SealOrder, Sealed, discard, seal};
use crate::store::{DeliveryRow, RunRow, StagedRow};
use crate::t834;
use crate::x12::Writer;

/// Writes a numbered delivery's 834 from what the ledger has of it. The same records and header give the same bytes,
/// however often.
pub(super) fn build(context: &FeedContext, row: &DeliveryRow) -> Result<Built, Fault> {
    let Rebuilt { spooled, expected } = rebuild(context, row)?;
    Ok(Built::whole(spooled, expected))
}

/// A file that was written from the ledger, and what it must consist of.
pub(super) struct Rebuilt {
    pub spooled: Spooled,
    expected: Expected,
}

/// The same, as one.
pub(super) fn rebuild(context: &FeedContext, row: &DeliveryRow) -> Result<Rebuilt, Fault> {
    let numbered = Numbered::of(row);
    let header = context.header(&numbered);
    let mut expected = Expected::new(&context.compiled.policy, &header, numbered.totals);
    let mut writer = Writer::with_style(Spool::new(&context.engine.spool_folder()), context.compiled.style)?;
    t834::begin(&mut writer, &header, numbered.totals)?;
    each_family(context, row, &mut |family| {
        expected.family(&family.known, &family.change.subscriber_id);
        Ok(t834::write(&mut writer, &header, &context.compiled.policy.disclose(&family.change, header.effective)?)?)
    })?;
    t834::end(&mut writer)?;
    Ok(Rebuilt { spooled: writer.finish()?.finish()?, expected })
}

/// A family as a file tells of it.
pub(super) struct WrittenFamily {
    pub key: Pseudonym,
    /// What is written.
    pub change: FamilyChange,
    /// What is known once it is.
    pub known: Enrolled,
}

type EachFamily<'f> = &'f mut dyn FnMut(&WrittenFamily) -> Result<(), Fault>;

/// Which families of a delivery.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    All,
    /// Those in which somebody's cover ends altogether.
    WithEnds,
    WithoutEnds,
}

/// Every family in the order in which a carrier is to work them: who leaves one family for another ends there before
/// beginning here, or the carrier refuses somebody who is still covered elsewhere.
pub(super) fn each_family(context: &FeedContext, row: &DeliveryRow, write: EachFamily) -> Result<(), Fault> {
    let ends = |run: RunRow| !context.is_full() && run.tally().terminations > 0;
    // Where nobody's cover ends, as on a first night, the records are opened once.
    if context.engine.store.run(row.run)?.is_some_and(ends) {
        each_of(Which::WithEnds, context, row, write)?;
        each_of(Which::WithoutEnds, context, row, write)
    } else {
        each_of(Which::All, context, row, write)
    }
}

fn each_of(which: Which, context: &FeedContext, row: &DeliveryRow, write: EachFamily) -> Result<(), Fault> {
    let mut after = Vec::new();
    loop {
        let page = page(context, row, &after)?;
        let Some(last) = page.last() else { return Ok(()) };
        context.engine.steps.check_interrupted()?;
        after = last.key.0.to_vec();
        for staged in &page {
            let Some((known, change)) = opened(context, row.id, staged)? else { continue };
            let written = context.written(Some(&known), change.as_ref());
            if let Some(change) = written.filter(|family| which.has(family)) {
                write(&WrittenFamily { key: staged.key, change: change.into_owned(), known })?;
            }
        }
    }
}

impl Which {
    fn has(self, family: &FamilyChange) -> bool {
        self == Which::All || ends_for_somebody(family) == (self == Which::WithEnds)
    }
}

fn page(context: &FeedContext, row: &DeliveryRow, after: &[u8]) -> Result<Vec<StagedRow>, Fault> {
    let store = &context.engine.store;
    if context.is_full() { store.knowledge_with(&row.feed, row.id, after) } else { store.staged_changes(row.id, after) }
}

/// What is known of a family, and what has changed of it with this delivery: of a full file's other families nothing.
pub(super) fn opened(
    context: &FeedContext,
    delivery: i64,
    staged: &StagedRow,
) -> Result<Option<(Enrolled, Option<FamilyChange>)>, Fault> {
    let at = RecordPlace { of: context.name(), key: staged.key, from: staged.from };
    let sealed = SealedTold { known: &staged.known, change: &staged.change };
    match open_told(context.engine, at, sealed) {
        Ok(ToldFamily { known, change }) => Ok(Some((known, change.filter(|_| staged.from == delivery)))),
        // Whose records were destroyed was covered by nobody for years: no file says anything of them.
        Err(fault) if fault.is(&FAMILY_DESTROYED) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// Reads the finished bytes again and judges them; returns the permit to seal them.
pub(super) fn check(context: &FeedContext, built: &Built) -> Result<Checked, Vec<Fault>> {
    judge(BufReader::with_capacity(256 * 1024, built.open()), &built.expected, &context.compiled.guide)
}

/// Seals checked bytes to the carrier, once. What an interrupted run left of it was promised to nobody.
pub(super) fn seal_checked(
    context: &FeedContext,
    row: &DeliveryRow,
    built: &Built,
    checked: &Checked,
) -> Result<Sealed, Fault> {
    let recipient = Recipient::parse(&context.carrier.seal.recipient)?;
    let (folder, name) = (context.engine.outbox_folder(), outbox_name(row));
    discard(&folder, &name)?;
    let order = SealOrder { checked, recipient: &recipient, folder: &folder, name: &name };
    seal(&order, &mut built.open())
}
