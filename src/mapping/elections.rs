//! `mappings/elections/<source>.toml`: how one employer's elections are read.

use serde::Serialize;

use super::arrival::{self, SourceWay};
use super::census::Belongs;
use super::column::{self, Columns, Mapped as _, mapped};
use super::document::{self, MentionKind, Parsed, Table, Text};
use super::format::{FILE_PATTERN, FilePattern, Format, Limits};
use super::rules;
use super::shapes::EMPLOYER;
use crate::model::ids::{EmployerName, SourceName};

mapped! {
    /// What an elections column can fill.
    ElectionField {
        /// The employee number, as in the census.
        FamilyKey, "family_key", column::Cell::Key;
        /// Whose row it is, where every covered person has one. Empty or the family key: the subscriber.
        PersonKey, "person_key", column::Cell::Person;
        /// First name of whose row it is, beside the birth date: where the source has no key for a dependent.
        PersonFirst, "person_first_name", column::Cell::Text;
        /// Birth date of whose row it is.
        PersonBirth, "person_birth_date", column::Cell::Date;
        /// Relationship of whose row it is to the subscriber: says which rows are the subscriber's own.
        Relationship, "relationship", column::RELATIONSHIP;
        /// The plan.
        Plan, "plan", column::Cell::Plan;
        /// Who is covered.
        Tier, "tier", column::TIER;
        /// First day of coverage.
        Start, "start", column::Cell::Date;
        /// Last day of coverage, inclusive.
        End, "end", column::Cell::Date;
        /// Keys of the covered dependents, or `ALL`.
        Covered, "covered", column::Cell::Keys;
        /// Last name of the primary care provider.
        PcpLast, "pcp_last", column::Cell::Text;
        /// First name of the primary care provider.
        PcpFirst, "pcp_first", column::Cell::Text;
        /// National provider identifier.
        PcpNpi, "pcp_npi", column::Cell::Npi;
        /// Whether the member is a patient already.
        PcpEstablished, "pcp_established", column::YES_NO;
        /// Cost of coverage per month.
        Cost, "cost", column::Cell::Money;
        /// What led to the election.
        Event, "event", column::EVENT;
        /// The day of what led to it.
        EventDay, "event_date", column::Cell::Date;
        /// Whether coverage was declined.
        Waived, "waived", column::YES_NO;
    }
}

/// How one employer's elections are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElectionsMapping {
    /// The name of the file.
    pub source: SourceName,
    /// Whose elections they are.
    pub employer: EmployerName,
    /// Which files of `inbox/<employer>/` it is.
    pub file: FilePattern,
    /// Where its rows come from.
    pub arrival: SourceWay,
    /// How the file is written.
    pub format: Format,
    /// How large and how faulty it may be.
    pub limits: Limits,
    /// The person key that stands for the subscriber, where the source has one (`00`, for example).
    pub subscriber_person_key: Option<String>,
    /// Days without a file after which somebody is told; 0 for never. None: by how often files have come so far.
    pub silent_days_max: Option<u32>,
    /// Where each value of an election stands, by the field it fills.
    pub columns: Columns<ElectionField>,
    /// Elections that stand beside each other in a row, where they do; none where a row is one election.
    pub choices: Vec<ChoiceColumns>,
    /// How a file shows that it is this employer's.
    pub belongs: Option<Belongs>,
}

/// The columns of one of several elections of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChoiceColumns {
    /// What the mapping calls it.
    pub name: String,
    /// Its own columns.
    pub own: Columns<ElectionField>,
    /// Its own, and those that all elections of a row share.
    pub whole: Columns<ElectionField>,
}

impl ElectionsMapping {
    /// Reads `mappings/elections/<source>.toml`; `path` is the file's path below the site.
    pub fn parse(source: &SourceName, path: &str, text: &str) -> Parsed<ElectionsMapping> {
        document::read(path, text, |table| read(source, table))
    }
}

