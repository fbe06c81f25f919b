//! One moment of a journal, held still for a backup while appending goes on.
//!
//! Entries and quarantine only grow, so their numbers hold them still. Notes change, and a note of
//! later would be a lie: the outcome of a command whose events are not in the backup would have the
//! command, sent again, answered as done. So the writer keeps each note that it replaces meanwhile as
//! it was, in memory, until the backup is made.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use crate::epochs::Epoch;
use crate::journal::{Head, Journal};
use crate::read::Notes;
use crate::trees::{ReadError, contained};

/// Notes read at once.
const PAGE: usize = 256;

/// The durable journal of one moment.
#[derive(Debug)]
pub(crate) struct Frozen {
    pub(crate) journal: Journal,
    pub(crate) head: Head,
    pub(crate) epochs: Arc<Vec<Epoch>>,
    pub(crate) received: BTreeMap<String, u64>,
    pub(crate) quarantined: u64,
}

impl Frozen {
    /// Holds the present moment; `None` when another one is being held.
    pub(crate) fn now(journal: &Journal) -> Option<Frozen> {
        let mut view = journal.view_mut();
        if view.frozen.is_some() {
            return None;
        }
        // What is being replaced just now is not durable yet and belongs to the next moment.
        view.frozen = Some(view.hidden.clone());
        Some(Frozen {
            journal: journal.clone(),
            head: view.head.clone(),
            epochs: view.epochs.clone(),
            received: view.received.clone(),
            quarantined: view.quarantined,
        })
    }

    /// The next notes from `after` on, in order of key, and where the page ends; `None` as the end
    /// when there are no more. A page may be empty although others follow.
    pub(crate) fn notes(
        &self,
        after: Option<Vec<u8>>,
    ) -> Result<(Notes, Option<Vec<u8>>), ReadError> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let range = (from.clone(), Bound::Unbounded);
        let read = contained(format_args!("the notes"), || {
            self.journal
                .trees()
                .notes
                .range::<Vec<u8>, _>(range)
                .take(PAGE)
                .collect::<sled::Result<Vec<_>>>()
        })?;
        let full = read.len() == PAGE;
        let end = read.last().filter(|_| full).map(|(key, _)| key.to_vec());
        let mut notes: BTreeMap<Vec<u8>, Vec<u8>> = read
            .into_iter()
            .map(|(key, value)| (key.to_vec(), value.to_vec()))
            .collect();
        // Looked at after reading: a note is kept as it was before a new value can be read.
        let until = end.clone().map_or(Bound::Unbounded, Bound::Included);
        if let Some(frozen) = &self.journal.view().frozen {
            for (key, value) in frozen.range::<Vec<u8>, _>((from, until)) {
                match value {
                    Some(value) => notes.insert(key.clone(), value.clone()),
                    None => notes.remove(key),
                };
            }
        }
        Ok((notes.into_iter().collect(), end))
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        self.journal.view_mut().frozen = None;
    }
}
