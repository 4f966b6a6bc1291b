//! The files of a site, parsed and not yet held against each other.

use std::collections::BTreeMap;
use std::path::Path;

use super::site::Site;
use super::written::WrittenTexts;
use crate::access::{DeclaredAccess, SiteAccess};
use crate::fault::{Fault, Place};
use crate::mapping::document::{Mention, Parsed};
use crate::mapping::{Carrier, CensusMapping, CodeTable, CodesTaken, ElectionsMapping, Feed, PlanRules, SiteFile};
use crate::model::ids::{CalendarName, CarrierName, EmployerName, FeedName, SourceName};
use crate::schedule::Calendar;

/// The parsed files of a site, by name.
pub(super) struct SiteFiles {
    /// `bex.toml`, if it could be read.
    pub site: Option<Parsed<SiteFile>>,
    /// `access.toml`, if there is one.
    pub access: Option<Parsed<DeclaredAccess>>,
    /// `mappings/census/`.
    pub census: BTreeMap<SourceName, Parsed<CensusMapping>>,
    /// `mappings/elections/`.
    pub elections: BTreeMap<SourceName, Parsed<ElectionsMapping>>,
    /// `mappings/codes/`.
    pub codes: BTreeMap<SourceName, Parsed<CodeTable>>,
    /// `mappings/plans/`.
    pub plan_rules: BTreeMap<EmployerName, Parsed<PlanRules>>,
    /// `mappings/carriers/`.
    pub carriers: BTreeMap<CarrierName, Parsed<Carrier>>,
    /// `schedules/calendars/`.
    pub calendars: BTreeMap<CalendarName, Parsed<Calendar>>,
    /// `schedules/`.
    pub feeds: BTreeMap<FeedName, Parsed<Feed>>,
    /// Faults of no single file, and of files against each other.
    pub faults: Vec<Fault>,
    /// What somebody has typed into all of them.
    pub written: WrittenTexts,
}

impl SiteFiles {
    /// What `bex.toml` says, if it is right.
    pub fn site_file(&self) -> Option<&SiteFile> {
        self.site.as_ref()?.value.as_ref()
    }

    /// Puts what tables of codes say into the columns that name them.
    pub fn take_codes(&mut self) {
        let codes = &self.codes;
        let tables = |name: &str| {
            let named = codes.iter().find(|(table, _)| table.as_str() == name);
            named.and_then(|(_, file)| file.value.clone())
        };
        let mut taken = CodesTaken::of(&tables);
        for file in self.census.values_mut() {
            file.value.iter_mut().for_each(|mapping| taken.census(mapping));
            file.mentions.append(&mut taken.mentions);
        }
        for file in self.elections.values_mut() {
            file.value.iter_mut().for_each(|mapping| taken.elections(mapping));
            file.mentions.append(&mut taken.mentions);
        }
        let faults = std::mem::take(&mut taken.faults);
        self.faults.extend(faults);
    }

    /// Every name a file uses that another must define.
    pub fn mentions(&self) -> impl Iterator<Item = &Mention> {
        let sources = self.census.values().flat_map(|file| &file.mentions);
        let elections = self.elections.values().flat_map(|file| &file.mentions);
        let carriers = self.carriers.values().flat_map(|file| &file.mentions);
        let feeds = self.feeds.values().flat_map(|file| &file.mentions);
        let site = self.site.iter().flat_map(|file| &file.mentions);
        let calendars = self.calendars.values().flat_map(|file| &file.mentions);
        let plans = self.plan_rules.values().flat_map(|file| &file.mentions);
        let access = self.access.iter().flat_map(|file| &file.mentions);
        let site = site.chain(access);
        site.chain(sources).chain(elections).chain(plans).chain(carriers).chain(calendars).chain(feeds)
    }

    /// Every fault of every file, in the order of files, lines and columns; they are taken out.
    pub fn take_faults(&mut self) -> Vec<Fault> {
        let mut faults = std::mem::take(&mut self.faults);
        faults.extend(self.site.iter_mut().flat_map(|file| file.faults.drain(..)));
        faults.extend(self.access.iter_mut().flat_map(|file| file.faults.drain(..)));
        faults.extend(self.census.values_mut().flat_map(|file| file.faults.drain(..)));
        faults.extend(self.elections.values_mut().flat_map(|file| file.faults.drain(..)));
        faults.extend(self.codes.values_mut().flat_map(|file| file.faults.drain(..)));
        faults.extend(self.plan_rules.values_mut().flat_map(|file| file.faults.drain(..)));
        faults.extend(self.carriers.values_mut().flat_map(|file| file.faults.drain(..)));
        faults.extend(self.calendars.values_mut().flat_map(|file| file.faults.drain(..)));
        faults.extend(self.feeds.values_mut().flat_map(|file| file.faults.drain(..)));
        faults.sort_by_key(order);
        faults
    }

    /// The site, as far as its files made it.
    pub fn into_site(self, dir: &Path) -> Option<Site> {
        let site = self.site?.value?;
        Some(Site {
            root: dir.to_path_buf(),
            name: site.name,
            environment: site.environment,
            sender: site.sender,
            contact: site.contact,
            keys: site.keys,
            store: site.store,
            audit: site.audit,
            notify: site.notify,
            telemetry: site.telemetry,
            retention: site.retention,
            access: SiteAccess { declared: self.access.and_then(|file| file.value) },
            employers: site.employers,
            census: values(self.census),
            elections: values(self.elections),
            plan_rules: values(self.plan_rules),
            carriers: values(self.carriers),
            calendars: extended(values(self.calendars)),
            feeds: values(self.feeds),
            written: self.written,
        })
    }
}

fn values<K: Ord, T>(files: BTreeMap<K, Parsed<T>>) -> BTreeMap<K, T> {
    files.into_iter().filter_map(|(name, file)| Some((name, file.value?))).collect()
}

/// Every calendar with the closed days of the one it extends.
fn extended(calendars: BTreeMap<CalendarName, Calendar>) -> BTreeMap<CalendarName, Calendar> {
    let whole = |calendar: &Calendar| match calendar.extends.as_ref().and_then(|base| calendars.get(base)) {
        Some(base) => calendar.clone().over(base),
        None => calendar.clone(),
    };
    calendars.iter().map(|(name, calendar)| (name.clone(), whole(calendar))).collect()
}

fn order(fault: &Fault) -> (String, u32, u32) {
    match &fault.place {
        Place::Config { file, line, column } => (file.as_str().to_string(), *line, *column),
        other => (other.to_string(), 0, 0),
    }
}

/// A name that can be the name of a file.
pub(super) trait FileName: Ord + Sized {
    fn of(text: &str) -> Option<Self>;
}

impl FileName for SourceName {
    fn of(text: &str) -> Option<Self> {
        SourceName::new(text)
    }
}

impl FileName for EmployerName {
    fn of(text: &str) -> Option<Self> {
        EmployerName::new(text)
    }
}

impl FileName for CarrierName {
    fn of(text: &str) -> Option<Self> {
        CarrierName::new(text)
    }
}

impl FileName for CalendarName {
    fn of(text: &str) -> Option<Self> {
        CalendarName::new(text)
    }
}

impl FileName for FeedName {
    fn of(text: &str) -> Option<Self> {
        FeedName::new(text)
    }
}
