//! The law from end to end: real services, a real broker, the projector, the adapter to the portal and
//! the command `motcua`, at a commune of An Giang in invented days of 2026. Time is what commands and
//! the simulated clock say, so every date is fixed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unreachable_pub
)]

mod birth_group;
mod closed_month;
mod forms;
mod month;
mod portal;
mod province;
mod reports;
mod stand_in;
mod time_out;
