//! Where traces and figures go: the table `[telemetry]` of `bex.toml`.

use super::document::{Shape, Table};
use super::rules;
use super::secret::KeyRef;

/// A collector that speaks OTLP over HTTP.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TelemetrySettings {
    /// Its address without `/v1/…`; none where nothing is told, or where the standard variable says it.
    pub endpoint: Option<Endpoint>,
    /// What it lets us in by, as a bearer token.
    pub token: Option<KeyRef>,
}

/// An address that may be told of runs: over https, or in the clear on this machine alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(String);

impl Endpoint {
    /// Reads an address. What could hold a secret (`user:word@`, `?key=`) is none.
    pub fn parse(text: &str) -> Option<Endpoint> {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b":/.-_[]".contains(&b)) && text.len() <= 300;
        let here = ["127.0.0.1", "localhost", "[::1]"].iter().any(|host| {
            let rest = text.strip_prefix("http://").and_then(|rest| rest.strip_prefix(host));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
        });
        let there = text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', ':']));
        (plain && (here || there)).then(|| Endpoint(text.trim_end_matches('/').to_string()))
    }

    /// The address without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const ENDPOINT: Shape<Endpoint> = Shape {
    read: Endpoint::parse,
    rule: "a collector's address is https, or http on this machine, and holds no secret",
    next: "write for example endpoint = \"http://127.0.0.1:4318\"; a token goes to token = \"file:keys/collector\"",
};

/// Reads the table. A program that cannot tell a collector anything says so, instead of being silent every night.
pub(super) fn read(table: &Table<'_>) -> Option<TelemetrySettings> {
    read_if(table, cfg!(feature = "otel"))
}

fn read_if(table: &Table<'_>, is_built: bool) -> Option<TelemetrySettings> {
    let endpoint = table.need("endpoint", &ENDPOINT);
    let token = table.maybe_key("token");
    if !is_built {
        table.refuse(rules::WITHOUT_TELEMETRY.at(table.place()));
        return None;
    }
    Some(TelemetrySettings { endpoint: Some(endpoint?), token })
}

#[cfg(test)]
mod tests {
    use super::super::document;
    use super::*;

    fn codes(text: &str, is_built: bool) -> Vec<&'static str> {
        document::read("bex.toml", text, |table| read_if(table, is_built))
            .faults
            .iter()
            .map(|found| found.code)
            .collect()
    }

    #[test]
    fn a_collector_is_asked_over_https_or_on_this_machine_and_its_address_holds_no_secret() {
        for right in ["http://127.0.0.1:4318", "http://localhost", "http://[::1]:4318/x", "https://otel.example:443/a/"]
        {
            assert_eq!(codes(&format!("endpoint = \"{right}\"\ntoken = \"file:keys/c\"\n"), true), [""; 0], "{right}");
        }
        for wrong in [
            "http://otel.example",
            "http://127.0.0.1.example",
            "https://u:w@otel.example",
            "https://otel.example/?key=1",
            "https://",
            "ftp://127.0.0.1",
        ] {
            assert_eq!(codes(&format!("endpoint = \"{wrong}\"\n"), true), ["CFG005"], "{wrong}");
        }
        assert_eq!(codes("token = \"file:keys/c\"\n", true), ["CFG003"]);
    }

    #[test]
    fn a_program_built_without_the_feature_refuses_the_table_and_says_how_it_is_built() {
        assert_eq!(codes("endpoint = \"http://127.0.0.1:4318\"\n", false), ["CFG029"]);
    }
}
