//! The demonstration's three nights, told whole: what each carrier must be told, and nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bex::x12::guide::x220a1;
use bex::x12::validate::document;

use crate::harness::demo_site::{CARRIERS, FEEDS, Office, World, accepting_999, bex_says, names};
use crate::harness::member_lines::{families, told};
use crate::harness::pyx12;

/// After two nights in which everything went well.
fn after_two_nights() -> World {
    let mut world = World::after_the_first_night();
    world.employers_send(2);
    world.bex(&["run"]).exits(0);
    world.fetch_acks().exits(0);
    world.next_night();
    world
}

/// What the newest file of a feed says.
#[track_caller]
fn says(world: &World, feed: &str) -> Vec<String> {
    let carrier = CARRIERS.iter().find(|name| feed.ends_with(**name)).unwrap();
    let mut received = world.carrier(carrier).received();
    received.retain(|name, _| name.starts_with(feed));
    told(received.last_entry().expect("a file").get())
}

#[test]
fn the_employers_account_stands_in_each_members_loop_and_other_employers_have_none() {
    let world = World::after_the_first_night();
    let received = world.carrier("alpha-health").received();
    for (name, text) in &received {
        let members = text.matches("~INS*").count();
        let of_account = text.matches("~REF*1L*G1-AH~REF*DX*010~").count();
        let expected = if name.starts_with("example-manufacturing") { members } else { 0 };
        assert_eq!(of_account, expected, "{name}");
    }
    assert!(received.keys().any(|name| name.starts_with("example-manufacturing")), "{:?}", received.keys());
}

