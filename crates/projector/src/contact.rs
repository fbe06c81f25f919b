//! Which origins are in contact: what is not heard makes figures provisional.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use dossier::ids::UnitId;
use envelope::Checkpoint;
use uuid::Uuid;

/// A unit that missed this many checkpoints in a row counts as out of contact.
const MISSED_MAX: u32 = 3;

/// The latest word of one origin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word {
    heard: Instant,
    /// The epoch of its journal.
    pub epoch: Uuid,
    /// Its last own number, as it says.
    pub sequence: u64,
}

/// The latest word of every origin.
#[derive(Debug)]
pub(crate) struct Contacts {
    words: BTreeMap<UnitId, Word>,
    patience: Duration,
}

impl Contacts {
    /// Nobody heard yet; units are to speak every `interval`.
    pub(crate) fn new(interval: Duration) -> Self {
        Self {
            words: BTreeMap::new(),
            patience: interval * MISSED_MAX,
        }
    }

    /// A verified checkpoint came at `now`.
    pub(crate) fn heard(&mut self, checkpoint: &Checkpoint, now: Instant) {
        if let Ok(unit) = UnitId::parse(&checkpoint.unit) {
            let word = Word {
                heard: now,
                epoch: checkpoint.epoch,
                sequence: checkpoint.sequence,
            };
            self.words.insert(unit, word);
        }
    }

    /// What a unit last said.
    pub(crate) fn word(&self, unit: &UnitId) -> Option<&Word> {
        self.words.get(unit)
    }

    /// Units that have ever been heard.
    pub(crate) fn units(&self) -> impl Iterator<Item = &UnitId> {
        self.words.keys()
    }

    /// Seconds since a unit was heard; none if it never was.
    pub(crate) fn silence(&self, unit: &UnitId, now: Instant) -> Option<u64> {
        self.words
            .get(unit)
            .map(|word| now.saturating_duration_since(word.heard).as_secs())
    }

    /// Whether a unit is out of contact at `now`. One that was never heard is.
    pub(crate) fn is_lost(&self, unit: &UnitId, now: Instant) -> bool {
        self.words
            .get(unit)
            .is_none_or(|word| now.saturating_duration_since(word.heard) > self.patience)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_lost_before_its_first_word_and_after_three_missed_ones() {
        let unit = UnitId::parse("H33-27").unwrap();
        let mut contacts = Contacts::new(Duration::from_secs(30));
        let start = Instant::now();
        assert!(contacts.is_lost(&unit, start));
        let checkpoint = Checkpoint {
            unit: "H33-27".into(),
            epoch: Uuid::nil(),
            entries: 3,
            sequence: 2,
            root: [0; 32],
            links: BTreeMap::new(),
            earlier: BTreeMap::new(),
            at: calendar::parse_moment("2018-01-02T08:00:00+07:00").unwrap(),
            note: None,
        };
        contacts.heard(&checkpoint, start);
        assert!(!contacts.is_lost(&unit, start + Duration::from_secs(90)));
        assert!(contacts.is_lost(&unit, start + Duration::from_secs(91)));
        assert_eq!(
            contacts.silence(&unit, start + Duration::from_secs(91)),
            Some(91)
        );
    }
}
