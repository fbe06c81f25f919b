//! Evidence against whoever changes it: bit by bit, entry by entry, and with keys of their own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unreachable_pub
)]

mod bits;
mod exported;
mod forgers;
mod sample;
mod table;
