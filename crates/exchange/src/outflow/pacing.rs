//! A bounded rate for working off a backlog.

use std::time::Duration;

/// Between two messages of a backlog: 2,000 a second. An outage ends for all units at once; a
/// broker on small hardware takes tens of thousands of messages a second and has the day's work to
/// carry beside the backlogs. A desk that was cut off for a week has drained in seconds anyway.
const INTERVAL: Duration = Duration::from_micros(500);

/// How far ahead of the rate a moment may be, so that timers need not be finer than this.
const AHEAD_MAX: Duration = Duration::from_millis(50);

/// Counts out a backlog.
#[derive(Debug)]
pub(super) struct Pacing {
    /// The backlog's end: entries from here on are not held back.
    to: u64,
    /// When the messages sent so far would have been sent at the even rate.
    even: Duration,
}

impl Pacing {
    /// For what lies before entry `to`.
    pub(super) fn new(to: u64, now: Duration) -> Pacing {
        Pacing { to, even: now }
    }

    pub(super) fn is_over(&self, next: u64) -> bool {
        next >= self.to
    }

    /// When the next message may be sent.
    pub(super) fn due(&self) -> Duration {
        self.even.saturating_sub(AHEAD_MAX)
    }

    pub(super) fn sent(&mut self, now: Duration) {
        self.even = self.even.max(now) + INTERVAL;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_backlog_goes_out_at_two_thousand_a_second() {
        let mut pacing = Pacing::new(u64::MAX, Duration::ZERO);
        let (mut now, mut sent) = (Duration::ZERO, 0);
        while now < Duration::from_secs(10) {
            while pacing.due() <= now {
                pacing.sent(now);
                sent += 1;
            }
            now += Duration::from_millis(1);
        }
        assert!((20_000..=20_200).contains(&sent), "{sent}");
    }

    #[test]
    fn time_in_which_nothing_could_be_sent_is_not_made_up_for() {
        let mut pacing = Pacing::new(u64::MAX, Duration::ZERO);
        let (now, mut sent) = (Duration::from_secs(60), 0);
        while pacing.due() <= now {
            pacing.sent(now);
            sent += 1;
        }
        assert!(sent <= 102, "{sent}");
    }
}
