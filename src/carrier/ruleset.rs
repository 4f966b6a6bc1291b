//! Everything a feed's decisions depend on but the date and the data: in one value with one serialised form, which is
//! digested and kept.
//!
//! [`CompiledCarrier`](super::CompiledCarrier) is made of this value and of nothing else. So a setting that is not in
//! here cannot decide anything, and one that is in here changes the digest: every family is decided anew.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::fault::{Fault, Label, Place};
use crate::mapping::{
    Carrier, CoverageEnds, CoveredTwice, DeclaredOverlay, DeclaredPolicy, Feed, FileRules, LaterStarts, Plan,
    PlanRules, Sponsor,
};
use crate::model::election::Line;
use crate::model::field::FieldSet;
use crate::policy::rules::NO_POLICY;

/// Raised whenever the same settings and the same data come to lead to another decision: then every family is decided
/// anew by the first night of the new program, although nothing was configured differently.
const REVISION: u32 = 4;

/// What decides, as a carrier's and a feed's files lay it down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleSet {
    revision: u32,
    /// What the carrier may be told; nothing else is compared.
    pub(super) disclose: FieldSet,
    /// The plans it sells, by our plan code.
    pub(super) plans: BTreeMap<String, Plan>,
    /// Plans that other carriers sell to the same employer: a choice of one replaces one of these.
    pub(super) elsewhere: BTreeMap<String, Line>,
    /// The employer's plan documents. An employer without any has the rules, and with them the digest, that it has
    /// always had.
    #[serde(skip_serializing_if = "PlanRules::is_empty")]
    pub(super) plan_rules: PlanRules,
    /// When coverage ends after employment, where they do not say it of a line.
    pub(super) coverage_ends: CoverageEnds,
    /// Whether somebody may be covered in two families at once.
    pub(super) covered_twice: CoveredTwice,
    /// What a first day is worth that moves to a later one.
    pub(super) later_starts: LaterStarts,
    /// How its files are written and how far back and ahead they may reach: a family that cannot be written so is a
    /// question.
    pub(super) file: FileRules,
    /// Declared deviations from the guide: a family whose loops the guide refuses is a question.
    pub(super) overlay: Option<DeclaredOverlay>,
}

impl RuleSet {
    /// What a carrier's and a feed's files lay down, and what the employer has beside.
    ///
    /// # Errors
    /// POL001 when the carrier has no policy.
    pub fn new(carrier: &Carrier, feed: &Feed, sponsor: &Sponsor) -> Result<RuleSet, Fault> {
        // Taken apart whole, so that a new setting does not compile until this place decides about it.
        let Carrier {
            name,
            plans,
            file,
            policy,
            overlay,
            title: _,            // Header: to whom, not what.
            address: _,          // For accounts of disclosures.
            payer: _,            // Header.
            receiver: _,         // Envelope.
            delivery: _,         // Where the file goes.
            seal: _,             // To whom it is encrypted.
            acknowledgements: _, // What a delivery waits for; who waits is in the ledger.
        } = carrier;
        let DeclaredPolicy {
            disclose,
            reasons: _,     // Why, not what.
            basis: _,       // Likewise.
            approved_by: _, // May be somebody's name: it stays in the mapping.
            date: _,        // When it was approved.
        } = policy.as_ref().ok_or_else(|| NO_POLICY.at(Place::Named(Label::new(name.as_str()))))?;
        let FeedRules { coverage_ends, covered_twice, later_starts } = feed_rules(feed);
        Ok(RuleSet {
            revision: REVISION,
            disclose: *disclose,
            plans: plans.clone(),
            elsewhere: sponsor.elsewhere.clone(),
            plan_rules: sponsor.rules.of_carrier(name),
            coverage_ends,
            covered_twice,
            later_starts,
            file: file.clone(),
            overlay: overlay.clone(),
        })
    }

    /// The serialised form: JSON with its names in the order they are declared in, the same text for the same rules.
    /// Nothing in it is personal.
    pub fn text(&self) -> String {
        // It has a serialised form whatever it holds; if it had none, rules that differ must still differ.
        serde_json::to_string(self).unwrap_or_else(|_| format!("{self:?}"))
    }
}

/// What decides of a feed.
struct FeedRules {
    coverage_ends: CoverageEnds,
    covered_twice: CoveredTwice,
    later_starts: LaterStarts,
}

/// A feed, taken apart whole like its carrier.
fn feed_rules(feed: &Feed) -> FeedRules {
    let Feed {
        coverage_ends,
        covered_twice,
        later_starts,
        name: _,          // The same rules under another name.
        expect: _,        // When it runs.
        employer: _,      // Whose data: it stands beside the rules in a decision's basis.
        carrier: _,       // Which carrier is compiled.
        census: _,        // Which data.
        elections: _,     // Which data.
        schedule: _,      // When.
        master_policy: _, // Header.
        group_number: _,  // Written for every member, compared with nothing: nobody is told of it alone.
        guards: _,        // They hold a run whose families are decided.
    } = feed;
    FeedRules { coverage_ends: *coverage_ends, covered_twice: *covered_twice, later_starts: *later_starts }
}
