//! What may be typed. Help is generated from this.

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

pub(super) use super::consent::{Consent, CountedRuns, ManyRuns};
pub(super) use super::people::{
    AccountForm, AffectedArguments, ApproveArguments, AuditCommand, BackupArguments, BreakglassArguments,
    DiscloseCommand, DisclosuresArguments, ExportArguments, GrantsArguments, KeysCommand, LeavesArguments,
    PeopleCommand, PolicyCommand, PolicyDiffArguments, PolicyShowArguments, RetentionCommand, ReviewCommand,
    ReviewSignArguments, TellingArguments, TellingPurpose, WitnessArguments,
};
pub(super) use super::shown::{ExplainArguments, ShowArguments, ShowCommand, TraceArguments};

use crate::state::Inquired;
use crate::verify::Part;

/// Benefit EDI eXchange: census and elections in, one minimum-necessary X12 834 per carrier out.
///
/// Exit status: 0 done; 1 faults found or failed; 2 usage or configuration refused; 3 some feeds failed; 4 held, a
/// person must release; 5 uncertain, a delivery may have arrived; 6 someone else is running it or has run it; 7
/// stopped, integrity in doubt; 8 not permitted; 130 interrupted.
#[derive(Debug, Parser)]
#[command(name = "bex", version, about, long_about, disable_help_subcommand = true)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(super) struct Global {
    /// The site's folder. Default: the nearest folder upward that holds bex.toml
    #[arg(long, global = true, value_name = "DIR")]
    pub site: Option<PathBuf>,
    /// One JSON document on stdout instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// The moment to act at, RFC 3339; on test sites only
    #[arg(long, global = true, value_name = "RFC3339")]
    pub now: Option<DateTime<Utc>>,
    /// Say only what needs somebody: nothing where all went well. What was asked for is answered all the same
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// No colour (also: NO_COLOR)
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Abort the process at the Nth crash point; on test sites only
    #[arg(long, global = true, hide = true, value_name = "N")]
    pub abort_at: Option<u64>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// The whole thing on this machine: two employers, three simulated carriers over real SSH, and some nights
    Demo(DemoArguments),
    /// A new site: bex.toml, keys, and one commented example of each file
    Init {
        /// A folder that does not exist yet, or an empty one
        dir: PathBuf,
    },
    /// All of the configuration, every fault at once, with file, line and column
    Check,
    /// Hours before the window: clock, disk, numbers, keys, and each carrier from its name to its folders; of keys that
    /// this account does not have it says so
    Doctor(DoctorArguments),
    /// Seal what is in the inbox, and open nothing; the next run reads it
    Intake,
    /// Take in what is in the inbox and run feeds
    Run(NightArguments),
    /// What a run would do now, in words, with what waits in the inbox; takes nothing in, sends nothing
    Plan(PlanArguments),
    /// When feeds run
    #[command(subcommand)]
    Schedule(ScheduleCommand),
    /// Decide that a feed needs no run on a day
    Skip(SkipArguments),
    /// The board: whatever needs somebody, however old, and below it each feed's nights, a sign each; needs no key, and
    /// says what is sealed
    Runs(RunsArguments),
    /// One run: how it stands, why, what to do next, what it is made of; or one input, delivery, question or answer; it
    /// needs no key, and says what is sealed
    Show(ShowArguments),
    /// Try a mapping; no site is needed
    #[command(subcommand)]
    Mapping(MappingCommand),
    /// Say what is to come of a file that waits for somebody
    #[command(subcommand)]
    Input(InputCommand),
    /// What employers are asked to correct, with its age; a later file closes it
    Corrections(CorrectionsArguments),
    /// The morning page on stdout: one HTML file that needs nothing from anywhere, and names nobody
    Report {
        /// The runs as CSV instead
        #[arg(long)]
        csv: bool,
    },
    /// What a fault code means, what is safe and what to do: the runbook's entry
    Help {
        /// The code, as a fault says it
        code: String,
    },
    /// A script that completes command lines of bex in a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// The manual: a page for bex and one for each command, for `man`
    Man {
        /// The folder to write them to; it is made where it is not there
        folder: PathBuf,
    },
    /// Whether passes reach their end: fails where the last one is too long ago. For an alarm elsewhere; needs no key
    Watch {
        /// How long ago it may be: minutes, or with a unit as in 15m or 2h
        #[arg(long, value_name = "MINUTES", default_value = "15", value_parser = minutes)]
        max_age: u32,
    },
    /// Tell whoever wants to know what needs somebody now; each pass does so by itself
    Notify {
        /// Send a test to every channel of bex.toml instead
        #[arg(long)]
        test: bool,
    },
    /// What needs somebody, runs, people covered and questions, in Prometheus's text form; names nobody
    Metrics,
    /// Why a feed has run or has not: what its run waits for, each yes or no
    Why {
        /// The feed, as its file in schedules/ is called
        feed: String,
    },
    /// Where a segment of a run's file comes from, or all it has of a member: source, row and column; never a value
    Explain(ExplainArguments),
    /// A member like a parcel: its rows, and with each carrier the segments, the file, the proof, the answer
    Trace(TraceArguments),
    /// Go on with a run from its last commit
    Resume(ResumeArguments),
    /// Let a run go that a guard has held
    Release(ReleaseArguments),
    /// Say where a delivery's file is, whom you have asked, and why you know
    Attest(AttestArguments),
    /// Say what a carrier has decided of a delivery, where its answer does not come or does not hold
    Settle(SettleArguments),
    /// Send a delivered file once more: the same bytes, name and number; or write it out to be carried
    Resend(ResendArguments),
    /// Compute a run again from the same inputs, under a new number
    Rebuild(RebuildArguments),
    /// Where every choice of a feed's carrier stands, and what is not confirmed, the oldest first
    Balance(PlanArguments),
    /// What the nights to come will tell of a feed by themselves: choices, ages, plans that close
    Forecast(ForecastArguments),
    /// What somebody has to tell a carrier by hand, because its file may not say it: sentences to type, and how to say
    /// that it is done
    Worklist(WorklistArguments),
    /// What a carrier was told, held against its own list: an 834, a table or a workbook that it has sent
    Reconcile(ReconcileArguments),
    /// Say what a carrier knows before a feed's first file, by its own list or by a day: it counts as told, and nothing
    /// is sent
    Baseline(BaselineArguments),
    /// Decide what no input says: a day, or a word, for one open question
    Answer(QuestionArguments),
    /// Keep a feed from being run or sent; other feeds go on
    Hold(HoldArguments),
    /// Let a held feed go
    Unhold(HoldArguments),
    /// Tools for anybody's 834, 999 and TA1 files; no site is needed
    #[command(subcommand)]
    X12(super::x12::X12Command),
    /// Give up a run of which nothing can have been published
    Void(VoidArguments),
    /// What lies beside a restored store and is not in it; with a reason, go on behind the numbers used there
    Recover {
        /// Why there is no newer store to restore. Without it nothing is changed
        #[arg(long)]
        reason: Option<String>,
    },
    /// Hold store, files and configuration against the log, and the log against its checkpoints; needs no key
    Verify(VerifyArguments),
    /// The log: what was done, by whom, in which order; signed, and proven to others
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Move the store into another database, compared table by table; the configuration line to change is printed;
    /// needs the log's key alone
    Migrate(MigrateArguments),
    #[command(flatten)]
    People(PeopleCommand),
    /// Fetch acknowledgements, match them, apply them, and say what is overdue and what waits for a person
    Acks {
        #[command(subcommand)]
        command: Option<AcksCommand>,
    },
}

