//! How two enrollment files differ: by member and meaning, not by line.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::paint::Paint;
use crate::inspect::matching::{self, Matches};
use crate::inspect::members::{Census, Details, Digests, ENVELOPE, FieldKey, FieldValue};
use crate::model::phi::Phi;
use crate::x12::guide::Guide;
use crate::x12::guides;

/// What two files differ in. Found in two steps: who is who, then what of whom.
pub struct Difference<'g> {
    guide: &'g Guide,
    censuses: [Census; 2],
    matches: Matches,
    details: [Details; 2],
    unmasked: bool,
}

/// A field that differs.
struct Change<'c> {
    key: &'c FieldKey,
    from: Option<&'c FieldValue>,
    to: Option<&'c FieldValue>,
}

/// Matches the members of two files. With `unmasked` they are told by number and name, not by place alone.
pub fn differ(guide: &Guide, [a, b]: [Census; 2], unmasked: bool) -> Difference<'_> {
    let matches = matching::matches(&a.members, &b.members);
    Difference { guide, censuses: [a, b], matches, details: Default::default(), unmasked }
}

impl<'g> Difference<'g> {
    /// Whose details are needed to tell what differs, in the first file and in the second.
    pub fn wanted(&self) -> [Vec<bool>; 2] {
        let mut wanted = [0, 1].map(|file: usize| vec![false; self.censuses[file].members.len()]);
        for (a, b) in self.differing() {
            wanted[0][*a as usize] = true;
            wanted[1][*b as usize] = true;
        }
        if self.unmasked {
            let Matches { gone, added, ambiguous, .. } = &self.matches;
            let these = gone.iter().chain(ambiguous.iter().flat_map(|(these, _)| these));
            these.for_each(|at| wanted[0][*at as usize] = true);
            let those = added.iter().chain(ambiguous.iter().flat_map(|(_, those)| those));
            those.for_each(|at| wanted[1][*at as usize] = true);
        }
        wanted
    }

    /// Takes the details that were wanted.
    pub fn with(self, a: Details, b: Details) -> Difference<'g> {
        Difference { details: [a, b], ..self }
    }

    fn differing(&self) -> impl Iterator<Item = &(u32, u32)> {
        let content = |file: usize, at: u32| self.censuses[file].members[at as usize].content;
        self.matches.pairs.iter().filter(move |(a, b)| content(0, *a) != content(1, *b))
    }

    /// Members in each file.
    pub fn members(&self) -> [usize; 2] {
        [0, 1].map(|file: usize| self.censuses[file].members.len())
    }

    /// Whether both files say the same, but for numbers and times of their envelopes.
    pub fn is_same(&self) -> bool {
        let Matches { gone, added, ambiguous, .. } = &self.matches;
        gone.is_empty()
            && added.is_empty()
            && ambiguous.is_empty()
            && self.changed().next().is_none()
            && self.header().iter().all(Change::is_passing)
    }

    /// Pairs whose fields really differ, whatever their order was.
    fn changed(&self) -> impl Iterator<Item = (u32, u32, Vec<Change<'_>>)> {
        let changes = |(a, b): &(u32, u32)| {
            let (from, to) = (self.details[0].fields.get(a)?, self.details[1].fields.get(b)?);
            let changes = compare(from, to);
            (!changes.is_empty()).then_some((*a, *b, changes))
        };
        self.differing().filter_map(changes)
    }

    fn header(&self) -> Vec<Change<'_>> {
        compare(&self.censuses[0].header, &self.censuses[1].header)
    }
}

impl Change<'_> {
    fn is_passing(&self) -> bool {
        self.from.or(self.to).is_some_and(|value| value.passing)
    }
}

fn compare<'c>(from: &'c BTreeMap<FieldKey, FieldValue>, to: &'c BTreeMap<FieldKey, FieldValue>) -> Vec<Change<'c>> {
    let keys: BTreeSet<&FieldKey> = from.keys().chain(to.keys()).collect();
    let change = |key| Change { key, from: from.get(key), to: to.get(key) };
    let same = |change: &Change<'_>| change.from.map(|value| value.digest) == change.to.map(|value| value.digest);
    keys.into_iter().map(change).filter(|change| !same(change)).collect()
}

/// Coverages that are in one of the files only, and all other changes.
fn by_coverage<'c>(
    changes: Vec<Change<'c>>,
    details: [&BTreeMap<FieldKey, FieldValue>; 2],
) -> (Whole<'c>, Vec<Change<'c>>) {
    let has = |file: usize, coverage: &str| details[file].keys().any(|key| &*key.coverage == coverage);
    let mut whole: Whole<'c> = BTreeMap::new();
    let mut others = Vec::new();
    for change in changes {
        let coverage = &*change.key.coverage;
        match (coverage.is_empty(), has(0, coverage), has(1, coverage)) {
            (false, true, false) => drop(whole.insert(coverage, "gone")),
            (false, false, true) => drop(whole.insert(coverage, "added")),
            _ => others.push(change),
        }
    }
    (whole, others)
}

