//! Whether a family can stand in the file: its loops are written into a file of their own and judged, before anything
//! is said to anybody.

use std::io::{self, Read};

use super::context::FeedContext;
use crate::fault::{Fault, Severity};
use crate::model::enrollment::FamilyChange;
use crate::t834::{self, Header};
use crate::x12::Reader;
use crate::x12::validate::Validator;

/// Writes and judges families, one after the other.
///
/// Its reader goes on from one family's file to the next as if they were one: a reader of its own for each would clear
/// a buffer of a quarter of a megabyte for a kilobyte of text. Its validator begins again for each, since most of what
/// it is made of is made of the guide.
pub(super) struct Rehearsal<'r> {
    context: &'r FeedContext<'r>,
    header: &'r Header,
    reader: Reader<Handed>,
    validator: Validator<'r>,
}

impl<'r> Rehearsal<'r> {
    pub fn new(context: &'r FeedContext<'r>, header: &'r Header) -> Rehearsal<'r> {
        let validator = Validator::new(&context.compiled.guide);
        Rehearsal { context, header, reader: Reader::new(Handed::default()), validator }
    }

    /// What keeps a family out of the file, if anything.
    pub fn refusal(&mut self, written: &FamilyChange) -> Option<Fault> {
        // What was arranged by hand stands in no file.
        if written.members.is_empty() {
            return None;
        }
        let compiled = &self.context.compiled;
        let disclosed = compiled.policy.disclose(written);
        let alone = disclosed.and_then(|family| Ok(t834::alone(compiled.style, self.header, &family)?));
        alone.map_or_else(Some, |bytes| self.judged(bytes))
    }

    /// The first error in a file.
    fn judged(&mut self, bytes: Vec<u8>) -> Option<Fault> {
        // No value holds a separator. The reader is asked for just so many, and so never finds the end.
        let terminator = self.context.compiled.style.separators.terminator;
        let segments = bytes.iter().filter(|byte| **byte == terminator).count();
        *self.reader.get_mut() = Handed { bytes, at: 0 };
        self.validator.restart();
        for _ in 0..segments {
            match self.reader.next_segment() {
                Ok(Some(segment)) => drop(self.validator.push(&segment)),
                Ok(None) => break,
                Err(error) => {
                    // It gives no more segments after an error, whatever it is handed.
                    self.validator.stop(&error);
                    self.reader = Reader::new(Handed::default());
                    break;
                }
            }
        }
        let found = self.validator.findings().iter().map(|finding| (finding.position.in_file(), Fault::from(finding)));
        let errors = found.filter(|(_, fault)| fault.severity >= Severity::Error);
        errors.min_by_key(|(place, _)| *place).map(|(_, fault)| fault)
    }
}

/// The file that is being judged.
#[derive(Default)]
struct Handed {
    bytes: Vec<u8>,
    at: usize,
}

impl Read for Handed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = (&self.bytes[self.at..]).read(into)?;
        self.at += count;
        Ok(count)
    }
}
