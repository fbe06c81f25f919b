//! One event about a dossier, as far as this version can read it.

use calendar::Moment;
use dossier::fact::Fact;
use dossier::ids::{Malformed, UnitId};
use dossier::wire;
use envelope::{Event, EventError};
use uuid::Uuid;

/// What an event says, as far as this version can read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A fact.
    Fact(Fact),
    /// A type this version does not know: kept and counted, never dropped.
    Unknown,
    /// A known type whose data is not what the type promises: kept and counted.
    Unreadable,
}

/// One event about a dossier, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The event's identity.
    pub id: Uuid,
    /// Who wrote it.
    pub unit: UnitId,
    /// The epoch of the writer's journal.
    pub epoch: Uuid,
    /// The writer's own number within the epoch.
    pub sequence: u64,
    /// When it happened.
    pub at: Moment,
    /// When the writer's journal took it in.
    pub recorded: Moment,
    /// Latest events about the dossier that the writer knew.
    pub parents: Vec<Uuid>,
    /// The type name.
    pub kind: String,
    /// Whether it comes from a simulation.
    pub simulated: bool,
    /// What it says.
    pub content: Content,
}

/// Bytes that cannot be a statement of a unit.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// Not an event.
    #[error("reading a journal entry as an event: {0}")]
    Event(#[from] EventError),
    /// Its writer is not named as units are.
    #[error("reading the writer of an event: {0}")]
    Unit(#[from] Malformed),
}

impl Statement {
    /// Reads the exact bytes of an event. Data that cannot be read is no error: see [`Content`].
    ///
    /// # Errors
    /// [`StatementError`] when the envelope itself is not readable.
    pub fn read(bytes: &[u8]) -> Result<Self, StatementError> {
        let event = Event::read(bytes)?;
        let content = match wire::read(event.kind, event.data) {
            Ok(Some(fact)) => Content::Fact(fact),
            Ok(None) => Content::Unknown,
            Err(_) => Content::Unreadable,
        };
        Ok(Self {
            id: event.id,
            unit: UnitId::parse(event.unit)?,
            epoch: event.epoch,
            sequence: event.sequence,
            at: event.time,
            recorded: event.recorded,
            parents: event.parents,
            kind: event.kind.to_owned(),
            simulated: event.simulated,
            content,
        })
    }

    /// The fact, if it is one that this version knows.
    pub fn fact(&self) -> Option<&Fact> {
        match &self.content {
            Content::Fact(fact) => Some(fact),
            Content::Unknown | Content::Unreadable => None,
        }
    }

    /// A writer's own order. Epochs are UUIDv7, so their byte order is the order of their creation.
    pub(crate) fn own_order(&self) -> (&UnitId, Uuid, u64, Uuid) {
        (&self.unit, self.epoch, self.sequence, self.id)
    }
}
