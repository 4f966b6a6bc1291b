//! The log at work: looked at before anything is sent, signed when a process ends, settled by a person where it is not
//! what it should be.
#![allow(clippy::disallowed_methods, reason = "an edge: this module looks for the log's key and hashes sealed files")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::engine::Engine;
use super::open_site::{OpenSite, key_reference};
use super::typed::TypedText;
use crate::access::{Permit, Recover};
use crate::audit::{Action, Event, VerifierKey, moment_of_leaf, rules};
use crate::config::Site;
use crate::crypt::keyring;
use crate::crypt::signer::LogSigner;
use crate::fault::Fault;
use crate::mapping::{Environment, KeyRef};
use crate::model::ids::hex;
use crate::store::{Change, DetailRow, SCHEMA, Store};
use crate::verify::{
    Deviating, Examination, Examined, Part, Settlement, Witnessed, anchor_tree, configuration_digest, examine,
    file_sha256, glance, latch, newest_witnessed, noted_schema, settle, write_checkpoint,
};

/// What sealed reasons are bound to that stand beside a record of the log.
pub const LOG_REASON: &[u8] = b"log/reason";

/// Whether a store has ever been a production site's, by its own mark or by any record of its log.
///
/// # Errors
/// STO001.
pub fn was_production(store: &Store, found: &Examination) -> Result<bool, Fault> {
    Ok(found.production || store.is_production()?)
}

/// What a site's log is held against, by whoever has this key to tell its signatures by.
pub(super) fn examined<'e>(site: &Site, store: &'e Store, key: Option<&'e VerifierKey>) -> Examined<'e> {
    let witness = site.audit.witness.as_ref().map(|file| site.root.join(file));
    Examined { store, key, anchor: anchor(site), witness, state: site.state(), mirror: site.key_mirror() }
}

