//! Values that are made of cells: several together, the one of several that is filled, a part of one, a constant, one
//! thing or another by what other cells say. A closed list of ways and steps, checked before data is read: no script.

use serde::Serialize;

use super::document::{Table, Text};
use super::position::CellPlace;
use super::rules;
use super::steps::CellStep;

/// How a value is made. `P` is how its cells are found: in a mapping, by headers and positions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Making<P> {
    /// The first whose conditions hold makes the value.
    pub cases: Vec<MakingCase<P>>,
    /// What makes it otherwise. None: a row of which no case holds is bad, unless there is a default.
    pub otherwise: Option<Recipe<P>>,
    /// What stands where nothing does.
    pub default: Option<String>,
}

/// One way of making a value, and when it is the right one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MakingCase<P> {
    /// All of them have to hold.
    pub when: Vec<CellCondition<P>>,
    /// What is made then.
    pub recipe: Recipe<P>,
}

/// What a cell of the row must say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CellCondition<P> {
    /// The cell; none where the person of the row is asked about.
    pub of: Option<P>,
    /// What it may say, compared whole and without case: `""` is an empty cell, `*` any other. Of the person:
    /// `subscriber` or `dependent`.
    pub among: Vec<String>,
}

/// The cells a value is made of, and the steps that make it of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recipe<P> {
    /// What the value is taken from.
    pub cells: RecipeCells<P>,
    /// Taken one after the other.
    pub steps: Vec<CellStep>,
}

/// Which cells make a value, and in which way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum RecipeCells<P> {
    /// None: the mapping says the value.
    Constant(String),
    /// As it stands there.
    One(P),
    /// All that are filled, with something between them.
    Together {
        /// In this order.
        cells: Vec<P>,
        /// What stands between them.
        join: String,
    },
    /// Of several in an order, the one before which nothing stands.
    FirstOf(Vec<P>),
    /// The one that is filled. Where several are, they must say the same.
    Either(Vec<P>),
}

/// The person of a row, in a condition.
pub const PERSON: &str = "person";

/// What a condition may say of the person of a row.
pub const SUBSCRIBER: &str = "subscriber";
/// What a condition may say of anybody else's row.
pub const DEPENDENT: &str = "dependent";

/// The settings that make a column's value one that is made.
const WAYS: [&str; 7] = ["together", "first_of", "either", "constant", "take", "cases", "default"];

/// A making as a mapping has it, and the values it states, with their places.
pub(super) struct DeclaredMaking {
    pub making: Making<CellPlace>,
    pub stated: Vec<Text>,
}

/// Reads how a column's value is made; nothing where it is simply a cell.
pub(super) fn read(table: &Table<'_>) -> Option<DeclaredMaking> {
    if !WAYS.iter().any(|way| table.has(way)) {
        return None;
    }
    let mut stated: Vec<Text> = table.text("default").into_iter().collect();
    let default = stated.first().map(|text| text.text.clone());
    let cases = table.tables("cases", |case| read_case(case, &mut stated));
    let bare = table.has("cases") && !is_recipe(table);
    let otherwise = if bare { None } else { read_recipe(table, "constant", &mut stated) };
    Some(DeclaredMaking { making: Making { cases, otherwise, default }, stated })
}

/// Whether a table says of which cells something is made.
fn is_recipe(table: &Table<'_>) -> bool {
    ["header", "position", "together", "first_of", "either", "constant", "is"].iter().any(|way| table.has(way))
}

fn read_case(table: &Table<'_>, stated: &mut Vec<Text>) -> Option<MakingCase<CellPlace>> {
    let condition = |inner: &Table<'_>, key: &Text| {
        let among: Vec<String> = inner.texts(&key.text).into_iter().map(|text| text.text.trim().to_string()).collect();
        let is_person = key.text == PERSON;
        if is_person && !among.iter().all(|word| word == SUBSCRIBER || word == DEPENDENT) {
            let rule = "the person of a row is a subscriber or a dependent";
            let next = "write when = { person = \"subscriber\" }, or \"dependent\"";
            inner.refuse(rules::MALFORMED.worded(rule, next).at(key.place.clone()));
        }
        CellCondition { of: (!is_person).then(|| CellPlace::parse(&key.text)), among }
    };
    let when = table
        .need_section("when", |inner| Some(inner.keys().iter().map(|key| condition(inner, key)).collect::<Vec<_>>()));
    let recipe = read_recipe(table, "is", stated);
    Some(MakingCase { when: when?, recipe: recipe? })
}

/// Reads cells and steps; `constant` is how a value is stated here.
fn read_recipe(table: &Table<'_>, constant: &str, stated: &mut Vec<Text>) -> Option<Recipe<CellPlace>> {
    let places = |key: &str| table.texts(key).iter().map(|text| CellPlace::parse(&text.text)).collect::<Vec<_>>();
    let ways = ["header", "position", "together", "first_of", "either", constant];
    let given: Vec<&str> = ways.into_iter().filter(|way| table.has(way)).collect();
    if given.len() > 1 {
        let rule = "a value is made in one way: of header or position, together, first_of, either, or stated";
        table.refuse(rules::CONTRADICTION.worded(rule, "remove all but one").at(table.place_of(given[1])));
    }
    let cells = match given.first().copied() {
        Some("together") => {
            let join = table.text("join").map_or_else(|| " ".to_string(), |text| text.text);
            RecipeCells::Together { cells: places("together"), join }
        }
        Some("first_of") => RecipeCells::FirstOf(places("first_of")),
        Some("either") => RecipeCells::Either(places("either")),
        Some(way) if way == constant => {
            let text = table.text(constant)?;
            stated.push(text.clone());
            RecipeCells::Constant(text.text.trim().to_string())
        }
        _ => RecipeCells::One(CellPlace::read(table)),
    };
    let steps = table.texts("take").into_iter().filter_map(|text| step(table, &text)).collect();
    Some(Recipe { cells, steps })
}

