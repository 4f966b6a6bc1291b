//! Where a run stands for whoever may act on it, and which acts fit: the table that commands, the board and the
//! reference are made from. What a row does not name is refused.

use super::{AckState, Answer, AttemptState, DeliveryState, RunState};

/// Everything that a command lets a person do with a run and its delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunAct {
    /// `resume`: go on from the last commit.
    Resume,
    /// `release`: let go what a guard holds.
    Release,
    /// `void`: give it up.
    Void,
    /// `attest --not-delivered`: it is not at the carrier.
    AttestAbsent,
    /// `attest --delivered`: it is at the carrier.
    AttestDelivered,
    /// `attest --delivered-out-of-band`: somebody has carried it there.
    AttestByHand,
    /// `settle --accepted`: what it told is known there.
    SettleAccepted,
    /// `settle --rejected`: nothing it told is known there.
    SettleRejected,
    /// `settle --lost`: the carrier does not have it any more.
    SettleLost,
    /// `resend`: the same bytes once more.
    Resend,
    /// `resend --to DIR`: the sealed file, to be carried.
    Carry,
    /// `rebuild`: other bytes under a new number.
    Rebuild,
}

impl RunAct {
    /// Every act, in the order of the reference.
    pub const ALL: [RunAct; 12] = [
        RunAct::Resume,
        RunAct::Release,
        RunAct::Void,
        RunAct::AttestAbsent,
        RunAct::AttestDelivered,
        RunAct::AttestByHand,
        RunAct::SettleAccepted,
        RunAct::SettleRejected,
        RunAct::SettleLost,
        RunAct::Resend,
        RunAct::Carry,
        RunAct::Rebuild,
    ];

    /// The act that is typed so; none for any other word.
    pub fn of_word(word: &str) -> Option<RunAct> {
        RunAct::ALL.into_iter().find(|act| act.word() == word)
    }

    /// Whether a production site wants two people for it: it rests on somebody's word, or may have a carrier told twice
    /// or otherwise.
    pub fn wants_two(self) -> bool {
        !matches!(self, RunAct::Resume | RunAct::Release | RunAct::Void)
    }

    /// As it is typed, without the run.
    pub fn word(self) -> &'static str {
        match self {
            RunAct::Resume => "resume",
            RunAct::Release => "release",
            RunAct::Void => "void",
            RunAct::AttestAbsent => "attest --not-delivered",
            RunAct::AttestDelivered => "attest --delivered",
            RunAct::AttestByHand => "attest --delivered-out-of-band",
            RunAct::SettleAccepted => "settle --accepted",
            RunAct::SettleRejected => "settle --rejected",
            RunAct::SettleLost => "settle --lost",
            RunAct::Resend => "resend",
            RunAct::Carry => "resend --to DIR",
            RunAct::Rebuild => "rebuild",
        }
    }
}

/// How soon somebody has to do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// Now: nothing goes on without it.
    Now,
    /// Before the next night.
    Today,
    /// It waits for somebody else.
    Waits,
    /// Done, or nothing to do.
    Done,
    /// Nothing is to be done, and nothing was: somebody else was asked.
    Nothing,
}

impl Urgency {
    /// The mark at the beginning of a line.
    pub fn mark(self) -> &'static str {
        match self {
            Urgency::Now => "!!",
            Urgency::Today => "!",
            Urgency::Waits => "~",
            Urgency::Done => "o",
            Urgency::Nothing => ".",
        }
    }
}

/// A row of the table. `RUN` in `next` stands for the run's number.
#[derive(Clone, Copy, Debug)]
pub struct StandingRow {
    /// What the row is about.
    pub standing: RunStanding,
    /// How soon somebody is needed.
    pub urgency: Urgency,
    /// How it stands, in words.
    pub words: &'static str,
    /// The one thing that helps most, with its command.
    pub next: &'static str,
    /// Which acts fit.
    pub acts: &'static [RunAct],
}

