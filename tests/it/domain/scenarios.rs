//! Lives of families, each a folder of its own: what an employer's files say night by night, and what a carrier is told
//! of it in a change file, in a full one, and in one that says changes by codes of their own.
//!
//! Everything between the files' bytes and the finished 834 is the production's own: readers, decision, policy,
//! writer, gate and guide. A folder without a `then.txt` gets one and fails, so that somebody reads it; an existing one
//! is never written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use bex::carrier::CompiledCarrier;
use bex::census::{self, CensusFamily, ElectionRow};
use bex::gate::{Expected, judge};
use bex::mapping::{Carrier, CensusMapping, ElectionsMapping, Feed, PlanRules, Sponsor};
use bex::model::election::Line;
use bex::model::enrollment::{Enrolled, FamilyChange, Maintenance};
use bex::model::ids::{CarrierName, EmployerName, FeedName, SourceName};
use bex::policy::Disclosed;
use bex::reconcile::{Beside, Decision, Elsewhere, Given, Reply, Rules, Ruling, balanced, decide, repliable};
use bex::t834::{self, CONVENTION, Header, Party, Totals};
use bex::x12::Writer;
use chrono::NaiveDate;

use super::member_words::member_words;
use crate::harness::source_tree;

const CENSUS: &str = include_str!("../../../fixtures/scenarios/families/census.toml");
const ELECTIONS: &str = include_str!("../../../fixtures/scenarios/families/elections.toml");
const CARRIER: &str = include_str!("../../../fixtures/scenarios/families/carrier.toml");
const FEED: &str = include_str!("../../../fixtures/scenarios/families/feed.toml");

/// The kinds of files in which each life is told.
const KINDS: [&str; 3] = ["change", "full", "full-explicit"];

/// A folder, read.
#[derive(Default)]
struct Scenario {
    /// Lines that are put below `[file]` of the carrier's mapping.
    file: String,
    /// Lines of the employer's plan rules.
    plans: String,
    /// Lines of the feed.
    feed: String,
    /// Whether the carrier that sells OTHER has a feed, too, and lines that are put below `[file]` of its mapping.
    other: Option<String>,
    nights: BTreeMap<NaiveDate, Files>,
}

/// What comes on a night; what does not come is as it was.
#[derive(Default)]
struct Files {
    census: Option<String>,
    elections: Option<String>,
    answers: Vec<(String, Reply)>,
}

/// Reads `given.txt`: a paragraph that says what happens, settings, and files by their nights.
fn scenario(text: &str) -> Scenario {
    let mut scenario = Scenario::default();
    let mut open: Option<(NaiveDate, &str)> = None;
    for line in text.lines() {
        let setting = [("carrier: ", 0), ("plans: ", 1), ("feed: ", 2)];
        if let Some((rest, which)) = setting.iter().find_map(|(mark, n)| Some((line.strip_prefix(mark)?, n))) {
            let into = [&mut scenario.file, &mut scenario.plans, &mut scenario.feed].into_iter().nth(*which).unwrap();
            into.extend([rest, "\n"]);
        } else if let Some(rest) = line.strip_prefix("other:") {
            scenario.other.get_or_insert_default().extend([rest, "\n"]);
        } else if let Some(date) = line.get(..10).and_then(|date| date.parse::<NaiveDate>().ok()) {
            open = began(&mut scenario, date, &line[11..]).map(|what| (date, what));
        } else if let Some((date, what)) = open.filter(|_| !line.is_empty()) {
            scenario.nights.get_mut(&date).unwrap().add(what, line);
        }
    }
    scenario
}

/// Opens what a dated line begins: a file, or an answer that stands on the line itself.
fn began<'l>(scenario: &mut Scenario, date: NaiveDate, what: &'l str) -> Option<&'l str> {
    let files = scenario.nights.entry(date).or_default();
    let words: Vec<&str> = what.split(' ').collect();
    match words[..] {
        ["answer", family, code, plan, choice] => {
            let plan = if plan == "-" { "" } else { plan };
            let choice = Ruling::parse(choice).unwrap();
            assert!(repliable(code).is_some_and(|one| one.takes(choice)), "{code} does not take {what}");
            files.answers.push((family.into(), Reply { code: code.into(), plan: plan.into(), choice }));
        }
        ["census"] => files.census = Some(String::new()),
        ["elections"] => files.elections = Some(String::new()),
        ["nothing"] => {}
        _ => panic!("{what}: a night has a census, elections, an answer or nothing"),
    }
    Some(what)
}

