//! What stands between bex and its server, and cuts it off at a COMMIT: before the server hears of it, or before bex
//! hears the answer.

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;

/// On which side of a COMMIT the connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The server never hears of it.
    Before,
    /// The server has committed, and nobody hears its answer.
    After,
}

/// A way to a server that can be cut.
pub struct CutOff {
    folder: tempfile::TempDir,
    left: Arc<AtomicI64>,
}

impl CutOff {
    /// A way to the server whose socket is in `server`, cut once, at the `n`th COMMIT.
    pub fn at(server: &Path, n: i64, cut: Cut) -> CutOff {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(socket(folder.path())).unwrap();
        let (left, target) = (Arc::new(AtomicI64::new(n)), socket(server));
        let counted = left.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (left, server) = (counted.clone(), UnixStream::connect(&target));
                thread::spawn(move || server.and_then(|server| Way { client, server, left, cut }.lead()));
            }
        });
        CutOff { folder, left }
    }

    /// The folder of the socket that leads to the server.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Whether it was cut.
    pub fn was_cut(&self) -> bool {
        self.left.load(Ordering::SeqCst) <= 0
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join(".s.PGSQL.5432")
}

impl Drop for CutOff {
    fn drop(&mut self) {
        // Nobody comes in any more; the thread that listens ends with the process.
        let _ = fs::remove_file(socket(self.folder.path()));
    }
}

/// One connection.
struct Way {
    client: UnixStream,
    server: UnixStream,
    left: Arc<AtomicI64>,
    cut: Cut,
}

impl Way {
    fn lead(mut self) -> io::Result<()> {
        let (mut from, mut to) = (self.server.try_clone()?, self.client.try_clone()?);
        let back = thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(std::net::Shutdown::Both);
        });
        // The first message has no kind.
        let first = message(&mut self.client, false)?;
        self.server.write_all(&first)?;
        while let Ok(message) = message(&mut self.client, true) {
            if message.starts_with(b"Q") && message[5..].starts_with(b"COMMIT") && self.is_the_one() {
                return self.end(&message);
            }
            self.server.write_all(&message)?;
        }
        let _ = self.server.shutdown(std::net::Shutdown::Both);
        let _ = back.join();
        Ok(())
    }

    fn is_the_one(&self) -> bool {
        self.left.fetch_sub(1, Ordering::SeqCst) == 1
    }

    /// The client is cut off first: it must not hear what the server says.
    fn end(mut self, commit: &[u8]) -> io::Result<()> {
        self.client.shutdown(std::net::Shutdown::Both)?;
        if self.cut == Cut::After {
            self.server.write_all(commit)?;
            // The server ends the connection when it has dealt with everything that came.
            self.server.shutdown(std::net::Shutdown::Write)?;
            return Ok(());
        }
        self.server.shutdown(std::net::Shutdown::Both)
    }
}

/// The next message of a client.
fn message(from: &mut UnixStream, has_kind: bool) -> io::Result<Vec<u8>> {
    let mut message = vec![0; if has_kind { 5 } else { 4 }];
    from.read_exact(&mut message)?;
    let length = u32::from_be_bytes(message[message.len() - 4..].try_into().unwrap()) as usize;
    let start = message.len();
    message.resize(start + length - 4, 0);
    from.read_exact(&mut message[start..])?;
    Ok(message)
}
