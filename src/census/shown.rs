//! Which texts of a file a proposal may show: words that such columns hold whoever's file it is, and names of plans.
//! Any other text may be somebody's name, number or illness in the wrong column: of it, the shape is shown, and its
//! line.

use std::collections::{BTreeMap, BTreeSet};

/// A text that a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TextSeen {
    pub text: String,
    /// The line on which it stands first.
    pub line: u64,
    /// In how many families' rows it stands.
    pub families: usize,
}

/// A cell: its text, its line, and whose row it is in.
pub(super) struct CellSeen {
    pub text: String,
    pub line: u64,
    pub family: String,
}

/// The texts of cells, each once.
pub(super) fn texts_of(cells: Vec<CellSeen>) -> Vec<TextSeen> {
    let mut found: BTreeMap<String, (u64, BTreeSet<String>)> = BTreeMap::new();
    for CellSeen { text, line, family } in cells {
        found.entry(text).or_insert((line, BTreeSet::new())).1.insert(family);
    }
    let of =
        |(text, (line, families)): (String, (u64, BTreeSet<String>))| TextSeen { text, line, families: families.len() };
    found.into_iter().map(of).collect()
}

/// Words of columns that say who somebody is, how they work, and what has happened.
const WORDS: &str = "A ACTIVE ADOPTED ADOPTION ADULT BIRTH CERTIFIED CHANGE CHD CHI CHILD CHILDREN CIVIL \
    COBRA CODE COMMON COMPANY CONTRACT CONTRACTOR COUPLE COURT COVERAGE DAUGHTER DEATH DECEASED \
    DECLINED DEP DEPENDENT DEPENDENTS DIED DISABLED DISCHARGE DIVORCE DIVORCED DOMESTIC DOM DP E \
    EE EES ELIGIBLE EMP EMPLOYEE EMPLOYED EMPLOYMENT END ENDED ENROLLED ENROLLMENT EVENT EX \
    EXEMPT F FAM FAMILY FEMALE FIRED FLSA FORMER FOSTER FT FULL FULLTIME FURLOUGH FURLOUGHED \
    GIRL GRANDCHILD GUARDIAN HIRE HIRED HOURLY HUSBAND IN INACTIVE INVOLUNTARY JOB L LAID \
    LAYOFF LEAVE LEFT LEGAL LEVEL LIFE LOA LOSS M MALE MARRIAGE MARRIED MEMBER NB NEW NEWBORN NH \
    NO NON NONE NOT OE OF OFF ON ONLY OPEN OTHER P PAID PARENT PART PARTNER PARTTIME PER PERDIEM \
    PERM PERMANENT PLUS PT QE QLE QUIT REASON REG REGULAR REHIRE REHIRED RELATED REMOVED \
    RESIGNATION RESIGNED RET RETIRED RETIREE RETIREMENT S SALARIED SEASONAL SELF SEP SEPARATED \
    SEPARATION SINGLE SON SP SPO SPOUSE STATUS STEP STEPCHILD STEPDAUGHTER STEPSON STUDENT SUB \
    SUBSCRIBER SUSPENDED T TEMP TEMPORARY TERM TERMED TERMINATED TERMINATION THE TIME TO \
    TRANSFER TRANSFERRED TWO UNKNOWN UNMARRIED UNPAID VOLUNTARY W WAIVE WAIVED WIDOW \
    WIDOWED WIFE WITH WITHOUT WORK WORKING X Y YES";

/// Words that stand in names of plans and in nobody's.
const OF_PLANS: &str = "PPO HMO HDHP EPO POS DHMO DPPO CDHP HSA FSA HRA STD LTD ADD MEDICAL DENTAL VISION HEALTH \
    PLAN MED DEN DENT VIS RX INSURANCE COVERAGE BENEFIT BENEFITS DISABILITY ACCIDENT HOSPITAL \
    INDEMNITY DEDUCTIBLE COPAY NETWORK EAP PHARMACY ORTHODONTIA";

/// Words that stand in names of plans, and may stand in people's names, too.
const BESIDE_PLANS: &str = "GOLD SILVER BRONZE PLATINUM BASIC STANDARD PREMIER PREMIUM PLUS HIGH LOW CORE CHOICE SELECT \
    VALUE VIEW CARE OPTION BUY UP BUYUP ENHANCED ESSENTIAL CLASSIC ADVANTAGE SAVER TIER LEVEL \
    NATIONAL REGIONAL STATE ONE TWO THREE AND LIFE";