/// Declares the standings with their rows.
macro_rules! standings {
    ($($name:ident $urgency:ident $words:literal, $next:literal, [$($act:ident),*];)+) => {
        /// How a run and its delivery stand together, as a person sees them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum RunStanding {
            $(#[doc = $words] $name,)+
        }

        impl RunStanding {
            /// The table, in the order a run goes through it.
            pub const TABLE: &'static [StandingRow] = &[$(
                StandingRow {
                    standing: RunStanding::$name,
                    urgency: Urgency::$urgency,
                    words: $words,
                    next: $next,
                    acts: &[$(RunAct::$act),*],
                }
            ),+];

            /// What is said of it, and which acts fit.
            pub fn row(self) -> &'static StandingRow {
                &RunStanding::TABLE[self as usize]
            }
        }
    };
}

standings! {
    Interrupted Today "stopped before it was sent", "`bex resume RUN`", [Resume, Void];
    Unlooked Now "stopped while it was sent", "`bex resume RUN` looks whether it arrived", [Resume];
    Guarded Now "held by a guard",
        "`bex show RUN`; if it is right, `bex release RUN --reason R`, else `bex void RUN --reason R`", [Release, Void];
    Refused Now "held: our own gate refuses the file",
        "`bex show RUN`; mend the cause, then `bex rebuild RUN --reason R`", [Resume, Rebuild, Void];
    InTheWay Now "held: something at the carrier is in the way",
        "ask the carrier; once it is gone, `bex resume RUN`", [Resume, AttestByHand, Rebuild, Void];
    PublishedInTheWay Now "held: another file stands where ours may have been",
        "ask the carrier which file it is, then `bex resume RUN`", [Resume, AttestByHand];
    AnsweredUnsent Now "held: the carrier answers what was never sent",
        "ask the carrier what it has received, then `bex resume RUN` or `bex void RUN --reason R`",
        [Resume, AttestByHand, Void];
    Rebound Now "held: what it was decided for is configured otherwise now",
        "`bex show RUN` says what; then `bex rebuild RUN --reason R`, or `bex resume RUN --accept NAMES --reason R`",
        [Resume, Rebuild, Void];
    Unsealed Now "failed before a file was made", "`bex show RUN`; mend the cause, then `bex resume RUN`",
        [Resume, Rebuild, Void];
    Failed Now "failed before it was sent", "`bex show RUN`; mend the cause, then `bex resume RUN`",
        [Resume, AttestByHand, Carry, Rebuild, Void];
    Uncertain Now "uncertain: it may have arrived",
        "ask the carrier, then `bex attest RUN --delivered --reason R --evidence E` or `bex attest RUN --not-delivered --reason R --evidence E`",
        [Resume, AttestAbsent, AttestDelivered, AttestByHand];
    Absent Today "said not to be at the carrier", "`bex resume RUN` sends the same bytes",
        [Resume, Rebuild, Void];
    Empty Done "nothing to send", "nothing: the feed's next run", [];
    Void Done "given up", "nothing: the feed's next run decides its people anew", [Rebuild];
    Delivered Waits "delivered and not answered yet", "nothing: `bex acks` fetches the answer",
        [SettleAccepted, SettleRejected, SettleLost, Resend, Carry];
    Overdue Today "delivered and its answer is overdue", "ask the carrier; `bex acks` fetches the answer",
        [AttestByHand, SettleAccepted, SettleRejected, SettleLost, Resend, Carry];
    Accepted Done "accepted", "nothing: it is done", [SettleRejected, SettleLost];
    Assumed Done "taken for accepted", "nothing: it is done", [SettleRejected, SettleLost];
    Baseline Done "taken for known to the carrier before", "nothing: the feed's next run tells what differs",
        [SettleLost];
    Errors Today "accepted with errors",
        "`bex show RUN` says which rows they come from; once they are dealt with, `bex settle RUN --accepted --reason R --evidence E`",
        [SettleAccepted, SettleRejected, SettleLost];
    Rejected Now "rejected", "`bex show RUN`; mend the cause, then `bex run FEED`: its people are decided anew",
        [SettleAccepted, Rebuild];
    Lost Done "said to be lost", "nothing: the feed's next run decides its people anew", [Rebuild];
    Contradicted Now "answered twice and not alike",
        "ask the carrier which answer holds, then `bex settle RUN --accepted --reason R --evidence E` or `bex settle RUN --rejected --reason R --evidence E`",
        [SettleAccepted, SettleRejected, SettleLost];
}

