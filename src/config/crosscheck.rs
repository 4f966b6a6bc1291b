//! What no file can say alone: that the names one file uses are defined in another, that they fit together, and that
//! keys are where they are said to be.
#![allow(clippy::disallowed_methods, reason = "an edge: this module reads the public keys that files name")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::files::SiteFiles;
use super::rules;
use crate::audit::WitnessKey;
use crate::crypt::age::Recipient;
use crate::crypt::keyring::KeyReference;
use crate::crypt::login::check_login_key;
use crate::crypt::openpgp::SigningKeys;
use crate::fault::{Fault, Label, Place, Severity};
use crate::mapping::policy::DeclaredPolicy;
use crate::mapping::rules::CONTRADICTION;
use crate::mapping::{
    Carrier, CarrierAccount, Feed, KeyRef, Mention, MentionKind, Messenger, Parsed, PlanRules, SftpSettings, SignedBy,
    Way,
};
use crate::model::field::Field;
use crate::model::ids::{CarrierName, EmployerName, FeedName};
use crate::policy::employer_may_see;
use crate::schedule::Calendar;

/// Checks the files of a site against each other and adds what it finds to their faults.
pub(super) fn check(root: &Path, files: &mut SiteFiles) {
    let undefined = files.mentions().filter(|mention| !is_defined(files, mention)).map(undefined);
    let feeds = files.feeds.values().flat_map(|feed| check_feed(files, feed));
    let keys = files.mentions().filter(|mention| mention.of == MentionKind::Key).filter_map(|key| check_key(root, key));
    let recipients =
        files.mentions().filter(|mention| mention.of == MentionKind::Recipient).filter_map(check_recipient);
    let logins = files.carriers.values().filter_map(|carrier| check_login(root, carrier));
    let calendars = files.calendars.values().filter_map(|calendar| extends_too_far(files, calendar));
    let faults: Vec<Fault> = undefined
        .chain(feeds)
        .chain(keys)
        .chain(logins)
        .chain(recipients)
        .chain(calendars)
        .chain(employers_told(files))
        .chain(signers_unread(root, files))
        .chain(witness_unread(root, files))
        .chain(told_at_work(files))
        .chain(roll_elsewhere(files))
        .chain(accounts(files))
        .chain(shared_patterns(files))
        .chain(shared_recipients(files))
        .chain(unconfirmed(files))
        .collect();
    files.faults.extend(faults);
}

/// Employers whose signing keys cannot be read: none of their files could be.
fn signers_unread(root: &Path, files: &SiteFiles) -> Vec<Fault> {
    let employers = files.site_file().into_iter().flat_map(|site| site.employers.values());
    let declared = employers.filter_map(|employer| employer.signed_by.as_ref());
    let place = || Place::Config { file: Label::new("bex.toml"), line: 1, column: 1 };
    let read = |signed: &SignedBy| SigningKeys::read(&root.join(&signed.file), &signed.fingerprints);
    declared.filter_map(|signed| read(signed).err().map(|fault| fault.name("file", &signed.file).at(place()))).collect()
}

/// A witness whose public key cannot be read: nobody could tell what it has signed.
fn witness_unread(root: &Path, files: &SiteFiles) -> Option<Fault> {
    let file = files.site_file()?.audit.witness.as_ref()?;
    let read = fs::read_to_string(root.join(file)).ok().and_then(|text| WitnessKey::parse(&text));
    let place = Place::Config { file: Label::new("bex.toml"), line: 1, column: 1 };
    let next = "bring witness.pub here from the witness's own folder on the other machine";
    let rule = "the public key of the log's witness must be readable";
    read.is_none().then(|| rules::UNREADABLE.worded(rule, next).at(place).name("file", file))
}

/// Channels whose mail an employer's own people may read: notices name nobody, and still say how it stands with others'
/// files, which is the office's to tell.
fn told_at_work(files: &SiteFiles) -> Vec<Fault> {
    let Some(site) = files.site_file() else { return Vec::new() };
    let domains =
        site.employers.iter().flat_map(|(name, employer)| employer.mail_domains.iter().map(move |d| (name, d)));
    let domains: Vec<_> = domains.collect();
    let place = || Place::Config { file: Label::new("bex.toml"), line: 1, column: 1 };
    let of_employer = |to: &str| {
        let host = to.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
        domains.iter().find(|(_, domain)| host == **domain || host.ends_with(&format!(".{domain}"))).copied()
    };
    let mails = site.notify.iter().filter_map(|(channel, notify)| match &notify.by {
        Messenger::Mail { to, .. } => of_employer(to).map(|(employer, _)| (channel, employer)),
        _ => None,
    });
    mails
        .map(|(channel, employer)| {
            rules::TOLD_AT_WORK.at(place()).name("channel", channel).name("employer", employer.as_str())
        })
        .collect()
}

