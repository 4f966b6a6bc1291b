//! A message on its way to somebody: a program of the machine takes it, for so long and no longer.
#![allow(clippy::disallowed_methods, reason = "an edge: this module starts the programs that carry messages")]

use std::process::Command;
use std::time::Duration;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::program::{Patience, Undone, hand_to, hand_to_curl, quoted};
use super::rules;
use crate::crypt::keyring::KeyReference;
use crate::engine::{Engine, key_reference};
use crate::fault::Fault;
use crate::mapping::{KeyRef, Messenger};
use crate::model::ids::hex;

/// What is to be said.
pub(super) struct Message<'m> {
    /// In a line.
    pub subject: &'m str,
    /// For people.
    pub text: &'m str,
    /// For programs.
    pub json: &'m serde_json::Value,
}

/// Half a minute: a pass has other work.
const PATIENCE: Patience = Patience { look: Duration::from_millis(50), looks_max: 600 };

/// Sends a message.
///
/// # Errors
/// NOT001 when the program cannot be started, ends with another status than 0, or does not end in time; the key's.
pub(super) fn send(engine: &Engine, by: &Messenger, message: &Message) -> Result<(), Fault> {
    match by {
        Messenger::Mail { to, program } => {
            let Message { subject, text, .. } = message;
            let mail = format!(
                "To: {to}\nSubject: {subject}\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n\
                 Content-Type: text/plain; charset=utf-8\n\n{text}"
            );
            run(Command::new(program).args(["-i", "-t"]), &mail)
        }
        Messenger::Program(words) => {
            let Some((program, arguments)) = words.split_first() else { return Err(rules::NOT_TOLD.fault()) };
            run(Command::new(program).args(arguments), &format!("{}\n", message.json))
        }
        Messenger::Webhook { url, secret } => {
            let request = request(&engine.clock.stamp(), message, &Hook { url, secret: &key(engine, secret).read()? });
            hand_to_curl(&request?, PATIENCE).map_err(not_told)
        }
    }
}

/// Where a request goes, and what it is signed with.
struct Hook<'h> {
    url: &'h str,
    secret: &'h crate::crypt::keyring::Secret,
}

fn key(engine: &Engine, secret: &KeyRef) -> KeyReference {
    key_reference(&engine.site.root, secret)
}

/// A request as curl reads it: nothing of it stands in the list of processes. The signature is over the moment, a full
/// stop and the body, so that an old request cannot be made again.
fn request(at: &str, message: &Message, hook: &Hook) -> Result<String, Fault> {
    let body = message.json.to_string();
    let mac = Hmac::<Sha256>::new_from_slice(hook.secret.text()?.as_bytes());
    let mut mac = mac.map_err(|_| rules::NOT_TOLD.fault())?;
    mac.update(format!("{at}.{body}").as_bytes());
    let signature = hex(&mac.finalize().into_bytes());
    let quoted = quoted(&body);
    Ok(format!(
        "url = \"{}\"\nsilent\nfail\nmax-time = 20\nproto = \"=https\"\noutput = \"/dev/null\"\n\
         header = \"Content-Type: application/json\"\nheader = \"X-Bex-Timestamp: {at}\"\n\
         header = \"X-Bex-Signature: sha256={signature}\"\ndata-raw = \"{quoted}\"\n",
        hook.url
    ))
}

fn run(command: &mut Command, input: &str) -> Result<(), Fault> {
    hand_to(command, input, PATIENCE).map_err(not_told)
}

fn not_told(undone: Undone) -> Fault {
    rules::NOT_TOLD.fault().name("because", undone.word())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypt::keyring::Secret;

    #[test]
    fn a_request_is_signed_over_its_moment_and_its_body() {
        let json = serde_json::json!({ "site": "a \"b\"" });
        let message = Message { subject: "", text: "", json: &json };
        let hook = Hook { url: "https://h.example/x", secret: &Secret::new(b"key".to_vec()) };
        let text = request("2026-03-03T00:00:00Z", &message, &hook).unwrap();
        assert!(text.contains(r#"data-raw = "{\"site\":\"a \\\"b\\\"\"}""#), "{text}");
        // Made with `openssl dgst -sha256 -hmac key` over the moment, a full stop and the body.
        let signed = "f103969a1bff6a5a7e060cef3c345e9b9934fb3519a6f70070e0a75e3f4ae885";
        assert!(text.contains(&format!("X-Bex-Signature: sha256={signed}")), "{text}");
        let other = request("2026-03-04T00:00:00Z", &message, &hook).unwrap();
        let signature = |text: &str| text.lines().find(|line| line.contains("Signature")).unwrap().to_string();
        assert_ne!(signature(&text), signature(&other));
    }

    #[test]
    fn a_program_that_fails_or_is_not_there_is_no_messenger() {
        assert!(run(&mut Command::new("/bin/true"), "text").is_ok());
        let failed = run(&mut Command::new("/bin/false"), "text").unwrap_err();
        assert!(failed.is(&rules::NOT_TOLD));
        assert!(run(&mut Command::new("/nothing/there"), "text").unwrap_err().is(&rules::NOT_TOLD));
    }
}
