//! How long to wait before trying again.

use std::time::Duration;

/// Growing pauses, spread so that many units do not knock at the same instant. The spread is
/// computed from the owner's name and the attempt: it needs no randomness and repeats in tests.
#[derive(Debug, Clone)]
pub struct Backoff {
    seed: u64,
    attempt: u32,
    floor: Duration,
    ceiling: Duration,
}

impl Backoff {
    /// Pauses between `floor` and `ceiling`, doubling, for the owner `name`.
    pub fn new(name: &str, floor: Duration, ceiling: Duration) -> Backoff {
        Backoff {
            seed: mix(name.as_bytes(), 0),
            attempt: 0,
            floor,
            ceiling,
        }
    }

    /// The next pause: between half and all of the doubled one, never below the floor.
    pub fn next_pause(&mut self) -> Duration {
        let pause = pause(self.seed, self.attempt, self.floor, self.ceiling);
        self.attempt = self.attempt.saturating_add(1);
        pause
    }

    /// How many pauses were handed out since the last success.
    pub fn attempts(&self) -> u32 {
        self.attempt
    }

    /// Something worked: start again at the floor.
    pub fn reset(&mut self) {
        self.attempt = 0;
    }
}

/// The pause of a given attempt, for callers that keep no state of their own.
pub(crate) fn pause(seed: u64, attempt: u32, floor: Duration, ceiling: Duration) -> Duration {
    let doubled = floor.saturating_mul(1_u32.checked_shl(attempt.min(20)).unwrap_or(u32::MAX));
    let half = doubled.min(ceiling) / 2;
    let part = u32::try_from(mix(&attempt.to_le_bytes(), seed) % 1_000).unwrap_or(0);
    (half + half * part / 1_000).max(floor)
}

/// FNV-1a, enough to spread names.
pub(crate) fn mix(bytes: &[u8], seed: u64) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ seed;
    bytes.iter().fold(start, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    const FLOOR: Duration = Duration::from_millis(50);
    const CEILING: Duration = Duration::from_secs(5);

    #[test]
    fn pauses_grow_to_the_ceiling_and_start_again_after_success() {
        let mut backoff = Backoff::new("H33-12", FLOOR, CEILING);
        let pauses: Vec<_> = (0..40).map(|_| backoff.next_pause()).collect();
        assert!(pauses.iter().all(|pause| (FLOOR..=CEILING).contains(pause)));
        assert!(pauses.iter().skip(8).all(|pause| *pause >= CEILING / 2));
        assert_eq!(backoff.attempts(), 40);
        backoff.reset();
        assert!(backoff.next_pause() < FLOOR * 2);
    }

    #[test]
    fn two_units_do_not_wait_alike() {
        let mut one = Backoff::new("H33-12-01", FLOOR, CEILING);
        let mut two = Backoff::new("H33-12-02", FLOOR, CEILING);
        let differs = (0..10)
            .filter(|_| one.next_pause() != two.next_pause())
            .count();
        assert!(differs >= 5, "{differs}");
    }
}
