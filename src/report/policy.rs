//! What carriers may be told, as documents.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::words::counted;
use crate::model::field::Field;
use crate::model::ids::hex;
use crate::policy::{PolicyChange, PolicyVersion, employer_may_see};

/// A version, and where it was met.
#[derive(Clone, Debug)]
pub struct ShownPolicy {
    /// The document.
    pub version: PolicyVersion,
    /// When a file was first sealed under it; nothing of one that is only configured.
    pub since: Option<String>,
    /// A delivery that was sealed under it, with the elements that stand in its file.
    pub delivery: Option<(i64, String)>,
}

/// As many digits of a digest as tell versions apart.
fn short(version: &PolicyVersion) -> String {
    hex(&version.digest()[..6])
}

/// The closed catalogue, and every carrier's policy in a line.
pub fn policies_text(versions: &[PolicyVersion]) -> String {
    let mut text = "What exists at all: nothing else can be mapped, kept, permitted or sent\n".to_string();
    for field in Field::ALL {
        let carriers: Vec<&str> =
            versions.iter().filter(|version| tells(version, *field)).map(|version| version.carrier.as_str()).collect();
        let hidden = if employer_may_see(*field) { "" } else { "; never to an employer" };
        let told = if carriers.is_empty() { "nobody".to_string() } else { carriers.join(" ") };
        let _ = writeln!(text, "  {:18} {:12} told to {told}{hidden}", field.word(), field.class().word());
    }
    text.push_str("\nPolicies\n");
    for version in versions {
        let told = counted(version.told.len() as u64, "element", "elements");
        let PolicyVersion { carrier, approved_by, date, .. } = version;
        let _ =
            writeln!(text, "  {carrier:20} version {}  {told}, approved by {approved_by} on {date}", short(version));
    }
    text
}

fn tells(version: &PolicyVersion, field: Field) -> bool {
    version.told.iter().any(|one| one.element == field.word())
}

/// The same as JSON; the keys are a contract.
pub fn policies_json(versions: &[PolicyVersion]) -> Value {
    let field = |field: &Field| json!({ "element": field.word(), "class": field.class().word(), "employer_may_see": employer_may_see(*field) });
    json!({
        "catalogue": Field::ALL.iter().map(field).collect::<Vec<_>>(),
        "policies": versions.iter().map(version_json).collect::<Vec<_>>(),
    })
}

fn version_json(version: &PolicyVersion) -> Value {
    let mut document = serde_json::to_value(version).unwrap_or_default();
    document["version"] = hex(&version.digest()).into();
    document
}

/// One carrier's policy, element by element.
pub fn policy_text(shown: &ShownPolicy) -> String {
    let ShownPolicy { version, since, delivery } = shown;
    let PolicyVersion { carrier, basis, approved_by, date, told, withheld, paths } = version;
    let mut text = format!("{carrier}: policy version {}, approved by {approved_by} on {date}\n", short(version));
    if let Some(since) = since {
        let _ = writeln!(text, "first used {since}");
    }
    let _ = writeln!(text, "basis: {basis}\n\ntold");
    for one in told {
        let _ = writeln!(text, "  {:18} {:12} {:9} {}", one.element, one.class, one.need, one.reason);
    }
    let _ = writeln!(text, "\nwithheld\n  {}", withheld.join(" "));
    if let Some((delivery, held)) = delivery {
        let _ = writeln!(text, "\nin the file of delivery {delivery}\n  {}", held.replace(' ', "\n  "));
    } else {
        let _ = writeln!(text, "\nmay stand in a file\n  {}", paths.iter().cloned().collect::<Vec<_>>().join("\n  "));
    }
    text
}

/// The same as JSON; the keys are a contract.
pub fn policy_json(shown: &ShownPolicy) -> Value {
    let mut document = version_json(&shown.version);
    document["first_used_at"] = shown.since.clone().into();
    if let Some((delivery, held)) = &shown.delivery {
        document["delivery"] = (*delivery).into();
        document["disclosed_paths"] = held.split(' ').filter(|path| !path.is_empty()).collect::<Vec<_>>().into();
    }
    document
}

/// What stands between two versions, a line each.
pub fn policy_changes_text(changes: &[PolicyChange]) -> String {
    if changes.is_empty() {
        return "nothing differs\n".to_string();
    }
    changes.iter().map(|change| format!("{} {}\n", change.sign, change.words)).collect()
}

/// The same as JSON; the keys are a contract.
pub fn policy_changes_json(changes: &[PolicyChange]) -> Value {
    let change = |change: &PolicyChange| json!({ "sign": change.sign.to_string(), "what": change.words });
    json!({ "changes": changes.iter().map(change).collect::<Vec<_>>() })
}
