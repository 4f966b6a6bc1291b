//! A file as a tree to read: loops, segments and elements with their names and what their codes mean.
//!
//! What is the same wherever a segment of a guide stands, names above all, is made once and copied from then on.

use std::io::Write as _;

use crate::inspect::{Located, Piece, SegmentScope};
use crate::model::phi::Phi;
use crate::report::paint::Paint;
use crate::x12::guide::{Guide, SegmentSpec};

/// Columns that an element's name gets before its value.
const NAME_WIDTH: usize = 44;

/// Which parts of a file are shown, and how wide.
#[derive(Clone, Copy, Debug, Default)]
pub struct TreeOptions {
    /// Colour.
    pub paint: Paint,
    /// People's values too, which are masked by default.
    pub unmasked: bool,
    /// One member alone, counted in the file from 1.
    pub member: Option<u64>,
}

/// Renders a file segment by segment: memory does not grow with it.
pub struct Tree<'g> {
    options: TreeOptions,
    /// What was made of the guides' segments so far.
    known: Vec<KnownGuide<'g>>,
}

/// A guide, and what was made of its segments so far.
struct KnownGuide<'g> {
    guide: &'g Guide,
    segments: Vec<Option<SegmentLines>>,
}

/// What stands in the lines of a segment wherever it is.
struct SegmentLines {
    depth: usize,
    elements: Vec<ElementLine>,
}

/// What stands before an element's value: in text, and in JSON before its mask and its value.
struct ElementLine {
    label: Vec<u8>,
    json_at: Vec<u8>,
    json_name: Vec<u8>,
}

impl<'g> Tree<'g> {
    /// Begins without any line.
    pub fn new(options: TreeOptions) -> Tree<'g> {
        Tree { options, known: Vec::new() }
    }

    /// Whether a segment is asked for.
    pub fn wants(&self, located: &Located<'_, '_>) -> bool {
        self.options.member.is_none_or(|member| located.member == member)
    }

    /// Whether everything that is asked for stands before a segment.
    pub fn is_past(&self, located: &Located<'_, '_>) -> bool {
        self.options.member.is_some_and(|member| located.member > member)
    }

    /// A segment's lines: its loop if it begins one, its name, and its elements that are not empty.
    pub fn text(&mut self, located: &Located<'_, 'g>) -> String {
        let mut text = Vec::new();
        self.write_text(located, &mut text);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// A segment as JSON; the keys are a contract. A masked value is null.
    pub fn json(&mut self, located: &Located<'_, 'g>) -> String {
        let mut text = Vec::new();
        self.write_json(located, &mut text);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Appends [`Tree::text`].
    pub fn write_text(&mut self, located: &Located<'_, 'g>, into: &mut Vec<u8>) {
        let (padded, options) = (located.padded_tag(), self.options);
        let (tag, paint) = (tag_text(&padded), options.paint);
        let lines = lines_of(&mut self.known, located);
        let depth = lines.map_or_else(|| depth(located), |lines| lines.depth);
        if located.begins_loop() {
            write_loop(located, depth, paint, into);
        }
        indent(into, 2 * depth);
        put(into, paint.is_on().then(|| paint.strong(tag)), tag);
        into.push(b' ');
        into.extend_from_slice(located.spec().map_or("(no place in the guide)", |spec| spec.name).as_bytes());
        into.extend_from_slice(b"  ");
        write_ordinal(located.segment.ordinal(), paint, into);
        into.push(b'\n');
        located.each_piece(|piece| {
            if is_blank(piece.value) {
                return;
            }
            match lines.and_then(|lines| known_line(lines, piece)) {
                Some(line) => into.extend_from_slice(&line.label),
                None => write_label(tag, piece, depth, into),
            }
            options.write_value(piece, into);
            into.push(b'\n');
        });
    }

    /// Appends [`Tree::json`].
    pub fn write_json(&mut self, located: &Located<'_, 'g>, into: &mut Vec<u8>) {
        let (padded, options) = (located.padded_tag(), self.options);
        let tag = tag_text(&padded);
        let lines = lines_of(&mut self.known, located);
        into.extend_from_slice(b"{\"elements\":[");
        let mut before: &[u8] = b"";
        located.each_piece(|piece| {
            if is_blank(piece.value) {
                return;
            }
            into.extend_from_slice(before);
            before = b",";
            match lines.and_then(|lines| known_line(lines, piece)) {
                Some(line) => options.write_json_value(piece, line, into),
                None => options.write_json_value(piece, &ElementLine::new(tag, piece, 0), into),
            }
        });
        into.extend_from_slice(b"],\"loop\":");
        quote(located.loop_id.as_bytes(), into);
        let _ = match located.member {
            0 => write!(into, ",\"member\":null,\"name\":"),
            member => write!(into, ",\"member\":{member},\"name\":"),
        };
        match located.spec() {
            Some(spec) => quote(spec.name.as_bytes(), into),
            None => into.extend_from_slice(b"null"),
        }
        let _ = write!(into, ",\"segment\":{},\"tag\":", located.segment.ordinal());
        quote(tag.as_bytes(), into);
        into.push(b'}');
    }
}

/// What stands in a segment's lines wherever it is, made now if this is the first; none of what has no place.
fn lines_of<'k, 'g>(known: &'k mut Vec<KnownGuide<'g>>, located: &Located<'_, 'g>) -> Option<&'k SegmentLines> {
    let (guide, index, spec) = (located.guide()?, located.index()?, located.spec()?);
    let at = known.iter().position(|other| std::ptr::eq(other.guide, guide)).unwrap_or_else(|| {
        known.push(KnownGuide { guide, segments: guide.segments.iter().map(|_| None).collect() });
        known.len() - 1
    });
    Some(known[at].segments[index].get_or_insert_with(|| SegmentLines::new(spec, depth(located))))
}

