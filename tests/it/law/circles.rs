//! No two files import each other, directly or by way of others: a file can be read with what stands before it, and
//! taken out with what stands behind it.
//!
//! A path is followed to the file that defines what it names, through the names that modules hand on. That a module
//! hands a name on ties it to nothing; what it uses itself does.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::source_tree::{self, Named, Source, assert_none, closing, paths};

/// The files of a crate, or of several that stand inside each other, and what each defines and hands on.
struct Files {
    by_module: BTreeMap<Module, File>,
}

/// Where a module stands: the folder of its crate, and its path below it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Module {
    root: String,
    path: Vec<String>,
}

struct File {
    path: String,
    defines: BTreeSet<String>,
    /// Names that are handed on, and the paths they are taken from.
    hands_on: Vec<HandedOn>,
    uses: Vec<Named>,
}

struct HandedOn {
    name: String,
    from: Vec<String>,
}

/// An import: from one file to another, by what name and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Import {
    from: String,
    to: String,
    line: usize,
    name: String,
}

impl Module {
    fn of(source: &Source, roots: &[String]) -> Option<Module> {
        let root = roots.iter().filter(|root| source.path.starts_with(*root)).max_by_key(|root| root.len())?;
        let below = source.path.strip_prefix(root)?.strip_suffix(".rs")?;
        let path = below.split('/').map(str::to_string);
        let path = path.filter(|segment| !matches!(segment.as_str(), "mod" | "lib")).collect();
        Some(Module { root: root.clone(), path })
    }

    fn child(&self, segments: &[String]) -> Module {
        Module { root: self.root.clone(), path: self.path.iter().chain(segments).cloned().collect() }
    }
}

impl Files {
    fn of(sources: &[Source]) -> Files {
        let roots: Vec<String> =
            sources.iter().filter_map(|source| Some(source.path.strip_suffix("lib.rs")?.to_string())).collect();
        let found = sources.iter().filter(|source| source.path != "src/main.rs");
        let by_module = found.filter_map(|source| Some((Module::of(source, &roots)?, File::of(source)))).collect();
        Files { by_module }
    }

    /// Every import from one file into another.
    fn imports(&self) -> BTreeSet<Import> {
        let mut found = BTreeSet::new();
        for (module, file) in &self.by_module {
            for named in &file.uses {
                let segments: Vec<String> = named.path.trim_end_matches('!').split("::").map(str::to_string).collect();
                let to = self.absolute(module, &segments).and_then(|path| self.definer(&path, &mut Vec::new()));
                let to = to.filter(|to| **to != file.path);
                let name = segments.last().cloned().unwrap_or_default();
                found.extend(to.map(|to| Import { from: file.path.clone(), to: to.clone(), line: named.line, name }));
            }
        }
        found
    }

    /// What a path of a module's code means, from its crate's root; none where it leads out of the crate.
    fn absolute(&self, module: &Module, segments: &[String]) -> Option<Module> {
        let first = segments.first()?.as_str();
        let root = Module { root: module.root.clone(), path: Vec::new() };
        match first {
            "crate" => Some(root.child(&segments[1..])),
            "self" => Some(module.child(&segments[1..])),
            "super" => {
                let ups = segments.iter().take_while(|segment| *segment == "super").count();
                let kept = module.path.len().checked_sub(ups)?;
                Some(root.child(&module.path[..kept]).child(&segments[ups..]))
            }
            _ => {
                let child = module.child(&segments[..1]);
                self.by_module.contains_key(&child).then(|| module.child(segments))
            }
        }
    }

    /// The file that defines what an absolute path names.
    fn definer(&self, named: &Module, seen: &mut Vec<Module>) -> Option<&String> {
        let known = |length: &usize| {
            let module = Module { root: named.root.clone(), path: named.path[..*length].to_vec() };
            self.by_module.get_key_value(&module)
        };
        let (module, file) = (0..=named.path.len()).rev().find_map(|length| known(&length))?;
        let item = named.path.get(module.path.len());
        let handed_on = item.filter(|item| !file.defines.contains(*item)).and_then(|item| file.handed_on(item));
        if seen.contains(named) {
            return Some(&file.path);
        }
        seen.push(named.clone());
        let elsewhere = handed_on.and_then(|handed_on| self.absolute(module, &handed_on.from));
        elsewhere.and_then(|path| self.definer(&path, seen)).or(Some(&file.path))
    }
}

impl File {
    fn of(source: &Source) -> File {
        let tokens = source.tokens();
        let mut defines = BTreeSet::new();
        for pair in tokens.windows(2) {
            let defining = ["fn", "struct", "enum", "trait", "type", "const", "static", "union", "!"];
            if defining.contains(&pair[0].text) && pair[1].is_word() {
                defines.insert(pair[1].text.to_string());
            }
        }
        // What stands in a `pub use` is handed on, everything else is used.
        let mut handed_on = BTreeSet::new();
        for at in 0..tokens.len() {
            if tokens[at].text == "use" && at > 0 && is_public(&tokens, at - 1) {
                let end = (at..tokens.len()).find(|end| tokens[*end].text == ";").unwrap_or(at);
                handed_on.extend(tokens[at].line..=tokens[end].line);
            }
        }
        let (handed_on, uses): (Vec<Named>, Vec<Named>) =
            paths(&tokens).into_iter().partition(|named| handed_on.contains(&named.line));
        let hands_on = handed_on.into_iter().map(|named| {
            let from: Vec<String> = named.path.split("::").map(str::to_string).collect();
            HandedOn { name: from.last().cloned().unwrap_or_default(), from }
        });
        File { path: source.path.clone(), defines, hands_on: hands_on.collect(), uses }
    }

