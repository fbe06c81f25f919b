//! What the projector could not accept: listed, shown, and judged again once keys or version are
//! right. It writes no facts: that something was let in is noted beside it, with who and why.

use calendar::Moment;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use dossier::ids::OfficerId;
use dossier::intervention::RetryOutcome;
use envelope::{Event, KeyRegister, Signed};
use journal::{Group, Note, Quarantined};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::query::QueryError;
use crate::store::{Store, StoreError};

const DISPOSED: &str = "quarantine/";

/// Rows of one answer.
const ROWS_MAX: u64 = 50;
/// Longest text of a row in a list, in characters: what lies there may quote a stranger at length.
const TEXT_MAX: usize = 500;
/// Longest reason, in characters.
const REASON_MAX: usize = 1_000;

/// What lies in quarantine, newest first; or one of it, judged again before it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct QuarantineQuery {
    /// Only this one, with its bytes.
    pub number: Option<u64>,
    /// Only what has a lower number: how to turn the page.
    pub before: Option<u64>,
    /// Judge `number` again, and let it in when nothing is wrong with it any more.
    pub retry: Option<Retry>,
}

/// Who has something judged again, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// Who.
    pub officer: OfficerId,
    /// Why, in their words.
    pub reason: String,
}

/// What the projector could not accept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Quarantine {
    /// How many were ever put there.
    pub total: u64,
    /// How many of them were not let in since.
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
    /// Why it lies there.
    pub reason: String,
    /// How many bytes came.
    pub length: u64,
    /// SHA-256 of the bytes that lie there, in hex.
    pub sha256: String,
    /// The key that its signature is said to be by. Without one it cannot be judged again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The event that it says it is, where that can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Uuid>,
    /// How it was let in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<Disposition>,
    /// The bytes, base64url, when one number was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<String>,
}

/// How something was let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Disposition {
    /// What became of it.
    pub outcome: RetryOutcome,
    /// When.
    pub at: Moment,
    /// Who had it judged again.
    pub officer: OfficerId,
    /// Why, in their words.
    pub reason: String,
}

impl Store {
    /// What lies in quarantine, as asked; none when there is no such number.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub fn quarantine(&self, asked: &QuarantineQuery) -> Result<Option<Quarantine>, StoreError> {
        let (journal, (total, open)) = (self.journal(), self.quarantine_counts()?);
        let (kept, more) = match asked.number {
            Some(number) => match journal.quarantined_at(number)? {
                Some(kept) => (vec![kept], false),
                None => return Ok(None),
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
            let disposition = self.disposition(kept.number)?;
            items.push(row(&kept, disposition, whole));
        }
        Ok(Some(Quarantine {
            total,
            open,
            items,
            more,
        }))
    }

    /// How many were ever put into quarantine, and how many of them were not let in since.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub fn quarantine_counts(&self) -> Result<(u64, u64), StoreError> {
        let disposed = self.journal().notes_with_prefix(DISPOSED.as_bytes())?.len() as u64;
        let total = self.journal().quarantined_count();
        Ok((total, total.saturating_sub(disposed)))
    }

    /// Judges number `number` again under `keys` and lets it in, durably. True when it is a new
    /// entry. Only one may run at a time.
    ///
    /// # Errors
    /// [`QueryError`] says why it stays where it lies.
    pub(crate) async fn retry(
        &self,
        number: u64,
        retry: &Retry,
        keys: &KeyRegister,
        at: Moment,
    ) -> Result<bool, QueryError> {
        if retry.reason.trim().is_empty() || retry.reason.chars().count() > REASON_MAX {
            let message = format!("give a reason of 1 to {REASON_MAX} characters");
            return Err(QueryError::new(400, "quarantine.no_reason", message));
        }
        let read = |error| QueryError::from(StoreError::Read(error));
        let kept = self.journal().quarantined_at(number).map_err(read)?;
        let kept = kept.ok_or_else(|| unknown(number))?;
        if self.disposition(number)?.is_some() {
            let message = format!("number {number} was let in already");
            return Err(QueryError::new(409, "quarantine.disposed", message));
        }
        let signed = signed(&kept)?;
        keys.verify(&signed)
            .map_err(|error| still(number, &error))?;
        let (id, entry) = Self::entry(signed).map_err(|error| still(number, &error))?;
        let known = self.journal().contains(&id).map_err(read)?;
        let outcome = if known {
            RetryOutcome::ArrivedMeanwhile
        } else {
            RetryOutcome::TakenIn
        };
        let disposition = Disposition {
            outcome,
            at,
            officer: retry.officer.clone(),
            reason: retry.reason.clone(),
        };
        let group = Group {
            entries: Some(entry).filter(|_| !known).into_iter().collect(),
            notes: vec![Note {
                key: disposed_key(number),
                value: serde_json::to_vec(&disposition).ok(),
            }],
            ..Group::default()
        };
        let written = self.journal().append(group).await.await;
        written.map_err(StoreError::Append)?;
        Ok(!known)
    }

    fn disposition(&self, number: u64) -> Result<Option<Disposition>, StoreError> {
        let note = self.journal().note(&disposed_key(number))?;
        Ok(note.and_then(|note| serde_json::from_slice(&note).ok()))
    }
}

fn disposed_key(number: u64) -> Vec<u8> {
    format!("{DISPOSED}{number:020}").into_bytes()
}

fn row(kept: &Quarantined, disposition: Option<Disposition>, whole: bool) -> QuarantineItem {
    let text = |text: &str| {
        let most = if whole { usize::MAX } else { TEXT_MAX };
        text.chars().take(most).collect()
    };
    QuarantineItem {
        number: kept.number,
        at: kept.at.clone(),
        from: text(&kept.from),
        reason: text(&kept.reason),
        length: kept.length,
        sha256: HEXLOWER.encode(&Sha256::digest(&kept.bytes)),
        key: kept.key.as_ref().map(ToString::to_string),
        event: Event::read(&kept.bytes).ok().map(|event| event.id),
        disposition,
        bytes: whole.then(|| BASE64URL_NOPAD.encode(&kept.bytes)),
    }
}

fn signed(kept: &Quarantined) -> Result<Signed, QueryError> {
    match (kept.signature, &kept.key) {
        (Some(signature), Some(key)) if kept.length == kept.bytes.len() as u64 => Ok(Signed {
            bytes: kept.bytes.clone().into(),
            signature,
            key: key.clone(),
        }),
        _ => {
            let message = format!(
                "number {} came without a signature or not whole: it cannot be judged again",
                kept.number
            );
            Err(QueryError::new(422, "quarantine.not_signed", message))
        }
    }
}

/// Nothing lies under this number.
pub(crate) fn unknown(number: u64) -> QueryError {
    let message = format!("nothing lies in quarantine under number {number}");
    QueryError::new(404, "quarantine.unknown", message)
}

fn still(number: u64, why: &dyn std::fmt::Display) -> QueryError {
    let message = format!("number {number} is still unfit: {why}");
    QueryError::new(422, "quarantine.still_unfit", message)
}
