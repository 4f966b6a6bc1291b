//! The words of a delivery: where to, what was committed last, what is known, how it ended.

use crate::fault::Fault;
use crate::state::rules::KNOWN;
use crate::transport::contract::Profile;
use crate::transport::error::Retry;

/// Where a sealed file goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The carrier's folder for files that are whole.
    pub folder: String,
    /// The folder for temporary names, where it is another; on the same disk there, or a rename moves bytes.
    pub temp_folder: Option<String>,
    /// Final name: unique for life (it holds the delivery's number).
    pub final_name: String,
    /// Beginning of temporary names, agreed with the carrier so that its pick-up passes them over.
    pub temp_prefix: String,
    /// The middle of temporary names: unique for life in the carrier's folder, also against other sites that
    /// deliver there (a number of the database alone is not), since leftovers under such names are removed.
    pub delivery: String,
    /// What the place has been found to allow.
    pub profile: Profile,
    /// Whether the carrier is known to take files away at once, so that a confirmed rename is proof without a look.
    pub taken_at_once: bool,
}

impl Target {
    /// Path attempt `n` writes to: `folder/prefix.delivery.n`, or the final one where there are no temporary names.
    pub fn temp_path(&self, n: u32) -> String {
        if self.profile == Profile::Direct {
            return self.final_path();
        }
        join(self.written_folder(), &format!("{}.{}.{n}", self.temp_prefix, self.delivery))
    }

    /// The folder files are written into: where there must be room for them.
    pub fn written_folder(&self) -> &str {
        self.temp_folder.as_ref().filter(|_| self.profile != Profile::Direct).unwrap_or(&self.folder)
    }

    /// Path of the published file.
    pub fn final_path(&self) -> String {
        join(&self.folder, &self.final_name)
    }
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{}/{name}", folder.trim_end_matches('/')) }
}

/// How a temporary file was compared with the sealed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified {
    /// Read back: length and SHA-256 are equal.
    ReadBack,
    /// The place lets nobody read; the length is equal.
    SizeOnly,
    /// The place lets nobody look; it confirmed every write and the close.
    Confirmed,
    /// It is written under its final name at once, so that there is nothing to compare before.
    Direct,
}

impl Verified {
    const ALL: [Verified; 4] = [Verified::ReadBack, Verified::SizeOnly, Verified::Confirmed, Verified::Direct];

    /// What a recorded word stands for.
    ///
    /// # Errors
    /// STO007: the word is none of ours, and is not guessed at.
    pub fn read(word: &str) -> Result<Verified, Fault> {
        let found = Verified::ALL.into_iter().find(|how| how.word() == word);
        found.ok_or_else(|| KNOWN.fault().name("of", "verification"))
    }

    /// What events and the store call it; never changed once shipped.
    pub fn word(self) -> &'static str {
        match self {
            Verified::ReadBack => "read-back",
            Verified::SizeOnly => "size-only",
            Verified::Confirmed => "confirmed",
            Verified::Direct => "direct",
        }
    }
}

/// What shows that the file stands, or stood, under its final name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The final file was read back: length and SHA-256 are equal.
    ReadBack,
    /// The final file has the right length; the place lets nobody read.
    SizeOnly,
    /// The place confirmed the rename of the verified file, and then took it away.
    RenameConfirmed,
    /// The place confirmed every write of the final file and its close, and then took it away.
    WriteConfirmed,
    /// It stood there, read back and equal, before a publish intent of ours was committed: our records are older
    /// than the truth. Somebody should ask why.
    FoundUnexpectedly,
}

impl Evidence {
    /// What events and the store call it; never changed once shipped.
    pub fn word(self) -> &'static str {
        match self {
            Evidence::ReadBack => "read-back",
            Evidence::SizeOnly => "size-only",
            Evidence::RenameConfirmed => "rename-confirmed",
            Evidence::WriteConfirmed => "write-confirmed",
            Evidence::FoundUnexpectedly => "found-unexpectedly",
        }
    }
}

/// Why it cannot be decided whether the file was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uncertainty {
    /// Neither name stands: picked up, or cleaned away.
    Gone,
    /// The place could not be looked at.
    Unreachable,
    /// The final file is the beginning of ours, and ours is still there: the place may be copying.
    Incomplete,
    /// The place lets nobody look.
    Blind,
    /// The temporary file was whole, or confirmed as whole, and is not there any more: whoever took it has our bytes.
    Taken,
}

impl Uncertainty {
    /// What events and the store call it; never changed once shipped.
    pub fn word(self) -> &'static str {
        match self {
            Uncertainty::Gone => "gone",
            Uncertainty::Unreachable => "unreachable",
            Uncertainty::Incomplete => "incomplete",
            Uncertainty::Blind => "blind",
            Uncertainty::Taken => "taken",
        }
    }
}

