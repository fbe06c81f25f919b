//! Backing a journal up while it goes on: one file with everything that one moment held.
//!
//! In it: all entries with their signatures and deliveries, received positions, notes, quarantine,
//! all of the same moment. Not in it: cursors, which are places in what others hold and went on
//! meanwhile (a host without one begins anew), and the keys of personal data. Those are no part of
//! a journal and are backed up apart, where erasing a key reaches its copies.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::iter;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use envelope::KeyRegister;
use envelope::tree::Hash;
use uuid::Uuid;

use crate::entry;
use crate::frozen::Frozen;
use crate::journal::Journal;
use crate::trees::{ReadError, contained};

pub(crate) mod content;
pub(crate) mod format;
mod reading;

pub use reading::{backup_entries, verify_backup};

/// What a sound backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupReport {
    pub unit: String,
    /// The epoch in which own events were numbered.
    pub epoch: Uuid,
    /// Number of entries, own and received.
    pub entries: u64,
    /// Last own sequence of the epoch; 0 before its first.
    pub sequence: u64,
    /// RFC 6962 root over the exact bytes of the entries.
    pub root: Hash,
    pub notes: u64,
    pub quarantined: u64,
    /// Length of the file.
    pub bytes: u64,
    /// Over the whole file, as `sha256sum` says it.
    pub sha256: [u8; 32],
    /// Whether every signature was verified, or no keys were given.
    pub signatures: bool,
}

/// Why there is no backup, or why it must not be relied on.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("a backup of this journal is being made already: wait until it is done")]
    Running,
    #[error("{path} is there already: name a new file, or move the old one away")]
    Exists { path: PathBuf },
    #[error("{path} is being written by another backup: wait until it is done")]
    InUse { path: PathBuf },
    #[error("{what} {path} failed: {source}; there is no backup")]
    Files {
        what: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the journal cannot be backed up: {0}")]
    Read(#[from] ReadError),
    #[error("backup {path} is damaged or none, at its {section}: {what}; use another one")]
    Damaged {
        path: PathBuf,
        /// In which part of the file.
        section: &'static str,
        what: String,
    },
}

/// A record of the journal that could not be read, or of the file that could not be written.
enum Stopped {
    Read(ReadError),
    Written(io::Error),
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Stopped::Written(error)
    }
}

impl From<ReadError> for Stopped {
    fn from(error: ReadError) -> Self {
        Stopped::Read(error)
    }
}

impl Journal {
    /// Writes everything durable at this moment into the new file `to`, while appending goes on.
    /// It bears another name until it is durable and was read back as a whole, with `keys`
    /// including every signature. Blocks as long as that takes; notes that are replaced meanwhile
    /// are kept in memory.
    ///
    /// # Errors
    /// [`BackupError`]; nothing is left under the name `to`.
    pub fn backup(
        &self,
        to: &Path,
        keys: Option<&KeyRegister>,
    ) -> Result<BackupReport, BackupError> {
        let frozen = Frozen::now(self).ok_or(BackupError::Running)?;
        if to.try_exists().map_err(files("looking for", to))? {
            return Err(BackupError::Exists {
                path: to.to_owned(),
            });
        }
        let (partial, file, claim) = claim(to)?;
        let made = match write(&frozen, file) {
            Ok(()) => verify_backup(&partial, keys),
            Err(Stopped::Read(error)) => Err(error.into()),
            Err(Stopped::Written(error)) => Err(files("writing", &partial)(error)),
        };
        let made = made.and_then(|report| {
            fs::rename(&partial, to).map_err(files("renaming", &partial))?;
            sync_directory(to)?;
            Ok(report)
        });
        if made.is_err() {
            // What is left of it bears a name that says so; a full disk is the usual reason.
            let _ = fs::remove_file(&partial);
        }
        drop(claim);
        made
    }
}

/// Where a backup is written before it bears its name, emptied and locked against others.
fn claim(to: &Path) -> Result<(PathBuf, File, File), BackupError> {
    let no_name = || files("naming", to)(io::ErrorKind::InvalidFilename.into());
    let mut name = to.file_name().ok_or_else(no_name)?.to_owned();
    name.push(".partial");
    let partial = to.with_file_name(name);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&partial)
        .map_err(files("creating", &partial))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(BackupError::InUse { path: partial }),
        Err(TryLockError::Error(source)) => return Err(files("locking", &partial)(source)),
    }
    file.set_len(0).map_err(files("emptying", &partial))?;
    let lock = file.try_clone().map_err(files("locking", &partial))?;
    Ok((partial, file, lock))
}

fn write(frozen: &Frozen, file: File) -> Result<(), Stopped> {
    let journal = &frozen.journal;
    let mut out = format::Writer::new(file)?;
    let sound = |record| Ok::<_, Stopped>(record);
    out.section(format::HEAD, iter::once(sound(content::write_head(frozen))))?;
    let epochs = frozen.epochs.iter().map(|epoch| sound(epoch.write()));
    out.section(format::EPOCHS, epochs)?;
    let mut due = 0..frozen.head.entries;
    let entries = journal.scan(0).map_while(|entry| {
        due.next()?;
        Some(match entry {
            Ok(entry) => sound(entry::write_entry(
                &entry.origin,
                &entry.signed,
                &entry.deliveries,
            )),
            Err(error) => Err(error.into()),
        })
    });
    out.section(format::ENTRIES, entries)?;
    let received = content::write_received(&frozen.received);
    out.section(format::RECEIVED, received.into_iter().map(sound))?;
    out.section(format::NOTES, notes(frozen))?;
    out.section(format::QUARANTINE, quarantine(frozen))?;
    out.finish()?;
    Ok(())
}

fn notes(frozen: &Frozen) -> impl Iterator<Item = Result<Vec<u8>, Stopped>> + '_ {
    let mut after = None;
    let mut more = true;
    let pages = iter::from_fn(move || {
        if !more {
            return None;
        }
        let page = frozen.notes(after.take());
        more = matches!(&page, Ok((_, Some(_))));
        Some(match page {
            Ok((notes, end)) => {
                after = end;
                let record = |(key, value): (Vec<u8>, Vec<u8>)| content::write_note(&key, &value);
                notes.into_iter().map(|note| Ok(record(note))).collect()
            }
            Err(error) => vec![Err(error.into())],
        })
    });
    pages.flatten()
}

/// The records as they are kept, in order of number; a missing one shows when the backup is read.
fn quarantine(frozen: &Frozen) -> impl Iterator<Item = Result<Vec<u8>, Stopped>> + '_ {
    let tree = &frozen.journal.trees().quarantine;
    (0..frozen.quarantined).map(|number| {
        let what = format_args!("quarantine {number}");
        contained(what, || tree.get(number.to_be_bytes()))?
            .map(|record| record.to_vec())
            .ok_or_else(|| ReadError::damaged(what).into())
    })
}

/// A file whose name is not on the disk is lost with its content.
fn sync_directory(of: &Path) -> Result<(), BackupError> {
    let parent = of.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    File::open(parent)
        .and_then(|dir| dir.sync_all())
        .map_err(files("syncing", parent))
}

fn files<'a>(what: &'static str, path: &'a Path) -> impl Fn(io::Error) -> BackupError + use<'a> {
    move |source| BackupError::Files {
        what,
        path: path.to_owned(),
        source,
    }
}
