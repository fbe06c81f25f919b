//! Reports about dossiers: what a period held, whose delay it was, and why a date is what it is.
//!
//! **What it is.** Pure functions over folded dossiers (`history::Tale`) as of the end of a period:
//! form II.06a/VPCP/KSTT, the register, the control slip, the progress index of QĐ 766/QĐ-TTg, the
//! division of a dossier's time, the explanation of its due date, and which forms are held. Each
//! becomes plain sheets, and those become a table on a terminal, CSV, JSON, a workbook or a page to
//! print.
//!
//! **What it does not do.** It reads no clock, no file and no network, and holds no personal data: the
//! columns for names and addresses stay empty. It decides nothing: facts are as their writers told
//! them, and where sources disagree on "on time" each meaning has its own name ([`ontime`]).
//!
//! **What it promises.** The same set of statements gives the same report, whatever their order. Every
//! cell of form II.06a names its dossiers, and its identities are checked as sets, not as sums
//! ([`ii06a::Table::check`]). A rate over nothing is none, never 100 %. The parts of a dossier's time
//! add up to the whole ([`delay`]). A report of a closed period, cut at what was recorded then, never
//! changes ([`period::Period::cut`]).
//!
//! **Where to start reading.** [`ontime`], then [`ii06a`] and [`delay`]; [`why`] for a single dossier.

pub mod course;
pub mod delay;
pub mod ended;
pub mod form;
pub mod ii06a;
pub mod index766;
pub mod names;
pub mod ontime;
mod outlook;
pub mod period;
pub mod rates;
pub mod register;
pub mod render;
pub mod scope;
pub mod share;
pub mod sheet;
pub mod slip;
pub mod steps;
pub mod why;

pub use form::{FormId, FormSet, Kind, UnknownForm};
pub use names::Names;
pub use ontime::{Ended, Judged, Open, RuleSet};
pub use period::Period;
pub use share::Share;
pub use sheet::Sheet;
