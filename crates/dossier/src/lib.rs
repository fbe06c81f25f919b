//! The one-stop model of Vietnam's administrative procedures (cơ chế một cửa, một cửa liên thông).
//!
//! **What it is.** A dossier, told by facts. Commands are decided and facts folded by pure
//! functions: the same inputs give the same facts, for ever.
//!
//! **What it does not do.** It reads no clock, draws no chance, does no input or output; it has
//! never heard of signatures, files or messages. Those belong to `envelope`, `journal`, `exchange`;
//! the two sides meet in `unit` and in `projector`.
//!
//! **What it promises.** One writer per fact ([`fact::Fact::writer`], [`dossier::Dossier::may_write`]);
//! the original promise is never overwritten ([`promise`]); a performer's word moves nothing but
//! its own turn of its own step ([`step`]); facts of different writers may be heard in any order
//! that keeps each writer's own and puts a dispatch before its answers ([`authority`]); status codes
//! are what they are ([`status`]).
//!
//! **Where to start reading.** [`fact`] lists everything that can happen, [`authority`] who may say
//! it. Then [`intake`] with [`desk`] and [`receive`], and [`step`], which holds its facts and its commands
//! in one place.

pub mod alert;
pub mod alias;
pub mod authority;
pub mod backdating;
pub mod case;
pub mod clock;
mod clockwork;
pub mod desk;
pub mod dossier;
pub mod erase;
pub mod fact;
pub mod group;
pub mod habits;
pub mod ids;
pub mod intake;
pub mod intervention;
pub mod notice;
pub mod obligation;
pub mod opinion;
pub mod outcome;
pub mod oversight;
mod papers;
pub mod payment;
pub mod privacy;
pub mod procedure;
pub mod promise;
pub mod receive;
pub mod recount;
pub mod regime;
pub mod repin;
pub mod route;
mod rules;
pub mod status;
pub mod step;
pub mod supplement;
pub mod wire;
pub mod work;
