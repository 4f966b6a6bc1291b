//! Files that employers encrypt by OpenPGP, made by GnuPG itself: read once all of it has been verified, and never in
//! part; refused by name where they are not what the site's key asks for, or not signed by whom they must be.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bex::crypt::keyring::KeyReference;
use bex::crypt::openpgp::{MessageRules, OpenPgpKey, OpenedMessage, SigningKeys, Unread};

use crate::harness::demo_site::files_below;
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};
use crate::harness::leak_scanner::Scanner;

/// GnuPG with keys of its own, which nobody has: its agent ends with it.
struct GnuPg(tempfile::TempDir);

impl Drop for GnuPg {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf").arg("--homedir").arg(self.0.path()).args(["--kill", "all"]).status();
    }
}

const SITE: &str = "bex-site";
const EMPLOYER: &str = "employer-signs";
const OTHER: &str = "somebody-else";

impl GnuPg {
    fn new() -> GnuPg {
        let gpg = GnuPg(tempfile::tempdir().unwrap());
        fs::set_permissions(gpg.0.path(), fs::Permissions::from_mode(0o700)).unwrap();
        // Older than whatever is signed by a clock that stands in an earlier year.
        gpg.makes_at("20190101T000000", &[SITE, "future-default", "default", "never"]);
        gpg
    }

    fn makes_at(&self, time: &str, key: &[&str]) {
        self.says(&[&["--faked-system-time", time, "--passphrase", "", "--quick-gen-key"], key].concat(), b"");
    }

    fn makes(&self, name: &str, algorithm: &str, usage: &str) {
        self.says(&["--passphrase", "", "--quick-gen-key", name, algorithm, usage, "never"], b"");
    }

