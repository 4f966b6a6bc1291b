//! `bex keys`.

use std::fmt::Write as _;

use serde_json::json;

use super::arguments::{Global, KeysCommand};
use super::page::Page;
use super::site::{open_alone, open_to_look, refused};
use crate::access::{Concern, Look, RotateKeys};
use crate::act::Grounds;
use crate::custody::{KeysRotated, ListedKey, listed_keys, rotate};
use crate::fault::Fault;
use crate::run::Exit;

pub(super) fn run(page: &Page, global: &Global, command: &KeysCommand) -> Exit {
    match command {
        KeysCommand::List => list(page, global),
        KeysCommand::Rotate { reason } => renew(page, global, reason),
    }
}

fn list(page: &Page, global: &Global) -> Exit {
    let site = match open_to_look::<Look>(page, global) {
        Ok(site) => site,
        Err(exit) => return exit,
    };
    match listed_keys(site.any()) {
        Ok(keys) => page.answer_of(
            &site,
            || json!({ "keys": keys.iter().map(key_json).collect::<Vec<_>>() }),
            || page.screen().fold(&keys_text(&keys)),
        ),
        Err(fault) => refused(page, &fault),
    }
}

fn key_json(key: &ListedKey) -> serde_json::Value {
    json!({
        "name": key.name, "does": key.does, "place": key.place, "fingerprint": key.fingerprint, "since": key.since,
        "recipient": key.recipient,
    })
}

fn keys_text(keys: &[ListedKey]) -> String {
    let mut text = String::new();
    for ListedKey { name, does, place, fingerprint, recipient, since } in keys {
        let since = since.as_deref().unwrap_or("-");
        let _ = writeln!(text, "{name:<16} {does:<28} {fingerprint:<16} {since:<10} {place}");
        if let Some(recipient) = recipient {
            let _ = writeln!(text, "{:<16} files are sealed to {recipient}", "");
        }
    }
    text
}

fn renew(page: &Page, global: &Global, reason: &str) -> Exit {
    let mut engine = match open_alone::<RotateKeys>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    let grounds = Grounds { reason, evidence: None, asked: None };
    let permit = engine.grant::<RotateKeys>(Concern::SITE);
    let done: Result<KeysRotated, Fault> = permit.and_then(|permit| rotate(&mut engine, &grounds, &permit));
    match done {
        Ok(done) => page.answer_shown(|| rotated_json(&done), || rotated_text(&done)),
        Err(fault) => refused(page, &fault),
    }
}

fn rotated_json(done: &KeysRotated) -> serde_json::Value {
    let kept: Vec<String> = done.kept.iter().map(|path| path.display().to_string()).collect();
    json!({ "fingerprint": done.fingerprint, "resumed": done.resumed, "records": done.records, "kept": kept })
}

fn rotated_text(done: &KeysRotated) -> String {
    let mut text = format!("the vault seals under {}; {} records were moved\n", done.fingerprint, done.records);
    text.push_str("copy keys/vault.key to where copies of keys are kept\n");
    for path in &done.kept {
        let _ = writeln!(
            text,
            "the key before is in {}: it opens backups made until now, and nothing else. Move it to where\n\
             copies of keys are kept, and destroy it with the last of those backups",
            path.display()
        );
    }
    text
}
