//! A machine's disk, and a journal on it that keeps something only when it is told to: the services'
//! own journal in a directory, behind a writer that holds groups back until the sync.
//!
//! What was staged and not synced was never given to the journal, so a power cut loses exactly that.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use anyhow::Context;
use journal::{AppendError, Appended, Group, Journal, Options};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// Memory for the pages of one journal: runs are small, and there are many.
const CACHE_BYTES: u64 = 1 << 20;

/// Where disks are made: in memory, where the system has such a place.
const IN_MEMORY: &str = "/dev/shm";

/// A disk. Clones are the same one.
#[derive(Debug, Clone)]
pub(super) struct Disk(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    dir: TempDir,
    full: AtomicBool,
    /// How often everything on it was lost.
    lost: AtomicU32,
    backups: AtomicU32,
}

impl Disk {
    /// An empty disk.
    ///
    /// # Errors
    /// When no directory can be made for it.
    pub(super) fn new() -> anyhow::Result<Self> {
        let memory = PathBuf::from(IN_MEMORY);
        let place = if memory.is_dir() {
            memory
        } else {
            std::env::temp_dir()
        };
        let dir = TempDir::with_prefix_in("motcua-simulated-", place)
            .context("making a directory for a simulated disk")?;
        Ok(Self(Arc::new(Inner {
            dir,
            full: AtomicBool::new(false),
            lost: AtomicU32::new(0),
            backups: AtomicU32::new(0),
        })))
    }

    /// While it is full, nothing can be kept.
    pub(super) fn full(&self, full: bool) {
        self.0.full.store(full, Ordering::Relaxed);
    }

    fn place(&self) -> PathBuf {
        let lost = self.0.lost.load(Ordering::Relaxed);
        self.0.dir.path().join(format!("journal-{lost}"))
    }

    /// Makes a backup of the journal on it while it is open.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(super) fn back_up(&self, journal: &Journal) -> anyhow::Result<PathBuf> {
        let number = self.0.backups.fetch_add(1, Ordering::Relaxed);
        let to = self.0.dir.path().join(format!("{number}.backup"));
        journal.backup(&to, None)?;
        Ok(to)
    }

    /// The journal on it is lost, and `backup` put in its place.
    ///
    /// # Errors
    /// When the backup cannot be restored.
    pub(super) fn lose(&self, backup: &Path, at: &str) -> anyhow::Result<()> {
        self.0.lost.fetch_add(1, Ordering::Relaxed);
        let (by, reason) = ("cb-99", "Hỏng ổ đĩa");
        journal::restore(backup, &self.place(), at, by, reason)?;
        Ok(())
    }

    /// Opens the journal on it, and gives the writer that alone may write into it.
    ///
    /// # Errors
    /// When it does not open.
    pub(super) fn journal(&self, options: Options) -> anyhow::Result<(Journal, Writer)> {
        let options = Options {
            cache_bytes: CACHE_BYTES,
            ..options
        };
        let journal = Journal::open(&self.place(), options)?;
        let writer = Writer {
            journal: journal.clone(),
            disk: self.clone(),
            staged: Vec::new(),
            waits: Builder::new_current_thread().build()?,
        };
        Ok((journal, writer))
    }
}

/// The full disk kept nothing; whoever wrote on it has to end.
#[derive(Debug)]
pub(super) struct DiskFull;

/// Writes into one journal.
#[derive(Debug)]
pub(super) struct Writer {
    journal: Journal,
    disk: Disk,
    staged: Vec<Group>,
    waits: Runtime,
}

impl Writer {
    /// Takes a group in; it is neither durable nor to be read.
    pub(super) fn stage(&mut self, group: Group) {
        self.staged.push(group);
    }

    /// Makes durable what was staged, and says of each group in its order what became of it.
    ///
    /// # Errors
    /// When the disk is full.
    pub(super) fn sync(&mut self) -> Result<Vec<Result<Appended, AppendError>>, DiskFull> {
        if self.disk.0.full.load(Ordering::Relaxed) {
            return Err(DiskFull);
        }
        let staged = std::mem::take(&mut self.staged);
        Ok(self.waits.block_on(async {
            let mut receipts = Vec::with_capacity(staged.len());
            for group in staged {
                receipts.push(self.journal.append(group).await);
            }
            let mut results = Vec::with_capacity(receipts.len());
            for receipt in receipts {
                results.push(receipt.await);
            }
            results
        }))
    }
}
