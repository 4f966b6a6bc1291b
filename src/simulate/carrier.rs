//! Starts and stops a simulated carrier from ordinary, blocking code.
#![allow(clippy::disallowed_methods)] // An edge: it makes its folders.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::ssh_key::{PrivateKey, PublicKey};
use russh::server::{Config, run_stream};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

use super::rules;
use crate::crypt::login::LoginKey;
use crate::fault::Fault;
use crate::simulate::misbehaviour::Misbehaviour;
use crate::simulate::place::{Breaker, CarrierDisk, INBOX, PICKED_UP};
use crate::simulate::session::Connection;

/// What a simulated carrier is started with.
#[derive(Clone, Debug)]
pub struct CarrierSetup {
    /// What senders see as `/`; `inbox/`, `outbox/` and `picked-up/` are made in it.
    pub root: PathBuf,
    /// Seed of the host key: the same seed is the same host.
    pub host_seed: [u8; 32],
    /// The public key that may log in, under any user name: `ssh-ed25519 AAAA…`.
    pub authorized: String,
}

/// A carrier that runs until it is dropped.
pub struct SimulatedCarrier {
    place: Arc<CarrierDisk>,
    address: SocketAddr,
    host_key: String,
    runtime: Option<Runtime>,
    worker: Option<JoinHandle<()>>,
}

impl SimulatedCarrier {
    /// Starts on a free port of 127.0.0.1. `on_published` is called, on one thread, with each file that was renamed
    /// into the inbox.
    ///
    /// # Errors
    /// `SIM001` when the folders, the port, the keys or the threads cannot be had.
    pub fn start(
        setup: &CarrierSetup,
        on_published: impl Fn(&Path) + Send + 'static,
    ) -> Result<SimulatedCarrier, Fault> {
        for folder in [INBOX, "outbox", PICKED_UP] {
            std::fs::create_dir_all(setup.root.join(folder)).map_err(|_| rules::NOT_STARTED.fault())?;
        }
        let (place, hooks) = CarrierDisk::new(setup.root.clone());
        let place = Arc::new(place);
        let host = Host::new(setup, place.clone())?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|_| rules::NOT_STARTED.fault())?;
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).map_err(|_| rules::NOT_STARTED.fault())?;
        let address = listener.local_addr().map_err(|_| rules::NOT_STARTED.fault())?;
        runtime.spawn(host.serve(listener));
        let worker = std::thread::spawn(move || hooks.run(on_published));
        let host_key = LoginKey::from_seed(&setup.host_seed, "simulated carrier")?.public;
        Ok(SimulatedCarrier { place, address, host_key, runtime: Some(runtime), worker: Some(worker) })
    }

    /// Port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The host key to pin: `ssh-ed25519 AAAA…`.
    pub fn host_key(&self) -> &str {
        &self.host_key
    }

    /// Logins tried so far, successful or not.
    pub fn logins_tried(&self) -> u64 {
        self.place.logins.load(Ordering::Relaxed)
    }

    /// Adds a fault to what the server does for whoever connects next.
    pub fn misbehave(&self, how: Misbehaviour) {
        self.place.script.add(how);
    }

    /// Takes back every fault the server was given.
    pub fn behave(&self) {
        self.place.script.clear();
    }

    /// Whether a request waits in a [`Misbehaviour::Stall`].
    pub fn is_stalling(&self) -> bool {
        self.place.script.is_stalling()
    }

    /// Waits until the hook has returned for every file published so far.
    pub fn wait_idle(&self) {
        self.place.wait_idle();
    }
}

impl Drop for SimulatedCarrier {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
        // In this order: the hook's thread ends only when nobody can tell it of files any more, and connections could
        // until now.
        self.place.close();
        if let Some(worker) = self.worker.take() {
            // A panic of the hook has been printed by its own thread.
            let _ = worker.join();
        }
    }
}

/// What accepting connections needs.
struct Host {
    place: Arc<CarrierDisk>,
    authorized: Arc<PublicKey>,
    usual: Arc<Config>,
    other: Arc<Config>,
}

impl Host {
    fn new(setup: &CarrierSetup, place: Arc<CarrierDisk>) -> Result<Host, Fault> {
        let authorized =
            Arc::new(PublicKey::from_openssh(setup.authorized.trim()).map_err(|_| rules::NOT_STARTED.fault())?);
        let mut other_seed = setup.host_seed;
        other_seed[0] ^= 0xff;
        Ok(Host { place, authorized, usual: config(&setup.host_seed)?, other: config(&other_seed)? })
    }

    async fn serve(self, listener: TcpListener) {
        loop {
            if let Ok((stream, _)) = listener.accept().await {
                self.take_in(stream);
            }
        }
    }

    /// A connection that cannot be taken in is closed by being dropped.
    fn take_in(&self, stream: TcpStream) {
        let Ok(stream) = stream.into_std() else { return };
        let Ok(breaker) = stream.try_clone().map(Breaker::new) else { return };
        let Ok(stream) = TcpStream::from_std(stream) else { return };
        let _ = stream.set_nodelay(true);
        let config = if self.place.script.has(Misbehaviour::OtherHostKey) { &self.other } else { &self.usual };
        let connection = Connection::new(self.place.clone(), self.authorized.clone(), breaker);
        let config = config.clone();
        tokio::spawn(async move {
            if let Ok(session) = run_stream(config, stream, connection).await {
                // How a connection ends is the client's affair.
                let _ = session.await;
            }
        });
    }
}

fn config(host_seed: &[u8; 32]) -> Result<Arc<Config>, Fault> {
    let pair = KeypairData::from(Ed25519Keypair::from_seed(host_seed));
    let key = PrivateKey::new(pair, "simulated carrier").map_err(|_| rules::NOT_STARTED.fault())?;
    Ok(Arc::new(Config {
        keys: vec![key],
        auth_rejection_time: Duration::ZERO,
        window_size: 16 * 1024 * 1024,
        maximum_packet_size: 65_535,
        nodelay: true,
        ..Config::default()
    }))
}
