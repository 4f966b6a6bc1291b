//! The way to a carrier, and where there its files go.

use super::context::FeedContext;
use crate::deliver::Target;
use crate::engine::{Engine, sftp_site};
use crate::fault::Fault;
use crate::mapping::{Carrier, Publishing, Way};
use crate::store::DeliveryRow;
use crate::transport::folder::Folder;
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
    Ok(match &delivery.way {
        Way::Folder { path } => Box::new(Folder::new(&engine.site.root.join(path))),
        Way::Sftp(sftp) => Box::new(sftp_site(engine, sftp, delivery.timeout_seconds)?),
    })
}
