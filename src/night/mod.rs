//! A night: what the feeds read is taken in, then feed after feed is run; and what has come of runs so far. All of it
//! as data: [`crate::report`] puts it into words. Touches: all edges above.

pub mod rules;
mod alarms;
mod answers_back;
mod asked;
mod board;
mod coming;
mod conditions;
mod detail;
mod due;
mod expected;
mod inputs;
mod kept;
mod grid;
mod heartbeat;
mod lanes;
mod lost;
mod missed;
mod messenger;
mod morning;
mod night;
mod notices;
mod overview;
mod parcel;
mod program;
mod sealing;
mod sources;
mod summary;
mod times;
mod told;
mod tonight;
mod underway;
mod waits;
mod why;

pub use alarms::{Alarm, alarms};
pub use answers_back::AnswersBack;
pub use board::{
    Board, OpenQuestion, RunFilter, RunLine, held_feeds, newest_runs, questions_asked_by, questions_of, run_board,
    runs_wanted, wanting_runs,
};
pub use coming::{Coming, Occasion, coming, next_slot};
pub use detail::{AnswerDetail, DeliveryDetail, Explained, answer_detail, delivery_detail, explain};
pub use due::{PassFindings, SkippedSlot, look_at_slots, open_slots, run_due, skip};
pub use expected::{ExpectedFile, LateFile, late_files};
pub use grid::{GridAsked, GridRow, GridSize, NightGrid, NightSign, night_grid};
pub use heartbeat::{alive, beat};
pub use inputs::{InputBoard, input_board, waiting_inputs};
pub use kept::{ROOMS, kept_by};
pub use lost::LostFile;
pub use missed::{MissedNight, missed_nights};
pub use morning::{FeedLimits, Morning, OpenQuestions, SourceColumn, morning};
pub use night::{Doing, FeedRan, Night, NightReport, Progress, Turn, feed_named, feeds_named, run_night};
pub use notices::{notify, notify_test};
pub use overview::{Overview, overview};
pub use parcel::{FamilyExplained, Parcel, ParcelSent, ParcelWay, RunFamilies, explain_family, families_of, parcel};
pub use program::{Patience, Undone, hand_to_curl, quoted};
pub use sealing::{SealedFiles, seal_arrivals};
pub use sources::{SourceSaid, sources_said};
pub use times::NightTimes;
pub use tonight::{ToCome, Tonight};
pub use underway::{FileStage, FileUnderway};
pub use why::{Why, WhyCheck, why};
