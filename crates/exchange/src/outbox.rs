//! Publishing a journal: every own entry to the event stream, every delivery to its addressee.
//!
//! The journal is the queue. A cursor remembers up to which entry the broker has confirmed
//! everything, and what the streams looked like then: a stream that was made anew, or that came
//! back shorter, is filled again from the first entry.

mod publication;

use std::collections::VecDeque;
use std::time::Duration;

use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::{self};
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesOrdered;
use journal::Journal;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tracing::{error, warn};

use crate::backoff::Backoff;
use crate::connect::Connection;
use crate::status::OutboxStatus;
use crate::stop::{pause_or_stop, stopped};
use crate::stream::{self, EVENT_STREAM, Identities, StreamSettings};
use crate::subject::UnitToken;
use publication::{Batch, Publication, read};

/// Publications that may be unconfirmed at once.
const WINDOW: usize = 256;

/// Publishes dropped at a disturbance still count until they time out.
const OUTSTANDING_MAX: usize = WINDOW * 8;

/// The journal's name for the cursor.
const CURSOR: &str = "outbox";

/// The position of an outbox, kept beside the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Cursor {
    /// Index of the first entry that is not wholly confirmed.
    next: u64,
    /// The streams in which the entries before it are.
    streams: Identities,
}

/// Publishes the journal of one unit.
#[derive(Debug)]
pub struct Outbox {
    connection: Connection,
    jetstream: jetstream::Context,
    journal: Journal,
    unit: UnitToken,
    settings: StreamSettings,
    check_every: Duration,
    published: watch::Sender<u64>,
    status: watch::Sender<OutboxStatus>,
}

/// Why publishing was interrupted.
enum Interruption {
    Stopped,
    /// The broker came back, or a stream is not what it was.
    Recheck,
    Failed(String),
}

type Pending = BoxFuture<'static, Confirmed>;

struct Confirmed {
    publication: Publication,
    result: Result<PublishAck, PublishError>,
}

impl Outbox {
    /// Publishes `journal` as `unit`; looks every `check_every` whether the streams still hold
    /// what was published.
    pub fn new(
        connection: Connection,
        journal: Journal,
        unit: UnitToken,
        settings: StreamSettings,
        check_every: Duration,
    ) -> Outbox {
        let jetstream = connection.publisher(OUTSTANDING_MAX);
        let published = watch::Sender::new(0);
        let status = watch::Sender::new(OutboxStatus::default());
        Outbox {
            connection,
            jetstream,
            journal,
            unit,
            settings,
            check_every,
            published,
            status,
        }
    }

    /// How many entries of the journal are wholly published; behind its size means a lag.
    pub fn published(&self) -> watch::Receiver<u64> {
        self.published.subscribe()
    }

    /// How far publishing has come.
    pub fn status(&self) -> watch::Receiver<OutboxStatus> {
        self.status.subscribe()
    }

