//! SFTP over libssh2: one connection, one session, blocking.
//!
//! OpenSSH answers "no space", "over quota" and "name taken" with one and the same status, and puts the difference
//! in a text. The text is not read: what happened is found out by looking.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use sha2::{Digest, Sha256};
use ssh2::{
    ErrorCode, FileStat, KeyboardInteractivePrompt, MethodType, OpenFlags, OpenType, Prompt, RenameFlags, Session,
};

use crate::crypt::keyring::Secret;
use crate::fault::Label;
use crate::transport::contract::{CHUNK_BYTES, Connect, ENTRIES_MAX, Entry, Put, Stat, Transport, safe_name, split};
use crate::transport::error::{TransportError, TransportErrorKind};
use crate::transport::hostkey::{HostKey, PinnedKeys};
use crate::transport::offers::Offers;
use crate::transport::watch::{CutWhen, Watch};

/// How a new file may be read at the carrier. It holds ciphertext, and the account that picks it up is rarely ours.
const FILE_MODE: i32 = 0o644;

/// Where and as whom to log in.
#[derive(Clone, Debug)]
pub struct SftpSite {
    /// Host name or address.
    pub host: String,
    /// Port, usually 22.
    pub port: u16,
    /// Login name at the carrier.
    pub user: String,
    /// The keys the host is known by.
    pub pinned: PinnedKeys,
    /// By what we log in.
    pub login: Login,
    /// Longest wait for an answer or for progress; 30 s is usual.
    pub timeout: Duration,
    /// When somebody wants the line cut whatever it waits for.
    pub cut_when: CutWhen,
}

/// By what we log in: a key, a password, or, where the server wants both, one after the other.
#[derive(Clone, Debug)]
pub struct Login {
    /// Our private key, OpenSSH or PEM, without passphrase (the file's mode protects it).
    pub key: Option<Secret>,
    /// The password, for a server that takes no key, or wants more than one.
    pub password: Option<Secret>,
}

/// A connection. Dropping it says goodbye, but never waits for a host that went silent.
pub struct Sftp {
    // Order matters: fields are dropped from the top, and the session must outlive the channel.
    sftp: ssh2::Sftp,
    session: Session,
    line: Wire,
    watch: Watch,
}

/// A host that has agreed on how to talk.
struct Greeted {
    session: Session,
    line: Wire,
    watch: Watch,
}

/// A line that the watch has cut did not break: its time was over.
fn by_the_watch(watch: &Watch, mut error: TransportError) -> TransportError {
    if watch.has_cut() && error.kind != TransportErrorKind::Timeout {
        error = TransportError { facts: error.facts, ..TransportError::new(TransportErrorKind::Timeout, error.during) };
    }
    error
}

/// A second handle on the socket, to cut it: libssh2 otherwise waits its full timeout in each destructor.
struct Wire {
    stream: TcpStream,
    cut: bool,
}

