//! A site's configuration: what is refused, where, and in which words.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use bex::config::{self, shipped};
use bex::crypt::age::Identity;
use bex::crypt::login::LoginKey;
use bex::fault::{Fault, Severity};

/// The demonstration's site with everything filled in that only exists at run time, keys included.
fn demo(dir: &Path) {
    for (path, text) in shipped::DEMO {
        // Each carrier has a recipient of its own.
        let own = Identity::generate().recipient().to_string();
        let values = [
            ("HOST", "127.0.0.1"),
            ("PORT", "2222"),
            ("HOST_KEY", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA"),
            ("RECIPIENT", own.as_str()),
        ];
        let path = dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, shipped::fill(text, &values)).unwrap();
    }
    fs::create_dir_all(dir.join("keys")).unwrap();
    for key in ["vault.key", "archive.age", "alpha-health.login", "beta-dental.login", "gamma-vision.login"] {
        write_key(&dir.join("keys").join(key));
    }
}

/// A login where one is read when a site is checked, and something where it is not.
fn write_key(path: &Path) {
    let login = LoginKey::from_seed(&[7; 32], "test login").unwrap();
    let is_login = path.extension().is_some_and(|extension| extension == "login");
    fs::write(path, if is_login { login.private.bytes() } else { b"not a key" }).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// The demonstration's site with one text replaced in one file; what `check` finds.
fn with(file: &str, from: &str, to: &str) -> Vec<Fault> {
    let dir = tempfile::tempdir().unwrap();
    demo(dir.path());
    let path = dir.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    config::check(dir.path()).1
}

fn said(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(|fault| format!("{} {}", fault.code, fault.place)).collect()
}

#[test]
fn the_demonstration_is_a_faultless_site() {
    let dir = tempfile::tempdir().unwrap();
    demo(dir.path());
    let (site, faults) = config::check(dir.path());
    assert_eq!(said(&faults), [""; 0]);
    let site = site.unwrap();
    assert_eq!((site.employers.len(), site.carriers.len(), site.feeds.len()), (2, 3, 6));
    assert!(config::load(dir.path()).is_ok());
}

#[test]
fn a_new_site_is_explained_by_its_check() {
    let dir = tempfile::tempdir().unwrap();
    let site = dir.path().join("new");
    config::init(&site).unwrap();
    let faults = config::load(&site).unwrap_err();
    assert_eq!(faults.len(), 10, "{:?}", said(&faults));
    assert!(faults.iter().all(|fault| fault.code == "CFG020"), "{:?}", said(&faults));
    let warnings = config::check(&site).1.into_iter().filter(|fault| fault.severity == Severity::Warning);
    assert_eq!(said(&warnings.collect::<Vec<_>>()).iter().filter(|text| text.starts_with("CFG015")).count(), 4);
}

#[test]
fn a_new_site_is_never_made_over_something_else() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("precious"), "x").unwrap();
    assert_eq!(config::init(dir.path()).unwrap_err().code, "CFG021");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn every_fault_of_every_file_is_reported_at_once() {
    let dir = tempfile::tempdir().unwrap();
    demo(dir.path());
    fs::write(dir.path().join("schedules/broken.toml"), "employer = \"x\n").unwrap();
    fs::write(dir.path().join("schedules/second.toml"), "employer = \"nobody\"\ntime = \"25:00\"\nfree = 1\n").unwrap();
    fs::write(dir.path().join("mappings/carriers/Bad Name.toml"), "").unwrap();
    let found = said(&config::check(dir.path()).1);
    for expected in [
        "CFG001 schedules/broken.toml:1:14",
        "CFG008 schedules/second.toml:1:12",
        "CFG005 schedules/second.toml:2:8",
        "CFG002 schedules/second.toml:3:1",
        "CFG014 mappings/carriers/Bad Name.toml:1:1",
    ] {
        assert!(found.iter().any(|text| text == expected), "{expected} is not among {found:#?}");
    }
}

