//! SFTP as OpenSSH's server speaks it: exclusive opens, a rename that refuses a taken name, and one status for
//! nearly everything that fails.
//!
//! Files are read and written on the server's own threads: a simulated disk is local, and handing each 32 KiB to
//! another thread would cost more than writing it.
#![allow(clippy::disallowed_methods)] // An edge: it serves files.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use russh_sftp::protocol::{
    Attrs, Data, ExtendedReply, File as Listed, FileAttributes, Handle, Name, OpenFlags, Packet, Status, StatusCode,
    Version,
};
use russh_sftp::server::Handler;

use crate::simulate::misbehaviour::Misbehaviour;
use crate::simulate::place::{Breaker, CarrierDisk, PICKED_UP};

/// Entries told per answer to a request for a listing.
const ENTRIES_PER_ANSWER: usize = 100;
/// Longest answer to a read, in bytes: OpenSSH's.
const READ_BYTES_MAX: u32 = 256 * 1024;
/// How often a stalled request looks whether it may go on.
const STALL: Duration = Duration::from_millis(1);
/// Free space claimed while the disk is not full.
const PLENTY_BYTES: u64 = 1 << 40;

enum OpenHandle {
    File { file: File, path: PathBuf, written: bool },
    Folder { path: PathBuf, left: Vec<Listed> },
}

/// The files as one connection sees them.
pub(in crate::simulate) struct ServedFiles {
    place: Arc<CarrierDisk>,
    breaker: Breaker,
    open: HashMap<String, OpenHandle>,
    next: u64,
}

type SftpResult<T> = Result<T, StatusCode>;

impl ServedFiles {
    /// Serves one connection's folder with the faults of the script.
    pub fn new(place: Arc<CarrierDisk>, breaker: Breaker) -> ServedFiles {
        ServedFiles { place, breaker, open: HashMap::new(), next: 0 }
    }

    fn keep(&mut self, id: u32, open: OpenHandle) -> Handle {
        self.next += 1;
        let handle = self.next.to_string();
        self.open.insert(handle.clone(), open);
        Handle { id, handle }
    }

    fn file(&mut self, handle: &str) -> SftpResult<(&mut File, &mut bool)> {
        match self.open.get_mut(handle) {
            Some(OpenHandle::File { file, written, .. }) => Ok((file, written)),
            _ => Err(StatusCode::Failure),
        }
    }

    fn once(&self, due: Misbehaviour) -> bool {
        self.place.script.once(due)
    }

    fn broken<T>(&self) -> SftpResult<T> {
        self.breaker.cut();
        Err(StatusCode::Failure)
    }

    /// Never returns when silence is in force or the connection broken.
    async fn listen(&self) {
        // Never answers rather than failing: a client must come out of that by its own timeout.
        if self.breaker.is_cut() || self.place.script.has(Misbehaviour::Silence) {
            std::future::pending::<()>().await;
        }
        while self.place.script.stalls() {
            tokio::time::sleep(STALL).await;
        }
    }

    fn write_at(&mut self, handle: &str, offset: u64, data: &[u8]) -> SftpResult<()> {
        let allowed = self.place.script.allowance(data.len() as u64);
        // A full disk and a broken line both leave a part behind: what is written before the refusal is what a sender
        // finds when it looks.
        let part = usize::try_from(allowed.bytes).map_or(data, |bytes| &data[..bytes.min(data.len())]);
        let (file, written) = self.file(handle)?;
        *written = true;
        file.write_all_at(part, offset).map_err(|error| status(&error))?;
        if allowed.drop {
            return self.broken();
        }
        if allowed.full { Err(StatusCode::Failure) } else { Ok(()) }
    }

    fn close_written(&self, file: &File) -> SftpResult<()> {
        let length = || file.metadata().map(|metadata| metadata.len()).map_err(|error| status(&error));
        if let Some(bytes) = self.place.script.bytes_to_lose() {
            file.set_len(length()?.saturating_sub(bytes)).map_err(|error| status(&error))?;
        }
        if self.once(Misbehaviour::AlterOneByte) {
            let mut byte = [0];
            let middle = length()? / 2;
            file.read_exact_at(&mut byte, middle).map_err(|error| status(&error))?;
            file.write_all_at(&[!byte[0]], middle).map_err(|error| status(&error))?;
        }
        if self.once(Misbehaviour::FailClose) { Err(StatusCode::Failure) } else { Ok(()) }
    }

