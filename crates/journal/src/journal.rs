//! The handle that everyone holds: appending, cursors, and what is durable.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, RwLockReadGuard, RwLockWriteGuard};
use std::thread::{self, JoinHandle};

use envelope::tree::Hash;
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use crate::group::{Group, Receipt};
use crate::open::{self, OpenError, Opened, Options};
use crate::shared::{Shared, View};
use crate::trees::Trees;
use crate::writer::{Message, Writer};

/// An open journal. Clones share it. When the last clone is dropped, that drop waits until
/// everything already queued is durable, and the directory can be opened again.
#[derive(Clone)]
pub struct Journal(Arc<Inner>);

/// Where the journal stood at one moment; what a checkpoint states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Number of entries, own and received.
    pub entries: u64,
    /// Last own sequence of the present epoch; 0 before its first.
    pub sequence: u64,
    /// RFC 6962 root over the exact bytes of all entries in journal order.
    pub root: Hash,
    /// Last link number per addressee.
    pub links: BTreeMap<String, u64>,
}

struct Inner {
    shared: Arc<Shared>,
    trees: Trees,
    /// Taken when dropping: the writer ends when its last sender is gone.
    sender: Option<mpsc::Sender<Message>>,
    writer: Option<JoinHandle<()>>,
    /// Held as long as the journal is open; the last field, so that it is released last.
    _lock: File,
}

impl Journal {
    /// Opens the journal in `dir`, creating it if there is none. Blocks, up to some seconds when a
    /// predecessor has just been killed.
    ///
    /// # Errors
    /// [`OpenError`] says what is wrong and what to do; nothing has been appended.
    pub fn open(dir: &Path, options: Options) -> Result<Journal, OpenError> {
        let Opened {
            db,
            trees,
            state,
            mark,
            log_file,
            lock,
        } = open::open(dir, &options)?;
        let storage = |source| OpenError::Storage {
            dir: dir.to_owned(),
            source,
        };
        let root = open::root(&trees, state.entries).map_err(storage)?;
        let shared = Arc::new(Shared::new(&trees, &state, root).map_err(storage)?);
        let (sender, queue) = mpsc::channel(options.queue.max(1));
        let writer = Writer {
            db,
            trees: trees.clone(),
            state,
            mark,
            log_file,
            shared: shared.clone(),
        };
        let writer = thread::Builder::new()
            .name(format!("journal {}", options.unit))
            .spawn(move || writer.run(queue))
            .map_err(|source| OpenError::Files {
                what: "starting the writer of",
                path: dir.to_owned(),
                source,
            })?;
        Ok(Journal(Arc::new(Inner {
            shared,
            trees,
            sender: Some(sender),
            writer: Some(writer),
            _lock: lock,
        })))
    }

    /// Hands a group to the writer. Awaiting this waits for room in the queue; once it returns, the
    /// group has its place, so one task's groups stay in order. Awaiting the [`Receipt`] waits
    /// until the group is durable.
    pub async fn append(&self, group: Group) -> Receipt {
        let (reply, answer) = oneshot::channel();
        self.send(Message::Append(group, reply)).await;
        Receipt(answer)
    }

    pub(crate) async fn send(&self, message: Message) {
        if let Some(sender) = &self.0.sender {
            // If the writer is gone the reply is dropped, and who waits for it learns that.
            let _ = sender.send(message).await;
        }
    }

    /// The unit whose journal this is.
    pub fn unit(&self) -> &str {
        &self.0.shared.unit
    }

    /// The epoch in which own events are numbered.
    pub fn epoch(&self) -> Uuid {
        let view = self.view();
        view.epochs.last().map_or(Uuid::nil(), |epoch| epoch.id)
    }

    /// Size, last sequence, root and links of one and the same moment.
    pub fn head(&self) -> Head {
        self.view().head.clone()
    }

    /// Number of durable entries.
    pub fn size(&self) -> u64 {
        self.view().head.entries
    }

    /// Last own sequence of the present epoch; 0 before its first.
    pub fn last_sequence(&self) -> u64 {
        self.view().head.sequence
    }

    /// RFC 6962 root over the exact bytes of all entries in journal order.
    pub fn root(&self) -> Hash {
        self.view().head.root
    }

    /// Number of the last event for `to`; 0 before the first.
    pub fn last_link(&self, to: &str) -> u64 {
        self.view().head.links.get(to).copied().unwrap_or_default()
    }

    /// Last link number per addressee.
    pub fn links(&self) -> BTreeMap<String, u64> {
        self.view().head.links.clone()
    }

    /// The last `received` position written for `from`; 0 before the first.
    pub fn received_position(&self, from: &str) -> u64 {
        self.view().received.get(from).copied().unwrap_or_default()
    }

    /// The number of durable entries, to be awaited by whoever tails the journal.
    pub fn durable(&self) -> watch::Receiver<u64> {
        self.0.shared.durable()
    }

    /// The position last kept under `name`.
    pub fn cursor(&self, name: &str) -> Option<Vec<u8>> {
        self.0.shared.cursor(name)
    }

    /// Keeps a small position. It reaches the disk with the next group, or later; a crash may bring
    /// back an earlier one, never one that is ahead of the entries.
    pub fn set_cursor(&self, name: &str, value: Vec<u8>) {
        let waiting = self.0.shared.move_cursor(name, value);
        if !waiting && let Some(sender) = &self.0.sender {
            // When the queue is full, the groups in it take the cursor along.
            let _ = sender.try_send(Message::Cursors);
        }
    }

    pub(crate) fn view(&self) -> RwLockReadGuard<'_, View> {
        self.0.shared.view()
    }

    pub(crate) fn view_mut(&self) -> RwLockWriteGuard<'_, View> {
        self.0.shared.view_mut()
    }

    pub(crate) fn trees(&self) -> &Trees {
        &self.0.trees
    }
}

/// sled's own would print every value.
impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal")
            .field("unit", &self.unit())
            .field("epoch", &self.epoch())
            .field("entries", &self.size())
            .finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        drop(self.sender.take());
        if let Some(writer) = self.writer.take() {
            // The writer ends the process itself if it fails, so there is nothing to hear from it.
            let _ = writer.join();
        }
    }
}
