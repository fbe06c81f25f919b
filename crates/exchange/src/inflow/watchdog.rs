//! Noticing that the broker's consumer has fallen silent.
//!
//! Consumers that stop delivering without any error are known (nats-server issues 4736 and 7680,
//! nats.rs issues 557 and 1285). Events still arrive, read from their origins, but late: so when a
//! checkpoint speaks of events and, an interval later, nothing at all has come from the consumer
//! since, it is asked anew, and when that did not help, made anew.

use std::time::Duration;

/// Between two attempts, in intervals of checkpoints; doubled each time it did not help.
const ATTEMPTS_APART: u32 = 2;

/// The pause between attempts stops growing here: 64 times the first one.
const DOUBLINGS_MAX: u32 = 6;

/// Watches one consumer.
#[derive(Debug)]
pub(super) struct Watchdog {
    interval: Duration,
    /// When the consumer last gave a sign of life, or could not because the host was full.
    alive: Duration,
    /// Attempts since then.
    attempts: u32,
    /// No further attempt before.
    next: Duration,
    /// What is to be done; true: make it anew.
    wanted: Option<bool>,
    rebuilds: u64,
}

impl Watchdog {
    pub(super) fn new(interval: Duration) -> Watchdog {
        Watchdog {
            interval,
            alive: Duration::ZERO,
            attempts: 0,
            next: Duration::ZERO,
            wanted: None,
            rebuilds: 0,
        }
    }

    /// The consumer gave a message.
    pub(super) fn heard(&mut self, now: Duration) {
        self.alive = now;
        self.attempts = 0;
    }

    /// Nothing is taken from the consumer at present: its silence says nothing.
    pub(super) fn excused(&mut self, now: Duration) {
        self.alive = now;
    }

    /// What a checkpoint spoke of at `claimed` has not come until now.
    pub(super) fn missed(&mut self, claimed: Duration, now: Duration) {
        if self.alive >= claimed || now < self.next {
            return;
        }
        self.wanted = Some(self.attempts > 0);
        let apart = self.interval * ATTEMPTS_APART * (1 << self.attempts.min(DOUBLINGS_MAX));
        self.next = now + apart;
        self.attempts = self.attempts.saturating_add(1);
        self.rebuilds += 1;
    }

    /// What is to be done now: true, make the consumer anew; false, ask it anew.
    pub(super) fn wanted(&mut self) -> Option<bool> {
        self.wanted.take()
    }

    /// How often something was done.
    pub(super) fn rebuilds(&self) -> u64 {
        self.rebuilds
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn second(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn a_consumer_that_stays_silent_is_asked_anew_then_made_anew_then_left_ever_longer() {
        let mut watchdog = Watchdog::new(second(30));
        watchdog.heard(second(10));
        watchdog.missed(second(20), second(50));
        assert_eq!(watchdog.wanted(), Some(false));
        watchdog.missed(second(60), second(90));
        assert_eq!(watchdog.wanted(), None, "too soon");
        watchdog.missed(second(80), second(110));
        assert_eq!(watchdog.wanted(), Some(true));
        watchdog.missed(second(170), second(200));
        assert_eq!(watchdog.wanted(), None, "twice as long");
        watchdog.missed(second(200), second(230));
        assert_eq!(watchdog.wanted(), Some(true));
        assert_eq!(watchdog.rebuilds(), 3);
    }

    #[test]
    fn a_consumer_that_speaks_is_left_alone() {
        let mut watchdog = Watchdog::new(second(30));
        watchdog.heard(second(25));
        watchdog.missed(second(20), second(50));
        assert_eq!(watchdog.wanted(), None);
        watchdog.excused(second(70));
        watchdog.missed(second(60), second(90));
        assert_eq!(watchdog.wanted(), None);
    }
}
