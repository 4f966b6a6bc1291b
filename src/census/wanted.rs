//! What is asked of a file: a cell for each column of the mapping, and behind them the cells that values are made of.

use crate::mapping::census::Belongs;
use crate::mapping::column::{Column, Columns, Mapped, header_form};
use crate::mapping::position::CellPlace;
use crate::mapping::synonyms::Words;
use crate::model::person::Relationship;
use crate::rows::{Maker, PersonShown, Spot, Wanted};

/// The columns of a mapping, as they are asked of a file. Columns come first, in the order of the mapping; what values
/// are made of stands behind all of them.
pub(super) struct WantedCells {
    columns: Vec<Wanted>,
    cells: Vec<Wanted>,
    /// How many columns there will be.
    first_cell: usize,
}

impl WantedCells {
    /// Of so many columns.
    pub fn of(columns: usize) -> WantedCells {
        WantedCells { columns: Vec::with_capacity(columns), cells: Vec::new(), first_cell: columns }
    }

    /// Asks for the columns of a table of the mapping. `{n}` in a header is the number of the dependent.
    pub fn ask<F: Mapped>(&mut self, columns: &Columns<F>, number: u32) {
        let relationship =
            columns.iter().zip(self.columns.len()..).find(|((field, _), _)| field.word() == "relationship");
        let person = relationship.map(|((_, column), at)| shown(column, at));
        for (field, column) in columns {
            let one =
                Wanted { word: field.word(), spot: spot(&column.place, number), required: column.required, number };
            let made = self.maker(column, &one, person.as_ref());
            self.columns.push(made.map_or(one.clone(), |maker| Wanted { spot: Spot::Made(maker), ..one }));
        }
    }

    /// Asks for the employer's own mark; returns its place among what is asked for.
    pub fn mark(&mut self, belongs: Option<&Belongs>) -> Option<usize> {
        let spot = spot(&belongs?.column.place, 0);
        self.columns.push(Wanted { word: "belongs", spot, required: true, number: 0 });
        Some(self.columns.len() - 1)
    }

    /// Everything that is asked for.
    pub fn all(mut self) -> Vec<Wanted> {
        self.columns.append(&mut self.cells);
        self.columns
    }

    fn maker(&mut self, column: &Column, one: &Wanted, person: Option<&PersonShown>) -> Option<Maker> {
        let making = column.making.as_ref()?;
        let alternatives = making.recipes().map(|recipe| &recipe.cells).filter(|cells| cells.are_alternatives());
        let alternatives: Vec<&CellPlace> = alternatives.flat_map(|cells| cells.places()).collect();
        let making = making.map(&mut |place| {
            // What belongs to the whole row is no sign that a dependent's columns are there.
            let is_numbered = place.headers.iter().any(|header| header.contains("{n}"));
            let number = if is_numbered { one.number } else { 0 };
            let required = one.required && !alternatives.contains(&place);
            self.cell(Wanted { word: one.word, spot: spot(place, number), required, number })
        });
        Some(Maker { making, person: person.filter(|_| making_asks(column)).cloned() })
    }

    /// The place of a cell among what is asked for. What several values are made of is asked for once.
    fn cell(&mut self, cell: Wanted) -> usize {
        let known = self.cells.iter().position(|known| known.spot == cell.spot);
        let at = known.unwrap_or(self.cells.len());
        match self.cells.get_mut(at) {
            Some(known) => known.required |= cell.required,
            None => self.cells.push(cell),
        }
        self.first_cell + at
    }
}

fn making_asks(column: &Column) -> bool {
    column.making.as_ref().is_some_and(|making| making.asks_person())
}

/// How the relationship's cells show whose row it is, by the column's own words and those understood without them.
fn shown(column: &Column, at: usize) -> PersonShown {
    let words = Words::<Relationship>::new(&column.values);
    let (subscriber, dependent) = words.parted(|value| value == Relationship::Subscriber);
    PersonShown { relationship: at, subscriber, dependent }
}

fn spot(place: &CellPlace, number: u32) -> Spot {
    let numbered = |header: &String| header_form(&header.replace("{n}", &number.to_string()));
    match &place.position {
        Some(position) if position.width.is_some() => Spot::Span(position.span()),
        Some(position) => Spot::Position(position.at - 1),
        None => Spot::Headers(place.headers.iter().map(numbered).collect()),
    }
}
