//! Whole nights, measured: `cargo bench --bench night [-- MEMBERS…]` (default 10000 100000).
//!
//! With `BEX_BESIDE=PATH` another `bex`, an earlier release for example, runs the same nights in turn with this one,
//! and the last line of each size says how many times as long and as much memory this one takes. Three rounds, the
//! best of each: what else the machine does only ever makes a night longer.
//!
//! Runs the demonstration with so many members for three nights (a full load, one percent of changes, none), three
//! simulated carriers included, and prints time, members per second and peak memory of the whole process, where the
//! time went by step, and beside it the limit: reading the same inputs with the bare `csv` reader.
//!
//! The page has the rooms of a night beside their limits, too, and the same nights over SQLite and a PostgreSQL server
//! that is started for it.
//!
//! `-- --page FILE [MEMBERS…]` writes the same as a page, with the machine named: docs/reference/speed.md.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used)] // It measures and prints.
#![allow(clippy::expect_used, clippy::print_stderr)] // So does what it shares with the tests.
#![allow(dead_code, unused_imports, reason = "the harness serves the tests, too")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use bex::simulate::employer::Workforce;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;

mod bare_database;
mod gate_beside;
#[path = "../it/harness/mod.rs"]
mod harness;
mod intake;
mod rooms;
mod speed_page;
mod two_nights;

fn main() {
    let asked: Vec<u32> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let page = std::env::args().skip_while(|argument| argument != "--page").nth(1);
    let sizes = if asked.is_empty() { vec![10_000, 100_000] } else { asked };
    harness::postgres_server::as_shipped();
    let beside = std::env::var_os("BEX_BESIDE").map(PathBuf::from);
    if std::env::args().any(|argument| argument == TWO_NIGHTS) {
        return sizes.iter().for_each(|members| print_two_nights(*members));
    }
    if let Some(page) = page {
        return speed_page::write(&sizes, beside.as_deref(), Path::new(&page));
    }
    println!("members  seconds  members/s  peak MiB  night 1  night 2  night 3  bare csv  night 3 / bare csv");
    for members in sizes {
        match &beside {
            Some(other) => compare(members, other),
            None => {
                let measured = measure(&Measuring::three(members, Path::new(OURS)));
                report(members, &measured);
                by_step(&measured.steps);
            }
        }
    }
}

/// Asks this program for two nights over the database that its environment names: a process knows one kind alone.
const TWO_NIGHTS: &str = "--two-nights";

fn print_two_nights(members: u32) {
    let [first, second] = two_nights::two_nights(&mut harness::demo_site::World::new(), members).clock;
    println!("{first} {second}");
}

/// Two nights by the clock, in a process of its own.
fn two_nights_over(database: &str, members: u32) -> [f64; 2] {
    let mut asked = Command::new(std::env::current_exe().unwrap());
    asked.args([TWO_NIGHTS, &members.to_string()]).env("BEX_TEST_DATABASE", database);
    let said = asked.output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let said = String::from_utf8(said.stdout).unwrap();
    let seconds: Vec<f64> = said.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    seconds.try_into().unwrap()
}

/// The `bex` that was built with this program.
const OURS: &str = env!("CARGO_BIN_EXE_bex");

/// Rounds in which two programs run in turn.
const ROUNDS: usize = 3;

/// One demonstration, measured.
struct Measured {
    seconds: f64,
    /// User and system, of the whole process.
    cpu: f64,
    peak_mib: u64,
    nights: [f64; 3],
    steps: Vec<Step>,
    gate: rooms::Beside,
}

/// Which demonstration, by which `bex`.
struct Measuring<'m> {
    members: u32,
    nights: u32,
    bex: &'m Path,
}

impl Measuring<'_> {
    fn three(members: u32, bex: &Path) -> Measuring<'_> {
        Measuring { members, nights: 3, bex }
    }
}

fn compare(members: u32, other: &Path) {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        theirs.push(measure(&Measuring::three(members, other)));
        ours.push(measure(&Measuring::three(members, Path::new(OURS))));
    }
    let best = |all: &[Measured], of: &dyn Fn(&Measured) -> f64| all.iter().map(of).fold(f64::INFINITY, f64::min);
    let ratio = |of: &dyn Fn(&Measured) -> f64| best(&ours, of) / best(&theirs, of);
    let shown = |name: &str, all: &[Measured]| {
        let night = |at: usize| best(all, &|measured| measured.nights[at]);
        let (seconds, peak) =
            (best(all, &|measured| measured.seconds), best(all, &|measured| measured.peak_mib as f64));
        println!(
            "{members:7}  {name:6}  {seconds:7.1} s  {peak:6.0} MiB  {:7.2}  {:7.2}  {:7.2}",
            night(0),
            night(1),
            night(2)
        );
    };
    shown("beside", &theirs);
    shown("this", &ours);
    println!(
        "{members:7}  ratio   {:7.2}    {:6.2}      {:7.2}  {:7.2}  {:7.2}",
        ratio(&|measured| measured.seconds),
        ratio(&|measured| measured.peak_mib as f64),
        ratio(&|measured| measured.nights[0]),
        ratio(&|measured| measured.nights[1]),
        ratio(&|measured| measured.nights[2])
    );
}

