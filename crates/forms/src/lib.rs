//! The forms of the one-stop mechanism (biểu mẫu một cửa), filled from events and ready to be printed.
//!
//! **What it is.** The six forms of TT 01/2018/TT-VPCP and the seven of TT 03/2025/TT-VPCP as HTML
//! pages in Vietnamese: what happened, in the words that the citizen and the officer read.
//!
//! **What it does not do.** It decides nothing, keeps nothing and does no input or output: statements,
//! names and persons are given to it, and printing a page is somebody else's. It signs nothing.
//!
//! **What it promises.** A form printed years later is the form of its day: only what was known at the
//! event that gave rise to it enters, and a form that was not in use then is refused. A page brings
//! everything along, runs nothing, and shows whatever people wrote as the text that it is.
//!
//! **Where to start reading.** [`report::form`] for which forms there are, [`occasion`] for what a form
//! knows, then [`receipt`](crate::render()) and its neighbours for what stands on them.

mod control;
pub mod error;
mod letters;
pub mod names;
pub mod occasion;
mod page;
mod qr;
mod receipt;
pub mod register;
mod render;
mod wording;

pub use error::FormError;
pub use names::{Applicant, Names};
pub use occasion::{Available, available};
pub use register::{Entry, register};
pub use render::render;
pub use report::form::{FormId, FormSet, Kind, UnknownForm};
