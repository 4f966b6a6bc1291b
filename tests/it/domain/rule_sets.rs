//! Which settings decide: each one that does makes another rule set, and each that does not has a reason. A setting
//! that this list does not know fails the test.

use std::collections::BTreeSet;

use bex::carrier::RuleSet;
use bex::mapping::{Carrier, Feed, PlanRules, Sponsor};
use bex::model::ids::{CarrierName, EmployerName, FeedName};

/// A line of a mapping, another value of the same setting, and why the rules are the same with it; empty where it
/// decides. A table's heading has no other value.
struct Setting(&'static str, &'static str, &'static str);

const DECIDES: &str = "";
const HEADER: &str = "stands above the members of a file";
const WAY: &str = "the file's way, not what it says";
const ANSWERS: &str = "what a delivery waits for; who waits is in the ledger";
const APPROVAL: &str = "why and by whom, not what";
const WHEN: &str = "when, not what";
const DATA: &str = "whose data: that is beside the rules in what a decision is made of";
const GUARD: &str = "holds a run whose families are decided";

const fn table(heading: &'static str) -> Setting {
    Setting(heading, "", "")
}

const CARRIER: &[Setting] = &[
    Setting("name = \"Alpha\"", "name = \"Beta\"", HEADER),
    Setting("address = \"1 Way\"", "address = \"2 Way\"", "for accounts of disclosures; told to nobody"),
    table("[payer]"),
    Setting("name = \"ALPHA\"", "name = \"BETA\"", HEADER),
    Setting("qualifier = \"FI\"", "qualifier = \"94\"", HEADER),
    Setting("id = \"900000101\"", "id = \"900000102\"", HEADER),
    table("[receiver]"),
    Setting("qualifier = \"ZZ\"", "qualifier = \"30\"", HEADER),
    Setting("id = \"ALPHA\"", "id = \"BETA\"", HEADER),
    Setting("group_id = \"ALPHAG\"", "group_id = \"BETAG\"", HEADER),
    table("[plans.MED]"),
    Setting("line = \"PPO\"", "line = \"HMO\"", DECIDES),
    Setting("code = \"A1\"", "code = \"A2\"", DECIDES),
    table("[file]"),
    Setting("style = \"open-enrollment\"", "style = \"full\"", DECIDES),
    Setting("year = \"2027-01-01\"", "year = \"2028-01-01\"", DECIDES),
    Setting("newline = false", "newline = true", DECIDES),
    Setting("subscriber_id = \"employee-id\"", "subscriber_id = \"ssn\"", DECIDES),
    Setting("plan_change = \"term-add\"", "plan_change = \"change\"", DECIDES),
    Setting("end_date = \"last-covered\"", "end_date = \"first-uncovered\"", DECIDES),
    Setting("cancelled = \"same-day\"", "cancelled = \"day-before\"", DECIDES),
    Setting("all_ended = \"both\"", "all_ended = \"coverage\"", DECIDES),
    Setting("shortened = \"end\"", "shortened = \"reinstate-first\"", DECIDES),
    Setting("extended = \"reinstate\"", "extended = \"end\"", DECIDES),
    Setting("earlier_start = \"term-add\"", "earlier_start = \"change\"", DECIDES),
    Setting("price_alone = \"told\"", "price_alone = \"omitted\"", DECIDES),
    Setting("provider_alone = \"told\"", "provider_alone = \"omitted\"", DECIDES),
    Setting("reopened = \"as-filed\"", "reopened = \"new-day\"", DECIDES),
    Setting("after_gap = \"addition\"", "after_gap = \"reinstatement\"", DECIDES),
    Setting("switch = \"term-add\"", "switch = \"change\"", DECIDES),
    Setting("untouched = \"goes-along\"", "untouched = \"alone\"", DECIDES),
    Setting("members = \"family\"", "members = \"each-subscriber\"", DECIDES),
    Setting("dependents_ended = \"listed\"", "dependents_ended = \"implied\"", DECIDES),
    Setting("hd05_dependents = \"same\"", "hd05_dependents = \"blank\"", DECIDES),
    Setting("spans = \"all\"", "spans = \"one\"", DECIDES),
    Setting("cobra = \"new-span\"", "cobra = \"goes-on\"", DECIDES),
    Setting("rekey = \"once\"", "rekey = \"new\"", DECIDES),
    Setting("terminated_lookback_days = 60", "terminated_lookback_days = 61", DECIDES),
    Setting("ended_as = \"statement\"", "ended_as = \"termination\"", DECIDES),
    Setting("omission = \"reported\"", "omission = \"nothing\"", DECIDES),
    Setting("confirmed = \"2026-01-05\"", "confirmed = \"2026-01-06\"", APPROVAL),
    Setting("corrections = \"marked\"", "corrections = \"plain\"", DECIDES),
    Setting("member_dates = true", "member_dates = false", DECIDES),
    Setting(
        "frozen = [{ from = \"2026-12-01\", until = \"2026-12-31\" }]",
        "frozen = [{ from = \"2026-12-02\", until = \"2026-12-30\" }]",
        DECIDES,
    ),
    Setting("by_hand = [\"reinstatement\"]", "by_hand = [\"taking-back\"]", DECIDES),
    Setting("by_hand_within_days = 90", "by_hand_within_days = 91", DECIDES),
    Setting("begin_back = 60", "begin_back = 61", DECIDES),
    Setting("change_back = \"2 months\"", "change_back = \"3 months\"", DECIDES),
    Setting("end_back = \"30 days\"", "end_back = \"31 days\"", DECIDES),
    Setting("reopen_back = 30", "reopen_back = \"1 month\"", DECIDES),
    Setting("ahead = 90", "ahead = \"3 months\"", DECIDES),
    Setting("request_ta1 = true", "request_ta1 = false", DECIDES),
    table("[file.separators]"),
    Setting("element = \"*\"", "element = \"|\"", DECIDES),
    Setting("component = \":\"", "component = \">\"", DECIDES),
    Setting("repetition = \"^\"", "repetition = \"+\"", DECIDES),
    Setting("segment = \"~\"", "segment = \"!\"", DECIDES),
    table("[[file.refs]]"),
    Setting("qualifier = \"ZZ\"", "qualifier = \"DX\"", DECIDES),
    Setting("loop = \"2000\"", "loop = \"2300\"", DECIDES),
    Setting("whom = \"subscriber\"", "whom = \"all\"", DECIDES),
    Setting("source = \"department\"", "source = \"subscriber-id\"", DECIDES),
    table("[[file.refs]]"),
    Setting("qualifier = \"17\"", "qualifier = \"23\"", DECIDES),
    Setting("loop = \"2000\"", "loop = \"2300\"", DECIDES),
    Setting("whom = \"dependents\"", "whom = \"all\"", DECIDES),
    Setting("constant = \"A\"", "constant = \"B\"", DECIDES),
    table("[policy]"),
    Setting(
        "disclose = [\"default\", \"email\", \"department\"]",
        "disclose = [\"default\", \"email\", \"department\", \"cost\", \"hire-date\"]",
        DECIDES,
    ),
    Setting("basis = \"payment\"", "basis = \"plan administration\"", APPROVAL),
    Setting("approved_by = \"Privacy office\"", "approved_by = \"Board\"", APPROVAL),
    Setting("date = \"2026-01-05\"", "date = \"2026-01-06\"", APPROVAL),
    table("[policy.reasons]"),
    Setting("hire-date = \"asked for\"", "hire-date = \"asked for in writing\"", APPROVAL),
    Setting("email = \"digital cards\"", "email = \"cards\"", APPROVAL),
    Setting("department = \"who is billed\"", "department = \"asked for\"", APPROVAL),
    table("[acknowledgements]"),
    Setting("ta1 = true", "ta1 = false", ANSWERS),
    Setting("g999 = true", "g999 = false", ANSWERS),
    Setting("due_hours = 24", "due_hours = 25", ANSWERS),
    Setting("assume_after_hours = 30", "assume_after_hours = 31", ANSWERS),
    table("[[acknowledgements.report]]"),
    Setting("file = \"errors*.csv\"", "file = \"faults*.csv\"", ANSWERS),
    Setting("delimiter = \"comma\"", "delimiter = \"pipe\"", ANSWERS),
    Setting("number = \"Control Number\"", "number = \"Number\"", ANSWERS),
    Setting("member = \"Subscriber ID\"", "member = \"Subscriber\"", ANSWERS),
    Setting("code = \"Code\"", "code = \"Error\"", ANSWERS),
    Setting("segment = \"Segment\"", "segment = \"Tag\"", ANSWERS),
    Setting("element = \"Element\"", "element = \"Place\"", ANSWERS),
    table("[acknowledgements.report.rejected]"),
    Setting("E101 = \"not valid\"", "E101 = \"invalid\"", ANSWERS),
    table("[acknowledgements.report.noted]"),
    Setting("W200 = \"incomplete\"", "W200 = \"not complete\"", ANSWERS),
    table("[overlay]"),
    Setting("name = \"Alpha 1\"", "name = \"Alpha 2\"", DECIDES),
    Setting("date = \"2025-01-01\"", "date = \"2025-01-02\"", DECIDES),
    Setting("gs08 = \"005010X220A1A\"", "gs08 = \"005010X220A1B\"", DECIDES),
    Setting("hd03_codes = [\"AA\"]", "hd03_codes = [\"AB\"]", DECIDES),
    Setting("dtp_codes = [\"901\"]", "dtp_codes = [\"902\"]", DECIDES),
    Setting("ref_codes = [\"ZX\"]", "ref_codes = [\"ZY\"]", DECIDES),
    table("[overlay.severity]"),
    Setting("SIT001 = \"warning\"", "SIT001 = \"notice\"", DECIDES),
    table("[delivery]"),
    Setting("kind = \"sftp\"", "", ""),
    Setting("host = \"a.example\"", "host = \"b.example\"", WAY),
    Setting("port = 22", "port = 23", WAY),
    Setting("user = \"a\"", "user = \"b\"", WAY),
    Setting("login_key = \"file:keys/a\"", "login_key = \"file:keys/b\"", WAY),
    Setting("password = \"file:keys/p\"", "password = \"file:keys/q\"", WAY),
    Setting(
        "host_keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA\"]",
        "host_keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAB\"]",
        WAY,
    ),
    Setting("folder = \"in\"", "folder = \"inbox\"", WAY),
    Setting("outbox = \"out\"", "outbox = \"outbox\"", WAY),
    Setting("name = \"{feed}_{number}.834.age\"", "name = \"{number}.834.age\"", WAY),
    Setting("timeout_seconds = 30", "timeout_seconds = 31", WAY),
    Setting("taken_at_once = false", "taken_at_once = true", WAY),
    Setting("publish = \"rename\"", "publish = \"direct\"", WAY),
    Setting("temporary_folder = \"part\"", "temporary_folder = \"parts\"", WAY),
    Setting("temporary_prefix = \".bex\"", "temporary_prefix = \"tmp\"", WAY),
    table("[seal]"),
    Setting(
        "recipient = \"age1lsy7vdcn38ku5phsy6q67996tarxtf7gwct3za52gfawqlm9nsvsh7gfkj\"",
        "recipient = \"age14wkrqj7vyy0fr35z0q669dyhqsrcjyu04fjp7lcxqr4q7mdgjvjqep54v9\"",
        WAY,
    ),
    Setting("not_after = \"2030-01-01\"", "not_after = \"2031-01-01\"", WAY),
];

const FEED: &[Setting] = &[
    Setting("employer = \"e\"", "employer = \"f\"", DATA),
    Setting("carrier = \"c\"", "carrier = \"d\"", "the carrier itself is compiled"),
    Setting("census = \"s\"", "census = \"t\"", DATA),
    Setting("elections = \"l\"", "elections = \"m\"", DATA),
    Setting("days = [\"fri\"]", "days = [\"mon\"]", WHEN),
    Setting("time = \"21:30\"", "time = \"21:31\"", WHEN),
    Setting("zone = \"America/New_York\"", "zone = \"America/Chicago\"", WHEN),
    Setting("cut_off = \"05:00\"", "cut_off = \"05:01\"", WHEN),
    Setting("calendar = \"bank\"", "calendar = \"office\"", WHEN),
    Setting("on_holiday = \"skip\"", "on_holiday = \"before\"", WHEN),
    Setting("after = [\"g\"]", "after = [\"h\"]", WHEN),
    Setting("missed = \"ask\"", "missed = \"run\"", WHEN),
    Setting("master_policy = \"P1\"", "master_policy = \"P2\"", HEADER),
    Setting(
        "group_number = \"G1\"",
        "group_number = \"G2\"",
        "said of everybody who is told of, and compared with nothing",
    ),
    Setting("coverage_ends = \"month-end\"", "coverage_ends = \"employment-end\"", DECIDES),
    Setting("covered_twice = \"ask\"", "covered_twice = \"allowed\"", DECIDES),
    Setting("later_starts = \"ask\"", "later_starts = \"as-told\"", DECIDES),
    table("[expect]"),
    Setting("on_late = \"wait\"", "on_late = \"run\"", WHEN),
    Setting("spare_minutes = 45", "spare_minutes = 46", WHEN),
    Setting("unchanged_nights = 10", "unchanged_nights = 11", "tells somebody, and keeps nothing"),
    table("[expect.census]"),
    Setting("by = \"20:30\"", "by = \"20:31\"", WHEN),
    Setting("rows = \"20%\"", "rows = \"21%\"", GUARD),
    table("[expect.elections]"),
    Setting("by = \"20:30\"", "by = \"20:31\"", WHEN),
    Setting("rows = \"20%\"", "rows = \"21%\"", GUARD),
    table("[guards]"),
    Setting("few_max = 3", "few_max = 4", GUARD),
    Setting("terminations_percent_max = 5", "terminations_percent_max = 6", GUARD),
    Setting("terminations_max = 100", "terminations_max = 101", GUARD),
    Setting("additions_percent_max = 20", "additions_percent_max = 21", GUARD),
    Setting("additions_max = 500", "additions_max = 501", GUARD),
    Setting("changes_percent_max = 20", "changes_percent_max = 21", GUARD),
    Setting("changes_max = 500", "changes_max = 501", GUARD),
    Setting("field_percent_max = 10", "field_percent_max = 11", GUARD),
    Setting("held_percent_max = 10", "held_percent_max = 11", GUARD),
];

/// The file, with another value for the setting on one of its lines.
fn text(settings: &[Setting], changed: Option<usize>) -> String {
    let line = |(n, setting): (usize, &Setting)| if Some(n) == changed { setting.1 } else { setting.0 };
    settings.iter().enumerate().map(line).flat_map(|line| [line, "\n"]).collect()
}

fn carrier(changed: Option<usize>) -> Carrier {
    let parsed = Carrier::parse(&CarrierName::new("c").unwrap(), "c.toml", &text(CARRIER, changed));
    parsed.value.filter(|_| parsed.faults.is_empty()).unwrap_or_else(|| panic!("{:?}", parsed.faults))
}

fn feed(changed: Option<usize>) -> Feed {
    let parsed = Feed::parse(&FeedName::new("f").unwrap(), "f.toml", &text(FEED, changed));
    parsed.value.filter(|_| parsed.faults.is_empty()).unwrap_or_else(|| panic!("{:?}", parsed.faults))
}

const PLANS: &[Setting] = &[
    Setting("plan_year = \"07-01\"", "plan_year = \"08-02\"", DECIDES),
    Setting(
        "windows = [{ from = \"2026-11-02\", until = \"2026-11-20\", grace_days = 14, effective = \"2027-01-01\" }]",
        "windows = [{ from = \"2026-11-03\", until = \"2026-11-21\", grace_days = 15, effective = \"2027-02-01\" }]",
        DECIDES,
    ),
    table("[classes.salaried]"),
    Setting("employment = [\"active\"]", "employment = [\"leave\"]", DECIDES),
    Setting("pay_class = [\"S\"]", "pay_class = [\"X\"]", DECIDES),
    table("[classes.hourly]"),
    table("employment = [\"part-time\"]"),
    table("pay_class = [\"H\"]"),
    // The same families make other levels: of a set, no level can change alone.
    table("[tiers.four]"),
    Setting(
        "ECH = { children = \"1+\" }\nEMP = {}\nESP = { spouse = true }\nFAM = { spouse = true, children = \"1+\" }",
        "E1D = { spouse = true }\nE2D = { spouse = true, children = \"1+\" }\nE3D = { children = \"1+\" }\nE5D = {}",
        DECIDES,
    ),
    table("[lines.medical]"),
    Setting("employment = \"month-end\"", "employment = \"employment-end\"", DECIDES),
    Setting("covers = [\"active\"]", "covers = [\"leave\"]", DECIDES),
    Setting("tiers = \"four\"", "", ""),
    Setting("classes = [\"salaried\"]", "", ""),
    Setting("survivors = \"ask\"", "survivors = \"end\"", DECIDES),
    Setting("leave = \"ends\"", "leave = \"covered\"", DECIDES),
    Setting("twice = \"ask\"", "twice = \"allowed\"", DECIDES),
    Setting("rehire = { reinstate_within_days = 30 }", "rehire = { reinstate_within_days = 31 }", DECIDES),
    Setting(
        "begins = { birth = \"event\", other = \"event\" }",
        "begins = { birth = \"day-after\", other = \"day-after\" }",
        DECIDES,
    ),
    Setting(
        "ends = { divorce = \"event\", other = \"event\" }",
        "ends = { divorce = \"year-end\", other = \"year-end\" }",
        DECIDES,
    ),
    table("[lines.medical.child]"),
    Setting("until = 23", "until = 24", DECIDES),
    Setting("student_until = 25", "student_until = 26", DECIDES),
    Setting("then = \"month-end\"", "then = \"birthday\"", DECIDES),
    Setting("certified = true", "certified = false", DECIDES),
    table("[lines.medical.wait]"),
    Setting("days = 30", "days = 31", DECIDES),
    Setting("then = \"day\"", "then = \"first-of-month\"", DECIDES),
    table("[lines.medical.cobra]"),
    Setting("months = 18", "months = 19", DECIDES),
    Setting("months_after_death = 36", "months_after_death = 35", DECIDES),
    Setting("feed = \"same\"", "feed = \"another\"", DECIDES),
    table("[plans.MED]"),
    Setting("until = \"2026-12-31\"", "until = \"2027-12-31\"", DECIDES),
    Setting("rolls_to = \"MED2\"", "rolls_to = \"MED3\"", DECIDES),
    table("[[accounts]]"),
    Setting("carrier = \"c\"", "", ""),
    Setting("classes = [\"salaried\"]", "classes = [\"hourly\"]", DECIDES),
    Setting("year = 2026", "year = 2027", DECIDES),
    Setting("group = \"G1\"", "group = \"G2\"", DECIDES),
    Setting("ref = { DX = \"010\" }", "ref = { ZZ = \"020\" }", DECIDES),
    Setting("codes = { MED = \"A5\" }", "codes = { MED2 = \"A6\" }", DECIDES),
];

fn plan_rules(changed: Option<usize>) -> PlanRules {
    let parsed = PlanRules::parse(&EmployerName::new("e").unwrap(), "e.toml", &text(PLANS, changed));
    parsed.value.filter(|_| parsed.faults.is_empty()).unwrap_or_else(|| panic!("{:?}", parsed.faults))
}

fn rules(carrier: &Carrier, feed: &Feed) -> String {
    RuleSet::new(carrier, feed, &Sponsor::default()).unwrap().text()
}

/// Holds what each setting says of itself. `told` is a setting's line to the rules and to the value as it is read.
fn hold(settings: &[Setting], told: &dyn Fn(Option<usize>) -> (String, String)) {
    let (rules, whole) = told(None);
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    for (n, Setting(line, other, why)) in settings.iter().enumerate().filter(|(_, setting)| !setting.1.is_empty()) {
        let (other_rules, changed) = told(Some(n));
        assert_eq!(rules != other_rules, why.is_empty(), "{line} → {other}");
        let lines = whole.lines().zip(changed.lines()).enumerate();
        let differ: Vec<usize> = lines.filter(|(_, (a, b))| a != b).map(|(at, _)| at).collect();
        assert!(!differ.is_empty() && whole.lines().count() == changed.lines().count(), "{line} changes nothing");
        seen.extend(differ);
    }
    let unseen: Vec<&str> = whole
        .lines()
        .enumerate()
        .filter(|(at, line)| !seen.contains(at) && is_value(line))
        .map(|(_, line)| line)
        .collect();
    assert!(unseen.is_empty(), "settings that are not in the list: {unseen:#?}");
}

/// Whether a line of a value written out holds a value, not only the shape around it.
fn is_value(line: &str) -> bool {
    let ends_with = |ends: &[char]| line.trim_end_matches(',').ends_with(ends);
    // The names of the two files are no settings.
    !ends_with(&['{', '(', '[', '}', ')', ']']) && !["\"c\",", "\"f\","].contains(&line.trim())
}

#[test]
fn every_setting_of_a_carrier_that_decides_makes_another_rule_set() {
    let feed = feed(None);
    hold(CARRIER, &|changed| {
        let carrier = carrier(changed);
        (rules(&carrier, &feed), format!("{carrier:#?}"))
    });
}

#[test]
fn every_setting_of_a_feed_that_decides_makes_another_rule_set() {
    let carrier = carrier(None);
    hold(FEED, &|changed| {
        let feed = feed(changed);
        (rules(&carrier, &feed), format!("{feed:#?}"))
    });
}

#[test]
fn every_setting_of_plan_rules_makes_another_rule_set_and_an_employer_without_any_has_the_old_one() {
    let (carrier, feed) = (carrier(None), feed(None));
    hold(PLANS, &|changed| {
        let sponsor = Sponsor { rules: plan_rules(changed), ..Sponsor::default() };
        (RuleSet::new(&carrier, &feed, &sponsor).unwrap().text(), format!("{:#?}", sponsor.rules))
    });
    assert!(!rules(&carrier, &feed).contains("plan_rules"));
}

#[test]
fn a_rule_set_has_one_serialised_form_in_words_and_numbers() {
    let text = rules(&carrier(None), &feed(None));
    assert_eq!(text, rules(&carrier(None), &feed(None)));
    let rules: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(rules["plans"]["MED"], serde_json::json!({ "line": "PPO", "code": "A1" }));
    assert_eq!((&rules["coverage_ends"], &rules["file"]["retro_days_back"]), (&"month-end".into(), &60.into()));
    assert_eq!(rules["overlay"]["date"], "2025-01-01");
    assert!(rules["disclose"].as_array().unwrap().contains(&"email".into()));
    assert!(!text.contains("Privacy office"), "who approved a policy may be a person");
    assert!(!text.contains("dialect"), "a carrier that wants everything as most do has the rules it has always had");
}

#[test]
fn windows_by_their_names_of_0_1_0_make_the_same_rule_set_as_by_those_of_today() {
    let named = |named: &[Setting]| {
        let windows = ["begin_back", "change_back", "end_back", "reopen_back", "ahead"];
        let is_window = |line: &str| windows.iter().any(|name| line.starts_with(&format!("{name} =")));
        let whole = text(CARRIER, None);
        let others: String = whole.lines().filter(|line| !is_window(line)).flat_map(|line| [line, "\n"]).collect();
        let other = others.replace("[file]\n", &format!("[file]\n{}", text(named, None)));
        Carrier::parse(&CarrierName::new("c").unwrap(), "c.toml", &other)
    };
    let old = [
        Setting("retro_days_back = 45", "", ""),
        Setting("retro_days_forward = 80", "", ""),
        Setting("retro_termination_days_max = 20", "", ""),
    ];
    let new =
        [Setting("begin_back = 45", "", ""), Setting("ahead = 80", "", ""), Setting("end_back = \"20 days\"", "", "")];
    let text = |settings: &[Setting]| rules(&named(settings).value.unwrap(), &feed(None));
    assert_eq!(text(&old), text(&new));
    let file: serde_json::Value = serde_json::from_str(&text(&old)).unwrap();
    assert_eq!(file["file"]["retro_termination_days_max"], 20);
    assert!(file["file"].get("reopen_back").is_none(), "what is as usual is not said");
    let both: Vec<Setting> = old.into_iter().chain(new).collect();
    let faults: Vec<&str> = named(&both).faults.iter().map(|fault| fault.code).collect();
    assert_eq!(faults, ["CFG019", "CFG019", "CFG019"]);
}

#[test]
fn a_reference_is_asked_for_of_what_the_policy_permits_and_of_nothing_else() {
    let refs = |source: &str| {
        let other = |setting: &Setting| match setting.0 {
            "source = \"department\"" => format!("source = \"{source}\"\n"),
            "disclose = [\"default\", \"email\", \"department\"]" => "disclose = [\"name\"]\n".to_string(),
            line => format!("{line}\n"),
        };
        let text: String = CARRIER.iter().map(other).collect();
        let faults = Carrier::parse(&CarrierName::new("c").unwrap(), "c.toml", &text).faults;
        let refused = faults.iter().filter(|fault| fault.to_string().contains("what a reference tells"));
        refused.map(|fault| fault.to_string()).collect::<Vec<_>>()
    };
    for (source, element) in
        [("subscriber-ssn", "ssn"), ("department", "department"), ("location", "location"), ("pay-class", "pay-class")]
    {
        let refused = refs(source);
        assert!(refused.len() == 1 && refused[0].contains(&format!(" {element}")), "{source}: {refused:?}");
    }
    for permitted in ["subscriber-id", "group"] {
        assert_eq!(refs(permitted), Vec::<String>::new());
    }
}

#[test]
fn a_carrier_without_a_policy_has_no_rules() {
    let carrier = Carrier { policy: None, ..carrier(None) };
    assert_eq!(RuleSet::new(&carrier, &feed(None), &Sponsor::default()).unwrap_err().code, "POL001");
}
