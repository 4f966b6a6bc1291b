//! What an 834 says of each member, as one line: codes, days, what is corrected, and every coverage.

use crate::harness::demo_site::segments;
use crate::harness::member_lines::day;

/// A line for each member, in the order of the file: `A1 Ada 18 001 02, 303 2026-02-20: 021 PPO FAM 2026-02-20`.
pub fn member_words(text: &str) -> Vec<String> {
    let mut lines: Vec<MemberWords> = Vec::new();
    for segment in segments(text) {
        if segment[0] == "INS" {
            lines.push(MemberWords::default());
        }
        if let Some(line) = lines.last_mut() {
            line.read(&segment);
        }
    }
    lines.iter().map(MemberWords::line).collect()
}

#[derive(Default)]
struct MemberWords {
    family: String,
    name: String,
    codes: String,
    account: String,
    days: String,
    person: String,
    coverages: Vec<String>,
}

impl MemberWords {
    fn read(&mut self, segment: &[String]) {
        let at = |n: usize| segment.get(n).map_or("", String::as_str);
        match (at(0), at(1)) {
            ("INS", _) => self.codes = codes(segment),
            ("REF", "0F") => self.family = at(2).into(),
            ("REF", _) if !self.coverages.is_empty() => self.add(&format!(", {} {}", at(1), at(2))),
            ("REF", "1L") => self.account += &format!(", group {}", at(2)),
            ("REF", "6O") => self.account += &format!(", of {}", at(2)),
            ("REF", _) => self.account += &format!(", {} {}", at(1), at(2)),
            ("DTP", "348") => self.add(&format!(" {}", day(at(3)))),
            ("DTP", "349") => self.add(&format!("..{}", day(at(3)))),
            ("DTP", "303") if !self.coverages.is_empty() => self.add(&format!(" since {},", day(at(3)))),
            ("DTP", "303" | "356" | "357") => self.days += &format!(", {} {}", at(1), day(at(3))),
            ("NM1", "IL" | "74") => {
                self.name = at(4).into();
                let number = if at(9).is_empty() { String::new() } else { format!(" {}", at(9)) };
                let mark = if at(1) == "74" { ", corrected" } else { "" };
                self.person += &format!("{mark}{}", if mark.is_empty() { String::new() } else { number });
            }
            ("NM1", "70") => self.person += format!(" from {} {}", at(4), at(9)).trim_end(),
            ("NM1", "P3") => self.add(&format!(" by {}", at(3))),
            ("N3", _) => self.person += &format!(", at {}", at(2 - 1)),
            ("HD", _) => self.coverages.push(format!("{} {} {}", at(1), at(4), at(5))),
            ("AMT", "P3") => self.add(&format!(" at {}", at(2))),
            _ => {}
        }
    }

    fn add(&mut self, text: &str) {
        self.coverages.last_mut().expect("inside a coverage").push_str(text);
    }

    fn line(&self) -> String {
        let MemberWords { family, name, codes, account, days, person, coverages } = self;
        let head = format!("{family} {name} {codes}{account}{days}{person}");
        if coverages.is_empty() { head } else { format!("{head}: {}", coverages.join("; ")) }
    }
}

/// Relationship, type and reason; COBRA and its event where the member has it, the status where there is one.
fn codes(segment: &[String]) -> String {
    let at = |n: usize| segment.get(n).map_or("", String::as_str);
    let reason = if at(4).is_empty() { String::new() } else { format!(" {}", at(4)) };
    let survivor = if at(5) == "S" { " survivor" } else { "" };
    let cobra = if at(5) == "C" { format!(" cobra {}", at(7)) } else { String::new() };
    let status = if ["", "AC"].contains(&at(8)) { String::new() } else { format!(" {}", at(8)) };
    format!("{} {}{reason}{survivor}{cobra}{status}", at(2), at(3))
}
