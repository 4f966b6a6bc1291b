//! The declarative language of `bex.toml`, `mappings/` and `schedules/`: what may be said, checked whole before any
//! data is touched. Text goes in, values and every fault come out. Pure.

pub mod rules;
pub mod access;
pub mod secret;
pub mod document;
pub mod shapes;
pub mod format;
pub mod synonyms;
pub mod position;
pub mod steps;
pub mod making;
pub mod date;
pub mod column;
pub mod delivery;
pub mod database;
pub mod arrival;
pub mod census;
pub mod elections;
mod read_by;
pub mod codes;
pub mod schema;
pub mod aliases;
pub mod policy;
mod windows;
mod references;
pub mod carrier;
mod carrier_report;
pub mod dialect;
pub mod calendar;
pub mod feed;
pub mod notify;
mod expect;
mod telemetry;
mod event_days;
mod line_rules;
mod accounts;
mod plans;
mod tiers;
pub mod site;

pub use access::parse_access;
pub use accounts::{ANY_CLASS, AccountClass, CarrierAccount};
pub use arrival::{Pull, Query, SourceWay};
pub use calendar::parse_calendar;
pub use carrier::{
    Acknowledgements, Carrier, Corrections, DeclaredOverlay, DeclaredSeparators, EndedAs, FileRules, FileStyle, Freeze,
    HandMade, Omission, Party, Plan, SubscriberId,
};
pub use carrier_report::{DeclaredReport, ReportedCode};
pub use census::{CensusField, CensusMapping, CensusPart, CensusParts, Layout, PartMakes, PartNamedBy};
pub use codes::{CodeTable, CodesTaken};
pub use database::{AskedSettings, AskedUrl, Reach, ServerUrl, StoreSettings, StoreUrl, WAIT_SECONDS};
pub use delivery::{Delivery, NamePattern, Publishing, Seal, SftpSettings, Way};
pub use dialect::{
    AfterGap, AllEnded, AloneTold, CancelledOn, CobraTold, DependentLevel, DependentsEnded, EarlierStart, EndDate,
    Extended, FileDialect, Members, PlanChange, Rekey, Reopened, Shortened, Spans, Styles, Switch, Untouched,
};
pub use document::{Mention, MentionKind, Parsed};
pub use elections::{ElectionField, ElectionsMapping};
pub use event_days::{BeginsOn, EndsOn, EventRules, PlanYear};
pub use expect::{Expectations, FileExpected, OnLate, RowsExpected};
pub use feed::{CoverageEnds, CoveredTwice, Feed, Guards, LaterStarts};
pub use line_rules::{
    AgeEnds, ChildLimit, ClassRule, CobraFeed, CobraLimit, LineRules, OnLeave, Survivors, WaitEnds, WaitingPeriod,
};
pub use notify::{Messenger, NotifyChannel, Occasions};
pub use plans::{EnrollmentWindow, PlanRules, PlanTerm, Sponsor};
pub use policy::DeclaredPolicy;
pub use references::{DeclaredReference, ReferenceLoop, ReferenceSource, ReferredMembers};
pub use secret::KeyRef;
pub use site::{AuditSettings, Employer, Environment, Keys, LOG_KEY, RetentionSettings, Sender, SignedBy, SiteFile};
pub use telemetry::{Endpoint, TelemetrySettings};
pub use tiers::TierRules;
pub use windows::{Distance, FileWindows};
