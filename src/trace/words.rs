//! The codes carriers answer with, in words. Codes of the standard only: whatever else stands there is not repeated.

/// What IK304 or AK304 says of a segment.
pub fn segment_words(code: &str) -> &'static str {
    match code {
        "1" => "segment is not recognised",
        "2" => "unexpected segment",
        "3" => "required segment is missing",
        "4" => "loop occurs too often",
        "5" => "segment is used too often",
        "6" => "segment is not of this kind of set",
        "7" => "segment is not in its place",
        "8" => "segment has element errors",
        "I4" => "segment is marked not used",
        "I6" => "segment that depends on others is missing",
        "I7" => "loop occurs too rarely",
        "I8" => "segment is used too rarely",
        "I9" => "segment depends on others and is not used",
        _ => "no code of the standard",
    }
}

/// What IK403 or AK403 says of an element.
pub fn element_words(code: &str) -> &'static str {
    match code {
        "1" => "required element is missing",
        "2" => "element that others require is missing",
        "3" => "too many elements",
        "4" => "too short",
        "5" => "too long",
        "6" => "invalid character",
        "7" => "invalid code value",
        "8" => "invalid date",
        "9" => "invalid time",
        "10" => "excluded by another element",
        "12" => "repeated too often",
        "13" => "too many components",
        "I6" => "code value is not used here",
        "I9" => "element that depends on others is missing",
        "I10" => "element is marked not used",
        "I11" => "repeated too rarely",
        "I12" => "does not match the pattern",
        "I13" => "element depends on others and is not used",
        _ => "no code of the standard",
    }
}

/// What IK502 or AK502 says of a set.
pub fn set_words(code: &str) -> &'static str {
    match code {
        "1" => "kind of set is not supported",
        "2" => "set has no end",
        "3" => "control numbers of the set differ",
        "4" => "count of segments is wrong",
        "5" => "one or more segments in error",
        "6" => "kind of set is missing or invalid",
        "7" => "control number of the set is missing or invalid",
        "23" => "control number of the set is not unique",
        "I5" => "one or more segments break the guide",
        "I6" => "guide is not supported",
        _ => "no code of the standard",
    }
}

/// What TA105 says of an interchange.
pub fn interchange_words(code: &str) -> &'static str {
    match code {
        "000" => "no error",
        "001" => "control numbers of the interchange differ",
        "002" => "standard is not supported",
        "003" => "version is not supported",
        "004" => "segment terminator is invalid",
        "005" | "006" => "sender is invalid",
        "007" | "008" => "receiver is invalid",
        "009" => "receiver is unknown",
        "014" => "date is invalid",
        "015" => "time is invalid",
        "017" => "version is invalid",
        "018" => "control number is invalid",
        "019" => "request for a TA1 is invalid",
        "020" => "test or production is invalid",
        "021" => "count of groups is wrong",
        "022" => "control structure is invalid",
        "023" => "file ends too soon",
        "024" => "content is invalid",
        "025" => "control number was used before",
        _ => "no code of the standard",
    }
}
