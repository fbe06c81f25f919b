//! Exchanging signed events between units over NATS.
//!
//! **What it is.** The outbox publishes a unit's journal, the inbox receives what others sent to
//! it, the feed receives everything for a projector; heads announce where a journal stands, the
//! log service lets others read what they lost, and services answer commands and queries.
//!
//! **What it does not do, and who does.** It gives events no meaning (`dossier`), writes nothing
//! into a journal but its own cursor (`unit` appends what arrives), and makes no events
//! (`envelope`). The broker is transport: nothing here trusts it to keep anything.
//!
//! **What it promises.** What a journal holds reaches its addressees in the order of each line and
//! once, through a broker that is killed, wiped, set back or unreachable for any time
//! (`tests/faults.rs`, `tests/carriage.rs`). Nothing is acknowledged to the broker before the host
//! says that it is on disk; what finds no room is declined and read from its origin. Nothing
//! unverified arrives as an event, and nothing unfit is dropped in silence (`tests/flow.rs`). A unit
//! that is away delays nobody else, and a consumer that falls silent is rebuilt. Every queue is
//! bounded; full ones push back or answer "busy".
//!
//! **Where to start reading.** [`subject`], [`order`], [`outflow`] and [`inflow`] are pure: they
//! decide, under a simulated broker as under a real one. [`outbox`], [`inbox`] and [`feed`] do it.
//! [`broker`] runs a nats-server for demonstrations and tests.

pub mod access;
pub mod backoff;
pub mod broker;
pub mod connect;
pub mod feed;
pub mod head;
pub mod headers;
pub mod inbox;
pub mod inflow;
pub mod log;
pub mod order;
pub mod outbox;
pub mod outflow;
pub mod parcel;
pub mod permissions;
pub mod recall;
mod receive;
pub mod service;
pub mod settings;
pub mod status;
pub mod stop;
pub mod stream;
pub mod subject;

pub use access::Access;
pub use connect::{ConnectError, Connection, Patience, connect, connect_with};
pub use settings::Timing;
pub use stream::StreamSettings;
pub use subject::UnitToken;
