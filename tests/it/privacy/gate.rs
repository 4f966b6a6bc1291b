//! The egress gate: what must not leave does not, whoever wrote the file.

use std::collections::BTreeMap;

use bex::fault::Fault;
use bex::gate::{Checked, Expected, judge};
use bex::mapping::{CarrierAccount, DeclaredReference, PlanYear, ReferenceLoop, ReferenceSource, ReferredMembers};
use bex::model::election::{Line, Provider, Tier};
use bex::model::enrollment::{Coverage, CoverageChange, Enrolled, FamilyChange, Maintenance, Member, MemberChange};
use bex::model::field::{Field, FieldSet};
use bex::model::ids::CarrierName;
use bex::model::money::Cents;
use bex::model::person::{Address, Employment, MaritalStatus, Person, Relationship, Sex};
use bex::model::phi::Phi;
use bex::model::reference::{ReferredTo, ToldReference};
use bex::policy::{Policy, WirePlan};
use bex::t834::{self, CONVENTION, Header, Party, Totals};
use bex::x12::Writer;
use bex::x12::guide::Guide;
use bex::x12::guide::x220a1;
use bex::x12::guide::{OtherSeverity, Overlay};
use chrono::NaiveDate;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn phi(text: &str) -> Phi<String> {
    Phi::new(text.to_string())
}

/// A subscriber of whom everything is known.
fn person() -> Person {
    let address = Address {
        line1: "1 EXAMPLE WAY".into(),
        city: "SPRINGFIELD".into(),
        state: "IL".into(),
        zip: "62701".into(),
        ..Address::default()
    };
    Person {
        key: phi("E1"),
        relationship: Relationship::Subscriber,
        last_name: phi("EXAMPLE"),
        first_name: phi("PERSON"),
        middle_name: phi("Q"),
        suffix: phi("JR"),
        ssn: Some(phi("899111007")),
        birth_date: Some(Phi::new(day("1980-01-02"))),
        sex: Phi::new(Sex::Female),
        address: Some(Phi::new(address)),
        phone: Some(phi("2175550101")),
        email: Some(phi("person@example.com")),
        marital_status: Some(Phi::new(MaritalStatus::Married)),
        over_age: None,
    }
}

fn coverage(plan: &str, line: Line) -> Coverage {
    let pcp =
        Provider { last_name: phi("EXAMPLEDOC"), first_name: phi("AVELA"), npi: phi("1999999000"), established: None };
    Coverage {
        plan: plan.to_string(),
        line,
        tier: Tier::Employee,
        begin: day("2026-01-01"),
        end: None,
        pcp: Some(pcp),
        cost: Some(Phi::new(Cents(12_345))),
        event: None,
        cobra: None,
        filed: None,
        class: String::new(),
        refs: told(ReferenceLoop::Coverage),
    }
}

fn employment() -> Employment {
    Employment {
        hired: Some(Phi::new(day("2020-02-03"))),
        ended: Some(Phi::new(day("2026-04-05"))),
        ..Employment::default()
    }
}

fn family() -> Enrolled {
    let member = Member {
        person: person(),
        employment: employment(),
        coverages: vec![coverage("HMO", Line::Hmo)],
        refs: told(ReferenceLoop::Member),
    };
    Enrolled { subscriber_id: phi("E1"), members: vec![member] }
}

fn change(family: &Enrolled) -> FamilyChange {
    let coverages = |member: &Member| {
        let added = |coverage: &Coverage| CoverageChange::new(Maintenance::Add, coverage.clone());
        member.coverages.iter().map(added).collect()
    };
    let member = |member: &Member| MemberChange {
        maintenance: Maintenance::Add,
        reason: None,
        person: member.person.clone(),
        employment: member.employment.clone(),
        prior: None,
        coverages: coverages(member),
        cobra: None,
        class: String::new(),
        refs: member.refs.clone(),
    };
    FamilyChange {
        subscriber_id: family.subscriber_id.clone(),
        members: family.members.iter().map(member).collect(),
        prior_id: None,
    }
}

/// What the carrier asks for, of the member and of each coverage.
fn asked_for() -> Vec<DeclaredReference> {
    let one = |qualifier: &str, at, of| DeclaredReference {
        qualifier: qualifier.into(),
        at,
        whom: ReferredMembers::All,
        source: ReferenceSource::Employee(of),
    };
    vec![
        one("23", ReferenceLoop::Member, ReferredTo::Department),
        one("4A", ReferenceLoop::Member, ReferredTo::SubscriberSsn),
        one("ZZ", ReferenceLoop::Coverage, ReferredTo::Location),
        one("CE", ReferenceLoop::Coverage, ReferredTo::PayClass),
    ]
}

