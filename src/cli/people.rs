//! What may be typed of the commands about who may do what, who did it, and whom it concerns.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand};

/// The commands about who may do what, who did it, and whom it concerns.
#[derive(Debug, Subcommand)]
pub(super) enum PeopleCommand {
    /// This site's own privacy statement, made from its configuration: who is told what and why, who may see it
    Statement,
    /// What waits for another person's approval: what somebody has configured, and acts that somebody has asked for;
    /// with --expect or a number, and a reason, approve it
    Approve(ApproveArguments),
    /// What was done, day by day, exceptions first, and who has signed for it
    #[command(subcommand)]
    Review(ReviewCommand),
    /// Who may do what on this site, and what the person at work may; needs no key
    Grants(GrantsArguments),
    /// The site's keys, and another one for the vault
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Everything but keys and inboxes in a folder, proven by restoring it; or an earlier backup restored on trial
    Backup(BackupArguments),
    /// How long sealed files are kept, what is due, and the end of it; orders to keep
    #[command(subcommand)]
    Retention(RetentionCommand),
    /// Tell somebody what no feed tells: asked by one person, approved by another, on the member's account
    #[command(subcommand)]
    Disclose(DiscloseCommand),
    /// In an emergency, take leave for a time that nobody has granted: it is recorded, seen by everybody, and reviewed
    Breakglass(BreakglassArguments),
    /// What each carrier may be told, why, and who approved it; and what stands between two versions
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// To whom somebody's data were told, what, when and for what: the account that a member may ask for. Recorded
    Disclosures(DisclosuresArguments),
    /// Who was in a delivery: how many, or with a reason who; for the notices when a file has gone astray
    Affected(AffectedArguments),
}

/// `bex approve`.
#[derive(Debug, Args)]
pub(super) struct ApproveArguments {
    /// An act that somebody else has asked for, by its number in the list: shows its plan, and does it
    #[arg(value_name = "N", conflicts_with = "expect", requires = "said")]
    pub act: Option<i64>,
    /// Show what would be done, and do nothing
    #[arg(long, requires = "act", group = "said")]
    pub plan: bool,
    /// How many people the plan concerns; asked for at a terminal. Another number than the plan's is refused
    #[arg(long, value_name = "N", requires = "act", conflicts_with = "refuse")]
    pub confirm: Option<u64>,
    /// Say that nothing is to come of the act
    #[arg(long, requires = "act", conflicts_with = "plan")]
    pub refuse: bool,
    /// What the list is known by; approves it if nothing of it has changed since. Without it, the list is shown
    #[arg(long, value_name = "DIGEST", requires = "reason")]
    pub expect: Option<String>,
    /// Why it is right; kept sealed with the act
    #[arg(long, group = "said")]
    pub reason: Option<String>,
}

/// `bex review`.
#[derive(Debug, Subcommand)]
pub(super) enum ReviewCommand {
    /// The days that nobody has signed for, and those that were signed
    List,
    /// One day: what must be looked at one by one, and how many of everything
    Show {
        /// The day, UTC. Default: the oldest that waits
        day: Option<NaiveDate>,
        /// Only the text that a key signs, byte for byte
        #[arg(long)]
        to_sign: bool,
    },
    /// Sign for the oldest day that waits
    Sign(ReviewSignArguments),
}

/// `bex review sign`.
#[derive(Debug, Args)]
pub(super) struct ReviewSignArguments {
    /// The day, UTC
    pub day: NaiveDate,
    /// What the day is known by, as `bex review show` says it
    #[arg(long, value_name = "DIGEST")]
    pub expect: String,
    /// What was found; kept sealed with the act
    #[arg(long)]
    pub finding: String,
    /// The signature of `bex review show DAY --to-sign`, where the site wants one
    #[arg(long, value_name = "FILE")]
    pub signature: Option<PathBuf>,
}

/// `bex grants`.
#[derive(Debug, Args)]
pub(super) struct GrantsArguments {
    /// The roles there are, and which acts belong to each
    #[arg(long)]
    pub roles: bool,
    /// Only grants of this role
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// What this user may, in place of the one at work; groups are not looked up
    #[arg(long, value_name = "USER")]
    pub user: Option<String>,
}

/// `bex backup`.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("which").required(true)))]
pub(super) struct BackupArguments {
    /// The folder to make it in; it is not there yet
    #[arg(long, group = "which", value_name = "DIR")]
    pub to: Option<PathBuf>,
    /// A folder that a backup was made in: restored on trial, and nothing else
    #[arg(long, group = "which", value_name = "DIR")]
    pub check: Option<PathBuf>,
}

