//! A unit whose journal was restored from a backup learns from everyone who can know how far it had
//! come, and takes its later events back, before it writes anything.
//!
//! [`search::Search`] decides without any I/O whom to ask for what, and when enough is known.
//! [`findings::Findings`] holds what came. [`plan::Plan`] is what follows from it. What is done with
//! the plan is in `taking`, and how the questions are carried, in `asking`.

pub(crate) mod asking;
pub mod findings;
pub mod plan;
pub mod search;
pub mod taking;
pub(crate) mod waiting;

pub use waiting::{GoOnWithout, GoneOn};
