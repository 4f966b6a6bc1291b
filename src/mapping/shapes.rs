//! What single settings must look like, with the rule and the remedy for each.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{NaiveDate, NaiveTime, Weekday};

use crate::model::election::Line;
use crate::model::ids::{CalendarName, CarrierName, EmployerName, FeedName, SourceName};

use super::document::Shape;

const NAME_RULE: &str = "a name is 1 to 40 of a-z 0-9 - _ and begins with a letter or digit";
const NAME_NEXT: &str = "use the name of the file (without .toml) or of the table it refers to";

/// 1 to 40 of `a-z 0-9 - _`, as the inbox folder is called.
pub const EMPLOYER: Shape<EmployerName> = Shape { read: EmployerName::new, rule: NAME_RULE, next: NAME_NEXT };
/// 1 to 40 of `a-z 0-9 - _`, as the file in `mappings/carriers/` is called.
pub const CARRIER: Shape<CarrierName> = Shape { read: CarrierName::new, rule: NAME_RULE, next: NAME_NEXT };
/// 1 to 40 of `a-z 0-9 - _`, as the mapping's file is called.
pub const SOURCE: Shape<SourceName> = Shape { read: SourceName::new, rule: NAME_RULE, next: NAME_NEXT };
/// 1 to 40 of `a-z 0-9 - _`, as the file in `schedules/` is called.
pub const FEED: Shape<FeedName> = Shape { read: FeedName::new, rule: NAME_RULE, next: NAME_NEXT };
/// A calendar's name: that of its file in `schedules/calendars/`.
pub const CALENDAR: Shape<CalendarName> = Shape { read: CalendarName::new, rule: NAME_RULE, next: NAME_NEXT };

/// Text for people: 1 to 60 printable characters.
pub const TITLE: Shape<String> = Shape {
    read: |text| within(text, 1, 60).filter(|text| !text.chars().any(char::is_control)),
    rule: "this text is 1 to 60 characters without control characters",
    next: "shorten it",
};

/// A reason or note: 1 to 200 printable characters.
pub const NOTE: Shape<String> = Shape {
    read: |text| within(text.trim(), 1, 200).filter(|text| !text.chars().any(char::is_control)),
    rule: "a reason is 1 to 200 characters on one line",
    next: "say in a sentence why it is so",
};

/// A federal tax number: nine digits, an optional dash after the second.
pub const TAX_ID: Shape<String> = Shape {
    read: |text| {
        let digits = text.replace('-', "");
        let plain = digits.len() == 9 && digits.bytes().all(|b| b.is_ascii_digit());
        (plain && matches!(text.find('-'), None | Some(2))).then_some(digits)
    },
    rule: "a tax number has nine digits",
    next: "write it as \"123456789\" or \"12-3456789\"",
};

/// An interchange identifier (ISA06, ISA08): 2 to 15 characters of the basic character set.
pub const INTERCHANGE_ID: Shape<String> = Shape {
    read: |text| within(text, 2, 15).filter(|text| is_basic(text)),
    rule: "an interchange identifier is 2 to 15 of A-Z 0-9 space - . /",
    next: "copy it from the trading partner agreement",
};

/// An identifier that ends in a REF, N1 or HD element: 1 to 50 characters of the basic character set.
pub const PARTY_ID: Shape<String> = Shape {
    read: |text| within(text, 1, 50).filter(|text| is_basic(text)),
    rule: "an identifier is 1 to 50 of A-Z 0-9 space - . / and has no delimiter in it",
    next: "copy it from the trading partner agreement",
};

/// Interchange identifier qualifier (ISA05, ISA07).
pub const QUALIFIER: Shape<String> = Shape {
    read: |text| ["01", "14", "20", "27", "28", "29", "30", "33", "ZZ"].contains(&text).then(|| text.to_string()),
    rule: "an interchange qualifier is one of 01 14 20 27 28 29 30 33 ZZ",
    next: "copy it from the trading partner agreement",
};

