//! How long sealed files and families' records are kept, and the end of those whose time is over: their keys are
//! destroyed, so that no copy of them opens again, wherever it is; a certificate says so. An order to keep goes before
//! every age.
#![allow(clippy::disallowed_methods, reason = "an edge: this module removes files and writes certificates")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use chrono::{DateTime, Months};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::layout::{label, write_new};
use super::rules;
use crate::access::{Permit, Retain};
use crate::act::{ActOf, Grounds, keep};
use crate::audit::{Action, Event};
use crate::engine::{AnySite, Engine, OpenSite, RecordPlace, first_name, open_if_kept};
use crate::fault::{Fault, Place};
use crate::mapping::RetentionSettings;
use crate::model::ids::{FeedName, Pseudonym, SourceName, hex, unhex};
use crate::model::told::ToldFamily;
use crate::run::{clock_is_right, forget_beside, note_clock};
use crate::store::{ArchivedFile, Change, FamilyKeyName, KeptClass, LegalHoldRow, PartEnding, TypedMonth};
use crate::take_in::forget_rows;
use crate::verify::file_sha256;

/// A file, a family, or a month of what people typed, whose time is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueFile {
    /// Decides how long it is kept.
    pub class: KeptClass,
    /// Below state/archive or state/outbox; of a family, its pseudonym; a month, such as 2026-03.
    pub name: String,
    /// RFC 3339, UTC.
    pub since: String,
    /// Whether every copy goes with it: its key is its own.
    pub own_key: bool,
}

/// Inputs, answers and so on, each with its years and what there is of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassKept {
    /// Inputs, answers, deliveries, families or reasons.
    pub class: KeptClass,
    /// How long its files are kept.
    pub years: u32,
    /// How many there are; none where only the vault's key tells, and it is not here.
    pub counts: Option<KeptCounts>,
    /// How many went; none as before.
    pub destroyed: Option<i64>,
}

/// The counts of one class of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptCounts {
    /// How many there are.
    pub files: usize,
    /// Of those whose time is over, how many an order keeps.
    pub ordered: usize,
    /// And how many something may still be made of.
    pub needed: usize,
    /// And how many may go.
    pub due: usize,
}

/// What is kept, what is due, and what stands against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// One for each class.
    pub classes: Vec<ClassKept>,
    /// Orders that stand.
    pub holds: Vec<LegalHoldRow>,
    /// What may go, of the classes that have counts.
    pub due: Vec<DueFile>,
    /// What a destruction is bound to: it fits nothing else than these files. None where a class has no counts.
    pub digest: Option<String>,
}

/// The outcome of a destruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destroyed {
    /// How many files.
    pub files: usize,
    /// How many families.
    pub families: usize,
    /// How many months of what people typed.
    pub months: usize,
    /// The document.
    pub certificate: Value,
    /// Where it is kept.
    pub path: PathBuf,
}

/// Looks at what is kept. Without the vault's key nobody knows which months have ended, nor who is still covered of
/// families whose time is over.
///
/// # Errors
/// STO001.
pub fn retention(site: AnySite<'_>) -> Result<Retention, Fault> {
    let store = &site.store;
    let shredded: BTreeSet<Pseudonym> = store.shredded()?.into_iter().map(|(key, _)| key).collect();
    let look = Shelves { site, holds: store.legal_holds()?, months: store.typed_months()?, shredded };
    let (mut classes, mut due) = (Vec::new(), Vec::new());
    for class in KeptClass::ALL {
        let (stands, found) = look.stand(class)?;
        classes.push(stands);
        due.extend(found);
    }
    let names: String = due.iter().map(|file| format!("{}\n", file.name)).collect();
    let is_whole = classes.iter().all(|class| class.counts.is_some());
    let digest = is_whole.then(|| hex(&Sha256::digest(names)[..6]));
    Ok(Retention { classes, holds: look.holds, due, digest })
}

/// What is read once for all classes.
struct Shelves<'s> {
    site: AnySite<'s>,
    holds: Vec<LegalHoldRow>,
    /// When people typed why they act.
    months: BTreeMap<String, TypedMonth>,
    /// Families, and months, of which a key was destroyed.
    shredded: BTreeSet<Pseudonym>,
}