impl Wire {
    fn cut(&mut self) {
        if !self.cut {
            self.cut = true;
            // It may be closed already, which is what was wanted.
            let _ = self.stream.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Sftp {
    fn drop(&mut self) {
        if !self.line.cut {
            // One second: a goodbye that a dead host does not answer must not hold up the run for its whole timeout.
            self.session.set_timeout(1_000);
            // A courtesy: the host may not be listening any more, and nothing depends on it.
            let _ = self.session.disconnect(None, "done", None);
        }
        self.line.cut();
    }
}

impl SftpSite {
    /// Connects, compares the host's key with the pinned ones, and only then logs in.
    ///
    /// # Errors
    /// As [`Connect::connect`].
    pub fn open(&self) -> Result<Sftp, TransportError> {
        // Only the pinned keys' algorithms are offered: a host with several keys would else choose one that nobody
        // pinned, and a good host would look like a wrong one.
        let Greeted { session, mut line, watch } = self.greet(Some(&self.pinned.algorithms()))?;
        watch.begin(0);
        let opened = self.recognise(&session).and_then(|()| self.log_in(&session));
        watch.rest();
        match opened {
            Ok(sftp) => Ok(Sftp { sftp, session, line, watch }),
            Err(error) => {
                line.cut();
                Err(by_the_watch(&watch, error))
            }
        }
    }

    /// The key the host shows to somebody who pins none. For a person to compare; no login is tried.
    ///
    /// # Errors
    /// Temporary: `Unreachable`, `Timeout`, `Broken`. `Failure` when no common algorithms are found.
    pub fn shown_key(&self) -> Result<HostKey, TransportError> {
        let Greeted { session, mut line, .. } = self.greet(None)?;
        let key = session.host_key().and_then(|(blob, _)| HostKey::from_wire(blob));
        line.cut();
        key.ok_or_else(|| TransportError::new(TransportErrorKind::Failure, "handshake"))
    }

    fn greet(&self, algorithms: Option<&str>) -> Result<Greeted, TransportError> {
        let stream = self.dial()?;
        // Cloned before the session takes the socket: afterwards only libssh2 could reach it, and it would wait.
        let local = |_| TransportError::new(TransportErrorKind::Local, "connect");
        let line = Wire { stream: stream.try_clone().map_err(local)?, cut: false };
        let watch = Watch::over(stream.try_clone().map_err(local)?, self.timeout, self.cut_when.clone());
        let mut session = Session::new().map_err(|error| translated(&error, "connect"))?;
        session.set_timeout(u32::try_from(self.timeout.as_millis()).unwrap_or(u32::MAX));
        let ciphers = supported("cipher").join(",");
        for way in [MethodType::CryptCs, MethodType::CryptSc] {
            session.method_pref(way, &ciphers).map_err(|error| translated(&error, "connect"))?;
        }
        if let Some(names) = algorithms {
            session.method_pref(MethodType::HostKey, names).map_err(|error| translated(&error, "connect"))?;
        }
        session.set_tcp_stream(stream);
        match session.handshake() {
            Ok(()) => Ok(Greeted { session, line, watch }),
            // libssh2 says no more than that there was no agreement. A second greeting without our list tells a wrong
            // key, which is for the security desk, from ciphers that do not match, which are for whoever runs the
            // server.
            Err(error) if algorithms.is_some() && no_agreement(&error) => Err(self.why_no_agreement()),
            Err(error) => Err(by_the_watch(&watch, translated(&error, "handshake"))),
        }
    }

    fn dial(&self) -> Result<TcpStream, TransportError> {
        let unreachable =
            |because| TransportError::new(TransportErrorKind::Unreachable, "connect").name("because", because);
        let mut last = unreachable("unknown-name");
        for address in (self.host.as_str(), self.port).to_socket_addrs().map_err(|_| last.clone())? {
            match TcpStream::connect_timeout(&address, self.timeout) {
                Ok(stream) => {
                    // Requests are small and wait for answers; holding them back only costs time.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                    last = TransportError::new(TransportErrorKind::Timeout, "connect");
                }
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => last = unreachable("refused"),
                Err(_) => last = unreachable("no-route"),
            }
        }
        Err(last)
    }

    /// The host could not agree to our list of algorithms. If it has a key, but none that is pinned, the key is
    /// what is wrong, and both fingerprints are shown.
    fn why_no_agreement(&self) -> TransportError {
        match self.shown_key() {
            Ok(shown) if !self.pinned.allows(&shown) => self.wrong_key(&shown),
            Ok(_) => self.nothing_in_common(),
            Err(error) if error.kind == TransportErrorKind::Failure => self.nothing_in_common(),
            Err(error) => error,
        }
    }

    /// Neither list of ours and the server's has the same name: which list, and what stands in both.
    fn nothing_in_common(&self) -> TransportError {
        let error = TransportError::new(TransportErrorKind::Algorithms, "handshake");
        let offers = self.dial().ok().and_then(|stream| {
            stream.set_read_timeout(Some(self.timeout)).ok()?;
            Offers::ask(&stream)
        });
        let Some(offers) = offers else { return error };
        let Some((of, theirs)) = offers.without_common(supported) else { return error };
        error.name("of", of).name("server", &listed(theirs)).name("ours", &listed(&supported(of)))
    }

    fn recognise(&self, session: &Session) -> Result<(), TransportError> {
        let shown = session.host_key().and_then(|(blob, _)| HostKey::from_wire(blob));
        match shown {
            Some(key) if self.pinned.allows(&key) => Ok(()),
            Some(key) => Err(self.wrong_key(&key)),
            None => Err(TransportError::new(TransportErrorKind::HostKey, "handshake")),
        }
    }

    fn wrong_key(&self, shown: &HostKey) -> TransportError {
        let error = TransportError::new(TransportErrorKind::HostKey, "handshake").name("shown", shown.fingerprint());
        self.pinned.fingerprints().fold(error, |error, print| error.name("pinned", print))
    }

    fn log_in(&self, session: &Session) -> Result<ssh2::Sftp, TransportError> {
        if let Some(key) = &self.login.key {
            self.log_in_by_key(session, key)?;
        }
        if let Some(password) = self.login.password.as_ref().filter(|_| !session.authenticated()) {
            self.log_in_by_password(session, password)?;
        }
        if !session.authenticated() {
            return Err(self.refused(session));
        }
        session.sftp().map_err(|error| translated(&error, "start of sftp"))
    }

    /// Shows the key. A refusal is no error yet: a server that wants a password after the key answers alike.
    fn log_in_by_key(&self, session: &Session, key: &Secret) -> Result<(), TransportError> {
        let key = key.text().map_err(|_| TransportError::new(TransportErrorKind::Local, "login"))?;
        match session.userauth_pubkey_memory(&self.user, None, key, None) {
            Err(error) if translated(&error, "login").kind.is_of_the_connection() => Err(translated(&error, "login")),
            // Any other answer is one about this key: hosts differ in how they word a refusal, and none helps more.
            _ => Ok(()),
        }
    }

    /// Gives the password, in the one way the server takes it.
    fn log_in_by_password(&self, session: &Session, password: &Secret) -> Result<(), TransportError> {
        let password = password.text().map_err(|_| TransportError::new(TransportErrorKind::Local, "login"))?;
        let methods = session.auth_methods(&self.user).unwrap_or_default();
        let taken: Vec<&str> = methods.split(',').collect();
        let answer = if taken.contains(&"password") {
            session.userauth_password(&self.user, password)
        } else if taken.contains(&"keyboard-interactive") {
            session.userauth_keyboard_interactive(&self.user, &mut Answers { password, asked: false })
        } else {
            Ok(())
        };
        match answer {
            Err(error) if translated(&error, "login").kind.is_of_the_connection() => Err(translated(&error, "login")),
            _ => Ok(()),
        }
    }

    /// The login was refused. Whether by what it shows or by the way it does is for different people to mend.
    fn refused(&self, session: &Session) -> TransportError {
        let methods = session.auth_methods(&self.user).unwrap_or_default().to_owned();
        let offered: Vec<&str> = methods.split(',').filter(|method| !method.is_empty()).collect();
        let ours = |method: &&str| match *method {
            "publickey" => self.login.key.is_some(),
            "password" | "keyboard-interactive" => self.login.password.is_some(),
            _ => false,
        };
        let of_our_kind = offered.is_empty() || offered.iter().any(ours);
        let kind = if of_our_kind { TransportErrorKind::Login } else { TransportErrorKind::LoginMethod };
        let error = TransportError::new(kind, "login");
        if offered.is_empty() { error } else { error.name("offered", &offered.join(" ")) }
    }
}

/// Answers what a server asks over the keyboard: one hidden question, once. A second one would be a second factor,
/// which nobody is there to give.
struct Answers<'p> {
    password: &'p str,
    asked: bool,
}

impl KeyboardInteractivePrompt for Answers<'_> {
    fn prompt<'a>(&mut self, _user: &str, _instructions: &str, prompts: &[Prompt<'a>]) -> Vec<String> {
        let mut hidden = |prompt: &Prompt<'a>| !prompt.echo && !std::mem::replace(&mut self.asked, true);
        prompts.iter().map(|prompt| if hidden(prompt) { self.password.to_owned() } else { String::new() }).collect()
    }
}

