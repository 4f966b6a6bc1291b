//! `mappings/carriers/<carrier>.toml`: in what one carrier differs from the 834's defaults.

use std::collections::BTreeMap;

use super::carrier_report::DeclaredReport;
use super::delivery::{self, Delivery, Seal};
use super::dialect::{AllEnded, FileDialect, PlanChange};
use super::document::{self, Parsed, Shape, Table, Text};
use super::policy::DeclaredPolicy;
use super::references::{self, DeclaredReference};
use super::rules;
use super::shapes::{DATE, INTERCHANGE_ID, LINE, NOTE, PARTY_ID, PARTY_QUALIFIER, PLAN_CODE, QUALIFIER, TITLE};
use super::windows::{self, FileWindows};
use crate::model::election::Line;
use crate::model::field::Field;
use crate::model::ids::CarrierName;
use crate::model::reference::ReferredTo;
use chrono::NaiveDate;
use serde::{Serialize, Serializer};

/// A trading partner as `mappings/carriers/` describes it: identifiers, file, policy, plans, delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carrier {
    /// The name of the file.
    pub name: CarrierName,
    /// The name people use.
    pub title: String,
    /// Its postal address, for accounts of disclosures; never sent.
    pub address: Option<String>,
    /// Who pays the claims (N1*IN).
    pub payer: Party,
    /// Who receives the interchange (ISA07, ISA08, GS03).
    pub receiver: Receiver,
    /// The plans it sells, by our plan code.
    pub plans: BTreeMap<String, Plan>,
    /// What its files look like.
    pub file: FileRules,
    /// What it may be told. Without a policy it is told nothing: a feed to it is refused.
    pub policy: Option<DeclaredPolicy>,
    /// Where files go and acknowledgements come from.
    pub delivery: Delivery,
    /// To whom files are encrypted.
    pub seal: Seal,
    /// What comes back, and when.
    pub acknowledgements: Acknowledgements,
    /// Its declared deviation from the guide.
    pub overlay: Option<DeclaredOverlay>,
}

/// A party of the header (N1 loop) or of the envelope, by its name and identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// N102, 1 to 60 characters.
    pub name: String,
    /// N103, or ISA05 and ISA07 for a party of the envelope. A payer's default is `FI`.
    pub qualifier: String,
    /// N104; at most 15 characters for a party of the envelope.
    pub id: String,
}

/// Who an interchange is for, in ISA07 and ISA08, and the application behind it, in GS03.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// ISA07. Default `ZZ`.
    pub qualifier: String,
    /// ISA08, unpadded.
    pub id: String,
    /// GS03. Default: the same as `id`.
    pub group_id: String,
}

/// A plan as the carrier knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// HD03.
    pub line: Line,
    /// HD04: the carrier's plan code.
    pub code: String,
}

/// Whether a file tells of everybody or of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileStyle {
    /// Everyone who is covered (BGN08 4, INS03 030).
    Full,
    /// The same, and what changed since the last by codes of its own, as a change file says it.
    FullExplicit,
    /// Everyone who is covered, in place of all that the carrier has (BGN08 RX).
    Replace,
    /// Only what changed since the last (BGN08 2).
    Change,
    /// Everyone who is covered as was told before; nothing new is told (BGN08 4).
    Audit,
    /// Everyone who is covered in the year to come, and nothing of the days before it (BGN08 4).
    OpenEnrollment,
}

/// What a carrier makes of somebody who does not stand in a full file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Omission {
    /// Nothing: an end has to be said.
    Nothing,
    /// It reports whom it misses, and ends nobody.
    Reported,
    /// It ends their cover with the day of the file.
    EndsOnFileDate,
}

/// How a full file says that something has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndedAs {
    /// Stated for comparison like everything else (030), with its last day.
    #[default]
    Statement,
    /// As an end (024).
    Termination,
}

/// How a corrected name, number, birth date or sex is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Corrections {
    /// As one: NM1*74 with what is right, and NM1*70 with what was told before.
    Marked,
    /// What is right alone.
    Plain,
}

