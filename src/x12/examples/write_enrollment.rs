//! Writes an 834 from structs of one's own.
//!
//!     cargo run --example write_enrollment
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

use x12::{Date, GsFields, IsaFields, Party, Writer};

struct Member {
    number: u32,
    last: String,
    first: Option<String>,
    born: Option<Date>,
    address: Vec<String>,
}

fn members() -> Vec<Member> {
    vec![Member {
        number: 100_000_001,
        last: "DOE".into(),
        first: Some("JO".into()),
        born: Date::new(1980, 1, 1),
        address: vec!["1 TEST STREET".into(), "APT 4".into()],
    }]
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut writer = Writer::new(Vec::new());
    writer.open_interchange(&IsaFields {
        sender: Party::new("ZZ", "SENDER"),
        receiver: Party::new("ZZ", "RECEIVER"),
        date: "260302",
        time: "2100",
        control_number: 7,
        ..IsaFields::default()
    })?;
    writer.open_group(&GsFields {
        functional_id: "BE",
        sender: "SENDER",
        receiver: "RECEIVER",
        date: "20260302",
        time: "2100",
        control_number: 7,
        version: "005010X220A1",
    })?;
    writer.open_set("834", "0001", "005010X220A1")?;
    for member in &members() {
        writer.segment("INS", ["Y", "18", "021", "28", "A", "", "", "FT"])?;
        writer.segment("REF", [Some("0F"), Some(member.number.to_string().as_str())])?;
        writer.segment("NM1", [Some("IL"), Some("1"), Some(member.last.as_str()), member.first.as_deref()])?;
        writer.segment("N3", &member.address)?;
        writer.segment("DMG", [x12::Value::from("D8"), member.born.into()])?;
    }
    writer.close_set()?;
    writer.close_group()?;
    writer.close_interchange()?;
    println!("{}", String::from_utf8(writer.finish()?)?);
    Ok(())
}
