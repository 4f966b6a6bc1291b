//! How far somebody has agreed to an act, and to which runs: what many commands take beside their own arguments.

use chrono::NaiveDate;
use clap::Args;

use crate::act::RunScope;

/// What every act on a run takes that is planned and confirmed.
#[derive(Debug, Args)]
pub(super) struct Consent {
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub plan: bool,
    /// How many people the plan concerns, or with `--since` how many runs; asked for at a terminal. Another number than
    /// the plan's is refused
    #[arg(long, value_name = "N")]
    pub confirm: Option<u64>,
    /// Why; kept sealed with the act
    #[arg(long, required_unless_present = "plan")]
    pub reason: Option<String>,
}

/// Which runs an act is done to that is done to many.
#[derive(Debug, Args)]
pub(super) struct ManyRuns {
    /// Instead of one run: every run since this business date that takes the act; the set is shown and its count
    /// confirmed
    #[arg(long, value_name = "DATE", conflicts_with = "run")]
    pub since: Option<NaiveDate>,
    /// The last business date of them
    #[arg(long, value_name = "DATE", requires = "since")]
    pub until: Option<NaiveDate>,
    /// Only runs of this feed
    #[arg(long, value_name = "FEED", requires = "since")]
    pub feed: Option<String>,
    /// Only runs of this employer's feeds
    #[arg(long, value_name = "NAME", requires = "since")]
    pub employer: Option<String>,
    /// Only runs of this carrier's feeds
    #[arg(long, value_name = "NAME", requires = "since")]
    pub carrier: Option<String>,
}

impl ManyRuns {
    /// The runs that are meant; none where one is named.
    pub fn scope(&self) -> Option<RunScope<'_>> {
        let ManyRuns { since, until, feed, employer, carrier } = self;
        let (feed, employer, carrier) = (feed.as_deref(), employer.as_deref(), carrier.as_deref());
        since.map(|since| RunScope { since, until: *until, feed, employer, carrier })
    }
}

/// The same, and how much somebody has agreed to, for acts that can do without.
#[derive(Debug, Args)]
pub(super) struct CountedRuns {
    #[command(flatten)]
    pub runs: ManyRuns,
    /// How many people the plan concerns: another number is refused. With `--since` how many runs, which must be given
    #[arg(long, value_name = "N")]
    pub confirm: Option<u64>,
}
