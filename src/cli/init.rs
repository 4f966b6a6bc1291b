//! `bex init`.

use std::path::Path;

use super::page::Page;
use crate::config;
use crate::crypt::age::Identity;
use crate::crypt::vault::Vault;
use crate::engine::make_log_key;
use crate::fault::Fault;
use crate::mapping::LOG_KEY;
use crate::run::Exit;

pub(super) fn run(page: &Page, dir: &Path) -> Exit {
    match make(dir) {
        Ok(recipient) => page.answer(
            || serde_json::json!({ "site": dir.to_string_lossy(), "recipient": recipient }),
            || format!("{NEXT}\nEmployers may seal their files with age before they send them, to\n  {recipient}\n"),
        ),
        Err(fault) => {
            page.refuse(&[fault]);
            Exit::Refused
        }
    }
}

/// Makes the site. Returns whom employers seal their files to: the public half of the archive's key.
fn make(dir: &Path) -> Result<String, Fault> {
    config::init(dir)?;
    Ok(make_keys(dir)?.recipient().to_string())
}

/// The keys every site has. Each is made by itself; no secret one is ever printed. Returns the archive's.
pub(super) fn make_keys(dir: &Path) -> Result<Identity, Fault> {
    Vault::create_master_key(&dir.join("keys/vault.key"))?;
    let archive = Identity::create(&dir.join("keys/archive.age"))?;
    make_log_key(dir, &dir.join(LOG_KEY))?;
    Ok(archive)
}

const NEXT: &str = "\
A new site, with one commented example of each file, and its keys in keys/.

Next:
  1. Keep a copy of keys/ somewhere else: without it nothing of this site can be opened.
  2. Fill in bex.toml, mappings/ and schedules/; every value to be filled in is marked.
  3. bex check    says what is still missing, with file, line and column.
";
