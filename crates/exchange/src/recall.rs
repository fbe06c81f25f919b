//! Reading back what a unit once published, for one that lost the end of its journal. The broker is
//! no record, but it may remember more than a backup.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::context::GetStreamErrorKind;
use async_nats::jetstream::stream::{ConsumerError, ConsumerErrorKind};
use async_nats::jetstream::{ErrorCode, Message};
use envelope::Signed;
use futures::StreamExt;
use thiserror::Error;
use tracing::debug;

use crate::connect::Connection;
use crate::parcel::Parcel;
use crate::stream::{EVENT_STREAM, INBOX_STREAM};
use crate::subject::{self, UnitToken};

/// Messages asked for at once.
const BATCH: usize = 256;

/// How long the broker may take for a batch, and keeps a consumer that asks no more.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much was read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recalled {
    /// So many messages, all there were when the reading reached its end.
    Read(u64),
    /// There is no such stream: the broker remembers nothing.
    NoStream,
}

/// Not everything could be read; worth trying again, from the beginning.
#[derive(Debug, Error)]
#[error("reading {subjects} back from the broker: {reason}; it is tried again later")]
pub struct RecallError {
    subjects: String,
    reason: String,
}

/// Shows `see` every event that `me` published, in the order of the stream; nothing is verified yet.
///
/// # Errors
/// [`RecallError`], when some may not have been shown.
pub async fn events(
    connection: &Connection,
    me: &UnitToken,
    mut see: impl FnMut(Signed),
) -> Result<Recalled, RecallError> {
    let subjects = subject::events_of(me);
    read(connection, me, EVENT_STREAM, subjects, |parcel| {
        see(parcel.signed()?);
        Ok(())
    })
    .await
}

/// Shows `see` every delivery of `me`: to whom, its number on that line, and the event; nothing is
/// verified yet.
///
/// # Errors
/// [`RecallError`], when some may not have been shown.
pub async fn deliveries(
    connection: &Connection,
    me: &UnitToken,
    mut see: impl FnMut(UnitToken, u64, Signed),
) -> Result<Recalled, RecallError> {
    let subjects = subject::inboxes_from(me);
    read(connection, me, INBOX_STREAM, subjects, |parcel| {
        let read = subject::read_inbox(&parcel.subject).ok_or("not an inbox subject")?;
        see(read.to, parcel.link()?, parcel.signed()?);
        Ok(())
    })
    .await
}

async fn read(
    connection: &Connection,
    me: &UnitToken,
    stream: &'static str,
    subjects: String,
    mut see: impl FnMut(&Parcel) -> Result<(), String>,
) -> Result<Recalled, RecallError> {
    let failed = |reason: &dyn ToString| RecallError {
        subjects: subjects.clone(),
        reason: reason.to_string(),
    };
    let found = match connection.jetstream.get_stream(stream).await {
        Ok(found) => found,
        Err(error) => {
            return match error.kind() {
                GetStreamErrorKind::JetStream(inner)
                    if inner.error_code() == ErrorCode::STREAM_NOT_FOUND =>
                {
                    Ok(Recalled::NoStream)
                }
                _ => Err(failed(&error)),
            };
        }
    };
    // Named, so that a broker can be told who may make it; what an attempt that was broken off left
    // behind goes on in the middle.
    let name = recall_name(me);
    match found.delete_consumer(&name).await {
        Ok(_) => {}
        Err(error) if is_absent(&error) => {}
        Err(error) => return Err(failed(&error)),
    }
    let config = pull::Config {
        name: Some(name),
        filter_subject: subjects.clone(),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::None,
        inactive_threshold: PATIENCE,
        ..pull::Config::default()
    };
    let consumer = found
        .create_consumer(config)
        .await
        .map_err(|error| failed(&error))?;
    let mut pending = consumer.cached_info().num_pending;
    let mut seen = 0;
    while pending > 0 {
        let before = seen;
        let batch = consumer.fetch().max_messages(BATCH).expires(PATIENCE);
        let mut messages = batch.messages().await.map_err(|error| failed(&error))?;
        while let Some(message) = messages.next().await {
            let message = message.map_err(|error| failed(&error))?;
            // The broker numbers what it gives out: a hole is a message lost on the way.
            let info = message.info().map_err(|error| failed(&error))?;
            seen += 1;
            if info.consumer_sequence != seen {
                return Err(failed(&"a message was lost on the way"));
            }
            pending = info.pending;
            show(message, &mut see);
        }
        if seen == before {
            return Err(failed(&"the broker gave nothing more before the end"));
        }
    }
    Ok(Recalled::Read(seen))
}

/// The broker's name of the consumer with which `unit` reads its own words back.
pub(crate) fn recall_name(unit: &UnitToken) -> String {
    format!("recall-{unit}")
}

fn is_absent(error: &ConsumerError) -> bool {
    matches!(
        error.kind(),
        ConsumerErrorKind::JetStream(inner) if inner.error_code() == ErrorCode::CONSUMER_NOT_FOUND
    )
}

fn show(message: Message, see: &mut impl FnMut(&Parcel) -> Result<(), String>) {
    let (message, _) = message.split();
    let subject = message.subject.as_str();
    let parcel = Parcel::read(subject, message.payload, message.headers.as_ref());
    // What anybody may have put there is no event of this unit.
    if let Err(reason) = see(&parcel) {
        debug!(subject = parcel.subject, reason, "passed over");
    }
}
