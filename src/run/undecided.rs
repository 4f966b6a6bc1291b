//! Families of a full file that are not decided tonight: they stand in it as the carrier knows them.

use super::context::FeedContext;
use crate::fault::Fault;
use crate::model::enrollment::Enrolled;
use crate::model::ids::Pseudonym;
use crate::model::told::ToldFamily;
use crate::store::KnownInOrder;

/// What a carrier knows of families, between those that are decided.
pub(super) struct Undecided<'u> {
    context: &'u FeedContext<'u>,
    known: KnownInOrder<'u>,
}

impl<'u> Undecided<'u> {
    /// Everybody whom the carrier of a feed knows.
    pub fn of(context: &'u FeedContext<'u>) -> Undecided<'u> {
        Undecided { context, known: context.engine.store.known_in_order(context.name()) }
    }

    /// Hands over the families before one that is decided, which is passed over, or all that are left.
    ///
    /// # Errors
    /// The store's and the vault's; what `each` fails with.
    pub fn before(
        &mut self,
        decided: Option<Pseudonym>,
        each: &mut dyn FnMut(&Enrolled) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        while let Some(family) = self.known.next_before(decided)? {
            let version = &family.version;
            // Whose records were destroyed was covered by nobody for years: no file says anything of them.
            let told = self.context.open_if_kept::<ToldFamily>(family.key, version.from, &version.sealed)?;
            told.map_or(Ok(()), |told| each(&told.known))?;
        }
        decided.map_or(Ok(()), |key| self.known.pass(key))
    }
}
