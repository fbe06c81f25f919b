//! Dossiers that a unit has at hand: folded, bounded in number, and made anew from the journal
//! when they are needed again.

use std::num::NonZeroUsize;

use calendar::Moment;
use dossier::dossier::{Dossier, Told};
use dossier::fact::Writer;
use dossier::ids::{DossierCode, UnitId};
use dossier::wire;
use envelope::Event;
use journal::{Entry, Journal, ReadError};
use lru::LruCache;
use uuid::Uuid;

/// How many dossiers and outcomes are kept at hand. More than the journal's queue can hold, so
/// that nothing is forgotten before it can be read back from the journal.
pub const AT_HAND: NonZeroUsize = match NonZeroUsize::new(8_192) {
    Some(many) => many,
    None => NonZeroUsize::MIN,
};

/// A dossier at hand.
#[derive(Debug, Clone)]
pub struct Remembered {
    /// The dossier as this unit knows it.
    pub dossier: Dossier,
    /// Events of the home about it that this unit holds, in the home's order: what a performer
    /// that joins later has to be told.
    pub home_events: Vec<Uuid>,
    /// The latest moment that the home told of: what it says next did not happen before.
    pub home_said_at: Option<Moment>,
}

impl Remembered {
    /// Nothing is known yet.
    pub fn of(code: DossierCode, home: UnitId) -> Self {
        Self {
            dossier: Dossier::at(code, home),
            home_events: Vec::new(),
            home_said_at: None,
        }
    }

    /// Notes an event of the home.
    pub(crate) fn home_says(&mut self, event: Uuid, at: Moment) {
        self.home_events.push(event);
        self.home_said_at = self.home_said_at.max(Some(at));
    }
}

/// Dossiers at hand.
pub struct Memory {
    journal: Journal,
    dossiers: LruCache<DossierCode, Remembered>,
}

/// A stored event that can no longer be read. The journal verifies its bytes, so this is a defect
/// of this program, never of the disk.
#[derive(Debug, thiserror::Error)]
pub enum RecallError {
    /// Reading failed.
    #[error("reading the history of {code} from the journal: {source}")]
    Read {
        /// Which dossier.
        code: DossierCode,
        /// What failed.
        source: ReadError,
    },
    /// An entry is not what was once accepted.
    #[error(
        "entry {index} of the journal, about {code}, cannot be read: {why}; run `motcua journal check`"
    )]
    Entry {
        /// Which dossier.
        code: DossierCode,
        /// Which entry.
        index: u64,
        /// Why.
        why: String,
    },
}

impl Memory {
    /// An empty memory over a journal.
    pub fn over(journal: Journal) -> Self {
        Self {
            journal,
            dossiers: LruCache::new(AT_HAND),
        }
    }

    /// Keeps at most `dossiers` at hand from now on.
    pub fn bound(&mut self, dossiers: NonZeroUsize) {
        self.dossiers.resize(dossiers);
    }

    /// Takes a dossier out, to be given back by [`Memory::keep`].
    ///
    /// # Errors
    /// [`RecallError`] when its events cannot be read back.
    pub fn take(&mut self, code: &DossierCode) -> Result<Option<Remembered>, RecallError> {
        match self.dossiers.pop(code) {
            Some(remembered) => Ok(Some(remembered)),
            None => self.recall(code),
        }
    }

    /// Gives a dossier back.
    pub fn keep(&mut self, remembered: Remembered) {
        self.dossiers
            .put(remembered.dossier.code.clone(), remembered);
    }

    fn recall(&self, code: &DossierCode) -> Result<Option<Remembered>, RecallError> {
        let entries =
            self.journal
                .of_subject(code.as_str())
                .map_err(|source| RecallError::Read {
                    code: code.clone(),
                    source,
                })?;
        let mut remembered: Option<Remembered> = None;
        for entry in entries {
            let index = entry.index;
            fold(&mut remembered, code, &entry).map_err(|why| RecallError::Entry {
                code: code.clone(),
                index,
                why,
            })?;
        }
        Ok(remembered)
    }
}

fn fold(
    remembered: &mut Option<Remembered>,
    code: &DossierCode,
    entry: &Entry,
) -> Result<(), String> {
    let event = Event::read(&entry.signed.bytes).map_err(|error| error.to_string())?;
    let by = UnitId::parse(event.unit).map_err(|error| error.to_string())?;
    // A type that this version does not know is kept in the journal and moves nothing here.
    let Some(fact) = wire::read(event.kind, event.data).map_err(|error| error.to_string())? else {
        return Ok(());
    };
    // Who watches over a desk, or speaks of itself, says nothing about a dossier's course, nor that
    // there is one.
    if matches!(fact.writer(), Writer::Overseer | Writer::Itself) {
        return Ok(());
    }
    let known = remembered.get_or_insert_with(|| Remembered::of(code.clone(), by.clone()));
    if matches!(fact.writer(), Writer::Desk | Writer::Home) {
        known.home_says(event.id, event.time);
    }
    known.dossier.evolve(
        &Told {
            id: event.id,
            by: &by,
            at: event.time,
            parents: &event.parents,
        },
        &fact,
    );
    Ok(())
}