/// Coverages in one of the files only, and in which.
type Whole<'c> = BTreeMap<&'c str, &'static str>;

/// What is said of a difference besides itself.
struct Names<'n> {
    guide: &'n Guide,
}

impl Names<'_> {
    /// `self`, `spouse` and so on: INS02 in words.
    fn relationship(&self, member: &Digests) -> String {
        let segment = self.guide.find("2000", "INS", None).and_then(|index| self.guide.segments.get(index));
        let codes = segment.and_then(|segment| segment.elements.get(1)).map(|element| &element.codes);
        let code = codes.and_then(|codes| codes.find(&member.relationship));
        code.map_or("no listed relationship".to_owned(), |code| code.meaning.to_lowercase())
    }

    /// Tag and element, and their names, such as `HD05 Coverage Level Code`.
    fn field(&self, key: &FieldKey) -> (String, String) {
        let guide = if key.index == usize::MAX { None } else { Some(self.guide) };
        let Some(segment) = guide.and_then(|guide| guide.segments.get(key.index)) else {
            return ("?".to_owned(), "segment without a place in the guide".to_owned());
        };
        field_of(segment, key)
    }
}

fn field_of(segment: &crate::x12::guide::SegmentSpec, key: &FieldKey) -> (String, String) {
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
    (format!("{}{element:02}{component}", segment.tag), format!("{}{kind}", part.map_or("", |part| part.name)))
}

/// A header's field: its guide is not told by the key, but its tag and element are enough.
fn header_field(guide: &Guide, change: &Change<'_>) -> (String, String) {
    let control = guides::control();
    let guide = if &*change.key.coverage == ENVELOPE { control } else { guide };
    Names { guide }.field(change.key)
}

fn shown(value: Option<&FieldValue>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(value) => value.shown.as_deref().unwrap_or(Phi::<()>::MARK).to_owned(),
    }
}

