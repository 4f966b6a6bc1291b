//! One suite for every transport: a folder, SFTP to the simulated carrier, SFTP to a real OpenSSH server. What a
//! transport promises in `transport::contract` is held here, and what SFTP must survive below.

use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use bex::crypt::keyring::Secret;
use bex::crypt::login::LoginKey;
use bex::simulate::{Misbehaviour, PASSWORD};
use bex::transport::folder::Folder;
use bex::transport::hostkey::PinnedKeys;
use bex::transport::probe::{RenameOnto, probe};
use bex::transport::sftp::{Login, SftpSite};
use bex::transport::{Connect, Profile, Retry, Stat, Transport, TransportErrorKind};
use sha2::{Digest, Sha256};

use crate::harness::carrier::Carrier;
use crate::harness::sshd::Sshd;

/// A place under test, and the folder that is behind it.
struct Place {
    connect: Box<dyn Connect>,
    folder: PathBuf,
    /// Kept for their destructors: servers and folders.
    _behind: Box<dyn std::any::Any>,
}

impl Place {
    fn folder() -> Place {
        let files = tempfile::tempdir().unwrap();
        let folder = files.path().to_owned();
        fs::create_dir(folder.join("inbox")).unwrap();
        Place { connect: Box::new(Folder::new(&folder)), folder, _behind: Box::new(files) }
    }

    fn simulated() -> Place {
        let carrier = Carrier::start();
        let folder = carrier.files.path().to_owned();
        Place { connect: Box::new(carrier.site()), folder, _behind: Box::new(carrier) }
    }

    fn openssh() -> Place {
        let server = Sshd::start();
        let folder = server.folder.clone();
        fs::create_dir(folder.join("inbox")).unwrap();
        Place { connect: Box::new(server.site()), folder, _behind: Box::new(server) }
    }

    fn open(&self) -> Box<dyn Transport> {
        self.connect.connect().unwrap()
    }
}

