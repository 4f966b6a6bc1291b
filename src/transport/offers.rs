//! What a server offers to agree on, read from its greeting.
//!
//! libssh2 says no more than that there was no agreement. Which lists do not meet is what whoever runs the server has
//! to know, and a server sends its lists in the clear before anything else (RFC 4253, 7.1).

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// Longest greeting read: a server may say a few lines before its version (RFC 4253, 4.2), and OpenSSH's lists have
/// one and a half KiB. Whatever is longer is no greeting.
const GREETING_BYTES_MAX: u64 = 64 * 1024;

/// What is agreed on, in the order of the message.
const LISTS: [&str; 6] = ["key exchange", "host key", "cipher", "cipher", "mac", "mac"];

/// The message's number and the random bytes before its lists.
const BEFORE_LISTS: usize = 17;

/// The lists of a greeting, with what each is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offers(Vec<(&'static str, Vec<String>)>);

impl Offers {
    /// Greets the server and reads its lists; `None` when it does not send them.
    pub(super) fn ask(stream: &TcpStream) -> Option<Offers> {
        Offers::read(stream).ok().flatten()
    }

    fn read(stream: &TcpStream) -> io::Result<Option<Offers>> {
        let mut out = stream;
        out.write_all(b"SSH-2.0-bex\r\n")?;
        let mut reader = BufReader::new(stream.take(GREETING_BYTES_MAX));
        let mut line = Vec::new();
        while !line.starts_with(b"SSH-") {
            line.clear();
            if reader.read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
        }
        let mut head = [0; 5];
        reader.read_exact(&mut head)?;
        let packet = u64::from(u32::from_be_bytes([head[0], head[1], head[2], head[3]]));
        let padding = u64::from(head[4]);
        let mut payload = Vec::new();
        reader.take(packet.saturating_sub(padding + 1)).read_to_end(&mut payload)?;
        Ok(Offers::parse(&payload))
    }

    /// Reads the message `SSH_MSG_KEXINIT`.
    fn parse(payload: &[u8]) -> Option<Offers> {
        let mut rest = payload.get(BEFORE_LISTS..)?;
        let mut lists = Vec::new();
        for of in LISTS {
            let length = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?) as usize;
            let list = std::str::from_utf8(rest.get(4..4 + length)?).ok()?;
            // Two key exchanges are none: they say that the server knows an extension (RFC 8308; OpenSSH's strict one).
            let names = list.split(',').filter(|name| !name.starts_with("kex-strict") && !name.starts_with("ext-info"));
            lists.push((of, names.map(str::to_string).collect()));
            rest = &rest[4 + length..];
        }
        Some(Offers(lists))
    }

    /// The first list that has nothing of ours, with what it is of.
    pub(super) fn without_common(&self, ours: impl Fn(&str) -> Vec<String>) -> Option<(&'static str, &[String])> {
        let apart = |(of, theirs): &&(&'static str, Vec<String>)| {
            let ours = ours(of);
            !theirs.iter().any(|name| ours.contains(name))
        };
        self.0.iter().find(apart).map(|(of, theirs)| (*of, theirs.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(lists: [&str; 6]) -> Vec<u8> {
        let mut bytes = vec![20; BEFORE_LISTS];
        for list in lists {
            bytes.extend((list.len() as u32).to_be_bytes());
            bytes.extend(list.as_bytes());
        }
        bytes
    }

    #[test]
    fn the_first_list_without_a_common_name_is_told() {
        let offers = Offers::parse(&message(["old-sha1,older", "ssh-ed25519", "aes", "aes", "mac", "mac"])).unwrap();
        let ours = |of: &str| match of {
            "key exchange" => vec!["new".to_string()],
            _ => vec!["ssh-ed25519".to_string(), "aes".to_string(), "mac".to_string()],
        };
        let theirs = ["old-sha1".to_string(), "older".to_string()];
        assert_eq!(offers.without_common(ours), Some(("key exchange", &theirs[..])));
        let all = |_: &str| ["older", "ssh-ed25519", "aes", "mac"].map(str::to_string).to_vec();
        assert_eq!(offers.without_common(all), None);
    }

    #[test]
    fn a_greeting_that_is_cut_off_anywhere_offers_nothing() {
        let whole = message(["a", "b", "c", "d", "e", "f"]);
        for length in 0..whole.len() {
            assert_eq!(Offers::parse(&whole[..length]), None, "{length}");
        }
    }
}
