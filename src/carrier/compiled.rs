//! The compiled carrier.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::guide::guide;
use super::named::named;
use super::ruleset::RuleSet;
use crate::fault::Fault;
use crate::mapping::{
    Carrier, Corrections, DeclaredSeparators, Feed, FileRules, FileStyle, Omission, PlanRules, Sponsor,
};
use crate::model::enrollment::{Enrolled, FamilyChange};
use crate::model::phi::Phi;
use crate::policy::{Policy, WirePlan, beside};
use crate::reconcile::{Rules, Stating, corrected, explicit, statement};
use crate::x12::Escape;
use crate::x12::Style;
use crate::x12::guide::Guide;
use crate::x12::{Newline, Separators};

/// What was decided of a family for tonight's file.
#[derive(Clone, Copy, Debug, Default)]
pub struct DecidedFile<'d> {
    /// What the carrier is to know.
    pub known: Option<&'d Enrolled>,
    /// What the file is to say of it beside what stands.
    pub change: Option<&'d FamilyChange>,
}

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
        let guide = guide(ruleset.overlay.as_ref(), ruleset.file.dialect)?;
        Ok(CompiledCarrier { policy: policy(&ruleset), style: style(&ruleset.file), guide, ruleset })
    }

    /// Whether the carrier takes full files.
    pub fn is_full(&self) -> bool {
        self.ruleset.file.style != FileStyle::Change
    }

    /// Whether its files tell nothing new.
    pub fn is_audit(&self) -> bool {
        self.ruleset.file.style == FileStyle::Audit
    }

    /// Members whose cover the carrier would end because a file does not name them: of what it was told, who is left
    /// out without an end.
    pub fn left_out(&self, as_of: NaiveDate, told: Option<&Enrolled>, decided: &DecidedFile) -> u64 {
        let FileRules { omission, .. } = self.ruleset.file;
        if omission != Some(Omission::EndsOnFileDate) {
            return 0;
        }
        let day = self.ruleset.file.first_day().map_or(as_of, |year| year.max(as_of));
        let written = self.written(as_of, decided.known.or(told), decided.change);
        let named = |file: Option<&FamilyChange>, key: &Phi<String>| {
            file.is_some_and(|file| file.members.iter().any(|member| member.person.key == *key))
        };
        let covered = told.into_iter().flat_map(|told| &told.members).filter(|member| {
            member.coverages.iter().any(|coverage| coverage.is_open_on(day) && !coverage.is_cancelled())
        });
        let dropped = covered.filter(|member| !named(written.as_deref(), &member.person.key));
        dropped.filter(|member| !named(decided.change, &member.person.key)).count() as u64
    }

    /// How full files state a family on a date.
    pub fn stating_on(&self, as_of: NaiveDate) -> Stating {
        let FileRules { terminated_lookback_days: lookback_days, ended_as: ended, omission, .. } = self.ruleset.file;
        let since = self.ruleset.file.first_day();
        let names_ends = omission.is_some_and(|omission| omission != Omission::EndsOnFileDate);
        Stating { as_of, lookback_days, ended, since, names_ends, spans: self.ruleset.file.dialect.spans }
    }

    /// What a file says of a family: of a full one, what the carrier is to know, beside what has just changed of it.
    pub fn written<'c>(
        &self,
        as_of: NaiveDate,
        known: Option<&Enrolled>,
        change: Option<&'c FamilyChange>,
    ) -> Option<Cow<'c, FamilyChange>> {
        self.said(as_of, known, change).map(|family| named(family, self.ruleset.file.dialect))
    }

    fn said<'c>(
        &self,
        as_of: NaiveDate,
        known: Option<&Enrolled>,
        change: Option<&'c FamilyChange>,
    ) -> Option<Cow<'c, FamilyChange>> {
        let FileRules { style, corrections, .. } = self.ruleset.file;
        if style == FileStyle::Change {
            return change.map(|change| told_as(corrections, Cow::Borrowed(change)));
        }
        let stated = statement(known?, self.stating_on(as_of).with(change));
        let written = match (change, style) {
            (Some(change), FileStyle::FullExplicit) => {
                return explicit(stated, change).map(|file| told_as(corrections, Cow::Owned(file)));
            }
            (Some(change), _) if corrections == Corrections::Marked => corrected(stated, change),
            _ => stated,
        };
        let prior_id = change.and_then(|change| change.prior_id.clone());
        written.map(|written| Cow::Owned(FamilyChange { prior_id, ..written }))
    }

    /// The rules on a business date; `first_load` when the carrier has been told of nobody yet. When it was first told
    /// of anybody is not known here.
    pub fn rules_on(&self, as_of: NaiveDate, first_load: bool) -> Rules {
        let RuleSet { plans, elsewhere, coverage_ends, covered_twice, later_starts, file, plan_rules, .. } =
            &self.ruleset;
        Rules {
            as_of,
            visible: self.policy.fields(),
            plans: plans.iter().map(|(code, plan)| (code.clone(), plan.line)).collect(),
            elsewhere: elsewhere.clone(),
            coverage_ends: *coverage_ends,
            lines: plan_rules.lines.clone(),
            terms: plan_rules.terms.clone(),
            windows: plan_rules.windows.clone(),
            plan_year: plan_rules.plan_year,
            accounts: plan_rules.accounts.clone(),
            covered_twice: *covered_twice,
            later_starts: *later_starts,
            subscriber_id: file.subscriber_id,
            plan_change: file.plan_change,
            dialect: file.dialect,
            reach: file.windows,
            first_load,
            loaded_on: None,
            frozen_until: frozen_until(file, as_of),
            by_hand: file.by_hand.clone(),
            refs: file.refs.clone(),
        }
    }
}

/// Until when nothing is told by file: as declared, and by a file that is about the year to come alone.
fn frozen_until(file: &FileRules, as_of: NaiveDate) -> Option<NaiveDate> {
    let declared = file.frozen.iter().find(|one| one.from <= as_of && as_of <= one.until).map(|one| one.until);
    let before = file.first_day().filter(|year| as_of < *year).and_then(|year| year.pred_opt());
    declared.into_iter().chain(before).max()
}

/// A change, with its corrections as the carrier wants them.
fn told_as(corrections: Corrections, mut change: Cow<FamilyChange>) -> Cow<FamilyChange> {
    // Hardly anybody's name was wrong: nothing is copied for the others.
    if corrections == Corrections::Plain && change.members.iter().any(|member| member.prior.is_some()) {
        change.to_mut().members.iter_mut().for_each(|member| member.prior = None);
    }
    change
}

fn policy(rules: &RuleSet) -> Policy {
    let wire = |plan: &crate::mapping::Plan| WirePlan { line: plan.line, code: plan.code.clone() };
    let plans = rules.plans.iter().map(|(code, plan)| (code.clone(), wire(plan))).collect();
    let PlanRules { accounts, plan_year, .. } = &rules.plan_rules;
    let policy = Policy::new(rules.disclose, plans).with_places(beside(&rules.file));
    policy.with_accounts(accounts.clone(), *plan_year).with_refs(rules.file.refs.clone())
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
