//! What inbox and feed have in common: the broker's consumer, checkpoints, questions to other
//! units, and the host. What is done with all of it is decided by [`crate::inflow`].

mod asking;
pub(crate) mod done;
mod intake;
mod sink;

use std::sync::Arc;
use std::time::Duration;

use async_nats::Subscriber;
use async_nats::jetstream::AckKind;
use async_nats::jetstream::message::Acker;
use envelope::KeyRegister;
use futures::StreamExt;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tracing::{debug, error};

use crate::connect::Connection;
use crate::inflow::{Inflow, RECEIPTS_MAX, Scope, Step};
use crate::parcel::Parcel;
use crate::settings::Timing;
use crate::status::InboxStatus;
use crate::stop::stopped;
use crate::stream::{EVENT_STREAM, INBOX_STREAM, StreamSettings};
use crate::subject;
use asking::Asking;
use done::Note;
pub(crate) use intake::names as consumer_names;
use intake::{ConsumerSpec, Intake};
pub(crate) use sink::Sink;

/// Messages that may be unacknowledged at once, over all senders. Early messages of a sender that
/// is away count until their gap is filled; the inflow lets them take half of it.
pub(crate) const ACK_PENDING_MAX: i64 = 16_384;

/// How often the status is brought up to date while nothing happens.
const STATUS_EVERY: Duration = Duration::from_secs(1);

/// The task behind an inbox or a feed.
pub(crate) struct Receiver {
    connection: Connection,
    inflow: Inflow<Acker>,
    intake: Intake,
    asking: Asking,
    sink: Sink,
    notes: mpsc::Receiver<Note>,
    notes_in: mpsc::Sender<Note>,
    status: watch::Sender<InboxStatus>,
}

impl Receiver {
    pub(crate) fn new(
        connection: Connection,
        scope: Scope,
        durable: String,
        keys: Arc<KeyRegister>,
        settings: StreamSettings,
        timing: Timing,
        sink: Sink,
    ) -> Receiver {
        let (stream, filter) = match &scope {
            Scope::Inbox { me, .. } => (INBOX_STREAM, subject::inbox_of(me)),
            Scope::Feed => (EVENT_STREAM, subject::EVENTS.to_owned()),
        };
        let spec = ConsumerSpec {
            stream,
            durable,
            filter,
            settings,
            timing,
        };
        // One note for every receipt that may be out: a note never finds the way full.
        let (notes_in, notes) = mpsc::channel(RECEIPTS_MAX);
        Receiver {
            intake: Intake::new(&connection, spec),
            asking: Asking::new(connection.client.clone()),
            inflow: Inflow::new(scope, keys, timing),
            connection,
            sink,
            notes,
            notes_in,
            status: watch::Sender::new(InboxStatus::default()),
        }
    }

    pub(crate) fn inflow(&mut self) -> &mut Inflow<Acker> {
        &mut self.inflow
    }

    pub(crate) fn status(&self) -> watch::Receiver<InboxStatus> {
        self.status.subscribe()
    }

    pub(crate) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let start = Instant::now();
        let mut connects = self.connection.connects();
        let mut told = tokio::time::interval(STATUS_EVERY);
        let mut heads = match self.connection.client.subscribe(subject::CHECKPOINTS).await {
            Ok(heads) => Some(heads),
            Err(error) => {
                error!(%error, "checkpoints of others are not heard; lost tails stay unseen");
                None
            }
        };
        loop {
            while let Some(step) = self.inflow.poll(start.elapsed()) {
                self.take(step).await;
            }
            let wake = self.inflow.wake().map(|wake| start + wake);
            tokio::select! {
                () = stopped(&mut stop) => return,
                () = self.sink.closed() => return,
                () = self.sink.room(), if self.inflow.waits_to_hand_over() => {
                    if let Some(handed) = self.inflow.hand_over() {
                        self.sink.send(handed, &self.notes_in);
                    }
                }
                Some(Note { receipt, recorded }) = self.notes.recv() => {
                    self.inflow.noted(receipt, recorded);
                }
                messages = self.intake.next(), if self.inflow.takes_in() => {
                    for message in messages {
                        let (message, acker) = message.split();
                        let parcel = parcel(message);
                        self.inflow.message(&parcel, acker, start.elapsed());
                    }
                }
                (number, answer) = self.asking.next() => {
                    self.inflow.answered(number, answer, start.elapsed());
                }
                head = next(&mut heads) => match head {
                    Some(head) => self.inflow.checkpoint(&parcel(head), start.elapsed()),
                    None => heads = None,
                },
                Ok(()) = connects.changed() => self.intake.reopen(false),
                _ = told.tick() => {
                    self.status.send_replace(self.inflow.status(start.elapsed()));
                }
                () = tokio::time::sleep_until(wake.unwrap_or_else(Instant::now)),
                    if wake.is_some() => {}
            }
        }
    }

    async fn take(&mut self, step: Step<Acker>) {
        match step {
            Step::Acknowledge(acker) => tell(&self.connection, &acker, AckKind::Ack).await,
            Step::Decline(acker) => tell(&self.connection, &acker, AckKind::Term).await,
            Step::Ask { number, question } => self.asking.ask(number, question),
            Step::Rebuild { afresh } => self.intake.reopen(afresh),
        }
    }
}

async fn tell(connection: &Connection, acker: &Acker, kind: AckKind) {
    // Without a connection it would only wait; the broker delivers again and is told then.
    if connection.is_connected()
        && let Err(error) = acker.ack_with(kind).await
    {
        debug!(%error, "an acknowledgement was not sent");
    }
}

fn parcel(message: async_nats::Message) -> Parcel {
    let headers = message.headers.as_ref();
    Parcel::read(message.subject.as_str(), message.payload, headers)
}

/// The next checkpoint; waits for ever when none are heard.
async fn next(heads: &mut Option<Subscriber>) -> Option<async_nats::Message> {
    match heads {
        Some(heads) => heads.next().await,
        None => std::future::pending().await,
    }
}
