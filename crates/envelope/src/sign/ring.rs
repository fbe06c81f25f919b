//! The keys that a unit signs with, one after the other.

use std::sync::{Arc, PoisonError, RwLock};

use super::UnitKey;
use crate::register::Place;

/// A unit's signing keys, each from the place on where it took the place of the one before. Clones
/// share them.
#[derive(Debug, Clone)]
pub struct KeyRing(Arc<RwLock<Turns>>);

#[derive(Debug)]
struct Turns {
    first: Arc<UnitKey>,
    /// Behind which place each further key signs, in order.
    later: Vec<(Place, Arc<UnitKey>)>,
}

impl From<Arc<UnitKey>> for KeyRing {
    fn from(first: Arc<UnitKey>) -> KeyRing {
        let later = Vec::new();
        KeyRing(Arc::new(RwLock::new(Turns { first, later })))
    }
}

impl KeyRing {
    /// The key that signs now.
    pub fn current(&self) -> Arc<UnitKey> {
        let turns = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let last = turns.later.last().map(|(_, key)| key);
        Arc::clone(last.unwrap_or(&turns.first))
    }

    /// The key that signs the head of a journal whose last own event is at `last`: also while
    /// what is newer is on its way to the disk.
    pub fn for_head(&self, last: Place) -> Arc<UnitKey> {
        let turns = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut behind = turns.later.iter().rev();
        let found = behind.find(|(place, _)| *place <= last);
        Arc::clone(found.map_or(&turns.first, |(_, key)| key))
    }

    /// From behind `place` on `key` signs.
    pub fn turn(&self, place: Place, key: Arc<UnitKey>) {
        let mut turns = self.0.write().unwrap_or_else(PoisonError::into_inner);
        turns.later.push((place, key));
    }
}
