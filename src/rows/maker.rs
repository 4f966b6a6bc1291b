//! Cells that are made of others, row by row, as the mapping says.

use super::record::{CellKind, MadeCell, Record};
use crate::mapping::making::{CellCondition, DEPENDENT, Making, Recipe, RecipeCells, SUBSCRIBER};

/// What makes a cell. Cells are meant by their indices among those that are asked of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maker {
    /// What is made.
    pub making: Making<usize>,
    /// How a row shows whose it is, where that is asked.
    pub person: Option<PersonShown>,
}

/// How a row shows whether it is a subscriber's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonShown {
    /// The relationship, among what is asked of the file.
    pub relationship: usize,
    /// What is written there of subscribers, in normal form.
    pub subscriber: Vec<String>,
    /// What is written there of others, in normal form.
    pub dependent: Vec<String>,
}

impl Maker {
    /// The cells it is made of and looks at.
    pub(super) fn cells(&self) -> Vec<usize> {
        self.making.cells().into_iter().copied().collect()
    }

    /// Whether a file lacks what it takes: of alternatives, one has to be there.
    pub(super) fn lacks(&self, is_there: &dyn Fn(usize) -> bool) -> bool {
        let mut alternatives =
            self.making.recipes().map(|recipe| &recipe.cells).filter(|cells| cells.are_alternatives());
        alternatives.any(|cells| !cells.places().iter().any(|cell| is_there(*cell)))
    }

    /// Makes the cell of a row; says whether a default took its place. `at` is where the cells stand.
    pub(super) fn make(&self, record: &Record, at: &[Option<usize>]) -> (MadeCell, bool) {
        let row = MakerRow { record, at, person: self.person.as_ref() };
        let case = self.making.cases.iter().find(|case| case.when.iter().all(|condition| row.holds(condition)));
        let made = match case.map(|case| &case.recipe).or(self.making.otherwise.as_ref()) {
            Some(recipe) => row.made(recipe),
            None if self.making.default.is_none() => MadeCell { text: Vec::new(), kind: CellKind::Unforeseen },
            None => MadeCell::default(),
        };
        match &self.making.default {
            Some(default) if made.text.is_empty() && made.kind == CellKind::Text => {
                let kind = CellKind::Text;
                (MadeCell { text: default.clone().into_bytes(), kind }, !default.is_empty())
            }
            _ => (made, false),
        }
    }
}

/// A row of which cells are made.
struct MakerRow<'r> {
    record: &'r Record,
    at: &'r [Option<usize>],
    person: Option<&'r PersonShown>,
}

impl<'r> MakerRow<'r> {
    fn cell(&self, index: usize) -> &'r [u8] {
        self.record.cell(self.at[index])
    }

    fn holds(&self, condition: &CellCondition<usize>) -> bool {
        let Some(of) = condition.of else { return self.is_of(&condition.among) };
        let cell = self.cell(of);
        condition.among.iter().any(|one| match one.as_str() {
            "*" => !cell.is_empty(),
            one => cell.eq_ignore_ascii_case(one.as_bytes()),
        })
    }

    /// Whether the row is one of these people's. Of whom nobody can tell, it is nobody's.
    fn is_of(&self, among: &[String]) -> bool {
        let Some(shown) = self.person else { return false };
        let written = String::from_utf8_lossy(self.cell(shown.relationship));
        let word = crate::mapping::synonyms::normal(&written);
        let is = |who: &str, words: &[String]| among.iter().any(|one| one == who) && words.contains(&word);
        is(SUBSCRIBER, &shown.subscriber) || is(DEPENDENT, &shown.dependent)
    }

    fn made(&self, recipe: &Recipe<usize>) -> MadeCell {
        let made = match &recipe.cells {
            RecipeCells::Constant(text) => MadeCell { text: text.clone().into_bytes(), kind: CellKind::Text },
            RecipeCells::One(cell) => self.one(*cell),
            RecipeCells::Together { cells, join } => self.together(cells, join),
            RecipeCells::FirstOf(cells) => self.filled(cells).next().unwrap_or_default(),
            RecipeCells::Either(cells) => self.either(cells),
        };
        if recipe.steps.is_empty() || made.text.is_empty() {
            return made;
        }
        // A part of what a spreadsheet shows as a day is a part of our way of writing it, and of nothing in the file.
        let kind = if made.kind == CellKind::Day { CellKind::Lost } else { made.kind };
        let text = String::from_utf8_lossy(&made.text).into_owned();
        let text = recipe.steps.iter().fold(text, |text, step| step.apply(&text));
        MadeCell { text: text.into_bytes(), kind }
    }

    fn one(&self, cell: usize) -> MadeCell {
        MadeCell { text: self.cell(cell).to_vec(), kind: self.record.kind(self.at[cell]) }
    }

    /// Those of the cells in which something stands.
    fn filled<'c>(&'c self, cells: &'c [usize]) -> impl Iterator<Item = MadeCell> + 'c {
        let all = cells.iter().map(|cell| self.one(*cell));
        all.filter(|made| !made.text.is_empty() || made.kind != CellKind::Text)
    }

    fn together(&self, cells: &[usize], join: &str) -> MadeCell {
        let filled: Vec<MadeCell> = self.filled(cells).collect();
        let is_text = filled.iter().all(|made| made.kind == CellKind::Text);
        let texts: Vec<&[u8]> = filled.iter().map(|made| made.text.as_slice()).collect();
        let kind = if is_text { CellKind::Text } else { CellKind::Lost };
        MadeCell { text: texts.join(join.as_bytes()), kind }
    }

    fn either(&self, cells: &[usize]) -> MadeCell {
        let letters =
            |made: &MadeCell| made.text.iter().filter(|b| b.is_ascii_alphanumeric()).copied().collect::<Vec<u8>>();
        let mut filled = self.filled(cells);
        let Some(first) = filled.next() else { return MadeCell::default() };
        // Dashes and blanks make no other number of one.
        if filled.any(|other| !letters(&other).eq_ignore_ascii_case(&letters(&first))) {
            return MadeCell { text: first.text, kind: CellKind::Torn };
        }
        first
    }
}
