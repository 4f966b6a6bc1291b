//! A leaf read in one pass and without copying, where it is written as this version writes leaves. What is written
//! otherwise is left to whoever reads any JSON: that takes longer, and a log is read a million leaves at a time.

use std::borrow::Cow;

use super::leaf::{LeafMove, LeafRow, LeafSet, ReadLeaf};
use super::merkle::Hash;
use crate::model::ids::unhex_sha256;

/// What is left of a leaf's text. Whatever is taken off it is none where something else stands there.
struct LeafText<'l>(&'l str);

/// The leaf, if it is of the form that [`super::Event::leaf`] writes; it says the same as the same text read as JSON.
pub(super) fn scanned(leaf: &str) -> Option<ReadLeaf<'_>> {
    let (mut text, mut read) = (LeafText(leaf), ReadLeaf::default());
    let (mut seq, mut action) = (None, None);
    text.members(|name, text| match name {
        "seq" => once(&mut seq, text.number()?),
        "action" => once(&mut action, text.text()?),
        "rows" => text.items(&mut read.rows, row),
        "sets" => text.items(&mut read.sets, set),
        "ledger" => text.items(&mut read.ledger, moved),
        "archive" => once(&mut read.archive, text.copied()?),
        "sha256" => once(&mut read.sha256, text.copied()?),
        "configuration" => once(&mut read.configuration, text.copied()?),
        "archive_key" => once(&mut read.archive_key, text.copied()?),
        "schema" => once(&mut read.schema, text.number()?),
        "code" => once(&mut read.code, text.copied()?),
        "env" => once(&mut read.env, text.copied()?),
        _ => text.skip(),
    })?;
    (read.seq, read.action) = (seq?, action?.into());
    text.0.is_empty().then_some(read)
}

fn row<'l>(text: &mut LeafText<'l>) -> Option<LeafRow<'l>> {
    let (mut row, mut is, mut sha256) = (None, None, None);
    text.members(|name, text| match name {
        "row" => once(&mut row, text.text()?),
        "is" => once(&mut is, text.copied()?),
        "sha256" => once(&mut sha256, text.hash()?),
        _ => text.skip(),
    })?;
    Some(LeafRow { row: row?.into(), is, sha256 })
}

fn set<'l>(text: &mut LeafText<'l>) -> Option<LeafSet<'l>> {
    let (mut set, mut of, mut rows, mut covered, mut sha256) = (None, None, None, None, None);
    text.members(|name, text| match name {
        "set" => once(&mut set, text.text()?),
        "of" => once(&mut of, text.number()?),
        "rows" => once(&mut rows, u64::try_from(text.number()?).ok()?),
        "covered" => once(&mut covered, text.number()?),
        "sha256" => once(&mut sha256, text.hash()?),
        _ => text.skip(),
    })?;
    Some(LeafSet { set: set?.into(), of: of?, rows: rows?, covered: covered?, sha256: sha256? })
}

fn moved<'l>(text: &mut LeafText<'l>) -> Option<LeafMove<'l>> {
    let (mut delivery, mut to, mut only) = (None, None, None);
    text.members(|name, text| match name {
        "delivery" => once(&mut delivery, text.number()?),
        "to" => once(&mut to, text.text()?),
        "only" => once(&mut only, text.copied()?),
        _ => text.skip(),
    })?;
    Some(LeafMove { delivery: delivery?, to: to?.into(), only })
}

/// What is said twice is no leaf of ours.
fn once<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.is_none().then(|| *slot = Some(value))
}

impl<'l> LeafText<'l> {
    fn takes(&mut self, mark: u8) -> Option<()> {
        (self.0.as_bytes().first() == Some(&mark)).then(|| self.0 = &self.0[1..])
    }

