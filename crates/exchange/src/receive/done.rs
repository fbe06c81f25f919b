//! What the host owes for everything it was handed: word that it is on disk.

use async_nats::jetstream::message::Acker;
use tokio::sync::mpsc;

use crate::inflow::Receipt;

/// The receipt for one message. Call [`Done::recorded`] once the message is durable; dropping it
/// instead means that it is not, and it will be handed over again.
#[derive(Debug)]
#[must_use = "a message whose receipt is dropped is delivered again"]
pub struct Done {
    receipt: Option<Receipt<Acker>>,
    notes: mpsc::Sender<Note>,
}

/// What became of one message.
#[derive(Debug)]
pub(super) struct Note {
    pub(super) receipt: Receipt<Acker>,
    pub(super) recorded: bool,
}

impl Done {
    /// `notes` has room for a note about every receipt that may be out at once.
    pub(super) fn new(receipt: Receipt<Acker>, notes: &mpsc::Sender<Note>) -> Done {
        Done {
            receipt: Some(receipt),
            notes: notes.clone(),
        }
    }

    /// The message is on disk: the broker may forget it.
    pub fn recorded(mut self) {
        self.note(true);
    }

    fn note(&mut self, recorded: bool) {
        if let Some(receipt) = self.receipt.take() {
            // Nobody listens after the end; the broker then delivers again, and it is known.
            let _ = self.notes.try_send(Note { receipt, recorded });
        }
    }
}

impl Drop for Done {
    fn drop(&mut self) {
        self.note(false);
    }
}
