//! What is a site's own: who can write what decides it, who can read what it keeps, and for whom it was made.

use std::collections::BTreeSet;
use std::fs::{self, Permissions, TryLockError};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use bex::access::Actor;
use bex::store::Store;
use serde_json::Value;

use crate::harness::database::is_postgres;
use crate::harness::demo_site::{World, bex};

const TEST: &str = "environment = \"test\"";
const PRODUCTION: &str = "environment = \"production\"";

/// What acts on a site without doing anything to a feed.
const ACTS: [&str; 1] = ["notify"];

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_site_that_was_a_production_site_never_is_a_test_site_with_the_same_store() {
    let world = World::new();
    world.bex(&ACTS).exits(0);
    world.edit("bex.toml", TEST, PRODUCTION);
    world.bex_without_clock(&ACTS).exits(0);
    world.edit("bex.toml", PRODUCTION, TEST);
    for command in [&ACTS[..], &["run"], &["acks"], &["verify"]] {
        world.bex(command).exits(2).refuses_with("RUN036");
    }
    world.bex(&["doctor"]).exits(1).says("RUN036");
    let records = world.bex(&["audit", "show", "--json", "--limit", "1000"]).exits(0).json();
    let tried = records["records"].as_array().unwrap().iter().filter(|leaf| leaf["code"] == "RUN036").count();
    assert_eq!(tried, 3, "each try is in the record");
    // Whoever takes the mark out of the store leaves every record, and the log names one of its two rows.
    world.database.tamper("DELETE FROM site WHERE name = 'production'; DELETE FROM counter WHERE name = 'production'");
    world.bex(&ACTS).exits(7).refuses_with("LOG006");
    world.bex(&["recover", "--reason", "looked at"]).exits(0);
    world.bex(&ACTS).exits(2).refuses_with("RUN036");
    world.edit("bex.toml", TEST, PRODUCTION);
    world.bex_without_clock(&ACTS).exits(0);
    world.bex_without_clock(&["verify"]).exits(0);
}

#[test]
fn every_record_says_on_which_kind_of_site_and_by_whom_it_was_written() {
    let world = World::after_the_first_night();
    world.edit("bex.toml", TEST, PRODUCTION);
    world.bex_without_clock(&ACTS).exits(0);
    let leaves = world.bex_without_clock(&["audit", "show", "--json", "--limit", "10000"]).exits(0).json();
    let leaves: Vec<Value> = leaves["records"].as_array().unwrap().clone();
    let me = bex::engine::actor().user.to_string();
    assert!(leaves.len() > 50 && leaves.iter().all(|leaf| leaf["actor"]["user"] == me.as_str()));
    let production = leaves.iter().position(|leaf| leaf["env"] == "production").unwrap();
    assert!(production > 50 && leaves[..production].iter().all(|leaf| leaf["env"] == "test"));
    assert!(leaves[production..].iter().all(|leaf| leaf["env"] == "production"));
}

/// Until somebody has the lock: whoever holds it is at work.
fn until_taken(lock: &Path) {
    until(|| fs::File::open(lock).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock))));
}

#[test]
fn whoever_only_reads_waits_neither_for_who_writes_nor_for_who_waits_to_write() {
    let world = World::after_the_first_night();
    // Something for the next command to write: it waits for whoever is writing, with the record looked at.
    world.edit("mappings/carriers/alpha-health.toml", "user = \"bex\"", "user = \"bex2\"");
    let store = Store::open_keyless(world.database.location(), Actor::named("somebody")).unwrap();
    let writing = store.still().unwrap();
    let mut waits = bex();
    waits.arg("--site").arg(world.site()).args(ACTS).stdout(Stdio::null()).stderr(Stdio::null());
    let mut waits = waits.spawn().unwrap();
    until_taken(&world.site().join("state/locks/looking"));
    for reads in [&["runs"][..], &["show", "1"], &["report"], &["metrics"], &["verify"], &["audit", "show"]] {
        world.bex(reads).exits(0);
    }
    assert_eq!(waits.try_wait().unwrap(), None, "it waits all that time");
    drop(writing);
    assert!(waits.wait().unwrap().success());
}

#[test]
fn a_file_is_read_to_its_end_while_somebody_writes_so_that_nobody_who_writes_waits_for_a_file_to_be_read() {
    let world = World::new();
    let (path, feed) = ("sample-logistics/census.csv", "sample-logistics-alpha-health");
    world.arrives(path, World::text_of(1, path));
    // Before anything is sealed of the families in it, each has a key of its own: without, the file is not read.
    let keys = world.site().join("state/file-keys/families");
    fs::create_dir_all(&keys).unwrap();
    world.bex(&["run", feed]).refuses_with("KEY007").exits(1);
    world.bex(&["show", "input", "1"]).exits(0).says("NOT READ");
    fs::remove_dir(&keys).unwrap();
    let store = Store::open_keyless(world.database.location(), Actor::named("somebody")).unwrap();
    let writing = store.still().unwrap();
    let mut reads = world.bex_begins(&["run", feed]);
    until(|| keys.is_file());
    assert_eq!(reads.try_wait().unwrap(), None, "what it has read waits to be written");
    drop(writing);
    reads.wait().unwrap();
    world.bex(&["show", "input", "1"]).exits(0).says("READ").never_says("NOT");
}

