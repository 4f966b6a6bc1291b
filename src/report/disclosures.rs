//! To whom a person's data were told, and who was in a delivery: as a table, CSV, JSON, and a page to hand out.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::morning::{HEAD, cell};
use super::words::{counted, escaped};
use crate::disclosure::{Account, Accounted, Affected, AffectedPerson, Disclosure};
use crate::model::field::{Field, FieldSet};
use crate::policy::paths;
use crate::state::State as _;

/// The elements' words.
fn words(fields: FieldSet) -> String {
    fields.iter().map(Field::word).collect::<Vec<_>>().join(" ")
}

/// How a person is called on an account.
fn who(person: &Accounted) -> String {
    let name = person.name.as_ref().map_or(String::new(), |name| format!(" {name}"));
    format!("{} {}{name}", person.number, person.relationship.word())
}

fn who_of(account: &Account, number: usize) -> String {
    account.people.iter().find(|person| person.number == number).map_or_else(|| number.to_string(), who)
}

/// Disclosures of the same to the same recipient for the same purpose: 45 CFR 164.528(b)(3) lets them stand as one,
/// with the first, the last and how many.
struct Repeated<'a> {
    first: &'a Disclosure,
    last: &'a Disclosure,
    times: u64,
}

fn repeated(account: &Account) -> Vec<Repeated<'_>> {
    let mut found: Vec<Repeated<'_>> = Vec::new();
    for one in &account.disclosures {
        let same = |before: &&mut Repeated<'_>| {
            let Disclosure { person, recipient, fields, certainty, state, feed, .. } = before.last;
            let alike = (person, recipient, feed) == (&one.person, &one.recipient, &one.feed);
            alike && (fields, certainty, state) == (&one.fields, &one.certainty, &one.state)
        };
        // The newest such row: what was told otherwise in between begins another one.
        match found.iter_mut().rev().find(same) {
            Some(before) => (before.last, before.times) = (one, before.times + 1),
            None => found.push(Repeated { first: one, last: one, times: 1 }),
        }
    }
    found
}

fn day(one: &Disclosure) -> &str {
    one.at.get(..10).unwrap_or(&one.at)
}

fn dates(repeated: &Repeated<'_>) -> String {
    match repeated.times {
        1 => day(repeated.first).to_string(),
        times => format!("{} to {}, {times} times", day(repeated.first), day(repeated.last)),
    }
}

fn recipient(one: &Disclosure) -> String {
    one.address.as_ref().map_or_else(|| one.recipient.clone(), |address| format!("{}, {address}", one.recipient))
}

fn came_of_it(one: &Disclosure) -> String {
    let again = if one.again { ", sent again" } else { "" };
    format!("{}, {}{again}", one.certainty.word(), one.state.word())
}

/// That there were disclosures of which nothing can be read any more.
fn ended(destroyed: u64) -> String {
    let count = counted(destroyed, "disclosure", "disclosures");
    format!("{count} more stood in records that were destroyed when their time was over")
}

/// An account as lines for a terminal.
pub fn account_text(account: &Account) -> String {
    let Account { people, since, until, disclosures, destroyed } = account;
    let mut text = format!("Disclosures from {since} to {until}: {}\n", disclosures.len());
    if *destroyed > 0 {
        let _ = writeln!(text, "{}", ended(*destroyed));
    }
    for person in people {
        let _ = writeln!(text, "  {}  member {}", who(person), person.family.short());
    }
    // A full file every night would else fill pages with one sentence.
    for one in repeated(account) {
        let Disclosure { purpose, basis, feed, delivery, .. } = one.first;
        let _ = writeln!(text, "\n{}  to {}", dates(&one), recipient(one.first));
        let _ = writeln!(text, "  of    {}", who_of(account, one.first.person));
        let _ = writeln!(text, "  what  {}", words(one.first.fields));
        let _ = writeln!(text, "  for   {purpose} ({basis})");
        if feed.is_empty() {
            continue;
        }
        let _ = writeln!(text, "  came  {}; feed {feed}, delivery {delivery}", came_of_it(one.first));
    }
    text
}

/// An account as CSV, a disclosure a line.
pub fn account_csv(account: &Account) -> String {
    let mut text = "date,recipient,address,person,relationship,name,what,purpose,basis,certainty,stands,again,feed,\
                    delivery,file\n"
        .to_string();
    for one in &account.disclosures {
        let person = account.people.iter().find(|person| person.number == one.person);
        let relationship = person.map_or("", |person| person.relationship.word());
        let name = person.and_then(|person| person.name.clone()).unwrap_or_default();
        let again = if one.again { "yes" } else { "no" };
        let (number, delivery) = (one.person.to_string(), one.delivery.to_string());
        let (address, what) = (one.address.clone().unwrap_or_default(), words(one.fields));
        let cells: [&str; 15] = [
            &one.at,
            &one.recipient,
            &address,
            &number,
            relationship,
            &name,
            &what,
            one.purpose,
            &one.basis,
            one.certainty.word(),
            one.state.word(),
            again,
            &one.feed,
            &delivery,
            &one.file,
        ];
        let _ = writeln!(text, "{}", cells.map(cell).join(","));
    }
    text
}