const NIGHT_2: [(&str, &[&str]); 6] = [
    (
        "example-manufacturing-alpha-health",
        &[
            // Married; the tier changes with it.
            "EXM-1003 Ruvik subscriber change 32, terminate PPO AH-PPO-500 EMP 2026-01-01 to 2026-02-28, \
             add PPO AH-PPO-500 ESP 2026-03-01 at 421",
            "EXM-1003 Thessa spouse add 32, add PPO AH-PPO-500 ESP 2026-03-01",
            // Chose another plan.
            "EXM-1006 Borin subscriber change 22, terminate PPO AH-PPO-500 FAM 2026-01-01 to 2026-03-31, \
             add HMO AH-HMO-100 FAM 2026-04-01 at 451.8 by 1999999026",
            "EXM-1006 Sanna spouse change 22, terminate PPO AH-PPO-500 FAM 2026-01-01 to 2026-03-31, \
             add HMO AH-HMO-100 FAM 2026-04-01",
            "EXM-1006 Timo child change 22, terminate PPO AH-PPO-500 FAM 2026-01-01 to 2026-03-31, \
             add HMO AH-HMO-100 FAM 2026-04-01",
            // Quit, with dependents.
            "EXM-1008 Devan subscriber terminate 16, terminate PPO AH-PPO-500 FAM 2026-01-01 to 2026-03-31",
            "EXM-1008 Rhea spouse terminate 07, terminate PPO AH-PPO-500 FAM 2026-01-01 to 2026-03-31",
            "EXM-1008 Kit child terminate 07, terminate PPO AH-PPO-500 FAM 2026-01-01 to 2026-03-31",
            // Hired.
            "EXM-1015 Vesna subscriber add 28, add HMO AH-HMO-100 EMP 2026-04-01 at 148.75 by 1999999018",
        ],
    ),
    (
        "example-manufacturing-beta-dental",
        // A full file: everybody who is covered, those whose coverage ended lately, and EXM-1011, who is held.
        &[
            "EXM-1001 Tavo subscriber audit XN, audit DEN BD-2000 FAM 2026-01-01",
            "EXM-1001 Mirel spouse audit XN, audit DEN BD-2000 FAM 2026-01-01",
            "EXM-1001 Odo child audit XN, audit DEN BD-2000 FAM 2026-01-01",
            "EXM-1001 Isla child audit XN, audit DEN BD-2000 FAM 2026-01-01",
            "EXM-1002 Kesa subscriber audit XN, audit DEN BD-2000 EMP 2026-01-01",
            "EXM-1003 Ruvik subscriber audit XN, audit DEN BD-2000 EMP 2026-01-01 to 2026-02-28, audit DEN BD-2000 ESP 2026-03-01",
            "EXM-1003 Thessa spouse audit XN, audit DEN BD-2000 ESP 2026-03-01",
            "EXM-1005 Nima subscriber audit XN, audit DEN BD-2000 ECH 2026-01-01",
            "EXM-1005 Pell child audit XN, audit DEN BD-2000 ECH 2026-01-01",
            "EXM-1005 Wren child audit XN, audit DEN BD-2000 ECH 2026-01-01",
            "EXM-1006 Borin subscriber audit XN, audit DEN BD-2000 FAM 2026-01-01",
            "EXM-1006 Sanna spouse audit XN, audit DEN BD-2000 FAM 2026-01-01",
            "EXM-1006 Timo child audit XN, audit DEN BD-2000 FAM 2026-01-01",
            "EXM-1007 Alira subscriber audit XN, audit DEN BD-2000 EMP 2026-01-01",
            "EXM-1008 Devan subscriber audit XN, audit DEN BD-2000 FAM 2026-01-01 to 2026-03-31",
            "EXM-1008 Rhea spouse audit XN, audit DEN BD-2000 FAM 2026-01-01 to 2026-03-31",
            "EXM-1008 Kit child audit XN, audit DEN BD-2000 FAM 2026-01-01 to 2026-03-31",
            "EXM-1010 Harun subscriber audit XN, audit DEN BD-2000 ESP 2026-01-01",
            "EXM-1010 Ilse spouse audit XN, audit DEN BD-2000 ESP 2026-01-01",
            "EXM-1011 Orla subscriber audit XN, audit DEN BD-2000 ECH 2026-01-01",
            "EXM-1011 Bram child audit XN, audit DEN BD-2000 ECH 2026-01-01",
            "EXM-1012 Stavan subscriber audit XN, audit DEN BD-2000 FAM 2026-01-01",
            "EXM-1012 Maren spouse audit XN, audit DEN BD-2000 FAM 2026-01-01",
            "EXM-1012 Finn stepchild audit XN, audit DEN BD-2000 FAM 2026-01-01",
            "EXM-1014 Koren subscriber audit XN, audit DEN BD-2000 EMP 2026-01-01",
            "EXM-1015 Vesna subscriber audit XN, audit DEN BD-2000 EMP 2026-04-01",
        ],
    ),
    (
        "example-manufacturing-gamma-vision",
        // Told no Social Security numbers, by policy.
        &[
            "EXM-1008 Devan subscriber terminate 16, no SSN, terminate VIS GV-STD FAM 2026-01-01 to 2026-03-31",
            "EXM-1008 Rhea spouse terminate 07, no SSN, terminate VIS GV-STD FAM 2026-01-01 to 2026-03-31",
            "EXM-1008 Kit child terminate 07, no SSN, terminate VIS GV-STD FAM 2026-01-01 to 2026-03-31",
            "EXM-1015 Vesna subscriber add 28, no SSN, add VIS GV-STD EMP 2026-04-01",
        ],
    ),
    (
        "sample-logistics-alpha-health",
        &[
            // A child was born, and has no number yet.
            "SLG-2004 GARRO subscriber change 02, terminate PPO AH-PPO-500 ESP 2026-01-01 to 2026-02-19, \
             add PPO AH-PPO-500 FAM 2026-02-20 at 598",
            "SLG-2004 HANNE spouse change 02, terminate PPO AH-PPO-500 ESP 2026-01-01 to 2026-02-19, \
             add PPO AH-PPO-500 FAM 2026-02-20",
            "SLG-2004 BRYN child add 02, no SSN, add PPO AH-PPO-500 FAM 2026-02-20",
            // Moved.
            "SLG-2007 NOLAN subscriber change 43, lives at 2204 Template Drive Unit 6, Worthington OH 43085",
            // Rehired.
            "SLG-2009 QUEN subscriber add 41, add PPO AH-PPO-500 EMP 2026-03-02 at 190",
            // Hired.
            "SLG-2015 ZORAN subscriber add 28, add PPO AH-PPO-500 ESP 2026-03-02 at 415",
            "SLG-2015 AVILA spouse add 28, add PPO AH-PPO-500 ESP 2026-03-02",
        ],
    ),
    (
        "sample-logistics-beta-dental",
        &[
            "SLG-2001 ARDIS subscriber audit XN, audit DEN BD-2000 FAM 2026-01-01",
            "SLG-2001 COLM spouse audit XN, audit DEN BD-2000 FAM 2026-01-01",
            "SLG-2001 NIA child audit XN, audit DEN BD-2000 FAM 2026-01-01",
            "SLG-2003 EVRA subscriber audit XN, audit DEN BD-2000 ECH 2026-01-01",
            "SLG-2003 LIO child audit XN, audit DEN BD-2000 ECH 2026-01-01",
            "SLG-2004 GARRO subscriber audit XN, audit DEN BD-2000 ESP 2026-01-01 to 2026-02-19, audit DEN BD-2000 FAM 2026-02-20",
            "SLG-2004 HANNE spouse audit XN, audit DEN BD-2000 ESP 2026-01-01 to 2026-02-19, audit DEN BD-2000 FAM 2026-02-20",
            "SLG-2004 BRYN child audit XN, no SSN, audit DEN BD-2000 FAM 2026-02-20",
            "SLG-2005 INEZ subscriber audit XN, audit DEN BD-2000 FAM 2026-01-01",
            "SLG-2005 JULO spouse audit XN, audit DEN BD-2000 FAM 2026-01-01",
            "SLG-2005 KORA child audit XN, audit DEN BD-2000 FAM 2026-01-01",
            "SLG-2005 LEV child audit XN, audit DEN BD-2000 FAM 2026-01-01",
            "SLG-2006 MARIT subscriber audit XN, audit DEN BD-2000 EMP 2026-01-01",
            "SLG-2007 NOLAN subscriber audit XN, audit DEN BD-2000 EMP 2026-01-01",
            "SLG-2009 QUEN subscriber audit XN, audit DEN BD-2000 EMP 2026-03-02",
            "SLG-2010 RINA subscriber audit XN, audit DEN BD-2000 ESP 2026-01-01",
            "SLG-2010 SOREN spouse audit XN, audit DEN BD-2000 ESP 2026-01-01",
            "SLG-2011 TORVA subscriber audit XN, audit DEN BD-2000 EMP 2026-01-01",
            "SLG-2012 ULRIK subscriber audit XN, audit DEN BD-2000 FAM 2026-01-01",
            "SLG-2012 VEDA spouse audit XN, audit DEN BD-2000 FAM 2026-01-01",
            "SLG-2012 WYN adopted audit XN, audit DEN BD-2000 FAM 2026-01-01",
            "SLG-2013 XANDO subscriber audit XN, audit DEN BD-2000 EMP 2026-01-01",
            "SLG-2015 ZORAN subscriber audit XN, audit DEN BD-2000 ESP 2026-03-02",
            "SLG-2015 AVILA spouse audit XN, audit DEN BD-2000 ESP 2026-03-02",
        ],
    ),
    (
        "sample-logistics-gamma-vision",
        &["SLG-2007 NOLAN subscriber change 43, no SSN, lives at 2204 Template Drive Unit 6, Worthington OH 43085"],
    ),
];

