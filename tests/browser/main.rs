//! The projector's page in a real browser, over a real broker and signed events.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod hall;
mod hostile;
mod page;
