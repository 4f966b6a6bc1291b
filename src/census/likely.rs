//! What words of a file likely mean that are not understood without being told: proposed as values of the mapping, for
//! a person to look at, and read by nobody before that.

use crate::mapping::synonyms::normal;

/// A column, the word of ours, and the forms that likely mean it.
type LikelyWords = (&'static str, &'static str, &'static str);

const LIKELY: [LikelyWords; 14] = [
    ("relationship", "subscriber", "TEAMMEMBER ASSOCIATE WORKER STAFFMEMBER EMPLOYEEONLY"),
    ("relationship", "spouse", "MARRIEDTO MARRIED LEGALSPOUSE SPOUSEM SPOUSEF"),
    ("relationship", "child", "KID KIDS MINORCHILD NATURALCHILD BIOLOGICALCHILD CHILDDEPENDENT"),
    (
        "employment_status",
        "leave",
        "ONLEAVE ONLOA LOAPAID LOAUNPAID PAIDLOA UNPAIDLOA PAIDLEAVE UNPAIDLEAVE LEAVEPAID LEAVEUNPAID LEAVEWITHPAY \
         LEAVEWITHOUTPAY ACTIVELEAVE ACTIVEONLEAVE ACTIVELOA FURLOUGH FURLOUGHED ONFURLOUGH LEAVEOFABSENCEPAID \
         LEAVEOFABSENCEUNPAID",
    ),
    (
        "employment_status",
        "active",
        "REGULAR REG PERMANENT PERM REGULARFULLTIME FULLTIMEREGULAR ACTIVEFULLTIME ACTIVEFT FTACTIVE FULLTIMEACTIVE \
         ACTIVEEMPLOYEE ACTIVEREGULAR WORKING REHIRED REHIRE NEWHIRE HIRED RETURNEDFROMLEAVE",
    ),
    (
        "employment_status",
        "part-time",
        "REGULARPARTTIME PARTTIMEREGULAR ACTIVEPARTTIME ACTIVEPT PTACTIVE PARTTIMEACTIVE PERDIEM",
    ),
    (
        "employment_status",
        "terminated",
        "SEPARATED SEPARATION TERMINATION TERMINATEDEMPLOYEE RESIGNED RESIGNATION LEFT QUIT FORMER FORMEREMPLOYEE \
         EXEMPLOYEE DISCHARGE DISCHARGED LAIDOFF LAYOFF FIRED GONE DECEASED DIED TERMINATEDVOLUNTARY TERMINATEDINVOLUNTARY",
    ),
    ("employment_status", "retired", "RETIREMENT RETD RETIREDEMPLOYEE"),
    ("employment_status", "cobra", "ONCOBRA COBRAMEMBER COBRAENROLLED COBRACOVERAGE"),
    (
        "end_reason",
        "quit",
        "VOLUNTARYTERMINATION VOLUNTARYQUIT VOLUNTARYRESIGNATION VOLUNTARYSEPARATION LEFTVOLUNTARY QUITVOLUNTARY",
    ),
    (
        "end_reason",
        "dismissed",
        "INVOLUNTARYTERMINATION INVOLUNTARYSEPARATION DISCHARGE DISCHARGED TERMINATEDINVOLUNTARY",
    ),
    ("end_reason", "laid-off", "LAYOFFREDUCTION REDUCTIONINFORCE"),
    ("end_reason", "ended", "ENDOFCONTRACT CONTRACTENDED JOBENDED ENDOFJOB SEPARATION SEPARATED SEASONALEND"),
    ("end_reason", "retired", "RETIREE RETIREDEMPLOYEE"),
];

/// Our word for what a word of a column likely means.
pub(super) fn likely(column: &str, word: &str) -> Option<&'static str> {
    let form = normal(word);
    let means = |(of, _, forms): &&LikelyWords| *of == column && forms.split_whitespace().any(|one| one == form);
    LIKELY.iter().find(means).map(|(_, word, _)| *word)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::words::meaning;
    use super::*;

    #[test]
    fn every_likely_word_is_one_of_ours_and_none_is_understood_already() {
        for (column, word, forms) in LIKELY {
            assert_eq!(meaning(column, &BTreeMap::new(), word).as_deref(), Some(word), "{column}");
            for form in forms.split_whitespace() {
                assert_eq!(meaning(column, &BTreeMap::new(), form), None, "{form}");
                assert_eq!(likely(column, form), Some(word), "{form} stands for two");
            }
        }
    }

    #[test]
    fn words_of_payrolls_are_likely_what_they_say_and_others_are_not() {
        let status = |word: &str| likely("employment_status", word);
        assert_eq!(
            (status("On Leave"), status("LOA - Unpaid"), status("Separated")),
            (Some("leave"), Some("leave"), Some("terminated"))
        );
        assert_eq!((status("Inactive"), status("Suspended"), likely("sex", "On Leave")), (None, None, None));
    }
}
