//! The balance of a feed: where every choice stands, and what the carrier has not confirmed.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::words::counted;
use crate::run::{Balance, Unconfirmed, Whereabouts};

/// The balance as lines: the places, then what is not confirmed.
pub fn balance_text(balance: &Balance) -> String {
    let Balance { feed, as_of, chosen, unchosen, places, unconfirmed } = balance;
    let mut text = format!("{feed} on {as_of}: {chosen} chosen, {unchosen} told without being chosen\n");
    for (place, count) in places {
        let _ = writeln!(text, "  {count:>8}  {}", meaning(*place));
    }
    if unconfirmed.is_empty() {
        text.push_str("Everything chosen is confirmed.\n");
        return text;
    }
    text.push_str("\nNot confirmed, the oldest first\n");
    unconfirmed.iter().for_each(|one| text.push_str(&unconfirmed_line(one)));
    text
}

fn unconfirmed_line(one: &Unconfirmed) -> String {
    let Unconfirmed { since, key, plan, people, place, question } = one;
    let people = counted(*people, "person", "people");
    let question = question.map_or(String::new(), |code| format!(" {code}"));
    let (word, owner, member) = (word(*place), owner(*place), key.short());
    format!("  since {since}  member {member} plan {plan}  {people}  {word}{question}  next: {owner}\n")
}

/// The balance as JSON; the keys are a contract.
pub fn balance_json(balance: &Balance) -> Value {
    let place =
        |place: &Whereabouts| json!({ "place": word(*place), "count": balance.places.get(place).unwrap_or(&0) });
    json!({
        "feed": balance.feed, "date": balance.as_of.to_string(),
        "chosen": balance.chosen, "unchosen": balance.unchosen,
        "places": Whereabouts::ALL.iter().map(place).collect::<Vec<_>>(),
        "unconfirmed": balance.unconfirmed.iter().map(unconfirmed_json).collect::<Vec<_>>(),
    })
}

fn unconfirmed_json(one: &Unconfirmed) -> Value {
    json!({
        "since": one.since.to_string(), "member": one.key.short(), "plan": one.plan, "people": one.people,
        "place": word(one.place), "question": one.question, "owner": owner(one.place),
    })
}

fn word(place: Whereabouts) -> &'static str {
    match place {
        Whereabouts::Confirmed => "confirmed",
        Whereabouts::Assumed => "assumed",
        Whereabouts::Unanswered => "unanswered",
        Whereabouts::ToBeTold => "to-be-told",
        Whereabouts::Waits => "waits",
        Whereabouts::InQuestion => "in-question",
        Whereabouts::Ahead => "ahead",
        Whereabouts::NotEmployed => "not-employed",
        Whereabouts::Ineligible => "ineligible",
        Whereabouts::ToBeEnded => "to-be-ended",
        Whereabouts::Unexplained => "unexplained",
    }
}

fn meaning(place: Whereabouts) -> &'static str {
    match place {
        Whereabouts::Confirmed => "told, and the carrier has accepted it",
        Whereabouts::Assumed => "told, or known to it from before, and no answer is awaited",
        Whereabouts::Unanswered => "told, and the carrier has not answered yet",
        Whereabouts::ToBeTold => "told by the next run",
        Whereabouts::Waits => "told once the carrier has answered what was told before",
        Whereabouts::InQuestion => "in question: a person must decide",
        Whereabouts::Ahead => "too far ahead to be told yet",
        Whereabouts::NotEmployed => "chosen, and no longer covered by employment",
        Whereabouts::Ineligible => "chosen, and not eligible any more: age, or the end of COBRA",
        Whereabouts::ToBeEnded => "told, not chosen, and ended by the next run",
        Whereabouts::Unexplained => "unexplained",
    }
}

/// Who has to do something next, and what.
fn owner(place: Whereabouts) -> &'static str {
    match place {
        Whereabouts::Unanswered | Whereabouts::Waits => "the carrier answers; bex acks",
        Whereabouts::ToBeTold | Whereabouts::ToBeEnded => "bex run FEED",
        Whereabouts::InQuestion => "answer the question, or have the employer correct it; bex show RUN",
        Whereabouts::Ahead => "nobody, until its day comes near",
        Whereabouts::Unexplained => "report it as a defect",
        Whereabouts::Confirmed | Whereabouts::Assumed | Whereabouts::NotEmployed | Whereabouts::Ineligible => "nobody",
    }
}
