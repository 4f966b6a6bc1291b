//! A carrier's own list as what it knows of families: who is covered by which plan, from when until when. Whatever the
//! list does not say is taken to be known as the census has it.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;

use crate::fault::{Fault, Label, Place};
use crate::mapping::{Carrier, Plan};
use crate::model::election::Tier;
use crate::model::enrollment::{Coverage, Enrolled, Member};
use crate::model::field::{Field, FieldSet};
use crate::model::person::{Employment, Family, Person, Relationship};
use crate::model::phi::Phi;
use crate::reconcile::{Rules, visible_people};
use crate::roster::{Listed, rules};

/// A carrier's list, with what finds the rows of a family in it.
pub(super) struct ListedFamilies<'l> {
    rows: &'l [Listed],
    carrier: &'l Carrier,
    visible: FieldSet,
    /// Codes that a plan of ours has in accounts.
    codes: Vec<(String, String)>,
    by_family: HashMap<String, Vec<usize>>,
    by_number: HashMap<&'l str, Vec<usize>>,
    taken: Vec<bool>,
    /// Rows on plans that the carrier's file does not name.
    pub other_plans: u64,
}

/// A family of the list that the census does not have.
pub(super) struct ListedStranger {
    /// The number under which it is listed.
    pub number: String,
    /// What the carrier knows of it; none where the list does not say of whom it is.
    pub known: Option<Enrolled>,
    /// How many rows tell of it.
    pub rows: u64,
}

