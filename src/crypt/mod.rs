//! Keys, and everything that is done with them: age for files that leave, the vault for records that stay, the
//! spool for bytes on their way. Touches: keys.
//!
//! A secret enters only through [`crate::crypt::keyring`], lives in memory that is wiped, and has no way to be printed.

pub mod rules;
pub mod keyring;
pub mod age;
pub mod openpgp;
mod xaes;
mod derive;
pub mod family_keys;
pub mod vault;
pub mod vault_file;
mod pieces;
pub mod spool;
pub mod login;
pub mod signer;
pub mod signature;
