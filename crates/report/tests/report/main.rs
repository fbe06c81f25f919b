//! Specifications of the reports, over histories written by the real commands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod closing;
mod delays;
mod explaining;
mod figures;
mod judging;
mod play;
mod properties;
mod published;
mod story;
mod writing;
