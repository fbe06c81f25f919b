//! What a group must satisfy before it is written, and what writing it changes.

use std::collections::BTreeMap;

use envelope::tree::{self, Hash};
use envelope::{EVENT_BYTES_MAX, Event};
use uuid::Uuid;

use crate::entry::{self, Origin, RECORD_BYTES_MAX};
use crate::group::{AppendError, Appended, Group, NAME_BYTES_MAX, NewEntry};
use crate::state::State;
use crate::trees::{self, Batches, ReadError, Trees};

/// Notes share sled's pages with each other; larger ones would spill out of its log.
const NOTE_BYTES_MAX: usize = EVENT_BYTES_MAX;

/// The groups of one transaction.
pub(crate) struct Staging<'a> {
    trees: &'a Trees,
    state: &'a mut State,
    pub(crate) batches: Batches,
    /// Notes that the transaction touches.
    pub(crate) notes: Vec<Vec<u8>>,
    ids: BTreeMap<Uuid, u64>,
    leaves: Vec<Hash>,
    first: u64,
    touched: bool,
}

/// What was read from an entry's bytes while checking.
struct Checked<'a> {
    new: &'a NewEntry,
    event: Event<'a>,
    record: Vec<u8>,
}

impl<'a> Staging<'a> {
    pub(crate) fn new(trees: &'a Trees, state: &'a mut State) -> Self {
        let first = state.entries;
        Staging {
            trees,
            state,
            batches: Batches::default(),
            notes: Vec::new(),
            ids: BTreeMap::new(),
            leaves: Vec::new(),
            first,
            touched: false,
        }
    }

    /// Whether there is anything to write.
    pub(crate) fn touched(&self) -> bool {
        self.touched
    }

    /// Adds a group if all of it is in order; otherwise changes nothing.
    pub(crate) fn stage(&mut self, group: &Group) -> Result<Appended, AppendError> {
        let checked = self.check_entries(&group.entries)?;
        for note in &group.notes {
            fits(
                "a note",
                note.value.as_ref().map_or(0, Vec::len),
                NOTE_BYTES_MAX,
            )?;
            fits("the key of a note", note.key.len(), NAME_BYTES_MAX)?;
        }
        for (from, _) in &group.received {
            named("sender", from)?;
        }
        let first_index = (!checked.is_empty()).then_some(self.state.entries);
        for entry in checked {
            self.write_entry(&entry);
        }
        for note in &group.notes {
            match &note.value {
                Some(value) => self
                    .batches
                    .notes
                    .insert(note.key.as_slice(), value.as_slice()),
                None => self.batches.notes.remove(note.key.as_slice()),
            }
            self.notes.push(note.key.clone());
        }
        for (from, link) in &group.received {
            self.batches
                .received
                .insert(from.as_bytes(), &link.to_be_bytes());
            self.state.received.insert(from.clone(), *link);
        }
        for new in &group.quarantined {
            let record = entry::write_quarantined(new);
            self.batches
                .quarantine
                .insert(&self.state.quarantined.to_be_bytes(), record);
            self.state.quarantined += 1;
        }
        self.touched |= first_index.is_some()
            || !(group.notes.is_empty()
                && group.received.is_empty()
                && group.quarantined.is_empty());
        Ok(Appended { first_index })
    }

