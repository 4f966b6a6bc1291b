//! From staged families to finished, judged and sealed bytes.

use std::borrow::Cow;
use std::io::BufReader;

use chrono::NaiveDateTime;

use super::decide::{Desk, style};
use crate::crypt::age::Recipient;
use crate::crypt::spool::{Spool, Spooled};
use crate::engine::{Engine, outbox_name};
use crate::fault::Fault;
use crate::gate::{Checked, Expected, judge};
use crate::mapping::{Carrier, Environment, Style};
use crate::model::enrollment::{Enrolled, FamilyChange};
use crate::seal::{SealOrder, Sealed, discard, seal};
use crate::store::{DeliveryRow, StagedRow};
use crate::t834::{self, Header, Party, Totals};
use crate::x12::guide::Guide;
use crate::x12::guides::x220a1;
use crate::x12::overlay::{MoreCodes, OtherSeverity, Overlay};
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
pub(super) fn header(desk: &Desk, numbered: &Numbered) -> Header {
    let (site, carrier, feed) = (&desk.engine.site, desk.carrier, desk.feed);
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
        effective: desk.rules.as_of,
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
pub(super) fn build(desk: &Desk, row: &DeliveryRow) -> Result<Built, Fault> {
    let numbered = Numbered::of(row);
    let header = header(desk, &numbered);
    let mut expected = Expected::new(&desk.policy, &header, numbered.totals);
    let mut writer = Writer::new(Spool::new(&desk.engine.spool_folder()), style(desk.carrier))?;
    t834::begin(&mut writer, &header, numbered.totals)?;
    each_family(desk, row, &mut |family, known| {
        expected.family(known);
        t834::write(&mut writer, &header, &desk.policy.disclose(family)?)
    })?;
    t834::end(&mut writer)?;
    Ok(Built { spooled: writer.finish()?.finish()?, expected })
}

type EachFamily<'f> = &'f mut dyn FnMut(&FamilyChange, &Enrolled) -> Result<(), Fault>;

fn each_family(desk: &Desk, row: &DeliveryRow, write: EachFamily) -> Result<(), Fault> {
    let mut after = Vec::new();
    loop {
        let page = page(desk, row, &after)?;
        let Some(last) = page.last() else { return Ok(()) };
        desk.engine.steps.go_on()?;
        after = last.key.0.to_vec();
        for staged in &page {
            let (known, change) = opened(desk, staged)?;
            if let Some(family) = desk.written(Some(&known), change.as_ref()) {
                write(&family, &known)?;
            }
        }
    }
}

fn page(desk: &Desk, row: &DeliveryRow, after: &[u8]) -> Result<Vec<StagedRow>, Fault> {
    let store = &desk.engine.store;
    if desk.is_full() { store.knowledge_with(&row.feed, row.id, after) } else { store.staged_changes(row.id, after) }
}

fn opened(desk: &Desk, staged: &StagedRow) -> Result<(Enrolled, Option<FamilyChange>), Fault> {
    let feed = desk.feed.name.as_str();
    let known = desk.open::<Enrolled>(feed, staged.key, &staged.known)?;
    let change = match desk.is_full() {
        true => None,
        false => Some(desk.open::<FamilyChange>(feed, staged.key, &staged.change)?),
    };
    Ok((known, change))
}

fn convention(carrier: &Carrier) -> String {
    let declared = carrier.overlay.as_ref().and_then(|overlay| overlay.gs08.clone());
    declared.unwrap_or_else(|| t834::CONVENTION.to_string())
}

/// The guide as the carrier's declared deviations change it.
pub(super) fn guide(carrier: &Carrier) -> Result<Cow<'static, Guide>, Fault> {
    let Some(declared) = &carrier.overlay else { return Ok(Cow::Borrowed(x220a1())) };
    let more = |loop_id: &str, segment: &str, (element, codes): (u16, &[String])| MoreCodes {
        loop_id: loop_id.to_string(),
        segment: segment.to_string(),
        qualifier: None,
        element,
        codes: codes.to_vec(),
    };
    let codes = [
        more("2300", "HD", (3, &declared.hd03_codes)),
        more("2300", "DTP", (1, &declared.dtp_codes)),
        more("2300", "REF", (1, &declared.ref_codes)),
    ];
    let severity =
        |(code, severity): (&String, &String)| OtherSeverity { code: code.clone(), severity: severity.clone() };
    let overlay = Overlay {
        name: declared.name.clone(),
        since: declared.date.to_string(),
        versions: declared.gs08.iter().cloned().collect(),
        codes: codes.into_iter().filter(|more| !more.codes.is_empty()).collect(),
        severities: declared.severity.iter().map(severity).collect(),
        ..Overlay::default()
    };
    x220a1().with(&overlay).map(Cow::Owned)
}

/// Reads the finished bytes again and judges them; gives the permit to seal them.
pub(super) fn check(desk: &Desk, built: &Built) -> Result<Checked, Vec<Fault>> {
    let reader = built.spooled.open().map_err(|fault| vec![fault])?;
    judge(BufReader::with_capacity(256 * 1024, reader), &built.expected, &desk.guide)
}

/// Seals checked bytes to the carrier, once. What an interrupted run left of it was promised to nobody.
pub(super) fn seal_checked(desk: &Desk, row: &DeliveryRow, built: &Built, checked: &Checked) -> Result<Sealed, Fault> {
    let recipient = Recipient::parse(&desk.carrier.seal.recipient)?;
    let (folder, name) = (desk.engine.outbox_folder(), outbox_name(row));
    discard(&folder, &name)?;
    let order = SealOrder { checked, recipient: &recipient, folder: &folder, name: &name };
    seal(&order, &mut built.spooled.open()?)
}
