//! `mappings/codes/<table>.toml`: what the codes of a system mean, with a version and a source, for the columns of any
//! number of mappings.

use std::collections::BTreeMap;

use super::census::CensusMapping;
use super::column::{Cell, Column, Columns, Mapped};
use super::document::{self, Mention, MentionKind, Parsed, Table, Text};
use super::elections::ElectionsMapping;
use super::rules;
use super::shapes::NOTE;
use super::synonyms::normal;
use crate::fault::Fault;
use crate::model::ids::SourceName;

/// What the codes of one system mean, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeTable {
    /// Which edition of the source it is.
    pub version: String,
    /// Who says what the codes mean.
    pub source: String,
    /// The codes as they are written, each with a word of ours; empty where it means that there is nothing.
    pub values: BTreeMap<String, Text>,
}

impl CodeTable {
    /// Reads `mappings/codes/<table>.toml`; `path` is the file's path below the site.
    pub fn parse(_: &SourceName, path: &str, text: &str) -> Parsed<CodeTable> {
        document::read(path, text, read)
    }
}

fn read(table: &Table<'_>) -> Option<CodeTable> {
    let (version, source) = (table.need("version", &NOTE), table.need("source", &NOTE));
    let values = table.need_section("values", |inner| Some(inner.pairs()));
    Some(CodeTable { version: version?, source: source?, values: values? })
}

/// How a name in a mapping leads to what its file says; to nothing where there is no such file.
pub type TableNamed<'t> = dyn Fn(&str) -> Option<CodeTable> + 't;

/// Puts what tables say into the columns that name them. What is wrong with a table for such a column is returned, and
/// the plans it names are mentioned.
pub struct CodesTaken<'t> {
    tables: &'t TableNamed<'t>,
    /// What is wrong, where it stands in the tables.
    pub faults: Vec<Fault>,
    /// Plans that tables name.
    pub mentions: Vec<Mention>,
}

impl<'t> CodesTaken<'t> {
    /// Nothing taken yet.
    pub fn of(tables: &'t TableNamed<'t>) -> CodesTaken<'t> {
        CodesTaken { tables, faults: Vec::new(), mentions: Vec::new() }
    }

    /// Into a census's mapping.
    pub fn census(&mut self, mapping: &mut CensusMapping) {
        self.columns(&mut mapping.columns);
        mapping.dependents.iter_mut().for_each(|beside| self.columns(&mut beside.columns));
        let parts = mapping.parts.iter_mut().flat_map(|set| &mut set.parts);
        parts.for_each(|part| self.columns(&mut part.mapping.columns));
    }

    /// Into the mapping of elections.
    pub fn elections(&mut self, mapping: &mut ElectionsMapping) {
        self.columns(&mut mapping.columns);
        for choice in &mut mapping.choices {
            self.columns(&mut choice.own);
            // Said once of each column.
            let said = self.faults.len();
            self.columns(&mut choice.whole);
            self.faults.truncate(said);
        }
    }

    fn columns<F: Mapped>(&mut self, columns: &mut Columns<F>) {
        for (field, column) in columns {
            let Some(codes) = column.codes.clone() else { continue };
            let Some(table) = (self.tables)(&codes.name) else { continue };
            self.column(field.cell(), column, &table);
        }
    }

    fn column(&mut self, cell: Cell, column: &mut Column, table: &CodeTable) {
        if let Some(codes) = &mut column.codes {
            codes.version = Some(table.version.clone());
        }
        for (written, word) in &table.values {
            let form = normal(written);
            if word.text.is_empty() {
                column.empty.push(written.trim().to_string());
            } else if form.is_empty() || !cell.can_mean(&word.text) {
                let rule = "a code must mean one of the words that the columns which name its table can stand for";
                let fault = rules::MALFORMED.worded(rule, "use one of the words given").at(word.place.clone());
                self.faults.push(match cell {
                    Cell::Word(words) => fault.name("words", &words().join(" ")),
                    _ => fault,
                });
            } else {
                // What the mapping says itself goes before what a table says.
                column.values.entry(form).or_insert_with(|| word.text.clone());
                if matches!(cell, Cell::Plan) {
                    let (name, place) = (word.text.clone(), word.place.clone());
                    self.mentions.push(Mention { of: MentionKind::Plan, name, place });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CENSUS: &str = "employer = \"e\"\nlayout = \"person-rows\"\nfile = \"c*\"\n[columns]\nfamily_key = \"ID\"\n\
        last_name = \"Last\"\nfirst_name = \"First\"\n\
        relationship = { header = \"Rel\", codes = \"their-codes\", values = { \"C\" = \"stepchild\" } }\n";

    fn taken(table: &str) -> (CensusMapping, Vec<Fault>) {
        let name = SourceName::new("s").unwrap();
        let mut mapping = CensusMapping::parse(&name, "c.toml", CENSUS).value.unwrap();
        let table = CodeTable::parse(&name, "mappings/codes/their-codes.toml", table).value;
        let tables = |name: &str| table.clone().filter(|_| name == "their-codes");
        let mut codes = CodesTaken::of(&tables);
        codes.census(&mut mapping);
        (mapping, codes.faults)
    }

    #[test]
    fn a_column_takes_what_a_table_says_and_its_own_words_go_before_it() {
        let (mapping, faults) =
            taken("version = \"1\"\nsource = \"s\"\n[values]\n\"7\" = \"child\"\nC = \"child\"\n\"-\" = \"\"\n");
        let column = mapping.columns.values().find(|column| column.codes.is_some()).unwrap();
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!((column.values["7"].as_str(), column.values["C"].as_str()), ("child", "stepchild"));
        assert_eq!(column.empty, ["-"]);
        assert_eq!(column.codes.as_ref().unwrap().version.as_deref(), Some("1"));
    }

    #[test]
    fn a_word_that_a_column_cannot_stand_for_is_said_where_the_table_has_it() {
        let (_, faults) = taken("version = \"1\"\nsource = \"s\"\n[values]\n\"7\" = \"kid\"\n");
        assert_eq!(faults[0].code, "CFG005");
        assert_eq!(faults[0].place.to_string(), "mappings/codes/their-codes.toml:4:7");
    }
}
