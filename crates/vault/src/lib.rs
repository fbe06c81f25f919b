//! Keys of personal data, in files beside the journal.
//!
//! **What it is.** Each dossier's personal fields are sealed under a key of their own. A unit's
//! vault keeps these keys, wrapped under the unit's wrapping key, in one file per month:
//!
//! ```text
//! <dir>/wrapping.key           the secret all others are wrapped under
//! <dir>/shards/2024-05.keys    one line per key: its id and the wrapped key
//! <dir>/destroyed.ids          the ids of keys that were destroyed
//! ```
//!
//! The journal's database is no place for them: deleted values stay readable in its files, and a
//! key must be destroyable for the data under it to be erasable.
//!
//! **What it does not do, and who does.** It seals and opens no fields and grants no keys to
//! other units (`envelope::seal`). It does not decide when personal data is erased (`dossier`). It
//! makes no backups: whoever backs up `shards` must keep `wrapping.key` elsewhere.
//!
//! **What a destruction does not reach.** Keys are overwritten in place. A copy of `shards` that
//! somebody made (a backup, a snapshot of the volume), and blocks that a copying file system or a
//! solid-state disk has not given back yet, still hold the key as it was wrapped. They open only with
//! `wrapping.key`: keep copies of `shards` for at most as long as the law gives for a deletion (20
//! days, NĐ 356/2025/NĐ-CP điều 5), and never beside a copy of `wrapping.key`. A vault that is put
//! back from an older copy destroys again what its unit's journal says is destroyed (`unit`).
//!
//! **What it promises.** [`Vault::keep`] answers after the key survives a power cut, and a failed
//! write or sync ends the process, because a sync that failed once proves nothing when repeated.
//! A key id never gets a second key, also after [`Vault::destroy`], and a destruction that was begun
//! is finished at the next start, wherever the power went. A line cut short by a crash was never acknowledged and is
//! removed at the next start; any other damage is reported with file and line and never passed
//! over. Directories are 0700 and files 0600, and a wrapping key that others can read is refused.
//!
//! **Where to start reading.** [`vault`]: the handle and its one writing thread; then [`shard`]:
//! one month's file; then [`graves`], [`wrapping`].

pub mod error;
pub mod graves;
pub mod shard;
pub mod vault;
pub mod wrapping;

pub use error::VaultError;
pub use vault::Vault;