impl Files {
    fn add(&mut self, what: &str, line: &str) {
        let file = if what == "census" { &mut self.census } else { &mut self.elections };
        file.as_mut().unwrap().extend([line, "\n"]);
    }
}

fn census_mapping() -> CensusMapping {
    let parsed = CensusMapping::parse(&SourceName::new("e").unwrap(), "census.toml", CENSUS);
    parsed.value.filter(|_| parsed.faults.is_empty()).unwrap_or_else(|| panic!("{:?}", parsed.faults))
}

fn elections_mapping() -> ElectionsMapping {
    let parsed = ElectionsMapping::parse(&SourceName::new("e").unwrap(), "elections.toml", ELECTIONS);
    parsed.value.filter(|_| parsed.faults.is_empty()).unwrap_or_else(|| panic!("{:?}", parsed.faults))
}

/// The carrier of a scenario, taking files of this kind.
fn compiled(scenario: &Scenario, kind: &str) -> CompiledCarrier {
    let text = CARRIER.replace("[file]\n", &format!("[file]\nstyle = \"{kind}\"\n{}", scenario.file));
    compiled_of(scenario, &text, &[("OTHER", Line::Epo)])
}

/// The other carrier, where it has a feed of its own.
fn compiled_other(scenario: &Scenario, kind: &str) -> Option<CompiledCarrier> {
    let file = format!("[file]\nstyle = \"{kind}\"\n{}", scenario.other.as_ref()?);
    let (head, rest) = CARRIER.split_once("[plans.PPO]").unwrap();
    let rest = &rest[rest.find("[file]").unwrap()..];
    let text = format!("{head}[plans.OTHER]\nline = \"EPO\"\ncode = \"OTHER\"\n\n{rest}").replace("[file]\n", &file);
    let ours = [("PPO", Line::Ppo), ("HMO", Line::Hmo), ("DENTAL", Line::Dental), ("VISION", Line::Vision)];
    Some(compiled_of(scenario, &text, &ours))
}

fn compiled_of(scenario: &Scenario, carrier: &str, elsewhere: &[(&str, Line)]) -> CompiledCarrier {
    let carrier = Carrier::parse(&CarrierName::new("c").unwrap(), "carrier.toml", carrier);
    let carrier = carrier.value.filter(|_| carrier.faults.is_empty()).unwrap_or_else(|| panic!("{:?}", carrier.faults));
    let feed = Feed::parse(&FeedName::new("f").unwrap(), "feed.toml", &format!("{}{FEED}", scenario.feed));
    let feed = feed.value.filter(|_| feed.faults.is_empty()).unwrap_or_else(|| panic!("{:?}", feed.faults));
    let rules = PlanRules::parse(&EmployerName::new("e").unwrap(), "plans.toml", &scenario.plans);
    let rules = rules.value.filter(|_| rules.faults.is_empty()).unwrap_or_else(|| panic!("{:?}", rules.faults));
    let elsewhere = elsewhere.iter().map(|(plan, line)| (plan.to_string(), *line)).collect();
    let sponsor = Sponsor { elsewhere, rules };
    CompiledCarrier::new(&carrier, &feed, &sponsor).unwrap()
}

/// What the newest files say, by family.
#[derive(Default)]
struct Stated {
    census: BTreeMap<String, CensusFamily>,
    elections: BTreeMap<String, ElectionRow>,
}

impl Stated {
    fn take(&mut self, files: &Files, as_of: NaiveDate) {
        if let Some(text) = &files.census {
            self.census.clear();
            let mut sink = |row: CensusFamily| {
                self.census.insert(row.family_key.reveal().clone(), row);
                Ok(())
            };
            let read =
                census::read_families(&mut || Ok(Box::new(text.as_bytes())), &census_mapping(), as_of, &mut sink);
            read.unwrap_or_else(|faults| panic!("{faults:?}"));
        }
        if let Some(text) = &files.elections {
            self.elections.clear();
            let mut sink = |row: ElectionRow| {
                self.elections.insert(row.family_key.reveal().clone(), row);
                Ok(())
            };
            let read = census::read_elections(&mut || Ok(Box::new(text.as_bytes())), &elections_mapping(), &mut sink);
            read.unwrap_or_else(|faults| panic!("{faults:?}"));
        }
        for (key, row) in &mut self.elections {
            let family = self.census.get(key).and_then(|row| row.family.as_ref());
            let elections = row.elections.iter_mut();
            family.into_iter().zip([elections]).for_each(|(family, elections)| {
                elections.for_each(|election| census::name_covered(election, family));
            });
        }
    }

