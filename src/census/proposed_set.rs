//! A mapping proposed for several files that make one census.

use std::fmt::Write as _;

use super::proposal::{Proposal, ProposedFor, propose};
use super::proposed_column::quoted;
use crate::mapping::PartMakes;
use crate::model::source::SourceKind;
use crate::rows::Glance;

/// One of several files of an employer's, of which one mapping is to be proposed.
pub struct LookedAtFile<'f> {
    /// What it looks like.
    pub glance: &'f Glance,
    /// The file's name.
    pub name: &'f str,
}

/// What a part is called and tells of, and what is proposed for its file by itself.
struct ProposedPart {
    name: String,
    makes: PartMakes,
    file: String,
    settings: String,
}

/// Proposes one mapping for files that make a census together: what each tells of is seen by its columns.
pub fn propose_set(files: &[LookedAtFile], employer: &str) -> Proposal {
    let (mut parts, mut mapped, mut unmapped): (Vec<ProposedPart>, usize, usize) = (Vec::new(), 0, 0);
    for LookedAtFile { glance, name } in files {
        let alone = propose(glance, ProposedFor { employer, file: name }, Some(SourceKind::Census));
        (mapped, unmapped) = (mapped + alone.mapped, unmapped + alone.unmapped);
        let makes = makes(&alone.text);
        let word = word(makes);
        let same = parts.iter().filter(|part| part.makes == makes).count();
        let name = if same == 0 { word.to_string() } else { format!("{word}-{}", same + 1) };
        parts.push(part(name, makes, &alone.text));
    }
    let mut text = format!(
        "# Proposed from headers and the shapes of cells: look at every line, and first at what each part makes.\n\n\
         employer = {}\nlayout = \"parts\"\n",
        quoted(employer)
    );
    let by_number = parts.iter().any(|part| part.makes == PartMakes::Subscribers && is_by_ssn(&part.settings));
    for ProposedPart { name, makes, file, settings } in &parts {
        let _ = write!(text, "\n[parts.{name}]\nmakes = \"{}\"\n{file}\n", made(*makes));
        if *makes != PartMakes::Subscribers && is_by_ssn(settings) && !by_number {
            text += "named_by = \"ssn\"\n";
        }
        text += settings;
    }
    Proposal { kind: SourceKind::Census, text, mapped, unmapped }
}

fn has(text: &str, column: &str) -> bool {
    text.lines().any(|line| line.strip_prefix(column).is_some_and(|rest| rest.starts_with(" =")))
}

/// What a file tells of, by what is proposed for it alone.
fn makes(text: &str) -> PartMakes {
    let of_everybody = text.contains(EVERYBODY);
    let of_people = ["last_name", "ssn", "birth_date"].into_iter().any(|column| has(text, column));
    let of_dependents = has(text, "relationship") && !of_everybody;
    // Headers that say whose they are, whatever they are called behind that.
    let are_dependents =
        text.lines().filter(|line| line.contains("\"Dep ") || line.to_uppercase().contains("\"DEPENDENT")).count() > 1;
    match (of_people, of_dependents || are_dependents) {
        (false, _) if has(text, "address_line1") => PartMakes::Addresses,
        (_, true) => PartMakes::Dependents,
        _ => PartMakes::Subscribers,
    }
}

const EVERYBODY: &str = "relationship = { constant = \"subscriber\" }";

fn made(makes: PartMakes) -> &'static str {
    match makes {
        PartMakes::Subscribers => "subscribers",
        PartMakes::Dependents => "dependents",
        PartMakes::Addresses => "addresses",
    }
}

fn word(makes: PartMakes) -> &'static str {
    if makes == PartMakes::Subscribers { "employees" } else { made(makes) }
}

/// Whether the column that names employees is called a Social Security number.
fn is_by_ssn(settings: &str) -> bool {
    let key = settings.lines().find(|line| line.starts_with("family_key ="));
    key.is_some_and(|line| ["SSN", "SOCIAL", "SOC SEC", "SOCSEC"].iter().any(|word| line.to_uppercase().contains(word)))
}

