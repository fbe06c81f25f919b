//! The handle on a vault, and the one thread that writes to it.
//!
//! ```text
//! keep() ─────▶ queue of 1,024 ──▶ vault writer ──▶ shards/*.keys
//! destroy() ──▶ (full: waits)      up to 256 keys, one write and one fdatasync a month's file
//!   ▲                                   │
//!   └───────────── answers ◀────────────┘
//! find() ─────────── index of a few months ──▶ one line read and unwrapped
//! ```
//!
//! The thread ends when the last handle is dropped and the queue is empty.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use envelope::DossierKey;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::error::{VaultError, file, stop};
use crate::graves::Graves;
use crate::shard::{self, LINE_BYTES, Shard};
use crate::wrapping::Wrapping;

/// Keys waiting to be written; beyond, callers wait.
const QUEUE: usize = 1_024;
/// Keys written under one sync; more would only lengthen the wait of the first.
const GROUP_MAX: usize = 256;
/// Months whose index is held: the running one, and those that open dossiers come from.
const MONTHS_HELD: usize = 6;

/// A unit's vault; clones are handles on the same one. Dropping the last handle waits for the
/// keys that are already queued.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    shelf: Arc<Shelf>,
    queue: Option<mpsc::Sender<Request>>,
    writer: Option<JoinHandle<()>>,
}

/// What writer and readers share.
struct Shelf {
    dir: PathBuf,
    shards: PathBuf,
    wrapping: Wrapping,
    state: Mutex<State>,
}

struct State {
    /// Most recently used last.
    months: Vec<Shard>,
    graves: Graves,
}

struct Request {
    id: Uuid,
    /// The key to keep; none to destroy the one that is kept.
    key: Option<DossierKey>,
    answer: oneshot::Sender<Result<(), VaultError>>,
}

impl Vault {
    /// Opens the vault in `dir`, creating it with a new wrapping key when there is none, removes
    /// lines that a crash cut short and finishes destroying what was to be. Blocks on the disk.
    ///
    /// # Errors
    /// Another process holds the vault; the wrapping key is missing, malformed or readable by
    /// others; a shard has lost its line structure at its end; or the files cannot be used.
    pub fn open(dir: &Path) -> Result<Vault, VaultError> {
        let wrapping = Wrapping::open(dir)?;
        let shards = dir.join("shards");
        for month in months_in(&shards)? {
            shard::settle(&month, LINE_BYTES as u64)?;
        }
        let graves = Graves::open(dir, &shards)?;
        let shelf = Arc::new(Shelf {
            dir: dir.to_owned(),
            shards,
            wrapping,
            state: Mutex::new(State {
                months: Vec::new(),
                graves,
            }),
        });
        let (queue, requests) = mpsc::channel(QUEUE);
        let for_writer = Arc::clone(&shelf);
        let writer = thread::Builder::new()
            .name("vault writer".into())
            .spawn(move || for_writer.write_groups(requests))
            .map_err(file("start the writer of", dir))?;
        Ok(Vault(Arc::new(Inner {
            shelf,
            queue: Some(queue),
            writer: Some(writer),
        })))
    }

    /// Keeps a key; answers when it survives a power cut. Keeping the same key again is no error.
    ///
    /// # Errors
    /// [`VaultError::NotV7`], [`VaultError::Taken`] when the id has another key,
    /// [`VaultError::Destroyed`] when it had one, damage in that month's file, or a file that cannot
    /// be opened. A failed write or sync ends the process.
    pub async fn keep(&self, key_id: Uuid, key: DossierKey) -> Result<(), VaultError> {
        self.ask(key_id, Some(key)).await
    }

    /// Destroys a key; answers when that survives a power cut. From then on the id is never found and
    /// gets no other key, also where this vault never kept one. Destroying again is no error.
    ///
    /// # Errors
    /// [`VaultError::NotV7`], damage in that month's file, or a file that cannot be opened: the key is
    /// given to nobody all the same, and the next start finishes. A failed write ends the process.
    pub async fn destroy(&self, key_id: Uuid) -> Result<(), VaultError> {
        self.ask(key_id, None).await
    }

    /// Whether a key was destroyed here, or is being.
    pub fn has_destroyed(&self, key_id: Uuid) -> bool {
        self.0.shelf.state().graves.hold(key_id)
    }

    async fn ask(&self, key_id: Uuid, key: Option<DossierKey>) -> Result<(), VaultError> {
        let closed = || VaultError::Closed {
            dir: self.0.shelf.dir.clone(),
        };
        let queue = self.0.queue.as_ref().ok_or_else(closed)?;
        let (answer, answered) = oneshot::channel();
        queue
            .send(Request {
                id: key_id,
                key,
                answer,
            })
            .await
            .map_err(|_| closed())?;
        answered.await.map_err(|_| closed())?
    }

    /// The key with this id, `None` when the vault never kept one or destroyed it. Blocks on the disk: one line,
    /// or a month's file when its index is not held.
    ///
    /// # Errors
    /// [`VaultError::NotV7`], or damage in that month's file.
    pub fn find(&self, key_id: Uuid) -> Result<Option<DossierKey>, VaultError> {
        let shelf = &self.0.shelf;
        let path = shard::path_of(&shelf.shards, key_id)?;
        let mut state = shelf.state();
        if state.graves.hold(key_id) {
            return Ok(None);
        }
        match month(&mut state.months, &path)? {
            Some(shard) => shelf.unwrap(shard, key_id),
            None => Ok(None),
        }
    }

