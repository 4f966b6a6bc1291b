//! The DTP segments of one loop: each kind once, and no end before its beginning.

use crate::guide::codes;
use crate::rule::Rule;
use crate::rules;
use crate::validate::at::At;
use crate::validate::report::Log;
use crate::value::{self, Day};

/// Dates of one loop remembered at most; a loop can have no more kinds.
const KINDS: usize = 32;

/// Beginnings and their ends.
const PERIODS: [(&[u8], &[u8]); 12] = [
    (b"348", b"349"),
    (b"356", b"357"),
    (b"336", b"337"),
    (b"338", b"339"),
    (b"340", b"341"),
    (b"350", b"351"),
    (b"360", b"361"),
    (b"344", b"345"),
    (b"385", b"386"),
    (b"473", b"474"),
    (b"297", b"296"),
    (b"090", b"091"),
];

/// What a repeated date and a reversed period breach, which depends on the loop.
#[derive(Clone, Copy)]
pub(crate) struct DateRules {
    pub repeated: &'static Rule,
    pub reversed: &'static Rule,
}

/// In a coverage.
pub(crate) const COVERAGE: DateRules =
    DateRules { repeated: &rules::DATE_REPEATED, reversed: &rules::COVERAGE_REVERSED };

/// Everywhere else.
pub(crate) const OTHER: DateRules =
    DateRules { repeated: &rules::MEMBER_DATE_REPEATED, reversed: &rules::PERIOD_REVERSED };

/// The dates of one loop.
#[derive(Clone, Copy)]
pub(crate) struct Dates {
    kinds: [(u32, Day, Day); KINDS],
    len: usize,
}

impl Dates {
    pub(crate) const NONE: Dates = Dates { kinds: [(0, 0, 0); KINDS], len: 0 };

    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn find(&self, kind: &[u8]) -> Option<(Day, Day)> {
        let key = codes::key(kind);
        self.kinds[..self.len].iter().find(|(known, _, _)| *known == key).map(|(_, from, to)| (*from, *to))
    }

    /// Whether a date of a kind was there.
    pub(crate) fn has(&self, kind: &[u8]) -> bool {
        self.find(kind).is_some()
    }

    /// Whether a date of a kind was there and is a range.
    pub(crate) fn has_range(&self, kind: &[u8]) -> bool {
        self.find(kind).is_some_and(|(from, to)| from != to)
    }

    /// Adds a DTP segment and judges it against those before it.
    #[inline]
    pub(crate) fn add(&mut self, at: At<'_>, rules: DateRules, log: &mut Log) {
        let kind = at.value(1);
        let period = value::period(at.value(2), at.value(3)).unwrap_or_default();
        if self.has(kind) {
            log.add(rules.repeated, at.position());
            return;
        }
        if self.len < KINDS {
            self.kinds[self.len] = (codes::key(kind), period.0, period.1);
            self.len += 1;
        }
        let period = PERIODS.iter().find(|(begin, end)| kind == *begin || kind == *end);
        if let Some(rule) = period.and_then(|(begin, end)| self.breach(begin, end, rules)) {
            log.add_element(rule, at.element(3), "1251");
        }
    }

    /// What is wrong with a beginning and its end, when both are known.
    fn breach(&self, begin: &[u8], end: &[u8], rules: DateRules) -> Option<&'static Rule> {
        let ((from, _), (_, to)) = (self.find(begin)?, self.find(end)?);
        if from == 0 || to == 0 || from <= to {
            return None;
        }
        let never_effective = value::day_before(from) == to;
        Some(if never_effective { &rules::COVERAGE_NEVER_EFFECTIVE } else { rules.reversed })
    }
}
