//! Logs: JSON lines to a file of the site, text on a terminal. Typed fields only; what other libraries would log is
//! left out, because it can hold statements and names.
#![allow(clippy::disallowed_methods, reason = "an edge: this module opens the log file")]

use std::fs::OpenOptions;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::sync::Mutex;

use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use super::page::Page;
use crate::config::Site;
use crate::engine::Engine;
use crate::run::Exit;

/// Starts logging to `state/bex.log` and the terminal. A process that logs already goes on as it does.
pub(super) fn start(site: &Site, page: &Page) {
    let ours = |level: Level| Targets::new().with_target("bex", level);
    let on_terminal = match page.verbose {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    let terminal = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).without_time().with_target(false);
    let terminal = terminal.with_filter(ours(on_terminal.into_level().unwrap_or(Level::WARN)));
    let folder = site.state();
    // A site that cannot be written is refused right after this, with a fault of its own.
    let _ = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(folder.join("bex.log"));
    let file = file.ok().map(|file| {
        let layer = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(Mutex::new(file));
        layer.with_filter(ours(Level::INFO))
    });
    // A second start in one process (the demonstration's nights) keeps the first.
    let _ = tracing_subscriber::registry().with(terminal).with(file).with(told(site)).try_init();
}

/// Who tells a collector, where there is one.
#[cfg(feature = "otel")]
fn told<S>(site: &Site) -> Option<impl tracing_subscriber::Layer<S> + use<S>>
where
    S: tracing::Subscriber + for<'s> tracing_subscriber::registry::LookupSpan<'s>,
{
    let ours = Targets::new().with_target("bex", Level::INFO);
    crate::telemetry::watcher(site).map(|watcher| watcher.with_filter(ours))
}

#[cfg(not(feature = "otel"))]
fn told(_: &Site) -> Option<tracing_subscriber::layer::Identity> {
    None
}

/// Adds how the site stands to what the collector is told, where there is one.
#[cfg(feature = "otel")]
pub(super) fn note_figures(engine: &Engine) {
    crate::telemetry::note_figures(engine);
}

#[cfg(not(feature = "otel"))]
pub(super) fn note_figures(_: &Engine) {}

/// Tells the collector, where there is one, once a command has done everything else.
#[cfg(feature = "otel")]
pub(super) fn end(exit: Exit) {
    crate::telemetry::flush(exit);
}

#[cfg(not(feature = "otel"))]
pub(super) fn end(_: Exit) {}
