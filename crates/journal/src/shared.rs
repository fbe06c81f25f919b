//! What the writer tells the readers: the durable part of the journal, and cursors.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use envelope::tree::Hash;
use tokio::sync::watch;

use crate::epochs::Epoch;
use crate::journal::Head;
use crate::recovery::Restored;
use crate::state::State;
use crate::trees::{ReadError, Trees, contained};

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
    pub(crate) hidden: OldNotes,
    /// While a backup is being made: notes that were replaced since it began, as they were then.
    pub(crate) frozen: Option<OldNotes>,
    pub(crate) epochs: Arc<Vec<Epoch>>,
    pub(crate) restored: Option<Restored>,
}

/// Notes as they were before they were replaced; `None` when they were not there.
pub(crate) type OldNotes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

#[derive(Debug, Default)]
struct Cursors {
    values: BTreeMap<String, Vec<u8>>,
    moved: BTreeMap<String, Vec<u8>>,
}

impl Shared {
    pub(crate) fn new(trees: &Trees, state: &State, root: Hash) -> Result<Shared, ReadError> {
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
            sequence: state.sequence(),
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
                frozen: None,
                epochs: state.epochs.clone(),
                restored: state.restored.clone(),
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
        let mut view = self.view_mut();
        if let Some(frozen) = &mut view.frozen {
            for (key, value) in &hidden {
                frozen.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        view.hidden = hidden;
        Ok(())
    }

    /// Shows the readers what has become durable.
    pub(crate) fn publish(&self, state: &State, root: Hash) {
        let mut view = self.view_mut();
        view.head.entries = state.entries;
        view.head.sequence = state.sequence();
        view.head.root = root;
        view.head.links.clone_from(&state.links);
        view.received.clone_from(&state.received);
        view.quarantined = state.quarantined;
        view.epochs.clone_from(&state.epochs);
        view.restored.clone_from(&state.restored);
        view.hidden.clear();
        drop(view);
        self.durable.send_if_modified(|durable| {
            let grown = *durable != state.entries;
            *durable = state.entries;
            grown
        });
    }

    pub(crate) fn view(&self) -> RwLockReadGuard<'_, View> {
        self.view.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn view_mut(&self) -> RwLockWriteGuard<'_, View> {
        self.view.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn durable(&self) -> watch::Receiver<u64> {
        self.durable.subscribe()
    }

    pub(crate) fn cursor(&self, name: &str) -> Option<Vec<u8>> {
        self.cursors().values.get(name).cloned()
    }

    /// Moves a cursor, and says whether another one is waiting to be written already.
    pub(crate) fn move_cursor(&self, name: &str, value: Vec<u8>) -> bool {
        let mut cursors = self.cursors();
        cursors.values.insert(name.to_owned(), value.clone());
        let waiting = !cursors.moved.is_empty();
        cursors.moved.insert(name.to_owned(), value);
        waiting
    }

    /// The cursors that moved since this was last asked.
    pub(crate) fn moved_cursors(&self) -> BTreeMap<String, Vec<u8>> {
        std::mem::take(&mut self.cursors().moved)
    }

    fn cursors(&self) -> MutexGuard<'_, Cursors> {
        self.cursors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
