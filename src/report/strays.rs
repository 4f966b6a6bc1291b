//! What lies beside a restored store and is not in it, for people and for scripts.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::engine::{StrayDelivery, Strays};
use crate::run::KnownAgain;

/// What was found, and whether it was dealt with, as JSON; the keys are a contract.
pub fn strays_json(strays: &Strays, recovered: bool) -> Value {
    let delivery =
        |stray: &StrayDelivery| json!({ "delivery": stray.id, "carrier": stray.carrier, "number": stray.number });
    let deliveries: Vec<_> = strays.deliveries.iter().map(delivery).collect();
    json!({ "inputs": strays.inputs, "deliveries": deliveries, "recovered": recovered })
}

/// The same in words, with what follows.
pub fn strays_text(strays: &Strays, recovered: bool) -> String {
    let mut text = String::new();
    for input in &strays.inputs {
        let _ = writeln!(text, "input {input} lies in the archive, and the store does not know it");
    }
    for StrayDelivery { id, carrier, number, .. } in &strays.deliveries {
        let _ = writeln!(
            text,
            "delivery {id} to {carrier}, numbered {number:09}, lies in the outbox, and the store does not know it"
        );
    }
    text + ending(strays, recovered)
}

fn ending(strays: &Strays, recovered: bool) -> &'static str {
    match (strays.is_empty(), recovered) {
        (true, _) => "the store knows everything that lies beside it\n",
        (false, true) => {
            "numbers go on behind these; what the files said is not known to the store: see docs/runbook/STO.md#sto006\n"
        }
        (false, false) => "nothing was changed; restore a newer bex.db if there is one, else: bex recover --reason R\n",
    }
}

/// Deliveries that are known again, as JSON; the keys are a contract.
pub fn known_again_json(again: &[KnownAgain]) -> Value {
    let delivery = |known: &KnownAgain| json!({ "delivery": known.delivery, "run": known.run, "feed": known.feed, "open": known.is_open });
    again.iter().map(delivery).collect()
}

/// The same in words, with what settles those of which nobody knows how far they came.
pub fn known_again_text(again: &[KnownAgain]) -> String {
    let mut text = String::new();
    for KnownAgain { delivery, run, feed, is_open } in again {
        let _ = writeln!(text, "delivery {delivery} of {feed} is known again, as run {run}");
        if *is_open {
            let _ = writeln!(text, "  the next run, or bex resume {run}, looks whether its carrier has it");
        }
    }
    text
}
