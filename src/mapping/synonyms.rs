//! The words employers write, and the values they stand for, so that a mapping need only name what is unusual.
//!
//! Words are compared in a normal form: ASCII letters in upper case and digits; everything else is dropped. A word
//! that stands for different things at different employers (`S`: self, spouse, son) is in no table.

use std::collections::BTreeMap;

use crate::model::election::{LifeEvent, Tier};
use crate::model::person::{EmploymentStatus, EndReason, MaritalStatus, OverAge, Relationship, Sex};

/// A word in its normal form.
pub fn normal(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// A value that cells can stand for: the words mappings use for it and the synonyms understood without being told.
pub trait Worded: Copy + Sized + 'static {
    /// Word used in mappings, and value.
    fn words() -> Vec<(&'static str, Self)>;
    /// Normal forms understood by default: the word of the value they stand for, and the forms, space-separated.
    const SYNONYMS: &'static [(&'static str, &'static str)];
}

/// The compiled reading of a column: normal form to value.
#[derive(Clone, Debug)]
pub struct Words<T>(BTreeMap<String, T>);

/// Bytes of a cell whose normal form is made in place.
const FORM_BYTES: usize = 32;

impl<T: Worded> Words<T> {
    /// The default words, overruled by a mapping's own: normal form to word.
    pub fn new(own: &BTreeMap<String, String>) -> Words<T> {
        let words = T::words();
        let value = |word: &str| words.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
        let mut table: BTreeMap<String, T> = words.iter().map(|(word, value)| (normal(word), *value)).collect();
        for (word, forms) in T::SYNONYMS {
            table.extend(forms.split(' ').filter_map(|form| Some((form.to_string(), value(word)?))));
        }
        // The source's own words come last and so win: what an employer means by C is for that employer's mapping to
        // say.
        table.extend(own.iter().filter_map(|(form, word)| Some((form.clone(), value(word)?))));
        Words(table)
    }

    /// The normal forms of the values that are so, and those of the others.
    pub fn parted(self, is: impl Fn(T) -> bool) -> (Vec<String>, Vec<String>) {
        let (of, others): (Vec<_>, Vec<_>) = self.0.into_iter().partition(|(_, value)| is(*value));
        let forms = |parted: Vec<(String, T)>| parted.into_iter().map(|(form, _)| form).collect();
        (forms(of), forms(others))
    }

    /// The value a cell stands for.
    pub fn find(&self, cell: &str) -> Option<T> {
        // Most cells are short: their normal form needs no memory of its own.
        let mut form = [0; FORM_BYTES];
        if cell.len() > FORM_BYTES {
            return self.0.get(&normal(cell)).copied();
        }
        let mut length = 0;
        for byte in cell.bytes().filter(u8::is_ascii_alphanumeric) {
            form[length] = byte.to_ascii_uppercase();
            length += 1;
        }
        self.0.get(std::str::from_utf8(&form[..length]).ok()?).copied()
    }
}

impl Worded for Relationship {
    fn words() -> Vec<(&'static str, Self)> {
        Relationship::ALL.into_iter().map(|value| (value.word(), value)).collect()
    }
    const SYNONYMS: &'static [(&'static str, &'static str)] = &[
        ("subscriber", "EMPLOYEE EE E EMP SELF SUB 18"),
        ("spouse", "SP WIFE HUSBAND H W 01"),
        ("partner", "DP DOMESTICPARTNER LIFEPARTNER 53"),
        ("child", "C CH CHILD SON DAUGHTER DEPENDENTCHILD 19"),
        ("stepchild", "SC STEPSON STEPDAUGHTER 17"),
        ("adopted-child", "AC ADOPTED 09"),
        ("foster-child", "FC FOSTER 10"),
        ("ward", "LEGALWARD 15"),
        ("ex-spouse", "EXWIFE EXHUSBAND FORMERSPOUSE 25"),
    ];
}

