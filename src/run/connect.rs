//! The way to a carrier, and where there its files go.

use std::time::Duration;

use super::context::FeedContext;
use crate::deliver::Target;
use crate::engine::{Engine, key_reference};
use crate::fault::Fault;
use crate::mapping::{Carrier, Way};
use crate::store::DeliveryRow;
use crate::transport::folder::Folder;
use crate::transport::hostkey::PinnedKeys;
use crate::transport::sftp::SftpSite;
use crate::transport::{Connect, Profile};

/// Where a delivery goes at its carrier.
pub(super) fn target(context: &FeedContext, row: &DeliveryRow) -> Target {
    Target {
        folder: context.carrier.delivery.folder.clone(),
        final_name: row.final_name.clone(),
        temp_prefix: ".bex".to_string(),
        delivery: row.final_name.clone(),
        profile: Profile::NoClobber,
        taken_at_once: context.carrier.delivery.taken_at_once,
    }
}

/// The way to a carrier.
///
/// # Errors
/// A login key that cannot be read, or a pinned host key that cannot be parsed.
pub(super) fn connection(engine: &Engine, carrier: &Carrier) -> Result<Box<dyn Connect>, Fault> {
    let delivery = &carrier.delivery;
    match &delivery.way {
        Way::Folder { path } => Ok(Box::new(Folder::new(&engine.site.root.join(path)))),
        Way::Sftp(sftp) => {
            let lines: Vec<&str> = sftp.host_keys.iter().map(String::as_str).collect();
            Ok(Box::new(SftpSite {
                host: sftp.host.clone(),
                port: sftp.port,
                user: sftp.user.clone(),
                pinned: PinnedKeys::parse(&lines)?,
                login: key_reference(&engine.site.root, &sftp.login_key).read()?,
                timeout: Duration::from_secs(delivery.timeout_seconds.into()),
            }))
        }
    }
}
