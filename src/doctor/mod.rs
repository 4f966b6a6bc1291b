//! Hours before the window: whether tonight can be sent. Everything is looked at and nothing is changed, but for a
//! probe that somebody asks for. Touches: clock, keys, files, network, database.
#![allow(clippy::disallowed_methods, reason = "an edge: the doctor looks at files and asks how much room there is")]

use std::collections::BTreeMap;
use std::fs::{metadata, read_dir};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use chrono::{Days, NaiveDate};
use nix::sys::statvfs::statvfs;

use crate::crypt::age::Recipient;
use crate::crypt::rules::{MIRROR_DIFFERS, NO_MIRROR};
use crate::engine::rules::NO_RECIPIENT;
use crate::engine::{AnySite, OpenSite};
use crate::fault::{Fault, Label, Place};
use crate::mapping::{Carrier, Environment, Feed, Publishing, Way};
use crate::run::{
    KnownProfile, clock_is_right, connection, keep_profile, key_is_valid, known_profile, not_held, publishing,
};
use crate::schedule::Moment;
use crate::transport::probe::{Capabilities, RenameOnto, probe};
use crate::transport::{Profile, Transport, TransportError, TransportErrorKind};

pub mod rules;
mod finding;
mod sources;
mod swap;

pub use finding::Finding;
use finding::{unreached, well, wrong};

/// How many days before a key's last day it is said.
const WARN_DAYS: u64 = 30;
/// The least room for a night, in bytes.
const ROOM_BYTES_MIN: u64 = 64 * 1024 * 1024;

/// Looks at the site, and at the carriers of these feeds. `probed` also puts a few small files into their folders and
/// takes them away again.
///
/// # Errors
/// STO001 when the store cannot be read.
pub fn examine(engine: AnySite<'_>, feeds: &[&Feed], probed: bool) -> Result<Vec<Finding>, Fault> {
    let mut findings = vec![environment(&engine)?, configuration(&engine), clock(&engine)?, room(&engine)];
    findings.extend([swap::memory(), keys(engine)]);
    findings.extend(key_mirror(&engine)?);
    findings.extend(witness(&engine)?);
    findings.extend(intake(&engine)?);
    findings.extend(numbers(&engine)?);
    findings.extend(calendars(&engine));
    let carriers: BTreeMap<_, _> =
        feeds.iter().map(|feed| (&feed.carrier, &engine.site.carriers[&feed.carrier])).collect();
    for feed in feeds {
        if let Err(fault) = not_held(&engine, feed.name.as_str()) {
            findings.push(wrong("site", "feeds", fault));
        }
    }
    findings.extend(sources::sources(&engine, feeds));
    for carrier in carriers.values() {
        findings.extend(Visit { engine: &engine, carrier, probed }.all());
    }
    Ok(findings)
}

/// What was a production site's store stays one.
fn environment(engine: &OpenSite) -> Result<Finding, Fault> {
    let configured = engine.site.environment;
    let departs = configured == Environment::Test && engine.store.is_production()?;
    if departs {
        return Ok(wrong("site", "environment", crate::engine::rules::ONCE_PRODUCTION.fault()));
    }
    Ok(well("site", "environment", configured.word().to_string()))
}

/// What was read whole and without an error: otherwise nothing here would be asked.
fn configuration(engine: &OpenSite) -> Finding {
    let (feeds, carriers) = (engine.site.feeds.len(), engine.site.carriers.len());
    well("site", "configuration", format!("feeds {feeds}, carriers {carriers}; `bex check` has its warnings"))
}

/// A clock that stands before what is recorded would write dates that carriers refuse, and so would one that went
/// ahead.
fn clock(engine: &OpenSite) -> Result<Finding, Fault> {
    if let Err(fault) = clock_is_right(engine) {
        return Ok(wrong("site", "clock", fault));
    }
    if let Some(jump) = engine.clock_jump() {
        let fault = rules::CLOCK_WENT.fault().name("expected", &jump.expected).name("shows", &jump.shown);
        return Ok(wrong("site", "clock", fault));
    }
    let newest = engine.store.runs(1)?.into_iter().next();
    let behind =
        newest.as_ref().and_then(|run| Moment::parse(&run.opened_at)).filter(|then| *then > engine.clock.moment());
    Ok(match behind {
        Some(_) => wrong("site", "clock", rules::CLOCK_BEHIND.fault()),
        None => well("site", "clock", engine.clock.stamp()),
    })
}