impl OpenSite {
    /// What its log is held against.
    pub fn examined(&self) -> Examined<'_> {
        let key = self.signer.as_ref().map(|signer| signer.verifier());
        examined(&self.site, &self.store, key)
    }

    /// Refuses to go on with a store that is not what its log says, now and until a person has settled it.
    pub(super) fn check_record(&self) -> Result<(), Fault> {
        let examined = self.examined();
        self.take_over_schema(&examined)?;
        let mut found = glance(&examined)?;
        self.look_at_key(&mut found);
        if !found.findings.is_empty() {
            latch(&self.store, &examined.state, &found, &self.clock.stamp());
        }
        if let Some(code) = &found.doubt {
            return Err(rules::DOUBTED.fault().name("found", code));
        }
        if let Some(first) = found.findings.first() {
            return Err(first.fault.clone().count("findings", found.findings.len() as u64));
        }
        self.sound.set(true);
        self.keep_environment(&found)?;
        self.note_configuration(&found)
    }

    /// What holds for real people holds as long as they are in the store.
    fn keep_environment(&self, found: &Examination) -> Result<(), Fault> {
        let changed = Event::new(Action::SettingChanged).name("setting", "site environment");
        if self.site.environment == Environment::Test {
            if !was_production(&self.store, found)? {
                return Ok(());
            }
            // Kept, so that whoever signs for the day sees that somebody has tried.
            let refused = super::rules::ONCE_PRODUCTION.fault();
            let tried = changed.name("was", "production").name("now", "test").name("code", refused.code);
            self.change()?.commit(&[tried])?;
            return Err(refused);
        }
        if self.store.is_counted_production()? {
            return Ok(());
        }
        let mut change = self.change()?;
        change.begin_production()?;
        change.commit(&[changed.name("now", "production")])
    }

    /// Names rows that a newer schema has written. Whose log knows this schema already has no such rows: the count in
    /// the store was lowered by somebody else.
    fn take_over_schema(&self, examined: &Examined) -> Result<(), Fault> {
        if !self.store.is_of_older_schema()? {
            return Ok(());
        }
        if noted_schema(examined)? == Some(SCHEMA) {
            let mut found = Examination::default();
            found.findings.push(Deviating::of_log(rules::ANOTHER_ROOT.fault()));
            latch(&self.store, &examined.state, &found, &self.clock.stamp());
            return Err(rules::ANOTHER_ROOT.fault());
        }
        self.store.take_over_schema(&self.clock.stamp())
    }

    /// What was sealed to one key cannot be opened with another, and a new one may be somebody else's. Whoever has none
    /// leaves that to whoever has one.
    fn look_at_key(&self, found: &mut Examination) {
        let differs = found.archive_key.as_ref().zip(self.archive_print.as_ref()).is_some_and(|(was, now)| was != now);
        if differs {
            found.findings.push(Deviating::of_key());
        }
    }

    /// Writes into the log that the site's files, or the archive's key, are others than before.
    fn note_configuration(&self, found: &Examination) -> Result<(), Fault> {
        let key = self.archive_print.clone().or_else(|| found.archive_key.clone());
        let Some((key, digest)) = key.zip(configuration_digest(&self.site.root)) else { return Ok(()) };
        let noted = (found.configuration.as_deref(), found.archive_key.as_deref(), found.schema);
        if noted == (Some(&*digest), Some(&*key), Some(SCHEMA)) {
            return Ok(());
        }
        self.change()?.commit(&[configured(&digest, &key)])
    }

    /// Signs the tree as it is, and keeps the note; none while there is no leaf.
    ///
    /// # Errors
    /// STO001; LOG012; LOG013.
    pub fn sign_log(&self) -> Result<Option<String>, Fault> {
        let signer = self.signer.as_ref().ok_or_else(|| rules::NO_SIGNER.fault())?;
        write_checkpoint(&self.examined(), signer, &self.clock.stamp())
    }

    /// Signs the tree as it is and keeps the note in the anchor's folder, where there is one: before anything is sent,
    /// so that a machine put back to the moment before cannot send it again unnoticed.
    ///
    /// # Errors
    /// STO001; LOG012; LOG013.
    pub fn anchor_log(&self) -> Result<(), Fault> {
        let examined = self.examined();
        if examined.anchor.is_none() {
            return Ok(());
        }
        let signer = self.signer.as_ref().ok_or_else(|| rules::NO_SIGNER.fault())?;
        anchor_tree(&examined, signer)
    }

    /// The newest checkpoint that the log's witness has signed, as far as its signatures lie in the anchor; none where
    /// there is no witness.
    ///
    /// # Errors
    /// STO001; LOG012.
    pub fn witnessed(&self) -> Result<Option<Witnessed>, Fault> {
        let key = public_log_key(&self.site);
        newest_witnessed(&Examined { key: key.as_ref(), ..self.examined() })
    }

    /// An event that names a sealed file of the archive, with its digest.
    pub fn archived(&self, event: Event, archive: &str) -> Event {
        let digest = file_sha256(&self.archive_folder().join(archive)).ok();
        let event = event.name("archive", archive);
        // A file that cannot be read is missed by whoever needs it next.
        digest.map_or(event.clone(), |digest| event.name("sha256", &digest))
    }
}

impl Engine {
    /// Keeps why a person does something with the first record of a change: sealed, because people write names there.
    ///
    /// # Errors
    /// As [`Engine::seal_typed`].
    pub fn keep_reason(&self, change: &mut Change, reason: &str) -> Result<(), Fault> {
        let text = TypedText { at: &change.at(), context: LOG_REASON, record: change.next_record() };
        change.keep_detail(&self.seal_typed(text, reason.as_bytes())?)
    }

    /// Records that somebody has read of members by name, and why: as `record_read`, sealed with a reason.
    ///
    /// # Errors
    /// STO001; the vault's.
    pub fn record_read_because(&self, act: &'static str, of: &str, reason: &str) -> Result<(), Fault> {
        let event = Event::new(Action::DecisionsRead).name("act", act).name("of", of);
        let mut change = self.change()?;
        self.keep_reason(&mut change, reason)?;
        self.commit(change, &[event.name("by", self.actor.person().as_str()).name("people", "by name")])
    }

