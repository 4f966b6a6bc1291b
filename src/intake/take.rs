//! Taking: claim, encrypt, record, remove; each step durable before the next.

// Moving files into the archive is what this module is for.
#![allow(clippy::disallowed_methods)]

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};

use super::arrivals::{self, Arrival, Meant, NotTaken, Settled, is_plain, named};
use super::rules;
use crate::crypt::age::{Recipient, encrypt};
use crate::crypt::keyring;
use crate::fault::Fault;
use crate::model::ids::hex;

/// Where files come from, where they go, and which are taken. The folders must be on one file system.
#[derive(Clone, Copy)]
pub struct Intake<'a> {
    /// The folder the employer's files arrive in. It need not exist.
    pub inbox: &'a Path,
    /// The files that are taken.
    pub meant: &'a Meant<'a>,
    /// What is to be known of a file for as long as it is claimed, and after a crash: of `0–9`, by its sender's name.
    pub mark: &'a dyn Fn(&OsStr) -> Option<String>,
    /// A folder of this source's own for files between inbox and archive. Made when it is not there.
    pub claims: &'a Path,
    /// The folder of encrypted inputs. Made when it is not there.
    pub archive: &'a Path,
    /// Who can open a file of the archive, by its name there.
    pub recipient: &'a dyn Fn(&str) -> Result<Recipient, Fault>,
    /// Largest file, in bytes.
    pub bytes_max: u64,
    /// How long a file without a `.done` beside it must not have been written to.
    pub settle: Duration,
}

/// A file that stands in the archive, whole and durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Our name for it: 1 to 40 of `0–9 a–f -`. Ids sort in the order in which the files were written.
    pub id: String,
    /// The name of its copy in the archive.
    pub archive: String,
    /// Length in clear, in bytes.
    pub bytes: u64,
    /// What its sender called it; none after a crash between claiming and recording. It may name people: seal it.
    pub name: Option<Vec<u8>>,
    /// SHA-256 of the clear bytes. Key it before it is stored: that of a small file can be guessed.
    pub sha256: [u8; 32],
}

/// Takes every file that may be taken, oldest first, beginning with those that a call before this one has claimed and
/// not finished. `record` is called once the archive copy is durable and before the clear copy is removed; after a
/// crash between the two it is called again with the same id, so it must know ids that it has seen.
///
/// Returns what is wrong with files that were left where they are.
///
/// # Errors
/// `record`'s error, or a folder that cannot be used. The file concerned stays claimed, in clear, and is taken by the
/// next call.
pub fn take(intake: &Intake<'_>, record: &mut dyn FnMut(&Taken) -> Result<(), Fault>) -> Result<Vec<Fault>, Fault> {
    let now = intake.prepare()?;
    for id in intake.claimed()? {
        intake.finish(&Claimed { id, name: None }, record)?;
    }
    let settled = Settled { now, quiet: intake.settle, bytes_max: intake.bytes_max };
    let (found, mut faults) = arrivals::find(intake.inbox, intake.meant, &settled)?;
    for arrival in found {
        match intake.claim(&arrival)? {
            Some(claimed) => intake.finish(&claimed, record)?,
            None => faults.push(swapped(intake.inbox)),
        }
    }
    Ok(faults)
}

/// What [`take`] would take now, in that order, without touching any of it; and what is wrong with files that it would
/// leave where they are. `now` is the time by which a file has settled.
///
/// # Errors
/// An inbox that cannot be read.
pub fn look(intake: &Intake<'_>, now: SystemTime) -> Result<(Vec<Waiting>, Vec<Fault>), Fault> {
    // Nothing was ever claimed where there is no folder for it.
    let claimed = intake.claimed().unwrap_or_default().into_iter().map(|id| intake.clear(&id));
    let settled = Settled { now, quiet: intake.settle, bytes_max: intake.bytes_max };
    let (found, faults) = arrivals::find(intake.inbox, intake.meant, &settled)?;
    let paths = claimed.chain(found.into_iter().map(|arrival| arrival.path));
    let waiting = |path: PathBuf| {
        let stamp = File::open(&path).ok().as_ref().and_then(stamp);
        Waiting { path, folder: intake.inbox.to_path_buf(), bytes_max: intake.bytes_max, stamp }
    };
    Ok((paths.map(waiting).collect(), faults))
}