/// Days on which a carrier takes nothing of what holds until their end by file: it has the next year's elections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Freeze {
    /// The first business date of it.
    #[serde(serialize_with = "iso")]
    pub from: NaiveDate,
    /// The last one, and the last day of cover it is about.
    #[serde(serialize_with = "iso")]
    pub until: NaiveDate,
}

/// A kind of change that a carrier takes by hand alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HandMade {
    /// Cover goes on after an end that was told, or beyond it.
    Reinstatement,
    /// Cover that was told never begins.
    TakingBack,
    /// Cover begins on an earlier day than was told.
    EarlierStart,
    /// A last day that was told moves to a later one.
    LaterEnd,
    /// A plan begins again in the middle of what was told, or ends there for some days.
    Interruption,
}

/// What REF*0F holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubscriberId {
    /// The employer's number for the employee.
    EmployeeId,
    /// The subscriber's Social Security number. Needs `ssn` in the policy.
    Ssn,
}

/// The delimiters of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DeclaredSeparators {
    /// Default `*`.
    pub element: u8,
    /// Default `:`.
    pub component: u8,
    /// ISA11. Default `^`.
    pub repetition: u8,
    /// Default `~`.
    pub segment: u8,
}

impl Default for DeclaredSeparators {
    fn default() -> DeclaredSeparators {
        DeclaredSeparators { element: b'*', component: b':', repetition: b'^', segment: b'~' }
    }
}

/// What a carrier's files look like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileRules {
    /// Full or change files.
    pub style: FileStyle,
    /// Whether a line feed follows every segment. Default false.
    pub newline: bool,
    /// The delimiters.
    pub separators: DeclaredSeparators,
    /// What REF*0F holds. Default the employee number.
    pub subscriber_id: SubscriberId,
    /// How a change of level within a plan is told. Default `term-add`.
    pub plan_change: PlanChange,
    /// How everything else is told that can be told in more than one way.
    #[serde(skip_serializing_if = "FileDialect::is_usual")]
    pub dialect: FileDialect,
    /// Full files: how many days after its end a coverage is still told. Default 60, 0 to 1,200.
    pub terminated_lookback_days: u32,
    /// Full files: how what has ended is told. Default `statement`.
    pub ended_as: EndedAs,
    /// How corrected identifying data are told. Default `marked`, and `plain` in full files.
    pub corrections: Corrections,
    /// Full files: what the carrier makes of whoever is not in them. Default not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub omission: Option<Omission>,
    /// The first day of the year that files of an open enrollment are for.
    #[serde(serialize_with = "maybe_iso", skip_serializing_if = "Option::is_none")]
    pub year: Option<NaiveDate>,
    /// Whether a member's loop states the day it is about (DTP*303, 356 or 357). Default true: the guide requires one
    /// beside an addition.
    pub member_dates: bool,
    /// How far back and ahead what is told may lie.
    #[serde(flatten)]
    pub windows: FileWindows,
    /// When changes of the days until then are made by hand. Default never.
    pub frozen: Vec<Freeze>,
    /// Which changes are made by hand at any time. Default none.
    pub by_hand: Vec<HandMade>,
    /// How many days after a change holds the carrier still takes it by hand. Default not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_hand_within_days: Option<u32>,
    /// What it asks to know members and coverages by, beside the subscriber's number and the group. Default nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refs: Vec<DeclaredReference>,
    /// Whether ISA14 asks for a TA1. Default true when one is expected.
    pub request_ta1: bool,
    /// When the carrier has confirmed that its system takes files as these rules say. No rule itself.
    #[serde(skip)]
    pub confirmed: Option<NaiveDate>,
}

/// What the carrier answers, and by when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgements {
    /// A TA1 comes. Default false.
    pub ta1: bool,
    /// A 999 comes. Default true.
    pub g999: bool,
    /// Hours after delivery by which they are due. Default 24, 1 to 720.
    pub due_hours: u32,
    /// For carriers that never answer: hours after which acceptance is assumed, and marked as assumed. Default 0: with
    /// the delivery.
    pub assume_after_hours: Option<u32>,
    /// The carrier's own reports of what it objects to. Default none.
    pub reports: Vec<DeclaredReport>,
}