/// Whether the keys that seal and open are here. Who looks without them cannot say whether the night has them, unless
/// nobody can have them.
fn keys(engine: AnySite<'_>) -> Finding {
    let AnySite::Keyless(site) = engine else { return well("site", "keys", "vault and archive".to_string()) };
    let keys = [&site.site.keys.vault, &site.site.keys.archive];
    let is_gone = |path: &Path| path.parent().is_some_and(|folder| read_dir(folder).is_ok()) && !path.exists();
    let gone = keys.into_iter().filter_map(|key| site.site.key_path(key)).any(|path| is_gone(&path));
    wrong("site", "keys", if gone { site.missing().clone() } else { site.sealed() })
}

/// Whether files can be sealed by whoever opens none, and how many of them a night has not read yet.
fn intake(engine: &OpenSite) -> Result<Option<Finding>, Fault> {
    let landed = engine.store.landed()?;
    let waits = match landed.first() {
        Some(oldest) => format!("{} sealed and not read yet, the oldest of {}", landed.len(), oldest.received_at),
        None => "nothing sealed that is not read yet".to_string(),
    };
    // Whether it is the archive's own, whoever opens the site with its keys is told.
    Ok(match engine.archive_recipient() {
        Ok(recipient) => Some(well("site", "intake", format!("seals to {}; {waits}", recipient.fingerprint()))),
        Err(fault) if fault.is(&NO_RECIPIENT) => (!landed.is_empty()).then(|| well("site", "intake", waits)),
        Err(fault) => Some(wrong("site", "intake", fault)),
    })
}

/// Whether three files of the longest kind have room.
fn room(engine: &OpenSite) -> Finding {
    let longest = engine.store.longest_delivery().unwrap_or(0).unsigned_abs();
    let needed = ROOM_BYTES_MIN.max(longest.saturating_mul(6));
    let Ok(there) = statvfs(&engine.site.state()) else { return wrong("site", "disk", rules::NO_ROOM.fault()) };
    let free = there.blocks_available().saturating_mul(there.fragment_size());
    let megabytes = |bytes: u64| bytes / (1024 * 1024);
    if free < needed {
        let fault = rules::NO_ROOM.fault().count("free MB", megabytes(free)).count("needed MB", megabytes(needed));
        return wrong("site", "disk", fault);
    }
    well("site", "disk", format!("{} MB free, {} MB needed", megabytes(free), megabytes(needed)))
}

/// Whether the keys that no backup has are in their mirror, and whether that is lost with them.
fn key_mirror(engine: &OpenSite) -> Result<Vec<Finding>, Fault> {
    let Some(mirror) = engine.site.key_mirror() else {
        let words = "bex keeps none: [keys] names no mirror, so that of state/file-keys is yours to keep";
        return Ok(vec![well("site", "key mirror", words.to_string())]);
    };
    let keys = match engine.compare_mirror() {
        Ok(keys) => keys.unwrap_or_default(),
        Err(fault) if fault.is(&MIRROR_DIFFERS) || fault.is(&NO_MIRROR) => {
            return Ok(vec![wrong("site", "key mirror", fault)]);
        }
        Err(fault) => return Err(fault),
    };
    let disk = |path: &Path| metadata(path).map(|found| found.dev()).ok();
    let mut findings =
        vec![well("site", "key mirror", format!("{keys} keys of files, and those of families, as here"))];
    if disk(&mirror) == disk(&engine.site.state()) {
        let fault = rules::SAME_DISK.fault().name("mirror", &mirror.display().to_string());
        findings.push(wrong("site", "key mirror", fault));
    }
    Ok(findings)
}

/// Seconds that a witness has for what is new.
const WITNESS_SECONDS: i64 = 24 * 60 * 60;

/// Whether whoever signs the log elsewhere still does.
fn witness(engine: &OpenSite) -> Result<Option<Finding>, Fault> {
    if engine.site.audit.witness.is_none() {
        return Ok(None);
    }
    let now = engine.clock.now().and_utc().timestamp();
    let size = engine.store.tree()?.map_or(0, |tree| tree.size());
    let fault = rules::WITNESS_SILENT.fault().count("records", size);
    let Some(signed) = engine.witnessed()? else {
        return Ok(Some(wrong("site", "witness", fault.count("signed", 0))));
    };
    let late = signed.head.size < size && now - signed.at.cast_signed() > WITNESS_SECONDS;
    if late {
        return Ok(Some(wrong("site", "witness", fault.count("signed", signed.head.size))));
    }
    Ok(Some(well("site", "witness", format!("{} of {size} records are signed by it", signed.head.size))))
}

