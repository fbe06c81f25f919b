//! The acknowledgement mark: how many entries this journal has ever called durable.
//!
//! When a page near the end of sled's log is damaged, sled takes it for the torn end of a crash and
//! opens without what follows. For a journal that would mean giving out sequence numbers a second
//! time. The mark is written beside sled after every sync and never synced itself, so that it costs
//! no second sync: after a power cut it may be older than the journal, never newer. It is a lower
//! bound, and a journal below it has lost something.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use envelope::tree::{self, Hash};

const NAME: &str = "acknowledged";
const LENGTH: usize = 8 + 8 + 32 + 8;

/// What had been acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) entries: u64,
    /// How many of them are own, over all epochs.
    pub(crate) own: u64,
    /// Root over the first `entries` entries.
    pub(crate) root: Hash,
}

/// Whether the mark beside a journal holds, or there is none. Opening the journal writes it anew, so
/// whoever asks this asks before.
///
/// # Errors
/// What reading it failed with.
pub fn mark_holds(dir: &Path) -> io::Result<bool> {
    match std::fs::read(dir.join(NAME)) {
        Ok(bytes) if bytes.is_empty() => Ok(true),
        Ok(bytes) => Ok(bytes.first_chunk().is_some_and(|b| decode(b).is_some())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

#[derive(Debug)]
pub(crate) struct MarkFile(File);

impl MarkFile {
    /// Opens the mark, and says what it holds; `None` when there is none yet or when it is not
    /// readable (a damaged mark must not close a sound journal).
    pub(crate) fn open(dir: &Path) -> io::Result<(MarkFile, Option<Mark>)> {
        let path = dir.join(NAME);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)?;
        let mut bytes = [0; LENGTH];
        let mark = match file.read_exact_at(&mut bytes, 0) {
            Ok(()) => decode(&bytes),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => None,
            Err(error) => return Err(error),
        };
        if mark.is_none() && file.metadata()?.len() > 0 {
            tracing::warn!(path = %path.display(), "acknowledgement mark unreadable, starting anew");
        }
        Ok((MarkFile(file), mark))
    }

    pub(crate) fn write(&self, mark: &Mark) -> io::Result<()> {
        self.0.write_all_at(&encode(mark), 0)
    }

    pub(crate) fn sync(&self) -> io::Result<()> {
        self.0.sync_all()
    }
}

fn encode(mark: &Mark) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(LENGTH);
    bytes.extend_from_slice(&mark.entries.to_be_bytes());
    bytes.extend_from_slice(&mark.own.to_be_bytes());
    bytes.extend_from_slice(&mark.root);
    let check = tree::leaf_hash(&bytes);
    bytes.extend(check.iter().take(8));
    bytes
}

fn decode(bytes: &[u8; LENGTH]) -> Option<Mark> {
    let (entries, rest) = bytes.split_first_chunk()?;
    let (own, rest) = rest.split_first_chunk()?;
    let (root, _) = rest.split_first_chunk()?;
    let mark = Mark {
        entries: u64::from_be_bytes(*entries),
        own: u64::from_be_bytes(*own),
        root: *root,
    };
    (encode(&mark) == bytes).then_some(mark)
}
