//! What a carrier has otherwise than it was told.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::run::{Comparison, Discrepancy, Mismatch};

/// The comparison as lines: counts, then what differs.
pub fn comparison_text(comparison: &Comparison) -> String {
    let Comparison { feed, as_of, listed, told, agree, found } = comparison;
    let mut text = format!("{feed} on {as_of}: {listed} rows listed, {told} covered as told, {agree} agree\n");
    found.iter().for_each(|one| text.push_str(&line(one)));
    text
}

fn line(one: &Discrepancy) -> String {
    let member = one.key.map_or_else(|| "nobody told of".to_string(), |key| format!("member {}", key.short()));
    let mut text = format!("  {}  {member} plan {}", one.what.word(), one.plan);
    if let Some(line) = one.line {
        let _ = write!(text, "  line {line}");
    }
    if let Some(cents) = one.cents_a_day {
        let _ = write!(text, "  {}.{:02} a day", cents / 100, cents % 100);
    }
    let _ = writeln!(text, "  next: {}", next(one));
    text
}

/// The comparison as JSON; the keys are a contract.
pub fn comparison_json(comparison: &Comparison) -> Value {
    let one = |one: &Discrepancy| {
        json!({
            "what": one.what.word(), "member": one.key.map(|key| key.short()), "plan": one.plan, "line": one.line,
            "may_be_timing": one.may_be_timing, "cents_a_day": one.cents_a_day, "next": next(one),
        })
    };
    json!({
        "feed": comparison.feed, "date": comparison.as_of.to_string(), "listed": comparison.listed,
        "told": comparison.told, "agree": comparison.agree,
        "found": comparison.found.iter().map(one).collect::<Vec<_>>(),
    })
}

/// What to do about it, and who.
fn next(one: &Discrepancy) -> &'static str {
    if one.may_be_timing && one.what != Mismatch::Timing {
        return "nothing until the carrier has answered the last file";
    }
    match one.what {
        Mismatch::Timing => {
            "nothing: it was told of days to come; the carrier's list is to have it once they are there"
        }
        Mismatch::Missing => "ask the carrier what became of it; nobody is told again because of a list",
        Mismatch::Extra if one.key.is_none() => "find out who it is before the carrier ends anybody",
        Mismatch::Extra => "ask the carrier why cover goes on that was ended, or was never told",
        Mismatch::Twice => "have the carrier take one of the two back",
        Mismatch::Plan | Mismatch::Level => "compare the carrier's plan codes with its file in mappings/carriers",
        Mismatch::Begin | Mismatch::End => "ask the carrier whether a rule of its own moved the day",
        Mismatch::Number | Mismatch::Person => "compare with the census; what is wrong is corrected at its source",
    }
}
