//! How far publishing and receiving have come: what an operator is told about a line.

use std::time::Duration;

use uuid::Uuid;

/// How far one journal is published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboxStatus {
    /// Entries that the broker has confirmed wholly.
    pub published: u64,
    /// Entries of the journal.
    pub size: u64,
    /// How long the oldest entry that is not wholly published has waited; never less than it has.
    pub oldest_waits: Option<Duration>,
    /// True while a backlog is worked off at the bounded rate.
    pub draining: bool,
}

/// How far one receiver has come on every line that it knows of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboxStatus {
    /// One for each line, in order of origin and epoch.
    pub lines: Vec<LineStatus>,
    /// The longest time that any line has missed something known to exist.
    pub oldest_missing: Option<Duration>,
    /// How often the broker's consumer was found silent and was rebuilt, since the start.
    pub rebuilds: u64,
}

/// How far one line has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineStatus {
    /// The unit that numbers.
    pub origin: String,
    /// The epoch of its journal, for numberings that start again with each.
    pub epoch: Option<Uuid>,
    /// The last number that is on disk here with all before it.
    pub received: u64,
    /// The highest number known to exist.
    pub known: u64,
    /// Numbers known to exist that have not come.
    pub missing: u64,
    /// Messages that came early and wait for the missing ones.
    pub parked: u64,
    /// For how long something has been missing.
    pub missing_for: Option<Duration>,
    /// How long ago the origin was last heard; never, when not since the start.
    pub heard_ago: Option<Duration>,
}
