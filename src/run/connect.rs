//! The way to a carrier, and where there its files go.

use std::time::Duration;

use super::context::FeedContext;
use crate::crypt::login::check_login_key;
use crate::deliver::Target;
use crate::engine::{Engine, key_reference};
use crate::fault::Fault;
use crate::mapping::{Carrier, KeyRef, Publishing, Way};
use crate::store::DeliveryRow;
use crate::transport::folder::Folder;
use crate::transport::hostkey::PinnedKeys;
use crate::transport::sftp::{Login, SftpSite};
use crate::transport::watch::CutWhen;
use crate::transport::{Connect, Profile};

/// Where a delivery goes at its carrier.
pub(super) fn target(context: &FeedContext, row: &DeliveryRow) -> Target {
    Target {
        folder: context.carrier.delivery.folder.clone(),
        final_name: row.final_name.clone(),
        temp_folder: context.carrier.delivery.temporary_folder.clone(),
        temp_prefix: context.carrier.delivery.temporary_prefix.clone(),
        delivery: row.final_name.clone(),
        profile: profile(context.carrier.delivery.publish),
        taken_at_once: context.carrier.delivery.taken_at_once,
    }
}

/// What a carrier's place allows, as its file says.
fn profile(publishing: Publishing) -> Profile {
    match publishing {
        Publishing::Rename => Profile::NoClobber,
        Publishing::RenameReplaces => Profile::Overwriting,
        Publishing::Direct => Profile::Direct,
        Publishing::Blind => Profile::Blind,
    }
}

/// The way to a carrier.
///
/// # Errors
/// A login key or password that cannot be read, a key with a passphrase, or a pinned host key that cannot be parsed.
pub fn connection(engine: &Engine, carrier: &Carrier) -> Result<Box<dyn Connect>, Fault> {
    let delivery = &carrier.delivery;
    let read = |key: &Option<KeyRef>| key.as_ref().map(|key| key_reference(&engine.site.root, key).read()).transpose();
    match &delivery.way {
        Way::Folder { path } => Ok(Box::new(Folder::new(&engine.site.root.join(path)))),
        Way::Sftp(sftp) => {
            let lines: Vec<&str> = sftp.host_keys.iter().map(String::as_str).collect();
            let key = read(&sftp.login_key)?;
            key.as_ref().map_or(Ok(()), check_login_key)?;
            Ok(Box::new(SftpSite {
                host: sftp.host.clone(),
                port: sftp.port,
                user: sftp.user.clone(),
                pinned: PinnedKeys::parse(&lines)?,
                login: Login { key, password: read(&sftp.password)? },
                timeout: Duration::from_secs(delivery.timeout_seconds.into()),
                cut_when: cut_when(engine),
            }))
        }
    }
}

/// A process that is asked to stop does not wait for a server, unless something is being published there.
fn cut_when(engine: &Engine) -> CutWhen {
    let interruption = engine.steps.interruption();
    CutWhen::new(move || interruption.cuts())
}