#[test]
fn the_second_nights_files_say_exactly_what_has_changed_and_full_files_everybody() {
    let world = after_two_nights();
    for (feed, expected) in NIGHT_2 {
        assert_eq!(says(&world, feed), expected, "{feed}");
    }
}

#[test]
fn the_first_nights_files_say_everybody_who_elected_a_line_of_the_carrier_and_nobody_else() {
    let world = World::after_the_first_night();
    let said = |carrier: &str, file: &str| families(&world.carrier(carrier).the_file(file));
    let of = |employer: &str, ids: &[u32]| ids.iter().map(|id| format!("{employer}-{id}")).collect::<Vec<_>>();
    // EXM-1013 waived medical; SLG-2009's employment had ended, SLG-2011 waived medical.
    let medical = [1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012];
    assert_eq!(said("alpha-health", "example"), of("EXM", &medical));
    assert_eq!(
        said("beta-dental", "example"),
        of("EXM", &[1001, 1002, 1003, 1005, 1006, 1007, 1008, 1010, 1011, 1012, 1014])
    );
    assert_eq!(said("gamma-vision", "example"), of("EXM", &[1001, 1003, 1004, 1005, 1008, 1009, 1012, 1013]));
    assert_eq!(
        said("alpha-health", "sample"),
        of("SLG", &[2001, 2002, 2003, 2004, 2005, 2006, 2007, 2008, 2010, 2012, 2013, 2014])
    );
    assert_eq!(said("beta-dental", "sample"), of("SLG", &[2001, 2003, 2004, 2005, 2006, 2007, 2010, 2011, 2012, 2013]));
    assert_eq!(said("gamma-vision", "sample"), of("SLG", &[2001, 2002, 2004, 2007, 2008, 2012, 2014]));
}

