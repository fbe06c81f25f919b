//! Receiving what other units send to one unit: verified, in order per sender, exactly once.

use std::sync::Arc;

use async_nats::jetstream::message::Acker;
use bytes::Bytes;
use envelope::{Checkpoint, KeyId, KeyRegister, Signature, Signed};
use journal::Journal;
use tokio::sync::{mpsc, watch};

use crate::connect::Connection;
use crate::inflow::{Handed, Receipt, Scope};
use crate::receive::{Receiver, Sink};
use crate::settings::Timing;
use crate::status::InboxStatus;
use crate::stream::StreamSettings;
use crate::subject::UnitToken;

pub use crate::receive::done::Done;

/// Arrivals that may wait for the host.
const QUEUE: usize = 256;

/// Something that was sent to this unit.
#[derive(Debug)]
pub enum Arrival {
    /// The next event on a sender's line. Record it with its link as the sender's position.
    Event(ArrivedEvent),
    /// Something that cannot be accepted; keep it in quarantine.
    Unfit {
        /// The bytes as they came.
        bytes: Bytes,
        /// Who sent it, as far as the transport knows; may be empty.
        from: String,
        /// The number on the sender's line that it uses up: only when the sender's own journal
        /// holds nothing better. Then record it as the sender's position, or the line stands still.
        link: Option<u64>,
        /// The signature that came with it, if one could be read.
        signature: Option<Signature>,
        /// The name of the key that came with it, if one could be read.
        key: Option<KeyId>,
        /// What is wrong with it.
        reason: String,
        /// The receipt.
        done: Done,
    },
    /// A unit that sends to this one, or is sent to by it, is alive and its journal stands there.
    Contact {
        /// The unit.
        unit: String,
        /// Its verified checkpoint.
        checkpoint: Checkpoint,
    },
}

/// A verified event with its place on the line from its sender.
#[derive(Debug)]
pub struct ArrivedEvent {
    /// The exact bytes; the signature is that of the unit they name, which need not be `from`.
    pub signed: Signed,
    /// The unit that sent it.
    pub from: String,
    /// Its number on the line from `from`, one more than the last.
    pub link: u64,
    /// The receipt.
    pub done: Done,
}

impl Arrival {
    pub(crate) fn of(handed: Handed<Acker>, done: impl FnOnce(Receipt<Acker>) -> Done) -> Arrival {
        match handed {
            Handed::Event {
                signed,
                line,
                position,
                receipt,
            } => Arrival::Event(ArrivedEvent {
                signed,
                from: line.origin,
                link: position,
                done: done(receipt),
            }),
            Handed::Unfit { unfit, receipt } => Arrival::Unfit {
                bytes: unfit.bytes,
                from: unfit.from,
                link: unfit.position,
                signature: unfit.signature,
                key: unfit.key,
                reason: unfit.reason,
                done: done(receipt),
            },
            Handed::Contact(checkpoint) => Arrival::Contact {
                unit: checkpoint.unit.clone(),
                checkpoint,
            },
        }
    }
}

/// The broker's name of the consumer of a unit's inbox.
pub(crate) fn inbox_name(unit: &UnitToken) -> String {
    format!("inbox-{unit}")
}

/// The inbox of one unit.
pub struct Inbox(Receiver);

impl Inbox {
    /// Receives for `unit`, whose `journal` says how far each sender's line has been recorded;
    /// only events that verify under `keys` arrive as such. Arrivals come from the returned
    /// receiver while [`Inbox::run`] runs; dropping it ends the inbox.
    pub fn new(
        connection: Connection,
        journal: Journal,
        unit: UnitToken,
        keys: Arc<KeyRegister>,
        settings: StreamSettings,
        timing: Timing,
    ) -> (Inbox, mpsc::Receiver<Arrival>) {
        let (sender, arrivals) = mpsc::channel(QUEUE);
        let durable = inbox_name(&unit);
        let scope = Scope::Inbox { me: unit, journal };
        let sink = Sink::Inbox(sender);
        let receiver = Receiver::new(connection, scope, durable, keys, settings, timing, sink);
        (Inbox(receiver), arrivals)
    }

    /// How far each sender's line has come, brought up to date about every second.
    pub fn status(&self) -> watch::Receiver<InboxStatus> {
        self.0.status()
    }

    /// Receives until `stop` turns true.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        self.0.run(stop).await;
    }
}

impl std::fmt::Debug for Inbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inbox").finish_non_exhaustive()
    }
}
