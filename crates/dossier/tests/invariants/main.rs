//! Properties of the fold and of the wire, named by the invariant of the design that they try to
//! break.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unreachable_pub
)]

mod clock;
mod facts;
mod fold;
mod home_facts;
mod intake_facts;
mod once;
mod privacy_facts;
mod wire;
mod world;
