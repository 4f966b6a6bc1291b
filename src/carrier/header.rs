//! What stands above the members of a file: the envelope's and the header's values.

use chrono::{NaiveDate, NaiveDateTime};

use crate::config::Site;
use crate::mapping::{Carrier, Environment, Feed};
use crate::store::DeliveryRow;
use crate::t834::{self, Header, Party, Totals};

/// What is fixed when a delivery is numbered.
pub struct Numbered {
    /// The delivery's id; BGN02.
    pub delivery: i64,
    /// ISA13 and GS06.
    pub number: u32,
    /// The moment of the envelope and of BGN.
    pub frozen_at: NaiveDateTime,
    /// How many loops follow.
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

    /// For a look ahead at this moment: no number is used.
    pub fn imagined(now: NaiveDateTime) -> Numbered {
        Numbered { delivery: 0, number: 1, frozen_at: now, totals: Totals::default() }
    }
}

/// How the moment in the headers is recorded.
pub const FROZEN: &str = "%Y-%m-%dT%H:%M:%S";

/// The header of a feed's delivery on a business date: a function of the configuration and of what was fixed, so that
/// a delivery built again has the same one.
pub fn header(site: &Site, feed: &Feed, effective: NaiveDate, numbered: &Numbered) -> Header {
    // A feed whose employer or carrier is not configured is refused with the configuration.
    let (carrier, employer) = (&site.carriers[&feed.carrier], &site.employers[&feed.employer]);
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
        // BGN02 is unique for life, while control numbers begin anew after 999,999,999: by this one a carrier finds a
        // file years later.
        reference: format!("{:09}", numbered.delivery),
        action: carrier.file.style.action(),
        effective,
        convention: convention(carrier),
        master_policy: Some(feed.master_policy.clone()),
        group_number: feed.group_number.clone(),
        member_dates: carrier.file.member_dates,
        dialect: carrier.file.dialect,
    }
}

fn party(name: &str, qualifier: &str, id: &str) -> Party {
    Party { name: name.to_string(), qualifier: qualifier.to_string(), id: id.to_string() }
}

/// GS08 and ST03.
fn convention(carrier: &Carrier) -> String {
    let declared = carrier.overlay.as_ref().and_then(|overlay| overlay.gs08.clone());
    declared.unwrap_or_else(|| t834::CONVENTION.to_string())
}