#[test]
fn what_does_not_fit_together_is_refused_where_it_is_written() {
    let feed = "schedules/sample-logistics-gamma-vision.toml";
    let carrier = "mappings/carriers/gamma-vision.toml";
    let cases = [
        (feed, "\"sample-logistics\"", "\"example-manufacturing\"", "CFG009"),
        (feed, "\"gamma-vision\"", "\"delta-nobody\"", "CFG008"),
        (feed, "America/New_York", "America/Nowhere", "CFG023"),
        (feed, "America/New_York", "EST", "CFG005"),
        (feed, "time = \"22:00\"", "", "CFG003"),
        (feed, "time = \"22:00\"", "time = \"22:00\"\ncalendar = \"us-nowhere\"", "CFG008"),
        (feed, "time = \"22:00\"", "time = \"22:00\"\non_holiday = \"after\"", "CFG003"),
        (feed, "time = \"22:00\"", "time = \"22:00\"\non_holiday = \"later\"", "CFG005"),
        (feed, "time = \"22:00\"", "time = \"22:00\"\nmissed = \"never\"", "CFG005"),
        (feed, "time = \"22:00\"", "time = \"22:00\"\nafter = [\"no-feed\"]", "CFG008"),
        (feed, "time = \"22:00\"", "time = \"22:00\"\nafter = [\"sample-logistics-gamma-vision\"]", "CFG019"),
        (carrier, "\"subscriber-id\", ", "", "CFG019"),
        (carrier, "\"employment-status\"]", "\"employment-status\", \"email\"]", "CFG011"),
        (carrier, "_{number}", "", "CFG013"),
        (carrier, "host_keys", "# host_keys", "CFG012"),
        (carrier, "component = \">\"", "component = \"*\"", "CFG019"),
        (carrier, "file:keys/gamma-vision.login", "keys/gamma-vision.login", "CFG005"),
        (carrier, "file:keys/gamma-vision.login", "file:keys/missing", "CFG015"),
        (carrier, "port = 2222", "port = 70000", "CFG005"),
        (carrier, "style = \"change\"", "style = \"change\"\nstyle = \"full\"", "CFG007"),
        ("mappings/elections/sample-logistics.toml", "\"DENTAL\"", "\"DENTURES\"", "CFG008"),
        ("mappings/elections/sample-logistics.toml", "elections*.csv", "census*.csv", "CFG019"),
        ("mappings/census/sample-logistics.toml", "DEP{n}_ID", "DEP_ID", "CFG019"),
        ("mappings/census/sample-logistics.toml", "\"CITY\"", "\"LAST\"", "CFG019"),
        ("mappings/census/sample-logistics.toml", "state = \"ST\"", "", "CFG017"),
        ("mappings/census/example-manufacturing.toml", "\"dismissed\"", "\"fired\"", "CFG005"),
        ("mappings/census/example-manufacturing.toml", "date:MM/DD/YYYY", "date:MM/DD/YY", "CFG005"),
        ("bex.toml", "90-0000011", "90-000001", "CFG005"),
        ("bex.toml", "environment = \"test\"", "environment = \"live\"", "CFG005"),
    ];
    for (file, from, to, code) in cases {
        let found = with(file, from, to);
        assert!(found.iter().any(|fault| fault.code == code), "{to}: {code} is not among {:?}", said(&found));
    }
}

#[test]
fn a_notice_that_would_go_to_an_employers_own_mail_is_warned_of() {
    let to = |address: &str| {
        let domain = "mail_domains = [\"Manufacturing.example\"]\n";
        let channel = format!("[notify.office]\nmail = \"{address}\"\n\n[employers.example-manufacturing]\n{domain}");
        with("bex.toml", "[employers.example-manufacturing]\n", &channel)
    };
    for address in ["benefits@manufacturing.example", "hr@mail.MANUFACTURING.example"] {
        let faults = to(address);
        assert_eq!(said(&faults), ["CFG031 bex.toml:1:1"], "{address}");
        assert!(faults.iter().all(|fault| fault.severity == Severity::Warning));
    }
    for address in ["office@example.com", "manufacturing.example@example.com", "a@othermanufacturing.example"] {
        assert_eq!(said(&to(address)), [""; 0], "{address}");
    }
    let wrong = with(
        "bex.toml",
        "[employers.example-manufacturing]\n",
        "[employers.example-manufacturing]\nmail_domains = [\"@x\"]\n",
    );
    assert_eq!(wrong.len(), 1);
}

#[test]
fn a_production_site_without_a_contact_is_warned_of_and_one_that_is_a_test_is_not() {
    let dir = tempfile::tempdir().unwrap();
    demo(dir.path());
    let file = dir.path().join("bex.toml");
    let asked = || config::check(dir.path()).1.iter().filter(|fault| fault.code == "CFG030").count();
    let text = fs::read_to_string(&file).unwrap().replace("environment = \"test\"", "environment = \"production\"");
    fs::write(&file, &text).unwrap();
    assert_eq!(asked(), 0);
    let contact = "[contact]\ntext = \"Benefits office, 217-555-0100\"\n";
    assert!(text.contains(contact));
    fs::write(&file, text.replace(contact, "")).unwrap();
    assert_eq!(asked(), 1);
    fs::write(&file, text.replace(contact, "").replace("\"production\"", "\"test\"")).unwrap();
    assert_eq!(asked(), 0);
}