/// A declared, dated deviation from the guide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeclaredOverlay {
    /// Its name, as it appears in reports.
    pub name: String,
    /// The date of the companion guide it follows.
    #[serde(serialize_with = "iso")]
    pub date: NaiveDate,
    /// Another GS08 and ST03 than 005010X220A1.
    pub gs08: Option<String>,
    /// Insurance line codes (HD03) accepted besides the guide's.
    pub hd03_codes: Vec<String>,
    /// Date qualifiers (DTP01) accepted besides the guide's.
    pub dtp_codes: Vec<String>,
    /// Reference qualifiers (REF01) accepted besides the guide's.
    pub ref_codes: Vec<String>,
    /// Rule code to severity (`notice`, `warning`, `error`).
    pub severity: BTreeMap<String, String>,
}

/// A date as rule sets have it.
pub(super) fn iso<S: Serializer>(date: &NaiveDate, out: S) -> Result<S::Ok, S::Error> {
    out.collect_str(date)
}

fn maybe_iso<S: Serializer>(date: &Option<NaiveDate>, out: S) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => iso(date, out),
        None => out.serialize_none(),
    }
}

impl FileStyle {
    /// BGN08: what is to be done with the file.
    pub fn action(self) -> &'static str {
        match self {
            FileStyle::Full | FileStyle::FullExplicit | FileStyle::Audit | FileStyle::OpenEnrollment => "4",
            FileStyle::Replace => "RX",
            FileStyle::Change => "2",
        }
    }
}

impl FileRules {
    /// The first day that its files are about, where they are about none before.
    pub fn first_day(&self) -> Option<NaiveDate> {
        self.year.filter(|_| self.style == FileStyle::OpenEnrollment)
    }
}

impl Carrier {
    /// Whether the carrier answers files at all. Of one that does not, silence says nothing.
    pub fn answers(&self) -> bool {
        self.acknowledgements.ta1 || self.acknowledgements.g999
    }

    /// Reads `mappings/carriers/<carrier>.toml`; `path` is the file's path below the site.
    pub fn parse(name: &CarrierName, path: &str, text: &str) -> Parsed<Carrier> {
        document::read(path, text, |table| read(name, table))
    }
}

fn read(name: &CarrierName, table: &Table<'_>) -> Option<Carrier> {
    let title = table.need("name", &TITLE);
    let address = table.maybe("address", &NOTE);
    let payer = table.need_section("payer", read_payer);
    let receiver = table.need_section("receiver", read_receiver);
    let plans = table.need_section("plans", |plans| Some(plans.each(read_plan).into_iter().collect()));
    let acknowledgements = table.section("acknowledgements", read_acks).unwrap_or_default();
    let overlay = table.section("overlay", read_overlay);
    let ref_codes = overlay.as_ref().map_or(&[][..], |overlay| &overlay.ref_codes);
    let file = table.need_section("file", |file| read_file(file, acknowledgements.ta1, ref_codes));
    let policy = table.section("policy", DeclaredPolicy::read);
    refuse_withheld_id(table, file.as_ref(), policy.as_ref());
    refuse_withheld_refs(table, file.as_ref(), policy.as_ref());
    let delivery = table.need_section("delivery", delivery::read);
    let seal = table.need_section("seal", Seal::read);
    Some(Carrier {
        name: name.clone(),
        title: title?,
        address,
        payer: payer?,
        receiver: receiver?,
        plans: plans?,
        file: file?,
        policy,
        delivery: delivery?,
        seal: seal?,
        acknowledgements,
        overlay,
    })
}

