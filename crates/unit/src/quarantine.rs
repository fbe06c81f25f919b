//! What a unit could not accept: how it is asked for, judged again and rejected, and what is noted
//! about it.

mod refusals;

pub(crate) use refusals::{disposed, reasoned, signed, still_unfit, unknown};

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use dossier::fact::Fact;
use dossier::ids::UnitId;
use dossier::intervention::RetryOutcome;
use envelope::Event;
use journal::{Journal, Note, Quarantined, ReadError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::answer::Refused;

/// Prefix of what became of things in quarantine.
pub const DISPOSED: &str = "quarantine/";

/// Rows of one answer.
const ROWS_MAX: u64 = 50;
/// Longest text of a row in a list, in characters: what lies there may quote a stranger at length.
const TEXT_MAX: usize = 500;

/// Command: judge again what lies in quarantine, and let it in when nothing is wrong with it any
/// more. What is still unfit stays, and the answer says why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RetryQuarantined {
    /// Its place in the quarantine, from 0.
    pub number: u64,
    /// Why it is judged again, in Vietnamese.
    pub reason: String,
}

/// Command: what lies in quarantine will never be let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RejectQuarantined {
    /// Its place in the quarantine, from 0.
    pub number: u64,
    /// Why, in Vietnamese.
    pub reason: String,
}

/// Question: what lies in quarantine, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct QuarantineAsked {
    /// Only this one, with its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// Only what has a lower number: how to turn the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
}

/// What a unit could not accept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Quarantine {
    /// The unit.
    pub unit: UnitId,
    /// How many were ever put there.
    pub total: u64,
    /// How many of them nobody has dealt with.
    pub open: u64,
    /// Newest first; at most 50.
    pub items: Vec<QuarantineItem>,
    /// Whether there are older ones: ask again with `before` the last number here.
    pub more: bool,
}

/// One thing in quarantine. Texts are cut in lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuarantineItem {
    /// Its place, from 0.
    pub number: u64,
    /// When it was put there, RFC 3339.
    pub at: String,
    /// Who sent it, as far as the transport knows.
    pub from: String,
    /// Its number on the sender's line, where it had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<u64>,
    /// Why it lies there.
    pub reason: String,
    /// How many bytes came.
    pub length: u64,
    /// SHA-256 of the bytes that lie there, in hex.
    pub sha256: String,
    /// The key that its signature is said to be by. Without one it can only be rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The event that it says it is, where that can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<ReadAs>,
    /// What became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<Disposition>,
    /// The bytes, base64url, when one number was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<String>,
}

/// What can be read of an event in quarantine. Nothing of it need be true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadAs {
    /// Its identity.
    pub id: Uuid,
    /// The unit that it says wrote it.
    pub unit: String,
    /// Its type.
    pub kind: String,
    /// What it is about.
    pub subject: String,
}

/// What became of something in quarantine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Disposition {
    /// What was done.
    pub done: Done,
    /// The own event that says so, with the officer and the reason; of what came again, the event
    /// itself.
    pub event: Uuid,
}

/// What was done about something in quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Done {
    /// It was let in.
    Retried(RetryOutcome),
    /// It was rejected.
    Rejected,
    /// It came again and was fit: nobody has to deal with what lies there.
    CameAgain,
}

/// Key of what became of number `number`.
pub(crate) fn disposed_key(number: u64) -> Vec<u8> {
    format!("{DISPOSED}{number:020}").into_bytes()
}

/// SHA-256 in hex, as the events about a quarantine name what lies there.
pub fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// The note that follows from `event`, when it says what became of something in the quarantine of
/// `journal`. None when other bytes lie under that number: a journal restored from a backup numbers
/// anew what arrives again.
///
/// # Errors
/// [`ReadError`] when the journal is damaged.
pub fn note_of(fact: &Fact, event: Uuid, journal: &Journal) -> Result<Option<Note>, ReadError> {
    let (number, bytes, done) = match fact {
        Fact::QuarantineRetried(f) => (f.number, &f.sha256, Done::Retried(f.outcome)),
        Fact::QuarantineRejected(f) => (f.number, &f.sha256, Done::Rejected),
        _ => return Ok(None),
    };
    let lies_there = journal.quarantined_at(number)?;
    Ok(lies_there
        .filter(|kept| sha256(&kept.bytes) == *bytes)
        .map(|_| Note {
            key: disposed_key(number),
            value: serde_json::to_vec(&Disposition { done, event }).ok(),
        }))
}

