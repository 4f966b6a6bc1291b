//! One line of care, as told and as it is to be → the HD loops that lead from the one to the other.

use chrono::NaiveDate;

use super::rules::{day_after, day_before};
use super::timeline::{Timeline, alike};
use crate::mapping::{
    AfterGap, AloneTold, EarlierStart, Extended, FileDialect, PlanChange, Reopened, Shortened, Styles, Switch,
};
use crate::model::enrollment::{Coverage, CoverageChange, Maintenance};
use crate::model::reference::tells_more;

/// Whether a price, a provider or a reference differs that the carrier is told of by itself.
pub(super) fn belongs_otherwise(told: &Coverage, now: &Coverage, dialect: FileDialect) -> bool {
    let is_told = |alone: AloneTold| alone == AloneTold::Told;
    (told.pcp != now.pcp && is_told(dialect.provider_alone))
        || (told.cost != now.cost && is_told(dialect.price_alone))
        || tells_more(&told.refs, &now.refs)
}

/// The order of loops: what was told wrongly is taken back, what ends is said before what begins, as it happens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Cancel,
    End,
    Reinstate,
    Begin,
    Change,
}

/// Loops in the making.
pub(super) struct Loops {
    styles: Styles,
    now: Timeline,
    /// Spans to be told that no told span has become.
    new: Vec<Coverage>,
    said: Vec<(Rank, CoverageChange)>,
}

impl Loops {
    /// Nothing is said yet.
    pub fn new(now: &Timeline, styles: Styles) -> Loops {
        Loops { styles, now: now.clone(), new: now.spans().to_vec(), said: Vec::new() }
    }

    /// Loop by loop, as a carrier is to work them.
    pub fn in_order(mut self) -> Vec<CoverageChange> {
        self.said.sort_by_key(|(rank, _)| *rank);
        self.said.into_iter().map(|(_, change)| change).collect()
    }

    /// Says everything of a line each of whose spans is on file by itself.
    pub fn say_spans(&mut self, told: &Timeline) {
        for span in told.spans() {
            match self.become_of(span) {
                Some(now) => self.go_on(span, now),
                None => self.gone(span),
            }
        }
        for begun in std::mem::take(&mut self.new) {
            self.begin(told, begun);
        }
    }

    /// Says a loop that its own days date.
    pub fn say(&mut self, rank: Rank, maintenance: Maintenance, coverage: Coverage) {
        self.said.push((rank, CoverageChange::new(maintenance, coverage)));
    }

    /// Says what goes on otherwise from a day on that may lie long after its beginning.
    pub fn say_since(&mut self, since: Option<NaiveDate>, maintenance: Maintenance, coverage: Coverage) {
        let rank = if maintenance == Maintenance::Reinstate { Rank::Reinstate } else { Rank::Change };
        self.said.push((rank, CoverageChange { since, ..CoverageChange::new(maintenance, coverage) }));
    }

    /// What begins, and was not told: by itself, or as what was told of the plan goes on.
    pub fn begin(&mut self, told: &Timeline, begun: Coverage) {
        let had = |span: &&Coverage| span.plan == begun.plan && !span.is_open_on(begun.begin);
        // What was told to hold on this day has not ended before it.
        let holds = told.on(begun.begin).is_some_and(|span| span.plan == begun.plan);
        let before = told.spans().iter().rfind(had).filter(|_| !holds).and_then(|span| span.end);
        let eve = day_before(begun.begin);
        let goes_on = before == Some(eve);
        // Where the plan is brought back up to this day, it begins after no gap.
        let gap = self.now.on(eve).is_none_or(|span| span.plan != begun.plan);
        let dialect = self.styles.dialect;
        let brought_back = match before {
            Some(_) if goes_on => dialect.reopened == Reopened::NewDay && begun.filed == Some(begun.begin),
            Some(_) => gap && dialect.after_gap == AfterGap::Reinstatement,
            None => false,
        };
        if brought_back {
            self.say_since(Some(begun.begin), Maintenance::Reinstate, begun);
        } else {
            self.say(Rank::Begin, Maintenance::Add, begun);
        }
    }

