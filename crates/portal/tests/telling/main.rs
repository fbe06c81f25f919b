//! What the portal is told, and that it arrives.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unreachable_pub
)]

mod course;
mod delivery;
mod histories;
mod pen;
mod receiver;
mod rules;
mod site;
mod stand_in;