/// Whether a cipher tells nobody on the way anything: in CBC, whoever alters what passes learns parts of it.
fn is_sound(cipher: &str) -> bool {
    ["-gcm", "-ctr", "chacha20"].iter().any(|mode| cipher.contains(mode))
}

/// What we can do, and are willing to, of the kind a server lists.
fn supported(of: &str) -> Vec<String> {
    let method = match of {
        "key exchange" => MethodType::Kex,
        "host key" => MethodType::HostKey,
        "cipher" => MethodType::CryptCs,
        _ => MethodType::MacCs,
    };
    let names = Session::new().and_then(|session| session.supported_algs(method)).unwrap_or_default();
    let sound = |name: &&str| of != "cipher" || is_sound(name);
    names.into_iter().filter(sound).map(str::to_string).collect()
}

/// Names as one text, as many as a fact may hold; a maker's names (`name@maker`) only where there is room.
fn listed(names: &[String]) -> String {
    let standard = names.iter().filter(|name| !name.contains('@'));
    let mut text = String::new();
    for name in standard.chain(names.iter().filter(|name| name.contains('@'))) {
        if text.len() + name.len() + 1 > Label::LONGEST {
            break;
        }
        text.push_str(if text.is_empty() { "" } else { " " });
        text.push_str(name);
    }
    text
}

