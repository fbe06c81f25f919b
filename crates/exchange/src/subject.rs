//! The grammar of subjects: what is said where, and who may say it.
//!
//! Subjects are what broker permissions are made of, so a unit's name is always a token of its
//! own, and nothing that grows with the work (a dossier code) or belongs to a person is ever in
//! one. The client library lets a publish to `a.*` through; the tokens are checked here instead.

use std::fmt;

use thiserror::Error;

/// The prefix of every subject: the system and the major version of its language.
const ROOT: &str = "motcua.v1";

/// What every event type starts with; subjects leave it out.
const KIND_ROOT: &str = "vn.motcua.";

/// The longest unit token, so that a whole subject stays well under the server's limits.
const UNIT_CHARS_MAX: usize = 64;

/// Every subject of the system: its name, and its pattern with `{parameters}`. `{type}` stands for
/// several tokens (`dossier.received.v1`), every other parameter for one.
pub const PATTERNS: &[(&str, &str)] = &[
    ("event", "motcua.v1.event.{unit}.{type}"),
    ("inbox", "motcua.v1.inbox.{to}.{from}.{type}"),
    ("cmd", "motcua.v1.cmd.{unit}.{command}"),
    ("log", "motcua.v1.log.{unit}.read"),
    ("held", HELD_READ),
    ("query", "motcua.v1.query.{name}"),
    ("checkpoint", "motcua.v1.checkpoint.{unit}"),
    ("alert", "motcua.v1.alert.{unit}"),
    ("clock", CLOCK),
];

/// Where whoever holds everybody's events lets them be read.
pub const HELD_READ: &str = "motcua.v1.held.read";

/// The simulated instant, published by profiles that do not live in real time.
pub const CLOCK: &str = "motcua.v1.clock";

/// Every event of every unit.
pub const EVENTS: &str = "motcua.v1.event.>";

/// Every delivery to every unit.
pub const INBOXES: &str = "motcua.v1.inbox.>";

/// Every unit's checkpoints.
pub const CHECKPOINTS: &str = "motcua.v1.checkpoint.*";

/// Every unit's alerts.
pub const ALERTS: &str = "motcua.v1.alert.*";

/// Every command and question to every unit.
pub const COMMANDS: &str = "motcua.v1.cmd.>";

/// What units ask one another: a dossier's key.
pub const KEY_QUESTIONS: &str = "motcua.v1.cmd.*.key";

/// Reading every unit's journal.
pub const LOG_READS: &str = "motcua.v1.log.*.read";

/// Every question to projectors and adapters.
pub const QUERIES: &str = "motcua.v1.query.*";

/// Why a text cannot be part of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SubjectError {
    /// Not a unit identifier.
    #[error(
        "reading `{0}` as a unit: expected capital letters and digits in parts joined by dashes, \
         such as H33-12-04, at most 64 characters; correct the unit register"
    )]
    Unit(String),
    /// Not an event type of this system.
    #[error(
        "reading `{0}` as an event type: expected vn.motcua.<thing>.<participle>.v<major>; only \
         such events can be exchanged"
    )]
    Kind(String),
    /// Not a name of a command or query.
    #[error(
        "reading `{0}` as a command or query name: expected small letters, digits, `-` and `_`"
    )]
    Name(String),
}

/// A unit's identifier as it stands in subjects: the canonical agency code, most significant part
/// first, dots as dashes (`H33-12-04`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitToken(String);

impl UnitToken {
    /// Reads a unit identifier. Errors on anything but `[A-Z0-9]+(-[A-Z0-9]+)*`.
    pub fn parse(text: &str) -> Result<UnitToken, SubjectError> {
        let part = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        };
        if text.len() <= UNIT_CHARS_MAX && text.split('-').all(part) {
            Ok(UnitToken(text.to_owned()))
        } else {
            Err(SubjectError::Unit(cut(text)))
        }
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UnitToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an inbox subject says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxSubject {
    /// The unit that must act or know.
    pub to: UnitToken,
    /// The unit whose line to `to` this is.
    pub from: UnitToken,
    /// The full event type.
    pub kind: String,
}

/// What an event subject says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSubject {
    /// The unit that wrote the event.
    pub unit: UnitToken,
    /// The full event type.
    pub kind: String,
}

