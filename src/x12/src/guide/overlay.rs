//! What a carrier has declared it does differently from the guide: named, dated, and reported where it is used.
//! There is no way to say "do not judge this file".

use super::codes::{Code, CodeSet};
use super::spec::{Deviation, ElementSpec, Guide, Kind, SegmentSpec, SetSeverity, Usage};
use crate::error::{Error, ErrorKind};
use crate::position::Position;
use crate::rule::{Rule, Severity};
use crate::rules;

/// A carrier's declared deviations from a guide. Every field but the first two is empty by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(deny_unknown_fields))]
pub struct Overlay {
    /// Its name, which reports repeat.
    pub name: String,
    /// The day it was declared, as in `2025-01-31`.
    pub since: String,
    /// Where the carrier says so, such as the page of its companion guide.
    #[cfg_attr(feature = "serde", serde(default))]
    pub because: String,
    /// Further values of GS08 and ST03.
    #[cfg_attr(feature = "serde", serde(default))]
    pub versions: Vec<String>,
    /// Further codes.
    #[cfg_attr(feature = "serde", serde(default))]
    pub codes: Vec<MoreCodes>,
    /// Elements the guide does not use.
    #[cfg_attr(feature = "serde", serde(default))]
    pub elements: Vec<MoreElement>,
    /// Segments the guide does not have in a loop. Their elements are not judged.
    #[cfg_attr(feature = "serde", serde(default))]
    pub segments: Vec<MoreSegment>,
    /// Other numbers of repetitions.
    #[cfg_attr(feature = "serde", serde(default))]
    pub repeats: Vec<OtherRepeat>,
    /// Required segments and loops that may be left out.
    #[cfg_attr(feature = "serde", serde(default))]
    pub optional: Vec<Optional>,
    /// Other severities.
    #[cfg_attr(feature = "serde", serde(default))]
    pub severities: Vec<OtherSeverity>,
}

/// Further codes of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(deny_unknown_fields))]
pub struct MoreCodes {
    /// The loop; empty for the set itself.
    #[cfg_attr(feature = "serde", serde(default, rename = "loop", alias = "loop_id"))]
    pub loop_id: String,
    /// The segment's tag.
    pub segment: String,
    /// A code of its first element, where several segments of the loop have the tag.
    #[cfg_attr(feature = "serde", serde(default))]
    pub qualifier: Option<String>,
    /// The element, from 1.
    pub element: u16,
    /// Values that are legal there beside those of the guide.
    pub codes: Vec<String>,
}

/// An element the guide does not use.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(deny_unknown_fields))]
pub struct MoreElement {
    /// The loop; empty for the set itself.
    #[cfg_attr(feature = "serde", serde(default, rename = "loop", alias = "loop_id"))]
    pub loop_id: String,
    /// The segment's tag.
    pub segment: String,
    /// A code of its first element, where several segments of the loop have the tag.
    #[cfg_attr(feature = "serde", serde(default))]
    pub qualifier: Option<String>,
    /// The element, from 1.
    pub element: u16,
}

/// A segment the guide does not have in a loop.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(deny_unknown_fields))]
pub struct MoreSegment {
    /// The loop; empty for the set itself.
    #[cfg_attr(feature = "serde", serde(default, rename = "loop", alias = "loop_id"))]
    pub loop_id: String,
    /// The segment's tag.
    pub segment: String,
    /// The tag of the loop's segment it shares its position with. By default the one that begins the loop.
    #[cfg_attr(feature = "serde", serde(default))]
    pub beside: Option<String>,
    /// Most uses. No limit by default.
    #[cfg_attr(feature = "serde", serde(default))]
    pub max: Option<u32>,
}

/// Another number of repetitions.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(deny_unknown_fields))]
pub struct OtherRepeat {
    /// The loop; empty for the set itself.
    #[cfg_attr(feature = "serde", serde(default, rename = "loop", alias = "loop_id"))]
    pub loop_id: String,
    /// The segment's tag; the loop as a whole when absent.
    #[cfg_attr(feature = "serde", serde(default))]
    pub segment: Option<String>,
    /// A code of its first element, where several segments of the loop have the tag.
    #[cfg_attr(feature = "serde", serde(default))]
    pub qualifier: Option<String>,
    /// Most repetitions.
    pub max: u32,
}

/// A required segment or loop that may be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(deny_unknown_fields))]
pub struct Optional {
    /// The loop; empty for the set itself.
    #[cfg_attr(feature = "serde", serde(default, rename = "loop", alias = "loop_id"))]
    pub loop_id: String,
    /// The segment's tag; the loop as a whole when absent.
    #[cfg_attr(feature = "serde", serde(default))]
    pub segment: Option<String>,
    /// A code of its first element, where several segments of the loop have the tag.
    #[cfg_attr(feature = "serde", serde(default))]
    pub qualifier: Option<String>,
}

