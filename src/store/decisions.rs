//! Which families have to be decided, and what each decision was made of.

use super::change::Change;
use super::database::Store;
use super::families::FamilyRow;
use super::statement::{Datum, FetchedRow, FromRow, Statement};
use crate::fault::Fault;
use crate::model::ids::Pseudonym;
use crate::state::{DeliveryState, LedgerState, State};

/// What a feed's decisions are made of.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// Configured name.
    pub feed: &'a str,
    /// `census/<source>`.
    pub census: &'a str,
    /// The census recorded with the run.
    pub census_input: i64,
    /// `elections/<source>`.
    pub elections: &'a str,
    /// The elections recorded with the run.
    pub elections_input: i64,
    /// Digest of the rules: when they differ, everybody is decided anew.
    pub rules: [u8; 16],
    /// The business date, ISO.
    pub as_of: &'a str,
}

/// A family to be decided.
#[derive(Debug)]
pub struct Candidate {
    key: Pseudonym,
    /// Digest of the census's record.
    pub census_digest: Option<Vec<u8>>,
    /// The census's sealed record.
    pub census: Option<Vec<u8>>,
    /// Digest of the elections' record.
    pub elections_digest: Option<Vec<u8>>,
    /// The elections' sealed record.
    pub elections: Option<Vec<u8>>,
    census_incomplete: i64,
    elections_incomplete: i64,
    /// What the carrier knows, sealed.
    pub told: Option<Vec<u8>>,
    waiting: i64,
    remembered: i64,
}

impl Candidate {
    /// The family's pseudonym.
    pub fn key(&self) -> Pseudonym {
        self.key
    }

    /// The same family as if the census told this of it, or nothing.
    pub fn with_census(mut self, row: Option<&FamilyRow>) -> Candidate {
        self.census_digest = row.map(|row| row.digest.0.to_vec());
        self.census = row.map(|row| row.sealed.clone());
        self.census_incomplete = row.map_or(0, |row| row.incomplete.into());
        self
    }

    /// The same family as if the elections told this of it, or nothing.
    pub fn with_elections(mut self, row: Option<&FamilyRow>) -> Candidate {
        self.elections_digest = row.map(|row| row.digest.0.to_vec());
        self.elections = row.map(|row| row.sealed.clone());
        self.elections_incomplete = row.map_or(0, |row| row.incomplete.into());
        self
    }

    /// Whether a row of it could not be read.
    pub fn is_incomplete(&self) -> bool {
        self.census_incomplete + self.elections_incomplete > 0
    }

    /// Whether a decision about it is remembered.
    pub fn is_remembered(&self) -> bool {
        self.remembered > 0
    }

    /// Whether what was told last is not acknowledged yet.
    pub fn is_waiting(&self) -> bool {
        self.waiting > 0
    }
}

/// Families per page.
const PAGE: i64 = 1000;
/// Rows per statement.
const BATCH: usize = 1000;

/// Of a source's versions, those that stood at an input.
macro_rules! stood {
    ($family:literal, $source:literal, $input:literal) => {
        concat!(
            $family,
            ".source = ",
            $source,
            " AND ",
            $family,
            ".from_input <= ",
            $input,
            " AND (",
            $family,
            ".until_input IS NULL OR ",
            $family,
            ".until_input > ",
            $input,
            ")"
        )
    };
}

