//! What all tables have in common.

use std::fmt;

use super::rules::{not_permitted, unknown_word};
use super::{AckState, AttemptState, DeliveryState, InputState, LedgerState, QuestionState, RunState, SlotState};
use crate::audit::Action;
use crate::fault::Fault;

/// A permitted change of state: from any of these, to this, by any of these events.
#[derive(Clone, Copy, Debug)]
pub struct Transition<S: 'static> {
    /// The states it leads from; none where it is a beginning.
    pub from: &'static [S],
    /// The state it leads to.
    pub to: S,
    /// The events it is named by; one of them is recorded in the same transaction.
    pub by: &'static [Action],
    /// When it happens.
    pub when: &'static str,
}

/// A set of states with its table of transitions.
pub trait State: Copy + Eq + fmt::Debug + 'static {
    /// What it is that stands so: `run`, `delivery`.
    const OF: &'static str;
    /// Every state.
    const ALL: &'static [Self];
    /// The table.
    const TRANSITIONS: &'static [Transition<Self>];

    /// The word in the store and in JSON.
    fn word(self) -> &'static str;

    /// What the state means.
    fn meaning(self) -> &'static str;

    /// The state a stored word stands for.
    ///
    /// # Errors
    /// STO007: the word is none of ours, and is not guessed at.
    fn read(word: &str) -> Result<Self, Fault> {
        Self::ALL.iter().copied().find(|state| state.word() == word).ok_or_else(|| unknown_word(Self::OF))
    }

    /// Begins in this state by this event.
    ///
    /// # Errors
    /// STO008 where the table has no such beginning.
    fn begin(self, by: Action) -> Result<(), Fault> {
        let begins = |row: &&Transition<Self>| row.from.is_empty() && row.to == self && row.by.contains(&by);
        Self::TRANSITIONS.iter().find(begins).map(drop).ok_or_else(|| not_permitted(Self::OF, None, self.word()))
    }

    /// Goes over to another state by this event. To stay where one is, is no transition.
    ///
    /// # Errors
    /// STO008 where the table has no such transition.
    fn go_over(self, to: Self, by: Action) -> Result<(), Fault> {
        let leads = |row: &&Transition<Self>| row.from.contains(&self) && row.to == to && row.by.contains(&by);
        let stays = self == to;
        let found = stays || Self::TRANSITIONS.iter().any(|row| leads(&row));
        if found { Ok(()) } else { Err(not_permitted(Self::OF, Some(self.word()), to.word())) }
    }

    /// Whether nothing leads on from here.
    fn is_final(self) -> bool {
        !Self::TRANSITIONS.iter().any(|row| row.from.contains(&self))
    }
}

/// A table as words, for whoever treats all of them alike: the database's triggers and the page.
#[derive(Clone, Debug)]
pub struct Machine {
    /// What it is that stands so.
    pub of: &'static str,
    /// Every state's word and meaning.
    pub states: Vec<(&'static str, &'static str)>,
    /// Every permitted transition, one of each pair of states and each reason.
    pub arrows: Vec<Arrow>,
}

/// A permitted transition as words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// From where; `None` where it is a beginning.
    pub from: Option<&'static str>,
    /// The word of the state it leads to.
    pub to: &'static str,
    /// The events it is named by.
    pub by: Vec<&'static str>,
    /// When it happens.
    pub when: &'static str,
}

impl Machine {
    fn of<S: State>() -> Machine {
        let states = S::ALL.iter().map(|state| (state.word(), state.meaning())).collect();
        Machine { of: S::OF, states, arrows: S::TRANSITIONS.iter().flat_map(arrows).collect() }
    }

    /// Whether the table has this pair, by whatever event; `from` is `None` for a beginning.
    pub fn permits(&self, from: Option<&str>, to: &str) -> bool {
        self.arrows.iter().any(|arrow| arrow.from == from && arrow.to == to)
    }
}

fn arrows<S: State>(row: &Transition<S>) -> Vec<Arrow> {
    let by: Vec<&str> = row.by.iter().map(|act| act.word()).collect();
    let arrow = |from: Option<&S>| Arrow {
        from: from.map(|state| state.word()),
        to: row.to.word(),
        by: by.clone(),
        when: row.when,
    };
    if row.from.is_empty() { vec![arrow(None)] } else { row.from.iter().map(|from| arrow(Some(from))).collect() }
}

/// Every table, in the order things come to be.
pub fn machines() -> Vec<Machine> {
    vec![
        Machine::of::<InputState>(),
        Machine::of::<SlotState>(),
        Machine::of::<RunState>(),
        Machine::of::<DeliveryState>(),
        Machine::of::<AttemptState>(),
        Machine::of::<LedgerState>(),
        Machine::of::<AckState>(),
        Machine::of::<QuestionState>(),
    ]
}

/// Declares the states of a thing with their words and meanings, and the table of their transitions.
macro_rules! states {
    (
        $(#[$doc:meta])* $name:ident of $of:literal
        { $($state:ident = $word:literal, $meaning:literal;)+ }
        { $([$($from:ident),*] => $to:ident by [$($by:ident),+]: $when:literal;)+ }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = $meaning] $state,)+
        }

        impl $crate::state::State for $name {
            const OF: &'static str = $of;
            const ALL: &'static [$name] = &[$($name::$state),+];
            const TRANSITIONS: &'static [$crate::state::Transition<$name>] = &[$(
                $crate::state::Transition {
                    from: &[$($name::$from),*],
                    to: $name::$to,
                    by: &[$($crate::audit::Action::$by),+],
                    when: $when,
                }
            ),+];

            fn word(self) -> &'static str {
                match self { $($name::$state => $word),+ }
            }

            fn meaning(self) -> &'static str {
                match self { $($name::$state => $meaning),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str($crate::state::State::word(*self))
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_no_state_has_is_a_fault_and_never_a_default() {
        assert_eq!(RunState::read("open"), Ok(RunState::Open));
        for word in ["", "Open", "opened", "numbered"] {
            assert_eq!(RunState::read(word).unwrap_err().code, "STO007", "{word}");
        }
    }

    #[test]
    fn a_transition_needs_its_own_event() {
        assert!(RunState::Held.go_over(RunState::Open, Action::RunReleased).is_ok());
        assert_eq!(RunState::Held.go_over(RunState::Open, Action::RunHeld).unwrap_err().code, "STO008");
        assert_eq!(RunState::Void.go_over(RunState::Open, Action::RunReleased).unwrap_err().code, "STO008");
        assert!(RunState::Open.begin(Action::RunOpened).is_ok());
        assert_eq!(RunState::Held.begin(Action::RunOpened).unwrap_err().code, "STO008");
    }

    #[test]
    fn every_state_can_be_reached_and_no_two_have_a_word_in_common() {
        for machine in machines() {
            let mut words: Vec<&str> = machine.states.iter().map(|(word, _)| *word).collect();
            let reached = |word: &&str| machine.arrows.iter().any(|arrow| arrow.to == *word);
            assert!(words.iter().all(reached), "{}", machine.of);
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), machine.states.len(), "{}", machine.of);
        }
    }
}