    #[track_caller]
    fn says(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let mut gpg = Command::new("gpg");
        gpg.arg("--homedir").arg(self.0.path()).args(["--batch", "--quiet", "--yes", "--trust-model", "always"]);
        gpg.args(["--pinentry-mode", "loopback"]).args(arguments);
        let mut running = gpg.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = running.stdin.take().unwrap();
        let input = input.to_vec();
        let writing = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let done = running.wait_with_output().unwrap();
        writing.join().unwrap();
        assert!(done.status.success(), "gpg {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        done.stdout
    }

    /// A file to the site, with further arguments.
    fn encrypts(&self, further: &[&str], clear: &[u8]) -> Vec<u8> {
        self.says(&[&["-r", SITE], further, &["--encrypt"]].concat(), clear)
    }

    fn signs(&self, by: &str, clear: &[u8]) -> Vec<u8> {
        self.encrypts(&["--local-user", by, "--sign"], clear)
    }

    fn fingerprint(&self, name: &str) -> String {
        let listed = String::from_utf8(self.says(&["--with-colons", "--list-keys", name], b"")).unwrap();
        let line = listed.lines().find(|line| line.starts_with("fpr:")).unwrap();
        line.split(':').nth(9).unwrap().to_string()
    }

    /// The secret half of the site's key, in a file for its owner alone.
    fn site_key(&self, path: &Path) {
        fs::write(path, self.says(&["--armor", "--export-secret-keys", SITE], b"")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn opening_key(&self) -> OpenPgpKey {
        let path = self.0.path().join("site.asc");
        self.site_key(&path);
        OpenPgpKey::read(&KeyReference::File(path)).unwrap()
    }

    /// The public keys of somebody who signs.
    fn public_keys(&self, names: &[&str]) -> (PathBuf, Vec<String>) {
        let path = self.0.path().join("signers.asc");
        fs::write(&path, self.says(&[&["--armor", "--export"], names].concat(), b"")).unwrap();
        (path, names.iter().map(|name| self.fingerprint(name)).collect())
    }
}

fn opened(key: &OpenPgpKey, signers: Option<&SigningKeys>, message: &[u8]) -> Result<Vec<u8>, Unread> {
    let (rules, mut clear) = (MessageRules { key, signers, bytes_max: 1 << 30 }, Vec::new());
    let read = OpenedMessage::open(Box::new(message), &rules)?.read_to_end(&mut clear);
    read.map(|_| clear).map_err(|error| Unread::of(&error))
}

/// The site of the guide, with an OpenPGP key of its own.
fn site_with_key(gpg: &GnuPg) -> FirstFeed {
    let feed = FirstFeed::new();
    gpg.site_key(&feed.site().join("keys/openpgp.asc"));
    feed.edit("bex.toml", "[employers", "openpgp = \"file:keys/openpgp.asc\"\n\n[employers");
    feed
}

#[track_caller]
fn nothing_lies_in_the_clear(site: &Path, planted: &[&str]) {
    let (scanner, files) = (Scanner::of_texts(planted.iter().copied()), files_below(site));
    for file in &files {
        assert_eq!(scanner.find(&fs::read(file).unwrap()), [], "{}", file.display());
    }
    assert!(files.len() > 10);
}

#[test]
fn what_gnupg_encrypts_is_read_as_if_it_had_come_in_clear_however_it_is_written() {
    let gpg = GnuPg::new();
    let feed = site_with_key(&gpg);
    feed.sends("census.csv.gpg", gpg.encrypts(&[], CENSUS.as_bytes()));
    feed.sends("elections.csv.asc", gpg.encrypts(&["--armor", "--compress-algo", "zip"], ELECTIONS.as_bytes()));
    feed.bex(2, &["plan", "example-feed"]).exits(0).says("Tells add 4  ");
    feed.night(2).exits(0).says("4 add");
    assert!(feed.told().contains("NM1*IL*1*Probeman*Ada"));
    nothing_lies_in_the_clear(&feed.site(), &["Probeman", "899-31-1001"]);
    let key = gpg.opening_key();
    feed.bex(3, &["keys", "list"]).exits(0).says(key.fingerprint());
    assert_eq!(key.fingerprint(), gpg.fingerprint(SITE));
    // Longer than what is decrypted at once, and cut into parts.
    let long = CENSUS.repeat(2000).into_bytes();
    for further in [
        &["--compress-algo", "none"][..],
        &["--compress-algo", "zlib", "--armor"],
        &["--hidden-recipient", SITE],
        &["--cipher-algo", "AES192"],
        &["--cipher-algo", "AES", "--textmode"],
    ] {
        let message = gpg.encrypts(further, &long);
        let read = opened(&key, None, &message).unwrap_or_else(|unread| panic!("{further:?}: {unread}"));
        assert!(read == long || further.contains(&"--textmode"), "{further:?}");
    }
    for (further, unread) in [
        (&["--compress-algo", "bzip2"][..], Unread::Packing),
        (&["--cipher-algo", "3DES"], Unread::Cipher),
        (&["--cipher-algo", "CAMELLIA256"], Unread::Cipher),
    ] {
        assert_eq!(opened(&key, None, &gpg.encrypts(further, b"x")), Err(unread), "{further:?}");
    }
}

#[test]
fn d27_of_a_message_of_gnupg_cut_off_at_any_byte_altered_or_for_somebody_else_nothing_is_read() {
    let gpg = GnuPg::new();
    gpg.makes(OTHER, "future-default", "default");
    let key = gpg.opening_key();
    for further in [&["--compress-algo", "none"][..], &["--armor"]] {
        let whole = gpg.encrypts(further, b"EmpNo,Last\nEXE-1,Probeman\n");
        // Armor ends with a line break that nothing depends on.
        let needed = whole.trim_ascii_end().len();
        for cut in 0..needed {
            assert!(opened(&key, None, &whole[..cut]).is_err(), "{further:?} cut {cut}");
        }
    }
    let feed = FirstFeed::after_first_night(CENSUS);
    let moved = CENSUS.replace("31 Example Way", "35 Example Way").into_bytes();
    // Before the site has a key at all.
    feed.sends("census.csv.pgp", gpg.encrypts(&[], &moved));
    feed.night(3).exits(1).says("INT032").says("RUN005").never_says("REC0");
    gpg.site_key(&feed.site().join("keys/openpgp.asc"));
    feed.edit("bex.toml", "[employers", "openpgp = \"file:keys/openpgp.asc\"\n\n[employers");
    let whole = gpg.encrypts(&["--compress-algo", "none"], CENSUS.repeat(500).as_bytes());
    let mut altered = whole.clone();
    *altered.last_mut().unwrap() ^= 1;
    let cut = whole[..whole.len() - 20_000].to_vec();
    let other = gpg.says(&["-r", OTHER, "--encrypt"], &moved);
    let by_passphrase = gpg.says(&["--passphrase", "x", "--symmetric"], &moved);
    for (day, bytes) in (4..).zip([altered, cut, [whole, b"more".to_vec()].concat(), other, by_passphrase]) {
        feed.sends("census.csv.pgp", bytes);
        feed.night(day).exits(1).says("INT026").says("RUN005").never_says("REC0");
        assert_eq!(feed.sent(), 1, "day {day}");
    }
    feed.sends("census.csv.pgp", gpg.encrypts(&[], &moved));
    feed.night(9).says("1 change").never_says("INT026");
}

#[test]
fn d28_where_an_employers_signing_key_is_declared_only_what_it_has_signed_is_read() {
    let gpg = GnuPg::new();
    gpg.makes(EMPLOYER, "rsa2048", "sign");
    gpg.makes(OTHER, "ed25519", "sign");
    let feed = site_with_key(&gpg);
    let (path, prints) = gpg.public_keys(&[EMPLOYER]);
    fs::copy(path, feed.site().join("keys/employer.asc")).unwrap();
    let declared = format!("signing_key = \"keys/employer.asc\"\nsigning_fingerprints = [\"{}\"]\ntax_id", prints[0]);
    feed.edit("bex.toml", "tax_id", &declared);
    feed.bex(2, &["check"]).exits(0);
    feed.sends("census.csv.gpg", gpg.signs(EMPLOYER, CENSUS.as_bytes()));
    feed.sends("elections.csv.gpg", gpg.signs(EMPLOYER, ELECTIONS.as_bytes()));
    feed.night(2).exits(0).says("4 add");
    let moved = CENSUS.replace("31 Example Way", "35 Example Way").into_bytes();
    let unsigned = gpg.encrypts(&[], &moved);
    for (day, (name, bytes)) in (3..).zip([
        ("census.csv.gpg", unsigned),
        ("census.csv.gpg", gpg.signs(OTHER, &moved)),
        ("census.csv", moved.clone()),
    ]) {
        feed.sends(name, bytes);
        feed.night(day).exits(1).says("INT031").says("RUN005").never_says("REC0");
        assert_eq!(feed.sent(), 1, "day {day}");
    }
    feed.sends("census.csv.gpg", gpg.signs(EMPLOYER, &moved));
    feed.night(6).says("1 change").never_says("INT031");
    // Another fingerprint than that of the file is said before any night.
    feed.edit("bex.toml", &prints[0], &gpg.fingerprint(OTHER));
    feed.bex(7, &["check"]).exits(1).says("KEY006");
}

#[test]
fn a_signature_counts_by_whom_it_is_and_while_its_key_was_valid() {
    let gpg = GnuPg::new();
    let key = gpg.opening_key();
    gpg.makes(EMPLOYER, "rsa3072", "sign");
    gpg.makes(OTHER, "ed25519", "sign");
    let (path, prints) = gpg.public_keys(&[EMPLOYER, OTHER]);
    let both = SigningKeys::read(&path, &prints).unwrap();
    let one = SigningKeys::read(&path, &prints[..1]).unwrap();
    for (by, hash) in [(EMPLOYER, "SHA256"), (EMPLOYER, "SHA384"), (EMPLOYER, "SHA512"), (OTHER, "SHA512")] {
        let further = ["--local-user", by, "--digest-algo", hash, "--sign"];
        let message = gpg.encrypts(&further, b"a,b\n");
        assert_eq!(opened(&key, Some(&both), &message), Ok(b"a,b\n".to_vec()), "{further:?}");
        let alone = opened(&key, Some(&one), &message);
        assert_eq!(alone.is_ok(), by == EMPLOYER, "{further:?}: {alone:?}");
    }
    let twice = gpg.encrypts(&["-u", OTHER, "-u", EMPLOYER, "--sign"], b"a,b\n");
    assert!(opened(&key, Some(&one), &twice).is_ok());
    assert_eq!(opened(&key, Some(&both), &gpg.encrypts(&[], b"a,b\n")), Err(Unread::Unsigned));
    let weak = gpg.encrypts(&["-u", OTHER, "--digest-algo", "RIPEMD160", "--sign"], b"a,b\n");
    assert_eq!(opened(&key, Some(&both), &weak), Err(Unread::Unsigned));
    gpg.makes_at("20200101T000000", &["brief", "ed25519", "sign", "1d"]);
    let late = gpg.encrypts(&["--faked-system-time", "20200101T120000", "-u", "brief", "--sign"], b"a,b\n");
    let (path, prints) = gpg.public_keys(&["brief"]);
    let brief = SigningKeys::read(&path, &prints).unwrap();
    assert!(opened(&key, Some(&brief), &late).is_ok());
    // Its owner has it end before that: at three o'clock.
    let ends = ["--faked-system-time", "20200101T010000", "--passphrase", "", "--quick-set-expire", &prints[0]];
    gpg.says(&[&ends[..], &["seconds=7200"]].concat(), b"");
    let (path, prints) = gpg.public_keys(&["brief"]);
    let ended = SigningKeys::read(&path, &prints).unwrap();
    assert_eq!(opened(&key, Some(&ended), &late), Err(Unread::SignerNotValid));
    // Whoever revokes a key revokes all that it has signed.
    let revocation = gpg.0.path().join(format!("openpgp-revocs.d/{}.rev", prints[0]));
    let text = fs::read_to_string(revocation).unwrap().replace(":-----BEGIN", "-----BEGIN");
    gpg.says(&["--import"], text.as_bytes());
    let (path, prints) = gpg.public_keys(&["brief"]);
    let revoked = SigningKeys::read(&path, &prints).unwrap();
    assert_eq!(opened(&key, Some(&revoked), &late), Err(Unread::SignerNotValid));
}

#[test]
fn a_key_that_cannot_open_or_that_asks_for_what_is_not_read_is_refused_when_the_site_is_opened() {
    let gpg = GnuPg::new();
    gpg.makes("rsa", "rsa2048", "default");
    gpg.says(&["--passphrase", "x", "--quick-gen-key", "locked", "future-default", "default", "never"], b"");
    let file = gpg.0.path().join("key");
    let refused = |exported: &[u8]| {
        fs::write(&file, exported).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let fault = OpenPgpKey::read(&KeyReference::File(file.clone())).unwrap_err();
        assert_eq!(fault.code, "KEY006");
        fault.to_string()
    };
    assert!(refused(&gpg.says(&["--export-secret-keys", "rsa"], b"")).contains("cv25519"));
    let locked = gpg.says(&["--passphrase", "x", "--export-secret-keys", "locked"], b"");
    assert!(refused(&locked).contains("passphrase"));
    assert!(refused(&gpg.says(&["--armor", "--export", SITE], b"")).contains("secret"));
    assert!(refused(b"AGE-SECRET-KEY-1").contains("secret"));
    // With the same key in a binary file, and in armor, files open alike.
    fs::write(&file, gpg.says(&["--export-secret-keys", SITE], b"")).unwrap();
    let key = OpenPgpKey::read(&KeyReference::File(file.clone())).unwrap();
    assert_eq!(opened(&key, None, &gpg.encrypts(&[], b"x")), Ok(b"x".to_vec()));
}

#[test]
fn a_bomb_of_gnupg_is_refused_and_a_long_file_needs_no_memory() {
    let gpg = GnuPg::new();
    let key = gpg.opening_key();
    let bomb = gpg.encrypts(&["--compress-algo", "zlib"], &vec![b','; 200 << 20]);
    assert!(bomb.len() < 1 << 20);
    assert_eq!(opened(&key, None, &bomb), Err(Unread::TooLarge));
    let long = gpg.0.path().join("long.gpg");
    fs::write(&long, gpg.encrypts(&["--compress-algo", "none"], &vec![b','; 64 << 20])).unwrap();
    let rules = MessageRules { key: &key, signers: None, bytes_max: 1 << 30 };
    let mut copied = 0;
    let measured = allocation_counter::measure(|| {
        let mut message = OpenedMessage::open(Box::new(File::open(&long).unwrap()), &rules).unwrap();
        copied = io::copy(&mut message, &mut io::sink()).unwrap();
    });
    assert_eq!(copied, 64 << 20);
    assert!(measured.bytes_max < 256 << 10, "{} bytes", measured.bytes_max);
}
