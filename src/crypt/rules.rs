//! What keys and what is sealed with them must be. Read as one text.

crate::fault::rules! {
    NOT_A_RECIPIENT: "AGE001" Ours Error, "a recipient must be an age X25519 public key (age1 and 58 characters)",
        "ask the carrier for the public key again, by another way than mail";
    NO_RECIPIENT: "AGE002" Ours Error, "a file must be encrypted to somebody",
        "name the carrier's recipient key";
    UNWRITTEN: "AGE003" Ours Error, "an encrypted file cannot be written",
        "check free space and the disk";
    NOT_FOR_US: "AGE004" Ours Error, "a file must be an age file encrypted to our recipient key",
        "compare the recipient's fingerprint with the one the sender used";
    KEY_UNREADABLE: "KEY002" Ours Error Refused, "a key cannot be read",
        "check that the file exists and belongs to the account bex runs under";
    KEY_NOT_A_FILE: "KEY003" Ours Error Refused, "a key must be a regular file, not a link, folder or device",
        "name the file itself";
    KEY_OPEN: "KEY004" Ours Error Refused, "a key file must be readable by its owner only (mode 0600 or 0400)",
        "chmod 600 the file; if others could read it, make a new key";
    KEY_SIZE: "KEY005" Ours Error Refused, "a key must have between 1 byte and 64 KiB",
        "name the key's file, not another";
    KEY_MALFORMED: "KEY006" Ours Error Refused, "a key must be of the kind it is used for",
        "name the right key file, or make the key again";
    KEY_UNWRITABLE: "KEY007" Ours Error Refused, "a new key file cannot be written",
        "choose a name that does not exist, in a folder bex may write to";
    NO_RANDOMNESS: "KEY008" Ours Error Refused, "the operating system must provide random bytes",
        "this host cannot make keys; repair it before running bex";
    PASSPHRASE: "KEY009" Ours Error Refused, "the login key has a passphrase, which bex cannot type",
        "ssh-keygen -p -N '' -f FILE takes it off (the file's mode protects the key), or make a key for bex alone";
    RECIPIENT_EXPIRED: "KEY010" Ours Error, "the carrier's key is not valid any more",
        "ask the carrier for its new key and compare it by telephone; then `bex rebuild RUN --reason R`";
    FAMILY_KEY_LOST: "KEY012" Integrity Error, "the key of each family must be in state/file-keys/families",
        "put the newest mirror of that file back, and nothing else over it; what was lost with it opens nothing any more";
    MIRROR_DIFFERS: "KEY013" Integrity Error, "state/file-keys must have every key that its mirror has, and the same",
        "find out what became of state/file-keys; `cp -a MIRROR/. state/file-keys/` puts back what was lost";
    NO_MIRROR: "KEY014" Ours Error Refused, "the mirror of keys must be a folder that bex can read and write",
        "mount it, or give bex the right; nothing is sealed under keys that it does not have";
    FAMILY_DESTROYED: "KEP009" Ours Error, "this family's records were destroyed when their time was over",
        "nothing can be read of them any more, here or in any copy; state/certificates says when and by whom";
    FAMILY_NOT_DESTROYED: "KEP010" Ours Error, "the keys of families that are destroyed must be written over",
        "look at the disk and at the rights of state/file-keys; then run the same command again";
    FAMILY_KEY_BACK: "KEP011" Integrity Error, "a family's key that was destroyed must not be there again",
        "an older copy of state/file-keys/families was put back: `bex retention destroy` destroys what it brought";
    NOT_SPOOLED: "SPO001" Ours Error, "bytes on their way cannot be spooled",
        "check free space and permissions of state/spool, then run again";
    UNKNOWN_KEY: "VAU001" Integrity Error, "a sealed record must be in a known layout and under a master key of this vault",
        "restore the vault key this store was made with, or use the version of bex that last wrote it";
    ALTERED: "VAU002" Integrity Error, "a sealed record must open where it was sealed, unaltered",
        "stop and find out who or what changed the store; restore it from a backup";
}
