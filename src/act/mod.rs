//! What a person may do to a run, beside going on with it: say where a file is or what a carrier has decided, have it
//! sent or computed once more; and hold a feed. Each act is planned first, done once, and recorded with who did it and
//! why. Touches: network, files, database.

pub mod rules;
mod accept;
mod ack;
mod answer;
mod approve;
mod attest;
mod baseline;
mod emergency;
mod feed;
mod input;
mod inquiry;
mod many;
mod part;
mod plan;
mod rebuild;
mod record;
mod release;
mod resend;
mod review;
mod second;
mod settle;

pub use accept::{Accepted, accept};
pub use ack::{AnswerAct, settle_answer};
pub use answer::{AnswerAsked, AnswerPlan, QuestionMeant, Told, answer, answer_plan, question_of_number};
pub use approve::{PendingApproval, approve, pending};
pub use attest::attest;
pub use baseline::{BaselineBy, BaselineDone, baseline};
pub use emergency::{Emergency, declare_emergency};
pub use feed::{FeedHold, hold};
pub use input::{InputAct, settle_input};
pub use inquiry::{InquiryPlan, inquire};
pub use many::{ManyPlan, RunLeftOut, RunScope, plan_many};
pub use part::{PartMeant, settle_parts};
pub use plan::{ActPlan, Duplicate, LetsGo, not_confirmed, plan, planned};
pub use rebuild::rebuild;
pub use record::{
    ActOf, ActTold, CaseOf, EVIDENCE_WORD, Grounds, REASON_WORD, act_context, act_told, acts_of, keep, open_case,
    seal_case,
};
pub use release::{LetGo, release};
pub use resend::{Carried, carry, resend};
pub use review::{ReviewDay, ReviewSigned, ReviewedEvent, review_days, sign_review};
pub use second::{AskedAct, WantedAct, asked_act, asked_acts, needs_two, refuse};
pub use settle::settle;