/// An account as JSON; the keys are a contract.
pub fn account_json(account: &Account) -> Value {
    let person = |person: &Accounted| {
        json!({
            "person": person.number, "member": person.family.short(), "relationship": person.relationship.word(),
            "name": person.name,
        })
    };
    let one = |one: &Disclosure| {
        json!({
            "at": one.at, "recipient": one.recipient, "address": one.address, "person": one.person,
            "what": one.fields.iter().map(Field::word).collect::<Vec<_>>(), "paths": paths(one.fields),
            "purpose": one.purpose, "basis": one.basis, "certainty": one.certainty.word(), "stands": one.state.word(),
            "again": one.again, "feed": one.feed, "delivery": one.delivery, "file": one.file,
        })
    };
    json!({
        "since": account.since.to_string(), "until": account.until.to_string(),
        "people": account.people.iter().map(person).collect::<Vec<_>>(),
        "disclosures": account.disclosures.iter().map(one).collect::<Vec<_>>(), "destroyed": account.destroyed,
    })
}

/// An account as a page to hand out: it needs nothing from anywhere.
pub fn account_html(account: &Account, site: &str, contact: Option<&str>) -> String {
    let title = format!("Account of disclosures, {} to {}", account.since, account.until);
    let mut page = format!("{HEAD}<title>{}</title>\n</head>\n<body>\n<h1>{}</h1>\n", escaped(&title), escaped(&title));
    let asked = contact.map(|contact| format!(" Questions and complaints: {}.", escaped(contact))).unwrap_or_default();
    let _ = writeln!(page, "<p>Made by {}.{asked} Of whom:</p>\n<ul>", escaped(site));
    for person in &account.people {
        let _ = writeln!(page, "<li>{} <code>{}</code></li>", escaped(&who(person)), person.family.short());
    }
    page += "</ul>\n<div class=\"scroll\"><table class=\"cards\">\n<thead><tr><th>When</th><th>To whom</th><th>Of whom</th>\
             <th>What</th><th>For what</th><th>What came of it</th></tr></thead>\n<tbody>\n";
    for one in repeated(account) {
        let purpose = format!("{}: {}", one.first.purpose, one.first.basis);
        let cells = [
            dates(&one),
            recipient(one.first),
            who_of(account, one.first.person),
            words(one.first.fields),
            purpose,
            came_of_it(one.first),
        ];
        let cells = cells.map(|text| format!("<td>{}</td>", escaped(&text)));
        let _ = writeln!(page, "<tr>{}</tr>", cells.concat());
    }
    page += "</tbody></table></div>\n";
    if account.destroyed > 0 {
        let _ = writeln!(page, "<p>{}.</p>", ended(account.destroyed));
    }
    page + "</body>\n</html>\n"
}

/// Who was in deliveries, as lines.
pub fn affected_text(affected: &Affected) -> String {
    let mut text = String::new();
    for one in &affected.deliveries {
        let _ = writeln!(text, "delivery {} to {}, feed {}, file {}", one.id, one.carrier, one.feed, one.file);
        for (at, certainty) in &one.sent {
            let _ = writeln!(text, "  sent {at}: {}", certainty.word());
        }
        if one.sent.is_empty() {
            text.push_str("  never sent\n");
        }
    }
    let people = counted(affected.people, "person", "people");
    let _ = writeln!(text, "{people} in {}", counted(affected.families, "family", "families"));
    if affected.destroyed > 0 {
        let more = counted(affected.destroyed, "more family", "more families");
        let _ = writeln!(text, "{more}, whose records were destroyed when their time was over");
    }
    let _ = writeln!(text, "what {}", words(affected.fields));
    for person in &affected.listed {
        let told = person.told.as_ref().map_or(String::new(), |told| format!("  {}", told.join(", ")));
        let _ = writeln!(text, "  {} {}{told}", person.family.short(), person.relationship.word());
    }
    text
}

/// The people who were in deliveries, as CSV.
pub fn affected_csv(affected: &Affected) -> String {
    let mut text = "member,relationship,what,last_name,first_name,street,town,area\n".to_string();
    for person in &affected.listed {
        let told = person.told.clone().unwrap_or_default().map(|part| cell(&part));
        let (member, what) = (cell(&person.family.short()), cell(&words(person.fields)));
        let _ = writeln!(text, "{member},{},{what},{}", person.relationship.word(), told.join(","));
    }
    text
}

/// Who was in deliveries, as JSON; the keys are a contract.
pub fn affected_json(affected: &Affected) -> Value {
    let person = |person: &AffectedPerson| {
        json!({
            "member": person.family.short(), "relationship": person.relationship.word(),
            "what": person.fields.iter().map(Field::word).collect::<Vec<_>>(), "told": person.told,
        })
    };
    let deliveries = affected.deliveries.iter().map(|one| {
        let sent = one.sent.iter().map(|(at, certainty)| json!({ "at": at, "certainty": certainty.word() }));
        let sent: Vec<Value> = sent.collect();
        json!({ "delivery": one.id, "feed": one.feed, "carrier": one.carrier, "file": one.file, "sent": sent })
    });
    json!({
        "deliveries": deliveries.collect::<Vec<_>>(), "families": affected.families, "people": affected.people,
        "destroyed": affected.destroyed,
        "what": affected.fields.iter().map(Field::word).collect::<Vec<_>>(),
        "listed": affected.listed.iter().map(person).collect::<Vec<_>>(),
    })
}
