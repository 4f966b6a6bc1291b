//! Files that an employer has sealed or packed before sending them: an age file for this site's archive key, or a zip
//! with one file in it. What is inside is read as if it had come by itself. Of a ciphertext nothing is read before all
//! of it has been verified, to its end.

use std::io::{self, Read};

use crate::crypt::age::decrypt;
use crate::engine::Engine;
use crate::fault::{Fault, Label, Place};
use crate::intake::rules;
use crate::mapping::format::FileForm;
use crate::model::source::{SourceKind, SourceRef};
use crate::rows::packed;

/// How files begin that hold another one.
const AGE: &[u8] = b"age-encryption.org/v1";
const ARMOR: &[u8] = b"-----BEGIN AGE";
const ZIP: &[u8] = b"PK\x03\x04";
const EMPTY_ZIP: &[u8] = b"PK\x05\x06";

/// Bytes by which a file is known.
const BEGINNING: u64 = 32;

/// Opens a file at its beginning.
pub(super) type Opener<'o, 'r> = dyn Fn() -> Result<Box<dyn Read + 'r>, Fault> + 'o;

/// Whether a source's files are workbooks.
fn is_workbook(engine: &Engine, source: &str) -> bool {
    let form = SourceRef::parse(source).and_then(|SourceRef { kind, name }| match kind {
        SourceKind::Census => engine.site.census.get(&name).map(|mapping| mapping.format.form),
        SourceKind::Elections => engine.site.elections.get(&name).map(|mapping| mapping.format.form),
    });
    form == Some(FileForm::Workbook)
}

/// What a file holds, opened at its beginning: itself, where it is wrapped in nothing. `source` is whose file it is.
///
/// # Errors
/// What `open` says; INT026 when a ciphertext is not for this site, was altered or cut off, or a zip holds anything but
/// one plain file.
pub(super) fn unwrapped<'r>(
    engine: &'r Engine,
    source: &str,
    open: &Opener<'_, 'r>,
) -> Result<Box<dyn Read + 'r>, Fault> {
    let refused = |why: &str| rules::WRAPPED.at(Place::Named(Label::new(source))).name("because", why);
    let mut beginning = Vec::new();
    let mut file = open()?;
    // What cannot be read now is said by whoever reads the rest.
    let _ = file.by_ref().take(BEGINNING).read_to_end(&mut beginning);
    if beginning.starts_with(ARMOR) {
        return Err(refused("armored text"));
    }
    if beginning.starts_with(AGE) {
        let sealed = || decrypt(&engine.archive, open()?).map_err(|_| refused("not for this site"));
        // Read through once, and thrown away: chunks come out before the end shows that none is missing.
        io::copy(&mut sealed()?, &mut io::sink()).map_err(|_| refused("altered or cut off"))?;
        return Ok(Box::new(sealed()?));
    }
    let is_zip = beginning.starts_with(ZIP) || beginning.starts_with(EMPTY_ZIP);
    if is_zip {
        return match packed(open()?) {
            Some(Ok(inside)) => Ok(Box::new(io::Cursor::new(inside))),
            // A workbook is a zip, too, and is judged and read as it is.
            Some(Err(_)) if !is_workbook(engine, source) => Err(refused("no zip of one plain file")),
            _ => open(),
        };
    }
    Ok(Box::new(io::Cursor::new(beginning).chain(file)))
}