impl Worded for Sex {
    fn words() -> Vec<(&'static str, Self)> {
        vec![("female", Sex::Female), ("male", Sex::Male), ("unknown", Sex::Unknown)]
    }
    const SYNONYMS: &'static [(&'static str, &'static str)] =
        &[("female", "F WOMAN"), ("male", "M MAN"), ("unknown", "U X NONBINARY NOTSTATED")];
}

impl Worded for MaritalStatus {
    fn words() -> Vec<(&'static str, Self)> {
        use MaritalStatus::{Divorced, Married, Partnered, Separated, Single, Widowed};
        vec![
            ("single", Single),
            ("married", Married),
            ("divorced", Divorced),
            ("widowed", Widowed),
            ("separated", Separated),
            ("partnered", Partnered),
        ]
    }
    const SYNONYMS: &'static [(&'static str, &'static str)] = &[
        ("single", "S UNMARRIED NEVERMARRIED"),
        ("married", "M"),
        ("divorced", "D"),
        ("widowed", "W"),
        ("partnered", "DP DOMESTICPARTNER"),
    ];
}

impl Worded for Option<OverAge> {
    fn words() -> Vec<(&'static str, Self)> {
        vec![("no", None), ("student", Some(OverAge::Student)), ("certified", Some(OverAge::Certified))]
    }
    const SYNONYMS: &'static [(&'static str, &'static str)] = &[
        ("no", "N 0 FALSE NONE"),
        ("student", "FULLTIMESTUDENT FTSTUDENT FTS"),
        ("certified", "DISABLED HANDICAPPED"),
    ];
}

impl Worded for EmploymentStatus {
    fn words() -> Vec<(&'static str, Self)> {
        use EmploymentStatus::{Active, Cobra, Leave, PartTime, Retired, Terminated};
        vec![
            ("active", Active),
            ("part-time", PartTime),
            ("leave", Leave),
            ("retired", Retired),
            ("terminated", Terminated),
            ("cobra", Cobra),
        ]
    }
    const SYNONYMS: &'static [(&'static str, &'static str)] = &[
        ("active", "A ACT FT FULLTIME EMPLOYED"),
        ("part-time", "PT"),
        ("leave", "L LOA LEAVEOFABSENCE"),
        ("retired", "R RET RETIREE"),
        ("terminated", "T TERM TERMED TERMINATE"),
        ("cobra", "C"),
    ];
}

impl Worded for EndReason {
    fn words() -> Vec<(&'static str, Self)> {
        use EndReason::{Died, Dismissed, Ended, LaidOff, Quit, Retired};
        vec![
            ("ended", Ended),
            ("quit", Quit),
            ("dismissed", Dismissed),
            ("retired", Retired),
            ("died", Died),
            ("laid-off", LaidOff),
        ]
    }
    const SYNONYMS: &'static [(&'static str, &'static str)] = &[
        ("ended", "TERMINATION TERMINATED"),
        ("quit", "RESIGNED RESIGNATION VOLUNTARY"),
        ("dismissed", "FIRED INVOLUNTARY"),
        ("retired", "RETIREMENT"),
        ("died", "DEATH DECEASED"),
        ("laid-off", "LAYOFF RIF"),
    ];
}

