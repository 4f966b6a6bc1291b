//! The closed catalogue of personal data elements: what exists at all, and of which class it is.

use serde::{Serialize, Serializer};

/// What kind of personal data an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldClass {
    /// Tells who somebody is.
    Identifier,
    /// Describes or locates a person.
    Demographic,
    /// Concerns employment or eligibility.
    Eligibility,
    /// Concerns what is covered.
    Coverage,
    /// Concerns health or care.
    Health,
    /// Concerns money.
    Cost,
}

impl FieldClass {
    /// How policies and the reference call it.
    pub fn word(self) -> &'static str {
        match self {
            FieldClass::Identifier => "identifier",
            FieldClass::Demographic => "demographic",
            FieldClass::Eligibility => "eligibility",
            FieldClass::Coverage => "coverage",
            FieldClass::Health => "health",
            FieldClass::Cost => "cost",
        }
    }
}

macro_rules! catalogue {
    ($($(#[$doc:meta])* $name:ident, $word:literal, $class:ident;)*) => {
        /// A personal data element. The census and election mappings can fill these and nothing else; a policy can
        /// permit these and nothing else.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $($(#[$doc])* $name,)*
        }

        impl Field {
            /// Every element.
            pub const ALL: &'static [Field] = &[$(Field::$name,)*];

            /// The word used in mappings and policies.
            pub fn word(self) -> &'static str {
                match self { $(Field::$name => $word,)* }
            }

            /// How sensitive the element is, which decides who may see it.
            pub const fn class(self) -> FieldClass {
                match self { $(Field::$name => FieldClass::$class,)* }
            }
        }
    };
}

catalogue! {
    /// The employer's number for the subscriber; REF*0F needs it or the SSN.
    SubscriberId, "subscriber-id", Identifier;
    /// Last, first, middle name and suffix.
    Name, "name", Identifier;
    /// Social Security number.
    Ssn, "ssn", Identifier;
    /// Birth date.
    BirthDate, "birth-date", Demographic;
    /// Sex; the guide requires it wherever a birth date is sent (DMG03).
    Sex, "sex", Demographic;
    /// Residence address.
    Address, "address", Demographic;
    /// Telephone number.
    Phone, "phone", Demographic;
    /// E-mail address.
    Email, "email", Demographic;
    /// Marital status.
    MaritalStatus, "marital-status", Demographic;
    /// Relationship to the subscriber.
    Relationship, "relationship", Eligibility;
    /// Employment status.
    EmploymentStatus, "employment-status", Eligibility;
    /// Date of hire.
    HireDate, "hire-date", Eligibility;
    /// Last day of employment.
    EmploymentEnd, "employment-end", Eligibility;
    /// Where the employee works in the organization; told in a reference that a carrier asks for.
    Department, "department", Eligibility;
    /// Where the employee works on the map; told in a reference that a carrier asks for.
    Location, "location", Eligibility;
    /// How the employee is paid, in the employer's words; told in a reference that a carrier asks for.
    PayClass, "pay-class", Eligibility;
    /// Plan, line, tier and dates.
    Coverage, "coverage", Coverage;
    /// Primary care provider.
    Pcp, "pcp", Health;
    /// Cost of coverage.
    Cost, "cost", Cost;
}

impl Field {
    /// Finds the element by its configured name.
    pub fn from_word(word: &str) -> Option<Field> {
        Field::ALL.iter().copied().find(|field| field.word() == word)
    }
}

/// A set of personal data elements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldSet(u32);

impl FieldSet {
    /// The set of these elements.
    pub fn of(fields: &[Field]) -> FieldSet {
        FieldSet(fields.iter().fold(0, |bits, field| bits | 1 << *field as u32))
    }

    /// Whether the element is in the set.
    pub fn has(self, field: Field) -> bool {
        self.0 & (1 << field as u32) != 0
    }

    /// The set with one more element.
    pub fn with(self, field: Field) -> FieldSet {
        FieldSet(self.0 | 1 << field as u32)
    }

    /// The elements of the set, in catalogue order.
    pub fn iter(self) -> impl Iterator<Item = Field> {
        Field::ALL.iter().copied().filter(move |field| self.has(*field))
    }
}

/// As the elements' words: the same set reads the same, whatever is added to the catalogue.
impl Serialize for FieldSet {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(self.iter().map(Field::word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_is_found_again_by_its_word() {
        for field in Field::ALL {
            assert_eq!(Field::from_word(field.word()), Some(*field));
        }
    }

    #[test]
    fn a_set_holds_what_was_put_into_it_and_nothing_else() {
        let set = FieldSet::of(&[Field::Name, Field::Cost]);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Field::Name, Field::Cost]);
    }
}