fn told(at: ReferenceLoop) -> Vec<ToldReference> {
    let asked = asked_for().into_iter().filter(|one| one.at == at);
    let said = |one: DeclaredReference| {
        let of = one.employee().unwrap();
        let value = if of == ReferredTo::SubscriberSsn { "899111007" } else { of.word() };
        ToldReference { qualifier: one.qualifier, of, value: phi(value) }
    };
    asked.map(said).collect()
}

fn policy(fields: &[Field], plans: &[(&str, Line)]) -> Policy {
    let wire = |(plan, line): &(&str, Line)| (plan.to_string(), WirePlan { line: *line, code: format!("WIRE-{plan}") });
    Policy::new(FieldSet::of(fields), plans.iter().map(wire).collect::<BTreeMap<_, _>>()).with_refs(asked_for())
}

fn everything() -> Policy {
    policy(Field::ALL, &[("HMO", Line::Hmo), ("DENTAL", Line::Dental)])
}

fn header() -> Header {
    let party =
        |name: &str, qualifier: &str, id: &str| Party { name: name.into(), qualifier: qualifier.into(), id: id.into() };
    Header {
        sender: party("EXAMPLE OFFICE", "30", "900000001"),
        receiver: party("ALPHA", "ZZ", "ALPHAHEALTH"),
        receiver_group: "ALPHAHEALTH".into(),
        sponsor: party("EXAMPLE MANUFACTURING", "FI", "900000011"),
        payer: party("ALPHA HEALTH", "FI", "900000101"),
        number: 7,
        frozen_at: day("2026-03-02").and_hms_opt(21, 0, 0).unwrap(),
        test: true,
        acknowledgment_requested: true,
        reference: "000000001".into(),
        action: "2",
        effective: day("2026-03-02"),
        convention: CONVENTION.into(),
        master_policy: Some("M-1".into()),
        group_number: Some("G-1".into()),
        member_dates: true,
        dialect: bex::mapping::FileDialect::default(),
    }
}

const ONE: Totals = Totals { subscribers: 1, dependents: 0 };

/// The file a writer makes that believes in this policy.
fn file(policy: &Policy, family: &Enrolled, header: &Header) -> String {
    let mut writer = Writer::new(Vec::new());
    t834::begin(&mut writer, header, ONE).unwrap();
    t834::write(&mut writer, header, &policy.disclose(&change(family), day("2026-03-02")).unwrap()).unwrap();
    t834::end(&mut writer).unwrap();
    String::from_utf8(writer.finish().unwrap()).unwrap()
}

/// What the gate says of a file that should have been written under `policy`, for `family`.
fn gate(file: &str, policy: &Policy, family: &Enrolled) -> Result<Checked, Vec<Fault>> {
    let mut expected = Expected::new(policy, &header(), ONE);
    expected.family(family, &family.subscriber_id);
    judge(file.as_bytes(), &expected, x220a1())
}

fn codes(judged: Result<Checked, Vec<Fault>>) -> Vec<&'static str> {
    let mut codes: Vec<&'static str> = judged.unwrap_err().iter().map(|fault| fault.code).collect();
    codes.dedup();
    codes
}

#[test]
fn what_the_policy_permits_passes_with_a_permit_for_exactly_those_bytes() {
    let written = file(&everything(), &family(), &header());
    let checked = gate(&written, &everything(), &family()).unwrap();
    assert_eq!(checked.length(), written.len() as u64);
    for place in [
        "NM1*IL*1*EXAMPLE*PERSON*Q**JR*34*899111007~",
        "DTP*336*D8*20200203~",
        "DTP*337*D8*20260405~",
        "AMT*P3*123.45~REF*CE*pay-class~REF*ZZ*location~",
        "REF*23*department~REF*4A*899111007~",
    ] {
        assert!(written.contains(place), "{place}");
    }
}

