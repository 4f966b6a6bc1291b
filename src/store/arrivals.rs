//! How files came: what their senders called them, sealed, and what a later file is compared with.

use super::change::Change;
use super::database::Store;
use super::inputs::{COLUMNS, InputRow};
use super::statement::{FetchedRow, FromRow, Statement};
use crate::fault::Fault;
use crate::state::{InputState, RunState, State as _};

/// How a file came, before it is written.
#[derive(Clone, Copy, Debug)]
pub struct NewArrival<'a> {
    /// The input it became.
    pub input: i64,
    /// What its sender called it, sealed.
    pub name: Option<&'a [u8]>,
    /// Whether a person has said that it is what it should be.
    pub released: bool,
}

/// What a later file is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowsRead {
    /// Rows of people.
    pub people: u64,
    /// Rows of whom nobody can be told.
    pub unread: u64,
    /// The date the file says it was written for.
    pub as_of: Option<String>,
}

/// How a file came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArrivalRow {
    /// What its sender called it, sealed; none where that was lost.
    pub name: Option<Vec<u8>>,
    /// Keyed digest of its rows, once it was read.
    pub rows: Option<Vec<u8>>,
    /// The date it says it was written for.
    pub as_of: Option<String>,
    /// Rows of people, once it was read.
    pub people: Option<i64>,
    /// Rows of whom nobody can be told, once it was read.
    pub unread: Option<i64>,
    /// Whether a person has said that it is what it should be.
    pub released: bool,
}

impl FromRow for ArrivalRow {
    fn from_row(row: &mut FetchedRow) -> Result<ArrivalRow, Fault> {
        let (name, rows, as_of, people) = (row.next()?, row.next()?, row.next()?, row.next()?);
        Ok(ArrivalRow { name, rows, as_of, people, unread: row.next()?, released: row.next::<i64>()? != 0 })
    }
}

/// The newest input of a source, whatever became of it.
pub struct NewestInput {
    /// census/NAME or elections/NAME.
    pub source: String,
    /// Its number.
    pub input: i64,
    /// What became of it.
    pub state: InputState,
    /// When it came, RFC 3339, UTC; of one that was read again from the archive, when that was.
    pub received_at: String,
    /// Whether it was read again from the archive, and did not come.
    pub is_again: bool,
    /// Rows that are nobody's, once it was read.
    pub unread: Option<i64>,
}

impl FromRow for NewestInput {
    fn from_row(row: &mut FetchedRow) -> Result<NewestInput, Fault> {
        let (source, input, state, received_at) = (row.next()?, row.next()?, row.next()?, row.next()?);
        let is_again = row.next::<i64>()? != 0;
        Ok(NewestInput { source, input, state, received_at, is_again, unread: row.next()? })
    }
}

/// The sources of which any file came, each found behind the one before: of a thousand sources a thousand rows are
/// looked at, and not every file that ever came.
pub(super) const NAMED: &str = "WITH RECURSIVE named (source) AS (SELECT MIN(source) FROM input
    UNION ALL SELECT (SELECT MIN(i.source) FROM input AS i WHERE i.source > named.source) FROM named
      WHERE named.source IS NOT NULL)";

impl Change<'_> {
    /// Records how an input came.
    ///
    /// # Errors
    /// STO001; STO004 when that is recorded already.
    pub fn record_arrival(&mut self, arrival: &NewArrival) -> Result<(), Fault> {
        let insert = Statement::new("INSERT INTO arrival (input, name, released) VALUES ($1, $2, $3)");
        self.run(insert.with(arrival.input).with(arrival.name).with(i64::from(arrival.released)))
    }

    /// Records what a later file is compared with.
    ///
    /// # Errors
    /// STO001.
    pub fn record_rows(&mut self, input: i64, rows: &RowsRead) -> Result<(), Fault> {
        let record = Statement::new(
            "INSERT INTO arrival (input, people, unread, as_of) VALUES ($1, $2, $3, $4)
             ON CONFLICT (input) DO UPDATE SET people = $2, unread = $3, as_of = $4",
        );
        let RowsRead { people, unread, as_of } = rows;
        self.run(record.with(input).with(people.cast_signed()).with(unread.cast_signed()).with(as_of.as_deref()))
    }

    /// Records that a file repeated the one before of its source.
    ///
    /// # Errors
    /// STO001; STO004 when it is recorded already.
    pub fn record_repetition(&mut self, name: &str, source: &str) -> Result<(), Fault> {
        let at = self.at();
        self.record_aside(name)?;
        let insert = Statement::new("INSERT INTO repetition (name, source, at) VALUES ($1, $2, $3)");
        self.run(insert.with(name).with(source).with(at))
    }

    /// Ends an input's waiting for a person.
    ///
    /// # Errors
    /// STO001; STO008 where it does not wait for one.
    pub fn settle_waiting(&mut self, input: i64) -> Result<(), Fault> {
        let from: InputState = self.only(Statement::new("SELECT state FROM input WHERE id = $1").with(input))?;
        self.goes_over(from, InputState::Settled, crate::audit::Action::InputSettled)?;
        let settle = Statement::new("UPDATE input SET state = $2 WHERE id = $1");
        self.run(settle.with(input).with(InputState::Settled))
    }
}

