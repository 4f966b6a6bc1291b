//! A random key for each family, in one file that is in no backup. Records of a family are sealed under what comes of
//! the vault's key and of this one: where it is destroyed, none of them opens again, wherever a copy of it lies.
//!
//! The file is a head of 16 bytes and then an entry of 56 for each key: the family's pseudonym (16), the key's id (4),
//! the key (32), and the beginning of the SHA-256 of all that (4). It grows at its end, under a lock, and an entry that
//! a crash has cut off is written over by the next one. A destroyed key stays as zeros in its place, so that a store
//! which is restored from before then finds out what happened.
//!
//! Where the site names a mirror, a second file has every key before anything that is sealed under it is durable. It is
//! the first one's beginning, byte for byte, and what is destroyed is destroyed there first.
#![allow(clippy::disallowed_methods, reason = "an edge: this module keeps the file of families' keys")]

use std::collections::{BTreeSet, HashMap};
use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use rand::TryRngCore as _;
use rand::rngs::OsRng;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::rules;
use crate::fault::Fault;
use crate::model::ids::Pseudonym;

/// Where all of them stand, in `state/file-keys` and in its mirror.
pub const FILE: &str = "families";
/// What it begins with.
const HEAD: &[u8; 16] = b"bex family keys\n";
/// Bytes of an entry.
const ENTRY: usize = 56;
/// Where an entry's key begins.
const KEY_AT: usize = 20;
/// Where its key ends, and what tells a damaged entry begins.
const SUM_AT: usize = 52;
/// Entries for which memory is taken at once: growing what is there would leave copies behind that nobody wipes.
const CHUNK: usize = 4096;

/// Tells the keys of one family from each other: a family that comes again after years has another.
pub type FamilyKeyId = [u8; 4];

/// What a record opens with besides the vault's key, where it is a family's.
pub struct FamilyKey {
    pub(super) id: FamilyKeyId,
    pub(super) key: Zeroizing<[u8; 32]>,
}

/// The keys of all families, read once, and shared between threads by reference.
pub struct FamilyKeys {
    path: PathBuf,
    /// The same file once more, on another disk.
    mirror: Option<PathBuf>,
    loaded: RwLock<LoadedKeys>,
    /// Whether something was written that is not durable yet.
    unsettled: AtomicBool,
}

#[derive(Default)]
struct LoadedKeys {
    chunks: Vec<Zeroizing<Vec<u8>>>,
    count: usize,
    newest: HashMap<Pseudonym, u32>,
}

/// What stands in the file of a key.
enum KeyStanding {
    Living(FamilyKey),
    Destroyed,
    /// Not there, or damaged.
    Lost,
    /// Another family's.
    Foreign,
}

impl FamilyKeys {
    /// Those of a file, which is read when the first of them is needed.
    pub fn at(path: PathBuf) -> FamilyKeys {
        FamilyKeys { path, mirror: None, loaded: RwLock::default(), unsettled: AtomicBool::new(false) }
    }

    /// The same with a second copy in a folder.
    pub fn mirrored_in(self, folder: Option<&Path>) -> FamilyKeys {
        FamilyKeys { mirror: folder.map(|folder| folder.join(FILE)), ..self }
    }

    /// Those of a site, by the folder of its state: where keys are that are in no backup.
    pub fn of_state(state: &Path) -> FamilyKeys {
        FamilyKeys::at(state.join("file-keys").join(FILE))
    }

    /// Whether there is such a file.
    pub fn is_there(&self) -> bool {
        self.path.is_file()
    }

    /// Makes a key for each of these families that has none. They are durable after [`FamilyKeys::settle`].
    ///
    /// # Errors
    /// KEY007 when the file cannot be written; KEY006 when it is not what it should be; KEY008 without randomness.
    pub fn ensure(&self, families: &[Pseudonym]) -> Result<(), Fault> {
        let missing = |keys: &LoadedKeys| -> BTreeSet<Pseudonym> {
            families.iter().filter(|family| keys.living(**family).is_none()).copied().collect()
        };
        if missing(&self.read()).is_empty() {
            return Ok(());
        }
        // Others may have made them meanwhile: under the lock, what they have written is read first.
        let mut keys = self.write();
        let file = locked(&self.path).map_err(|_| self.unwritable())?;
        keys.read_on(&file).map_err(|_| self.malformed())?;
        let missing = missing(&keys);
        if missing.is_empty() {
            return Ok(());
        }
        let made = entries(&missing)?;
        file.write_all_at(&made, offset(keys.count)).map_err(|_| self.unwritable())?;
        self.unsettled.store(true, Ordering::Release);
        made.chunks_exact(ENTRY).for_each(|entry| keys.add(entry));
        Ok(())
    }

