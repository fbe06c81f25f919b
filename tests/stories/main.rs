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
mod group_cast;

mod alerts;
mod backdating;
mod birth_group;
mod calendar_change;
mod clock;
mod clock_start;
mod death_group;
mod desk;
mod hand_over;
mod late_step;
mod outcome;
mod paper_names;
mod payment;
mod privacy;
mod promise;
mod reception;
mod regime;
mod route;
mod status;
mod step;
mod supplement;
mod time_out;
mod version;
mod waits;
mod writers;
mod writers_table;