fn step(table: &Table<'_>, text: &Text) -> Option<CellStep> {
    let step = CellStep::parse(&text.text);
    if step.is_none() {
        let rule = "a step is one of: before X, after X, piece N by X, word N, character N, digits, letters, upper, lower, \
                    suffix, no suffix, without X, whole; N is a number, or a range such as 2.. or ..-2";
        let next = "write for example take = [\"after ,\", \"word 1\"]; X may stand in ' ' where it begins or ends with a blank";
        table.refuse(rules::MALFORMED.worded(rule, next).at(text.place.clone()));
    }
    step
}

impl<P> Making<P> {
    /// The same, of cells that are found in another way.
    pub fn map<Q>(&self, place: &mut dyn FnMut(&P) -> Q) -> Making<Q> {
        let case = |case: &MakingCase<P>, place: &mut dyn FnMut(&P) -> Q| {
            let when = case.when.iter();
            let when = when.map(|one| CellCondition { of: one.of.as_ref().map(&mut *place), among: one.among.clone() });
            MakingCase { when: when.collect(), recipe: case.recipe.map(place) }
        };
        Making {
            cases: self.cases.iter().map(|one| case(one, place)).collect(),
            otherwise: self.otherwise.as_ref().map(|recipe| recipe.map(place)),
            default: self.default.clone(),
        }
    }

    /// Its recipes, in the order in which they are tried.
    pub fn recipes(&self) -> impl Iterator<Item = &Recipe<P>> {
        self.cases.iter().map(|case| &case.recipe).chain(&self.otherwise)
    }

    /// The cells it looks at: those it is made of, then those of its conditions.
    pub fn cells(&self) -> Vec<&P> {
        let asked = self.cases.iter().flat_map(|case| &case.when).filter_map(|condition| condition.of.as_ref());
        self.recipes().flat_map(|recipe| recipe.cells.places()).chain(asked).collect()
    }

    /// Whether it may say something of its own, whatever stands in the row.
    pub fn says_something(&self) -> bool {
        let constant = |recipe: &Recipe<P>| matches!(recipe.cells, RecipeCells::Constant(_));
        self.default.is_some() || self.recipes().any(constant)
    }

    /// Whether a condition needs the relationship.
    pub fn asks_person(&self) -> bool {
        self.cases.iter().flat_map(|case| &case.when).any(|condition| condition.of.is_none())
    }

    /// How it is made, in words.
    pub fn told(&self) -> String {
        let cases = match self.cases.len() {
            0 => None,
            1 => Some("by a case".to_string()),
            more => Some(format!("by {more} cases")),
        };
        let default = self.default.as_ref().map(|_| "a default where nothing stands".to_string());
        cases
            .into_iter()
            .chain(self.otherwise.as_ref().and_then(Recipe::told))
            .chain(default)
            .collect::<Vec<_>>()
            .join("; ")
    }
}

impl<P> Recipe<P> {
    fn map<Q>(&self, place: &mut dyn FnMut(&P) -> Q) -> Recipe<Q> {
        let mut all = |cells: &[P]| cells.iter().map(&mut *place).collect::<Vec<Q>>();
        let cells = match &self.cells {
            RecipeCells::Constant(text) => RecipeCells::Constant(text.clone()),
            RecipeCells::One(one) => RecipeCells::One(place(one)),
            RecipeCells::Together { cells, join } => RecipeCells::Together { cells: all(cells), join: join.clone() },
            RecipeCells::FirstOf(cells) => RecipeCells::FirstOf(all(cells)),
            RecipeCells::Either(cells) => RecipeCells::Either(all(cells)),
        };
        Recipe { cells, steps: self.steps.clone() }
    }

    fn told(&self) -> Option<String> {
        let way = match &self.cells {
            RecipeCells::Constant(_) => Some("stated in the mapping".to_string()),
            RecipeCells::One(_) => None,
            RecipeCells::Together { join, .. } => Some(format!("together, with \"{join}\" between")),
            RecipeCells::FirstOf(_) => Some("the first that is filled".to_string()),
            RecipeCells::Either(_) => Some("the one that is filled".to_string()),
        };
        let steps = self.steps.iter().map(CellStep::told);
        let all: Vec<String> = way.into_iter().chain(steps).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }
}

impl<P> RecipeCells<P> {
    /// All of them, in the order of the mapping; none of what is stated.
    pub fn places(&self) -> &[P] {
        match self {
            RecipeCells::Constant(_) => &[],
            RecipeCells::One(one) => std::slice::from_ref(one),
            RecipeCells::Together { cells, .. } | RecipeCells::FirstOf(cells) | RecipeCells::Either(cells) => cells,
        }
    }

    /// Whether some of its cells may be missing from a file.
    pub fn are_alternatives(&self) -> bool {
        matches!(self, RecipeCells::FirstOf(_) | RecipeCells::Either(_))
    }
}
