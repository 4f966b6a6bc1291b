//! What is to come of a feed, in words: nobody's value is in it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::faults::{fault_json, fault_lines};
use super::plan::family_lines;
use super::words::counted;
use crate::run::{AccountWords, CoverEdge, Forecast, Foreseen, TurningDay};

/// A forecast as lines: what will be told by night, then begins and ends by day.
pub fn forecast_text(forecast: &Forecast) -> String {
    let Forecast { feed, from, until, foreseen, turns, accounts } = forecast;
    let mut text = format!("{feed} from {from} to {until}, by what is known today and without another file\n");
    if foreseen.is_empty() {
        text.push_str("Nothing will be told or asked by itself.\n");
    }
    foreseen.iter().for_each(|one| text.push_str(&foreseen_lines(one, accounts)));
    if !turns.is_empty() {
        text.push_str("\nFirst and last covered days\n");
    }
    for (TurningDay { day, turn, plan }, people) in turns {
        let people = counted(*people, "person", "people");
        let _ = writeln!(text, "  {day}  {plan} {} for {people}", word(*turn));
    }
    text
}

fn foreseen_lines(one: &Foreseen, accounts: &AccountWords) -> String {
    let mut text = format!("\nnight of {}  member {}\n", one.told_on, one.key.short());
    for line in one.change.iter().flat_map(|change| family_lines(change, accounts)) {
        let _ = writeln!(text, "  {line}");
    }
    one.asked.iter().for_each(|fault| text.push_str(&fault_lines(fault)));
    text
}

fn word(turn: CoverEdge) -> &'static str {
    match turn {
        CoverEdge::Begins => "begins",
        CoverEdge::Ends => "ends",
    }
}

/// A forecast as JSON; the keys are a contract.
pub fn forecast_json(forecast: &Forecast) -> Value {
    let foreseen = forecast.foreseen.iter().map(|one| {
        let says = one.change.iter().flat_map(|change| family_lines(change, &forecast.accounts));
        json!({
            "night": one.told_on.to_string(), "member": one.key.short(),
            "says": says.collect::<Vec<_>>(),
            "asks": one.asked.iter().map(fault_json).collect::<Vec<_>>(),
        })
    });
    let turns = forecast.turns.iter().map(|(TurningDay { day, turn, plan }, people)| {
        json!({ "day": day.to_string(), "turn": word(*turn), "plan": plan, "people": people })
    });
    json!({
        "feed": forecast.feed, "from": forecast.from.to_string(), "until": forecast.until.to_string(),
        "foreseen": foreseen.collect::<Vec<_>>(), "turns": turns.collect::<Vec<_>>(),
    })
}
