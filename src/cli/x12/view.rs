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
use crate::x12::validate::document_with;

pub(super) fn run(arguments: &ViewArguments, out: &mut dyn Write, options: &Options) -> Result<Exit, Fault> {
    let unmasked = reveals(&arguments.revealing)?;
    let guide = files::guide(&arguments.by)?;
    let tree = Tree::new(TreeOptions { paint: options.paint(), unmasked, member: arguments.member });
    let several = arguments.files.len() > 1;
    let access = Access::new(&arguments.reading, options);
    let mut page = TreePage { tree, access, json: options.json, several, out, gone: false, segments: 0 };
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
    Ok(worst)
}

/// Where trees are written to, until nobody reads any longer.
struct TreePage<'o> {
    tree: Tree,
    access: Access,
    json: bool,
    several: bool,
    out: &'o mut dyn Write,
    gone: bool,
    segments: u64,
}

impl TreePage<'_> {
    fn write(&mut self, text: &str) {
        self.gone = self.gone || self.out.write_all(text.as_bytes()).is_err();
    }

    /// What stands around segments in JSON.
    fn frame(&mut self, text: &str) {
        if self.json {
            self.write(text);
        }
    }

    fn file(&mut self, path: &Path, guide: &Guide) -> Result<Exit, Fault> {
        let source = self.access.open(path)?;
        let label = files::label(path);
        let name = serde_json::to_string(&label).unwrap_or_default();
        self.frame(&format!("{{\"file\":{name},\"segments\":["));
        if self.several && !self.json {
            self.write(&format!("{label}\n"));
        }
        self.segments = 0;
        let stop = Cell::new(false);
        let mut locator = Locator::new(guide);
        let report = document_with(Until { source, stop: &stop }, guide, &mut |segment, loop_id| {
            let located = locator.locate(segment, loop_id);
            let past = self.tree.is_past(&located);
            if !stop.get() && !past && self.tree.wants(&located) {
                self.segment(&located);
            }
            stop.set(stop.get() || past || self.gone);
        });
        self.frame("]}");
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

    fn segment(&mut self, located: &Located<'_, '_>) {
        let text = if self.json {
            format!("{}\n{}", if self.segments > 0 { "," } else { "" }, self.tree.json(located))
        } else {
            self.tree.text(located)
        };
        self.segments += 1;
        self.write(&text);
    }
}