impl RunStanding {
    /// Whether an answer that waits for a person is what it waits for.
    pub fn asks_about_an_answer(self) -> bool {
        matches!(self, RunStanding::Contradicted | RunStanding::AnsweredUnsent)
    }
}

/// What a standing is made of.
#[derive(Clone, Copy, Debug)]
pub struct RunFacts {
    /// Where the run stands.
    pub run: RunState,
    /// Where its delivery stands, if it came to one.
    pub delivery: Option<DeliveryState>,
    /// How far the newest attempt has come, if there was one.
    pub attempt: Option<AttemptState>,
    /// Whether it may stand at the carrier.
    pub may_be_published: bool,
    /// What a 999 or 997 said, where no person has settled it since.
    pub g999: Option<Answer>,
    /// An answer to it that waits for a person.
    pub objection: Option<AckState>,
    /// Whether its carrier's time to answer is over.
    pub overdue: bool,
}

impl RunFacts {
    /// The standing that these facts make.
    pub fn standing(&self) -> RunStanding {
        match self.run {
            RunState::Open if self.may_be_published => RunStanding::Unlooked,
            RunState::Open => RunStanding::Interrupted,
            RunState::Held => self.held(),
            RunState::Failed => self.failed(),
            RunState::Uncertain => RunStanding::Uncertain,
            RunState::Void => RunStanding::Void,
            RunState::Done => self.delivery.map_or(RunStanding::Empty, |delivery| self.done(delivery)),
        }
    }

    fn held(&self) -> RunStanding {
        match self.delivery {
            None => RunStanding::Guarded,
            Some(DeliveryState::Numbered) => RunStanding::Refused,
            Some(DeliveryState::Held) if self.may_be_published => RunStanding::PublishedInTheWay,
            Some(DeliveryState::Held) => RunStanding::InTheWay,
            Some(_) if self.objection == Some(AckState::Premature) => RunStanding::AnsweredUnsent,
            Some(_) => RunStanding::Rebound,
        }
    }

    fn failed(&self) -> RunStanding {
        match self.delivery {
            None | Some(DeliveryState::Numbered) => RunStanding::Unsealed,
            // A commit failed after the rename: the run says failed, and the file may be there.
            Some(_) if self.may_be_published => RunStanding::Unlooked,
            Some(_) if self.attempt == Some(AttemptState::Absent) => RunStanding::Absent,
            Some(_) => RunStanding::Failed,
        }
    }

    fn done(&self, delivery: DeliveryState) -> RunStanding {
        match delivery {
            // Before all else: while two answers disagree, none of them is taken for true.
            _ if self.objection == Some(AckState::Contradicting) => RunStanding::Contradicted,
            DeliveryState::Rejected => RunStanding::Rejected,
            DeliveryState::Lost => RunStanding::Lost,
            DeliveryState::Accepted if self.g999 == Some(Answer::Errors) => RunStanding::Errors,
            DeliveryState::Accepted => RunStanding::Accepted,
            DeliveryState::Assumed => RunStanding::Assumed,
            DeliveryState::Known => RunStanding::Baseline,
            _ if self.overdue => RunStanding::Overdue,
            _ => RunStanding::Delivered,
        }
    }
}

impl StandingRow {
    /// Whether an act fits here.
    pub fn permits(&self, act: RunAct) -> bool {
        self.acts.contains(&act)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_standing_finds_its_own_row() {
        assert!(RunStanding::TABLE.iter().all(|row| row.standing.row().words == row.words));
    }

    #[test]
    fn whoever_is_needed_now_has_an_act_or_somebody_to_ask() {
        let needed = RunStanding::TABLE.iter().filter(|row| row.urgency <= Urgency::Today);
        for row in needed {
            assert!(!row.acts.is_empty() && row.next.contains("bex "), "{:?}", row.standing);
        }
    }

    #[test]
    fn nothing_that_may_stand_at_the_carrier_is_given_up_or_built_anew() {
        let sent = [RunStanding::Unlooked, RunStanding::PublishedInTheWay, RunStanding::Uncertain];
        for standing in sent {
            assert!(!standing.row().permits(RunAct::Void) && !standing.row().permits(RunAct::Rebuild));
        }
    }
}
