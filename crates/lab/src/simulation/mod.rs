//! A whole province in one process, under a seeded scheduler in virtual time.
//!
//! Units, their journals, outflow and inflow, and the projector are those of the services. What is
//! simulated is what lies between and under them: the broker, the lines, the disks, the clocks, the
//! people who ask. Where to start reading: [`play`], then `world`.

mod agenda;
mod broker;
mod callers;
mod carrying;
mod chance;
mod deeds;
mod desk;
mod disk;
mod faults;
mod flaw;
pub mod floor;
mod happening;
mod level;
mod look;
mod machine;
mod mail;
mod network;
mod officers;
mod post;
mod reader;
mod recovering;
mod rest;
mod run;
mod stream;
mod striking;
mod town;
mod world;

pub use faults::{FAULTS, Fault};
pub use flaw::Flaw;
pub use floor::run;
pub use run::{Plan, Shown, play};
