//! Reading a journal that may be damaged anywhere: what is whole, what is not, and what is known of it.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use envelope::tree::{self, Hash};
use envelope::{Event, Signed};
use sled::{Db, IVec, Tree};
use uuid::Uuid;

use super::{RepairError, RepairedRow, Replacement};
use crate::entry::{self, Entry};
use crate::mark::{Mark, MarkFile};
use crate::meta::{self, Meta};
use crate::open::{self, OpenError, Options};
use crate::trees::{self, ReadError, Trees, contained};

/// An entry that cannot be read, and what is known of it from elsewhere in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedEntry {
    /// Place in the journal, from 0.
    pub index: u64,
    /// What is wrong with it.
    pub fault: String,
    /// The id of its event.
    pub id: Option<Uuid>,
    /// Under which number it is known, and to whom.
    pub place: Option<Place>,
    /// RFC 6962 leaf hash of its bytes.
    leaf: Option<Hash>,
}

/// Under which number an event is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Written by the unit as this number of that epoch.
    Own {
        /// The epoch of the unit's numbering.
        epoch: Uuid,
        /// Its number in it, from 1.
        sequence: u64,
    },
    /// Received as this number of the sender's line.
    Received {
        /// Who sent it.
        from: String,
        /// Its number on the line.
        link: u64,
    },
}

impl DamagedEntry {
    /// Whether `signed` can be what the entry held, as far as that is known.
    pub fn fits(&self, signed: &Signed) -> bool {
        let Ok(event) = Event::read(&signed.bytes) else {
            return false;
        };
        let leaf = tree::leaf_hash(&signed.bytes);
        let placed = match &self.place {
            Some(Place::Own { epoch, sequence }) => {
                (event.epoch, event.sequence) == (*epoch, *sequence)
            }
            Some(Place::Received { .. }) | None => true,
        };
        placed
            && self.leaf.is_none_or(|due| due == leaf)
            && self.id.is_none_or(|due| due == event.id)
    }
}

/// A damaged journal, held open.
pub(super) struct Survey {
    dir: PathBuf,
    pub(super) unit: String,
    pub(super) trees: Trees,
    pub(super) meta: Meta,
    pub(super) promised: Mark,
    pub(super) entries: u64,
    pub(super) damaged: Vec<DamagedEntry>,
    _db: Db,
    /// Held until the journal has been exchanged.
    _lock: File,
}

impl Survey {
    pub(super) fn of(dir: &Path, unit: &str) -> Result<Survey, RepairError> {
        let options = Options::new(unit, Uuid::nil());
        let (lock, db) = open::storage(dir, &options)?;
        let storage = |source| OpenError::Storage {
            dir: dir.to_owned(),
            source,
        };
        let trees = contained(format_args!("the trees"), || Trees::open(&db)).map_err(storage)?;
        let meta = meta::identify(dir, &options, &trees, false)?;
        let beyond = |what: &str| RepairError::Beyond {
            dir: dir.to_owned(),
            what: what.to_owned(),
        };
        let mark = MarkFile::open(dir).map_err(super::files("opening the mark in", dir))?;
        let promised = mark.1.ok_or_else(|| beyond("what was acknowledged"))?;
        let entries = match trees::end_of(&trees.log, "the log", 0) {
            // The end is missing without a trace: notes of that time are missing with it.
            Ok(found) if found < promised.entries => {
                return Err(beyond("the end"));
            }
            Ok(found) => found,
            Err(_) => promised.entries,
        };
        let mut survey = Survey {
            dir: dir.to_owned(),
            unit: unit.to_owned(),
            trees,
            meta,
            promised,
            entries,
            damaged: Vec::new(),
            _db: db,
            _lock: lock,
        };
        survey.look();
        Ok(survey)
    }

