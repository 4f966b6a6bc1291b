//! `bex migrate`.

use std::fmt::Write as _;

use serde_json::json;

use super::arguments::{Global, MigrateArguments};
use super::page::Page;
use super::site::{open_keyless_alone, refused};
use crate::access::{Concern, MoveStore};
use crate::engine::{OpenSite, location};
use crate::fault::Fault;
use crate::mapping::rules::MALFORMED;
use crate::mapping::{KeyRef, StoreSettings, StoreUrl};
use crate::model::ids::hex;
use crate::run::Exit;
use crate::store::MovedTable;

/// Moves the store into another database and says what to write into `bex.toml`.
pub(super) fn run(page: &Page, global: &Global, asked: &MigrateArguments) -> Exit {
    let settings = match settings(asked) {
        Ok(settings) => settings,
        Err(fault) => return refused(page, &fault),
    };
    let site = match open_keyless_alone::<MoveStore>(page, global) {
        Ok(site) => site,
        Err(exit) => return exit,
    };
    match moved(&site, &settings) {
        Ok(tables) => {
            say(page, &tables, &settings);
            Exit::Done
        }
        Err(fault) => refused(page, &fault),
    }
}

fn moved(site: &OpenSite, to: &StoreSettings) -> Result<Vec<MovedTable>, Fault> {
    site.grant::<MoveStore>(Concern::SITE)?;
    site.store.move_to(&location(&site.site.root, to)?, &site.clock.stamp())
}

fn settings(asked: &MigrateArguments) -> Result<StoreSettings, Fault> {
    let rule = "a database is named by sqlite:PATH or postgres://USER@HOST[:PORT]/DATABASE, without a password";
    let malformed = || MALFORMED.worded(rule, "docs/guide/databases.md has examples").fault();
    let url = StoreUrl::parse(&asked.to).ok_or_else(malformed)?;
    let rule = "a password is given by reference: file:PATH or fd:NUMBER";
    let no_reference = || MALFORMED.worded(rule, "put it into a file under keys/, and name that").fault();
    let password = asked.password.as_ref().map(|key| KeyRef::parse(key).ok_or_else(no_reference)).transpose()?;
    Ok(StoreSettings { url, password, authority: asked.authority.clone(), ..StoreSettings::default() })
}

fn say(page: &Page, tables: &[MovedTable], to: &StoreSettings) {
    if page.json {
        let table =
            |table: &MovedTable| json!({ "name": table.name, "rows": table.rows, "sha256": hex(&table.digest) });
        let tables: Vec<_> = tables.iter().map(table).collect();
        return page.say_json(&json!({ "tables": tables, "url": to.url.to_string() }));
    }
    let mut text = String::new();
    for MovedTable { name, rows, digest } in tables {
        let _ = writeln!(text, "{name:<16} {rows:>9} rows  {}", &hex(digest)[..16]);
    }
    let _ = writeln!(
        text,
        "\nevery table is the same in both; the old store acts no more\nnow write into bex.toml:\n\n[store]"
    );
    let _ = writeln!(text, "url = \"{}\"", to.url);
    match &to.password {
        Some(KeyRef::File(path)) => drop(writeln!(text, "password = \"file:{path}\"")),
        Some(KeyRef::Descriptor(number)) => drop(writeln!(text, "password = \"fd:{number}\"")),
        None => {}
    }
    if let Some(path) = &to.authority {
        let _ = writeln!(text, "authority = \"{path}\"");
    }
    page.say(&text);
}
