//! From where to where, in its unit's own numbering, a key signs.

use std::fmt;

use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::sign::KeyId;
use crate::tree::{Hash, leaf_hash};

/// An own event of a unit by its number. A later epoch has a greater identity, so places are in
/// order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The epoch of the journal.
    pub epoch: Uuid,
    /// The number in it, from 1.
    pub sequence: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "number {} of epoch {}", self.sequence, self.epoch)
    }
}

/// Why a key does not sign what it is said to have signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// It signs only what stands behind this place.
    Behind(Place),
    /// It was replaced: this is the last place that it signs.
    Replaced(Place),
    /// It was revoked: the last place that it signs, if it signs any.
    Revoked(Option<Place>),
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Limit::Behind(place) => write!(f, "signs only what stands behind {place}"),
            Limit::Replaced(place) => write!(f, "was replaced and signs nothing after {place}"),
            Limit::Revoked(Some(place)) => write!(f, "was revoked after {place}"),
            Limit::Revoked(None) => f.write_str("was revoked altogether"),
        }
    }
}

/// Who follows on a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Successor {
    pub(super) key: KeyId,
    /// The statement that says so: it stands also where the key is revoked from further back.
    pub(super) stated: Hash,
}

/// A signing key with its limits.
#[derive(Debug, Clone)]
pub(super) struct Term {
    pub(super) key: VerifyingKey,
    pub(super) after: Option<Place>,
    pub(super) until: Option<Place>,
    pub(super) revoked: bool,
    pub(super) successor: Option<Successor>,
    /// Whether the register says so itself, not an event.
    pub(super) from_file: bool,
}

impl Term {
    /// Whether it signs the event at `place` with these bytes.
    pub(super) fn signs(&self, place: Place, bytes: &[u8]) -> Result<(), Limit> {
        if let Some(after) = self.after.filter(|after| place <= *after) {
            return Err(Limit::Behind(after));
        }
        let handed_over = |successor: &Successor| successor.stated == leaf_hash(bytes);
        match self.until {
            Some(until) if place <= until => Ok(()),
            None if !self.revoked => Ok(()),
            _ if self.successor.as_ref().is_some_and(handed_over) => Ok(()),
            Some(until) if !self.revoked => Err(Limit::Replaced(until)),
            until => Err(Limit::Revoked(until)),
        }
    }

    /// Whether it signs the head of a journal whose last own event stands at `last`. A head is about
    /// the whole journal, so a revoked key signs none.
    pub(super) fn signs_head(&self, last: Place) -> Result<(), Limit> {
        if let Some(after) = self.after.filter(|after| last < *after) {
            return Err(Limit::Behind(after));
        }
        match self.until {
            until if self.revoked => Err(Limit::Revoked(until)),
            Some(until) if last > until => Err(Limit::Replaced(until)),
            _ => Ok(()),
        }
    }

    pub(super) fn ends_at(&mut self, place: Place) {
        self.until = Some(self.until.map_or(place, |until| until.min(place)));
    }
}