/// Another severity of a rule of the validator.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(deny_unknown_fields))]
pub struct OtherSeverity {
    /// The rule's code.
    pub code: String,
    /// Its severity now. What ends the reading cannot be declared away, and nothing can be declared to.
    pub severity: Severity,
}

impl Guide {
    /// The guide as an overlay changes it. The guide itself stays as it is.
    ///
    /// # Errors
    /// [`ErrorKind::Overlay`], which names the entry, when the overlay names something the guide does not have, or has
    /// more than 200 deviations.
    ///
    /// ```
    /// use x12::guide::{MoreCodes, Overlay, x220a1};
    ///
    /// let life = MoreCodes {
    ///     loop_id: "2300".into(), segment: "HD".into(), qualifier: None, element: 3, codes: vec!["LIF".into()],
    /// };
    /// let (name, since) = ("life".into(), "2026-01-01".into());
    /// let overlay = Overlay { name, since, codes: vec![life], ..Overlay::default() };
    /// assert_eq!(x220a1().with(&overlay)?.deviations.len(), 1);
    /// # Ok::<(), x12::Error>(())
    /// ```
    pub fn with(&self, overlay: &Overlay) -> Result<Guide, Error> {
        let mut guide = self.clone();
        guide.apply(overlay)?;
        guide.derive();
        Ok(guide)
    }

    fn apply(&mut self, overlay: &Overlay) -> Result<(), Error> {
        Entries { overlay, list: "versions" }.apply(self, &overlay.versions, Guide::add_version)?;
        Entries { overlay, list: "codes" }.apply(self, &overlay.codes, Guide::add_codes)?;
        Entries { overlay, list: "elements" }.apply(self, &overlay.elements, Guide::use_element)?;
        Entries { overlay, list: "segments" }.apply(self, &overlay.segments, Guide::add_segment)?;
        Entries { overlay, list: "repeats" }.apply(self, &overlay.repeats, Guide::change_repeat)?;
        Entries { overlay, list: "optional" }.apply(self, &overlay.optional, Guide::make_optional)?;
        Entries { overlay, list: "severities" }.apply(self, &overlay.severities, Guide::change_severity)
    }

    fn add_version(&mut self, overlay: &Overlay, version: &String) -> Option<()> {
        let deviation = self.declare(overlay, format!("version {version}"))?;
        self.versions.push((version.clone(), deviation));
        Some(())
    }

    fn declare(&mut self, overlay: &Overlay, what: String) -> Option<u8> {
        let (what, name, since) = (plain(&what), plain(&overlay.name), plain(&overlay.since));
        self.deviations.push(Deviation { overlay: name, since, what });
        u8::try_from(self.deviations.len()).ok().filter(|count| *count <= 200)
    }

    fn add_codes(&mut self, overlay: &Overlay, more: &MoreCodes) -> Option<()> {
        let at = self.find(&more.loop_id, &more.segment, more.qualifier.as_deref())?;
        for code in &more.codes {
            let what = format!("{} {}{:02} {code}", more.loop_id, more.segment, more.element);
            let deviation = self.declare(overlay, what)?;
            let element = self.segments.get_mut(at)?.elements.get_mut(usize::from(more.element).checked_sub(1)?)?;
            let mut codes = element.codes.codes().to_vec();
            codes.push(Code { code: code.clone(), meaning: String::new(), deviation });
            element.codes = CodeSet::new(codes);
        }
        Some(())
    }

    fn use_element(&mut self, overlay: &Overlay, more: &MoreElement) -> Option<()> {
        let at = self.find(&more.loop_id, &more.segment, more.qualifier.as_deref())?;
        let what = format!("{} {}{:02}", more.loop_id, more.segment, more.element);
        let deviation = self.declare(overlay, what)?;
        let element = self.segments.get_mut(at)?.elements.get_mut(usize::from(more.element).checked_sub(1)?)?;
        let used = Usage::Situational;
        *element = ElementSpec { usage: used, kind: Kind::Text, min: 1, max: 256, deviation, ..element.clone() };
        Some(())
    }

    fn add_segment(&mut self, overlay: &Overlay, more: &MoreSegment) -> Option<()> {
        let deviation = self.declare(overlay, format!("{} {}", more.loop_id, more.segment))?;
        let in_loop = self.loops.iter().position(|spec| spec.id == more.loop_id)?;
        let beside = match &more.beside {
            Some(tag) => self.find(&more.loop_id, tag, None)?,
            None => self.segments.iter().position(|segment| segment.in_loop == in_loop)?,
        };
        let segment = SegmentSpec {
            tag: more.segment.clone(),
            name: "Declared by an overlay",
            in_loop,
            usage: Usage::Situational,
            max: more.max,
            position: self.segments.get(beside)?.position,
            elements: Vec::new(),
            notes: Vec::new(),
            required: 0,
            not_used: 0,
            qualifiers: None,
            deviation,
        };
        self.segments.insert(beside + 1, segment);
        Some(())
    }

