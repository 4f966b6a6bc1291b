//! Numbers that stand for somebody or somewhere, as they are taken in: digits only, and no placeholder.
//!
//! Their rules are those by which files are judged ([`x12::identifier`]): what is taken in, the judge of our own files
//! lets pass. Only the gate, which trusts nobody's rules, has its own.

use x12::identifier;

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident, $holds:path;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// The number of these digits; `None` when they break its rule.
            pub fn new(digits: String) -> Option<$name> {
                $holds(digits.as_bytes()).then(|| $name(digits))
            }

            /// Returns the bare digits, without separators: nothing after this keeps the rule.
            pub fn into_digits(self) -> String {
                self.0
            }
        }
    )*};
}

identifiers! {
    /// A Social Security number that can have been issued.
    Ssn, identifier::is_issuable_ssn;
    /// A national provider identifier whose check digit is right.
    Npi, identifier::is_npi;
    /// A ZIP code of five or nine digits.
    Postal, identifier::is_zip;
}
