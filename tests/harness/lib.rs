//! Harness.

pub mod browser;
pub mod given;
pub mod process;
pub mod python;
pub mod town;
