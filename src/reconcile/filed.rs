//! Under which days a carrier will have cover on file: the addresses of later loops (DTP*348).

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::rules::{day_after, day_before};
use super::timeline::{Timeline, alike, of_one_class};
use crate::mapping::{CobraTold, PlanChange, Reopened, Styles, Switch};
use crate::model::enrollment::Coverage;

/// Days that a carrier has on file under one day: spans that go on with each other.
#[derive(Clone)]
pub(super) struct Stretch(pub Vec<Coverage>);

impl Stretch {
    /// Its first day, under which it is on file.
    pub fn first(&self) -> NaiveDate {
        self.0.first().map_or(NaiveDate::MIN, |span| span.begin)
    }

    /// Its last day, if it has one.
    pub fn end(&self) -> Option<NaiveDate> {
        self.0.last().and_then(|span| span.end)
    }

    /// Whether it holds on a day, and what does.
    pub fn on(&self, day: NaiveDate) -> Option<&Coverage> {
        self.0.iter().find(|span| span.begin <= day && span.is_open_on(day))
    }
}

/// A line's spans as they are on file.
pub(super) fn stretches(cover: &Timeline) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    for span in cover.spans() {
        let goes_on =
            |last: &Stretch| span.filed == Some(last.first()) && last.end().map(day_after) == Some(span.begin);
        match found.last_mut().filter(|last| goes_on(last)) {
            Some(last) => last.0.push(span.clone()),
            None => found.push(Stretch(vec![span.clone()])),
        }
    }
    found
}

/// Whether one span goes on as another under the day of the first.
pub(super) fn goes_on_in_place(one: &Coverage, other: &Coverage, styles: Styles) -> bool {
    let plan = one.plan == other.plan || styles.dialect.switch == Switch::InPlace;
    let level = (one.tier == other.tier && of_one_class(one, other)) || styles.plan_change == PlanChange::InPlace;
    let under_cobra = one.cobra.is_none() && other.cobra.is_some();
    let cobra = one.cobra == other.cobra || (under_cobra && styles.dialect.cobra == CobraTold::GoesOn);
    plan && level && cobra
}

/// The styles of a line of which something was told in place already: it goes on so until it has ended, whatever the
/// carrier wants by now.
pub(super) fn styles_of(told: &Timeline, styles: Styles) -> Styles {
    let mut styles = styles;
    for stretch in stretches(told) {
        for pair in stretch.0.windows(2) {
            if pair[0].plan != pair[1].plan {
                styles.dialect.switch = Switch::InPlace;
            }
            if pair[0].tier != pair[1].tier || !of_one_class(&pair[0], &pair[1]) {
                styles.plan_change = PlanChange::InPlace;
            }
            if pair[0].cobra != pair[1].cobra {
                styles.dialect.cobra = CobraTold::GoesOn;
            }
        }
    }
    styles
}

/// The styles of a line between these two: nothing goes on in place under COBRA where there is none.
pub(super) fn styles_between(told: &Timeline, now: &Timeline, styles: Styles) -> Styles {
    let mut styles = styles_of(told, styles);
    if told.spans().iter().chain(now.spans()).all(|span| span.cobra.is_none()) {
        styles.dialect.cobra = CobraTold::NewSpan;
    }
    styles
}

/// Whether anything of a line is told in place.
pub(super) fn is_in_place(styles: Styles) -> bool {
    styles.plan_change == PlanChange::InPlace || styles.dialect.has_in_place()
}

/// The same of somebody whose level no file states: another level begins nothing on file.
pub(super) fn filed_without_levels(told: &Timeline, now: &Timeline, styles: Styles) -> Timeline {
    let plan_change = if is_in_place(styles) { PlanChange::InPlace } else { styles.plan_change };
    filed(&told.without_levels(), now, Styles { plan_change, ..styles })
}

/// Cover as it is to be, with the days under which it will be on file.
pub(super) fn filed(told: &Timeline, now: &Timeline, styles: Styles) -> Timeline {
    let is_plain = |cover: &Timeline| cover.spans().iter().all(|span| span.filed.is_none());
    let styles = styles_between(told, now, styles);
    let reopens = styles.dialect.reopened != Reopened::AsFiled;
    if !is_in_place(styles) && !reopens && is_plain(told) && is_plain(now) {
        return now.clone();
    }
    let now = Timeline::of(now.spans().iter().map(|span| Coverage { filed: None, ..span.clone() }));
    let mut spans: Vec<Coverage> = Vec::new();
    let breaks = breaks(told, &now, styles);
    let days = cut(now, &breaks);
    for span in days {
        let filed = spans.last().and_then(|last| address(last, &span, &breaks, styles));
        spans.push(Coverage { filed, ..span });
    }
    Timeline::as_filed(spans)
}

/// The day under which a span is on file behind another, where that has to be said.
fn address(last: &Coverage, span: &Coverage, breaks: &BTreeSet<NaiveDate>, styles: Styles) -> Option<NaiveDate> {
    if last.end.map(day_after) != Some(span.begin) {
        return None;
    }
    if breaks.contains(&span.begin) {
        return Some(span.begin);
    }
    let in_place = is_in_place(styles) && goes_on_in_place(last, span, styles);
    in_place.then(|| last.filed.unwrap_or(last.begin))
}

/// The days on which something begins to be on file by itself.
fn breaks(told: &Timeline, now: &Timeline, styles: Styles) -> BTreeSet<NaiveDate> {
    let on_file = stretches(told);
    // What is on file by itself stays so; of other stretches each begins where it was told to.
    let apart = |stretch: &&Stretch| is_in_place(styles) || stretch.0[0].filed == Some(stretch.first());
    let begun: BTreeSet<NaiveDate> = on_file.iter().filter(apart).map(Stretch::first).collect();
    let reopened = on_file.iter().filter(|_| styles.dialect.reopened != Reopened::AsFiled).filter_map(|stretch| {
        let after = day_after(stretch.end()?);
        let (was, is) = (stretch.on(day_before(after))?, now.on(after)?);
        // What was told to go on at another level, or under COBRA, is not brought back.
        let went_on = told.on(after).is_some_and(|next| next.plan == was.plan);
        let goes_on = now.on(day_before(after)).is_some_and(|last| alike(was, last)) && was.plan == is.plan;
        let open = now.spans().last().is_some_and(|last| last.end.is_none() && last.plan == is.plan);
        (goes_on && open && !went_on).then_some(after)
    });
    begun.into_iter().chain(reopened).collect()
}

/// The spans, cut on these days.
fn cut(now: Timeline, days: &BTreeSet<NaiveDate>) -> Vec<Coverage> {
    let mut cut: Vec<Coverage> = Vec::new();
    for span in now.into_spans() {
        let within = days.iter().filter(|day| span.begin < **day && span.is_open_on(**day));
        let begins: Vec<NaiveDate> = std::iter::once(span.begin).chain(within.copied()).collect();
        let lasts = begins.iter().skip(1).map(|next| Some(day_before(*next))).chain([span.end]);
        cut.extend(begins.iter().zip(lasts).map(|(begin, end)| Coverage { begin: *begin, end, ..span.clone() }));
    }
    cut
}
