//! What a unit shows of its journal to anybody, and what it keeps of what others showed.
//!
//! **What it is.** Each journal is served over HTTP as a transparency log that existing clients read
//! (C2SP tlog-tiles: checkpoint, tiles, entries). And the signed head that each peer announced last is
//! kept in a file of its own; the next one counts only when the peer proves that its journal grew
//! out of that.
//!
//! **What it does not do, and who does.** It makes no hashes and no proofs (`envelope`, `journal`),
//! announces and carries nothing (`exchange`), and tells no operator: `unit` and `projector` show what
//! was found. A log that is served is readable by whoever reaches the address; persons are sealed in
//! it.
//!
//! **What it promises.** What is served is immutable but for the checkpoint, and nothing is served that
//! a power cut could take back. A head that contradicts the one kept never takes its place: both are
//! on disk before anything is said about it. A peer that is away or cannot answer is never accused.
//!
//! **Where to start reading.** [`path`] and [`serve`] for the log, [`compare`] for what two heads
//! say about each other, then [`shelf`] and [`watch`].

pub mod bounded;
pub mod compare;
pub mod path;
pub mod serve;
pub mod shelf;
pub mod watch;

pub use compare::{Shown, TwoHistories};
pub use serve::Logs;
pub use watch::{Ear, Findings, Watch};