impl Connect for SftpSite {
    fn connect(&self) -> Result<Box<dyn Transport>, TransportError> {
        self.open().map(|sftp| Box::new(sftp) as Box<dyn Transport>)
    }
}

impl Transport for Sftp {
    fn stat(&mut self, path: &str) -> Result<Option<Stat>, TransportError> {
        self.watched(0, |sftp| sftp.stat_now(path))
    }

    fn list(&mut self, folder: &str) -> Result<Vec<Entry>, TransportError> {
        self.watched(0, |sftp| sftp.list_now(folder))
    }

    fn fetch(&mut self, path: &str, sink: &mut dyn Write, limit: u64) -> Result<u64, TransportError> {
        self.watched(limit, |sftp| sftp.fetch_now(path, sink, limit))
    }

    fn put_new(&mut self, path: &str, source: &mut dyn Read, length: u64) -> Result<Put, TransportError> {
        self.watched(length, |sftp| sftp.put_new_now(path, source, length))
    }

    fn rename_new(&mut self, from: &str, to: &str) -> Result<(), TransportError> {
        self.watched(0, |sftp| sftp.rename_new_now(from, to)).map_err(|error| match error.kind {
            TransportErrorKind::Timeout => error.of_unrepeatable(),
            _ => error,
        })
    }

    fn remove(&mut self, path: &str) -> Result<bool, TransportError> {
        self.watched(0, |sftp| sftp.remove_now(path))
    }

    fn digest(&mut self, path: &str, bytes_max: u64) -> Result<Option<[u8; 32]>, TransportError> {
        self.watched(bytes_max, |sftp| sftp.digest_now(path, bytes_max))
    }

    fn free_space(&mut self, folder: &str) -> Result<Option<u64>, TransportError> {
        self.watched(0, |sftp| sftp.free_space_now(folder))
    }
}

impl Sftp {
    /// Does something that moves up to so many bytes, in the time that takes.
    fn watched<T>(
        &mut self,
        bytes: u64,
        operation: impl FnOnce(&mut Sftp) -> Result<T, TransportError>,
    ) -> Result<T, TransportError> {
        self.watch.begin(bytes);
        let result = operation(self);
        self.watch.rest();
        result.map_err(|error| by_the_watch(&self.watch, error))
    }
}

/// The operations, each under the watch.
impl Sftp {
    fn stat_now(&mut self, path: &str) -> Result<Option<Stat>, TransportError> {
        match self.sftp.stat(Path::new(path)) {
            Ok(stat) => Ok(Some(Stat { size: stat.size.unwrap_or(0) })),
            Err(error) => absent_is_none(self.failed(&error, "stat")),
        }
    }

