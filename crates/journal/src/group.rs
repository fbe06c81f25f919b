//! What goes into a journal: groups that are written whole or not at all.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use envelope::{EventError, KeyId, Signed};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::entry::{Delivery, Origin};
use crate::trees::ReadError;

/// Longest unit name, and longest subject of an event, in bytes: they become parts of keys.
pub const NAME_BYTES_MAX: usize = 255;

/// Everything that belongs together and must survive, or not, as one.
#[derive(Debug, Clone, Default)]
pub struct Group {
    pub entries: Vec<NewEntry>,
    pub notes: Vec<Note>,
    pub quarantined: Vec<NewQuarantine>,
    /// Per sender, the last number of its line up to which nothing is missing. Written as given.
    pub received: Vec<(String, u64)>,
}

/// An event to be taken in. Its id, subject, unit and sequence are read from its bytes.
#[derive(Debug, Clone)]
pub struct NewEntry {
    pub origin: Origin,
    pub signed: Signed,
    pub deliveries: Vec<Delivery>,
}

/// A small record of the host's own (serial numbers, open work, outcomes of commands). The host
/// must be able to rebuild what a note says from entries; verification does not look at notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub key: Vec<u8>,
    /// `None` takes the note away.
    pub value: Option<Vec<u8>>,
}

/// Something received that could not be accepted. Bytes beyond
/// [`EVENT_BYTES_MAX`](envelope::EVENT_BYTES_MAX) are not kept, only counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewQuarantine {
    pub bytes: Vec<u8>,
    pub reason: String,
    pub from: String,
    /// RFC 3339; the journal reads no clock.
    pub at: String,
    /// The signature that came with it, unverified, so that it can be judged again.
    pub signature: Option<[u8; 64]>,
    /// The key that the signature is said to be by.
    pub key: Option<KeyId>,
    /// The number on the sender's line that it came under.
    pub link: Option<u64>,
}

/// What became of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Index of the group's first entry; `None` when it had no entries.
    pub first_index: Option<u64>,
}

/// Resolves when the group is durable, or when it was refused. May be dropped: the group is
/// written all the same.
#[derive(Debug)]
pub struct Receipt(pub(crate) oneshot::Receiver<Result<Appended, AppendError>>);

impl Future for Receipt {
    type Output = Result<Appended, AppendError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0)
            .poll(cx)
            .map(|answer| answer.unwrap_or(Err(AppendError::Closed)))
    }
}

/// Why a group was refused. Nothing of a refused group is written; other groups are not affected.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    #[error("event {0} is in the journal already; answer with what it led to the first time")]
    Duplicate(Uuid),
    #[error("own event carries sequence {found}, the journal expects {expected}; rebuild from it")]
    Sequence { expected: u64, found: u64 },
    #[error("own event carries epoch {found}, the journal's epoch is {expected}")]
    Epoch { expected: Uuid, found: Uuid },
    #[error("an event of unit {found} cannot be an own entry in the journal of {expected}")]
    NotOwn { expected: String, found: String },
    #[error("an event of {unit}, whose journal this is, cannot be a received entry; append as own")]
    NotReceived { unit: String },
    #[error("delivery to {to} carries link number {found}, the line to it expects {expected}")]
    Link {
        to: String,
        expected: u64,
        found: u64,
    },
    #[error("delivery to {to} names event {event}, which the journal does not hold")]
    UnknownDelivery { to: String, event: Uuid },
    #[error("{what} takes {bytes} bytes, at most {most} can be kept safely; split it")]
    TooLarge {
        what: &'static str,
        bytes: usize,
        most: usize,
    },
    #[error("{what} {name:?} must have 1 to 255 bytes and no NUL")]
    Name { what: &'static str, name: String },
    #[error("the bytes to be appended are not an event: {0}")]
    Event(#[from] EventError),
    #[error("the journal could not be read to check the group: {0}")]
    Read(#[from] ReadError),
    #[error(
        "the journal was restored from a backup and may have written more than it holds: ask its \
         peers for its later events first (`recovered` or `begin_epoch`)"
    )]
    Restored,
    #[error("the journal was not restored, or is recovered already: append instead of taking back")]
    NotRestored,
    #[error("the journal is closed")]
    Closed,
}
