//! Notices over HTTPS, to a server that judges their signature itself: one of each thing, again after the hours that
//! are asked for, one at its end; what it does not take is sent again, and nothing is sent to a server nobody vouches
//! for.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;

use crate::harness::demo_site::{Said, bex};
use crate::harness::first_feed::{CENSUS, ELECTIONS, FirstFeed};
use crate::harness::webhook_server::WebhookServer;

const SECRET: &str = "only-for-this-test";

/// A site that tells this server, and whose carrier's folder is gone.
fn told_by(server: &WebhookServer) -> FirstFeed {
    let feed = FirstFeed::new();
    let key = feed.site().join("keys/hook");
    fs::write(&key, SECRET).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let url = server.url();
    let channel = format!(
        "[notify.hook]\nwebhook = \"{url}\"\nsecret = \"file:keys/hook\"\non = [\"now\", \"ended\"]\nrepeat_hours = 4\n\n[employers."
    );
    feed.edit("bex.toml", "[employers.", &channel);
    feed.sends("census.csv", CENSUS);
    feed.sends("elections.csv", ELECTIONS);
    fs::remove_dir(feed.site().join("carrier/inbox")).unwrap();
    feed.night(2).exits(1);
    feed
}

/// `bex notify` at a moment, by a machine that vouches for this authority.
fn notify(feed: &FirstFeed, at: &str, authority: &Path) -> Said {
    let site = feed.site();
    let mut command = bex();
    command.env("CURL_CA_BUNDLE", authority).args(["--site", site.to_str().unwrap(), "--now", at, "notify"]);
    Said::of(format!("notify at {at}"), &command.output().unwrap())
}

fn words(notice: &Value, of: &str) -> Vec<String> {
    let lines = notice["body"][of].as_array().unwrap();
    lines.iter().map(|line| line["words"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_server_is_told_once_of_each_thing_again_after_the_hours_asked_for_and_once_at_its_end() {
    let server = WebhookServer::start(SECRET);
    let feed = told_by(&server);
    let notify = |at: &str| notify(&feed, at, &server.authority());
    let failed = "run 1 example-feed 2026-03-02: failed before it was sent, people 4";
    notify("2026-03-02T23:00:00Z").exits(0);
    notify("2026-03-02T23:05:00Z").exits(0);
    notify("2026-03-03T02:59:00Z").exits(0);
    let taken = server.taken();
    assert_eq!(taken.len(), 1, "once: {taken:?}");
    assert_eq!(words(&taken[0], "begun"), [failed]);
    let head = ["path", "at", "type"].map(|what| taken[0][what].as_str().unwrap());
    assert_eq!(head, ["/bex", "2026-03-02T23:00:00Z", "application/json"]);
    notify("2026-03-03T03:00:00Z").exits(0);
    assert_eq!(words(&server.taken()[1], "begun"), [failed], "again after four hours");
    fs::create_dir(feed.site().join("carrier/inbox")).unwrap();
    feed.bex(3, &["resume", "1"]).exits(0);
    notify("2026-03-03T22:01:00Z").exits(0);
    notify("2026-03-03T22:06:00Z").exits(0);
    let taken = server.taken();
    assert_eq!((taken.len(), words(&taken[2], "ended")), (3, vec![failed.to_owned()]), "once at its end");
    let all = taken.iter().map(Value::to_string).collect::<String>();
    assert!(!all.contains("Probeman") && !all.contains("899-31"), "{all}");
}

#[test]
fn what_a_server_does_not_take_is_sent_again_and_nothing_goes_to_one_that_nobody_vouches_for() {
    let server = WebhookServer::start(SECRET);
    let feed = told_by(&server);
    let trusting = server.authority();
    server.refuses(true);
    notify(&feed, "2026-03-02T23:00:00Z", &trusting).exits(1).refuses_with("NOT001").says("hook");
    server.refuses(false);
    // The machine's own authorities do not know this one.
    let machine = Path::new("/etc/ssl/certs/ca-certificates.crt");
    notify(&feed, "2026-03-02T23:01:00Z", machine).exits(1).refuses_with("NOT001");
    assert_eq!(server.taken().len(), 0);
    notify(&feed, "2026-03-02T23:02:00Z", &trusting).exits(0);
    assert_eq!(server.taken().len(), 1, "at the next pass");
    // With another secret the signature is nobody's, and the server says so.
    fs::write(feed.site().join("keys/hook"), "another-secret").unwrap();
    notify(&feed, "2026-03-03T03:02:00Z", &trusting).exits(1).refuses_with("NOT001");
    assert_eq!(server.taken().len(), 1);
}
