//! A real OpenSSH server for a test: started on a free port of the loopback, killed when dropped.

use std::fs::{self, Permissions};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use bex::crypt::login::LoginKey;
use bex::transport::hostkey::PinnedKeys;
use bex::transport::sftp::{Login, SftpSite};
use bex::transport::watch::CutWhen;

/// A running `sshd` that serves [`Sshd::folder`] over SFTP to [`Sshd::login`].
pub struct Sshd {
    /// What senders start in.
    pub folder: PathBuf,
    /// The only key that logs in.
    pub login: LoginKey,
    host: LoginKey,
    port: u16,
    server: Child,
    _files: tempfile::TempDir,
}

impl Sshd {
    /// Starts the server and waits until it takes connections.
    ///
    /// Fails the test when `sshd` is not installed (`tests/run` installs it): a suite that leaves out the real
    /// server by itself would be green for no reason.
    pub fn start() -> Sshd {
        Sshd::start_with("")
    }

    /// The same with other options, which hold before the usual ones.
    pub fn start_with(options: &str) -> Sshd {
        let files = tempfile::tempdir().unwrap();
        let folder = files.path().join("served");
        fs::create_dir_all(&folder).unwrap();
        let host = LoginKey::create(&files.path().join("host_key"), "test host").unwrap();
        let login = LoginKey::generate("test login").unwrap();
        write(&files.path().join("authorized_keys"), &login.public);
        // The port is free when asked for; should another process take it first, another one is asked for.
        for _ in 0..5 {
            let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
            if let Some(server) = listening(files.path(), port, options) {
                return Sshd { folder, login, host, port, server, _files: files };
            }
        }
        panic!("sshd does not start: {}", fs::read_to_string(files.path().join("sshd.log")).unwrap_or_default());
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its public host key, as in `known_hosts`.
    pub fn host_key(&self) -> &str {
        &self.host.public
    }

    /// The account that logs in: the one the tests run under.
    pub fn user(&self) -> String {
        user()
    }

    /// How to connect to it.
    pub fn site(&self) -> SftpSite {
        SftpSite {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            user: user(),
            pinned: PinnedKeys::parse(&[&self.host.public]).unwrap(),
            login: Login { key: Some(self.login.private.clone()), password: None },
            timeout: Duration::from_secs(20),
            cut_when: CutWhen::default(),
        }
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn listening(files: &Path, port: u16, options: &str) -> Option<Child> {
    let path = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"];
    let binary = path.iter().find(|path| Path::new(path).exists()).expect("install openssh-server (tests/run does)");
    // As root it separates privileges, and wants this folder to exist; otherwise it is of no interest to it.
    let _ = fs::create_dir_all("/run/sshd");
    let (config, log) = (files.join("sshd_config"), files.join("sshd.log"));
    write(&config, &configuration(files, port, options));
    let mut server = Command::new(binary).arg("-D").arg("-E").arg(&log).arg("-f").arg(&config).spawn().unwrap();
    for _ in 0..200 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some(server);
        }
        if server.try_wait().unwrap().is_some() {
            return None;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    let _ = server.kill();
    let _ = server.wait();
    None
}

fn configuration(files: &Path, port: u16, options: &str) -> String {
    let at = files.display();
    // Of two lines with the same option the first holds, but for the subsystem, which stands once.
    let usual = format!("Subsystem sftp internal-sftp -d {at}/served\nForceCommand internal-sftp -d {at}/served\n");
    let subsystem = if options.contains("Subsystem") { "" } else { usual.as_str() };
    format!(
        "{options}\nPort {port}\nListenAddress 127.0.0.1\nHostKey {at}/host_key\nAuthorizedKeysFile {at}/authorized_keys\n\
         PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
         PermitRootLogin prohibit-password\nMaxStartups 100\nLogLevel ERROR\n\
         {subsystem}"
    )
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

fn user() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
