//! A world to tell stories in: the demonstration's site in a folder of its own, its three carriers, a clock that
//! stands where the story puts it, and the `bex` that was just built, run as the process an operator runs.
//!
//! Everybody in it is made up.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bex::config::shipped::{DEMO, demo_inbox, fill};
use bex::crypt::age::{Identity, decrypt};
use bex::crypt::keyring::KeyReference;
use bex::crypt::login::LoginKey;
use bex::crypt::vault::Vault;
use bex::simulate::{CarrierSetup, Misbehaviour, SimulatedCarrier};
use bex::x12::ack::{Options, Reply};
use bex::x12::guide::x220a1;
use bex::x12::validate::document;
use serde_json::Value;

use crate::harness::database::Database;
use crate::harness::sshd::Sshd;

/// The demonstration's carriers, and what each is called below.
pub const CARRIERS: [&str; 3] = ["alpha-health", "beta-dental", "gamma-vision"];

/// The feeds of the demonstration in the order they run.
pub const FEEDS: [&str; 6] = [
    "example-manufacturing-alpha-health",
    "example-manufacturing-beta-dental",
    "example-manufacturing-gamma-vision",
    "sample-logistics-alpha-health",
    "sample-logistics-beta-dental",
    "sample-logistics-gamma-vision",
];

// ── what bex said ──

/// How a command ended and what it wrote.
#[derive(Clone, Debug)]
pub struct Said {
    /// The exit status; none when a signal ended the process.
    pub status: Option<i32>,
    /// What it wrote to stdout.
    pub out: String,
    /// What it wrote to stderr.
    pub err: String,
    command: String,
}

impl Said {
    /// What a command said that was run otherwise.
    pub fn of(command: String, output: &Output) -> Said {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Said { status: output.status.code(), out: text(&output.stdout), err: text(&output.stderr), command }
    }

    /// Fails the test unless the command ended with this status.
    #[track_caller]
    pub fn exits(self, status: i32) -> Said {
        assert_eq!(self.status, Some(status), "bex {}\n{}{}", self.command, self.out, self.err);
        self
    }

    /// Fails the test unless both streams together say this.
    #[track_caller]
    pub fn says(self, what: &str) -> Said {
        assert!(self.text().contains(what), "bex {} does not say {what:?}:\n{}", self.command, self.text());
        self
    }

    /// It does not say this.
    #[track_caller]
    pub fn never_says(self, what: &str) -> Said {
        assert!(!self.text().contains(what), "says {what}:\n{}", self.text());
        self
    }

    /// Fails the test unless a fault of this code is told with what to do next.
    #[track_caller]
    pub fn refuses_with(self, code: &str) -> Said {
        let text = self.text();
        let told = text.split_once(code).is_some_and(|(_, rest)| rest.contains("next: "));
        assert!(told, "bex {} does not say {code} and a next step:\n{text}", self.command);
        self
    }

    /// Whether a signal ended it: a step boundary was reached.
    pub fn aborted(&self) -> bool {
        self.status.is_none()
    }

    /// Everything it wrote.
    pub fn text(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// The one JSON document on stdout.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|_| panic!("bex {} wrote no one document:\n{self:?}", self.command))
    }
}

// ── the carriers ──

/// What a carrier's office does with a file it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Office {
    /// Judges it and answers with TA1 and 999.
    Answers,
    /// Takes it and says nothing.
    Silent,
    /// Answers 999: rejected, and copies a value of the file into its answer, as carriers do.
    RejectsTheGroup,
    /// Answers TA1: rejected.
    RejectsTheInterchange,
}

/// A carrier, simulated or behind a real OpenSSH server.
pub struct Carrier {
    /// What senders see as `/`.
    pub root: PathBuf,
    pub identity: Identity,
    manner: Arc<AtomicU8>,
    moment: Arc<Mutex<String>>,
    server: Option<SimulatedCarrier>,
}

