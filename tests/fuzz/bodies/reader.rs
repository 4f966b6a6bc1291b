//! Any bytes: the reader ends, its places lie within the file, and what it hands out does not depend on how the bytes
//! arrive.

use std::io::Read;

use x12::Reader;

use crate::dribble::Dribble;

/// Where a segment begins, what it holds, and how many elements it has.
type SegmentRead = (u64, Vec<u8>, usize);

/// Every segment, and the code of the fault that ended the reading.
fn read(source: impl Read, whole: &[u8]) -> (Vec<SegmentRead>, Option<&'static str>) {
    let mut reader = Reader::new(source);
    let mut segments = Vec::new();
    loop {
        match reader.next_segment() {
            Ok(Some(segment)) => {
                let begin = segment.byte() as usize;
                assert_eq!(&whole[begin..begin + segment.raw().len()], segment.raw());
                let elements: usize = segment.elements().map(<[u8]>::len).sum();
                assert_eq!(elements + segment.tag().len() + segment.len(), segment.raw().len());
                assert_eq!(segment.ordinal(), segments.len() as u64 + 1);
                segments.push((segment.byte(), segment.raw().to_vec(), segment.len()));
            }
            Ok(None) => return (segments, None),
            Err(error) => return (segments, Some(error.code())),
        }
    }
}

/// What holds of every input.
pub fn holds(data: &[u8]) {
    let whole = read(data, data);
    let size = usize::from(data.first().copied().unwrap_or(1)).max(1);
    assert_eq!(whole, read(Dribble(data, size), data));
}