macro_rules! every_transport {
    ($($promise:ident)*) => {
        mod folder { $(#[test] fn $promise() { super::$promise(&super::Place::folder()); })* }
        mod simulated { $(#[test] fn $promise() { super::$promise(&super::Place::simulated()); })* }
        mod openssh { $(#[test] fn $promise() { super::$promise(&super::Place::openssh()); })* }
    };
}

every_transport! {
    a_file_put_is_whole
    an_empty_file_is_a_file
    put_never_changes_a_file_that_exists
    a_source_of_another_length_is_not_put
    a_source_that_fails_is_our_own_trouble
    a_missing_folder_is_not_found
    rename_gives_a_file_its_final_name
    rename_refuses_a_taken_name_and_leaves_both_files
    rename_of_nothing_is_not_found
    a_listing_has_the_files_and_no_folders
    a_listing_leaves_out_names_that_are_not_safe
    a_long_listing_is_complete
    fetch_keeps_to_its_limit
    what_is_not_there_is_said_so
    remove_says_whether_there_was_anything
    free_space_is_told_or_not_told
    a_probe_finds_a_rename_that_refuses_and_leaves_nothing
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index * 31 % 251) as u8).collect()
}

fn put(transport: &mut dyn Transport, path: &str, content: &[u8]) {
    assert_eq!(transport.put_new(path, &mut &content[..], content.len() as u64).unwrap().length, content.len() as u64);
}

fn a_file_put_is_whole(place: &Place) {
    let content = bytes(5 * 1024 * 1024 + 17);
    let mut transport = place.open();
    let length = content.len() as u64;
    let done = transport.put_new("inbox/file", &mut &content[..], length).unwrap();
    assert!(done.length == length && done.synced);
    assert_eq!(transport.stat("inbox/file").unwrap(), Some(Stat { size: length }));
    assert_eq!(transport.digest("inbox/file", content.len() as u64).unwrap(), Some(Sha256::digest(&content).into()));
    let mut fetched = Vec::new();
    assert_eq!(transport.fetch("inbox/file", &mut fetched, length).unwrap(), length);
    assert!(fetched == content && fs::read(place.folder.join("inbox/file")).unwrap() == content);
}

fn an_empty_file_is_a_file(place: &Place) {
    let mut transport = place.open();
    put(&mut *transport, "inbox/empty", b"");
    assert_eq!(transport.stat("inbox/empty").unwrap(), Some(Stat { size: 0 }));
    assert_eq!(transport.digest("inbox/empty", 0).unwrap(), Some(Sha256::digest(b"").into()));
}

fn put_never_changes_a_file_that_exists(place: &Place) {
    let mut transport = place.open();
    put(&mut *transport, "inbox/taken", b"first");
    let error = transport.put_new("inbox/taken", &mut &b"second"[..], 6).unwrap_err();
    assert_eq!((error.kind, error.retry), (TransportErrorKind::Exists, Retry::Permanent));
    assert_eq!(fs::read(place.folder.join("inbox/taken")).unwrap(), b"first");
}

fn a_source_of_another_length_is_not_put(place: &Place) {
    let mut transport = place.open();
    for (number, length) in [2, 4].into_iter().enumerate() {
        let error = transport.put_new(&format!("inbox/{number}"), &mut &b"abc"[..], length).unwrap_err();
        assert_eq!(error.kind, TransportErrorKind::Local);
    }
}

fn a_source_that_fails_is_our_own_trouble(place: &Place) {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::InvalidData.into())
        }
    }
    let mut transport = place.open();
    let error = transport.put_new("inbox/file", &mut (&b"abc"[..]).chain(Failing), 6).unwrap_err();
    assert_eq!((error.kind, error.retry), (TransportErrorKind::Local, Retry::Permanent));
    assert_eq!(transport.stat("inbox/other").unwrap(), None, "the connection is still of use");
}

fn a_missing_folder_is_not_found(place: &Place) {
    let mut transport = place.open();
    assert_eq!(transport.put_new("nowhere/file", &mut &b""[..], 0).unwrap_err().kind, TransportErrorKind::NotFound);
    assert_eq!(transport.list("nowhere").unwrap_err().kind, TransportErrorKind::NotFound);
    assert_eq!(transport.stat("nowhere/file").unwrap(), None);
}

fn rename_gives_a_file_its_final_name(place: &Place) {
    let mut transport = place.open();
    put(&mut *transport, "inbox/.temp", b"content");
    transport.rename_new("inbox/.temp", "inbox/final").unwrap();
    assert_eq!(transport.stat("inbox/.temp").unwrap(), None);
    assert_eq!(fs::read(place.folder.join("inbox/final")).unwrap(), b"content");
}

fn rename_refuses_a_taken_name_and_leaves_both_files(place: &Place) {
    let mut transport = place.open();
    put(&mut *transport, "inbox/ours", b"ours");
    put(&mut *transport, "inbox/theirs", b"theirs");
    let error = transport.rename_new("inbox/ours", "inbox/theirs").unwrap_err();
    assert_eq!((error.kind, error.retry), (TransportErrorKind::Exists, Retry::Permanent));
    assert_eq!(fs::read(place.folder.join("inbox/ours")).unwrap(), b"ours");
    assert_eq!(fs::read(place.folder.join("inbox/theirs")).unwrap(), b"theirs");
}

fn rename_of_nothing_is_not_found(place: &Place) {
    let mut transport = place.open();
    assert_eq!(transport.rename_new("inbox/none", "inbox/final").unwrap_err().kind, TransportErrorKind::NotFound);
    assert_eq!(transport.stat("inbox/final").unwrap(), None);
}

fn a_listing_has_the_files_and_no_folders(place: &Place) {
    let mut transport = place.open();
    fs::create_dir(place.folder.join("inbox/folder")).unwrap();
    put(&mut *transport, "inbox/b", b"22");
    put(&mut *transport, "inbox/.a", b"1");
    let entries = transport.list("inbox").unwrap();
    let found: Vec<_> = entries.iter().map(|entry| (entry.name.as_str(), entry.size)).collect();
    assert_eq!(found, [(".a", 1), ("b", 2)]);
}

fn a_listing_leaves_out_names_that_are_not_safe(place: &Place) {
    fs::write(place.folder.join("inbox/\u{1b}[2Jclear"), "x").unwrap();
    fs::write(place.folder.join("inbox/two\nlines"), "x").unwrap();
    fs::write(place.folder.join("inbox/plain"), "x").unwrap();
    let entries = place.open().list("inbox").unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].name, "plain");
}

