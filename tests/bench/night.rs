//! Whole nights, measured: `cargo bench --bench night [-- MEMBERS…]` (default 10000 100000).
//!
//! Runs the demonstration with so many members for three nights (a full load, one percent of changes, none), three
//! simulated carriers included, and prints time, members per second and peak memory of the whole process, where the
//! time went by step, and beside it the limit: reading the same inputs with the bare `csv` reader.
#![allow(clippy::disallowed_methods, clippy::print_stdout, clippy::unwrap_used)] // It measures and prints.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use bex::simulate::employer::Workforce;

fn main() {
    let asked: Vec<u32> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if asked.is_empty() { vec![10_000, 100_000] } else { asked };
    println!("members  seconds  members/s  peak MiB  night 1  night 2  night 3  bare csv  night 3 / bare csv");
    for members in sizes {
        measure(members);
    }
}

fn measure(members: u32) {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("demo");
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_bex"))
        .args(["demo", "--quiet", "--nights", "3", "--members", &members.to_string(), "--dir"])
        .arg(&site)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        peak = peak.max(resident_peak(child.id()));
        thread::sleep(Duration::from_millis(20));
    }
    let seconds = started.elapsed().as_secs_f64();
    let steps = steps(&site.join("site/state/bex.log"));
    let nights = [1, 2, 3].map(|night| steps.iter().filter(|step| step.night == night).map(|step| step.seconds).sum());
    report(members, (seconds, peak), nights);
    by_step(&steps);
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
    seconds: f64,
}

/// What the log says of each step; a night begins where a census is taken in after a feed has run.
fn steps(log: &Path) -> Vec<Step> {
    let (mut night, mut ran, mut steps) = (1, false, Vec::new());
    for line in fs::read_to_string(log).unwrap().lines() {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        let Some(seconds) = entry["seconds"].as_f64() else { continue };
        let name = entry["step"].as_str().unwrap_or("taken in").to_string();
        night += u32::from(ran && name == "taken in");
        ran = name != "taken in";
        steps.push(Step { night, name, seconds });
    }
    steps
}

fn report(members: u32, (seconds, peak): (f64, u64), nights: [f64; 3]) {
    let rate = f64::from(members) * 3.0 / seconds;
    let bare = bare_csv(members);
    let [first, second, third] = nights;
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
    let mut sums: BTreeMap<(u32, &str), f64> = BTreeMap::new();
    for step in steps {
        *sums.entry((step.night, &step.name)).or_default() += step.seconds;
    }
    for ((night, name), seconds) in sums {
        println!("         night {night}  {name:10} {seconds:7.2} s");
    }
}
