//! A carrier on this machine: a real SSH and SFTP server on the loopback, which behaves as OpenSSH does until told
//! to misbehave. For `bex demo`, for onboarding, and for the tests; a build for an office can leave it out. Touches:
//! network, files.
#![cfg(feature = "demo")]

pub mod rules;
pub mod misbehaviour;
mod place;
mod session;
mod files;
pub mod carrier;
pub mod back_office;
pub mod employer;

pub use carrier::{CarrierSetup, SimulatedCarrier};
pub use misbehaviour::Misbehaviour;
pub use session::PASSWORD;
