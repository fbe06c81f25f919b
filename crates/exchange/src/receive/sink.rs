//! Handing over to the host, one message after the other, when it has room.

use bytes::Bytes;
use envelope::{Checkpoint, KeyId, Signed};
use tokio::sync::mpsc;

use super::done::Done;
use crate::feed::Fed;
use crate::inbox::Arrival;
use crate::order::Line;

/// Where messages go, in order.
pub(crate) enum Sink {
    Inbox(mpsc::Sender<Arrival>),
    Feed(mpsc::Sender<Fed>),
}

/// What the host is given.
pub(crate) enum Out {
    Event {
        signed: Signed,
        line: Line,
        position: u64,
        done: Done,
    },
    Unfit {
        from: String,
        bytes: Bytes,
        mark: Option<([u8; 64], KeyId)>,
        position: Option<u64>,
        reason: String,
        done: Done,
    },
    Contact(Checkpoint),
}

impl Sink {
    pub(super) async fn closed(&self) {
        match self {
            Sink::Inbox(sender) => sender.closed().await,
            Sink::Feed(sender) => sender.closed().await,
        }
    }

    /// Waits for room; this task is the only sender, so the room stays.
    pub(super) async fn room(&self) {
        let ended = match self {
            Sink::Inbox(sender) => sender.reserve().await.is_err(),
            Sink::Feed(sender) => sender.reserve().await.is_err(),
        };
        if ended {
            // The end is noticed by `closed`.
            std::future::pending::<()>().await;
        }
    }

    pub(super) fn send(&self, out: Out) {
        // A receiver that went away is noticed by `closed`; what it did not take comes again.
        match self {
            Sink::Inbox(sender) => {
                if let Some(arrival) = Arrival::of(out) {
                    let _ = sender.try_send(arrival);
                }
            }
            Sink::Feed(sender) => {
                if let Some(fed) = Fed::of(out) {
                    let _ = sender.try_send(fed);
                }
            }
        }
    }
}