/// The last thing committed of a delivery: where to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LastKnown {
    /// Sealed; so many attempts have been begun and have failed, none of which published.
    Sealed {
        /// Attempts so far, 0 at first.
        attempts: u32,
    },
    /// Attempt `n` may have written `temp`. It has published nothing.
    Intent {
        /// The attempt.
        n: u32,
        /// Its temporary path.
        temp: String,
    },
    /// `temp` was whole. Nothing is published.
    Verified {
        /// The attempt.
        n: u32,
        /// Its temporary path.
        temp: String,
        /// How that was found.
        how: Verified,
    },
    /// `temp` was whole, and may have been published. Also the state of what is uncertain.
    PublishIntent {
        /// The attempt.
        n: u32,
        /// Its temporary path.
        temp: String,
        /// How it was found to be whole.
        how: Verified,
    },
    /// Published, with its proof. Nothing is touched again.
    Delivered(Proof),
}

/// That, and how it is known that, the sealed bytes were published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The attempt that published.
    pub attempt: u32,
    /// Path of the published file.
    pub path: String,
    /// Bytes.
    pub length: u64,
    /// SHA-256 of the sealed bytes.
    pub sha256: [u8; 32],
    /// How the temporary file was compared; `None` when the file was found published.
    pub verified: Option<Verified>,
    /// What shows the publishing.
    pub evidence: Evidence,
}

/// A delivered file. Only this module makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt(Proof);

impl Receipt {
    pub(in crate::deliver) fn new(proof: Proof) -> Receipt {
        Receipt(proof)
    }

    /// The evidence by which the file was found published.
    pub fn proof(&self) -> &Proof {
        &self.0
    }
}

/// How a delivery ends otherwise than with a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotDelivered {
    /// A person must decide: `DEL001` the name is taken by another file, `DEL002` the rename is refused.
    Held(Fault),
    /// May have been published, and looking does not tell. Nothing is sent again by itself.
    Uncertain(Uncertainty),
    /// Not published. `Temporary`: call again, with the attempts counted; `Permanent`: a person must change
    /// something first.
    Failed {
        /// What went wrong.
        fault: Fault,
        /// Whether another attempt may help.
        retry: Retry,
    },
    /// The journal did not commit, so nothing more was done. Go on from what it says was committed last.
    Unrecorded(Fault),
}

/// Where each step of a delivery is committed. Every method is one transaction, with its audit event; when it
/// returns an error, the step counts as not committed and the protocol stops at once.
pub trait Journal {
    /// Attempt `n` begins: bytes may stand under `temp` from now on. The disclosure is recorded as attempted here:
    /// bytes on the carrier's disk under a temporary name are a disclosure already.
    ///
    /// # Errors
    /// Not committed.
    fn intent(&mut self, n: u32, temp: &str) -> Result<(), Fault>;

    /// The temporary file is whole.
    ///
    /// # Errors
    /// Not committed.
    fn verified(&mut self, how: Verified) -> Result<(), Fault>;

    /// From this commit on the delivery may have been published. Must first make sure that this process still holds
    /// the delivery (its lease and fencing token).
    ///
    /// # Errors
    /// Not committed, or the delivery is somebody else's by now.
    fn publish_intent(&mut self) -> Result<(), Fault>;

    /// Published: state, disclosure and evidence in one transaction.
    ///
    /// # Errors
    /// Not committed.
    fn delivered(&mut self, proof: &Proof) -> Result<(), Fault>;

    /// The attempt failed and has published nothing.
    ///
    /// # Errors
    /// Not committed.
    fn failed(&mut self, fault: &Fault) -> Result<(), Fault>;

    /// A person must decide. The last step committed stays where to go on from.
    ///
    /// # Errors
    /// Not committed.
    fn held(&mut self, fault: &Fault) -> Result<(), Fault>;

    /// Looking does not tell whether it was published. The publish intent stays where to go on from.
    ///
    /// # Errors
    /// Not committed.
    fn uncertain(&mut self, uncertainty: Uncertainty) -> Result<(), Fault>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temporary_and_final_names_are_in_one_folder_and_differ_by_attempt() {
        let target = Target {
            folder: "inbox/".to_owned(),
            temp_folder: None,
            final_name: "834_000000001.age".to_owned(),
            temp_prefix: ".bex".to_owned(),
            delivery: "D1".to_owned(),
            profile: Profile::NoClobber,
            taken_at_once: false,
        };
        assert_eq!(target.temp_path(2), "inbox/.bex.D1.2");
        assert_eq!(target.final_path(), "inbox/834_000000001.age");
        assert_eq!(Target { folder: String::new(), ..target.clone() }.final_path(), "834_000000001.age");
        let elsewhere = Target { temp_folder: Some("upload".to_owned()), ..target.clone() };
        assert_eq!(elsewhere.temp_path(2), "upload/.bex.D1.2");
        let direct = Target { profile: Profile::Direct, ..target };
        assert_eq!(direct.temp_path(2), direct.final_path());
    }
}
