//! The demonstration as its user runs it: the whole quarter with its table and its checks, left alone,
//! killed piece by piece, interrupted, and asked for what cannot be.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unreachable_pub
)]

mod interrupted;
mod killed;
mod refused;
mod run;
mod undisturbed;
