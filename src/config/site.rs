//! A whole site, checked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono::NaiveDate;

use super::rules;
use super::written::WrittenTexts;
use crate::access::{Concern, SiteAccess};
use crate::fault::{Fault, Label, Place};
use crate::mapping::{
    AuditSettings, Carrier, CensusMapping, ElectionsMapping, Employer, Environment, Feed, KeyRef, Keys, NotifyChannel,
    PlanRules, RetentionSettings, Sender, Sponsor, StoreSettings, TelemetrySettings,
};
use crate::model::election::Line;
use crate::model::ids::{CalendarName, CarrierName, EmployerName, FeedName, SourceName};
use crate::schedule::{Calendar, Slot};

/// Everything the configuration says. Every name a feed uses is in the maps: [`crate::config::load()`] has checked
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The folder that holds `bex.toml`.
    pub root: PathBuf,
    /// The name people use.
    pub name: String,
    /// Test or production.
    pub environment: Environment,
    /// Who sends.
    pub sender: Sender,
    /// Whom a carrier can ask.
    pub contact: Option<String>,
    /// Where the engine's keys are.
    pub keys: Keys,
    /// Which database the store is in.
    pub store: StoreSettings,
    /// Where the log's checkpoints are kept besides the store.
    pub audit: AuditSettings,
    /// Who is told when somebody is needed, by channel.
    pub notify: BTreeMap<String, NotifyChannel>,
    /// Where traces and figures go.
    pub telemetry: TelemetrySettings,
    /// How long sealed files are kept.
    pub retention: RetentionSettings,
    /// The grants of access.toml, where there is one.
    pub access: SiteAccess,
    /// Plan sponsors.
    pub employers: BTreeMap<EmployerName, Employer>,
    /// Census mappings.
    pub census: BTreeMap<SourceName, CensusMapping>,
    /// Elections mappings.
    pub elections: BTreeMap<SourceName, ElectionsMapping>,
    /// Employers' plan documents.
    pub plan_rules: BTreeMap<EmployerName, PlanRules>,
    /// Every partner of `mappings/carriers/`, by the name of its file.
    pub carriers: BTreeMap<CarrierName, Carrier>,
    /// Calendars, each with the closed days of the one it extends.
    pub calendars: BTreeMap<CalendarName, Calendar>,
    /// Every file of `schedules/`, by its name.
    pub feeds: BTreeMap<FeedName, Feed>,
    /// What somebody has typed into its files, part by part: what changes here waits for an approval.
    pub written: WrittenTexts,
}

impl Site {
    /// Whom control numbers are counted with: sender and receiver of the interchange, which tell its number apart from
    /// those of others. Carriers that share a receiver (a clearing house) share the count.
    pub fn partner(&self, carrier: &Carrier) -> String {
        let (ours, theirs) = (&self.sender, &carrier.receiver);
        format!("{}/{} {}/{}", ours.qualifier, ours.id, theirs.qualifier, theirs.id)
    }

    /// What an act on a feed concerns. Of a feed that is not configured any more, only its name is known: it concerns
    /// all.
    pub fn scope_of(&self, feed: &str) -> Concern<'_> {
        let feed = FeedName::new(feed).and_then(|name| self.feeds.get(&name));
        feed.map_or(Concern::SITE, |feed| Concern::Of {
            employer: Some(feed.employer.as_str()),
            carrier: Some(feed.carrier.as_str()),
        })
    }

    /// What an act on a file of a source concerns: its employer's people, whoever is told of them.
    pub fn scope_of_source(&self, source: &str) -> Concern<'_> {
        let feed = self.feeds.values().find(|feed| feed.reads(source));
        Concern::Of { employer: feed.map(|feed| feed.employer.as_str()), carrier: None }
    }

    /// What the employer of a feed lays down beside the carrier: its plan documents, and plans of other carriers.
    pub fn sponsor(&self, feed: &Feed) -> Sponsor {
        let rules = self.plan_rules.get(&feed.employer).cloned().unwrap_or_default();
        Sponsor { elsewhere: self.plans_elsewhere(feed), rules }
    }

    fn plans_elsewhere(&self, feed: &Feed) -> BTreeMap<String, Line> {
        let beside =
            self.feeds.values().filter(|other| other.employer == feed.employer && other.carrier != feed.carrier);
        let carriers = beside.filter_map(|other| self.carriers.get(&other.carrier));
        carriers.flat_map(|carrier| &carrier.plans).map(|(code, plan)| (code.clone(), plan.line)).collect()
    }

    /// The calendar a feed keeps to, where it has one.
    pub fn calendar(&self, feed: &Feed) -> Option<&Calendar> {
        self.calendars.get(feed.schedule.calendar.as_ref()?)
    }

    /// The calendars in use that need a newer edition.
    pub fn calendars_ending(&self, today: NaiveDate) -> Vec<Fault> {
        let used: BTreeSet<&CalendarName> =
            self.feeds.values().filter_map(|feed| feed.schedule.calendar.as_ref()).collect();
        let used = used.into_iter().filter_map(|name| self.calendars.get(name));
        let ending = used.filter(|calendar| calendar.ends_soon(today));
        let place = |calendar: &Calendar| Place::Config {
            file: Label::new(&format!("schedules/calendars/{}.toml", calendar.name)),
            line: 1,
            column: 1,
        };
        let fault = |calendar: &Calendar| {
            rules::CALENDAR_ENDS.at(place(calendar)).name("last day", &calendar.until.to_string())
        };
        ending.map(fault).collect()
    }

    /// The slot of a feed on a business date; none when the feed does not run on it.
    pub fn slot(&self, feed: &Feed, date: NaiveDate) -> Option<Slot> {
        feed.schedule.slot_on(self.calendar(feed), date)
    }

    /// The folder an employer's files arrive in.
    pub fn inbox(&self, employer: &EmployerName) -> PathBuf {
        self.root.join("inbox").join(employer.as_str())
    }

    /// The folder the engine keeps its state in.
    pub fn state(&self) -> PathBuf {
        self.root.join("state")
    }

    /// The folder of the second copy of the keys of files and families, where the site names one.
    pub fn key_mirror(&self) -> Option<PathBuf> {
        self.keys.mirror.as_ref().map(|folder| self.root.join(folder))
    }

    /// The file a key reference names; `None` for a descriptor.
    pub fn key_path(&self, key: &KeyRef) -> Option<PathBuf> {
        match key {
            KeyRef::File(path) => Some(self.root.join(path)),
            KeyRef::Descriptor(_) => None,
        }
    }
}