/// Identification code qualifier of a party (N103).
pub const PARTY_QUALIFIER: Shape<String> = Shape {
    read: |text| ["FI", "XV", "94", "ZZ", "24"].contains(&text).then(|| text.to_string()),
    rule: "a party's qualifier is one of FI XV 94 24 ZZ",
    next: "use FI for a federal tax number",
};

/// A line of coverage by its insurance line code.
pub const LINE: Shape<Line> = Shape {
    read: Line::from_code,
    rule: "a line of coverage is one of HLT HMO PPO POS EPO DEN DCP VIS PDG AK LTC LTD STD",
    next: "use the insurance line code (HD03) of the carrier's guide",
};

/// The short code that elections and carriers agree on, such as `MED-PPO`.
pub const PLAN_CODE: Shape<String> = Shape {
    read: |text| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        within(text, 1, 40).filter(|text| text.bytes().all(plain))
    },
    rule: "a plan code of ours is 1 to 40 letters, digits, - _ .",
    next: "use the code that stands in the elections file, or that its mapping gives",
};

/// A date, written as text.
pub const DATE: Shape<NaiveDate> = Shape {
    read: |text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10),
    rule: "a date is written \"YYYY-MM-DD\"",
    next: "write it in quotes, for example \"2026-03-02\"",
};

/// A time of day, written as text.
pub const TIME: Shape<NaiveTime> = Shape {
    read: |text| NaiveTime::parse_from_str(text, "%H:%M").ok().filter(|_| text.len() == 5),
    rule: "a time of day is written \"HH:MM\" from 00:00 to 23:59",
    next: "write it in quotes, for example \"21:30\"",
};

/// Three lower-case letters, `mon` to `sun`.
pub const DAY: Shape<Weekday> = Shape {
    read: |text| {
        let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        days.iter().position(|day| *day == text).and_then(|index| Weekday::try_from(index as u8).ok())
    },
    rule: "a day is one of mon tue wed thu fri sat sun",
    next: "write days = [\"mon\", \"tue\"]",
};

/// A time zone of the IANA list. Only its form is checked here.
pub const ZONE: Shape<String> = Shape {
    read: |text| {
        let plain =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-+".contains(&b));
        let parts: Vec<&str> = text.split('/').collect();
        let zone = text == "UTC" || ((2..=3).contains(&parts.len()) && parts.iter().all(|part| plain(part)));
        zone.then(|| text.to_string())
    },
    rule: "a time zone is UTC or an area and a place",
    next: "write for example \"America/New_York\"; abbreviations such as EST do not know daylight saving",
};

/// A public key beginning with `age1`. Its checksum is looked at where the site's files are compared.
pub const RECIPIENT: Shape<String> = Shape {
    read: |text| {
        let body = text.strip_prefix("age1")?;
        let plain = body.len() == 58 && body.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        plain.then(|| text.to_string())
    },
    rule: "a recipient is an age public key: age1 and 58 lower-case letters and digits",
    next: "ask the carrier for its age recipient and compare it by telephone",
};

/// The public half of the site's own archive key.
pub const ARCHIVE_RECIPIENT: Shape<String> = Shape {
    read: RECIPIENT.read,
    rule: RECIPIENT.rule,
    next: "`bex keys list`, run by whoever has the archive's key, says its recipient",
};

/// A server's public key.
pub const HOST_KEY: Shape<String> = Shape {
    read: |text| {
        let (kind, body) = text.split_once(' ')?;
        // DSA is not among them: OpenSSH has given it up, and a server that has no other key is not one to send
        // people's data to.
        let kinds = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"];
        let plain = body.starts_with("AAAA") && body.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
        let long = kind != "ssh-rsa" || rsa_bits(body).is_none_or(|bits| bits >= RSA_BITS_MIN);
        (kinds.contains(&kind) && plain && long).then(|| text.to_string())
    },
    rule: "a host key is its kind and its public part, as in known_hosts; an RSA key has 2048 bits or more",
    next: "take it from the carrier's own letter or portal, not from the server's first answer",
};

