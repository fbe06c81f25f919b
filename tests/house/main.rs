//! The house keeps its own rules: what is published is what the code says, crates use only what
//! they may, rooms stay small.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod arrows;
mod asyncapi;
mod by_hand;
mod checker;
mod deploy;
mod examples;
mod files;
mod frozen;
mod published;
mod readme;
mod rooms;
mod samples;
mod schemas;
