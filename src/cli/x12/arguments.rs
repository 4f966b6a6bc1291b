//! What may be typed after `bex x12`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand};

/// Tools for anybody's 834, 999 and TA1 files; no site is needed.
#[derive(Debug, Subcommand)]
pub enum X12Command {
    /// Judge files: every fault with its code, place, rule and next step, and never a value from the file
    ///
    /// Exit status: 0 all are valid; 1 one is not; 2 one cannot be read as X12 at all, or the command was refused.
    Validate(ValidateArguments),
    /// Show files as trees, with names and meanings from the guide; people's values are masked
    ///
    /// Exit status: 0 shown; 1 the file breaks off; 2 it cannot be read as X12 at all, or the command was refused.
    View(ViewArguments),
    /// Compare two enrollment files by member and meaning, not by line; people's values are masked
    ///
    /// Members are matched by subscriber number and relationship, then social security number, name and birth date;
    /// coverages by line and plan. Numbers and times of envelopes are listed and make no difference.
    ///
    /// Exit status: 0 the same; 1 different; 2 one cannot be read to its end, or the command was refused.
    Diff(DiffArguments),
    /// Write files with everybody's values replaced: same structure, same verdict, nobody's data
    ///
    /// The same value becomes the same replacement, in all files that are masked with the same key. Names stay
    /// letters; identifiers keep their shape; social security numbers get the middle digits 00, which were never
    /// issued; birth dates move by days of their own, other dates in people's lives by the same days; telephone
    /// numbers are 555-01xx and e-mail addresses end in example.invalid or another domain that never exists. Codes,
    /// dates of coverage, plans, parties and control numbers stay. What is masked can be joined to other data by
    /// those: it is for tests and defect reports, not for publication.
    ///
    /// Exit status: 0 written; 1 a file breaks off, and so does what is written; 2 one cannot be read as X12 at all,
    /// or the command was refused.
    Mask(MaskArguments),
    /// Write the TA1 and the 999 that a receiver of the files would answer with
    ///
    /// Exit status: 0 written, whatever the answers say; 1 nothing in a file is answered; 2 one cannot be read as
    /// X12 at all, or the command was refused.
    Ack(AckArguments),
}

impl X12Command {
    /// Whether the answer is for people to read; else it is bytes of files.
    pub(super) fn answers_in_words(&self) -> bool {
        matches!(self, X12Command::Validate(_) | X12Command::View(_) | X12Command::Diff(_))
    }
}

/// What files are judged by.
#[derive(Debug, Default, Args)]
pub struct By {
    /// The guide: 005010X220A1 (834), 005010X231A1 (999), or a file that holds a guide of your own as text. A file of
    /// 999s is known by itself
    #[arg(long, value_name = "GUIDE", default_value = "005010X220A1")]
    pub guide: String,
    /// A carrier's declared deviations from the guide; may be given several times
    #[arg(long, value_name = "FILE.toml")]
    pub overlay: Vec<PathBuf>,
}

/// How far files are read, and whether that is told meanwhile.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct ReadingOptions {
    /// Stop reading a file after so many bytes, with a fault that names the place: 500000, 64K, 200M or 2G
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub limit: Option<u64>,
    /// Tell on stderr how far large files are read. Default: only where stderr is a terminal
    #[arg(long)]
    pub progress: bool,
}

/// Whether people's values are shown.
#[derive(Debug, Default, Args)]
pub struct Revealing {
    /// Show people's values. Nobody grants this on a file outside of a site, but it needs a reason
    #[arg(long = "reveal", requires = "reason")]
    pub unmasked: bool,
    /// Why people's values must be seen; repeated on stderr
    #[arg(long, value_name = "TEXT", requires = "unmasked")]
    pub reason: Option<String>,
}

/// `bex x12 validate`.
#[derive(Debug, Default, Args)]
pub struct ValidateArguments {
    /// Files; `-` is stdin
    #[arg(value_name = "FILE", required_unless_present = "guide")]
    pub files: Vec<PathBuf>,
    /// The guide: 005010X220A1 (834), 005010X231A1 (999), a file that holds a guide of your own as text, or `list` to
    /// list those built in. Default: 005010X220A1
    #[arg(long, value_name = "GUIDE")]
    pub guide: Option<String>,
    /// A carrier's declared deviations from the guide; may be given several times
    #[arg(long, value_name = "FILE.toml")]
    pub overlay: Vec<PathBuf>,
    /// Limit and progress.
    #[command(flatten)]
    pub reading: ReadingOptions,
}

/// `bex x12 view`.
#[derive(Debug, Default, Args)]
pub struct ViewArguments {
    /// Files; `-` is stdin
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// One member alone, counted in the file from 1
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub member: Option<u64>,
    /// Masking.
    #[command(flatten)]
    pub revealing: Revealing,
    /// Guide and overlays.
    #[command(flatten)]
    pub by: By,
    /// Limit and progress.
    #[command(flatten)]
    pub reading: ReadingOptions,
}

/// `bex x12 diff`.
#[derive(Debug, Default, Args)]
pub struct DiffArguments {
    /// The first file; `-` is stdin, kept in memory
    pub a: PathBuf,
    /// The second file; `-` is stdin
    pub b: PathBuf,
    /// Masking.
    #[command(flatten)]
    pub revealing: Revealing,
    /// Guide and overlays.
    #[command(flatten)]
    pub by: By,
    /// Limit and progress.
    #[command(flatten)]
    pub reading: ReadingOptions,
}

/// `bex x12 mask`.
#[derive(Debug, Default, Args)]
pub struct MaskArguments {
    /// Files; `-` is stdin
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// A folder for the masked files, under their own names. Default: stdout, one after the other
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Secret bytes, at least 16: the same key gives the same replacements. Default: a random key, used once
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Guide and overlays.
    #[command(flatten)]
    pub by: By,
    /// Limit and progress.
    #[command(flatten)]
    pub reading: ReadingOptions,
}

/// `bex x12 ack`.
#[derive(Debug, Args)]
pub struct AckArguments {
    /// Files; `-` is stdin
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// A folder for the answers, named after each file: .ta1 and .999. Default: stdout, one after the other
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// ISA13 and GS06 of the first answer; each further one counts on, from file to file
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=999_999_999))]
    pub control_number: u32,
    /// The day the answers are dated. Default: today, UTC
    #[arg(long)]
    pub date: Option<NaiveDate>,
    /// The time the answers are dated, HHMM. Default: now, UTC
    #[arg(long, value_name = "HHMM", value_parser = hours_and_minutes)]
    pub time: Option<String>,
    /// Guide and overlays.
    #[command(flatten)]
    pub by: By,
    /// Limit and progress.
    #[command(flatten)]
    pub reading: ReadingOptions,
}

/// A number of bytes, with K, M or G behind it for thousands, millions and thousands of millions.
fn size(text: &str) -> Result<u64, &'static str> {
    let (digits, factor) = match text.char_indices().last() {
        Some((at, 'K' | 'k')) => (&text[..at], 1_000),
        Some((at, 'M' | 'm')) => (&text[..at], 1_000_000),
        Some((at, 'G' | 'g')) => (&text[..at], 1_000_000_000),
        _ => (text, 1),
    };
    let number = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    number.filter(|bytes| *bytes > 0).ok_or("a number of bytes such as 500000, 64K, 200M or 2G")
}

fn hours_and_minutes(text: &str) -> Result<String, &'static str> {
    let digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let time = chrono::NaiveTime::parse_from_str(text, "%H%M").ok().filter(|_| digits);
    time.map(|_| text.to_owned()).ok_or("four digits, hours and minutes, such as 0930")
}