/// What lies in the quarantine of `journal` and nobody has dealt with, the latest `limit`.
///
/// # Errors
/// [`ReadError`] when the journal is damaged.
pub(crate) fn open(journal: &Journal, limit: usize) -> Result<Vec<Quarantined>, ReadError> {
    let from = journal.quarantined_count().saturating_sub(limit as u64);
    let mut open = Vec::new();
    for kept in journal.quarantined_page(from, limit)? {
        if journal.note(&disposed_key(kept.number))?.is_none() {
            open.push(kept);
        }
    }
    Ok(open)
}

/// What became of number `number`, whose very bytes were taken in as `event`.
pub(crate) fn came_again(number: u64, event: Uuid) -> Note {
    let done = Done::CameAgain;
    Note {
        key: disposed_key(number),
        value: serde_json::to_vec(&Disposition { done, event }).ok(),
    }
}

/// How many were ever put into the quarantine of `journal`, and how many nobody has dealt with.
///
/// # Errors
/// [`ReadError`] when the journal is damaged.
pub fn counted(journal: &Journal) -> Result<(u64, u64), ReadError> {
    let disposed = journal.notes_with_prefix(DISPOSED.as_bytes())?.len() as u64;
    let total = journal.quarantined_count();
    Ok((total, total.saturating_sub(disposed)))
}

/// The answer to `asked`, out of what is durable.
///
/// # Errors
/// [`ReadError`] when the journal is damaged; the inner one, when there is no such number.
pub fn listed(
    journal: &Journal,
    unit: &UnitId,
    asked: &QuarantineAsked,
) -> Result<Result<Quarantine, Refused>, ReadError> {
    let (total, open) = counted(journal)?;
    let (kept, more) = match asked.number {
        Some(number) => match journal.quarantined_at(number)? {
            Some(kept) => (vec![kept], false),
            None => return Ok(Err(unknown(number).into())),
        },
        None => {
            let end = asked.before.unwrap_or(total).min(total);
            let from = end.saturating_sub(ROWS_MAX);
            let mut kept = journal.quarantined_page(from, (end - from) as usize)?;
            kept.reverse();
            (kept, from > 0)
        }
    };
    let whole = asked.number.is_some();
    let mut items = Vec::with_capacity(kept.len());
    for kept in kept {
        let note = journal.note(&disposed_key(kept.number))?;
        let disposition = note.and_then(|note| serde_json::from_slice(&note).ok());
        items.push(QuarantineItem {
            disposition,
            ..row(&kept, whole)
        });
    }
    Ok(Ok(Quarantine {
        unit: unit.clone(),
        total,
        open,
        items,
        more,
    }))
}

fn row(kept: &Quarantined, whole: bool) -> QuarantineItem {
    let text = |text: &str| if whole { text.to_owned() } else { cut(text) };
    let event = Event::read(&kept.bytes).ok().map(|event| ReadAs {
        id: event.id,
        unit: text(event.unit),
        kind: text(event.kind),
        subject: text(&event.subject),
    });
    QuarantineItem {
        number: kept.number,
        at: kept.at.clone(),
        from: text(&kept.from),
        link: kept.link,
        reason: text(&kept.reason),
        length: kept.length,
        sha256: sha256(&kept.bytes),
        key: kept.key.as_ref().map(ToString::to_string),
        event,
        disposition: None,
        bytes: whole.then(|| BASE64URL_NOPAD.encode(&kept.bytes)),
    }
}

/// A text as it goes into a row or an event.
pub(crate) fn cut(text: &str) -> String {
    text.chars().take(TEXT_MAX).collect()
}
