//! How one carrier wants to hear what can be said in more than one way. Every default is the way that samples of the
//! guide and most companion guides have.

use serde::Serialize;

use super::document::{Shape, Table};

/// What to do about a word that is none of a setting's.
const NEXT: &str = "take it from the carrier's companion guide";

/// A setting that is one of a few words.
macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident by $shape:ident, $rule:literal {
        $($(#[$of:meta])* $variant:ident = $word:literal,)+
    })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$of])* $variant,)+ }

        const $shape: Shape<$name> = Shape {
            read: |text| match text {
                $($word => Some($name::$variant),)+
                _ => None,
            },
            rule: $rule,
            next: NEXT,
        };
    )+};
}

choices! {
    /// How a change of level within a plan is told.
    PlanChange by PLAN_CHANGE, "a plan change is told as change, term-add or in-place" {
        /// One HD with 001 under the day of the change, and on file under that one from then on.
        Change = "change",
        /// The plan's HD ended with 024, and added again with 021.
        #[default]
        TermAdd = "term-add",
        /// One HD with 001 under the day on which the plan is on file, with the day of the change.
        InPlace = "in-place",
    }
    /// What an end date means: DTP*349, and DTP*357 of a member.
    EndDate by END_DATE, "an end date is last-covered or first-uncovered" {
        /// The last day on which somebody is covered.
        #[default]
        LastCovered = "last-covered",
        /// The first day on which nobody is any more.
        FirstUncovered = "first-uncovered",
    }
    /// How cover that never takes effect is ended.
    CancelledOn by CANCELLED_ON, "what never takes effect is cancelled as of the same-day or the day-before" {
        /// On the day on which it was to begin.
        #[default]
        SameDay = "same-day",
        /// On the day before.
        DayBefore = "day-before",
    }
    /// How it is told that nothing of a member is left.
    AllEnded by ALL_ENDED, "the end of all cover is told by the member, the coverage or both" {
        /// By the member's DTP*357, and an HD for each coverage.
        #[default]
        Both = "both",
        /// By the member's DTP*357 alone, without an HD.
        Member = "member",
        /// By an HD for each coverage, without DTP*357.
        Coverage = "coverage",
    }
    /// How an end that was told moves to an earlier day.
    Shortened by SHORTENED, "an earlier end is told as an end, or reinstate-first" {
        /// By the new end alone.
        #[default]
        End = "end",
        /// The coverage is brought back, and then ended anew.
        ReinstateFirst = "reinstate-first",
    }
    /// How an end that was told moves to a later day.
    Extended by EXTENDED, "a later end is told as reinstate, reinstate-then-end or end" {
        /// By bringing the coverage back up to the new end.
        #[default]
        Reinstate = "reinstate",
        /// By bringing it back, and ending it anew.
        ReinstateThenEnd = "reinstate-then-end",
        /// By the new end alone.
        End = "end",
    }
    /// How a first day that was told moves to an earlier one.
    EarlierStart by EARLIER_START, "an earlier first day is told as term-add or change" {
        /// What was told is taken back, and added anew from the earlier day on.
        #[default]
        TermAdd = "term-add",
        /// By one HD with 001 under the earlier day.
        Change = "change",
    }
    /// Whether a change of what belongs to a plan is told by itself: its price, or a provider.
    AloneTold by ALONE_TOLD, "a change of price or provider alone is told or omitted" {
        /// By an HD with 001.
        #[default]
        Told = "told",
        /// Not until something else of the plan is told.
        Omitted = "omitted",
    }
    /// How it is told that an end holds no more.
    Reopened by REOPENED, "what goes on after its end is told as-filed, on a new-day or as an addition" {
        /// Brought back under the day on which it is on file.
        #[default]
        AsFiled = "as-filed",
        /// Brought back under the day after the end, and on file under that one from then on.
        NewDay = "new-day",
        /// Added anew from the day after the end on.
        Addition = "addition",
    }
    /// How it is told that a plan begins again after days without it.
    AfterGap by AFTER_GAP, "what begins after a gap is told as an addition or a reinstatement" {
        /// As any beginning.
        #[default]
        Addition = "addition",
        /// As brought back, under its new first day.
        Reinstatement = "reinstatement",
    }
    /// How it is told that another plan takes a plan's place.
    Switch by SWITCH, "another plan is told as term-add, change or in-place" {
        /// The old plan ends, the new one begins.
        #[default]
        TermAdd = "term-add",
        /// By one HD with 001 under the new plan and its first day.
        Change = "change",
        /// The same under the day on which the old plan is on file.
        InPlace = "in-place",
    }
    /// Whom a carrier's files name.
    Members by MEMBERS, "members are told of as family, each-subscriber or subscriber-only" {
        /// The subscriber, and the dependents as such.
        #[default]
        Family = "family",
        /// Everybody as a subscriber: INS01 Y and INS02 18.
        EachSubscriber = "each-subscriber",
        /// The subscriber alone, with the level that the family makes.
        SubscriberOnly = "subscriber-only",
    }
    /// How dependents are ended whose subscriber ends.
    DependentsEnded by DEPENDENTS_ENDED, "dependents who end with their subscriber are listed or implied" {
        /// By loops of their own.
        #[default]
        Listed = "listed",
        /// By the subscriber's.
        Implied = "implied",
    }
    /// What HD05 says of a dependent.
    DependentLevel by DEPENDENT_LEVEL, "the level of dependents is the same or blank" {
        /// The subscriber's level.
        #[default]
        Same = "same",
        /// Nothing: a change of level stands at the subscriber alone.
        Blank = "blank",
    }
    /// How many spans of a line full files state of a member.
    Spans by SPANS, "full files state all spans of a line, or one" {
        /// What holds, what is to come, and what ended lately.
        #[default]
        All = "all",
        /// What holds; else what comes first; else what ended last.
        One = "one",
    }
    /// What becomes of the number under which a carrier has a family (REF*0F) when the subscriber has another one.
    Rekey by REKEY, "another number of a subscriber is told once, as the new one, or by manual work" {
        /// The family keeps the number that was told first.
        #[default]
        Once = "once",
        /// Everybody is told of under the new number, beside the one before (REF*Q4).
        New = "new",
        /// Somebody tells the carrier by hand; until then the family keeps the number before.
        Manual = "manual",
    }
    /// How it is told that cover goes on under COBRA.
    CobraTold by COBRA_TOLD, "cover under COBRA is told as a new-span, or goes-on" {
        /// What came with employment ends, and the plan is added from the next day on.
        #[default]
        NewSpan = "new-span",
        /// By one HD with 001 under the day on which the plan is on file, with the first day under COBRA.
        GoesOn = "goes-on",
    }
    /// What of a subscriber stands in a change file of whom nothing changes but a dependent.
    Untouched by UNTOUCHED, "a subscriber of whom nothing changes goes-along or leaves dependents alone" {
        /// A loop without coverages, before the dependent's.
        #[default]
        GoesAlong = "goes-along",
        /// Nothing: the dependent's loop stands by itself.
        Alone = "alone",
    }
}

