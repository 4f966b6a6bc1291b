//! A leaf as it is read: what of it verification asks for, borrowed from its text.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};

use super::merkle::Hash;
use crate::model::ids::unhex_sha256;

/// What is read of a leaf. Leaves of earlier versions have less.
#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
pub(super) struct ReadLeaf<'l> {
    pub seq: i64,
    #[serde(borrow)]
    pub action: Cow<'l, str>,
    /// Rows as the change left them.
    #[serde(borrow, default)]
    pub rows: Vec<LeafRow<'l>>,
    /// Sets of rows as the change left them.
    #[serde(borrow, default)]
    pub sets: Vec<LeafSet<'l>>,
    #[serde(borrow, default)]
    pub ledger: Vec<LeafMove<'l>>,
    /// A sealed file that it names.
    #[serde(default)]
    pub archive: Option<Cow<'l, str>>,
    /// SHA-256 of the sealed file.
    #[serde(default)]
    pub sha256: Option<Cow<'l, str>>,
    /// Digest of the configuration.
    #[serde(default)]
    pub configuration: Option<Cow<'l, str>>,
    /// Fingerprint of the archive's key.
    #[serde(default)]
    pub archive_key: Option<Cow<'l, str>>,
    /// How many steps the schema had.
    #[serde(default)]
    pub schema: Option<i64>,
    /// A fault's code.
    #[serde(default)]
    pub code: Option<Cow<'l, str>>,
    /// On which kind of site it was written.
    #[serde(default)]
    pub env: Option<Cow<'l, str>>,
}

/// When a leaf was written.
#[derive(Deserialize)]
struct WrittenAt {
    at: String,
}

/// The moment of a leaf, RFC 3339, UTC; empty where it says none.
pub fn moment_of_leaf(leaf: &str) -> String {
    serde_json::from_str::<WrittenAt>(leaf).map(|written| written.at).unwrap_or_default()
}

/// Who acted, and what a leaf records.
#[derive(Deserialize)]
struct WhoAndWhat<'l> {
    #[serde(default)]
    seq: i64,
    #[serde(borrow, default)]
    action: Cow<'l, str>,
    #[serde(borrow, default)]
    actor: WhoActed<'l>,
    #[serde(default)]
    recorded: Option<i64>,
}

/// Who acted: whoever logged in, where that is somebody else than the account.
#[derive(Default, Deserialize)]
struct WhoActed<'l> {
    #[serde(borrow, default)]
    user: Cow<'l, str>,
    #[serde(borrow, default)]
    person: Option<Cow<'l, str>>,
}

/// A leaf's number; 0 where it says none.
pub fn number_of(leaf: &str) -> i64 {
    serde_json::from_str::<WhoAndWhat>(leaf).map_or(0, |read| read.seq)
}

/// The act that a leaf names, with which its reason is kept; none where it names none.
pub fn act_of(leaf: &str) -> Option<i64> {
    serde_json::from_str::<WhoAndWhat>(leaf).ok()?.recorded
}

/// Whether a leaf records this action, where one is asked for, by this person, where one is: as themselves, or under
/// another account.
pub fn is_of(leaf: &str, person: Option<&str>, action: Option<&str>) -> bool {
    let Ok(WhoAndWhat { action: recorded, actor, .. }) = serde_json::from_str::<WhoAndWhat>(leaf) else { return false };
    let WhoActed { user, person: behind } = actor;
    let by = |name: &str| behind.as_deref() == Some(name) || user == name;
    action.is_none_or(|action| recorded == action) && person.is_none_or(by)
}

/// The month of a moment, such as 2026-03.
pub fn month_of(at: &str) -> &str {
    at.get(..7).unwrap_or_default()
}

/// A row as a leaf says it.
#[derive(Debug, Deserialize, PartialEq, Eq)]
pub(super) struct LeafRow<'l> {
    #[serde(borrow)]
    pub row: Cow<'l, str>,
    #[serde(default)]
    pub is: Option<Cow<'l, str>>,
    #[serde(default, deserialize_with = "some_hash")]
    pub sha256: Option<Hash>,
}

/// A set of rows as a leaf says it.
#[derive(Debug, Deserialize, PartialEq, Eq)]
pub(super) struct LeafSet<'l> {
    #[serde(borrow)]
    pub set: Cow<'l, str>,
    pub of: i64,
    pub rows: u64,
    pub covered: i64,
    #[serde(deserialize_with = "hash")]
    pub sha256: Hash,
}

/// A move of the ledger as a leaf says it.
#[derive(Debug, Deserialize, PartialEq, Eq)]
pub(super) struct LeafMove<'l> {
    pub delivery: i64,
    #[serde(borrow)]
    pub to: Cow<'l, str>,
    /// The families that it is of alone.
    #[serde(default)]
    pub only: Option<Cow<'l, str>>,
}

fn hash<'d, D: Deserializer<'d>>(read: D) -> Result<Hash, D::Error> {
    let text = Cow::<'d, str>::deserialize(read)?;
    unhex_sha256(&text).ok_or_else(|| serde::de::Error::custom("no digest"))
}

fn some_hash<'d, D: Deserializer<'d>>(read: D) -> Result<Option<Hash>, D::Error> {
    hash(read).map(Some)
}
