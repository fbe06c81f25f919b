//! Parts of a file that were written and not yet synced.

use std::collections::BTreeMap;

/// What changed in a file since its last sync.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Dirty {
    /// Start and end of what was written; neither overlapping nor touching.
    parts: BTreeMap<u64, u64>,
    /// The shortest that the file has been since: what was beyond is gone, even if it grew again.
    shortest: Option<u64>,
}

impl Dirty {
    /// Bytes `from..to` were written.
    pub(crate) fn wrote(&mut self, from: u64, to: u64) {
        if from >= to {
            return;
        }
        let (mut start, mut end) = (from, to);
        // Every part that begins before the new end and ends after its start is joined with it.
        while let Some((&known, &known_end)) = self.parts.range(..=end).next_back() {
            if known_end < start {
                break;
            }
            start = start.min(known);
            end = end.max(known_end);
            self.parts.remove(&known);
        }
        self.parts.insert(start, end);
    }

    /// The file was seen to have `length` bytes.
    pub(crate) fn was_long(&mut self, length: u64) {
        self.shortest = Some(self.shortest.map_or(length, |known| known.min(length)));
    }

    /// What is to be copied, and how short the copy has to be made first; nothing is dirty then.
    pub(crate) fn take(&mut self) -> (Vec<(u64, u64)>, Option<u64>) {
        let parts = std::mem::take(&mut self.parts);
        (parts.into_iter().collect(), self.shortest.take())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn what_touches_becomes_one_part_and_what_does_not_stays_apart() {
        let mut dirty = Dirty::default();
        for (from, to) in [(10, 20), (30, 40), (50, 60), (20, 25), (38, 52), (5, 5)] {
            dirty.wrote(from, to);
        }
        assert_eq!(dirty.take().0, [(10, 25), (30, 60)]);
        assert_eq!(dirty.take(), (vec![], None));
    }

    #[test]
    fn every_byte_written_is_in_a_part_and_no_other() {
        // A small fixed generator: every run looks at the same thousand writes.
        let mut state = 7_u64;
        let mut draw = |bound: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % bound
        };
        for _ in 0..50 {
            let (mut dirty, mut bytes) = (Dirty::default(), vec![false; 300]);
            for _ in 0..20 {
                let from = draw(280);
                let to = from + draw(20);
                dirty.wrote(from, to);
                bytes[usize::try_from(from).unwrap()..usize::try_from(to).unwrap()].fill(true);
            }
            let mut again = vec![false; 300];
            for (from, to) in dirty.take().0 {
                again[usize::try_from(from).unwrap()..usize::try_from(to).unwrap()].fill(true);
            }
            assert_eq!(again, bytes);
        }
    }

    #[test]
    fn a_file_cut_short_and_grown_again_has_lost_what_was_beyond() {
        let mut dirty = Dirty::default();
        dirty.was_long(100);
        dirty.was_long(10);
        dirty.was_long(50);
        assert_eq!(dirty.take(), (vec![], Some(10)));
    }
}