impl Carrier {
    fn start(root: &Path, keys: &Path, seed: u8) -> Carrier {
        let identity = read_identity(&keys.join("identity"));
        fs::create_dir_all(root.join("outbox")).unwrap();
        let (manner, moment) = (Arc::new(AtomicU8::new(0)), Arc::new(Mutex::new(String::new())));
        let setup = CarrierSetup {
            root: root.to_path_buf(),
            host_seed: [seed; 32],
            authorized: fs::read_to_string(keys.join("login.pub")).unwrap(),
        };
        let (desk, manner_of, moment_of) = (Desk::new(root, keys), manner.clone(), moment.clone());
        let server = SimulatedCarrier::start(&setup, move |published| {
            desk.handle(published, manner_of.load(Ordering::SeqCst), &moment_of.lock().unwrap());
        });
        Carrier { root: root.to_path_buf(), identity, manner, moment, server: Some(server.unwrap()) }
    }

    /// From now on the office deals with files like this.
    pub fn office(&self, office: Office) {
        self.manner.store(office as u8, Ordering::SeqCst);
    }

    /// Misbehaves from now on.
    pub fn misbehave(&self, how: Misbehaviour) {
        self.server().misbehave(how);
    }

    /// Behaves from now on.
    pub fn behave(&self) {
        self.server().behave();
    }

    /// The simulated server.
    pub fn server(&self) -> &SimulatedCarrier {
        self.server.as_ref().expect("a simulated carrier")
    }

    /// Names in the inbox, those of unfinished files too.
    pub fn inbox(&self) -> Vec<String> {
        names(&self.root.join("inbox"))
    }

    /// The published files, decrypted, by name.
    pub fn received(&self) -> BTreeMap<String, String> {
        let folders = ["inbox", "picked-up"].map(|folder| self.root.join(folder));
        let files = folders.iter().flat_map(|folder| names(folder).into_iter().map(|name| folder.join(name)));
        let published = files.filter(|path| !file_name(path).starts_with('.'));
        published.map(|path| (file_name(&path), opened(&self.identity, &path))).collect()
    }

    /// The one published file whose name contains `part`, decrypted.
    #[track_caller]
    pub fn the_file(&self, part: &str) -> String {
        let found: Vec<_> = self.received().into_iter().filter(|(name, _)| name.contains(part)).collect();
        assert_eq!(found.len(), 1, "files named {part}: {:?}", found.iter().map(|(name, _)| name).collect::<Vec<_>>());
        found.into_iter().next().unwrap().1
    }

    /// Puts a file into the outbox, as the carrier does.
    pub fn answer(&self, name: &str, text: &str) {
        fs::write(self.outbox(name), text).unwrap();
    }

    /// Where a file of what comes back lies.
    pub fn outbox(&self, name: &str) -> PathBuf {
        self.root.join("outbox").join(name)
    }

    fn wait_idle(&self) {
        self.server.iter().for_each(SimulatedCarrier::wait_idle);
    }
}

/// The people of a carrier's office.
pub struct Desk {
    root: PathBuf,
    identity: Identity,
    numbers: Mutex<u32>,
}

impl Desk {
    fn new(root: &Path, keys: &Path) -> Desk {
        Desk { root: root.to_path_buf(), identity: read_identity(&keys.join("identity")), numbers: Mutex::new(0) }
    }

    fn handle(&self, published: &Path, manner: u8, day: &str) {
        let mut number = self.numbers.lock().unwrap();
        // A TA1 and a 999 have numbers of their own.
        *number += 2;
        let text = opened(&self.identity, published);
        let name = file_name(published);
        match manner {
            0 => self.answer_as_judged(&name, &text, (*number, day)),
            2 => self.put(&format!("{name}.999"), &rejecting_999(&text, *number)),
            3 => self.put(&format!("{name}.ta1"), &rejecting_ta1(&text, *number)),
            _ => {}
        }
    }

    fn answer_as_judged(&self, name: &str, text: &str, (number, day): (u32, &str)) {
        let report = document(text.as_bytes(), x220a1());
        let reply = Reply::to(&report, &Options::new(number, day, "2200")).unwrap();
        for (kind, answer) in [("ta1", &reply.ta1), ("999", &reply.x999)] {
            let text = answer.as_deref().map(|answer| std::str::from_utf8(answer).unwrap());
            text.iter().for_each(|text| self.put(&format!("{name}.{kind}"), text));
        }
    }

    /// Under another name first: a reader never sees half an answer.
    fn put(&self, name: &str, text: &str) {
        let unfinished = self.root.join(format!(".{name}"));
        fs::write(&unfinished, text).unwrap();
        fs::rename(unfinished, self.root.join("outbox").join(name)).unwrap();
    }
}