#[test]
fn a_night_without_changes_sends_nothing_to_carriers_that_take_changes_and_everybody_to_the_other() {
    let world = after_two_nights();
    let before: Vec<_> = CARRIERS.map(|carrier| world.carrier(carrier).inbox().len()).into();
    assert_eq!(before, [4, 4, 4]);
    world.employers_send(3);
    world.bex(&["run"]).exits(0).says("example-manufacturing-alpha-health: nothing to send");
    let after: Vec<_> = CARRIERS.map(|carrier| world.carrier(carrier).inbox().len()).into();
    assert_eq!(after, [4, 6, 4], "only the carrier of full files");
    for (feed, expected) in NIGHT_2.iter().filter(|(feed, _)| feed.ends_with("beta-dental")) {
        assert_eq!(&says(&world, feed), expected, "{feed}");
    }
    for feed in FEEDS.iter().filter(|feed| !feed.ends_with("beta-dental")) {
        assert_eq!(world.newest_run(feed)["state"], "nothing to send", "{feed}");
    }
}

#[test]
fn every_interchange_and_every_group_is_accepted_by_its_carrier() {
    let world = after_two_nights();
    let board = world.board();
    assert_eq!(board.len(), 12);
    for run in board {
        let delivery = &run["delivery"];
        assert_eq!((&run["state"], &delivery["g999"]), (&"accepted".into(), &"accepted".into()), "{run}");
    }
}

#[test]
fn somebody_missing_from_the_census_is_a_question_and_goes_on_once_the_census_has_them_again() {
    let world = after_two_nights();
    let feed = "example-manufacturing-alpha-health";
    let open = || world.bex(&["show", &world.newest_run(feed)["run"].to_string(), "--json"]).json()["holds"].clone();
    assert_eq!((open()[0]["code"].as_str(), open().as_array().unwrap().len()), (Some("REC001"), 1));
    // Back in the census, with a new number of the street.
    let back = World::text_of(1, "example-manufacturing/census.csv");
    let rows = back.lines().filter(|line| line.starts_with("EXM-1011")).collect::<Vec<_>>().join("\n");
    let census = World::text_of(2, "example-manufacturing/census.csv") + &rows.replace("77 Mockup", "78 Mockup") + "\n";
    world.arrives("example-manufacturing/census.csv", census);
    world.bex(&["run", feed]).exits(0);
    assert_eq!(
        says(&world, feed),
        ["EXM-1011 Orla subscriber change 43, lives at 78 Mockup Lane, Springfield IL 62701"]
    );
    assert_eq!(open().as_array().unwrap().len(), 0, "the question is closed");
}