/// Families of whom census, elections, rules or the date give reason to decide anew. $1 feed, $2 census source, $3
/// census input, $4 elections source, $5 elections input, $6 after, $7 page, $8 rules, $9 date.
const CHANGED: &str = concat!(
    "SELECT c.key FROM family AS c LEFT JOIN basis AS b ON b.feed = $1 AND b.key = c.key
     WHERE c.key > $6 AND ",
    stood!("c", "$2", "$3"),
    " AND (b.key IS NULL OR b.census IS NULL OR b.census <> c.digest OR b.rules <> $8 OR b.review_on <= $9)",
    " UNION SELECT e.key FROM family AS e LEFT JOIN basis AS b ON b.feed = $1 AND b.key = e.key
     WHERE e.key > $6 AND ",
    stood!("e", "$4", "$5"),
    " AND (b.key IS NULL OR b.elections IS NULL OR b.elections <> e.digest OR b.rules <> $8)",
    " UNION SELECT b.key FROM basis AS b WHERE b.key > $6 AND b.feed = $1 AND (
       (b.census IS NOT NULL AND NOT EXISTS (SELECT 1 FROM family AS c WHERE c.key = b.key AND ",
    stood!("c", "$2", "$3"),
    ")) OR
       (b.elections IS NOT NULL AND NOT EXISTS (SELECT 1 FROM family AS e WHERE e.key = b.key AND ",
    stood!("e", "$4", "$5"),
    ")))",
);

/// What is known of the families with those keys.
const KNOWN: &str = "
    SELECT k.key AS key, c.digest AS census_digest, c.sealed AS census, e.digest AS elections_digest,
       e.sealed AS elections, COALESCE(c.incomplete, 0) AS census_incomplete,
       COALESCE(e.incomplete, 0) AS elections_incomplete, l.sealed AS told,
       (SELECT COUNT(*) FROM delivery AS d
        WHERE d.id = l.from_delivery AND d.state IN ('{delivered}', '{uncertain}')) AS waiting,
       (SELECT COUNT(*) FROM basis AS r WHERE r.feed = $1 AND r.key = k.key) AS remembered
     FROM (SELECT key FROM (";
const JOINED: &str = concat!(
    // Ordered and cut inside: the three are merged as they stand in their indexes, and reading stops with the page.
    " ORDER BY 1 LIMIT $7) AS u) AS k
     LEFT JOIN family AS c ON c.key = k.key AND ",
    stood!("c", "$2", "$3"),
    " LEFT JOIN family AS e ON e.key = k.key AND ",
    stood!("e", "$4", "$5"),
    " LEFT JOIN ledger AS l ON l.key = k.key AND l.feed = $1 AND l.state = '{told}' AND l.until_delivery IS NULL
     ORDER BY k.key",
);

impl Store {
    /// The families to be decided in key order after `after`: a page; empty at the end.
    ///
    /// # Errors
    /// STO001.
    pub fn candidates(&self, scope: &Scope, after: &[u8]) -> Result<Vec<Candidate>, Fault> {
        self.all(known(CHANGED, scope, after))
    }

    /// These families, at most a thousand, whether there is a reason to decide them or not.
    ///
    /// # Errors
    /// STO001.
    pub fn candidates_among(&self, scope: &Scope, keys: &[Pseudonym]) -> Result<Vec<Candidate>, Fault> {
        let places: Vec<String> = (0..keys.len()).map(|n| format!("(${})", n + 10)).collect();
        let these = format!("SELECT column1 AS key FROM (VALUES {}) AS v", places.join(", "));
        self.all(keys.iter().fold(known(&these, scope, &[]), |these, key| these.with(&key.0)))
    }

    /// Families of a feed whose decisions are remembered.
    ///
    /// # Errors
    /// STO001.
    pub fn decided(&self, feed: &str) -> Result<u64, Fault> {
        let decided = Statement::new("SELECT COUNT(*) FROM basis WHERE feed = $1");
        Ok(u64::try_from(self.only::<i64>(decided.with(feed))?).unwrap_or(0))
    }
}

/// Asks what is known of the families of a selection.
fn known(which: &str, scope: &Scope, after: &[u8]) -> Statement {
    // In the text and not among the arguments: an index of the told rows alone answers for them.
    let joined = JOINED.replace("{told}", LedgerState::Told.word());
    let [delivered, uncertain] = DeliveryState::AWAITED.map(State::word);
    let known = KNOWN.replace("{delivered}", delivered).replace("{uncertain}", uncertain);
    let ask = Statement::new(format!("{known}{which}{joined}")).with(scope.feed).with(scope.census);
    let ask = ask.with(scope.census_input).with(scope.elections).with(scope.elections_input).with(after);
    ask.with(PAGE).with(&scope.rules).with(scope.as_of)
}

impl FromRow for Candidate {
    fn from_row(row: &mut FetchedRow) -> Result<Candidate, Fault> {
        Ok(Candidate {
            key: row.next()?,
            census_digest: row.next()?,
            census: row.next()?,
            elections_digest: row.next()?,
            elections: row.next()?,
            census_incomplete: row.next()?,
            elections_incomplete: row.next()?,
            told: row.next()?,
            waiting: row.next()?,
            remembered: row.next()?,
        })
    }
}

impl Change<'_> {
    /// Remembers what decisions were made of: key, digests of census and elections, date of review.
    ///
    /// # Errors
    /// STO001.
    pub fn remember(&mut self, scope: &Scope, decided: &[(&Candidate, Option<String>)]) -> Result<(), Fault> {
        let row = |(candidate, review_on): &(&Candidate, Option<String>)| -> [Datum; 6] {
            let (census, elections) = (candidate.census_digest.as_deref(), candidate.elections_digest.as_deref());
            let (key, rules) = ((&candidate.key.0).into(), (&scope.rules).into());
            [scope.feed.into(), key, census.into(), elections.into(), rules, review_on.as_deref().into()]
        };
        for batch in decided.chunks(BATCH) {
            self.run(Statement::of_rows(
                "INSERT INTO basis (feed, key, census, elections, rules, review_on) VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (feed, key) DO UPDATE SET census = excluded.census, elections = excluded.elections,
                 rules = excluded.rules, review_on = excluded.review_on",
                batch.iter().map(row),
            ))?;
        }
        Ok(())
    }
}