/// Every number was used once, and the next one is new.
fn numbers(engine: &OpenSite) -> Result<Vec<Finding>, Fault> {
    let counted = engine.store.numbers_used()?;
    let finding = |used: &crate::store::NumbersUsed| {
        let fault = |rule: &crate::fault::Rule| rule.at(Place::Named(Label::new(&used.partner)));
        if used.next.is_some_and(|next| next <= used.last) {
            return wrong("site", "numbers", fault(&rules::NUMBER_AGAIN).count("last", used.last.unsigned_abs()));
        }
        let missing = (used.last - used.first + 1) - used.count;
        if missing > 0 {
            return wrong("site", "numbers", fault(&rules::NUMBERS_MISSING).count("missing", missing.unsigned_abs()));
        }
        well("site", "numbers", format!("{}: {} to {}, none missing", used.partner, used.first, used.last))
    };
    Ok(counted.iter().map(finding).collect())
}

fn calendars(engine: &OpenSite) -> Vec<Finding> {
    let ending = engine.site.calendars_ending(engine.clock.today());
    if ending.is_empty() {
        return vec![well("site", "calendars", "none ends soon".to_string())];
    }
    ending.into_iter().map(|fault| wrong("site", "calendars", fault)).collect()
}

/// What a visit looks at, one behind the other.
const STEPS: [&str; 6] = ["login key", "name", "host key", "algorithms", "login", "folder"];

/// A look at one carrier.
struct Visit<'e> {
    engine: &'e OpenSite,
    carrier: &'e Carrier,
    probed: bool,
}

impl Visit<'_> {
    fn all(&self) -> Vec<Finding> {
        let mut findings = vec![self.seal_key()];
        let connect = match connection(self.engine, self.carrier) {
            Ok(connect) => connect,
            Err(fault) => {
                findings.push(self.wrong("login key", fault));
                findings.extend(self.behind("login key"));
                return findings;
            }
        };
        match connect.connect() {
            Ok(mut transport) => {
                findings.push(self.well("login", "name, host key and login are as configured".to_string()));
                findings.extend(self.folders(transport.as_mut()));
            }
            Err(error) => {
                findings.push(self.wrong(step(&error), error.fault()));
                findings.extend(self.behind(step(&error)));
            }
        }
        findings
    }

    /// The steps of a visit that come after one that failed, in their order.
    fn behind(&self, failed: &str) -> impl Iterator<Item = Finding> {
        let answers = self.carrier.delivery.outbox.is_some().then_some("answers");
        let steps = STEPS.iter().copied().chain(answers);
        steps.skip_while(move |step| *step != failed).skip(1).map(|step| unreached(self.carrier.name.as_str(), step))
    }

    fn well(&self, what: &'static str, words: String) -> Finding {
        well(self.carrier.name.as_str(), what, words)
    }

    fn wrong(&self, what: &'static str, fault: Fault) -> Finding {
        wrong(self.carrier.name.as_str(), what, fault)
    }

    /// The key that files are sealed to, and how long it may be used.
    fn seal_key(&self) -> Finding {
        let (today, seal) = (self.engine.clock.today(), &self.carrier.seal);
        let recipient = match Recipient::parse(&seal.recipient) {
            Ok(recipient) => recipient.fingerprint(),
            Err(fault) => return self.wrong("seal key", fault),
        };
        if let Err(fault) = key_is_valid(self.carrier, today) {
            return self.wrong("seal key", fault);
        }
        let ends_soon = |last: &NaiveDate| *last <= today + Days::new(WARN_DAYS);
        match seal.not_after.filter(ends_soon) {
            Some(last) => self.wrong("seal key", rules::KEY_ENDS.fault().name("last day", &last.to_string())),
            None => self.well("seal key", recipient),
        }
    }

    fn folders(&self, transport: &mut dyn Transport) -> Vec<Finding> {
        let delivery = &self.carrier.delivery;
        let mut findings = Vec::new();
        match transport.list(&delivery.folder) {
            Ok(files) => findings.push(self.well("folder", format!("{} files in {}", files.len(), delivery.folder))),
            // A box that may be written to and not looked into is usual.
            Err(error) if error.kind == TransportErrorKind::Denied => {
                findings.push(self.well("folder", format!("{} may not be looked into", delivery.folder)));
            }
            Err(error) => findings.push(self.wrong("folder", error.fault())),
        }
        if let Some(outbox) = &delivery.outbox {
            findings.push(match transport.list(outbox) {
                Ok(files) => self.well("answers", format!("{} files in {outbox}", files.len())),
                Err(error) => self.wrong("answers", error.fault()),
            });
        }
        if let Ok(Some(free)) = transport.free_space(&delivery.folder) {
            findings.push(self.well("room", format!("{} MB free", free / (1024 * 1024))));
        }
        if self.probed {
            findings.push(self.rights(transport));
        }
        findings.extend(self.profile());
        findings
    }

    /// What a probe has found, and how files are published by it.
    fn profile(&self) -> Option<Finding> {
        let Some(known) = known_profile(self.engine, self.carrier) else {
            // A folder of this machine does what its file system does.
            let words = "nobody has tried what its server lets us do: `bex doctor FEED --probe`";
            let is_far = matches!(self.carrier.delivery.way, Way::Sftp(_));
            return is_far.then(|| self.well("profile", words.to_string()));
        };
        if let Some(code) = &known.surprise {
            return Some(self.wrong("profile", rules::SURPRISED.fault().name("found", &known.at).name("then", code)));
        }
        let way = promise(publishing(self.engine, self.carrier));
        Some(self.well("profile", format!("of {}: {}; {way}", known.at, known.words)))
    }

    fn keep(&self, found: &Capabilities) {
        let replaces = found.profile() == Profile::Overwriting;
        let known = KnownProfile { at: self.engine.clock.stamp(), words: words(found), replaces, surprise: None };
        keep_profile(self.engine, self.carrier, known);
    }

    /// What the place lets us do, found out by doing it, compared with how files are published there.
    fn rights(&self, transport: &mut dyn Transport) -> Finding {
        let delivery = &self.carrier.delivery;
        let folder = delivery.temporary_folder.as_ref().unwrap_or(&delivery.folder);
        let tag: String = self.engine.clock.stamp().chars().filter(char::is_ascii_digit).collect();
        match probe(transport, folder, &delivery.temporary_prefix, &tag) {
            Ok(found) if suits(&found, delivery.publish) => {
                self.keep(&found);
                self.well("rights", words(&found))
            }
            Ok(found) => {
                self.keep(&found);
                let fault = rules::ANOTHER_PROFILE.fault().name("found", found.profile().word());
                self.wrong("rights", fault.name("publish", suited(&found)))
            }
            Err(error) => self.wrong("rights", error.fault()),
        }
    }
}