#[test]
fn what_was_said_and_not_yet_acknowledged_is_not_said_again_and_its_family_waits() {
    let mut world = World::after_the_first_night();
    world.carrier("alpha-health").office(Office::Silent);
    let feed = "sample-logistics-alpha-health";
    world.employers_send(2);
    world.bex(&["run", feed]).exits(0);
    world.fetch_acks().exits(0);
    world.next_night();
    let census = World::text_of(2, "sample-logistics/census.csv");
    world.arrives("sample-logistics/census.csv", census.replace("2204 Template Drive", "2206 Template Drive"));
    world.bex(&["run", feed]).exits(0);
    let run = world.newest_run(feed);
    assert_eq!((&run["state"], &run["waiting"]), (&"nothing to send".into(), &1.into()), "{run}");
    // Once the carrier has answered the first, the second follows.
    let first = world.carrier("alpha-health").the_file("sample-logistics-alpha-health_000000003");
    world.carrier("alpha-health").answer("late.999", &accepting_999(&first, 90));
    world.fetch_acks().exits(0);
    world.next_night();
    world.bex(&["run", feed]).exits(0);
    assert_eq!(
        says(&world, feed),
        ["SLG-2007 NOLAN subscriber change 43, lives at 2206 Template Drive Unit 6, Worthington OH 43085"]
    );
}

// ── the demonstration itself ──

fn demo(arguments: &[&str]) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let said = bex_says(&[&["demo", "--dir", "d"], arguments].concat(), folder.path()).exits(0);
    (folder, said.out)
}

/// Every file the carriers decrypted, by name.
fn received(folder: &Path) -> BTreeMap<String, PathBuf> {
    let below = |carrier: &&str| folder.join("d/carriers").join(carrier).join("received");
    let files =
        CARRIERS.iter().map(below).flat_map(|at| names(&at).into_iter().map(move |name| (name.clone(), at.join(name))));
    files.collect()
}

#[test]
fn the_demonstration_tells_its_story_and_leaves_what_it_promises() {
    let (folder, out) = demo(&["--nights", "3"]);
    for promised in ["Night 1", "Night 2", "Night 3", "6 deliveries accepted, 0 rejected", "nothing to send", "REC001"]
    {
        assert!(out.contains(promised), "{promised:?} in\n{out}");
    }
    let site = folder.path().join("d/site");
    let board = bex_says(&["--site", site.to_str().unwrap(), "runs", "--json"], folder.path()).exits(0).json();
    assert_eq!(board["runs"].as_array().unwrap().len(), 18);
    assert_eq!(received(folder.path()).len(), 14);
    judged_valid(&received(folder.path()));
}

#[test]
fn a_demonstration_never_writes_into_a_folder_that_is_used() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine"), "x").unwrap();
    bex_says(&["demo", "--dir", "."], folder.path()).exits(2).refuses_with("CFG021");
    assert_eq!(names(folder.path()), ["mine"]);
}

#[test]
fn thousands_of_synthetic_members_make_files_that_independent_judges_accept() {
    let (folder, out) = demo(&["--members", "2000", "--nights", "3"]);
    assert!(out.contains("0 rejected"), "{out}");
    judged_valid(&received(folder.path()));
}

/// By our own validator, and by one that is not ours.
fn judged_valid(files: &BTreeMap<String, PathBuf>) {
    for (name, path) in files {
        let report = document(std::fs::File::open(path).unwrap(), x220a1());
        assert!(report.is_valid(), "{name}: {:?}", report.findings);
    }
    let paths: Vec<&Path> = files.values().map(PathBuf::as_path).collect();
    for (name, verdict) in files.keys().zip(pyx12::accepts(&paths)) {
        assert!(verdict.accepted, "{name}: {:?}", verdict.complaints);
    }
}
