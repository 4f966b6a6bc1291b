//! Two nights of a typical export of an HR system, as its scenario tells them: what each carrier is told of everybody.

use std::fs;
use std::path::{Path, PathBuf};

use bex::crypt::age::Identity;
use bex::crypt::vault::Vault;

use crate::harness::demo_site::{Said, bex_says, edit, names, opened, put};
use crate::harness::member_lines::told;
use crate::harness::source_tree;

/// The site of a scenario: two carriers that are folders.
struct Scenario {
    folder: tempfile::TempDir,
    given: PathBuf,
    identity: Identity,
}

const CARRIERS: [&str; 2] = ["dental", "health"];

impl Scenario {
    fn new(name: &str) -> Scenario {
        let folder = tempfile::tempdir().unwrap();
        let identity = Identity::create(&folder.path().join("carrier.age")).unwrap();
        let scenario = Scenario { folder, given: source_tree::root().join("fixtures/scenarios").join(name), identity };
        let site = scenario.site();
        scenario.copies("bex.toml", "bex.toml");
        scenario.copies("census.toml", "mappings/census/example-employer.toml");
        scenario.copies("elections.toml", "mappings/elections/example-employer.toml");
        fs::create_dir_all(site.join("keys")).unwrap();
        Vault::create_master_key(&site.join("keys/vault.key")).unwrap();
        Identity::create(&site.join("keys/archive.age")).unwrap();
        let recipient = scenario.identity.recipient().to_string();
        for carrier in CARRIERS {
            let mapping = format!("mappings/carriers/example-{carrier}.toml");
            scenario.copies(&format!("{carrier}.toml"), &mapping);
            edit(&site.join(&mapping), "age1lsy7vdcn38ku5phsy6q67996tarxtf7gwct3za52gfawqlm9nsvsh7gfkj", &recipient);
            scenario.copies(&format!("{carrier}-feed.toml"), &format!("schedules/example-{carrier}.toml"));
            ["inbox", "outbox"].iter().for_each(|name| fs::create_dir_all(site.join(carrier).join(name)).unwrap());
        }
        scenario
    }

    fn site(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    fn copies(&self, from: &str, to: &str) {
        put(&self.site().join(to), fs::read(self.given.join(from)).unwrap());
    }

    #[must_use = "say how it should exit"]
    fn bex(&self, day: u32, arguments: &[&str]) -> Said {
        let (site, now) = (self.site(), format!("2026-03-{day:02}T22:00:00Z"));
        let whole = ["--site", site.to_str().unwrap(), "--now", &now];
        bex_says(&[&whole[..], arguments].concat(), self.folder.path())
    }

    /// The employer sends what it sends on this night, and everything runs.
    fn night(&self, night: u32) -> Said {
        let folder = format!("night-{night}");
        for name in names(&self.given.join(&folder)) {
            self.copies(&format!("{folder}/{name}"), &format!("inbox/example-employer/{name}"));
        }
        let day = night + 1;
        self.bex(day, &["run", "--date", &format!("2026-03-{day:02}")])
    }

    fn newest(&self, carrier: &str) -> String {
        let inbox = self.site().join(carrier).join("inbox");
        opened(&self.identity, &inbox.join(names(&inbox).pop().expect("a file at the carrier")))
    }

    /// Each carrier is told what the scenario says, of everybody whom it names and of nobody else, and accepts it.
    fn carriers_are_told(&self, night: u32) {
        for carrier in CARRIERS {
            let newest = self.newest(carrier);
            let then = fs::read_to_string(self.given.join(format!("then/{carrier}-{night}.txt"))).unwrap();
            assert_eq!(told(&newest), then.lines().collect::<Vec<_>>(), "{carrier} on night {night}");
            accepts(self.folder.path(), &newest, &self.site().join(carrier).join(format!("outbox/{night}.999")));
        }
        self.bex(night + 1, &["acks"]).exits(0);
    }
}

/// A carrier answers a file.
fn accepts(folder: &Path, file: &str, answer: &Path) {
    let (told, answers) = (folder.join("told.834"), folder.join("answers"));
    fs::write(&told, file).unwrap();
    let _ = fs::remove_dir_all(&answers);
    let options = ["x12", "ack", "--control-number", "1", "--date", "2026-03-04", "--time", "0100", "--out"];
    bex_says(&[&options[..], &[answers.to_str().unwrap(), told.to_str().unwrap()]].concat(), folder).exits(0);
    let name = names(&answers).into_iter().find(|name| name.ends_with(".999")).unwrap();
    fs::copy(answers.join(name), answer).unwrap();
}

#[test]
fn two_nights_of_an_hr_systems_export_tell_each_carrier_of_everybody_exactly_what_is_so() {
    let scenario = Scenario::new("hris-export");
    let first = scenario.night(1).exits(0).never_says("error");
    // Neither a salary nor a note, nor anybody's name.
    first.never_says("84,250").never_says("leave").never_says("Probeman");
    scenario.carriers_are_told(1);
    scenario.night(2).exits(0).never_says("error").says("REC005").says("1 family in question").never_says("REC006");
    scenario.carriers_are_told(2);
    for night in [1, 2] {
        for carrier in CARRIERS {
            let then = fs::read_to_string(scenario.given.join(format!("then/{carrier}-{night}.txt"))).unwrap();
            assert!(!then.contains("Lou") || night == 1, "a raise is nobody's business");
        }
    }
    // The same files once more tell nothing.
    scenario.night(2).exits(6);
    let sent = scenario.newest("health");
    scenario.bex(4, &["run", "--date", "2026-03-04", "example-health"]).exits(0).says("nothing to send");
    assert_eq!(scenario.newest("health"), sent);
}
