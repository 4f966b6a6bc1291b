//! A partner that is slow, hostile or dead costs only itself: every wait has an end that is held from outside, and the
//! other feeds of the night are delivered.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use bex::simulate::Misbehaviour;
use bex::transport::hostkey::PinnedKeys;
use bex::transport::sftp::{Login, SftpSite};
use bex::transport::watch::CutWhen;
use bex::transport::{Connect as _, TransportErrorKind};

use crate::harness::demo_site::{FEEDS, World};

const HOST_KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDn1bXUcQG3yN5V3yHzFxqL0lCkZ0nT0m0d0e0f0g0h0";

/// Connects to a server that does this with everybody who comes.
fn connected_to(server: fn(TcpStream)) -> TransportErrorKind {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        listener.incoming().flatten().for_each(|stream| drop(std::thread::spawn(move || server(stream))))
    });
    let site = SftpSite {
        host: "127.0.0.1".to_owned(),
        port,
        user: "u".to_owned(),
        pinned: PinnedKeys::parse(&[HOST_KEY]).unwrap(),
        login: Login { key: None, password: None },
        timeout: Duration::from_millis(300),
        cut_when: CutWhen::default(),
    };
    site.connect().err().expect("no connection").kind
}

#[test]
fn a_greeting_that_never_ends_is_cut_off() {
    let kind = connected_to(|mut stream| while stream.write_all(b"welcome to a long greeting\r\n").is_ok() {});
    assert!(matches!(kind, TransportErrorKind::Timeout | TransportErrorKind::Broken), "{kind:?}");
}

#[test]
fn a_greeting_that_comes_letter_by_letter_is_cut_off() {
    let kind = connected_to(|mut stream| {
        while stream.write_all(b"S").is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    assert_eq!(kind, TransportErrorKind::Timeout);
}

#[test]
fn a_server_that_never_says_anything_is_cut_off() {
    let kind = connected_to(|mut stream| drop(stream.read_to_end(&mut Vec::new())));
    assert_eq!(kind, TransportErrorKind::Timeout);
}

/// The first night, on which one carrier misbehaves and every other feed is delivered.
#[track_caller]
fn night_beside(misbehaviour: Misbehaviour, code: &str) {
    let mut world = World::new();
    world.employers_send(1);
    world.edit("mappings/carriers/alpha-health.toml", "[delivery]", "[delivery]\ntimeout_seconds = 1");
    world.carrier("alpha-health").misbehave(misbehaviour);
    let said = world.bex(&["run", "--json"]);
    let night = said.json();
    for (feed, ran) in FEEDS.iter().zip(night["feeds"].as_array().unwrap()) {
        let delivered = ran["outcome"] == "delivered";
        assert_eq!(delivered, !feed.ends_with("alpha-health"), "{feed}: {ran}");
    }
    assert!(said.text().contains(code), "{}", said.text());
    world.carrier("alpha-health").behave();
    world.bex(&["run"]).exits(0);
    assert_eq!(world.carrier("alpha-health").inbox().len(), 2, "each is delivered once");
    world.next_night();
}

#[test]
fn beside_a_carrier_whose_files_never_end_when_read_back_all_others_are_served() {
    night_beside(Misbehaviour::EndlessFile, "DEL004");
}

#[test]
fn beside_a_carrier_that_answers_nothing_all_others_are_served() {
    night_beside(Misbehaviour::Stall(6), "TRA004");
}
