//! The headers that payroll, HR and benefits systems write, and the column each stands for: what a mapping is proposed
//! from. Nothing is read by them: a mapping names its headers itself.

use super::census::CensusField;
use super::column::{Mapped, header_form};
use super::elections::ElectionField;

/// A column and the headers it is known under, in the form in which headers are compared, the likeliest first.
type KnownColumn<F> = (F, &'static str);

/// Those of a census.
const CENSUS: [KnownColumn<CensusField>; 26] = [
    (
        CensusField::FamilyKey,
        "EMPLOYEEID EMPLOYEENUMBER EMPLOYEENO EMPLOYEE# EMPID EMPNO EMP# EEID EENUMBER EENO EE# EMPLID EMPLOYEECODE \
         PERSONNELNUMBER PERSONNELNO FILENUMBER FILE# WORKERID ASSOCIATEID STAFFID PAYROLLID PAYROLLNUMBER CLOCKNUMBER \
         BADGENUMBER SUBSCRIBERID SUBSCRIBERNUMBER FAMILYID FAMILYKEY EMPLOYEEKEY LINKTOEMPLOYEEID EMPLOYEESSN EESSN \
         SUBSCRIBERSSN EMPSSN EESOCSEC EESOCIAL EESOCIALSECURITYNUMBER EMPLOYEESOCIALSECURITYNUMBER \
         SUBSCRIBERSOCIALSECURITYNUMBER ID",
    ),
    (
        CensusField::PersonKey,
        "MEMBERNO MEMBERNUMBER MEMBERID DEPENDENTID DEPENDENTNUMBER DEPENDENTNO DEPID PERSONID PERSONNUMBER PERSONCODE \
         PERSON# MEMBER# DEPENDENT# DEP# SEQUENCE SEQUENCENUMBER SEQ SEQ# DEPENDENTSEQUENCE MEMBERSUFFIX MEMBERSEQUENCE",
    ),
    (
        CensusField::Relationship,
        "RELATIONSHIP REL RELATION RELATIONSHIPCODE RELATIONSHIPTYPE RELATIONSHIPTOEMPLOYEE RELATIONTOEMPLOYEE \
         RELATIONSHIPTOSUBSCRIBER MEMBERTYPE PERSONTYPE ROLE PERSONROLE MEMBERROLE \
         RELATIONSHIPDESCRIPTION MEMBERRELATIONSHIP DEPENDENTTYPE DEPENDENTRELATIONSHIP RELCODE RELATIONTOEE \
         RELATIONSHIPTOEE RELTOEE RELTOEMPLOYEE RELTOSUBSCRIBER RELATIONTOSUBSCRIBER RELATIONSHIPTOEMP RELTYPE",
    ),
    (CensusField::LastName, "LASTNAME SURNAME LNAME LAST NAMELAST LEGALLASTNAME FAMILYNAME"),
    (CensusField::FirstName, "FIRSTNAME GIVENNAME FNAME FIRST NAMEFIRST LEGALFIRSTNAME FORENAME"),
    (CensusField::MiddleName, "MIDDLENAME MI MIDDLEINITIAL MIDDLE MNAME INITIAL"),
    (CensusField::Suffix, "SUFFIX NAMESUFFIX GENERATION"),
    (
        CensusField::Ssn,
        "SSN SOCIALSECURITYNUMBER SOCIALSECURITYNO SOCIALSECURITY# SOCIALSECURITY SOCSEC# SOCSECNO SOCSEC SSNO SS# \
         SSNUMBER MEMBERSSN DEPENDENTSSN PERSONSSN NATIONALID TAXID SOCIAL SOCIAL# SOCSECNUM SOCIALSECURITYNUM EMPLOYEESSN EESSN",
    ),
    (CensusField::BirthDate, "BIRTHDATE DATEOFBIRTH DOB BIRTHDAY BDATE BIRTHDT DATEOFBIRTHDOB BORN BIRTH"),
    (CensusField::Sex, "SEX GENDER SEXCODE GENDERCODE LEGALSEX GEND GNDR MF"),
    (
        CensusField::AddressLine1,
        "ADDRESSLINE1 ADDRESS1 ADDRESS STREET1 STREET STREETADDRESS STREETADDRESS1 ADDR1 HOMEADDRESS1 HOMEADDRESS \
         MAILINGADDRESS1 MAILINGADDRESS RESIDENCEADDRESS PRIMARYADDRESS1 ADDRESSLINEONE \
         HOMEADDRESSLINE1 HOMEADDRESSLINEONE MAILINGADDRESSLINE1 HOMESTREET HOMESTREETADDRESS LEGALADDRESSLINE1 \
         PRIMARYADDRESSLINE1",
    ),
    (
        CensusField::AddressLine2,
        "ADDRESSLINE2 ADDRESS2 STREET2 STREETADDRESS2 ADDR2 HOMEADDRESS2 MAILINGADDRESS2 PRIMARYADDRESS2 \
         HOMEADDRESSLINE2 MAILINGADDRESSLINE2 LEGALADDRESSLINE2 PRIMARYADDRESSLINE2 APT APARTMENT \
         UNIT SUITE APTSUITE",
    ),
    (CensusField::City, "CITY HOMECITY TOWN MAILINGCITY RESIDENCECITY ADDRESSCITY PRIMARYCITY"),
    (
        CensusField::State,
        "STATE ST STATECODE HOMESTATE STATEPROVINCE PROVINCE MAILINGSTATE RESIDENCESTATE ADDRESSSTATE",
    ),
    (
        CensusField::Zip,
        "ZIP ZIPCODE POSTALCODE POSTAL POSTCODE HOMEZIP HOMEZIPCODE ZIPPOSTALCODE MAILINGZIP RESIDENCEZIP ADDRESSZIP",
    ),
    (
        CensusField::Phone,
        "PHONE PHONENUMBER HOMEPHONE HOMEPHONENUMBER TELEPHONE TELEPHONENUMBER MOBILEPHONE MOBILE CELLPHONE CELL \
         PRIMARYPHONE PERSONALPHONE PHONE1 PHONE# PHONENO HOMEPH HOMEPHONE# HPHONE TEL TEL# TELEPHONE# CELLPH CELL# CONTACTNUMBER",
    ),
    (CensusField::Email, "EMAIL EMAILADDRESS PERSONALEMAIL HOMEEMAIL PRIMARYEMAIL WORKEMAIL EMAIL1"),
    (CensusField::MaritalStatus, "MARITALSTATUS MARITAL MARITALSTATUSCODE MARITALCODE"),
    (
        CensusField::EmploymentStatus,
        "EMPLOYMENTSTATUS EMPLOYEESTATUS EMPSTATUS STATUS EMPLSTATUS STATUSCODE EMPLOYMENTSTATUSCODE WORKERSTATUS \
         POSITIONSTATUS JOBSTATUS HRSTATUS EMPSTAT STAT",
    ),
    (
        CensusField::HireDate,
        "HIREDATE DATEOFHIRE DOH DATEHIRED LASTHIREDATE MOSTRECENTHIREDATE CURRENTHIREDATE HIREDT REHIREDATE \
         ORIGINALHIREDATE EMPLOYMENTSTARTDATE STARTDATE HIRED",
    ),
    (CensusField::StatusSince, "STATUSDATE STATUSEFFECTIVEDATE STATUSCHANGEDATE STATUSSINCE EMPLOYMENTSTATUSDATE"),
    (CensusField::SurvivorOf, "SURVIVOROF SURVIVOROFEMPLOYEE DECEASEDEMPLOYEEID ORIGINALSUBSCRIBERID"),
    (
        CensusField::EmploymentEnd,
        "TERMINATIONDATE TERMDATE DATEOFTERMINATION SEPARATIONDATE EMPLOYMENTENDDATE LASTDAYWORKED LASTDAYOFEMPLOYMENT \
         TERMINATIONDT TERMDT ENDDATE ENDED TERM TERMED TERMINATED TERMINATION LEFT LEFTDATE DATELEFT LEAVINGDATE LASTDAY LASTWORKDAY",
    ),
    (
        CensusField::EndReason,
        "TERMINATIONREASON TERMREASON SEPARATIONREASON TERMINATIONREASONCODE TERMINATIONTYPE REASONFORTERMINATION ENDREASON REASON",
    ),
    // Told to nobody but a carrier that asks for them as a reference.
    (
        CensusField::Department,
        "DEPARTMENT DEPARTMENTCODE DEPARTMENTID DEPARTMENTNAME DEPARTMENTNUMBER DEPT DEPTCODE DEPTID DEPTNAME DEPTNO \
         DEPT# HOMEDEPARTMENT HOMEDEPARTMENTCODE",
    ),
    (
        CensusField::Location,
        "LOCATION LOCATIONCODE LOCATIONID LOCATIONNAME WORKLOCATION WORKLOCATIONCODE WORKLOCATIONNAME LOC LOCCODE \
         WORKSITE WORKSITECODE",
    ),
];

/// Those of elections.
const ELECTIONS: [KnownColumn<ElectionField>; 16] = [
    (ElectionField::FamilyKey, CENSUS[0].1),
    (
        ElectionField::PersonKey,
        "MEMBERNO MEMBERNUMBER MEMBERID DEPENDENTID DEPENDENTNUMBER DEPENDENTNO DEPID PERSONID PERSONNUMBER PERSONCODE \
         SEQUENCE SEQ DEPENDENTSSN MEMBERSSN PERSONSSN PERSON",
    ),
    (ElectionField::Relationship, CENSUS[2].1),
    (
        ElectionField::Plan,
        "PLAN PLANNAME BENEFITPLAN BENEFITPLANNAME PLANDESCRIPTION PLANDESC PLANCODE PLANID ELECTEDPLAN BENEFIT",
    ),
    (
        ElectionField::Tier,
        "COVERAGELEVEL TIER COVERAGETIER TIERCODE COVERAGELEVELCODE COVERAGETYPE LEVEL OPTION COVERAGEOPTION COVERAGE",
    ),
    (
        ElectionField::Start,
        "EFFECTIVEDATE EFFDATE COVERAGESTARTDATE COVERAGEEFFECTIVEDATE COVERAGEBEGINDATE COVERAGESTART COVERAGEBEGIN \
         BENEFITSTARTDATE ELECTIONEFFECTIVEDATE PLANSTARTDATE STARTDATE BEGINDATE EFFDT START FROM",
    ),
    (
        ElectionField::End,
        "ENDDATE COVERAGEENDDATE COVERAGEEND BENEFITENDDATE PLANENDDATE TERMDATE TERMINATIONDATE COVERAGETERMDATE \
         EXPIRATIONDATE STOPDATE END THROUGH",
    ),
    (
        ElectionField::Covered,
        "COVEREDDEPENDENTS DEPENDENTSCOVERED COVEREDMEMBERS COVEREDDEPENDENTSSNS DEPENDENTSSNS COVEREDSSNS \
         COVEREDPERSONS COVEREDINDIVIDUALS DEPENDENTS",
    ),
    (ElectionField::PcpLast, "PCPLASTNAME PCPLAST PROVIDERLASTNAME PCPNAME PCP PRIMARYCAREPROVIDER"),
    (ElectionField::PcpFirst, "PCPFIRSTNAME PCPFIRST PROVIDERFIRSTNAME"),
    (ElectionField::PcpNpi, "PCPNPI NPI PROVIDERNPI PCPID"),
    (ElectionField::PcpEstablished, "PCPEXISTING PCPESTABLISHED EXISTINGPATIENT PCPEXISTINGPATIENT CURRENTPATIENT"),
    (
        ElectionField::Cost,
        "MONTHLYCOST COST PREMIUM MONTHLYPREMIUM TOTALCOST TOTALPREMIUM EEMONTHLYCOST EMPLOYEECOST EECOST",
    ),
    (
        ElectionField::Event,
        "EVENT LIFEEVENT QUALIFYINGEVENT EVENTTYPE EVENTREASON CHANGEREASON ENROLLMENTREASON REASON",
    ),
    (ElectionField::EventDay, "EVENTDATE LIFEEVENTDATE QUALIFYINGEVENTDATE DATEOFEVENT"),
    (ElectionField::Waived, "WAIVED DECLINED WAIVE DECLINE OPTEDOUT OPTOUT WAIVER ISWAIVED"),
];

/// What a header may be preceded by without meaning something else.
const OWNERS: [&str; 5] = ["EMPLOYEE", "EMP", "EE", "MEMBER", "PERSON"];

/// What headers of a file of dependents are preceded by: where the employee's name stands beside, theirs is meant.
const OF_DEPENDENTS: [&str; 2] = ["DEPENDENT", "DEP"];

/// A value that headers are known for.
pub trait Headed: Mapped {
    /// The columns and the headers they are known under.
    fn known() -> &'static [(Self, &'static str)];

    /// The columns that a header may stand for, each with how unlikely that is.
    fn meant(header: &str) -> Vec<(Self, usize)> {
        let form = header_form(header);
        let rank = |headers: &str, form: &str| headers.split_whitespace().position(|known| known == form);
        let owned = || OWNERS.iter().filter_map(|owner| form.strip_prefix(owner)).collect::<Vec<_>>();
        let of = |(field, headers): &(Self, &'static str)| {
            let whole = rank(headers, &form);
            // What stands for it without its owner stands for it less surely than a header of its own.
            let less = || owned().into_iter().filter_map(|rest| rank(headers, rest)).min().map(|rank| rank + 50);
            let of_dependent = || {
                let rests = OF_DEPENDENTS.iter().filter_map(|owner| form.strip_prefix(owner));
                rests.filter_map(|rest| rank(headers, rest)).min().map(|rank| rank + 40)
            };
            // A dependent's number is not the employee's.
            let of_dependent = of_dependent().filter(|_| field.word() != "family_key");
            Some((*field, whole.or(of_dependent).or_else(less)?))
        };
        Self::known().iter().filter_map(of).collect()
    }
}