/// The identifier a carrier's files need must be one its policy permits.
fn refuse_withheld_id(table: &Table<'_>, file: Option<&FileRules>, policy: Option<&DeclaredPolicy>) {
    let (Some(file), Some(policy)) = (file, policy) else { return };
    let needed = match file.subscriber_id {
        SubscriberId::EmployeeId => Field::SubscriberId,
        SubscriberId::Ssn => Field::Ssn,
    };
    if !policy.disclose.has(needed) {
        let rule = "the policy must permit the identifier by which the carrier knows subscribers";
        let next = "add the element to disclose, or choose the other subscriber_id";
        let fault = rules::CONTRADICTION.worded(rule, next).at(table.place_of("policy"));
        table.refuse(fault.name("element", needed.word()));
    }
}

/// What a reference repeats counts as told: the policy must permit it like everything else.
fn refuse_withheld_refs(table: &Table<'_>, file: Option<&FileRules>, policy: Option<&DeclaredPolicy>) {
    let (Some(file), Some(policy)) = (file, policy) else { return };
    for of in file.refs.iter().filter_map(DeclaredReference::employee) {
        // What no 834 can do without is permitted whatever is declared.
        if of == ReferredTo::SubscriberId || policy.disclose.has(of.field()) {
            continue;
        }
        let rule = "the policy must permit what a reference tells";
        let next = "add the element to disclose, with a reason, or take the reference out of refs";
        let fault = rules::CONTRADICTION.worded(rule, next).at(table.place_of("policy"));
        table.refuse(fault.name("element", of.field().word()));
    }
}

fn read_payer(table: &Table<'_>) -> Option<Party> {
    let name = table.need("name", &TITLE);
    let qualifier = table.maybe("qualifier", &PARTY_QUALIFIER).unwrap_or_else(|| "FI".into());
    let id = table.need("id", &PARTY_ID);
    Some(Party { name: name?, qualifier, id: id? })
}

fn read_receiver(table: &Table<'_>) -> Option<Receiver> {
    let qualifier = table.maybe("qualifier", &QUALIFIER).unwrap_or_else(|| "ZZ".into());
    let id = table.need("id", &INTERCHANGE_ID);
    let group_id = table.maybe("group_id", &INTERCHANGE_ID).or_else(|| id.clone());
    Some(Receiver { qualifier, id: id?, group_id: group_id? })
}

fn read_plan(code: &Text, table: &Table<'_>) -> Option<(String, Plan)> {
    let ours = table.shaped(code, &PLAN_CODE);
    let line = table.need("line", &LINE);
    let code = table.need("code", &PARTY_ID);
    Some((ours?, Plan { line: line?, code: code? }))
}

const STYLE: Shape<FileStyle> = Shape {
    read: |text| match text {
        "full" => Some(FileStyle::Full),
        "full-explicit" => Some(FileStyle::FullExplicit),
        "replace" => Some(FileStyle::Replace),
        "change" => Some(FileStyle::Change),
        "audit" => Some(FileStyle::Audit),
        "open-enrollment" => Some(FileStyle::OpenEnrollment),
        _ => None,
    },
    rule: "a file's style is full, full-explicit, replace, change, audit or open-enrollment",
    next: "ask the carrier which one its system expects from this employer",
};

const ENDED_AS: Shape<EndedAs> = Shape {
    read: |text| match text {
        "statement" => Some(EndedAs::Statement),
        "termination" => Some(EndedAs::Termination),
        _ => None,
    },
    rule: "what has ended is told as statement or termination",
    next: "ask the carrier what its system takes in a full file: 030 with an end date, or 024",
};

const OMISSION: Shape<Omission> = Shape {
    read: |text| match text {
        "nothing" => Some(Omission::Nothing),
        "reported" => Some(Omission::Reported),
        "ends-on-file-date" => Some(Omission::EndsOnFileDate),
        _ => None,
    },
    rule: "whoever is missing from a full file comes to nothing, is reported, or ends-on-file-date",
    next: "ask the carrier what its system does with a member whom it knows and the file does not name",
};