/// The shortest RSA key that nobody finds the private half of.
const RSA_BITS_MIN: usize = 2048;

/// How long an RSA key is; none of what is no key, which whoever compares it says.
fn rsa_bits(body: &str) -> Option<usize> {
    let blob = STANDARD.decode(body).ok()?;
    // Its kind, its exponent and its modulus, each with its length before it.
    let (_kind, rest) = mpint(&blob)?;
    let (_exponent, rest) = mpint(rest)?;
    let (modulus, _) = mpint(rest)?;
    let digits = modulus.iter().skip_while(|byte| **byte == 0);
    Some(digits.count() * 8)
}

/// What stands in front, with its length before it, and what comes behind.
fn mpint(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_be_bytes(*length) as usize)
}

/// A host name or address.
pub const HOST: Shape<String> = Shape {
    read: |text| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-.:".contains(&b);
        within(text, 1, 253).filter(|text| text.bytes().all(plain) && !text.starts_with('-'))
    },
    rule: "a host is a name or an address, without user, port or path",
    next: "write for example \"sftp.carrier.example\"",
};

/// A folder at a carrier, or a local one.
pub const FOLDER: Shape<String> = Shape {
    read: |text| {
        let plain = text.split('/').all(|part| part != "..") && !text.chars().any(char::is_control);
        within(text, 1, 255).filter(|_| plain)
    },
    rule: "a folder is 1 to 255 characters, without .. in it",
    next: "write it as the carrier names it, for example \"/inbound\"",
};

/// A login name.
pub const USER: Shape<String> = Shape {
    read: |text| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._@".contains(&b);
        within(text, 1, 64).filter(|text| text.bytes().all(plain))
    },
    rule: "a login name is 1 to 64 of letters digits - . _ @",
    next: "copy it from the carrier's letter",
};

fn within(text: &str, least: usize, most: usize) -> Option<String> {
    (least..=most).contains(&text.chars().count()).then(|| text.to_string())
}

fn is_basic(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b" -./".contains(&b);
    text.bytes().all(plain) && !text.starts_with(' ') && !text.ends_with(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tax_numbers_keep_their_digits_and_lose_the_dash() {
        assert_eq!((TAX_ID.read)("12-3456789").as_deref(), Some("123456789"));
        for bad in ["123456", "1-23456789", "12345678X", ""] {
            assert!((TAX_ID.read)(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn times_days_and_zones_are_strict() {
        assert!((TIME.read)("21:30").is_some() && (TIME.read)("24:00").is_none() && (TIME.read)("9:30").is_none());
        assert_eq!((DAY.read)("sun"), Some(Weekday::Sun));
        assert!((ZONE.read)("America/New_York").is_some() && (ZONE.read)("EST").is_none());
        assert!((DATE.read)("2026-02-30").is_none() && (DATE.read)("2026-2-3").is_none());
    }

    #[test]
    fn host_keys_and_recipients_are_recognised_by_form() {
        assert!((HOST_KEY.read)("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA").is_some());
        assert!((HOST_KEY.read)("AAAAC3NzaC1lZDI1NTE5AAAA").is_none());
        let rsa = |bytes: usize| {
            let modulus = [&[0][..], &vec![0x81; bytes]].concat();
            let part = |part: &[u8]| [&(part.len() as u32).to_be_bytes()[..], part].concat();
            let blob = [part(b"ssh-rsa"), part(&[1, 0, 1]), part(&modulus)].concat();
            (HOST_KEY.read)(&format!("ssh-rsa {}", STANDARD.encode(blob))).is_some()
        };
        assert!(rsa(256) && rsa(512) && !rsa(128) && !rsa(255));
        assert!(
            (RECIPIENT.read)(&format!("age1{}", "q".repeat(58))).is_some() && (RECIPIENT.read)("age1short").is_none()
        );
    }
}
