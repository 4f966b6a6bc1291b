//! `bex forecast`.

use super::arguments::{ForecastArguments, Global};
use super::page::Page;
use super::site::{open_to_read, refused};
use crate::access::Look;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::night::feed_named;
use crate::report::{forecast_json, forecast_text};
use crate::run::{self, Exit, Forecast};

pub(super) fn run(page: &Page, global: &Global, arguments: &ForecastArguments) -> Exit {
    let engine = match open_to_read::<Look>(page, global) {
        Ok(engine) => engine,
        Err(exit) => return exit,
    };
    match foreseen(&engine, arguments) {
        Ok(forecast) => page.answer_shown(|| forecast_json(&forecast), || forecast_text(&forecast)),
        Err(fault) => refused(page, &fault),
    }
}

fn foreseen(engine: &Engine, arguments: &ForecastArguments) -> Result<Forecast, Fault> {
    let feed = feed_named(&engine.site, &arguments.feed)?;
    let today = engine.today_of(feed);
    run::forecast(engine, feed, today, arguments.days)
}
