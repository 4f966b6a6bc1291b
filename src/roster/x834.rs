//! A carrier's list as an 834: an audit or full file that it sends back.

use std::io::Read;

use super::listed::{Listed, day, digits};
use super::rules;
use crate::fault::{Fault, Label, Place};
use crate::model::phi::Phi;
use crate::x12::{Reader, Segment};

/// Reads every coverage of every member.
///
/// # Errors
/// The first thing that is wrong with the file; ROS001 for a coverage without a member or plan; ROS002.
pub fn read_834(bytes: impl Read, name: &str) -> Result<Vec<Listed>, Fault> {
    let (mut reader, mut loops) = (Reader::new(bytes), MemberLoops::default());
    while let Some(segment) = reader.next_segment().map_err(Fault::from)? {
        loops.segment(&segment);
    }
    loops.end_coverage();
    let place = || Place::Named(Label::new(name));
    match loops.found.iter().find(|listed| !listed.is_whole()) {
        Some(listed) => Err(rules::UNREADABLE.at(place()).count("segment", listed.line)),
        None if loops.found.is_empty() => Err(rules::NO_ROWS.at(place())),
        None => Ok(loops.found),
    }
}

/// The member whose loops are passing, and its coverage.
#[derive(Default)]
struct MemberLoops {
    member: Listed,
    coverage: Option<Listed>,
    found: Vec<Listed>,
}

impl MemberLoops {
    fn segment(&mut self, segment: &Segment) {
        let text = |n: usize| segment.str(n).unwrap_or_default().trim().to_string();
        match segment.tag() {
            b"INS" => {
                self.end_coverage();
                self.member = Listed::default();
            }
            b"REF" if segment.element(1) == b"0F" && self.coverage.is_none() => {
                self.member.subscriber_id = Phi::new(text(2));
            }
            b"NM1" if [&b"IL"[..], b"74"].contains(&segment.element(1)) => {
                (self.member.last_name, self.member.first_name) = (Phi::new(text(3)), Phi::new(text(4)));
                if segment.element(8) == b"34" {
                    self.member.ssn = Phi::new(digits(&text(9)));
                }
            }
            b"DMG" => self.member.birth_date = day(&text(2)).map(Phi::new),
            b"HD" => {
                self.end_coverage();
                let (plan, tier, line) = (text(4), text(5), segment.ordinal());
                self.coverage = Some(Listed { plan, tier, line, ..self.member.clone() });
            }
            b"DTP" => self.date(segment.element(1), &text(3)),
            b"SE" => self.end_coverage(),
            _ => {}
        }
    }

    fn date(&mut self, qualifier: &[u8], text: &str) {
        let Some(coverage) = &mut self.coverage else { return };
        match qualifier {
            b"348" => coverage.begin = day(text),
            b"349" => coverage.end = day(text),
            _ => {}
        }
    }

    fn end_coverage(&mut self) {
        self.found.extend(self.coverage.take());
    }
}
