//! What an OpenTelemetry collector is told of a night: by the protocol, of nobody, and at no run's cost.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

use crate::harness::demo_site::{Said, bex};
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};
use crate::harness::source_tree;

/// A request as a collector gets it.
#[derive(Clone, Debug)]
struct Request {
    head: String,
    body: String,
}

/// A collector on this machine, for as long as the test goes on.
struct Collector {
    port: u16,
    got: Arc<Mutex<Vec<Request>>>,
}

impl Collector {
    /// One that takes everything, or one that takes the connection and says nothing for ever.
    fn start(answers: bool) -> Collector {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let (port, got) = (listener.local_addr().unwrap().port(), Arc::<Mutex<Vec<Request>>>::default());
        let taken = Arc::clone(&got);
        thread::spawn(move || {
            let mut silent = Vec::new();
            for stream in listener.incoming().map_while(Result::ok) {
                if answers {
                    let taken = Arc::clone(&taken);
                    thread::spawn(move || serve(stream, &taken));
                } else {
                    silent.push(stream);
                }
            }
        });
        Collector { port, got }
    }

    fn requests(&self) -> Vec<Request> {
        self.got.lock().unwrap().clone()
    }
}

fn serve(stream: TcpStream, taken: &Mutex<Vec<Request>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    loop {
        let (mut head, mut line) = (String::new(), String::new());
        while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
            head += &std::mem::take(&mut line);
        }
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let Some(length) = length else { return };
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        taken.lock().unwrap().push(Request { head, body: String::from_utf8(body).unwrap() });
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
    }
}