impl Worded for Tier {
    fn words() -> Vec<(&'static str, Self)> {
        vec![
            ("employee", Tier::Employee),
            ("employee-spouse", Tier::EmployeeSpouse),
            ("employee-children", Tier::EmployeeChildren),
            ("family", Tier::Family),
            ("one-dependent", Tier::OneDependent),
            ("two-dependents", Tier::TwoDependents),
            ("three-dependents", Tier::ThreeDependents),
            ("one-or-more", Tier::OneOrMore),
            ("two-or-more", Tier::TwoOrMore),
            ("three-or-more", Tier::ThreeOrMore),
            ("four-or-more", Tier::FourOrMore),
            ("five-or-more", Tier::FiveOrMore),
            ("two-party", Tier::TwoParty),
            ("individual", Tier::Individual),
        ]
    }
    const SYNONYMS: &'static [(&'static str, &'static str)] = &[
        ("employee", "EE EMP EO EEO EEONLY EMPLOYEEONLY SINGLE SINGLEONLY IND INDIVIDUAL"),
        ("employee-spouse", "ES ESP EES EE1SP EESP EESPOUSE EEANDSPOUSE EMPLOYEESPOUSE EMPLOYEEANDSPOUSE"),
        (
            "employee-children",
            "EC ECH EECH ECN EECHILD EECHILDREN EEANDCHILDREN EMPLOYEECHILD EMPLOYEECHILDREN EMPLOYEEANDCHILDREN",
        ),
        ("family", "F FAM EEFAMILY EEANDFAMILY EMPLOYEEFAMILY EMPLOYEEANDFAMILY FULLFAMILY"),
        ("one-dependent", "E1D"),
        ("two-dependents", "E2D"),
        ("three-dependents", "E3D"),
        ("one-or-more", "E5D"),
        ("two-or-more", "E6D"),
        ("three-or-more", "E7D"),
        ("four-or-more", "E8D"),
        ("five-or-more", "E9D"),
        ("two-party", "TWO"),
    ];
}

impl Worded for LifeEvent {
    fn words() -> Vec<(&'static str, Self)> {
        LifeEvent::ALL.into_iter().map(|value| (value.word(), value)).collect()
    }
    const SYNONYMS: &'static [(&'static str, &'static str)] = &[
        ("new-hire", "NH HIRE NEWLYELIGIBLE NEWEMPLOYEE"),
        ("open-enrollment", "OE OPENENROLMENT ANNUAL"),
        ("marriage", "MARRIED PARTNERSHIP"),
        ("birth", "NEWBORN"),
        ("other-coverage", "LOSSOFCOVERAGE GAINOFCOVERAGE"),
        ("moved", "MOVE RELOCATION"),
        ("ineligible", "LOSSOFELIGIBILITY NOLONGERELIGIBLE"),
    ];
}

/// Yes or no, as a value of its own so that it can have words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YesNo(pub bool);

impl Worded for YesNo {
    fn words() -> Vec<(&'static str, Self)> {
        vec![("yes", YesNo(true)), ("no", YesNo(false))]
    }
    const SYNONYMS: &'static [(&'static str, &'static str)] = &[("yes", "Y TRUE T 1"), ("no", "N FALSE F 0")];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_understood_whatever_their_case_and_punctuation() {
        let words = Words::<Relationship>::new(&BTreeMap::new());
        for (cell, value) in
            [("EE", Relationship::Subscriber), ("step-son", Relationship::Stepchild), ("wife", Relationship::Spouse)]
        {
            assert_eq!(words.find(cell), Some(value), "{cell}");
        }
        assert_eq!(words.find("S"), None, "S means different things at different employers");
    }

    #[test]
    fn a_mapping_overrules_the_default_words() {
        let own = BTreeMap::from([("F".to_string(), "employee".to_string())]);
        assert_eq!(Words::<Tier>::new(&own).find("f"), Some(Tier::Employee));
    }

    #[test]
    fn every_synonym_names_a_value_and_is_in_normal_form() {
        fn holds<T: Worded>() {
            for (word, forms) in T::SYNONYMS {
                assert!(T::words().iter().any(|(name, _)| name == word), "{word}");
                forms.split(' ').for_each(|form| assert_eq!(normal(form), form));
            }
        }
        holds::<Relationship>();
        holds::<Sex>();
        holds::<MaritalStatus>();
        holds::<Option<OverAge>>();
        holds::<EmploymentStatus>();
        holds::<EndReason>();
        holds::<Tier>();
        holds::<LifeEvent>();
        holds::<YesNo>();
    }
}