#[test]
fn a_policy_that_withholds_an_element_gives_a_file_without_it_that_passes() {
    for withheld in Field::ALL {
        let fields: Vec<Field> = Field::ALL.iter().copied().filter(|field| field != withheld).collect();
        let policy = policy(&fields, &[("HMO", Line::Hmo)]);
        let mut expected = Expected::new(&policy, &header(), ONE);
        expected.family(&family(), &family().subscriber_id);
        let judged = judge(file(&policy, &family(), &header()).as_bytes(), &expected, &without_birth_dates());
        assert!(judged.is_ok(), "without {}: {judged:?}", withheld.word());
    }
}

/// A carrier that takes subscribers without birth dates has to have declared it.
fn without_birth_dates() -> Guide {
    let severities = vec![OtherSeverity { code: "SIT005".into(), severity: bex::x12::Severity::Notice }];
    let overlay =
        Overlay { name: "no birth dates".into(), since: "2026-01-01".into(), severities, ..Overlay::default() };
    x220a1().with(&overlay).unwrap()
}

#[test]
fn a_subscriber_without_birth_date_is_refused_unless_the_carrier_has_declared_otherwise() {
    let policy = policy(&[Field::Address], &[("HMO", Line::Hmo)]);
    assert_eq!(codes(gate(&file(&policy, &family(), &header()), &policy, &family())), ["SIT005"]);
}

#[test]
fn an_element_beyond_the_policy_is_refused_whichever_it_is() {
    let written = file(&everything(), &family(), &header());
    let required = [Field::SubscriberId, Field::Name, Field::Relationship, Field::Coverage];
    // Sex stands in DMG03, which the guide requires beside a birth date: it is withheld as U, not as a place.
    let optional = Field::ALL.iter().filter(|field| !required.contains(field) && **field != Field::Sex);
    for withheld in optional {
        // E-mail and telephone share a segment: the narrower permission is the telephone's.
        let partner = if *withheld == Field::Phone { Some(Field::Email) } else { None };
        let fields: Vec<Field> =
            Field::ALL.iter().copied().filter(|field| field != withheld && Some(*field) != partner).collect();
        let fields: Vec<Field> = match withheld {
            Field::BirthDate => fields.into_iter().filter(|field| *field != Field::Sex).collect(),
            _ => fields,
        };
        let narrow = policy(&fields, &[("HMO", Line::Hmo)]);
        assert_eq!(codes(gate(&written, &narrow, &family())), ["GAT001"], "{}", withheld.word());
    }
}

#[test]
fn a_segment_nobody_planned_is_refused() {
    let written = file(&everything(), &family(), &header());
    let more = written.replace("DMG*", "HLH*T~DMG*").replace("SE*24*", "SE*25*");
    let recounted = recount(&written.replace("HD*021", "HLH*T~HD*021"));
    assert!(codes(gate(&recounted, &everything(), &family())).contains(&"GAT001"));
    assert!(gate(&more, &everything(), &family()).is_err());
}

/// The file with a right SE01.
fn recount(file: &str) -> String {
    let segments: Vec<&str> = file.split_terminator('~').collect();
    let from = segments.iter().position(|segment| segment.starts_with("ST*")).unwrap();
    let to = segments.iter().position(|segment| segment.starts_with("SE*")).unwrap();
    let counted = format!("SE*{}*0001", to - from + 1);
    segments
        .iter()
        .map(|segment| format!("{}~", if segment.starts_with("SE*") { &counted } else { *segment }))
        .collect()
}

#[test]
fn somebody_the_carrier_does_not_cover_is_refused() {
    let mut stranger = family();
    stranger.members[0].person.last_name = phi("STRANGER");
    let codes = codes(gate(&file(&everything(), &stranger, &header()), &everything(), &family()));
    assert_eq!(codes, ["GAT003", "GAT005"]);
}

#[test]
fn another_employers_subscriber_number_is_refused() {
    let written = file(&everything(), &family(), &header()).replace("REF*0F*E1~", "REF*0F*X9~");
    assert!(codes(gate(&written, &everything(), &family())).contains(&"GAT003"));
}

#[test]
fn a_plan_the_member_does_not_have_is_refused_though_the_carrier_sells_it() {
    let mut dental = family();
    dental.members[0].coverages = vec![coverage("DENTAL", Line::Dental)];
    let written = file(&everything(), &dental, &header());
    assert_eq!(codes(gate(&written, &everything(), &family())), ["GAT005"]);
}

#[test]
fn a_line_that_is_not_this_carriers_is_refused() {
    let narrow = policy(Field::ALL, &[("DENTAL", Line::Dental)]);
    let codes = codes(gate(&file(&everything(), &family(), &header()), &narrow, &family()));
    assert!(codes.contains(&"GAT004"), "{codes:?}");
}