    fn list_now(&mut self, folder: &str) -> Result<Vec<Entry>, TransportError> {
        let mut handle = match self.sftp.opendir(Path::new(folder)) {
            Ok(handle) => handle,
            Err(error) => return Err(self.failed(&error, "list")),
        };
        let mut entries = Vec::new();
        let mut seen = 0;
        loop {
            match handle.readdir() {
                Ok((name, stat)) => entries.extend(entry(&name, &stat)),
                Err(error) if error.code() == ErrorCode::Session(LIBSSH2_ERROR_FILE) => break,
                Err(error) => return Err(self.failed(&error, "list")),
            }
            // Counted before names are judged: a folder full of unusable names must end the loop, too.
            seen += 1;
            if seen > ENTRIES_MAX {
                return Err(TransportError::new(TransportErrorKind::TooLarge, "list"));
            }
        }
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(entries)
    }

    fn fetch_now(&mut self, path: &str, sink: &mut dyn Write, limit: u64) -> Result<u64, TransportError> {
        self.read_through(path, "fetch", &mut |bytes, total| {
            if total > limit {
                return Err(TransportError::new(TransportErrorKind::TooLarge, "fetch").count("limit", limit));
            }
            sink.write_all(bytes).map_err(|_| TransportError::new(TransportErrorKind::Local, "fetch"))
        })
    }

    fn put_new_now(&mut self, path: &str, source: &mut dyn Read, length: u64) -> Result<Put, TransportError> {
        // Exclusive: what stands under the name already is somebody else's, or an attempt's that our records do not
        // know.
        let flags = OpenFlags::WRITE | OpenFlags::CREATE | OpenFlags::EXCLUSIVE;
        let mut file = match self.sftp.open_mode(Path::new(path), flags, FILE_MODE, OpenType::File) {
            Ok(file) => file,
            Err(error) => {
                let error = self.failed(&error, "put");
                return Err(self.why_refused(error, path, length));
            }
        };
        let done = self.write_through(&mut file, source, length);
        self.cut_after(done.as_ref().err()); // Before the file is dropped, which would wait for an answer.
        drop(file);
        done.map_err(|error| {
            if error.kind == TransportErrorKind::Failure { self.why_short(error, path, length) } else { error }
        })
    }

    fn rename_new_now(&mut self, from: &str, to: &str) -> Result<(), TransportError> {
        // Protocol version 3 has no flags on the wire, and the plain request never replaces on OpenSSH. The
        // extension that does replace is not used anywhere.
        let flags = RenameFlags::ATOMIC | RenameFlags::NATIVE;
        let Err(error) = self.sftp.rename(Path::new(from), Path::new(to), Some(flags)) else { return Ok(()) };
        // A rename that got no answer may have happened. Whatever comes next, it is not simply called again.
        let error = self.failed(&error, "rename").of_unrepeatable();
        if error.kind != TransportErrorKind::Failure {
            return Err(error);
        }
        match self.stat_now(to).map_err(TransportError::of_unrepeatable)? {
            Some(_) => Err(TransportError::new(TransportErrorKind::Exists, "rename")),
            None => Err(error),
        }
    }

    fn remove_now(&mut self, path: &str) -> Result<bool, TransportError> {
        match self.sftp.unlink(Path::new(path)) {
            Ok(()) => Ok(true),
            Err(error) => match self.failed(&error, "remove") {
                error if error.kind == TransportErrorKind::NotFound => Ok(false),
                error => Err(error),
            },
        }
    }