#[test]
fn a_missing_policy_stops_the_feeds_and_not_the_other_carriers() {
    let found = with("mappings/carriers/gamma-vision.toml", "[policy]", "[overlay]\n#");
    let untold: Vec<_> = said(&found).into_iter().filter(|text| text.starts_with("CFG010")).collect();
    assert_eq!(untold.len(), 0, "a carrier whose file has other faults is not judged twice: {untold:?}");
    let text = "[policy]\ndisclose = [\"subscriber-id\", \"name\", \"birth-date\", \"sex\", \"address\", \
        \"relationship\", \
        \"coverage\", \"employment-status\"]\napproved_by = \"Privacy office\"\ndate = \"2026-01-05\"\n";
    let found = said(&with("mappings/carriers/gamma-vision.toml", text, ""));
    let expected =
        ["example-manufacturing", "sample-logistics"].map(|e| format!("CFG010 schedules/{e}-gamma-vision.toml:2:11"));
    assert_eq!(found, expected);
}

#[test]
fn a_recipient_with_a_letter_mistyped_is_refused_where_it_is_written() {
    let right = "age1lsy7vdcn38ku5phsy6q67996tarxtf7gwct3za52gfawqlm9nsvsh7gfkj";
    let put = |recipient: &str| {
        let line = |recipient: &str| format!("[seal]\nrecipient = \"{recipient}\" #");
        with("mappings/carriers/alpha-health.toml", "[seal]\nrecipient = ", &line(recipient))
    };
    assert_eq!(said(&put(right)), [""; 0]);
    for (at, _) in right.char_indices().skip(4).step_by(7) {
        let mut typed = right.to_string();
        typed.replace_range(at..=at, if &right[at..=at] == "q" { "p" } else { "q" });
        assert_eq!(said(&put(&typed)).len(), 1, "{typed}");
        assert!(said(&put(&typed))[0].starts_with("AGE001 mappings/carriers/alpha-health.toml:"), "{typed}");
    }
}

#[test]
fn a_login_key_with_a_passphrase_and_one_that_is_none_are_found_before_the_night() {
    let dir = tempfile::tempdir().unwrap();
    demo(dir.path());
    let key = dir.path().join("keys/alpha-health.login");
    let code = |found: Vec<Fault>| found.iter().map(|fault| fault.code).collect::<Vec<_>>();
    let _ = fs::remove_file(&key);
    let made = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "synthetic", "-f"])
        .arg(&key)
        .status()
        .unwrap();
    assert!(made.success());
    assert!(code(config::check(dir.path()).1).contains(&"KEY009"));
    fs::copy(dir.path().join("keys/alpha-health.login.pub"), &key).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(code(config::check(dir.path()).1).contains(&"KEY006"));
}

#[test]
fn a_secret_in_a_file_is_refused_and_never_repeated() {
    let secrets = [
        "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "dGhpcyBpcyBub3QgYSBzZWNyZXQgYnV0IGxvb2tz",
    ];
    for secret in secrets {
        for value in ["Benefits office, 217-555-0100", "file:keys/vault.key"] {
            let found = with("bex.toml", value, secret);
            assert!(found.iter().any(|fault| fault.code == "CFG006"), "{secret} {:?}", said(&found));
            assert!(!format!("{found:?}").contains(&secret[..20]), "{found:?}");
        }
    }
    let found = with("mappings/carriers/alpha-health.toml", "user = \"bex\"", "user = \"bex\"\npassword = \"hunter2\"");
    assert!(found.iter().any(|fault| fault.code == "CFG006") && !format!("{found:?}").contains("hunter2"));
}

#[test]
fn any_setting_misspelt_is_found_on_its_line_without_its_value() {
    let dir = tempfile::tempdir().unwrap();
    demo(dir.path());
    for (file, _) in shipped::DEMO {
        let path = dir.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        for (index, line) in text.lines().enumerate() {
            let Some((key, value)) = line.split_once(" = ").filter(|(key, _)| !key.contains(['#', '"', ' '])) else {
                continue;
            };
            let misspelt =
                |(at, line): (usize, &str)| if at == index { format!("q{line}\n") } else { format!("{line}\n") };
            fs::write(&path, text.lines().enumerate().map(misspelt).collect::<String>()).unwrap();
            let found = config::check(dir.path()).1;
            let place = format!("CFG002 {file}:{}:1", index + 1);
            assert!(said(&found).contains(&place), "{key}: {place} is not among {:?}", said(&found));
            let value = value.trim_matches(['"', '[', ']']);
            let shown = found.iter().map(ToString::to_string).collect::<String>();
            assert!(value.len() < 12 || file.contains(value) || !shown.contains(value), "{shown}");
        }
        fs::write(&path, text).unwrap();
    }
}

#[test]
fn a_file_that_is_not_text_or_far_too_large_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    demo(dir.path());
    fs::write(dir.path().join("schedules/a.toml"), [0xFF, 0xFE, 0]).unwrap();
    fs::write(dir.path().join("schedules/b.toml"), vec![b'#'; 2 << 20]).unwrap();
    fs::remove_file(dir.path().join("bex.toml")).unwrap();
    let found = said(&config::check(dir.path()).1);
    let expected = ["CFG014 bex.toml:1:1", "CFG014 schedules/a.toml:1:1", "CFG014 schedules/b.toml:1:1"];
    assert_eq!(found, expected);
}
