//! The two streams that carry everything: creating them, and recognising them again.
//!
//! The journals are the truth; a stream that vanished is simply made anew by whoever notices
//! first, and its identity tells the outboxes that it must be filled again.

use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::context::{
    CreateStreamError, CreateStreamErrorKind, GetStreamErrorKind,
};
use async_nats::jetstream::stream::{
    Config, DirectGetErrorKind, DiscardPolicy, Info, LastRawMessageErrorKind, RetentionPolicy,
    StorageType, Stream,
};
use async_nats::jetstream::{self};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::outflow::{Seen, StreamSeen};
use crate::subject::{self, UnitToken};

/// The stream of every unit's events.
pub const EVENT_STREAM: &str = "MOTCUA_EVENT";

/// The stream of deliveries from unit to unit.
pub const INBOX_STREAM: &str = "MOTCUA_INBOX";

/// How long the broker remembers message ids. Only saves traffic: receivers deduplicate.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);

/// What the operator chooses about the streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamSettings {
    /// Copies in a cluster: 1 on one machine, 3 in a cluster.
    pub replicas: usize,
    /// How long messages are kept; receivers away for longer read from the origin.
    pub max_age: Duration,
}

impl Default for StreamSettings {
    fn default() -> StreamSettings {
        StreamSettings {
            replicas: 1,
            max_age: Duration::from_secs(90 * 24 * 3600),
        }
    }
}

/// A stream could not be reached or made. Always worth trying again: without a leader or a
/// quorum a cluster answers as if the stream did not exist.
#[derive(Debug, Error)]
#[error("{attempted} stream {stream}: {reason}; check the broker's JetStream and its permissions")]
pub struct StreamError {
    attempted: &'static str,
    stream: &'static str,
    reason: String,
}

/// What tells a stream from another of the same name, and how far it reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// When the broker created it, nanoseconds since 1970 UTC.
    pub created: i64,
    /// Its last message number.
    pub last: u64,
}

impl Identity {
    /// True when `now` is the stream that was `self`, and has lost nothing at its end.
    pub fn continues_as(&self, now: &Identity) -> bool {
        self.created == now.created && self.last <= now.last
    }
}

/// The identities of both streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identities {
    /// Of [`EVENT_STREAM`].
    pub event: Identity,
    /// Of [`INBOX_STREAM`].
    pub inbox: Identity,
}

/// Makes sure that both streams exist, and says which they are. Safe to call at any time from
/// any number of processes; a stream that exists is left as the operator configured it.
pub async fn ensure(
    jetstream: &jetstream::Context,
    settings: &StreamSettings,
) -> Result<Identities, StreamError> {
    let (event, inbox) = both(jetstream, settings).await?;
    Ok(Identities {
        event: identity(event.cached_info()),
        inbox: identity(inbox.cached_info()),
    })
}

/// Like [`ensure`], and says also where the last messages of `unit` are.
pub(crate) async fn look_as(
    jetstream: &jetstream::Context,
    settings: &StreamSettings,
    unit: &UnitToken,
) -> Result<Seen, StreamError> {
    let (event, inbox) = both(jetstream, settings).await?;
    Ok(Seen {
        event: seen(&event, EVENT_STREAM, &subject::events_of(unit)).await?,
        inbox: seen(&inbox, INBOX_STREAM, &subject::inboxes_from(unit)).await?,
    })
}

async fn seen(
    stream: &Stream,
    name: &'static str,
    own_subjects: &str,
) -> Result<StreamSeen, StreamError> {
    let info = stream.cached_info();
    let own = if info.config.allow_direct {
        last_to_be_had(stream, own_subjects).await
    } else {
        last_at_leader(stream, own_subjects).await
    };
    let own = own.map_err(|reason| StreamError {
        attempted: "reading the last own message of",
        stream: name,
        reason,
    })?;
    Ok(StreamSeen {
        identity: identity(info),
        first: info.state.first_sequence,
        own,
    })
}

