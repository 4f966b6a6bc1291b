//! What a carrier has declared it does differently from the guide: named, dated, and reported where it is used.
//! There is no way to say "do not judge this file".

use serde::Deserialize;

use crate::fault::{Fault, Label, Place, Severity};
use crate::x12::codes::{Code, CodeSet};
use crate::x12::guide::{Deviation, ElementSpec, Guide, Kind, SegmentSpec, SetSeverity, Usage};

/// A carrier's declared deviations from a guide. Every field but the first two is empty by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    /// Its name, which reports repeat.
    pub name: String,
    /// The day it was declared, as in `2025-01-31`.
    pub since: String,
    /// Where the carrier says so, such as the page of its companion guide.
    #[serde(default)]
    pub because: String,
    /// Further values of GS08 and ST03.
    #[serde(default)]
    pub versions: Vec<String>,
    /// Further codes.
    #[serde(default)]
    pub codes: Vec<MoreCodes>,
    /// Elements the guide does not use.
    #[serde(default)]
    pub elements: Vec<MoreElement>,
    /// Segments the guide does not have in a loop. Their elements are not judged.
    #[serde(default)]
    pub segments: Vec<MoreSegment>,
    /// Other numbers of repetitions.
    #[serde(default)]
    pub repeats: Vec<OtherRepeat>,
    /// Required segments and loops that may be left out.
    #[serde(default)]
    pub optional: Vec<Optional>,
    /// Other severities.
    #[serde(default)]
    pub severities: Vec<OtherSeverity>,
}

/// Further codes of an element.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoreCodes {
    /// The loop; empty for the set itself.
    #[serde(default, rename = "loop")]
    pub loop_id: String,
    /// The segment's tag.
    pub segment: String,
    /// A code of its first element, where several segments of the loop have the tag.
    #[serde(default)]
    pub qualifier: Option<String>,
    /// The element, from 1.
    pub element: u16,
    /// The codes.
    pub codes: Vec<String>,
}

/// An element the guide does not use.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoreElement {
    /// The loop; empty for the set itself.
    #[serde(default, rename = "loop")]
    pub loop_id: String,
    /// The segment's tag.
    pub segment: String,
    /// A code of its first element, where several segments of the loop have the tag.
    #[serde(default)]
    pub qualifier: Option<String>,
    /// The element, from 1.
    pub element: u16,
}

/// A segment the guide does not have in a loop.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoreSegment {
    /// The loop; empty for the set itself.
    #[serde(default, rename = "loop")]
    pub loop_id: String,
    /// The segment's tag.
    pub segment: String,
    /// The tag of the loop's segment it shares its position with. By default the one that begins the loop.
    #[serde(default)]
    pub beside: Option<String>,
    /// Most uses. No limit by default.
    #[serde(default)]
    pub max: Option<u32>,
}

/// Another number of repetitions.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherRepeat {
    /// The loop; empty for the set itself.
    #[serde(default, rename = "loop")]
    pub loop_id: String,
    /// The segment's tag; the loop as a whole when absent.
    #[serde(default)]
    pub segment: Option<String>,
    /// A code of its first element, where several segments of the loop have the tag.
    #[serde(default)]
    pub qualifier: Option<String>,
    /// Most repetitions.
    pub max: u32,
}

/// A required segment or loop that may be left out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Optional {
    /// The loop; empty for the set itself.
    #[serde(default, rename = "loop")]
    pub loop_id: String,
    /// The segment's tag; the loop as a whole when absent.
    #[serde(default)]
    pub segment: Option<String>,
    /// A code of its first element, where several segments of the loop have the tag.
    #[serde(default)]
    pub qualifier: Option<String>,
}

/// Another severity of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherSeverity {
    /// The fault's code.
    pub code: String,
    /// `notice`, `warning` or `error`.
    pub severity: String,
}

impl Guide {
    /// The guide as an overlay changes it. The guide itself stays as it is.
    ///
    /// # Errors
    /// X12030 when the overlay names something the guide does not have, or has more than 200 deviations.
    ///
    /// ```
    /// use bex::x12::guides::x220a1;
    /// use bex::x12::overlay::{MoreCodes, Overlay};
    ///
    /// let life = MoreCodes {
    ///     loop_id: "2300".into(), segment: "HD".into(), qualifier: None, element: 3, codes: vec!["LIF".into()],
    /// };
    /// let (name, since) = ("life".into(), "2026-01-01".into());
    /// let overlay = Overlay { name, since, codes: vec![life], ..Overlay::default() };
    /// assert_eq!(x220a1().with(&overlay)?.deviations.len(), 1);
    /// # Ok::<(), bex::fault::Fault>(())
    /// ```
    pub fn with(&self, overlay: &Overlay) -> Result<Guide, Fault> {
        let mut guide = self.clone();
        guide.apply(overlay).ok_or_else(|| no_such_place(overlay))?;
        guide.derive();
        Ok(guide)
    }

    fn apply(&mut self, overlay: &Overlay) -> Option<()> {
        for version in &overlay.versions {
            let deviation = self.declare(overlay, format!("version {version}"))?;
            self.versions.push((version.clone(), deviation));
        }
        overlay.codes.iter().try_for_each(|more| self.add_codes(overlay, more))?;
        overlay.elements.iter().try_for_each(|more| self.use_element(overlay, more))?;
        overlay.segments.iter().try_for_each(|more| self.add_segment(overlay, more))?;
        overlay.repeats.iter().try_for_each(|other| self.change_repeat(overlay, other))?;
        overlay.optional.iter().try_for_each(|optional| self.make_optional(overlay, optional))?;
        overlay.severities.iter().try_for_each(|other| self.change_severity(overlay, other))
    }

    fn declare(&mut self, overlay: &Overlay, what: String) -> Option<u8> {
        let what = Label::new(&what).as_str().to_owned();
        let label = |text: &str| Label::new(text).as_str().to_owned();
        self.deviations.push(Deviation { overlay: label(&overlay.name), since: label(&overlay.since), what });
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
        let severities = [Severity::Notice, Severity::Warning, Severity::Error];
        let severity = severities.into_iter().find(|severity| severity.word() == other.severity)?;
        let deviation = self.declare(overlay, format!("{} as {}", other.code, severity.word()))?;
        self.severities.push(SetSeverity { code: other.code.clone(), severity, deviation });
        Some(())
    }
}

fn no_such_place(overlay: &Overlay) -> Fault {
    Fault::error(
        "X12030",
        Place::Named(Label::new(&overlay.name)),
        "an overlay names loops, segments, elements and severities that exist",
        "compare the overlay with docs/reference/834.md",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x12::guides;

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
        let guide = guides::x220a1().with(&life()).unwrap();
        let codes = |guide: &Guide| guide.segments[guide.find("2300", "HD", None).unwrap()].elements[2].codes.clone();
        assert_eq!(codes(&guide).find(b"LIF").unwrap().deviation, 1);
        assert!(!codes(guides::x220a1()).contains(b"LIF"));
        assert_eq!(guide.deviations[0].what, "2300 HD03 LIF");
    }

    #[test]
    fn an_overlay_that_names_nothing_is_refused() {
        let mut overlay = life();
        overlay.codes[0].element = 12;
        assert_eq!(guides::x220a1().with(&overlay).unwrap_err().code, "X12030");
        let mut overlay = life();
        overlay.severities = vec![OtherSeverity { code: "SIT001".into(), severity: "off".into() }];
        assert_eq!(guides::x220a1().with(&overlay).unwrap_err().code, "X12030");
    }
}