/// `bex runs`.
#[derive(Debug, Args)]
pub(super) struct RunsArguments {
    /// The newest runs as a table, with their counts, instead of the grid of nights; with --json, all feeds' nights
    #[arg(long)]
    pub all: bool,
    /// The same, so many of them. Default: 40
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
    /// Only of this employer
    #[arg(long, value_name = "NAME")]
    pub employer: Option<String>,
    /// Only of this carrier
    #[arg(long, value_name = "NAME")]
    pub carrier: Option<String>,
    /// The same, only those whose words on the board hold this: held, failed, uncertain, rejected, overdue
    #[arg(long, value_name = "WORDS")]
    pub state: Option<String>,
    /// The board, and as exit status what stands gravest: 5 uncertain, 4 held, 1 whatever else needs somebody now, 0
    #[arg(long)]
    pub check: bool,
}

/// `bex verify`.
#[derive(Debug, Args)]
pub(super) struct VerifyArguments {
    /// The Nth of so many parts of rows and files, as 3/30: one each night reads everything in a month
    #[arg(long, value_name = "N/OF", value_parser = part)]
    pub part: Option<Part>,
}

fn minutes(text: &str) -> Result<u32, String> {
    let (number, times) = match text.strip_suffix('h') {
        Some(hours) => (hours, 60),
        None => (text.strip_suffix('m').unwrap_or(text), 1),
    };
    let count = number.parse::<u32>().ok().and_then(|count| count.checked_mul(times));
    count.ok_or_else(|| "minutes, or a number with m or h behind it".to_string())
}

