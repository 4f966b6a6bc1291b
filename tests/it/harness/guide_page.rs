//! Renders a guide as a page to read: `docs/reference/834.md` is made here.

use std::fmt::Write;

use bex::x12::guide::CodeSet;
use bex::x12::guide::{ElementSpec, External, Guide, Kind, SegmentSpec, Usage};

/// A guide as Markdown.
pub fn render(guide: &Guide) -> String {
    let mut page = format!("# {} {}\n\n", guide.set, guide.version);
    page.push_str(
        "Made from the guide the validator reads; do not edit. Use: R required, S situational, N not used.\n",
    );
    let mut shown = usize::MAX;
    for segment in &guide.segments {
        if segment.in_loop != shown {
            shown = segment.in_loop;
            render_loop(&mut page, guide, shown);
        }
        render_segment(&mut page, segment);
    }
    page
}

/// Writing to a string does not fail, so its result says nothing.
macro_rules! line {
    ($page:expr, $($text:tt)*) => { let _ = writeln!($page, $($text)*); };
}

fn render_loop(page: &mut String, guide: &Guide, index: usize) {
    let spec = &guide.loops[index];
    if spec.id.is_empty() {
        line!(page, "\n## Transaction set");
        return;
    }
    let parent = guide.loops[spec.parent].id;
    let within = if parent.is_empty() { String::new() } else { format!(" in {parent}") };
    line!(page, "\n## Loop {} — {}\n\n{}, {}{within}", spec.id, spec.name, spec.usage.letter(), most(spec.max));
}

fn render_segment(page: &mut String, segment: &SegmentSpec) {
    let SegmentSpec { tag, name, position, .. } = segment;
    line!(page, "\n### {tag} — {name}\n\n{}, {}, position {position:04}", segment.usage.letter(), most(segment.max));
    if !segment.notes.is_empty() {
        let notes: Vec<String> = segment.notes.iter().map(|note| note.text()).collect();
        line!(page, "\nSyntax: {}", notes.join(", "));
    }
    line!(page, "\n| Ref | Name | Use | Type | Length | Data element | Codes |\n|---|---|---|---|---|---|---|");
    for element in &segment.elements {
        render_element(page, element, &format!("{tag}{:02}", element.number));
        for component in &element.components {
            render_element(page, component, &format!("{tag}{:02}-{:02}", element.number, component.number));
        }
    }
}

fn render_element(page: &mut String, element: &ElementSpec, reference: &str) {
    let ElementSpec { name, data_element, min, max, .. } = element;
    if element.usage == Usage::NotUsed {
        line!(page, "| {reference} | | N | | | | |");
        return;
    }
    let length = if element.kind == Kind::Composite { String::new() } else { format!("{min}/{max}") };
    let repeat = if element.repeat > 1 { format!(", up to {} times", element.repeat) } else { String::new() };
    let codes = codes(&element.codes, element.external);
    let (usage, kind) = (element.usage.letter(), element.kind.abbreviation());
    line!(page, "| {reference} | {name} | {usage} | {kind}{repeat} | {length} | {data_element} | {codes} |");
}

fn codes(codes: &CodeSet, external: Option<External>) -> String {
    match external {
        Some(External::States) => return "states and provinces".to_owned(),
        Some(External::Countries) => return "countries, ISO 3166".to_owned(),
        Some(_) | None => {}
    }
    let one = |code: &bex::x12::guide::Code| match code.meaning.as_str() {
        "" => code.code.clone(),
        meaning => format!("{} {meaning}", code.code),
    };
    codes.codes().iter().map(one).collect::<Vec<_>>().join("; ")
}

fn most(max: Option<u32>) -> String {
    match max {
        None => "any number".to_owned(),
        Some(1) => "once".to_owned(),
        Some(max) => format!("up to {max} times"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bex::x12::guide;

    #[test]
    fn the_page_names_every_loop_segment_and_element() {
        let page = render(guide::x220a1());
        assert!(page.contains("## Loop 2300 — Health Coverage\n\nS, up to 99 times in 2000"));
        assert!(page.contains("| HD03 | Insurance Line Code | R | ID | 2/3 | 1205 | AG Preventative Care/Wellness;"));
        assert!(page.contains("| DMG05-02 | Code List Qualifier Code | S | ID | 1/3 | 1270 | RET |"));
        assert_eq!(page.matches("\n### ").count(), guide::x220a1().segments.len());
    }
}
