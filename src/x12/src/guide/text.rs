//! Reads the text form of guides, described at the head of each file in `built_in/`.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::codes::{Code, CodeSet};
use super::spec::{ElementSpec, External, Guide, Kind, LoopSpec, SegmentSpec, SyntaxNote, Usage};
use crate::error::{Error, ErrorKind};
use crate::position::Position;

impl Guide {
    /// Reads a guide of your own, so that any set can be judged: its structure, elements, codes and syntax notes.
    ///
    /// A line that begins without blanks names the guide, its set and its group, a loop, or a segment with its loop,
    /// usage, repeat, position in the standard's table and name; two blanks begin an element with its usage, type,
    /// length, data element and name; four begin its codes. `-` is the set itself, `>1` stands for no limit. Segments
    /// stand in the order of the guide, the set's ST first and its SE last.
    ///
    /// What the text says is kept for the life of the program, once, however often it is read.
    ///
    /// ```
    /// let guide = x12::guide::Guide::parse(
    ///     "guide 005010X218\n\
    ///      set 820\n\
    ///      group RA\n\
    ///      segment ST in - R 1 0100 Transaction Set Header\n\
    ///      \u{20}\u{20}01 R ID 3/3 143 Transaction Set Identifier Code\n\
    ///      \u{20}\u{20}\u{20}\u{20}820=Payment Order\n\
    ///      \u{20}\u{20}02 R AN 4/9 329 Transaction Set Control Number\n\
    ///      \u{20}\u{20}03 R AN 1/35 1705 Implementation Convention Reference\n\
    ///      segment SE in - R 1 9900 Transaction Set Trailer\n\
    ///      \u{20}\u{20}01 R N0 1/10 96 Number of Included Segments\n\
    ///      \u{20}\u{20}02 R AN 4/9 329 Transaction Set Control Number\n",
    /// )?;
    /// assert_eq!((guide.set, guide.segments.len()), ("820", 2));
    /// # Ok::<(), x12::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Guide`] with the line that cannot be read; line 0 where what is missing or too much stands on none.
    pub fn parse(text: &str) -> Result<Guide, Error> {
        let unreadable = |line| Error::new(ErrorKind::Guide { line }, Position::default());
        if text.len() > TEXT_MAX {
            return Err(unreadable(0));
        }
        parse(kept(text)).map_err(unreadable).and_then(|guide| {
            let whole = !guide.version.is_empty() && !guide.set.is_empty() && !guide.segments.is_empty();
            let framed = guide.segments.first().is_some_and(|first| first.tag == "ST" && first.elements.len() >= 3)
                && guide.segments.last().is_some_and(|last| last.tag == "SE");
            if whole && framed { Ok(guide) } else { Err(unreadable(0)) }
        })
    }
}

/// Bytes of a guide's text at most.
const TEXT_MAX: usize = 1 << 20;

/// The same text for the life of the program: positions and reports name loops and elements without copying them.
fn kept(text: &str) -> &'static str {
    static KEPT: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = kept.get(text) {
        return known;
    }
    let text: &'static str = String::from(text).leak();
    kept.insert(text);
    text
}

/// Reads a guide. On failure the number of the line that cannot be read, from 1; 0 for the guide as a whole.
pub(super) fn parse(text: &'static str) -> Result<Guide, usize> {
    let mut guide = Guide::default();
    guide.loops.push(LoopSpec {
        id: "",
        name: "",
        usage: Usage::Required,
        max: Some(1),
        parent: 0,
        children: Vec::new(),
    });
    let mut codes: Vec<Code> = Vec::new();
    for (before, line) in text.lines().enumerate() {
        let words = line.trim();
        if words.is_empty() || words.starts_with('#') {
            continue;
        }
        let read = if line.starts_with("    ") {
            read_codes(words, &mut codes)
        } else {
            keep_codes(&mut guide, &mut codes);
            if line.starts_with("  ") { read_element(&mut guide, words) } else { read_head(&mut guide, words) }
        };
        read.ok_or(before + 1)?;
    }
    keep_codes(&mut guide, &mut codes);
    finish(guide).ok_or(0)
}