/// Everything about how a carrier is told what can be told in more than one way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FileDialect {
    /// What an end date means.
    pub end_date: EndDate,
    /// How cover that never takes effect is ended.
    pub cancelled: CancelledOn,
    /// How it is told that nothing of a member is left.
    pub all_ended: AllEnded,
    /// How an end moves to an earlier day.
    pub shortened: Shortened,
    /// How an end moves to a later day.
    pub extended: Extended,
    /// How a first day moves to an earlier one.
    pub earlier_start: EarlierStart,
    /// Whether a change of price alone is told.
    pub price_alone: AloneTold,
    /// Whether a change of provider alone is told.
    pub provider_alone: AloneTold,
    /// How it is told that an end holds no more.
    pub reopened: Reopened,
    /// How a plan begins again after days without it.
    pub after_gap: AfterGap,
    /// How another plan takes a plan's place.
    pub switch: Switch,
    /// What of a subscriber stands in the file of whom nothing changes but a dependent.
    pub untouched: Untouched,
    /// Whom files name.
    pub members: Members,
    /// How dependents are ended whose subscriber ends.
    pub dependents_ended: DependentsEnded,
    /// What HD05 says of a dependent.
    pub hd05_dependents: DependentLevel,
    /// How many spans of a line full files state of a member.
    pub spans: Spans,
    /// What becomes of the family's number when the subscriber has another one.
    #[serde(skip_serializing_if = "is_usual")]
    pub rekey: Rekey,
    /// How it is told that cover goes on under COBRA.
    #[serde(skip_serializing_if = "is_usual")]
    pub cobra: CobraTold,
}

