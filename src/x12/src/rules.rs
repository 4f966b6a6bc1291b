//! The rules a file is judged by: each with its code, its severity, what an acknowledgement calls a breach, and what
//! to do. Codes are stable; an overlay may set another severity.

use crate::rule::{AckCode, Rule, Severity};

macro_rules! rules {
    ($($name:ident $code:literal $severity:ident $level:ident $($word:literal)? : $rule:literal; $next:literal)*) => {
        $(
            #[doc = concat!($code, ": ", $rule, ".")]
            pub const $name: Rule = Rule {
                code: $code,
                severity: Severity::$severity,
                ack: rules!(@ack $level $($word)?),
                rule: $rule,
                next: $next,
            };
        )*
        /// Every rule, in the order of the layers.
        pub const ALL: &[Rule] = &[$($name),*];
    };
    (@ack None) => { AckCode::None };
    (@ack $level:ident $word:literal) => { AckCode::$level($word) };
}

rules! {
    // Envelope.
    NO_INTERCHANGE "ENV001" Fatal None:
        "a file holds at least one interchange";
        "ask the sender for the file again"
    HEADER_WIDTH "ENV002" Error Interchange "022":
        "the ISA segment has fixed widths, 106 bytes in all";
        "pad ISA02, ISA04, ISA06 and ISA08 with spaces"
    BYTE_ORDER_MARK "ENV003" Error Interchange "022":
        "nothing stands before the ISA segment";
        "write the file without a byte order mark"
    HEADER_FIELD "ENV004" Error Interchange "024":
        "the fields of the ISA segment hold what the standard lists";
        "correct the sender's envelope settings"
    NO_REPETITION_SEPARATOR "ENV005" Warning None:
        "ISA11 states a repetition separator in version 00501";
        "set ISA11 to a separator such as ^"
    TRAILER_MISSING "ENV006" Error Interchange "023":
        "an interchange ends with IEA";
        "the file is cut short: ask the sender for it again"
    INTERCHANGE_NUMBER "ENV007" Error Interchange "001":
        "IEA02 repeats ISA13";
        "correct the control numbers"
    GROUP_COUNT "ENV008" Error Interchange "021":
        "IEA01 counts the groups of the interchange";
        "recount"
    INTERCHANGE_REPEATED "ENV009" Error Interchange "025":
        "ISA13 is unique";
        "give each interchange its own control number"
    OUT_OF_ENVELOPE "ENV010" Error Interchange "024":
        "sets stand in groups, groups in interchanges, and each trailer follows its header";
        "put the segment where its envelope is"
    GROUP_TRAILER_MISSING "ENV011" Error Group "3":
        "a group ends with GE";
        "close the group before the next header"
    GROUP_NUMBER "ENV012" Error Group "4":
        "GE02 repeats GS06";
        "correct the control numbers"
    SET_COUNT "ENV013" Error Group "5":
        "GE01 counts the sets of the group";
        "recount"
    GROUP_REPEATED "ENV014" Error Group "19":
        "GS06 is unique in its interchange";
        "give each group its own control number"
    GROUP_KIND "ENV016" Error Group "1":
        "GS01 is the functional identifier of the guide";
        "send each kind of set in its own group"
    GROUP_VERSION "ENV017" Error Group "2":
        "GS08 names the guide, or a version an overlay declares";
        "correct GS08, or declare the version in an overlay"
    SET_TRAILER_MISSING "ENV018" Error Set "2":
        "a set ends with SE";
        "close the set before the next header"
    SET_NUMBER "ENV019" Error Set "3":
        "SE02 repeats ST02";
        "correct the control numbers"
    SEGMENT_COUNT "ENV020" Error Set "4":
        "SE01 counts the segments from ST to SE";
        "recount after everything else is decided"
    SET_REPEATED "ENV021" Error Set "23":
        "ST02 is unique in its group";
        "give each set its own control number"
    SET_KIND "ENV022" Error Set "1":
        "ST01 is a kind of set the guide describes";
        "send only sets the receiver has agreed to"
    SET_CONVENTION "ENV023" Error Set "19":
        "ST03 repeats GS08";
        "correct ST03"
    EMPTY_INTERCHANGE "ENV024" Error Interchange "024":
        "an interchange holds a group or a TA1";
        "send nothing rather than an empty interchange"
    EMPTY_GROUP "ENV025" Error Group "5":
        "a group holds a set";
        "send nothing rather than an empty group"
    TOO_MANY_ENVELOPES "ENV026" Fatal Interchange "024":
        "a file holds at most 20,000 interchanges and groups";
        "split the file"
    // Structure.
    UNKNOWN_SEGMENT "STR001" Error Segment "1":
        "every tag is one of the guide's";
        "remove the segment, or declare it in an overlay"
    UNEXPECTED_SEGMENT "STR002" Error Segment "2":
        "a segment stands in a loop that has it";
        "compare the segment's first element and its place with the guide"
    SEGMENT_MISSING "STR003" Error Segment "3":
        "a required segment is there";
        "send the segment"
    LOOP_MISSING "STR004" Error Segment "I7":
        "a required loop is there";
        "send the loop"
    LOOP_TOO_OFTEN "STR005" Error Segment "4":
        "a loop occurs no more often than the guide says";
        "send fewer, or declare the number in an overlay"
    SEGMENT_TOO_OFTEN "STR006" Error Segment "5":
        "a segment occurs no more often than the guide says";
        "send fewer, or declare the number in an overlay"
    OUT_OF_SEQUENCE "STR007" Error Segment "7":
        "segments stand in the order of the guide";
        "move the segment"
    LEADING_BLANK "STR008" Error Segment "1":
        "a tag follows the terminator before it directly";
        "write no blanks between segments"
    EMPTY_SEGMENT "STR009" Error Segment "1":
        "a segment has a tag";
        "write one terminator after each segment"
    TRAILING_SEPARATORS "STR010" Error Segment "8":
        "trailing empty elements are not sent";
        "end the segment after its last value"
    GUIDE_ORDER "STR011" Notice None:
        "segments that share a position stand in the order of the guide";
        "nothing need be done: any order is legal"
    NOT_JUDGED "STR013" Notice None:
        "segments after one whose loop is unknown are not judged";
        "correct the segment before them"
    NO_VALUES "STR014" Error Segment "8":
        "a segment holds a value";
        "leave the segment out"
    // Elements.
    ELEMENT_MISSING "ELE001" Error Element "1":
        "a required element is there";
        "send the element"
    ELEMENT_NOT_USED "ELE002" Error Element "I10":
        "an element the guide does not use is empty";
        "leave it empty, or declare it in an overlay"
    TOO_MANY_ELEMENTS "ELE003" Error Element "3":
        "a segment has no more elements than the guide says";
        "remove what follows the last element"
    TOO_SHORT "ELE004" Error Element "4":
        "an element is no shorter than the guide says";
        "correct the value at its source"
    TOO_LONG "ELE005" Error Element "5":
        "an element is no longer than the guide says";
        "shorten the value at its source or in the mapping"
    WRONG_CHARACTER "ELE006" Error Element "6":
        "a number is written in digits, with a point only where one is needed";
        "write the number plainly"
    UNKNOWN_CODE "ELE007" Error Element "7":
        "a code is one the guide lists";
        "correct the code, or declare it in an overlay"
    NO_DATE "ELE008" Error Element "8":
        "a date is a day of the calendar in the format stated";
        "correct the date"
    NO_TIME "ELE009" Error Element "9":
        "a time is HHMM, with seconds and their fractions if wanted";
        "correct the time"
    SYNTAX_NOTE "ELE010" Error Element "2":
        "elements that depend on each other are sent together";
        "send the missing element, or leave out the other"
    EXCLUSION "ELE011" Error Element "10":
        "of elements that exclude each other one is sent";
        "leave one out"
    TOO_MANY_REPETITIONS "ELE012" Error Element "12":
        "an element repeats no more often than the guide says";
        "send fewer repetitions"
    TOO_MANY_COMPONENTS "ELE013" Error Element "13":
        "an element has no more components than the guide says";
        "keep the component separator out of values"
    NOT_ASCII "ELE014" Error Element "6":
        "every character is ASCII";
        "transliterate the value in the mapping"
    CONTROL_CHARACTER "ELE015" Error Element "6":
        "a value holds no control characters or line breaks";
        "correct the value at its source"
    TRAILING_SPACE "ELE016" Error Element "6":
        "a value does not end with a space";
        "trim the value"
    RANGE_REVERSED "ELE017" Error Element "8":
        "a range of dates begins before it ends";
        "correct the dates"
    TRAILING_COMPONENTS "ELE018" Error Element "6":
        "trailing empty components and repetitions are not sent";
        "end the element after its last value"
    UNKNOWN_STATE "ELE019" Error Element "7":
        "a state is one of the United States' or Canada's postal abbreviations";
        "correct the address"
    UNKNOWN_COUNTRY "ELE020" Error Element "7":
        "a country is one of ISO 3166";
        "correct the address"
    // Totals.
    QUANTITY "BAL001" Error Element "I12":
        "QTY counts the members, subscribers and dependents of the set";
        "recount, or declare another meaning in an overlay"
    // Rules between elements and segments.
    SUBSCRIBER_IS_SELF "SIT001" Error Element "I12":
        "INS01 is Y exactly when INS02 is 18";
        "correct the relationship"
    SSN_SHAPE "SIT002" Error Element "I12":
        "a social security number has nine digits";
        "correct the number, or leave NM108 and NM109 out"
    SSN_DUMMY "SIT003" Error Element "I12":
        "a social security number is no placeholder";
        "leave NM108 and NM109 out where the number is not known"
    SSN_NOT_ISSUED "SIT004" Warning Element "I12":
        "a social security number does not begin with 9";
        "check whether it is a taxpayer number"
    DEMOGRAPHICS_MISSING "SIT005" Error Segment "I6":
        "a subscriber who is added has birth date and gender";
        "send DMG"
    DEMOGRAPHICS_ABSENT "SIT006" Warning Segment "I6":
        "a subscriber in an audit has birth date and gender";
        "send DMG"
    BIRTH_IN_FUTURE "SIT007" Error Element "8":
        "nobody is born after the day the file is made";
        "correct the birth date"
    DEATH_BEFORE_BIRTH "SIT008" Error Element "8":
        "a death is not before the birth or after the day the file is made";
        "correct the date"
    BIRTH_TOO_EARLY "SIT009" Warning Element "8":
        "nobody is older than 130 years";
        "check the birth date"
    ZIP_MISSING "SIT010" Error Element "I9":
        "an address in the United States or Canada has a postal code";
        "send N403"
    ZIP_SHAPE "SIT011" Error Element "I12":
        "a ZIP code has five or nine digits and is no placeholder";
        "correct the postal code"
    STATE_MISSING "SIT012" Error Element "I9":
        "an address in the United States or Canada has a state";
        "send N402"
    COVERAGE_END_MISSING "SIT013" Error Segment "I6":
        "coverage that is cancelled has an end date";
        "send DTP*349"
    COVERAGE_BEGIN_MISSING "SIT014" Error Segment "I6":
        "coverage that is added has a begin date";
        "send DTP*348"
    COVERAGE_REVERSED "SIT015" Error Element "8":
        "coverage does not end before it begins";
        "correct the dates"
    COVERAGE_NEVER_EFFECTIVE "SIT016" Notice None:
        "coverage that ends the day before it begins was never effective";
        "nothing need be done if that is meant"
    DATE_REPEATED "SIT017" Error Segment "5":
        "a coverage has one date of each kind";
        "send the date once"
    MEMBER_DATE_REPEATED "SIT018" Warning Segment "5":
        "a member, a disability and a set have one date of each kind";
        "send the date once"
    PERIOD_REVERSED "SIT019" Warning Element "8":
        "a period does not end before it begins";
        "check the dates"
    NPI_CHECK_DIGIT "SIT020" Error Element "I12":
        "a national provider identifier has ten digits, the last of which checks the others";
        "correct the identifier"
    DEPENDENT_FIRST "SIT021" Error Segment "7":
        "a subscriber stands before the dependents";
        "send the subscriber first"
    DEPENDENT_ALONE "SIT022" Error Element "I12":
        "a dependent's subscriber is in the set";
        "correct REF*0F, or send the subscriber"
    DEPENDENTS_ONLY "SIT023" Notice None:
        "a set of changes may hold dependents alone";
        "nothing need be done if the carrier knows the subscribers"
    SUBSCRIBER_REPEATED "SIT024" Warning Element "I12":
        "a subscriber is in the set once";
        "send one loop per subscriber, or one identifier per person"
    COBRA_EVENT_MISSING "SIT025" Error Element "I9":
        "COBRA coverage has its qualifying event";
        "send INS07"
    COBRA_EVENT_UNEXPECTED "SIT026" Warning Element "I13":
        "a COBRA event is sent with COBRA coverage only";
        "correct INS05 or leave INS07 out"
    ORIGINAL_REFERENCE_MISSING "SIT027" Warning Element "I9":
        "a repeated set names the original";
        "send BGN06"
    PRIOR_VALUES_MISSING "SIT028" Warning Segment "I6":
        "a corrected member comes with the incorrect values";
        "send loop 2100B"
    COVERAGE_MISSING "SIT029" Warning Segment "I6":
        "a subscriber who is added has coverage";
        "send loop 2300"
    TERMINATION_DATE_MISSING "SIT030" Warning Segment "I6":
        "a member who is terminated has an eligibility end or cancelled coverage";
        "send DTP*357"
    TELEPHONE_SHAPE "SIT031" Warning Element "I12":
        "a telephone number is digits only";
        "remove punctuation"
    EMAIL_SHAPE "SIT032" Warning Element "I12":
        "an e-mail address has an @";
        "correct the address"
    TAX_ID_SHAPE "SIT033" Warning Element "I12":
        "a taxpayer identification number has nine digits";
        "remove punctuation"
    ASSIGNED_NUMBER "SIT034" Warning Element "I12":
        "LX counts its loops from 1";
        "recount"
    FAMILIES_NOT_CHECKED "SIT035" Notice None:
        "families are matched within a set of at most 1.8 million subscribers";
        "split the file"
    COUNTRY_NOT_NEEDED "SIT036" Warning Element "I13":
        "the country of an address is sent only if it is not the United States";
        "leave N404 out"
    POSTAL_CODE_BLANK "SIT037" Warning Element "I12":
        "a postal code is sent without a blank";
        "remove the blank"

    // What overlays permit.
    DECLARED_DEVIATION "OVL001" Notice None:
        "the guide holds, but for what an overlay declares";
        "nothing need be done: the overlay is in force"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_sentences_have_no_full_stop() {
        let mut codes: Vec<&str> = ALL.iter().map(|rule| rule.code).collect();
        codes.dedup();
        assert_eq!(codes.len(), ALL.len());
        assert!(ALL.iter().all(|rule| !rule.rule.ends_with('.') && !rule.next.ends_with('.')));
    }
}
