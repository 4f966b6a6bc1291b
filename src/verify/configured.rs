//! The site's files as one digest: what decided a night can be told from what would decide the next.

use std::fs;
use std::io;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::model::ids::hex;

/// SHA-256 over every file that the site is read from, by name and content; none where one cannot be read.
pub fn configuration_digest(root: &Path) -> Option<String> {
    let mut hash = Sha256::new();
    add(&mut hash, root, "bex.toml").ok()?;
    // A site need not have one; that it is gone is as much of a change as that it came.
    if root.join("access.toml").exists() {
        add(&mut hash, root, "access.toml").ok()?;
    }
    for folder in ["mappings", "schedules"] {
        add_all(&mut hash, root, folder).ok()?;
    }
    Some(hex(&hash.finalize()))
}

fn add_all(hash: &mut Sha256, root: &Path, folder: &str) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(root.join(folder)) else { return Ok(()) };
    let mut names: Vec<String> = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort_unstable();
    for name in names.iter().map(|name| format!("{folder}/{name}")) {
        if root.join(&name).is_dir() {
            add_all(hash, root, &name)?;
        } else if name.ends_with(".toml") {
            add(hash, root, &name)?;
        }
    }
    Ok(())
}

fn add(hash: &mut Sha256, root: &Path, name: &str) -> io::Result<()> {
    let text = fs::read(root.join(name))?;
    for part in [name.as_bytes(), &text] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Ok(())
}
