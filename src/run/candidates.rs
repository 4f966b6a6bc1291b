//! Where the families to decide come from. A run reads them from the store; a plan looks at what waits in the inbox,
//! too, and the deciding does not know which of the two it works for.

use super::file_rows::{FileOf, FileRows};
use crate::engine::Engine;
use crate::fault::{Fault, Origin};
use crate::model::ids::Pseudonym;
use crate::store::{Candidate, Scope, Store, ToDecide};

/// Families that have to be decided.
pub(super) trait Candidates {
    /// The next of them; `None` when there are no more. A page may be empty.
    ///
    /// # Errors
    /// The store's.
    fn next_page(&mut self) -> Result<Option<Vec<Candidate>>, Fault>;

    /// These families as they are to be decided.
    ///
    /// # Errors
    /// The store's.
    fn named(&self, keys: &[Pseudonym]) -> Result<Vec<Candidate>, Fault>;

    /// The families of the census that have a person in common, both ways.
    ///
    /// # Errors
    /// The store's.
    fn beside(&self) -> Result<Vec<(Pseudonym, Pseudonym)>, Fault>;

    /// Families that the feed had to decide before: whoever of them is not on a page is unchanged.
    fn counted(&self) -> u64;

    /// The rows of people in the file of a source that these are decided from; none where they were not counted.
    ///
    /// # Errors
    /// The store's.
    fn rows(&self, engine: &Engine, source: &str) -> Result<Option<FileRows>, Fault>;

    /// Where census and elections told of a family last: the rows a person asks the employer about.
    ///
    /// # Errors
    /// The store's.
    fn told_in(&self, key: Pseudonym) -> Result<Vec<Origin>, Fault>;
}

/// Those of a run, as the store has them.
pub(super) struct StoreCandidates<'s> {
    store: &'s Store,
    families: ToDecide<'s>,
}

impl<'s> StoreCandidates<'s> {
    /// The families that this scope gives reason to decide.
    ///
    /// # Errors
    /// The store's.
    pub fn new(store: &'s Store, scope: Scope<'s>) -> Result<StoreCandidates<'s>, Fault> {
        Ok(StoreCandidates { store, families: store.to_decide(scope)? })
    }

    /// Everybody, whatever was decided before.
    ///
    /// # Errors
    /// STO001.
    pub fn everybody(store: &'s Store, scope: Scope<'s>) -> Result<StoreCandidates<'s>, Fault> {
        Ok(StoreCandidates { store, families: store.everybody(scope)? })
    }

    /// These families, whether there is a reason to decide them or not.
    pub fn among(&self, keys: &[Pseudonym]) -> Result<Vec<Candidate>, Fault> {
        self.families.among(keys)
    }

    /// By its configured name: what a finished run of it has gone by is compared with.
    pub fn feed(&self) -> &'s str {
        self.families.scope().feed
    }

    /// Whether there is no watermark, so that nobody is passed over.
    pub fn is_everybody(&self) -> bool {
        self.families.is_everybody()
    }

    /// Where each source told of a family last; nothing where it never did.
    pub fn origins(&self, key: Pseudonym) -> Result<[SourceOrigin<'s>; 2], Fault> {
        let origin = |source: &'s str, input| -> Result<SourceOrigin<'s>, Fault> {
            Ok(SourceOrigin { source, origin: self.store.origin(source, input, key)? })
        };
        let scope = self.families.scope();
        Ok([origin(scope.census, scope.census_input)?, origin(scope.elections, scope.elections_input)?])
    }
}

/// Where a source told of a family last.
pub(super) struct SourceOrigin<'s> {
    pub source: &'s str,
    pub origin: Option<Origin>,
}

impl Candidates for StoreCandidates<'_> {
    fn next_page(&mut self) -> Result<Option<Vec<Candidate>>, Fault> {
        self.families.next_page()
    }

    fn named(&self, keys: &[Pseudonym]) -> Result<Vec<Candidate>, Fault> {
        self.families.among(keys)
    }

    fn beside(&self) -> Result<Vec<(Pseudonym, Pseudonym)>, Fault> {
        self.store.families_beside(self.families.scope().census)
    }

    fn counted(&self) -> u64 {
        self.families.counted()
    }

    fn rows(&self, engine: &Engine, source: &str) -> Result<Option<FileRows>, Fault> {
        let scope = self.families.scope();
        let input = if source == scope.census { scope.census_input } else { scope.elections_input };
        FileRows::of(engine, &FileOf { feed: scope.feed, source, input })
    }

    fn told_in(&self, key: Pseudonym) -> Result<Vec<Origin>, Fault> {
        Ok(self.origins(key)?.into_iter().filter_map(|told| told.origin).collect())
    }
}
