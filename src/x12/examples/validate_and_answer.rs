//! Judges a file by the 834's guide as a partner's declared deviations change it, and writes the TA1 and the 999.
//!
//!     cargo run --example validate_and_answer < FILE
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

use std::io::{self, IsTerminal, Read, Write};

use x12::ack::{Options, Reply};
use x12::guide::{MoreCodes, Overlay, x220a1};
use x12::validate::document;

const SAMPLE: &str = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260302*2100*^*00501*000000007\
    *0*T*:~GS*BE*SENDER*RECEIVER*20260302*2100*7*X*005010X220A1~ST*834*0001*005010X220A1~\
    BGN*00*REF1*20260302*2100****2~N1*P5*EMPLOYER*FI*000000001~N1*IN*CARRIER*FI*000000002~INS*Y*18*021*28*A***FT~\
    REF*0F*E0001~NM1*IL*1*DOE*JO****ZZ*E0001~DMG*D8*19800101*F~HD*021**LIF*PLANL*EMP~DTP*348*D8*20260101~\
    SE*12*0001~GE*1*7~IEA*1*000000007~";

/// Life insurance is no line of the guide; this partner has declared it.
fn overlay() -> Overlay {
    let life = MoreCodes {
        loop_id: "2300".into(),
        segment: "HD".into(),
        qualifier: None,
        element: 3,
        codes: vec!["LIF".into()],
    };
    Overlay { name: "life".into(), since: "2026-01-01".into(), codes: vec![life], ..Overlay::default() }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let guide = x220a1().with(&overlay())?;
    let piped = !io::stdin().is_terminal();
    let source: Box<dyn Read> = if piped { Box::new(io::stdin().lock()) } else { Box::new(SAMPLE.as_bytes()) };
    let report = document(source, &guide);
    for finding in &report.findings {
        eprintln!("{}: {finding}", finding.severity.word());
    }
    let reply = Reply::to(&report, &Options::new(1, "20260303", "0600"))?;
    io::stdout().write_all(&reply.one_file())?;
    Ok(())
}