    fn handed_on(&self, name: &str) -> Option<&HandedOn> {
        self.hands_on.iter().find(|handed_on| handed_on.name == name)
    }
}

/// Whether the token at `at` ends `pub` or `pub(…)`.
fn is_public(tokens: &[source_tree::Token], at: usize) -> bool {
    match tokens[at].text {
        "pub" => true,
        ")" => (0..at)
            .rev()
            .find(|open| closing(tokens, *open) == at)
            .is_some_and(|open| open > 0 && tokens[open].text == "(" && tokens[open - 1].text == "pub"),
        _ => false,
    }
}

/// The imports that stand in a circle: those whose target leads back to where they come from.
fn circles(imports: &BTreeSet<Import>) -> Vec<String> {
    let mut behind: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for import in imports {
        behind.entry(&import.from).or_default().insert(&import.to);
    }
    let in_circle = imports.iter().filter(|import| leads_to(&behind, &import.to, &import.from));
    in_circle
        .map(|import| {
            let Import { from, to, line, name } = import;
            format!("{from}:{line}: takes {name} from {to}, which leads back to {from}")
        })
        .collect()
}

fn leads_to(behind: &BTreeMap<&str, BTreeSet<&str>>, from: &str, to: &str) -> bool {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(file) = open.pop() {
        if file == to {
            return true;
        }
        if seen.insert(file) {
            open.extend(behind.get(file).into_iter().flatten());
        }
    }
    false
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let imports = Files::of(source_tree::rust("src")).imports();
    assert!(imports.len() > 500, "imports are found: {}", imports.len());
    assert_none(circles(&imports));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(files: &[(&str, &str)]) -> Vec<String> {
        let lib = Source::new("src/lib.rs", "pub mod a;\npub mod b;");
        let sources: Vec<Source> =
            std::iter::once(lib).chain(files.iter().map(|(path, code)| Source::new(path, *code))).collect();
        circles(&Files::of(&sources).imports())
    }

    #[test]
    fn two_files_that_import_each_other_are_found_by_every_kind_of_path() {
        for (there, back) in [
            ("use super::y::Y;", "use super::x::X;"),
            ("use crate::a::y::Y;", "fn f() { super::x::g() }"),
            ("use super::y;", "use crate::a::{x::X, z};"),
        ] {
            let found = complaints(&[("src/a/mod.rs", "mod x; mod y;"), ("src/a/x.rs", there), ("src/a/y.rs", back)]);
            assert_eq!(found.len(), 2, "{there} {back}: {found:?}");
        }
    }

    #[test]
    fn a_circle_by_way_of_a_third_file_and_of_a_name_handed_on_is_found() {
        let found = complaints(&[
            ("src/a/mod.rs", "mod x; mod y;\npub use x::X;\npub(crate) use y::Y as Z;"),
            ("src/a/x.rs", "pub struct X;\nuse super::y::Y;"),
            ("src/a/y.rs", "pub struct Y;\nuse crate::b::B;"),
            ("src/b.rs", "pub struct B;\nuse crate::a::X;"),
        ]);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[2].starts_with("src/b.rs:2: takes X from src/a/x.rs"), "{found:?}");
    }

    #[test]
    fn a_module_that_uses_its_child_which_uses_it_is_a_circle() {
        let found = complaints(&[
            ("src/a/mod.rs", "mod x;\nuse x::X;\npub fn f() {}"),
            ("src/a/x.rs", "pub struct X;\nuse super::f;"),
        ]);
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn what_is_handed_on_what_is_tested_and_what_only_goes_up_is_no_circle() {
        let found = complaints(&[
            ("src/a/mod.rs", "mod x; mod y;\npub use x::X;\npub use y::Y;"),
            ("src/a/x.rs", "pub struct X;\n#[cfg(test)]\nmod tests { use super::y::Y; use crate::b::B; }"),
            ("src/a/y.rs", "pub struct Y;\nuse super::X;\nuse std::fmt;"),
            ("src/b.rs", "pub struct B;\nuse crate::a::{X, Y};"),
        ]);
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn a_crate_that_stands_inside_another_has_a_root_of_its_own() {
        let found = complaints(&[
            ("src/a/mod.rs", "pub fn f() {}"),
            ("src/b/src/lib.rs", "mod c;\npub mod a;"),
            ("src/b/src/a.rs", "use crate::c::C;"),
            ("src/b/src/c.rs", "pub struct C;\nuse crate::a::A;"),
        ]);
        assert_eq!(found.len(), 2, "{found:?}");
    }
}