    /// A text that nothing in it is escaped of.
    fn text(&mut self) -> Option<&'l str> {
        let inner = self.0.strip_prefix('"')?;
        let end = inner.bytes().position(|byte| byte == b'"' || byte == b'\\' || byte < b' ')?;
        let (text, rest) = inner.split_at(end);
        self.0 = rest.strip_prefix('"')?;
        Some(text)
    }

    fn copied(&mut self) -> Option<Cow<'l, str>> {
        self.text().map(Cow::Borrowed)
    }

    fn hash(&mut self) -> Option<Hash> {
        unhex_sha256(self.text()?)
    }

    /// A whole number; one with a fraction ends where no member does.
    fn number(&mut self) -> Option<i64> {
        let sign = usize::from(self.0.starts_with('-'));
        let digits = self.0.bytes().skip(sign).take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.0.split_at(sign + digits);
        self.0 = rest;
        let padded = digits > 1 && number[sign..].starts_with('0');
        number.parse().ok().filter(|_| !padded)
    }

    fn members(&mut self, mut member: impl FnMut(&'l str, &mut Self) -> Option<()>) -> Option<()> {
        self.takes(b'{')?;
        loop {
            let name = self.text()?;
            self.takes(b':')?;
            member(name, self)?;
            if self.takes(b',').is_none() {
                return self.takes(b'}');
            }
        }
    }

    fn items<T>(&mut self, into: &mut Vec<T>, item: impl Fn(&mut Self) -> Option<T>) -> Option<()> {
        self.takes(b'[')?;
        // A list that is empty is not written.
        into.is_empty().then_some(())?;
        loop {
            into.push(item(self)?);
            if self.takes(b',').is_none() {
                return self.takes(b']');
            }
        }
    }

    /// A value that nobody asks for.
    fn skip(&mut self) -> Option<()> {
        match self.0.as_bytes().first()? {
            b'"' => self.text().map(drop),
            b'{' => self.members(|_, text| text.skip()),
            _ => self.number().map(drop),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::access::Actor;
    use crate::audit::{Action, Authorship, Event, Imprints, LedgerImprint, LedgerMove, RowImprint, RowsImprint};
    use crate::model::ids::Pseudonym;

    fn read(leaf: &str) -> Option<ReadLeaf<'_>> {
        serde_json::from_str(leaf).ok()
    }

    fn left(row: &str, number: i64) -> Imprints {
        let row = |sha256| RowImprint { row: row.into(), was: None, is: Some(number.to_string()), sha256 };
        let set = RowsImprint { set: "ledger.staged", of: number, rows: 7, covered: number, sha256: [9; 32] };
        let taken = |only| LedgerImprint { delivery: number, to: LedgerMove::TakenBack, only };
        let ledger = vec![taken(Vec::new()), taken(vec![Pseudonym([7; 16]), Pseudonym([9; 16])])];
        Imprints { rows: vec![row(Some([7; 32])), row(None)], sets: vec![set], ledger }
    }

    proptest! {
        #[test]
        fn whatever_this_version_writes_says_the_same_as_json(row in "\\PC{0,12}", number: i64, name in "\\PC{0,9}") {
            let event = Event::new(Action::LogConfigured).name("archive", &name).name("sha256", "ab");
            let event = event.count("schema", 3).name("configuration", "c").name("archive_key", &name);
            let event = event.name("feed", &name).count("n", number);
            let by = Authorship { environment: Some("test"), ..Actor::named(&name).into() };
            let leaf = event.leaf(number, "2026-03-02T21:00:00Z", &by, &left(&row, number));
            let plain = !leaf.contains('\\');
            prop_assert_eq!(scanned(&leaf).is_some(), plain, "{}", leaf);
            prop_assert!(scanned(&leaf).is_none_or(|scanned| Some(scanned) == read(&leaf)));
        }

        #[test]
        fn a_leaf_that_was_damaged_is_read_as_json_reads_it_or_not_at_all(at in 0_usize..600, byte in 32_u8..127) {
            let event = Event::new(Action::RunOpened).name("code", "RUN001").count("run", 7);
            let leaf = event.leaf(5, "2026-03-02T21:00:00Z", &Actor::named("jdoe").into(), &left("run/7", 3));
            let mut bytes = leaf.into_bytes();
            let at = at % bytes.len();
            bytes[at] = byte;
            let damaged = String::from_utf8(bytes).unwrap();
            prop_assert!(scanned(&damaged).is_none_or(|scanned| Some(scanned) == read(&damaged)), "{}", damaged);
        }
    }

    #[test]
    fn what_is_said_twice_or_in_another_form_is_left_to_json() {
        let leaf = r#"{"v":3,"seq":1,"action":"run.opened"}"#;
        assert_eq!(scanned(leaf), read(leaf));
        for other in [
            r#"{"v":3,"seq":1,"seq":2,"action":"run.opened"}"#,
            r#"{"v":3,"seq":01,"action":"run.opened"}"#,
            r#"{"v":3,"seq":1.5,"action":"run.opened"}"#,
            r#"{"v":3,"seq":1,"action":"run.opened"} "#,
            r#"{"v":3,"seq":1,"action":"run.opened","x":null}"#,
            r#"{"v":3,"seq":1}"#,
            "",
        ] {
            assert_eq!(scanned(other), None, "{other}");
        }
    }
}
