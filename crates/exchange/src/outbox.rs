//! Publishing a journal: every own entry to the event stream, every delivery to its addressee.
//!
//! What is published when is decided by [`crate::outflow`]; here are the broker and the journal.

use std::time::Duration;

use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::{self};
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use journal::Journal;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::{error, warn};

use crate::connect::Connection;
use crate::headers;
use crate::outflow::{self, Batch, CURSOR, Outflow, Publication, Seen, Step};
use crate::status::OutboxStatus;
use crate::stop::stopped;
use crate::stream::{self, StreamSettings};
use crate::subject::UnitToken;

/// Publishes dropped at a disturbance still count until they time out: room for several windows.
const OUTSTANDING_MAX: usize = 2_048;

/// How often the status is brought up to date while nothing happens.
const STATUS_EVERY: Duration = Duration::from_secs(1);

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

/// What came of a step.
enum Outcome {
    Seen(u64, Seen),
    Read(u64, Batch),
    Confirmed(u64, u64),
    Failed(u64, String),
}

type Pending = BoxFuture<'static, Outcome>;

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
        Outbox {
            connection,
            jetstream,
            journal,
            unit,
            settings,
            check_every,
            published: watch::Sender::new(0),
            status: watch::Sender::new(OutboxStatus::default()),
        }
    }

    /// How many entries of the journal are wholly published; behind its size means a lag.
    pub fn published(&self) -> watch::Receiver<u64> {
        self.published.subscribe()
    }

    /// How far publishing has come, brought up to date about every second.
    pub fn status(&self) -> watch::Receiver<OutboxStatus> {
        self.status.subscribe()
    }

    /// Publishes until `stop` turns true.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let start = Instant::now();
        let mut outflow = Outflow::new(
            &self.unit,
            self.journal.cursor(CURSOR).as_deref(),
            self.check_every,
        );
        let mut connects = self.connection.connects();
        let mut durable = self.journal.durable();
        let mut pending: FuturesUnordered<Pending> = FuturesUnordered::new();
        let mut told = tokio::time::interval(STATUS_EVERY);
        loop {
            outflow.durable(*durable.borrow_and_update(), start.elapsed());
            self.tell(outflow.published());
            while let Some(step) = outflow.poll(start.elapsed()) {
                // Without a connection handing over a message may wait for long.
                let taken = tokio::select! {
                    () = stopped(&mut stop) => break,
                    taken = self.take(step) => taken,
                };
                match taken {
                    Ok(Some(future)) => pending.push(future),
                    Ok(None) => {}
                    Err((number, reason)) => {
                        self.failed(&mut outflow, number, &reason, &mut pending, start);
                    }
                }
            }
            let wake = outflow.wake().map(|wake| start + wake);
            tokio::select! {
                biased;
                () = stopped(&mut stop) => {
                    if let Some(position) = outflow.position() {
                        self.journal.set_cursor(CURSOR, position);
                    }
                    return;
                }
                Ok(()) = connects.changed() => {
                    pending.clear();
                    outflow.reconnected();
                }
                _ = told.tick() => {
                    self.status.send_replace(outflow.status(start.elapsed()));
                }
                Some(outcome) = pending.next(), if !pending.is_empty() => match outcome {
                    Outcome::Seen(number, seen) => outflow.streams(number, seen, start.elapsed()),
                    Outcome::Read(number, batch) => outflow.read(number, batch),
                    Outcome::Confirmed(ticket, sequence) => outflow.confirmed(ticket, sequence),
                    Outcome::Failed(number, reason) => {
                        self.failed(&mut outflow, number, &reason, &mut pending, start);
                    }
                },
                () = tokio::time::sleep_until(wake.unwrap_or_else(Instant::now)),
                    if wake.is_some() => {}
                Ok(()) = durable.changed() => {}
            }
        }
    }

    fn tell(&self, next: u64) {
        self.published
            .send_if_modified(|published| std::mem::replace(published, next) != next);
    }

    fn failed(
        &self,
        outflow: &mut Outflow,
        number: u64,
        reason: &str,
        pending: &mut FuturesUnordered<Pending>,
        start: Instant,
    ) {
        if let Some(pause) = outflow.failed(number, start.elapsed()) {
            pending.clear();
            warn!(unit = %self.unit, reason, ?pause, "publishing was interrupted");
        }
    }

    /// Does a step, or begins it; an error comes with the step's number.
    async fn take(&self, step: Step) -> Result<Option<Pending>, (u64, String)> {
        match step {
            Step::Keep(position) => {
                self.journal.set_cursor(CURSOR, position);
                Ok(None)
            }
            Step::Look { number } => {
                let (jetstream, unit) = (self.jetstream.clone(), self.unit.clone());
                let settings = self.settings;
                Ok(Some(Box::pin(async move {
                    match stream::look_as(&jetstream, &settings, &unit).await {
                        Ok(seen) => Outcome::Seen(number, seen),
                        Err(error) => Outcome::Failed(number, error.to_string()),
                    }
                })))
            }
            Step::Read { number, from, to } => {
                let (journal, unit) = (self.journal.clone(), self.unit.clone());
                let reading =
                    tokio::task::spawn_blocking(move || outflow::read(&journal, &unit, from, to));
                Ok(Some(Box::pin(async move {
                    match reading.await {
                        Ok(Ok(batch)) => Outcome::Read(number, batch),
                        Ok(Err(reason)) => Outcome::Failed(number, reason),
                        Err(error) => Outcome::Failed(
                            number,
                            format!("reading the journal from entry {from}: {error}"),
                        ),
                    }
                })))
            }
            Step::Publish(publication) => self.publish(publication).await.map(Some),
        }
    }

    async fn publish(&self, publication: Publication) -> Result<Pending, (u64, String)> {
        let ticket = publication.ticket;
        // The headers come first: setting them replaces the map with the message id in it.
        let message = PublishMessage::build()
            .payload(publication.signed.bytes.clone())
            .headers(headers::of_event(&publication.signed, publication.link))
            .message_id(&publication.message_id);
        let sending = self
            .jetstream
            .send_publish(publication.subject.clone(), message);
        let named = (
            self.unit.clone(),
            publication.subject,
            publication.message_id,
        );
        match sending.await {
            Ok(acknowledgement) => Ok(Box::pin(async move {
                match acknowledgement.await {
                    Ok(PublishAck { sequence, .. }) => Outcome::Confirmed(ticket, sequence),
                    Err(error) => Outcome::Failed(ticket, failure(&named, &error)),
                }
            })),
            Err(error) => Err((ticket, failure(&named, &error))),
        }
    }
}

fn failure((unit, subject, message): &(UnitToken, String, String), error: &PublishError) -> String {
    let transient = matches!(
        error.kind(),
        PublishErrorKind::TimedOut
            | PublishErrorKind::StreamNotFound
            | PublishErrorKind::BrokenPipe
            | PublishErrorKind::MaxAckPending
    );
    if !transient {
        // It is tried again and holds up what follows: an operator must see it.
        error!(%unit, message, %error,
            "the broker does not take an event; correct the broker's limits");
    }
    format!("publishing {message} to {subject}: {error}")
}