    fn change_repeat(&mut self, overlay: &Overlay, other: &OtherRepeat) -> Option<()> {
        let tag = other.segment.as_deref();
        self.declare(overlay, format!("{} {} up to {}", other.loop_id, tag.unwrap_or("loop"), other.max))?;
        match tag {
            Some(tag) => {
                let at = self.find(&other.loop_id, tag, other.qualifier.as_deref())?;
                self.segments.get_mut(at)?.max = Some(other.max);
            }
            None => self.loops.iter_mut().find(|spec| spec.id == other.loop_id)?.max = Some(other.max),
        }
        Some(())
    }

    fn make_optional(&mut self, overlay: &Overlay, optional: &Optional) -> Option<()> {
        let tag = optional.segment.as_deref();
        self.declare(overlay, format!("{} {} optional", optional.loop_id, tag.unwrap_or("loop")))?;
        match tag {
            Some(tag) => {
                let at = self.find(&optional.loop_id, tag, optional.qualifier.as_deref())?;
                self.segments.get_mut(at)?.usage = Usage::Situational;
            }
            None => self.loops.iter_mut().find(|spec| spec.id == optional.loop_id)?.usage = Usage::Situational,
        }
        Some(())
    }

    fn change_severity(&mut self, overlay: &Overlay, other: &OtherSeverity) -> Option<()> {
        let may_change = |rule: &&Rule| rule.code == other.code && rule.severity < Severity::Fatal;
        let rule = rules::ALL.iter().find(may_change).filter(|_| other.severity < Severity::Fatal)?;
        let severity = other.severity;
        let deviation = self.declare(overlay, format!("{} as {}", rule.code, severity.word()))?;
        self.severities.push(SetSeverity { code: other.code.clone(), severity, deviation });
        Some(())
    }
}

/// One list of an overlay.
struct Entries<'o> {
    overlay: &'o Overlay,
    list: &'static str,
}

impl Entries<'_> {
    fn apply<T>(
        &self,
        guide: &mut Guide,
        entries: &[T],
        apply: impl Fn(&mut Guide, &Overlay, &T) -> Option<()>,
    ) -> Result<(), Error> {
        let refused = (1..).zip(entries).find(|(_, entry)| apply(guide, self.overlay, entry).is_none());
        let Some((ordinal, _)) = refused else { return Ok(()) };
        let entry = format!("{}, entry {ordinal} of {}", plain(&self.overlay.name), self.list);
        Err(Error::new(ErrorKind::Overlay { entry }, Position::default()))
    }
}

/// A declared name, as a line of a report can hold it.
fn plain(text: &str) -> String {
    let printable = |c: char| if c.is_ascii_alphanumeric() || "_.-/#:+ ".contains(c) { c } else { '?' };
    text.chars().take(96).map(printable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guide;

    fn life() -> Overlay {
        let codes = MoreCodes {
            loop_id: "2300".into(),
            segment: "HD".into(),
            qualifier: None,
            element: 3,
            codes: vec!["LIF".into()],
        };
        Overlay { name: "life".into(), since: "2025-01-01".into(), codes: vec![codes], ..Overlay::default() }
    }

    #[test]
    fn an_overlay_adds_codes_to_a_copy_and_says_so() {
        let guide = guide::x220a1().with(&life()).unwrap();
        let codes = |guide: &Guide| guide.segments[guide.find("2300", "HD", None).unwrap()].elements[2].codes.clone();
        assert_eq!(codes(&guide).find(b"LIF").unwrap().deviation, 1);
        assert!(!codes(guide::x220a1()).contains(b"LIF"));
        assert_eq!(guide.deviations[0].what, "2300 HD03 LIF");
    }

    #[test]
    fn the_entry_that_names_nothing_is_named() {
        let entry = |overlay: &Overlay| guide::x220a1().with(overlay).unwrap_err().kind().clone();
        let named = |entry: &str| ErrorKind::Overlay { entry: entry.to_owned() };
        let mut overlay = life();
        overlay.codes[0].element = 12;
        assert_eq!(entry(&overlay), named("life, entry 1 of codes"));
        let mut overlay = life();
        let severity = |code: &str, severity| OtherSeverity { code: code.into(), severity };
        overlay.severities = vec![severity("SIT001", Severity::Warning), severity("SIT999", Severity::Warning)];
        assert_eq!(entry(&overlay), named("life, entry 2 of severities"));
        overlay.severities = vec![severity("ENV001", Severity::Notice)];
        assert_eq!(entry(&overlay), named("life, entry 1 of severities"));
    }
}