/// The elements of the first segment with this tag, the tag itself first; blanks around them taken off.
pub fn first_segment(text: &str, tag: &str) -> Vec<String> {
    segments(text).into_iter().find(|segment| segment[0] == tag).unwrap_or_else(|| panic!("no {tag}"))
}

/// Every segment of an interchange, as elements without surrounding blanks.
pub fn segments(text: &str) -> Vec<Vec<String>> {
    let mut reader = bex::x12::Reader::new(text.as_bytes());
    let mut found = Vec::new();
    while let Some(segment) = reader.next_segment().unwrap() {
        let word = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap().trim().to_owned();
        found.push((0..=segment.len()).map(|n| word(segment.element(n))).collect());
    }
    found
}

fn envelope(text: &str, number: u32, content: &str) -> String {
    let isa = first_segment(text, "ISA");
    let (sender, receiver) = (&isa[6], &isa[8]);
    format!(
        "ISA*00*          *00*          *{}*{receiver:<15}*{}*{sender:<15}*260303*2200*^*00501*{number:09}*0*T*:~{content}IEA*1*{number:09}~",
        isa[7], isa[5]
    )
    .replace("IEA*1*", if content.contains("GS*") { "IEA*1*" } else { "IEA*0*" })
}

/// A TA1 that rejects the interchange `text`.
pub fn rejecting_ta1(text: &str, number: u32) -> String {
    let isa = first_segment(text, "ISA");
    envelope(text, number, &format!("TA1*{}*{}*{}*R*024~", isa[13], isa[9], isa[10]))
}

/// A 999 that accepts the group of `text`.
pub fn accepting_999(text: &str, number: u32) -> String {
    let (gs, st) = (first_segment(text, "GS"), first_segment(text, "ST"));
    let content = format!(
        "GS*FA*{}*{}*20260303*2200*{number}*X*005010X231A1~ST*999*0001*005010X231A1~AK1*BE*{}*005010X220A1~\
         AK2*834*{}*005010X220A1~IK5*A~AK9*A*1*1*1~SE*6*0001~GE*1*{number}~",
        gs[3], gs[2], gs[6], st[2]
    );
    envelope(text, number, &content)
}

/// A 999 that rejects the group of `text`, with a copy of a value in IK404.
pub fn rejecting_999(text: &str, number: u32) -> String {
    let (gs, st) = (first_segment(text, "GS"), first_segment(text, "ST"));
    let echoed = segments(text).into_iter().find(|segment| segment[0] == "NM1").unwrap();
    let content = format!(
        "GS*FA*{}*{}*20260303*2200*{number}*X*005010X231A1~ST*999*0001*005010X231A1~AK1*BE*{}*005010X220A1~\
         AK2*834*{}*005010X220A1~IK3*NM1*15*2100*8~IK4*3*1036*6*{}~IK5*R*5~AK9*R*1*1*0~SE*8*0001~GE*1*{number}~",
        gs[3], gs[2], gs[6], st[2], echoed[3]
    );
    envelope(text, number, &content)
}

// ── the world ──

/// A site, its carriers and a clock.
pub struct World {
    folder: tempfile::TempDir,
    /// What its store is in.
    pub database: Database,
    /// The carriers by name.
    pub carriers: BTreeMap<&'static str, Carrier>,
    night: u32,
    /// Everything any command has written, for who wants to search it.
    pub heard: Mutex<String>,
}

impl Default for World {
    fn default() -> World {
        World::new()
    }
}

