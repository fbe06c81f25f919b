//! Reading. Every answer is about durable entries only; all of it blocks, mostly for microseconds.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::entry::{self, Entry, Quarantined};
use crate::journal::Journal;
use crate::scan::Scan;
use crate::trees::{self, ReadError, contained};

/// Keys of notes with their values, in order of key.
pub type Notes = Vec<(Vec<u8>, Vec<u8>)>;

impl Journal {
    /// The entry at `index`, counted from 0.
    ///
    /// # Errors
    /// [`ReadError`] when it is damaged; a missing entry below [`Journal::size`] is damage too.
    pub fn entry(&self, index: u64) -> Result<Option<Entry>, ReadError> {
        if index >= self.size() {
            return Ok(None);
        }
        let what = format_args!("entry {index}");
        let record = contained(what, || self.trees().log.get(index.to_be_bytes()))?;
        record
            .and_then(|record| entry::read_entry(index, &record))
            .map(Some)
            .ok_or_else(|| ReadError::damaged(what))
    }

    /// The entry that holds event `id`.
    ///
    /// # Errors
    /// [`ReadError`] when its index or the entry is damaged.
    pub fn by_id(&self, id: &Uuid) -> Result<Option<Entry>, ReadError> {
        match self.trees().index_of(id)? {
            Some(index) => self.entry(index),
            None => Ok(None),
        }
    }

    /// Whether the journal holds event `id`.
    ///
    /// # Errors
    /// [`ReadError`] when the index is damaged.
    pub fn contains(&self, id: &Uuid) -> Result<bool, ReadError> {
        Ok(self
            .trees()
            .index_of(id)?
            .is_some_and(|index| index < self.size()))
    }

    /// All entries about `subject`, in journal order.
    ///
    /// # Errors
    /// [`ReadError`] when the index or one of the entries is damaged.
    pub fn of_subject(&self, subject: &str) -> Result<Vec<Entry>, ReadError> {
        let what = format_args!("the index of {subject}");
        let prefix = trees::prefix(subject);
        let keys = contained(what, || {
            self.trees()
                .by_subject
                .scan_prefix(&prefix)
                .keys()
                .collect::<sled::Result<Vec<_>>>()
        })?;
        let mut entries = Vec::with_capacity(keys.len());
        for key in keys {
            let (_, index) = trees::split(&key).ok_or_else(|| ReadError::damaged(what))?;
            // An index beyond the durable end is read as nothing.
            entries.extend(self.entry(index)?);
        }
        Ok(entries)
    }

    /// Walks the entries from `index` on, to the end as it is when the walk gets there.
    pub fn scan(&self, index: u64) -> Scan {
        Scan::new(self.clone(), index)
    }

    /// The note under `key`.
    ///
    /// # Errors
    /// [`ReadError`] when it is damaged.
    pub fn note(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        let view = self.view();
        if let Some(value) = view.hidden.get(key) {
            return Ok(value.clone());
        }
        // The view stays locked, so that the writer cannot put a new value there meanwhile.
        let value = contained(format_args!("a note"), || self.trees().notes.get(key))?;
        Ok(value.map(|value| value.to_vec()))
    }

    /// All notes whose key begins with `prefix`, in order of key.
    ///
    /// # Errors
    /// [`ReadError`] when one of them is damaged.
    pub fn notes_with_prefix(&self, prefix: &[u8]) -> Result<Notes, ReadError> {
        let view = self.view();
        let mut notes: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        contained(format_args!("the notes"), || {
            for note in self.trees().notes.scan_prefix(prefix) {
                let (key, value) = note?;
                notes.insert(key.to_vec(), value.to_vec());
            }
            Ok(())
        })?;
        for (key, value) in view.hidden.range(prefix.to_vec()..) {
            if !key.starts_with(prefix) {
                break;
            }
            match value {
                Some(value) => notes.insert(key.clone(), value.clone()),
                None => notes.remove(key),
            };
        }
        Ok(notes.into_iter().collect())
    }

    /// Everything in quarantine, oldest first.
    ///
    /// # Errors
    /// [`ReadError`] when a record is damaged.
    pub fn quarantined(&self) -> Result<Vec<Quarantined>, ReadError> {
        self.quarantined_page(0, usize::MAX)
    }

    /// How many lie in quarantine, whatever became of them.
    pub fn quarantined_count(&self) -> u64 {
        self.view().quarantined
    }

    /// What lies in quarantine under `number`.
    ///
    /// # Errors
    /// [`ReadError`] when the record is damaged.
    pub fn quarantined_at(&self, number: u64) -> Result<Option<Quarantined>, ReadError> {
        let page = self.quarantined_page(number, 1)?;
        Ok(page.into_iter().find(|row| row.number == number))
    }

    /// At most `limit` of the quarantine from number `from` on, oldest first.
    ///
    /// # Errors
    /// [`ReadError`] when a record is damaged.
    pub fn quarantined_page(&self, from: u64, limit: usize) -> Result<Vec<Quarantined>, ReadError> {
        let end = self.quarantined_count().max(from);
        let records = contained(format_args!("the quarantine"), || {
            let range = from.to_be_bytes()..end.to_be_bytes();
            self.trees()
                .quarantine
                .range(range)
                .take(limit)
                .collect::<sled::Result<Vec<_>>>()
        })?;
        records
            .iter()
            .map(|(key, record)| {
                let number = trees::number(key, format_args!("a quarantine number"))?;
                entry::read_quarantined(number, record)
                    .ok_or_else(|| ReadError::damaged(format_args!("quarantine {number}")))
            })
            .collect()
    }
}
