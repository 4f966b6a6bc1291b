//! Who acts, and who may: the only maker of permits for acts that a person must be entitled to. Pure.
//!
//! A site without access.toml grants everything to everybody, and says so. With one, nothing is granted that it does
//! not grant.

pub mod rules;
mod actor;
mod grants;
mod permit;
mod role;

pub use actor::Actor;
pub use grants::{Concern, DeclaredAccess, Grant, ReviewRules, SiteAccess};
pub use permit::{
    ACTS, Accept, Approve, ApproveTelling, Attest, Audit, BackUp, Decide, Declare, Disclose, FetchAnswers, Guarded,
    GuardedAct, Hold, Inquire, LeaveAsked, Look, LookAtMembers, MoveStore, Permit, Probe, ReadAccount, ReadAffected,
    Rebuild, Recover, Release, Resend, Resume, Retain, Reveal, Review, RotateKeys, RunFeeds, Settle, SettleInput, Skip,
    Verify, Void, grant,
};
pub use role::Role;
