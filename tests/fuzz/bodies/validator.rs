//! Any bytes: the validator ends, its faults lie within the file and in its order, judging twice says the same, and
//! what would be answered can be read.

use x12::ack::{self, Options, Reply};
use x12::guide;
use x12::validate::document;

/// What holds of every input.
pub fn holds(data: &[u8]) {
    let report = document(data, guide::x220a1());
    assert_eq!(report, document(data, guide::x220a1()));
    let mut last = 0;
    for finding in &report.findings {
        assert!(finding.position.byte >= last && finding.position.byte <= data.len() as u64);
        last = finding.position.byte;
    }
    assert!(report.is_valid() || report.counts.errors + report.counts.fatal > 0);
    if let Ok(reply) = Reply::to(&report, &Options::new(1, "20250102", "0900")) {
        for answer in [&reply.ta1, &reply.x999].into_iter().flatten() {
            ack::read(&answer[..]).expect("what is answered can be read");
        }
        let whole = reply.one_file();
        assert!(whole.is_empty() || document(&whole[..], guide::x220a1()).is_valid());
    }
}
