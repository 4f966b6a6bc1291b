//! Any bytes: the validator ends, its faults lie within the file and in its order, judging twice says the same, and
//! what would be answered can be read.
#![no_main]

use bex::x12::ack::{self, AckOptions};
use bex::fault::Place;
use bex::x12::validate::document;
use bex::x12::guide;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let report = document(data, guide::x220a1());
    assert_eq!(report, document(data, guide::x220a1()));
    assert_eq!(report.faults.len(), report.notes.len());
    let mut last = 0;
    for fault in &report.faults {
        if let Place::X12(place) = fault.place {
            assert!(place.byte >= last && place.byte <= data.len() as u64);
            last = place.byte;
        }
    }
    assert!(report.is_valid() || report.counts.errors + report.counts.fatal > 0);
    if let Ok((ta1, functional)) = acks::write(&report, &AckOptions::new(1, "20250102", "0900")) {
        for answer in [ta1, functional].iter().filter(|answer| !answer.is_empty()) {
            acks::read(&answer[..]).expect("what is answered can be read");
        }
    }
});
