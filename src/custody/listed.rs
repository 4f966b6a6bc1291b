//! The keys of a site: what each is for, by what people tell it from others, and since when it has stood there.
#![allow(clippy::disallowed_methods, reason = "an edge: this module asks since when key files have stood there")]

use std::path::Path;

use chrono::{DateTime, Utc};

use crate::crypt::vault_file::VaultKeys;
use crate::engine::{Engine, key_reference};
use crate::fault::Fault;
use crate::mapping::{KeyRef, Way};
use crate::model::ids::hex;

/// One line of `bex keys list`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedKey {
    /// Whose: `vault`, `archive`, `openpgp`, `log`, `families`, `files`, `mirror`, or a carrier's name.
    pub name: String,
    /// In three or four words.
    pub does: &'static str,
    /// Where it is: a path below the site, or a descriptor.
    pub place: String,
    /// By which people tell it from others; empty where that would take the carrier.
    pub fingerprint: String,
    /// The day on which its file was last written.
    pub since: Option<String>,
}

/// Every key of a site.
///
/// # Errors
/// As of reading the vault's.
pub fn listed_keys(engine: &Engine) -> Result<Vec<ListedKey>, Fault> {
    let keys = &engine.site.keys;
    let vault = VaultKeys::read(&key_reference(&engine.site.root, &keys.vault))?;
    let list = |name: &str, does: &'static str, key: &KeyRef, fingerprint: String| ListedKey {
        name: name.to_string(),
        does,
        place: place(key),
        fingerprint,
        since: since(&engine.site.root, key),
    };
    let mut found = vec![list("vault", "seals records", &keys.vault, vault.fingerprint())];
    // What is here still opens records: whoever takes it away now cannot read them.
    let before = vault.fingerprints_before().into_iter();
    found.extend(before.map(|print| list("vault", "opens what has not moved yet", &keys.vault, print)));
    let archive = engine.archive.recipient().fingerprint();
    found.push(list("archive", "opens what was taken in", &keys.archive, archive));
    if let (Some(reference), Some(key)) = (&keys.openpgp, &engine.openpgp) {
        found.push(list("openpgp", "opens employers' files", reference, key.fingerprint().to_string()));
    }
    let log = engine.examined().key.map(|key| hex(&key.hash())).unwrap_or_default();
    found.push(list("log", "signs checkpoints", &keys.log, log));
    found.extend(of_their_own(engine));
    for carrier in engine.site.carriers.values() {
        let Way::Sftp(sftp) = &carrier.delivery.way else { continue };
        let logins = [(&sftp.login_key, "logs in"), (&sftp.password, "logs in, a password")];
        let named = logins.into_iter().filter_map(|(key, does)| Some((key.as_ref()?, does)));
        found.extend(named.map(|(key, does)| list(carrier.name.as_str(), does, key, String::new())));
    }
    Ok(found)
}

/// The keys that families and files have of their own, which no backup has, and the mirror of them.
fn of_their_own(engine: &Engine) -> Vec<ListedKey> {
    let keys = |name: &str, does: &'static str, place: &str| ListedKey {
        name: name.to_string(),
        does,
        place: place.to_string(),
        fingerprint: String::new(),
        since: since(&engine.site.root, &KeyRef::File(place.to_string())),
    };
    let mirror = engine.site.keys.mirror.as_deref();
    let mirror = mirror.map(|folder| keys("mirror", "both of these once more", folder));
    let families = keys("families", "open records, with the vault", "state/file-keys/families");
    let own = [families, keys("files", "open what is archived", "state/file-keys")];
    own.into_iter().chain(mirror).collect()
}

fn place(key: &KeyRef) -> String {
    match key {
        KeyRef::File(path) => path.clone(),
        KeyRef::Descriptor(number) => format!("fd:{number}"),
    }
}

fn since(root: &Path, key: &KeyRef) -> Option<String> {
    let KeyRef::File(path) = key else { return None };
    let written = std::fs::metadata(root.join(path)).and_then(|metadata| metadata.modified()).ok()?;
    Some(DateTime::<Utc>::from(written).date_naive().to_string())
}