impl World {
    /// The demonstration's site on the evening before its first night, with nothing in the inbox.
    pub fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        for name in CARRIERS {
            make_carrier_keys(&folder.path().join("keys-of").join(name));
        }
        let site = folder.path().join("site");
        fs::create_dir_all(site.join("keys")).unwrap();
        Vault::create_master_key(&site.join("keys/vault.key")).unwrap();
        Identity::create(&site.join("keys/archive.age")).unwrap();
        let database = Database::new(site.join("state/bex.db"));
        let mut world = World { folder, database, carriers: BTreeMap::new(), night: 1, heard: Mutex::default() };
        world.start_carriers();
        world.write_configuration();
        world
    }

    /// After a first night in which everything went well.
    pub fn after_the_first_night() -> World {
        let mut world = World::new();
        world.employers_send(1);
        world.bex(&["run"]).exits(0);
        world.fetch_acks().exits(0);
        world.next_night();
        world
    }

    /// After two nights, with a third one's files in the inbox.
    pub fn before_the_third_night() -> World {
        let mut world = World::after_the_first_night();
        world.employers_send(2);
        world.bex(&["run"]).exits(0);
        world.fetch_acks().exits(0);
        world.next_night();
        world.employers_send(3);
        world
    }

    /// The evening of the second night: one feed's first went well, and the changes stand in the inbox.
    pub fn evening_of(feed: &str) -> World {
        let mut world = World::new();
        world.employers_send(1);
        world.bex(&["run", feed]).exits(0);
        world.fetch_acks().exits(0);
        world.next_night();
        world.employers_send(2);
        world
    }

    fn start_carriers(&mut self) {
        for (seed, name) in (1..).zip(CARRIERS) {
            let (root, keys) = (self.path("carriers").join(name), self.path("keys-of").join(name));
            let carrier = Carrier::start(&root, &keys, seed);
            *carrier.moment.lock().unwrap() = self.date().replace('-', "");
            self.carriers.insert(name, carrier);
        }
    }

    fn write_configuration(&self) {
        for (path, text) in DEMO {
            let stem = Path::new(path).file_stem().unwrap().to_str().unwrap();
            let text = match self.carriers.get(stem).filter(|_| path.starts_with("mappings/carriers/")) {
                Some(carrier) => self.filled(text, stem, carrier.server()),
                None => (*text).to_owned(),
            };
            put(&self.site().join(path), &text);
        }
        let configured = self.site().join("bex.toml");
        let text = fs::read_to_string(&configured).unwrap() + &self.database.settings();
        fs::write(configured, text).unwrap();
        for name in CARRIERS {
            let login = self.site().join("keys").join(format!("{name}.login"));
            fs::copy(self.path("keys-of").join(name).join("login"), &login).unwrap();
            fs::set_permissions(&login, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }

    fn filled(&self, text: &str, name: &str, server: &SimulatedCarrier) -> String {
        let recipient = read_identity(&self.path("keys-of").join(name).join("identity")).recipient().to_string();
        let (port, key) = (server.port().to_string(), without_comment(server.host_key()));
        let values = [("HOST", "127.0.0.1"), ("PORT", &port), ("HOST_KEY", &key), ("RECIPIENT", &recipient)];
        fill(text, &values)
    }

    /// Another world that is the same up to now: its own copy of the site and of what the carriers have, its own
    /// carriers with the same keys.
    pub fn copy(&self) -> World {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(self.folder.path(), folder.path());
        let database = self.database.copy(folder.path().join("site/state/bex.db"));
        let (carriers, heard) = (BTreeMap::new(), Mutex::default());
        let mut copy = World { folder, database, carriers, night: self.night, heard };
        let (ours, copied) = (self.database.settings(), copy.database.settings());
        if ours != copied {
            copy.edit("bex.toml", &ours, &copied);
        }
        copy.start_carriers();
        for name in CARRIERS {
            let ports = [self, &copy].map(|world| format!("port = {}", world.carrier(name).server().port()));
            copy.edit(&format!("mappings/carriers/{name}.toml"), &ports[0], &ports[1]);
        }
        copy
    }

    /// Puts a carrier behind a real OpenSSH server, in the folder `below` of what it serves.
    pub fn move_behind_openssh(&mut self, name: &'static str, server: &Sshd, below: &str) {
        let root = server.folder.join(below);
        copy_folder(&self.carrier(name).root, &root);
        let file = format!("mappings/carriers/{name}.toml");
        let simulated = self.carriers.remove(name).unwrap();
        let old = simulated.server();
        self.edit(&file, &format!("port = {}", old.port()), &format!("port = {}", server.port()));
        self.edit(&file, &without_comment(old.host_key()), &without_comment(server.host_key()));
        self.edit(&file, "user = \"bex\"", &format!("user = \"{}\"", server.user()));
        self.edit(&file, "folder = \"inbox\"", &format!("folder = \"{below}/inbox\""));
        self.edit(&file, "outbox = \"outbox\"", &format!("outbox = \"{below}/outbox\""));
        let login = self.site().join("keys").join(format!("{name}.login"));
        fs::write(login, server.login.private.text().unwrap()).unwrap();
        let Carrier { identity, manner, moment, .. } = simulated;
        self.carriers.insert(name, Carrier { root, identity, manner, moment, server: None });
    }

    // ── places ──

    /// The site's folder.
    pub fn site(&self) -> PathBuf {
        self.path("site")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A carrier.
    pub fn carrier(&self, name: &str) -> &Carrier {
        &self.carriers[name]
    }

    /// Every file below the site, relative to it.
    pub fn files(&self) -> Vec<PathBuf> {
        let found = files_below(&self.site());
        found.iter().map(|path| path.strip_prefix(self.site()).unwrap().to_path_buf()).collect()
    }

    // ── what employers and operators do ──

    /// The employers send the files of the demonstration's night.
    pub fn employers_send(&self, night: u32) {
        demo_inbox(night).iter().for_each(|(path, text)| self.arrives(path, text));
    }

    /// A file of the demonstration's night, to be changed and sent.
    pub fn text_of(night: u32, path: &str) -> String {
        let found = demo_inbox(night).iter().find(|(name, _)| *name == path);
        found.unwrap_or_else(|| panic!("no {path}")).1.to_owned()
    }

    /// A file arrives in an inbox: `employer/file`.
    pub fn arrives(&self, path: &str, text: impl AsRef<[u8]>) {
        put(&self.site().join("inbox").join(path), text);
    }

    /// As [`edit`], of a file of the site.
    #[track_caller]
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        edit(&self.site().join(path), from, to);
    }

    /// The business date: the demonstration's first night is 2026-03-02.
    pub fn date(&self) -> String {
        format!("2026-03-{:02}", self.night + 1)
    }

    /// The sun rises and sets.
    pub fn next_night(&mut self) {
        self.night += 1;
        let day = self.date().replace('-', "");
        self.carriers.values().for_each(|carrier| *carrier.moment.lock().unwrap() = day.clone());
    }

    // ── running bex ──

    /// Runs `bex` on the site at nine in the evening.
    #[must_use = "say how it should exit"]
    pub fn bex(&self, arguments: &[&str]) -> Said {
        let said = self.bex_without_clock(&[arguments, &["--now", &self.now()]].concat());
        self.carriers.values().for_each(Carrier::wait_idle);
        said
    }

    /// Runs `bex` on the site without telling it the time.
    #[must_use = "say how it should exit"]
    pub fn bex_without_clock(&self, arguments: &[&str]) -> Said {
        let output = self.command(arguments).output().unwrap();
        let said = Said::of(arguments.join(" "), &output);
        self.heard.lock().unwrap().push_str(&said.text());
        said
    }

    /// Starts `bex` on the site and does not wait for it.
    pub fn bex_begins(&self, arguments: &[&str]) -> Child {
        let now = self.now();
        let mut command = self.command(&[arguments, &["--now", &now]].concat());
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Runs `bex` on the site and, as soon as `when` says so, sends it a signal (`INT`, `TERM`) and does what `then`
    /// does. Whether the signal was sent, and what bex said.
    pub fn bex_interrupted(
        &self,
        arguments: &[&str],
        signal: &str,
        (when, then): (impl Fn() -> bool, impl Fn()),
    ) -> (bool, Said) {
        let mut command = self.command(&[arguments, &["--now", &self.now()]].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut sent = false;
        while !sent && child.try_wait().unwrap().is_none() {
            if when() {
                send(&child, signal);
                sent = true;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        then();
        let said = Said::of(arguments.join(" "), &child.wait_with_output().unwrap());
        self.carriers.values().for_each(Carrier::wait_idle);
        (sent, said)
    }

    /// Runs `bex` on the site and meddles with the `n`th of these system calls that a thread of it makes: `calls` as
    /// strace names them, `how` such as `signal=KILL` or `error=ENOSPC`. None when it made fewer.
    pub fn bex_meddled_with(&self, arguments: &[&str], (calls, how): (&str, &str), n: u64) -> Option<Said> {
        let bex = self.command(&[arguments, &["--now", &self.now()]].concat());
        let (mut strace, trace) = (Command::new("strace"), self.path("trace"));
        // Only such calls stop there, not all: a tenth of the time. A signal needs the call to stop as it ends, too.
        strace.args(how.starts_with("error").then_some("--seccomp-bpf"));
        strace.args(["-f", "-qqq", "-o"]).arg(&trace).arg("-e").arg(format!("trace={calls}"));
        strace.arg("-e").arg(format!("inject={calls}:{how}:when={n}"));
        strace.arg(bex.get_program()).args(bex.get_args()).env_clear().stdin(Stdio::null());
        let output = strace.current_dir(self.folder.path()).output().expect("install strace (tests/run does)");
        self.carriers.values().for_each(Carrier::wait_idle);
        let said = Said::of(arguments.join(" "), &output);
        let happened = said.aborted() || fs::read_to_string(trace).unwrap().contains("(INJECTED)");
        happened.then_some(said)
    }

    /// Runs `bex` on the site from another folder.
    pub fn bex_from(&self, folder: &Path, arguments: &[&str]) -> Said {
        let now = self.now();
        let mut command = self.command(&[arguments, &["--now", &now]].concat());
        Said::of(arguments.join(" "), &command.current_dir(folder).output().unwrap())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bex();
        command.arg("--site").arg(self.site()).args(arguments).current_dir(self.folder.path());
        command
    }

    /// The moment that commands are told.
    pub fn now(&self) -> String {
        format!("{}T21:00:00Z", self.date())
    }

    /// `bex acks`, once every carrier has dealt with what it was sent.
    #[must_use = "say how it should exit"]
    pub fn fetch_acks(&self) -> Said {
        self.bex(&["acks"])
    }

    /// The newest run of a feed as the board tells it.
    #[track_caller]
    pub fn newest_run(&self, feed: &str) -> Value {
        let board = self.board();
        board.into_iter().rfind(|run| run["feed"] == feed).unwrap_or_else(|| panic!("no run of {feed}"))
    }

    /// The board, the oldest run first.
    pub fn board(&self) -> Vec<Value> {
        let runs = self.bex(&["runs", "--limit", "1000", "--json"]).exits(0).json();
        runs["runs"].as_array().unwrap().clone()
    }

    /// What a feed's run came to, out of `bex run --json`.
    #[must_use = "say how it should exit"]
    pub fn runs(&self, feed: &str) -> Said {
        self.bex(&["run", feed, "--json"])
    }
}

/// Sends a process a signal, as `kill` and the terminal do.
pub fn send(process: &Child, signal: &str) {
    let sent = Command::new("kill").args(["-s", signal, &process.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// The `bex` that was just built, in an environment of its own.
pub fn bex() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bex"));
    command.env_clear().env("PATH", "/usr/bin:/bin").env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// Runs `bex` without a site.
#[must_use = "say how it should exit"]
pub fn bex_says(arguments: &[&str], at: &Path) -> Said {
    Said::of(arguments.join(" "), &bex().args(arguments).current_dir(at).output().unwrap())
}

/// The one feed's outcome out of what `bex run FEED --json` said.
#[track_caller]
pub fn outcome(said: &Said) -> String {
    said.json()["feeds"][0]["outcome"].as_str().unwrap().to_owned()
}

// ── files ──

fn make_carrier_keys(keys: &Path) {
    fs::create_dir_all(keys).unwrap();
    Identity::create(&keys.join("identity")).unwrap();
    let login = LoginKey::create(&keys.join("login"), "test").unwrap();
    fs::write(keys.join("login.pub"), login.public).unwrap();
}

/// The key that opens what a carrier was sent.
pub fn read_identity(path: &Path) -> Identity {
    Identity::read(&KeyReference::File(path.to_path_buf())).unwrap()
}

/// A sealed file's text.
pub fn opened(identity: &Identity, path: &Path) -> String {
    let mut text = String::new();
    let mut clear = decrypt(identity, fs::File::open(path).unwrap()).unwrap();
    clear.read_to_string(&mut text).unwrap();
    text
}

fn without_comment(key: &str) -> String {
    key.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

/// Names in a folder, in order; none when it is not there.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Replaces a part of a file that is there exactly once.
#[track_caller]
pub fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{from:?} in {}", path.display());
    fs::write(path, text.replace(from, to)).unwrap();
}

/// Writes a file, making its folder.
pub fn put(path: &Path, text: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Every file below a folder, in the order of names.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let paths = names(folder).into_iter().map(|name| folder.join(name));
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// Copies a folder with everything in it, rights included.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in names(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            copy_folder(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}