/// What stands before an element that is whole.
#[inline]
fn known_line<'k>(lines: &'k SegmentLines, piece: &Piece<'_, '_>) -> Option<&'k ElementLine> {
    let whole = piece.repetition == 0 && piece.component == 0;
    lines.elements.get(usize::from(piece.element) - 1).filter(|_| whole)
}

impl SegmentLines {
    fn new(spec: &SegmentSpec, depth: usize) -> SegmentLines {
        let pieces = spec.elements.iter().map(|element| Piece::of(element));
        SegmentLines { depth, elements: pieces.map(|piece| ElementLine::new(&spec.tag, &piece, depth)).collect() }
    }
}

impl ElementLine {
    fn new(tag: &str, piece: &Piece<'_, '_>, depth: usize) -> ElementLine {
        let (mut label, mut json_at, mut json_name) = (Vec::new(), b"{\"at\":\"".to_vec(), b",\"name\":".to_vec());
        write_label(tag, piece, depth, &mut label);
        piece.write_reference(tag, &mut json_at);
        json_at.extend_from_slice(b"\",\"masked\":");
        quote(piece.name().as_bytes(), &mut json_name);
        json_name.extend_from_slice(b",\"value\":");
        ElementLine { label, json_at, json_name }
    }
}

/// A loop's own line.
fn write_loop(located: &Located<'_, '_>, depth: usize, paint: Paint, into: &mut Vec<u8>) {
    indent(into, 2 * (depth - 1));
    let begin = into.len();
    for text in ["Loop ", located.loop_id, " ", located.within().map_or("", |within| within.name)] {
        into.extend_from_slice(text.as_bytes());
    }
    if located.begins_member {
        into.extend_from_slice(b": member ");
        write_number(located.member, into);
    }
    if paint.is_on() {
        let heading = paint.heading(&String::from_utf8_lossy(&into[begin..]));
        into.truncate(begin);
        into.extend_from_slice(heading.as_bytes());
    }
    into.push(b'\n');
}

/// `segment 12`.
fn write_ordinal(ordinal: u64, paint: Paint, into: &mut Vec<u8>) {
    if paint.is_on() {
        into.extend_from_slice(paint.faint(&format!("segment {ordinal}")).as_bytes());
    } else {
        into.extend_from_slice(b"segment ");
        write_number(ordinal, into);
    }
}

/// Where an element stands and what it is called, up to where its value begins.
fn write_label(tag: &str, piece: &Piece<'_, '_>, depth: usize, into: &mut Vec<u8>) {
    indent(into, 2 * depth + 2);
    let begin = into.len();
    piece.write_reference(tag, into);
    into.push(b' ');
    into.extend_from_slice(piece.name().as_bytes());
    let width = String::from_utf8_lossy(&into[begin..]).chars().count();
    indent(into, NAME_WIDTH.saturating_sub(width) + 2);
}

