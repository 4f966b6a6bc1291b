//! Permits: to hold one proves that somebody was asked whether the actor may.

use std::marker::PhantomData;

use chrono::NaiveDate;

use super::actor::Actor;
use super::grants::{Concern, CoveredAt, SiteAccess};
use super::role::Role;
use super::role::Role::{Auditor, BenefitsAdmin, CarrierManager, Dba, Operator, PrivacyOfficer, SecurityReviewer};
use super::rules;
use crate::fault::Fault;

/// An act that needs a permit.
pub trait Guarded {
    /// The word in events.
    const WORD: &'static str;
    /// Whoever has one of these roles may do it.
    const ROLES: &'static [Role];
}

/// An act of the table: its word, the roles it belongs to, and what it is.
#[derive(Clone, Copy, Debug)]
pub struct GuardedAct {
    /// The word in events.
    pub word: &'static str,
    /// Whoever has one of these may do it.
    pub roles: &'static [Role],
    /// In a sentence, for `bex grants --roles`.
    pub meaning: &'static str,
}

/// Declares the acts that need a permit with their words, roles and meanings, one line each.
macro_rules! guarded {
    ($($act:ident = $word:literal, [$($role:ident)*], $meaning:literal;)+) => {
        $(
            #[doc = $meaning]
            #[derive(Debug)]
            pub enum $act {}

            impl Guarded for $act {
                const WORD: &'static str = $word;
                const ROLES: &'static [Role] = &[$($role),*];
            }
        )+

        /// Every act that needs a permit.
        pub const ACTS: &[GuardedAct] =
            &[$(GuardedAct { word: $word, roles: &[$($role),*], meaning: $meaning }),+];
    };
}

guarded! {
    Look = "look", [Operator BenefitsAdmin PrivacyOfficer SecurityReviewer Dba Auditor CarrierManager],
        "Seeing runs, deliveries and answers: counts, codes and references.";
    LookAtMembers = "look-at-members", [Operator BenefitsAdmin PrivacyOfficer CarrierManager],
        "Seeing what is decided of single members, by reference.";
    RunFeeds = "run", [Operator], "Having feeds run.";
    Resume = "resume", [Operator], "Going on with a run from its last commit.";
    Release = "release", [Operator BenefitsAdmin], "Letting a run go that a guard has held.";
    Void = "void", [Operator BenefitsAdmin], "Giving a run up.";
    Recover = "recover", [Operator Dba], "Going on with a store that is older than what lies beside it.";
    Skip = "skip", [Operator], "Deciding that a slot needs no run.";
    Attest = "attest", [Operator CarrierManager], "Saying where a delivery's file is.";
    Settle = "settle", [Operator CarrierManager],
        "Saying what a carrier has decided, or what has come of its answer.";
    SettleInput = "settle-input", [Operator BenefitsAdmin], "Saying what has come of a file that waits for somebody.";
    FetchAnswers = "acks", [Operator CarrierManager], "Fetching what carriers answer.";
    Resend = "resend", [Operator], "Having the same bytes sent once more.";
    Hold = "hold", [Operator BenefitsAdmin PrivacyOfficer CarrierManager], "Keeping a feed from being run.";
    Accept = "accept", [Operator CarrierManager],
        "Letting a delivery go on though something is configured otherwise than it was decided for.";
    Decide = "answer", [BenefitsAdmin], "Deciding what no input says.";
    Declare = "baseline", [BenefitsAdmin], "Saying what a carrier knows before a feed's first file.";
    Inquire = "inquire", [Operator BenefitsAdmin], "Noting whom a question was put to, and until when.";
    Rebuild = "rebuild", [Operator BenefitsAdmin], "Having a run computed again.";
    Probe = "doctor", [Operator CarrierManager Dba], "Looking whether tonight can be sent.";
    MoveStore = "migrate", [Dba], "Moving the store into another database.";
    ReadAccount = "disclosures", [BenefitsAdmin PrivacyOfficer], "Reading to whom a person's data were told.";
    ReadAffected = "affected", [PrivacyOfficer SecurityReviewer], "Reading who was in a delivery.";
    Reveal = "reveal", [BenefitsAdmin PrivacyOfficer], "Seeing people's names and addresses.";
    Approve = "approve", [PrivacyOfficer SecurityReviewer], "Approving what was configured by somebody else.";
    Review = "review", [SecurityReviewer], "Signing for what was done on a day.";
    Verify = "verify", [Operator Dba Auditor PrivacyOfficer SecurityReviewer],
        "Holding store, files and configuration against the record of events.";
    BackUp = "backup", [Dba Operator], "Making a backup, and restoring it on trial.";
    Retain = "retention", [PrivacyOfficer], "Destroying what is due, and ordering that nothing is.";
    Disclose = "disclose", [BenefitsAdmin PrivacyOfficer], "Asking that somebody be told what no feed tells.";
    ApproveTelling = "approve-telling", [PrivacyOfficer SecurityReviewer],
        "Approving that somebody is told what no feed tells.";
    RotateKeys = "rotate-keys", [SecurityReviewer Dba], "Putting another key in the place of the vault's.";
    Audit = "audit", [Auditor PrivacyOfficer SecurityReviewer Dba], "Reading the record of events.";
}

