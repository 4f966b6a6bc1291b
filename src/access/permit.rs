//! Permits: to hold one proves that somebody was asked whether the actor may.

use std::marker::PhantomData;

use super::actor::Actor;
use crate::fault::Fault;

/// An act that needs a permit.
pub trait Guarded {
    /// The word in events.
    const WORD: &'static str;
}

/// Declares the acts that need a permit with their words and meanings, one line each.
macro_rules! guarded {
    ($($act:ident = $word:literal, $meaning:literal;)+) => {$(
        #[doc = $meaning]
        #[derive(Debug)]
        pub enum $act {}

        impl Guarded for $act {
            const WORD: &'static str = $word;
        }
    )+};
}

guarded! {
    Release = "release", "Letting a run go that a guard has held.";
    Void = "void", "Giving a run up.";
    Recover = "recover", "Going on with a store that is older than what lies beside it.";
    Skip = "skip", "Deciding that a slot needs no run.";
    Attest = "attest", "Saying where a delivery's file is.";
    Settle = "settle", "Saying what a carrier has decided, or what has come of its answer.";
    SettleInput = "settle-input", "Saying what has come of a file that waits for somebody.";
    Resend = "resend", "Having the same bytes sent once more.";
    Hold = "hold", "Keeping a feed from being run.";
    Accept = "accept", "Letting a delivery go on though something is configured otherwise than it was decided for.";
    Decide = "answer", "Deciding what no input says.";
    Rebuild = "rebuild", "Having a run computed again.";
    ReadAccount = "disclosures", "Reading to whom a person's data were told.";
    ReadAffected = "affected", "Reading who was in a delivery.";
}

/// Leave to act: whoever does the act asks for it.
#[derive(Debug)]
pub struct Permit<A: Guarded> {
    // Private, and no constructor but the one that judges an actor: who holds a permit has been judged.
    ground: &'static str,
    act: PhantomData<A>,
}

impl<A: Guarded> Permit<A> {
    /// The word of what was granted, as events hold it.
    pub fn act(&self) -> &'static str {
        A::WORD
    }

    /// On what ground: a role, or that everybody may.
    pub fn ground(&self) -> &'static str {
        self.ground
    }
}

/// Asks whether the actor may. For now everybody may.
///
/// # Errors
/// None yet; whoever is refused will be told here which role is missing.
pub fn grant<A: Guarded>(_: &Actor) -> Result<Permit<A>, Fault> {
    Ok(Permit { ground: "everybody", act: PhantomData })
}
