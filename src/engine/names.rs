//! The names of sealed deliveries in the outbox, made and read in one place.

use crate::crypt::age::Recipient;
use crate::store::DeliveryRow;

/// The sealed file's name in the outbox: `delivery-ID-CARRIER-NUMBER.age`. It says which numbers were used, to whoever
/// has the file and no store that knows it.
pub fn outbox_name(row: &DeliveryRow) -> String {
    format!("delivery-{:09}-{}-{:09}{}", row.id, row.carrier, row.number, Recipient::SUFFIX)
}

/// A sealed delivery that the store does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrayDelivery {
    /// The delivery's number in the store, as its file's name has it.
    pub id: i64,
    /// The carrier it was sealed to.
    pub carrier: String,
    /// Its control number.
    pub number: i64,
    /// The name of its file.
    pub(super) name: String,
}

impl StrayDelivery {
    /// The name of its sealed file in the outbox.
    pub fn sealed_name(&self) -> &str {
        &self.name
    }
}

/// A delivery out of the name of its sealed file.
pub(super) fn delivery(name: String) -> Option<StrayDelivery> {
    let (id, rest) = name.strip_suffix(Recipient::SUFFIX)?.strip_prefix("delivery-")?.split_once('-')?;
    let (carrier, number) = rest.rsplit_once('-')?;
    Some(StrayDelivery { id: id.parse().ok()?, carrier: carrier.to_string(), number: number.parse().ok()?, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_sealed_file_says_which_numbers_were_used_and_nothing_else_is_taken_for_one() {
        let read = |name: &str| delivery(name.to_string()).map(|found| (found.id, found.carrier, found.number));
        assert_eq!(read("delivery-000000012-alpha-health-000000007.age"), Some((12, "alpha-health".to_string(), 7)));
        assert_eq!(read("delivery-000000012-a-000000007.age"), Some((12, "a".to_string(), 7)));
        for other in ["delivery-000000012.age", "notes-1-a-2.age", "delivery-x-a-2.age", "delivery-1-a-2.part"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
