//! What an 834 tells, in a line per member: short enough to write down whole what a file should say.

use crate::harness::demo_site::segments;

/// What the file says, a line per member, families in the order of their subscribers' ids. A line reads
/// `EXM-1008 Devan subscriber terminate 16, terminate PPO AH-PPO-500 FAM 2026-01-01 to 2026-03-31`.
pub fn told(text: &str) -> Vec<String> {
    let mut members: Vec<Member> = Vec::new();
    for segment in segments(text) {
        if segment[0] == "INS" {
            members.push(Member::default());
        }
        if let Some(member) = members.last_mut() {
            member.read(&segment);
        }
    }
    members.sort_by(|a, b| a.family.cmp(&b.family));
    members.iter().map(Member::line).collect()
}

/// The subscribers' ids in the file, each once, in order.
pub fn families(text: &str) -> Vec<String> {
    let mut ids: Vec<String> =
        segments(text).into_iter().filter(|segment| segment[..2] == ["REF", "0F"]).map(|mut s| s.remove(2)).collect();
    ids.sort();
    ids.dedup();
    ids
}

#[derive(Default)]
struct Member {
    family: String,
    name: String,
    says: String,
    ssn: bool,
    address: String,
    coverages: Vec<String>,
}

impl Member {
    fn read(&mut self, segment: &[String]) {
        let at = |n: usize| segment.get(n).map_or("", String::as_str);
        match (at(0), at(1)) {
            ("INS", _) => self.says = says(relationship(at(2)), at(3), at(4)),
            ("REF", "0F") => self.family = at(2).to_owned(),
            ("NM1", "IL") => {
                self.name = at(4).to_owned();
                self.ssn = at(8) == "34";
            }
            ("NM1", "P3") => self.add(&format!(" by {}", at(9))),
            ("N3", _) => self.address = [at(1), at(2)].join(" ").trim().to_owned(),
            ("N4", _) => self.address += &format!(", {} {} {}", at(1), at(2), at(3)),
            ("HD", _) => self.coverages.push([maintenance(at(1)), at(3), at(4), at(5)].join(" ")),
            ("DTP", "348") => self.add(&format!(" {}", day(at(3)))),
            ("DTP", "349") => self.add(&format!(" to {}", day(at(3)))),
            ("AMT", "P3") => self.add(&format!(" at {}", at(2))),
            _ => {}
        }
    }

    fn add(&mut self, text: &str) {
        self.coverages.last_mut().expect("inside a coverage").push_str(text);
    }

    fn line(&self) -> String {
        let mut line = format!("{} {} {}", self.family, self.name, self.says);
        if !self.ssn {
            line += ", no SSN";
        }
        if self.coverages.is_empty() {
            line += &format!(", lives at {}", self.address);
        }
        self.coverages.iter().fold(line, |line, coverage| format!("{line}, {coverage}"))
    }
}

fn says(relationship: &str, kind: &str, reason: &str) -> String {
    [relationship, maintenance(kind), reason].join(" ").trim().to_owned()
}

fn maintenance(code: &str) -> &str {
    match code {
        "001" => "change",
        "021" => "add",
        "024" => "terminate",
        "025" => "reinstate",
        "030" => "audit",
        other => other,
    }
}

fn relationship(code: &str) -> &str {
    match code {
        "18" => "subscriber",
        "01" => "spouse",
        "09" => "adopted",
        "17" => "stepchild",
        "19" => "child",
        "53" => "partner",
        other => other,
    }
}

/// A day as people write it, of one as X12 does.
pub fn day(digits: &str) -> String {
    format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..])
}
