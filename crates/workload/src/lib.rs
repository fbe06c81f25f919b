//! An invented quarter of realistic work, and a player who does it: the officers and citizens of a
//! profile.
//!
//! **What it is.** From a seed, the registers and a profile's parameters, [`Workload::new`] draws who comes
//! when with what and how long each piece of work takes. [`Player`] then acts it out against real units: it
//! is shown events, and says what is done next and when. It keeps its own [`Tally`].
//!
//! **What it does not do.** It sends nothing and reads no clock: who drives it does. It does not know the
//! outcomes: a dossier is late because of the pace that was drawn and the calendar, and nowhere does a list
//! say which. It draws no conclusion from a projector, whose figures its tally is there to check.
//!
//! **What it promises.** The same seed, registers and parameters give the same quarter and the same command
//! identities, whatever the order in which events are told. Nobody in it exists: names are made of syllables
//! and numbers begin with zeros. No two draws of different dossiers depend on each other.
//!
//! **Where to start reading.** [`plan`] for what is drawn, [`player`] for how it is played.

pub mod action;
mod arrivals;
mod chance;
mod course;
mod deed;
mod draw;
pub mod error;
mod follow;
mod mix;
mod person;
pub mod plan;
pub mod player;
pub mod settings;
pub mod tally;
pub mod workload;

pub use action::{Action, Answer};
pub use error::WorkloadError;
pub use plan::Plan;
pub use player::Player;
pub use settings::QuarterSettings;
pub use tally::{Counts, Judged, Tally};
pub use workload::Workload;
