//! The guides that are built in. Their text stands in `built_in/`, to be read beside the printed guide.

use std::sync::LazyLock;

use super::spec::Guide;
use super::text;

/// A guide that could not be read would be empty and refuse every file; a test holds that it can be read.
fn built_in(text: &'static str) -> Guide {
    text::parse(text).unwrap_or_default()
}

static X220A1: LazyLock<Guide> = LazyLock::new(|| built_in(include_str!("built_in/005010X220A1.guide")));
static X231A1: LazyLock<Guide> = LazyLock::new(|| built_in(include_str!("built_in/005010X231A1.guide")));
static CONTROL: LazyLock<Guide> = LazyLock::new(|| built_in(include_str!("built_in/00501.guide")));

/// 005010X220A1: Benefit Enrollment and Maintenance, 834.
pub fn x220a1() -> &'static Guide {
    &X220A1
}

/// 005010X231A1: Implementation Acknowledgment, 999.
pub fn x231a1() -> &'static Guide {
    &X231A1
}

/// 00501: the control segments ISA, GS, GE, TA1 and IEA.
pub fn control() -> &'static Guide {
    &CONTROL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_guides_can_be_read() {
        for guide in [
            include_str!("built_in/005010X220A1.guide"),
            include_str!("built_in/005010X231A1.guide"),
            include_str!("built_in/00501.guide"),
        ] {
            text::parse(guide).unwrap();
        }
    }

    #[test]
    fn the_834_is_complete() {
        let guide = x220a1();
        assert_eq!((guide.version, guide.set, guide.group), ("005010X220A1", "834", "BE"));
        assert_eq!(guide.loops.len() - 1, 21);
        assert_eq!(guide.segments.len(), 76);
        let codes = |loop_id, tag, element: usize| {
            let segment = guide.find(loop_id, tag, None).unwrap();
            guide.segments[segment].elements[element - 1].codes.codes().len()
        };
        assert_eq!((codes("2000", "INS", 4), codes("2300", "HD", 3), codes("2000", "DTP", 1)), (48, 22, 24));
        assert_eq!((codes("2300", "HD", 5), codes("2300", "DTP", 1), codes("2750", "REF", 1)), (18, 7, 16));
    }

    #[test]
    fn children_stand_in_order_and_know_who_shares_their_position() {
        let guide = x220a1();
        let member = &guide.loops[guide.loops.iter().position(|spec| spec.id == "2000").unwrap()];
        let tags: Vec<&str> = member.children.iter().map(|child| guide.segments[child.segment].tag.as_str()).collect();
        assert_eq!(tags[..6], ["INS", "REF", "REF", "REF", "DTP", "NM1"]);
        assert_eq!(tags[13..], ["DSB", "HD", "LS"]);
        assert_eq!((member.children[3].group, member.children[4].group, member.children[7].group), (1, 4, 5));
    }
}