/// A site whose employers have sent, with a collector at this address.
fn watched(endpoint: &str) -> FirstFeed {
    let feed = FirstFeed::new();
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", ELECTIONS);
    std::fs::write(feed.site().join("keys/collector"), "letmein-1\n").unwrap();
    let file = feed.site().join("bex.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let table = format!("\n[telemetry]\nendpoint = \"{endpoint}\"\ntoken = \"file:keys/collector\"\n");
    std::fs::write(&file, text + &table).unwrap();
    std::fs::set_permissions(feed.site().join("keys/collector"), std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .unwrap();
    feed
}

fn judged(requests: &[Request]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = |(n, request): (usize, &Request)| {
        let kind = if request.head.contains("/v1/traces ") { "traces" } else { "metrics" };
        let path = folder.path().join(format!("{kind}-{n}"));
        std::fs::write(&path, &request.body).unwrap();
        path
    };
    let files: Vec<_> = requests.iter().enumerate().map(file).collect();
    let python = source_tree::root().join("target/venv/bin/python");
    let judge = source_tree::root().join("tests/otlp_check.py");
    let said = Command::new(python).arg(judge).args(files).output().expect("run tests/run once: it makes target/venv");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    serde_json::from_slice(&said.stdout).unwrap()
}

fn words(of: &Value) -> Vec<&str> {
    of.as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

#[test]
fn a_collector_is_told_by_the_protocol_what_took_how_long_and_how_the_site_stands_and_of_nobody() {
    let collector = Collector::start(true);
    let feed = watched(&format!("http://127.0.0.1:{}", collector.port));
    feed.bex(2, &["run", "--due"]).exits(0);
    feed.night(2).exits(0);
    // Of the slot before nobody was watching; what it says of that is not looked at here.
    let _ = feed.bex(3, &["run", "--due"]);
    let requests = collector.requests();
    assert!(requests.iter().all(|request| request.head.contains("Authorization: Bearer letmein-1")));
    let told = judged(&requests);
    let spans = words(&told["traces"]);
    for part in ["command", "feed", "source", "step planned", "step delivered"] {
        assert!(spans.contains(&part), "{part}: {spans:?}");
    }
    for figure in ["bex.needs", "bex.runs", "bex.people.covered"] {
        assert!(words(&told["metrics"]).contains(&figure), "{told}");
    }
    let all: String = requests.iter().map(|request| request.body.as_str()).collect();
    // Numbers, names, birth dates, streets, telephones of everybody in the census.
    let cells = CENSUS.lines().skip(1).flat_map(|line| line.split(',')).filter(|cell| cell.len() > 4);
    for cell in cells.filter(|cell| cell.chars().any(char::is_alphabetic) || cell.len() > 8) {
        assert!(!all.contains(cell), "{cell} was told");
    }
    assert!(!all.contains("letmein"));
}

#[test]
fn every_step_stands_below_its_feed_and_every_feed_below_the_command() {
    let collector = Collector::start(true);
    let feed = watched(&format!("http://127.0.0.1:{}", collector.port));
    feed.night(2).exits(0);
    let request = collector.requests().into_iter().find(|request| request.head.contains("/v1/traces ")).unwrap();
    let told: Value = serde_json::from_str(&request.body).unwrap();
    let spans = told["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone();
    let named = |name: &str| spans.iter().find(|span| span["name"] == name).unwrap().clone();
    let (command, feed, step) = (named("command"), named("feed"), named("step delivered"));
    assert_eq!((&step["parentSpanId"], &feed["parentSpanId"]), (&feed["spanId"], &command["spanId"]));
    assert_eq!(command["parentSpanId"], "");
    assert!(spans.iter().all(|span| span["traceId"] == command["traceId"]));
    let nanos = |span: &Value, key: &str| span[key].as_str().unwrap().parse::<u64>().unwrap();
    assert!(nanos(&feed, "startTimeUnixNano") >= nanos(&command, "startTimeUnixNano"));
    assert!(nanos(&step, "endTimeUnixNano") <= nanos(&feed, "endTimeUnixNano"));
}

#[test]
fn a_collector_that_is_silent_gone_or_refuses_keeps_no_run_and_changes_no_exit_status() {
    let silent = Collector::start(false);
    let gone = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    for port in [silent.port, gone] {
        let feed = watched(&format!("http://localhost:{port}"));
        let said = feed.night(2).exits(0);
        assert_eq!(feed.sent(), 1, "{}", said.text());
        let log = std::fs::read_to_string(feed.site().join("state/bex.log")).unwrap();
        assert!(log.contains("NOT003") && !log.contains("letmein"), "{log}");
    }
}

/// A program that stands for the way to a collector: it takes what it is given, and then says nothing for ten minutes.
fn never_ends(folder: &Path) {
    let program = folder.join("curl");
    std::fs::write(&program, "#!/bin/sh\ncat > \"$0.got\"\nexec sleep 600\n").unwrap();
    std::fs::set_permissions(program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}

#[test]
fn what_keeps_the_way_to_a_collector_is_given_up_and_the_first_request_that_fails_is_the_last() {
    let feed = watched("http://127.0.0.1:4318");
    let folder = tempfile::tempdir().unwrap();
    never_ends(folder.path());
    let site = feed.site();
    let words = ["--site", site.to_str().unwrap(), "--now", "2026-03-02T22:00:00Z", "run", "--date", "2026-03-02"];
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    // Whoever waited for the end of it would wait for ten minutes, and the test with it.
    let said = Said::of(words.join(" "), &bex().env("PATH", path).args(words).output().unwrap()).exits(0);
    assert_eq!(feed.sent(), 1, "{}", said.text());
    let log = std::fs::read_to_string(site.join("state/bex.log")).unwrap();
    assert!(log.contains("NOT003"), "{log}");
    let asked = std::fs::read_to_string(folder.path().join("curl.got")).unwrap();
    assert_eq!(asked.matches("fail-early\n").count(), 1);
    assert!(asked.matches("url = ").count() == asked.matches("max-time = 0.5\n").count(), "{asked}");
}

#[test]
fn a_collector_in_the_clear_on_another_machine_is_refused_before_anything_is_done() {
    let feed = watched("http://collector.example:4318");
    feed.night(2).exits(2).refuses_with("CFG005");
    assert_eq!(feed.sent(), 0);
}
