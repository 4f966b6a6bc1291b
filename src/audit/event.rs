//! The event catalogue: what is recorded of every change of state, and in which words.
//!
//! A leaf is canonical JSON: the same event gives the same bytes.

use sha2::{Digest as _, Sha256};

use super::imprint::Imprints;
use crate::access::{Actor, Guarded, Permit};
use crate::fault::Label;

macro_rules! catalogue {
    ($($name:ident = $word:literal, $doc:literal;)*) => {
        /// What happened to something of ours, one name for each kind of change of state.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $(#[doc = $doc] $name,)*
        }

        impl Action {
            /// Every action, for the reference page.
            pub const ALL: &'static [(&'static str, &'static str)] = &[$(($word, $doc),)*];

            /// Every action, as itself.
            pub const EVERY: &'static [Action] = &[$(Action::$name,)*];

            /// The word that stands in a recorded leaf for good; a script may compare it.
            pub fn word(self) -> &'static str {
                match self { $(Action::$name => $word,)* }
            }
        }
    };
}

catalogue! {
    StoreOpened = "store.opened", "A site's store was made or migrated.";
    StoreRecovered = "store.recovered", "A restored store was raised past what lies beside it: ids, control numbers, strays.";
    StoreMoved = "store.moved", "The store was copied into another database and compared; the old one acts no more.";
    LogBegun = "log.begun", "A store of an earlier version: the leaves it had were hashed into the tree now, not when they were written.";
    LogLost = "log.lost", "In place of a record that was not there any more when a person settled it.";
    LogConfigured = "log.configured", "The site's files are otherwise than when they were last noted.";
    LogBaseline = "log.baseline", "What a store held already was written into the log as it stood.";
    LogDoubted = "log.doubted", "Store, log, anchor or files are not what was recorded; nothing is sent until a person has settled it.";
    LogSettled = "log.settled", "A person has looked at what is not as it was recorded, and let work go on with what there is.";
    InputArchived = "input.archived", "An input file was sealed into the archive.";
    InputLanded = "input.landed", "A file was sealed into the archive by whoever can open nothing; a night reads it.";
    PartJoined = "input.part_joined", "A file was joined with the others that make a census with it, into one input.";
    PartLookedInto = "input.part_looked_into", "A file that waits for the others of its census can be read as its part by today's mapping, or cannot.";
    PartReplaced = "input.part_replaced", "A file that waited for the others of its census waits no more: a newer one took its place, a newer census was whole, or the mapping has changed.";
    InputRepeated = "input.repeated", "A file came that is byte for byte the one before; it is not recorded again.";
    InputResealed = "input.resealed", "After a crash a file that was archived already was sealed once more; what it holds is the same.";
    InputApplied = "input.applied", "An input was read and its families recorded.";
    InputQuarantined = "input.quarantined", "An input was set aside; nothing was derived from it.";
    InputHeld = "input.held", "An input waits for a person; nothing is derived from it.";
    InputSettled = "input.settled", "A person said what has come of an input that waited for one, or that one no run has used counts as never sent.";
    InputReread = "input.reread", "A person has the next run read an input once more that was read already, from its sealed copy.";
    SlotWatched = "slot.watched", "A feed's slots are watched from now on.";
    SlotTried = "slot.tried", "A feed was due and could not be run, or its run did not end; a later pass tries again.";
    SlotMissed = "slot.missed", "A slot's cut-off passed without a run.";
    SlotSettled = "slot.settled", "A slot has its run: the feed has run for its date on the same inputs.";
    SlotSkipped = "slot.skipped", "A person decided that a slot needs no run.";
    QuestionAnswered = "question.answered", "A person decided what no input says of a family.";
    QuestionAsked = "question.asked", "A person noted whom a question was put to, and until when; nothing is decided by it.";
    FeedHeld = "feed.held", "A person keeps a feed from being run.";
    FeedUnheld = "feed.unheld", "A person lets a held feed go.";
    RunOpened = "run.opened", "A run was opened on recorded inputs.";
    RunEmpty = "run.empty", "A run ended with nothing to send.";
    RunHeld = "run.held", "A run waits for a person.";
    RunReleased = "run.released", "A person let a held run go.";
    RunReplaced = "run.replaced", "Newer inputs came while a guard held a run that had no number yet: the feed's next run takes its place.";
    RunVoided = "run.voided", "A person gave a run up before anything was published; its numbers are not used again.";
    RunRebuilt = "run.rebuilt", "A person had a run computed again from the same inputs, under a new number.";
    RunFailed = "run.failed", "A run failed; it can be resumed.";
    RunMissed = "run.missed", "A feed failed before it had a run.";
    RunResumed = "run.resumed", "A run was taken up again.";
    BaselineDeclared = "baseline.declared", "A person said what a carrier knows already, from before its feed was bex's: it counts as told, and nothing is sent.";
    DeliveryNumbered = "delivery.numbered", "Numbers, times and names of a delivery were fixed, and its families staged.";
    DeliverySealed = "delivery.sealed", "The finished bytes were judged, sealed to the carrier, and kept.";
    DeliveryIntent = "delivery.intent", "An attempt begins: bytes may reach the carrier under a temporary name.";
    DeliveryVerified = "delivery.verified", "The bytes at the carrier were compared with the sealed ones.";
    DeliveryPublishing = "delivery.publishing", "From here on the delivery may have been published.";
    DeliveryDelivered = "delivery.delivered", "The sealed bytes stand under their final name.";
    DeliveryAssumed = "delivery.assumed", "A carrier that never answers was given its time; the delivery is taken for accepted.";
    DeliveryFailed = "delivery.failed", "An attempt failed before anything could have been published.";
    DeliveryUncertain = "delivery.uncertain", "Published or not cannot be decided.";
    DeliveryHeld = "delivery.held", "Another file stands under the final name.";
    DeliveryAttested = "delivery.attested", "A person said where a delivery's file is.";
    DeliverySettled = "delivery.settled", "A person said what the carrier has decided.";
    DeliveryResent = "delivery.resent", "A person had the same bytes sent once more, or taken to be carried.";
    DeliveryRebound = "delivery.rebound", "A person let a delivery go on though something is configured otherwise than it was decided for.";
    AckApplied = "acknowledgement.applied", "An acknowledgement was applied.";
    AckUnmatched = "acknowledgement.unmatched", "An acknowledgement names nothing of ours.";
    AckQuarantined = "acknowledgement.quarantined", "An acknowledgement could not be read.";
    AckPremature = "acknowledgement.premature", "An acknowledgement answers a delivery that was never sent; nothing follows from it.";
    AckContradicting = "acknowledgement.contradicting", "An acknowledgement says otherwise than an earlier one, which stands.";
    AckReread = "acknowledgement.reread", "A person had an acknowledgement read once more that could not be read, or named nothing of ours.";
    AckTraced = "acknowledgement.traced", "What an acknowledgement objects to was followed to the rows it comes from.";
    ActAsked = "act.asked", "A person asked for an act that another person has to approve; nothing was done yet.";
    ActRefused = "act.refused", "A person said that nothing is to come of an act that was asked for.";
    SettingsAdopted = "configuration.adopted", "The configuration was looked at for the first time, and taken as it stands.";
    SettingChanged = "configuration.changed", "A setting says something else than when it was last looked at.";
    SettingApproved = "configuration.approved", "A person approved a setting that somebody else had changed.";
    ClockJumped = "clock.jumped", "This machine's clock showed another time than it would have, had nobody set it since the last command.";
    ReviewSigned = "review.signed", "A person signed for the events of a day.";
    EmergencyDeclared = "emergency.declared", "Somebody took leave for a time that nobody had granted.";
    AccessDenied = "access.denied", "Somebody asked for what nobody has granted to them.";
    DecisionsRead = "decisions.read", "A person read what is decided of single members, by reference.";
    DisclosuresRead = "disclosures.read", "A person read to whom somebody's data were told.";
    AffectedRead = "affected.read", "A person read who was in a delivery.";
    KeysRotated = "keys.rotated", "A person had another key seal from now on, or went on with moving everything under it.";
    KeysMoved = "keys.moved", "Sealed records were sealed anew under the key that seals now; what they hold is the same.";
    BackupMade = "backup.made", "A backup was made, and restored on trial.";
    FileDestroyed = "file.destroyed", "A sealed file was destroyed when its time was over, with its key.";
    ReasonsShredded = "reasons.shredded", "Keys of months were destroyed when their time was over: what people typed in them opens no more.";
    FamiliesShredded = "families.shredded", "Keys of families were destroyed when their time was over; their records open no more.";
    LegallyHeld = "legal.held", "A person ordered that nothing of an employer, or nothing at all, is destroyed.";
    LegalHoldLifted = "legal.lifted", "A person lifted an order to keep.";
    ToldAsked = "telling.asked", "A person asked that somebody be told what no feed tells.";
    ToldApproved = "telling.approved", "Another person approved it: from here on it counts as told.";
    AckSettled = "acknowledgement.settled", "A person has dealt with an acknowledgement that was kept for somebody.";
}

