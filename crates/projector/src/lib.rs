//! Current state and on-time figures of all dossiers, out of the set of signed events.
//!
//! **What it is.** A reader of every unit's events. It keeps them in a journal of its own, folds
//! each dossier, counts what ended early, on time and late under several named rules, and answers
//! over NATS and HTTP, with a page for people.
//!
//! **What it does not do, and who does.** It decides nothing and writes no events (`unit` does), and
//! never asks today's calendar or catalogue about a dossier: due dates are in the events. It sends
//! no notices. It sees no personal data: events hold only ciphertext, and it has no keys.
//!
//! **What it promises.**
//! * State and figures are a function of the *set* of events: order of arrival, repetition and
//!   restarts change nothing (invariant 6; `tests/projection`).
//! * An event is acknowledged only when it and the position it brings its origin to are durable, in
//!   one transaction ([`store`], `intake`).
//! * Every answer says how far each origin was heard, and which are out of contact.
//! * A rebuild from zero runs beside the live state and is compared with it at the same size of
//!   the journal ([`projector::Projector::rebuild`]).
//! * What this version cannot read is kept and counted, never dropped.
//!
//! **Where to start reading.** The crate `history` (a set of events becomes a dossier), [`row`] (what
//! is kept of it), [`counters`]; what "on time" means stands in the crate `report`. Then
//! [`projector`], which holds them together, and [`run`], which draws the tasks.

pub mod answer;
pub mod clock;
pub mod closed;
pub mod config;
mod contact;
pub mod counters;
pub mod directory;
pub mod figures;
mod health;
mod http;
mod intake;
mod judgement;
pub mod paging;
pub mod projector;
pub mod quarantine;
pub mod query;
mod rebuild;
pub mod row;
pub mod run;
mod service;
pub mod state;
pub mod store;
pub mod tabulate;
pub mod told;
mod view;

pub use answer::Answer;
pub use projector::Projector;
pub use query::{Query, QueryError, Question};
pub use store::Store;
