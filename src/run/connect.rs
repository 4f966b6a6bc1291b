//! The way to a carrier, and where there its files go.

use super::context::FeedContext;
use super::profile::publishing;
use crate::deliver::Target;
use crate::engine::{OpenSite, sftp_site};
use crate::fault::Fault;
use crate::mapping::{Carrier, Publishing, Way};
use crate::store::DeliveryRow;
use crate::transport::folder::Folder;
use crate::transport::{Connect, Profile};

/// Where a delivery goes at its carrier.
pub(super) fn target(context: &FeedContext, row: &DeliveryRow) -> Target {
    let profile = profile(publishing(context.engine, context.carrier));
    Target { profile, ..target_of(context.carrier, &row.final_name) }
}

/// Where a file of this name goes at a carrier, as its file says.
pub(super) fn target_of(carrier: &Carrier, final_name: &str) -> Target {
    Target {
        folder: carrier.delivery.folder.clone(),
        final_name: final_name.to_string(),
        temp_folder: carrier.delivery.temporary_folder.clone(),
        temp_prefix: carrier.delivery.temporary_prefix.clone(),
        delivery: final_name.to_string(),
        profile: profile(carrier.delivery.publish.unwrap_or(Publishing::Rename)),
        taken_at_once: carrier.delivery.taken_at_once,
    }
}

/// What is promised at a place where files are published so.
fn profile(publishing: Publishing) -> Profile {
    match publishing {
        Publishing::Rename => Profile::NoClobber,
        Publishing::RenameReplaces => Profile::Overwriting,
        Publishing::Direct => Profile::Direct,
        Publishing::Blind => Profile::Blind,
    }
}

/// Where a carrier's files go, as people name it to the carrier: host, port and folder, or the folder on this machine.
pub(super) fn destination(carrier: &Carrier) -> String {
    place_of(carrier, &carrier.delivery.folder)
}

/// The same of where its answers lie.
pub(super) fn source_of_answers(carrier: &Carrier) -> String {
    place_of(carrier, carrier.delivery.outbox.as_deref().unwrap_or_default())
}

fn place_of(carrier: &Carrier, folder: &str) -> String {
    match &carrier.delivery.way {
        Way::Folder { path } => format!("{path}/{folder}"),
        Way::Sftp(sftp) => format!("{}:{}/{}", sftp.host, sftp.port, folder.trim_start_matches('/')),
    }
}

/// The way to a carrier.
///
/// # Errors
/// A login key or password that cannot be read, a key with a passphrase, or a pinned host key that cannot be parsed.
pub fn connection(engine: &OpenSite, carrier: &Carrier) -> Result<Box<dyn Connect>, Fault> {
    let delivery = &carrier.delivery;
    Ok(match &delivery.way {
        Way::Folder { path } => Box::new(Folder::new(&engine.site.root.join(path))),
        Way::Sftp(sftp) => Box::new(sftp_site(engine, sftp, delivery.timeout_seconds)?),
    })
}
