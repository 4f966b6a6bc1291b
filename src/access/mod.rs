//! Who acts, and who may: the only maker of permits for acts that a person must be entitled to. Pure.
//!
//! For now every permit is granted to everybody; the event of the act records to whom and on what ground. Whoever adds
//! roles adds them here, and nothing that takes a permit changes.

mod actor;
mod permit;

pub use actor::Actor;
pub use permit::{
    Accept, Attest, Decide, Guarded, Hold, Permit, ReadAccount, ReadAffected, Rebuild, Recover, Release, Resend,
    Settle, SettleInput, Skip, Void, grant,
};
