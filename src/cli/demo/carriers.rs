//! The demonstration's three carriers.

use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDateTime;

use super::ground::unusable;
use crate::crypt::age::Identity;
use crate::crypt::login::LoginKey;
use crate::fault::Fault;
use crate::simulate::back_office::BackOffice;
use crate::simulate::{CarrierSetup, SimulatedCarrier};

const NAMES: [&str; 3] = ["alpha-health", "beta-dental", "gamma-vision"];

struct Running {
    name: &'static str,
    recipient: String,
    server: SimulatedCarrier,
    office: Arc<BackOffice>,
}

/// Carriers that run until this is dropped.
pub(super) struct Carriers(Vec<Running>);

impl Carriers {
    /// Starts them below `root`, and gives the site a login key for each.
    pub fn start(root: &Path, site: &Path) -> Result<Carriers, Fault> {
        std::fs::create_dir_all(site.join("keys")).map_err(|_| unusable(site))?;
        NAMES
            .map(|name| start(&root.join(name), &site.join("keys"), name))
            .into_iter()
            .collect::<Result<_, _>>()
            .map(Carriers)
    }

    /// What the carrier's mapping has to be filled with.
    pub fn values(&self, carrier: &str) -> Option<[(&'static str, String); 4]> {
        let running = self.0.iter().find(|running| running.name == carrier)?;
        Some([
            ("HOST", "127.0.0.1".to_string()),
            ("PORT", running.server.port().to_string()),
            ("HOST_KEY", key_without_comment(running.server.host_key())),
            ("RECIPIENT", running.recipient.clone()),
        ])
    }

    /// Dates the carriers' answers.
    pub fn set_moment(&self, moment: NaiveDateTime) {
        let (day, time) = (moment.format("%Y%m%d").to_string(), moment.format("%H%M").to_string());
        self.0.iter().for_each(|running| running.office.set_moment(&day, &time));
    }

    /// Waits until every published file has been handled.
    pub fn wait_idle(&self) {
        self.0.iter().for_each(|running| running.server.wait_idle());
    }
}

fn start(root: &Path, keys: &Path, name: &'static str) -> Result<Running, Fault> {
    let login = LoginKey::create(&keys.join(format!("{name}.login")), "bex demonstration")?;
    let identity = Identity::generate();
    let recipient = identity.recipient().to_string();
    let office = Arc::new(BackOffice::new(root, identity).map_err(|_| unusable(root))?);
    let setup = CarrierSetup { root: root.to_path_buf(), host_seed: host_seed(name), authorized: login.public };
    let hook = office.clone();
    let server = SimulatedCarrier::start(&setup, move |published| {
        if hook.handle(published).is_err() {
            tracing::warn!(carrier = name, "a simulated carrier could not handle a file");
        }
    })?;
    Ok(Running { name, recipient, server, office })
}

/// Each carrier has a host key of its own, and the same one every time.
fn host_seed(name: &str) -> [u8; 32] {
    let at = NAMES.iter().position(|other| *other == name).unwrap_or_default();
    [at as u8 + 1; 32]
}

fn key_without_comment(line: &str) -> String {
    line.split(' ').take(2).collect::<Vec<_>>().join(" ")
}
