//! What a carrier refuses counts as never sent: lives at random, whose nights a carrier takes, refuses whole or in
//! part, at once or late, or takes after all. The ledger is the program's own.

use std::collections::BTreeSet;

use bex::audit::Action;
use bex::mapping::Styles;
use bex::model::enrollment::{Enrolled, FamilyChange};
use bex::model::ids::Pseudonym;
use bex::model::record::from_bytes;
use bex::model::told::ToldFamily;
use bex::reconcile::{Decision, Given, Rules, decide};
use bex::store::Staged;
use proptest::prelude::*;

use super::dialects::{Receiver, any_dialect, bytes, wanted};
use super::lives::{Night, any_life, days_of, family, lives, rules};
use crate::recovery::store::{AT, World, events};

const FEED: &str = "example-alpha";

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Taken,
    Refused,
    /// Of the first families alone.
    RefusedInPart,
    /// A night later: who is waited for is told nothing meanwhile.
    RefusedLate,
    /// By mistake: a person says so.
    RefusedAndTakenAfterAll,
}

/// A file at the carrier.
struct Sent {
    delivery: i64,
    fate: Fate,
    families: Vec<(usize, FamilyChange, Enrolled)>,
}

impl Sent {
    /// The families of which the carrier takes nothing.
    fn refused(&self) -> Vec<usize> {
        let some = match self.fate {
            Fate::Taken | Fate::RefusedAndTakenAfterAll => 0,
            Fate::RefusedInPart => self.families.len().div_ceil(2),
            Fate::Refused | Fate::RefusedLate => self.families.len(),
        };
        self.families.iter().take(some).map(|(n, ..)| *n).collect()
    }
}

/// Families of an employer with one carrier, in two worlds: one whose ledger has all that was sent, and one in which
/// what was refused was never sent.
struct Worlds {
    styles: Styles,
    born: i64,
    sent: World,
    never: Vec<Option<Enrolled>>,
    carriers: Vec<Receiver>,
    /// Families of a file that is not answered yet.
    waiting: Option<Sent>,
    as_of: i64,
}

fn key(n: usize) -> Pseudonym {
    Pseudonym([n as u8; 16])
}

impl Worlds {
    fn new(born: i64, styles: Styles, families: usize) -> Worlds {
        let carriers = (0..families).map(|_| Receiver::new(styles)).collect();
        Worlds { styles, born, sent: World::new(), never: vec![None; families], carriers, waiting: None, as_of: 0 }
    }

    /// What the ledger says that the carrier knows of a family.
    fn told(&self, n: usize) -> Option<Enrolled> {
        let rows = self.sent.store.knowledge_with(FEED, 0, &[]).unwrap();
        let row = rows.into_iter().find(|row| row.key == key(n))?;
        Some(from_bytes::<ToldFamily>(&row.known).unwrap().known)
    }

    fn decided(&self, night: &Night, told: Option<&Enrolled>) -> Decision {
        let rules = Rules { first_load: false, ..rules(self.as_of, self.styles) };
        let family = family(self.born, night.employment.clone());
        let (census, elections) = (Some(&family), Some(&night.elections[..]));
        decide(&rules, Given { census, elections, told, ..Given::default() })
    }

    /// One night of all families, and what becomes of its file.
    fn night(&mut self, nights: &[&Night], fate: Fate) -> Result<(), TestCaseError> {
        let late = self.waiting.take();
        let waits: BTreeSet<usize> = late.iter().flat_map(|sent| &sent.families).map(|(n, ..)| *n).collect();
        let mut families = Vec::new();
        for (n, night) in nights.iter().enumerate().filter(|(n, _)| !waits.contains(n)) {
            let told = self.told(n);
            prop_assert_eq!(told.as_ref(), self.never[n].as_ref(), "family {} knows otherwise", n);
            let decision = self.decided(night, told.as_ref());
            families.extend(decision.change.zip(decision.known).map(|(change, known)| (n, change, known)));
        }
        late.iter().for_each(|late| self.answered(late));
        if families.is_empty() {
            return Ok(());
        }
        let staged = families.iter().map(|(n, change, known)| {
            let sealed = ToldFamily::bytes_of(known, change);
            Staged { key: key(*n), covered: 1, sealed, change: Vec::new() }
        });
        let delivery = self.sent.delivery_of(FEED, &staged.collect::<Vec<_>>());
        self.sent.deliver(FEED, delivery);
        let sent = Sent { delivery: delivery.1, fate, families };
        match fate {
            Fate::RefusedLate => self.waiting = Some(sent),
            _ => self.answered(&sent),
        }
        Ok(())
    }