#[test]
fn a_reading_that_is_to_be_recorded_while_somebody_writes_waits_so_long_and_is_refused_without_a_word_shown() {
    let world = World::after_the_first_night();
    let settings = fs::read_to_string(world.site().join("bex.toml")).unwrap();
    let table = if settings.contains("[store]") { "[store]\n" } else { "[sender]\n" };
    let waits = "[store]\nwait_seconds = 1\n";
    world.edit("bex.toml", table, &if table == "[store]\n" { waits.to_string() } else { format!("{waits}\n{table}") });
    world.bex(&ACTS).exits(0);
    let asks = ["disclosures", "--member", "EXM-1008", "--reason", "asked by the member"];
    let readings = || {
        let records = world.bex(&["audit", "show", "--json", "--limit", "1000"]).exits(0).json();
        records["records"].as_array().unwrap().iter().filter(|leaf| leaf["action"] == "disclosures.read").count()
    };
    let before = readings();
    let store = Store::open_keyless(world.database.location(), Actor::named("somebody")).unwrap();
    let writing = store.still().unwrap();
    let refused = world.bex(&asks).exits(6).refuses_with("STO002");
    assert!(refused.out.is_empty(), "{refused:?}");
    assert_eq!(readings(), before, "nothing was read");
    drop(writing);
    world.bex(&asks).exits(0).says("Alpha");
    assert_eq!(readings(), before + 1);
}

/// How much of its memory a command has locked that waits for its input.
fn locked_by(mut command: std::process::Command) -> String {
    command.args([env!("CARGO_BIN_EXE_bex"), "x12", "validate", "-"]);
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    until(|| keeps_no_image(process.id()));
    let status = fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    drop(process.stdin.take());
    assert_eq!(process.wait().unwrap().code(), Some(2), "nothing is no 834");
    of_status(&status, "VmLck:")
}

fn of_status(status: &str, field: &str) -> String {
    status.lines().find_map(|line| line.strip_prefix(field)).unwrap().trim().to_string()
}

/// Whether the system keeps no image of a `bex`: the first thing that it asks for but for its memory.
fn keeps_no_image(process: u32) -> bool {
    let read = |file: &str| fs::read_to_string(format!("/proc/{process}/{file}")).unwrap_or_default();
    let limits = read("limits");
    let line = limits.lines().find(|line| line.starts_with("Max core file size"));
    read("comm").trim() == "bex" && line.is_some_and(|line| line.split_whitespace().skip(4).take(2).eq(["0", "0"]))
}

fn until(condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it did not come");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_a_command_has_in_memory_is_locked_where_there_is_no_limit_and_under_one_it_works_all_the_same() {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let capabilities = u64::from_str_radix(&of_status(&status, "CapEff:"), 16).unwrap();
    let is_endless = fs::read_to_string("/proc/self/limits").unwrap().contains("Max locked memory         unlimited");
    let may_lock = capabilities & 1 << 14 != 0 || is_endless;
    assert_eq!(locked_by(std::process::Command::new("env")) != "0 kB", may_lock);
    let mut limited = std::process::Command::new("prlimit");
    limited.arg("--memlock=65536:65536");
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        limited.args(["setpriv", "--reuid=65534", "--clear-groups"]);
    }
    assert_eq!(locked_by(limited), "0 kB");
}

#[test]
fn a_production_site_is_not_run_by_files_that_others_can_write() {
    let world = World::new();
    world.edit("bex.toml", TEST, PRODUCTION);
    world.bex_without_clock(&ACTS).exits(0);
    for path in ["bex.toml", "mappings/carriers/alpha-health.toml", "schedules", "state", "keys", ""] {
        let path = world.site().join(path);
        let before = mode(&path);
        fs::set_permissions(&path, Permissions::from_mode(before | 0o020)).unwrap();
        world.bex_without_clock(&["check"]).exits(1).refuses_with("CFG028");
        world.bex_without_clock(&ACTS).exits(2).refuses_with("CFG028");
        fs::set_permissions(&path, Permissions::from_mode(before)).unwrap();
    }
    world.bex_without_clock(&ACTS).exits(0);
}

fn files_below(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files_below(&path, found) } else { found.push(path) }
    }
}

