//! The `bex` command.

use std::panic;
use std::process::ExitCode;

use bex::run::Exit;

fn main() -> ExitCode {
    panic::set_hook(Box::new(|broken| bex::cli::say_broken(broken.location())));
    let exit = panic::catch_unwind(|| bex::cli::run(std::env::args_os()));
    ExitCode::from(exit.unwrap_or(Exit::Stopped) as u8)
}