fn finish(mut guide: Guide) -> Option<Guide> {
    for segment in &mut guide.segments {
        segment.elements.sort_by_key(|element| element.number);
        let whole = segment.elements.iter().zip(1..).all(|(element, n)| element.number == n);
        if !whole || segment.elements.len() > 60 {
            return None;
        }
        segment.elements.first()?;
    }
    guide.derive();
    Some(guide)
}

fn read_head(guide: &mut Guide, words: &'static str) -> Option<()> {
    let (keyword, rest) = words.split_once(' ')?;
    match keyword {
        "guide" => guide.version = rest,
        "set" => guide.set = rest,
        "group" => guide.group = rest,
        "loop" => {
            let [id, "in", parent, usage, max, name] = fields(rest)? else { return None };
            let parent = loop_index(guide, parent)?;
            let (usage, max) = (read_usage(usage)?, read_max(max)?);
            guide.loops.push(LoopSpec { id, name, usage, max, parent, children: Vec::new() });
        }
        "segment" => return read_segment(guide, rest),
        _ => return None,
    }
    Some(())
}

fn read_segment(guide: &mut Guide, rest: &'static str) -> Option<()> {
    let [tag, "in", within, usage, max, rest] = fields(rest)? else { return None };
    let (position, name) = rest.split_once(' ')?;
    guide.segments.push(SegmentSpec {
        tag: tag.to_owned(),
        name,
        in_loop: loop_index(guide, within)?,
        usage: read_usage(usage)?,
        max: read_max(max)?,
        position: position.parse().ok()?,
        elements: Vec::new(),
        notes: Vec::new(),
        required: 0,
        not_used: 0,
        qualifiers: None,
        deviation: 0,
    });
    Some(())
}

fn read_element(guide: &mut Guide, words: &'static str) -> Option<()> {
    let segment = guide.segments.last_mut()?;
    let (reference, rest) = words.split_once(' ')?;
    if reference == "note" {
        segment.notes = rest.split(' ').map(read_note).collect::<Option<_>>()?;
        return Some(());
    }
    if reference == "not-used" {
        return rest.split(' ').try_for_each(|reference| add(segment, reference, unused()));
    }
    let (usage, rest) = rest.split_once(' ')?;
    let (kind, rest) = rest.split_once(' ')?;
    let (length, rest) = rest.split_once(' ')?;
    let (data_element, rest) = rest.split_once(' ')?;
    let (repeat, external, name) = read_options(rest)?;
    let kind = read_kind(kind, data_element)?;
    let (min, max) = if kind == Kind::Composite { (0, 0) } else { read_length(length)? };
    let usage = read_usage(usage)?;
    add(segment, reference, ElementSpec { usage, kind, min, max, data_element, name, external, repeat, ..unused() })
}

/// Adds an element `05`, or a component `05-01` of the composite added before it.
fn add(segment: &mut SegmentSpec, reference: &str, spec: ElementSpec) -> Option<()> {
    match reference.split_once('-') {
        None => segment.elements.push(ElementSpec { number: reference.parse().ok()?, ..spec }),
        Some((element, component)) => {
            let number: u16 = element.parse().ok()?;
            let composite = segment.elements.iter_mut().find(|composite| composite.number == number)?;
            composite.components.push(ElementSpec { number: component.parse().ok()?, ..spec });
            composite.components.sort_by_key(|component| component.number);
        }
    }
    Some(())
}

fn unused() -> ElementSpec {
    ElementSpec {
        number: 0,
        usage: Usage::NotUsed,
        kind: Kind::Text,
        min: 0,
        max: u16::MAX,
        data_element: "",
        name: "",
        codes: CodeSet::default(),
        external: None,
        repeat: 1,
        components: Vec::new(),
        deviation: 0,
    }
}

