//! Keys of personal data, in files beside the journal.
//!
//! **What it is.** Each dossier's personal fields are sealed under a key of their own. A unit's
//! vault keeps these keys, wrapped under the unit's wrapping key, in one file per month:
//!
//! ```text
//! <dir>/wrapping.key           the secret all others are wrapped under
//! <dir>/shards/2024-05.keys    one line per key: its id and the wrapped key
//! ```
//!
//! The journal's database is no place for them: deleted values stay readable in its files, and a
//! key must be destroyable for the data under it to be erasable.
//!
//! **What it does not do, and who does.** It seals and opens no fields and grants no keys to
//! other units (`envelope::seal`). It does not decide when personal data is erased (`dossier`),
//! and does not yet rewrite shards to destroy a key. It makes no backups: whoever backs up
//! `shards` must keep `wrapping.key` elsewhere.
//!
//! **What it promises.** [`Vault::keep`] answers after the key survives a power cut, and a failed
//! write or sync ends the process, because a sync that failed once proves nothing when repeated.
//! A key id never gets a second key. A line cut short by a crash was never acknowledged and is
//! removed at the next start; any other damage is reported with file and line and never passed
//! over. Directories are 0700 and files 0600, and a wrapping key that others can read is refused.
//!
//! **Where to start reading.** [`vault`]: the handle and its one writing thread; then [`shard`]:
//! one month's file; then [`wrapping`].

pub mod error;
pub mod shard;
pub mod vault;
pub mod wrapping;

pub use error::VaultError;
pub use vault::Vault;