    /// Has everything durable that was made, in the mirror as well: before a record that needs it is.
    ///
    /// # Errors
    /// KEY007; as [`FamilyKeys::settle_mirror`].
    pub fn settle(&self) -> Result<(), Fault> {
        if !self.unsettled.load(Ordering::Acquire) {
            return Ok(());
        }
        File::open(&self.path).and_then(|file| file.sync_data()).map_err(|_| self.unwritable())?;
        self.settle_mirror()?;
        self.unsettled.store(false, Ordering::Release);
        Ok(())
    }

    /// Writes into the mirror what it does not have yet.
    ///
    /// # Errors
    /// KEY013 when it has more than the file: keys were lost. KEY014 when it cannot be written.
    pub fn settle_mirror(&self) -> Result<(), Fault> {
        let Some(mirror) = &self.mirror else { return Ok(()) };
        if !self.is_there() {
            // Begun anew, the file would hide that it was lost.
            return if mirror.is_file() { Err(rules::MIRROR_DIFFERS.fault()) } else { Ok(()) };
        }
        let file = locked(&self.path).map_err(|_| self.unwritable())?;
        // What others have made and not settled yet: a loss of power must not leave more of it there than here.
        file.sync_data().map_err(|_| self.unwritable())?;
        self.copy_on(&file)
    }

    fn copy_on(&self, file: &File) -> Result<(), Fault> {
        let Some(mirror) = &self.mirror else { return Ok(()) };
        match copied_on(file, mirror) {
            Ok(true) => Ok(()),
            Ok(false) => Err(rules::MIRROR_DIFFERS.fault()),
            Err(_) => Err(rules::NO_MIRROR.fault().name("file", &mirror.display().to_string())),
        }
    }

    /// Whether the mirror holds what the file does, and nothing else.
    pub fn is_mirrored(&self) -> bool {
        let Some(mirror) = &self.mirror else { return true };
        match (File::open(&self.path), File::open(mirror)) {
            (Ok(file), Ok(mirror)) => is_same(&file, &mirror).unwrap_or(false),
            (Err(_), Err(_)) => true,
            _ => false,
        }
    }

    /// By which id a family's records are sealed now; none where it has no key.
    ///
    /// # Errors
    /// KEY006.
    pub fn current(&self, family: Pseudonym) -> Result<Option<FamilyKeyId>, Fault> {
        self.reload()?;
        Ok(self.read().living(family).map(|key| key.id))
    }

    /// Whether this key of a family is there.
    ///
    /// # Errors
    /// KEY006.
    pub fn has(&self, family: Pseudonym, id: FamilyKeyId) -> Result<bool, Fault> {
        Ok(matches!(self.standing(family, id)?, KeyStanding::Living(_)))
    }

    /// What a family's records are sealed with.
    ///
    /// # Errors
    /// KEY012 when it has no key.
    pub fn sealing(&self, family: Pseudonym) -> Result<FamilyKey, Fault> {
        self.read().living(family).ok_or_else(|| rules::FAMILY_KEY_LOST.fault())
    }

    /// What a family's record opens with that names this key.
    ///
    /// # Errors
    /// KEP009 when it was destroyed; KEY012 when it is not there; VAU002 when it is another family's, whose record was
    /// put in this one's place; KEY006.
    pub fn opening(&self, family: Pseudonym, id: FamilyKeyId) -> Result<FamilyKey, Fault> {
        match self.standing(family, id)? {
            KeyStanding::Living(key) => Ok(key),
            KeyStanding::Destroyed => Err(rules::FAMILY_DESTROYED.fault()),
            KeyStanding::Foreign => Err(rules::ALTERED.fault()),
            KeyStanding::Lost => Err(rules::FAMILY_KEY_LOST.fault().name("member", &family.short())),
        }
    }

