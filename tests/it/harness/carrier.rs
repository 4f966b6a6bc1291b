//! A simulated carrier with its keys, for tests.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bex::crypt::login::LoginKey;
use bex::simulate::{CarrierSetup, SimulatedCarrier};
use bex::transport::hostkey::PinnedKeys;
use bex::transport::sftp::{Login, SftpSite};
use bex::transport::watch::CutWhen;

/// A running carrier, and what it was sent.
pub struct Carrier {
    /// The server.
    pub carrier: SimulatedCarrier,
    /// The only key that logs in.
    pub login: LoginKey,
    /// What senders see as `/`.
    pub files: tempfile::TempDir,
    published: Arc<Mutex<Vec<PathBuf>>>,
}

impl Carrier {
    /// Starts one that notes what is published.
    pub fn start() -> Carrier {
        let files = tempfile::tempdir().unwrap();
        let login = LoginKey::from_seed(&[1; 32], "test login").unwrap();
        let setup =
            CarrierSetup { root: files.path().to_owned(), host_seed: [2; 32], authorized: login.public.clone() };
        let published = Arc::new(Mutex::new(Vec::new()));
        let note = published.clone();
        let hook = move |file: &Path| note.lock().unwrap().push(file.to_owned());
        Carrier { carrier: SimulatedCarrier::start(&setup, hook).unwrap(), login, files, published }
    }

    /// How to connect to it.
    pub fn site(&self) -> SftpSite {
        SftpSite {
            host: "127.0.0.1".to_owned(),
            port: self.carrier.port(),
            user: "bex".to_owned(),
            pinned: PinnedKeys::parse(&[self.carrier.host_key()]).unwrap(),
            login: Login { key: Some(self.login.private.clone()), password: None },
            timeout: Duration::from_secs(20),
            cut_when: CutWhen::default(),
        }
    }

    /// The files published so far, in order.
    pub fn published(&self) -> Vec<PathBuf> {
        self.carrier.wait_idle();
        self.published.lock().unwrap().clone()
    }

    /// Names in the inbox.
    pub fn inbox(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.files.path().join("inbox")).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}
