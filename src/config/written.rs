//! The files of a site as somebody has written them, part by part: whatever a file may say stands in one of its parts,
//! so that no change of it can go unseen.

use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};
use toml::{Table, Value};

use crate::model::ids::hex;

/// A part of a file of the configuration: a section, or all that stands before the first one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfiguredPart {
    /// The file, below the site.
    pub file: String,
    /// What it describes and which part of that it is: `carrier alpha-health delivery`.
    pub name: String,
    /// A digest of all that it says, and as many of its words as anybody reads. Comments and order say nothing.
    pub value: String,
}

/// Every file of a site as it was read. It is taken into parts when somebody asks for them: few commands do, and it
/// takes as long as reading what the files mean.
#[derive(Clone, Debug, Default)]
pub struct WrittenTexts {
    /// Each file, below the site, and its text.
    texts: Vec<(String, String)>,
    parts: OnceLock<Vec<ConfiguredPart>>,
}

impl WrittenTexts {
    /// Adds a file.
    pub(super) fn add(&mut self, file: &str, text: &str) {
        self.texts.push((file.to_string(), text.to_string()));
        self.parts = OnceLock::new();
    }

    /// The files, below the site.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|(file, _)| file.as_str())
    }

    /// The sections of every file and what stands before the first of each, taken apart when first asked for.
    pub fn parts(&self) -> &[ConfiguredPart] {
        self.parts.get_or_init(|| self.texts.iter().flat_map(|(file, text)| parts(file, text)).collect())
    }
}

impl PartialEq for WrittenTexts {
    fn eq(&self, other: &WrittenTexts) -> bool {
        self.texts == other.texts
    }
}

impl Eq for WrittenTexts {}

/// What stands before the first section.
const HEAD: &str = "settings";
/// Words kept of a part, in characters.
const WORDS_MAX: usize = 200;

/// The parts of a file; none of a text that is no TOML, which has faults enough.
fn parts(file: &str, text: &str) -> Vec<ConfiguredPart> {
    let Ok(all) = toml::from_str::<Table>(text) else { return Vec::new() };
    let (sections, head): (Table, Table) = all.into_iter().partition(|(_, value)| value.is_table());
    let head = (!head.is_empty()).then(|| (HEAD.to_string(), head));
    let sections = sections.into_iter().filter_map(|(name, value)| Some((name, table(value)?)));
    let parts = head.into_iter().chain(sections.flat_map(|(name, section)| divided(name, section)));
    let described = described(file);
    let part = |(name, part): (String, Table)| ConfiguredPart {
        file: file.to_string(),
        // What a part is of stands before the last blank: there is none in its own name.
        name: format!("{described} {}", name.replace('%', "%25").replace(char::is_whitespace, "%20")),
        value: value(part),
    };
    parts.map(part).collect()
}

fn table(value: Value) -> Option<Table> {
    if let Value::Table(table) = value { Some(table) } else { None }
}

/// A section of nothing but sections, such as the plans of a carrier, is a part for each.
fn divided(name: String, section: Table) -> Vec<(String, Table)> {
    if section.is_empty() || !section.values().all(Value::is_table) {
        return vec![(name, section)];
    }
    section.into_iter().filter_map(|(below, value)| Some((format!("{name}.{below}"), table(value)?))).collect()
}

/// What a file describes: the words before the name of a part.
fn described(file: &str) -> String {
    let stem = file.strip_suffix(".toml").unwrap_or(file);
    match stem.rsplit_once('/') {
        None if stem == "bex" => "site".to_string(),
        None => stem.to_string(),
        Some(("mappings/carriers", name)) => format!("carrier {name}"),
        Some(("mappings/plans", name)) => format!("plans {name}"),
        Some(("schedules/calendars", name)) => format!("calendar {name}"),
        Some(("schedules", name)) => format!("feed {name}"),
        Some(_) => format!("mapping {}", stem.strip_prefix("mappings/").unwrap_or(stem)),
    }
}

fn value(part: Table) -> String {
    let whole = Value::Table(part);
    let mut words = String::new();
    write_words("", &whole, &mut words);
    let cut: String = words.chars().take(WORDS_MAX).collect();
    // The words alone would say the same of two lists of which one has a blank in it.
    format!("{} {cut}", hex(&Sha256::digest(whole.to_string())[..8])).trim_end().to_string()
}

