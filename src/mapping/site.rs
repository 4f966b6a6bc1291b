//! `bex.toml`: who we are, where the keys are, and whose data it is.

use std::collections::BTreeMap;

use super::database::{self, StoreSettings, WAIT_SECONDS};
use super::document::{self, MentionKind, Parsed, Shape, Table, Text};
use super::notify::{self, NotifyChannel};
use super::rules;
use super::secret::KeyRef;
use super::shapes::{ARCHIVE_RECIPIENT, EMPLOYER, INTERCHANGE_ID, QUALIFIER, TAX_ID, TITLE};
use super::telemetry::{self, TelemetrySettings};
use crate::model::ids::EmployerName;

/// Whether real people are concerned. Decides ISA15.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// Nobody real.
    Test,
    /// Real people, real coverage.
    Production,
}

impl Environment {
    /// The word used in `bex.toml`.
    pub fn word(self) -> &'static str {
        match self {
            Environment::Test => "test",
            Environment::Production => "production",
        }
    }

    /// Test or production, as ISA15 tells the carrier.
    pub fn usage(self) -> char {
        match self {
            Environment::Test => 'T',
            Environment::Production => 'P',
        }
    }
}

/// Who sends (1000A, ISA05, ISA06, GS02).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The name people use.
    pub name: String,
    /// ISA05. Default `30` (a federal tax number).
    pub qualifier: String,
    /// ISA06 and GS02, unpadded.
    pub id: String,
}

/// Where the engine's own keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// Seals records and makes pseudonyms.
    pub vault: KeyRef,
    /// Opens the archive of inputs.
    pub archive: KeyRef,
    /// The archive's public half, to which files are sealed by whoever does not have the key itself.
    pub archive_recipient: Option<String>,
    /// Opens what employers encrypt by OpenPGP, where the site has such a key.
    pub openpgp: Option<KeyRef>,
    /// Signs the log's checkpoints.
    pub log: KeyRef,
    /// A folder with a second copy of the keys of files and families, best on another disk; relative to the site unless
    /// absolute.
    pub mirror: Option<String>,
}

/// Where the log's checkpoints are kept besides the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditSettings {
    /// A folder, best on another machine's disk; relative to the site unless absolute.
    pub anchor: Option<String>,
    /// A file with the public key of whoever signs them on another machine, once each is shown to extend the one
    /// before; relative to the site unless absolute.
    pub witness: Option<String>,
}

/// How many years what is sealed is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionSettings {
    /// What employers have sent.
    pub inputs: u32,
    /// What carriers have answered.
    pub answers: u32,
    /// What was sent.
    pub deliveries: u32,
    /// Records of families that have left, after they were last told of.
    pub families: u32,
    /// Why people acted, in their own words.
    pub reasons: u32,
}

impl Default for RetentionSettings {
    /// A year more than the six that 45 CFR 164.316 and 164.528 ask for.
    fn default() -> RetentionSettings {
        RetentionSettings { inputs: 7, answers: 7, deliveries: 7, families: 7, reasons: 7 }
    }
}

/// The plan sponsor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Employer {
    /// The name people use, and N102 of the sponsor.
    pub name: String,
    /// Federal tax number, nine digits.
    pub tax_id: String,
    /// Who must have signed each of its files, where that is declared.
    pub signed_by: Option<SignedBy>,
    /// Where its own people have their mail, in small letters: no notice should go there.
    pub mail_domains: Vec<String>,
}

/// The OpenPGP keys by one of which files must be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedBy {
    /// A file of public keys; relative to the site unless absolute.
    pub file: String,
    /// Of which keys in it, by their fingerprints: 40 hexadecimal digits in capitals.
    pub fingerprints: Vec<String>,
}

/// What `bex.toml` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteFile {
    /// The name people use.
    pub name: String,
    /// Test or production.
    pub environment: Environment,
    /// Who sends.
    pub sender: Sender,
    /// Whom a carrier can ask; shown in reports, never sent.
    pub contact: Option<String>,
    /// Files or descriptors that hold the vault's and the archive's secrets.
    pub keys: Keys,
    /// Which database the store is in.
    pub store: StoreSettings,
    /// Where the log's checkpoints are kept besides the store.
    pub audit: AuditSettings,
    /// Who is told when somebody is needed.
    pub notify: BTreeMap<String, NotifyChannel>,
    /// Where traces and figures go.
    pub telemetry: TelemetrySettings,
    /// How long sealed files are kept.
    pub retention: RetentionSettings,
    /// Whose data.
    pub employers: BTreeMap<EmployerName, Employer>,
}

impl SiteFile {
    /// Reads `bex.toml`.
    pub fn parse(text: &str) -> Parsed<SiteFile> {
        document::read("bex.toml", text, read)
    }
}

const ENVIRONMENT: Shape<Environment> = Shape {
    read: |text| match text {
        "test" => Some(Environment::Test),
        "production" => Some(Environment::Production),
        _ => None,
    },
    rule: "an environment is test or production",
    next: "begin with test; production sends real people's data",
};

