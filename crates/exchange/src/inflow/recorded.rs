//! What the host has been given, and up to where each line is known to be on disk.

use std::collections::{BTreeMap, BTreeSet};

use crate::order::Line;

/// What the host has recorded.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    lines: BTreeMap<Line, Upto>,
    numbers: u64,
}

#[derive(Debug, Default)]
struct Upto {
    position: u64,
    /// Recorded ahead of others that are not yet.
    beyond: BTreeSet<u64>,
    /// Numbers that carry nothing, first and last, ahead of others that are not recorded yet.
    empty: BTreeMap<u64, u64>,
    /// What the host has and has not answered for: under which number it was last handed over.
    out: BTreeMap<u64, u64>,
}

impl Recorded {
    pub(super) fn begin(&mut self, line: &Line, position: u64) {
        self.lines.insert(
            line.clone(),
            Upto {
                position,
                ..Upto::default()
            },
        );
    }

    /// Takes note that the host is given `position`; gives the number of this handing over.
    pub(super) fn hand(&mut self, line: &Line, position: u64) -> u64 {
        self.numbers += 1;
        let upto = self.lines.entry(line.clone()).or_default();
        upto.out.insert(position, self.numbers);
        self.numbers
    }

    /// The host let go of `position` without recording it. True when it and all after it must be
    /// handed over again; false when that has happened since `number`.
    pub(super) fn drop(&mut self, line: &Line, position: u64, number: u64) -> bool {
        let Some(upto) = self.lines.get_mut(line) else {
            return false;
        };
        let is_last = upto.out.get(&position) == Some(&number);
        if is_last {
            upto.out.split_off(&position);
        }
        is_last
    }

    pub(super) fn add(&mut self, line: &Line, position: u64) {
        let upto = self.lines.entry(line.clone()).or_default();
        upto.out.remove(&position);
        if position > upto.position {
            upto.beyond.insert(position);
        }
        upto.join();
    }

    /// The numbers from `first` to `last` carry nothing: there is nothing to record.
    pub(super) fn skip(&mut self, line: &Line, first: u64, last: u64) {
        let upto = self.lines.entry(line.clone()).or_default();
        upto.empty.insert(first, last);
        upto.join();
    }

    pub(super) fn upto(&self, line: &Line) -> u64 {
        self.lines.get(line).map_or(0, |upto| upto.position)
    }

    pub(super) fn has(&self, line: &Line, position: u64) -> bool {
        self.lines.get(line).is_some_and(|upto| {
            let empty = upto.empty.range(..=position).next_back();
            position <= upto.position
                || upto.beyond.contains(&position)
                || empty.is_some_and(|(_, last)| position <= *last)
        })
    }
}

impl Upto {
    fn join(&mut self) {
        loop {
            let next = self.position.saturating_add(1);
            if self.beyond.remove(&next) {
                self.position = next;
            } else if let Some(empty) = self.empty.first_entry().filter(|one| *one.key() <= next) {
                self.position = self.position.max(empty.remove());
            } else {
                break;
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn line() -> Line {
        Line {
            origin: "A".to_owned(),
            epoch: None,
        }
    }

    #[test]
    fn only_a_prefix_without_holes_counts_as_recorded() {
        let line = line();
        let mut recorded = Recorded::default();
        recorded.begin(&line, 4);
        recorded.add(&line, 7);
        recorded.add(&line, 6);
        assert_eq!(recorded.upto(&line), 4);
        assert!(recorded.has(&line, 6) && !recorded.has(&line, 5));
        recorded.add(&line, 5);
        assert_eq!(recorded.upto(&line), 7);
    }

    #[test]
    fn what_was_handed_over_again_since_is_not_set_back_twice() {
        let line = line();
        let mut recorded = Recorded::default();
        recorded.begin(&line, 4);
        let [five, six, seven] = [5, 6, 7].map(|position| recorded.hand(&line, position));
        assert!(recorded.drop(&line, 6, six));
        assert!(!recorded.drop(&line, 7, seven), "it comes again behind 6");
        let six_again = recorded.hand(&line, 6);
        assert!(
            recorded.drop(&line, 5, five),
            "it was before what came again"
        );
        assert!(!recorded.drop(&line, 6, six_again));
    }

    #[test]
    fn numbers_that_carry_nothing_count_as_recorded() {
        let line = line();
        let mut recorded = Recorded::default();
        recorded.begin(&line, 4);
        recorded.add(&line, 9);
        recorded.skip(&line, 6, 8);
        assert_eq!(recorded.upto(&line), 4, "the fifth is still on its way");
        assert!(recorded.has(&line, 7) && !recorded.has(&line, 5));
        recorded.add(&line, 5);
        assert_eq!(recorded.upto(&line), 9);
    }
}
