//! A restored journal may have spent numbers that it does not remember, so it refuses to append
//! until it is told how far it had come.
//!
//! Either its later events are taken back from those who have them, byte for byte, and it goes on
//! where it was; or what is missing is given up, and its own events are numbered anew.

use std::collections::BTreeMap;

use sled::Batch;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::entry::RECORD_BYTES_MAX;
use crate::epochs::Epoch;
use crate::group::{Group, NAME_BYTES_MAX, Receipt};
use crate::journal::Journal;
use crate::meta;
use crate::state::State;
use crate::writer::Message;

/// What a journal was restored from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Entries in the backup.
    pub entries: u64,
    /// When it was restored, as whoever restored it said; RFC 3339.
    pub at: String,
    /// Who restored it: the officer's id.
    pub by: String,
    /// Why, in that officer's words.
    pub reason: String,
}

/// How far a unit had come, as others remember it: the highest numbers that they were told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Last own sequence of the present epoch.
    pub sequence: u64,
    /// Last link number per addressee.
    pub links: BTreeMap<String, u64>,
}

/// Why a restored journal still refuses to append. Nothing has changed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecoverError {
    #[error("the journal was not restored, or is recovered already: there is nothing to recover")]
    NotRestored,
    #[error(
        "own events up to {known} are known to others, the journal holds {held}: take the others \
         back, or begin a new epoch"
    )]
    Sequence { held: u64, known: u64 },
    #[error(
        "{to} knows links up to {known}, the journal holds {held}: take the events that they were \
         spent on back, or begin a new epoch"
    )]
    Link { to: String, held: u64, known: u64 },
    #[error("epoch {0} numbered own events before: draw a new one")]
    EpochUsed(Uuid),
    #[error(
        "say how far the line to {0} is known to have come, 0 if it is known not to have begun"
    )]
    Unsaid(String),
    #[error("addressee {0:?} must have 1 to 255 bytes and no NUL")]
    Name(String),
    #[error(
        "links to {0} addressees would be skipped, more than can be kept safely: take back more"
    )]
    TooMany(usize),
    #[error("the journal is closed")]
    Closed,
}

/// How a restored journal goes on.
#[derive(Debug)]
pub(crate) enum Resume {
    Complete(Known),
    NewEpoch(Uuid, BTreeMap<String, u64>),
    FollowEpoch(Uuid),
}

pub(crate) type Resumed = oneshot::Sender<Result<(), RecoverError>>;

impl Journal {
    /// What this journal was restored from, as long as it is not known to be complete again.
    pub fn restored(&self) -> Option<Restored> {
        self.view().restored.clone()
    }

    /// Appends what a restored journal had written or received after its backup: events in their
    /// original bytes, own ones in order of sequence, with the deliveries under which addressees
    /// know them, and the notes that follow from them. In their original order they lead to the
    /// original root. Waits like [`Journal::append`].
    pub async fn take_back(&self, group: Group) -> Receipt {
        let (reply, answer) = oneshot::channel();
        self.send(Message::TakeBack(group, reply)).await;
        Receipt(answer)
    }

    /// Says that everything was taken back: appending goes on in the same epoch. `known` is the
    /// highest of what everyone said who can have been told something; while one of them has not
    /// answered, numbers that only that one knows would be given out again.
    ///
    /// # Errors
    /// [`RecoverError`] when the journal holds less than `known`, or was not restored.
    pub async fn recovered(&self, known: Known) -> Result<(), RecoverError> {
        self.resume(Resume::Complete(known)).await
    }

    /// Gives up what could not be taken back: the next own event is number 1 of `epoch`, which
    /// must never have been used. `links` says for every addressee the last number that its line
    /// may have come to; the numbers up to it that the journal does not hold are skipped.
    ///
    /// # Errors
    /// [`RecoverError`] when the epoch was used, an addressee is missing, or the journal was not
    /// restored.
    pub async fn begin_epoch(
        &self,
        epoch: Uuid,
        links: BTreeMap<String, u64>,
    ) -> Result<(), RecoverError> {
        self.resume(Resume::NewEpoch(epoch, links)).await
    }

    /// Own events of another epoch are to be taken back: one that began after the backup and that
    /// others know. The journal stays restored. Of the ended epoch nothing can be taken back any
    /// more.
    ///
    /// # Errors
    /// [`RecoverError`] when the epoch is one of this journal's already, or the journal was not
    /// restored.
    pub async fn follow_epoch(&self, epoch: Uuid) -> Result<(), RecoverError> {
        self.resume(Resume::FollowEpoch(epoch)).await
    }

    async fn resume(&self, resume: Resume) -> Result<(), RecoverError> {
        let (reply, answer) = oneshot::channel();
        self.send(Message::Resume(resume, reply)).await;
        answer.await.unwrap_or(Err(RecoverError::Closed))
    }
}

/// Changes `state` and says what is to be written, if the journal may go on.
pub(crate) fn resume(state: &mut State, resume: Resume) -> Result<Batch, RecoverError> {
    if state.restored.is_none() {
        return Err(RecoverError::NotRestored);
    }
    let mut batch = Batch::default();
    let goes_on = !matches!(resume, Resume::FollowEpoch(_));
    let begun = match resume {
        Resume::Complete(known) => {
            complete(state, known)?;
            None
        }
        Resume::NewEpoch(id, links) => {
            if let Some(to) = state.links.keys().find(|to| !links.contains_key(*to)) {
                return Err(RecoverError::Unsaid(to.clone()));
            }
            Some(new_epoch(state, id, links)?)
        }
        // How far the lines had come is said once, when the journal goes on.
        Resume::FollowEpoch(id) => Some(new_epoch(state, id, BTreeMap::new())?),
    };
    if let Some(epoch) = begun {
        meta::put_epoch(&mut batch, state.epochs.len(), &epoch);
        state.begin(epoch);
    }
    if goes_on {
        meta::remove_restored(&mut batch);
        state.restored = None;
    }
    Ok(batch)
}

fn complete(state: &State, known: Known) -> Result<(), RecoverError> {
    let (held, known_sequence) = (state.sequence(), known.sequence);
    if held < known_sequence {
        return Err(RecoverError::Sequence {
            held,
            known: known_sequence,
        });
    }
    for (to, known) in known.links {
        let held = state.links.get(&to).copied().unwrap_or_default();
        if held < known {
            return Err(RecoverError::Link { to, held, known });
        }
    }
    Ok(())
}

fn new_epoch(state: &State, id: Uuid, links: BTreeMap<String, u64>) -> Result<Epoch, RecoverError> {
    if state.epochs.iter().any(|epoch| epoch.id == id) {
        return Err(RecoverError::EpochUsed(id));
    }
    let mut skipped = BTreeMap::new();
    for (to, spent) in links {
        if to.is_empty() || to.len() > NAME_BYTES_MAX || to.contains('\0') {
            return Err(RecoverError::Name(to));
        }
        let held = state.links.get(&to).copied().unwrap_or_default();
        // An addressee may know less than the journal holds: what was under way is sent again.
        if held < spent {
            skipped.insert(to, (held, spent));
        }
    }
    let epoch = Epoch {
        id,
        entries: state.entries,
        own: state.own,
        skipped,
    };
    if epoch.write().len() > RECORD_BYTES_MAX {
        return Err(RecoverError::TooMany(epoch.skipped.len()));
    }
    Ok(epoch)
}
