//! Handing over to the host, one message after the other, when it has room.

use async_nats::jetstream::message::Acker;
use tokio::sync::mpsc;

use super::done::{Done, Note};
use crate::feed::Fed;
use crate::inbox::Arrival;
use crate::inflow::{Handed, Receipt};

/// Where messages go, in order.
pub(crate) enum Sink {
    Inbox(mpsc::Sender<Arrival>),
    Feed(mpsc::Sender<Fed>),
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

    pub(super) fn send(&self, handed: Handed<Acker>, notes: &mpsc::Sender<Note>) {
        let done = |receipt: Receipt<Acker>| Done::new(receipt, notes);
        // A receiver that went away is noticed by `closed`; what it did not take comes again.
        match self {
            Sink::Inbox(sender) => {
                let _ = sender.try_send(Arrival::of(handed, done));
            }
            Sink::Feed(sender) => {
                if let Some(fed) = Fed::of(handed, done) {
                    let _ = sender.try_send(fed);
                }
            }
        }
    }
}
