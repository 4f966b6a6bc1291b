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
        Ok(()) => page.answer(|| serde_json::json!({ "site": dir.to_string_lossy() }), || NEXT.to_string()),
        Err(fault) => {
            page.refuse(&[fault]);
            Exit::Refused
        }
    }
}

fn make(dir: &Path) -> Result<(), Fault> {
    config::init(dir)?;
    make_keys(dir)
}

/// The keys every site has. Each is made by itself; none is ever printed.
pub(super) fn make_keys(dir: &Path) -> Result<(), Fault> {
    Vault::create_master_key(&dir.join("keys/vault.key"))?;
    Identity::create(&dir.join("keys/archive.age"))?;
    make_log_key(dir, &dir.join(LOG_KEY)).map(drop)
}

const NEXT: &str = "\
A new site, with one commented example of each file, and its keys in keys/.

Next:
  1. Keep a copy of keys/ somewhere else: without it nothing of this site can be opened.
  2. Fill in bex.toml, mappings/ and schedules/; every value to be filled in is marked.
  3. bex check    says what is still missing, with file, line and column.
";