fn part(text: &str) -> Result<Part, String> {
    let (n, of) = text.split_once('/').unwrap_or((text, ""));
    let part = n.parse().ok().zip(of.parse().ok()).map(|(n, of)| Part { n, of });
    part.filter(|part| (1..=part.of).contains(&part.n)).ok_or_else(|| "a part is N/OF, such as 3/30".to_string())
}

/// `bex input`.
#[derive(Debug, Subcommand)]
pub(super) enum InputCommand {
    /// Have the next run read its sealed copy: after a mapping was mended, or though it looks like another file; of one
    /// that was read already, the newest of its source is read once more
    Read {
        /// The input's number
        input: i64,
        /// The source it is: census/NAME or elections/NAME. Default: the one whose mapping describes it
        #[arg(long = "as", value_name = "SOURCE")]
        source: Option<String>,
        /// Why that is right; kept sealed with the act
        #[arg(long, required_unless_present = "plan")]
        reason: Option<String>,
        /// Show what would be done, and do nothing
        #[arg(long)]
        plan: bool,
    },
    /// Nothing is to come of it; of one that was read, is the newest of its source and was used by no run: it counts as
    /// never sent, and the one before is the newest again
    Settle {
        /// The input's number
        #[arg(required_unless_present = "part", conflicts_with = "part")]
        input: Option<i64>,
        /// Instead: files that wait for the others of their census, which will not come; census/SOURCE/PART
        #[arg(long, value_name = "SOURCE/PART")]
        part: Option<String>,
        /// Only those of this day, by their sender's name for them
        #[arg(long, value_name = "DATE", requires = "part")]
        day: Option<chrono::NaiveDate>,
        /// How many people's rows count as never sent; asked for at a terminal. Another number than the plan's is
        /// refused
        #[arg(long, value_name = "N")]
        confirm: Option<u64>,
        /// Why; kept sealed with the act
        #[arg(long, required_unless_present = "plan")]
        reason: Option<String>,
        /// Show what would be done, and do nothing
        #[arg(long)]
        plan: bool,
    },
}

/// `bex corrections`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct CorrectionsArguments {
    /// Only of this employer
    pub employer: Option<String>,
    #[command(subcommand)]
    pub command: Option<CorrectionsCommand>,
}

/// `bex corrections report`.
#[derive(Debug, Subcommand)]
pub(super) enum CorrectionsCommand {
    /// Write an employer's corrections as a sealed file for the employer: row, column, what is wrong, what to do
    Report(ReportArguments),
}

/// `bex corrections report`.
#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    /// The employer's name in bex.toml
    pub employer: String,
    /// Who may read it: an age recipient of the employer's
    #[arg(long, required = true, value_name = "RECIPIENT")]
    pub to: Vec<String>,
    /// A workbook, text between commas, or a page
    #[arg(long, value_enum, default_value_t = ReportForm::Xlsx)]
    pub format: ReportForm,
    /// The folder it is written to
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub out: PathBuf,
}

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum ReportForm {
    /// A workbook whose cells are all text.
    Xlsx,
    /// Text between commas.
    Csv,
    /// A page.
    Html,
}

/// `bex mapping`.
#[derive(Debug, Subcommand)]
pub(super) enum MappingCommand {
    /// Read a file through by a mapping and say every fault of both; nothing is kept, and no value is shown
    Check {
        /// The mapping: a census's or an elections file's
        mapping: PathBuf,
        /// The employer's file; where several make a census, all of them
        #[arg(required = true)]
        file: Vec<PathBuf>,
    },
    /// Print what a mapping may say as a JSON schema, for editors that check while somebody types
    Schema {
        /// Of what: census or elections
        kind: SampleKind,
    },
    /// Propose a mapping for a file, from its header and the shapes of its cells; no value is shown
    Sample {
        /// The employer's file; where several make a census, all of them
        #[arg(required = true)]
        file: Vec<PathBuf>,
        /// The employer's name in bex.toml
        #[arg(long, default_value = "example-employer", value_name = "NAME")]
        employer: String,
        /// What the file holds, where that cannot be seen: census or elections
        #[arg(long = "as", value_name = "KIND")]
        kind: Option<SampleKind>,
    },
    /// Say of each value of a row where it stands, by which rule it is read, and the shape of what is made of it
    Explain {
        /// The mapping: a census's or an elections file's
        mapping: PathBuf,
        /// The employer's file
        file: PathBuf,
        /// The line on which the row starts, as faults say it
        #[arg(long, value_name = "N")]
        line: u64,
        /// Only this column of the mapping
        #[arg(long, value_name = "COLUMN")]
        column: Option<String>,
    },
}

