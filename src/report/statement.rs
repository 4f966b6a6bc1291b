//! A site's own privacy statement, made from its configuration: who is told what and why, who may see it, how long it
//! is kept, and where it departs from the promise. What is not so is not said.

use std::fmt::Write as _;

use super::safeguards::{HeldBy, SAFEGUARDS};
use crate::access::Grant;
use crate::config::Site;
use crate::mapping::policy::USUAL;
use crate::mapping::{Environment, RetentionSettings};
use crate::model::field::Field;
use crate::policy::{PolicyVersion, REQUIRED, employer_may_see};

/// Everything that a member, an employer or an auditor may want to know of a site, as Markdown.
pub fn statement_text(site: &Site) -> String {
    let mut text = format!("# How {} keeps personal data\n\n", site.name);
    let contact = site.contact.as_deref().unwrap_or("whoever runs the site: no contact is configured");
    let _ = writeln!(text, "Made by bex from the configuration of this {} site.", site.environment.word());
    let _ = writeln!(text, "Questions and complaints: {contact}.\n");
    text += &kept(site);
    text += &told(site);
    text += &seen(site);
    text += &held(site);
    text += "## Where this departs from the promise\n\n";
    departures(site).iter().for_each(|departure| text += &format!("- {departure}\n"));
    text + &safeguards()
}

fn kept(site: &Site) -> String {
    let mut text =
        "## What is kept\n\nWhat employers send of their employees and dependents, for enrollment alone:\n".to_string();
    let words: Vec<String> =
        Field::ALL.iter().map(|field| format!("{} ({})", field.word(), field.class().word())).collect();
    let _ = writeln!(text, "{}. A column that is none of these is dropped and never kept.\n", words.join(", "));
    let employers: Vec<&str> = site.employers.values().map(|employer| employer.name.as_str()).collect();
    let _ = writeln!(text, "Employers: {}.\n", employers.join(", "));
    text
}

fn told(site: &Site) -> String {
    let mut text = "## Who is told what, and why\n\n".to_string();
    for carrier in site.carriers.values() {
        let Some(version) = PolicyVersion::of(carrier) else {
            let _ = writeln!(text, "### {}\n\nNothing: it has no policy.\n", carrier.title);
            continue;
        };
        let feeds = site.feeds.values().filter(|feed| feed.carrier == carrier.name);
        let mut employers: Vec<String> = feeds.map(|feed| feed.employer.to_string()).collect();
        employers.dedup();
        let _ = writeln!(text, "### {}\n\nOf {}. {}.", carrier.title, employers.join(", "), version.basis);
        let _ = writeln!(
            text,
            "Approved by {} on {}.\n\n| What | Need | Why |\n|---|---|---|",
            version.approved_by, version.date
        );
        for one in &version.told {
            let _ = writeln!(text, "| {} | {} | {} |", one.element, one.need, one.reason.replace('|', "/"));
        }
        let _ = writeln!(text, "\nNot told: {}.\n", version.withheld.join(", "));
    }
    let hidden: Vec<&str> =
        Field::ALL.iter().filter(|field| !employer_may_see(**field)).map(|field| field.word()).collect();
    let _ = writeln!(
        text,
        "Employers are told nothing by this site. Whatever is configured, they cannot be told: {}.\n",
        hidden.join(", ")
    );
    text + "Nothing is sold, traded or lent: no command gives people's data to anybody else.\n\n"
}

fn seen(site: &Site) -> String {
    let Some(declared) = &site.access.declared else {
        return "## Who may see it\n\nEverybody who can run bex on this machine and read its keys: no roles are declared.\n\n"
            .to_string();
    };
    let mut text =
        "## Who may see it\n\n| Grant | Role | Who | As far as | Until |\n|---|---|---|---|---|\n".to_string();
    declared.grants.iter().for_each(|grant| text += &grant_row(grant));
    if let Some(day) = declared.conduct {
        let _ = writeln!(
            text,
            "\nWhoever is given a role has accepted the code of conduct of {day}, or can do nothing by it."
        );
    }
    text + "\nNobody is shown by name or value unless that is asked for with a reason; each such reading is recorded.\n\n"
}