fn a_long_listing_is_complete(place: &Place) {
    for number in 0..450 {
        fs::write(place.folder.join(format!("inbox/{number:03}")), "x").unwrap();
    }
    let names: Vec<_> = place.open().list("inbox").unwrap().into_iter().map(|entry| entry.name).collect();
    assert_eq!(names, (0..450).map(|number| format!("{number:03}")).collect::<Vec<_>>());
}

fn fetch_keeps_to_its_limit(place: &Place) {
    let content = bytes(3_000_000);
    fs::write(place.folder.join("inbox/long"), &content).unwrap();
    let mut transport = place.open();
    let mut sink = Vec::new();
    let error = transport.fetch("inbox/long", &mut sink, 2_999_999).unwrap_err();
    assert_eq!((error.kind, error.retry), (TransportErrorKind::TooLarge, Retry::Permanent));
    assert!(sink.len() < content.len());
    assert_eq!(transport.fetch("inbox/long", &mut io::sink(), 3_000_000).unwrap(), 3_000_000);
}

fn what_is_not_there_is_said_so(place: &Place) {
    let mut transport = place.open();
    assert_eq!(transport.stat("inbox/none").unwrap(), None);
    assert_eq!(transport.digest("inbox/none", 1).unwrap_err().kind, TransportErrorKind::NotFound);
    assert_eq!(transport.fetch("inbox/none", &mut Vec::new(), 9).unwrap_err().kind, TransportErrorKind::NotFound);
}

fn remove_says_whether_there_was_anything(place: &Place) {
    let mut transport = place.open();
    put(&mut *transport, "inbox/file", b"x");
    assert!(transport.remove("inbox/file").unwrap());
    assert!(!transport.remove("inbox/file").unwrap());
}

fn free_space_is_told_or_not_told(place: &Place) {
    let mut transport = place.open();
    assert!(transport.free_space("inbox").unwrap().is_none_or(|bytes| bytes > 0));
}

fn a_probe_finds_a_rename_that_refuses_and_leaves_nothing(place: &Place) {
    let found = probe(&mut *place.open(), "inbox", ".bex", "1").unwrap();
    assert!(found.exclusive_put && found.sync && found.stat && found.read_back && found.stays && found.remove);
    assert_eq!((found.rename_onto, found.profile()), (RenameOnto::Refused, Profile::NoClobber));
    assert_eq!(fs::read_dir(place.folder.join("inbox")).unwrap().count(), 0);
}

/// What holds for SFTP to a real server as well as to the simulated one.
fn refuses_strangers(mut site: SftpSite) {
    let stranger = LoginKey::from_seed(&[9; 32], "stranger").unwrap();
    let right = std::mem::replace(&mut site.pinned, PinnedKeys::parse(&[&stranger.public]).unwrap());
    let error = site.open().err().unwrap();
    assert_eq!((error.kind, error.retry), (TransportErrorKind::HostKey, Retry::Permanent));
    let said = error.fault().to_string();
    let shown = |pinned: &PinnedKeys| pinned.fingerprints().all(|print| said.contains(print));
    assert!(shown(&right) && shown(&site.pinned), "{said}");

    site.pinned = PinnedKeys::parse(&[ECDSA]).unwrap();
    assert_eq!(site.open().err().unwrap().kind, TransportErrorKind::HostKey, "a key of a kind that is not pinned");

    site.pinned = right;
    let login = std::mem::replace(&mut site.login, Login { key: Some(stranger.private), password: None });
    let error = site.open().err().unwrap();
    assert_eq!((error.kind, error.retry), (TransportErrorKind::Login, Retry::Permanent));

    site.login = login;
    assert!(site.open().is_ok());
}

/// A public key of another kind; its private half is kept nowhere.
const ECDSA: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBO2PTiic+PbNstPrMNpsE8P5vDygfLSAPqAmJ6xpupzxs/TrNGJSWqt4TU6E7oXqmwW2koK/+mYsIHae7r6Y9i4=";

#[test]
fn openssh_with_another_key_is_refused_and_its_fingerprint_shown() {
    refuses_strangers(Sshd::start().site());
}

#[test]
fn a_simulated_carrier_with_another_key_is_refused_before_any_login() {
    let carrier = Carrier::start();
    carrier.carrier.misbehave(Misbehaviour::OtherHostKey);
    assert_eq!(carrier.site().open().err().unwrap().kind, TransportErrorKind::HostKey);
    assert_eq!(carrier.carrier.logins_tried(), 0);
    carrier.carrier.behave();
    refuses_strangers(carrier.site());
}

