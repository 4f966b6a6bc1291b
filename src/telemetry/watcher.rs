//! What happens in this process, kept until it is told: every event of ours that says how long it took is a span.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer};

use super::attributes::{EventFields, ToldValue};
use super::collector::{Collector, endpoint_of_environment};
use super::otlp::{self, SpanTold, Teller};
use crate::config::Site;
use crate::crypt::keyring::random;
use crate::engine::clock::unix_nanos;
use crate::engine::{Engine, key_reference};
use crate::fault::Fault;
use crate::night::morning;
use crate::report::{Figure, figures};
use crate::run::Exit;

/// Spans that are kept at most; what comes later is not told.
const SPANS_MAX: usize = 20_000;
/// Spans and figures in one request: curl takes lines of a hundred thousand letters.
const IN_ONE: usize = 100;

/// What this process has to tell, and whom.
struct Kept {
    collector: Collector,
    teller: Teller,
    began: u64,
    spans: Mutex<Vec<SpanTold>>,
    figures: Mutex<Vec<Figure>>,
}

static KEPT: OnceLock<Kept> = OnceLock::new();

/// Listens to the events of this process.
#[derive(Debug)]
pub struct Watcher(());

/// Listens for a site that has a collector, by its configuration or by the standard variable; nobody for others.
pub fn watcher(site: &Site) -> Option<Watcher> {
    let settings = &site.telemetry;
    let endpoint = settings.endpoint.clone().or_else(endpoint_of_environment)?;
    let token = settings.token.as_ref().map(|key| key_reference(&site.root, key));
    let teller = Teller { environment: site.environment.word(), trace: *random::<16>().ok()? };
    let (collector, began) = (Collector { endpoint, token }, unix_nanos());
    let (spans, figures) = (Mutex::default(), Mutex::default());
    KEPT.set(Kept { collector, teller, began, spans, figures }).ok().map(|()| Watcher(()))
}

impl<S: Subscriber> Layer<S> for Watcher {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let Some(kept) = KEPT.get() else { return };
        let mut fields = EventFields::default();
        event.record(&mut fields);
        let is_error = *event.metadata().level() == Level::ERROR;
        if let Some(span) = span_of(fields, is_error) {
            kept.add(span);
        }
    }
}

/// The span that an event ends: named by its step, its feed or its source. A fault is one without length.
fn span_of(fields: EventFields, is_error: bool) -> Option<SpanTold> {
    let name = match (fields.word("bex.step"), fields.word("bex.outcome"), fields.word("bex.source")) {
        (Some(step), ..) => format!("step {step}"),
        (_, Some(_), _) => "feed".to_string(),
        (.., Some(_)) => "source".to_string(),
        _ if is_error => "fault".to_string(),
        _ => return None,
    };
    let seconds = fields.seconds.or(is_error.then_some(0.0))?;
    let ended = unix_nanos();
    let began = ended.saturating_sub((seconds * 1e9) as u64);
    let is_error = is_error || fields.word("bex.outcome").is_some_and(|word| matches!(word, "failed" | "stopped"));
    Some(SpanTold { name, began, ended, attributes: fields.told, is_error, id: *random::<8>().ok()?, parent: None })
}

impl Kept {
    fn add(&self, span: SpanTold) {
        let mut spans = held(&self.spans);
        if spans.len() < SPANS_MAX {
            spans.push(span);
        }
    }

    /// Everything below the command that it belongs to: steps below their feed, which ends after them.
    fn whole(&self, exit: Exit) -> Option<Vec<SpanTold>> {
        let root = *random::<8>().ok()?;
        let mut spans = std::mem::take(&mut *held(&self.spans));
        let mut feeds: BTreeMap<String, [u8; 8]> = BTreeMap::new();
        for span in spans.iter_mut().rev() {
            let feed = span.attributes.iter().find_map(|(name, told)| match told {
                ToldValue::Word(word) if *name == "bex.feed" => Some(word.clone()),
                _ => None,
            });
            let above = feed.as_ref().and_then(|feed| feeds.get(feed)).copied();
            span.parent = Some(above.filter(|_| span.name != "feed").unwrap_or(root));
            if let (Some(feed), true) = (feed, span.name == "feed") {
                feeds.insert(feed, span.id);
            }
        }
        let code = exit as u8;
        spans.push(SpanTold {
            name: "command".to_string(),
            began: self.began,
            ended: unix_nanos(),
            attributes: vec![("bex.exit", ToldValue::Number(code.into()))],
            is_error: code != 0,
            id: root,
            parent: None,
        });
        Some(spans)
    }