/// What stands for a choice where the column is a plan's own.
const MARKS: &str = "YES NO NONE WAIVE WAIVED DECLINE DECLINED ENROLLED ELECTED";

/// Fewest families in whose rows a text stands that is no word of ours and is nobody's own.
const FAMILIES_MIN: usize = 3;

/// Longest name of a plan that is shown, in characters.
const PLAN_LONGEST: usize = 60;

fn tokens(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.map(str::to_uppercase).collect()
}

fn is_among(list: &str, token: &str) -> bool {
    list.split_whitespace().any(|word| word == token)
}

fn is_small_number(token: &str) -> bool {
    token.len() <= 4 && token.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a word of a closed list may be shown: each part of it is a word of such columns, or it is a short code that
/// several families have.
pub(super) fn is_closed_word(seen: &TextSeen) -> bool {
    let tokens = tokens(&seen.text);
    let known = |token: &String| is_among(WORDS, token) || (token.len() == 1 && token.is_ascii());
    let is_code = || {
        let of_code = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        seen.families >= FAMILIES_MIN && seen.text.len() <= 3 && seen.text.chars().all(of_code)
    };
    !tokens.is_empty() && (tokens.iter().all(known) || is_code())
}

/// The texts of a plan's column that look like plans' names, and the others.
pub(super) fn plans_of(texts: &[TextSeen]) -> (Vec<&TextSeen>, Vec<&TextSeen>) {
    let (plans, others): (Vec<&TextSeen>, Vec<&TextSeen>) = texts.iter().partition(|seen| is_called_plan(&seen.text));
    // Where most of the others stand in one family's rows alone, they are something of that family.
    let is_frequent = |seen: &&TextSeen| seen.families >= FAMILIES_MIN && may_be_shown(&seen.text);
    if others.iter().filter(|seen| is_frequent(seen)).count() * 2 < others.len() {
        return (plans, others);
    }
    let (frequent, rare): (Vec<&TextSeen>, Vec<&TextSeen>) = others.into_iter().partition(is_frequent);
    (plans.into_iter().chain(frequent).collect(), rare)
}

/// Whether a text is no number, no name with a comma, and no sentence.
fn may_be_shown(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits <= 6 && !text.contains([',', '@']) && text.chars().count() <= PLAN_LONGEST
}

fn is_called_plan(text: &str) -> bool {
    let tokens = tokens(text);
    let is_part = |token: &String| is_among(OF_PLANS, token) || is_among(BESIDE_PLANS, token) || is_small_number(token);
    let is_called = || match &tokens[..] {
        [] => false,
        [only] => only.len() == 1 || is_among(MARKS, only) || is_among(OF_PLANS, only),
        several => several.iter().any(|token| is_among(OF_PLANS, token)) || several.iter().all(is_part),
    };
    may_be_shown(text) && is_called()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str, families: usize) -> TextSeen {
        TextSeen { text: text.to_string(), line: 2, families }
    }

    #[test]
    fn words_of_closed_lists_are_shown_and_names_and_illnesses_are_not() {
        for word in ["Dep", "Domestic Partner", "on leave", "EE + Family", "Part-Time", "Q"] {
            assert!(is_closed_word(&seen(word, 1)), "{word}");
        }
        for word in ["Ann Secret", "Cancer leave", "On STD - pregnancy", "Died of AIDS", "899-31-1001", "Bo", "BO"] {
            assert!(!is_closed_word(&seen(word, 2)), "{word}");
        }
        assert!(is_closed_word(&seen("XQ7", 3)) && !is_closed_word(&seen("XQ7", 1)));
    }

    #[test]
    fn plans_are_known_by_their_words_or_by_how_many_have_them() {
        let shown = |texts: &[TextSeen]| -> Vec<String> {
            let mut shown: Vec<String> = plans_of(texts).0.into_iter().map(|seen| seen.text.clone()).collect();
            shown.sort();
            shown
        };
        let plans = [seen("Medical PPO $500", 1), seen("Gold View", 1), seen("Northern 2000", 9), seen("Waived", 1)];
        assert_eq!(shown(&plans), ["Gold View", "Medical PPO $500", "Northern 2000", "Waived"]);
        let people =
            [seen("Ann Alpha", 1), seen("899-31-2001", 1), seen("Gamma, Eli", 1), seen("Ann Gold", 1), seen("Bo", 3)];
        assert_eq!(shown(&people), [""; 0]);
    }
}