/// `key: value / key: value`, the values of a list with a blank between.
fn write_words(name: &str, value: &Value, words: &mut String) {
    if let Value::Table(table) = value {
        for (below, value) in table {
            let name = if name.is_empty() { below.clone() } else { format!("{name}.{below}") };
            write_words(&name, value, words);
        }
        return;
    }
    if !words.is_empty() {
        words.push_str(" / ");
    }
    words.push_str(name);
    words.push(':');
    let all = std::slice::from_ref(value);
    for value in value.as_array().map_or(all, Vec::as_slice) {
        words.push(' ');
        words.push_str(&value.as_str().map_or_else(|| value.to_string(), str::to_string));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(String, String)> {
        let words = |value: &str| value.split_once(' ').map_or("", |(_, words)| words).to_string();
        parts("mappings/carriers/alpha.toml", text).into_iter().map(|part| (part.name, words(&part.value))).collect()
    }

    #[test]
    fn a_file_is_its_head_and_its_sections_and_a_section_of_sections_is_each_of_them() {
        let text = "name = \"A\"\n[plans.HMO]\nline = \"HMO\"\n[plans.\"P O\"]\n[policy]\n\
            disclose = [\"ssn\", \"name\"]\nx.y = 1";
        let part = |name: &str, words: &str| (format!("carrier alpha {name}"), words.to_string());
        let expected = [
            part("settings", "name: A"),
            part("plans.HMO", "line: HMO"),
            part("plans.P%20O", ""),
            part("policy", "disclose: ssn name / x.y: 1"),
        ];
        assert_eq!(told(text), expected);
    }

    #[test]
    fn comments_blanks_and_order_are_no_change_and_whatever_is_said_otherwise_is_one() {
        let values = |text: &str| parts("bex.toml", text).into_iter().map(|part| part.value).collect::<Vec<_>>();
        let text = "[site]\na = 1\nb = [\"x y\", \"z\"]";
        assert_eq!(values(text), values("# who we are\n[site]\nb = [ \"x y\", \"z\" ] # both\na = 1\n"));
        for other in
            ["a = 2\nb = [\"x y\", \"z\"]", "a = 1\nb = [\"x\", \"y z\"]", "a = \"1\"\nb = [\"x y\", \"z\"]", "a = 1"]
        {
            assert_ne!(values(text), values(&format!("[site]\n{other}")), "{other}");
        }
        let long = |end: &str| values(&format!("[site]\na = \"{}{end}\"", "x".repeat(500)));
        assert_ne!(long("1"), long("2"));
        assert!(long("1")[0].len() < 250);
    }

    #[test]
    fn every_file_describes_something_of_its_own() {
        let files = [
            ("bex.toml", "site"),
            ("access.toml", "access"),
            ("mappings/census/acme.toml", "mapping census/acme"),
            ("mappings/elections/acme.toml", "mapping elections/acme"),
            ("mappings/plans/acme.toml", "plans acme"),
            ("schedules/f.toml", "feed f"),
            ("schedules/calendars/c.toml", "calendar c"),
        ];
        for (file, words) in files {
            assert_eq!(described(file), words);
        }
    }

    /// Every table with one of its values taken out, and with another in its place.
    fn changed(table: &Table) -> Vec<Table> {
        let mut found = Vec::new();
        for (key, value) in table {
            let with = |value: Option<Value>| {
                let mut other = table.clone();
                other.remove(key);
                other.extend(value.map(|value| (key.clone(), value)));
                other
            };
            found.extend([with(None), with(Some(Value::Integer(987_654)))]);
            if let Value::Table(below) = value {
                found.extend(changed(below).into_iter().map(|below| with(Some(Value::Table(below)))));
            }
        }
        found
    }

    #[test]
    fn no_key_of_any_file_can_be_taken_out_or_changed_without_a_part_that_says_otherwise() {
        let mut tried = 0;
        for (file, text) in crate::config::shipped::DEMO {
            let text = text.replace("@@PORT@@", "22");
            let (before, table) = (parts(file, &text), toml::from_str::<Table>(&text).unwrap());
            for other in changed(&table) {
                tried += 1;
                assert_ne!(parts(file, &other.to_string()), before, "{file}: {other}");
            }
        }
        assert!(tried > 500, "{tried}");
    }
}