impl Difference<'_> {
    /// As text; nothing but the summary when both say the same.
    pub fn text(&self, paint: Paint) -> String {
        let mut text = String::new();
        let names = Names { guide: self.guide };
        for at in &self.matches.gone {
            let _ = writeln!(text, "{}", paint.gone(&format!("- {}: gone", self.who(&names, 0, *at))));
        }
        for at in &self.matches.added {
            let _ = writeln!(text, "{}", paint.added(&format!("+ {}: added", self.who(&names, 1, *at))));
        }
        for (a, b, changes) in self.changed() {
            let _ = writeln!(text, "{}", paint.changed(&format!("~ {}", self.both(&names, a, b))));
            self.changes_text(&mut text, (a, b), changes);
        }
        for (these, those) in &self.matches.ambiguous {
            let _ = writeln!(text, "{}", paint.changed(&format!("? {}", self.unclear(&names, these, those))));
        }
        self.header_text(&mut text);
        text + &self.summary(paint)
    }

    fn who(&self, names: &Names<'_>, file: usize, at: u32) -> String {
        let member = &self.censuses[file].members[at as usize];
        let called = self.called(file, at).map(|name| format!(", {name}")).unwrap_or_default();
        format!("member {} (segment {}), {}{called}", at + 1, member.segment, names.relationship(member))
    }

    /// Number and name, where they are revealed.
    fn called(&self, file: usize, at: u32) -> Option<String> {
        let fields = self.details[file].fields.get(&at).filter(|_| self.unmasked)?;
        let places = [("2000", "REF", "0F", 2), ("2100A", "NM1", "", 4), ("2100A", "NM1", "", 3)];
        let told = places.map(|(loop_id, tag, qualifier, element)| {
            let qualifier = Some(qualifier).filter(|code| !code.is_empty());
            let index = self.guide.find(loop_id, tag, qualifier)?;
            let field = fields.iter().find(|(key, _)| key.index == index && key.at.0 == element)?;
            field.1.shown.as_deref()
        });
        Some(told.into_iter().flatten().collect::<Vec<_>>().join(" "))
    }

    fn both(&self, names: &Names<'_>, a: u32, b: u32) -> String {
        let member = &self.censuses[1].members[b as usize];
        format!("{}; then member {} (segment {})", self.who(names, 0, a), b + 1, member.segment)
    }

    fn unclear(&self, names: &Names<'_>, these: &[u32], those: &[u32]) -> String {
        let list = |file, all: &[u32]| all.iter().map(|at| self.who(names, file, *at)).collect::<Vec<_>>().join("; ");
        format!("cannot be told apart: {}; then {}", list(0, these), list(1, those))
    }

    fn changes_text(&self, text: &mut String, (a, b): (u32, u32), changes: Vec<Change<'_>>) {
        let (Some(from), Some(to)) = (self.details[0].fields.get(&a), self.details[1].fields.get(&b)) else { return };
        let (whole, others) = by_coverage(changes, [from, to]);
        for (coverage, what) in whole {
            let _ = writeln!(text, "    coverage {coverage}: {what}");
        }
        for change in others {
            let (at, name) = Names { guide: self.guide }.field(change.key);
            let coverage = match &*change.key.coverage {
                "" => String::new(),
                coverage => format!("coverage {coverage}: "),
            };
            let (from, to) = (shown(change.from), shown(change.to));
            let _ = writeln!(text, "    {coverage}{at} {name}: {from} → {to}");
        }
    }

    fn header_text(&self, text: &mut String) {
        for change in self.header() {
            let (at, name) = header_field(self.guide, &change);
            let (from, to) = (shown(change.from), shown(change.to));
            let passing = if change.is_passing() { " (does not count)" } else { "" };
            let _ = writeln!(text, "envelope {at} {name}: {from} → {to}{passing}");
        }
    }

    fn summary(&self, paint: Paint) -> String {
        let Matches { gone, added, ambiguous, .. } = &self.matches;
        let changed = self.changed().count();
        let [a, b] = self.members();
        let verdict = if self.is_same() { paint.added("the same") } else { paint.changed("different") };
        let unclear = if ambiguous.is_empty() { String::new() } else { format!(", {} unclear", ambiguous.len()) };
        format!(
            "{verdict}: {a} members, then {b}; {} gone, {} added, {changed} changed{unclear}\n",
            gone.len(),
            added.len()
        )
    }

    /// As JSON; the keys are a contract. A masked value is null and says so.
    pub fn json(&self, [a, b]: [&str; 2]) -> Value {
        let names = Names { guide: self.guide };
        let [members_a, members_b] = self.members();
        let list = |file: usize, all: &[u32]| -> Vec<Value> {
            all.iter().map(|at| self.member_json(&names, file, *at)).collect()
        };
        let Matches { gone, added, ambiguous, .. } = &self.matches;
        let unclear = |(these, those): &(Vec<u32>, Vec<u32>)| json!({ "a": list(0, these), "b": list(1, those) });
        let changed = self.changed().map(|(a, b, changes)| self.changed_json(&names, (a, b), changes));
        let header = self.header();
        let envelope = header.iter().map(|change| {
            let mut value = change_json(header_field(self.guide, change), change);
            value["counts"] = json!(!change.is_passing());
            value
        });
        json!({
            "a": { "file": a, "members": members_a },
            "b": { "file": b, "members": members_b },
            "same": self.is_same(),
            "gone": list(0, gone),
            "added": list(1, added),
            "changed": changed.collect::<Vec<_>>(),
            "ambiguous": ambiguous.iter().map(unclear).collect::<Vec<_>>(),
            "envelope": envelope.collect::<Vec<_>>(),
        })
    }

    fn changed_json(&self, names: &Names<'_>, (a, b): (u32, u32), changes: Vec<Change<'_>>) -> Value {
        let (from, to) = (&self.details[0].fields[&a], &self.details[1].fields[&b]);
        let (whole, others) = by_coverage(changes, [from, to]);
        let coverages: Vec<Value> =
            whole.iter().map(|(coverage, what)| json!({ "coverage": coverage, "what": what })).collect();
        let field = |change: &Change<'_>| {
            let mut value = change_json(names.field(change.key), change);
            let coverage = &*change.key.coverage;
            value["coverage"] = if coverage.is_empty() { Value::Null } else { json!(coverage) };
            value
        };
        json!({
            "a": self.member_json(names, 0, a),
            "b": self.member_json(names, 1, b),
            "coverages": coverages,
            "fields": others.iter().map(field).collect::<Vec<_>>(),
        })
    }

    fn member_json(&self, names: &Names<'_>, file: usize, at: u32) -> Value {
        let member = &self.censuses[file].members[at as usize];
        json!({
            "member": at + 1, "segment": member.segment, "relationship": names.relationship(member),
            "called": self.called(file, at),
        })
    }
}

fn change_json((at, name): (String, String), change: &Change<'_>) -> Value {
    let shown = |value: Option<&FieldValue>| value.and_then(|value| value.shown.as_deref()).map(str::to_owned);
    let masked = [change.from, change.to].into_iter().flatten().any(|value| value.shown.is_none());
    let what = match (change.from, change.to) {
        (None, _) => "added",
        (_, None) => "gone",
        _ => "changed",
    };
    json!({
        "at": at, "name": name, "what": what, "masked": masked, "from": shown(change.from), "to": shown(change.to),
    })
}
