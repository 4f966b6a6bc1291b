//! What a person is asked: questions about one family, and guards, which hold a whole run. Read as one text.

crate::fault::rules! {
    GONE_FROM_CENSUS: "REC001" Theirs Error, "a family the carrier knows is missing from the census, and no reason is given",
        "ask the employer: a termination needs a date in the census; the carrier's knowledge stays as it is";
    NO_CENSUS_ROW: "REC002" Theirs Error, "an election has no census row",
        "ask the employer to load the employee, or correct the employee number in the elections";
    GONE_FROM_ELECTIONS: "REC003" Theirs Error, "an employed family the carrier knows is missing from the elections",
        "ask where the elections went; to end coverage, the elections need a waiver with a date";
    UNREADABLE_ROW: "REC004" Theirs Error, "a row of this family could not be read, so nothing is concluded about the family",
        "correct the faulty rows at their source and take the file in again";
    TIER: "REC005" Theirs Error, "the stated tier is not the one the covered dependents make",
        "correct the tier or the covered dependents in the elections";
    UNKNOWN_DEPENDENT: "REC006" Theirs Error, "an election covers a dependent the census does not know",
        "correct the dependent in the census or in the elections";
    BEGINS_TOO_FAR_BACK: "REC007" Theirs Error, "a coverage would begin or change further back than this carrier accepts",
        "arrange it with the carrier by hand, or correct the date at its source";
    ENDS_TOO_FAR_BACK: "REC008" Theirs Error, "a coverage would end further back than may happen without a person's consent",
        "confirm that no premium was taken after the end, and correct the date or arrange it with the carrier";
    NO_DATE: "REC009" Theirs Error, "a coverage the carrier knows is no longer elected, and nothing says since when",
        "the elections need the change's date: a waiver, a new start, or an end";
    COBRA: "REC010" Theirs Error, "a family is covered under COBRA, and the census has no qualifying event",
        "have the census state the last day of employment, or arrange the coverage with the carrier by hand";
    BEFORE_BIRTH: "REC011" Theirs Error, "somebody would be covered before the day of birth",
        "correct the birth date or the first day at its source; nothing of this line is told until then";
    WHICH_ONE: "REC012" Theirs Error, "a dependent the carrier knows is gone, or another person has the key, and nothing says who is who",
        "have the employer send a key for each person, or the name under which the dependent was sent before; nobody of the family begins or ends until then";
    COMES_UNDATED: "REC013" Theirs Error, "a dependent is newly covered, and nothing says since when",
        "the elections need a first day: a row of the dependent's own, or a new start with its event";
    TWO_CHOICES: "REC014" Theirs Error, "two plans of one line are chosen from the same day on",
        "correct the elections: one of the two is waived, or begins on another day";
    ONE_DAY: "REC015" Theirs Error, "a coverage would last one day, which a carrier reads as one taken back",
        "arrange it with the carrier by hand, or correct the days at their source";
    BLANKED: "REC016" Theirs Error, "an element that the carrier knows of a member is blank now",
        "restore it at its source, or have the right value sent; what was told stays";
    NOT_BELIEVED: "REC017" Integrity Error, "the loops that would be sent do not lead a carrier from what it was told to what it is to know",
        "report this as a defect of bex with the run's number; nothing of the family is told until then";
    COVERED_TWICE: "REC018" Theirs Error, "somebody would be covered twice on one line of care: in two families at once",
        "ask which of the two holds; if the plan allows both, answer `allowed`";
    TOO_OLD: "REC019" Theirs Error, "an election covers a child past the age limit of the line of care",
        "correct the birth date or the election; where the child is certified or a student, have the census say so";
    BEFORE_WAITING_ENDS: "REC020" Theirs Error, "an election begins before the waiting period of the line of care is over",
        "correct the first day or the date of hire at its source; cover begins when waiting is over";
    PLAN_CLOSED: "REC021" Theirs Error, "a plan is chosen beyond the day on which it closes, and no other takes its place",
        "have another plan chosen, or name one as `rolls_to` in the employer's plan rules";
    KEPT_BACK: "REC022" Theirs Error, "a person has kept this family back when its run was let go",
        "have it corrected at its source; or, if it is right as it is, answer `tell`";
    BEGINS_LATER: "REC023" Theirs Error, "an election begins later than was told, and nothing else about it differs",
        "ask the employer which first day holds, and answer with it: cover that is too long is paid for, and days taken back are claims refused";
    BEFORE_HIRE: "REC024" Theirs Error, "an election begins before the employee's date of hire",
        "correct the first day or the date of hire at its source; if the plan allows it, answer `allowed`";
    UNBALANCED: "REC025" Integrity Error, "a choice, or cover that was told, would end in no place by tonight's decision",
        "report this as a defect of bex with the run's number; nothing of the family is told until then";
    BY_HAND_ALONE: "REC026" Theirs Error, "the carrier takes a change of this kind, or of these days, by hand alone",
        "tell the carrier what `bex worklist` words, and answer `by-hand`; if it takes this one by file, answer `tell`";
    NOT_OF_STATUS: "REC027" Theirs Error, "plan documents do not cover on this line whoever is employed like this employee",
        "ask the employer when the status changed, and answer with the last covered day; or have status or election corrected";
    CHOSEN_LATE: "REC028" Theirs Error, "another choice for the first day of an enrollment window came after the window had closed",
        "ask the employer whether it was made in time, or what has led to it; if it is to count, answer `tell`; else what was told goes on";
    SURVIVORS: "REC029" Theirs Error, "an employee has died, and plan documents leave open until when the others are covered",
        "ask the employer what holds for survivors, and answer with the last covered day; where one of them goes on in a family of their own, with its eve";
    BACK_TOO_LATE: "REC030" Theirs Error, "somebody came back after more days than the old choices hold for, and nothing new is chosen",
        "have the employee choose anew, from the day of hire on; if the old choices hold all the same, answer `allowed`";
    ANOTHER_EMPLOYEE: "REC031" Theirs Error, "under an employee's number the census has somebody else than the carrier knows",
        "whoever is new needs a number of their own; if it is the same person, answer `allowed`; once the cover that was told has ended, answer `new`";
    BEYOND_LAST_DAY: "REC032" Theirs Error, "the census calls an employee employed after the last day of employment that it states",
        "ask the employer which of the two holds; what was told goes on until the census says one thing";
    FAR_AHEAD: "REC033" Theirs Error, "an election begins more than two years ahead",
        "have the first day corrected at its source; the election is told once its day is nearer";
    NO_ACCOUNT: "REC034" Theirs Error, "a carrier keeps employees apart by class, and no account of its is for one like this employee",
        "have the class in the census corrected, or name the account in the employer's plan rules";
    OTHER_ACCOUNT: "REC035" Theirs Error, "an employee belongs to another account of the carrier's, and nothing says since when",
        "ask the employer since when, and answer with the first day; or have the census say it as `status_since`";
    OTHER_SIDE_ASKED: "REC036" Theirs Error, "cover moves between two carriers, and one side of the move is in question in the other's feed",
        "settle the family's question in the feed named beside it: both sides then go on one night; if this one may go alone, answer `tell`";
    TERMINATIONS: "GRD001" Theirs Error, "more members would be terminated than one run may terminate",
        "compare the input with the employer; if it is right, release the run with a reason";
    CHANGES: "GRD002" Theirs Error, "more members would be changed than one run may change",
        "compare the input with the employer; if it is right, release the run with a reason";
    ADDITIONS: "GRD003" Theirs Error, "more members would be added than one run may add",
        "compare the input with the employer; if it is right, release the run with a reason";
    CORRECTIONS: "GRD004" Theirs Error, "identifying data of more members would be corrected than one run may correct",
        "compare the input with the employer; if it is right, release the run with a reason";
    IN_QUESTION: "GRD005" Theirs Error, "more families are in question than one run may leave aside",
        "compare the input with the employer; if it is right, release the run with a reason";
    PLAN_EMPTIED: "GRD006" Theirs Error, "everybody who has a plan would leave it in one run",
        "compare the input with the employer; if the plan is given up, release the run with a reason";
    FIRST_LOAD: "GRD007" Theirs Error, "on a production site a person looks at a feed's first load before it goes",
        "compare the counts and the plan with the employer and the carrier; if they are right, release the run with a reason";
    ODD_ROWS: "GRD008" Theirs Error, "a file has other rows than its feed expects",
        "compare the file with the employer; if it is right, release the run with a reason";
}
