//! How two enrollment files differ, in words and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::paint::Paint;
use super::words::counted;
use crate::inspect::matching::Matches;
use crate::inspect::members::{ENVELOPE, FieldKey, FieldValue, MemberDigests};
use crate::inspect::{ChangedMember, Difference, FieldChange, Presence};
use crate::model::phi::Phi;
use crate::x12::guide;
use crate::x12::guide::{Guide, SegmentSpec};

/// A difference as text; nothing but the summary when both files say the same.
pub fn difference_text(difference: &Difference<'_>, paint: Paint) -> String {
    let names = Names { guide: difference.guide, difference };
    let mut text = String::new();
    for at in &difference.matches.gone {
        let _ = writeln!(text, "{}", paint.gone(&format!("- {}: gone", names.who(0, *at))));
    }
    for at in &difference.matches.added {
        let _ = writeln!(text, "{}", paint.added(&format!("+ {}: added", names.who(1, *at))));
    }
    for member in difference.changed() {
        let _ = writeln!(text, "{}", paint.changed(&format!("~ {}", names.both(&member))));
        names.changes_text(&mut text, &member);
    }
    for (these, those) in &difference.matches.ambiguous {
        let _ = writeln!(text, "{}", paint.changed(&format!("? {}", names.unclear(these, those))));
    }
    names.header_text(&mut text);
    text + &summary(difference, paint)
}

fn summary(difference: &Difference<'_>, paint: Paint) -> String {
    let Matches { gone, added, ambiguous, .. } = &difference.matches;
    let changed = difference.changed().count();
    let [a, b] = difference.members();
    let verdict = if difference.is_same() { paint.added("the same") } else { paint.changed("different") };
    let unclear = if ambiguous.is_empty() { String::new() } else { format!(", {} unclear", ambiguous.len()) };
    format!(
        "{verdict}: {}, then {b}; {} gone, {} added, {changed} changed{unclear}\n",
        counted(a as u64, "member", "members"),
        gone.len(),
        added.len()
    )
}

/// A difference as JSON; the keys are a contract. A masked value is null and says so.
pub fn difference_json(difference: &Difference<'_>, [a, b]: [&str; 2]) -> Value {
    let names = Names { guide: difference.guide, difference };
    let [members_a, members_b] = difference.members();
    let list = |file: usize, all: &[u32]| -> Vec<Value> { all.iter().map(|at| names.member_json(file, *at)).collect() };
    let Matches { gone, added, ambiguous, .. } = &difference.matches;
    let unclear = |(these, those): &(Vec<u32>, Vec<u32>)| json!({ "a": list(0, these), "b": list(1, those) });
    let changed = difference.changed().map(|member| names.changed_json(&member));
    let header = difference.header();
    let envelope = header.iter().map(|change| {
        let mut value = names.header_field(change).json(change);
        value["counts"] = json!(!change.is_passing());
        value
    });
    json!({
        "a": { "file": a, "members": members_a },
        "b": { "file": b, "members": members_b },
        "same": difference.is_same(),
        "gone": list(0, gone),
        "added": list(1, added),
        "changed": changed.collect::<Vec<_>>(),
        "ambiguous": ambiguous.iter().map(unclear).collect::<Vec<_>>(),
        "envelope": envelope.collect::<Vec<_>>(),
    })
}

/// What is said of a difference besides itself: the guide's names for what differs.
struct Names<'n> {
    guide: &'n Guide,
    difference: &'n Difference<'n>,
}

/// A field as people know it.
struct NamedField {
    /// Tag and element, such as `HD05`.
    at: String,
    /// What the guide calls it.
    name: String,
}