/// Leave to act: whoever does the act asks for it.
#[derive(Debug)]
pub struct Permit<A: Guarded> {
    // Private, and no constructor but the one that judges an actor: who holds a permit has been judged.
    ground: String,
    act: PhantomData<A>,
}

impl<A: Guarded> Permit<A> {
    /// The word of what was granted, as events hold it.
    pub fn act(&self) -> &'static str {
        A::WORD
    }

    /// On what ground: a grant, an emergency, or that everybody may.
    pub fn ground(&self) -> &str {
        &self.ground
    }
}

/// What there is to judge by: the person, the grants, the day.
#[derive(Clone, Copy, Debug)]
pub struct LeaveAsked<'a> {
    /// The site's grants.
    pub access: &'a SiteAccess,
    /// Whoever acts.
    pub actor: &'a Actor,
    /// What the act concerns.
    pub scope: Concern<'a>,
    /// The civil day.
    pub today: NaiveDate,
    /// The emergency that somebody has declared and that lasts, by its number.
    pub emergency: Option<i64>,
}

/// Asks whether the actor may.
///
/// # Errors
/// ACC001, with the roles of which one is missing.
pub fn grant<A: Guarded>(asked: &LeaveAsked) -> Result<Permit<A>, Fault> {
    let permit = |ground: String| Ok(Permit { ground, act: PhantomData });
    // Deny by default begins with the file: a site that has none has decided nothing yet, and is told so.
    let Some(declared) = &asked.access.declared else { return permit("everybody".to_string()) };
    let at = CoveredAt { scope: asked.scope, today: asked.today };
    if let Some(grant) = declared.covering(asked.actor, A::ROLES, at) {
        return permit(format!("{} {}", grant.role.word(), grant.name));
    }
    // Behind the grants, so that what was granted anyway is not done in the name of an emergency.
    if let Some(emergency) = asked.emergency {
        return permit(format!("emergency {emergency}"));
    }
    if let Some(day) = declared.conduct.filter(|_| declared.lacks_acceptance(asked.actor, A::ROLES, at)) {
        let person = asked.actor.person().as_str();
        return Err(rules::NOT_ACCEPTED
            .fault()
            .name("act", A::WORD)
            .name("person", person)
            .name("of", &day.to_string()));
    }
    Err(refusal::<A>(asked))
}

fn refusal<A: Guarded>(asked: &LeaveAsked) -> Fault {
    let roles = A::ROLES.iter().map(|role| role.word()).collect::<Vec<_>>().join(" or ");
    let person = asked.actor.person().as_str();
    let fault = rules::NOT_GRANTED.fault().name("act", A::WORD).name("person", person).name("role", &roles);
    // What was asked about is named as it was typed or configured: whether it exists is not said by that.
    match asked.scope {
        Concern::Anywhere => fault,
        Concern::Of { employer, carrier } => {
            fault.name("employer", employer.unwrap_or("all")).name("carrier", carrier.unwrap_or("all"))
        }
    }
}
