//! Questions and pages as they are written on the wire.

use bytes::Bytes;
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