impl Headed for CensusField {
    fn known() -> &'static [(Self, &'static str)] {
        &CENSUS
    }
}

impl Headed for ElectionField {
    fn known() -> &'static [(Self, &'static str)] {
        &ELECTIONS
    }
}

/// Whether a header is known for anything.
pub fn is_known(header: &str) -> bool {
    let plain = numbered(header).map(|(_, rest)| rest);
    let header = plain.as_deref().unwrap_or(header);
    !CensusField::meant(header).is_empty() || !ElectionField::meant(header).is_empty()
}

/// A header of a dependent's numbered column: as it stands with `{n}` for the number, and what it is of the dependent.
pub fn numbered(header: &str) -> Option<(String, String)> {
    let upper = header.to_ascii_uppercase();
    let owner = ["DEPENDENT", "DEP", "CHILD"].iter().find_map(|owner| upper.find(owner).map(|at| at + owner.len()))?;
    let rest = header.get(owner..)?;
    let from = rest.find(|c: char| c.is_ascii_digit())?;
    let length = rest[from..].chars().take_while(char::is_ascii_digit).count();
    // Between the owner and the number may stand a sign, and nothing else.
    if length > 2 || rest[..from].chars().any(char::is_alphanumeric) {
        return None;
    }
    let (before, after) = (&header[..owner + from], &rest[from + length..]);
    Some((format!("{before}{{n}}{after}"), after.trim_start_matches(|c: char| !c.is_alphanumeric()).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_known_with_and_without_their_owner() {
        assert_eq!(CensusField::meant("Soc. Sec #"), [(CensusField::Ssn, 5)]);
        assert_eq!(CensusField::meant("Employee Last Name")[0].0, CensusField::LastName);
        assert!(CensusField::meant("Annual Salary").is_empty() && !is_known("Notes"));
        assert_eq!(ElectionField::meant("COVERAGE_LEVEL"), [(ElectionField::Tier, 0)]);
        assert_eq!(CensusField::meant("Home Department Code")[0].0, CensusField::Department);
        assert_eq!(CensusField::meant("Work Location")[0].0, CensusField::Location);
    }

    #[test]
    fn a_dependents_number_becomes_a_place_holder() {
        assert_eq!(numbered("Dep 2 First Name"), Some(("Dep {n} First Name".into(), "First Name".into())));
        assert_eq!(numbered("DEPENDENT01_DOB"), Some(("DEPENDENT{n}_DOB".into(), "DOB".into())));
        assert_eq!((numbered("Department 12"), numbered("Address 1")), (None, None));
    }

    #[test]
    fn every_known_header_is_in_the_form_in_which_headers_are_compared() {
        let all = CENSUS.iter().map(|(_, headers)| headers).chain(ELECTIONS.iter().map(|(_, headers)| headers));
        all.flat_map(|headers| headers.split_whitespace()).for_each(|header| assert_eq!(header_form(header), header));
    }
}