impl TreeOptions {
    /// Whether a value is shown, not masked.
    fn shows(self, piece: &Piece<'_, '_>) -> bool {
        self.unmasked || piece.is_open()
    }

    /// The value and its meaning, or what stands for one that is masked.
    fn write_value(self, piece: &Piece<'_, '_>, into: &mut Vec<u8>) {
        let paint = self.paint;
        if !self.shows(piece) {
            return put(into, paint.is_on().then(|| paint.changed(Phi::<()>::MARK)), Phi::<()>::MARK);
        }
        write_trimmed(piece, into);
        let end = into.len();
        into.extend_from_slice(b"  ");
        if !piece.write_meaning(into) {
            into.truncate(end);
        } else if paint.is_on() {
            let meaning = paint.faint(&String::from_utf8_lossy(&into[end + 2..]));
            into.truncate(end + 2);
            into.extend_from_slice(meaning.as_bytes());
        }
    }

    fn write_json_value(self, piece: &Piece<'_, '_>, line: &ElementLine, into: &mut Vec<u8>) {
        let shown = self.shows(piece);
        into.extend_from_slice(&line.json_at);
        into.extend_from_slice(if shown { b"false,\"meaning\":" } else { b"true,\"meaning\":" });
        let mut text = Vec::new();
        if shown && piece.write_meaning(&mut text) {
            quote(&text, into);
        } else {
            into.extend_from_slice(b"null");
        }
        into.extend_from_slice(&line.json_name);
        if shown {
            text.clear();
            write_trimmed(piece, &mut text);
            quote(&text, into);
        } else {
            into.extend_from_slice(b"null");
        }
        into.push(b'}');
    }
}

/// The value as a line of text can hold it, without blanks at its end.
fn write_trimmed(piece: &Piece<'_, '_>, into: &mut Vec<u8>) {
    let begin = into.len();
    piece.write_text(into);
    while into.len() > begin && into.last() == Some(&b' ') {
        into.pop();
    }
    if !into[begin..].is_ascii() {
        let kept = String::from_utf8_lossy(&into[begin..]).trim_end().len();
        into.truncate(begin + kept);
    }
}

/// Whether nothing of a value is to be seen.
#[inline]
fn is_blank(value: &[u8]) -> bool {
    value.iter().all(u8::is_ascii_whitespace)
}

/// Appends text as it is painted, if it is.
fn put(into: &mut Vec<u8>, painted: Option<String>, text: &str) {
    into.extend_from_slice(painted.as_deref().unwrap_or(text).as_bytes());
}

/// A tag without its padding.
fn tag_text(padded: &[u8; 3]) -> &str {
    std::str::from_utf8(padded).unwrap_or("???").trim_end()
}

fn indent(into: &mut Vec<u8>, columns: usize) {
    into.resize(into.len() + columns, b' ');
}

fn write_number(number: u64, into: &mut Vec<u8>) {
    let mut digits = [b'0'; 20];
    let (mut at, mut rest) = (digits.len(), number);
    while rest > 0 || at == digits.len() {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    into.extend_from_slice(&digits[at..]);
}

/// Appends UTF-8 text as a string of JSON.
fn quote(text: &[u8], into: &mut Vec<u8>) {
    let plain = |byte: &u8| *byte >= b' ' && *byte != b'"' && *byte != b'\\';
    if text.iter().all(plain) {
        into.push(b'"');
        into.extend_from_slice(text);
        into.push(b'"');
    } else {
        let _ = serde_json::to_writer(into, &String::from_utf8_lossy(text));
    }
}

/// Steps a segment stands to the right: interchange, group, set, then loops.
fn depth(located: &Located<'_, '_>) -> usize {
    match (located.scope, located.segment.tag()) {
        (SegmentScope::Envelope, b"GS" | b"GE") => 1,
        (SegmentScope::Envelope, b"ST" | b"SE") => 2,
        (SegmentScope::Envelope, _) => 0,
        (SegmentScope::Unknown, _) => 3,
        _ => 3 + located.depth(),
    }
}
