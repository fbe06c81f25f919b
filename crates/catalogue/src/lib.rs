//! Registers of units and procedures: who takes what in, how long it may take, and which units a
//! dossier passes through.
//!
//! **What it is.** A reader of registers that people edit (tables of procedures with the days on which
//! each row holds, a table of limits by channel and case, one of how long dossiers are kept, a file for each route of more than one step,
//! the units of a profile), and the answer to one question: what is this procedure at this desk on
//! this day? Routes are written in parts (`land_office`, `district`); the units come from the profile,
//! so the same routes serve another district.
//!
//! **What it does not do.** It decides nothing about a dossier and counts no time: `dossier` and
//! `calendar` do. A running dossier never asks it: what it needs was copied into its reception. Fees are
//! not kept here.
//!
//! **What it promises.** A catalogue that was loaded is whole: no two versions of a code on one day,
//! every repealed code with its successor, every option named, every route walkable and no longer than
//! its promise, its parts adding up where a total is declared; and, on the days that the profile
//! describes, every part played and every field handled by a department. What is wrong is told all at
//! once, with file and line.
//!
//! **Where to start reading.** [`Catalogue::procedure_for`] in [`offer`], then [`mod@unit`].

pub mod catalogue;
mod checks;
pub mod error;
mod limits;
mod nesting;
pub mod offer;
mod period;
mod procedures;
mod retention;
mod routes;
pub mod summary;
mod table;
pub mod unit;
mod units;
mod walk;

pub use catalogue::Catalogue;
pub use error::{CatalogueError, Fault, NotOffered};
pub use nesting::{Nested, check_nesting};
pub use offer::Asked;
pub use summary::Summary;
pub use unit::{Acknowledge, AgencyKind, Department, Level, Role, Unit};
