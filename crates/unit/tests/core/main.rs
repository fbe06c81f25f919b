//! The core of a unit over a real journal: what it writes, what it refuses, what it remembers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unreachable_pub
)]

mod arrivals;
mod backdating;
mod clerk;
mod commands;
mod health;
mod house;
mod keys;
mod looks;
mod memory;
mod notices;
mod oversight;
mod personal;
mod quarantine;
mod retaking;
mod searching;