#[test]
fn a_refused_login_is_tried_once() {
    let carrier = Carrier::start();
    carrier.carrier.misbehave(Misbehaviour::RefuseLogin);
    assert_eq!(carrier.site().open().err().unwrap().kind, TransportErrorKind::Login);
    assert_eq!(carrier.carrier.logins_tried(), 1);
}

#[test]
fn a_server_with_no_algorithm_in_common_is_told_with_both_lists() {
    let (kex, curve) = ("key exchange", "curve25519-sha256");
    let sntrup = "Ciphers aes128-gcm@openssh.com\nKexAlgorithms sntrup761x25519-sha512@openssh.com";
    for (option, of, offered, ours) in [
        ("KexAlgorithms diffie-hellman-group14-sha1", kex, "diffie-hellman-group14-sha1", curve),
        (sntrup, kex, "sntrup761", curve),
        // What somebody on the way can guess parts of is not asked for.
        ("Ciphers aes256-cbc", "cipher", "aes256-cbc", "aes256-ctr"),
    ] {
        let error = Sshd::start_with(option).site().open().err().unwrap();
        assert_eq!((error.kind, error.retry), (TransportErrorKind::Algorithms, Retry::Permanent), "{option}");
        let said = error.fault().to_string();
        assert!([of, offered, ours].iter().all(|part| said.contains(part)), "{said}");
    }
}

#[test]
fn a_server_that_takes_no_key_says_what_it_takes() {
    let options = "PubkeyAuthentication no\nPasswordAuthentication yes";
    let error = Sshd::start_with(options).site().open().err().unwrap();
    assert_eq!((error.kind, error.retry), (TransportErrorKind::LoginMethod, Retry::Permanent));
    assert!(error.fault().to_string().contains("password"), "{}", error.fault());
}

#[test]
fn a_carrier_that_gives_a_password_is_logged_in_to_by_it_however_it_asks() {
    let password = |text: &str| Login { key: None, password: Some(Secret::new(format!("{text}\n").into_bytes())) };
    for how in [Misbehaviour::PasswordOnly, Misbehaviour::KeyboardOnly] {
        let carrier = Carrier::start();
        carrier.carrier.misbehave(how);
        let mut site = carrier.site();
        assert_eq!(site.open().err().unwrap().kind, TransportErrorKind::LoginMethod, "{how:?}");
        site.login = password(PASSWORD);
        assert!(site.open().is_ok(), "{how:?}");
        site.login = password("another");
        assert_eq!(site.open().err().unwrap().kind, TransportErrorKind::Login, "{how:?}");
    }
}

#[test]
fn a_drop_box_that_may_not_be_read_is_written_to_and_has_no_digest() {
    let server = Sshd::start_with("Subsystem sftp /usr/lib/openssh/sftp-server -P read,opendir,readdir,remove");
    fs::create_dir(server.folder.join("inbox")).unwrap();
    let mut transport = server.site().open().unwrap();
    let path = server.folder.join("inbox/a").display().to_string();
    put(&mut transport, &path, b"abc");
    assert_eq!(transport.stat(&path).unwrap(), Some(Stat { size: 3 }));
    assert_eq!(transport.digest(&path, 1).unwrap(), None);
}

#[test]
fn nobody_there_is_unreachable() {
    let carrier = Carrier::start();
    let mut site = carrier.site();
    // An address of this machine at which nobody listens: a port that is let go may be another test's by now.
    site.host = "127.77.0.1".to_owned();
    let error = site.open().err().unwrap();
    assert_eq!((error.kind, error.retry), (TransportErrorKind::Unreachable, Retry::Temporary));
    site.host = "host.invalid".to_owned();
    assert_eq!(site.open().err().unwrap().kind, TransportErrorKind::Unreachable);
}

/// Puts 300 kB while the carrier misbehaves; gives what went wrong.
fn put_while(how: Misbehaviour) -> (TransportErrorKind, Retry) {
    let carrier = Carrier::start();
    let mut transport = carrier.site().open().unwrap();
    carrier.carrier.misbehave(how);
    let content = bytes(300_000);
    let error = transport.put_new("inbox/file", &mut &content[..], 300_000).unwrap_err();
    (error.kind, error.retry)
}

