//! Questions and pages as they are written on the wire.

use bytes::Bytes;
use data_encoding::HEXLOWER;
use envelope::proof::PROOF_HASHES_MAX;
use envelope::tree::Hash;
use envelope::{KeyId, Signed, brief, sign::parse_signature};
use journal::Entry;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{LogError, Page, PageEvent};
use crate::inflow::Question;

/// A question to a log, or to a holder of everybody's events.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Ask {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) from_sequence: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) epoch: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) origin: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) from_link: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) limit: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) consistency: Option<Span>,
}

/// Two sizes of a tree, the second one not smaller.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Span {
    pub(super) from: u64,
    pub(super) to: u64,
}

impl Ask {
    pub(super) fn payload(&self) -> Vec<u8> {
        // Numbers and texts can always be written.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl From<&Question> for Ask {
    fn from(question: &Question) -> Ask {
        let ask = Ask::default();
        match question {
            Question::Links {
                to,
                from_link,
                limit,
                ..
            } => Ask {
                to: Some(to.to_string()),
                from_link: Some(*from_link),
                limit: Some(*limit),
                ..ask
            },
            Question::Sequences {
                epoch,
                from_sequence,
                limit,
                ..
            } => Ask {
                epoch: Some(*epoch),
                from_sequence: Some(*from_sequence),
                limit: Some(*limit),
                ..ask
            },
            Question::Held {
                origin,
                epoch,
                from_sequence,
                limit,
            } => Ask {
                origin: Some(origin.clone()),
                epoch: Some(*epoch),
                from_sequence: Some(*from_sequence),
                limit: Some(*limit),
                ..ask
            },
        }
    }
}

/// A page.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PagePaper {
    pub(super) unit: String,
    pub(super) epoch: Uuid,
    pub(super) events: Vec<EventPaper>,
    pub(super) more: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) skipped_to: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) position: Option<u64>,
}

/// An event on a page.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EventPaper {
    pub(super) event: String,
    signature: String,
    key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<u64>,
}

impl EventPaper {
    pub(super) fn of(entry: &Entry, link: Option<u64>) -> EventPaper {
        EventPaper {
            // Events are JSON texts; the journal takes in nothing else.
            event: String::from_utf8_lossy(&entry.signed.bytes).into_owned(),
            signature: entry.signed.signature_text(),
            key: entry.signed.key.to_string(),
            link,
        }
    }
}

impl From<EventPaper> for PageEvent {
    /// An unreadable signature or key becomes one that cannot verify: the event is then kept as
    /// unfit like any other, and does not spoil its page.
    fn from(paper: EventPaper) -> PageEvent {
        let signature = parse_signature(&paper.signature).unwrap_or([0; 64]);
        let key = KeyId::parse(&paper.key).unwrap_or_else(|_| KeyId::of(&[0; 32]));
        let bytes = Bytes::from(paper.event);
        PageEvent {
            signed: Signed {
                bytes,
                signature,
                key,
            },
            link: paper.link,
        }
    }
}

/// A proof.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ProofPaper {
    pub(super) unit: String,
    pub(super) epoch: Uuid,
    pub(super) proof: Vec<String>,
}

impl ProofPaper {
    /// Its hashes.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(super) fn hashes(&self) -> Result<Vec<Hash>, String> {
        if self.proof.len() > PROOF_HASHES_MAX {
            return Err(format!("a proof of {} hashes", self.proof.len()));
        }
        let hash = |text: &String| {
            let bytes = HEXLOWER.decode(text.as_bytes()).ok();
            bytes.and_then(|bytes| bytes.try_into().ok())
        };
        let hashes = self.proof.iter().map(hash).collect::<Option<_>>();
        hashes.ok_or_else(|| "a hash is not of 64 lower-case hexadecimal digits".to_owned())
    }
}

/// Reads a page that `unit` gave.
///
/// # Errors
/// [`LogError::Garbled`] when it is none.
pub fn read_page(unit: &str, body: &[u8]) -> Result<Page, LogError> {
    let paper: PagePaper = serde_json::from_slice(body).map_err(|error| LogError::Garbled {
        unit: unit.to_owned(),
        reason: brief(&error),
    })?;
    Ok(Page {
        unit: paper.unit,
        epoch: paper.epoch,
        events: paper.events.into_iter().map(PageEvent::from).collect(),
        more: paper.more,
        skipped_to: paper.skipped_to,
        last: paper.last,
        position: paper.position,
    })
}