/// Where `unit` publishes its events of type `kind` (`vn.motcua.dossier.received.v1`).
pub fn event(unit: &UnitToken, kind: &str) -> Result<String, SubjectError> {
    Ok(format!("{ROOT}.event.{unit}.{}", short_kind(kind)?))
}

/// Where `from` delivers events of type `kind` to `to`.
pub fn inbox(to: &UnitToken, from: &UnitToken, kind: &str) -> Result<String, SubjectError> {
    Ok(format!("{ROOT}.inbox.{to}.{from}.{}", short_kind(kind)?))
}

/// Everything that is delivered to `to`.
pub fn inbox_of(to: &UnitToken) -> String {
    format!("{ROOT}.inbox.{to}.>")
}

/// Everything that `unit` publishes about itself.
pub fn events_of(unit: &UnitToken) -> String {
    format!("{ROOT}.event.{unit}.>")
}

/// Everything that `from` delivers to anyone.
pub fn inboxes_from(from: &UnitToken) -> String {
    format!("{ROOT}.inbox.*.{from}.>")
}

/// Where `unit` takes the command `name`.
pub fn command(unit: &UnitToken, name: &str) -> Result<String, SubjectError> {
    Ok(format!("{ROOT}.cmd.{unit}.{}", checked_name(name)?))
}

/// Every command and question that `unit` takes.
pub fn commands_of(unit: &UnitToken) -> String {
    format!("{ROOT}.cmd.{unit}.*")
}

/// Where `unit` lets its journal be read.
pub fn log_read(unit: &UnitToken) -> String {
    format!("{ROOT}.log.{unit}.read")
}

/// Where the query `name` is answered.
pub fn query(name: &str) -> Result<String, SubjectError> {
    Ok(format!("{ROOT}.query.{}", checked_name(name)?))
}

/// Where `unit` announces its checkpoints.
pub fn checkpoint(unit: &UnitToken) -> String {
    format!("{ROOT}.checkpoint.{unit}")
}

/// Where `unit` tells operators of trouble.
pub fn alert(unit: &UnitToken) -> String {
    format!("{ROOT}.alert.{unit}")
}

/// Reads an inbox subject back; `None` when it is none.
pub fn read_inbox(subject: &str) -> Option<InboxSubject> {
    let rest = subject.strip_prefix(ROOT)?.strip_prefix(".inbox.")?;
    let mut parts = rest.splitn(3, '.');
    Some(InboxSubject {
        to: UnitToken::parse(parts.next()?).ok()?,
        from: UnitToken::parse(parts.next()?).ok()?,
        kind: long_kind(parts.next()?)?,
    })
}

/// Reads an event subject back; `None` when it is none.
pub fn read_event(subject: &str) -> Option<EventSubject> {
    let rest = subject.strip_prefix(ROOT)?.strip_prefix(".event.")?;
    let (unit, kind) = rest.split_once('.')?;
    Some(EventSubject {
        unit: UnitToken::parse(unit).ok()?,
        kind: long_kind(kind)?,
    })
}

/// Reads the unit out of a checkpoint subject; `None` when it is none.
pub fn read_checkpoint(subject: &str) -> Option<UnitToken> {
    let rest = subject.strip_prefix(ROOT)?.strip_prefix(".checkpoint.")?;
    UnitToken::parse(rest).ok()
}

fn short_kind(kind: &str) -> Result<&str, SubjectError> {
    kind.strip_prefix(KIND_ROOT)
        .filter(|short| short.split('.').all(is_name))
        .ok_or_else(|| SubjectError::Kind(cut(kind)))
}

fn long_kind(short: &str) -> Option<String> {
    short
        .split('.')
        .all(is_name)
        .then(|| format!("{KIND_ROOT}{short}"))
}

fn checked_name(name: &str) -> Result<&str, SubjectError> {
    if is_name(name) {
        Ok(name)
    } else {
        Err(SubjectError::Name(cut(name)))
    }
}

/// A text that was refused, as far as it helps to see it.
fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}

