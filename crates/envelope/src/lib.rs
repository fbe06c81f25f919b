//! The exact bytes of an event, and what can be proved about them.
//!
//! **What it is.** An event is a CloudEvents 1.0 JSON text that one unit wrote once. This crate
//! writes such a text, reads it through a borrowed view, signs and verifies it, hashes it into an
//! RFC 6962 tree and proves things about it, states the head of a journal in a signed checkpoint and
//! in a signed note of C2SP form, and seals personal fields so that their key can later be destroyed
//! without touching a hash or a signature.
//!
//! **What it does not do, and who does.** It stores nothing (`journal`, `vault`), sends nothing
//! (`exchange`), and knows nothing of dossiers (`dossier`): `data` is a piece of JSON it carries
//! unread. It reads no clock and draws no chance; instants, ids, nonces and generators are given.
//!
//! **What it promises.** The bytes the origin wrote are never written again: every check is made
//! on them as they are. Reading never panics, whatever the bytes. A signature counts only under a
//! key registered for the unit that the signed bytes name, and only within the limits of that key; what
//! a unit says about its own keys in an event, a register knows once it has verified it. Secrets do not show in `Debug` output
//! and are wiped when dropped.
//!
//! **Where to start reading.** [`event`], then [`sign`] and [`register`]; the others stand on these two.

mod brief;
mod checking;
pub mod checkpoint;
pub mod event;
pub mod moment;
pub mod note;
pub mod proof;
pub mod register;
pub mod seal;
pub mod sign;
pub mod tree;

pub use brief::brief;
pub use checking::{Checking, Refused};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use event::{Draft, EVENT_BYTES_MAX, Event, EventError};
pub use moment::Moment;
pub use note::{NoteError, TreeHead};
pub use proof::ProofError;
pub use register::{KeyFile, KeyFileError, KeyRegister, Limit, Place, PublicKeys};
pub use seal::{DossierKey, Grant, SealError, Sealed, SealingKey};
pub use sign::{KeyId, KeyRing, SignError, Signature, Signed, UnitKey};
