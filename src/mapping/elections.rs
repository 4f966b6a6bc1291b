//! `mappings/elections/<source>.toml`: how one employer's elections are read.

use super::arrival::{self, SourceWay};
use super::census::Belongs;
use super::column::{self, Columns, mapped};
use super::document::{self, MentionKind, Parsed, Table, Text};
use super::format::{FILE_PATTERN, FilePattern, Format, Limits};
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
    /// How a file shows that it is this employer's.
    pub belongs: Option<Belongs>,
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
    let columns = table.need_section("columns", |columns| read_columns(columns, &format));
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
        belongs,
    })
}

fn read_columns(table: &Table<'_>, format: &Format) -> Option<Columns<ElectionField>> {
    use ElectionField::{FamilyKey, PcpFirst, PcpLast, PcpNpi, PersonBirth, PersonFirst, Plan, Relationship, Start};
    let columns = column::read::<ElectionField>(table, format)?;
    column::need(table, &columns, &[FamilyKey, Plan, Start]);
    if columns.contains_key(&PersonFirst) || columns.contains_key(&PersonBirth) {
        column::need(table, &columns, &[PersonFirst, PersonBirth, Relationship]);
    }
    if columns.contains_key(&PcpNpi) || columns.contains_key(&PcpFirst) {
        column::need(table, &columns, &[PcpLast]);
    }
    let plans = columns.get(&Plan).map(|plan| plan.values.values()).into_iter().flatten();
    plans
        .for_each(|plan| table.mention(MentionKind::Plan, &Text { text: plan.clone(), place: table.place_of("plan") }));
    Some(columns)
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
