//! Walking the journal in order.

use std::collections::VecDeque;

use crate::entry::{self, Entry};
use crate::journal::Journal;
use crate::trees::{self, ReadError, contained};

/// Entries read at once: enough to walk fast, little enough to hold in memory (at most 256 times
/// the 64 KiB of an event).
const PAGE: usize = 256;

/// Entries in journal order. Ends at the durable end; a later [`Journal::scan`] goes on from
/// there. After an error it ends.
#[derive(Debug)]
pub struct Scan {
    journal: Journal,
    next: u64,
    page: VecDeque<Entry>,
    broken: bool,
}

impl Scan {
    pub(crate) fn new(journal: Journal, from: u64) -> Self {
        Scan {
            journal,
            next: from,
            page: VecDeque::new(),
            broken: false,
        }
    }

    fn turn(&mut self) -> Result<(), ReadError> {
        let end = self.journal.size();
        if self.next >= end {
            return Ok(());
        }
        let range = self.next.to_be_bytes()..end.to_be_bytes();
        let records = contained(format_args!("the entries from {}", self.next), || {
            self.journal
                .trees()
                .log
                .range(range)
                .take(PAGE)
                .collect::<sled::Result<Vec<_>>>()
        })?;
        let due = usize::try_from(end - self.next)
            .unwrap_or(usize::MAX)
            .min(PAGE);
        for (index, (key, record)) in (self.next..).zip(&records) {
            let what = format_args!("entry {index}");
            // A key further on means that one before it is missing.
            if trees::number(key, what)? != index {
                return Err(ReadError::damaged(what));
            }
            let entry = entry::read_entry(index, record).ok_or_else(|| ReadError::damaged(what))?;
            self.page.push_back(entry);
        }
        if self.page.len() < due {
            let missing = self.next + self.page.len() as u64;
            return Err(ReadError::damaged(format_args!("entry {missing}")));
        }
        self.next += due as u64;
        Ok(())
    }
}

impl Iterator for Scan {
    type Item = Result<Entry, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty()
            && !self.broken
            && let Err(error) = self.turn()
        {
            self.broken = true;
            self.page.clear();
            return Some(Err(error));
        }
        self.page.pop_front().map(Ok)
    }
}
