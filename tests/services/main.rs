//! The services as real processes over a real broker: what they promise is held against kills, lost
//! stores, cut lines, full disks, damaged files and people who write nonsense.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unreachable_pub
)]

mod at_once;
mod audited;
mod back_dated;
mod bad_input;
mod broker_lost;
mod busy;
mod calendar_change;
mod damage;
mod discovery;
mod erased;
mod foreign_software;
mod forged;
mod full_disk;
mod keys;
mod killed;
mod permissions;
mod privacy;
mod quarantine;
mod restored;
mod roles;
mod route;
mod saturday;
mod site;
mod transparency;
mod vaults;