impl<'l> ListedFamilies<'l> {
    /// The rows that say of somebody that a plan of ours covers them on this day, or later.
    ///
    /// # Errors
    /// ROS004 where one of them has no first day.
    pub fn new(rows: &'l [Listed], carrier: &'l Carrier, on: &Rules) -> Result<ListedFamilies<'l>, Fault> {
        let mut families = ListedFamilies {
            rows,
            carrier,
            visible: on.visible,
            codes: on.accounts.iter().flat_map(|account| account.codes.clone()).collect(),
            by_family: HashMap::new(),
            by_number: HashMap::new(),
            taken: vec![true; rows.len()],
            other_plans: 0,
        };
        for (index, row) in rows.iter().enumerate().filter(|(_, row)| row.is_open_on(on.as_of)) {
            families.add(index, row)?;
        }
        Ok(families)
    }

    fn add(&mut self, index: usize, row: &'l Listed) -> Result<(), Fault> {
        if self.plan_of(row).is_none() {
            self.other_plans += 1;
            return Ok(());
        }
        if row.begin.is_none() {
            return Err(rules::NO_FIRST_DAY.at(Place::Named(Label::new("list"))).count("line", row.line));
        }
        self.taken[index] = false;
        self.by_family.entry(form(row.subscriber_id.reveal())).or_default().push(index);
        self.by_number.entry(row.ssn.reveal().as_str()).or_default().push(index);
        Ok(())
    }

    /// The plan that a row is on, by the elections' code.
    fn plan_of(&self, row: &Listed) -> Option<&'l str> {
        let mut plans = self.carrier.plans.iter();
        let is_on = |ours: &str, plan: &Plan| {
            let mut codes = self.codes.iter().filter(|(of, _)| of == ours);
            row.is_on(ours, Some(&plan.code)) || codes.any(|(_, code)| row.is_on(ours, Some(code)))
        };
        plans.find(|(ours, plan)| is_on(ours, plan)).map(|(ours, _)| ours.as_str())
    }

    /// What the carrier knows of a family of the census; none where nobody of it is listed. `meant` is what it would be
    /// told: prices and providers, of which lists say nothing, are taken from there.
    pub fn of_family(&mut self, on: &Rules, family: &Family, meant: Option<&Enrolled>) -> Option<Enrolled> {
        let rows = self.rows_of(family);
        let known = self.known(visible_people(on, family), &rows, meant)?;
        rows.iter().for_each(|index| self.taken[*index] = true);
        Some(known)
    }

    /// The rows of a family: those under its own number; where the carrier has numbers of its own, those under the one
    /// that the employee's Social Security number stands first under; and whoever is listed by such a number alone.
    fn rows_of(&self, family: &Family) -> Vec<usize> {
        let own = form(family.subscriber.key.reveal());
        let numbers = if self.by_family.contains_key(&own) { BTreeSet::from([own]) } else { self.led_by(family) };
        let grouped = numbers.iter().filter(|number| !number.is_empty());
        let grouped = grouped.filter_map(|number| self.by_family.get(number)).flatten();
        let people = std::iter::once(&family.subscriber).chain(&family.dependents);
        let alone = people.flat_map(|person| self.numbered(person));
        let alone = alone.filter(|index| self.rows[**index].subscriber_id.is_empty());
        let mut rows: Vec<usize> = grouped.chain(alone).copied().filter(|index| !self.taken[*index]).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    /// The numbers under which the employee is listed before anybody else.
    fn led_by(&self, family: &Family) -> BTreeSet<String> {
        let leads = |index: &&usize| {
            let number = form(self.rows[**index].subscriber_id.reveal());
            self.by_family.get(&number).and_then(|rows| rows.first()) == Some(*index)
        };
        let rows = self.numbered(&family.subscriber).iter().filter(leads);
        rows.map(|index| form(self.rows[*index].subscriber_id.reveal())).collect()
    }

    fn numbered(&self, person: &Person) -> &[usize] {
        let number = person.ssn.as_ref().map(|ssn| ssn.reveal().as_str());
        number.and_then(|number| self.by_number.get(number)).map_or(&[], Vec::as_slice)
    }

    /// Families of the list that nobody has asked about, in the order of their rows.
    pub fn strangers(&mut self) -> Vec<ListedStranger> {
        let left = (0..self.rows.len()).filter(|index| !self.taken[*index]);
        let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
        for index in left {
            let number = self.rows[index].subscriber_id.reveal().trim();
            match groups.iter_mut().find(|(known, _)| !number.is_empty() && form(known) == form(number)) {
                Some((_, rows)) => rows.push(index),
                None => groups.push((number.to_string(), vec![index])),
            }
        }
        groups.into_iter().map(|(number, rows)| self.stranger(number, &rows)).collect()
    }

    /// A family of which only the list tells: who stands first in it is the employee.
    fn stranger(&self, number: String, rows: &[usize]) -> ListedStranger {
        let first = rows.first().filter(|_| !number.is_empty()).map(|index| &self.rows[*index]);
        let employee = first.map(|row| self.nobody_known(row, Relationship::Subscriber, number.clone()));
        let known = employee.and_then(|employee| self.known(vec![employee], rows, None));
        ListedStranger { number, known, rows: rows.len() as u64 }
    }

    /// Everybody of a family with the cover that the rows tell of; none where the employee has none.
    fn known(&self, mut members: Vec<Member>, rows: &[usize], meant: Option<&Enrolled>) -> Option<Enrolled> {
        for index in rows {
            let row = &self.rows[*index];
            let at = members.iter().position(|member| row.is_about(&member.person));
            let at = at.unwrap_or_else(|| {
                let key = format!("listed {} {:?}", row.first_name.reveal(), row.birth_date.as_ref().map(Phi::reveal));
                members.push(self.nobody_known(row, Relationship::Other, key));
                members.len() - 1
            });
            self.amend(&mut members[at].person, row);
            members[at].coverages.extend(self.span(row));
        }
        let (employee, dependents) = members.split_first()?;
        let number = rows.first().map(|index| self.rows[*index].subscriber_id.reveal().trim())?;
        let number = Some(number).filter(|number| form(number) != form(employee.person.key.reveal()));
        let number = number.filter(|number| !number.is_empty());
        let subscriber_id = number.map_or(employee.person.key.clone(), |number| Phi::new(number.to_string()));
        let covered = dependents.iter().filter(|member| !member.coverages.is_empty());
        let mut dependents: Vec<Member> = covered.cloned().collect();
        dependents.sort_by(|one, other| one.person.key.cmp(&other.person.key));
        let members: Vec<Member> = std::iter::once(employee.clone()).chain(dependents).collect();
        let is_covered = members.first().is_some_and(|employee| !employee.coverages.is_empty());
        is_covered.then(|| settled(Enrolled { subscriber_id, members }, meant))
    }

    fn nobody_known(&self, row: &Listed, relationship: Relationship, key: String) -> Member {
        let mut person = unknown(Phi::new(key), relationship);
        self.amend(&mut person, row);
        Member { person, employment: Employment::default(), coverages: Vec::new(), refs: Vec::new() }
    }

    /// What the list says of a person otherwise is what the carrier knows.
    fn amend(&self, person: &mut Person, row: &Listed) {
        let listed = |text: &Phi<String>, known: &Phi<String>| {
            let says = !text.is_empty() && !Listed::alike(text.reveal(), known.reveal());
            if says { Phi::new(text.reveal().trim().to_string()) } else { known.clone() }
        };
        person.last_name = listed(&row.last_name, &person.last_name);
        person.first_name = listed(&row.first_name, &person.first_name);
        if self.visible.has(Field::Ssn) && !row.ssn.is_empty() {
            person.ssn = Some(row.ssn.clone());
        }
        if self.visible.has(Field::BirthDate) && row.birth_date.is_some() {
            person.birth_date.clone_from(&row.birth_date);
        }
    }

    fn span(&self, row: &Listed) -> Option<Coverage> {
        let plan = self.plan_of(row)?;
        Some(Coverage {
            plan: plan.to_string(),
            line: self.carrier.plans.get(plan)?.line,
            tier: Tier::from_code(row.tier.trim()).unwrap_or(Tier::Employee),
            begin: row.begin?,
            end: row.end,
            pcp: None,
            cost: None,
            event: None,
            cobra: None,
            filed: None,
            // A list names plans, and not by which account: that follows from the census on the first night.
            class: String::new(),
            refs: Vec::new(),
        })
    }
}

