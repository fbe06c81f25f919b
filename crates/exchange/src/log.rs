//! Reading another unit's journal: how gaps are filled, and how auditors read.
//!
//! Events certify themselves, so a page is only a carrier: every event in it is verified by
//! whoever asked, as if it had come over the stream.

mod answer;
mod paper;
mod serve;

use async_nats::service::{NATS_SERVICE_ERROR, NATS_SERVICE_ERROR_CODE};
use async_nats::{Client, HeaderValue, RequestErrorKind};
use bytes::Bytes;
use envelope::tree::Hash;
use envelope::{Signed, brief};
use thiserror::Error;
use uuid::Uuid;

use crate::inflow::Question;
use crate::subject::{self, SubjectError, UnitToken};

pub use answer::{Refusal, answer, answer_held, held_line};
pub use paper::read_page;
use paper::{Ask, ProofPaper, Span};
pub use serve::{HeldService, LogService};

/// The most events of a page, whatever was asked for.
pub const PAGE_EVENTS_MAX: u64 = 1_000;

/// Some events of one unit's journal, as they came: not yet verified.
#[derive(Debug)]
pub struct Page {
    /// The unit that answered, as it says.
    pub unit: String,
    /// The epoch of the events where their sequences were asked for, otherwise of its journal.
    pub epoch: Uuid,
    /// The events, in the order asked for; without gaps when they are the unit's own.
    pub events: Vec<PageEvent>,
    /// True when there are more after these.
    pub more: bool,
    /// The numbers from the first one asked for up to this one carry nothing.
    pub skipped_to: Option<u64>,
    /// The last number of the epoch or the line to an addressee that was asked for.
    pub last: Option<u64>,
    /// How far the unit has received the line of the sender that was asked for, without holes.
    pub position: Option<u64>,
}

/// One event of a page.
#[derive(Debug)]
pub struct PageEvent {
    /// The exact bytes with the signature.
    pub signed: Signed,
    /// Its number on the line that was asked for.
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

impl Question {
    /// Where it is asked.
    ///
    /// # Errors
    /// [`SubjectError`] when its origin is no unit.
    pub fn subject(&self) -> Result<String, SubjectError> {
        match self {
            Question::Links { origin, .. } | Question::Sequences { origin, .. } => {
                Ok(subject::log_read(&UnitToken::parse(origin)?))
            }
            Question::Held { .. } => Ok(subject::HELD_READ.to_owned()),
        }
    }

