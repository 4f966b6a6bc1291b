//! Planted values: every personal field of several people holds a value that exists nowhere else. After nights with
//! everything that can happen in them, none of it stands in any byte of the site or in anything a command has written,
//! and each carrier has been told what its policy permits and not a byte more.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use bex::crypt::age::{Identity, decrypt};
use bex::crypt::keyring::{KeyReference, Secret};
use bex::simulate::Misbehaviour;

use crate::harness::demo_site::{CARRIERS, Office, World, names, rejecting_999, segments};
use crate::harness::leak_scanner::{Canary, Leak, Scanner};

// ── people ──

/// One made-up person: field by value. Fields are called as policies call them; those in capitals are of no policy.
#[derive(Clone)]
struct Person {
    /// The family's key, and which of it.
    family: String,
    member: String,
    relationship: &'static str,
    fields: BTreeMap<&'static str, Vec<String>>,
}

/// Letters that occur together nowhere else, by number.
fn word(n: usize) -> String {
    const CONSONANTS: &[u8] = b"bdfgkmpv";
    let pick = |n: usize| char::from(CONSONANTS[n % CONSONANTS.len()]);
    [pick(n), 'u', pick(n / 8), 'x', 'e'].iter().collect()
}

impl Person {
    /// The `n`th person there is; `kind` is the word of the employer's census.
    fn new(n: usize, family: &str, (member, relationship): (&str, &'static str)) -> Person {
        let (word, subscriber) = (word(n), member == "00" || member == "E");
        let mut fields = BTreeMap::new();
        let year = if subscriber { 1961 } else { 2009 };
        fields.insert("name", ["Zqlast", "Zqfirst"].map(|part| format!("{part}{word}")).to_vec());
        fields.insert("ssn", vec![format!("899-{:02}-{:04}", 71 + n, 4621 + n)]);
        fields.insert("birth-date", vec![format!("{:02}/{:02}/{year}", n % 12 + 1, n % 28 + 1)]);
        if subscriber {
            fields.get_mut("name").unwrap().extend(["Zqmid", "Zqs"].map(|part| format!("{part}{word}")));
            fields.insert("subscriber-id", vec![family.to_owned()]);
            let address = ["Zqstreet", "Zqunit", "Zqcity"].map(|part| format!("{part}{word}"));
            fields.insert("address", [&address[..], &[format!("62799-8{n:03}")]].concat());
            fields.insert("phone", vec![format!("217-834-9{n:03}")]);
            fields.insert("email", vec![format!("zq.{word}@canary.example")]);
            fields.insert("hire-date", vec![format!("{:02}/{:02}/2003", n % 12 + 1, n % 28 + 1)]);
            fields.insert("SALARY", vec![format!("83{n:03}.46")]);
            fields.insert("NOTES", vec![format!("Zqnotes{word}")]);
            fields.insert("pcp", vec![format!("Zqdoctor{word}"), format!("Zqdocfirst{word}"), npi(n)]);
            fields.insert("cost", vec![format!("7{n:03}.29")]);
        }
        Person { family: family.to_owned(), member: member.to_owned(), relationship, fields }
    }

    fn is_subscriber(&self) -> bool {
        self.fields.contains_key("subscriber-id")
    }

    fn at(&self, field: &str, n: usize) -> &str {
        self.fields.get(field).and_then(|values| values.get(n)).map_or("", String::as_str)
    }

    /// The planted values, named by person and field.
    fn canaries(&self) -> Vec<(&'static str, Canary)> {
        let named = |(field, values): (&&'static str, &Vec<String>)| {
            let name = format!("{} {} {field}", self.family, self.member);
            let field = *field;
            let canary = move |text: &String| (field, Canary { name: name.clone(), text: text.clone() });
            values.iter().map(canary).collect::<Vec<_>>()
        };
        self.fields.iter().flat_map(named).collect()
    }

    /// The row of Example Manufacturing's census.
    fn row(&self) -> String {
        let at = |field, n| self.at(field, n);
        let only = |text: &'static str| if self.is_subscriber() { text } else { "" };
        let street = if self.is_subscriber() { format!("{} 1", at("address", 0)) } else { String::new() };
        [
            &self.family,
            &self.member,
            self.relationship,
            at("name", 0),
            at("name", 1),
            at("name", 2),
            at("name", 3),
            at("ssn", 0),
            at("birth-date", 0),
            "F",
            &street,
            at("address", 1),
            at("address", 2),
            only("IL"),
            at("address", 3),
            at("phone", 0),
            at("email", 0),
            only("M"),
            only("A"),
            at("hire-date", 0),
            "",
            "",
            at("SALARY", 0),
            at("NOTES", 0),
            "EXM",
        ]
        .join(",")
    }

    fn election(&self, plan: &str, tier: &str, covered: &str) -> String {
        let doctor = if plan.starts_with("MED") { (0..3).map(|n| self.at("pcp", n)).collect() } else { vec![""; 3] };
        let Person { family, .. } = self;
        format!("{family},{plan},{tier},01/01/2026,,{covered},{},Y,{},OE,N", doctor.join(","), self.at("cost", 0))
    }
}

/// A provider identifier with its check digit.
fn npi(n: usize) -> String {
    let body = format!("17{:07}", 4_444_000 + n);
    let digits: Vec<u32> = format!("80840{body}").bytes().rev().map(|digit| u32::from(digit - b'0')).collect();
    let doubled = |(at, digit): (usize, &u32)| if at % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { *digit };
    let sum: u32 = digits.iter().enumerate().map(doubled).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// Families of Example Manufacturing: who they are, and what they elect.
struct Planted {
    people: Vec<Person>,
    elections: Vec<String>,
}

/// One family on all lines, one on each line alone.
fn planted() -> Planted {
    let all = |n, kind| Person::new(n, "EXM-CNRY7741", kind);
    let mut people = vec![
        all(1, ("00", "EE")),
        all(2, ("01", "SP")),
        all(3, ("02", "CH")),
        Person::new(4, "EXM-CNRY7742", ("00", "EE")),
        Person::new(5, "EXM-CNRY7743", ("00", "EE")),
        Person::new(6, "EXM-CNRY7744", ("00", "EE")),
    ];
    // Who has no medical plan has no provider to tell of.
    people[4..].iter_mut().for_each(|person| drop(person.fields.remove("pcp")));
    let elections = vec![
        people[0].election("MED-HMO", "FAM", "01;02"),
        people[0].election("DENTAL", "FAM", "ALL"),
        people[0].election("VISION", "FAM", "01;02"),
        people[3].election("MED-HMO", "EE", ""),
        people[4].election("DENTAL", "EE", ""),
        people[5].election("VISION", "EE", ""),
    ];
    Planted { people, elections }
}

/// Who is covered at which carrier.
fn covered(carrier: &str, person: &Person) -> bool {
    let own = [("alpha-health", "EXM-CNRY7742"), ("beta-dental", "EXM-CNRY7743"), ("gamma-vision", "EXM-CNRY7744")];
    person.family == "EXM-CNRY7741" || own.contains(&(carrier, person.family.as_str()))
}

/// What each carrier's policy permits, of what is planted.
fn permitted(carrier: &str) -> &'static [&'static str] {
    match carrier {
        "alpha-health" => &["subscriber-id", "name", "ssn", "birth-date", "address", "phone", "pcp", "cost"],
        "beta-dental" => &["subscriber-id", "name", "ssn", "birth-date", "address"],
        _ => &["subscriber-id", "name", "birth-date", "address"],
    }
}

// ── the employer's files ──

const CENSUS: &str = "example-manufacturing/census.csv";
const ELECTIONS: &str = "example-manufacturing/elections.csv";

/// A file of the demonstration's second night with rows added.
fn with_rows(path: &str, rows: &[String]) -> String {
    let whole = World::text_of(2, path).replace("\r\n", "\n");
    whole + &rows.iter().map(|row| format!("{row}\n")).collect::<String>()
}

/// A row for each column with a value that cannot stand there; the values.
fn bad_rows(good: &str, skip: &[usize]) -> (Vec<String>, Vec<Canary>) {
    let cells: Vec<&str> = good.split(',').collect();
    let (mut rows, mut canaries) = (Vec::new(), Vec::new());
    for column in (0..cells.len()).filter(|column| !skip.contains(column)) {
        let text = format!("Zqbad{}{column}", word(100 + column));
        let mut row = cells.clone();
        let (family, bad) = (format!("EXM-91{column:02}"), format!("{text}\u{202e}x"));
        // Its own family, without the number that is somebody else's.
        row[0] = &family;
        if cells.len() > 20 {
            row[7] = "";
        }
        row[column] = &bad;
        rows.push(row.join(","));
        canaries.push(Canary { name: format!("bad cell of column {column}"), text });
    }
    (rows, canaries)
}

// ── the nights ──

/// Everything that happens, and what must not be found anywhere afterwards.
struct Nights {
    world: World,
    people: Vec<Person>,
    canaries: Vec<Canary>,
}

impl Nights {
    fn new() -> Nights {
        let world = World::new();
        let Planted { people, elections } = planted();
        let canaries = people.iter().flat_map(Person::canaries).map(|(_, canary)| canary).collect();
        for kind in ["census", "elections"] {
            let path = format!("mappings/{kind}/example-manufacturing.toml");
            let text = fs::read_to_string(world.site().join(&path)).unwrap();
            fs::write(world.site().join(path), text + "\n[limits]\nbad_rows_max = 60\nmoved_percent_max = 100\n")
                .unwrap();
        }
        let rows: Vec<String> = people.iter().map(Person::row).collect();
        world.employers_send(2);
        world.arrives(CENSUS, with_rows(CENSUS, &rows));
        world.arrives(ELECTIONS, with_rows(ELECTIONS, &elections));
        Nights { world, people, canaries }
    }