    /// Another last day than the one that was told, or none any more.
    pub fn move_end(&mut self, was: Option<NaiveDate>, now: Coverage) {
        let dialect = self.styles.dialect;
        match (was, now.end) {
            (Some(was), Some(is)) if is < was && dialect.shortened == Shortened::ReinstateFirst => {
                self.bring_back_and_end(day_after(was), now);
            }
            (Some(was), Some(is)) if is < was => self.say(Rank::End, Maintenance::Terminate, now),
            (None, _) => self.say(Rank::End, Maintenance::Terminate, now),
            (Some(was), Some(_)) if dialect.extended == Extended::ReinstateThenEnd => {
                self.bring_back_and_end(day_after(was), now);
            }
            (Some(was), Some(_)) if dialect.extended == Extended::End => {
                let sent = CoverageChange::new(Maintenance::Terminate, now);
                self.said.push((Rank::Reinstate, CoverageChange { since: Some(day_after(was)), ..sent }));
            }
            // A later end than told, or none: the coverage is brought back, to its new end.
            (Some(was), _) => self.say_since(Some(day_after(was)), Maintenance::Reinstate, now),
        }
    }

    fn bring_back_and_end(&mut self, since: NaiveDate, now: Coverage) {
        self.say_since(Some(since), Maintenance::Reinstate, Coverage { end: None, ..now.clone() });
        self.say(Rank::Reinstate, Maintenance::Terminate, now);
    }

    /// What a told span is from now on: the first that is like it and has a day in common with it.
    fn become_of(&mut self, told: &Coverage) -> Option<Coverage> {
        let place = self.new.iter().position(|now| alike(told, now) && told.shares_a_day_with(now))?;
        Some(self.new.remove(place))
    }

    fn go_on(&mut self, told: &Coverage, now: Coverage) {
        let moved = told.begin != now.begin;
        let same_end = told.end == now.end;
        let retold = self.styles.dialect.earlier_start == EarlierStart::TermAdd;
        // A change on a later day would leave the days before it covered, and one that moves both days says neither.
        if now.begin > told.begin || (moved && (retold || !same_end)) {
            self.gone(told);
            self.say(Rank::Begin, Maintenance::Add, now);
        } else if !same_end {
            self.end_otherwise(told, now);
        } else if moved || belongs_otherwise(told, &now, self.styles.dialect) {
            // Only the first day and what belongs to the stretch are left to differ. From when on a provider or a
            // price holds, no input says.
            self.say_since(moved.then_some(now.begin), Maintenance::Change, now);
        }
    }

    /// Another end; or, where the carrier wants it so and something else goes on in its place, that change alone.
    fn end_otherwise(&mut self, told: &Coverage, now: Coverage) {
        let next = now.end.map(day_after);
        let shorter = now.end.is_some_and(|is| told.end.is_none_or(|was| is < was));
        let before = self.said.len();
        let said = shorter && self.changes_to(told, |other| Some(other.begin) == next && other.end == told.end);
        if !said {
            self.move_end(told.end, now);
        } else if tells_more(&told.refs, &now.refs) {
            // The loop of what goes on in its place says nothing of the days before it.
            let restated = Coverage { end: told.end, ..now };
            self.said.insert(before, (Rank::Change, CoverageChange::new(Maintenance::Change, restated)));
        }
    }

    /// No day is left as told: another plan or level stood all the time, or the coverage never took effect.
    fn gone(&mut self, told: &Coverage) {
        let said = self.changes_to(told, |other| other.begin == told.begin && other.end == told.end);
        if !said {
            let event = self.new.iter().find(|other| other.begin == told.begin).and_then(|other| other.event);
            let never = Coverage { end: Some(told.begin), event, ..told.clone() };
            self.say(Rank::Cancel, Maintenance::Terminate, never);
        }
    }

    /// Says a new span as a change, where the carrier wants that told so and there is such a span.
    fn changes_to(&mut self, told: &Coverage, is: impl Fn(&Coverage) -> bool) -> bool {
        let Styles { plan_change, dialect } = self.styles;
        let as_change = |other: &Coverage| {
            let wanted = if other.plan == told.plan {
                plan_change == PlanChange::Change
            } else {
                dialect.switch == Switch::Change
            };
            wanted && other.cobra == told.cobra
        };
        let place = self.new.iter().position(|other| is(other) && as_change(other));
        let changed = place.map(|place| self.new.remove(place));
        let said = changed.is_some();
        changed.into_iter().for_each(|changed| self.say_since(Some(changed.begin), Maintenance::Change, changed));
        said
    }
}
