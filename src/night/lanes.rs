//! Turns side by side: those of one partner one after the other, since they share control numbers and a login; those of
//! others at the same time, so that a carrier that is slow keeps only its own.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::engine::{Engine, LaneSeed};
use crate::fault::Fault;
use crate::model::ids::FeedName;

/// What decides when a turn can begin.
pub(super) struct LaneTurn<'n> {
    /// For whom the turn is: others may follow it.
    pub feed: &'n FeedName,
    /// With whom its control numbers are counted.
    pub partner: String,
    /// The feeds that it is to follow.
    pub after: &'n [FeedName],
}

/// What is done in a turn, by its place in the list.
pub(super) type TurnWork<'n, R> = &'n (dyn Fn(&Engine, usize) -> Result<R, Fault> + Sync);

/// Turns, and what is done in each.
pub(super) struct Lanes<'n, R> {
    turns: Vec<LaneTurn<'n>>,
    work: TurnWork<'n, R>,
    table: Mutex<TurnTable>,
    moved: Condvar,
}

/// Which turns are where.
struct TurnTable {
    /// Not begun, in their order.
    waiting: Vec<usize>,
    /// Under way.
    running: BTreeSet<usize>,
}

/// What a lane has to say.
enum LaneNews<R> {
    Begun(usize),
    Ended(usize, Result<R, Fault>),
    /// It could not begin.
    Failed(Fault),
}

impl<'n, R: Send> Lanes<'n, R> {
    pub fn new(turns: Vec<LaneTurn<'n>>, work: TurnWork<'n, R>) -> Lanes<'n, R> {
        let table = TurnTable { waiting: (0..turns.len()).collect(), running: BTreeSet::new() };
        Lanes { turns, work, table: Mutex::new(table), moved: Condvar::new() }
    }

    /// Does every turn, at most so many at once, and returns what each came to, in their order.
    ///
    /// # Errors
    /// The first fault of a turn, once all that began has ended.
    pub fn run(&self, engine: &Engine, jobs: usize, begun: &mut dyn FnMut(usize)) -> Result<Vec<R>, Fault> {
        let (send, news) = channel();
        thread::scope(|scope| {
            for _ in 0..jobs.min(self.turns.len()) {
                let (seed, send) = (engine.seed(), send.clone());
                scope.spawn(move || self.work(seed, &send));
            }
            drop(send);
            self.gather(&news, begun)
        })
    }

    fn gather(&self, news: &Receiver<LaneNews<R>>, begun: &mut dyn FnMut(usize)) -> Result<Vec<R>, Fault> {
        let mut ended: Vec<Option<R>> = self.turns.iter().map(|_| None).collect();
        let mut failed = None;
        for news in news {
            match news {
                LaneNews::Begun(n) => begun(n),
                LaneNews::Ended(n, Ok(came)) => ended[n] = Some(came),
                LaneNews::Ended(_, Err(fault)) | LaneNews::Failed(fault) => failed = failed.or(Some(fault)),
            }
        }
        failed.map_or(Ok(ended.into_iter().flatten().collect()), Err)
    }

    fn work(&self, seed: LaneSeed, say: &Sender<LaneNews<R>>) {
        let engine = match seed.open() {
            Ok(engine) => engine,
            Err(fault) => return drop(say.send(LaneNews::Failed(fault))),
        };
        while let Some(at) = self.next() {
            // Whoever listened is gone only with the process.
            let _ = say.send(LaneNews::Begun(at.n));
            let _ = say.send(LaneNews::Ended(at.n, (self.work)(&engine, at.n)));
        }
    }

    /// The first turn that can begin, as soon as there is one; none when there is nothing left to begin.
    fn next(&self) -> Option<TurnUnderWay<'_, 'n, R>> {
        let mut table = self.table();
        while !table.waiting.is_empty() {
            if let Some(at) = table.waiting.iter().position(|n| self.may_begin(&table, *n)) {
                let n = table.waiting.remove(at);
                table.running.insert(n);
                return Some(TurnUnderWay { lanes: self, n });
            }
            table = self.moved.wait(table).unwrap_or_else(PoisonError::into_inner);
        }
        None
    }

    /// Nobody is logged in at its partner, and nothing that it follows is still to be done. Were two to wait for each
    /// other, the first begins all the same and says for what it waits.
    fn may_begin(&self, table: &TurnTable, n: usize) -> bool {
        let turn = &self.turns[n];
        let is_before = |other: &usize| *other != n && turn.after.contains(self.turns[*other].feed);
        let waits = table.waiting.iter().chain(&table.running).any(is_before);
        let is_free = table.running.iter().all(|other| self.turns[*other].partner != turn.partner);
        let is_stuck = table.running.is_empty() && table.waiting.first() == Some(&n);
        is_free && (!waits || is_stuck)
    }

    fn table(&self) -> MutexGuard<'_, TurnTable> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A turn that is under way until this is dropped, whatever ends it.
struct TurnUnderWay<'l, 'n, R: Send> {
    lanes: &'l Lanes<'n, R>,
    n: usize,
}

impl<R: Send> Drop for TurnUnderWay<'_, '_, R> {
    fn drop(&mut self) {
        self.lanes.table().running.remove(&self.n);
        self.lanes.moved.notify_all();
    }
}
