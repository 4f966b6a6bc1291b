//! A carrier behind a real OpenSSH server whose process dies within the rename, and who takes away what then lies
//! there: what an operator is shown, what looking again does, and each way out of it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use crate::harness::demo_site::{World, accepting_999, names, opened};
use crate::harness::sshd::Sshd;

const CARRIER: &str = "alpha-health";
const FEED: &str = "sample-logistics-alpha-health";
const FILE: &str = "sample-logistics-alpha-health_000000001.834.age";

/// After an evening on which nobody can tell whether the carrier has the file.
struct UncertainEvening {
    world: World,
    _server: Sshd,
    _files: tempfile::TempDir,
}

impl UncertainEvening {
    /// The server dies once, before its second step of the rename; whoever works there sweeps everything up at once.
    fn new() -> UncertainEvening {
        let files = tempfile::tempdir().unwrap();
        let (wrapper, died) = (files.path().join("sftp-server"), files.path().join("died"));
        let mut world = World::new();
        world.employers_send(1);
        let text = |root: &str| {
            format!(
                "#!/bin/sh\nif [ -e {died} ]; then exec /usr/lib/openssh/sftp-server; fi\n: > {died}\n\
                 strace -f -qq -o /dev/null -e inject=unlink,unlinkat:signal=KILL:when=1 /usr/lib/openssh/sftp-server\n\
                 mkdir -p {root}/picked-up\nfor it in {root}/inbox/* {root}/inbox/.[!.]*; do\n\
                 [ -e \"$it\" ] && mv \"$it\" {root}/picked-up/\ndone\nexit 1\n",
                died = died.display()
            )
        };
        fs::write(&wrapper, text("/nowhere")).unwrap();
        fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();
        let server = Sshd::start_with(&format!("Subsystem sftp {}\n", wrapper.display()));
        world.move_behind_openssh(CARRIER, &server, "theirs");
        let root = world.carrier(CARRIER).root.display().to_string();
        fs::write(&wrapper, text(&root)).unwrap();
        // What it starts in is where the test runs, and not what it serves.
        let mapping = format!("mappings/carriers/{CARRIER}.toml");
        for name in ["inbox", "outbox"] {
            world.edit(&mapping, &format!("\"theirs/{name}\""), &format!("\"{root}/{name}\""));
        }
        world.bex(&["run", FEED]).exits(5).refuses_with("DEL010");
        assert!(died.exists());
        UncertainEvening { world, _server: server, _files: files }
    }

    fn inbox(&self) -> PathBuf {
        self.world.carrier(CARRIER).root.join("inbox")
    }

    /// The file as it lay there when it was swept up.
    fn picked_up(&self) -> PathBuf {
        self.world.carrier(CARRIER).root.join("picked-up").join(FILE)
    }

    fn people(&self) -> String {
        self.world.newest_run(FEED)["people"].to_string()
    }

    /// A person's word, with the count that the plan says.
    fn attested(&self, how: &str) {
        let plan = ["attest", "1", how, "--plan"];
        self.world.bex(&plan).exits(0).says("PLAN attest").says(&format!("{} people", self.people()));
        let act = ["attest", "1", how, "--reason", "asked", "--evidence", "ticket 4711", "--confirm", &self.people()];
        self.world.bex(&act).exits(0);
    }
}

#[test]
fn whoever_finds_an_uncertain_run_is_told_whom_to_ask_what_and_looking_again_sends_nothing() {
    let evening = UncertainEvening::new();
    let world = &evening.world;
    assert_eq!(world.newest_run(FEED)["stands"], "uncertain: it may have arrived");
    world.bex(&["runs"]).exits(0).says("!! run 1").says("DEL010").says("bex attest 1 --not-delivered");
    let page = world.bex(&["show", "1"]).exits(0).says("UNCERTAIN").says(&evening.people());
    page.says("000000001").says("bex attest 1 --delivered").says("bex attest 1 --not-delivered");
    let planned = world.bex(&["plan", FEED]).exits(0).says("WOULD GO ON");
    planned.says("First run 1 is taken up, which is uncertain").says("bex show run 1");
    assert_eq!(names(&evening.inbox()), [""; 0]);
    for looks in [&["resume", "1"][..], &["run", "--due", FEED]] {
        let said = world.bex(looks);
        assert!(matches!(said.status, Some(0 | 5)), "{said:?}");
        assert_eq!(names(&evening.inbox()), [""; 0], "{looks:?} sends nothing");
    }
    for refused in [&["run", FEED][..], &["void", "1", "--reason", "r"], &["rebuild", "1", "--plan"]] {
        let said = world.bex(refused);
        assert!(!matches!(said.status, Some(0)) && said.text().contains("next: "), "{refused:?}: {said:?}");
    }
    assert_eq!(world.board().len(), 1);
}

#[test]
fn a_file_that_the_carrier_has_after_all_counts_as_told_by_a_persons_word_and_its_answer_closes_it() {
    let evening = UncertainEvening::new();
    evening.attested("--delivered");
    let world = &evening.world;
    world.bex(&["runs"]).exits(0).never_says("uncertain:");
    let told = opened(&world.carrier(CARRIER).identity, &evening.picked_up());
    world.carrier(CARRIER).answer("first.999", &accepting_999(&told, 70));
    world.fetch_acks().exits(0).says("1 accepted");
    assert_eq!(world.newest_run(FEED)["state"], "accepted");
    world.bex(&["run", FEED]).exits(6);
    assert_eq!(names(&evening.inbox()), [""; 0], "it is told once");
}

#[test]
fn a_file_that_the_carrier_does_not_have_goes_again_with_the_same_bytes_once_a_person_says_so() {
    let evening = UncertainEvening::new();
    evening.attested("--not-delivered");
    let world = &evening.world;
    world.bex(&["runs"]).exits(0).says("bex resume 1");
    world.bex(&["resume", "1"]).exits(0).says("delivered");
    assert_eq!(names(&evening.inbox()), [FILE]);
    assert_eq!(fs::read(evening.inbox().join(FILE)).unwrap(), fs::read(evening.picked_up()).unwrap());
}

#[test]
fn an_answer_to_an_uncertain_file_says_that_it_arrived_and_nobody_has_to() {
    let evening = UncertainEvening::new();
    let world = &evening.world;
    let told = opened(&world.carrier(CARRIER).identity, &evening.picked_up());
    world.carrier(CARRIER).answer("first.999", &accepting_999(&told, 70));
    world.fetch_acks().exits(0).says("1 accepted");
    assert_eq!(world.newest_run(FEED)["state"], "accepted");
    world.bex(&["runs"]).exits(0).never_says("uncertain:");
}
