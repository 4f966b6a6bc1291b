//! Who may do what on a site, and what each role is there for.

use std::fmt::Write as _;

use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::access::{ACTS, Actor, Grant, Role, SiteAccess};

/// What is shown of a site's grants, and to whom.
#[derive(Clone, Copy, Debug)]
pub struct GrantsShown<'g> {
    /// What the site declares.
    pub access: &'g SiteAccess,
    /// Whose own leave is told apart.
    pub actor: &'g Actor,
    /// The civil day.
    pub today: NaiveDate,
    /// Only this one's.
    pub role: Option<Role>,
}

const EVERYBODY: &str = "everybody who can run bex here may do everything: there is no access.toml\n";

/// The grants as lines, and what the person at work may do.
pub fn grants_text(shown: &GrantsShown) -> String {
    let Some(declared) = &shown.access.declared else { return EVERYBODY.to_string() };
    let mut text = String::new();
    if let Some(day) = declared.conduct {
        let _ = writeln!(text, "whoever acts has accepted the code of conduct of {day}\n");
    }
    if let Some(reason) = &declared.one_person {
        let _ = writeln!(text, "acts that want two people are done by one here: {reason}\n");
    }
    let wanted = |grant: &&Grant| shown.role.is_none_or(|role| role == grant.role);
    for grant in declared.grants.iter().filter(wanted) {
        let over = match (grant.is_over(shown.today), grant.unaccepted) {
            (true, _) => "  OVER",
            (false, true) => "  NOT ACCEPTED: gives nothing until the code of conduct is",
            (false, false) => "",
        };
        let _ = writeln!(text, "{:18} {:18}{over}", grant.name, grant.role.word());
        for (name, value) in details(grant) {
            let _ = writeln!(text, "  {name:12} {value}");
        }
    }
    let _ = writeln!(text, "\n{} may: {}", shown.actor.person(), words_or_nothing(&permitted(shown)));
    text
}

fn details(grant: &Grant) -> Vec<(&'static str, String)> {
    let list = |names: &std::collections::BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(" ");
    let mut found = vec![("users", list(&grant.users)), ("groups", list(&grant.groups))];
    found.extend([("employers", list(&grant.employers)), ("carriers", list(&grant.carriers))]);
    found.push(("expires", grant.expires.map(|day| day.to_string()).unwrap_or_default()));
    found.push(("accepted", grant.accepted.map(|day| day.to_string()).unwrap_or_default()));
    found.push(("organisation", grant.organisation.clone().unwrap_or_default()));
    found.push(("contract", grant.contract.clone().unwrap_or_default()));
    found.retain(|(_, value)| !value.is_empty());
    found
}

fn words_or_nothing(words: &[&str]) -> String {
    if words.is_empty() { "nothing".to_string() } else { words.join(" ") }
}

/// The acts that the actor has a grant for, somewhere.
fn permitted(shown: &GrantsShown) -> Vec<&'static str> {
    let Some(declared) = &shown.access.declared else { return ACTS.iter().map(|act| act.word).collect() };
    // What has run out gives nothing, and is listed above so that somebody renews it.
    let mine = declared.grants.iter().filter(|grant| grant.is_for(shown.actor) && grant.holds(shown.today));
    let roles: Vec<Role> = mine.map(|grant| grant.role).collect();
    ACTS.iter().filter(|act| act.roles.iter().any(|role| roles.contains(role))).map(|act| act.word).collect()
}

/// The grants as JSON; the keys are a contract.
pub fn grants_json(shown: &GrantsShown) -> Value {
    let grant = |grant: &Grant| {
        json!({
            "grant": grant.name, "role": grant.role.word(), "users": grant.users, "groups": grant.groups,
            "employers": grant.employers, "carriers": grant.carriers,
            "expires": grant.expires.map(|day| day.to_string()), "over": grant.is_over(shown.today),
            "accepted": grant.accepted.map(|day| day.to_string()), "unaccepted": grant.unaccepted,
            "organisation": grant.organisation, "contract": grant.contract,
        })
    };
    let declared = shown.access.declared.as_ref();
    let wanted = |grant: &&Grant| shown.role.is_none_or(|role| role == grant.role);
    let grants: Vec<Value> =
        declared.map(|declared| declared.grants.iter().filter(wanted).map(grant).collect()).unwrap_or_default();
    json!({
        "everybody": declared.is_none(), "one_person": declared.and_then(|declared| declared.one_person.clone()),
        "conduct": declared.and_then(|declared| declared.conduct).map(|day| day.to_string()),
        "grants": grants, "person": shown.actor.person().as_str(), "may": permitted(shown),
    })
}

/// Every role, and every act with the roles it belongs to.
pub fn roles_text() -> String {
    let mut text = "Roles\n".to_string();
    for role in Role::ALL {
        let _ = writeln!(text, "  {:18} {}", role.word(), role.meaning());
    }
    text.push_str("\nActs\n");
    for act in ACTS {
        let roles = act.roles.iter().map(|role| role.word()).collect::<Vec<_>>().join(" ");
        let _ = writeln!(text, "  {:18} {}\n  {:18} {roles}", act.word, act.meaning, "");
    }
    text
}

/// The same as JSON; the keys are a contract.
pub fn roles_json() -> Value {
    let role = |role: &Role| json!({ "role": role.word(), "meaning": role.meaning() });
    let acts = ACTS.iter().map(|act| {
        let roles: Vec<&str> = act.roles.iter().map(|role| role.word()).collect();
        json!({ "act": act.word, "meaning": act.meaning, "roles": roles })
    });
    json!({ "roles": Role::ALL.iter().map(role).collect::<Vec<_>>(), "acts": acts.collect::<Vec<_>>() })
}
