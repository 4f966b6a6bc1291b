//! The compiled carrier.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::guide::guide;
use super::ruleset::RuleSet;
use crate::fault::Fault;
use crate::mapping::{Carrier, DeclaredSeparators, EndedAs, Feed, FileRules, FileStyle, Sponsor};
use crate::policy::{Policy, WirePlan};
use crate::reconcile::Rules;
use crate::x12::Escape;
use crate::x12::Style;
use crate::x12::guide::Guide;
use crate::x12::{Newline, Separators};

/// What a feed's families are decided, written and judged with.
#[derive(Clone, Debug)]
pub struct CompiledCarrier {
    /// What all of it is made of.
    pub ruleset: RuleSet,
    /// What may be disclosed.
    pub policy: Policy,
    /// How files are written.
    pub style: Style,
    /// What judges them: the guide, as declared deviations change it.
    pub guide: Cow<'static, Guide>,
}

impl CompiledCarrier {
    /// A carrier as a feed of an employer is served.
    ///
    /// # Errors
    /// POL001 when the carrier has no policy; OVL001 when its overlay does not fit the guide.
    pub fn new(carrier: &Carrier, feed: &Feed, sponsor: &Sponsor) -> Result<CompiledCarrier, Fault> {
        CompiledCarrier::of(RuleSet::new(carrier, feed, sponsor)?)
    }

    /// Nothing but the rules comes in here, so nothing else can decide.
    fn of(ruleset: RuleSet) -> Result<CompiledCarrier, Fault> {
        let guide = guide(ruleset.overlay.as_ref())?;
        Ok(CompiledCarrier { policy: policy(&ruleset), style: style(&ruleset.file), guide, ruleset })
    }

    /// Whether the carrier takes full files.
    pub fn is_full(&self) -> bool {
        self.ruleset.file.style == FileStyle::Full
    }

    /// How many days after its end a coverage stands in a full file.
    pub fn terminated_lookback_days(&self) -> u32 {
        self.ruleset.file.terminated_lookback_days
    }

    /// How a full file says that something has ended.
    pub fn ended_as(&self) -> EndedAs {
        self.ruleset.file.ended_as
    }

    /// The rules on a business date; `first_load` when the carrier has been told of nobody yet.
    pub fn rules_on(&self, as_of: NaiveDate, first_load: bool) -> Rules {
        let RuleSet { plans, elsewhere, coverage_ends, covered_twice, file, plan_rules, .. } = &self.ruleset;
        Rules {
            as_of,
            visible: self.policy.fields(),
            plans: plans.iter().map(|(code, plan)| (code.clone(), plan.line)).collect(),
            elsewhere: elsewhere.clone(),
            coverage_ends: *coverage_ends,
            lines: plan_rules.lines.clone(),
            terms: plan_rules.terms.clone(),
            covered_twice: *covered_twice,
            subscriber_id: file.subscriber_id,
            plan_change: file.plan_change,
            retro_days_back: file.retro_days_back,
            retro_days_forward: file.retro_days_forward,
            first_load,
            retro_termination_days_max: file.retro_termination_days_max,
        }
    }
}

fn policy(rules: &RuleSet) -> Policy {
    let wire = |plan: &crate::mapping::Plan| WirePlan { line: plan.line, code: plan.code.clone() };
    Policy::new(rules.disclose, rules.plans.iter().map(|(code, plan)| (code.clone(), wire(plan))).collect())
}

/// Separators as declared. What has no place between them is written as its plain letter, or not at all: carriers read
/// the basic character set, and a name is found again by its letters.
fn style(file: &FileRules) -> Style {
    let DeclaredSeparators { element, component, repetition, segment } = file.separators;
    Style {
        separators: Separators { element, component, repetition: Some(repetition), terminator: segment },
        newline: if file.newline { Newline::Lf } else { Newline::None },
        escape: Escape::Transliterate,
        ..Style::default()
    }
}
