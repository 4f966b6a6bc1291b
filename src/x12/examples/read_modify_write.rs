//! Copies a file from standard input to standard output with one plan's code replaced by another's.

use x12::{Reader, SegmentBuf, Writer};

fn main() -> Result<(), x12::Error> {
    let (mut reader, mut writer) = (Reader::new(std::io::stdin()), Writer::new(std::io::stdout()));
    let mut segment = SegmentBuf::default();
    while reader.read_segment(&mut segment)? {
        if segment.tag() == b"HD" && segment.element(4) == b"PLANA" {
            segment.set(4, "PLANB")?;
        }
        writer.copy(&segment.as_segment())?;
    }
    Ok(writer.finish().map(drop)?)
}