#[test]
fn a_full_disk_is_told_from_other_failures_by_looking() {
    assert_eq!(put_while(Misbehaviour::DiskFull(100_000)), (TransportErrorKind::NoSpace, Retry::Temporary));
    assert_eq!(put_while(Misbehaviour::FailSync), (TransportErrorKind::Failure, Retry::Unknown));
    assert_eq!(put_while(Misbehaviour::FailClose), (TransportErrorKind::Failure, Retry::Unknown));
}

#[test]
fn a_connection_that_breaks_during_a_put_is_broken_at_any_byte() {
    for at in [0, 1, 29_999, 30_000, 150_000, 299_999, 300_000] {
        assert_eq!(
            put_while(Misbehaviour::DropAfterBytes(at)),
            (TransportErrorKind::Broken, Retry::Temporary),
            "byte {at}"
        );
    }
}

#[test]
fn a_rename_whose_answer_is_lost_is_unknown_whether_it_was_done_or_not() {
    for (how, done) in [(Misbehaviour::DropBeforeRename, false), (Misbehaviour::DropAfterRename, true)] {
        let carrier = Carrier::start();
        let mut transport = carrier.site().open().unwrap();
        put(&mut transport, "inbox/.temp", b"x");
        carrier.carrier.misbehave(how);
        let error = transport.rename_new("inbox/.temp", "inbox/final").unwrap_err();
        assert_eq!((error.kind, error.retry), (TransportErrorKind::Broken, Retry::Unknown));
        assert_eq!(carrier.files.path().join("inbox/final").exists(), done);
        assert_eq!(
            transport.stat("inbox/final").unwrap_err().kind,
            TransportErrorKind::Broken,
            "no answer from a dead line"
        );
    }
}

#[test]
fn a_rename_refused_for_no_reason_is_not_a_taken_name() {
    let carrier = Carrier::start();
    let mut transport = carrier.site().open().unwrap();
    put(&mut transport, "inbox/.temp", b"x");
    carrier.carrier.misbehave(Misbehaviour::RefuseRename);
    assert_eq!(transport.rename_new("inbox/.temp", "inbox/final").unwrap_err().kind, TransportErrorKind::Failure);
}

#[test]
fn a_probe_finds_what_a_place_does_not_allow() {
    let carrier = Carrier::start();
    let mut transport = carrier.site().open().unwrap();
    carrier.carrier.misbehave(Misbehaviour::Unreadable);
    carrier.carrier.misbehave(Misbehaviour::VanishAfterRename);
    let found = probe(&mut transport, "inbox", ".bex", "1").unwrap();
    assert!(!found.read_back && !found.stays && found.profile() == Profile::NoClobber);
    carrier.carrier.misbehave(Misbehaviour::RefuseRename);
    let found = probe(&mut transport, "inbox", ".bex", "2").unwrap();
    assert_eq!((found.rename_onto, found.profile()), (RenameOnto::NotAllowed, Profile::Direct));
}

#[test]
fn what_may_not_be_read_back_has_no_digest() {
    let carrier = Carrier::start();
    let mut transport = carrier.site().open().unwrap();
    put(&mut transport, "inbox/file", b"x");
    carrier.carrier.misbehave(Misbehaviour::Unreadable);
    assert_eq!(transport.digest("inbox/file", 1).unwrap(), None);
    assert_eq!(transport.fetch("inbox/file", &mut Vec::new(), 9).unwrap_err().kind, TransportErrorKind::Denied);
}

#[test]
fn a_silent_host_costs_one_timeout_and_not_one_more_for_every_thing_let_go() {
    let carrier = Carrier::start();
    let mut site = carrier.site();
    site.timeout = Duration::from_secs(1);
    let mut transport = site.open().unwrap();
    carrier.carrier.misbehave(Misbehaviour::Silence);
    let content = bytes(300_000);
    let begun = Instant::now();
    let error = transport.put_new("inbox/file", &mut &content[..], 300_000).unwrap_err();
    drop(transport);
    assert_eq!((error.kind, error.retry), (TransportErrorKind::Timeout, Retry::Temporary));
    assert!(begun.elapsed() < Duration::from_millis(1900), "{:?}", begun.elapsed());
}
