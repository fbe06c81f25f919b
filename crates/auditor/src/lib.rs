//! Evidence that is checked at home: who said what and when, and that nothing was removed.
//!
//! **What it is.** Two files and what has to hold in them. A *bundle* ([`bundle`]) is the history of
//! one dossier: the exact events, where each stands in which unit's journal with the proof of it, the
//! signed heads of these journals, the public keys. An *export* ([`export`]) is a whole journal, one
//! entry a line. [`verify`] and [`Exported`] say of each everything that does not hold, and where.
//!
//! **What it does not do, and who does.** It opens no journal, no connection and no file (`motcua
//! audit` does), and does not know what a dossier is: facts are carried unread (`history` folds them).
//! It keeps no register of keys: whoever checks brings the one that they trust.
//!
//! **What it promises.** Every single changed bit of an event, a signature, a place, a proof or a head
//! is found, and the finding names it. No bytes make it panic, and an export is walked in little memory
//! however long it is. What a bundle cannot prove, [`verify`] says: that nothing was said after the
//! heads in it, and what journals hold that are not in it.
//!
//! **Where to start reading.** The description of the format in [`bundle`], then `verify.rs`, which
//! follows it step by step; `tests/python/verify_bundle.py` was written from that description alone.

pub mod bundle;
pub mod export;
mod finding;
mod page;
pub mod table;
mod verify;

pub use bundle::{Asked, Bundle, BundleError, Earlier, Evidence, Head, Place};
pub use export::{Exported, Header, Line};
pub use finding::{Fault, Report, Where};
pub use page::page;
pub use verify::verify;