/// What is proposed for a file by itself, as a part says it.
fn part(name: String, makes: PartMakes, text: &str) -> ProposedPart {
    let file = text.lines().find(|line| line.starts_with("file =")).unwrap_or("file = \"*\"").to_string();
    let below = text.split_once(&file).map_or("", |(_, below)| below.trim_start_matches('\n'));
    let settings = below
        .lines()
        .filter(|line| makes == PartMakes::Dependents || !is_of_relationship(line))
        // In a file of dependents, of course.
        .filter(|line| !line.starts_with("# LOOK HERE: several rows"))
        .map(|line| match line {
            "[format]" => format!("\n[parts.{name}.format]\n"),
            "[columns]" => format!("\n[parts.{name}.columns]\n"),
            line => format!("{line}\n"),
        })
        .collect::<String>();
    // A blank line before each table is enough.
    let settings = settings.replace("\n\n\n", "\n\n");
    // Dependents who are taken for employees would be left out as such.
    let settings = settings.replace(&format!("{EVERYBODY}\n"), UNSAID).replace(EVERYBODY_REMARK, "");
    let settings = if makes == PartMakes::Subscribers { settings } else { with_key(settings) };
    ProposedPart { name, makes, file, settings }
}

/// Where nothing else names the employee, the employee's Social Security number does; where nothing does, somebody says
/// which column it is.
fn with_key(settings: String) -> String {
    if has(&settings, "family_key") {
        return settings;
    }
    let is_employees = |line: &&str| {
        let header = line.to_uppercase();
        line.starts_with("ssn =") && ["EMPLOYEE", "SUBSCRIBER", "\"EE"].iter().any(|owner| header.contains(owner))
    };
    match settings.lines().find(is_employees) {
        Some(line) => settings.replace(line, &line.replace("ssn =", "family_key =")),
        None => settings.replace(".columns]\n", &format!(".columns]\n{UNNAMED}")),
    }
}

const UNSAID: &str = "# LOOK HERE: which column says who they are to the employee? relationship = \"…\"\n";

const EVERYBODY_REMARK: &str = "# no column says who somebody is to the employee: everybody is taken for an employee\n";

const UNNAMED: &str = "# LOOK HERE: which column names the employee? family_key = \"…\"\n";

fn is_of_relationship(line: &str) -> bool {
    line.starts_with("relationship =") || line.starts_with("# no column says who somebody is")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::CensusMapping;
    use crate::mapping::aliases::is_known;
    use crate::model::ids::SourceName;
    use crate::rows::glance;

    #[test]
    fn a_file_of_dependents_is_known_by_its_headers_though_none_says_who_they_are() {
        let employees = "EE #,Last Name,First Name,DOB,SocSec\nE1,Sample,Ann,03/22/1980,899-31-1001\n";
        let dependents =
            "EE SocSec,Dep Last Name,Dep First Name,Dep DOB,Dep Kind\n899-31-1001,Sample,Bo,04/25/2015,K9\n";
        let looks = [employees, dependents].map(|text| glance(Box::new(text.as_bytes()), &is_known).unwrap());
        let name = |(glance, name)| LookedAtFile { glance, name };
        let files: Vec<LookedAtFile> = looks.iter().zip(["ees.csv", "deps.csv"]).map(name).collect();
        let text = propose_set(&files, "example-employer").text;
        for line in ["family_key = \"EE SocSec\"", "named_by = \"ssn\"", "# LOOK HERE: which column says who they are"]
        {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert!(!text.contains("subscriber\""), "{text}");
    }

    #[test]
    fn two_files_are_proposed_as_parts_that_are_read() {
        let employees = "Emp ID,Last Name,First Name,DOB,SSN,Status\nE1,Sample,Ann,03/22/1980,899-31-1001,On Leave\n";
        let dependents = "Employee SSN|Relationship|Dependent Last Name|Dependent First Name|Dependent DOB\n\
                          899-31-1001|Child|Sample|Bo|04/25/2015\n";
        let looks = [employees, dependents].map(|text| glance(Box::new(text.as_bytes()), &is_known).unwrap());
        let files: Vec<LookedAtFile> = looks
            .iter()
            .zip(["staff_20260302.csv", "kids_20260302.txt"])
            .map(|(glance, name)| LookedAtFile { glance, name })
            .collect();
        let text = propose_set(&files, "example-employer").text;
        for line in
            ["[parts.employees.columns]", "named_by = \"ssn\"", "delimiter = \"pipe\"", "\"On Leave\" = \"leave\""]
        {
            assert!(text.contains(line), "{line}\n{text}");
        }
        let parsed = CensusMapping::parse(&SourceName::new("s").unwrap(), "s.toml", &text);
        assert!(parsed.value.is_some(), "{text}\n{:?}", parsed.faults);
    }
}
