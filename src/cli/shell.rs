//! `bex completions` and `bex man`: what a shell and its manual know of the commands, made from the same declaration
//! that reads them.

// It writes the pages into the folder that was named.
#![allow(clippy::disallowed_methods)]

use std::fs;
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::arguments::Arguments;
use super::page::Page;
use super::rules;
use super::site::refused;
use crate::run::Exit;

/// The script that completes a command line of `bex` in a shell.
pub(super) fn completions(page: &Page, shell: Shell) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "bex", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    page.answer(|| serde_json::json!({ "shell": shell.to_string(), "script": script }), || script.clone())
}

/// A page of the manual for `bex` and one for each command, as files of a folder.
pub(super) fn man(page: &Page, folder: &Path) -> Exit {
    let made = fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Arguments::command(), folder));
    if made.is_err() {
        return refused(page, &rules::FILE_UNWRITABLE.fault());
    }
    let said = format!("One page for each command. Read one: man {}/bex.1\n", folder.display());
    page.answer(|| serde_json::json!({ "folder": folder.to_string_lossy() }), || said.clone())
}
