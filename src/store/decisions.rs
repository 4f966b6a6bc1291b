//! Which families have to be decided, and what each decision was made of.

use sqlx::{FromRow, QueryBuilder};

use super::change::Change;
use super::database::Store;
use super::families::{FamilyRow, pseudonym};
use crate::fault::Fault;
use crate::model::ids::Pseudonym;

/// What a feed's decisions are made of.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// The feed.
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
#[derive(Debug, FromRow)]
pub struct Candidate {
    key: Vec<u8>,
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
    /// The family.
    pub fn key(&self) -> Pseudonym {
        pseudonym(&self.key).unwrap_or(Pseudonym([0; 16]))
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
        WHERE d.id = l.from_delivery AND d.state IN ('delivered', 'uncertain')) AS waiting,
       (SELECT COUNT(*) FROM basis AS r WHERE r.feed = $1 AND r.key = k.key) AS remembered
     FROM (SELECT key FROM (";
const JOINED: &str = concat!(
    // Ordered and cut inside: the three are merged as they stand in their indexes, and reading stops with the page.
    " ORDER BY 1 LIMIT $7) AS u) AS k
     LEFT JOIN family AS c ON c.key = k.key AND ",
    stood!("c", "$2", "$3"),
    " LEFT JOIN family AS e ON e.key = k.key AND ",
    stood!("e", "$4", "$5"),
    " LEFT JOIN ledger AS l ON l.key = k.key AND l.feed = $1 AND l.state = 'told' AND l.until_delivery IS NULL
     ORDER BY k.key",
);

impl Store {
    /// The families to be decided in key order after `after`: a page; empty at the end.
    ///
    /// # Errors
    /// STO001.
    pub fn candidates(&self, scope: &Scope, after: &[u8]) -> Result<Vec<Candidate>, Fault> {
        self.known(CHANGED, scope, (after, &[]))
    }

    /// These families, at most a thousand, whether there is a reason to decide them or not.
    ///
    /// # Errors
    /// STO001.
    pub fn candidates_among(&self, scope: &Scope, keys: &[Pseudonym]) -> Result<Vec<Candidate>, Fault> {
        let places: Vec<String> = (0..keys.len()).map(|n| format!("(${})", n + 10)).collect();
        let these = format!("SELECT column1 AS key FROM (VALUES {}) AS v", places.join(", "));
        self.known(&these, scope, (&[], keys))
    }

    fn known(&self, which: &str, scope: &Scope, (after, keys): (&[u8], &[Pseudonym])) -> Result<Vec<Candidate>, Fault> {
        let sql = sqlx::AssertSqlSafe(format!("{KNOWN}{which}{JOINED}"));
        let mut query = sqlx::query_as::<_, Candidate>(sql)
            .bind(scope.feed)
            .bind(scope.census)
            .bind(scope.census_input)
            .bind(scope.elections)
            .bind(scope.elections_input)
            .bind(after)
            .bind(PAGE)
            .bind(&scope.rules[..])
            .bind(scope.as_of);
        for key in keys {
            query = query.bind(&key.0[..]);
        }
        self.read(query.fetch_all(&self.pool))
    }

    /// Families of a feed whose decisions are remembered.
    ///
    /// # Errors
    /// STO001.
    pub fn decided(&self, feed: &str) -> Result<u64, Fault> {
        let query = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM basis WHERE feed = $1");
        Ok(u64::try_from(self.read(query.bind(feed).fetch_one(&self.pool))?).unwrap_or(0))
    }
}

impl Change<'_> {
    /// Remembers what decisions were made of: key, digests of census and elections, date of review.
    ///
    /// # Errors
    /// STO001.
    pub fn remember(&mut self, scope: &Scope, decided: &[(&Candidate, Option<String>)]) -> Result<(), Fault> {
        for batch in decided.chunks(BATCH) {
            self.run(async |connection| {
                let mut insert =
                    QueryBuilder::new("INSERT INTO basis (feed, key, census, elections, rules, review_on) ");
                insert.push_values(batch, |mut row, (candidate, review_on)| {
                    row.push_bind(scope.feed)
                        .push_bind(&candidate.key[..])
                        .push_bind(candidate.census_digest.as_deref())
                        .push_bind(candidate.elections_digest.as_deref())
                        .push_bind(&scope.rules[..])
                        .push_bind(review_on.as_deref());
                });
                insert.push(
                    " ON CONFLICT (feed, key) DO UPDATE SET census = excluded.census, elections = excluded.elections,
                      rules = excluded.rules, review_on = excluded.review_on",
                );
                insert.build().execute(connection).await
            })?;
        }
        Ok(())
    }

    /// Forgets what decisions were made of, so that these families are decided again next time.
    ///
    /// # Errors
    /// STO001.
    pub fn forget(&mut self, feed: &str, keys: &[Pseudonym]) -> Result<(), Fault> {
        for batch in keys.chunks(BATCH) {
            self.run(async |connection| {
                let mut delete = QueryBuilder::new("DELETE FROM basis WHERE feed = ");
                delete.push_bind(feed).push(" AND key IN (");
                let mut list = delete.separated(", ");
                for key in batch {
                    list.push_bind(&key.0[..]);
                }
                delete.push(")").build().execute(connection).await
            })?;
        }
        Ok(())
    }
}
