//! Messages to the national public service portal (Cổng Dịch vụ công quốc gia), out of signed
//! events.
//!
//! **What it is.** A reader of every unit's events that tells the portal of each dossier
//! (`DongBoHoSoMC`) and of each thing done with it (`CapNhatTienDoHoSoMC`): pure functions make the
//! messages, and an outbox with a journal of its own sees that they arrive.
//!
//! **What it does not do, and who does.** It decides nothing, writes no events and has no say over a
//! dossier (`unit` has). It has no keys: who applies is sealed in the events, so the personal fields,
//! which the portal does not require in `DongBoHoSoMC`, stay empty. It takes nothing from the portal.
//!
//! **What it promises.**
//! * The status is the true one (`status`): a dossier that waits for its citizen is never told as
//!   finished.
//! * What breaks the published field rules is never sent ([`check`]); what is refused for its content
//!   is set aside with the reason, listed, and not sent again unchanged.
//! * A message is on disk before it is sent, counts as delivered only after the portal's "0" or "00",
//!   and until then is sent again with the same content ([`mod@line`], `outbox`).
//! * The rows of one dossier go in causal order, each once; one dossier that fails delays no other.
//! * How much waits, since when and why can be asked at any time (`health`).
//!
//! What happens when a row arrives and its answer is lost is up to the portal: the published lists
//! know no identity of a row. Rows are sent again in the same words, and no two rows of a dossier are
//! alike, so that a portal that takes equal rows for one row has each once.
//!
//! **Where to start reading.** `dossier_message` and `progress` are what is said, [`check`] the
//! rules for it; [`mod@line`] is the course of one dossier's messages. [`run`] draws the tasks.

pub mod call;
pub mod check;
mod client;
mod clock;
pub mod config;
mod dossier_message;
mod health;
mod intake;
pub mod line;
pub mod names;
mod outbox;
pub mod partner;
mod progress;
pub mod run;
mod status;
mod store;
pub mod story;
pub mod time;
mod wording;