/// What is in the inbox and would not be taken now: it is still being written, or stays where it is.
pub fn not_taken(intake: &Intake<'_>, now: SystemTime) -> NotTaken {
    let settled = Settled { now, quiet: intake.settle, bytes_max: intake.bytes_max };
    arrivals::not_taken(intake.inbox, intake.meant, &settled)
}

/// A file that waits to be taken: in clear, where the employer put it.
#[derive(Debug)]
pub struct Waiting {
    path: PathBuf,
    folder: PathBuf,
    bytes_max: u64,
    stamp: Option<(u64, SystemTime)>,
}

impl Waiting {
    /// What its sender calls it.
    pub fn name(&self) -> Option<String> {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned())
    }

    /// Opens it at its beginning.
    ///
    /// # Errors
    /// INT008 when it has changed, or gone, since it was looked at.
    pub fn open(&self) -> Result<impl io::Read + use<>, Fault> {
        let file = open_plain(&self.path).map_err(|_| still_written(&self.folder))?;
        if self.stamp.is_none() || stamp(&file) != self.stamp {
            return Err(still_written(&self.folder));
        }
        Ok(file.take(self.bytes_max))
    }
}

/// What the name of a claimed file ends with.
pub const CLEAR: &str = ".clear";

/// A file that is ours by now, in clear, and what its sender called it.
struct Claimed {
    id: String,
    name: Option<Vec<u8>>,
}

