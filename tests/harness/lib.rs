//! Harness.

pub mod browser;
pub mod given;
pub mod land;
pub mod line;
pub mod process;
pub mod python;
pub mod search;
pub mod secured;
pub mod town;
