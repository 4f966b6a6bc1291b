//! The command line: arguments → one call → text and exit status. One file per command.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an edge: this module talks to the terminal")]

pub mod rules;
mod acks;
mod acts;
mod against;
mod approve;
mod answer;
mod arguments;
mod backup;
mod balance;
mod baseline;
mod check;
mod consent;
mod corrections;
#[cfg(feature = "demo")]
mod demo;
mod disclose;
mod disclosures;
mod doctor;
mod forecast;
mod grants;
mod help;
mod init;
mod keys;
mod inputs;
mod intake;
mod logging;
mod many;
mod mapping;
mod memory;
mod migrate;
mod night;
mod page;
mod people;
mod plan;
mod policy;
mod recover;
mod report;
mod resume;
mod retention;
mod review;
mod runs;
mod second;
mod schedule;
mod shell;
mod show;
mod shown;
mod signals;
mod site;
mod verify;
mod statement;
mod watch;
mod worklist;
pub mod x12;

use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};
use std::panic;
use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command, PeopleCommand, ScheduleCommand, ShowArguments, ShowCommand};
use page::Page;

use crate::engine::clock::Clock;
use crate::run::Exit;

/// Runs one command line and returns its exit status.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let exit = perform(&arguments);
    logging::end(exit);
    exit
}

fn perform(arguments: &Arguments) -> Exit {
    let page = Page::new(&arguments.global);
    match &arguments.command {
        Command::Demo(demo) => demonstrate(&page, &arguments.global, demo),
        Command::Init { dir } => init::run(&page, dir),
        Command::Check => check::run(&page, &arguments.global),
        Command::Doctor(asked) => doctor::run(&page, &arguments.global, asked),
        Command::Intake => intake::run(&page, &arguments.global),
        Command::Run(night) => night::run(&page, &arguments.global, night),
        Command::Plan(plan) => plan::run(&page, &arguments.global, plan),
        Command::Reconcile(asked) => against::run(&page, &arguments.global, asked),
        Command::Baseline(asked) => baseline::run(&page, &arguments.global, asked),
        Command::Balance(asked) => balance::run(&page, &arguments.global, asked),
        Command::Worklist(asked) => worklist::run(&page, &arguments.global, asked),
        Command::Forecast(asked) => forecast::run(&page, &arguments.global, asked),
        Command::Schedule(ScheduleCommand::Next(next)) => schedule::next(&page, &arguments.global, next),
        Command::Skip(skip) => schedule::skip(&page, &arguments.global, skip),
        Command::Runs(asked) => runs::board(&page, &arguments.global, asked),
        Command::Show(asked) => show_one(&page, &arguments.global, asked),
        Command::Mapping(command) => mapping::run(&page, &arguments.global, command),
        Command::Input(command) => inputs::run(&page, &arguments.global, command),
        Command::Corrections(asked) => corrections::run(&page, &arguments.global, asked),
        Command::Report { csv } => report::run(&page, &arguments.global, *csv),
        Command::Help { code } => help::run(&page, code),
        Command::Completions { shell } => shell::completions(&page, *shell),
        Command::Man { folder } => shell::man(&page, folder),
        Command::Watch { max_age } => watch::run(&page, &arguments.global, *max_age),
        Command::Notify { test } => watch::tell(&page, &arguments.global, *test),
        Command::Metrics => watch::measures(&page, &arguments.global),
        Command::Why { feed } => show::why(&page, &arguments.global, feed),
        Command::Explain(asked) => show::explain(&page, &arguments.global, asked),
        Command::Trace(asked) => show::trace(&page, &arguments.global, asked),
        Command::Resume(asked) => resume::resume(&page, &arguments.global, asked),
        Command::Release(release) => resume::release(&page, &arguments.global, release),
        Command::Attest(attest) => acts::attest(&page, &arguments.global, attest),
        Command::Settle(settle) => acts::settle(&page, &arguments.global, settle),
        Command::Resend(resend) => acts::resend(&page, &arguments.global, resend),
        Command::Rebuild(rebuild) => acts::rebuild(&page, &arguments.global, rebuild),
        Command::Answer(asked) => {
            asked.fit().map_or_else(|error| usage(&error), |()| answer::answer(&page, &arguments.global, asked))
        }
        Command::Hold(feed) => acts::hold(&page, &arguments.global, feed, true),
        Command::Unhold(feed) => acts::hold(&page, &arguments.global, feed, false),
        Command::X12(command) => x12(command, &arguments.global),
        Command::Void(void) => resume::void(&page, &arguments.global, void),
        Command::Recover { reason } => recover::run(&page, &arguments.global, reason.as_deref()),
        Command::Verify(asked) => verify::run(&page, &arguments.global, asked),
        Command::Audit(command) => verify::audit(&page, &arguments.global, command),
        Command::Migrate(asked) => migrate::run(&page, &arguments.global, asked),
        Command::People(command) => people(&page, &arguments.global, command),
        Command::Acks { command } => acks::run(&page, &arguments.global, command.as_ref()),
    }
}

