//! The host of a desk: where the law (`dossier`) and the paper (`envelope`, `journal`, `exchange`)
//! meet.
//!
//! **What it is.** Everything that a commune, a district and an agency have in common: commands
//! come in, are decided by the desk's competence, written into the unit's own journal, and only
//! then answered; other units' events are taken in and answered by habit.
//!
//! **What it does not do.** It holds no rule of law and nothing that is particular to a level: the
//! former is `dossier`'s, the latter is said by each implementer of [`desk::Desk`].
//!
//! **What it promises.** It thinks ahead of the disk and speaks only after the disk (`host`).
//! Repeating a command returns its first outcome. A refused command leaves nothing behind
//! ([`core`]), but that the erasure of personal data was refused. Personal data is sealed at the door
//! (`door`); it and its keys are given out only once that is recorded (`asked`), and an order to destroy
//! keys outlives every crash (`shredder`). Memory does not grow with the number
//! of events ([`memory`]).
//!
//! **Where to start reading.** [`desk`] for what a level says, [`core`] for what happens to an
//! input, [`run`] for the tasks of a process.

pub mod alert;
pub mod answer;
mod asked;
pub mod backing_up;
pub mod command;
pub mod config;
pub mod core;
pub mod desk;
mod door;
mod gauge;
pub mod health;
mod host;
pub mod identity;
pub mod keys;
pub mod memory;
pub mod notice;
pub mod officers;
mod pace;
pub mod quarantine;
pub mod reader;
pub mod readings;
pub mod recovery;
pub mod roles;
pub mod run;
mod shredder;
pub mod stamp;
pub mod watch;
pub mod writing;
