//! A synthetic employer: as many members as asked for, the same for the same seed, in the layout of the
//! demonstration's Example Manufacturing. Nobody in it exists.

use std::io::{self, Write};

/// How many, which, and which night.
#[derive(Clone, Copy, Debug)]
pub struct Workforce {
    /// Members to make, subscribers and dependents together (the last family may go over by three).
    pub members: u32,
    /// The same seed makes the same people.
    pub seed: u64,
    /// 1 is the first; on the second about one family in a hundred changes; later nights are like the second.
    pub night: u32,
}

/// What happens to a family on the second night.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HouseholdEvent {
    None,
    Moves,
    Birth,
    Leaves,
    ChangesPlan,
    /// Hired: not there on the first night.
    Hired,
}

struct Household {
    index: u64,
    random: u64,
    event: HouseholdEvent,
}

/// Numbers out of a number: splitmix64, which is enough to make people up.
fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

const BEGINNINGS: [&str; 16] =
    ["Al", "Bre", "Cor", "Da", "El", "Fen", "Gar", "Hal", "Is", "Jor", "Kel", "Lin", "Mar", "Nor", "Or", "Per"];
const ENDINGS: [&str; 16] =
    ["an", "bert", "cia", "dan", "eth", "fina", "gor", "his", "ia", "jan", "ka", "len", "mus", "nor", "os", "ra"];
const CLINICS: [(&str, &str, &str); 3] = [
    ("Exampledoc", "Avela", "1999999000"),
    ("Exampledoc", "Brisk", "1999999018"),
    ("Sampledoc", "Corin", "1999999034"),
];

impl Workforce {
    fn household(&self, index: u64) -> Household {
        let random = mixed(self.seed.wrapping_mul(0x1_0000_0001).wrapping_add(index));
        let event = match random % 1000 {
            0..=3 => HouseholdEvent::Moves,
            4..=5 => HouseholdEvent::Birth,
            6 => HouseholdEvent::Leaves,
            7..=8 => HouseholdEvent::ChangesPlan,
            9 => HouseholdEvent::Hired,
            _ => HouseholdEvent::None,
        };
        Household {
            index,
            random: mixed(random),
            event: if self.night < 2 && event != HouseholdEvent::Hired { HouseholdEvent::None } else { event },
        }
    }

    /// The families there are tonight.
    fn households(&self) -> impl Iterator<Item = Household> {
        let (night, mut left) = (self.night, i64::from(self.members));
        (0..)
            .map(|index| self.household(index))
            .take_while(move |household| {
                let begun = left > 0;
                left -= 1 + i64::from(household.dependents_at_first());
                begun
            })
            .filter(move |household| night > 1 || household.event != HouseholdEvent::Hired)
    }

    /// Writes the census rows, without a header.
    ///
    /// # Errors
    /// The sink's.
    pub fn write_census(&self, out: &mut dyn Write) -> io::Result<()> {
        self.households().try_for_each(|household| household.write_census(out))
    }

    /// Writes the election rows, without a header.
    ///
    /// # Errors
    /// The sink's.
    pub fn write_elections(&self, out: &mut dyn Write) -> io::Result<()> {
        self.households().try_for_each(|household| household.write_elections(out))
    }
}

impl Household {
    fn pick(&self, salt: u64, of: u64) -> u64 {
        mixed(self.random ^ salt.wrapping_mul(0xa076_1d64_78bd_642f)) % of
    }

    fn has_spouse(&self) -> bool {
        self.pick(1, 100) < 55
    }

    fn children_at_first(&self) -> u32 {
        [0, 0, 1, 1, 2, 2, 3][self.pick(2, 7) as usize]
    }

    fn dependents_at_first(&self) -> u32 {
        u32::from(self.has_spouse()) + self.children_at_first()
    }

    fn children(&self) -> u32 {
        self.children_at_first() + u32::from(self.event == HouseholdEvent::Birth)
    }

    fn id(&self) -> String {
        format!("EXM-G{:07}", self.index)
    }

    fn last_name(&self) -> String {
        let tail = ENDINGS[self.pick(3, 16) as usize];
        format!("Synthetic{}{tail}", BEGINNINGS[self.pick(4, 16) as usize].to_lowercase())
    }

    fn first_name(&self, person: u64) -> String {
        format!("{}{}", BEGINNINGS[self.pick(10 + person, 16) as usize], ENDINGS[self.pick(30 + person, 16) as usize])
    }

    /// Unique, of a plausible shape, and not a real person's: nothing of this is sent anywhere.
    fn ssn(&self, person: u64) -> String {
        let n = self.index * 8 + person;
        let (serial, group, area) = (1 + n % 9999, 1 + n / 9999 % 99, 700 + n / 9999 / 99 % 200);
        format!("{area:03}-{group:02}-{serial:04}")
    }

    fn birth(&self, person: u64, first_year: u64, years: u64) -> String {
        let salt = 50 + person * 3;
        let (month, day) = (1 + self.pick(salt, 12), 1 + self.pick(salt + 1, 28));
        format!("{month:02}/{day:02}/{}", first_year + self.pick(salt + 2, years))
    }

