//! Copies a file from standard input to standard output with its members' e-mail addresses left out.

use x12::{Reader, SegmentBuf, Writer};

fn main() -> Result<(), x12::Error> {
    let (mut reader, mut writer) = (Reader::new(std::io::stdin()), Writer::new(std::io::stdout()));
    let mut segment = SegmentBuf::default();
    while reader.read_segment(&mut segment)? {
        if segment.tag() == b"PER" && segment.element(5) == b"EM" {
            segment.set(5, "")?;
            segment.set(6, "")?;
        }
        writer.copy(&segment.as_segment())?;
    }
    Ok(writer.finish().map(drop)?)
}
