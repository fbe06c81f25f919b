//! Receiving every unit's events: verified, in order per origin, exactly once. For projectors and
//! oversight.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use envelope::{Checkpoint, KeyId, KeyRegister, Signed};
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use crate::connect::Connection;
use crate::receive::{Out, Receiver, Scope, Sink};
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
        /// The signature as it came, unverified.
        signature: Option<[u8; 64]>,
        /// The key that it is said to be by.
        key: Option<KeyId>,
        /// Who sent it, as far as the transport knows; may be empty.
        unit: String,
        /// The sequence that it uses up: only when the origin's own journal holds nothing better.
        sequence: Option<u64>,
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
    pub(crate) fn of(out: Out) -> Option<Fed> {
        match out {
            Out::Event {
                signed,
                line,
                position,
                done,
            } => {
                let (unit, epoch) = (line.origin, line.epoch?);
                Some(Fed::Event(FedEvent {
                    signed,
                    unit,
                    epoch,
                    sequence: position,
                    done,
                }))
            }
            Out::Unfit {
                from,
                bytes,
                mark,
                position,
                reason,
                done,
            } => {
                let (signature, key) = mark.unzip();
                Some(Fed::Unfit {
                    bytes,
                    signature,
                    key,
                    unit: from,
                    sequence: position,
                    reason,
                    done,
                })
            }
            Out::Contact(checkpoint) => Some(Fed::Contact {
                unit: checkpoint.unit.clone(),
                checkpoint,
            }),
        }
    }
}

/// A reader of everything.
pub struct Feed(Receiver, watch::Sender<InboxStatus>);

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
        receiver.begin(positions);
        let status = watch::Sender::new(InboxStatus::default());
        (Feed(receiver, status), fed)
    }

    /// How far receiving has come.
    pub fn status(&self) -> watch::Receiver<InboxStatus> {
        self.1.subscribe()
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
