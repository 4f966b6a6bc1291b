//! Streams an enrollment file and prints the days of coverage of each plan, in memory that does not grow with it.
//!
//!     cargo run --example coverage_dates < FILE
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Read};

use x12::{Error, Period, Reader};

const SAMPLE: &str = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260302*2100*^*00501*000000007\
    *0*T*:~GS*BE*SENDER*RECEIVER*20260302*2100*7*X*005010X220A1~ST*834*0001*005010X220A1~\
    INS*Y*18*030*XN*A***FT~HD*030**HLT*PLANA*EMP~DTP*348*D8*20260101~HD*030**DEN*PLAND*EMP~\
    DTP*348*RD8*20260101-20261231~SE*7*0001~GE*1*7~IEA*1*000000007~";

/// The periods that were told of each plan.
fn dates(source: impl Read) -> Result<BTreeMap<String, Vec<Period>>, Error> {
    let mut reader = Reader::new(source);
    let mut plans: BTreeMap<String, Vec<Period>> = BTreeMap::new();
    let mut plan = String::new();
    while let Some(segment) = reader.next_segment()? {
        match segment.tag() {
            b"HD" => plan = segment.str(4).unwrap_or("?").to_owned(),
            b"DTP" if segment.element(1) == b"348" => {
                plans.entry(plan.clone()).or_default().extend(segment.period(3));
            }
            _ => {}
        }
    }
    Ok(plans)
}

fn main() -> Result<(), Error> {
    let plans = if io::stdin().is_terminal() { dates(SAMPLE.as_bytes())? } else { dates(io::stdin().lock())? };
    for (plan, periods) in plans {
        for Period { from, to } in periods {
            println!("{plan}: {from} to {to}");
        }
    }
    Ok(())
}