/// The demonstration brings its carriers along, and with them a second implementation of SSH: a build without it says
/// so.
#[cfg(feature = "demo")]
fn demonstrate(page: &Page, global: &arguments::Global, demo: &arguments::DemoArguments) -> Exit {
    demo::run(page, global, demo)
}

#[cfg(not(feature = "demo"))]
fn demonstrate(page: &Page, _: &arguments::Global, _: &arguments::DemoArguments) -> Exit {
    site::refused(page, &rules::NO_DEMO.fault())
}

/// What is shown of one thing that is no run.
fn show_one(page: &Page, global: &arguments::Global, asked: &ShowArguments) -> Exit {
    let Some(what) = &asked.what else { return show::run(page, global, asked) };
    match what {
        ShowCommand::Input { input, faults } => inputs::show(page, global, *input, *faults),
        ShowCommand::Delivery { delivery } => show::delivery(page, global, *delivery),
        ShowCommand::Question { meant } => show::question(page, global, meant),
        ShowCommand::Ack { answer } => show::answer(page, global, *answer),
    }
}

/// The commands about who may do what, who did it, and whom it concerns.
fn people(page: &Page, global: &arguments::Global, command: &PeopleCommand) -> Exit {
    match command {
        PeopleCommand::Approve(asked) => approve::run(page, global, asked),
        PeopleCommand::Review(command) => review::run(page, global, command),
        PeopleCommand::Statement => statement::run(page, global),
        PeopleCommand::Grants(asked) => grants::run(page, global, asked),
        PeopleCommand::Backup(asked) => backup::run(page, global, asked),
        PeopleCommand::Retention(command) => retention::run(page, global, command),
        PeopleCommand::Disclose(command) => disclose::run(page, global, command),
        PeopleCommand::Keys(command) => keys::run(page, global, command),
        PeopleCommand::Breakglass(asked) => grants::breakglass(page, global, asked),
        PeopleCommand::Policy(command) => policy::run(page, global, command),
        PeopleCommand::Disclosures(asked) => disclosures::run(page, global, asked),
        PeopleCommand::Affected(asked) => disclosures::people(page, global, asked),
    }
}

/// Runs this process's command line. A panic is a broken promise of bex's own: it says where, stops, and exits with 7.
pub fn process() -> ExitCode {
    panic::set_hook(Box::new(|broken| say_broken(broken.location())));
    memory::keep_to_itself();
    let exit = panic::catch_unwind(|| run(std::env::args_os()));
    ExitCode::from(exit.unwrap_or(Exit::IntegrityStop) as u8)
}

/// Says where bex has broken a promise of its own: the place in the program, never what it was working on.
fn say_broken(location: Option<&panic::Location<'_>>) {
    let place = location.map_or_else(|| "an unknown place".to_string(), |at| format!("{}:{}", at.file(), at.line()));
    let said = format!(
        "fatal: BEX001 a defect of bex at {place}; what was committed stands, nothing else does\n\
         \x20   next: report it with this place; `bex runs` shows where each run stands, `bex resume RUN` goes on\n"
    );
    // A terminal that is gone must not make a second panic out of the first.
    let _ = std::io::stderr().lock().write_all(said.as_bytes());
}

fn x12(command: &x12::X12Command, global: &arguments::Global) -> Exit {
    let stdout = std::io::stdout().lock();
    let clock = global.now.map_or_else(Clock::default, Clock::fixed_at);
    let (on_terminal, terminal) = (stdout.is_terminal(), std::io::stderr().is_terminal());
    let width = terminal_size::terminal_size_of(&stdout).map(|(width, _)| usize::from(width.0));
    let color = page::wants_color(global) && on_terminal;
    let options = x12::Options { json: global.json, color, width, terminal: terminal && !global.quiet, clock };
    x12::run(command, &mut std::io::BufWriter::new(stdout), &options)
}

/// Help and version go to stdout with status 0, misuse to stderr with status 2.
fn usage(error: &clap::Error) -> Exit {
    // Nothing can be done about a terminal that is gone.
    let _ = error.print();
    if error.use_stderr() { Exit::Refused } else { Exit::Done }
}
