//! Forms as they are filled from what was said about dossiers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod filled;
mod held;
mod hostile;
mod pattern;
mod sample;
mod that_day;
