//! Finding entries by the numbers under which units speak of them: own sequences of any epoch, links
//! to addressees, and the links of senders.

use uuid::Uuid;

use crate::entry::Entry;
use crate::epochs::{Epoch, skipped_to};
use crate::journal::Journal;
use crate::trees::{self, ReadError, contained};

impl Journal {
    /// The own event with this sequence of the present epoch.
    ///
    /// # Errors
    /// [`ReadError`] when its index or the entry is damaged.
    pub fn own(&self, sequence: u64) -> Result<Option<Entry>, ReadError> {
        self.own_of(self.epoch(), sequence)
    }

    /// The own event with this sequence of `epoch`, the present one or one that ended.
    ///
    /// # Errors
    /// [`ReadError`] when its index or the entry is damaged.
    pub fn own_of(&self, epoch: Uuid, sequence: u64) -> Result<Option<Entry>, ReadError> {
        let spans = self.spans();
        let Some((_, before, last)) = spans.into_iter().find(|(id, ..)| *id == epoch) else {
            return Ok(None);
        };
        if sequence == 0 || sequence > last {
            return Ok(None);
        }
        let what = format_args!("the index of own sequence {sequence} of epoch {epoch}");
        let key = (before + sequence).to_be_bytes();
        let index = contained(what, || self.trees().own.get(key))?
            .ok_or_else(|| ReadError::damaged(what))?;
        self.entry(trees::number(&index, what)?)
    }

    /// The epochs before the present one, in the order in which they began, each with the last
    /// sequence that is held of it (0 when none is).
    pub fn ended_epochs(&self) -> Vec<(Uuid, u64)> {
        let mut spans = self.spans();
        spans.pop();
        spans.into_iter().map(|(id, _, last)| (id, last)).collect()
    }

    /// The last sequence that is held of `epoch`; `None` when the journal never had it.
    pub fn epoch_last(&self, epoch: Uuid) -> Option<u64> {
        let spans = self.spans();
        let span = spans.into_iter().find(|(id, ..)| *id == epoch);
        span.map(|(_, _, last)| last)
    }

    /// The epochs in order: id, own entries before it, and its last sequence.
    fn spans(&self) -> Vec<(Uuid, u64, u64)> {
        let (epochs, sequence) = {
            let view = self.view();
            (view.epochs.clone(), view.head.sequence)
        };
        let next = epochs.iter().skip(1).map(|epoch| Some(epoch.own));
        let span = |(epoch, next): (&Epoch, Option<u64>)| {
            let last = next.map_or(sequence, |next| next.saturating_sub(epoch.own));
            (epoch.id, epoch.own, last)
        };
        epochs.iter().zip(next.chain([None])).map(span).collect()
    }

    /// The entry whose event was promised to `to` as number `link`; none for a number that was
    /// spent before the journal was restored and whose event could not be taken back.
    ///
    /// # Errors
    /// [`ReadError`] when the link or the entry is damaged.
    pub fn delivery(&self, to: &str, link: u64) -> Result<Option<Entry>, ReadError> {
        if link == 0 || link > self.last_link(to) || self.skipped(to, link).is_some() {
            return Ok(None);
        }
        let what = format_args!("link {link} to {to}");
        let id = contained(what, || self.trees().links.get(trees::under(to, link)))?
            .and_then(|id| Uuid::from_slice(&id).ok())
            .ok_or_else(|| ReadError::damaged(what))?;
        self.by_id(&id)?
            .map(Some)
            .ok_or_else(|| ReadError::damaged(what))
    }

    /// When `link` to `to` was spent before the journal was restored and carries nothing now: the
    /// last of the numbers from it on that carry nothing.
    pub fn skipped(&self, to: &str, link: u64) -> Option<u64> {
        skipped_to(&self.view().epochs, to, link)
    }

    /// What came as number `link` of the line of `from`; the later one, should there be two.
    ///
    /// # Errors
    /// [`ReadError`] when the index or the entry is damaged.
    pub fn received_at(&self, from: &str, link: u64) -> Result<Option<Entry>, ReadError> {
        let what = format_args!("number {link} of the line of {from}");
        let prefix = trees::under(from, link);
        let keys = contained(what, || {
            let keys = self.trees().lines.scan_prefix(&prefix).keys();
            keys.collect::<sled::Result<Vec<_>>>()
        })?;
        let mut latest = None;
        for key in keys {
            let (.., index) = trees::split_arrived(&key).ok_or_else(|| ReadError::damaged(what))?;
            // An index beyond the durable end is read as nothing.
            latest = self.entry(index)?.or(latest);
        }
        Ok(latest)
    }

    /// At most `limit` entries of the line of `from`, from its number `from_link` on, in order of
    /// number. Numbers under which nothing was taken in are passed over; should two entries have
    /// come under one number, both are there.
    ///
    /// # Errors
    /// [`ReadError`] when the index or one of the entries is damaged.
    pub fn received_on(
        &self,
        from: &str,
        from_link: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, ReadError> {
        let what = format_args!("the line of {from}");
        let prefix = trees::prefix(from);
        let keys = contained(what, || {
            self.trees()
                .lines
                .range(trees::under(from, from_link)..)
                .keys()
                .take_while(|key| key.as_ref().is_ok_and(|key| key.starts_with(&prefix)))
                .take(limit)
                .collect::<sled::Result<Vec<_>>>()
        })?;
        let mut entries = Vec::with_capacity(keys.len());
        for key in keys {
            let (.., index) = trees::split_arrived(&key).ok_or_else(|| ReadError::damaged(what))?;
            entries.extend(self.entry(index)?);
        }
        Ok(entries)
    }
}