/// `bex retention`.
#[derive(Debug, Subcommand)]
pub(super) enum RetentionCommand {
    /// How many files of each class there are, how many are due, and which orders to keep stand
    List,
    /// Destroy what is due, with the keys of it, and certify that; stopped, the same command goes on
    Destroy {
        /// What the list is known by, as `bex retention list` says it
        #[arg(long, value_name = "DIGEST")]
        expect: String,
        /// Why; kept sealed with the act
        #[arg(long)]
        reason: String,
    },
    /// Order that nothing is destroyed, however old: of one employer, or at all
    Hold {
        /// Whose files, as bex.toml names the employer. Default: everything
        #[arg(long, value_name = "NAME")]
        employer: Option<String>,
        /// The case's reference; kept sealed with the act
        #[arg(long, value_name = "REF")]
        case: String,
        /// Why; kept sealed with the act
        #[arg(long)]
        reason: String,
    },
    /// Lift such an order
    Lift {
        /// The order's number
        hold: i64,
        /// Why; kept sealed with the act
        #[arg(long)]
        reason: String,
    },
}

/// `bex disclose`.
#[derive(Debug, Subcommand)]
pub(super) enum DiscloseCommand {
    /// What waits for an approval
    List {
        /// With what was approved
        #[arg(long)]
        all: bool,
    },
    /// Ask for it: nothing may be told yet
    Ask(TellingArguments),
    /// Approve what somebody else has asked for: it may be told, and stands on the member's account
    Approve {
        /// Its number
        telling: i64,
        /// What it is known by, as `bex disclose list` says it
        #[arg(long, value_name = "DIGEST")]
        expect: String,
        /// Why it is right; kept sealed with the act
        #[arg(long)]
        reason: String,
    },
}

/// `bex disclose ask`.
#[derive(Debug, Args)]
pub(super) struct TellingArguments {
    /// The member's reference, as `bex show` prints it, or the employee number as the census writes it
    #[arg(long, value_name = "REF")]
    pub member: String,
    /// Whose employee, where the number is used by several employers
    #[arg(long, value_name = "NAME")]
    pub employer: Option<String>,
    /// For what: a member's own direction, or what the law wants
    #[arg(long, value_enum)]
    pub purpose: TellingPurpose,
    /// To whom: a person, a court, an authority
    #[arg(long, value_name = "NAME")]
    pub to: String,
    /// Street and town of whoever is told
    #[arg(long)]
    pub address: Option<String>,
    /// What: words of the catalogue of fields, separated by commas
    #[arg(long, value_name = "FIELDS", value_delimiter = ',', required = true)]
    pub what: Vec<String>,
    /// The case's own reference
    #[arg(long, value_name = "REF")]
    pub case: String,
    /// Nothing is destroyed until the order to keep is lifted
    #[arg(long)]
    pub hold: bool,
    /// Why; kept sealed with the act
    #[arg(long)]
    pub reason: String,
}

/// For what something is told that no feed tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum TellingPurpose {
    /// The member wants it
    IndividualDirection,
    /// A court wants it
    Subpoena,
    /// An authority wants it
    AdministrativeAction,
    /// Somebody's life or health is in danger
    Threat,
}

/// `bex keys`.
#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// What each key is for, where it is, by what it is told from others, and since when it has stood there
    List,
    /// Another key for the vault: everything that is sealed moves under it. Stopped, the same command goes on
    Rotate {
        /// Why; kept sealed with the record
        #[arg(long)]
        reason: String,
    },
}

/// `bex breakglass`.
#[derive(Debug, Args)]
pub(super) struct BreakglassArguments {
    /// For how many minutes
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=480))]
    pub minutes: u32,
    /// Why; kept sealed with the act
    #[arg(long)]
    pub reason: String,
}

/// `bex policy`.
#[derive(Debug, Subcommand)]
pub(super) enum PolicyCommand {
    /// The closed catalogue with every carrier's policy, or one carrier's, element by element
    Show(PolicyShowArguments),
    /// What a version says otherwise than another; by default the configured one than the one used last
    Diff(PolicyDiffArguments),
}

/// `bex policy show`.
#[derive(Debug, Args)]
pub(super) struct PolicyShowArguments {
    /// The carrier, as its file in mappings/carriers/ is called. Default: all of them, in a line each
    pub carrier: Option<String>,
    /// The version that this delivery was sealed under, with the elements that stand in its file
    #[arg(long, value_name = "N", conflicts_with = "carrier")]
    pub delivery: Option<i64>,
    /// A version that was used, by the beginning of its digest
    #[arg(long, value_name = "DIGEST", requires = "carrier")]
    pub version: Option<String>,
}

