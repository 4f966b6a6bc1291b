//! From staged families to finished, judged and sealed bytes.

use std::io::BufReader;

use chrono::NaiveDateTime;

use super::carrier::{convention, style};
use super::context::FeedContext;
use crate::crypt::age::Recipient;
use crate::crypt::spool::{Spool, Spooled};
use crate::engine::{Engine, outbox_name};
use crate::fault::Fault;
use crate::gate::{Checked, Expected, judge};
use crate::mapping::{Environment, Style};
use crate::model::enrollment::{Enrolled, FamilyChange};
use crate::seal::{SealOrder, Sealed, discard, seal};
use crate::store::{DeliveryRow, StagedRow};
use crate::t834::{self, Header, Party, Totals};
use crate::x12::writer::Writer;

/// What is fixed when a delivery is numbered.
pub(super) struct Numbered {
    pub delivery: i64,
    pub number: u32,
    pub frozen_at: NaiveDateTime,
    pub totals: Totals,
}

impl Numbered {
    /// Out of the recorded delivery.
    pub fn of(row: &DeliveryRow) -> Numbered {
        let frozen_at = NaiveDateTime::parse_from_str(&row.frozen_at, FROZEN).unwrap_or_default();
        let count = |loops: i64| u64::try_from(loops).unwrap_or(0);
        Numbered {
            delivery: row.id,
            number: u32::try_from(row.number).unwrap_or(0),
            frozen_at,
            totals: Totals { subscribers: count(row.subscribers), dependents: count(row.dependents) },
        }
    }

    /// For a look ahead: no number is used.
    pub fn imagined(engine: &Engine) -> Numbered {
        Numbered { delivery: 0, number: 1, frozen_at: engine.clock.now(), totals: Totals::default() }
    }
}

/// How the moment in the headers is recorded.
pub(super) const FROZEN: &str = "%Y-%m-%dT%H:%M:%S";

/// The header of a delivery: a function of configuration and what was fixed.
pub(super) fn header(context: &FeedContext, numbered: &Numbered) -> Header {
    let (site, carrier, feed) = (&context.engine.site, context.carrier, context.feed);
    let employer = &site.employers[&feed.employer];
    let party = |name: &str, qualifier: &str, id: &str| Party {
        name: name.to_string(),
        qualifier: qualifier.to_string(),
        id: id.to_string(),
    };
    Header {
        sender: party(&site.sender.name, &site.sender.qualifier, &site.sender.id),
        receiver: party(&carrier.title, &carrier.receiver.qualifier, &carrier.receiver.id),
        receiver_group: carrier.receiver.group_id.clone(),
        sponsor: party(&employer.name, "FI", &employer.tax_id),
        payer: carrier.payer.clone(),
        number: numbered.number,
        frozen_at: numbered.frozen_at,
        test: site.environment == Environment::Test,
        acknowledgment_requested: carrier.file.request_ta1,
        reference: format!("{:09}", numbered.delivery),
        action: if carrier.file.style == Style::Full { "4" } else { "2" },
        effective: context.rules.as_of,
        convention: convention(carrier),
        master_policy: Some(feed.master_policy.clone()),
        group_number: feed.group_number.clone(),
    }
}

/// Finished bytes, and what they must consist of.
pub(super) struct Built {
    spooled: Spooled,
    expected: Expected,
}

/// Writes a numbered delivery's 834. The same records and header give the same bytes, however often.
pub(super) fn build(context: &FeedContext, row: &DeliveryRow) -> Result<Built, Fault> {
    let numbered = Numbered::of(row);
    let header = header(context, &numbered);
    let mut expected = Expected::new(&context.policy, &header, numbered.totals);
    let mut writer = Writer::new(Spool::new(&context.engine.spool_folder()), style(context.carrier))?;
    t834::begin(&mut writer, &header, numbered.totals)?;
    each_family(context, row, &mut |family, known| {
        expected.family(known);
        t834::write(&mut writer, &header, &context.policy.disclose(family)?)
    })?;
    t834::end(&mut writer)?;
    Ok(Built { spooled: writer.finish()?.finish()?, expected })
}

type EachFamily<'f> = &'f mut dyn FnMut(&FamilyChange, &Enrolled) -> Result<(), Fault>;

fn each_family(context: &FeedContext, row: &DeliveryRow, write: EachFamily) -> Result<(), Fault> {
    let mut after = Vec::new();
    loop {
        let page = page(context, row, &after)?;
        let Some(last) = page.last() else { return Ok(()) };
        context.engine.steps.go_on()?;
        after = last.key.0.to_vec();
        for staged in &page {
            let (known, change) = opened(context, staged)?;
            if let Some(family) = context.written(Some(&known), change.as_ref()) {
                write(&family, &known)?;
            }
        }
    }
}

fn page(context: &FeedContext, row: &DeliveryRow, after: &[u8]) -> Result<Vec<StagedRow>, Fault> {
    let store = &context.engine.store;
    if context.is_full() { store.knowledge_with(&row.feed, row.id, after) } else { store.staged_changes(row.id, after) }
}

fn opened(context: &FeedContext, staged: &StagedRow) -> Result<(Enrolled, Option<FamilyChange>), Fault> {
    let known = context.open::<Enrolled>(context.name(), staged.key, &staged.known)?;
    if context.is_full() {
        return Ok((known, None));
    }
    let change = context.open::<FamilyChange>(context.name(), staged.key, &staged.change)?;
    Ok((known, Some(change)))
}

/// Reads the finished bytes again and judges them; returns the permit to seal them.
pub(super) fn check(context: &FeedContext, built: &Built) -> Result<Checked, Vec<Fault>> {
    let reader = built.spooled.open().map_err(|fault| vec![fault])?;
    judge(BufReader::with_capacity(256 * 1024, reader), &built.expected, &context.guide)
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
