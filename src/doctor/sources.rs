//! Sources that are not put into the inbox: whether the server lets us in and has its folder, whether the database
//! answers. What is read there is counted, and nothing of it is kept.

use std::collections::BTreeMap;

use super::finding::{Finding, well, wrong};
use crate::engine::{OpenSite, asked_location, sftp_site};
use crate::fault::Fault;
use crate::mapping::{Feed, Pull, Query, SourceWay};
use crate::model::source::{SourceKind, SourceRef};
use crate::store::{RowSink, ask};
use crate::transport::Connect as _;

/// Looks at every source of these feeds that is fetched or asked.
pub(super) fn sources(engine: &OpenSite, feeds: &[&Feed]) -> Vec<Finding> {
    let refs = feeds.iter().flat_map(|feed| [feed.census_source(), feed.elections_source()]);
    let named: BTreeMap<String, SourceRef> = refs.map(|source| (source.to_string(), source)).collect();
    let looked = named.iter().filter_map(|(name, source)| {
        let found = match way(engine, source)? {
            SourceWay::Inbox => return None,
            SourceWay::Pull(pull) => ("server", on_server(engine, pull)),
            SourceWay::Query(query) => ("database", in_database(engine, query)),
        };
        Some(match found {
            (what, Ok(words)) => well(name, what, words),
            (what, Err(fault)) => wrong(name, what, fault),
        })
    });
    looked.collect()
}

fn way<'e>(engine: &'e OpenSite, source: &SourceRef) -> Option<&'e SourceWay> {
    match source.kind {
        SourceKind::Census => engine.site.census.get(&source.name).map(|mapping| &mapping.arrival),
        SourceKind::Elections => engine.site.elections.get(&source.name).map(|mapping| &mapping.arrival),
    }
}

fn on_server(engine: &OpenSite, pull: &Pull) -> Result<String, Fault> {
    let place = sftp_site(engine, &pull.server, pull.timeout_seconds)?;
    let mut transport = place.connect().map_err(|error| error.fault())?;
    let files = transport.list(&pull.folder).map_err(|error| error.fault())?;
    Ok(format!("login as configured, {} files in {}", files.len(), pull.folder))
}

fn in_database(engine: &OpenSite, query: &Query) -> Result<String, Fault> {
    let at = asked_location(&engine.site.root, &query.database)?;
    let mut counted = CountedRows::default();
    ask(&at, &query.statement, &mut counted)?;
    Ok(format!("answers with {} rows of {} columns", counted.rows, counted.columns))
}

/// Rows that nobody keeps.
#[derive(Default)]
struct CountedRows {
    columns: usize,
    rows: u64,
}

impl RowSink for CountedRows {
    fn columns(&mut self, names: &[String]) -> Result<(), Fault> {
        self.columns = names.len();
        Ok(())
    }

    fn row(&mut self, _: &[Option<String>]) -> Result<(), Fault> {
        self.rows += 1;
        Ok(())
    }
}
