//! Opening a journal: the lock, what a crash may have left behind, and what must be true before
//! anything is appended.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use envelope::tree;
use sled::Db;
use uuid::Uuid;

use crate::group::NAME_BYTES_MAX;
use crate::mark::{Mark, MarkFile};
use crate::meta;
use crate::repair;
use crate::state::State;
use crate::trees::{self, ReadError, Trees, contained};

/// sled spills pages larger than a segment into files that it never syncs. With its default of
/// 512 KiB that begins at values of 16 kB; with 4 MiB, values up to 200 kB stay in the log.
const SEGMENT_BYTES: usize = 4 << 20;

/// A killed predecessor may hold its locks for a moment after it is gone.
const LOCK_TRIES: u32 = 80;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// How to open a journal.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whose journal it is. Fixed at creation; opening for another unit is refused.
    pub unit: String,
    /// The epoch of the journal if it is created now; otherwise unused. Must never have been used.
    pub new_epoch: Uuid,
    /// Memory for sled's pages, in bytes. sled takes up to 2.5 times as much, per journal.
    pub cache_bytes: u64,
    /// How many groups may wait before appending waits.
    pub queue: usize,
}

impl Options {
    /// 16 MiB of cache, so that one process can hold many journals, and a queue of 1,024 groups.
    pub fn new(unit: impl Into<String>, new_epoch: Uuid) -> Self {
        Options {
            unit: unit.into(),
            new_epoch,
            cache_bytes: 16 << 20,
            queue: 1024,
        }
    }
}

/// Why a journal did not open. Nothing has been appended.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("unit name {0:?} must have 1 to 255 bytes and no NUL")]
    Name(String),
    #[error("journal {dir} is open in another process or place; stop that one first")]
    InUse { dir: PathBuf },
    #[error("{what} {path} failed: {source}; the journal was not opened")]
    Files {
        what: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error(
        "storage refused to open journal {dir}: {source}; if disk space is not the reason, restore \
         the journal from a copy and its peers"
    )]
    Storage {
        dir: PathBuf,
        #[source]
        source: ReadError,
    },
    #[error("journal {dir} belongs to unit {found}, not to {expected}")]
    WrongUnit {
        dir: PathBuf,
        expected: String,
        found: String,
    },
    #[error("journal {dir} was written by another version of this software: {found}")]
    WrongLayout { dir: PathBuf, found: String },
    #[error("journal {dir} contradicts itself: {what}; restore it from a copy and its peers")]
    Contradiction { dir: PathBuf, what: String },
    #[error(
        "journal {dir} had acknowledged {promised} entries and now has {found}: entries are lost; \
         restore it from a copy and its peers, do not append to it"
    )]
    Lost {
        dir: PathBuf,
        promised: u64,
        found: u64,
    },
}

/// Everything that is open, before the writer takes over.
pub(crate) struct Opened {
    pub(crate) db: Db,
    pub(crate) trees: Trees,
    pub(crate) state: State,
    pub(crate) mark: MarkFile,
    /// An own handle of sled's log: syncing works per file, whoever wrote.
    pub(crate) log_file: File,
    pub(crate) lock: File,
}

pub(crate) fn open(dir: &Path, options: &Options) -> Result<Opened, OpenError> {
    if options.unit.is_empty() || options.unit.len() > NAME_BYTES_MAX || options.unit.contains('\0')
    {
        return Err(OpenError::Name(options.unit.clone()));
    }
    repair::end_cut_short(dir).map_err(files("ending the repair of", dir))?;
    fs::create_dir_all(dir).map_err(files("creating", dir))?;
    let (lock, db) = storage(dir, options)?;
    let storage = |source| OpenError::Storage {
        dir: dir.to_owned(),
        source,
    };
    let trees = contained(format_args!("the trees"), || Trees::open(&db)).map_err(storage)?;
    let (mark, promised) = MarkFile::open(dir).map_err(files("opening the mark in", dir))?;
    let meta = meta::identify(dir, options, &trees, promised.is_none())?;
    let state = State::load(&trees, options.unit.clone(), meta).map_err(storage)?;
    examine(dir, &trees, &state, promised)?;

    // What a killed predecessor had written but not synced is in the files now and readable, so it
    // is made durable before anyone reads it.
    let log_path = dir.join("db");
    contained(format_args!("the log to flush it"), || db.flush()).map_err(storage)?;
    let log_file = File::open(&log_path).map_err(files("opening", &log_path))?;
    log_file.sync_all().map_err(files("syncing", &log_path))?;
    let root = root(&trees, state.entries).map_err(storage)?;
    mark.write(&Mark {
        entries: state.entries,
        own: state.own,
        root,
    })
    .map_err(files("writing the mark in", dir))?;
    mark.sync().map_err(files("syncing the mark in", dir))?;
    sync_names(dir)?;
    Ok(Opened {
        db,
        trees,
        state,
        mark,
        log_file,
        lock,
    })
}

/// Storage with the lock that comes before it, nothing of it looked at.
pub(crate) fn storage(dir: &Path, options: &Options) -> Result<(File, Db), OpenError> {
    let lock = lock(dir)?;
    remove_snapshots(dir, true)?;
    let db = open_storage(dir, options)?;
    Ok((lock, db))
}