impl Names<'_> {
    /// `self`, `spouse` and so on: INS02 in words.
    fn relationship(&self, member: &MemberDigests) -> String {
        let segment = self.guide.find("2000", "INS", None).and_then(|index| self.guide.segments.get(index));
        let codes = segment.and_then(|segment| segment.elements.get(1)).map(|element| &element.codes);
        let code = codes.and_then(|codes| codes.find(&member.relationship));
        code.map_or("no listed relationship".to_owned(), |code| code.meaning.to_lowercase())
    }

    fn field(&self, key: &FieldKey) -> NamedField {
        field(self.guide, key)
    }

    /// A header's field: its guide is not told by the key, but its tag and element are enough.
    fn header_field(&self, change: &FieldChange<'_>) -> NamedField {
        let guide = if &*change.key.coverage == ENVELOPE { guide::control() } else { self.guide };
        field(guide, change.key)
    }

    fn who(&self, file: usize, at: u32) -> String {
        let member = self.difference.member(file, at);
        let called = self.difference.called(file, at).map(|name| format!(", {name}")).unwrap_or_default();
        format!("member {} (segment {}), {}{called}", at + 1, member.segment, self.relationship(member))
    }

    fn both(&self, member: &ChangedMember<'_>) -> String {
        let then = self.difference.member(1, member.to).segment;
        format!("{}; then member {} (segment {then})", self.who(0, member.from), member.to + 1)
    }

    fn unclear(&self, these: &[u32], those: &[u32]) -> String {
        let list = |file, all: &[u32]| all.iter().map(|at| self.who(file, *at)).collect::<Vec<_>>().join("; ");
        format!("cannot be told apart: {}; then {}", list(0, these), list(1, those))
    }

    fn changes_text(&self, text: &mut String, member: &ChangedMember<'_>) {
        for (coverage, presence) in &member.coverages {
            let _ = writeln!(text, "    coverage {coverage}: {}", word(*presence));
        }
        for change in &member.fields {
            let NamedField { at, name } = self.field(change.key);
            let coverage = match &*change.key.coverage {
                "" => String::new(),
                coverage => format!("coverage {coverage}: "),
            };
            let (from, to) = (shown(change.from), shown(change.to));
            let _ = writeln!(text, "    {coverage}{at} {name}: {from} → {to}");
        }
    }

    fn header_text(&self, text: &mut String) {
        for change in self.difference.header() {
            let NamedField { at, name } = self.header_field(&change);
            let (from, to) = (shown(change.from), shown(change.to));
            let passing = if change.is_passing() { " (does not count)" } else { "" };
            let _ = writeln!(text, "envelope {at} {name}: {from} → {to}{passing}");
        }
    }

    fn changed_json(&self, member: &ChangedMember<'_>) -> Value {
        let coverages = member.coverages.iter();
        let coverages = coverages.map(|(coverage, presence)| json!({ "coverage": coverage, "what": word(*presence) }));
        let field = |change: &FieldChange<'_>| {
            let mut value = self.field(change.key).json(change);
            let coverage = &*change.key.coverage;
            value["coverage"] = if coverage.is_empty() { Value::Null } else { json!(coverage) };
            value
        };
        json!({
            "a": self.member_json(0, member.from),
            "b": self.member_json(1, member.to),
            "coverages": coverages.collect::<Vec<_>>(),
            "fields": member.fields.iter().map(field).collect::<Vec<_>>(),
        })
    }

    fn member_json(&self, file: usize, at: u32) -> Value {
        let member = self.difference.member(file, at);
        json!({
            "member": at + 1, "segment": member.segment, "relationship": self.relationship(member),
            "called": self.difference.called(file, at),
        })
    }
}

impl NamedField {
    fn json(&self, change: &FieldChange<'_>) -> Value {
        let shown = |value: Option<&FieldValue>| value.and_then(|value| value.shown.as_deref()).map(str::to_owned);
        let masked = [change.from, change.to].into_iter().flatten().any(|value| value.shown.is_none());
        let what = match (change.from, change.to) {
            (None, _) => word(Presence::Added),
            (_, None) => word(Presence::Gone),
            _ => "changed",
        };
        json!({
            "at": self.at, "name": self.name, "what": what, "masked": masked, "from": shown(change.from),
            "to": shown(change.to),
        })
    }
}

fn field(guide: &Guide, key: &FieldKey) -> NamedField {
    let known = Some(guide).filter(|_| key.index != usize::MAX).and_then(|guide| guide.segments.get(key.index));
    match known {
        Some(segment) => field_of(segment, key),
        None => NamedField { at: "?".to_owned(), name: "segment without a place in the guide".to_owned() },
    }
}

fn field_of(segment: &SegmentSpec, key: &FieldKey) -> NamedField {
    let (element, _, component) = key.at;
    let spec = segment.elements.get(usize::from(element).wrapping_sub(1));
    let part = spec.and_then(|spec| spec.components.get(usize::from(component).wrapping_sub(1))).or(spec);
    let component = if component > 0 { format!("-{component:02}") } else { String::new() };
    let first = segment.elements.first().and_then(|first| first.codes.find(key.qualifier.as_bytes()));
    let kind = match first {
        Some(code) if !code.meaning.is_empty() => format!(" ({})", code.meaning),
        _ if !key.qualifier.is_empty() && first.is_some() => format!(" ({})", key.qualifier),
        _ => String::new(),
    };
    NamedField {
        at: format!("{}{element:02}{component}", segment.tag),
        name: format!("{}{kind}", part.map_or("", |part| part.name)),
    }
}

fn shown(value: Option<&FieldValue>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(value) => value.shown.as_deref().unwrap_or(Phi::<()>::MARK).to_owned(),
    }
}

fn word(presence: Presence) -> &'static str {
    match presence {
        Presence::Gone => "gone",
        Presence::Added => "added",
    }
}