    fn standing(&self, family: Pseudonym, id: FamilyKeyId) -> Result<KeyStanding, Fault> {
        let found = self.read().standing(family, id);
        if !matches!(found, KeyStanding::Lost) {
            return Ok(found);
        }
        // Another process may have made it since the file was read.
        self.reload()?;
        Ok(self.read().standing(family, id))
    }

    /// Destroys keys: zeros are written over them where they stand. Done already is done.
    ///
    /// # Errors
    /// KEP005 when they cannot be written over.
    pub fn destroy(&self, which: &BTreeSet<(Pseudonym, FamilyKeyId)>) -> Result<(), Fault> {
        if which.is_empty() || !self.is_there() {
            return Ok(());
        }
        let undone = |_: io::Error| rules::FAMILY_NOT_DESTROYED.fault();
        let mut keys = self.write();
        let file = locked(&self.path).map_err(undone)?;
        keys.read_on(&file).map_err(|_| self.malformed())?;
        self.copy_on(&file)?;
        let ended = |entry: &[u8]| which.contains(&(family_of(entry), id_of(entry)));
        let ended: Vec<usize> = (0..keys.count).filter(|nth| ended(keys.entry(*nth))).collect();
        // There first: a key that is gone here is looked for nowhere.
        if let Some(mirror) = &self.mirror {
            zeroed(&File::options().write(true).open(mirror).map_err(undone)?, &ended).map_err(undone)?;
        }
        zeroed(&file, &ended).map_err(undone)?;
        ended.iter().for_each(|nth| keys.entry_mut(*nth)[KEY_AT..].fill(0));
        Ok(())
    }

