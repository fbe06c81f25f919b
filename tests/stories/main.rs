//! The one-stop rules told as stories: the specification of the crate `dossier`. Each file is one
//! theme; every command is shown done, refused and repeated.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unreachable_pub
)]
// A story is told in the words of its cast; lists of imports would be longer than the stories.
#![allow(clippy::wildcard_imports)]

mod cast;
mod facts;

mod hand_over;
mod outcome;
mod payment;
mod promise;
mod reception;
mod route;
mod status;
mod step;
mod supplement;
mod waits;
mod writers;