fn measure(measuring: &Measuring) -> Measured {
    let Measuring { members, nights, bex } = *measuring;
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("demo");
    let (started, before) = (Instant::now(), children_cpu());
    let mut child = Command::new(bex)
        .args(["demo", "--quiet", "--nights", &nights.to_string(), "--members", &members.to_string(), "--dir"])
        .arg(&site)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        peak = peak.max(resident_peak(child.id()));
        thread::sleep(Duration::from_millis(20));
    }
    let (seconds, cpu) = (started.elapsed().as_secs_f64(), children_cpu() - before);
    let steps = steps(&site.join("site/state/bex.log"));
    let nights = [1, 2, 3].map(|night| steps.iter().filter(|step| step.night == night).map(|step| step.seconds).sum());
    let gate = gate_beside::measure(&site.join("carriers"), &steps);
    Measured { seconds, cpu, peak_mib: peak, nights, steps, gate }
}

/// Seconds of a processor that ended children have used.
fn children_cpu() -> f64 {
    let used = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    (used.user_time() + used.system_time()).num_microseconds() as f64 / 1e6
}

/// Families that the demonstration's three feeds of the large employer have to decide in a first night.
fn family_feeds(members: u32) -> u64 {
    let mut census = Vec::new();
    Workforce { members, seed: 1, night: 1 }.write_census(&mut census).unwrap();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&census[..]);
    let families: BTreeSet<Vec<u8>> = reader.byte_records().map(|row| row.unwrap()[0].to_vec()).collect();
    families.len() as u64 * 3
}

/// VmHWM in MiB; 0 when the process is gone.
fn resident_peak(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1024
}

struct Step {
    night: u32,
    name: String,
    /// None where it is a source that was taken in.
    feed: Option<String>,
    seconds: f64,
}

/// What the log says of each step; a night begins where a census is taken in after a feed has run.
fn steps(log: &Path) -> Vec<Step> {
    let (mut night, mut ran, mut steps) = (1, false, Vec::new());
    for line in fs::read_to_string(log).unwrap().lines() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        let Some(seconds) = entry["seconds"].as_f64() else { continue };
        // A line of a whole feed sums up the lines of its steps.
        let taken_in = entry["source"].is_string().then_some("taken in");
        let Some(name) = entry["step"].as_str().or(taken_in).map(str::to_string) else { continue };
        night += u32::from(ran && name == "taken in");
        ran = name != "taken in";
        let feed = entry["feed"].as_str().map(str::to_string);
        steps.push(Step { night, name, feed, seconds });
    }
    steps
}

fn report(members: u32, measured: &Measured) {
    let Measured { seconds, peak_mib: peak, nights: [first, second, third], .. } = *measured;
    let rate = f64::from(members) * 3.0 / seconds;
    let bare = bare_csv(members);
    println!(
        "{members:7}  {seconds:7.1}  {rate:9.0}  {peak:8}  {first:7.2}  {second:7.2}  {third:7.2}  {bare:8.3}  {:17.1}",
        third / bare
    );
}

/// Seconds to read the same census and elections with nothing but the csv reader.
fn bare_csv(members: u32) -> f64 {
    let workforce = Workforce { members, seed: 1, night: 2 };
    let (mut census, mut elections) = (Vec::new(), Vec::new());
    workforce.write_census(&mut census).unwrap();
    workforce.write_elections(&mut elections).unwrap();
    let started = Instant::now();
    let rows: usize = [&census, &elections].into_iter().map(|bytes| rows(bytes)).sum();
    assert!(rows > 0);
    started.elapsed().as_secs_f64()
}

fn rows(bytes: &[u8]) -> usize {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let (mut record, mut rows) = (csv::ByteRecord::new(), 0);
    while reader.read_byte_record(&mut record).unwrap() {
        rows += 1;
    }
    rows
}

fn by_step(steps: &[Step]) {
    for ((night, name), seconds) in speed_page::by_step(steps) {
        println!("         night {night}  {name:10} {seconds:7.2} s");
    }
}