/// What would go to an employer and may not, whatever a policy says: a partner that goes by an employer's own number is
/// that employer.
fn employers_told(files: &SiteFiles) -> Vec<Fault> {
    let employers = files.site_file().into_iter().flat_map(|site| site.employers.values());
    let numbers: BTreeSet<String> = employers.map(|employer| employer.tax_id.clone()).collect();
    // Written with or without dashes, it is the same number.
    let is_employer = |id: &str| numbers.contains(&id.replace(['-', ' '], ""));
    let mut faults = Vec::new();
    for (name, file) in &files.carriers {
        let Some(carrier) = &file.value else { continue };
        if ![&carrier.receiver.id, &carrier.receiver.group_id, &carrier.payer.id].into_iter().any(|id| is_employer(id))
        {
            continue;
        }
        let place =
            || Place::Config { file: Label::new(&format!("mappings/carriers/{name}.toml")), line: 1, column: 1 };
        let told = carrier.policy.iter().flat_map(|policy| policy.disclose.iter());
        let refused = told.filter(|field| !employer_may_see(*field));
        faults.extend(refused.map(|field| rules::EMPLOYER_TOLD_HEALTH.at(place()).name("element", field.word())));
    }
    faults
}

/// A name counts as defined when its file is there, even if that file has faults of its own.
fn is_defined(files: &SiteFiles, mention: &Mention) -> bool {
    let name = mention.name.as_str();
    match mention.of {
        MentionKind::Employer => files.site_file().is_none_or(|site| site.employers.contains_key(name)),
        MentionKind::Carrier => files.carriers.contains_key(name),
        MentionKind::Census => files.census.contains_key(name),
        MentionKind::Elections => files.elections.contains_key(name),
        MentionKind::Codes => files.codes.contains_key(name),
        MentionKind::Plan => files.carriers.values().any(|file| sells(file, name)),
        MentionKind::Calendar => files.calendars.contains_key(name),
        MentionKind::Feed => files.feeds.contains_key(name),
        MentionKind::Key | MentionKind::Recipient => true,
    }
}

/// A carrier's file with faults may sell anything.
fn sells(file: &Parsed<Carrier>, plan: &str) -> bool {
    file.value.as_ref().is_none_or(|carrier| carrier.plans.contains_key(plan))
}

fn undefined(mention: &Mention) -> Fault {
    let (rule, next) = match mention.of {
        MentionKind::Employer => {
            ("an employer must be defined in bex.toml", "add [employers.NAME] to bex.toml or correct the name")
        }
        MentionKind::Carrier => ("a carrier must have a file", "add mappings/carriers/NAME.toml or correct the name"),
        MentionKind::Census => {
            ("a census source must have a file", "add mappings/census/NAME.toml or correct the name")
        }
        MentionKind::Codes => ("a table of codes must have a file", "add mappings/codes/NAME.toml or correct the name"),
        MentionKind::Plan => {
            ("a plan must be sold by a carrier", "add [plans.CODE] to the carrier's file or correct the code")
        }
        MentionKind::Calendar => {
            ("a calendar must have a file", "add schedules/calendars/NAME.toml or correct the name")
        }
        MentionKind::Feed => ("a feed must have a file", "add schedules/NAME.toml or correct the name"),
        _ => ("an elections source must have a file", "add mappings/elections/NAME.toml or correct the name"),
    };
    rules::UNDEFINED.worded(rule, next).at(mention.place.clone()).name("named", &mention.name)
}

fn check_feed(files: &SiteFiles, parsed: &Parsed<Feed>) -> Vec<Fault> {
    let Some(feed) = &parsed.value else { return Vec::new() };
    let place = |of: MentionKind| {
        let mention = parsed.mentions.iter().find(|mention| mention.of == of);
        mention.map_or(Place::Nowhere, |mention| mention.place.clone())
    };
    let census = files.census.get(&feed.census).and_then(|file| file.value.as_ref());
    let elections = files.elections.get(&feed.elections).and_then(|file| file.value.as_ref());
    let sources = [
        (MentionKind::Census, census.map(|source| &source.employer)),
        (MentionKind::Elections, elections.map(|source| &source.employer)),
    ];
    let other = |(of, employer): (MentionKind, Option<&EmployerName>)| {
        employer.filter(|employer| **employer != feed.employer).map(|_| other_employer(place(of)))
    };
    let carrier = files.carriers.get(&feed.carrier).and_then(|file| file.value.as_ref());
    let untold =
        carrier.filter(|carrier| carrier.policy.is_none()).map(|_| without_policy(place(MentionKind::Carrier)));
    sources.into_iter().filter_map(other).chain(untold).chain(waits_for_itself(files, parsed)).collect()
}