/// What a file may hold.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum SampleKind {
    /// People.
    Census,
    /// What they have chosen.
    Elections,
}

/// `bex acks`.
#[derive(Debug, Subcommand)]
pub(super) enum AcksCommand {
    /// Say what has come of an answer that waits for a person: one that could not be read, names nothing of ours, came
    /// before its file was sent, or contradicts an earlier one
    Settle(AnswerArguments),
    /// Read an answer once more that could not be read, or named nothing of ours: after a setting was mended, or the
    /// archive was restored
    Reread(RereadArguments),
}

/// `bex acks reread`.
#[derive(Debug, Args)]
pub(super) struct RereadArguments {
    /// The answer's number, as `bex acks` says it
    pub answer: i64,
    /// What was mended; recorded
    #[arg(long, required_unless_present = "plan")]
    pub reason: Option<String>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub plan: bool,
}

/// `bex acks settle`.
#[derive(Debug, Args)]
pub(super) struct AnswerArguments {
    /// The answer's number, as `bex acks` says it
    pub answer: i64,
    /// The run it is about, where it names nothing of ours: then it counts as that run's answer
    #[arg(long, value_name = "RUN")]
    pub of: Option<i64>,
    /// How many people that run's file has; asked for at a terminal. Another number than the plan's is refused
    #[arg(long, value_name = "N", requires = "of")]
    pub confirm: Option<u64>,
    /// What has come of it; recorded
    #[arg(long, required_unless_present = "plan")]
    pub reason: Option<String>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub plan: bool,
}

/// `bex demo`.
#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    /// Where to make it. Default: a new folder below the system's folder for temporary files
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// Synthetic members beside those of the story
    #[arg(long, default_value_t = 0)]
    pub members: u32,
    /// Nights to run: a full load, changes, then nights without changes
    #[arg(long, default_value_t = 2)]
    pub nights: u32,
    /// Seed of the synthetic members
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many carriers are served at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub jobs: u16,
    /// Keep a folder that was made for the demonstration
    #[arg(long)]
    pub keep: bool,
}

/// `bex run`.
#[derive(Debug, Args)]
pub(super) struct NightArguments {
    /// The feeds. Default: all of them
    pub feeds: Vec<String>,
    /// Run what is due now and has not run, by the feeds' schedules; for cron or a timer
    #[arg(long, conflicts_with = "date")]
    pub due: bool,
    /// The business date. Default: today, in the feed's zone
    #[arg(long)]
    pub date: Option<NaiveDate>,
    /// How many carriers are served at once. Default: 4, and 1 on test sites, whose nights come out the same each time
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub jobs: Option<u16>,
}

/// `bex skip`.
#[derive(Debug, Args)]
pub(super) struct SkipArguments {
    /// The feed, as its file in schedules/ is called
    pub feed: String,
    /// The business date
    #[arg(long)]
    pub date: NaiveDate,
    /// Why the feed needs no run on that day
    #[arg(long, required_unless_present = "plan")]
    pub reason: Option<String>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub plan: bool,
}

/// `bex schedule`.
#[derive(Debug, Subcommand)]
pub(super) enum ScheduleCommand {
    /// The days to come: when each feed is due, until when, and on which days it does not run
    Next(NextArguments),
}

/// `bex schedule next`.
#[derive(Debug, Args)]
pub(super) struct NextArguments {
    /// The feeds. Default: all of them
    pub feeds: Vec<String>,
    /// How many days, today included
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub days: u32,
}

/// `bex plan`, `bex balance` and `bex worklist`.
#[derive(Debug, Args)]
pub(super) struct PlanArguments {
    /// The feed, as its file in schedules/ is called
    pub feed: String,
    /// The business date. Default: today, in the feed's zone
    #[arg(long)]
    pub date: Option<NaiveDate>,
    /// Also list every family it would tell of and every question it would ask, by reference
    #[arg(long)]
    pub families: bool,
}

