//! What all connections of one simulated carrier share: its folder, its script, and whom it tells of files.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::simulate::misbehaviour::Script;

/// Folder below the root where senders publish.
pub(in crate::simulate) const INBOX: &str = "inbox";
/// Folder below the root where files go that are picked up at once.
pub(in crate::simulate) const PICKED_UP: &str = "picked-up";

/// Shared by the connections.
pub(in crate::simulate) struct CarrierDisk {
    /// What senders see as `/`.
    pub root: PathBuf,
    /// What is done wrong.
    pub script: Script,
    /// Logins tried, successful or not.
    pub logins: AtomicU64,
    pending: Pending,
    published: Mutex<Option<Sender<PathBuf>>>,
}

/// Published files that have not been dealt with.
#[derive(Clone, Default)]
struct Pending(Arc<(Mutex<usize>, Condvar)>);

impl Pending {
    fn change(&self, by: impl Fn(usize) -> usize) {
        let mut count = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        *count = by(*count);
        self.0.1.notify_all();
    }

    fn wait(&self) {
        let count = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let done = self.0.1.wait_while(count, |count| *count > 0);
        drop(done);
    }
}

/// Counts down when dropped, so also when a hook panics.
struct Countdown(Pending);

impl Drop for Countdown {
    fn drop(&mut self) {
        self.0.change(|count| count.saturating_sub(1));
    }
}

/// A published file on its way to the hook.
pub(in crate::simulate) struct Hooks {
    files: Receiver<PathBuf>,
    pending: Pending,
}

impl Hooks {
    /// Calls `hook` with each published file until the place closes. Runs on a thread of its own.
    pub fn run(self, hook: impl Fn(&Path)) {
        for file in self.files.iter() {
            let _countdown = Countdown(self.pending.clone());
            hook(&file);
        }
    }
}

impl CarrierDisk {
    /// A place, and the other end of its notices.
    pub fn new(root: PathBuf) -> (CarrierDisk, Hooks) {
        let (sender, files) = channel();
        let pending = Pending::default();
        let place = CarrierDisk {
            root,
            script: Script::default(),
            logins: AtomicU64::new(0),
            pending: pending.clone(),
            published: Mutex::new(Some(sender)),
        };
        (place, Hooks { files, pending })
    }

    /// Remembers that somebody has tried to log in.
    pub fn count_login(&self) {
        self.logins.fetch_add(1, Ordering::Relaxed);
    }

    /// Tells the hook of a file. Counted before it returns, so that who learned of the publishing can wait for it.
    pub fn publish(&self, file: PathBuf) {
        self.pending.change(|count| count + 1);
        let guard = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = guard.as_ref().is_some_and(|sender| sender.send(file).is_ok());
        if !sent {
            self.pending.change(|count| count.saturating_sub(1));
        }
    }

    /// Waits until the hook has dealt with every file published before the call.
    pub fn wait_idle(&self) {
        self.pending.wait();
    }

    /// Ends the notices.
    pub fn close(&self) {
        self.published.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// The file a sender means by `path`: below the root, whatever it says. The other half of the tuple is the
    /// first folder's name.
    pub fn below(&self, path: &str) -> PathBuf {
        let mut parts: Vec<&str> = Vec::new();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        parts.iter().fold(self.root.clone(), |whole, part| whole.join(part))
    }

    /// Whether a file stands directly in the inbox.
    pub fn is_in_inbox(&self, file: &Path) -> bool {
        file.parent() == Some(&self.root.join(INBOX))
    }
}

/// Breaks a connection as a network does: both directions, at once.
#[derive(Clone)]
pub(in crate::simulate) struct Breaker(Arc<(TcpStream, AtomicBool)>);

impl Breaker {
    /// For a connection, by a second handle on it.
    pub fn new(stream: TcpStream) -> Breaker {
        Breaker(Arc::new((stream, AtomicBool::new(false))))
    }

    /// Ends the connection without a word, as a broken line does.
    pub fn cut(&self) {
        self.0.1.store(true, Ordering::Relaxed);
        // Already closed is as good.
        let _ = self.0.0.shutdown(std::net::Shutdown::Both);
    }

    /// Whether it was broken. Requests that had arrived by then are not carried out: a server that dies does not
    /// work off its queue.
    pub fn is_cut(&self) -> bool {
        self.0.1.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_root() {
        let (place, _hooks) = CarrierDisk::new(PathBuf::from("/r"));
        for (said, meant) in [("", "/r"), ("..", "/r"), ("/../../etc", "/r/etc"), ("inbox/./a", "/r/inbox/a")] {
            assert_eq!(place.below(said), PathBuf::from(meant), "{said}");
        }
        assert!(place.is_in_inbox(&place.below("/inbox/a")) && !place.is_in_inbox(&place.below("/inbox/a/b")));
    }

    #[test]
    fn idle_means_that_the_hook_has_returned_for_every_file() {
        let (place, hooks) = CarrierDisk::new(PathBuf::from("/r"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let into = seen.clone();
        let worker =
            std::thread::spawn(move || hooks.run(move |file: &Path| into.lock().unwrap().push(file.to_owned())));
        for number in 0..100 {
            place.publish(PathBuf::from(number.to_string()));
        }
        place.wait_idle();
        assert_eq!(seen.lock().unwrap().len(), 100);
        place.close();
        worker.join().unwrap();
        place.publish(PathBuf::from("late"));
        place.wait_idle();
    }
}