    /// A carrier's word on a file: what it took, it has on its books.
    fn answered(&mut self, sent: &Sent) {
        let refused = sent.refused();
        self.take_back(sent, &refused);
        for (n, change, known) in sent.families.iter().filter(|(n, ..)| !refused.contains(n)) {
            self.carriers[*n].take(&bytes(self.styles.dialect, change));
            self.never[*n] = Some(known.clone());
        }
    }

    fn take_back(&self, sent: &Sent, refused: &[usize]) {
        let by = Action::DeliverySettled;
        let act = |act: &dyn Fn(&mut bex::store::Change)| {
            let mut change = self.sent.store.change(AT).unwrap();
            act(&mut change);
            change.commit(&events(&[by])).unwrap();
        };
        let delivery = sent.delivery;
        match sent.fate {
            Fate::Taken => {}
            Fate::Refused | Fate::RefusedLate => act(&|change| change.take_back(FEED, delivery, by).unwrap()),
            Fate::RefusedInPart => {
                let row = self.sent.store.delivery(delivery).unwrap().unwrap();
                let keys: Vec<Pseudonym> = refused.iter().map(|n| key(*n)).collect();
                act(&|change| change.take_members_back(&row, &keys, by).unwrap());
            }
            Fate::RefusedAndTakenAfterAll => {
                act(&|change| change.take_back(FEED, delivery, by).unwrap());
                act(&|change| change.tell_again(FEED, delivery, by).unwrap());
            }
        }
    }

    /// Whether the carrier has on its books what the ledger says of everybody who is not waited for.
    fn agree(&self) -> Result<(), TestCaseError> {
        let waits = |n: usize| self.waiting.iter().flat_map(|sent| &sent.families).any(|(waits, ..)| *waits == n);
        for n in (0..self.carriers.len()).filter(|n| !waits(*n)) {
            let told = self.told(n);
            let wanted = wanted(days_of(told.as_ref()), self.styles.dialect);
            prop_assert_eq!(self.carriers[n].days(), wanted, "family {}", n);
        }
        Ok(())
    }
}

fn any_fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Taken),
        2 => Just(Fate::Refused),
        2 => Just(Fate::RefusedInPart),
        2 => Just(Fate::RefusedLate),
        1 => Just(Fate::RefusedAndTakenAfterAll),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: lives().cases / 8, ..lives() })]

    /// Property 19 of the design: after every night the ledger is the one of a world in which what was refused was
    /// never sent, and a carrier that never took it believes what the ledger says.
    #[test]
    fn undo_equals_never_sent(
        born in 0..200i64,
        styles in any_dialect(),
        lives in proptest::collection::vec(any_life(), 3),
        fates in proptest::collection::vec(any_fate(), 6),
    ) {
        let mut worlds = Worlds::new(born, styles, lives.len());
        for (n, fate) in fates.iter().enumerate() {
            // Who has no night left lives on as on the last.
            let nights: Vec<&Night> = lives.iter().map(|life| &life[n.min(life.len() - 1)]).collect();
            worlds.as_of += if n == 0 { 0 } else { nights.iter().map(|night| night.after).max().unwrap_or(0) / 2 };
            worlds.night(&nights, *fate)?;
            worlds.agree()?;
        }
    }
}
