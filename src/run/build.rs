//! From staged families to finished, judged and sealed bytes.

use std::io::BufReader;

use super::context::FeedContext;
use crate::carrier::Numbered;
use crate::crypt::age::Recipient;
use crate::crypt::spool::{Spool, Spooled};
use crate::engine::outbox_name;
use crate::fault::Fault;
use crate::gate::{Checked, Expected, judge};
use crate::model::enrollment::{Enrolled, FamilyChange, Maintenance};
use crate::model::ids::Pseudonym;
use crate::seal::{SealOrder, Sealed, discard, seal};
use crate::store::{DeliveryRow, RunRow, StagedRow};
use crate::t834;
use crate::x12::Writer;

/// Finished bytes, and what they must consist of.
pub(super) struct Built {
    pub spooled: Spooled,
    expected: Expected,
}

/// Writes a numbered delivery's 834. The same records and header give the same bytes, however often.
pub(super) fn build(context: &FeedContext, row: &DeliveryRow) -> Result<Built, Fault> {
    let numbered = Numbered::of(row);
    let header = context.header(&numbered);
    let mut expected = Expected::new(&context.compiled.policy, &header, numbered.totals);
    let mut writer = Writer::with_style(Spool::new(&context.engine.spool_folder()), context.compiled.style)?;
    t834::begin(&mut writer, &header, numbered.totals)?;
    each_family(context, row, &mut |family| {
        expected.family(&family.known, &family.change.subscriber_id);
        Ok(t834::write(&mut writer, &header, &context.compiled.policy.disclose(&family.change)?)?)
    })?;
    t834::end(&mut writer)?;
    Ok(Built { spooled: writer.finish()?.finish()?, expected })
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
                write(&WrittenFamily { key: staged.key, change, known })?;
            }
        }
    }
}

impl Which {
    fn has(self, family: &FamilyChange) -> bool {
        let ends = || family.members.iter().any(|member| member.maintenance == Maintenance::Terminate);
        self == Which::All || ends() == (self == Which::WithEnds)
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
    let known = context.open_if_kept::<Enrolled>(staged.key, staged.from, &staged.known)?;
    let change = || context.open::<FamilyChange>(staged.key, staged.from, &staged.change);
    // Whose records were destroyed was covered by nobody for years: no file says anything of them.
    let Some(known) = known else { return Ok(None) };
    Ok(Some((known, (staged.from == delivery).then(change).transpose()?)))
}

/// Reads the finished bytes again and judges them; returns the permit to seal them.
pub(super) fn check(context: &FeedContext, built: &Built) -> Result<Checked, Vec<Fault>> {
    let reader = built.spooled.open().map_err(|fault| vec![fault])?;
    judge(BufReader::with_capacity(256 * 1024, reader), &built.expected, &context.compiled.guide)
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
    seal(&order, &mut built.spooled.open()?)
}
