//! Nights in short: what has come of feeds on their business dates, as little of each as a sign needs.

use super::database::Store;
use super::statement::{FetchedRow, FromRow, Statement};
use crate::fault::Fault;
use crate::state::{Answer, DeliveryState, Inquired, QuestionState, RunState};

/// A run with its delivery, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NightRow {
    /// The run's number.
    pub run: i64,
    /// Whose night it was.
    pub feed: String,
    /// The business date, ISO.
    pub business_date: String,
    /// Where the run stands.
    pub state: RunState,
    /// Where its delivery stands, if it came to one.
    pub delivery: Option<DeliveryState>,
    /// What the carrier's 999 said, where no person has settled it since.
    pub g999: Option<Answer>,
}

/// A feed's open questions, counted: those about which nobody was asked, or those that were put to the same people
/// until the same day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedOfFeed {
    /// Whose questions they are.
    pub feed: String,
    /// Whom they were put to, and the last day on which they wait for these, ISO; none where nobody was asked.
    pub put_to: Option<(Inquired, String)>,
    /// How many families or plans are asked about.
    pub count: i64,
    /// The number of the first of them.
    pub first: i64,
    /// The run that asked last.
    pub last_run: i64,
    /// The business date of the run that has asked the oldest.
    pub since: String,
}

/// Questions of a feed that were asked first on the same date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedOnDate {
    /// Whose questions they are.
    pub feed: String,
    /// The business date of the run that asked them first.
    pub since: String,
    /// How many families or plans are asked about.
    pub count: i64,
}

impl FromRow for AskedOnDate {
    fn from_row(row: &mut FetchedRow) -> Result<AskedOnDate, Fault> {
        Ok(AskedOnDate { feed: row.next()?, since: row.next()?, count: row.next()? })
    }
}

impl FromRow for NightRow {
    fn from_row(row: &mut FetchedRow) -> Result<NightRow, Fault> {
        Ok(NightRow {
            run: row.next()?,
            feed: row.next()?,
            business_date: row.next()?,
            state: row.next()?,
            delivery: row.next()?,
            g999: row.next()?,
        })
    }
}

impl FromRow for AskedOfFeed {
    fn from_row(row: &mut FetchedRow) -> Result<AskedOfFeed, Fault> {
        let (feed, whom, until) = (row.next()?, row.next::<Option<String>>()?, row.next::<Option<String>>()?);
        let whom = whom.as_deref().map(Inquired::read).transpose()?;
        let (count, first, last_run, since) = (row.next()?, row.next()?, row.next()?, row.next()?);
        Ok(AskedOfFeed { feed, put_to: whom.zip(until), count, first, last_run, since })
    }
}

impl Store {
    /// The runs of these feeds since a business date, in short, the oldest first.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn nights(&self, feeds: &[&str], since: &str) -> Result<Vec<NightRow>, Fault> {
        let nights = Statement::new(
            "SELECT r.id, r.feed, r.business_date, r.state, d.state, CASE WHEN d.settled = 0 THEN d.g999 END
             FROM run AS r LEFT JOIN delivery AS d ON d.run = r.id
             WHERE r.business_date >= $1 AND r.feed IN ($2) ORDER BY r.id",
        );
        self.all(nights.with(since).with_list(feeds.iter().copied()))
    }

    /// The open questions of feeds, by name and by whom they were put to.
    ///
    /// # Errors
    /// STO001; STO007.
    pub fn asked_of_feeds(&self) -> Result<Vec<AskedOfFeed>, Fault> {
        let asked = Statement::new(
            "SELECT h.feed, i.whom, i.until, COUNT(*), MIN(h.number), MAX(h.last_run), MIN(r.business_date)
             FROM hold AS h
             JOIN run AS r ON r.id = h.first_run
             LEFT JOIN inquiry AS i ON i.feed = h.feed AND i.key = h.key AND i.code = h.code AND i.plan = h.subject
               AND i.run = h.first_run
             WHERE h.state = $1 GROUP BY h.feed, i.whom, i.until ORDER BY h.feed, i.until, i.whom",
        );
        self.all(asked.with(QuestionState::Open))
    }

    /// Open questions by feed and by the business date on which they were asked first.
    ///
    /// # Errors
    /// STO001.
    pub fn asked_by_date(&self) -> Result<Vec<AskedOnDate>, Fault> {
        let asked = Statement::new(
            "SELECT h.feed, r.business_date, COUNT(*) FROM hold AS h JOIN run AS r ON r.id = h.first_run
             WHERE h.state = $1 GROUP BY h.feed, r.business_date ORDER BY r.business_date, h.feed",
        );
        self.all(asked.with(QuestionState::Open))
    }
}