    fn digest_now(&mut self, path: &str, bytes_max: u64) -> Result<Option<[u8; 32]>, TransportError> {
        let mut digest = Sha256::new();
        let read = self.read_through(path, "read back", &mut |bytes, total| {
            digest.update(bytes);
            if total > bytes_max { Err(TransportError::new(TransportErrorKind::TooLarge, "read back")) } else { Ok(()) }
        });
        match read {
            // What goes on behind our bytes is not ours, and nobody waits for its end.
            Err(error) if error.kind == TransportErrorKind::TooLarge => Ok(Some(digest.finalize().into())),
            Ok(_) => Ok(Some(digest.finalize().into())),
            // A drop box that may be written and not read is usual; it is no error that nobody can read back there.
            Err(error) if error.kind == TransportErrorKind::Denied => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn free_space_now(&mut self, folder: &str) -> Result<Option<u64>, TransportError> {
        let said = self.sftp.opendir(Path::new(folder)).and_then(|mut handle| handle.statvfs());
        self.room(said.map(|said| said.f_bavail.saturating_mul(said.f_frsize)))
    }

    /// Bytes free where a file stands. OpenSSH answers only for the handle of a file, others for that of a folder.
    fn free_space_at(&mut self, path: &str) -> Result<Option<u64>, TransportError> {
        let said = self.sftp.open(Path::new(path)).and_then(|mut file| file.statvfs());
        match self.room(said.map(|said| said.f_bavail.saturating_mul(said.f_frsize)))? {
            Some(free) => Ok(Some(free)),
            None => self.free_space_now(split(path).0),
        }
    }

    fn room(&mut self, said: Result<u64, ssh2::Error>) -> Result<Option<u64>, TransportError> {
        match said {
            Ok(free) => Ok(Some(free)),
            Err(error) => match self.failed(&error, "free space") {
                error if error.kind.is_of_the_connection() => Err(error),
                _ => Ok(None),
            },
        }
    }
}

/// What is done with each piece read, and the bytes read so far with it.
type TakePieceAt<'a> = &'a mut dyn FnMut(&[u8], u64) -> Result<(), TransportError>;

impl Sftp {
    /// Translates a failed call, and cuts the line when the connection is of no more use: nothing that follows
    /// may wait for it.
    fn failed(&mut self, error: &ssh2::Error, during: &'static str) -> TransportError {
        let error = translated(error, during);
        self.cut_after(Some(&error));
        error
    }

    fn cut_after(&mut self, error: Option<&TransportError>) {
        if error.is_some_and(|error| error.kind.is_of_the_connection()) {
            self.line.cut();
        }
    }

    /// The same for a read or write, whose error has lost its code on the way through `io::Error`.
    fn failed_in_stream(&self, error: &io::Error, during: &'static str) -> TransportError {
        match (error.kind(), ssh2::Error::last_session_error(&self.session)) {
            (io::ErrorKind::TimedOut, _) => TransportError::new(TransportErrorKind::Timeout, during),
            // The host answered, and said no: the connection is as good as before. Of its status only the words the
            // library has for it are left.
            (_, Some(last)) if last.code() == ErrorCode::Session(LIBSSH2_ERROR_SFTP_PROTOCOL) => {
                translated(&status_of(error), during)
            }
            (_, Some(last)) => translated(&last, during),
            (_, None) => broken(during),
        }
    }

    fn read_through(&mut self, path: &str, during: &'static str, piece: TakePieceAt) -> Result<u64, TransportError> {
        let mut file = match self.sftp.open(Path::new(path)) {
            Ok(file) => file,
            Err(error) => return Err(self.failed(&error, during)),
        };
        let mut buffer = vec![0; CHUNK_BYTES];
        let mut total = 0;
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(total),
                Ok(count) => {
                    total += count as u64;
                    piece(&buffer[..count], total)?;
                }
                Err(error) => {
                    let error = self.failed_in_stream(&error, during);
                    self.cut_after(Some(&error));
                    return Err(error);
                }
            }
        }
    }