/// `bex policy diff`.
#[derive(Debug, Args)]
pub(super) struct PolicyDiffArguments {
    /// The carrier, as its file in mappings/carriers/ is called
    pub carrier: String,
    /// From this version, by the beginning of its digest. Default: the one that the last file was sealed under
    #[arg(long, value_name = "DIGEST")]
    pub from: Option<String>,
    /// To this version. Default: the one that is configured
    #[arg(long, value_name = "DIGEST")]
    pub to: Option<String>,
}

/// In which form an account is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum AccountForm {
    /// Lines for a terminal
    Table,
    /// One disclosure or person a line
    Csv,
    /// One document
    Json,
    /// A page to hand out
    Html,
}

/// `bex disclosures`.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("sought").required(true)))]
pub(super) struct DisclosuresArguments {
    /// The member's reference, as `bex show` prints it, or the employee number as the census writes it
    #[arg(long, group = "sought", value_name = "REF")]
    pub member: Option<String>,
    /// Read a Social Security number from this file descriptor; 0 is stdin
    #[arg(long, group = "sought", value_name = "N")]
    pub ssn_fd: Option<u32>,
    /// Whose employee, where the number is used by several employers
    #[arg(long, value_name = "NAME", requires = "member")]
    pub employer: Option<String>,
    /// Only this one of the people, by the number on the account
    #[arg(long, value_name = "N")]
    pub person: Option<usize>,
    /// From this day on. Default: six years ago
    #[arg(long, value_name = "DATE")]
    pub since: Option<NaiveDate>,
    /// Until this day. Default: today
    #[arg(long, value_name = "DATE")]
    pub until: Option<NaiveDate>,
    /// In which form
    #[arg(long, value_enum, default_value_t = AccountForm::Table)]
    pub format: AccountForm,
    /// Show names; else everybody is called by relationship
    #[arg(long)]
    pub reveal: bool,
    /// Why; kept sealed with the act
    #[arg(long)]
    pub reason: String,
}

/// `bex affected`.
#[derive(Debug, Args)]
pub(super) struct AffectedArguments {
    /// The delivery's number, as `bex show RUN` says it; several, separated by commas, are counted together
    #[arg(long, value_name = "N", value_delimiter = ',', required = true)]
    pub delivery: Vec<i64>,
    /// List the people, too. Recorded
    #[arg(long, requires = "reason")]
    pub list: bool,
    /// List them with names and addresses as they were told
    #[arg(long, requires = "list")]
    pub reveal: bool,
    /// In which form
    #[arg(long, value_enum, default_value_t = AccountForm::Table)]
    pub format: AccountForm,
    /// Why; kept sealed with the act
    #[arg(long)]
    pub reason: Option<String>,
}

/// `bex audit`.
#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Records in their order, one a line
    Show(LeavesArguments),
    /// The log itself: every record, checkpoint and anchored checkpoint
    Verify,
    /// The log in a new folder, for somebody who verifies it with a program of their own; or one record with its proof
    Export(ExportArguments),
    /// Sign the log as it is, keep the note in the store and in the anchor's folder, and print it
    Checkpoint,
    /// On another machine, without a site: sign the newest checkpoint of a site's log, if it extends the one signed
    /// last
    Witness(WitnessArguments),
}

/// `bex audit witness`.
#[derive(Debug, Args)]
pub(super) struct WitnessArguments {
    /// The log's public key: the site's keys/log.pub, brought by another way than the folder
    #[arg(long, value_name = "FILE")]
    pub log: PathBuf,
    /// What lies in the site's anchor, or a copy of it; what is signed is laid there, too
    #[arg(long, value_name = "DIR")]
    pub folder: PathBuf,
    /// The witness's own folder: its key, made the first time, and what it has signed last
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
}

/// `bex audit show`.
#[derive(Debug, Args)]
pub(super) struct LeavesArguments {
    /// The first record. Default: so that the newest is the last
    #[arg(long, value_name = "RECORD")]
    pub from: Option<i64>,
    /// How many
    #[arg(long, default_value_t = 40)]
    pub limit: u32,
    /// Only what this person did, was refused or read, as records name who acts
    #[arg(long, value_name = "PERSON")]
    pub by: Option<String>,
    /// Only records of this action, such as access.denied
    #[arg(long, value_name = "ACTION")]
    pub action: Option<String>,
    /// With why people did it, which is sealed: needs the vault's key
    #[arg(long)]
    pub reasons: bool,
}

/// `bex audit export`.
#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    /// A folder that does not exist yet
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// This record alone, with the proof that it is in the log
    #[arg(long, value_name = "RECORD")]
    pub record: Option<u64>,
}