impl Shelves<'_> {
    /// How a class stands, and which of its files may go.
    fn stand(&self, class: KeptClass) -> Result<(ClassKept, Vec<DueFile>), Fault> {
        let (years, destroyed) = (years(&self.site, class), self.count_destroyed(class)?);
        let Some(files) = self.kept(class)? else {
            return Ok((ClassKept { class, years, counts: None, destroyed }, Vec::new()));
        };
        let is_over = |file: &ArchivedFile| is_over(&self.site, file, years);
        let ordered = |file: &ArchivedFile| is_ordered(&self.holds, employer(&self.site, class, file).as_deref());
        let over: Vec<&ArchivedFile> = files.iter().filter(|file| is_over(file)).collect();
        let kept = over.iter().filter(|file| ordered(file)).count();
        let may_go = |file: &ArchivedFile| is_over(file) && !ordered(file) && !file.needed;
        // A copy under another name has the same key: it goes with the last of them that something is made of.
        let staying: BTreeSet<&str> =
            files.iter().filter(|file| !may_go(file)).map(|file| first_name(&file.name)).collect();
        let going = over.iter().filter(|file| may_go(file) && !staying.contains(first_name(&file.name)));
        let due = |file: &&ArchivedFile| DueFile {
            class,
            name: file.name.clone(),
            since: file.since.clone(),
            own_key: has_own_key(&self.site, class, file),
        };
        let due: Vec<DueFile> = going.map(due).collect();
        let needed = over.len() - kept - due.len();
        let counts = KeptCounts { files: files.len(), ordered: kept, needed, due: due.len() };
        Ok((ClassKept { class, years, counts: Some(counts), destroyed }, due))
    }

    /// The files of a class, or what of families and of months was not destroyed yet; none where that takes the vault.
    fn kept(&self, class: KeptClass) -> Result<Option<Vec<ArchivedFile>>, Fault> {
        match class {
            KeptClass::Families => self.families_that_left(),
            KeptClass::Reasons => self.months(),
            files => self.site.store.kept_files(files).map(Some),
        }
    }

    /// The months in which people typed what still opens.
    fn months(&self) -> Result<Option<Vec<ArchivedFile>>, Fault> {
        let mut kept = Vec::new();
        for (name, month) in &self.months {
            let Some(has_key) = self.has_key(name)? else { return Ok(None) };
            if has_key || month.is_earlier {
                // What is older than months' keys gets one by `bex keys rotate`, and ends after that.
                let needed = month.needed || month.is_earlier;
                kept.push(ArchivedFile { name: name.clone(), since: month.last.clone(), of: String::new(), needed });
            }
        }
        Ok(Some(kept))
    }

    /// Whether what was typed in a month opens, with the vault's key.
    fn has_key(&self, month: &str) -> Result<Option<bool>, Fault> {
        match self.site {
            AnySite::Keyed(engine) => Ok(Some(engine.families.current(engine.key_of_month(month))?.is_some())),
            // Which key is a month's, the vault alone tells; where none was ever destroyed, each has its own.
            AnySite::Keyless(_) => Ok(self.shredded.is_empty().then_some(true)),
        }
    }

    /// How many of a class were destroyed.
    fn count_destroyed(&self, class: KeptClass) -> Result<Option<i64>, Fault> {
        if !matches!(class, KeptClass::Families | KeptClass::Reasons) {
            return self.site.store.count_destroyed(class).map(Some);
        }
        let months = match self.site {
            AnySite::Keyed(engine) => {
                self.months.keys().filter(|name| self.shredded.contains(&engine.key_of_month(name))).count()
            }
            AnySite::Keyless(_) if self.shredded.is_empty() => 0,
            AnySite::Keyless(_) => return Ok(None),
        };
        let count = if class == KeptClass::Reasons { months } else { self.shredded.len() - months };
        Ok(Some(i64::try_from(count).unwrap_or(i64::MAX)))
    }

    /// The families that have left and were not destroyed yet; none where one is to be opened without the vault.
    fn families_that_left(&self) -> Result<Option<Vec<ArchivedFile>>, Fault> {
        let mut gone = Vec::new();
        for file in self.site.store.kept_files(KeptClass::Families)? {
            let Some(key) = unhex_family(&file.name) else { continue };
            let has_key = self.site.families.current(key)?.is_some();
            // Who came again after the end has another key, and ends another time.
            if !has_key && self.shredded.contains(&key) {
                continue;
            }
            let may_be_over = has_key && !file.needed && is_over(&self.site, &file, self.site.site.retention.families);
            let needed = match self.site {
                _ if !may_be_over => file.needed || !has_key,
                AnySite::Keyed(engine) => is_still_covered(engine, key)?,
                AnySite::Keyless(_) => return Ok(None),
            };
            gone.push(ArchivedFile { needed, ..file });
        }
        Ok(Some(gone))
    }
}