/// How loops are worded: the way of a change within a plan, and all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Styles {
    /// A change of level within a plan.
    pub plan_change: PlanChange,
    /// Everything else.
    pub dialect: FileDialect,
}

impl Styles {
    /// As most carriers want it.
    pub fn usual(plan_change: PlanChange) -> Styles {
        Styles { plan_change, dialect: FileDialect::default() }
    }
}

/// Whether it is as it was before there was a choice: such a dialect has the digest that it has always had.
fn is_usual<T: Default + PartialEq>(one: &T) -> bool {
    *one == T::default()
}

impl PlanChange {
    pub(super) fn read(table: &Table<'_>) -> PlanChange {
        table.maybe("plan_change", &PLAN_CHANGE).unwrap_or_default()
    }
}

impl FileDialect {
    /// Whether a carrier wants everything as most do: then it stands in no rule set, whose digest stays what it was.
    pub fn is_usual(&self) -> bool {
        *self == FileDialect::default()
    }

    /// Whether anything but a change of level is told in place.
    pub fn has_in_place(&self) -> bool {
        self.switch == Switch::InPlace || self.cobra == CobraTold::GoesOn
    }

    /// Whether a loop of this kind of member is a subscriber's.
    pub fn is_subscriber(&self, is_employee: bool) -> bool {
        is_employee || self.members == Members::EachSubscriber
    }

    pub(super) fn read(table: &Table<'_>) -> FileDialect {
        FileDialect {
            end_date: table.maybe("end_date", &END_DATE).unwrap_or_default(),
            cancelled: table.maybe("cancelled", &CANCELLED_ON).unwrap_or_default(),
            all_ended: table.maybe("all_ended", &ALL_ENDED).unwrap_or_default(),
            shortened: table.maybe("shortened", &SHORTENED).unwrap_or_default(),
            extended: table.maybe("extended", &EXTENDED).unwrap_or_default(),
            earlier_start: table.maybe("earlier_start", &EARLIER_START).unwrap_or_default(),
            price_alone: table.maybe("price_alone", &ALONE_TOLD).unwrap_or_default(),
            provider_alone: table.maybe("provider_alone", &ALONE_TOLD).unwrap_or_default(),
            reopened: table.maybe("reopened", &REOPENED).unwrap_or_default(),
            after_gap: table.maybe("after_gap", &AFTER_GAP).unwrap_or_default(),
            switch: table.maybe("switch", &SWITCH).unwrap_or_default(),
            untouched: table.maybe("untouched", &UNTOUCHED).unwrap_or_default(),
            members: table.maybe("members", &MEMBERS).unwrap_or_default(),
            dependents_ended: table.maybe("dependents_ended", &DEPENDENTS_ENDED).unwrap_or_default(),
            hd05_dependents: table.maybe("hd05_dependents", &DEPENDENT_LEVEL).unwrap_or_default(),
            spans: table.maybe("spans", &SPANS).unwrap_or_default(),
            rekey: table.maybe("rekey", &REKEY).unwrap_or_default(),
            cobra: table.maybe("cobra", &COBRA_TOLD).unwrap_or_default(),
        }
    }
}
