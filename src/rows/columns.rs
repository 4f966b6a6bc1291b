//! Where the cells of wanted columns stand in a file's rows.

use std::ops::Range;

use super::maker::Maker;
use super::record::{MADE, Record};
use super::rules;
use crate::fault::Rule;
use crate::mapping::column::header_form;

/// How a file shows where a column's cells stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spot {
    /// Under one of these headers, in the form in which headers are compared.
    Headers(Vec<String>),
    /// At this place of every row, from 0.
    Position(usize),
    /// In these places of every line, from 0.
    Span(Range<usize>),
    /// Nowhere: it is made of others that are asked for.
    Made(Maker),
}

/// A column that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The configured name.
    pub word: &'static str,
    /// Where its cells stand.
    pub spot: Spot,
    /// Whether a file without it is refused.
    pub required: bool,
    /// The dependent it belongs to, from 1; 0 for the row's own person. Columns of a dependent beyond the first are
    /// required only when one of them is there.
    pub number: u32,
}

impl Wanted {
    /// The configured name, with the dependent's number where there is one.
    pub fn label(&self) -> String {
        label(self.word, self.number)
    }
}

/// A column's configured name, with the dependent's number where there is one.
pub fn label(word: &str, number: u32) -> String {
    if number == 0 { word.to_string() } else { format!("{word} {number}") }
}

/// Wanted columns found.
#[derive(Clone, Debug, Default)]
pub(super) struct FoundColumns {
    /// For each wanted column, the cell it stands in, or the one it is made into.
    pub at: Vec<Option<usize>>,
    /// For each wanted column, the cells of the file it is read from.
    pub from: Vec<Vec<usize>>,
    /// The cells nobody asked for.
    pub dropped: Vec<usize>,
}

/// A wanted column that was not found as it must be: its index, and the rule.
pub(super) struct Unfound {
    pub wanted: usize,
    pub rule: &'static Rule,
}

/// Finds columns by the row that names them, or, for columns by position, by any row.
pub(super) fn find(header: &Record, wanted: &[Wanted]) -> Result<FoundColumns, Vec<Unfound>> {
    let forms = forms(header);
    // The line itself is the first cell of a fixed-width record, and the wanted cells follow in their order.
    let cut = |index: usize| Spot::Position(index + 1);
    let place = |(index, one): (usize, &Wanted)| match one.spot {
        Spot::Span(_) => positions(&forms, &cut(index)),
        _ => positions(&forms, &one.spot),
    };
    let mut places: Vec<Vec<usize>> = wanted.iter().enumerate().map(place).collect();
    let from = made(wanted, &mut places);
    let there = |number: u32| {
        // What is made is there wherever its cells are, and a constant in every file.
        let is_of = |one: &Wanted| one.number == number && !matches!(one.spot, Spot::Made(_));
        let of_number = wanted.iter().zip(&places).filter(|(one, _)| is_of(one));
        // A file with room for three dependents is as good as one with room for eight; but a third dependent without a
        // birth date column is a mapping that does not fit.
        number <= 1 || of_number.into_iter().any(|(_, places)| !places.is_empty())
    };
    let broken = |(index, places): (usize, &Vec<usize>)| -> Option<Unfound> {
        let rule = match places.len() {
            0 if wanted[index].required && there(wanted[index].number) => &rules::COLUMN_MISSING,
            0 | 1 => return None,
            _ => &rules::COLUMN_TWICE,
        };
        Some(Unfound { wanted: index, rule })
    };
    let unfound: Vec<Unfound> = places.iter().enumerate().filter_map(broken).collect();
    if !unfound.is_empty() {
        return Err(unfound);
    }
    let at: Vec<Option<usize>> = places.iter().map(|places| places.first().copied()).collect();
    let is_cut = wanted.iter().any(|one| matches!(one.spot, Spot::Span(_)));
    let dropped = (0..if is_cut { 0 } else { forms.len() }).filter(|index| !at.contains(&Some(*index))).collect();
    Ok(FoundColumns { at, from, dropped })
}

/// Gives made columns their places behind the file's own, where the cells are there that they are made of. Returns the
/// file's cells of every column.
fn made(wanted: &[Wanted], places: &mut [Vec<usize>]) -> Vec<Vec<usize>> {
    let mut from = places.to_vec();
    let makers = wanted.iter().enumerate().filter_map(|(index, one)| match &one.spot {
        Spot::Made(maker) => Some((index, maker)),
        _ => None,
    });
    for (made, (index, maker)) in makers.enumerate() {
        let is_there = |cell: usize| !places[cell].is_empty();
        let may_be_made = !maker.lacks(&is_there);
        from[index] = maker.cells().into_iter().flat_map(|cell| from[cell].clone()).collect();
        places[index] = if may_be_made { vec![MADE + made] } else { Vec::new() };
    }
    from
}

/// How many of the wanted headers a row has: what tells a header line from another.
pub(super) fn named(cells: &[String], wanted: &[Wanted]) -> usize {
    let is_there = |one: &&Wanted| matches!(&one.spot, Spot::Headers(_)) && !positions(cells, &one.spot).is_empty();
    wanted.iter().filter(is_there).count()
}

/// The cells of a row in the form in which headers are compared.
pub(super) fn forms(header: &Record) -> Vec<String> {
    // A byte order mark that was read as Windows-1252 stands before the first.
    let form = |cell: &[u8]| header_form(String::from_utf8_lossy(cell).trim_start_matches("\u{EF}\u{BB}\u{BF}"));
    header.cells().map(form).collect()
}

fn positions(forms: &[String], spot: &Spot) -> Vec<usize> {
    match spot {
        Spot::Headers(headers) => {
            let matching = forms.iter().enumerate().filter(|(_, form)| headers.contains(form));
            matching.map(|(index, _)| index).collect()
        }
        Spot::Position(index) => Some(*index).filter(|index| *index < forms.len()).into_iter().collect(),
        Spot::Span(_) | Spot::Made(_) => Vec::new(),
    }
}