impl Intake<'_> {
    /// Makes the folders, and asks the file system for its time: the clocks of a mounted folder and of this machine
    /// may differ, and files are dated by the former.
    fn prepare(&self) -> Result<SystemTime, Fault> {
        let prepared = private_folder(self.claims).and_then(|()| private_folder(self.archive)).and_then(|()| {
            let probe = self.claims.join("now");
            let modified = create(&probe)?.metadata()?.modified();
            fs::remove_file(probe)?;
            modified
        });
        prepared.map_err(|_| unusable(self.claims))
    }

    /// The ids of files claimed and not finished, oldest first.
    fn claimed(&self) -> Result<Vec<String>, Fault> {
        let entries = fs::read_dir(self.claims).map_err(|_| unusable(self.claims))?;
        let id = |entry: fs::DirEntry| entry.file_name().to_str()?.strip_suffix(CLEAR).map(str::to_string);
        let mut ids: Vec<String> = entries.flatten().filter_map(id).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// Makes an arrival ours by one rename. `None` when what was renamed is not what was looked at.
    fn claim(&self, arrival: &Arrival) -> Result<Option<Claimed>, Fault> {
        // The sender's file name may hold a person's or an employer's name: it never becomes a name of ours. Eleven
        // digits of seconds sort as text until the year 5138.
        let mark = arrival.path.file_name().and_then(self.mark).map(|mark| mark + "-").unwrap_or_default();
        let id = format!("{:011}-{mark}{}", arrival.seconds(), hex(&*keyring::random::<6>()?));
        let clear = self.clear(&id);
        // The new name is made durable before the old one's removal is: a loss of power in between leaves two names and
        // never none.
        let claimed = fs::rename(&arrival.path, &clear).and_then(|()| sync_folder(self.claims));
        claimed.and_then(|()| sync_folder(self.inbox)).map_err(|_| unmovable(self.inbox))?;
        // A marker that cannot be removed does no harm: without its file it means nothing.
        arrival.marker.iter().for_each(|marker| drop(fs::remove_file(marker)));
        // Looked at again where only we can write: between the look and the rename somebody may have put a link in its
        // place.
        let plain = fs::symlink_metadata(&clear).is_ok_and(|found| is_plain(&found));
        if plain {
            let name = arrival.path.file_name().map(|name| name.as_encoded_bytes().to_vec());
            return Ok(Some(Claimed { id, name }));
        }
        let refused = self.claims.join(format!("{id}.refused"));
        fs::rename(&clear, refused).map_err(|_| unusable(self.claims))?;
        Ok(None)
    }

    /// From a claimed file to an archived one.
    fn finish(&self, claimed: &Claimed, record: &mut dyn FnMut(&Taken) -> Result<(), Fault>) -> Result<(), Fault> {
        let taken = Taken { name: claimed.name.clone(), ..self.archive(&claimed.id)? };
        record(&taken)?;
        let removed = fs::remove_file(self.clear(&claimed.id)).and_then(|()| sync_folder(self.claims));
        removed.map_err(|_| unusable(self.claims))
    }

    /// Encrypts the claimed file into the archive; durable when this returns.
    fn archive(&self, id: &str) -> Result<Taken, Fault> {
        let name = format!("{id}{}", Recipient::SUFFIX);
        let part = self.archive.join(format!("{id}.part"));
        let mut clear = open_plain(&self.clear(id)).map_err(|_| unusable(self.claims))?;
        let out = create(&part).map_err(|_| unusable(self.archive))?;
        let mut sealing = encrypt(&[(self.recipient)(&name)?], BufWriter::new(out))?;
        let (bytes, sha256) = self.copy(&mut clear, &mut sealing)?;
        let durable = sealing.finish()?.into_inner().map_err(io::IntoInnerError::into_error);
        // Synced under another name and only then given its own: whatever bears a name in the archive is whole.
        let durable =
            durable.and_then(|file| file.sync_all()).and_then(|()| fs::rename(&part, self.archive.join(&name)));
        durable.and_then(|()| sync_folder(self.archive)).map_err(|_| unusable(self.archive))?;
        Ok(Taken { id: id.to_string(), archive: name, bytes, name: None, sha256 })
    }

    /// Copies, counts and hashes. A file that grows or changes meanwhile is still somebody else's to write.
    fn copy(&self, clear: &mut File, out: &mut impl io::Write) -> Result<(u64, [u8; 32]), Fault> {
        let before = stamp(clear);
        let (mut hash, mut bytes, mut chunk) = (Sha256::new(), 0u64, vec![0; 64 << 10]);
        loop {
            let read = clear.read(&mut chunk).map_err(|_| unusable(self.claims))?;
            if read == 0 {
                break;
            }
            bytes += read as u64;
            if bytes > self.bytes_max {
                return Err(still_written(self.claims));
            }
            hash.update(&chunk[..read]);
            out.write_all(&chunk[..read]).map_err(|_| unusable(self.archive))?;
        }
        if before.is_none() || stamp(clear) != before {
            return Err(still_written(self.claims));
        }
        Ok((bytes, hash.finalize().into()))
    }

    fn clear(&self, id: &str) -> PathBuf {
        self.claims.join(format!("{id}{CLEAR}"))
    }
}

fn stamp(file: &File) -> Option<(u64, SystemTime)> {
    let found = file.metadata().ok()?;
    Some((found.len(), found.modified().ok()?))
}