/// One change of state as it is recorded, with names, counts and digests of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    action: Action,
    fields: Vec<(&'static str, EventValue)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum EventValue {
    Name(Label),
    Count(i64),
}

impl Event {
    /// An event about nothing in particular yet.
    pub fn new(action: Action) -> Event {
        Event { action, fields: Vec::new() }
    }

    /// Which entry of the catalogue it is.
    pub fn action(&self) -> Action {
        self.action
    }

    /// Adds a configured name, a hexadecimal digest or another word of ours.
    pub fn name(mut self, field: &'static str, name: &str) -> Event {
        self.fields.push((field, EventValue::Name(Label::new(name))));
        self
    }

    /// Adds an id or a count.
    pub fn count(mut self, field: &'static str, count: i64) -> Event {
        self.fields.push((field, EventValue::Count(count)));
        self
    }

    /// The event of an act that needs a permit: what was granted, and on what ground.
    pub fn permitted<A: Guarded>(self, permit: &Permit<A>) -> Event {
        self.name("permit", permit.act()).name("granted", permit.ground())
    }

    /// Says so where one person did what wants two, as the site allows it.
    pub fn done_alone(self, alone: bool) -> Event {
        if alone { self.name("alone", "one person") } else { self }
    }

    /// The canonical leaf: keys in the order `v`, `seq`, `at`, `env`, `actor`, `action`, then the event's own fields in
    /// the order they were added, then what its change has left in the store.
    pub fn leaf(&self, seq: i64, at: &str, by: &Authorship, left: &Imprints) -> String {
        use std::fmt::Write as _;
        let (actor, action) = (by.actor.leaf(), self.action.word());
        let env = by.environment.map_or_else(String::new, |word| format!(r#""env":"{word}","#));
        let mut leaf = format!(r#"{{"v":3,"seq":{seq},"at":"{at}",{env}"actor":{actor},"action":"{action}""#);
        for (field, value) in &self.fields {
            // Labels hold no character that JSON would have to escape.
            let _ = match value {
                EventValue::Name(name) => write!(leaf, r#","{field}":"{name}""#),
                EventValue::Count(count) => write!(leaf, r#","{field}":{count}"#),
            };
        }
        leaf.push_str(&left.json());
        leaf.push('}');
        leaf
    }
}

/// Who writes leaves, and on which kind of site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorship {
    /// As the kernel says.
    pub actor: Actor,
    /// The environment's word; none where a store is opened without its site.
    pub environment: Option<&'static str>,
}

impl From<Actor> for Authorship {
    fn from(actor: Actor) -> Authorship {
        Authorship { actor, environment: None }
    }
}

/// The leaf's hash as in RFC 6962: SHA-256 over a zero byte and the leaf.
pub fn leaf_hash(leaf: &str) -> [u8; 32] {
    Sha256::new().chain_update([0]).chain_update(leaf).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access;

    #[test]
    fn a_leaf_is_one_line_of_json_whatever_a_name_holds() {
        let event = Event::new(Action::RunOpened).name("feed", "a\"b\n").count("run", 7);
        let by = Authorship { environment: Some("production"), ..Actor::named("jdoe").into() };
        let leaf = event.leaf(1, "2026-03-02T00:00:00Z", &by, &Imprints::default());
        let read: serde_json::Value = serde_json::from_str(&leaf).unwrap();
        assert_eq!(read["feed"], "a?b?");
        assert_eq!(read["run"], 7);
        assert_eq!((&read["actor"]["user"], &read["env"]), (&"jdoe".into(), &"production".into()));
    }

    #[test]
    fn an_act_that_needs_a_permit_records_what_was_granted_and_on_what_ground() {
        let actor = Actor::named("jdoe");
        let access = access::SiteAccess::default();
        let (scope, today) = (access::Concern::Anywhere, chrono::NaiveDate::MIN);
        let asked = access::LeaveAsked { access: &access, actor: &actor, scope, today, emergency: None };
        let permit = access::grant::<access::Release>(&asked).unwrap();
        let leaf = Event::new(Action::RunReleased).permitted(&permit).leaf(
            1,
            "2026-03-02T00:00:00Z",
            &actor.clone().into(),
            &Imprints::default(),
        );
        assert!(leaf.ends_with(r#""action":"run.released","permit":"release","granted":"everybody"}"#), "{leaf}");
    }
}
