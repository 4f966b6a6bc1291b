//! Files that an employer has sealed or packed before sending them: an age file for this site's archive key, an OpenPGP
//! message for its OpenPGP key, or a zip with one file in it. What is inside is read as if it had come by itself. Of a
//! ciphertext nothing is read before all of it has been verified, to its end.

use std::io::{self, Read};

use super::source::source;
use crate::crypt::age::decrypt;
use crate::crypt::openpgp::{MessageRules, OpenedMessage, SigningKeys, Unread, is_message};
use crate::engine::Engine;
use crate::fault::{Fault, Label, Place};
use crate::intake::rules;
use crate::mapping::SourceWay;
use crate::mapping::format::FileForm;
use crate::model::source::{SourceKind, SourceRef};
use crate::rows::packed;
use crate::rows::rules::INFLATES;

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
        SourceKind::Census => engine.site.census.get(&name).map(|mapping| {
            // Of several files, what is one is read as its part declares, whichever it is.
            let parts = mapping.parts.iter().flat_map(|set| &set.parts).map(|part| part.mapping.format.form);
            parts.chain([mapping.format.form]).find(|form| *form == FileForm::Workbook).unwrap_or_default()
        }),
        SourceKind::Elections => engine.site.elections.get(&name).map(|mapping| mapping.format.form),
    });
    form == Some(FileForm::Workbook)
}

/// Whether it is still to be shown who has signed a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SignatureCheck {
    /// It is: of what has not been applied.
    Due,
    /// What was applied was shown then, or came before a key was declared: it is read to explain what came of it.
    Past,
}

/// Who must have signed the files of a source; nobody, where none is declared, or where they are no files.
///
/// # Errors
/// KEY002 and KEY006 when the declared keys cannot be read.
fn signers(engine: &Engine, name: &str) -> Result<Option<SigningKeys>, Fault> {
    let Some(files) = source(engine, name).filter(|files| !matches!(files.arrival, SourceWay::Query(_))) else {
        return Ok(None);
    };
    let declared = engine.site.employers.get(files.employer).and_then(|employer| employer.signed_by.as_ref());
    let read = declared.map(|keys| SigningKeys::read(&engine.site.root.join(&keys.file), &keys.fingerprints));
    read.transpose()
}

/// The file in an OpenPGP message, read through once before any of it is given to anybody.
fn of_openpgp<'r>(
    engine: &'r Engine,
    name: &str,
    open: &Opener<'_, 'r>,
    signers: Option<&SigningKeys>,
) -> Result<Box<dyn Read + 'r>, Fault> {
    let here = || Place::Named(Label::new(name));
    let key = engine.openpgp.as_ref().ok_or_else(|| rules::NO_OPENPGP.at(here()))?;
    let refused = |unread: Unread| {
        let rule = if unread.is_about_signature() { &rules::NOT_SIGNED } else { &rules::WRAPPED };
        rule.at(here()).name("because", &unread.to_string())
    };
    let bytes_max = source(engine, name).map_or(0, |files| files.limits.file_bytes_max);
    let by = MessageRules { key, signers, bytes_max };
    let mut message = OpenedMessage::open(open()?, &by).map_err(refused)?;
    io::copy(&mut message, &mut io::sink()).map_err(|error| refused(Unread::of(&error)))?;
    // Who has signed it is known by now.
    let again = OpenedMessage::open(open()?, &MessageRules { key, signers: None, bytes_max });
    Ok(Box::new(again.map_err(refused)?))
}

/// What a file holds, opened at its beginning: itself, where it is wrapped in nothing. `source` is whose file it is.
///
/// # Errors
/// What `open` says; INT026 when a ciphertext is not for this site, was altered or cut off, or a zip holds anything but
/// one plain file; INT031 and INT032.
pub(super) fn unwrapped<'r>(
    engine: &'r Engine,
    source: &str,
    open: &Opener<'_, 'r>,
    check: SignatureCheck,
) -> Result<Box<dyn Read + 'r>, Fault> {
    let signers = if check == SignatureCheck::Due { signers(engine, source)? } else { None };
    let refused = |why: &str| rules::WRAPPED.at(Place::Named(Label::new(source))).name("because", why);
    let mut beginning = Vec::new();
    let mut file = open()?;
    // What cannot be read now is said by whoever reads the rest.
    let _ = file.by_ref().take(BEGINNING).read_to_end(&mut beginning);
    if is_message(&beginning) {
        return of_openpgp(engine, source, open, signers.as_ref());
    }
    if signers.is_some() {
        return Err(rules::NOT_SIGNED.at(Place::Named(Label::new(source))).name("because", "no OpenPGP message"));
    }
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
            Some(Err(rule)) if !is_workbook(engine, source) => Err(refused(if *rule == INFLATES {
                "a zip that unpacks to more than is read"
            } else {
                "no zip of one plain file"
            })),
            _ => open(),
        };
    }
    Ok(Box::new(io::Cursor::new(beginning).chain(file)))
}