    /// Everybody is new, and the process dies in the middle of it.
    fn the_first(&mut self) {
        self.world.bex(&["check"]).exits(0);
        assert!(self.world.bex(&["run", "--abort-at", "20"]).aborted());
        self.scan_the_site_as_it_is("after a crash");
        assert!(self.world.bex(&["run", "--abort-at", "90"]).aborted());
        self.scan_the_site_as_it_is("after another");
        self.world.bex(&["run", "-vv"]).exits(0);
        self.world.fetch_acks().exits(0);
        self.look_around();
        self.world.next_night();
    }

    /// Values change; a row for each column is bad; a guard holds the run; the carrier rejects it and repeats a value.
    fn the_second(&mut self) {
        let world = &self.world;
        let mut people = self.people.clone();
        for (person, part) in people.iter_mut().zip(200..) {
            // A name is corrected, and everybody moves.
            let name = person.fields.get_mut("name").unwrap();
            name[0] = format!("Zqnewname{}", word(part));
            if person.is_subscriber() {
                person.fields.get_mut("address").unwrap()[0] = format!("Zqnewstreet{}", word(part));
            }
        }
        let (bad_people, bad_cells) = bad_rows(&Person::new(40, "EXM-9100", ("00", "EE")).row(), &[0, 22, 23, 24]);
        let (bad_elections, more) = bad_rows(&people[3].election("MED-HMO", "EE", ""), &[0]);
        let rows: Vec<String> = people.iter().map(Person::row).chain(bad_people).collect();
        world.arrives("example-manufacturing/census-zqfilename.csv", with_rows(CENSUS, &rows));
        world.arrives(ELECTIONS, with_rows(ELECTIONS, &[planted().elections, bad_elections].concat()));
        for schedule in names(&world.site().join("schedules")).iter().filter(|name| name.ends_with(".toml")) {
            let path = world.site().join("schedules").join(schedule);
            let few = if schedule == "example-manufacturing-alpha-health.toml" { 0 } else { 1000 };
            let guards = format!("\n[guards]\nfew_max = {few}\nchanges_percent_max = 0\nheld_percent_max = 100\n");
            fs::write(&path, fs::read_to_string(&path).unwrap() + &guards).unwrap();
        }
        let said = world.bex(&["run", "-vv", "--json"]).exits(4);
        assert_faults_with_places(&said.json());
        self.canaries.extend(people.iter().flat_map(Person::canaries).map(|(_, canary)| canary));
        self.canaries.extend(bad_cells.into_iter().chain(more));
        self.canaries.push(Canary { name: "a file's name".to_owned(), text: "zqfilename".to_owned() });
        self.people.extend(people);
        self.look_around();
        let alpha = self.world.carrier("alpha-health");
        alpha.office(Office::Silent);
        self.world.bex(&["release", "7", "--reason", "everybody moved"]).exits(0);
        let echoing = rejecting_999(&alpha.the_file("example-manufacturing-alpha-health_000000003"), 7);
        let ik4 = segments(&echoing).into_iter().find(|segment| segment[0] == "IK4").unwrap();
        alpha.answer("echo.999", &echoing.replace(&ik4[4], self.people[0].at("ssn", 0)));
        alpha.answer("notes.txt", &format!("your member {} is unknown", self.people[0].at("name", 0)));
        self.world.fetch_acks().exits(1).says("1 rejected");
        self.look_around();
        alpha.office(Office::Answers);
        self.world.next_night();
    }

