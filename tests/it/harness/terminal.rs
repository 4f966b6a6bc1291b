//! A command on a terminal of its own, as somebody at a keyboard sees it.

use std::process::Command;

use crate::harness::demo_site::World;

/// What begins a colour.
pub const ESCAPE: char = '\u{1b}';

/// What a command writes to a terminal, both streams together. Without a number of columns the terminal says nothing of
/// its width.
pub fn on_a_terminal(
    world: &World,
    columns: Option<usize>,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> String {
    let line = [&[env!("CARGO_BIN_EXE_bex"), "--site", world.site().to_str().unwrap()], arguments].concat().join(" ");
    let line = columns.map_or(line.clone(), |columns| format!("stty rows 40 cols {columns} && {line}"));
    let mut script = Command::new("script");
    script.args(["--quiet", "--command", &line, "/dev/null"]).env_remove("NO_COLOR").env("TERM", "xterm");
    let output = script.envs(environment.iter().copied()).output().expect("install bsdutils");
    String::from_utf8(output.stdout).unwrap().replace('\r', "")
}

/// The text as a terminal shows it.
pub fn as_shown(painted: &str) -> String {
    let mut pieces = painted.split(ESCAPE);
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + piece.split_once('m').map_or(piece, |(_, rest)| rest))
}
