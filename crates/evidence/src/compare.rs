//! What two signed heads of one log say about each other. Pure.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use envelope::TreeHead;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A believed head with the exact note that proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What it says.
    pub head: TreeHead,
    /// The note, as it came.
    pub note: String,
}

impl Seen {
    /// The log that it is about.
    pub fn log(&self) -> LogId {
        (self.head.unit.clone(), self.head.epoch)
    }
}

/// A log: a unit in one epoch of its journal.
pub type LogId = (String, Uuid);

/// A unit showed two histories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TwoHistories {
    /// The unit.
    pub unit: String,
    /// The epoch of its journal in which it did.
    pub epoch: Uuid,
    /// The head that was kept before.
    pub first: Shown,
    /// The head that contradicts it.
    pub second: Shown,
}

/// A head that was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Shown {
    /// Entries of the journal.
    pub entries: u64,
    /// RFC 6962 root over them, hex.
    pub root: String,
}

impl Shown {
    fn of(head: &TreeHead) -> Shown {
        Shown {
            entries: head.size,
            root: HEXLOWER.encode(&head.root),
        }
    }
}

impl TwoHistories {
    /// What an operator is told.
    pub fn text(&self) -> String {
        let TwoHistories {
            unit,
            epoch,
            first,
            second,
        } = self;
        format!(
            "{unit} showed two histories in epoch {epoch}: {} entries with the root {}, and {} \
             entries with the root {}; both signed notes are kept, ask who runs {unit}",
            first.entries, first.root, second.entries, second.root
        )
    }
}

/// What a head says beside the one that is kept.
#[derive(Debug, PartialEq, Eq)]
pub enum Weighed {
    /// It is the first one of its log.
    First,
    /// Nothing new.
    Known,
    /// It cannot be true together with the kept one.
    Contradicts,
    /// Both can be true if the unit proves that the smaller tree is the beginning of the larger
    /// one.
    Unproved {
        /// The smaller one.
        from: TreeHead,
        /// The larger one.
        to: TreeHead,
    },
}

/// Weighs `new` against `kept`, two heads of one log.
pub fn weigh(kept: Option<&TreeHead>, new: &TreeHead) -> Weighed {
    let Some(kept) = kept else {
        return Weighed::First;
    };
    match (kept.size == new.size, kept.root == new.root) {
        (true, true) => Weighed::Known,
        (true, false) => Weighed::Contradicts,
        (false, _) => {
            let (from, to) = if kept.size < new.size {
                (kept, new)
            } else {
                (new, kept)
            };
            Weighed::Unproved {
                from: from.clone(),
                to: to.clone(),
            }
        }
    }
}

/// The latest head of each log, and of each that contradicted itself both heads.
#[derive(Debug, Default)]
pub struct Kept {
    heads: BTreeMap<LogId, Seen>,
    contradicted: BTreeMap<LogId, (Seen, Seen)>,
}

impl Kept {
    /// What was kept earlier.
    pub fn of(
        heads: impl IntoIterator<Item = Seen>,
        contradicted: impl IntoIterator<Item = (Seen, Seen)>,
    ) -> Kept {
        let heads = heads.into_iter().map(|seen| (seen.log(), seen));
        let both = contradicted.into_iter();
        Kept {
            heads: heads.collect(),
            contradicted: both.map(|both| (both.0.log(), both)).collect(),
        }
    }

    /// The head that is kept of a log.
    pub fn head(&self, log: &LogId) -> Option<&Seen> {
        self.heads.get(log)
    }

    /// Keeps a head that was proved to follow, unless a later one is kept. True when it is new.
    pub fn keep(&mut self, seen: Seen) -> bool {
        let log = seen.log();
        let is_new = self
            .heads
            .get(&log)
            .is_none_or(|kept| kept.head.size < seen.head.size);
        if is_new {
            self.heads.insert(log, seen);
        }
        is_new
    }

    /// Takes note of a contradiction. True when it is the first of its log: that one stays, so that
    /// whoever contradicts himself every second fills no disk.
    pub fn contradict(&mut self, first: Seen, second: Seen) -> bool {
        let log = second.log();
        let is_first = !self.contradicted.contains_key(&log);
        self.contradicted.entry(log).or_insert((first, second));
        is_first
    }

    /// Everyone who showed two histories.
    pub fn found(&self) -> Vec<TwoHistories> {
        let found = |(first, second): &(Seen, Seen)| TwoHistories {
            unit: second.head.unit.clone(),
            epoch: second.head.epoch,
            first: Shown::of(&first.head),
            second: Shown::of(&second.head),
        };
        self.contradicted.values().map(found).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn head(size: u64, root: u8) -> TreeHead {
        TreeHead {
            unit: "T01".into(),
            epoch: Uuid::from_u128(1),
            size,
            root: [root; 32],
        }
    }

    fn seen(size: u64, root: u8) -> Seen {
        Seen {
            head: head(size, root),
            note: format!("{size} {root}"),
        }
    }

    #[test]
    fn two_roots_of_one_size_contradict_each_other_and_other_sizes_are_to_be_proved() {
        let kept = head(5, 1);
        assert_eq!(weigh(None, &head(5, 1)), Weighed::First);
        assert_eq!(weigh(Some(&kept), &head(5, 1)), Weighed::Known);
        assert_eq!(weigh(Some(&kept), &head(5, 2)), Weighed::Contradicts);
        for (new, from, to) in [(head(7, 2), 5, 7), (head(3, 2), 3, 5)] {
            let Weighed::Unproved { from: a, to: b } = weigh(Some(&kept), &new) else {
                panic!("{new:?}");
            };
            assert_eq!((a.size, b.size), (from, to));
        }
    }

    #[test]
    fn a_smaller_head_never_takes_the_place_of_a_larger_one() {
        let mut kept = Kept::default();
        assert!(kept.keep(seen(5, 1)));
        assert!(!kept.keep(seen(3, 2)));
        assert!(!kept.keep(seen(5, 1)));
        assert!(kept.keep(seen(6, 3)));
        assert_eq!(kept.head(&seen(6, 3).log()), Some(&seen(6, 3)));
    }

    #[test]
    fn the_first_contradiction_stays_and_names_both_heads() {
        let mut kept = Kept::default();
        assert!(kept.contradict(seen(5, 1), seen(6, 2)));
        assert!(!kept.contradict(seen(5, 1), seen(7, 2)));
        let found = kept.found();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].first.entries, found[0].second.entries), (5, 6));
        let text = found[0].text();
        assert!(
            text.contains(&"01".repeat(32)) && text.contains(&"02".repeat(32)),
            "{text}"
        );
    }
}