    fn rename_as_openssh(&self, from: &Path, to: &Path) -> SftpResult<()> {
        let script = &self.place.script;
        if script.has(Misbehaviour::RefuseRename) || !from.is_file() {
            return Err(if from.exists() { StatusCode::Failure } else { StatusCode::NoSuchFile });
        }
        if self.once(Misbehaviour::DropBeforeRename) {
            return self.broken();
        }
        if self.once(Misbehaviour::NameExists) {
            fs::write(to, "somebody else's file").map_err(|error| status(&error))?;
        }
        // OpenSSH's own server renames by link and unlink, so that a taken name is refused. A server that dies in
        // between leaves both names, and the protocol has to bear that.
        fs::hard_link(from, to).map_err(|error| status(&error))?;
        if self.once(Misbehaviour::DropBetweenLinkAndUnlink) {
            self.published(to)?;
            return self.broken();
        }
        fs::remove_file(from).map_err(|error| status(&error))?;
        self.published(to)?;
        if self.once(Misbehaviour::DropAfterRename) { self.broken() } else { Ok(()) }
    }

    fn published(&self, file: &Path) -> SftpResult<()> {
        if !self.place.is_in_inbox(file) {
            return Ok(());
        }
        let mut file = file.to_owned();
        if self.place.script.has(Misbehaviour::VanishAfterRename)
            && let Some(name) = file.file_name()
        {
            let away = self.place.root.join(PICKED_UP).join(name);
            fs::rename(&file, &away).map_err(|error| status(&error))?;
            file = away;
        }
        self.place.publish(file);
        Ok(())
    }

    fn sync(&mut self, handle: &str) -> SftpResult<()> {
        if self.once(Misbehaviour::FailSync) {
            return Err(StatusCode::Failure);
        }
        self.file(handle)?.0.sync_all().map_err(|error| status(&error))
    }

    /// The numbers of `statvfs`: what is free is what the script leaves, in blocks of one byte.
    fn space(&self) -> Vec<u8> {
        let free = self.place.script.room().unwrap_or(PLENTY_BYTES);
        let (block, inodes, name_max) = (1, 1 << 20, 255);
        let numbers = [block, block, PLENTY_BYTES, free, free, inodes, inodes, inodes, 0, 0, name_max];
        numbers.iter().flat_map(|number: &u64| number.to_be_bytes()).collect()
    }
}

impl Handler for ServedFiles {
    type Error = StatusCode;

    fn unimplemented(&self) -> StatusCode {
        StatusCode::OpUnsupported
    }

    async fn init(&mut self, _version: u32, _extensions: HashMap<String, String>) -> SftpResult<Version> {
        let mut version = Version::new();
        for (name, value) in [("fsync@openssh.com", "1"), ("statvfs@openssh.com", "2"), ("fstatvfs@openssh.com", "2")] {
            version.extensions.insert(name.to_owned(), value.to_owned());
        }
        Ok(version)
    }

    async fn open(
        &mut self,
        id: u32,
        filename: String,
        flags: OpenFlags,
        _attrs: FileAttributes,
    ) -> SftpResult<Handle> {
        self.listen().await;
        if flags.contains(OpenFlags::READ) && self.place.script.has(Misbehaviour::Unreadable) {
            return Err(StatusCode::PermissionDenied);
        }
        let path = self.place.below(&filename);
        // Always readable for us, so that misbehaving can alter what was written.
        let file = OpenOptions::from(flags).read(true).open(&path).map_err(|error| status(&error))?;
        Ok(self.keep(id, OpenHandle::File { file, path, written: false }))
    }

    async fn close(&mut self, id: u32, handle: String) -> SftpResult<Status> {
        self.listen().await;
        match self.open.remove(&handle) {
            Some(OpenHandle::File { file, written: true, .. }) => self.close_written(&file)?,
            Some(_) => {}
            None => return Err(StatusCode::Failure),
        }
        Ok(done(id))
    }

    async fn read(&mut self, id: u32, handle: String, offset: u64, len: u32) -> SftpResult<Data> {
        self.listen().await;
        let mut data = vec![0; len.min(READ_BYTES_MAX) as usize];
        let count = self.file(&handle)?.0.read_at(&mut data, offset).map_err(|error| status(&error))?;
        if self.place.script.has(Misbehaviour::EndlessFile) {
            return Ok(Data { id, data });
        }
        if count == 0 && len > 0 {
            return Err(StatusCode::Eof);
        }
        data.truncate(count);
        Ok(Data { id, data })
    }

    async fn write(&mut self, id: u32, handle: String, offset: u64, data: Vec<u8>) -> SftpResult<Status> {
        self.listen().await;
        self.write_at(&handle, offset, &data).map(|()| done(id))
    }

