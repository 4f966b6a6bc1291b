//! `bex x12 view`.

use std::cell::Cell;
use std::io::Write;
use std::path::Path;

use super::arguments::ViewArguments;
use super::files;
use super::files::{Access, Until};
use super::options::{Options, reveals};
use crate::fault::Fault;
use crate::inspect::{Located, Locator};
use crate::report::fault_lines;
use crate::report::{Tree, TreeOptions};
use crate::run::Exit;
use crate::x12::guide::Guide;
use crate::x12::validate::walk;

pub(super) fn run(arguments: &ViewArguments, out: &mut dyn Write, options: &Options) -> Result<Exit, Fault> {
    let unmasked = reveals(&arguments.revealing)?;
    let guide = files::guide(&arguments.by)?;
    let tree = Tree::new(TreeOptions { paint: options.paint(), unmasked, member: arguments.member });
    let several = arguments.files.len() > 1;
    let access = Access::new(&arguments.reading, options);
    let (json, gathered) = (options.json, Vec::new());
    let mut page = TreePage { tree, access, json, several, out, gathered, gone: false, segments: 0 };
    let mut worst = Exit::Done;
    page.frame("{\"files\":[");
    for (n, path) in arguments.files.iter().enumerate() {
        page.frame(if n > 0 { ",\n" } else { "\n" });
        let exit = page.file(path, &guide)?;
        worst = if exit as u8 > worst as u8 { exit } else { worst };
        if page.gone {
            break;
        }
    }
    page.frame("\n]}\n");
    page.flush();
    Ok(worst)
}

/// Bytes gathered before they are written.
const CHUNK: usize = 64 * 1024;

/// Where trees are written to, until nobody reads any longer.
struct TreePage<'o, 'g> {
    tree: Tree<'g>,
    access: Access,
    json: bool,
    several: bool,
    out: &'o mut dyn Write,
    gathered: Vec<u8>,
    gone: bool,
    segments: u64,
}

impl<'g> TreePage<'_, 'g> {
    /// What stands around segments in JSON.
    fn frame(&mut self, text: &str) {
        if self.json {
            self.gathered.extend_from_slice(text.as_bytes());
        }
    }

    /// Writes what has been gathered.
    fn flush(&mut self) {
        let written = self.out.write_all(&self.gathered).and_then(|()| self.out.flush());
        self.gone = self.gone || written.is_err();
        self.gathered.clear();
    }

    fn file(&mut self, path: &Path, guide: &'g Guide) -> Result<Exit, Fault> {
        // What was said of the file before stands, whether or not this one can be opened.
        self.flush();
        let source = self.access.open(path)?;
        let label = files::label(path);
        let name = serde_json::to_string(&label).unwrap_or_default();
        self.frame(&format!("{{\"file\":{name},\"segments\":["));
        if self.several && !self.json {
            self.gathered.extend_from_slice(format!("{label}\n").as_bytes());
        }
        self.segments = 0;
        let stop = Cell::new(false);
        let mut locator = Locator::new(guide);
        let report = walk(Until { source, stop: &stop }, guide, &mut |segment, loop_id| {
            let located = locator.locate(segment, loop_id);
            let past = self.tree.is_past(&located);
            if !stop.get() && !past && self.tree.wants(&located) {
                self.segment(&located);
            }
            stop.set(stop.get() || past || self.gone);
        });
        self.frame("]}");
        self.flush();
        let fatal = super::options::fatal(&report).filter(|_| !stop.get());
        if let Some(fault) = &fatal {
            super::options::complain(&fault_lines(fault));
        }
        Ok(match (fatal, report.totals.segments) {
            (None, _) => Exit::Done,
            (Some(_), 0) => Exit::Refused,
            (Some(_), _) => Exit::Failed,
        })
    }

    fn segment(&mut self, located: &Located<'_, 'g>) {
        if self.json {
            self.gathered.extend_from_slice(if self.segments > 0 { b",\n" } else { b"\n" });
            self.tree.write_json(located, &mut self.gathered);
        } else {
            self.tree.write_text(located, &mut self.gathered);
        }
        self.segments += 1;
        if self.gathered.len() >= CHUNK {
            self.flush();
        }
    }
}
