//! Looks for planted values in bytes, in every form in which a careless program leaves them.

/// A planted value: what it is called in reports, and its text as the employer writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canary {
    /// Which value of whom.
    pub name: String,
    /// The value.
    pub text: String,
}

/// Where a value was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// Which value.
    pub canary: String,
    /// In which form.
    pub form: &'static str,
    /// At which byte.
    pub at: usize,
}

/// Every form of every value, found in one pass: patterns by their first two bytes.
pub struct Scanner {
    patterns: Vec<(String, &'static str, Vec<u8>)>,
    by_start: Vec<Vec<u32>>,
}

/// Shorter patterns turn up in random bytes.
const BYTES_MIN: usize = 6;

impl Scanner {
    /// A scanner for these values.
    pub fn new(canaries: &[Canary]) -> Scanner {
        let mut scanner = Scanner { patterns: Vec::new(), by_start: vec![Vec::new(); 1 << 16] };
        for canary in canaries {
            assert!(canary.text.len() >= BYTES_MIN, "{canary:?} is too short to be looked for");
            for (form, pattern) in forms(&canary.text) {
                scanner.add(canary, form, pattern);
            }
        }
        scanner
    }

    /// A scanner for these texts, which have no names.
    pub fn of_texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Scanner {
        let canary = |(n, text): (usize, &str)| Canary { name: format!("value {n}"), text: text.to_string() };
        Scanner::new(&texts.into_iter().enumerate().map(canary).collect::<Vec<_>>())
    }

    fn add(&mut self, canary: &Canary, form: &'static str, pattern: Vec<u8>) {
        if pattern.len() < BYTES_MIN {
            return;
        }
        let known = |at: &u32| self.patterns[*at as usize].2 == pattern && self.patterns[*at as usize].0 == canary.name;
        let start = usize::from(u16::from_be_bytes([pattern[0], pattern[1]]));
        if !self.by_start[start].iter().any(known) {
            self.by_start[start].push(u32::try_from(self.patterns.len()).unwrap());
            self.patterns.push((canary.name.clone(), form, pattern));
        }
    }

    /// Every planted value in the bytes.
    pub fn find(&self, bytes: &[u8]) -> Vec<Leak> {
        let mut leaks = Vec::new();
        for (at, pair) in bytes.windows(2).enumerate() {
            for index in &self.by_start[usize::from(u16::from_be_bytes([pair[0], pair[1]]))] {
                let (canary, form, pattern) = &self.patterns[*index as usize];
                if bytes[at..].starts_with(pattern) {
                    leaks.push(Leak { canary: canary.clone(), form, at });
                }
            }
        }
        leaks
    }
}

fn forms(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let mut spellings = vec![("as written", text.to_owned())];
    spellings.push(("in capitals", text.to_uppercase()));
    spellings.push(("in small letters", text.to_lowercase()));
    spellings.extend(digits(text));
    spellings.extend(dates(text));
    let mut forms = Vec::new();
    for (name, spelling) in &spellings {
        forms.push((*name, spelling.clone().into_bytes()));
        forms.push(("reversed", spelling.chars().rev().collect::<String>().into_bytes()));
        forms.push(("UTF-16LE", spelling.encode_utf16().flat_map(u16::to_le_bytes).collect()));
        forms.push(("hex", bex::model::ids::hex(spelling.as_bytes()).into_bytes()));
        forms.push(("HEX", bex::model::ids::hex(spelling.as_bytes()).to_uppercase().into_bytes()));
        forms.extend((0..3).map(|shift| ("base64", base64_inside(spelling.as_bytes(), shift))));
    }
    forms
}

/// The digits alone, and as a Social Security number is written.
fn digits(text: &str) -> Vec<(&'static str, String)> {
    let only: String = text.chars().filter(char::is_ascii_digit).collect();
    let numeric = text.chars().all(|c| c.is_ascii_digit() || "-./ ()".contains(c));
    if !numeric || only.len() < 8 {
        return Vec::new();
    }
    let mut forms = vec![("digits only", only.clone())];
    if only.len() == 9 {
        forms.push(("dashed", format!("{}-{}-{}", &only[..3], &only[3..5], &only[5..])));
    }
    forms
}

/// A date in the forms in which dates are written.
fn dates(text: &str) -> Vec<(&'static str, String)> {
    let date = ["%m/%d/%Y", "%Y%m%d"].iter().find_map(|form| chrono::NaiveDate::parse_from_str(text, form).ok());
    let written = |form| date.map(|date| ("a date", date.format(form).to_string()));
    ["%Y%m%d", "%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y"].into_iter().filter_map(written).collect()
}

/// The part of the base64 text that is the same whatever stands around the bytes, when they begin `shift` bytes after
/// a multiple of three.
fn base64_inside(bytes: &[u8], shift: usize) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let padded: Vec<u8> = std::iter::repeat_n(0, shift).chain(bytes.iter().copied()).collect();
    let mut text = Vec::new();
    for group in padded.chunks_exact(3) {
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        text.extend([18, 12, 6, 0].map(|at| ALPHABET[(bits >> at & 63) as usize]));
    }
    // The first group holds bytes that are not ours.
    if shift > 0 && text.len() >= 4 { text.split_off(4) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, bytes: &[u8]) -> Vec<&'static str> {
        let canary = Canary { name: "it".to_owned(), text: text.to_owned() };
        Scanner::new(&[canary]).find(bytes).into_iter().map(|leak| leak.form).collect()
    }

    #[test]
    fn a_planted_value_is_found_in_every_form() {
        let name = "Zqlastkovu";
        let utf16: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let planted: [(&str, &[u8]); 8] = [
            ("as written", b"...Zqlastkovu..."),
            ("in capitals", b"...ZQLASTKOVU..."),
            ("in small letters", b"...zqlastkovu..."),
            ("reversed", b"...uvoktsalqZ..."),
            ("UTF-16LE", &utf16),
            ("hex", b"..5a716c6173746b6f7675.."),
            ("HEX", b"..5A716C6173746B6F7675.."),
            ("base64", b"WnFsYXN0a292dQ=="),
        ];
        for (form, bytes) in planted {
            assert_eq!(found(name, bytes), [form]);
        }
        // What `printf 'x%s' Zqlastkovu | base64` and `printf 'xy%s' …` print.
        assert_eq!(found(name, b"eFpxbGFzdGtvdnU="), ["base64"]);
        assert_eq!(found(name, b"eHlacWxhc3Rrb3Z1"), ["base64"]);
        assert_eq!(found(name, b"nothing of it"), [""; 0]);
    }

    #[test]
    fn numbers_and_dates_are_found_however_they_are_written() {
        assert_eq!(found("899-71-4621", b"899714621"), ["digits only"]);
        assert_eq!(found("899714621", b"899-71-4621"), ["dashed"]);
        for date in ["19610317", "1961-03-17", "03/17/1961"] {
            assert!(!found("03/17/1961", date.as_bytes()).is_empty(), "{date}");
        }
    }
}