/// Which step a connection failed at.
fn step(error: &TransportError) -> &'static str {
    match error.kind {
        TransportErrorKind::Unreachable | TransportErrorKind::Timeout => "name",
        TransportErrorKind::HostKey => "host key",
        TransportErrorKind::Algorithms => "algorithms",
        _ => "login",
    }
}

/// Whether files can be published so at a place that allows this.
fn suits(found: &Capabilities, publish: Option<Publishing>) -> bool {
    match publish {
        None => found.rename_onto != RenameOnto::NotAllowed,
        Some(Publishing::Rename) => found.rename_onto == RenameOnto::Refused,
        Some(Publishing::RenameReplaces) => found.rename_onto != RenameOnto::NotAllowed,
        Some(Publishing::Direct | Publishing::Blind) => true,
    }
}

/// What is promised where files are published so.
fn promise(publish: Publishing) -> &'static str {
    match publish {
        Publishing::Rename => "after any interruption, looking tells whether a file was published",
        Publishing::RenameReplaces => {
            "the same, but for a file of somebody else's that takes the name in the moment before the rename"
        }
        Publishing::Direct => "a part of a file can be picked up, and its answer decides then",
        Publishing::Blind => "only the carrier's answer tells whether a file was published",
    }
}

/// How files are best published there.
fn suited(found: &Capabilities) -> &'static str {
    match found.profile() {
        Profile::NoClobber => "rename",
        Profile::Overwriting => "rename-replaces",
        Profile::Direct => "direct",
        Profile::Blind => "blind",
    }
}

/// What a place allows, in words.
fn words(found: &Capabilities) -> String {
    let can = |can: bool, what: &str| format!("{}{what}", if can { "" } else { "no " });
    let all = [
        can(found.exclusive_put, "exclusive names"),
        can(found.sync, "sync"),
        can(found.stat, "stat"),
        can(found.read_back, "read-back"),
        can(found.remove, "removal"),
        can(found.stays, "waiting for pick-up"),
    ];
    format!("{}: {}", found.profile().word(), all.join(", "))
}