    fn write_census(&self, out: &mut dyn Write) -> io::Result<()> {
        let (id, last) = (self.id(), self.last_name());
        let street = if self.event == HouseholdEvent::Moves { "Moved Street" } else { "Synthetic Road" };
        let status =
            if self.event == HouseholdEvent::Leaves { "T,05/04/2020,03/02/2026,Quit" } else { "A,05/04/2020,," };
        writeln!(
            out,
            "{id},00,EE,{last},{},,,{},{},{},{} {street},,Springfield,IL,62701,217-555-01{:02},{id}@example.com,S,{status},{},NOTE-{id},EXM",
            self.first_name(0),
            self.ssn(0),
            self.birth(0, 1962, 28),
            ["F", "M"][self.pick(5, 2) as usize],
            100 + self.pick(6, 9000),
            self.pick(7, 100),
            40_000 + self.pick(8, 60_000),
        )?;
        if self.has_spouse() {
            let (first, ssn, birth) = (self.first_name(1), self.ssn(1), self.birth(1, 1962, 40));
            writeln!(out, "{id},01,SP,{last},{first},,,{ssn},{birth},F,,,,,,,,,,,,,,,EXM")?;
        }
        (0..self.children()).try_for_each(|child| self.write_child(out, child))
    }

    fn write_child(&self, out: &mut dyn Write, child: u32) -> io::Result<()> {
        let (id, last, person) = (self.id(), self.last_name(), u64::from(child) + 2);
        let newborn = child >= self.children_at_first();
        let (ssn, birth) = if newborn {
            (String::new(), "02/20/2026".to_string())
        } else {
            (self.ssn(person), self.birth(person, 2008, 17))
        };
        let first = self.first_name(person);
        writeln!(out, "{id},{:02},CH,{last},{first},,,{ssn},{birth},M,,,,,,,,,,,,,,,EXM", child + 2)
    }

    fn write_elections(&self, out: &mut dyn Write) -> io::Result<()> {
        let end = if self.event == HouseholdEvent::Leaves { "03/31/2026" } else { "" };
        let (start, event) = match self.event {
            HouseholdEvent::Birth => ("02/20/2026", "Birth"),
            HouseholdEvent::Hired => ("03/02/2026", "New Hire"),
            _ => ("01/01/2026", "OE"),
        };
        let medical = if self.takes_hmo() { "MED-HMO" } else { "MED-PPO" };
        let election = Choice { plan: medical, start, end, event };
        self.write_medical(out, &election)?;
        for (plan, salt, share) in [("DENTAL", 21, 80), ("VISION", 22, 60)] {
            if self.pick(salt, 100) < share {
                self.write_election(out, &Choice { plan, ..election })?;
            }
        }
        Ok(())
    }

    fn takes_hmo(&self) -> bool {
        self.pick(20, 100) < 40
    }

    fn write_medical(&self, out: &mut dyn Write, chosen: &Choice) -> io::Result<()> {
        if self.event != HouseholdEvent::ChangesPlan {
            return self.write_election(out, chosen);
        }
        let other = if self.takes_hmo() { "MED-PPO" } else { "MED-HMO" };
        self.write_election(out, &Choice { end: "03/31/2026", ..*chosen })?;
        self.write_election(out, &Choice { plan: other, start: "04/01/2026", end: "", event: "Choice" })
    }

    fn write_election(&self, out: &mut dyn Write, chosen: &Choice) -> io::Result<()> {
        let (id, Choice { plan, start, end, event }) = (self.id(), *chosen);
        let tier = match (self.has_spouse(), self.children()) {
            (false, 0) => "EE",
            (true, 0) => "ESP",
            (false, _) => "ECH",
            (true, _) => "FAM",
        };
        let spouse = self.has_spouse().then(|| "01".to_string());
        let children = (0..self.children()).map(|child| format!("{:02}", child + 2));
        let covered: Vec<String> = spouse.into_iter().chain(children).collect();
        let (last, first, npi) = if plan == "MED-HMO" { CLINICS[self.pick(23, 3) as usize] } else { ("", "", "") };
        let (known, cost) = (if npi.is_empty() { "" } else { "Y" }, 20 + self.pick(24, 600));
        let covered = covered.join(";");
        writeln!(out, "{id},{plan},{tier},{start},{end},{covered},{last},{first},{npi},{known},{cost}.50,{event},N")
    }
}

/// What somebody chose, as the elections file says it.
#[derive(Clone, Copy)]
struct Choice<'c> {
    plan: &'c str,
    start: &'c str,
    end: &'c str,
    event: &'c str,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn census(night: u32) -> String {
        let mut text = Vec::new();
        Workforce { members: 2000, seed: 7, night }.write_census(&mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn the_same_seed_makes_the_same_people_and_the_second_night_changes_a_few() {
        assert_eq!(census(1), census(1));
        assert_eq!(census(2), census(3));
        let (first, second) = (census(1), census(2));
        let first: std::collections::HashSet<&str> = first.lines().collect();
        let changed = second.lines().filter(|line| !first.contains(line)).count();
        assert!((1..60).contains(&changed), "{changed}");
    }

    #[test]
    fn about_as_many_members_are_made_as_were_asked_for() {
        assert!((1950..2010).contains(&census(2).lines().count()));
    }
}