/// Opens a file of our own folder, if it is the plain file that stands there: what is opened is compared with what was
/// looked at, which no link can pass.
fn open_plain(path: &Path) -> io::Result<File> {
    let seen = fs::symlink_metadata(path)?;
    if !is_plain(&seen) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let file = File::open(path)?;
    if same_file(&seen, &file.metadata()?) { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
}

#[cfg(unix)]
fn same_file(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn same_file(_one: &fs::Metadata, other: &fs::Metadata) -> bool {
    other.file_type().is_file()
}

/// A new file that only we can read; what stood there before is overwritten.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

pub(super) fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes a rename or a removal in a folder survive a loss of power.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

pub(super) fn unusable(folder: &Path) -> Fault {
    rules::UNUSABLE.at(named(folder))
}

fn unmovable(inbox: &Path) -> Fault {
    rules::UNMOVABLE.at(named(inbox))
}

fn still_written(folder: &Path) -> Fault {
    rules::STILL_WRITTEN.at(named(folder))
}

fn swapped(inbox: &Path) -> Fault {
    rules::SWAPPED.at(named(inbox))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypt::age::{Identity, decrypt};
    use crate::mapping::format::FilePattern;

    struct World {
        dir: tempfile::TempDir,
        identity: Identity,
        pattern: FilePattern,
        recorded: Vec<Taken>,
    }

    impl World {
        fn new() -> World {
            let dir = tempfile::tempdir().unwrap();
            fs::create_dir(dir.path().join("inbox")).unwrap();
            let pattern = FilePattern::parse("census*.csv").unwrap();
            World { dir, identity: Identity::generate(), pattern, recorded: Vec::new() }
        }

        fn put(&self, name: &str, bytes: &[u8]) {
            fs::write(self.dir.path().join("inbox").join(name), bytes).unwrap();
        }

        fn take_with(
            &mut self,
            settle: Duration,
            record: &mut dyn FnMut(&Taken) -> Result<(), Fault>,
        ) -> Result<Vec<Fault>, Fault> {
            let root = self.dir.path();
            let recipient = |_: &str| Ok(self.identity.recipient());
            let intake = Intake {
                inbox: &root.join("inbox"),
                meant: &|name: &std::ffi::OsStr| name.to_str().is_some_and(|name| self.pattern.matches(name)),
                mark: &|_| None,
                claims: &root.join("claims"),
                archive: &root.join("archive"),
                recipient: &recipient,
                bytes_max: 100_000,
                settle,
            };
            take(&intake, record)
        }

        fn take(&mut self) -> Vec<&'static str> {
            let mut recorded = Vec::new();
            let faults = self.take_with(Duration::ZERO, &mut |taken| {
                recorded.push(taken.clone());
                Ok(())
            });
            self.recorded.extend(recorded);
            faults.unwrap().iter().map(|fault| fault.code).collect()
        }

        fn archived(&self, taken: &Taken) -> Vec<u8> {
            let file = File::open(self.dir.path().join("archive").join(&taken.archive)).unwrap();
            let mut bytes = Vec::new();
            decrypt(&self.identity, file).unwrap().read_to_end(&mut bytes).unwrap();
            bytes
        }

        fn names(&self, folder: &str) -> Vec<String> {
            let entries = fs::read_dir(self.dir.path().join(folder)).unwrap();
            let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        }
    }

    fn failing(_: &Taken) -> Result<(), Fault> {
        Err(rules::UNUSABLE.fault())
    }

    #[test]
    fn a_file_is_archived_encrypted_and_its_clear_copy_is_gone() {
        let mut world = World::new();
        world.put("census.csv", b"clear text");
        world.put("other.csv", b"not ours");
        assert!(world.take().is_empty());
        let taken = world.recorded[0].clone();
        assert_eq!((world.archived(&taken), taken.bytes), (b"clear text".to_vec(), 10));
        assert_eq!(taken.sha256, <[u8; 32]>::from(Sha256::digest(b"clear text")));
        assert_eq!((world.names("inbox"), world.names("claims").len()), (vec!["other.csv".to_string()], 0));
        let sealed = fs::read(world.dir.path().join("archive").join(&taken.archive)).unwrap();
        assert!(!sealed.windows(10).any(|window| window == b"clear text"));
    }

    #[test]
    fn a_file_is_either_still_there_or_archived_wherever_the_engine_dies() {
        let mut world = World::new();
        world.put("census.csv", b"clear text");
        // Dies before the record: the claim stays in clear.
        assert_eq!(world.take_with(Duration::ZERO, &mut failing).unwrap_err().code, "INT006");
        let claims = world.names("claims");
        assert_eq!(claims.len(), 1);
        let id = claims[0].strip_suffix(CLEAR).unwrap().to_string();
        // Dies while encrypting: an unfinished copy lies in the archive, and the whole one does not.
        fs::rename(
            world.dir.path().join(format!("archive/{id}.age")),
            world.dir.path().join(format!("archive/{id}.part")),
        )
        .unwrap();
        world.take();
        assert_eq!((world.recorded[0].id.clone(), world.recorded.len()), (id.clone(), 1));
        assert_eq!(world.archived(&world.recorded[0]), b"clear text");
        // Dies after the record: the claim is still there and is recorded again under the same id.
        fs::write(world.dir.path().join(format!("claims/{id}{CLEAR}")), b"clear text").unwrap();
        world.take();
        assert_eq!(
            (world.recorded[1].id.clone(), world.names("archive").len(), world.names("claims").len()),
            (id, 1, 0)
        );
    }

    #[test]
    fn d3_a_file_that_is_still_being_written_is_left_until_it_rests_or_is_marked() {
        let mut world = World::new();
        world.put("census.csv", b"half");
        let hour = Duration::from_secs(3600);
        let faults = world.take_with(hour, &mut |_| Ok(())).unwrap();
        assert_eq!((faults[0].code, world.names("inbox").len()), ("INT002", 1));
        world.put("census.csv.done", b"");
        assert!(world.take_with(hour, &mut |_| Ok(())).unwrap().is_empty());
        assert!(world.names("inbox").is_empty());
    }

    #[test]
    fn files_are_taken_in_the_order_in_which_they_were_written() {
        let mut world = World::new();
        for (name, seconds) in [("census-c.csv", 100), ("census-a.csv", 300), ("census-b.csv", 200)] {
            world.put(name, name.as_bytes());
            let file = File::options().write(true).open(world.dir.path().join("inbox").join(name)).unwrap();
            file.set_modified(std::time::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
        }
        world.take();
        let order: Vec<_> = world.recorded.iter().map(|taken| world.archived(taken)[7]).collect();
        assert_eq!(order, *b"cba");
        assert!(world.recorded.is_sorted_by_key(|taken| &taken.id));
    }

    #[cfg(unix)]
    #[test]
    fn d25_links_folders_and_large_files_are_left_where_they_are() {
        let mut world = World::new();
        let root = world.dir.path().to_path_buf();
        fs::write(root.join("precious"), "x").unwrap();
        std::os::unix::fs::symlink(root.join("precious"), root.join("inbox/census-link.csv")).unwrap();
        fs::hard_link(root.join("precious"), root.join("inbox/census-hard.csv")).unwrap();
        fs::create_dir(root.join("inbox/census-folder.csv")).unwrap();
        world.put("census-large.csv", &[0; 100_001]);
        world.put(".census.csv", b"hidden");
        let mut faults = world.take();
        faults.sort_unstable();
        assert_eq!(faults, ["INT001", "INT001", "INT001", "INT003"]);
        assert!(world.recorded.is_empty() && world.names("claims").is_empty());
        assert_eq!(fs::read(root.join("precious")).unwrap(), b"x");
    }

    #[test]
    fn d24_names_of_files_are_never_shown() {
        let mut world = World::new();
        world.put("census SECRETNAME.csv", b"half");
        let faults = world.take_with(Duration::from_secs(3600), &mut |_| Ok(())).unwrap();
        assert!(!format!("{faults:?}").contains("SECRET"));
    }

    #[test]
    fn an_inbox_that_is_not_there_is_an_empty_one() {
        let mut world = World::new();
        fs::remove_dir(world.dir.path().join("inbox")).unwrap();
        assert!(world.take().is_empty());
    }
}