    fn given<'g>(&'g self, key: &str, told: Option<&'g Enrolled>) -> Given<'g> {
        let (census, elections) = (self.census.get(key), self.elections.get(key));
        Given {
            census: census.and_then(|row| row.family.as_ref()),
            elections: elections.map(|row| &row.elections[..]),
            told,
            census_incomplete: census.is_some_and(|row| row.incomplete),
            elections_incomplete: elections.is_some_and(|row| row.incomplete),
            ..Given::default()
        }
    }

    /// Families that have somebody in common with one.
    fn beside<'g>(&'g self, key: &str, rules: &Rules, told: &'g BTreeMap<String, Enrolled>) -> Vec<Beside<'g>> {
        let numbers = |row: &CensusFamily| -> BTreeSet<String> {
            let people = row.family.iter().flat_map(|family| family.dependents.iter().chain([&family.subscriber]));
            people.flat_map(bex::model::person::Person::marks).collect()
        };
        let Some(own) = self.census.get(key).map(numbers) else { return Vec::new() };
        let shares = |(other, row): &(&String, &CensusFamily)| *other != key && !own.is_disjoint(&numbers(row));
        let others = self.census.iter().filter(shares);
        let one = |(other, row): (&'g String, &'g CensusFamily)| {
            let known = decide(rules, self.given(other, told.get(other))).known.or_else(|| told.get(other).cloned());
            let elections = self.elections.get(other).map_or(&[][..], |row| &row.elections);
            Some(Beside { family: row.family.as_ref()?, name: other.clone(), elections, told: told.get(other), known })
        };
        others.filter_map(one).collect()
    }
}

/// A scenario as it is lived through with files of one kind.
struct Lived<'s> {
    compiled: &'s CompiledCarrier,
    /// BGN08.
    action: &'static str,
    stated: Stated,
    told: BTreeMap<String, Enrolled>,
    late: BTreeSet<String>,
    /// The same life as the other carrier is told of it.
    other: Option<Box<Lived<'s>>>,
}

/// What a night comes to.
struct Night {
    /// The file's members, a line each, with what is asked and what waits.
    lines: Vec<String>,
}