#[test]
fn a_plan_that_is_not_this_carriers_is_not_even_disclosed() {
    let narrow = policy(Field::ALL, &[("DENTAL", Line::Dental)]);
    let refused = narrow.disclose(&change(&family()), day("2026-03-02"));
    assert_eq!(refused.err().map(|fault| fault.code), Some("POL002"));
}

/// A policy for a carrier that keeps everybody in one account of its own.
fn kept_apart(fields: &[Field]) -> Policy {
    let of = |name: &str, value: &str| BTreeMap::from([(name.to_string(), value.to_string())]);
    let account = CarrierAccount {
        carrier: CarrierName::new("alpha").unwrap(),
        classes: Vec::new(),
        year: None,
        group: Some("G-9".into()),
        refs: of("DX", "010"),
        codes: of("HMO", "HMO-9"),
    };
    policy(fields, &[("HMO", Line::Hmo), ("DENTAL", Line::Dental)]).with_accounts(vec![account], PlanYear::default())
}

#[test]
fn an_accounts_group_reference_and_code_are_written_where_the_policy_permits_them_and_nowhere_else() {
    let apart = kept_apart(Field::ALL);
    let written = file(&apart, &family(), &header());
    for segment in ["REF*1L*G-9~", "REF*DX*010~", "HD*021**HMO*HMO-9*"] {
        assert!(written.contains(segment), "{written}");
    }
    assert!(gate(&written, &apart, &family()).is_ok());
    let refused = codes(gate(&written, &everything(), &family()));
    assert!(refused.contains(&"GAT001") && refused.contains(&"GAT004"), "{refused:?}");
    let others: Vec<Field> = Field::ALL.iter().copied().filter(|field| *field != Field::EmploymentStatus).collect();
    let narrow = kept_apart(&others);
    let withheld = file(&narrow, &family(), &header());
    assert!(!withheld.contains("REF*DX") && withheld.contains("REF*1L*G-9~"), "{withheld}");
    assert!(gate(&withheld, &narrow, &family()).is_ok());
    assert!(codes(gate(&written, &narrow, &family())).contains(&"GAT001"));
}

#[test]
fn other_numbers_or_parties_than_were_fixed_are_refused() {
    let other = |header: Header| codes(gate(&file(&everything(), &family(), &header), &everything(), &family()));
    assert_eq!(other(Header { number: 8, ..header() }), ["GAT002"]);
    let receiver = Party { id: "BETADENTAL".into(), ..header().receiver };
    assert_eq!(other(Header { receiver, ..header() }), ["GAT002"]);
}

#[test]
fn more_or_fewer_members_than_were_planned_are_refused() {
    let expected = Expected::new(&everything(), &header(), Totals { subscribers: 2, dependents: 0 });
    let judged = judge(file(&everything(), &family(), &header()).as_bytes(), &expected, x220a1());
    assert!(codes(judged).contains(&"GAT006"));
}

#[test]
fn a_file_the_guide_refuses_is_refused() {
    let broken = file(&everything(), &family(), &header()).replace("*20260302*210000*UT", "*20261399*210000*UT");
    assert!(gate(&broken, &everything(), &family()).is_err());
}

#[test]
fn the_same_family_and_header_give_the_same_bytes() {
    let first = file(&everything(), &family(), &header());
    assert!((0..100).all(|_| file(&everything(), &family(), &header()) == first));
}

/// What a writer gone wrong might add, and what no policy of a name, a birth date and a cover permits.
const STRAY: [&str; 18] = [
    "HLH*T",
    "HLH*N**180*80",
    "ICM*1*50000*40",
    "LUI*LE*EN",
    "EC*01",
    "PER*IP**EM*PERSON@EXAMPLE.COM",
    "PER*IP**HP*2175550101",
    "DSB*2",
    "COB*P*890*5",
    "AMT*P3*123.45",
    "AMT*D2*100",
    "REF*SY*899111007",
    "REF*ZZ*NOTE",
    "NM1*QD*1*STRANGER*SOME",
    "NM1*P3*1*EXAMPLEDOC*AVELA",
    "DTP*336*D8*20200203",
    "N3*2 OTHER WAY",
    "MSG*TEXT",
];

