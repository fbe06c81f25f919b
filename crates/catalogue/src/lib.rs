//! Registers of units and procedures: who takes what in, how long it may take, and which units a
//! dossier passes through.
//!
//! **What it is.** A reader of registers that people edit (a table of procedures, a file for each
//! route of more than one step, the units of a profile), and the answer to one question: what is this
//! procedure at this desk? Routes are written in parts (`land_office`, `district`); the units come from
//! the profile, so the same routes serve another district.
//!
//! **What it does not do.** It decides nothing about a dossier and counts no time: `dossier` and
//! `calendar` do. A running dossier never asks it: what it needs was copied into its reception. Fees are
//! not kept here.
//!
//! **What it promises.** A catalogue that was loaded is whole: every code once, every part played,
//! every field handled by a department, every route walkable and, where the units of time can be
//! compared, no longer than the promise. What is wrong is told all at once, with file and line.
//!
//! **Where to start reading.** [`Catalogue::procedure_for`] in [`offer`], then [`unit`].

pub mod catalogue;
pub mod error;
pub mod offer;
mod procedures;
mod routes;
pub mod unit;
mod units;

pub use catalogue::Catalogue;
pub use error::{CatalogueError, Fault, NotOffered};
pub use unit::{Acknowledge, AgencyKind, Department, Level, Role, Unit};