impl<'s> Lived<'s> {
    fn new(compiled: &'s CompiledCarrier, kind: &str) -> Lived<'s> {
        let action = match kind {
            "change" => "2",
            "replace" => "RX",
            _ => "4",
        };
        Lived { compiled, action, stated: Stated::default(), told: BTreeMap::new(), late: BTreeSet::new(), other: None }
    }

    /// The same, with the other carrier told of it on the same nights.
    fn with(mut self, other: Option<&'s CompiledCarrier>, kind: &str) -> Lived<'s> {
        self.other = other.map(|other| Box::new(Lived::new(other, kind)));
        self
    }

    /// A night of both carriers' feeds, one after the other.
    fn night(&mut self, as_of: NaiveDate, files: &Files) -> Night {
        let Some(mut other) = self.other.take() else { return self.night_of_one(as_of, files, None) };
        other.stated.take(files, as_of);
        let mut night = self.night_of_one(as_of, files, Some(&other));
        let there = other.night_of_one(as_of, files, Some(self));
        night.lines.extend(there.lines.into_iter().map(|line| format!("other: {line}")));
        self.other = Some(other);
        night
    }

    fn night_of_one(&mut self, as_of: NaiveDate, files: &Files, other: Option<&Lived>) -> Night {
        self.stated.take(files, as_of);
        let first_load = self.told.is_empty();
        let rules = self.compiled.rules_on(as_of, first_load);
        let keys = self.stated.census.keys().chain(self.stated.elections.keys()).chain(self.told.keys());
        let keys: BTreeSet<String> = keys.cloned().collect();
        let decisions: Vec<(String, Decision)> =
            keys.into_iter().map(|key| (key.clone(), self.decision(&key, &rules, files, other))).collect();
        let mut written = Vec::new();
        let mut lines = Vec::new();
        for (key, decision) in decisions {
            if first_load && !decision.holds.is_empty() {
                self.late.insert(key.clone());
            }
            lines.extend(decision.holds.iter().map(|hold| format!("asks {key} {}", asked(hold))));
            lines.extend(decision.review_on.map(|day| format!("waits {key} until {day}")));
            if let (Some(known), Some(_)) = (&decision.known, &decision.change) {
                self.told.insert(key.clone(), known.clone());
            }
            let family = self.compiled.written(as_of, self.told.get(&key), decision.change.as_ref());
            written.extend(family.map(|family| (key, family.into_owned())));
        }
        written.retain(|(_, family)| !family.members.is_empty());
        let said = if written.is_empty() { Vec::new() } else { self.finished(as_of, &written) };
        Night { lines: said.into_iter().chain(lines).collect() }
    }

    fn decision(&self, key: &str, rules: &Rules, files: &Files, other: Option<&Lived>) -> Decision {
        let beside = self.stated.beside(key, rules, &self.told);
        let of_family = files.answers.iter().filter(|(family, _)| family == key);
        let replies: Vec<Reply> = of_family.map(|(_, reply)| reply.clone()).collect();
        let given = self.stated.given(key, self.told.get(key));
        let given = Given { replies: &replies, beside: &beside, at_first_load: self.late.contains(key), ..given };
        let elsewhere: Vec<Elsewhere> =
            other.map(|other| other.as_elsewhere(key, rules.as_of, files)).into_iter().collect();
        let given = Given { elsewhere: &elsewhere, ..given };
        balanced(rules, &given, decide(rules, given))
    }

    /// A family as this feed decides it by itself.
    fn as_elsewhere(&self, key: &str, as_of: NaiveDate, files: &Files) -> Elsewhere {
        let rules = self.compiled.rules_on(as_of, self.told.is_empty());
        let decision = self.decision(key, &rules, files, None);
        Elsewhere {
            feed: "other-feed".to_string(),
            plans: rules.plans.keys().cloned().collect(),
            known: decision.known.or_else(|| self.told.get(key).cloned()),
            in_question: decision.in_question,
            waits: false,
        }
    }

    /// Writes the file, has gate and guide judge it, and says what it says, a line for each member.
    fn finished(&self, as_of: NaiveDate, written: &[(String, FamilyChange)]) -> Vec<String> {
        let mut families: Vec<&(String, FamilyChange)> = written.iter().collect();
        let ends = |family: &FamilyChange| family.members.iter().any(|one| one.maintenance == Maintenance::Terminate);
        families.sort_by_key(|(_, family)| !self.compiled.is_full() && !ends(family));
        let policy = &self.compiled.policy;
        let disclosed: Vec<Disclosed> = families
            .iter()
            .map(|(_, family)| policy.disclose(family, as_of).unwrap_or_else(|fault| panic!("{fault}")))
            .collect();
        let dialect = self.compiled.rules_on(as_of, false).dialect;
        let totals = disclosed.iter().map(|one| Totals::of(one, dialect)).fold(Totals::default(), |all, one| Totals {
            subscribers: all.subscribers + one.subscribers,
            dependents: all.dependents + one.dependents,
        });
        let header = Header { dialect, ..header(as_of, self.action) };
        let mut expected = Expected::new(policy, &header, totals);
        let mut writer = Writer::with_style(Vec::new(), self.compiled.style).unwrap();
        t834::begin(&mut writer, &header, totals).unwrap();
        for ((key, family), disclosed) in families.iter().zip(&disclosed) {
            expected.family(&self.told[key], &family.subscriber_id);
            t834::write(&mut writer, &header, disclosed).unwrap();
        }
        t834::end(&mut writer).unwrap();
        let bytes = writer.finish().unwrap();
        judge(&bytes[..], &expected, &self.compiled.guide).unwrap_or_else(|faults| panic!("{faults:?}"));
        member_words(&String::from_utf8(bytes).unwrap())
    }
}

fn asked(hold: &bex::fault::Fault) -> String {
    let text = hold.to_string();
    let plans = ["PPO", "HMO", "DENTAL", "VISION", "OTHER"];
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
    let plan = plans.into_iter().find(|plan| words.contains(plan)).unwrap_or("-");
    let beside = hold.facts.iter().find_map(|fact| match fact {
        bex::fault::Fact::Name("other family", name) => Some(format!(" beside {name}")),
        _ => None,
    });
    format!("{} {plan}{}", hold.code, beside.unwrap_or_default())
}

fn header(effective: NaiveDate, action: &'static str) -> Header {
    let party = |name: &str, id: &str| Party { name: name.into(), qualifier: "FI".into(), id: id.into() };
    Header {
        sender: Party { qualifier: "30".into(), ..party("EXAMPLE SENDER", "900000031") },
        receiver: Party { qualifier: "ZZ".into(), ..party("EXAMPLE CARRIER", "EXAMPLECARRIER") },
        receiver_group: "EXAMPLECARRIER".into(),
        sponsor: party("EXAMPLE EMPLOYER", "900000032"),
        payer: party("EXAMPLE CARRIER", "900000033"),
        number: 1,
        frozen_at: effective.and_hms_opt(22, 0, 0).unwrap(),
        test: true,
        acknowledgment_requested: false,
        reference: "000000001".into(),
        action,
        effective,
        convention: CONVENTION.into(),
        master_policy: Some("EC-1".into()),
        group_number: None,
        member_dates: true,
        dialect: bex::mapping::FileDialect::default(),
    }
}

/// The whole life, as `then.txt` has it: of a full file what differs from the night before, and of one that says
/// changes what differs from a full one.
fn then(scenario: &Scenario) -> String {
    let compiled = KINDS.map(|kind| compiled(scenario, kind));
    let others = KINDS.map(|kind| compiled_other(scenario, kind));
    let both = compiled.iter().zip(&others).zip(KINDS);
    let mut lives: Vec<Lived> =
        both.map(|((here, other), kind)| Lived::new(here, kind).with(other.as_ref(), kind)).collect();
    let (mut text, mut stood) = (String::new(), Vec::new());
    for (as_of, files) in &scenario.nights {
        let nights: Vec<Night> = lives.iter_mut().map(|life| life.night(*as_of, files)).collect();
        let [change, full, explicit] = &nights[..] else { panic!("three kinds") };
        text += &format!("{as_of} change\n{}", said(&change.lines));
        let none = vec!["as before".to_string()];
        text += &format!("{as_of} full\n{}", said(if full.lines == stood { &none } else { &full.lines }));
        let none = vec!["as full".to_string()];
        let same = explicit.lines == full.lines;
        text += &format!("{as_of} full-explicit\n{}\n", said(if same { &none } else { &explicit.lines }));
        stood = nights.into_iter().nth(1).unwrap().lines;
    }
    text
}

fn said(lines: &[String]) -> String {
    if lines.is_empty() { "  nothing\n".into() } else { lines.iter().map(|line| format!("  {line}\n")).collect() }
}

fn folder() -> PathBuf {
    source_tree::root().join("fixtures/scenarios/families")
}

/// Names of all scenarios, in order.
fn names() -> Vec<String> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap());
    let mut names: Vec<String> = entries
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// What is wrong with a scenario's folder, if anything.
fn wrong(name: &str, folder: &Path) -> Option<String> {
    let given = fs::read_to_string(folder.join("given.txt")).unwrap();
    let said = then(&scenario(&given));
    match fs::read_to_string(folder.join("then.txt")) {
        Ok(expected) if expected == said => None,
        Ok(expected) => Some(format!("{name}: expected\n{expected}\nand was\n{said}")),
        Err(_) => {
            fs::write(folder.join("then.txt"), &said).unwrap();
            Some(format!("{name} had no then.txt, and has one now: read it\n{given}\n{said}"))
        }
    }
}

#[test]
fn every_life_is_told_in_every_kind_of_file_as_its_folder_says() {
    let wrong: Vec<String> = names().iter().filter_map(|name| wrong(name, &folder().join(name))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_file_that_replaces_states_in_every_life_whom_a_full_one_states() {
    for name in names() {
        let given = scenario(&fs::read_to_string(folder().join(&name).join("given.txt")).unwrap());
        let [full, replace] = ["full", "replace"].map(|kind| compiled(&given, kind));
        let (mut full, mut replace) = (Lived::new(&full, "full"), Lived::new(&replace, "replace"));
        for (as_of, files) in &given.nights {
            assert_eq!(full.night(*as_of, files).lines, replace.night(*as_of, files).lines, "{name}, {as_of}");
        }
    }
}

/// The page that says which folder shows what.
const PAGE: &str = "docs/design/families.md";

#[test]
fn every_case_of_the_page_of_families_has_its_folders_and_every_folder_a_case() {
    let page = fs::read_to_string(source_tree::root().join(PAGE)).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| Case"));
    let mut named = BTreeSet::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let folders: Vec<&str> = cells[2].split('`').skip(1).step_by(2).collect();
        let elsewhere = cells[2].contains(".rs");
        assert!(!folders.is_empty() || elsewhere, "no folder shows: {row}");
        named.extend(folders.into_iter().filter(|name| !name.contains(".rs")).map(str::to_string));
    }
    assert_eq!(named.into_iter().collect::<Vec<_>>(), names(), "{PAGE} and fixtures/scenarios/families differ");
}
