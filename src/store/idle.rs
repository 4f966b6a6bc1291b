//! Connections that nobody uses just now.
//!
//! A pool of sqlx's asks a connection whether it lives, before and after each use, and takes it back in a task of its
//! own: whoever asks meanwhile is given another one, in which every statement is prepared and every page read once
//! more. Here the last one used is the next one given, so that one thread has one connection and its memory.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// As many as were used at once so far; the last one given back is the next one taken.
#[derive(Debug)]
pub(super) struct Idle<C>(Mutex<Vec<C>>);

impl<C> Idle<C> {
    pub(super) fn new() -> Idle<C> {
        Idle(Mutex::new(Vec::new()))
    }

    pub(super) fn take(&self) -> Option<C> {
        self.all().pop()
    }

    pub(super) fn give(&self, connection: C) {
        self.all().push(connection);
    }

    /// All of them, to be ended.
    pub(super) fn empty(&self) -> Vec<C> {
        std::mem::take(&mut *self.all())
    }

    fn all(&self) -> MutexGuard<'_, Vec<C>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