    fn look(&mut self) {
        for index in 0..self.entries {
            let leaf = self.trees.hash(tree::stored_index(index)).ok().flatten();
            let fault = match self.entry(index) {
                Err(error) => Some(error.to_string()),
                Ok(entry) => Event::read(&entry.signed.bytes)
                    .err()
                    .map(|error| error.to_string())
                    .or_else(|| {
                        let other =
                            leaf.is_some_and(|due| due != tree::leaf_hash(&entry.signed.bytes));
                        other.then(|| "its bytes are not those of its tree hash".to_owned())
                    }),
            };
            if let Some(fault) = fault {
                self.damaged.push(DamagedEntry {
                    index,
                    fault,
                    id: None,
                    place: None,
                    leaf,
                });
            }
        }
        if !self.damaged.is_empty() {
            self.remember();
        }
    }

    /// What the indexes know of the damaged entries.
    fn remember(&mut self) {
        let mut damaged: BTreeMap<u64, &mut DamagedEntry> = self
            .damaged
            .iter_mut()
            .map(|entry| (entry.index, entry))
            .collect();
        let index = |value: &IVec| value.as_ref().try_into().map(u64::from_be_bytes).ok();
        for (id, at) in readable(&self.trees.by_id) {
            if let Some(entry) = index(&at).and_then(|at| damaged.get_mut(&at)) {
                entry.id = Uuid::from_slice(&id).ok();
            }
        }
        for (number, at) in readable(&self.trees.own) {
            let Some(number) = index(&number) else {
                continue;
            };
            let epochs = self.meta.epochs.iter();
            let epoch = epochs.rev().find(|epoch| epoch.own < number);
            if let Some(entry) = index(&at).and_then(|at| damaged.get_mut(&at)) {
                entry.place = epoch.map(|epoch| Place::Own {
                    epoch: epoch.id,
                    sequence: number - epoch.own,
                });
            }
        }
        for (key, _) in readable(&self.trees.lines) {
            if let Some((from, link, at)) = trees::split_arrived(&key)
                && let Some(entry) = damaged.get_mut(&at)
            {
                let from = from.to_owned();
                entry.place = Some(Place::Received { from, link });
            }
        }
    }

    pub(super) fn entry(&self, index: u64) -> Result<Entry, ReadError> {
        let what = format_args!("entry {index}");
        let record = contained(what, || self.trees.log.get(index.to_be_bytes()))?;
        record
            .and_then(|record| entry::read_entry(index, &record))
            .ok_or_else(|| ReadError::damaged(what))
    }

    /// All of a tree, or the end of the repair.
    pub(super) fn all(&self, tree: &Tree, what: &str) -> Result<Vec<(IVec, IVec)>, RepairError> {
        let read = || tree.iter().collect::<sled::Result<Vec<_>>>();
        contained(format_args!("{what}"), read).map_err(|_| self.beyond(what))
    }

    pub(super) fn beyond(&self, what: &str) -> RepairError {
        RepairError::Beyond {
            dir: self.dir.clone(),
            what: what.to_owned(),
        }
    }

    pub(super) fn rows(&self, found: &BTreeMap<u64, Replacement>) -> Vec<RepairedRow> {
        let row = |entry: &DamagedEntry| {
            let source = found.get(&entry.index).map(|copy| copy.source.clone());
            RepairedRow {
                index: entry.index,
                fault: entry.fault.clone(),
                source: source.unwrap_or_default(),
            }
        };
        self.damaged.iter().map(row).collect()
    }
}

/// What can be read of a tree from its beginning and from its end.
pub(super) fn readable(tree: &Tree) -> BTreeMap<IVec, IVec> {
    let mut rows = BTreeMap::new();
    let _ = contained(format_args!("a tree"), || {
        rows.extend(tree.iter().map_while(Result::ok));
        Ok(())
    });
    let _ = contained(format_args!("a tree"), || {
        let known = rows.len();
        let from_end = tree.iter().rev().map_while(Result::ok);
        let until = rows.keys().next_back().filter(|_| known > 0).cloned();
        rows.extend(from_end.take_while(|(key, _)| until.as_ref().is_none_or(|end| key > end)));
        Ok(())
    });
    rows
}
