//! A site, opened: its configuration, keys, store and clock, and what lies beside the store. Touches: clock, keys,
//! files, database.

pub mod rules;
mod actor;
pub mod clock;
mod clock_mark;
mod steps;
mod open_site;
mod engine;
mod any_site;
mod names;
mod open;
mod permitted;
mod read_by;
mod records;
mod remote;
mod keyless;
mod kept;
mod lane;
mod locks;
mod mirror;
mod restored;
mod sound;
mod typed;

pub use actor::{actor, user_of};
pub use any_site::{AnySite, KeylessSite, SealedText, SiteOpened};
pub use clock_mark::ClockJump;
pub use engine::Engine;
pub use kept::first_name;
pub use keyless::OpenRecord;
pub use lane::LaneSeed;
pub use locks::{StandingLock, Workplace, WorkplaceLock, standing_locks};
pub use names::{StrayDelivery, outbox_name};
pub use open::{asked_location, check_plain, location};
pub use open_site::{OpenSite, key_reference};
pub use records::{RecordPlace, SealedTold, open_if_kept, open_record, open_told};
pub use remote::sftp_site;
pub use restored::{ARCHIVE_COPY, ARCHIVE_JOINED, Strays, recover, strays};
pub use sound::{LOG_REASON, make_log_key, public_log_key, read_examination, settle_record, was_production};
pub use steps::{Interruption, Steps};
pub use typed::TypedText;