/// Somebody of whom nothing is known yet.
fn unknown(key: Phi<String>, relationship: Relationship) -> Person {
    Person {
        key,
        relationship,
        last_name: Phi::default(),
        first_name: Phi::default(),
        middle_name: Phi::default(),
        suffix: Phi::default(),
        ssn: None,
        birth_date: None,
        sex: Phi::default(),
        address: None,
        phone: None,
        email: None,
        marital_status: None,
        over_age: None,
    }
}

/// A number as it is compared.
fn form(number: &str) -> String {
    number.trim().to_ascii_uppercase()
}

/// The employee's level is everybody's; one plan of a line covers a day; prices, providers and events are as they are
/// meant to be.
fn settled(mut known: Enrolled, meant: Option<&Enrolled>) -> Enrolled {
    let own = known.members.first().map(|employee| employee.coverages.clone()).unwrap_or_default();
    for member in &mut known.members {
        member.coverages = one_at_a_time(std::mem::take(&mut member.coverages));
        let like = meant.and_then(|meant| meant.member(&member.person.key));
        for span in &mut member.coverages {
            let level = own.iter().find(|own| own.plan == span.plan).map(|own| own.tier);
            span.tier = level.unwrap_or(span.tier);
            let same = like.and_then(|like| like.coverages.iter().find(|other| other.plan == span.plan));
            let Some(same) = same else { continue };
            (span.pcp, span.cost, span.cobra) = (same.pcp.clone(), same.cost.clone(), same.cobra);
            span.event = same.event.filter(|_| same.begin == span.begin);
        }
    }
    known
}

/// Spans as records have them: of two of a line on one day, the one that begins later holds.
fn one_at_a_time(mut listed: Vec<Coverage>) -> Vec<Coverage> {
    listed.sort_by(|one, other| (one.begin, &one.plan).cmp(&(other.begin, &other.plan)));
    let mut spans: Vec<Coverage> = Vec::new();
    for span in listed {
        let eve: Option<NaiveDate> = span.begin.pred_opt();
        for before in spans.iter_mut().filter(|before| before.line.kind() == span.line.kind()) {
            before.end = if before.is_open_on(span.begin) { eve } else { before.end };
        }
        spans.push(span);
    }
    spans.retain(|span| span.end.is_none_or(|end| end > span.begin));
    spans.sort_by(|one, other| (&one.plan, one.begin).cmp(&(&other.plan, other.begin)));
    spans
}
