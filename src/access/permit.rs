//! Permits: to hold one proves that somebody was asked whether the actor may.

use std::marker::PhantomData;

use super::actor::Actor;
use crate::fault::Fault;

/// An act that needs a permit.
pub trait Guarded {
    /// The word in events.
    const WORD: &'static str;
}

/// Letting a run go that a guard has held.
#[derive(Debug)]
pub enum Release {}

/// Giving a run up.
#[derive(Debug)]
pub enum Void {}

/// Going on with a store that is older than what lies beside it.
#[derive(Debug)]
pub enum Recover {}

/// Deciding that a slot needs no run.
#[derive(Debug)]
pub enum Skip {}

/// Saying where a delivery's file is.
#[derive(Debug)]
pub enum Attest {}

/// Saying what a carrier has decided, or what has come of its answer.
#[derive(Debug)]
pub enum Settle {}

/// Having the same bytes sent once more.
#[derive(Debug)]
pub enum Resend {}

/// Keeping a feed from being run.
#[derive(Debug)]
pub enum Hold {}

/// Having a run computed again.
#[derive(Debug)]
pub enum Rebuild {}

impl Guarded for Skip {
    const WORD: &'static str = "skip";
}

impl Guarded for Release {
    const WORD: &'static str = "release";
}

impl Guarded for Void {
    const WORD: &'static str = "void";
}

impl Guarded for Recover {
    const WORD: &'static str = "recover";
}

impl Guarded for Attest {
    const WORD: &'static str = "attest";
}

impl Guarded for Settle {
    const WORD: &'static str = "settle";
}

impl Guarded for Resend {
    const WORD: &'static str = "resend";
}

impl Guarded for Hold {
    const WORD: &'static str = "hold";
}

impl Guarded for Rebuild {
    const WORD: &'static str = "rebuild";
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
