//! From where to where, in its unit's own numbering, a key signs.

use std::collections::BTreeMap;
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
    /// Once it is revoked: up to which number of which epochs it counts. An epoch that its unit never
    /// lived in would otherwise be before everything.
    pub(super) revoked: Option<BTreeMap<Uuid, u64>>,
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
        let limit = match (&self.revoked, self.until) {
            (Some(counts), _) if !counted(counts, place) => Limit::Revoked(last(counts)),
            (_, Some(until)) if place > until => Limit::Replaced(until),
            _ => return Ok(()),
        };
        let handed_over = |successor: &Successor| successor.stated == leaf_hash(bytes);
        if self.successor.as_ref().is_some_and(handed_over) {
            return Ok(());
        }
        Err(limit)
    }

    /// Whether it signs the head of a journal whose last own event stands at `last`. A head is about
    /// the whole journal, so a revoked key signs none.
    pub(super) fn signs_head(&self, last: Place) -> Result<(), Limit> {
        if let Some(after) = self.after.filter(|after| last < *after) {
            return Err(Limit::Behind(after));
        }
        match (&self.revoked, self.until) {
            (Some(counts), _) => Err(Limit::Revoked(self::last(counts))),
            (_, Some(until)) if last > until => Err(Limit::Replaced(until)),
            _ => Ok(()),
        }
    }

    /// It counts only so far; what was taken from it before is not given back.
    pub(super) fn revoke(&mut self, counts: BTreeMap<Uuid, u64>) {
        let Some(before) = self.revoked.take() else {
            self.revoked = Some(counts);
            return;
        };
        let both = before.into_iter().filter_map(|(epoch, last)| {
            let other = counts.get(&epoch)?;
            Some((epoch, last.min(*other)))
        });
        self.revoked = Some(both.collect());
    }

    pub(super) fn ends_at(&mut self, place: Place) {
        self.until = Some(self.until.map_or(place, |until| until.min(place)));
    }
}

fn counted(counts: &BTreeMap<Uuid, u64>, place: Place) -> bool {
    let last = counts.get(&place.epoch);
    last.is_some_and(|last| place.sequence <= *last)
}

/// The last place of a revoked key.
pub(super) fn last(counts: &BTreeMap<Uuid, u64>) -> Option<Place> {
    let (epoch, sequence) = counts.last_key_value()?;
    Some(Place {
        epoch: *epoch,
        sequence: *sequence,
    })
}