/// `bex worklist`.
#[derive(Debug, Args)]
pub(super) struct WorklistArguments {
    #[command(flatten)]
    pub of: PlanArguments,
    /// Call people by name, and by the number under which the carrier has them. Recorded
    #[arg(long, requires = "reason")]
    pub reveal: bool,
    /// Why names are needed; kept sealed with the act
    #[arg(long, requires = "reveal")]
    pub reason: Option<String>,
}

/// `bex forecast`.
#[derive(Debug, Args)]
pub(super) struct ForecastArguments {
    /// The feed, as its file in schedules/ is called
    pub feed: String,
    /// How many days ahead, 1 to 3,660
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3660))]
    pub days: u32,
}

/// `bex doctor`.
#[derive(Debug, Args)]
pub(super) struct DoctorArguments {
    /// The feeds whose carriers are looked at. Default: all of them
    pub feeds: Vec<String>,
    /// Also put three small files into each carrier's folder, and take them away again: what its server lets us do
    #[arg(long)]
    pub probe: bool,
}

/// `bex resume`.
#[derive(Debug, Args)]
pub(super) struct ResumeArguments {
    /// The run's number
    #[arg(required_unless_present = "since")]
    pub run: Option<i64>,
    #[command(flatten)]
    pub many: CountedRuns,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub plan: bool,
    /// Go on though these are configured otherwise than the run was decided for: everything that differs, by name
    #[arg(long, value_name = "NAMES", value_delimiter = ',', requires = "reason", conflicts_with = "since")]
    pub accept: Vec<String>,
    /// Why that is right; kept sealed with the act
    #[arg(long, requires = "accept")]
    pub reason: Option<String>,
}

/// `bex release`.
#[derive(Debug, Args)]
pub(super) struct ReleaseArguments {
    /// The run's number
    #[arg(required_unless_present = "since")]
    pub run: Option<i64>,
    #[command(flatten)]
    pub many: CountedRuns,
    /// Why it is right
    #[arg(long, required_unless_present = "plan")]
    pub reason: Option<String>,
    /// The same as `--confirm`, as it was called before
    #[arg(long, value_name = "N", conflicts_with_all = ["since", "confirm"])]
    pub expect: Option<u64>,
    /// Families that are kept back, by members' references as `bex plan` prints them: they become questions
    #[arg(long, value_name = "MEMBER", num_args = 1.., value_delimiter = ',', conflicts_with = "since")]
    pub except: Vec<String>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub plan: bool,
}

/// `bex migrate`.
#[derive(Debug, Args)]
pub(super) struct MigrateArguments {
    /// The other database: sqlite:PATH or postgres://USER@HOST:PORT/DATABASE; it must be empty
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// Where the password for it is: file:PATH or fd:NUMBER
    #[arg(long, value_name = "REFERENCE")]
    pub password: Option<String>,
    /// A file with the certificates its server's is signed by
    #[arg(long, value_name = "PATH")]
    pub authority: Option<String>,
}

/// `bex void`.
#[derive(Debug, Args)]
pub(super) struct VoidArguments {
    /// The run's number
    #[arg(required_unless_present = "since")]
    pub run: Option<i64>,
    #[command(flatten)]
    pub many: CountedRuns,
    /// Why it is given up; recorded
    #[arg(long, required_unless_present = "plan")]
    pub reason: Option<String>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub plan: bool,
}

/// `bex answer`.
#[derive(Debug, Args)]
pub(super) struct QuestionArguments {
    /// The question's number, as every page prints it. Or the feed, as its file in schedules/ is called, with the
    /// member's reference and the question's code behind it
    #[arg(value_name = "N|FEED")]
    pub question: String,
    /// What is decided: a day as YYYY-MM-DD, `tell`, `new` or `allowed`; the question says which it takes. Behind a
    /// feed: the member's reference, as `bex show` prints it beside the question
    #[arg(value_name = "ANSWER|MEMBER")]
    pub second: Option<String>,
    /// Behind a feed and a member: the question's code
    pub code: Option<String>,
    /// Behind these: what is decided
    #[arg(conflicts_with = "asked")]
    pub answer: Option<String>,
    /// Instead of an answer: whom the question was put to, in a word and never by name: HR, payroll, employer, broker,
    /// platform, carrier or member. Who it was belongs into the reason, which is sealed
    #[arg(long, value_name = "WHO", requires = "until", value_parser = inquired)]
    pub asked: Option<Inquired>,
    /// The same: the last day on which the question waits for them. It is open again after that
    #[arg(long, value_name = "DATE", requires = "asked")]
    pub until: Option<NaiveDate>,
    /// The plan it is about, where the question is open about several
    #[arg(long, value_name = "PLAN")]
    pub about: Option<String>,
    /// Why, and who was asked; kept sealed with the act
    #[arg(long, required_unless_present = "plan")]
    pub reason: Option<String>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub plan: bool,
}

