//! What people read: the board, a run, a plan in words; and the same as JSON. Pure.
//!
//! People are masked: a family is the first ten digits of its pseudonym, a member its place in the family.

mod acks;
mod acts;
mod against;
mod alarms;
mod balance;
mod baseline;
mod board;
mod charts;
mod corrections;
mod detail;
mod difference;
mod disclosures;
mod doctor;
mod document;
mod examined;
mod faults;
mod forecast;
mod grants;
mod grid;
mod inputs;
mod measured;
mod missed;
mod morning;
mod needs;
mod parcel;
mod night;
mod plan;
mod policy;
mod questions;
mod records;
mod run_cells;
mod run_page;
mod safeguards;
mod schedule;
mod screen;
mod statement;
mod strays;
mod paint;
mod tonight;
mod trace;
mod tree;
mod upper;
mod verdict;
mod words;
mod worklist;

pub use acks::{acks_json, acks_text};
pub use acts::{act_plan_json, act_plan_text, many_plan_json, many_plan_text};
pub use against::{comparison_json, comparison_text};
pub use balance::{balance_json, balance_text};
pub use baseline::{baseline_json, baseline_text};
pub use board::{BoardRuns, board_text, overview_text, runs_text};
pub use corrections::{corrections_csv, corrections_html, corrections_json, corrections_text, corrections_xlsx};
pub use detail::{answer_page_json, answer_text, delivery_page_json, delivery_text, why_json, why_text};
pub use difference::{difference_json, difference_text};
pub use disclosures::{
    account_csv, account_html, account_json, account_text, affected_csv, affected_json, affected_text,
};
pub use doctor::{doctor_json, doctor_text};
pub use document::overview_json;
pub use examined::{examination_json, examination_text, leaves_json, leaves_text, log_text};
pub use faults::{fault_json, fault_lines, painted_fault, record_json, with_sealed};
pub use forecast::{forecast_json, forecast_text};
pub use grants::{GrantsShown, grants_json, grants_text, roles_json, roles_text};
pub use inputs::{input_json, input_text, part_json};
pub use morning::{Figure, figures, metrics, morning_csv, morning_html, morning_json};
pub use needs::needs_now;
pub use night::{Remark, night_json, night_remarks};
pub use paint::Paint;
pub use parcel::{parcel_json, parcel_text};
pub use plan::{PlanShown, plan_json, plan_text};
pub use policy::{
    ShownPolicy, policies_json, policies_text, policy_changes_json, policy_changes_text, policy_json, policy_text,
};
pub use questions::{answer_plan_text, inquiry_plan_text, questions_page_json, questions_page_text};
pub use run_page::{RunParts, run_json, run_text};
pub use safeguards::{HeldBy, SAFEGUARDS, Safeguard};
pub use schedule::{coming_json, coming_text};
pub use screen::Screen;
pub use statement::{departures, statement_text};
pub use strays::{known_again_json, known_again_text, strays_json, strays_text};
pub use trace::{explained_json, explained_text, family_explained_json, family_explained_text};
pub use tree::{Tree, TreeOptions};
pub use verdict::{FileVerdict, verdict_json, verdict_text};
pub use words::counted;
pub use worklist::{Called, worklist_json, worklist_text};