fn read(table: &Table<'_>) -> Option<SiteFile> {
    let site = table.need_section("site", |site| {
        let name = site.need("name", &TITLE);
        let environment = site.need("environment", &ENVIRONMENT);
        Some((name?, environment?))
    });
    let sender = table.need_section("sender", read_sender);
    let contact = table.section("contact", |contact| contact.need("text", &TITLE));
    let keys = table.need_section("keys", read_keys);
    let store = if table.has("store") { table.section("store", read_store) } else { Some(StoreSettings::default()) };
    let audit = if table.has("audit") { table.section("audit", read_audit) } else { Some(AuditSettings::default()) };
    let notify = if table.has("notify") { table.section("notify", notify::read) } else { Some(BTreeMap::new()) };
    let untold = Some(TelemetrySettings::default());
    let telemetry = if table.has("telemetry") { table.section("telemetry", telemetry::read) } else { untold };
    let usual = Some(RetentionSettings::default());
    let retention = if table.has("retention") { table.section("retention", read_retention) } else { usual };
    let employers = table.need_section("employers", |all| Some(all.each(read_employer).into_iter().collect()));
    let (name, environment) = site?;
    let (store, audit, retention, employers) = (store?, audit?, retention?, employers?);
    let (sender, keys, notify, telemetry) = (sender?, keys?, notify?, telemetry?);
    Some(SiteFile { name, environment, sender, contact, keys, store, audit, notify, telemetry, retention, employers })
}

/// A folder, as a setting names it.
const FOLDER: Shape<String> = Shape {
    read: |text| (!text.is_empty() && !text.chars().any(char::is_control)).then(|| text.to_string()),
    rule: "a folder is a path without control characters",
    next: "name a folder on another disk or mount, such as /mnt/elsewhere/bex",
};

fn read_store(table: &Table<'_>) -> Option<StoreSettings> {
    let wait_seconds = table.whole("wait_seconds", WAIT_SECONDS, 1..=600);
    Some(StoreSettings { wait_seconds, ..database::read(table)? })
}

fn read_audit(table: &Table<'_>) -> Option<AuditSettings> {
    let witness = if table.has("witness") { Some(table.need("witness", &FOLDER)?) } else { None };
    Some(AuditSettings { anchor: Some(table.need("anchor", &FOLDER)?), witness })
}

/// Less than six years is not for a site to say.
const YEARS: std::ops::RangeInclusive<u32> = 6..=100;

fn read_retention(table: &Table<'_>) -> Option<RetentionSettings> {
    let usual = RetentionSettings::default();
    Some(RetentionSettings {
        inputs: table.whole("inputs", usual.inputs, YEARS),
        answers: table.whole("answers", usual.answers, YEARS),
        deliveries: table.whole("deliveries", usual.deliveries, YEARS),
        families: table.whole("families", usual.families, YEARS),
        reasons: table.whole("reasons", usual.reasons, YEARS),
    })
}

fn read_sender(table: &Table<'_>) -> Option<Sender> {
    let name = table.need("name", &TITLE);
    let qualifier = table.maybe("qualifier", &QUALIFIER).unwrap_or_else(|| "30".into());
    let id = table.need("id", &INTERCHANGE_ID);
    Some(Sender { name: name?, qualifier, id: id? })
}

/// Where the log's key is, unless the site says otherwise.
pub const LOG_KEY: &str = "keys/log.key";

fn read_keys(table: &Table<'_>) -> Option<Keys> {
    let vault = table.need_key("vault");
    let archive = table.need_key("archive");
    let recipient = "archive_recipient";
    let public = table.has(recipient).then(|| table.need_name(recipient, MentionKind::Recipient, &ARCHIVE_RECIPIENT));
    // A site of an earlier version has no such line, and its key is made where this one would be.
    let log = if table.has("log") { table.need_key("log") } else { Some(KeyRef::File(LOG_KEY.to_string())) };
    let mirror = if table.has("mirror") { Some(table.need("mirror", &FOLDER)?) } else { None };
    let openpgp = if table.has("openpgp") { Some(table.need_key("openpgp")?) } else { None };
    let archive_recipient = if let Some(public) = public { Some(public?) } else { None };
    Some(Keys { vault: vault?, archive: archive?, archive_recipient, openpgp, log: log?, mirror })
}

fn read_employer(key: &Text, table: &Table<'_>) -> Option<(EmployerName, Employer)> {
    let key = table.shaped(key, &EMPLOYER);
    let name = table.need("name", &TITLE);
    let tax_id = table.need("tax_id", &TAX_ID);
    let signed = table.has("signing_key") || table.has("signing_fingerprints");
    let signed_by = if signed { Some(read_signed_by(table)?) } else { None };
    let domains = table.texts("mail_domains");
    let mail_domains = domains.iter().filter_map(|text| table.shaped(text, &DOMAIN)).collect();
    Some((key?, Employer { name: name?, tax_id: tax_id?, signed_by, mail_domains }))
}

const DOMAIN: Shape<String> = Shape {
    read: |text| {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
        let right = plain && text.len() <= 253 && text.contains('.') && !text.starts_with('.') && !text.ends_with('.');
        right.then(|| text.to_ascii_lowercase())
    },
    rule: "a domain is what stands behind the @ of an address",
    next: "write for example mail_domains = [\"example.com\"]",
};

fn read_signed_by(table: &Table<'_>) -> Option<SignedBy> {
    let file = table.need("signing_key", &FOLDER);
    let texts = table.texts("signing_fingerprints");
    if texts.is_empty() {
        table.refuse(rules::MISSING.worded(FINGERPRINT.rule, FINGERPRINT.next).at(table.place()));
    }
    let fingerprints: Option<Vec<String>> = texts.iter().map(|text| table.shaped(text, &FINGERPRINT)).collect();
    Some(SignedBy { file: file?, fingerprints: fingerprints.filter(|all| !all.is_empty())? })
}

const FINGERPRINT: Shape<String> = Shape {
    read: |text| {
        let digits: String = text.chars().filter(|c| *c != ' ').collect::<String>().to_uppercase();
        (digits.len() == 40 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(digits)
    },
    rule: "a signing key is named by its fingerprint, 40 hexadecimal digits",
    next: "compare it with the employer by telephone, then add signing_fingerprints = [\"…\"]",
};