fn inquired(text: &str) -> Result<Inquired, String> {
    let words: Vec<&str> = Inquired::ALL.iter().map(|whom| whom.word()).collect();
    Inquired::of_word(text).ok_or_else(|| format!("a role and never a name: {}", words.join(", ")))
}

/// `bex reconcile`.
#[derive(Debug, Args)]
pub(super) struct ReconcileArguments {
    /// The feed, as its file in schedules/ is called
    pub feed: String,
    /// The carrier's list; it is read where it lies
    #[arg(long, value_name = "FILE")]
    pub against: PathBuf,
    /// The day on which cover is compared. Default: today, in the feed's zone
    #[arg(long)]
    pub date: Option<NaiveDate>,
}

/// `bex baseline`.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("basis").required(true)))]
pub(super) struct BaselineArguments {
    /// The feed, as its file in schedules/ is called
    pub feed: String,
    /// The carrier was told everything that census and elections say, up to this day
    #[arg(long, group = "basis", value_name = "DATE")]
    pub declare: Option<NaiveDate>,
    /// The carrier knows what its own list says: an 834, a table or a workbook; it is read where it lies
    #[arg(long, group = "basis", value_name = "FILE")]
    pub roster: Option<PathBuf>,
    /// The day of the list. Default: today, in the feed's zone
    #[arg(long, conflicts_with = "declare")]
    pub date: Option<NaiveDate>,
    #[command(flatten)]
    pub consent: Consent,
}

/// `bex hold` and `bex unhold`.
#[derive(Debug, Args)]
pub(super) struct HoldArguments {
    /// The feed, as its file in schedules/ is called
    pub feed: String,
    /// Why; kept sealed with the act
    #[arg(long, required_unless_present = "plan")]
    pub reason: Option<String>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub plan: bool,
}

/// `bex attest`.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("word").required(true)))]
pub(super) struct AttestArguments {
    /// The run's number
    #[arg(required_unless_present = "since")]
    pub run: Option<i64>,
    #[command(flatten)]
    pub many: ManyRuns,
    /// The carrier has the file: its people count as told
    #[arg(long, group = "word")]
    pub delivered: bool,
    /// The carrier does not have it: `bex resume` sends the same bytes
    #[arg(long, group = "word")]
    pub not_delivered: bool,
    /// The file was carried there by hand: its people count as told
    #[arg(long, group = "word")]
    pub delivered_out_of_band: bool,
    /// What it rests on: who was asked, a ticket; kept sealed with the act
    #[arg(long, required_unless_present = "plan")]
    pub evidence: Option<String>,
    #[command(flatten)]
    pub consent: Consent,
}

/// `bex settle`.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("word").required(true)))]
pub(super) struct SettleArguments {
    /// The run's number
    #[arg(required_unless_present = "since")]
    pub run: Option<i64>,
    #[command(flatten)]
    pub many: ManyRuns,
    /// The carrier has accepted it: what it told counts as told
    #[arg(long, group = "word")]
    pub accepted: bool,
    /// The carrier has rejected it: what it told is taken back and decided anew
    #[arg(long, group = "word")]
    pub rejected: bool,
    /// The carrier does not have it any more: what it told is taken back and decided anew
    #[arg(long, group = "word")]
    pub lost: bool,
    /// What it rests on: who was asked, a ticket; kept sealed with the act
    #[arg(long, required_unless_present = "plan")]
    pub evidence: Option<String>,
    #[command(flatten)]
    pub consent: Consent,
}

/// `bex resend`.
#[derive(Debug, Args)]
pub(super) struct ResendArguments {
    /// The run's number
    #[arg(required_unless_present = "since")]
    pub run: Option<i64>,
    #[command(flatten)]
    pub many: ManyRuns,
    /// Write the sealed file into this folder instead, for somebody to carry
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,
    #[command(flatten)]
    pub consent: Consent,
}

/// `bex rebuild`.
#[derive(Debug, Args)]
pub(super) struct RebuildArguments {
    /// The run's number
    pub run: i64,
    #[command(flatten)]
    pub consent: Consent,
}
