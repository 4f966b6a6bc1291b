//! The public face of the crate, item by item, as its sources state it: what changes here changes for whoever builds
//! on it, and stands in CHANGELOG.md. Left out of the package.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // A test that cannot go on fails, and reads the sources.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn crate_root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file, by its path in `src`.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let name = path.strip_prefix(crate_root().join("src")).unwrap().with_extension("");
            let text = fs::read_to_string(&path).unwrap();
            let public = text.split("\n#[cfg(test)]\nmod tests").next().unwrap().to_owned();
            found.push((name.display().to_string(), public));
        }
    }
    found.sort();
    found
}

/// An item with what stands in it: sources are formatted, so what stands at the margin begins an item.
struct Item {
    attributes: String,
    head: String,
    body: Vec<String>,
}

fn items(text: &str) -> Vec<Item> {
    let (mut items, mut attributes): (Vec<Item>, String) = (Vec::new(), String::new());
    let mut heading = false;
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//") && !line.trim().is_empty()) {
        let at_margin = !line.starts_with([' ', '}', ')']);
        if line.starts_with("#[") {
            attributes.push_str(&(line.to_owned() + " "));
        } else if at_margin && !heading {
            items.push(Item { attributes: std::mem::take(&mut attributes), head: line.to_owned(), body: Vec::new() });
            heading = !line.ends_with(['{', ';', '}']);
        } else if heading {
            let item = items.last_mut().unwrap();
            item.head.push_str(&(" ".to_owned() + line.trim()));
            heading = !line.ends_with(['{', ';']);
        } else if let Some(item) = items.last_mut() {
            item.body.push(line.to_owned());
        }
    }
    items
}

/// Members of a type or of an implementation: what stands one step in, each on one line.
fn members(body: &[String]) -> Vec<String> {
    let (mut members, mut open): (Vec<String>, bool) = (Vec::new(), false);
    for line in body {
        let one_in = line.starts_with("    ") && !line[4..].starts_with([' ', '}', ')', '#']);
        if one_in && !open {
            members.push(line.trim().to_owned());
            open = !line.ends_with(['{', ';', ',', '}']);
        } else if open {
            let member = members.last_mut().unwrap();
            member.push_str(&(" ".to_owned() + line.trim()));
            open = !line.ends_with(['{', ';', ',']) || (line.ends_with(',') && line.starts_with("        "));
        }
    }
    members.iter().map(|member| member.trim_end_matches([' ', '{', ',', ';']).to_owned()).collect()
}

/// The name that follows a keyword.
fn named<'h>(head: &'h str, keyword: &str) -> Option<&'h str> {
    let rest = head.strip_prefix(keyword)?;
    rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

fn public_types(files: &[(String, String)]) -> BTreeSet<String> {
    let heads = files.iter().flat_map(|(_, text)| items(text)).map(|item| item.head);
    heads.filter_map(|head| named(&head, "pub struct ").or(named(&head, "pub enum ")).map(str::to_owned)).collect()
}

/// The type an implementation is for.
fn implementing(head: &str) -> Option<String> {
    let rest = head.strip_prefix("impl")?;
    let target = rest.rsplit(" for ").next()?;
    let after_generics = if target.starts_with('<') { target.split_once("> ")?.1 } else { target };
    Some(after_generics.trim().split(|c: char| !c.is_alphanumeric() && c != '_').next()?.to_owned())
}

fn listing() -> String {
    let files = sources(&crate_root().join("src"));
    let types = public_types(&files);
    let mut lines = Vec::new();
    for (name, text) in &files {
        for Item { attributes, head, body } in items(text) {
            let names: String = body.iter().map(|line| line.trim().to_owned() + " ").collect();
            let head = if head.starts_with("pub use ") { head + &names } else { head };
            let head_line = head.trim_end_matches([' ', '{', ';', ',']).to_owned();
            let is_type = named(&head, "pub struct ").or(named(&head, "pub enum ")).is_some();
            let of_a_type = head.starts_with("impl") && implementing(&head).is_some_and(|of| types.contains(&of));
            if head.starts_with("pub ") || of_a_type {
                let attributes = if is_type { attributes } else { String::new() };
                lines.push(format!("{name}: {attributes}{head_line}"));
            }
            let is_enum = head.starts_with("pub enum ");
            let wanted = |member: &String| is_enum || member.starts_with("pub ");
            if is_type || (of_a_type && !head.contains(" for ")) {
                let owner = implementing(&head).or_else(|| named(&head, "pub struct ").map(str::to_owned));
                let owner = owner.or_else(|| named(&head, "pub enum ").map(str::to_owned)).unwrap();
                lines.extend(members(&body).into_iter().filter(wanted).map(|member| format!("    {owner}: {member}")));
            }
        }
    }
    lines.join("\n") + "\n"
}

#[test]
fn the_public_face_is_what_is_pinned() {
    let path = crate_root().join("tests/public_api.txt");
    let (pinned, found) = (fs::read_to_string(&path).unwrap_or_default(), listing());
    if pinned != found {
        fs::write(&path, &found).unwrap();
        panic!("tests/public_api.txt was stale and has been written anew: say in CHANGELOG.md what has changed");
    }
    assert!(found.lines().count() > 300, "{}", found.lines().count());
}