    /// What is sent there.
    pub fn payload(&self) -> Vec<u8> {
        Ask::from(self).payload()
    }
}

/// Puts a question.
///
/// # Errors
/// [`LogError`]; one that is addressed to no unit is answered by nobody.
pub async fn ask(client: &Client, question: &Question) -> Result<Page, LogError> {
    let unit = question.origin();
    let subject = question.subject().map_err(|error| LogError::Away {
        unit: unit.to_owned(),
        reason: error.to_string(),
    })?;
    request(client, unit, subject, question.payload()).await
}

/// Reads from `origin` what it sent to `me`, from number `from_link` on, at most `limit` events.
///
/// # Errors
/// [`LogError`].
pub async fn read_links(
    client: &Client,
    origin: &UnitToken,
    me: &UnitToken,
    from_link: u64,
    limit: u64,
) -> Result<Page, LogError> {
    let question = Question::Links {
        origin: origin.to_string(),
        to: me.clone(),
        from_link,
        limit,
    };
    ask(client, &question).await
}

/// Reads `origin`'s own events of its present epoch from sequence `from_sequence` on, at most `limit`.
///
/// # Errors
/// [`LogError`].
pub async fn read_sequences(
    client: &Client,
    origin: &UnitToken,
    from_sequence: u64,
    limit: u64,
) -> Result<Page, LogError> {
    let ask = Ask {
        from_sequence: Some(from_sequence),
        limit: Some(limit),
        ..Ask::default()
    };
    request(
        client,
        origin.as_str(),
        subject::log_read(origin),
        ask.payload(),
    )
    .await
}

/// Reads `origin`'s own events of `epoch`, the present one or one that ended, from sequence
/// `from_sequence` on, at most `limit`.
///
/// # Errors
/// [`LogError`]; 404 when it never had that epoch.
pub async fn read_epoch(
    client: &Client,
    origin: &UnitToken,
    epoch: Uuid,
    from_sequence: u64,
    limit: u64,
) -> Result<Page, LogError> {
    let question = Question::Sequences {
        origin: origin.to_string(),
        epoch,
        from_sequence,
        limit,
    };
    ask(client, &question).await
}

/// Reads the events of `origin` and `epoch` from whoever holds everybody's, from sequence
/// `from_sequence` on, at most `limit`; some may be missing there.
///
/// # Errors
/// [`LogError`].
pub async fn read_held(
    client: &Client,
    origin: &UnitToken,
    epoch: Uuid,
    from_sequence: u64,
    limit: u64,
) -> Result<Page, LogError> {
    let question = Question::Held {
        origin: origin.to_string(),
        epoch,
        from_sequence,
        limit,
    };
    ask(client, &question).await
}

/// Reads from `holder` what it received on the line of `origin`, from number `from_link` on, at most
/// `limit`. The page says under `position` how far the line was received.
///
/// # Errors
/// [`LogError`].
pub async fn read_received(
    client: &Client,
    holder: &UnitToken,
    origin: &UnitToken,
    from_link: u64,
    limit: u64,
) -> Result<Page, LogError> {
    let ask = Ask {
        origin: Some(origin.to_string()),
        from_link: Some(from_link),
        limit: Some(limit),
        ..Ask::default()
    };
    request(
        client,
        holder.as_str(),
        subject::log_read(holder),
        ask.payload(),
    )
    .await
}

/// Asks `unit` to prove that the tree over the first `to` entries of its journal in `epoch` begins
/// with that over the first `from`. The proof is yet to be checked.
///
/// # Errors
/// [`LogError`]; refused with 409 when its journal has fewer entries, 410 when that epoch ended.
pub async fn prove_consistency(
    client: &Client,
    unit: &UnitToken,
    epoch: Uuid,
    from: u64,
    to: u64,
) -> Result<Vec<Hash>, LogError> {
    let ask = Ask {
        epoch: Some(epoch),
        consistency: Some(Span { from, to }),
        ..Ask::default()
    };
    let subject = subject::log_read(unit);
    let body = fetch(client, unit.as_str(), subject, ask.payload()).await?;
    let paper: Result<ProofPaper, _> = serde_json::from_slice(&body);
    let hashes = paper
        .map_err(|error| error.to_string())
        .and_then(|paper| paper.hashes());
    hashes.map_err(|reason| LogError::Garbled {
        unit: unit.to_string(),
        reason,
    })
}

async fn request(
    client: &Client,
    unit: &str,
    subject: String,
    payload: Vec<u8>,
) -> Result<Page, LogError> {
    let body = fetch(client, unit, subject, payload).await?;
    read_page(unit, &body)
}

async fn fetch(
    client: &Client,
    unit: &str,
    subject: String,
    payload: Vec<u8>,
) -> Result<Bytes, LogError> {
    let unit = unit.to_owned();
    let answer = match client.request(subject, payload.into()).await {
        Ok(answer) => answer,
        Err(error) => {
            let reason = error.to_string();
            return Err(match error.kind() {
                RequestErrorKind::TimedOut | RequestErrorKind::NoResponders => {
                    LogError::Away { unit, reason }
                }
                _ => LogError::Garbled { unit, reason },
            });
        }
    };
    let header = |name: &str| {
        let value = answer
            .headers
            .as_ref()
            .and_then(|headers| headers.get(name));
        value.map(HeaderValue::to_string)
    };
    if let Some(code) = header(NATS_SERVICE_ERROR_CODE) {
        let reason = brief(&header(NATS_SERVICE_ERROR).unwrap_or_default());
        let code = brief(&code);
        return Err(LogError::Refused { unit, code, reason });
    }
    Ok(answer.payload)
}