fn read(source: &SourceName, table: &Table<'_>) -> Option<ElectionsMapping> {
    let employer = table.need_name("employer", MentionKind::Employer, &EMPLOYER);
    let file = arrival::file(table, &FILE_PATTERN);
    let format = table.section("format", Format::read).unwrap_or_default();
    let arrival = SourceWay::read(table, &format);
    let limits = table.section("limits", Limits::read).unwrap_or_default();
    let subscriber_person_key = table.text("subscriber_person_key").map(|text| text.text);
    let silent_days_max = table.maybe_whole("silent_days_max", 0..=400);
    let several = table.has("choices");
    let columns = table.need_section("columns", |columns| read_columns(columns, &format, several));
    let shared = columns.clone().unwrap_or_default();
    let read =
        |name: &Text, inner: &Table<'_>| read_choice(name, inner, SharedColumns { columns: &shared, format: &format });
    let choices = table.section("choices", |inner| Some(inner.each(read))).unwrap_or_default();
    let belongs = table.section("belongs", |table| Belongs::read(table, &format));
    Some(ElectionsMapping {
        source: source.clone(),
        employer: employer?,
        file: file?,
        arrival,
        format,
        limits,
        subscriber_person_key,
        silent_days_max,
        columns: columns?,
        choices,
        belongs,
    })
}

fn read_columns(table: &Table<'_>, format: &Format, several: bool) -> Option<Columns<ElectionField>> {
    let columns = column::read::<ElectionField>(table, format)?;
    column::need(table, &columns, &[ElectionField::FamilyKey]);
    // Where elections stand beside each other, each of them may have these for itself.
    if !several {
        need_election(table, &columns);
    }
    mention_plans(table, &columns);
    Some(columns)
}

/// What every election has.
fn need_election(table: &Table<'_>, columns: &Columns<ElectionField>) {
    use ElectionField::{
        Event, EventDay, PcpFirst, PcpLast, PcpNpi, PersonBirth, PersonFirst, Plan, Relationship, Start,
    };
    column::need(table, columns, &[Plan]);
    // Either every row has its first day, or plan documents make it of an event and its day.
    let of_events = columns.contains_key(&EventDay);
    column::need(table, columns, if of_events { &[Event] } else { &[Start] });
    if columns.contains_key(&PersonFirst) || columns.contains_key(&PersonBirth) {
        column::need(table, columns, &[PersonFirst, PersonBirth, Relationship]);
    }
    if columns.contains_key(&PcpNpi) || columns.contains_key(&PcpFirst) {
        column::need(table, columns, &[PcpLast]);
    }
}

fn mention_plans(table: &Table<'_>, columns: &Columns<ElectionField>) {
    let plans = columns.get(&ElectionField::Plan).map(|plan| plan.values.values()).into_iter().flatten();
    plans
        .for_each(|plan| table.mention(MentionKind::Plan, &Text { text: plan.clone(), place: table.place_of("plan") }));
}

/// What an election of several has beside its own columns.
#[derive(Clone, Copy)]
struct SharedColumns<'c> {
    columns: &'c Columns<ElectionField>,
    format: &'c Format,
}

/// What elections of one row cannot differ in: whose they are.
const OF_ROW: [ElectionField; 5] = [
    ElectionField::FamilyKey,
    ElectionField::PersonKey,
    ElectionField::PersonFirst,
    ElectionField::PersonBirth,
    ElectionField::Relationship,
];

fn read_choice(name: &Text, table: &Table<'_>, shared: SharedColumns<'_>) -> Option<ChoiceColumns> {
    let own = column::read::<ElectionField>(table, shared.format)?;
    for field in OF_ROW.iter().filter(|field| own.contains_key(field)) {
        let rule = "whose elections they are is said once for a row";
        let fault = rules::CONTRADICTION.worded(rule, "move it to [columns]").at(table.place_of(field.word()));
        table.refuse(fault.name("column", field.word()));
    }
    let shared = shared.columns.iter().filter(|(field, _)| !own.contains_key(field));
    let whole: Columns<ElectionField> = shared.chain(&own).map(|(field, column)| (*field, column.clone())).collect();
    need_election(table, &whole);
    mention_plans(table, &own);
    Some(ChoiceColumns { name: name.text.clone(), own, whole })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_elections_mapping_translates_plan_names_to_plan_codes() {
        let text = "employer = \"e\"\nfile = \"elections*.csv\"\n[columns]\nfamily_key = \"ID\"\nstart = \"From\"\n\
            plan = { header = \"Plan\", values = { \"Gold PPO\" = \"MED-PPO\" } }\n";
        let parsed = ElectionsMapping::parse(&SourceName::new("s").unwrap(), "x.toml", text);
        let mapping = parsed.value.unwrap_or_else(|| panic!("{:?}", parsed.faults));
        assert_eq!(mapping.columns[&ElectionField::Plan].values["GOLDPPO"], "MED-PPO");
        assert!(parsed.mentions.iter().any(|mention| mention.of == MentionKind::Plan && mention.name == "MED-PPO"));
    }
}
