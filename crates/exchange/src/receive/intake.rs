//! The broker's end of receiving: a durable pull consumer that is made again whenever it, its
//! stream or the broker has gone away.

use std::pin::Pin;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::stream::{ConsumerError, ConsumerErrorKind};
use async_nats::jetstream::{self, ErrorCode, Message};
use futures::future::BoxFuture;
use futures::{Stream, StreamExt};
use tokio::time::Instant;
use tracing::warn;

use crate::backoff::Backoff;
use crate::connect::Connection;
use crate::settings::Timing;
use crate::stream::{self, StreamSettings};

/// Messages asked for at once.
const BATCH: usize = 256;

/// Messages handled before looking at anything else.
const CHUNK: usize = 64;

/// A pull request is renewed at least this often.
const EXPIRES: Duration = Duration::from_secs(30);

/// How often the broker may say that it cannot read its own records of a consumer before another name
/// is taken. nats-server 2.15 never takes that name again: it neither knows the consumer, so that
/// it could be deleted, nor makes it anew ("error creating store for consumer", 10012 or 10104).
const UNREADABLE_MAX: u32 = 3;

/// Names that one consumer goes through, one after the other.
const NAMES: u32 = 4;

/// Which consumer on which stream.
#[derive(Debug, Clone)]
pub(super) struct ConsumerSpec {
    pub(super) stream: &'static str,
    pub(super) durable: String,
    pub(super) filter: String,
    pub(super) settings: StreamSettings,
    pub(super) timing: Timing,
}

type Messages = Pin<Box<dyn Stream<Item = Vec<Result<Message, pull::MessagesError>>> + Send>>;

enum State {
    Closed { until: Instant },
    Opening(BoxFuture<'static, Result<Messages, Failure>>),
    Open(Messages),
}

/// Why there is no consumer.
struct Failure {
    reason: String,
    /// The broker cannot read its own records of it.
    unreadable: bool,
}

impl From<String> for Failure {
    fn from(reason: String) -> Failure {
        Failure {
            reason,
            unreadable: false,
        }
    }
}

/// Messages as they come, through all troubles.
pub(super) struct Intake {
    jetstream: jetstream::Context,
    spec: ConsumerSpec,
    backoff: Backoff,
    state: State,
    /// The consumer has to be made anew.
    afresh: bool,
    /// How often the broker could not read its own records of the consumer.
    unreadable: u32,
}

impl Intake {
    pub(super) fn new(connection: &Connection, spec: ConsumerSpec) -> Intake {
        let (floor, ceiling) = (Duration::from_millis(50), Duration::from_secs(5));
        Intake {
            jetstream: connection.jetstream.clone(),
            backoff: Backoff::new(&spec.durable, floor, ceiling),
            spec,
            state: State::Closed {
                until: Instant::now(),
            },
            afresh: false,
            unreadable: 0,
        }
    }

    /// The next messages; waits as long as there are none. May be dropped while waiting.
    pub(super) async fn next(&mut self) -> Vec<Message> {
        loop {
            match &mut self.state {
                State::Closed { until } => {
                    tokio::time::sleep_until(*until).await;
                    let (jetstream, mut spec) = (self.jetstream.clone(), self.spec.clone());
                    spec.durable = self.name();
                    self.state = State::Opening(Box::pin(open(jetstream, spec, self.afresh)));
                }
                State::Opening(opening) => match opening.await {
                    Ok(messages) => {
                        self.afresh = false;
                        self.state = State::Open(messages);
                    }
                    Err(failure) => {
                        self.unreadable = self.unreadable.wrapping_add(failure.unreadable.into());
                        self.close(&failure.reason);
                    }
                },
                State::Open(messages) => {
                    let chunk = messages.next().await.unwrap_or_default();
                    let failure = match chunk.iter().find_map(|message| message.as_ref().err()) {
                        Some(error) => Some(error.to_string()),
                        None => chunk
                            .is_empty()
                            .then(|| "the subscription ended".to_owned()),
                    };
                    if let Some(reason) = failure {
                        self.close(&reason);
                    }
                    let messages: Vec<Message> = chunk.into_iter().flatten().collect();
                    if !messages.is_empty() {
                        self.backoff.reset();
                        return messages;
                    }
                }
            }
        }
    }

