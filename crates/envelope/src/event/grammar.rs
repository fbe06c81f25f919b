//! What each attribute may say. Writing and reading an event ask the same questions.

use uuid::Uuid;

use super::EventError;
use crate::moment::{self, Moment};

/// What every `source` starts with; the unit follows.
pub(super) const SOURCE: &str = "urn:motcua:unit:";

/// Takes `vn.motcua.<thing>.<past participle>.v<major>` apart into thing, participle and major
/// version (1 or more). `None` when `kind` is not of that form.
pub fn kind_parts(kind: &str) -> Option<(&str, &str, u32)> {
    let mut parts = kind.strip_prefix("vn.motcua.")?.split('.');
    let (thing, participle, version) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = version.strip_prefix('v')?;
    let major: u32 = digits.parse().ok()?;
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    (parts.next().is_none() && plain && is_word(thing) && is_word(participle))
        .then_some((thing, participle, major))
}

/// The unit's name stands in message subjects and permissions, where dots, stars and spaces mean
/// something else. Other rooms that name units in signed bytes use the same check.
pub(crate) fn is_unit(unit: &str) -> bool {
    !unit.is_empty() && unit.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn is_word(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
}

pub(super) fn wrong(name: &'static str, value: &str, rule: &'static str) -> EventError {
    EventError::Attribute {
        name,
        value: value.chars().take(80).collect(),
        rule,
    }
}

fn check(ok: bool, name: &'static str, value: &str, rule: &'static str) -> Result<(), EventError> {
    if ok {
        Ok(())
    } else {
        Err(wrong(name, value, rule))
    }
}

pub(super) fn check_unit(unit: &str) -> Result<(), EventError> {
    check(
        is_unit(unit),
        "source",
        unit,
        "a unit of letters, digits and dashes",
    )
}

pub(super) fn check_kind(kind: &str) -> Result<(), EventError> {
    let rule = "vn.motcua.<thing>.<past participle>.v<major>";
    check(kind_parts(kind).is_some(), "type", kind, rule)
}

pub(super) fn check_subject(subject: &str) -> Result<(), EventError> {
    let ok = !subject.is_empty() && !subject.chars().any(char::is_control);
    check(
        ok,
        "subject",
        subject,
        "a dossier code without control characters",
    )
}

pub(super) fn check_schema(schema: &str) -> Result<(), EventError> {
    check(
        !schema.is_empty(),
        "dataschema",
        schema,
        "the $id of a JSON Schema",
    )
}

pub(super) fn check_traceparent(traceparent: &str) -> Result<(), EventError> {
    check(
        !traceparent.is_empty(),
        "traceparent",
        traceparent,
        "a W3C trace context or absent",
    )
}

pub(super) fn check_sequence(sequence: u64) -> Result<(), EventError> {
    check(sequence > 0, "sequence", "0", "1 or more")
}

pub(super) fn print_time(name: &'static str, time: &Moment) -> Result<String, EventError> {
    moment::print(time).ok_or_else(|| {
        wrong(
            name,
            &time.timestamp().to_string(),
            "in the years 0 to 9999",
        )
    })
}

pub(super) fn parse_time(name: &'static str, text: &str) -> Result<Moment, EventError> {
    moment::parse(text).ok_or_else(|| wrong(name, text, "an RFC 3339 instant with offset"))
}

pub(super) fn parse_id(name: &'static str, text: &str) -> Result<Uuid, EventError> {
    let id = Uuid::try_parse(text).ok();
    id.filter(|id| id.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == text)
        .ok_or_else(|| wrong(name, text, "a UUID in lower case with dashes"))
}

pub(super) fn need<T>(name: &'static str, value: Option<T>) -> Result<T, EventError> {
    value.ok_or(EventError::Missing { name })
}
