//! Dossiers that a unit has at hand: folded, bounded in number, and made anew from the journal
//! when they are needed again.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use calendar::Moment;
use dossier::dossier::Dossier;
use dossier::fact::Writer;
use dossier::ids::{DossierCode, UnitId};
use dossier::wire;
use envelope::Event;
use journal::{Entry, Journal, ReadError};
use lru::LruCache;
use uuid::Uuid;

pub(crate) mod tale;

use tale::Heard;

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
    /// Everything that was heard, while something is missing that this unit's own events rest on.
    tale: Option<Vec<Heard>>,
}

impl Remembered {
    /// Nothing is known yet.
    pub fn of(code: DossierCode, home: UnitId) -> Self {
        Self {
            dossier: Dossier::at(code, home),
            home_events: Vec::new(),
            home_said_at: None,
            tale: None,
        }
    }

    /// Takes an event in, heard by `me`.
    pub(crate) fn hear(&mut self, me: &UnitId, heard: Heard) {
        match self.tale.take() {
            None => self.evolve(&heard),
            Some(mut tale) => {
                tale.push(heard);
                let Dossier { code, home, .. } = &self.dossier;
                *self = Self::folded(code.clone(), home.clone(), me.as_str(), tale);
            }
        }
    }

    fn evolve(&mut self, heard: &Heard) {
        if matches!(heard.fact.writer(), Writer::Desk | Writer::Home) {
            self.home_events.push(heard.id);
            self.home_said_at = self.home_said_at.max(Some(heard.at));
        }
        self.dossier.evolve(&heard.told(), &heard.fact);
    }

    /// The dossier out of all that `me` holds of it.
    pub(crate) fn folded(code: DossierCode, home: UnitId, me: &str, tale: Vec<Heard>) -> Self {
        let mut known = Self::of(code, home);
        let tale = tale::in_order(tale);
        tale.iter().for_each(|heard| known.evolve(heard));
        known.tale = Some(tale).filter(|tale| !tale::awaited(me, tale).is_empty());
        known
    }

    /// Those of `tale`, which is about this dossier, that whoever said them had no right to say.
    pub(crate) fn trespasses(&self, tale: &[Heard]) -> BTreeSet<Uuid> {
        let mut known = Self::of(self.dossier.code.clone(), self.dossier.home.clone());
        let mut trespasses = BTreeSet::new();
        for heard in tale::in_order(tale.to_vec()) {
            if known.dossier.may_write(&heard.by, &heard.fact).is_err() {
                trespasses.insert(heard.id);
            }
            known.evolve(&heard);
        }
        trespasses
    }

    /// What was heard, while something is missing; else nothing.
    pub(crate) fn tale(&self) -> &[Heard] {
        self.tale.as_deref().unwrap_or_default()
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

    /// Forgets what is at hand: it is read back from the journal.
    pub(crate) fn forget(&mut self) {
        self.dossiers.clear();
    }

    /// Everything that the journal holds about a dossier, in the order of the journal.
    ///
    /// # Errors
    /// [`RecallError`] when its events cannot be read back.
    pub(crate) fn tale(&self, code: &DossierCode) -> Result<Vec<Heard>, RecallError> {
        let entries =
            self.journal
                .of_subject(code.as_str())
                .map_err(|source| RecallError::Read {
                    code: code.clone(),
                    source,
                })?;
        let mut tale = Vec::with_capacity(entries.len());
        for entry in entries {
            let heard = read(&entry).map_err(|why| RecallError::Entry {
                code: code.clone(),
                index: entry.index,
                why,
            })?;
            tale.extend(heard);
        }
        Ok(tale)
    }

    fn recall(&self, code: &DossierCode) -> Result<Option<Remembered>, RecallError> {
        let tale = self.tale(code)?;
        let Some(first) = tale.first() else {
            return Ok(None);
        };
        let home = issuer(code).unwrap_or_else(|| first.by.clone());
        let me = self.journal.unit();
        Ok(Some(Remembered::folded(code.clone(), home, me, tale)))
    }
}

/// The unit whose desk issued a code.
pub(crate) fn issuer(code: &DossierCode) -> Option<UnitId> {
    let agency = code.as_str().split('-').next()?;
    UnitId::parse_any(agency).ok()
}

/// An entry as part of a dossier's course; nothing where it says nothing about that.
fn read(entry: &Entry) -> Result<Option<Heard>, String> {
    let event = Event::read(&entry.signed.bytes).map_err(|error| error.to_string())?;
    let by = UnitId::parse(event.unit).map_err(|error| error.to_string())?;
    // A type that this version does not know is kept in the journal and moves nothing here.
    let Some(fact) = wire::read(event.kind, event.data).map_err(|error| error.to_string())? else {
        return Ok(None);
    };
    // Who watches over a desk, or speaks of itself, says nothing about a dossier's course, nor that
    // there is one.
    if matches!(fact.writer(), Writer::Overseer | Writer::Itself) {
        return Ok(None);
    }
    Ok(Some(Heard {
        id: event.id,
        by,
        at: event.time,
        cause: event.causation,
        parents: event.parents,
        fact,
    }))
}
