//! The envelope and the transaction set's header.

use std::io::Write;

use chrono::{Datelike as _, NaiveDate, NaiveDateTime};

use crate::mapping::{FileDialect, Party};
use crate::model::person::Relationship;
use crate::policy::{Disclosed, DisclosedMember};
use crate::x12::{Error, GsFields, IsaFields, Party as Identified, Writer};

/// Everything above the members, fixed when the numbers are allocated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// ISA05/06 and GS02.
    pub sender: Party,
    /// ISA07/08.
    pub receiver: Party,
    /// GS03.
    pub receiver_group: String,
    /// 1000A, N1*P5.
    pub sponsor: Party,
    /// 1000B, N1*IN.
    pub payer: Party,
    /// ISA13 and GS06.
    pub number: u32,
    /// UTC time in ISA09/10, GS04/05 and BGN03/04.
    pub frozen_at: NaiveDateTime,
    /// ISA15 = T.
    pub test: bool,
    /// ISA14: whether a TA1 is asked for.
    pub acknowledgment_requested: bool,
    /// BGN02, unique for life.
    pub reference: String,
    /// BGN08: `2` for changes, `4` or `RX` for full files.
    pub action: &'static str,
    /// DTP*007, the business date.
    pub effective: NaiveDate,
    /// GS08 and ST03: the guide's, or what the carrier's overlay declares instead.
    pub convention: String,
    /// REF*38.
    pub master_policy: Option<String>,
    /// REF*1L on every member.
    pub group_number: Option<String>,
    /// Whether a member's loop states the day it is about.
    pub member_dates: bool,
    /// How the carrier wants to hear what can be said in more than one way.
    pub dialect: FileDialect,
}

/// How many loops follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// QTY*ET.
    pub subscribers: u64,
    /// QTY*DT; not written when there are none.
    pub dependents: u64,
}

impl Totals {
    /// The loops of one family.
    pub fn of(family: &Disclosed, dialect: FileDialect) -> Totals {
        let is_subscriber =
            |member: &&DisclosedMember| dialect.is_subscriber(member.person.relationship == Relationship::Subscriber);
        let subscribers = family.members().iter().filter(is_subscriber).count();
        Totals { subscribers: subscribers as u64, dependents: (family.members().len() - subscribers) as u64 }
    }
}

/// Opens the interchange, the group and the set, and writes the header.
///
/// # Errors
/// The writer's: a configured name that cannot be written, or a sink that fails.
pub fn begin<W: Write>(writer: &mut Writer<W>, header: &Header, totals: Totals) -> Result<(), Error> {
    envelope(writer, header)?;
    writer.open_set("834", super::SET_NUMBER, &header.convention)?;
    let (date, time) = (day(header.frozen_at.date()), header.frozen_at.format("%H%M%S").to_string());
    let bgn = ["00", &header.reference, &date, &time, "UT", "", "", header.action];
    writer.segment("BGN", &bgn)?;
    if let Some(policy) = &header.master_policy {
        writer.segment("REF", &["38", policy])?;
    }
    writer.segment("DTP", &["007", "D8", &day(header.effective)])?;
    quantities(writer, totals)?;
    party(writer, "P5", &header.sponsor)?;
    party(writer, "IN", &header.payer)
}

fn envelope<W: Write>(writer: &mut Writer<W>, header: &Header) -> Result<(), Error> {
    let moment = header.frozen_at;
    writer.open_interchange(&IsaFields {
        sender: Identified::new(&header.sender.qualifier, &header.sender.id),
        receiver: Identified::new(&header.receiver.qualifier, &header.receiver.id),
        date: &moment.format("%y%m%d").to_string(),
        time: &moment.format("%H%M").to_string(),
        control_number: header.number,
        acknowledgment_requested: header.acknowledgment_requested,
        test: header.test,
        ..IsaFields::default()
    })?;
    writer.open_group(&GsFields {
        functional_id: "BE",
        sender: &header.sender.id,
        receiver: &header.receiver_group,
        date: &day(moment.date()),
        time: &moment.format("%H%M%S").to_string(),
        control_number: header.number,
        version: &header.convention,
    })
}

fn quantities<W: Write>(writer: &mut Writer<W>, totals: Totals) -> Result<(), Error> {
    let Totals { subscribers, dependents } = totals;
    writer.segment("QTY", &["TO", &(subscribers + dependents).to_string()])?;
    writer.segment("QTY", &["ET", &subscribers.to_string()])?;
    if dependents > 0 {
        writer.segment("QTY", &["DT", &dependents.to_string()])?;
    }
    Ok(())
}

fn party<W: Write>(writer: &mut Writer<W>, role: &str, party: &Party) -> Result<(), Error> {
    writer.segment("N1", &[role, &party.name, &party.qualifier, &party.id])
}

/// Closes the set, the group and the interchange.
///
/// # Errors
/// A sink that fails.
pub fn end<W: Write>(writer: &mut Writer<W>) -> Result<(), Error> {
    writer.close_set()?;
    writer.close_group()?;
    writer.close_interchange()
}

/// A date as CCYYMMDD. By hand, because there are several for every member and chrono's formatting is ten times the
/// work.
pub(super) fn day(date: NaiveDate) -> String {
    let year = date.year().clamp(0, 9999).unsigned_abs();
    let mut left = year * 10_000 + date.month() * 100 + date.day();
    let mut digits = [b'0'; 8];
    for digit in digits.iter_mut().rev() {
        *digit += (left % 10) as u8;
        left /= 10;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_chrono_writes_it() {
        for text in ["0001-01-01", "1900-02-28", "1970-12-03", "2026-03-02", "9999-12-31"] {
            let date: NaiveDate = text.parse().unwrap();
            assert_eq!(day(date), date.format("%Y%m%d").to_string());
        }
    }
}
