//! Receiving every unit's events: verified, in order per origin, exactly once. For projectors and
//! oversight.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_nats::jetstream::message::Acker;
use bytes::Bytes;
use envelope::{Checkpoint, KeyId, KeyRegister, Signature, Signed};
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use crate::connect::Connection;
use crate::inflow::{Handed, Receipt, Scope};
use crate::receive::{Receiver, Sink};
use crate::settings::Timing;
use crate::status::InboxStatus;
use crate::stream::StreamSettings;

pub use crate::receive::done::Done;

/// What may wait for the reader.
const QUEUE: usize = 1_024;

/// Something on the full feed.
#[derive(Debug)]
pub enum Fed {
    /// The next event of its origin.
    Event(FedEvent),
    /// Something that cannot be accepted; keep it visible.
    Unfit {
        /// The bytes as they came.
        bytes: Bytes,
        /// Who sent it, as far as the transport knows; may be empty.
        unit: String,
        /// The sequence that it uses up: only when the origin's own journal holds nothing better.
        sequence: Option<u64>,
        /// The epoch of that sequence, when there is one.
        epoch: Option<Uuid>,
        /// The signature that came with it, if one could be read.
        signature: Option<Signature>,
        /// The name of the key that came with it, if one could be read.
        key: Option<KeyId>,
        /// What is wrong with it.
        reason: String,
        /// The receipt.
        done: Done,
    },
    /// A unit is alive and its journal stands there.
    Contact {
        /// The unit.
        unit: String,
        /// Its verified checkpoint.
        checkpoint: Checkpoint,
    },
}

/// A verified event with its place in its origin's numbering.
#[derive(Debug)]
pub struct FedEvent {
    /// The exact bytes with the origin's signature.
    pub signed: Signed,
    /// The origin.
    pub unit: String,
    /// The epoch of the origin's journal.
    pub epoch: Uuid,
    /// The origin's number, one more than the last of this epoch.
    pub sequence: u64,
    /// The receipt.
    pub done: Done,
}

impl Fed {
    pub(crate) fn of(
        handed: Handed<Acker>,
        done: impl FnOnce(Receipt<Acker>) -> Done,
    ) -> Option<Fed> {
        match handed {
            Handed::Event {
                signed,
                line,
                position,
                receipt,
            } => Some(Fed::Event(FedEvent {
                signed,
                unit: line.origin,
                epoch: line.epoch?,
                sequence: position,
                done: done(receipt),
            })),
            Handed::Unfit { unfit, receipt } => Some(Fed::Unfit {
                bytes: unfit.bytes,
                unit: unfit.from,
                sequence: unfit.position,
                epoch: unfit.epoch,
                signature: unfit.signature,
                key: unfit.key,
                reason: unfit.reason,
                done: done(receipt),
            }),
            Handed::Contact(checkpoint) => Some(Fed::Contact {
                unit: checkpoint.unit.clone(),
                checkpoint,
            }),
        }
    }
}

/// A reader of everything.
pub struct Feed(Receiver);

impl Feed {
    /// Reads on behalf of `name` (letters, digits, dashes; the broker remembers it), going on
    /// after `positions`: per origin and epoch, the last sequence that was recorded. Each epoch of
    /// an origin is numbered from 1. Dropping the returned receiver ends the feed.
    pub fn new(
        connection: Connection,
        name: &str,
        keys: Arc<KeyRegister>,
        settings: StreamSettings,
        timing: Timing,
        positions: BTreeMap<(String, Uuid), u64>,
    ) -> (Feed, mpsc::Receiver<Fed>) {
        let (sender, fed) = mpsc::channel(QUEUE);
        let (durable, sink) = (name.to_owned(), Sink::Feed(sender));
        let scope = Scope::Feed;
        let mut receiver = Receiver::new(connection, scope, durable, keys, settings, timing, sink);
        receiver.inflow().begin(positions);
        (Feed(receiver), fed)
    }

    /// How far each origin's line has come, brought up to date about every second.
    pub fn status(&self) -> watch::Receiver<InboxStatus> {
        self.0.status()
    }

    /// Receives until `stop` turns true.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        self.0.run(stop).await;
    }
}

impl std::fmt::Debug for Feed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Feed").finish_non_exhaustive()
    }
}