    fn reload(&self) -> Result<(), Fault> {
        match File::open(&self.path) {
            Ok(file) => self.write().read_on(&file).map_err(|_| self.malformed()),
            Err(_) => Ok(()),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, LoadedKeys> {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, LoadedKeys> {
        self.loaded.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn unwritable(&self) -> Fault {
        rules::KEY_UNWRITABLE.fault().name("file", &self.path.display().to_string())
    }

    fn malformed(&self) -> Fault {
        rules::KEY_MALFORMED.fault().name("file", &self.path.display().to_string())
    }
}

impl LoadedKeys {
    /// Reads what was written behind what is known. Bytes of an entry that is not whole are none yet.
    fn read_on(&mut self, file: &File) -> io::Result<()> {
        let length = file.metadata()?.len();
        if self.count == 0 && length >= HEAD.len() as u64 {
            let mut head = [0; HEAD.len()];
            file.read_exact_at(&mut head, 0)?;
            if &head != HEAD {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        let whole = usize::try_from(length.saturating_sub(HEAD.len() as u64)).unwrap_or(0) / ENTRY;
        let mut bytes = Zeroizing::new(vec![0; CHUNK * ENTRY]);
        while self.count < whole {
            let next = (whole - self.count).min(CHUNK);
            let bytes = &mut bytes[..next * ENTRY];
            file.read_exact_at(bytes, offset(self.count))?;
            bytes.chunks_exact(ENTRY).for_each(|entry| self.add(entry));
        }
        Ok(())
    }

    fn add(&mut self, entry: &[u8]) {
        if self.count.is_multiple_of(CHUNK) {
            self.chunks.push(Zeroizing::new(Vec::with_capacity(CHUNK * ENTRY)));
        }
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.extend_from_slice(entry);
        }
        self.newest.insert(family_of(entry), u32::try_from(self.count).unwrap_or(u32::MAX));
        self.count += 1;
    }

    fn entry(&self, nth: usize) -> &[u8] {
        &self.chunks[nth / CHUNK][nth % CHUNK * ENTRY..][..ENTRY]
    }

    fn entry_mut(&mut self, nth: usize) -> &mut [u8] {
        &mut self.chunks[nth / CHUNK][nth % CHUNK * ENTRY..][..ENTRY]
    }

    fn living(&self, family: Pseudonym) -> Option<FamilyKey> {
        match read(self.entry(*self.newest.get(&family)? as usize)) {
            KeyStanding::Living(key) => Some(key),
            KeyStanding::Destroyed | KeyStanding::Lost | KeyStanding::Foreign => None,
        }
    }

    fn standing(&self, family: Pseudonym, id: FamilyKeyId) -> KeyStanding {
        let newest = self.newest.get(&family).map(|nth| self.entry(*nth as usize));
        if let Some(newest) = newest.filter(|entry| id_of(entry) == id) {
            return read(newest);
        }
        // Few families ever have a second key, and few records are put where they were not written.
        let of_id = || (0..self.count).map(|nth| self.entry(nth)).filter(|entry| id_of(entry) == id);
        match of_id().find(|entry| family_of(entry) == family) {
            Some(earlier) => read(earlier),
            None if of_id().next().is_some() => KeyStanding::Foreign,
            None => KeyStanding::Lost,
        }
    }
}

fn read(entry: &[u8]) -> KeyStanding {
    let mut key = Zeroizing::new([0; 32]);
    key.copy_from_slice(&entry[KEY_AT..SUM_AT]);
    if key.iter().all(|byte| *byte == 0) {
        return KeyStanding::Destroyed;
    }
    let whole = entry[SUM_AT..] == sum(&entry[..SUM_AT]);
    if whole { KeyStanding::Living(FamilyKey { id: id_of(entry), key }) } else { KeyStanding::Lost }
}

fn family_of(entry: &[u8]) -> Pseudonym {
    let mut family = [0; 16];
    family.copy_from_slice(&entry[..16]);
    Pseudonym(family)
}

fn id_of(entry: &[u8]) -> FamilyKeyId {
    let mut id = [0; 4];
    id.copy_from_slice(&entry[16..KEY_AT]);
    id
}

fn sum(bytes: &[u8]) -> [u8; 4] {
    let whole = Sha256::digest(bytes);
    [whole[0], whole[1], whole[2], whole[3]]
}

fn entries(families: &BTreeSet<Pseudonym>) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let mut made = Zeroizing::new(vec![0; families.len() * ENTRY]);
    for (entry, family) in made.chunks_exact_mut(ENTRY).zip(families) {
        entry[..16].copy_from_slice(&family.0);
        OsRng.try_fill_bytes(&mut entry[16..SUM_AT]).map_err(|_| rules::NO_RANDOMNESS.fault())?;
        let sum = sum(&entry[..SUM_AT]);
        entry[SUM_AT..].copy_from_slice(&sum);
    }
    Ok(made)
}

fn offset(nth: usize) -> u64 {
    (HEAD.len() + nth * ENTRY) as u64
}

/// Writes zeros over keys where they stand.
fn zeroed(file: &File, ended: &[usize]) -> io::Result<()> {
    for nth in ended {
        file.write_all_at(&[0; ENTRY - KEY_AT], offset(*nth) + KEY_AT as u64)?;
    }
    file.sync_all()
}

/// How far a file of this length holds entries that are whole.
fn whole(length: u64) -> u64 {
    let entries = length.checked_sub(HEAD.len() as u64).map(|entries| entries / ENTRY as u64);
    entries.map_or(0, |entries| HEAD.len() as u64 + entries * ENTRY as u64)
}

/// Writes behind what a mirror has what it does not have yet; `false` where it has more than the file.
fn copied_on(file: &File, mirror: &Path) -> io::Result<bool> {
    let copy = File::options().create(true).truncate(false).read(true).write(true).mode(0o600).open(mirror)?;
    let (mut at, wanted) = (whole(copy.metadata()?.len()), whole(file.metadata()?.len()));
    if at >= wanted {
        return Ok(at == wanted);
    }
    if at == 0 {
        File::open(mirror.parent().unwrap_or(Path::new(".")))?.sync_all()?;
    }
    let mut bytes = Zeroizing::new(vec![0; CHUNK * ENTRY]);
    while at < wanted {
        let next = (wanted - at).min(bytes.len() as u64) as usize;
        file.read_exact_at(&mut bytes[..next], at)?;
        copy.write_all_at(&bytes[..next], at)?;
        at += next as u64;
    }
    copy.sync_all()?;
    Ok(true)
}

/// Whether two files hold the same entries.
fn is_same(one: &File, other: &File) -> io::Result<bool> {
    let length = whole(one.metadata()?.len());
    let mut same = length == whole(other.metadata()?.len());
    let mut both = [(); 2].map(|()| Zeroizing::new(vec![0; CHUNK * ENTRY]));
    let mut at = 0;
    while same && at < length {
        let next = (length - at).min((CHUNK * ENTRY) as u64) as usize;
        one.read_exact_at(&mut both[0][..next], at)?;
        other.read_exact_at(&mut both[1][..next], at)?;
        same = both[0][..next] == both[1][..next];
        at += next as u64;
    }
    Ok(same)
}

/// The file, made where it is not there, and nobody else's to write until it is closed.
fn locked(path: &Path) -> io::Result<File> {
    let folder = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let file = File::options().create(true).truncate(false).read(true).write(true).mode(0o600).open(path)?;
    file.lock()?;
    if file.metadata()?.len() < HEAD.len() as u64 {
        file.write_all_at(HEAD, 0)?;
        file.sync_all()?;
        File::open(folder)?.sync_all()?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: Pseudonym = Pseudonym([1; 16]);
    const BEA: Pseudonym = Pseudonym([2; 16]);

    fn keys(folder: &tempfile::TempDir) -> FamilyKeys {
        FamilyKeys::at(folder.path().join("file-keys/families"))
    }

    fn id(keys: &FamilyKeys, family: Pseudonym) -> FamilyKeyId {
        keys.current(family).unwrap().unwrap()
    }

    #[test]
    fn a_family_has_one_key_whoever_asks_first_and_another_process_finds_it() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (keys(&folder), keys(&folder));
        assert!(!one.is_there() && one.current(ANN).unwrap().is_none());
        one.ensure(&[ANN, ANN]).unwrap();
        other.ensure(&[BEA, ANN]).unwrap();
        one.ensure(&[BEA]).unwrap();
        one.settle().unwrap();
        for family in [ANN, BEA] {
            let known = [&one, &other].map(|keys| keys.opening(family, id(&one, family)).unwrap().key);
            assert!(known[0] == known[1] && id(&one, family) == id(&other, family));
        }
        let length = std::fs::metadata(folder.path().join("file-keys/families")).unwrap().len();
        assert_eq!(length, offset(2), "nobody has two");
    }

    #[test]
    fn a_destroyed_key_is_known_as_destroyed_and_a_family_that_comes_again_has_another() {
        let folder = tempfile::tempdir().unwrap();
        let keys = keys(&folder);
        keys.ensure(&[ANN, BEA]).unwrap();
        let (first, secret) = (id(&keys, ANN), keys.opening(ANN, id(&keys, ANN)).unwrap().key);
        keys.destroy(&BTreeSet::from([(ANN, first), (BEA, [0; 4])])).unwrap();
        for keys in [&keys, &self::keys(&folder)] {
            assert_eq!(keys.opening(ANN, first).err().unwrap().code, "KEP009");
            assert!(keys.has(BEA, id(keys, BEA)).unwrap() && !keys.has(ANN, first).unwrap());
            assert_eq!(keys.opening(ANN, id(keys, BEA)).err().unwrap().code, "VAU002", "another's");
        }
        let bytes = std::fs::read(folder.path().join("file-keys/families")).unwrap();
        assert!(!bytes.windows(8).any(|part| secret.windows(8).any(|own| own == part)), "nothing of it is left");
        keys.ensure(&[ANN]).unwrap();
        assert_ne!(id(&keys, ANN), first);
        assert_eq!(keys.opening(ANN, first).err().unwrap().code, "KEP009");
        keys.opening(ANN, id(&keys, ANN)).unwrap();
    }

    #[test]
    fn an_entry_that_a_crash_has_cut_off_is_written_over_and_a_damaged_one_opens_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (path, first) = (folder.path().join("file-keys/families"), keys(&folder));
        first.ensure(&[ANN]).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend([7; 30]);
        std::fs::write(&path, &bytes).unwrap();
        let again = keys(&folder);
        again.ensure(&[BEA]).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), offset(2));
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[HEAD.len() + KEY_AT] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        let damaged = keys(&folder);
        assert_eq!(damaged.opening(ANN, id(&first, ANN)).err().unwrap().code, "KEY012");
        damaged.opening(BEA, id(&again, BEA)).unwrap();
        std::fs::write(&path, [0; 64]).unwrap();
        assert_eq!(keys(&folder).ensure(&[ANN]).unwrap_err().code, "KEY006");
    }
}