fn read_options(mut rest: &'static str) -> Option<(u16, Option<External>, &'static str)> {
    let (mut repeat, mut external) = (1, None);
    while let Some((option, after)) = rest.split_once(' ') {
        match option.split_once(':') {
            Some(("rep", count)) => repeat = count.parse().ok()?,
            Some(("ext", "states")) => external = Some(External::States),
            Some(("ext", "country")) => external = Some(External::Countries),
            _ => break,
        }
        rest = after;
    }
    Some((repeat, external, rest))
}

fn read_codes(words: &str, codes: &mut Vec<Code>) -> Option<()> {
    let code = |code: &str, meaning: &str| Code { code: code.to_owned(), meaning: meaning.to_owned(), deviation: 0 };
    match words.split_once('=') {
        Some((before, meaning)) => codes.push(code(before, meaning)),
        None => codes.extend(words.split(' ').map(|word| code(word, ""))),
    }
    Some(())
}

/// Hands the codes read so far to the element or component read last.
fn keep_codes(guide: &mut Guide, codes: &mut Vec<Code>) {
    if codes.is_empty() {
        return;
    }
    let codes = CodeSet::new(std::mem::take(codes));
    if let Some(element) = guide.segments.last_mut().and_then(|segment| segment.elements.last_mut()) {
        match element.components.last_mut() {
            Some(component) => component.codes = codes,
            None => element.codes = codes,
        }
    }
}

fn loop_index(guide: &Guide, id: &str) -> Option<usize> {
    if id == "-" { Some(0) } else { guide.loops.iter().position(|spec| spec.id == id) }
}

fn read_usage(letter: &str) -> Option<Usage> {
    [Usage::Required, Usage::Situational, Usage::NotUsed].into_iter().find(|usage| letter.starts_with(usage.letter()))
}

fn read_max(max: &str) -> Option<Option<u32>> {
    if max == ">1" { Some(None) } else { max.parse().ok().map(Some) }
}

fn read_length(length: &str) -> Option<(u16, u16)> {
    let (min, max) = length.split_once('/')?;
    Some((min.parse().ok()?, max.parse().ok()?))
}

/// Data element 1251 takes its format from the element before it.
fn read_kind(kind: &str, data_element: &str) -> Option<Kind> {
    Some(match kind {
        "ID" => Kind::Id,
        "AN" if data_element == "1251" => Kind::Period,
        "AN" => Kind::Text,
        "N0" => Kind::Integer,
        "R" => Kind::Decimal,
        "DT" => Kind::Date,
        "TM" => Kind::Time,
        "comp" => Kind::Composite,
        _ => return None,
    })
}

fn read_note(text: &str) -> Option<SyntaxNote> {
    let (letter, digits) = text.split_at_checked(1)?;
    let numbers: Vec<u16> = digits.as_bytes().chunks(2).map(two_digits).collect::<Option<_>>()?;
    let all = numbers.iter().fold(0u64, |bits, number| bits | 1 << number);
    Some(SyntaxNote { letter: *letter.as_bytes().first()?, first: *numbers.first()?, all })
}

fn two_digits(digits: &[u8]) -> Option<u16> {
    std::str::from_utf8(digits).ok()?.parse().ok().filter(|number| *number < 60)
}

/// The first five words, and what follows them.
fn fields(text: &'static str) -> Option<[&'static str; 6]> {
    let mut words = text.splitn(6, ' ');
    Some([words.next()?, words.next()?, words.next()?, words.next()?, words.next()?, words.next()?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        assert_eq!(parse("guide X\nloop 2000 in NOWHERE R 1 Name\n").unwrap_err(), 2);
        assert_eq!(parse("segment ST in - R 1 0100 Header\n  01 R XX 1/1 1 Name\n").unwrap_err(), 2);
        assert_eq!(parse("segment ST in - R 1 0100 Header\n  02 R AN 1/1 1 Name\n").unwrap_err(), 0);
    }
}
