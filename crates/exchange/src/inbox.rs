//! Receiving what other units send to one unit: verified, in order per sender, exactly once.

use std::sync::Arc;

use bytes::Bytes;
use envelope::{KeyId, KeyRegister, Signed};
use journal::Journal;
use tokio::sync::{mpsc, watch};

use crate::connect::Connection;
use crate::receive::{Out, Receiver, Scope, Sink};
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
        /// The signature as it came, unverified.
        signature: Option<[u8; 64]>,
        /// The key that it is said to be by.
        key: Option<KeyId>,
        /// Who sent it, as far as the transport knows; may be empty.
        from: String,
        /// The number on the sender's line that it uses up: only when the sender's own journal
        /// holds nothing better. Then record it as the sender's position, or the line stands still.
        link: Option<u64>,
        /// What is wrong with it.
        reason: String,
        /// The receipt.
        done: Done,
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
    pub(crate) fn of(out: Out) -> Option<Arrival> {
        match out {
            Out::Event {
                signed,
                line,
                position,
                done,
            } => {
                let from = line.origin;
                Some(Arrival::Event(ArrivedEvent {
                    signed,
                    from,
                    link: position,
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
                Some(Arrival::Unfit {
                    bytes,
                    signature,
                    key,
                    from,
                    link: position,
                    reason,
                    done,
                })
            }
            Out::Contact(_) => None,
        }
    }
}

/// The inbox of one unit.
pub struct Inbox(Receiver, watch::Sender<InboxStatus>);

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
        let durable = format!("inbox-{unit}");
        let scope = Scope::Inbox { me: unit, journal };
        let sink = Sink::Inbox(sender);
        let receiver = Receiver::new(connection, scope, durable, keys, settings, timing, sink);
        let status = watch::Sender::new(InboxStatus::default());
        (Inbox(receiver, status), arrivals)
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

impl std::fmt::Debug for Inbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inbox").finish_non_exhaustive()
    }
}