/// Carriers with a feed that nobody has asked whether they take files as their `[file]` says. It keeps the feeds of
/// such a carrier on a production site, and nobody else's: hence a warning.
fn unconfirmed(files: &SiteFiles) -> Vec<Fault> {
    let fed: BTreeSet<&CarrierName> =
        files.feeds.values().filter_map(|file| file.value.as_ref()).map(|feed| &feed.carrier).collect();
    let read = files.carriers.iter().filter_map(|(name, file)| Some((name, file.value.as_ref()?)));
    let open = read.filter(|(name, carrier)| fed.contains(name) && carrier.file.confirmed.is_none());
    let place = |name: &CarrierName| Place::Config {
        file: Label::new(&format!("mappings/carriers/{name}.toml")),
        line: 1,
        column: 1,
    };
    open.map(|(name, _)| rules::UNCONFIRMED.at(place(name))).collect()
}

fn other_employer(place: Place) -> Fault {
    rules::OTHER_EMPLOYER.at(place)
}

fn without_policy(place: Place) -> Fault {
    rules::NO_POLICY.at(place)
}

/// A feed that waits, over whichever others, for itself would never run.
fn waits_for_itself(files: &SiteFiles, parsed: &Parsed<Feed>) -> Option<Fault> {
    let feed = parsed.value.as_ref()?;
    let after = |name: &FeedName| files.feeds.get(name).and_then(|file| file.value.as_ref());
    // Followed to its end and not over one step: three feeds that wait in a ring would each look fine beside its
    // neighbour.
    let mut reached: BTreeSet<&FeedName> = BTreeSet::new();
    let mut next: Vec<&FeedName> = feed.schedule.after.iter().collect();
    while let Some(name) = next.pop() {
        if reached.insert(name) {
            next.extend(after(name).into_iter().flat_map(|feed| &feed.schedule.after));
        }
    }
    let place = parsed.mentions.iter().find(|mention| mention.of == MentionKind::Feed)?.place.clone();
    let rule = "a feed must not wait for itself";
    let next = "remove one of the feeds in `after`, here or in the feeds it names";
    reached.contains(&feed.name).then(|| CONTRADICTION.worded(rule, next).at(place))
}

/// Calendars extend one another over one step, so that one look tells which days are closed.
fn extends_too_far(files: &SiteFiles, parsed: &Parsed<Calendar>) -> Option<Fault> {
    let base = parsed.value.as_ref()?.extends.as_ref()?;
    let base = files.calendars.get(base)?.value.as_ref()?;
    let place = parsed.mentions.first().map_or(Place::Nowhere, |mention| mention.place.clone());
    let rule = "a calendar must not extend one that extends another";
    let next = "extend the calendar that stands behind it, and add the other's days";
    base.extends.is_some().then(|| CONTRADICTION.worded(rule, next).at(place))
}

/// An account of a carrier says what that carrier's policy permits, of plans that it sells.
fn accounts(files: &SiteFiles) -> Vec<Fault> {
    let of_file = |file: &Parsed<PlanRules>| {
        let accounts = file.value.iter().flat_map(|rules| &rules.accounts);
        accounts.flat_map(|account| account_faults(files, file, account)).collect::<Vec<Fault>>()
    };
    files.plan_rules.values().flat_map(of_file).collect()
}

fn account_faults(files: &SiteFiles, file: &Parsed<PlanRules>, account: &CarrierAccount) -> Vec<Fault> {
    let carrier = files.carriers.get(&account.carrier).and_then(|file| file.value.as_ref());
    let Some(carrier) = carrier else { return Vec::new() };
    let place = |name: &str| {
        let mention = file.mentions.iter().find(|mention| mention.name == name);
        mention.map_or(Place::Nowhere, |mention| mention.place.clone())
    };
    let withheld = |policy: &&DeclaredPolicy| !policy.disclose.has(Field::EmploymentStatus);
    let untold = carrier.policy.as_ref().filter(|_| !account.refs.is_empty()).filter(withheld).map(|_| {
        let rule = "references of an account say of employees what the carrier's policy must permit";
        let next = "add the element to disclose in the carrier's policy, or leave ref out";
        let fault = CONTRADICTION.worded(rule, next).at(place(carrier.name.as_str()));
        fault.name("element", Field::EmploymentStatus.word())
    });
    let rule = "an account has codes of plans that its carrier sells";
    let unsold = account.codes.keys().filter(|plan| !carrier.plans.contains_key(*plan));
    let unsold = unsold.map(|plan| CONTRADICTION.worded(rule, "name a plan of this carrier's").at(place(plan)));
    untold.into_iter().chain(unsold).collect()
}

