//! The append-only journal of one unit, on sled 0.34.
//!
//! **What it is.** Everything a unit wrote or was told, in the one order in which the unit learned
//! it, with the indexes, link numbers and Merkle hashes that belong to it. One thread writes; any
//! number of threads read.
//!
//! **What it does not do.** It gives events no meaning (`dossier` decides, `unit` folds), sends
//! nothing (`exchange` tails it), makes no signatures (`envelope` does; a host signs before it
//! appends), and keeps no secrets: a value deleted from sled stays readable in its file, so keys
//! belong in `vault`.
//!
//! **What it promises.**
//! * A [`Receipt`] resolves to `Ok` only after the group has been flushed *and* `fdatasync`ed.
//! * A group is written whole or not at all: entries, link numbers, notes, quarantine, hashes.
//! * Reads show nothing that a power cut could still take back.
//! * Own sequence numbers and the link numbers to each addressee have no gaps.
//! * After a failed write, flush or sync the process ends: a sync that failed once may report
//!   success the second time although the data is gone.
//! * A journal that came back shorter than it had acknowledged refuses to open.
//! * A backup is one moment of the journal, taken while it goes on, and read back before it gets its
//!   name. A restored journal refuses to append until it is told how far it had come, and no pair
//!   of epoch and sequence is ever given out twice.
//! * A repaired journal reproduces the acknowledged root; otherwise the damaged one stays as it is.
//!
//! **Where to start reading.** [`group`] is what goes in, [`entry`] what comes out; then
//! `open.rs` (what can be wrong with the files), `writer.rs` (the one thread), `read.rs`,
//! `verify.rs`, `tiles.rs` (what can be proved to others); `backup.rs`, `restore.rs`, `recovery.rs`
//! and `repair.rs` for the worst day.

mod backup;
mod check;
pub mod entry;
mod epochs;
mod frontier;
mod frozen;
pub mod group;
mod journal;
mod keys;
mod mark;
mod meta;
mod numbers;
mod open;
mod read;
mod record;
mod recovery;
mod repair;
mod restore;
mod scan;
mod shared;
mod state;
mod tiles;
mod trees;
mod verify;
mod writer;

pub use backup::{BackupError, BackupReport, backup_entries, verify_backup};
pub use entry::{Delivery, Entry, Origin, Quarantined};
pub use group::{AppendError, Appended, Group, NewEntry, NewQuarantine, Note, Receipt};
pub use journal::{Head, Journal};
pub use mark::mark_holds;
pub use open::{OpenError, Options};
pub use read::Notes;
pub use recovery::{Known, RecoverError, Restored};
pub use repair::{
    DamagedEntry, Place, RepairError, RepairReport, Repaired, RepairedRow, Replacement, repair,
};
pub use restore::{RestoreError, restore};
pub use scan::Scan;
pub use tiles::{TILE_WIDTH, TreeError};
pub use trees::ReadError;
pub use verify::{Fault, Report};
