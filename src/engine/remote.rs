//! Servers that files go to and come from, with what it takes to log in.

use std::time::Duration;

use super::open_site::{OpenSite, key_reference};
use crate::crypt::login::check_login_key;
use crate::fault::Fault;
use crate::mapping::{KeyRef, SftpSettings};
use crate::transport::hostkey::PinnedKeys;
use crate::transport::sftp::{Login, SftpSite};
use crate::transport::watch::CutWhen;

/// A server as it is configured.
///
/// # Errors
/// A login key or password that cannot be read, a key with a passphrase, or a pinned host key that cannot be parsed.
pub fn sftp_site(engine: &OpenSite, sftp: &SftpSettings, timeout_seconds: u32) -> Result<SftpSite, Fault> {
    let read = |key: &Option<KeyRef>| key.as_ref().map(|key| key_reference(&engine.site.root, key).read()).transpose();
    let lines: Vec<&str> = sftp.host_keys.iter().map(String::as_str).collect();
    let key = read(&sftp.login_key)?;
    key.as_ref().map_or(Ok(()), check_login_key)?;
    Ok(SftpSite {
        host: sftp.host.clone(),
        port: sftp.port,
        user: sftp.user.clone(),
        pinned: PinnedKeys::parse(&lines)?,
        login: Login { key, password: read(&sftp.password)? },
        timeout: Duration::from_secs(timeout_seconds.into()),
        cut_when: cut_when(engine),
    })
}

/// A process that is asked to stop does not wait for a server, unless something is being published there.
fn cut_when(engine: &OpenSite) -> CutWhen {
    let interruption = engine.steps.interruption();
    CutWhen::new(move || interruption.cuts())
}