impl Store {
    /// How an input came; none where nothing is known of that.
    ///
    /// # Errors
    /// STO001.
    pub fn arrival(&self, input: i64) -> Result<Option<ArrivalRow>, Fault> {
        let known = Statement::new("SELECT name, rows, as_of, people, unread, released FROM arrival WHERE input = $1");
        self.first(known.with(input))
    }

    /// The moments at which files of a source came, the newest first, those that repeated the one before among them; at
    /// most as many as asked for. What was read again from the archive did not come again.
    ///
    /// # Errors
    /// STO001.
    pub fn came(&self, source: &str, most: u32) -> Result<Vec<String>, Fault> {
        let came = Statement::new(
            "SELECT at FROM (SELECT received_at AS at FROM input WHERE source = $1 AND archive NOT LIKE 'again-%'
               UNION ALL SELECT at FROM repetition WHERE source = $1
               UNION ALL SELECT received_at FROM landed WHERE source = $1) AS came ORDER BY at DESC LIMIT $2",
        );
        self.all(came.with(source).with(i64::from(most)))
    }

    /// When the newest file of every source came, in one question.
    ///
    /// # Errors
    /// STO001.
    pub fn newest_arrivals(&self) -> Result<Vec<(String, String)>, Fault> {
        self.all(Statement::new(format!(
            "{NAMED} SELECT n.source, (SELECT MAX(at) FROM (SELECT (SELECT i.received_at FROM input AS i
                 WHERE i.source = n.source AND i.archive NOT LIKE 'again-%' ORDER BY i.id DESC LIMIT 1) AS at
               UNION ALL SELECT MAX(r.at) FROM repetition AS r WHERE r.source = n.source) AS came)
             FROM named AS n WHERE n.source IS NOT NULL"
        )))
    }

    /// The newest input of every source, in one question.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn newest_inputs(&self) -> Result<Vec<NewestInput>, Fault> {
        self.all(Statement::new(format!(
            "{NAMED} SELECT i.source, i.id, i.state, i.received_at,
               CASE WHEN i.archive LIKE 'again-%' THEN 1 ELSE 0 END, a.unread
             FROM named AS n JOIN input AS i
               ON i.id = (SELECT MAX(newer.id) FROM input AS newer WHERE newer.source = n.source)
             LEFT JOIN arrival AS a ON a.input = i.id"
        )))
    }

    /// The sources of which a file came since a moment that repeated the one before.
    ///
    /// # Errors
    /// STO001.
    pub fn repeated_since(&self, moment: &str) -> Result<Vec<String>, Fault> {
        self.all(Statement::new("SELECT DISTINCT source FROM repetition WHERE at >= $1").with(moment))
    }

    /// The sources of whose newest files one told anything new since a moment: of any other, [`Store::told_news`]
    /// knows.
    ///
    /// # Errors
    /// STO001.
    pub fn told_news_since(&self, moment: &str) -> Result<Vec<String>, Fault> {
        let news = Statement::new(format!(
            "{NAMED} SELECT n.source FROM named AS n WHERE n.source IS NOT NULL AND EXISTS
               (SELECT 1 FROM (SELECT i.received_at, i.state, i.changed FROM input AS i
                  WHERE i.source = n.source ORDER BY i.id DESC LIMIT 8) AS newest
                WHERE newest.received_at >= $1 AND newest.state = $2 AND newest.changed > 0)"
        ));
        self.all(news.with(moment).with(InputState::Applied))
    }

    /// Rows of people in these inputs, as far as they were counted.
    ///
    /// # Errors
    /// STO001.
    pub fn people_in(&self, inputs: &[i64]) -> Result<Vec<(i64, i64)>, Fault> {
        let people = Statement::new("SELECT input, people FROM arrival WHERE people IS NOT NULL AND input IN ($1)");
        self.all(people.with_list(inputs.iter().copied()))
    }

    /// Rows of people in the newest file of a source before an input that a finished run of a feed has gone by; none
    /// where there is none. A file that was set right since is compared with none of those that were wrong.
    ///
    /// # Errors
    /// STO001.
    pub fn rows_gone_by(&self, feed: &str, source: &str, input: i64) -> Result<Option<i64>, Fault> {
        let before = Statement::new(
            "SELECT a.people FROM input AS i JOIN arrival AS a ON a.input = i.id
             WHERE i.source = $1 AND i.id < $2 AND a.people IS NOT NULL AND EXISTS
               (SELECT 1 FROM run AS r WHERE r.feed = $3 AND r.state = $4
                AND (r.census_input = i.id OR r.elections_input = i.id))
             ORDER BY i.id DESC LIMIT 1",
        );
        self.first(before.with(source).with(input).with(feed).with(RunState::Done))
    }

    /// Rows of people in the newest file of a source before an input of which they were counted.
    ///
    /// # Errors
    /// STO001.
    pub fn rows_before(&self, source: &str, input: i64) -> Result<Option<i64>, Fault> {
        let before = Statement::new(
            "SELECT a.people FROM input AS i JOIN arrival AS a ON a.input = i.id
             WHERE i.source = $1 AND i.id < $2 AND a.people IS NOT NULL ORDER BY i.id DESC LIMIT 1",
        );
        self.first(before.with(source).with(input))
    }

    /// When a file of a source last told anything new; none while none ever did.
    ///
    /// # Errors
    /// STO001.
    pub fn told_news(&self, source: &str) -> Result<Option<String>, Fault> {
        let news = Statement::new(
            "SELECT received_at FROM input WHERE source = $1 AND state = $2 AND changed > 0 ORDER BY id DESC LIMIT 1",
        );
        self.first(news.with(source).with(InputState::Applied))
    }

    /// On how many days files of a source came after a moment, those that repeated the one before among them.
    ///
    /// # Errors
    /// STO001.
    pub fn days_since(&self, source: &str, moment: &str) -> Result<i64, Fault> {
        let days = Statement::new(
            "SELECT COUNT(DISTINCT SUBSTR(at, 1, 10)) FROM
               (SELECT received_at AS at FROM input WHERE source = $1 AND archive NOT LIKE 'again-%'
                UNION ALL SELECT at FROM repetition WHERE source = $1) AS came WHERE at > $2",
        );
        self.only(days.with(source).with(moment))
    }

    /// Whether a file of the same bytes, told by its keyed digest, waits for a person already.
    ///
    /// # Errors
    /// STO001.
    pub fn waits_already(&self, source: &str, content: &[u8]) -> Result<bool, Fault> {
        let same =
            Statement::new("SELECT COUNT(*) FROM input WHERE source = $1 AND content = $2 AND state IN ($3, $4)");
        let same = same.with(source).with(content).with(InputState::Quarantined).with(InputState::Held);
        Ok(self.only::<i64>(same)? > 0)
    }

    /// The inputs that wait for a person, oldest first: those that no mapping describes, those that are held, and of
    /// each source the newest where it was set aside. What was set aside before a newer file came is overtaken.
    ///
    /// # Errors
    /// STO001.
    pub fn waiting_inputs(&self) -> Result<Vec<InputRow>, Fault> {
        // In words, and not as an argument: so the index of what waits is the one that is looked at.
        let (quarantined, held) = (InputState::Quarantined.word(), InputState::Held.word());
        let waiting = format!(
            "{COLUMNS} WHERE state IN ('{quarantined}', '{held}') AND (state = '{held}' OR source = 'inbox'
               OR source LIKE 'inbox/%' OR id = (SELECT MAX(newer.id) FROM input AS newer
                 WHERE newer.source = input.source AND newer.state <> $1))
             ORDER BY id"
        );
        self.all(Statement::new(waiting).with(InputState::Settled))
    }
}
