//! Reading another unit's journal: how gaps are filled, and how auditors read.
//!
//! Events certify themselves, so a page is only a carrier: every event in it is verified by
//! whoever asked, as if it had come over the stream.

mod serve;

use async_nats::service::{NATS_SERVICE_ERROR, NATS_SERVICE_ERROR_CODE};
use async_nats::{Client, HeaderValue, RequestErrorKind};
use bytes::Bytes;
use envelope::{KeyId, Signed, sign::parse_signature};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::subject::{self, UnitToken};

pub use serve::LogService;

/// The most events of a page, whatever was asked for.
pub const PAGE_EVENTS_MAX: u64 = 1_000;

/// Some events of one unit's journal, as they came: not yet verified.
#[derive(Debug)]
pub struct Page {
    /// The unit that answered, as it says.
    pub unit: String,
    /// Its journal's epoch.
    pub epoch: Uuid,
    /// The events, in the order asked for, without gaps.
    pub events: Vec<PageEvent>,
    /// True when there are more after these.
    pub more: bool,
    /// The numbers from the first one asked for up to this one carry nothing.
    pub skipped_to: Option<u64>,
}

/// One event of a page.
#[derive(Debug)]
pub struct PageEvent {
    /// The exact bytes with the signature.
    pub signed: Signed,
    /// The number of the delivery, when a line was asked for.
    pub link: Option<u64>,
}

/// Why a journal could not be read from afar.
#[derive(Debug, Error)]
pub enum LogError {
    /// The unit is not there now.
    #[error(
        "reading the journal of {unit}: it does not answer ({reason}); it is asked again later"
    )]
    Away {
        /// Whose journal.
        unit: String,
        /// What the broker said.
        reason: String,
    },
    /// The unit answered with a refusal.
    #[error("reading the journal of {unit}: it refused with {code}: {reason}")]
    Refused {
        /// Whose journal.
        unit: String,
        /// As in HTTP.
        code: String,
        /// In its own words.
        reason: String,
    },
    /// The answer is no page.
    #[error(
        "reading the journal of {unit}: the answer is not understood ({reason}); \
             compare the versions of the two programs"
    )]
    Garbled {
        /// Whose journal.
        unit: String,
        /// What is wrong.
        reason: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
struct Ask {
    #[serde(skip_serializing_if = "Option::is_none")]
    from_sequence: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_link: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
}

#[derive(Debug, Serialize, Deserialize)]
struct PagePaper {
    unit: String,
    epoch: Uuid,
    events: Vec<EventPaper>,
    more: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct EventPaper {
    event: String,
    signature: String,
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<u64>,
}

/// Reads from `origin` what it sent to `me`, from number `from_link` on, at most `limit` events.
pub async fn read_links(
    client: &Client,
    origin: &UnitToken,
    me: &UnitToken,
    from_link: u64,
    limit: u64,
) -> Result<Page, LogError> {
    let to = Some(me.to_string());
    let ask = Ask {
        from_sequence: None,
        to,
        from_link: Some(from_link),
        limit: Some(limit),
    };
    request(client, origin, &ask).await
}

/// Reads `origin`'s own events from sequence `from_sequence` on, at most `limit`.
pub async fn read_sequences(
    client: &Client,
    origin: &UnitToken,
    from_sequence: u64,
    limit: u64,
) -> Result<Page, LogError> {
    let from_sequence = Some(from_sequence);
    request(
        client,
        origin,
        &Ask {
            from_sequence,
            to: None,
            from_link: None,
            limit: Some(limit),
        },
    )
    .await
}

async fn request(client: &Client, origin: &UnitToken, ask: &Ask) -> Result<Page, LogError> {
    let unit = origin.to_string();
    let garbled = |reason: &dyn ToString| LogError::Garbled {
        unit: unit.clone(),
        reason: reason.to_string(),
    };
    let payload = serde_json::to_vec(ask).map_err(|error| garbled(&error))?;
    let answer = client
        .request(subject::log_read(origin), payload.into())
        .await
        .map_err(|error| match error.kind() {
            RequestErrorKind::TimedOut | RequestErrorKind::NoResponders => LogError::Away {
                unit: unit.clone(),
                reason: error.to_string(),
            },
            _ => garbled(&error),
        })?;
    let header = |name: &str| {
        let value = answer
            .headers
            .as_ref()
            .and_then(|headers| headers.get(name));
        value.map(HeaderValue::to_string)
    };
    if let Some(code) = header(NATS_SERVICE_ERROR_CODE) {
        let reason = header(NATS_SERVICE_ERROR).unwrap_or_default();
        return Err(LogError::Refused { unit, code, reason });
    }
    let paper: PagePaper =
        serde_json::from_slice(&answer.payload).map_err(|error| garbled(&error))?;
    let events = paper.events.into_iter().map(PageEvent::from).collect();
    Ok(Page {
        unit: paper.unit,
        epoch: paper.epoch,
        events,
        more: paper.more,
        skipped_to: None,
    })
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