const HAND_MADE: Shape<HandMade> = Shape {
    read: |text| match text {
        "reinstatement" => Some(HandMade::Reinstatement),
        "taking-back" => Some(HandMade::TakingBack),
        "earlier-start" => Some(HandMade::EarlierStart),
        "later-end" => Some(HandMade::LaterEnd),
        "interruption" => Some(HandMade::Interruption),
        _ => None,
    },
    rule: "what is made by hand is reinstatement, taking-back, earlier-start, later-end or interruption",
    next: "take it from the carrier's companion guide",
};

fn read_freeze(table: &Table<'_>) -> Option<Freeze> {
    let (from, until) = (table.need("from", &DATE), table.need("until", &DATE));
    let freeze = Freeze { from: from?, until: until? };
    if freeze.until < freeze.from {
        let rule = "what is frozen ends after it begins";
        table.refuse(rules::CONTRADICTION.worded(rule, "change one of the days").at(table.place_of("until")));
    }
    Some(freeze)
}

const CORRECTIONS: Shape<Corrections> = Shape {
    read: |text| match text {
        "marked" => Some(Corrections::Marked),
        "plain" => Some(Corrections::Plain),
        _ => None,
    },
    rule: "a correction is told marked or plain",
    next: "ask the carrier whether its system reads NM1*74 with NM1*70",
};

const SUBSCRIBER_ID: Shape<SubscriberId> = Shape {
    read: |text| match text {
        "employee-id" => Some(SubscriberId::EmployeeId),
        "ssn" => Some(SubscriberId::Ssn),
        _ => None,
    },
    rule: "a subscriber is identified by employee-id or ssn",
    next: "prefer employee-id; use ssn only where the carrier cannot take anything else",
};

/// The member's day cannot say what it is not to be written for.
fn refuse_no_day(table: &Table<'_>, file: &FileRules) {
    if file.dialect.all_ended == AllEnded::Member && !file.member_dates {
        let rule = "the member's day says the end of all cover only where it is written";
        let next = "choose another all_ended, or have member_dates";
        table.refuse(rules::CONTRADICTION.worded(rule, next).at(table.place_of("all_ended")));
    }
}

/// What is said of a kind of file that the carrier does not take.
fn refuse_other_kind(table: &Table<'_>, file: &FileRules) {
    let fits = match (file.style, file.omission) {
        (FileStyle::Change, Some(_)) => false,
        (FileStyle::Replace, Some(omission)) => omission == Omission::EndsOnFileDate,
        _ => true,
    };
    if !fits {
        let rule = "whom a file leaves out is a matter of full files, and one that replaces ends them";
        let next = "take omission out, or choose another style";
        table.refuse(rules::CONTRADICTION.worded(rule, next).at(table.place_of("omission")));
    }
}

fn refuse_no_year(table: &Table<'_>, file: &FileRules) {
    if file.style == FileStyle::OpenEnrollment && file.year.is_none() {
        let rule = "a file of an open enrollment is for a year";
        let next = "write the first day of the plan year: `year = \"2027-01-01\"`; or choose another style";
        table.refuse(rules::CONTRADICTION.worded(rule, next).at(table.place_of("style")));
    }
}

/// Full files were never marked, and a carrier that compares them whole needs no mark.
fn read_corrections(table: &Table<'_>, style: Option<FileStyle>) -> Corrections {
    let marks = matches!(style, Some(FileStyle::Change | FileStyle::FullExplicit));
    let usual = if marks { Corrections::Marked } else { Corrections::Plain };
    table.maybe("corrections", &CORRECTIONS).unwrap_or(usual)
}

