//! What people look at, in a real browser: the projector's page, over a real broker and signed events,
//! and the forms, on screen and as they are printed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod counter;
mod hall;
mod hostile;
mod page;
#[path = "../../crates/forms/tests/forms/sample.rs"]
mod sample;
mod sheets;