    async fn lstat(&mut self, id: u32, path: String) -> SftpResult<Attrs> {
        self.listen().await;
        let metadata = fs::symlink_metadata(self.place.below(&path)).map_err(|error| status(&error))?;
        Ok(Attrs { id, attrs: (&metadata).into() })
    }

    async fn fstat(&mut self, id: u32, handle: String) -> SftpResult<Attrs> {
        self.listen().await;
        let path = match self.open.get(&handle) {
            Some(OpenHandle::File { path, .. } | OpenHandle::Folder { path, .. }) => path,
            None => return Err(StatusCode::Failure),
        };
        let metadata = fs::metadata(path).map_err(|error| status(&error))?;
        Ok(Attrs { id, attrs: (&metadata).into() })
    }

    async fn stat(&mut self, id: u32, path: String) -> SftpResult<Attrs> {
        self.listen().await;
        let metadata = fs::metadata(self.place.below(&path)).map_err(|error| status(&error))?;
        Ok(Attrs { id, attrs: (&metadata).into() })
    }

    async fn opendir(&mut self, id: u32, path: String) -> SftpResult<Handle> {
        self.listen().await;
        let path = self.place.below(&path);
        let left = listed(&path).map_err(|error| status(&error))?;
        Ok(self.keep(id, OpenHandle::Folder { path, left }))
    }

    async fn readdir(&mut self, id: u32, handle: String) -> SftpResult<Name> {
        self.listen().await;
        match self.open.get_mut(&handle) {
            Some(OpenHandle::Folder { left, .. }) if left.is_empty() => Err(StatusCode::Eof),
            Some(OpenHandle::Folder { left, .. }) => {
                let files = left.split_off(left.len().saturating_sub(ENTRIES_PER_ANSWER));
                Ok(Name { id, files })
            }
            _ => Err(StatusCode::Failure),
        }
    }

    async fn remove(&mut self, id: u32, filename: String) -> SftpResult<Status> {
        self.listen().await;
        fs::remove_file(self.place.below(&filename)).map(|()| done(id)).map_err(|error| status(&error))
    }

    async fn realpath(&mut self, id: u32, path: String) -> SftpResult<Name> {
        let path = self.place.below(&path);
        let below = path.strip_prefix(&self.place.root).unwrap_or(Path::new(""));
        Ok(Name { id, files: vec![Listed::dummy(format!("/{}", below.display()))] })
    }

    async fn rename(&mut self, id: u32, oldpath: String, newpath: String) -> SftpResult<Status> {
        self.listen().await;
        self.rename_as_openssh(&self.place.below(&oldpath), &self.place.below(&newpath)).map(|()| done(id))
    }

    async fn extended(&mut self, id: u32, request: String, data: Vec<u8>) -> SftpResult<Packet> {
        self.listen().await;
        match request.as_str() {
            "fsync@openssh.com" => self.sync(text(&data)?).map(|()| Packet::Status(done(id))),
            // Of the handle of a folder OpenSSH has nothing to say.
            "fstatvfs@openssh.com" if matches!(self.open.get(text(&data)?), Some(OpenHandle::Folder { .. })) => {
                Err(StatusCode::Failure)
            }
            "statvfs@openssh.com" | "fstatvfs@openssh.com" => {
                Ok(Packet::ExtendedReply(ExtendedReply { id, data: self.space() }))
            }
            _ => Err(StatusCode::OpUnsupported),
        }
    }
}

/// The string an extended request carries: its length in four bytes, then itself.
fn text(data: &[u8]) -> SftpResult<&str> {
    data.get(4..).and_then(|bytes| std::str::from_utf8(bytes).ok()).ok_or(StatusCode::BadMessage)
}

fn listed(folder: &Path) -> io::Result<Vec<Listed>> {
    let mut files = Vec::new();
    for found in fs::read_dir(folder)? {
        let found = found?;
        if let (Ok(name), Ok(metadata)) = (found.file_name().into_string(), found.metadata()) {
            files.push(Listed::new(name, (&metadata).into()));
        }
    }
    Ok(files)
}

/// Everything but "absent" and "forbidden" is a failure, as with OpenSSH.
fn status(error: &io::Error) -> StatusCode {
    match error.kind() {
        io::ErrorKind::NotFound => StatusCode::NoSuchFile,
        io::ErrorKind::PermissionDenied => StatusCode::PermissionDenied,
        _ => StatusCode::Failure,
    }
}

fn done(id: u32) -> Status {
    Status { id, status_code: StatusCode::Ok, error_message: String::new(), language_tag: String::new() }
}