    /// Files that are refused, a delivery that fails, one whose fate is unknown.
    fn the_third(&mut self) {
        let rows: Vec<String> = self.people.iter().skip(6).map(Person::row).collect();
        let census = with_rows(CENSUS, &rows);
        self.world.arrives(CENSUS, census.replacen("Birth Date", "Zqheader", 1));
        self.canaries.push(Canary { name: "a header".to_owned(), text: "Zqheader".to_owned() });
        self.world.bex(&["run", "-vv"]).exits(3);
        self.world.arrives(CENSUS, &census[..census.len() - 40]);
        self.world.bex(&["run", "--json"]).exits(3);
        self.world.arrives(CENSUS, census.replace(",EXM\n", ",ZQFOREIGN\n"));
        self.canaries.push(Canary { name: "a mark".to_owned(), text: "ZQFOREIGN".to_owned() });
        self.world.bex(&["run"]).exits(3);
        self.world.arrives(CENSUS, census.into_bytes().into_iter().chain([0xFF, b'\n']).collect::<Vec<u8>>());
        self.world.bex(&["run"]).exits(3);
        self.world.arrives(CENSUS, with_rows(CENSUS, &rows));
        self.world.carrier("gamma-vision").misbehave(Misbehaviour::RefuseLogin);
        self.world.carrier("alpha-health").misbehave(Misbehaviour::VanishAfterRename);
        self.world.carrier("alpha-health").misbehave(Misbehaviour::DropAfterRename);
        let said = self.world.bex(&["run", "-vv"]);
        assert!(matches!(said.status, Some(4 | 5)), "{said:?}");
        self.look_around();
    }

