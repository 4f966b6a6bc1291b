//! Any text: it is read as a guide or refused with a line, and whatever guide that was, judging by it ends.

use x12::ErrorKind;
use x12::guide::Guide;
use x12::validate::document;

/// A set with segments that guides of any kind may have a place for.
const FILE: &[u8] = include_bytes!("guide.x12");

/// What holds of every input.
pub fn holds(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Guide::parse(text) {
        Ok(guide) => {
            let report = document(FILE, &guide);
            assert!(report.totals.segments > 0);
        }
        Err(error) => match error.kind() {
            ErrorKind::Guide { line } => assert!(*line <= text.lines().count()),
            other => panic!("{other:?}"),
        },
    }
}
