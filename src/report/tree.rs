//! A file as a tree to read: loops, segments and elements with their names and what their codes mean.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::inspect::{Located, Piece, SegmentScope};
use crate::model::phi::Phi;
use crate::report::paint::Paint;

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
#[derive(Clone, Copy, Debug)]
pub struct Tree {
    options: TreeOptions,
}

impl Tree {
    /// Begins without any line.
    pub fn new(options: TreeOptions) -> Tree {
        Tree { options }
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
    pub fn text(&self, located: &Located<'_, '_>) -> String {
        let paint = self.options.paint;
        let mut text = String::new();
        let depth = depth(located);
        if located.begins_loop() {
            let (id, name) = (located.loop_id, located.within().map_or("", |within| within.name));
            let who = if located.begins_member { format!(": member {}", located.member) } else { String::new() };
            let heading = paint.heading(&format!("Loop {id} {name}{who}"));
            let _ = writeln!(text, "{:1$}{heading}", "", 2 * (depth - 1));
        }
        let tag = located.tag();
        let name = located.spec().map_or("(no place in the guide)", |spec| spec.name);
        let ordinal = paint.faint(&format!("segment {}", located.segment.ordinal()));
        let _ = writeln!(text, "{:2$}{} {name}  {ordinal}", "", paint.strong(&tag), 2 * depth);
        let pieces = located.pieces();
        for piece in pieces.iter().filter(|piece| !piece.value.trim_ascii().is_empty()) {
            let _ = writeln!(text, "{:2$}{}", "", self.element(&tag, piece), 2 * depth + 2);
        }
        text
    }

    fn element(&self, tag: &str, piece: &Piece<'_, '_>) -> String {
        let paint = self.options.paint;
        let label = format!("{} {}", piece.reference(tag), piece.name());
        let label = format!("{label:NAME_WIDTH$}");
        match self.shown(piece) {
            None => format!("{label}  {}", paint.changed(Phi::<()>::MARK)),
            Some(value) => match piece.meaning() {
                Some(meaning) => format!("{label}  {value}  {}", paint.faint(&meaning)),
                None => format!("{label}  {value}"),
            },
        }
    }

    /// The value, unless it is masked.
    fn shown(&self, piece: &Piece<'_, '_>) -> Option<String> {
        (self.options.unmasked || piece.is_open()).then(|| piece.text().trim_end().to_owned())
    }

    /// A segment as JSON; the keys are a contract. A masked value is null.
    pub fn json(&self, located: &Located<'_, '_>) -> Value {
        let tag = located.tag();
        let pieces = located.pieces();
        let element = |piece: &Piece<'_, '_>| {
            let shown = self.shown(piece);
            let meaning = shown.as_ref().and_then(|_| piece.meaning());
            json!({
                "at": piece.reference(&tag), "name": piece.name(), "masked": shown.is_none(), "value": shown,
                "meaning": meaning,
            })
        };
        let elements: Vec<Value> =
            pieces.iter().filter(|piece| !piece.value.trim_ascii().is_empty()).map(element).collect();
        let member = if located.member == 0 { Value::Null } else { json!(located.member) };
        json!({
            "segment": located.segment.ordinal(), "tag": tag, "name": located.spec().map(|spec| spec.name),
            "loop": located.loop_id, "member": member, "elements": elements,
        })
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
