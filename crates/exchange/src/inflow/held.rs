//! What is on its way to the host, and what comes back from it.

use std::fmt;

use bytes::Bytes;
use envelope::{Checkpoint, KeyId, Signature, Signed};
use uuid::Uuid;

use crate::order::Line;

/// Something for the host, in order.
#[derive(Debug)]
pub enum Handed<T> {
    /// The next event of a line.
    Event {
        /// The exact bytes with the signature.
        signed: Signed,
        /// The line.
        line: Line,
        /// Its number there, one more than the last.
        position: u64,
        /// Due back through [`super::Inflow::noted`].
        receipt: Receipt<T>,
    },
    /// Something that cannot be accepted.
    Unfit {
        /// What, and why.
        unfit: Unfit,
        /// Due back through [`super::Inflow::noted`].
        receipt: Receipt<T>,
    },
    /// A unit is alive and its journal stands there; verified.
    Contact(Checkpoint),
}

/// A message that cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// Who sent it, as far as the transport knows; may be empty.
    pub from: String,
    /// The bytes as they came.
    pub bytes: Bytes,
    /// The signature that came with them, if one could be read.
    pub signature: Option<Signature>,
    /// The name of the key that came with them, if one could be read.
    pub key: Option<KeyId>,
    /// The epoch of the line whose number it uses up, on the full feed.
    pub epoch: Option<Uuid>,
    /// The number that it uses up: only when the origin's own journal holds nothing better.
    pub position: Option<u64>,
    /// What is wrong with it.
    pub reason: String,
}

/// What the host owes for one message: word of what became of it.
pub struct Receipt<T> {
    /// The number that is used up, when there is one.
    pub(super) place: Option<(Line, u64)>,
    /// The number of this handing over.
    pub(super) number: u64,
    /// How to tell the broker, when it came from there.
    pub(super) token: Option<T>,
}

impl<T> fmt::Debug for Receipt<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

/// Something that waits: for its turn on the line, or for the host.
#[derive(Debug)]
pub(super) struct Held<T> {
    /// Its number, when handing it over uses that number up.
    pub(super) place: Option<(Line, u64)>,
    pub(super) token: Option<T>,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    Fit(Signed),
    Unfit(Unfit),
    Contact(Checkpoint),
}
