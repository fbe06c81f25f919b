//! Registers that are wrong, each told by file and line in the words that somebody can act on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod registers;
mod routes;
mod texts;