    /// Why people did what these records say, by the records' numbers.
    ///
    /// # Errors
    /// STO001; the vault's.
    pub fn reasons(&self, first: i64, limit: i64) -> Result<BTreeMap<i64, String>, Fault> {
        let mut reasons = BTreeMap::new();
        for DetailRow { seq, sealed, leaf } in self.store.details(first, limit)? {
            let text = TypedText { at: &moment_of_leaf(&leaf), context: LOG_REASON, record: seq };
            reasons.insert(seq, self.open_typed(text, &sealed)?.words().to_string());
        }
        Ok(reasons)
    }
}

fn configured(digest: &str, key: &str) -> Event {
    Event::new(Action::LogConfigured).name("configuration", digest).name("archive_key", key).count("schema", SCHEMA)
}

impl Drop for OpenSite {
    /// Every command that changes something ends with a checkpoint, however it ends.
    fn drop(&mut self) {
        // What was not looked at, or was found to be otherwise, gets no signature.
        if !self.sound.get() {
            return;
        }
        if let Err(fault) = self.sign_log() {
            tracing::error!(code = fault.code, "the log could not be signed; the next command signs it");
        }
    }
}

/// What a site's log is verified by, where its public half lies beside the key.
pub fn public_log_key(site: &Site) -> Option<VerifierKey> {
    let public = site.key_path(&site.keys.log)?.with_extension("pub");
    VerifierKey::parse(&std::fs::read_to_string(public).ok()?)
}

/// The folder in which checkpoints are kept besides the store.
fn anchor(site: &Site) -> Option<PathBuf> {
    site.audit.anchor.as_ref().map(|folder| site.root.join(folder))
}

/// The log's signer. A site of an earlier version has none yet; one whose log is signed already must have it.
pub(super) fn signer(site: &Site, store: &Store) -> Result<LogSigner, Fault> {
    let reference = key_reference(&site.root, &site.keys.log);
    let KeyRef::File(path) = &site.keys.log else { return LogSigner::read(&reference) };
    let path = site.root.join(path);
    if path.symlink_metadata().is_ok() {
        let signer = LogSigner::read(&reference)?;
        // A process that died between the two files has left the private half alone.
        if path.with_extension("pub").symlink_metadata().is_ok_and(|public| public.len() > 0) {
            return Ok(signer);
        }
        return signer.publish(&path).map(|()| signer);
    }
    // Making another key here would let whoever took the first one away sign as this site.
    if store.checkpoint_before(i64::MAX.unsigned_abs())?.is_some() {
        return Err(rules::NO_SIGNER.fault());
    }
    make_log_key(&site.root, &path)
}

/// A new key for a site's log, called after the site's folder, with its public half beside it.
///
/// # Errors
/// `KEY007` when the files cannot be written; `KEY008` without randomness.
pub fn make_log_key(root: &Path, path: &Path) -> Result<LogSigner, Fault> {
    let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let folder = root.file_name().and_then(|name| name.to_str()).unwrap_or("site").to_ascii_lowercase();
    let plain: String = folder.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let name = format!("bex/{plain}-{}", hex(&*keyring::random::<4>()?));
    let signer = LogSigner::create(path, &name)?;
    signer.publish(path)?;
    Ok(signer)
}

/// Examines everything, for whoever may have to settle it.
///
/// # Errors
/// STO001; LOG012.
pub fn read_examination(engine: &Engine) -> Result<Examination, Fault> {
    let mut found = examine(&engine.examined(), Part::WHOLE)?;
    engine.look_at_key(&mut found);
    Ok(found)
}

/// Takes what was found as it stands, for a reason, and lets work go on.
///
/// # Errors
/// STO001.
pub fn settle_record(
    engine: &Engine,
    found: &Examination,
    reason: &str,
    permit: &Permit<Recover>,
) -> Result<(), Fault> {
    let at = engine.clock.stamp();
    let reason = |record: i64| {
        let sealed = engine.seal_typed(TypedText { at: &at, context: LOG_REASON, record }, reason.as_bytes())?;
        // A reason must not outlive the key that it opens with.
        engine.families.settle().map(|()| sealed)
    };
    let settlement = Settlement { findings: &found.findings, reason: &reason, permit, at: &at };
    settle(&engine.store, &engine.site.state(), &settlement)?;
    engine.sound.set(true);
    engine.note_configuration(&Examination::default())
}
