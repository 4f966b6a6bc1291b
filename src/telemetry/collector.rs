//! The way to a collector: curl, as for webhooks (this program speaks no HTTP), for so long and no longer.
#![allow(clippy::disallowed_methods, reason = "an edge: this module reads the standard variable")]

use std::time::Duration;

use serde_json::Value;

use crate::crypt::keyring::{KeyReference, Secret};
use crate::fault::Fault;
use crate::mapping::Endpoint;
use crate::night::{Patience, Undone, hand_to_curl, quoted, rules};

/// Seconds for one request, the connection in it. A collector that is gone, or takes a connection and says nothing,
/// costs one of them: the first request that fails is the last one that is made.
const SECONDS_MAX: &str = "0.5";
/// For all of them, so many looks of so long: two seconds, for one that answers and is slow.
const PATIENCE: Patience = Patience { look: Duration::from_millis(10), looks_max: 200 };

/// Where everything goes.
#[derive(Clone, Debug)]
pub(super) struct Collector {
    pub endpoint: Endpoint,
    pub token: Option<KeyReference>,
}

/// The address of the standard variable, for a site whose `bex.toml` names none.
pub(super) fn endpoint_of_environment() -> Option<Endpoint> {
    std::env::var("OTEL_EXPORTER_OTLP_ENDPOINT").ok().and_then(|text| Endpoint::parse(&text))
}

impl Collector {
    /// Sends requests, each with its path, one after the other.
    ///
    /// # Errors
    /// NOT003 when one of them is not taken in time; the token's.
    pub fn send(&self, requests: &[(&str, Value)]) -> Result<(), Fault> {
        let token = self.token.as_ref().map(KeyReference::read).transpose()?;
        let whole = requests.iter().map(|(path, body)| self.request(path, body, token.as_ref()));
        let whole = whole.collect::<Result<Vec<_>, Fault>>()?.join("next\n");
        hand_to_curl(&format!("fail-early\n{whole}"), PATIENCE).map_err(not_collected)
    }

    /// As curl reads it: nothing of it stands in the list of processes.
    fn request(&self, path: &str, body: &Value, token: Option<&Secret>) -> Result<String, Fault> {
        let address = self.endpoint.as_str();
        let body = quoted(&body.to_string());
        let leave = match token {
            Some(token) => format!("header = \"Authorization: Bearer {}\"\n", plain(token.text()?)?),
            None => String::new(),
        };
        Ok(format!(
            "url = \"{address}/v1/{path}\"\nsilent\nfail\nmax-time = {SECONDS_MAX}\n\
             proto = \"=http,https\"\nnoproxy = \"127.0.0.1,localhost,::1\"\noutput = \"/dev/null\"\n\
             header = \"Content-Type: application/json\"\n{leave}data-raw = \"{body}\"\n"
        ))
    }
}

/// A token as it may stand in a line.
fn plain(token: &str) -> Result<&str, Fault> {
    let token = token.trim();
    let is_plain = token.bytes().all(|b| b.is_ascii_graphic() && !b"\"\\".contains(&b));
    if is_plain { Ok(token) } else { Err(rules::NOT_COLLECTED.fault().name("because", "token")) }
}

fn not_collected(undone: Undone) -> Fault {
    // Of a collector one word covers that it is not there and that it does not want it.
    let because = if undone == Undone::Failed { "refused" } else { undone.word() };
    rules::NOT_COLLECTED.fault().name("because", because)
}
