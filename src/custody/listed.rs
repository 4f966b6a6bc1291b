//! The keys of a site: what each is for, by what people tell it from others, and since when it has stood there.
#![allow(clippy::disallowed_methods, reason = "an edge: this module asks since when key files have stood there")]

use std::path::Path;

use chrono::{DateTime, Utc};

use crate::crypt::age::{Identity, Recipient};
use crate::crypt::openpgp::OpenPgpKey;
use crate::crypt::rules::KEY_UNREADABLE;
use crate::crypt::vault_file::VaultKeys;
use crate::engine::{AnySite, OpenSite, key_reference, public_log_key};
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
    /// By which people tell it from others; empty where that would take the carrier, or the key and it is not here.
    pub fingerprint: String,
    /// To whom others seal, where that is what the key opens and it is known here.
    pub recipient: Option<String>,
    /// The day on which its file was last written.
    pub since: Option<String>,
}

/// Every key of a site, those that are not here among them.
///
/// # Errors
/// As of reading them, but for one that is not here.
pub fn listed_keys(site: AnySite<'_>) -> Result<Vec<ListedKey>, Fault> {
    let (root, keys) = (&site.site.root, &site.site.keys);
    let list = |name: &str, does: &'static str, key: &KeyRef, fingerprint: String| ListedKey {
        name: name.to_string(),
        does,
        place: place(key),
        fingerprint,
        recipient: None,
        since: since(root, key),
    };
    let vault = if_here(VaultKeys::read(&key_reference(root, &keys.vault)))?;
    let print = vault.as_ref().map(VaultKeys::fingerprint).unwrap_or_default();
    let mut found = vec![list("vault", "seals records", &keys.vault, print)];
    // What is here still opens records: whoever takes it away now cannot read them.
    let before = vault.iter().flat_map(VaultKeys::fingerprints_before);
    found.extend(before.map(|print| list("vault", "opens what has not moved yet", &keys.vault, print)));
    let recipient = archive_recipient(site)?;
    let print = recipient.as_ref().map(Recipient::fingerprint).unwrap_or_default();
    let archive = list("archive", "opens what was taken in", &keys.archive, print);
    found.push(ListedKey { recipient: recipient.map(|recipient| recipient.to_string()), ..archive });
    if let Some(reference) = &keys.openpgp {
        found.push(list("openpgp", "opens employers' files", reference, openpgp_print(site, reference)?));
    }
    let log = public_log_key(&site.site).map(|key| hex(&key.hash())).unwrap_or_default();
    found.push(list("log", "signs checkpoints", &keys.log, log));
    found.extend(of_their_own(&site));
    for carrier in site.site.carriers.values() {
        let Way::Sftp(sftp) = &carrier.delivery.way else { continue };
        let logins = [(&sftp.login_key, "logs in"), (&sftp.password, "logs in, a password")];
        let named = logins.into_iter().filter_map(|(key, does)| Some((key.as_ref()?, does)));
        found.extend(named.map(|(key, does)| list(carrier.name.as_str(), does, key, String::new())));
    }
    Ok(found)
}

/// The keys that families and files have of their own, which no backup has, and the mirror of them.
fn of_their_own(site: &OpenSite) -> Vec<ListedKey> {
    let keys = |name: &str, does: &'static str, place: &str| ListedKey {
        name: name.to_string(),
        does,
        place: place.to_string(),
        fingerprint: String::new(),
        recipient: None,
        since: since(&site.site.root, &KeyRef::File(place.to_string())),
    };
    let mirror = site.site.keys.mirror.as_deref();
    let mirror = mirror.map(|folder| keys("mirror", "both of these once more", folder));
    let families = keys("families", "open records, with the vault", "state/file-keys/families");
    let own = [families, keys("files", "open what is archived", "state/file-keys")];
    own.into_iter().chain(mirror).collect()
}

/// The archive's public half, out of the key where that is here, or as it is configured.
fn archive_recipient(site: AnySite<'_>) -> Result<Option<Recipient>, Fault> {
    // A pipe is read once, and whoever has opened the site has read it.
    if let AnySite::Keyed(engine) = site {
        return Ok(Some(engine.archive.recipient()));
    }
    let keys = &site.site.keys;
    let key = if_here(Identity::read(&key_reference(&site.site.root, &keys.archive)))?;
    let configured = keys.archive_recipient.as_deref().map(Recipient::parse);
    key.map_or(configured, |key| Some(Ok(key.recipient()))).transpose()
}

fn openpgp_print(site: AnySite<'_>, reference: &KeyRef) -> Result<String, Fault> {
    let print = |key: &OpenPgpKey| key.fingerprint().to_string();
    if let AnySite::Keyed(engine) = site {
        return Ok(engine.openpgp.as_ref().map(print).unwrap_or_default());
    }
    let key = if_here(OpenPgpKey::read(&key_reference(&site.site.root, reference)))?;
    Ok(key.as_ref().map(print).unwrap_or_default())
}

/// A key, where it is here.
fn if_here<K>(read: Result<K, Fault>) -> Result<Option<K>, Fault> {
    match read {
        Err(missing) if missing.is(&KEY_UNREADABLE) => Ok(None),
        read => read.map(Some),
    }
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
