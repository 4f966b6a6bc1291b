//! Several files that make a census, where they wait: read together where they lie, and for a plan alone.

use std::io::Read;

use chrono::NaiveDateTime;

use super::archived::open_sealed;
use super::landing::opened;
use super::sets::{SetWanted, came, lacking, picked, unread};
use super::source::{part_named, set_of};
use super::whole_sets::PartCame;
use super::wrapped::{SignatureCheck, unwrapped};
use crate::census::{FileOfSet, JoinedFiles};
use crate::engine::Engine;
use crate::fault::Fault;
use crate::intake::Waiting;
use crate::mapping::CensusParts;
use crate::store::LandedRow;

/// Files of a source that wait: sealed, or still in the inbox.
pub(super) struct SetHere<'h> {
    pub source: &'h str,
    pub landed: Vec<LandedRow>,
    pub waiting: Vec<Waiting>,
}

/// Files that make a census, in the order of the parts, by their places: sealed ones first, then those of the inbox.
pub(super) type FilesHere = Vec<usize>;

impl SetHere<'_> {
    fn set<'e>(&self, engine: &'e Engine) -> impl Iterator<Item = &'e CensusParts> + use<'e> {
        set_of(engine, self.source).into_iter()
    }

    /// How each came; those of the inbox last.
    fn came(&self, engine: &Engine) -> Result<Vec<PartCame>, Fault> {
        let sealed = engine.store.waiting_parts(self.source)?;
        let now: NaiveDateTime = engine.clock.now();
        let of = |row: &LandedRow| sealed.iter().find(|one| one.archive == row.archive).map(came);
        let by_name = |name: &str| {
            let part = part_named(engine, self.source, name).unwrap_or_default().to_string();
            PartCame { part, day: super::doubts::day_in(name), at: now, unfit: false }
        };
        let name = |row: &LandedRow| Some(String::from_utf8_lossy(&opened(engine, row)?.name?).into_owned());
        let landed = self.landed.iter().map(|row| of(row).unwrap_or_else(|| by_name(&name(row).unwrap_or_default())));
        let here = self.waiting.iter().map(|file| by_name(&file.name().unwrap_or_default()));
        let mut came: Vec<PartCame> = landed.chain(here).collect();
        for (at, one) in came.iter_mut().enumerate() {
            // What cannot be opened is told as such when it is read.
            let faults = unread(engine, self.source, &one.part, &mut || self.bytes(engine, at));
            one.unfit = faults.is_ok_and(|faults| !faults.is_empty());
        }
        Ok(came)
    }

    /// Every census that is whole, oldest first.
    pub fn whole(&self, engine: &Engine) -> Result<Vec<FilesHere>, Fault> {
        let came = self.came(engine)?;
        let whole = self.set(engine).flat_map(|set| picked(set, &came).whole);
        Ok(whole.map(|whole| whole.files).collect())
    }

    /// What is missing for another one.
    pub fn lacking(&self, engine: &Engine) -> Result<Option<Fault>, Fault> {
        let came = self.came(engine)?;
        let Some(set) = self.set(engine).next() else { return Ok(None) };
        Ok(lacking(&SetWanted::of(engine, set, self.source)?, &came))
    }

    /// The files read as one, as they will be archived.
    pub fn open<'e>(&'e self, engine: &'e Engine, files: &[usize]) -> Result<Box<dyn Read + 'e>, Fault> {
        let parts = self.set(engine).flat_map(|set| &set.parts).map(|part| part.name.to_string());
        let part = |(name, at): (String, &usize)| Ok(FileOfSet { name, bytes: self.bytes(engine, *at)? });
        let joined = JoinedFiles::of(parts.zip(files).map(part).collect::<Result<_, Fault>>()?);
        Ok(Box::new(joined))
    }

    fn bytes<'e>(&'e self, engine: &'e Engine, at: usize) -> Result<Box<dyn Read + 'e>, Fault> {
        if let Some(row) = self.landed.get(at) {
            let sealed = || open_sealed(engine, self.source, &row.archive);
            return unwrapped(engine, self.source, &sealed, SignatureCheck::Due);
        }
        let file = &self.waiting[at - self.landed.len()];
        unwrapped(engine, self.source, &|| Ok(Box::new(file.open()?) as Box<dyn Read>), SignatureCheck::Due)
    }

    /// What their senders called them.
    pub fn name(&self, engine: &Engine, files: &[usize]) -> Option<String> {
        let one = |at: &usize| match self.landed.get(*at) {
            Some(row) => opened(engine, row)?.name.map(|name| String::from_utf8_lossy(&name).into_owned()),
            None => self.waiting[*at - self.landed.len()].name(),
        };
        files.iter().map(one).collect::<Option<Vec<String>>>().map(|names| names.join(" + "))
    }
}
