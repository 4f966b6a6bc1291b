//! What is shown of files, beside a plain rendering of the same: made again for each line, nothing kept from the last.

use std::fmt::Write as _;
use std::fs;

use proptest::prelude::*;
use serde_json::{Value, json};

use bex::inspect::{Located, Locator, Piece, SegmentScope};
use bex::report::{Paint, Tree, TreeOptions};
use bex::x12::guide;
use bex::x12::validate::{document_with, walk};

use crate::harness::source_tree;
use crate::x12::generated::{enrollment, plans};

fn shown(options: TreeOptions, piece: &Piece<'_, '_>) -> Option<String> {
    (options.unmasked || piece.is_open()).then(|| piece.text().trim_end().to_owned())
}

fn tag(located: &Located<'_, '_>) -> String {
    String::from_utf8_lossy(&located.padded_tag()).trim_end().to_owned()
}

fn depth(located: &Located<'_, '_>) -> usize {
    match (located.scope, located.segment.tag()) {
        (SegmentScope::Envelope, b"GS" | b"GE") => 1,
        (SegmentScope::Envelope, b"ST" | b"SE") => 2,
        (SegmentScope::Envelope, _) => 0,
        (SegmentScope::Unknown, _) => 3,
        _ => 3 + located.depth(),
    }
}

fn plain_text(options: TreeOptions, located: &Located<'_, '_>) -> String {
    let (paint, depth, tag, mut text) = (options.paint, depth(located), tag(located), String::new());
    if located.begins_loop() {
        let name = located.within().map_or("", |within| within.name);
        let who = if located.begins_member { format!(": member {}", located.member) } else { String::new() };
        let heading = paint.heading(&format!("Loop {} {name}{who}", located.loop_id));
        writeln!(text, "{:1$}{heading}", "", 2 * (depth - 1)).unwrap();
    }
    let name = located.spec().map_or("(no place in the guide)", |spec| spec.name);
    let ordinal = paint.faint(&format!("segment {}", located.segment.ordinal()));
    writeln!(text, "{:2$}{} {name}  {ordinal}", "", paint.strong(&tag), 2 * depth).unwrap();
    for piece in located.pieces().iter().filter(|piece| !piece.value.trim_ascii().is_empty()) {
        let label = format!("{} {}", piece.reference(&tag), piece.name());
        let value = match (shown(options, piece), piece.meaning()) {
            (None, _) => paint.changed("▒▒"),
            (Some(value), Some(meaning)) => format!("{value}  {}", paint.faint(&meaning)),
            (Some(value), None) => value,
        };
        writeln!(text, "{:1$}{label:44}  {value}", "", 2 * depth + 2).unwrap();
    }
    text
}

fn plain_json(options: TreeOptions, located: &Located<'_, '_>) -> String {
    let tag = tag(located);
    let element = |piece: &Piece<'_, '_>| {
        let shown = shown(options, piece);
        let meaning = shown.as_ref().and_then(|_| piece.meaning());
        json!({
            "at": piece.reference(&tag), "name": piece.name(), "masked": shown.is_none(), "value": shown,
            "meaning": meaning,
        })
    };
    let pieces = located.pieces();
    let elements: Vec<Value> =
        pieces.iter().filter(|piece| !piece.value.trim_ascii().is_empty()).map(element).collect();
    let member = if located.member == 0 { Value::Null } else { json!(located.member) };
    let value = json!({
        "segment": located.segment.ordinal(), "tag": tag, "name": located.spec().map(|spec| spec.name),
        "loop": located.loop_id, "member": member, "elements": elements,
    });
    value.to_string()
}

/// Shows a file both ways, and walks it both ways: the loops of walking are those of judging.
fn assert_shown_alike(bytes: &[u8], unmasked: bool) {
    let guide = guide::x220a1();
    for color in [false, true] {
        let options = TreeOptions { paint: Paint::new(color), unmasked, member: None };
        let (mut tree, mut locator, mut loops) = (Tree::new(options), Locator::new(guide), Vec::new());
        let walked = walk(bytes, guide, &mut |segment, loop_id| {
            loops.push(loop_id);
            let located = locator.locate(segment, loop_id);
            assert_eq!(tree.text(&located), plain_text(options, &located));
            assert_eq!(tree.json(&located), plain_json(options, &located));
        });
        let mut judged_loops = Vec::new();
        let judged = document_with(bytes, guide, &mut |_, loop_id| judged_loops.push(loop_id));
        assert_eq!(loops, judged_loops);
        assert_eq!((walked.totals.segments, walked.totals.bytes), (judged.totals.segments, judged.totals.bytes));
        assert_eq!(walked.counts.fatal, judged.counts.fatal);
    }
}

fn vectors() -> Vec<Vec<u8>> {
    let folders = ["834", "999", "ta1"].map(|kind| format!("fixtures/x12/{kind}"));
    let paths = folders.iter().flat_map(|folder| source_tree::files(folder, "vector"));
    let bodies = paths.map(|path| fs::read(source_tree::root().join(path)).unwrap());
    bodies
        .map(|file| {
            let end = file.windows(2).position(|pair| pair == b"\n\n").unwrap();
            file[end + 2..].to_vec()
        })
        .filter(|body| !body.is_empty())
        .collect()
}

#[test]
fn a_tree_shows_what_a_plain_rendering_shows() {
    for (n, bytes) in vectors().into_iter().chain(plans(20).map(enrollment)).enumerate() {
        assert_shown_alike(&bytes, n % 2 == 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_tree_shows_it_whatever_the_bytes(which: prop::sample::Index, places: Vec<(prop::sample::Index, u8)>) {
        let vectors = vectors();
        let mut bytes = vectors[which.index(vectors.len())].clone();
        for (place, byte) in places.into_iter().take(4) {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        assert_shown_alike(&bytes, true);
    }
}