    fn check_entries<'g>(&self, entries: &'g [NewEntry]) -> Result<Vec<Checked<'g>>, AppendError> {
        let mut checked: Vec<Checked<'g>> = Vec::with_capacity(entries.len());
        let mut ids: BTreeMap<Uuid, ()> = BTreeMap::new();
        let mut links: BTreeMap<&str, u64> = BTreeMap::new();
        let mut sequence = self.state.sequence();
        for new in entries {
            let event = Event::read(&new.signed.bytes)?;
            match &new.origin {
                Origin::Own => {
                    self.check_own(&event, sequence + 1)?;
                    sequence += 1;
                }
                Origin::Received { .. } if event.unit == self.state.unit => {
                    return Err(AppendError::NotReceived {
                        unit: event.unit.to_owned(),
                    });
                }
                Origin::Received { from, .. } => named("sender", from)?,
            }
            named("subject", &event.subject)?;
            if self.known(&event.id)? || ids.insert(event.id, ()).is_some() {
                return Err(AppendError::Duplicate(event.id));
            }
            for delivery in &new.deliveries {
                let (to, event) = (delivery.to.as_str(), delivery.event);
                named("addressee", to)?;
                let last = links
                    .entry(to)
                    .or_insert_with(|| self.state.links.get(to).copied().unwrap_or_default());
                let (expected, found) = (*last + 1, delivery.link);
                if found != expected {
                    return Err(AppendError::Link {
                        to: to.to_owned(),
                        expected,
                        found,
                    });
                }
                *last = expected;
                if !ids.contains_key(&event) && !self.known(&event)? {
                    return Err(AppendError::UnknownDelivery {
                        to: to.to_owned(),
                        event,
                    });
                }
            }
            let record = entry::write_entry(&new.origin, &new.signed, &new.deliveries);
            fits(
                "an entry with its deliveries",
                record.len(),
                RECORD_BYTES_MAX,
            )?;
            fits(
                "the list of deliveries",
                new.deliveries.len(),
                usize::from(u16::MAX),
            )?;
            checked.push(Checked { new, event, record });
        }
        Ok(checked)
    }

    fn check_own(&self, event: &Event<'_>, expected: u64) -> Result<(), AppendError> {
        if event.unit != self.state.unit {
            let (expected, found) = (self.state.unit.clone(), event.unit.to_owned());
            return Err(AppendError::NotOwn { expected, found });
        }
        if event.epoch != self.state.epoch() {
            return Err(AppendError::Epoch {
                expected: self.state.epoch(),
                found: event.epoch,
            });
        }
        if event.sequence != expected {
            return Err(AppendError::Sequence {
                expected,
                found: event.sequence,
            });
        }
        Ok(())
    }

    fn known(&self, id: &Uuid) -> Result<bool, ReadError> {
        Ok(self.ids.contains_key(id) || self.trees.index_of(id)?.is_some())
    }

    fn write_entry(&mut self, entry: &Checked<'_>) {
        let index = self.state.entries;
        let at = index.to_be_bytes();
        self.batches.log.insert(&at, entry.record.as_slice());
        self.batches.by_id.insert(entry.event.id.as_bytes(), &at);
        self.batches
            .by_subject
            .insert(trees::under(&entry.event.subject, index), &[]);
        match &entry.new.origin {
            Origin::Own => {
                self.state.own += 1;
                self.batches.own.insert(&self.state.own.to_be_bytes(), &at);
            }
            Origin::Received { from, link } => {
                let key = trees::arrived(from, *link, index);
                self.batches.lines.insert(key, &[]);
            }
        }
        for delivery in &entry.new.deliveries {
            let key = trees::under(&delivery.to, delivery.link);
            self.batches.links.insert(key, delivery.event.as_bytes());
            self.state.links.insert(delivery.to.clone(), delivery.link);
        }
        self.ids.insert(entry.event.id, index);
        self.leaves.push(tree::leaf_hash(&entry.new.signed.bytes));
        self.state.entries += 1;
    }

    /// Adds the tree hashes of the staged entries to the batches.
    pub(crate) fn hash(&mut self) -> Result<(), ReadError> {
        let mut staged: BTreeMap<u64, Hash> = BTreeMap::new();
        for (index, leaf) in (self.first..).zip(&self.leaves) {
            let hashes =
                tree::stored_hashes_for(index, *leaf, |position| match staged.get(&position) {
                    Some(hash) => Ok(*hash),
                    None => self
                        .trees
                        .hash(position)?
                        .ok_or_else(|| ReadError::damaged(format_args!("tree hash {position}"))),
                })?;
            for (position, hash) in (tree::stored_index(index)..).zip(hashes) {
                self.batches.hashes.insert(&position.to_be_bytes(), &hash);
                staged.insert(position, hash);
            }
        }
        Ok(())
    }
}

fn fits(what: &'static str, bytes: usize, most: usize) -> Result<(), AppendError> {
    if bytes > most {
        Err(AppendError::TooLarge { what, bytes, most })
    } else {
        Ok(())
    }
}

/// Names become parts of keys, which end at a NUL.
fn named(what: &'static str, name: &str) -> Result<(), AppendError> {
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.contains('\0') {
        return Err(AppendError::Name {
            what,
            name: name.to_owned(),
        });
    }
    Ok(())
}