    /// Publishes until `stop` turns true.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let (floor, ceiling) = (Duration::from_millis(50), Duration::from_secs(5));
        let mut backoff = Backoff::new(self.unit.as_str(), floor, ceiling);
        let mut connects = self.connection.connects();
        loop {
            let interruption = tokio::select! {
                () = stopped(&mut stop) => Interruption::Stopped,
                cursor = self.prepare() => match cursor {
                    Ok(cursor) => {
                        self.publish_from(cursor, &mut backoff, &mut connects, &mut stop).await
                    }
                    Err(reason) => Interruption::Failed(reason),
                },
            };
            match interruption {
                Interruption::Stopped => return,
                Interruption::Recheck => {}
                Interruption::Failed(reason) => {
                    let pause = backoff.next_pause();
                    warn!(unit = %self.unit, reason, ?pause, "publishing was interrupted");
                    if pause_or_stop(pause, &mut stop).await {
                        return;
                    }
                }
            }
        }
    }

    /// Makes sure of the streams and finds out where to go on.
    async fn prepare(&self) -> Result<Cursor, String> {
        let streams = stream::ensure(&self.jetstream, &self.settings)
            .await
            .map_err(|error| error.to_string())?;
        let kept = self
            .journal
            .cursor(CURSOR)
            .and_then(|bytes| serde_json::from_slice::<Cursor>(&bytes).ok());
        let next = match kept {
            Some(kept) if continues(&kept.streams, &streams) => kept.next.min(self.journal.size()),
            Some(kept) if kept.next > 0 => {
                warn!(unit = %self.unit, entries = kept.next, "the broker lost messages; \
                    publishing the journal again from its beginning");
                0
            }
            _ => 0,
        };
        let cursor = Cursor { next, streams };
        self.keep(&cursor);
        Ok(cursor)
    }

    fn keep(&self, cursor: &Cursor) {
        match serde_json::to_vec(cursor) {
            Ok(bytes) => self.journal.set_cursor(CURSOR, bytes),
            // Without a cursor the next start publishes again, which is harmless.
            Err(error) => error!(unit = %self.unit, %error, "the outbox position was not kept"),
        }
        self.status
            .send_modify(|status| status.published = cursor.next);
        self.published
            .send_if_modified(|published| std::mem::replace(published, cursor.next) != cursor.next);
    }

    async fn publish_from(
        &self,
        mut cursor: Cursor,
        backoff: &mut Backoff,
        connects: &mut watch::Receiver<u64>,
        stop: &mut watch::Receiver<bool>,
    ) -> Interruption {
        let mut durable = self.journal.durable();
        let mut check = tokio::time::interval(self.check_every);
        check.reset();
        let mut window: FuturesOrdered<Pending> = FuturesOrdered::new();
        let mut waiting: VecDeque<Publication> = VecDeque::new();
        let mut read_to = cursor.next;
        let mut kept = cursor.next;
        loop {
            if waiting.is_empty() && read_to < *durable.borrow_and_update() {
                match read(&self.journal, &self.unit, read_to).await {
                    Ok(Batch { publications, next }) => {
                        waiting.extend(publications);
                        read_to = next;
                    }
                    Err(reason) => return Interruption::Failed(reason),
                }
            }
            if waiting.is_empty() && window.is_empty() && kept < read_to {
                cursor.next = read_to;
                self.keep(&cursor);
                kept = read_to;
                if read_to < *durable.borrow() {
                    continue;
                }
            }
            let may_send = !waiting.is_empty() && window.len() < WINDOW;
            tokio::select! {
                biased;
                () = stopped(stop) => {
                    self.keep(&cursor);
                    return Interruption::Stopped;
                }
                Ok(()) = connects.changed() => return Interruption::Recheck,
                Some(confirmed) = window.next(), if !window.is_empty() => {
                    if let Err(reason) = self.confirm(&mut cursor, confirmed) {
                        return Interruption::Failed(reason);
                    }
                    backoff.reset();
                }
                _ = check.tick() => match stream::ensure(&self.jetstream, &self.settings).await {
                    Ok(streams) if continues(&cursor.streams, &streams) => {}
                    Ok(_) => return Interruption::Recheck,
                    Err(error) => return Interruption::Failed(error.to_string()),
                },
                () = std::future::ready(()), if may_send => {
                    if let Some(publication) = waiting.pop_front() {
                        match self.send(publication).await {
                            Ok(pending) => window.push_back(pending),
                            Err(reason) => return Interruption::Failed(reason),
                        }
                    }
                }
                Ok(()) = durable.changed(), if waiting.is_empty() => {}
            }
        }
    }

    async fn send(&self, publication: Publication) -> Result<Pending, String> {
        let message = publication.message();
        match self
            .jetstream
            .send_publish(publication.subject.clone(), message)
            .await
        {
            Ok(acknowledgement) => Ok(Box::pin(async move {
                let result = acknowledgement.await;
                Confirmed {
                    publication,
                    result,
                }
            })),
            Err(error) => Err(self.failure(&publication, &error)),
        }
    }

    fn confirm(&self, cursor: &mut Cursor, confirmed: Confirmed) -> Result<(), String> {
        let Confirmed {
            publication,
            result,
        } = confirmed;
        let ack = result.map_err(|error| self.failure(&publication, &error))?;
        let known = if ack.stream == EVENT_STREAM {
            &mut cursor.streams.event
        } else {
            &mut cursor.streams.inbox
        };
        known.last = known.last.max(ack.sequence);
        if let Some(next) = publication.completes {
            cursor.next = next;
            // Often enough for a short repetition after a crash, seldom enough to cost nothing.
            if next.is_multiple_of(WINDOW as u64) {
                self.keep(cursor);
            }
            self.published.send_replace(next);
        }
        Ok(())
    }

    fn failure(&self, publication: &Publication, error: &PublishError) -> String {
        let transient = matches!(
            error.kind(),
            PublishErrorKind::TimedOut
                | PublishErrorKind::StreamNotFound
                | PublishErrorKind::BrokenPipe
                | PublishErrorKind::MaxAckPending
        );
        if !transient {
            // It is tried again and holds up what follows: an operator must see it.
            error!(unit = %self.unit, message = publication.message_id, %error,
                "the broker does not take an event; correct the broker's limits");
        }
        format!(
            "publishing {} to {}: {error}",
            publication.message_id, publication.subject
        )
    }
}

fn continues(known: &Identities, now: &Identities) -> bool {
    known.event.continues_as(&now.event) && known.inbox.continues_as(&now.inbox)
}