    fn tell(&self, exit: Exit) -> Result<(), Fault> {
        let Some(spans) = self.whole(exit) else { return Ok(()) };
        let (figures, now) = (std::mem::take(&mut *held(&self.figures)), unix_nanos());
        let traces = spans.chunks(IN_ONE).map(|some| ("traces", otlp::traces(self.teller, some)));
        let metrics = figures.chunks(IN_ONE).map(|some| ("metrics", otlp::metrics(self.teller, now, some)));
        self.collector.send(&traces.chain(metrics).collect::<Vec<_>>())
    }
}

fn held<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps the figures of a site to be told with the rest. A site that cannot say them has its runs all the same.
pub fn note_figures(engine: &Engine) {
    let Some(kept) = KEPT.get() else { return };
    match morning(engine.into()) {
        Ok(morning) => *held(&kept.figures) = figures(&morning),
        Err(fault) => tracing::warn!(code = fault.code, "figures could not be made"),
    }
}

/// Tells the collector what was kept. Called when the work of a command is done and nothing waits for it.
pub fn flush(exit: Exit) {
    let Some(kept) = KEPT.get() else { return };
    if let Err(fault) = kept.tell(exit) {
        tracing::warn!(code = fault.code, "the collector was not told");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::layer::SubscriberExt as _;

    /// What events come to, for whoever listens to them here.
    #[derive(Default)]
    struct Listening(std::sync::Arc<Mutex<Vec<SpanTold>>>);

    impl<S: Subscriber> Layer<S> for Listening {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            let mut fields = EventFields::default();
            event.record(&mut fields);
            held(&self.0).extend(span_of(fields, *event.metadata().level() == Level::ERROR));
        }
    }

    #[test]
    fn what_the_closed_list_does_not_name_or_nobody_of_ours_has_written_is_not_told() {
        let listening = Listening::default();
        let spans = std::sync::Arc::clone(&listening.0);
        let subscriber = tracing_subscriber::registry().with(listening);
        tracing::subscriber::with_default(subscriber, || {
            let canary = "Canary, Kim 123-45-6789";
            tracing::info!(
                step = "planned",
                run = 7,
                feed = "a-feed",
                member = canary,
                seconds = 0.5,
                "step of {canary}"
            );
            tracing::info!(source = canary, seconds = 0.1, "source taken in");
            tracing::error!(code = "STO001", feed = canary, ssn = 123_456_789, "what {canary} had");
            tracing::info!(feed = "a-feed", date = %canary, outcome = "delivered", seconds = 1.0, "feed ran");
            tracing::info!(input = 4, "nothing that took time");
        });
        let spans = held(&spans);
        let teller = Teller { environment: "test", trace: [7; 16] };
        let told = otlp::traces(teller, &spans).to_string();
        for planted in ["Canary", "123-45", "123456789", "member", "ssn", "date"] {
            assert!(!told.contains(planted), "{planted}: {told}");
        }
        let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
        assert_eq!(names, ["step planned", "fault", "feed"]);
        assert_eq!(spans[0].attributes.len(), 3, "{told}");
        assert!(spans[1].is_error && !spans[2].is_error && spans[0].ended - spans[0].began == 500_000_000);
    }

    #[test]
    fn the_names_of_attributes_are_these_and_no_others() {
        let names: Vec<&str> = super::super::attributes::CLOSED.iter().map(|named| named.told_as).collect();
        let expected = "bex.step bex.run bex.feed bex.carrier bex.source bex.outcome bex.code bex.delivery bex.exit";
        assert_eq!(names.join(" "), expected, "whatever is added here is told to somebody outside: look at it twice");
    }
}
