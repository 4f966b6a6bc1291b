//! A file's loops while they are decided: each family is written once, and judged where it stands. What stands around
//! them, which only the whole of them says, is written at the end.

use std::io::{self, Read, Write as _};

use super::context::FeedContext;
use crate::carrier::Numbered;
use crate::crypt::rules::NOT_SPOOLED;
use crate::crypt::spool::{Spool, SpoolReader, Spooled};
use crate::fault::Fault;
use crate::gate::Expected;
use crate::model::enrollment::{Enrolled, FamilyChange, Maintenance};
use crate::model::phi::Phi;
use crate::store::DeliveryRow;
use crate::t834::{self, Header, Totals};

/// A family's loops as they stand in a file.
pub(super) struct WrittenLoops {
    pub bytes: Vec<u8>,
    pub segments: u64,
    pub totals: Totals,
    /// By which number the carrier finds the family.
    pub found_by: Phi<String>,
    /// Whether all cover of somebody in it ends.
    pub ends: bool,
}

/// Loops on their way into a file.
pub(super) struct FileBody {
    /// A full file: nobody stands before others in it.
    full: bool,
    /// Families in which somebody's cover ends altogether: they stand before all others.
    ending: Spool,
    others: Spool,
    has_ends: bool,
    segments: u64,
    totals: Totals,
    expected: Expected,
}

impl FileBody {
    /// Nobody stands in it yet.
    pub fn new(context: &FeedContext, header: &Header) -> FileBody {
        let spool = || Spool::new(&context.engine.spool_folder());
        FileBody {
            full: context.is_full(),
            ending: spool(),
            others: spool(),
            has_ends: false,
            segments: 0,
            totals: Totals::default(),
            expected: Expected::new(&context.compiled.policy, header, Totals::default()),
        }
    }

    /// The next family, in the order of keys, with what the carrier knows of it once its loops are read.
    ///
    /// # Errors
    /// SPO001.
    pub fn add(&mut self, loops: &WrittenLoops, known: &Enrolled) -> Result<(), Fault> {
        let ends = !self.full && loops.ends;
        let into = if ends { &mut self.ending } else { &mut self.others };
        into.write_all(&loops.bytes).map_err(|_| NOT_SPOOLED.fault())?;
        self.has_ends |= ends;
        self.segments += loops.segments;
        self.totals.subscribers += loops.totals.subscribers;
        self.totals.dependents += loops.totals.dependents;
        self.expected.family(known, &loops.found_by);
        Ok(())
    }

    /// Whether somebody's cover ends in it.
    pub fn has_ends(&self) -> bool {
        self.has_ends
    }

    /// How many subscribers and dependents stand in it by now.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// Ends gathering.
    ///
    /// # Errors
    /// SPO001.
    pub fn finish(self) -> Result<WrittenBody, Fault> {
        let FileBody { ending, others, segments, expected, .. } = self;
        Ok(WrittenBody { ending: ending.finish()?, others: others.finish()?, segments, expected })
    }
}

/// Whether a file says of somebody that all cover ends.
pub(super) fn ends_for_somebody(change: &FamilyChange) -> bool {
    change.members.iter().any(|member| member.maintenance == Maintenance::Terminate)
}

/// All loops of a file.
pub(super) struct WrittenBody {
    ending: Spooled,
    others: Spooled,
    segments: u64,
    expected: Expected,
}

impl WrittenBody {
    /// The whole file of a numbered delivery.
    ///
    /// # Errors
    /// SPO001; a configured name that cannot be written.
    pub fn built(self, context: &FeedContext, row: &DeliveryRow) -> Result<Built, Fault> {
        let numbered = Numbered::of(row);
        let (header, totals) = (context.header(&numbered), numbered.totals);
        let around = t834::around(context.compiled.style, &header, totals, self.segments)?;
        let spooled = |bytes: &[u8]| -> Result<Spooled, Fault> {
            let mut spool = Spool::new(&context.engine.spool_folder());
            spool.write_all(bytes).map_err(|_| NOT_SPOOLED.fault())?;
            spool.finish()
        };
        let parts = vec![spooled(&around.head)?, self.ending, self.others, spooled(&around.tail)?];
        Ok(Built { parts, expected: self.expected.numbered(&header, totals) })
    }
}

/// Finished bytes, and what they must consist of.
pub(super) struct Built {
    parts: Vec<Spooled>,
    pub expected: Expected,
}

impl Built {
    /// A file that was written as one.
    pub fn whole(spooled: Spooled, expected: Expected) -> Built {
        Built { parts: vec![spooled], expected }
    }

    /// Reads the bytes from their beginning, as often as is asked for.
    pub fn open(&self) -> BuiltReader {
        BuiltReader { parts: self.parts.iter().rev().map(Spooled::open).collect() }
    }
}

/// Reads a file part by part; the next is the last of them.
pub(super) struct BuiltReader {
    parts: Vec<SpoolReader>,
}

impl Read for BuiltReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while let Some(part) = self.parts.last_mut() {
            let count = part.read(into)?;
            if count > 0 || into.is_empty() {
                return Ok(count);
            }
            self.parts.pop();
        }
        Ok(0)
    }
}