    /// Opens every kept key and counts them, for an operator who wants to know of damage before
    /// a citizen does. Blocks on the disk for the whole vault.
    ///
    /// # Errors
    /// The first damage found, with file and line.
    pub fn check(&self) -> Result<u64, VaultError> {
        let shelf = &self.0.shelf;
        let mut keys = 0;
        for path in months_in(&shelf.shards)? {
            let Some(shard) = Shard::open(&path)? else {
                continue;
            };
            for id in shard.lines.keys() {
                if !self.has_destroyed(*id) {
                    shelf.unwrap(&shard, *id)?;
                    keys += 1;
                }
            }
        }
        Ok(keys)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("dir", &self.0.shelf.dir)
            .finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!(dir = %self.shelf.dir.display(), "the vault writer had panicked");
        }
    }
}

/// The lines one group adds to one month's file.
struct Addition {
    file: Arc<File>,
    from: u64,
    text: String,
    ids: Vec<Uuid>,
}

impl Shelf {
    fn write_groups(&self, mut requests: mpsc::Receiver<Request>) {
        let mut group = Vec::with_capacity(GROUP_MAX);
        while requests.blocking_recv_many(&mut group, GROUP_MAX) > 0 {
            self.write_group(&mut group);
        }
    }

    fn write_group(&self, group: &mut Vec<Request>) {
        let mut additions = BTreeMap::new();
        let mut new = BTreeMap::new();
        let mut answers = Vec::with_capacity(group.len());
        // What is destroyed comes first: a key that waits behind it finds its id taken for ever.
        group.sort_by_key(|request| request.key.is_some());
        for request in group.drain(..) {
            let result = match request.key {
                Some(key) => self.prepare(request.id, key, &mut new, &mut additions),
                None => self.destroy(request.id),
            };
            answers.push((request.answer, result));
        }
        for (path, addition) in &additions {
            let written = addition
                .file
                .write_all_at(addition.text.as_bytes(), addition.from * LINE_BYTES as u64)
                .and_then(|()| addition.file.sync_data());
            if let Err(error) = written {
                stop(path, &error);
            }
        }
        self.index(additions);
        for (answer, result) in answers {
            // A caller that went away does not need the answer; its key is kept all the same.
            let _ = answer.send(result);
        }
    }

    /// Notes that a key is destroyed and writes over it. Only the second can be left to the next start.
    fn destroy(&self, id: Uuid) -> Result<(), VaultError> {
        let path = shard::path_of(&self.shards, id)?;
        let mut state = self.state();
        state.graves.add(id);
        let Some(shard) = month(&mut state.months, &path)? else {
            return Ok(());
        };
        if let Err(error) = shard.blank(id) {
            stop(&path, &error);
        }
        Ok(())
    }

    /// Adds the key's line to its month's addition, unless the vault or this group has the id.
    fn prepare(
        &self,
        id: Uuid,
        key: DossierKey,
        new: &mut BTreeMap<Uuid, DossierKey>,
        additions: &mut BTreeMap<PathBuf, Addition>,
    ) -> Result<(), VaultError> {
        let path = shard::path_of(&self.shards, id)?;
        let mut state = self.state();
        if state.graves.hold(id) {
            return Err(VaultError::Destroyed { key: id });
        }
        if !state.months.iter().any(|shard| shard.path == path) {
            shard::create(&path)?;
        }
        let gone = || file("find again", &path)(ErrorKind::NotFound.into());
        let shard = month(&mut state.months, &path)?.ok_or_else(gone)?;
        let known = match new.get(&id) {
            Some(key) => Some(key.clone()),
            None => self.unwrap(shard, id)?,
        };
        match known {
            Some(known) if known == key => return Ok(()),
            Some(_) => return Err(VaultError::Taken { key: id }),
            None => {}
        }
        let wrapped = self.wrapping.wrap(id, &key);
        let wrapped = wrapped.ok_or_else(|| shard.damaged(id, "could not be wrapped"))?;
        let addition = additions.entry(path).or_insert_with(|| Addition {
            file: Arc::clone(&shard.file),
            from: shard.count,
            text: String::new(),
            ids: Vec::new(),
        });
        addition.text.push_str(&shard::line(id, &wrapped));
        addition.ids.push(id);
        new.insert(id, key);
        Ok(())
    }

    /// Lets the durable lines be found, where the month's index is held; one that is not will be
    /// read from the file.
    fn index(&self, additions: BTreeMap<PathBuf, Addition>) {
        let mut state = self.state();
        for (path, addition) in additions {
            if let Some(shard) = state.months.iter_mut().find(|shard| shard.path == path) {
                shard.count = addition.from + addition.ids.len() as u64;
                shard
                    .lines
                    .extend(addition.ids.into_iter().zip(addition.from..));
            }
        }
    }

    fn unwrap(&self, shard: &Shard, id: Uuid) -> Result<Option<DossierKey>, VaultError> {
        let Some(wrapped) = shard.wrapped(id)? else {
            return Ok(None);
        };
        match self.wrapping.unwrap(id, &wrapped) {
            Some(key) => Ok(Some(key)),
            None => Err(shard.damaged(id, "does not open under the wrapping key")),
        }
    }

    /// A reader that panicked leaves at worst one month fewer in the list, so it stays usable.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The index of a month, read from its file when it is not held.
fn month<'a>(months: &'a mut Vec<Shard>, path: &Path) -> Result<Option<&'a Shard>, VaultError> {
    let shard = match months.iter().position(|shard| shard.path == path) {
        Some(place) => Some(months.remove(place)),
        None => Shard::open(path)?,
    };
    let Some(shard) = shard else { return Ok(None) };
    if months.len() >= MONTHS_HELD {
        months.remove(0);
    }
    months.push(shard);
    Ok(months.last())
}

fn months_in(shards: &Path) -> Result<Vec<PathBuf>, VaultError> {
    let mut paths = Vec::new();
    for found in std::fs::read_dir(shards).map_err(file("list", shards))? {
        let path = found.map_err(file("list", shards))?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "keys")
        {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests;