/// Our own lock, because leftovers may only be removed by someone who is alone, and sled locks too
/// late for that.
fn lock(dir: &Path) -> Result<File, OpenError> {
    let path = dir.join("lock");
    let file = File::create(&path).map_err(files("creating", &path))?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
            Err(TryLockError::Error(source)) => return Err(files("locking", &path)(source)),
        }
    }
    Err(OpenError::InUse {
        dir: dir.to_owned(),
    })
}

/// A snapshot is only a shortcut through the log. `*.generating` counts for nothing until it is
/// renamed; the others are removed when sled cannot read them.
fn remove_snapshots(dir: &Path, generating: bool) -> Result<(), OpenError> {
    for file in fs::read_dir(dir).map_err(files("listing", dir))? {
        let file = file.map_err(files("listing", dir))?;
        let name = file.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") == generating {
            tracing::warn!(path = %file.path().display(), "removing a snapshot, the log is read");
            fs::remove_file(file.path()).map_err(files("removing", &file.path()))?;
        }
    }
    Ok(())
}

fn open_storage(dir: &Path, options: &Options) -> Result<Db, OpenError> {
    let config = sled::Config::default()
        .path(dir)
        .cache_capacity(options.cache_bytes)
        .segment_size(SEGMENT_BYTES)
        // The writer flushes; a flush behind its back would only cost.
        .flush_every_ms(None);
    let mut snapshots_removed = false;
    let mut tries = 0;
    loop {
        match contained(format_args!("{}", dir.display()), || config.open()) {
            Ok(db) => return Ok(db),
            Err(error) if is_locked(&error) => {
                tries += 1;
                if tries == LOCK_TRIES {
                    return Err(OpenError::InUse {
                        dir: dir.to_owned(),
                    });
                }
                thread::sleep(LOCK_PAUSE);
            }
            Err(error) if is_corruption(&error) && !snapshots_removed => {
                remove_snapshots(dir, false)?;
                snapshots_removed = true;
            }
            Err(source) => {
                return Err(OpenError::Storage {
                    dir: dir.to_owned(),
                    source,
                });
            }
        }
    }
}

/// sled reports its lock as an error without a kind of its own.
fn is_locked(error: &ReadError) -> bool {
    match error {
        ReadError::Storage {
            source: sled::Error::Io(io),
            ..
        } => io.to_string().contains("could not acquire lock"),
        _ => false,
    }
}

fn is_corruption(error: &ReadError) -> bool {
    matches!(
        error,
        ReadError::Storage {
            source: sled::Error::Corruption { .. },
            ..
        } | ReadError::Panicked { .. }
    )
}

/// The cheap checks: the ends of the trees agree, and nothing acknowledged is missing.
fn examine(
    dir: &Path,
    trees: &Trees,
    state: &State,
    promised: Option<Mark>,
) -> Result<(), OpenError> {
    let storage = |source| OpenError::Storage {
        dir: dir.to_owned(),
        source,
    };
    let contradiction = |what: String| OpenError::Contradiction {
        dir: dir.to_owned(),
        what,
    };
    if let Some(mark) = promised
        && mark.entries > state.entries
    {
        return Err(OpenError::Lost {
            dir: dir.to_owned(),
            promised: mark.entries,
            found: state.entries,
        });
    }
    let hashes = trees::end_of(&trees.hashes, "the tree hashes", 0).map_err(storage)?;
    if hashes != tree::stored_count(state.entries) {
        let (has, due) = (hashes, tree::stored_count(state.entries));
        return Err(contradiction(format!(
            "{has} tree hashes where its entries need {due}"
        )));
    }
    if let Some(mark) = promised {
        if mark.own > state.own {
            let (has, due) = (state.own, mark.own);
            return Err(contradiction(format!(
                "{has} own events, acknowledged {due}"
            )));
        }
        if root(trees, mark.entries).map_err(storage)? != mark.root {
            let entries = mark.entries;
            return Err(contradiction(format!(
                "the root over its first {entries} entries is not the acknowledged one"
            )));
        }
    }
    Ok(())
}

pub(crate) fn root(trees: &Trees, entries: u64) -> Result<tree::Hash, ReadError> {
    tree::root(entries, |position| {
        trees
            .hash(position)?
            .ok_or_else(|| ReadError::damaged(format_args!("tree hash {position}")))
    })
}

/// A file whose name is not on the disk is lost with its content.
pub(crate) fn sync_names(dir: &Path) -> Result<(), OpenError> {
    for name in ["conf", "db"] {
        let path = dir.join(name);
        File::open(&path)
            .and_then(|file| file.sync_all())
            .map_err(files("syncing", &path))?;
    }
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    for path in [dir, parent.unwrap_or(Path::new("."))] {
        File::open(path)
            .and_then(|file| file.sync_all())
            .map_err(files("syncing", path))?;
    }
    Ok(())
}

fn files<'a>(what: &'static str, path: &'a Path) -> impl Fn(io::Error) -> OpenError + use<'a> {
    move |source| OpenError::Files {
        what,
        path: path.to_owned(),
        source,
    }
}