/// Whether a carrier was told of a cover that has no end, or one that lies ahead. Only families whose time is over are
/// opened.
fn is_still_covered(engine: &Engine, key: Pseudonym) -> Result<bool, Fault> {
    let today = engine.clock.today();
    for feed in engine.store.feeds_delivered()? {
        let told = engine.store.versions_of(&feed, key)?.into_iter().filter(|told| told.stands());
        for version in told {
            let at = RecordPlace { of: &feed, key, from: version.from };
            let told = open_if_kept::<ToldFamily>(engine, at, &version.known)?;
            let mut covers = told.iter().flat_map(|told| &told.known.members).flat_map(|member| &member.coverages);
            if covers.any(|cover| cover.is_open_on(today)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn unhex_family(name: &str) -> Option<Pseudonym> {
    Some(Pseudonym(unhex(name)?.try_into().ok()?))
}

fn has_own_key(engine: &OpenSite, class: KeptClass, file: &ArchivedFile) -> bool {
    match class {
        KeptClass::Inputs | KeptClass::Answers => engine.has_own_key(&file.name),
        KeptClass::Deliveries => false,
        KeptClass::Families | KeptClass::Reasons => true,
    }
}

fn years(engine: &OpenSite, class: KeptClass) -> u32 {
    let RetentionSettings { inputs, answers, deliveries, families, reasons } = engine.site.retention;
    match class {
        KeptClass::Inputs => inputs,
        KeptClass::Answers => answers,
        KeptClass::Deliveries => deliveries,
        KeptClass::Families => families,
        KeptClass::Reasons => reasons,
    }
}

fn is_over(engine: &OpenSite, file: &ArchivedFile, years: u32) -> bool {
    let since = DateTime::parse_from_rfc3339(&file.since).map(|since| since.date_naive());
    // A day that cannot be read is no reason to destroy anything.
    let until = since.ok().and_then(|since| since.checked_add_months(Months::new(12 * years)));
    until.is_some_and(|until| until <= engine.clock.today())
}

/// Whose data are in a file; none where that is not known, and then every order keeps it.
fn employer(engine: &OpenSite, class: KeptClass, file: &ArchivedFile) -> Option<String> {
    let site = &engine.site;
    match class {
        KeptClass::Inputs | KeptClass::Families => {
            let (kind, name) = file.of.split_once('/')?;
            let name = SourceName::new(name)?;
            let census = (kind == "census").then(|| site.census.get(&name)).flatten().map(|it| &it.employer);
            let elections = (kind == "elections").then(|| site.elections.get(&name)).flatten().map(|it| &it.employer);
            census.or(elections).map(ToString::to_string)
        }
        // What people type may name anybody.
        KeptClass::Answers | KeptClass::Reasons => None,
        KeptClass::Deliveries => {
            FeedName::new(&file.of).and_then(|name| site.feeds.get(&name)).map(|feed| feed.employer.to_string())
        }
    }
}

fn is_ordered(holds: &[LegalHoldRow], employer: Option<&str>) -> bool {
    holds.iter().any(|hold| hold.employer.is_empty() || employer.is_none_or(|employer| employer == hold.employer))
}

/// Destroys what was looked at, and certifies it.
///
/// # Errors
/// KEP006 when it is not what was looked at, or nothing is due; KEP005 when something cannot be removed: then the same
/// command goes on; RUN020 without a reason; RUN038 while the clock is in doubt, by which everything may be due;
/// STO001.
pub fn destroy(engine: &Engine, seen: &str, grounds: &Grounds, permit: &Permit<Retain>) -> Result<Destroyed, Fault> {
    note_clock(engine)?;
    clock_is_right(engine)?;
    // What an interrupted command has recorded and not removed goes first.
    finish(engine)?;
    let found = retention(engine.into())?;
    if found.due.is_empty() || found.digest.as_deref() != Some(seen) {
        return Err(rules::NOT_WHAT_IS_DUE.fault().count("due", found.due.len() as u64));
    }
    grounds.given()?;
    let going = going(engine, &found.due)?;
    let mut change = engine.change()?;
    let act = keep(engine, &mut change, &ActOf { act: "retention destroy", feed: "", run: None }, grounds)?;
    // Recorded before it is done: what is gone must not be missed, and what is left is removed by the next command.
    let mut events = record_files(&mut change, &going, act)?;
    let mut batches = going.families.chunks(FAMILIES_AT_ONCE);
    events.extend(shred(&mut change, batches.next().unwrap_or_default(), act)?);
    events.extend(shred_months(&mut change, &going.months, act)?);
    engine.commit(change, &events.into_iter().map(|event| event.permitted(permit)).collect::<Vec<_>>())?;
    for batch in batches {
        let mut change = engine.change()?;
        let event = shred(&mut change, batch, act)?.map(|event| event.permitted(permit));
        engine.commit(change, event.as_slice())?;
    }
    finish(engine)?;
    certify(engine, act, &going)
}

/// Records the end of files, with what each was.
fn record_files(change: &mut Change, going: &Going, act: i64) -> Result<Vec<Event>, Fault> {
    let mut events = Vec::new();
    for (file, digest) in going.files.iter().zip(&going.digests) {
        change.record_destroyed(&file.name, file.class, file.own_key, act)?;
        // Where it waited for others, it does so no more.
        change.end_wait(&file.name, PartEnding::Destroyed)?;
        // No digest under the name that a kept file's has: from here on nobody looks for it.
        let event = Event::new(Action::FileDestroyed).name("archive", &file.name).name("was", digest);
        events.push(event.name("class", file.class.word()).count("recorded", act));
    }
    Ok(events)
}

/// Families that one record of the log names.
const FAMILIES_AT_ONCE: usize = 500;

/// What is destroyed: files with what they were, and keys of families.
struct Going<'d> {
    files: Vec<&'d DueFile>,
    /// SHA-256 of each, in hexadecimal.
    digests: Vec<String>,
    families: Vec<FamilyKeyName>,
    months: Vec<EndedMonth<'d>>,
}

/// A month of which nothing that people typed is to open any more.
struct EndedMonth<'d> {
    name: &'d str,
    key: FamilyKeyName,
}

fn going<'d>(engine: &Engine, due: &'d [DueFile]) -> Result<Going<'d>, Fault> {
    let of = |class| due.iter().filter(move |file: &&DueFile| file.class == class);
    let is_file = |file: &&DueFile| !matches!(file.class, KeptClass::Families | KeptClass::Reasons);
    let files: Vec<&DueFile> = due.iter().filter(is_file).collect();
    let folder = |file: &DueFile| match file.class {
        KeptClass::Deliveries => engine.outbox_folder(),
        _ => engine.archive_folder(),
    };
    let digests = files.iter().map(|file| file_sha256(&folder(file).join(&file.name)).unwrap_or_default()).collect();
    let mut keys = Vec::new();
    for key in of(KeptClass::Families).filter_map(|file| unhex_family(&file.name)) {
        keys.extend(engine.families.current(key)?.map(|id| (key, id)));
    }
    let mut months = Vec::new();
    for DueFile { name, .. } in of(KeptClass::Reasons) {
        let key = engine.key_of_month(name);
        months.extend(engine.families.current(key)?.map(|id| EndedMonth { name, key: (key, id) }));
    }
    Ok(Going { files, digests, families: keys, months })
}

