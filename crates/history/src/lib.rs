//! The events about one dossier, read and folded.
//!
//! **What it is.** Where the law and the paper meet for those who only read: bytes that a unit
//! signed become statements, and a set of statements becomes a dossier, in one canonical order.
//!
//! **What it does not do.** It keeps nothing and decides nothing; it does no input or output. It
//! verifies no signature: whoever took the bytes in did.
//!
//! **What it promises.** The same set gives the same tale, whatever the order of arrival
//! (invariant 6). What this version cannot read is counted, never dropped. What was known at a
//! moment can be told again later: [`as_known`].
//!
//! **Where to start reading.** [`statement`], then [`tale`].

pub mod statement;
pub mod tale;
pub mod timeline;

pub use statement::{Content, Statement, StatementError};
pub use tale::{Cut, Tale, as_known, fold};
pub use timeline::timeline;