fn read_file(table: &Table<'_>, ta1: bool, ref_codes: &[String]) -> Option<FileRules> {
    let style = table.need("style", &STYLE);
    let file = FileRules {
        corrections: read_corrections(table, style),
        newline: table.flag("newline", false),
        separators: table.section("separators", read_separators).unwrap_or_default(),
        subscriber_id: table.maybe("subscriber_id", &SUBSCRIBER_ID).unwrap_or(SubscriberId::EmployeeId),
        plan_change: PlanChange::read(table),
        dialect: FileDialect::read(table),
        terminated_lookback_days: table.whole("terminated_lookback_days", 60, 0..=1200),
        ended_as: table.maybe("ended_as", &ENDED_AS).unwrap_or_default(),
        member_dates: table.flag("member_dates", true),
        omission: table.maybe("omission", &OMISSION),
        year: table.maybe("year", &DATE),
        windows: windows::read(table),
        frozen: table.tables("frozen", read_freeze),
        by_hand: table.texts("by_hand").iter().filter_map(|text| table.shaped(text, &HAND_MADE)).collect(),
        by_hand_within_days: table.maybe_whole("by_hand_within_days", 0..=1200),
        refs: references::read(table, ref_codes),
        request_ta1: table.flag("request_ta1", ta1),
        confirmed: table.maybe("confirmed", &DATE),
        style: style?,
    };
    refuse_no_day(table, &file);
    refuse_other_kind(table, &file);
    refuse_no_year(table, &file);
    Some(file)
}

const SEPARATOR: Shape<u8> = Shape {
    read: |text| {
        let byte = text.bytes().next()?;
        let right = byte.is_ascii_punctuation() && !b"-./,'".contains(&byte);
        (text.len() == 1 && right).then_some(byte)
    },
    rule: "a separator is one punctuation character that names and addresses do not use",
    next: "the defaults are * : ^ ~",
};

fn read_separators(table: &Table<'_>) -> Option<DeclaredSeparators> {
    let usual = DeclaredSeparators::default();
    let found = DeclaredSeparators {
        element: table.maybe("element", &SEPARATOR).unwrap_or(usual.element),
        component: table.maybe("component", &SEPARATOR).unwrap_or(usual.component),
        repetition: table.maybe("repetition", &SEPARATOR).unwrap_or(usual.repetition),
        segment: table.maybe("segment", &SEPARATOR).unwrap_or(usual.segment),
    };
    let all = std::collections::BTreeSet::from([found.element, found.component, found.repetition, found.segment]);
    if all.len() < 4 {
        let rule = "the four separators must differ";
        table.refuse(rules::CONTRADICTION.worded(rule, "change one of them").at(table.place()));
    }
    Some(found)
}

impl Default for Acknowledgements {
    fn default() -> Acknowledgements {
        Acknowledgements { ta1: false, g999: true, due_hours: 24, assume_after_hours: None, reports: Vec::new() }
    }
}

fn read_acks(table: &Table<'_>) -> Option<Acknowledgements> {
    Some(Acknowledgements {
        ta1: table.flag("ta1", false),
        g999: table.flag("g999", true),
        due_hours: table.whole("due_hours", 24, 1..=720),
        assume_after_hours: table.maybe_whole("assume_after_hours", 1..=2160),
        reports: table.tables("report", DeclaredReport::read),
    })
}

fn read_overlay(table: &Table<'_>) -> Option<DeclaredOverlay> {
    let name = table.need("name", &TITLE);
    let date = table.need("date", &DATE);
    let codes = |key: &str| table.texts(key).iter().filter_map(|text| table.shaped(text, &CODE)).collect();
    let severity = table.section("severity", |inner| Some(inner.pairs()));
    let pairs = severity.unwrap_or_default().into_iter();
    Some(DeclaredOverlay {
        gs08: table.maybe("gs08", &NOTE),
        hd03_codes: codes("hd03_codes"),
        dtp_codes: codes("dtp_codes"),
        ref_codes: codes("ref_codes"),
        severity: pairs.filter_map(|(rule, text)| Some((rule, table.shaped(&text, &SEVERITY)?))).collect(),
        name: name?,
        date: date?,
    })
}

const CODE: Shape<String> = Shape {
    read: |text| {
        let plain = (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        plain.then(|| text.to_string())
    },
    rule: "a code is 1 to 3 of A-Z 0-9",
    next: "take it from the carrier's companion guide",
};

const SEVERITY: Shape<String> = Shape {
    read: |text| ["notice", "warning", "error"].contains(&text).then(|| text.to_string()),
    rule: "a severity is notice, warning or error",
    next: "use one of the three words",
};
