//! The morning page in a real browser: Chromium, which `tests/run` installs and which is launched once.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::demo_site::{Office, World};

/// What the browser says of each page.
fn seen(pages: &[&Path]) -> Vec<Value> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/page_check.py");
    let output = Command::new("python3").arg(program).args(pages).output().expect("install python3");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "install chromium (tests/run does): {errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Everything that is wrong with a page on a screen.
fn complaints(page: &Value, screen: &str, width: u64) -> Vec<String> {
    let look = &page[screen];
    let mut found = Vec::new();
    if look["window"] != width || look["scrolls"] != false || look["over"] != json!([]) {
        found.push(format!("{screen}: wider than the window: {} {}", look["window"], look["over"]));
    }
    if look["requests"] != json!([page["page"]]) {
        found.push(format!("{screen}: asks for more than itself: {}", look["requests"]));
    }
    if look["complaints"] != json!([]) || look["scripts"] != 0 || look["drawn"] != true {
        found.push(format!("{screen}: {} {} {}", look["complaints"], look["scripts"], look["drawn"]));
    }
    found
}

#[test]
fn the_morning_page_fits_a_desk_a_telephone_and_paper_and_asks_nobody_for_anything() {
    let mut world = World::after_the_first_night();
    world.employers_send(2);
    world.carrier("alpha-health").office(Office::RejectsTheGroup);
    world.bex(&["run"]).exits(0);
    world.fetch_acks().exits(1);
    world.next_night();
    let html = world.bex(&["report"]).exits(0).out;
    let (page, bad) = (world.site().join("morning.html"), world.site().join("bad.html"));
    fs::write(&page, &html).unwrap();
    let worse =
        "<div style=\"width:2000px\">wide</div><img src=\"https://carrier.invalid/x.png\"><script>1</script></body>";
    fs::write(&bad, html.replace("</body>", worse)).unwrap();
    let seen = seen(&[&page, &bad]);
    let (page, bad) = (&seen[0], &seen[1]);
    for (screen, width) in [("desk", 1280), ("telephone", 390)] {
        assert_eq!(complaints(page, screen, width), Vec::<String>::new());
        let text = page[screen]["text"].as_str().unwrap();
        for part in [
            "2 now",
            "rejected",
            "bex show",
            "Nights",
            "o accepted",
            "Changes told",
            "People covered",
            "answer",
            "Minutes left",
            "Oldest, days",
            "Objections by source column",
            "Beside the guards",
            "more than 30 days",
            "at most",
        ] {
            assert!(text.contains(part), "{part} on {screen}: {text}");
        }
        assert_eq!(complaints(bad, screen, width).len(), 3, "what is wrong with a page is found: {bad}");
    }
    let paper = &page["paper"];
    assert!(paper["begins"] == "%PDF-" && paper["bytes"].as_u64().unwrap() > 5_000, "{paper}");
    assert!((1..=6).contains(&paper["pages"].as_u64().unwrap()), "{paper}");
}