/// By subject, which permissions can hold to a unit's own. A follower that lags looks like a loss and
/// costs sending something twice.
async fn last_to_be_had(stream: &Stream, subjects: &str) -> Result<u64, String> {
    match stream.direct_get_last_for_subject(subjects).await {
        Ok(message) => Ok(message.sequence),
        Err(error) if error.kind() == DirectGetErrorKind::NotFound => Ok(0),
        Err(error) => Err(error.to_string()),
    }
}

/// Where an operator made the stream without direct reads; this cannot be permitted for some subjects
/// and not for others.
async fn last_at_leader(stream: &Stream, subjects: &str) -> Result<u64, String> {
    match stream.get_last_raw_message_by_subject(subjects).await {
        Ok(message) => Ok(message.sequence),
        Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(0),
        Err(error) => Err(error.to_string()),
    }
}

async fn both(
    jetstream: &jetstream::Context,
    settings: &StreamSettings,
) -> Result<(Stream, Stream), StreamError> {
    Ok((
        ensure_one(jetstream, EVENT_STREAM, subject::EVENTS, settings).await?,
        ensure_one(jetstream, INBOX_STREAM, subject::INBOXES, settings).await?,
    ))
}

async fn ensure_one(
    jetstream: &jetstream::Context,
    stream: &'static str,
    subjects: &str,
    settings: &StreamSettings,
) -> Result<Stream, StreamError> {
    if let Some(found) = look(jetstream, stream).await? {
        return Ok(found);
    }
    match jetstream
        .create_stream(config(stream, subjects, settings))
        .await
    {
        Ok(created) => Ok(created),
        // Somebody else was quicker, with other settings.
        Err(error) if is_taken(&error) => look(jetstream, stream).await?.ok_or(StreamError {
            attempted: "reading",
            stream,
            reason: "it exists and does not exist at once".to_owned(),
        }),
        Err(error) => Err(StreamError {
            attempted: "creating",
            stream,
            reason: error.to_string(),
        }),
    }
}

async fn look(
    jetstream: &jetstream::Context,
    stream: &'static str,
) -> Result<Option<Stream>, StreamError> {
    let failed = |reason: String| StreamError {
        attempted: "reading",
        stream,
        reason,
    };
    match jetstream.get_stream(stream).await {
        Ok(found) => Ok(Some(found)),
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(inner)
                if inner.error_code() == ErrorCode::STREAM_NOT_FOUND =>
            {
                Ok(None)
            }
            _ => Err(failed(error.to_string())),
        },
    }
}

fn is_taken(error: &CreateStreamError) -> bool {
    matches!(
        error.kind(),
        CreateStreamErrorKind::JetStream(inner)
            if inner.error_code() == ErrorCode::STREAM_NAME_EXIST
    )
}

fn identity(info: &Info) -> Identity {
    Identity {
        created: i64::try_from(info.created.unix_timestamp_nanos()).unwrap_or(i64::MAX),
        last: info.state.last_sequence,
    }
}

fn config(stream: &str, subjects: &str, settings: &StreamSettings) -> Config {
    Config {
        name: stream.to_owned(),
        subjects: vec![subjects.to_owned()],
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        num_replicas: settings.replicas,
        max_age: settings.max_age,
        duplicate_window: DUPLICATE_WINDOW.min(settings.max_age),
        discard: DiscardPolicy::Old,
        deny_delete: true,
        deny_purge: true,
        allow_direct: true,
        ..Config::default()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_made_anew_or_shortened_is_not_the_one_it_was() {
        let known = Identity {
            created: 7,
            last: 100,
        };
        assert!(known.continues_as(&Identity {
            created: 7,
            last: 100
        }));
        assert!(known.continues_as(&Identity {
            created: 7,
            last: 101
        }));
        assert!(!known.continues_as(&Identity {
            created: 7,
            last: 99
        }));
        assert!(!known.continues_as(&Identity {
            created: 8,
            last: 100
        }));
    }
}