#[test]
fn what_a_command_keeps_is_for_its_own_user_alone_whatever_the_shell_says() {
    let world = World::after_the_first_night();
    let mut kept = Vec::new();
    files_below(&world.site().join("state"), &mut kept);
    assert!(kept.len() > 10, "{kept:?}");
    let open: Vec<_> = kept.iter().filter(|path| mode(path) & 0o077 != 0).collect();
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn the_files_of_a_new_site_can_be_written_by_nobody_else_whatever_the_shell_says() {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site");
    let made = std::process::Command::new("sh")
        .args(["-c", "umask 0; exec \"$0\" init \"$1\"", env!("CARGO_BIN_EXE_bex")])
        .arg(&site)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let mut files = Vec::new();
    files_below(&site, &mut files);
    let folders: Vec<_> = files.iter().filter_map(|file| file.parent()).map(Path::to_path_buf).collect();
    let open: Vec<_> = files.iter().chain(&folders).filter(|path| mode(path) & 0o022 != 0).collect();
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn no_other_process_of_its_user_reads_what_a_command_has_in_memory_or_was_started_with() {
    // It waits for what comes on its standard input, as somebody who is not the super-user.
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_bex"));
    command.args(["x12", "validate", "-"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        command.uid(65534);
    }
    let mut process = command.spawn().unwrap();
    // The kernel gives what belongs to such a process to the super-user alone.
    let at = format!("/proc/{}", process.id());
    let is_bex = || fs::read_to_string(format!("{at}/comm")).is_ok_and(|name| name.trim() == "bex");
    until(|| is_bex() && fs::metadata(format!("{at}/environ")).is_ok_and(|environ| environ.uid() == 0));
    drop(process.stdin.take());
    process.wait().unwrap();
}

#[test]
fn the_system_keeps_no_image_of_a_process_that_has_a_site_open() {
    let world = World::new();
    let mut process = bex()
        .arg("--site")
        .arg(world.site())
        .args(["disclosures", "--ssn-fd", "0", "--reason", "asked"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It waits for a number on its standard input with the site open.
    until(|| keeps_no_image(process.id()));
    drop(process.stdin.take());
    process.wait().unwrap();
}

/// The addresses of the network that a traced process has asked to be connected with.
fn connected_with(trace: &str) -> BTreeSet<String> {
    let calls = trace.lines().filter(|line| line.contains("connect(") && line.contains("sa_family=AF_INET"));
    let part = |line: &str, begins: &str| {
        let rest = line.split_once(begins).unwrap_or_else(|| panic!("{line}")).1;
        rest.split([')', '"']).next().unwrap().to_string()
    };
    let address = |line: &str| if line.contains("AF_INET6") { "inet_pton(AF_INET6, \"" } else { "inet_addr(\"" };
    calls.map(|line| format!("{}:{}", part(line, address(line)), part(line, "htons("))).collect()
}

#[test]
fn a_night_connects_with_the_hosts_that_are_configured_and_with_no_other() {
    if is_postgres() {
        return;
    }
    let world = World::new();
    world.employers_send(1);
    let (folder, now) = (tempfile::tempdir().unwrap(), world.now());
    let trace = folder.path().join("trace");
    for command in ["run", "acks", "runs", "doctor"] {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qqq", "-e", "trace=connect,sendto", "-o"]).arg(&trace).arg(env!("CARGO_BIN_EXE_bex"));
        strace.arg("--site").arg(world.site()).args(["--now", &now, command]).stdin(Stdio::null());
        let ended = strace.output().expect("install strace (tests/run does)");
        assert!(ended.status.success(), "{command}: {}", String::from_utf8_lossy(&ended.stderr));
        let found = connected_with(&fs::read_to_string(&trace).unwrap());
        let configured = world.carriers.values().map(|carrier| format!("127.0.0.1:{}", carrier.server().port()));
        let wanted: BTreeSet<String> = if command == "runs" { BTreeSet::new() } else { configured.collect() };
        assert_eq!(found, wanted, "{command}");
        // Until every carrier has dealt with what it was sent.
        world.bex(&["check"]).exits(0);
    }
}

#[test]
fn a_link_or_a_pipe_in_the_place_of_what_a_command_writes_is_refused_before_anything_is_opened() {
    let world = World::after_the_first_night();
    let (state, aside) = (world.site().join("state"), tempfile::tempdir().unwrap());
    for name in ["bex.log", "lock", "clock.json", "bex.db"] {
        if is_postgres() && name == "bex.db" {
            continue;
        }
        let (file, kept, victim) = (state.join(name), aside.path().join(name), aside.path().join("victim"));
        let was = file.exists();
        if was {
            fs::rename(&file, &kept).unwrap();
        }
        std::os::unix::fs::symlink(&victim, &file).unwrap();
        world.bex(&["runs"]).exits(2).refuses_with("RUN041").says(name);
        assert!(!victim.exists(), "{name}");
        fs::remove_file(&file).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
        world.bex(&["run"]).exits(2).refuses_with("RUN041").says(name);
        fs::remove_file(&file).unwrap();
        if was {
            fs::rename(&kept, &file).unwrap();
        }
    }
    world.bex(&["verify"]).exits(0);
}