    /// What is said of each family in a run's file; of those of a run that is held there is no file to explain.
    fn member_by_member(&self, run: &str) {
        let listed = self.world.bex(&["show", run, "--families", "--json"]);
        let Some(families) = listed.json()["families"].as_array().cloned() else { return };
        for family in &families {
            let Some(member) = family["member"].as_str() else { continue };
            let is_in_file = family["first"].is_u64();
            self.world.bex(&["explain", run, "--member", member]).exits(i32::from(!is_in_file));
            let traced = self.world.bex(&["trace", "--member", member]);
            assert!(traced.status == Some(0) || !is_in_file, "{traced:?}");
        }
    }

    /// Every command that shows something, in words and as JSON.
    fn look_around(&self) {
        for run in self.world.board() {
            let run = run["run"].to_string();
            self.world.bex(&["show", &run]).exits(0);
            self.world.bex(&["show", &run, "--json"]).exits(0);
            self.world.bex(&["show", &run, "--questions", "--faults"]).exits(0);
            self.member_by_member(&run);
        }
        for feed in crate::harness::demo_site::FEEDS {
            for format in [&["plan", feed][..], &["plan", feed, "--json"]] {
                let said = self.world.bex(format);
                assert!(matches!(said.status, Some(0 | 4)), "{said:?}");
            }
        }
        self.world.bex(&["runs"]).exits(0);
        self.world.bex(&["check", "--json"]).exits(0);
    }

    /// Every file below the site but those the employers have sent and bex has not taken yet, and the claims of a
    /// process that was killed with one in its hands.
    fn scan_the_site_as_it_is(&self, when: &str) {
        let scanner = Scanner::new(&self.canaries);
        for path in self.world.files() {
            if !path.starts_with("inbox") && !path.starts_with("state/claims") {
                let leaks = scanner.find(&fs::read(self.world.site().join(&path)).unwrap());
                assert_eq!(leaks, [], "{when}: {}", path.display());
            }
        }
    }

