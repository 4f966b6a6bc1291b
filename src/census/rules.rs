//! What a census or an elections file and its rows must be, beyond being readable. Read as one text.

crate::fault::rules! {
    TOO_MANY_BAD: "CEN008" Theirs Error, "the share of bad rows must keep within the mapping's limit",
        "correct the file at its source: the faults of single rows are listed beside this one";
    SCATTERED: "CEN009" Theirs Error, "rows of a family must stand together, apart from a few",
        "ask the employer to sort the file by the family key";
    NOT_THEIRS: "CEN013" Theirs Error, "every row must carry the employer's own mark",
        "another employer's file may be in this inbox: ask before doing anything else";
    BLANK: "CEN021" Theirs Error, "this cell must not be empty",
        "fill it at the source";
    INVISIBLE: "CEN022" Theirs Error, "a cell must not contain control, invisible or direction-changing characters",
        "type the value again at the source";
    LONG_CELL: "CEN023" Theirs Error, "a value must not be longer than an 834 can carry",
        "shorten it at the source; it is never cut silently";
    DATE_FORM: "CEN024" Theirs Error, "a date must be a day of the calendar in the declared format",
        "correct it at the source, or declare the format the file really uses";
    DATE_RANGE: "CEN025" Theirs Error, "a date must lie between 1900 and 2100, and a birth date neither in the future nor more than 120 years ago",
        "correct it at the source; look for a two-digit year";
    SSN_FORM: "CEN026" Theirs Error, "a Social Security number has nine digits",
        "correct it at the source, or set pad = true where the source is known to lose leading zeros";
    SSN_IMPOSSIBLE: "CEN027" Theirs Error, "a Social Security number must be one that can have been issued",
        "correct it at the source, or leave the cell empty while the number is unknown";
    ZIP_FORM: "CEN028" Theirs Error, "a postal code has five or nine digits",
        "correct it at the source, or set pad = true where the source is known to lose leading zeros";
    STATE: "CEN029" Theirs Error, "a state is the two-letter code of a state, territory or military post",
        "correct it at the source";
    PHONE: "CEN030" Theirs Warning, "a telephone number has ten digits, the first of area and exchange 2 to 9",
        "correct it at the source; the value was left out";
    WORD: "CEN031" Theirs Error, "a cell must be a word this column can stand for",
        "add the source's word to the column's values in the mapping, or correct it at the source";
    ADDRESS: "CEN032" Theirs Error, "an address has a street, a city, a state and a postal code, or nothing",
        "complete it at the source";
    DATES_CONTRADICT: "CEN033" Theirs Error, "birth, hire and end of employment must follow each other",
        "correct the dates at the source";
    KIN_AGE: "CEN065" Theirs Error, "birth dates of a family must agree with who its people are: a child is born after its parent, and nobody's spouse is a child",
        "correct the birth date or the relationship at the source";
    STATUS: "CEN034" Theirs Error, "employment status and dates must agree",
        "ask the employer which is right: an end without a date and a past date with an active status are neither";
    SAME_ROW: "CEN035" Theirs Notice, "a row stands twice",
        "nothing: the second was left out";
    CONFLICT: "CEN036" Theirs Error, "a person must not stand twice with different data",
        "correct it at the source; the family stays as told until then, neither row is preferred";
    NO_SUBSCRIBER: "CEN037" Theirs Error, "a family must have one readable subscriber",
        "look for the employee's row: it may be missing, unreadable, or under another key";
    TWO_SUBSCRIBERS: "CEN038" Theirs Error, "a family must have one subscriber, described in one way",
        "an employee stands twice with different data, or two share a family key: correct it at the source";
    SSN_SHARED: "CEN039" Theirs Error, "two people must not share a Social Security number",
        "correct it at the source; leave it empty for a newborn";
    ZEROS_RESTORED: "CEN040" Theirs Notice, "leading zeros were put back",
        "nothing, or ask the employer to send these columns as text";
    AMOUNT: "CEN041" Theirs Error, "an amount of money has at most two decimals",
        "correct it at the source";
    NPI: "CEN042" Theirs Warning, "a provider identifier has ten digits and a right check digit",
        "correct it at the source; the identifier was left out, the name kept";
    END_BEFORE_START: "CEN043" Theirs Error, "coverage must not end before it starts",
        "correct the dates at the source";
    PLAN: "CEN044" Theirs Error, "a plan must be one of our plan codes or a name the mapping translates",
        "add the source's name to the plan column's values in the mapping";
    NOBODYS_ROW: "CEN045" Theirs Error, "a dependent's row needs the subscriber's row of the same plan",
        "look for the employee's row: it may be missing or have other dates";
    MOJIBAKE: "CEN046" Theirs Error, "text must not have been decoded in the wrong encoding, or escaped for a web page, before it came here",
        "ask the employer to export again and to look at names with accents";
    TOTALS: "CEN047" Theirs Notice, "rows of totals and blank rows are not people",
        "nothing: they were left out";
    SSN_OF_TWO: "CEN048" Theirs Error, "one Social Security number must not stand for people of two families with different birth dates",
        "ask the employer whose it is; both families stay as told until the file says so";
    REMARKS: "CEN049" Theirs Notice, "declared remarks are not people",
        "nothing: they were left out; look at the number when it grows";
    LEFT_OUT: "CEN051" Theirs Warning, "an optional cell that cannot be read is left out",
        "correct it at the source, or say in the mapping what it means; the person was read without it";
    LOST: "CEN052" Theirs Error, "a cell must hold one value, as somebody typed it",
        "look for a formula's error, a number that a spreadsheet made short or a text that it made into a date, or a list in a line of JSON";
    STAND_IN: "CEN057" Theirs Warning, "a placeholder or a taxpayer number is no Social Security number",
        "leave the cell empty where the number is unknown, and send it once it is known: these people were read without one";
    NO_END: "CEN058" Theirs Notice, "a day in a far year, or a word for it, is no end",
        "nothing: these people and elections were read without an end";
    NO_DATE: "CEN061" Theirs Notice, "a day on which a program's calendar begins is no date",
        "nothing: these cells were read as empty; leave them empty where no date is known";
    LINES: "CEN059" Theirs Notice, "a title, a notice or a signature is no person; those that are declared are remarks",
        "look at the line, and declare what it begins with as remarks; who is absent was looked for all the same";
    ABSENCE_UNSEEN: "CEN053" Theirs Warning, "who is absent from a file is seen only while few rows belong to nobody",
        "correct the rows that belong to nobody, or declare them as remarks: until then nobody's absence is noticed";
    DIFFERS: "CEN062" Theirs Error, "cells of which one is meant must not say different things",
        "correct one of the columns at the source, or say in the mapping with first_of which of them goes first";
    NO_CASE: "CEN063" Theirs Error, "for every row, one of the mapping's cases must hold, unless there is a default",
        "look at the cells that the cases ask about: add a case for what stands there, or a default";
    DEFAULTED: "CEN064" Theirs Notice, "a default of the mapping stands for empty cells",
        "nothing; look at the number when it grows";
    ORPHAN: "CEN067" Theirs Error, "a dependent's row, or an address, must name an employee whom the files of this census tell of",
        "look for the employee: the files may be of different days, or the number is written otherwise in one of them";
    NO_SET: "CEN068" Theirs Error, "a census that several files make is read from all of them",
        "have every part sent again: this file came when the mapping read one file alone, or had other parts";
    PLACEHOLDER: "CEN070" Theirs Error, "a name has letters, and an employee's number is no placeholder",
        "fill it at the source: N/A, TBD, a dash or digits alone are nobody's name, and no number to be known by";
    OWN_ROW: "CEN069" Theirs Notice, "employees' rows in a part of dependents are left out",
        "nothing: the part of employees tells of them";
}
