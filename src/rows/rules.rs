//! The rules of an input file: stable code, the rule itself, and what to do. Read as one text.

use crate::fault::{Fault, Place, Severity};

/// One rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Stable code.
    pub code: &'static str,
    /// How much breaking it matters.
    pub severity: Severity,
    /// The rule, one sentence without a full stop.
    pub rule: &'static str,
    /// What to do about it.
    pub next: &'static str,
}

impl Rule {
    /// The fault of breaking this rule at a place.
    pub fn fault(&self, place: Place) -> Fault {
        Fault::error(self.code, place, self.rule, self.next).with_severity(self.severity)
    }
}

macro_rules! rules {
    ($($name:ident, $code:literal, $severity:ident, $rule:literal, $next:literal;)*) => {
        $(
            #[doc = $rule]
            pub const $name: Rule =
                Rule { code: $code, severity: Severity::$severity, rule: $rule, next: $next };
        )*

        /// Every rule, in the order of codes.
        pub const ALL: &[&Rule] = &[$(&$name,)*];
    };
}

rules! {
    EMPTY, "CEN001", Error, "the file must have the fewest rows its mapping allows",
        "nothing was derived from it and nobody is ended by it; ask the employer to send it again";
    COLUMN_MISSING, "CEN002", Error, "the header must have every required column",
        "ask the employer whether the layout changed; then add the new header to the mapping, or required = false";
    COLUMN_TWICE, "CEN003", Error, "a mapped header must stand once in the header line",
        "ask the employer which of the columns is meant, or name a distinct header in the mapping";
    ENCODING, "CEN004", Error, "every byte must be valid in the declared encoding",
        "ask the employer how the file is written and declare it in the mapping: nothing is guessed or replaced";
    QUOTES, "CEN005", Error, "a quoted cell must be closed, and quotes inside it doubled",
        "ask the employer to export again; rows after a lost quote cannot be told apart";
    CUT_OFF, "CEN006", Error, "the file must be whole: last line ended, trailer present and its count right",
        "ask the employer to send it again; a file cut off looks like people who left";
    TOO_LONG, "CEN007", Error, "a row must keep within the mapping's limits of bytes and columns",
        "look for a lost quote or line break; raise the limit only for a layout that is really that wide";
    TOO_MANY_BAD, "CEN008", Error, "the share of bad rows must keep within the mapping's limit",
        "correct the file at its source: the faults of single rows are listed beside this one";
    SCATTERED, "CEN009", Error, "rows of a family must stand together, apart from a few",
        "ask the employer to sort the file by the family key";
    UNREADABLE, "CEN010", Error, "the source must be readable to its end",
        "look at this host's disk, the archive and its key; the source is read again by the next run";
    COLUMNS_DROPPED, "CEN011", Notice, "columns without a mapping are dropped",
        "nothing: what no mapping names is not kept; remove the columns at the source if they need not be sent";
    TOO_LARGE, "CEN012", Error, "the file must keep within the mapping's limit of bytes",
        "look whether it is the right file; raise file_mib_max only for an employer of that size";
    NOT_THEIRS, "CEN013", Error, "every row must carry the employer's own mark",
        "another employer's file may be in this inbox: ask before doing anything else";
    RAGGED, "CEN020", Error, "a row must have as many cells as the header",
        "look for a delimiter inside an unquoted cell";
    BLANK, "CEN021", Error, "this cell must not be empty",
        "fill it at the source";
    INVISIBLE, "CEN022", Error, "a cell must not contain control, invisible or direction-changing characters",
        "type the value again at the source";
    LONG_CELL, "CEN023", Error, "a value must not be longer than an 834 can carry",
        "shorten it at the source; it is never cut silently";
    DATE_FORM, "CEN024", Error, "a date must be a day of the calendar in the declared format",
        "correct it at the source, or declare the format the file really uses";
    DATE_RANGE, "CEN025", Error, "a date must lie between 1900 and 2100, and a birth date not in the future",
        "correct it at the source; look for a two-digit year";
    SSN_FORM, "CEN026", Error, "a Social Security number has nine digits",
        "correct it at the source, or set pad = true where the source is known to lose leading zeros";
    SSN_IMPOSSIBLE, "CEN027", Error, "a Social Security number must be one that can have been issued",
        "leave the cell empty when the number is unknown; placeholders are refused";
    ZIP_FORM, "CEN028", Error, "a postal code has five or nine digits",
        "correct it at the source, or set pad = true where the source is known to lose leading zeros";
    STATE, "CEN029", Error, "a state is the two-letter code of a state, territory or military post",
        "correct it at the source";
    PHONE, "CEN030", Warning, "a telephone number has ten digits, the first of area and exchange 2 to 9",
        "correct it at the source; the value was left out";
    WORD, "CEN031", Error, "a cell must be a word this column can stand for",
        "add the source's word to the column's values in the mapping, or correct it at the source";
    ADDRESS, "CEN032", Error, "an address has a street, a city, a state and a postal code, or nothing",
        "complete it at the source";
    DATES_CONTRADICT, "CEN033", Error, "birth, hire and end of employment must follow each other",
        "correct the dates at the source";
    STATUS, "CEN034", Error, "employment status and dates must agree",
        "ask the employer which is right: an end without a date and a past date with an active status are neither";
    SAME_ROW, "CEN035", Notice, "a row need not stand twice",
        "nothing: the second was left out";
    CONFLICT, "CEN036", Error, "a person must not stand twice with different data",
        "correct it at the source; the family is held until then, neither row is preferred";
    NO_SUBSCRIBER, "CEN037", Error, "a family must have one readable subscriber",
        "look for the employee's row: it may be missing, unreadable, or under another key";
    TWO_SUBSCRIBERS, "CEN038", Error, "a family must have one subscriber, told of in one way",
        "an employee stands twice with different data, or two share a family key: correct it at the source";
    SSN_SHARED, "CEN039", Error, "two people must not share a Social Security number",
        "correct it at the source; leave it empty for a newborn";
    ZEROS_RESTORED, "CEN040", Notice, "leading zeros were put back",
        "nothing, or ask the employer to send these columns as text";
    AMOUNT, "CEN041", Error, "an amount of money has at most two decimals",
        "correct it at the source";
    NPI, "CEN042", Warning, "a provider identifier has ten digits and a right check digit",
        "correct it at the source; the identifier was left out, the name kept";
    END_BEFORE_START, "CEN043", Error, "coverage must not end before it starts",
        "correct the dates at the source";
    PLAN, "CEN044", Error, "a plan must be one of our plan codes or a name the mapping translates",
        "add the source's name to the plan column's values in the mapping";
    NOBODYS_ROW, "CEN045", Error, "a dependent's row needs the subscriber's row of the same plan",
        "look for the employee's row: it may be missing or have other dates";
    MOJIBAKE, "CEN046", Error, "text must not have been decoded in the wrong encoding before it came here",
        "ask the employer to export again and to look at names with accents";
    TOTALS, "CEN047", Notice, "rows of totals and blank rows are not people",
        "nothing: they were left out";
    SSN_OF_TWO, "CEN048", Error, "one Social Security number must not stand for people of two families with different birth dates",
        "ask the employer whose it is; both families are held until the file says so";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_code_of_its_own_and_says_what_to_do() {
        let codes: std::collections::BTreeSet<_> = ALL.iter().map(|rule| rule.code).collect();
        assert_eq!(codes.len(), ALL.len());
        assert!(ALL.iter().all(|rule| !rule.next.is_empty() && !rule.rule.ends_with('.')));
    }
}
