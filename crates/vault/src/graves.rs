//! Which keys were destroyed: a list beside the months, written before a key is overwritten.
//!
//! ```text
//! destroy ─▶ 1. its id into destroyed.ids, synced ─▶ 2. dots over the key, synced ─▶ 3. answer
//! ```
//!
//! After 1 the key is given to nobody and the id gets no other, whenever the power goes: the next
//! start does 2 again. The list is never shortened.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::error::{VaultError, file, stop};
use crate::shard;
use crate::wrapping::sync_dir;

/// An id and a newline.
const LINE_BYTES: usize = 37;

/// The list of destroyed keys, open.
pub(crate) struct Graves {
    path: PathBuf,
    file: File,
    /// Lines in the file.
    count: u64,
    ids: BTreeSet<Uuid>,
}

impl Graves {
    /// Opens the list in `dir`, making it where there is none, and finishes in `shards` what a crash
    /// interrupted.
    pub(crate) fn open(dir: &Path, shards: &Path) -> Result<Self, VaultError> {
        let path = dir.join("destroyed.ids");
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(file("open", &path))?;
        sync_dir(dir)?;
        shard::settle(&path, LINE_BYTES as u64)?;
        let bytes = std::fs::read(&path).map_err(file("read", &path))?;
        let mut ids = BTreeSet::new();
        for (number, line) in (0u64..).zip(bytes.chunks_exact(LINE_BYTES)) {
            let id = std::str::from_utf8(line).ok();
            let id = id.and_then(|line| Uuid::try_parse(line.strip_suffix('\n')?).ok());
            ids.insert(id.ok_or_else(|| shard::damaged(&path, number, "is no key id"))?);
        }
        let count = (bytes.len() / LINE_BYTES) as u64;
        let mut months: BTreeMap<PathBuf, Vec<Uuid>> = BTreeMap::new();
        for id in &ids {
            let month = shard::path_of(shards, *id)?;
            months.entry(month).or_default().push(*id);
        }
        for (month, ids) in months {
            shard::finish(&month, &ids)?;
        }
        Ok(Self {
            path,
            file: opened,
            count,
            ids,
        })
    }

    /// Whether the key was destroyed, or is being.
    pub(crate) fn hold(&self, key: Uuid) -> bool {
        self.ids.contains(&key)
    }

    /// Notes that a key is destroyed, durably; a failed write ends the process.
    pub(crate) fn add(&mut self, key: Uuid) {
        if self.ids.contains(&key) {
            return;
        }
        let at = self.count * LINE_BYTES as u64;
        let line = format!("{key}\n");
        let written = self
            .file
            .write_all_at(line.as_bytes(), at)
            .and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            stop(&self.path, &error);
        }
        self.count += 1;
        self.ids.insert(key);
    }
}