/// Records the end of what was typed in months.
fn shred_months(change: &mut Change, months: &[EndedMonth], act: i64) -> Result<Option<Event>, Fault> {
    let keys: Vec<FamilyKeyName> = months.iter().map(|month| month.key).collect();
    change.record_shredded(&keys, act)?;
    let names: String = months.iter().map(|month| format!("{}\n", month.name)).collect();
    let event = || Event::new(Action::ReasonsShredded).count("months", months.len() as i64);
    Ok((!months.is_empty()).then(|| event().name("digest", &hex(&Sha256::digest(names))).count("recorded", act)))
}

/// Records the end of families, and names it without naming them.
fn shred(change: &mut Change, families: &[FamilyKeyName], act: i64) -> Result<Option<Event>, Fault> {
    change.record_shredded(families, act)?;
    let event = || Event::new(Action::FamiliesShredded).count("families", families.len() as i64);
    Ok((!families.is_empty()).then(|| event().name("digest", &digest_of(families)).count("recorded", act)))
}

fn digest_of(families: &[FamilyKeyName]) -> String {
    let names: String = families.iter().map(|(key, _)| format!("{}\n", key.hex())).collect();
    hex(&Sha256::digest(names))
}

/// Removes what is recorded as destroyed and still there.
fn finish(engine: &Engine) -> Result<(), Fault> {
    for (name, class) in engine.store.destroyed_files()? {
        if class == KeptClass::Deliveries {
            forget_beside(engine, &name)?;
        } else {
            engine.destroy_archived(&name)?;
        }
        engine.steps.crash_point();
    }
    engine.families.destroy(&engine.store.shredded()?.into_iter().collect())?;
    forget_rows(engine);
    engine.steps.crash_point();
    Ok(())
}

