//! Files that make a census together, from their coming on: whether each still waits for the others, and what has
//! become of it.

use super::change::Change;
use super::database::Store;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::fault::Fault;

/// What has become of one of several files that make a census.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartEnding {
    /// It was read with the others, as one input.
    Joined,
    /// A newer file of the same part came before the others did.
    Replaced,
    /// A newer census was whole before this one was.
    Overtaken,
    /// It could not be opened.
    SetAside,
    /// The mapping was changed meanwhile, and it is no part of its census any more.
    OtherMapping,
    /// Somebody has said that nothing is to come of it.
    Settled,
    /// Its time was over while it waited.
    Destroyed,
}

impl PartEnding {
    /// The word for it in the store, and on pages.
    pub fn word(self) -> &'static str {
        match self {
            PartEnding::Joined => "joined",
            PartEnding::Replaced => "replaced",
            PartEnding::Overtaken => "overtaken",
            PartEnding::SetAside => "set-aside",
            PartEnding::OtherMapping => "other-mapping",
            PartEnding::Settled => "settled",
            PartEnding::Destroyed => "destroyed",
        }
    }
}

/// What stands for a file that waits for the others.
const WAITS: &str = "waits";

/// What stands for one that waits, too, and that today's mapping cannot read.
const UNFIT: &str = "unfit";

/// One of several files that make a census.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetPartRow {
    /// Name in the archive.
    pub archive: String,
    /// `census/<source>`.
    pub source: String,
    /// What the mapping calls it.
    pub part: String,
    /// The day in its sender's name for it, `YYYY-MM-DD`.
    pub day: Option<String>,
    /// RFC 3339, UTC.
    pub received_at: String,
    /// Bytes of the clear file.
    pub bytes: i64,
    /// `waits`, `unfit` where today's mapping cannot read it, or the word of a [`PartEnding`].
    pub became: String,
    /// The input that it was joined into, or that has ended its waiting.
    pub input: Option<i64>,
}

const COLUMNS: &str = "SELECT archive, source, part, day, received_at, bytes, became, input FROM set_part";

impl FromRow for SetPartRow {
    fn from_row(row: &mut FetchedRow) -> Result<SetPartRow, Fault> {
        let (archive, source, part, day) = (row.next()?, row.next()?, row.next()?, row.next()?);
        let (received_at, bytes, became, input) = (row.next()?, row.next()?, row.next()?, row.next()?);
        Ok(SetPartRow { archive, source, part, day, received_at, bytes, became, input })
    }
}

impl SetPartRow {
    /// Whether it was read with the others, as one input.
    pub fn is_joined(&self) -> bool {
        self.became == PartEnding::Joined.word()
    }

    /// Whether it waits, and cannot be read by the mapping as it was when a night has looked into it last.
    pub fn is_unfit(&self) -> bool {
        self.became == UNFIT
    }

    /// Whether it is this part, of a day or, where none is given, of any.
    pub fn is_of(&self, part: &str, day: Option<&str>) -> bool {
        self.part == part && day.is_none_or(|day| self.day.as_deref() == Some(day))
    }

    /// A file that has come and waits for the others.
    pub fn waiting(archive: &str, source: &str, part: &str) -> SetPartRow {
        let text = str::to_string;
        let (archive, source, part, became) = (text(archive), text(source), text(part), text(WAITS));
        SetPartRow { archive, source, part, day: None, received_at: String::new(), bytes: 0, became, input: None }
    }
}

impl Change<'_> {
    /// Records a file that waits for the others.
    ///
    /// # Errors
    /// STO001; STO004 when it is recorded already.
    pub fn record_set_part(&mut self, row: &SetPartRow) -> Result<(), Fault> {
        let id = self.next_number("set_part")?;
        let insert = Statement::new(
            "INSERT INTO set_part (id, archive, source, part, day, received_at, bytes, became, input)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        );
        let insert = insert.with(id).with(&row.archive).with(&row.source).with(&row.part).with(row.day.as_deref());
        self.run(insert.with(&row.received_at).with(row.bytes).with(&row.became).with(row.input))
    }

    /// Ends a file's waiting.
    ///
    /// # Errors
    /// STO001.
    pub fn end_set_part(&mut self, archive: &str, ending: PartEnding, input: Option<i64>) -> Result<(), Fault> {
        let end = Statement::new("UPDATE set_part SET became = $2, input = $3 WHERE archive = $1");
        self.run(end.with(archive).with(ending.word()).with(input))
    }

    /// Ends the waiting of a file, where it waits, and with it whatever knows that it has landed.
    ///
    /// # Errors
    /// STO001.
    pub fn end_wait(&mut self, archive: &str, ending: PartEnding) -> Result<(), Fault> {
        let end = Statement::new("UPDATE set_part SET became = $2 WHERE archive = $1 AND became IN ($3, $4)");
        self.run(end.with(archive).with(ending.word()).with(WAITS).with(UNFIT))?;
        self.end_landed(archive)
    }

    /// Notes whether a file that waits can be read by today's mapping.
    ///
    /// # Errors
    /// STO001.
    pub fn note_fit(&mut self, archive: &str, is_unfit: bool) -> Result<(), Fault> {
        let note = Statement::new("UPDATE set_part SET became = $2 WHERE archive = $1 AND became IN ($3, $4)");
        self.run(note.with(archive).with(if is_unfit { UNFIT } else { WAITS }).with(WAITS).with(UNFIT))
    }
}

impl Store {
    /// The files of a source that wait for others, in the order in which they came; also those that cannot be read.
    ///
    /// # Errors
    /// STO001.
    pub fn waiting_parts(&self, source: &str) -> Result<Vec<SetPartRow>, Fault> {
        let waiting = Statement::new(format!("{COLUMNS} WHERE became IN ($1, $2) AND source = $3 ORDER BY id"));
        self.all(waiting.with(WAITS).with(UNFIT).with(source))
    }

    /// Those that were joined into the file of the archive that is called so, and those whose waiting it has ended.
    ///
    /// # Errors
    /// STO001.
    pub fn parts_of_file(&self, archive: &str) -> Result<Vec<SetPartRow>, Fault> {
        let statement = Statement::new(format!(
            "{COLUMNS} WHERE input = (SELECT MIN(i.id) FROM input AS i WHERE i.archive = $1) ORDER BY part, id"
        ));
        self.all(statement.with(archive))
    }

    /// What the mapping called the files that an input was made of, also where it is a copy of an earlier one under
    /// another name.
    ///
    /// # Errors
    /// STO001.
    pub fn joined_parts(&self, input: i64) -> Result<Vec<String>, Fault> {
        let joined = Statement::new(
            "SELECT p.part FROM input AS i, input AS f, set_part AS p
             WHERE i.id = $1 AND f.source = i.source AND f.content = i.content AND p.input = f.id AND p.became = $2",
        );
        self.all(joined.with(input).with(PartEnding::Joined.word()))
    }

    /// Whether a file of the archive came as one of several that make a census.
    ///
    /// # Errors
    /// STO001.
    pub fn is_part(&self, archive: &str) -> Result<bool, Fault> {
        let part = Statement::new("SELECT COUNT(*) FROM set_part WHERE archive = $1");
        Ok(self.only::<i64>(part.with(archive))? > 0)
    }

    /// The files that an input was made of, and those whose waiting it has ended; none where one file made it.
    ///
    /// # Errors
    /// STO001.
    pub fn parts_of(&self, input: i64) -> Result<Vec<SetPartRow>, Fault> {
        self.all(Statement::new(format!("{COLUMNS} WHERE input = $1 ORDER BY part, id")).with(input))
    }
}
