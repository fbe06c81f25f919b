//! The sled trees of a journal, their keys, and the one place where sled is asked to commit.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use sled::transaction::{ConflictableTransactionError, TransactionError};
use sled::{Batch, Db, IVec, Transactional, Tree};
use uuid::Uuid;

/// Why the journal could not be read. Whatever it names must be treated as unknown, never guessed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    #[error("reading {what} failed: {source}; verify the journal and restore what is damaged")]
    Storage {
        what: String,
        #[source]
        source: sled::Error,
    },
    /// sled panics over some damaged pages instead of reporting them.
    #[error("reading {what} met damage that storage could not describe; verify the journal")]
    Panicked { what: String },
    #[error("{what} is damaged or missing; verify the journal and restore what is damaged")]
    Damaged { what: String },
}

impl ReadError {
    pub(crate) fn damaged(what: impl fmt::Display) -> Self {
        ReadError::Damaged {
            what: what.to_string(),
        }
    }
}

/// Asks sled for something, taking both its errors and its panics as answers.
pub(crate) fn contained<T>(
    what: fmt::Arguments<'_>,
    ask: impl FnOnce() -> sled::Result<T>,
) -> Result<T, ReadError> {
    match catch_unwind(AssertUnwindSafe(ask)) {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(source)) => Err(ReadError::Storage {
            what: what.to_string(),
            source,
        }),
        Err(_) => Err(ReadError::Panicked {
            what: what.to_string(),
        }),
    }
}

#[derive(Clone)]
pub(crate) struct Trees {
    /// index → entry record
    pub(crate) log: Tree,
    /// event id → index
    pub(crate) by_id: Tree,
    /// subject NUL index → nothing
    pub(crate) by_subject: Tree,
    /// number among all own entries, from 1 → index
    pub(crate) own: Tree,
    /// addressee NUL link → event id
    pub(crate) links: Tree,
    /// sender NUL link, index of the entry it came as → nothing
    pub(crate) lines: Tree,
    /// sender → last contiguous link
    pub(crate) received: Tree,
    pub(crate) notes: Tree,
    /// number → quarantine record
    pub(crate) quarantine: Tree,
    /// position in RFC 6962 storage order → hash
    pub(crate) hashes: Tree,
    /// what the journal says of itself, see `meta`
    pub(crate) meta: Tree,
    /// name → position; outside every transaction
    pub(crate) cursors: Tree,
}

/// What one transaction is to write.
#[derive(Debug, Default)]
pub(crate) struct Batches {
    pub(crate) log: Batch,
    pub(crate) by_id: Batch,
    pub(crate) by_subject: Batch,
    pub(crate) own: Batch,
    pub(crate) links: Batch,
    pub(crate) lines: Batch,
    pub(crate) received: Batch,
    pub(crate) notes: Batch,
    pub(crate) quarantine: Batch,
    pub(crate) hashes: Batch,
}

impl Trees {
    pub(crate) fn open(db: &Db) -> sled::Result<Trees> {
        Ok(Trees {
            log: db.open_tree("log")?,
            by_id: db.open_tree("by_id")?,
            by_subject: db.open_tree("by_subject")?,
            own: db.open_tree("own")?,
            links: db.open_tree("links")?,
            lines: db.open_tree("lines")?,
            received: db.open_tree("received")?,
            notes: db.open_tree("notes")?,
            quarantine: db.open_tree("quarantine")?,
            hashes: db.open_tree("hashes")?,
            meta: db.open_tree("meta")?,
            cursors: db.open_tree("cursors")?,
        })
    }

    /// Writes all of `batches` or none of it. Not yet durable afterwards.
    pub(crate) fn commit(&self, batches: &Batches) -> sled::Result<()> {
        let done = (
            &self.log,
            &self.by_id,
            &self.by_subject,
            &self.own,
            &self.links,
            &self.lines,
            &self.received,
            &self.notes,
            &self.quarantine,
            &self.hashes,
        )
            .transaction(
                |(
                    log,
                    by_id,
                    by_subject,
                    own,
                    links,
                    lines,
                    received,
                    notes,
                    quarantine,
                    hashes,
                )| {
                    log.apply_batch(&batches.log)?;
                    by_id.apply_batch(&batches.by_id)?;
                    by_subject.apply_batch(&batches.by_subject)?;
                    own.apply_batch(&batches.own)?;
                    links.apply_batch(&batches.links)?;
                    lines.apply_batch(&batches.lines)?;
                    received.apply_batch(&batches.received)?;
                    notes.apply_batch(&batches.notes)?;
                    quarantine.apply_batch(&batches.quarantine)?;
                    hashes.apply_batch(&batches.hashes)?;
                    Ok::<(), ConflictableTransactionError<sled::Error>>(())
                },
            );
        done.map_err(|error| match error {
            TransactionError::Abort(error) | TransactionError::Storage(error) => error,
        })
    }

    /// Index of the entry that holds event `id`, durable or not.
    pub(crate) fn index_of(&self, id: &Uuid) -> Result<Option<u64>, ReadError> {
        let value = contained(format_args!("the index of event {id}"), || {
            self.by_id.get(id.as_bytes())
        })?;
        value
            .map(|v| number(&v, format_args!("the index of event {id}")))
            .transpose()
    }

    /// The stored hash at `position`.
    pub(crate) fn hash(&self, position: u64) -> Result<Option<[u8; 32]>, ReadError> {
        let what = format_args!("tree hash {position}");
        let value = contained(what, || self.hashes.get(position.to_be_bytes()))?;
        value
            .map(|v| v.as_ref().try_into().map_err(|_| ReadError::damaged(what)))
            .transpose()
    }
}

/// The number one past the last key of a tree whose keys are numbers from `first` on.
pub(crate) fn end_of(tree: &Tree, what: &str, first: u64) -> Result<u64, ReadError> {
    match contained(format_args!("the end of {what}"), || tree.last())? {
        None => Ok(first),
        Some((key, _)) => Ok(number(&key, format_args!("the last key of {what}"))? + 1),
    }
}

pub(crate) fn number(bytes: &IVec, what: fmt::Arguments<'_>) -> Result<u64, ReadError> {
    bytes
        .as_ref()
        .try_into()
        .map(u64::from_be_bytes)
        .map_err(|_| ReadError::damaged(what))
}

/// `name NUL number`: names hold no NUL, so the keys of one name are one range in order of number.
pub(crate) fn under(name: &str, number: u64) -> Vec<u8> {
    let mut key = prefix(name);
    key.extend_from_slice(&number.to_be_bytes());
    key
}

pub(crate) fn prefix(name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 9);
    key.extend_from_slice(name.as_bytes());
    key.push(0);
    key
}

/// `sender NUL link index`: should two entries have come under one number, neither hides the other.
pub(crate) fn arrived(sender: &str, link: u64, index: u64) -> Vec<u8> {
    let mut key = under(sender, link);
    key.extend_from_slice(&index.to_be_bytes());
    key
}

/// Takes a key made by [`arrived`] apart.
pub(crate) fn split_arrived(key: &[u8]) -> Option<(&str, u64, u64)> {
    let (head, index) = key.split_last_chunk()?;
    let (sender, link) = split(head)?;
    Some((sender, link, u64::from_be_bytes(*index)))
}

/// Takes a key made by [`under`] apart.
pub(crate) fn split(key: &[u8]) -> Option<(&str, u64)> {
    let (head, number) = key.split_last_chunk()?;
    let (nul, name) = head.split_last()?;
    if *nul != 0 {
        return None;
    }
    Some((std::str::from_utf8(name).ok()?, u64::from_be_bytes(*number)))
}
