//! What can be seen of a province from outside: what callers were answered, what each journal
//! shows, and what each projector says.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

/// A command that was answered as followed, as whoever asked wrote it down. A command that was
/// repeated and answered again stands here again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// The caller's id of the command.
    pub command: Uuid,
    /// Its name, such as `receive`.
    pub name: String,
    /// The unit that answered.
    pub unit: String,
    /// The dossier that it was about, if about one.
    pub dossier: Option<String>,
    /// The epoch of the unit's journal, as answered.
    pub epoch: Uuid,
    /// The unit's last own number, as answered.
    pub sequence: u64,
    /// The events that the command led to at that unit, as answered.
    pub events: Vec<Uuid>,
}

/// One of a unit's own events, as its journal shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnEvent {
    /// The event.
    pub id: Uuid,
    /// The writer's own number.
    pub sequence: u64,
    /// The command or event that led to it.
    pub cause: Option<Uuid>,
    /// SHA-256 of its exact bytes.
    pub hash: [u8; 32],
    /// Whether its writer's registered key signed it.
    pub signed: bool,
}

/// The line from one unit to another, as the sender's journal shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Deliveries in order: number on the line, event.
    pub deliveries: Vec<(u64, Uuid)>,
    /// Numbers `from..=to` that a restore skipped; they carry nothing.
    pub skipped: Vec<(u64, u64)>,
}

/// What one unit's journal shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JournalSeen {
    /// Whose.
    pub unit: String,
    /// Own events of every epoch in their order, the present epoch last.
    pub epochs: Vec<(Uuid, Vec<OwnEvent>)>,
    /// What was given to each addressee.
    pub links: BTreeMap<String, Line>,
    /// Last number of each sender's line up to which everything was received; where it was asked.
    pub received: BTreeMap<String, u64>,
    /// Received events that it holds; none where they were not asked for.
    pub held: Option<BTreeSet<Uuid>>,
    /// How many entries it has, own and received, as it says itself.
    pub entries: u64,
}

/// What one projector says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectorSeen {
    /// Digest of the live state.
    pub live: String,
    /// Digest of the state rebuilt from zero, and of others that must be equal.
    pub rebuilt: Vec<String>,
    /// How far it heard each unit, for each epoch.
    pub positions: BTreeMap<(String, Uuid), u64>,
    /// Events that it holds; none where they were not asked for.
    pub held: Option<BTreeSet<Uuid>>,
    /// Its counts.
    pub tallies: Tallies,
    /// What it could not take as it came: arrivals in quarantine, statements by those who had no right.
    pub refused: u64,
}

/// Counts of dossiers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tallies {
    /// Received.
    pub received: u64,
    /// Ended, in whatever way.
    pub ended: u64,
}

/// Everything that was seen at one moment of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// What callers were answered.
    pub acknowledged: Vec<Acknowledged>,
    /// What these answers add up to.
    pub told: Tallies,
    /// Every unit's journal.
    pub journals: Vec<JournalSeen>,
    /// Every projector.
    pub projectors: Vec<ProjectorSeen>,
    /// Whether all faults are healed and all lines had the time to drain, with no command under way.
    pub at_rest: bool,
}