fn grant_row(grant: &Grant) -> String {
    let list = |names: &std::collections::BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(" ");
    let mut who = [list(&grant.users), list(&grant.groups)].join(" ").trim().to_string();
    if let (Some(organisation), Some(contract)) = (&grant.organisation, &grant.contract) {
        who += &format!(", {organisation} by {contract}");
    }
    let reach = [list(&grant.employers), list(&grant.carriers)].join(" ");
    let reach = if reach.trim().is_empty() { "all" } else { reach.trim() };
    let until = grant.expires.map_or_else(|| "no end".to_string(), |day| day.to_string());
    format!("| {} | {} | {who} | {reach} | {until} |\n", grant.name, grant.role.word())
}

fn held(site: &Site) -> String {
    let RetentionSettings { inputs, answers, deliveries, families, reasons } = site.retention;
    format!(
        "## How long, and how\n\nRecords are sealed in the store and in the archive, and found by keyed pseudonyms; files for \
     carriers are sealed to the carrier's own key. Employers' files are kept for {inputs} years, carriers' answers for \
     {answers}, what was sent for {deliveries}; then `bex retention` destroys them with their keys, unless an order to \
     keep stands. What the store has of a family is destroyed with the family's own key {families} years after the family \
     has left and was last told of; why people acted, in their own words, with the key of its month {reasons} years after \
     it was typed. Each change of state, each refusal and each reading of a member's account is an event that the store refuses to \
     alter. A member may ask what was told of them (`bex disclosures`), for six years back.\n\n"
    )
}

/// Where a site does otherwise than the promise says, and why.
pub fn departures(site: &Site) -> Vec<String> {
    let mut found: Vec<String> = STANDING.iter().map(|departure| (*departure).to_string()).collect();
    match &site.access.declared {
        None => found
            .push("need to know: no roles are declared, so everybody who can run bex here may do everything".into()),
        Some(declared) => {
            if declared.conduct.is_none() {
                found.push("code of conduct: who has accepted it is not recorded here".into());
            }
            if let Some(reason) = &declared.one_person {
                found.push(format!("two people: approvals and reviews are given by one, because {reason}"));
            }
        }
    }
    if site.environment == Environment::Test {
        found.push("this is a test site: changes of the configuration wait for nobody's approval".into());
    }
    // Each element beyond the usual list is one that somebody decided to tell.
    for carrier in site.carriers.values() {
        let policy = carrier.policy.as_ref();
        let beyond = policy.iter().flat_map(|policy| policy.disclose.iter());
        for field in beyond.filter(|field| !USUAL.contains(field) && !REQUIRED.contains(field)) {
            let reason = policy.and_then(|policy| policy.reasons.get(&field)).map_or("no reason", String::as_str);
            found.push(format!("more than usual: {} is told {}, because {reason}", carrier.title, field.word()));
        }
    }
    found
}

/// What is so on every site.
const STANDING: [&str; 6] = [
    "passwords of 6 to 12 characters: there are none; the operating system says who somebody is",
    "SSL: files go by SSH with pinned host keys, and are sealed themselves",
    "firewalls: hosts and keys are pinned; the firewall is the operator's",
    "IP and e-mail addresses and use of a site are collected: they are not",
    "age: the birth date is told, because the 834 has no age",
    "help with claims: nothing of it is kept here; a column for it does not exist",
];

fn safeguards() -> String {
    let mut text = "\n## What holds it\n\n| Asked for by | What | Held by |\n|---|---|---|\n".to_string();
    for one in SAFEGUARDS {
        let by = match one.by {
            HeldBy::Test(name) => format!("the test `{name}`"),
            HeldBy::Operator(words) => format!("**the operator**: {words}"),
        };
        let _ = writeln!(text, "| {} | {} | {by} |", one.source, one.asks);
    }
    text
}
