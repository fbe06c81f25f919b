//! How long the oldest unpublished entry has waited.

use std::collections::VecDeque;
use std::time::Duration;

/// Moments remembered at once. When there are more, later entries count as written with the last
/// remembered ones: a wait is then overstated, never understated.
const MARKS_MAX: usize = 64;

/// When the journal grew.
#[derive(Debug, Default)]
pub(super) struct Lag {
    /// Up to which size it had grown by when.
    marks: VecDeque<(u64, Duration)>,
}

impl Lag {
    pub(super) fn grew(&mut self, size: u64, now: Duration) {
        let is_full = self.marks.len() >= MARKS_MAX;
        match self.marks.back_mut() {
            Some((last, _)) if size <= *last => {}
            Some((last, _)) if is_full => *last = size,
            _ => self.marks.push_back((size, now)),
        }
    }

    pub(super) fn published(&mut self, next: u64) {
        while self.marks.front().is_some_and(|(size, _)| *size <= next) {
            self.marks.pop_front();
        }
    }

    pub(super) fn oldest(&self, now: Duration) -> Option<Duration> {
        self.marks
            .front()
            .map(|(_, since)| now.saturating_sub(*since))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_of_the_oldest_entry_is_known_however_many_wait() {
        let mut lag = Lag::default();
        assert_eq!(lag.oldest(Duration::ZERO), None);
        for size in 1..=1_000 {
            lag.grew(size, Duration::from_secs(size));
        }
        let now = Duration::from_secs(1_000);
        assert_eq!(lag.oldest(now), Some(Duration::from_secs(999)));
        lag.published(10);
        assert_eq!(lag.oldest(now), Some(Duration::from_secs(989)));
        lag.published(500);
        assert!(lag.oldest(now) >= Some(Duration::from_secs(499)));
        lag.published(1_000);
        assert_eq!(lag.oldest(now), None);
    }

    #[test]
    fn an_entry_published_before_it_was_noticed_does_not_wait() {
        let mut lag = Lag::default();
        lag.grew(5, Duration::ZERO);
        lag.published(7);
        assert_eq!(lag.oldest(Duration::from_secs(9)), None);
    }
}
