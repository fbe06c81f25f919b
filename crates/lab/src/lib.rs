//! The fault laboratory: what is acknowledged stays, whatever happens short of losing a unit's disk.
//!
//! **What it is.** Two floors on which the same promise is tried. [`simulation`]: a whole province in
//! one process under a seeded scheduler in virtual time. [`processes`]: the real services over real
//! brokers, killed, stopped, cut off, starved of disk and deprived of what they had not synced.
//!
//! **What it does not do, and who does.** It holds no rule of law (`dossier`) and no part of the
//! services; it asks for things as any caller does and writes down what it was answered.
//!
//! **What it promises.** One verifier looks at everything after every step of every run. A failure
//! names its seed and the command that brings it about again.
//!
//! **Where to start reading.** [`seen`] and [`verifier`]: what is held against what; then the floors.

pub mod plan;
pub mod processes;
pub mod record;
pub mod seen;
pub mod simulation;
pub mod verifier;