/// A plan that closes is followed by one of the same line of care: the other would be chosen beside it.
fn roll_elsewhere(files: &SiteFiles) -> Vec<Fault> {
    let kind = |plan: &str| {
        let mut sold = files.carriers.values().filter_map(|file| file.value.as_ref()?.plans.get(plan));
        sold.next().map(|plan| plan.line.kind())
    };
    let rule = "a plan is followed by one of the same line of care";
    let next = "name a plan of that line, or leave `rolls_to` out: then a person is asked";
    let of_file = |file: &Parsed<PlanRules>| {
        let terms = file.value.iter().flat_map(|rules| &rules.terms).filter_map(|(plan, term)| {
            let follows = term.rolls_to.as_ref()?;
            let differ = kind(plan).zip(kind(follows)).is_some_and(|(one, other)| one != other);
            let named = file.mentions.iter().find(|mention| differ && mention.name == *follows)?;
            Some(CONTRADICTION.worded(rule, next).at(named.place.clone()))
        });
        terms.collect::<Vec<Fault>>()
    };
    files.plan_rules.values().flat_map(of_file).collect()
}

fn check_key(root: &Path, mention: &Mention) -> Option<Fault> {
    let KeyRef::File(path) = KeyRef::parse(&mention.name)? else { return None };
    let place = mention.place.clone();
    let Ok(found) = fs::metadata(root.join(path)) else {
        return Some(rules::NO_KEY.at(place));
    };
    if found.is_file() && is_private(&found) {
        return None;
    }
    Some(rules::OPEN_KEY.at(place))
}

/// A recipient's last six characters are a checksum, so that a letter mistyped or lost is found when the carrier is set
/// up and not in the night.
fn check_recipient(mention: &Mention) -> Option<Fault> {
    Recipient::parse(&mention.name).err().map(|fault| fault.at(mention.place.clone()))
}

/// A login key that is there, and cannot be logged in with: found when the carrier is set up and not in the night. It
/// stops this carrier's feeds only, hence a warning.
fn check_login(root: &Path, parsed: &Parsed<Carrier>) -> Option<Fault> {
    let Way::Sftp(SftpSettings { login_key: Some(KeyRef::File(path)), .. }) = &parsed.value.as_ref()?.delivery.way
    else {
        return None;
    };
    let secret = KeyReference::File(root.join(path)).read().ok()?;
    let fault = check_login_key(&secret).err()?;
    let names_it = |mention: &&Mention| KeyRef::parse(&mention.name) == Some(KeyRef::File(path.clone()));
    let place = parsed.mentions.iter().find(names_it).map_or(Place::Nowhere, |mention| mention.place.clone());
    Some(fault.at(place).with_severity(Severity::Warning))
}

#[cfg(unix)]
fn is_private(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    found.permissions().mode() & 0o077 == 0
}

#[cfg(not(unix))]
fn is_private(_found: &fs::Metadata) -> bool {
    true
}

/// Two sources of an employer that would take the same files.
fn shared_patterns(files: &SiteFiles) -> Vec<Fault> {
    let census = files.census.values().filter_map(|file| file.value.as_ref());
    let elections = files.elections.values().filter_map(|file| file.value.as_ref());
    let census = census.map(|source| ("census", &source.source, &source.employer, source.file.as_str()));
    let elections = elections.map(|source| ("elections", &source.source, &source.employer, source.file.as_str()));
    let mut seen = BTreeMap::new();
    let shared = |(kind, source, employer, pattern)| {
        let taken = seen.insert((employer, pattern), source).is_some();
        let file = Label::new(&format!("mappings/{kind}/{source}.toml"));
        let rule = "two sources of an employer must not take the same files";
        let next = "give one of them another file pattern";
        taken.then(|| CONTRADICTION.worded(rule, next).at(Place::Config { file, line: 1, column: 1 }))
    };
    census.chain(elections).filter_map(shared).collect()
}

/// Two carriers that could open each other's files: possible, but mostly a copied setting.
fn shared_recipients(files: &SiteFiles) -> Vec<Fault> {
    let mut seen = BTreeMap::new();
    let shared = |carrier: &Carrier| {
        let other = seen.insert(carrier.seal.recipient.clone(), carrier.name.clone())?;
        let file = Label::new(&format!("mappings/carriers/{}.toml", carrier.name));
        let fault = rules::SHARED_RECIPIENT.at(Place::Config { file, line: 1, column: 1 });
        Some(fault.name("as", other.as_str()))
    };
    files.carriers.values().filter_map(|file| file.value.as_ref()).filter_map(shared).collect()
}