#[test]
fn whatever_a_writer_adds_anywhere_in_a_file_is_refused() {
    let narrow = policy(&[Field::BirthDate, Field::Sex], &[("HMO", Line::Hmo)]);
    let written = file(&narrow, &family(), &header());
    assert!(gate(&written, &narrow, &family()).is_ok());
    let segments: Vec<&str> = written.split_terminator('~').collect();
    let mut refused = 0;
    for stray in STRAY {
        for at in 1..segments.len() {
            let mut altered = segments.clone();
            altered.insert(at, stray);
            let altered = recount(&altered.iter().map(|segment| format!("{segment}~")).collect::<String>());
            assert!(gate(&altered, &narrow, &family()).is_err(), "{stray} before {}", segments[at]);
            refused += 1;
        }
    }
    assert!(refused > 300, "{refused}");
}

/// Numbers that look like nothing else, from a seed.
struct Odd(u64);

impl Odd {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + (self.next() % 10) as u8)).collect()
    }

    fn letters(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'A' + (self.next() % 26) as u8)).collect()
    }

    fn day(&mut self, year: i32) -> NaiveDate {
        NaiveDate::from_yo_opt(year + (self.next() % 9) as i32, 1 + (self.next() % 365) as u32).unwrap()
    }
}

/// A subscriber whose every value is nobody else's, with each value as a file would have it.
fn odd_family(odd: &mut Odd) -> (Enrolled, Vec<(Field, String)>) {
    let written = |day: NaiveDate| day.format("%Y%m%d").to_string();
    let [birth, hired, ended] = [1950, 2001, 2026].map(|year| odd.day(year));
    let (ssn, phone, npi) = (odd.digits(9), odd.digits(10), odd.digits(10));
    let (street, city, mail, doctor) = (odd.letters(12), odd.letters(12), odd.letters(12), odd.letters(12));
    let cost = 1_000_000 + (odd.next() % 8_000_000) as i64;
    let mut family = family();
    let member = &mut family.members[0];
    let line1 = format!("1 {street}");
    let address = Address { line1, city: city.clone(), state: "IL".into(), zip: "62701".into(), ..Address::default() };
    member.person.ssn = Some(phi(&ssn));
    member.person.phone = Some(phi(&phone));
    member.person.email = Some(phi(&format!("{mail}@example.com")));
    member.person.birth_date = Some(Phi::new(birth));
    member.person.address = Some(Phi::new(address));
    member.employment.hired = Some(Phi::new(hired));
    member.employment.ended = Some(Phi::new(ended));
    let provider = Provider { last_name: phi(&doctor), first_name: phi("AVELA"), npi: phi(&npi), established: None };
    member.coverages[0].pcp = Some(provider);
    member.coverages[0].cost = Some(Phi::new(Cents(cost)));
    let values = vec![
        (Field::Ssn, ssn),
        (Field::Phone, phone),
        (Field::Email, mail),
        (Field::BirthDate, written(birth)),
        (Field::Address, street),
        (Field::Address, city),
        (Field::HireDate, written(hired)),
        (Field::EmploymentEnd, written(ended)),
        (Field::Pcp, doctor),
        (Field::Pcp, npi),
        (Field::Cost, format!("{}.{:02}", cost / 100, cost % 100)),
    ];
    (family, values)
}

/// `BEX_MEMBERS=100000 cargo test --test it -- whatever_a_policy_withholds` tries so many.
#[test]
fn whatever_a_policy_withholds_of_a_member_is_in_no_file_whoever_they_are() {
    let members = std::env::var("BEX_MEMBERS").ok().and_then(|count| count.parse().ok()).unwrap_or(400);
    let (mut odd, mut told, mut withheld) = (Odd(20_260_302), 0, 0);
    for n in 0..members {
        let (family, values) = odd_family(&mut odd);
        let fields: Vec<Field> = Field::ALL.iter().copied().filter(|_| odd.next() % 2 == 0).collect();
        let permitted = policy(&fields, &[("HMO", Line::Hmo)]);
        let written = file(&permitted, &family, &header());
        for (field, value) in &values {
            let stands = written.contains(value.as_str());
            assert!(!stands || fields.contains(field), "member {n}: {} is withheld and stands there", field.word());
            if fields.contains(field) {
                told += u32::from(stands)
            } else {
                withheld += 1
            };
        }
    }
    // Looking for what is never written would find nothing, whatever is withheld.
    assert!(told > members && withheld > members, "{told} {withheld} of {members}");
}