fn certify(engine: &Engine, act: i64, going: &Going) -> Result<Destroyed, Fault> {
    let mut certificate = going.certified();
    certificate["certificate"] = json!(act);
    certificate["site"] = json!(engine.site.name);
    certificate["at"] = json!(engine.clock.stamp());
    certificate["by"] = json!(engine.actor.person().as_str());
    certificate["checkpoint"] = json!(engine.sign_log()?);
    let folder = engine.site.state().join("certificates");
    let path = folder.join(format!("certificate-{act:09}.json"));
    let unwritten = || rules::NOT_CERTIFIED.at(Place::Named(label(&path)));
    fs::create_dir_all(&folder).map_err(|_| unwritten())?;
    write_new(&path, format!("{certificate:#}\n").as_bytes()).map_err(|_| unwritten())?;
    let (files, families, months) = (going.files.len(), going.families.len(), going.months.len());
    Ok(Destroyed { files, families, months, certificate, path })
}

impl Going<'_> {
    /// What a certificate says of it.
    fn certified(&self) -> Value {
        let files: Vec<Value> =
            self.files.iter().zip(&self.digests).map(|(due, digest)| certified(due, digest)).collect();
        // How many, and a digest by which each of them can be checked: the document names nobody.
        let families = json!({
            "families": self.families.len(), "sha256": digest_of(&self.families),
            "method": "each family's key destroyed; no record of it opens any more, here or in any copy",
        });
        let reasons = json!({
            "months": self.months.iter().map(|month| month.name).collect::<Vec<_>>(),
            "method": "each month's key destroyed; nothing that was typed in it opens any more, here or in any copy",
        });
        json!({ "files": files, "families": families, "reasons": reasons })
    }
}

/// What a certificate says of a file.
fn certified(file: &DueFile, digest: &str) -> Value {
    let method = match (file.class, file.own_key) {
        (KeptClass::Deliveries, _) => "removed; copies open for nobody but the carrier",
        (_, true) => "key destroyed; no copy opens any more",
        (_, false) => "removed; copies in backups open with the archive key until they are destroyed",
    };
    json!({ "class": file.class.word(), "name": file.name, "since": file.since, "sha256": digest, "method": method })
}

/// Gives an order to keep: everything, or what is an employer's.
///
/// # Errors
/// RUN020 without a reason or a case; STO001.
pub fn hold_legally(engine: &Engine, employer: &str, grounds: &Grounds, permit: &Permit<Retain>) -> Result<i64, Fault> {
    grounds.given()?;
    let mut change = engine.change()?;
    let act = keep(engine, &mut change, &ActOf { act: "retention hold", feed: "", run: None }, grounds)?;
    let held = hold_legally_in(&mut change, employer, act)?;
    engine.commit(change, &[held.permitted(permit)])?;
    Ok(engine.store.legal_holds()?.last().map_or(0, |hold| hold.id))
}

/// Gives an order to keep in a change, by an act that is part of it, and returns the event that names it.
///
/// # Errors
/// STO001.
pub fn hold_legally_in(change: &mut Change, employer: &str, act: i64) -> Result<Event, Fault> {
    let id = change.hold_legally(employer, act)?;
    Ok(Event::new(Action::LegallyHeld).count("hold", id).name("employer", employer).count("recorded", act))
}

/// Lifts an order to keep.
///
/// # Errors
/// KEP007 when no such order stands; RUN020 without a reason; STO001.
pub fn lift_legal_hold(engine: &Engine, id: i64, grounds: &Grounds, permit: &Permit<Retain>) -> Result<(), Fault> {
    if !engine.store.legal_holds()?.iter().any(|hold| hold.id == id) {
        return Err(rules::NO_SUCH_HOLD.fault().count("hold", id.unsigned_abs()));
    }
    grounds.given()?;
    let mut change = engine.change()?;
    let act = keep(engine, &mut change, &ActOf { act: "retention lift", feed: "", run: None }, grounds)?;
    change.lift_legal_hold(id, act)?;
    let event = Event::new(Action::LegalHoldLifted).count("hold", id).count("recorded", act);
    engine.commit(change, &[event.permitted(permit)])
}