    fn write_through(&self, file: &mut ssh2::File, source: &mut dyn Read, length: u64) -> Result<Put, TransportError> {
        let mut buffer = vec![0; CHUNK_BYTES];
        let mut sent = 0;
        loop {
            let filled =
                fill(source, &mut buffer).map_err(|_| TransportError::new(TransportErrorKind::Local, "put"))?;
            if filled == 0 {
                break;
            }
            sent += filled as u64;
            // A write returns what the host has confirmed; the rest is offered again.
            file.write_all(&buffer[..filled]).map_err(|error| self.failed_in_stream(&error, "put"))?;
        }
        if sent != length {
            return Err(TransportError::new(TransportErrorKind::Local, "put")
                .count("expected", length)
                .count("read", sent));
        }
        let synced = match file.fsync() {
            Ok(()) => true,
            // An extension of OpenSSH. Without it the host's own care is all there is, and reading back shows the
            // bytes.
            Err(error) if error.code() == ErrorCode::SFTP(LIBSSH2_FX_OP_UNSUPPORTED) => false,
            Err(error) => return Err(translated(&error, "sync")),
        };
        file.close().map_err(|error| translated(&error, "close"))?;
        Ok(Put { length: sent, synced })
    }

    /// An open was refused without a reason: is the name taken, or the disk full?
    fn why_refused(&mut self, error: TransportError, path: &str, length: u64) -> TransportError {
        match (error.kind, self.stat_now(path)) {
            (TransportErrorKind::Failure, Ok(Some(_))) => TransportError::new(TransportErrorKind::Exists, "put"),
            (TransportErrorKind::Failure, Ok(None)) => self.why_short(error, path, length),
            _ => error,
        }
    }

    /// A write, sync or close was refused without a reason: is the disk full?
    fn why_short(&mut self, error: TransportError, path: &str, length: u64) -> TransportError {
        // What is written already takes its room no more; at least one byte must be wanting for the disk to be the
        // cause.
        let there = self.stat_now(path).ok().flatten().map_or(0, |stat| stat.size);
        match self.free_space_at(path) {
            Ok(Some(free)) if free < length.saturating_sub(there).max(1) => {
                TransportError::new(TransportErrorKind::NoSpace, "put")
                    .count("free bytes", free)
                    .count("wanted", length)
            }
            _ => error,
        }
    }
}