    fn leaks(&self) -> Vec<(String, Leak)> {
        let scanner = Scanner::new(&self.canaries);
        let mut leaks = Vec::new();
        for path in self.world.files() {
            let bytes = fs::read(self.world.site().join(&path)).unwrap();
            leaks.extend(scanner.find(&bytes).into_iter().map(|leak| (path.display().to_string(), leak)));
        }
        let heard = self.world.heard.lock().unwrap();
        leaks.extend(scanner.find(heard.as_bytes()).into_iter().map(|leak| ("what was printed".to_owned(), leak)));
        leaks
    }
}

/// Each bad row is a fault with its line and the word of its column.
fn assert_faults_with_places(said: &serde_json::Value) {
    for (kind, least) in [("census", 15), ("elections", 8)] {
        let taken = said["taken_in"].as_array().unwrap().iter();
        let source = format!("{kind}/example-manufacturing");
        let taken = taken.rev().find(|taken| taken["source"] == source).unwrap();
        let faults = taken["faults"].as_array().unwrap();
        let placed = faults.iter().filter(|fault| fault["place"].as_str().unwrap().contains(" line "));
        assert!(placed.count() >= least, "{taken:#}");
    }
}

#[test]
fn no_byte_of_the_site_and_no_word_of_any_command_holds_a_planted_value() {
    let mut nights = Nights::new();
    nights.the_first();
    nights.the_second();
    nights.the_third();
    assert_eq!(nights.leaks(), []);
    only_what_the_policies_permit(&nights);
    the_archive_has_it_all_sealed(&nights);
    // The search itself works: what is planted on purpose is found, wherever it stands.
    let salary = nights.people[0].at("SALARY", 0).to_owned();
    fs::write(nights.world.site().join("state/spool/left-behind"), format!("x{salary}x")).unwrap();
    nights.world.heard.lock().unwrap().push_str(&nights.people[1].at("ssn", 0).replace('-', ""));
    let found: Vec<String> = nights.leaks().into_iter().map(|(place, _)| place).collect();
    assert_eq!(found, ["state/spool/left-behind", "what was printed"]);
}

/// What each carrier was told of each planted person.
fn only_what_the_policies_permit(nights: &Nights) {
    for name in CARRIERS {
        let texts: String = nights.world.carrier(name).received().into_values().collect();
        for person in &nights.people {
            for (field, canary) in person.canaries() {
                let told = !Scanner::new(std::slice::from_ref(&canary)).find(texts.as_bytes()).is_empty();
                let may = covered(name, person) && permitted(name).contains(&field);
                assert!(may || !told, "{name} was told {canary:?}");
                assert!(told || !may, "{name} was never told {canary:?}, so this proves nothing");
            }
        }
        only_its_own_lines(name, &nights.world);
    }
}

fn only_its_own_lines(name: &str, world: &World) {
    let lines: &[&str] = match name {
        "alpha-health" => &["HMO", "PPO"],
        "beta-dental" => &["DEN"],
        _ => &["VIS"],
    };
    for (file, text) in world.carrier(name).received() {
        for prefix in
            ["AH-", "BD-", "GV-"].iter().filter(|prefix| !prefix.starts_with(name[..1].to_uppercase().as_str()))
        {
            assert!(!text.contains(prefix), "{file} holds another carrier's {prefix}");
        }
        for segment in segments(&text) {
            match segment[0].as_str() {
                "HD" => assert!(lines.contains(&segment[3].as_str()), "{file}: {segment:?}"),
                // Nothing behind the sex: marital status, race and citizenship are of no policy here.
                "DMG" => assert!(segment.len() <= 4, "{file}: {segment:?}"),
                "REF" if segment[1] == "0F" => {
                    assert_eq!(segment[2].starts_with("EXM"), file.starts_with("example"), "{file}: {segment:?}");
                }
                _ => {}
            }
        }
    }
}

/// What was taken in is kept whole, sealed: with the key, and only with it, every value is there.
fn the_archive_has_it_all_sealed(nights: &Nights) {
    let site = nights.world.site();
    let identity = Identity::read(&KeyReference::File(site.join("keys/archive.age"))).unwrap();
    let files = nights.world.files();
    let archived = files.iter().filter(|path| path.starts_with("state/archive"));
    let texts: Vec<String> = archived.map(|path| unsealed(&site, &identity, path)).collect();
    for canary in &nights.canaries {
        let kept = texts.iter().any(|text| text.contains(&canary.text)) || canary.name == "a file's name";
        assert!(kept, "{canary:?} is in no archived file");
    }
}

/// A file of the archive, by its own key, which opens with the site's identity.
fn unsealed(site: &Path, identity: &Identity, path: &Path) -> String {
    let random = path.file_name().unwrap().to_str().unwrap().rsplit('-').next().unwrap();
    let key = whole(identity, &site.join(format!("state/file-keys/{random}.key")));
    whole(&Identity::of(&Secret::new(key.into_bytes())).unwrap(), &site.join(path))
}

/// A sealed file's text; bytes that are no text are left out.
fn whole(identity: &Identity, path: &Path) -> String {
    let mut bytes = Vec::new();
    decrypt(identity, fs::File::open(path).unwrap()).unwrap().read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}
