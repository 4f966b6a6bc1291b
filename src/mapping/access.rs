//! `access.toml`: who has which role on a site, as far and as long as it goes. Without the file everybody may do
//! everything.

use std::collections::BTreeSet;

use super::document::{self, MentionKind, Parsed, Shape, Table, Text};
use super::rules;
use super::shapes::{DATE, NOTE, TITLE};
use crate::access::{DeclaredAccess, Grant, ReviewRules, Role};

/// Reads `access.toml`.
pub fn parse_access(text: &str) -> Parsed<DeclaredAccess> {
    document::read("access.toml", text, read)
}

const ROLE: Shape<Role> = Shape {
    read: Role::of_word,
    rule: "a role is operator, benefits-admin, privacy-officer, security-reviewer, dba, auditor or carrier-manager",
    next: "`bex grants --roles` says what each may do",
};

const SIGNED_BY: Shape<bool> = Shape {
    read: |text| match text {
        "ssh" => Some(true),
        "os" => Some(false),
        _ => None,
    },
    rule: "a review is signed by os or by ssh",
    next: "os: the operating system says who signs; ssh: a key of keys/reviewers signs",
};

/// As the operating system calls users and groups.
const ACCOUNT: Shape<String> = Shape {
    read: |text| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.$@\\".contains(&b);
        (!text.is_empty() && text.len() <= 64 && text.bytes().all(plain)).then(|| text.to_string())
    },
    rule: "a user or group is called as the operating system calls it",
    next: "`id` prints both",
};

fn read(table: &Table<'_>) -> Option<DeclaredAccess> {
    let whole = |access: &Table<'_>| Some((access.maybe("one_person", &NOTE), access.maybe("conduct", &DATE)));
    let (one_person, conduct) = table.section("access", whole).unwrap_or_default();
    let review = table.section("review", |review| Some(read_review(review))).unwrap_or_default();
    let mut grants = table.need_section("grants", |all| Some(all.each(read_grant)))?;
    grants.iter_mut().for_each(|grant| grant.unaccepted = grant.accepted < conduct);
    Some(DeclaredAccess { one_person, conduct, grants, review })
}

fn read_review(table: &Table<'_>) -> ReviewRules {
    ReviewRules {
        overdue_days: table.whole("overdue_days", 1, 0..=30),
        hold_after_days: table.whole("hold_after_days", 0, 0..=90),
        ssh_key: table.maybe("signed_by", &SIGNED_BY).unwrap_or(false),
    }
}

fn read_grant(name: &Text, table: &Table<'_>) -> Option<Grant> {
    let role = table.need("role", &ROLE);
    let (users, groups) = (accounts(table, "users"), accounts(table, "groups"));
    if users.is_empty() && groups.is_empty() {
        let rule = "a grant is given to somebody";
        table.refuse(rules::MISSING.worded(rule, "name `users` or `groups` of the operating system").at(table.place()));
    }
    let organisation = table.maybe("organisation", &TITLE);
    let contract = table.maybe("contract", &TITLE);
    if organisation.is_some() && contract.is_none() {
        let rule = "whoever is of another organisation is bound by a contract";
        table.refuse(rules::MISSING.worded(rule, "name its `contract`").at(table.place_of("organisation")));
    }
    let expires = table.maybe("expires", &DATE);
    if organisation.is_some() && expires.is_none() {
        let rule = "a grant to another organisation ends on a day";
        table.refuse(rules::MISSING.worded(rule, "say on which: `expires`").at(table.place_of("organisation")));
    }
    let accepted = table.maybe("accepted", &DATE);
    let employers = named(table, "employers", MentionKind::Employer);
    let carriers = named(table, "carriers", MentionKind::Carrier);
    Some(Grant {
        name: name.text.clone(),
        role: role?,
        users,
        groups,
        employers,
        carriers,
        expires,
        accepted,
        unaccepted: false,
        organisation,
        contract,
    })
}

fn accounts(table: &Table<'_>, key: &str) -> BTreeSet<String> {
    table.texts(key).iter().filter_map(|text| table.shaped(text, &ACCOUNT)).collect()
}

/// Names of ours that another file must define: a grant for a name that nobody has would be one for nobody.
fn named(table: &Table<'_>, key: &str, of: MentionKind) -> BTreeSet<String> {
    let texts = table.texts(key);
    texts.iter().for_each(|text| table.mention(of, text));
    texts.into_iter().map(|text| text.text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_binds_users_and_groups_to_a_role_as_far_and_as_long_as_it_says() {
        let text = "[access]\none_person = \"an office of one\"\n[grants.night]\nrole = \"operator\"\nusers = [\"bex\"]\n\
                    employers = [\"acme\"]\nexpires = \"2027-01-31\"\n";
        let read = parse_access(text);
        assert!(read.faults.is_empty(), "{:?}", read.faults);
        let access = read.value.unwrap();
        assert_eq!((access.grants[0].role, access.grants[0].name.as_str()), (Role::Operator, "night"));
        assert!(access.one_person.is_some() && access.grants[0].employers.contains("acme"));
    }

    #[test]
    fn a_grant_to_nobody_or_to_strangers_without_contract_and_end_is_refused() {
        let codes = |text: &str| parse_access(text).faults.iter().map(|fault| fault.code).collect::<Vec<_>>();
        assert_eq!(codes("[grants.a]\nrole = \"operator\"\n"), ["CFG003"]);
        assert_eq!(codes("[grants.a]\nrole = \"king\"\nusers = [\"b\"]\n"), ["CFG005"]);
        let strangers = "[grants.a]\nrole = \"dba\"\nusers = [\"b\"]\norganisation = \"Sub Contractors\"\n";
        assert_eq!(codes(strangers), ["CFG003", "CFG003"]);
    }
}