fn is_name(token: &str) -> bool {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    !token.is_empty() && token.bytes().all(letter)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn unit(text: &str) -> UnitToken {
        UnitToken::parse(text).unwrap()
    }

    #[test]
    fn a_unit_is_capitals_and_digits_joined_by_dashes() {
        for good in ["H33", "H33-12", "H33-12-04", "G12-99-XYZ", "0"] {
            assert_eq!(unit(good).to_string(), good);
        }
        for bad in [
            "", "-", "H33-", "-H33", "H33--12", "h33", "H33.12", "H33 ", "*", ">", "H33_1", "Đ1",
        ] {
            assert_eq!(
                UnitToken::parse(bad),
                Err(SubjectError::Unit(bad.to_owned()))
            );
        }
        assert!(UnitToken::parse(&"A".repeat(65)).is_err());
    }

    #[test]
    fn subjects_are_written_as_published() {
        let (a, b) = (unit("H33-12"), unit("H33-12-04"));
        let kind = "vn.motcua.dossier.received.v1";
        assert_eq!(
            event(&a, kind).unwrap(),
            "motcua.v1.event.H33-12.dossier.received.v1"
        );
        assert_eq!(
            inbox(&b, &a, kind).unwrap(),
            "motcua.v1.inbox.H33-12-04.H33-12.dossier.received.v1"
        );
        assert_eq!(inbox_of(&b), "motcua.v1.inbox.H33-12-04.>");
        assert_eq!(
            command(&a, "receive").unwrap(),
            "motcua.v1.cmd.H33-12.receive"
        );
        assert_eq!(log_read(&a), "motcua.v1.log.H33-12.read");
        assert_eq!(query("on-time").unwrap(), "motcua.v1.query.on-time");
        assert_eq!(checkpoint(&a), "motcua.v1.checkpoint.H33-12");
        assert_eq!(alert(&a), "motcua.v1.alert.H33-12");
    }

    #[test]
    fn what_was_written_is_read_back() {
        let (a, b) = (unit("H33-12"), unit("H33-12-04"));
        let kind = "vn.motcua.dossier.received.v1".to_owned();
        let read = read_inbox(&inbox(&b, &a, &kind).unwrap()).unwrap();
        assert_eq!(
            read,
            InboxSubject {
                to: b,
                from: a.clone(),
                kind: kind.clone()
            }
        );
        let read = read_event(&event(&a, &kind).unwrap()).unwrap();
        assert_eq!(
            read,
            EventSubject {
                unit: a.clone(),
                kind
            }
        );
        assert_eq!(read_checkpoint(&checkpoint(&a)), Some(a));
    }

    #[test]
    fn wildcards_and_foreign_names_never_reach_a_subject() {
        let a = unit("H33");
        for bad in [
            "",
            "vn.motcua.",
            "vn.motcua.a..b",
            "vn.motcua.*.v1",
            "vn.motcua.>",
            "org.other.a.v1",
        ] {
            assert!(event(&a, bad).is_err(), "{bad}");
            assert!(inbox(&a, &a, bad).is_err(), "{bad}");
        }
        for bad in ["", "a.b", "*", ">", "a b", "Receive"] {
            assert!(command(&a, bad).is_err(), "{bad}");
            assert!(query(bad).is_err(), "{bad}");
        }
        for bad in [
            "",
            "motcua.v1.inbox.H33.H34",
            "motcua.v1.inbox.h33.H34.a.v1",
            "motcua.v2.inbox.H33.H34.a",
        ] {
            assert_eq!(read_inbox(bad), None, "{bad}");
        }
        assert_eq!(read_event("motcua.v1.event.H33"), None);
        assert_eq!(read_checkpoint("motcua.v1.checkpoint.H33.x"), None);
    }

    #[test]
    fn every_pattern_starts_at_the_root_and_has_a_name_of_its_own() {
        let mut names: Vec<_> = PATTERNS.iter().map(|(name, _)| name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), PATTERNS.len());
        assert!(
            PATTERNS
                .iter()
                .all(|(_, pattern)| pattern.starts_with(ROOT))
        );
    }
}
