//! What may be typed to look at one thing. Help is generated from this.

use clap::{Args, Subcommand};

/// `bex show`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct ShowArguments {
    /// The run's number
    #[arg(required = true)]
    pub run: Option<i64>,
    /// Also list the feed's open questions, with the rows they are about
    #[arg(long)]
    pub questions: bool,
    /// Also list every fault and notice of the run and its inputs
    #[arg(long)]
    pub faults: bool,
    /// Also list the families in its file, by reference; of a held run, those it would tell of
    #[arg(long)]
    pub families: bool,
    #[command(subcommand)]
    pub what: Option<ShowCommand>,
}

/// `bex show input`.
#[derive(Debug, Subcommand)]
pub(super) enum ShowCommand {
    /// One file that was taken in: how it stands and why, its name, when it came, by which mapping it was read
    Input {
        /// The input's number
        input: i64,
        /// Also list every fault and notice of it
        #[arg(long)]
        faults: bool,
    },
    /// One delivery with everything its carrier has said of it, each place followed to its source, row and column
    Delivery {
        /// The delivery's number
        delivery: i64,
    },
    /// An open question, or all of a family: what is asked, of which rows, and what settles it
    Question {
        /// The question's number, or the member's reference: a run prints both beside its questions
        #[arg(value_name = "N|REF")]
        meant: String,
    },
    /// One file that came back from a carrier: what it answers, and what to do with it
    Ack {
        /// The answer's number, as `bex acks` says it
        answer: i64,
    },
}

/// `bex explain`.
#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// The run's number
    pub run: i64,
    /// The segment's place in its set, ST being 1, as a 999 says it in IK302
    #[arg(long, value_name = "N", required_unless_present = "member")]
    pub segment: Option<u64>,
    /// The element, as a 999 says it in IK401
    #[arg(long, value_name = "N", requires = "segment")]
    pub element: Option<u16>,
    /// Everything the file has of this member: a reference as `bex show` prints it, or the employee number
    #[arg(long, value_name = "REF", conflicts_with = "segment")]
    pub member: Option<String>,
    /// Whose employee, where the number is used by several employers
    #[arg(long, value_name = "NAME", requires = "member")]
    pub employer: Option<String>,
}

/// `bex trace`.
#[derive(Debug, Args)]
pub(super) struct TraceArguments {
    /// The member's reference, as `bex show` prints it, or the employee number as the census writes it
    #[arg(long, value_name = "REF")]
    pub member: String,
    /// Whose employee, where the number is used by several employers
    #[arg(long, value_name = "NAME")]
    pub employer: Option<String>,
}
