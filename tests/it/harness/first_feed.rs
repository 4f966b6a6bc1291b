//! The site of the guide's first feed, whose carrier is a folder: what an employer sends is put into its inbox, a night
//! is run, and what the carrier was sent is read.

use std::fs;
use std::path::PathBuf;

use bex::crypt::age::Identity;
use bex::crypt::vault::Vault;

use crate::harness::demo_site::{Said, bex_says, copy_folder, edit, names, opened, put, read_identity};

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/first-feed/", $name))
    };
}

/// The census as the employer sends it first.
pub const CENSUS: &str = fixture!("census-1.csv");

/// The elections as the employer sends them first.
pub const ELECTIONS: &str = fixture!("elections-1.csv");

/// Where the census's mapping stands.
pub const CENSUS_MAPPING: &str = "mappings/census/example-employer.toml";

/// Where the elections' mapping stands.
pub const ELECTIONS_MAPPING: &str = "mappings/elections/example-employer.toml";

const CARRIER: &str = "mappings/carriers/example-carrier.toml";

const FILES: [(&str, &str); 5] = [
    ("bex.toml", fixture!("bex.toml")),
    (CENSUS_MAPPING, fixture!("census.toml")),
    (ELECTIONS_MAPPING, fixture!("elections.toml")),
    (CARRIER, fixture!("carrier.toml")),
    ("schedules/example-feed.toml", fixture!("feed.toml")),
];

/// The site and its carrier.
pub struct FirstFeed {
    folder: tempfile::TempDir,
    identity: Identity,
}

impl FirstFeed {
    /// The site with its configuration, and nothing in its inbox.
    pub fn new() -> FirstFeed {
        let folder = tempfile::tempdir().unwrap();
        let identity = Identity::create(&folder.path().join("carrier.age")).unwrap();
        let feed = FirstFeed { folder, identity };
        FILES.iter().for_each(|(path, text)| put(&feed.site().join(path), text));
        fs::create_dir_all(feed.site().join("keys")).unwrap();
        Vault::create_master_key(&feed.site().join("keys/vault.key")).unwrap();
        Identity::create(&feed.site().join("keys/archive.age")).unwrap();
        ["inbox", "outbox"].iter().for_each(|name| fs::create_dir_all(feed.carrier().join(name)).unwrap());
        let recipient = feed.identity.recipient().to_string();
        feed.edit(CARRIER, "age1lsy7vdcn38ku5phsy6q67996tarxtf7gwct3za52gfawqlm9nsvsh7gfkj", &recipient);
        feed
    }

    /// The site whose employer has sent the first files.
    pub fn arrived() -> FirstFeed {
        let feed = FirstFeed::new();
        feed.sends("census.csv", CENSUS);
        feed.sends("elections.csv", ELECTIONS);
        feed
    }

    /// After a first night on which the carrier's folder was gone; it is there again.
    pub fn unreached() -> FirstFeed {
        let feed = FirstFeed::arrived();
        let inbox = feed.carrier().join("inbox");
        fs::remove_dir(&inbox).unwrap();
        feed.night(2).exits(1).refuses_with("TRA005");
        fs::create_dir(&inbox).unwrap();
        feed
    }

    /// After a first night, acknowledged, on which this census came with the usual elections.
    pub fn after_first_night(census: &str) -> FirstFeed {
        let feed = FirstFeed::new();
        feed.sends("census.csv", census);
        feed.sends("elections.csv", ELECTIONS);
        feed.night(2).exits(0).says("delivered");
        feed.is_acknowledged(2);
        feed
    }

    /// The same site once more, as it stands now, in a folder of its own.
    pub fn copy(&self) -> FirstFeed {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(self.folder.path(), folder.path());
        let identity = read_identity(&folder.path().join("carrier.age"));
        FirstFeed { folder, identity }
    }

    /// The site's folder.
    pub fn site(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    fn carrier(&self) -> PathBuf {
        self.site().join("carrier")
    }

    /// A file arrives in the employer's inbox.
    pub fn sends(&self, name: &str, bytes: impl AsRef<[u8]>) {
        put(&self.site().join("inbox/example-employer").join(name), bytes);
    }

    /// What stands in the employer's inbox.
    pub fn in_inbox(&self) -> Vec<String> {
        names(&self.site().join("inbox/example-employer"))
    }

    /// As [`edit`], of a file of the site.
    #[track_caller]
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        edit(&self.site().join(path), from, to);
    }

    /// Runs `bex` on the site on the evening of a day of March 2026.
    #[must_use = "say how it should exit"]
    pub fn bex(&self, day: u32, arguments: &[&str]) -> Said {
        self.bex_on(&format!("2026-03-{day:02}"), arguments)
    }

    /// Runs `bex` on the site on the evening of any day.
    #[must_use = "say how it should exit"]
    pub fn bex_on(&self, date: &str, arguments: &[&str]) -> Said {
        let (site, now) = (self.site(), format!("{date}T22:00:00Z"));
        let whole = ["--site", site.to_str().unwrap(), "--now", &now];
        bex_says(&[&whole[..], arguments].concat(), self.folder.path())
    }

    /// Runs the night of a day of March 2026.
    #[must_use = "say how it should exit"]
    pub fn night(&self, day: u32) -> Said {
        self.bex(day, &["run", "--date", &format!("2026-03-{day:02}")])
    }

    /// The carrier's newest file, decrypted.
    #[track_caller]
    pub fn told(&self) -> String {
        let newest = names(&self.carrier().join("inbox")).pop().expect("a file at the carrier");
        opened(&self.identity, &self.carrier().join("inbox").join(newest))
    }

    /// Every file of ours that stands at the carrier, decrypted, in the order of their names.
    pub fn all_told(&self) -> Vec<String> {
        let inbox = self.carrier().join("inbox");
        let paths = names(&inbox).into_iter().map(|name| inbox.join(name));
        let ours = paths.filter(|path| fs::read(path).unwrap().starts_with(b"age-encryption.org"));
        ours.map(|path| opened(&self.identity, &path)).collect()
    }

    /// How many files the carrier was sent.
    pub fn sent(&self) -> usize {
        names(&self.carrier().join("inbox")).len()
    }

    /// The carrier accepts its newest file, and its answer is fetched.
    pub fn is_acknowledged(&self, day: u32) {
        let (told, answers) = (self.folder.path().join("told.834"), self.folder.path().join("answers"));
        fs::write(&told, self.told()).unwrap();
        let (number, told) = (self.sent().to_string(), told.to_str().unwrap().to_owned());
        let date = format!("2026-03-{day:02}");
        let options = ["x12", "ack", "--control-number", &number, "--date", &date, "--time", "2300", "--out"];
        let _ = fs::remove_dir_all(&answers);
        bex_says(&[&options[..], &[answers.to_str().unwrap(), &told]].concat(), self.folder.path()).exits(0);
        for name in names(&answers).iter().filter(|name| name.ends_with(".999")) {
            fs::copy(answers.join(name), self.carrier().join("outbox").join(format!("{number}.999"))).unwrap();
        }
        self.bex(day, &["acks"]).exits(0);
    }
}

impl Default for FirstFeed {
    fn default() -> FirstFeed {
        FirstFeed::new()
    }
}
