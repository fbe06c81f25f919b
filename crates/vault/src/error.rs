//! What can go wrong with key files, said to the operator who has to act.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;
use uuid::Uuid;

/// Why the vault could not be opened, or a key not kept or found.
#[derive(Debug, Error)]
pub enum VaultError {
    #[error("could not {attempt} {path}: {source}; check owner, mode and space of the vault")]
    File {
        attempt: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("the vault {dir} is in use by another process: stop that one first")]
    InUse { dir: PathBuf },
    #[error(
        "the wrapping key {path} {fault}: restore the file from its separate backup; \
         do not create a new one, no kept key would open under it"
    )]
    Wrapping { path: PathBuf, fault: &'static str },
    #[error("{path} has mode {mode:o}: others may have read it; set 600 and find out who did")]
    Mode { path: PathBuf, mode: u32 },
    #[error("{path} line {line} {fault}: restore this line from a backup of the vault")]
    Damaged {
        path: PathBuf,
        line: u64,
        fault: &'static str,
    },
    #[error("key id {key} is not a UUIDv7, whose time says in which month's file it belongs")]
    NotV7 { key: Uuid },
    #[error("key id {key} already has another key: draw a new id for a new key")]
    Taken { key: Uuid },
    #[error("key id {key} was destroyed: it gets no key again, in this vault or from any other")]
    Destroyed { key: Uuid },
    #[error("the vault {dir} has shut down and keeps no more keys")]
    Closed { dir: PathBuf },
}

pub(crate) fn file(
    attempt: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> VaultError + use<> {
    let path = path.to_owned();
    move |source| VaultError::File {
        attempt,
        path,
        source,
    }
}

/// Ends the process, because what is on the disk is now unknown and a second sync would not say.
pub(crate) fn stop(path: &Path, error: &impl std::fmt::Display) -> ! {
    tracing::error!(
        path = %path.display(), %error, "keys could not be made durable, stopping: make space or \
         replace the disk, then start again; nothing acknowledged is lost"
    );
    std::process::abort();
}