    /// Asks anew at once: the broker came back and has forgotten what it was asked, or it is
    /// silent. With `afresh` the consumer is deleted and made anew where it stands.
    pub(super) fn reopen(&mut self, afresh: bool) {
        self.afresh |= afresh;
        self.state = State::Closed {
            until: Instant::now(),
        };
    }

    /// The name that the broker knows the consumer by. A new one begins at the beginning: what was
    /// taken in is recognised.
    fn name(&self) -> String {
        nth_name(&self.spec.durable, self.unreadable / UNREADABLE_MAX % NAMES)
    }

    fn close(&mut self, reason: &str) {
        let pause = self.backoff.next_pause();
        // A first failure is usual when a broker restarts and mends itself.
        if self.backoff.attempts() > 1 {
            warn!(
                consumer = self.name(),
                reason,
                ?pause,
                "receiving was interrupted"
            );
        }
        self.state = State::Closed {
            until: Instant::now() + pause,
        };
    }
}

async fn open(
    jetstream: jetstream::Context,
    spec: ConsumerSpec,
    afresh: bool,
) -> Result<Messages, Failure> {
    stream::ensure(&jetstream, &spec.settings)
        .await
        .map_err(|error| error.to_string())?;
    let deliver_policy = start(&jetstream, &spec, afresh).await?;
    let config = pull::Config {
        durable_name: Some(spec.durable.clone()),
        filter_subject: spec.filter.clone(),
        deliver_policy,
        ack_policy: AckPolicy::Explicit,
        ack_wait: spec.timing.ack_wait,
        // With a limit the broker would skip a message silently; ours go to quarantine instead.
        max_deliver: -1,
        max_ack_pending: super::ACK_PENDING_MAX,
        ..pull::Config::default()
    };
    let consumer = jetstream
        .create_consumer_on_stream(config, spec.stream)
        .await
        .map_err(|error| Failure {
            reason: format!("making the consumer {}: {error}", spec.durable),
            unreadable: is_unreadable(&error),
        })?;
    let messages = consumer
        .stream()
        .max_messages_per_batch(BATCH)
        .expires(EXPIRES)
        .heartbeat(spec.timing.heartbeat.min(EXPIRES / 2))
        .messages()
        .await
        .map_err(|error| format!("asking the consumer {}: {error}", spec.durable))?;
    Ok(Box::pin(messages.ready_chunks(CHUNK)))
}

/// Every name that the consumer `durable` may have at the broker.
pub(crate) fn names(durable: &str) -> impl Iterator<Item = String> {
    (0..NAMES).map(move |nth| nth_name(durable, nth))
}

fn nth_name(durable: &str, nth: u32) -> String {
    match nth {
        0 => durable.to_owned(),
        another => format!("{durable}_{another}"),
    }
}

fn is_unreadable(error: &ConsumerError) -> bool {
    matches!(
        error.kind(),
        ConsumerErrorKind::JetStream(inner)
            if matches!(
                inner.error_code(),
                ErrorCode::CONSUMER_CREATE | ErrorCode::CONSUMER_STORE_FAILED
            )
    )
}

/// Where the consumer begins. A present one keeps what it was made with, since that cannot be
/// changed; with `afresh` it is deleted, and the new one begins behind what was acknowledged.
async fn start(
    jetstream: &jetstream::Context,
    spec: &ConsumerSpec,
    afresh: bool,
) -> Result<DeliverPolicy, String> {
    let present = jetstream
        .get_consumer_from_stream::<pull::Config, _, _>(&spec.durable, spec.stream)
        .await;
    // Whatever is wrong beside its absence shows when it is made.
    let Ok(present) = present else {
        return Ok(DeliverPolicy::All);
    };
    let info = present.cached_info();
    if !afresh {
        return Ok(info.config.deliver_policy);
    }
    let start_sequence = info.ack_floor.stream_sequence.saturating_add(1);
    jetstream
        .delete_consumer_from_stream(&spec.durable, spec.stream)
        .await
        .map_err(|error| format!("deleting the silent consumer {}: {error}", spec.durable))?;
    Ok(DeliverPolicy::ByStartSequence { start_sequence })
}