/// Reads until the buffer is full or the source ends.
fn fill(source: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn entry(name: &Path, stat: &FileStat) -> Option<Entry> {
    let name = name.to_str().filter(|name| safe_name(name))?;
    // Hosts that tell no rights tell no kind either. A folder taken for a file fails when it is fetched, alone.
    let is_file = stat.perm.is_none() || stat.is_file();
    is_file.then(|| Entry { name: name.to_owned(), size: stat.size.unwrap_or(0), modified: stat.mtime })
}

fn absent_is_none<T>(error: TransportError) -> Result<Option<T>, TransportError> {
    if error.kind == TransportErrorKind::NotFound { Ok(None) } else { Err(error) }
}

fn broken(during: &'static str) -> TransportError {
    TransportError::new(TransportErrorKind::Broken, during)
}

// libssh2's codes, by the names its documentation uses.
const LIBSSH2_ERROR_BANNER_RECV: i32 = -2;
const LIBSSH2_ERROR_BANNER_SEND: i32 = -3;
const LIBSSH2_ERROR_INVALID_MAC: i32 = -4;
const LIBSSH2_ERROR_KEX_FAILURE: i32 = -5;
const LIBSSH2_ERROR_SOCKET_SEND: i32 = -7;
const LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE: i32 = -8;
const LIBSSH2_ERROR_TIMEOUT: i32 = -9;
const LIBSSH2_ERROR_SOCKET_DISCONNECT: i32 = -13;
const LIBSSH2_ERROR_PROTO: i32 = -14;
const LIBSSH2_ERROR_FILE: i32 = -16;
const LIBSSH2_ERROR_CHANNEL_CLOSED: i32 = -26;
const LIBSSH2_ERROR_CHANNEL_EOF_SENT: i32 = -27;
const LIBSSH2_ERROR_SOCKET_TIMEOUT: i32 = -30;
const LIBSSH2_ERROR_SFTP_PROTOCOL: i32 = -31;
const LIBSSH2_ERROR_BUFFER_TOO_SMALL: i32 = -38;
const LIBSSH2_ERROR_SOCKET_RECV: i32 = -43;
const LIBSSH2_ERROR_BAD_SOCKET: i32 = -45;
const LIBSSH2_FX_NO_SUCH_FILE: i32 = 2;
const LIBSSH2_FX_PERMISSION_DENIED: i32 = 3;
const LIBSSH2_FX_FAILURE: i32 = 4;
const LIBSSH2_FX_NO_CONNECTION: i32 = 6;
const LIBSSH2_FX_CONNECTION_LOST: i32 = 7;
const LIBSSH2_FX_OP_UNSUPPORTED: i32 = 8;
const LIBSSH2_FX_NO_SUCH_PATH: i32 = 10;
const LIBSSH2_FX_FILE_ALREADY_EXISTS: i32 = 11;
const LIBSSH2_FX_WRITE_PROTECT: i32 = 12;
const LIBSSH2_FX_NO_SPACE_ON_FILESYSTEM: i32 = 14;
const LIBSSH2_FX_QUOTA_EXCEEDED: i32 = 15;

/// The status a host answered with, found again by the library's own words for it; a plain failure where they say
/// nothing.
fn status_of(error: &io::Error) -> ssh2::Error {
    let words = error.to_string();
    let known = [LIBSSH2_FX_PERMISSION_DENIED, LIBSSH2_FX_NO_SPACE_ON_FILESYSTEM, LIBSSH2_FX_QUOTA_EXCEEDED];
    let status = known.map(|code| ssh2::Error::from_errno(ErrorCode::SFTP(code))).into_iter();
    let failure = ssh2::Error::from_errno(ErrorCode::SFTP(LIBSSH2_FX_FAILURE));
    status.into_iter().find(|status| status.message() == words).unwrap_or(failure)
}

fn no_agreement(error: &ssh2::Error) -> bool {
    matches!(error.code(), ErrorCode::Session(LIBSSH2_ERROR_KEX_FAILURE | LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE))
}

fn translated(error: &ssh2::Error, during: &'static str) -> TransportError {
    let kind = match error.code() {
        ErrorCode::Session(LIBSSH2_ERROR_TIMEOUT | LIBSSH2_ERROR_SOCKET_TIMEOUT) => TransportErrorKind::Timeout,
        ErrorCode::Session(
            LIBSSH2_ERROR_BANNER_RECV
            | LIBSSH2_ERROR_BANNER_SEND
            | LIBSSH2_ERROR_INVALID_MAC
            | LIBSSH2_ERROR_SOCKET_SEND
            | LIBSSH2_ERROR_SOCKET_DISCONNECT
            | LIBSSH2_ERROR_PROTO
            | LIBSSH2_ERROR_CHANNEL_CLOSED
            | LIBSSH2_ERROR_CHANNEL_EOF_SENT
            | LIBSSH2_ERROR_BUFFER_TOO_SMALL
            | LIBSSH2_ERROR_SOCKET_RECV
            | LIBSSH2_ERROR_BAD_SOCKET,
        ) => TransportErrorKind::Broken,
        ErrorCode::Session(_) => TransportErrorKind::Failure,
        ErrorCode::SFTP(LIBSSH2_FX_NO_SUCH_FILE | LIBSSH2_FX_NO_SUCH_PATH) => TransportErrorKind::NotFound,
        ErrorCode::SFTP(LIBSSH2_FX_PERMISSION_DENIED | LIBSSH2_FX_WRITE_PROTECT) => TransportErrorKind::Denied,
        ErrorCode::SFTP(LIBSSH2_FX_NO_CONNECTION | LIBSSH2_FX_CONNECTION_LOST) => TransportErrorKind::Broken,
        ErrorCode::SFTP(LIBSSH2_FX_FILE_ALREADY_EXISTS) => TransportErrorKind::Exists,
        ErrorCode::SFTP(LIBSSH2_FX_NO_SPACE_ON_FILESYSTEM | LIBSSH2_FX_QUOTA_EXCEEDED) => TransportErrorKind::NoSpace,
        ErrorCode::SFTP(_) => TransportErrorKind::Failure,
    };
    TransportError::new(kind, during)
}
