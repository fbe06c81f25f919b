//! The handle that everyone holds: appending, cursors, and what is durable.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::thread::{self, JoinHandle};

use envelope::tree::Hash;
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use crate::check::State;
use crate::group::{Group, Receipt};
use crate::open::{self, OpenError, Opened, Options};
use crate::trees::{ReadError, Trees, contained};
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
    /// Last own sequence; 0 before the first.
    pub sequence: u64,
    /// RFC 6962 root over the exact bytes of all entries in journal order.
    pub root: Hash,
    /// Last link number per addressee.
    pub links: BTreeMap<String, u64>,
}

struct Inner {
    shared: Arc<Shared>,
    trees: Trees,
    epoch: Uuid,
    /// Taken when dropping: the writer ends when its last sender is gone.
    sender: Option<mpsc::Sender<Message>>,
    writer: Option<JoinHandle<()>>,
    /// Held as long as the journal is open; the last field, so that it is released last.
    _lock: File,
}

/// What the writer tells the readers.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) unit: String,
    view: RwLock<View>,
    durable: watch::Sender<u64>,
    cursors: Mutex<Cursors>,
}

/// The durable part of the journal.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) head: Head,
    pub(crate) received: BTreeMap<String, u64>,
    pub(crate) quarantined: u64,
    /// Notes being replaced by what is not durable yet, as they were before.
    pub(crate) hidden: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

#[derive(Debug, Default)]
struct Cursors {
    values: BTreeMap<String, Vec<u8>>,
    moved: BTreeMap<String, Vec<u8>>,
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
            epoch,
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
            epoch,
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
        if let Some(sender) = &self.0.sender {
            // If the writer is gone the reply is dropped, and the receipt says so.
            let _ = sender.send(Message::Append(group, reply)).await;
        }
        Receipt(answer)
    }

    /// The unit whose journal this is.
    pub fn unit(&self) -> &str {
        &self.0.shared.unit
    }

    /// The epoch in which own events are numbered.
    pub fn epoch(&self) -> Uuid {
        self.0.epoch
    }

    /// Size, last sequence, root and links of one and the same moment.
    pub fn head(&self) -> Head {
        self.view().head.clone()
    }

    /// Number of durable entries.
    pub fn size(&self) -> u64 {
        self.view().head.entries
    }

    /// Last own sequence; 0 before the first.
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
        self.0.shared.durable.subscribe()
    }

    /// The position last kept under `name`.
    pub fn cursor(&self, name: &str) -> Option<Vec<u8>> {
        self.0.shared.cursors().values.get(name).cloned()
    }

    /// Keeps a small position. It reaches the disk with the next group, or later; a crash may bring
    /// back an earlier one, never one that is ahead of the entries.
    pub fn set_cursor(&self, name: &str, value: Vec<u8>) {
        let mut cursors = self.0.shared.cursors();
        cursors.values.insert(name.to_owned(), value.clone());
        let waiting = !cursors.moved.is_empty();
        cursors.moved.insert(name.to_owned(), value);
        drop(cursors);
        if !waiting && let Some(sender) = &self.0.sender {
            // When the queue is full, the groups in it take the cursor along.
            let _ = sender.try_send(Message::Cursors);
        }
    }

    pub(crate) fn view(&self) -> RwLockReadGuard<'_, View> {
        self.0
            .shared
            .view
            .read()
            .unwrap_or_else(PoisonError::into_inner)
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

impl Shared {
    fn new(trees: &Trees, state: &State, root: Hash) -> Result<Shared, ReadError> {
        let mut values = BTreeMap::new();
        contained(format_args!("the cursors"), || {
            for cursor in &trees.cursors {
                let (name, value) = cursor?;
                values.insert(String::from_utf8_lossy(&name).into_owned(), value.to_vec());
            }
            Ok(())
        })?;
        let head = Head {
            entries: state.entries,
            sequence: state.sequence,
            root,
            links: state.links.clone(),
        };
        Ok(Shared {
            unit: state.unit.clone(),
            view: RwLock::new(View {
                head,
                received: state.received.clone(),
                quarantined: state.quarantined,
                hidden: BTreeMap::new(),
            }),
            durable: watch::Sender::new(state.entries),
            cursors: Mutex::new(Cursors {
                values,
                moved: BTreeMap::new(),
            }),
        })
    }

    /// Keeps the present values of `notes` visible until [`Shared::publish`].
    pub(crate) fn hide(&self, trees: &Trees, notes: Vec<Vec<u8>>) -> Result<(), ReadError> {
        let mut hidden = BTreeMap::new();
        for key in notes {
            let value = contained(format_args!("a note"), || trees.notes.get(&key))?;
            hidden.insert(key, value.map(|value| value.to_vec()));
        }
        self.view
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .hidden = hidden;
        Ok(())
    }

    /// Shows the readers what has become durable.
    pub(crate) fn publish(&self, state: &State, root: Hash) {
        let mut view = self.view.write().unwrap_or_else(PoisonError::into_inner);
        view.head.entries = state.entries;
        view.head.sequence = state.sequence;
        view.head.root = root;
        view.head.links.clone_from(&state.links);
        view.received.clone_from(&state.received);
        view.quarantined = state.quarantined;
        view.hidden.clear();
        drop(view);
        self.durable.send_if_modified(|durable| {
            let grown = *durable != state.entries;
            *durable = state.entries;
            grown
        });
    }

    /// The cursors that moved since this was last asked.
    pub(crate) fn moved_cursors(&self) -> BTreeMap<String, Vec<u8>> {
        std::mem::take(&mut self.cursors().moved)
    }

    fn cursors(&self) -> MutexGuard<'_, Cursors> {
        self.cursors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
