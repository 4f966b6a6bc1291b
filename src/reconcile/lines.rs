//! The HD loops of one line of a member, in the way in which its carrier wants them.

use super::filed::{is_in_place, styles_between};
use super::in_place::say_in_place;
use super::loops::Loops;
use super::timeline::Timeline;
use crate::mapping::Styles;
use crate::model::enrollment::CoverageChange;

/// What leads from what was told of a line to what is to be.
pub(super) fn line_loops(told: &Timeline, now: &Timeline, styles: Styles) -> Vec<CoverageChange> {
    let styles = styles_between(told, now, styles);
    let mut loops = Loops::new(now, styles);
    if is_in_place(styles) {
        say_in_place(&mut loops, told, now, styles);
    } else {
        loops.say_spans(told);
    }
    loops.in_order()
}
