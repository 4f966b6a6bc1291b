//! A source that is read so far and no further.

use std::io::{self, Read};

use crate::error::{Error, Limit};
use crate::position::Position;

/// A source that is read so far and no further: where it has more, what reads it ends with
/// [`ErrorKind::Limit`](crate::ErrorKind::Limit) at the place it has reached, as a [`Reader`](crate::Reader) does.
///
/// ```
/// use x12::{Bounded, ErrorKind, Limit, Reader};
///
/// let isa = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260302*2100*^*00501*000000001\
///     *0*T*:~";
/// let file = format!("{isa}{}IEA*0*000000001~", "TA1*000000009*260301*2100*A*000~".repeat(9));
/// let segments: Vec<_> = Reader::new(Bounded::new(file.as_bytes(), 300)).into_segments().collect();
/// assert_eq!(segments.len(), 8, "the ISA, six that were read whole, and the error");
/// let error = segments.into_iter().last().expect("an end").unwrap_err();
/// assert_eq!(error.kind(), &ErrorKind::Limit { of: Limit::Bytes, at_most: 300 });
/// assert_eq!(error.position().byte, 298, "the segment that was not");
/// # Ok::<(), x12::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Bounded<R> {
    source: R,
    at_most: u64,
    left: u64,
    exceeded: bool,
}

impl<R: Read> Bounded<R> {
    /// At most so many bytes of a source.
    pub fn new(source: R, at_most: u64) -> Bounded<R> {
        Bounded { source, at_most, left: at_most, exceeded: false }
    }

    /// Whether the source has more than may be read.
    fn has_more(&mut self) -> io::Result<bool> {
        self.exceeded = self.exceeded || self.source.read(&mut [0])? > 0;
        Ok(self.exceeded)
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && self.has_more()? {
            return Err(Error::limit(Limit::Bytes, self.at_most, Position::default()).into());
        }
        let room = into.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let count = self.source.read(&mut into[..room])?;
        self.left -= count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_ends_within_the_bound_ends() {
        for (at_most, fits) in [(0, false), (4, false), (5, true), (6, true)] {
            let mut read = Vec::new();
            let result = Bounded::new(&b"12345"[..], at_most).read_to_end(&mut read);
            assert_eq!((result.is_ok(), read.len() as u64), (fits, at_most.min(5)), "{at_most}");
        }
    }
}
